/** The compressors of the hot path allocate nothing per datagram. Measured in a process of its own, with its GC at hand. */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { built } from '../../support/built.ts';

const CALLS = 20_000;

/** Bytes of heap that one round of compressing and decompressing leaves behind, garbage included. */
function bytesPerRound(mode: string, allocates: boolean): number {
  const script = `
    import { CompressionMode, createCompressor } from ${JSON.stringify(pathToFileURL(built('src/godot.js')).href)};
    const compressor = createCompressor(CompressionMode.${mode});
    const input = Uint8Array.from({ length: 300 }, (_, index) => (index * index) % 11);
    const packed = new Uint8Array(600);
    const output = new Uint8Array(600);
    const kept = [];
    const round = () => {
      const size = compressor.compress(input, 0, 300, packed, 0, 600);
      if (compressor.decompress(packed, 0, size, output, 0, 600) !== 300) throw new Error('not restored');
      if (${allocates}) kept.push(packed.subarray(0, size));
    };
    for (let i = 0; i < 3000; i++) round();
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < ${CALLS}; i++) round();
    console.log((process.memoryUsage().heapUsed - before) / ${CALLS});
  `;
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', '--max-semi-space-size=64', '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  expect(child.stderr).toBe('');
  return Number(child.stdout);
}

test.each([
  ['range coder', 'COMPRESS_RANGE_CODER'],
  ['FastLZ', 'COMPRESS_FASTLZ'],
])('%s: nothing per datagram', (_name, mode) => {
  expect(bytesPerRound(mode, false)).toBeLessThan(32);
  // The measurement finds one view per round; what the compilers leave behind is far less.
  expect(bytesPerRound(mode, true)).toBeGreaterThan(32);
});
