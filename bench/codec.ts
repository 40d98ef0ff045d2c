/**
 * Speed of the Variant codec beside its peers, in one run.
 *
 *   npx tsx bench/codec.ts [--engine] [--rounds=15] [--json] [--only=PART]
 *
 * "npm": beside other packages, by the clock on the wall. "packed array", "Dictionary", "shape": CPU of the process, beside what a
 * row names; with `--engine` some are beside the codec of the official Godot 4.6: its web build, which runs as WebAssembly and is
 * slower than a native one. Rounds are interleaved, so that a busy machine hurts everybody alike; figures are medians in
 * nanoseconds, ratios those of single rounds. Fixtures are seeded.
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { decode as msgpackDecode, encode as msgpackEncode } from '@msgpack/msgpack';
import { pack, unpack } from 'msgpackr';
import { bytesToVar, encodeVariantInto, type VariantInput, varToBytes } from '../codec/index.ts';
import { measureEngineCodec } from './codecEngine.ts';
import { dictionaryGroups, measureGroup, packedGroups, shapeGroups } from './codecParts.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine, median } from './servers.ts';

interface Contender {
  readonly name: string;
  readonly encode: (value: VariantInput) => Uint8Array | number;
  /** Encodes once; the result is what `decode` is measured on. */
  readonly sample: (value: VariantInput) => Uint8Array;
  readonly decode: ((bytes: Uint8Array) => unknown) | undefined;
  readonly skips?: readonly string[];
}

/** Results go here, so that nothing is optimised away. */
export let sink: unknown;

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    engine: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
  },
});
const ROUND_MS = 60;
const rounds = Number(values.rounds);

say(JSON.stringify(describeMachine()));
for (const [fixture, value] of Object.entries(fixtures())) {
  for (const direction of ['encode', 'decode'] as const) measure(fixture, value, direction);
}
const groups = [...packedGroups(), ...dictionaryGroups(), ...shapeGroups()].filter(({ rows }) =>
  rows.some(({ name }) => isWanted(name)),
);
const engine = values.engine && groups.length > 0 ? await measureEngineCodec() : [];
for (const group of groups) for (const row of measureGroup(group, rounds, engine)) printRow(row);

function measure(fixture: string, value: VariantInput, direction: 'encode' | 'decode'): void {
  const nameOf = (contender: string): string => `codec, npm, ${fixture}, ${direction}, ${contender}`;
  if (!contenders().some(({ name }) => isWanted(nameOf(name)))) return;
  const runs: { name: string; run: (count: number) => void; count: number; ns: number[] }[] = [];
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
    runs.push({ name: contender.name, run, count: Math.max(1, Math.round(count / 2)), ns: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of runs) entry.ns.push((time(entry.run, entry.count) / entry.count) * 1e6);
  }
  const [ours, ...others] = runs;
  if (ours === undefined) return;
  for (const { name, ns } of others) {
    printRow({
      name: nameOf(name),
      figure: median(ours.ns),
      unit: 'ns',
      peer: name,
      peerFigure: median(ns),
      // Round by round, because both sides of one round saw the same machine.
      ratio: median(ours.ns.map((own, round) => own / (ns[round] ?? Number.NaN))),
      repeats: rounds,
    });
  }
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

function time(run: (count: number) => void, count: number): number {
  const start = performance.now();
  run(count);
  return performance.now() - start;
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
