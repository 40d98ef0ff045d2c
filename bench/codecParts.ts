/** The parts of `codec.ts` that are measured in CPU of the process: packed arrays, Dictionaries, and shapes beside the general way. */
import {
  bytesToVar,
  compileShape,
  encodeVariantInto,
  type VariantInput,
  Vector2,
  varToBytes,
} from '../codec/index.ts';
import type { EngineFigures } from './codecEngine.ts';
import type { Measured } from './row.ts';
import { median } from './servers.ts';

/** One way to do it. */
export interface Way {
  /** The name of its row; of a peer, its own. */
  readonly name: string;
  readonly run: () => unknown;
}

/** Ways that are measured in turns. */
export interface Group {
  /** As `codecEngine.gd` names it. */
  readonly payload: string;
  readonly direction: 'encode' | 'decode';
  /** What the rows are compared with. Without one it is the engine, if it was measured. */
  readonly peer?: Way;
  readonly rows: readonly Way[];
}

/** Results go here, so that nothing is optimised away. */
export let sink: unknown;

/** Measures the ways of a group in turns: nanoseconds. */
export function measureGroup(
  { payload, direction, peer, rows }: Group,
  rounds: number,
  engine: readonly EngineFigures[],
): Measured[] {
  const entries = [...(peer === undefined ? [] : [peer]), ...rows].map((way) => ({
    way,
    count: warmUp(way),
    cpuNs: [] as number[],
    wallNs: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { way, count, cpuNs, wallNs } of entries) {
      const start = performance.now();
      cpuNs.push((cpuMs(way.run, count) * 1e6) / count);
      wallNs.push(((performance.now() - start) * 1e6) / count);
    }
  }
  const theirs = engine.find((one) => one.payload === payload)?.[direction];
  const first = peer === undefined ? undefined : entries.shift()?.cpuNs;
  return entries.map(({ way: { name }, cpuNs, wallNs }) => {
    const row = { name, figure: median(cpuNs), unit: 'ns', repeats: rounds };
    if (peer === undefined || first === undefined) {
      // The engine's is the best of its rounds by the clock on the wall.
      const ratio = theirs === undefined ? undefined : Math.min(...wallNs) / theirs;
      return { ...row, peer: ENGINE, peerFigure: theirs, ratio };
    }
    const ratio = median(cpuNs.map((ns, round) => ns / (first[round] ?? Number.NaN)));
    return { ...row, peer: peer.name, peerFigure: median(first), ratio };
  });
}

/** How many times fill a round. */
function warmUp({ run }: Way): number {
  let count = 64;
  while (cpuMs(run, count) < ROUND_MS) count *= 2;
  return count;
}

/** CPU and not wall time: a busy machine takes turns. */
function cpuMs(run: () => unknown, count: number): number {
  const start = process.cpuUsage();
  for (let index = 0; index < count; index++) sink = run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Packed arrays: beside what V8 takes to allocate one and copy; a borrowed one beside the engine. */
export function packedGroups(): Group[] {
  const floats = Float32Array.from({ length: 1000 }, (_, index) => index * 0.5);
  const bytes = varToBytes(floats);
  const shifted = new Uint8Array(bytes.length + 1).subarray(1);
  shifted.set(bytes);
  const target = new Uint8Array(bytes.length);
  const borrow = { borrow: true };
  const payload = '1000 packed floats';
  const peer = {
    name: 'new, set',
    run: () => {
      const owned = new Float32Array(1000);
      owned.set(floats);
      return owned;
    },
  };
  return [
    {
      payload,
      direction: 'decode',
      peer,
      rows: [
        { name: 'codec, packed array, decode, copied', run: () => bytesToVar(bytes) },
        { name: 'codec, packed array, decode, not aligned', run: () => bytesToVar(shifted) },
      ],
    },
    {
      payload,
      direction: 'decode',
      rows: [{ name: 'codec, packed array, decode, borrowed', run: () => bytesToVar(bytes, borrow) }],
    },
    {
      payload,
      direction: 'encode',
      peer,
      rows: [
        { name: 'codec, packed array, encode', run: () => varToBytes(floats) },
        { name: 'codec, packed array, encode into', run: () => encodeVariantInto(floats, target, 0) },
      ],
    },
  ];
}

/** The two payloads of Dictionaries that the engine measures, too. */
export function dictionaryGroups(): Group[] {
  const target = new Uint8Array(65_536);
  const payloads: Record<string, VariantInput> = {
    'small Dictionary': { type: 'input', tick: 12_345, move: new Vector2(0.5, -0.25), jump: true },
    '64 Dictionaries': Array.from({ length: 64 }, (_, index) => ({
      id: index,
      position: new Vector2(index * 1.5, -index * 0.25),
      rotation: index * 0.1,
      hp: 100 - index,
      name: `entity_${index}`,
    })),
  };
  return Object.entries(payloads).flatMap(([payload, value]): Group[] => {
    const bytes = varToBytes(value);
    return [
      {
        payload,
        direction: 'decode',
        rows: [{ name: `codec, ${payload}, decode`, run: () => bytesToVar(bytes) }],
      },
      {
        payload,
        direction: 'encode',
        rows: [
          { name: `codec, ${payload}, encode`, run: () => varToBytes(value) },
          { name: `codec, ${payload}, encode into`, run: () => encodeVariantInto(value, target, 0) },
        ],
      },
    ];
  });
}

/** The small Dictionary by a shape, beside the general way to the same result. */
export function shapeGroups(): Group[] {
  const target = new Uint8Array(256);
  const shape = compileShape({ type: 'String', tick: 'int', move: 'Vector2', jump: 'bool' });
  const value = { type: 'input', tick: 12_345, move: new Vector2(0.5, -0.25), jump: true };
  const bytes = varToBytes(value);
  const objects = { dictionaries: 'object' } as const;
  const payload = 'small Dictionary';
  return [
    {
      payload,
      direction: 'decode',
      peer: { name: 'bytesToVar', run: () => bytesToVar(bytes, objects) },
      rows: [{ name: 'codec, shape, decode', run: () => shape.decode(bytes) }],
    },
    {
      payload,
      direction: 'encode',
      peer: { name: 'encodeVariantInto', run: () => encodeVariantInto(value, target, 0) },
      rows: [{ name: 'codec, shape, encode', run: () => shape.encodeInto(value, target, 0) }],
    },
  ];
}

const ROUND_MS = 25;
/** Its web build, which runs as WebAssembly and is slower than a native one. */
const ENGINE = 'Godot 4.6 (web)';
