/**
 * Speed of the Variant codec beside its peers, in one run.
 *
 *   npx tsx bench/codec.ts [--only=npm,packed,dictionaries,shapes] [--engine] [--rounds=15] [--json]
 *
 * `npm`: other packages. Rounds are interleaved, so that a busy machine hurts everybody alike; figures are medians of operations
 * per second, and the ratios are ours to the peer's. Fixtures are seeded.
 * `packed`, `dictionaries`, `shapes`: nanoseconds of CPU, the best round and the median, beside the first row of a payload and, with `--engine`,
 * beside the codec of the official Godot 4.6: its web build, which runs as WebAssembly and is slower than a native one.
 */

import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { decode as msgpackDecode, encode as msgpackEncode } from '@msgpack/msgpack';
import { pack, unpack } from 'msgpackr';
import { bytesToVar, encodeVariantInto, type VariantInput, varToBytes } from '../codec/index.ts';
import { dictionaryWays, measureParts, type PartRow, packedWays, shapeWays } from './codecParts.ts';
import { describeMachine } from './servers.ts';

interface Contender {
  readonly name: string;
  readonly encode: (value: VariantInput) => Uint8Array | number;
  /** Encodes once; the result is what `decode` is measured on. */
  readonly sample: (value: VariantInput) => Uint8Array;
  readonly decode: ((bytes: Uint8Array) => unknown) | undefined;
  readonly skips?: readonly string[];
}

interface Row {
  readonly fixture: string;
  readonly direction: 'encode' | 'decode';
  readonly opsPerSec: Record<string, number>;
  readonly ratios: Record<string, number>;
}

/** Results go here, so that nothing is optimised away. */
export let sink: unknown;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'npm,packed,dictionaries,shapes' },
    engine: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    json: { type: 'boolean', default: false },
  },
});
const ROUND_MS = 60;
const rounds = Number(values.rounds);
const only = values.only.split(',');

const rows: Row[] = [];
if (only.includes('npm')) {
  for (const [fixture, value] of Object.entries(fixtures())) {
    for (const direction of ['encode', 'decode'] as const) rows.push(measure(fixture, value, direction));
  }
}
const ways = [
  ...(only.includes('packed') ? packedWays() : []),
  ...(only.includes('dictionaries') ? dictionaryWays() : []),
  ...(only.includes('shapes') ? shapeWays() : []),
];
const parts = ways.length === 0 ? [] : await measureParts(ways, rounds, values.engine);
const machine = describeMachine();

if (values.json) {
  console.log(JSON.stringify({ bench: 'codec', machine, rounds, roundMs: ROUND_MS, rows, parts }, null, 2));
} else {
  print(rows);
  printParts(parts);
  console.log(`\n${machine.cores} cores of ${machine.cpu}, load ${machine.load}, Node ${machine.node}`);
}

function measure(fixture: string, value: VariantInput, direction: 'encode' | 'decode'): Row {
  const runs: { name: string; run: (count: number) => void; count: number; speeds: number[] }[] = [];
  for (const contender of contenders()) {
    if (contender.skips?.includes(fixture)) continue;
    const { decode, encode } = contender;
    let run: (count: number) => void;
    if (direction === 'encode') {
      run = (count) => {
        for (let index = 0; index < count; index++) sink = encode(value);
      };
    } else {
      if (decode === undefined) continue;
      const bytes = contender.sample(value);
      run = (count) => {
        for (let index = 0; index < count; index++) sink = decode(bytes);
      };
    }
    // Warm up, and find how many operations fill a round.
    let count = 1;
    for (let spent = 0; spent < ROUND_MS; count *= 2) spent = time(run, count);
    runs.push({ name: contender.name, run, count: Math.max(1, Math.round(count / 2)), speeds: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of runs) entry.speeds.push((entry.count / time(entry.run, entry.count)) * 1000);
  }
  const opsPerSec: Record<string, number> = {};
  for (const entry of runs) opsPerSec[entry.name] = Math.round(median(entry.speeds));
  const ours = runs[0];
  const ratios: Record<string, number> = {};
  for (const entry of runs.slice(1)) {
    // Round by round, because both sides of one round saw the same machine.
    const perRound = entry.speeds.map((speed, round) => (ours?.speeds[round] ?? 0) / speed);
    ratios[entry.name] = Math.round(median(perRound) * 100) / 100;
  }
  return { fixture, direction, opsPerSec, ratios };
}

function contenders(): readonly Contender[] {
  const text = new TextEncoder();
  const reader = new TextDecoder();
  const target = new Uint8Array(1 << 20);
  const gdcom = createRequire(import.meta.url)('@gd-com/utils') as GdComUtils;
  const json = (value: VariantInput): Uint8Array => text.encode(JSON.stringify(value));
  return [
    { name: 'godot-enet', encode: varToBytes, sample: varToBytes, decode: bytesToVar },
    {
      name: 'godot-enet into',
      encode: (value) => encodeVariantInto(value, target, 0),
      sample: varToBytes,
      decode: undefined,
    },
    { name: 'msgpackr', encode: pack, sample: pack, decode: unpack },
    {
      name: '@msgpack/msgpack',
      encode: (value) => msgpackEncode(value),
      sample: (value) => msgpackEncode(value),
      decode: (bytes) => msgpackDecode(bytes),
    },
    { name: 'JSON', encode: json, sample: json, decode: (bytes) => JSON.parse(reader.decode(bytes)) },
    {
      name: '@gd-com/utils',
      encode: (value) => gdcom.putVar(value),
      sample: (value) => gdcom.putVar(value),
      decode: (bytes) => gdcom.getVar(bytes),
    },
  ];
}

interface GdComUtils {
  readonly putVar: (value: unknown) => Uint8Array;
  readonly getVar: (bytes: Uint8Array) => unknown;
}

function fixtures(): Record<string, VariantInput> {
  const random = seeded(20_240_601);
  return {
    'input dict': { type: 'input', tick: 12_345, move: [0.5, -0.25], jump: true },
    '64 dicts': Array.from({ length: 64 }, (_, index) => ({
      id: 1000 + index,
      position: [random() * 1000, random() * 1000],
      rotation: random() * Math.PI,
      hp: Math.floor(random() * 100),
      name: `player_${index}`,
    })),
    '1000 doubles': Array.from({ length: 1000 }, () => random() * 2000 - 1000),
  };
}

function print(all: readonly Row[]): void {
  for (const row of all) {
    console.log(`\n${row.fixture}, ${row.direction}`);
    for (const [name, speed] of Object.entries(row.opsPerSec)) {
      const ratio = row.ratios[name];
      const tail = ratio === undefined ? '' : `   godot-enet is ${ratio.toFixed(2)} of it`;
      console.log(`  ${name.padEnd(18)} ${speed.toLocaleString('en-US').padStart(12)} ops/s${tail}`);
    }
  }
}

function printParts(all: readonly PartRow[]): void {
  let before = '';
  for (const { payload, direction, name, bestNs, medianNs, ofFirst, ofEngine } of all) {
    const title = `${payload}, ${direction}`;
    if (title !== before) console.log(`\n${title}`);
    before = title;
    const engine = ofEngine === undefined ? '' : `, ${ofEngine.toFixed(2)} of the engine (web)`;
    const figures = `${String(bestNs).padStart(8)} ns, median ${String(medianNs).padStart(8)}`;
    console.log(`  ${name.padEnd(34)} ${figures}   ${ofFirst.toFixed(2)} of the first${engine}`);
  }
}

function time(run: (count: number) => void, count: number): number {
  const start = performance.now();
  run(count);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
