import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Examples import the package by its name; tests run them on the sources.
    alias: [
      { find: /^godot-enet$/, replacement: source('./src/index.ts') },
      { find: /^godot-enet\/(codec|schema)$/, replacement: source('./$1/index.ts') },
      {
        find: /^godot-enet\/(enet|godot|multiplayer|websocket|server|ops|testing|inspector)$/,
        replacement: source('./src/$1.ts'),
      },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.types.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/skippedReporter.ts'],
    setupFiles: ['test/support/watchDoctors.ts', 'test/support/watchBuild.ts'],
    globalSetup: ['test/support/globalSetup.ts'],
  },
});
