// How large the entries are as one file each, with all that they import: minified, and that compressed.
//
//   npm run size
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Each entry, and whether it runs in a browser as well. */
const ENTRIES = {
  codec: ['codec/index.ts', 'browser'],
  schema: ['schema/index.ts', 'browser'],
  enet: ['src/enet.ts', 'browser'],
  godot: ['src/godot.ts', 'node'],
  server: ['src/server.ts', 'node'],
};

/** An entry as one minified file. `format` is one of esbuild's; a browser's file sets the global `godotEnet`. */
export async function bundle(name, format = 'esm') {
  const [entry, platform] = ENTRIES[name];
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../${entry}`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    platform,
    format,
    globalName: 'godotEnet',
    target: 'es2022',
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}

/** The size of a text in bytes, and compressed. */
export function sizeOf(text) {
  return { min: Buffer.byteLength(text), gzip: gzipSync(text, { level: 9 }).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(10);
  console.log('entry     minified      gzip');
  for (const name of Object.keys(ENTRIES)) {
    const { min, gzip } = sizeOf(await bundle(name));
    console.log(name.padEnd(8), kib(min), kib(gzip));
  }
}
