import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * `npm run test:quick`: of each room the files that prove most in the least time, without live peers.
 * test/scripts/quick.test.ts looks that no folder is forgotten.
 */
export const QUICK: string[] = [
  'codec/{errorCodes,options}',
  'codec/json/{native.golden,parse,stringify}',
  'codec/multiplayer/*',
  'codec/packet/golden',
  'codec/text/{componentText.golden,decimalReader,varText.golden,valueText}',
  'codec/values/*',
  'codec/variant/{declared,decoding,examples,framing,godot3.golden,golden}',
  'schema/{applyState,encodeNode.golden,events,mirror,nodeState,tileCells}',
  'schema/replication/convergence.property',
  'schema/tscn/{lenient,projectText,sceneMirror}',
  'enet/{addressRules,checklist,commands,commandTrace,containers,disconnect,disconnectCause,handshake,ip}',
  'enet/{receiving,regress,repeats,sessionEnded,unpackBudget,workedExamples}',
  'enet/compress/sessions',
  'doctor/*',
  'dtls/{clientHandshake,recordLayer,vectors}',
  'io/{addressTable,attachedHost,dgramSocket,mmsg,sockaddr}',
  'thread/{admissions,ring}',
  'godot/{connectToHost,constants,createHost,disconnectCause,errors,ipAddress}',
  'godot/{multiplayerPeer,packetPeer,packetQueue,service,wakes}',
  'multiplayer/{gates,overENet}',
  'websocket/{session,time}',
  'server/{diagnosis,disconnectCause,idle,memoryLink,nodeState,signals,startAndEnd}',
  'ops/ops',
  'cli/{commandLine,documentChunks,packets}',
  'inspector/http',
  'testing/{recordHost,session,virtualClock}',
  'options/*',
  'scripts/{build,lockFile,quick}',
  'docs/errors',
  'examples/dockerfile',
].map((files) => `test/${files}.test.ts`);

export default defineConfig(({ mode }) => ({
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
    include: mode === 'quick' ? QUICK : ['test/**/*.test.ts'],
    exclude: ['test/**/*.types.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/skippedReporter.ts'],
    setupFiles: ['test/support/watchDoctors.ts', 'test/support/watchBuild.ts'],
    globalSetup: ['test/support/globalSetup.ts'],
  },
}));
