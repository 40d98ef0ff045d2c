/**
 * Speed and yield of the compression modes on payloads of 48, 200 and 1400 bytes.
 *
 *     npx tsx bench/compress.ts [--json] [--ms=300]
 *
 * The payloads are made from a seed: position updates and dictionaries, as a game sends them. Each row is the median
 * of five rounds. COMPRESS_ZSTD is left out when this process has no zstd.
 */
import { cpus } from 'node:os';
import type { Compressor } from '../src/enet/compressor.ts';
import { createCompressor, prepareZstd } from '../src/io/compression.ts';

interface Row {
  readonly mode: string;
  readonly payloadBytes: number;
  /** Mean size of what leaves, counting payloads that do not shrink as they are. */
  readonly packedBytes: number;
  readonly compressPerSec: number;
  readonly decompressPerSec: number;
}

const SIZES = [48, 200, 1400];
const PAYLOADS = 64;
const ROUNDS = 5;

const isJson = process.argv.includes('--json');
const milliseconds = Number(process.argv.find((argument) => argument.startsWith('--ms='))?.slice(5) ?? 300);

const compressors = [1, 2, 3].map((mode) => createCompressor(mode)).filter((found) => found !== undefined);
const zstdLibrary = await prepareZstd().catch(() => undefined);
if (zstdLibrary !== undefined)
  compressors.push(...[createCompressor(4)].filter((found) => found !== undefined));

const rows = compressors.flatMap((compressor) => SIZES.map((size) => measure(compressor, size)));
if (isJson) {
  console.log(
    JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, zstdLibrary, rows }, undefined, 2),
  );
} else {
  console.log(`Node ${process.version}, ${cpus()[0]?.model}, zstd by ${zstdLibrary ?? '(not available)'}`);
  console.log('mode          bytes  packed  compress/s  decompress/s');
  for (const row of rows) {
    const columns = [
      row.mode.padEnd(12),
      String(row.payloadBytes).padStart(6),
      row.packedBytes.toFixed(1).padStart(7),
      Math.round(row.compressPerSec).toLocaleString('en').padStart(11),
      Math.round(row.decompressPerSec).toLocaleString('en').padStart(13),
    ];
    console.log(columns.join(' '));
  }
}

function measure(compressor: Compressor, size: number): Row {
  const payloads = Array.from({ length: PAYLOADS }, (_, i) => payload(size, i + 1));
  const output = new Uint8Array(8192);
  const packed = payloads.map((input) => {
    const length = compressor.compress(input, 0, size, output, 0, 2 * size + 64);
    return output.slice(0, length);
  });
  const packedBytes = packed.reduce((sum, bytes) => sum + Math.min(bytes.length, size), 0) / PAYLOADS;
  const compressPerSec = median(() =>
    timed(payloads, (input) => compressor.compress(input, 0, size, output, 0, size)),
  );
  const decompressPerSec = median(() =>
    timed(packed, (input) => compressor.decompress(input, 0, input.length, output, 0, 4092)),
  );
  return { mode: compressor.name, payloadBytes: size, packedBytes, compressPerSec, decompressPerSec };
}

function median(round: () => number): number {
  round();
  const results = Array.from({ length: ROUNDS }, round).sort((a, b) => a - b);
  return results[ROUNDS >> 1] ?? 0;
}

/** Calls per second. */
function timed(inputs: readonly Uint8Array[], call: (input: Uint8Array) => number): number {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < milliseconds / ROUNDS) {
    for (const input of inputs) call(input);
    calls += inputs.length;
  }
  return (calls * 1000) / (performance.now() - start);
}

/** A SEND_UNRELIABLE command whose payload is a list of entities: name, id, position, velocity. */
function payload(size: number, seed: number): Uint8Array {
  let state = seed;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const bytes = new Uint8Array(size + 64);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x07_01_00_00 + random(200));
  view.setUint16(4, random(65_536));
  view.setUint16(6, size - 8);
  const text = new TextEncoder();
  for (let at = 8; at < size; ) {
    const key = text.encode(['position', 'velocity', 'health', 'player'][random(4)] ?? '');
    view.setUint32(at, 4, true);
    view.setUint32(at + 4, key.length, true);
    bytes.set(key, at + 8);
    at += 8 + ((key.length + 3) & ~3);
    view.setUint32(at, 5, true);
    view.setFloat32(at + 4, random(1000) / 8, true);
    view.setFloat32(at + 8, random(100) / 4, true);
    at += 12;
  }
  return bytes.slice(0, size);
}
