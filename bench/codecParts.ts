/** The parts of `codec.ts` that are measured beside the engine: packed arrays, and shapes beside the general way. */
import {
  bytesToVar,
  compileShape,
  encodeVariantInto,
  type VariantInput,
  Vector2,
  varToBytes,
} from '../codec/index.ts';
import { type EngineFigures, measureEngineCodec } from './codecEngine.ts';

/** One way to do it. */
export interface Way {
  readonly name: string;
  readonly payload: string;
  readonly direction: 'encode' | 'decode';
  readonly run: () => unknown;
}

/** What a way takes. */
export interface PartRow {
  readonly payload: string;
  readonly direction: 'encode' | 'decode';
  readonly name: string;
  /** Nanoseconds of CPU of the process: the best round, and the median. */
  readonly bestNs: number;
  readonly medianNs: number;
  /** The best round to that of the first way of the same payload and direction. */
  readonly ofFirst: number;
  /** The best round by the clock on the wall, as the engine's are, to the engine's best; `undefined` without one. */
  readonly ofEngine: number | undefined;
}

/** Results go here, so that nothing is optimised away. */
export let sink: unknown;

/** Measures ways of the same payload and direction in turns, and the engine in the same run. */
export async function measureParts(
  ways: readonly Way[],
  rounds: number,
  withEngine: boolean,
): Promise<readonly PartRow[]> {
  const engine = withEngine ? await measureEngineCodec() : [];
  const rows: PartRow[] = [];
  const groups = new Map<string, Way[]>();
  for (const way of ways) {
    const key = `${way.payload} ${way.direction}`;
    groups.set(key, [...(groups.get(key) ?? []), way]);
  }
  for (const group of groups.values()) rows.push(...measureGroup(group, rounds, engine));
  return rows;
}

function measureGroup(group: readonly Way[], rounds: number, engine: readonly EngineFigures[]): PartRow[] {
  const entries = group.map((way) => ({
    way,
    count: warmUp(way),
    figures: [] as number[],
    wall: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { way, count, figures, wall } of entries) {
      const start = performance.now();
      figures.push((cpuMs(way.run, count) * 1e6) / count);
      wall.push(((performance.now() - start) * 1e6) / count);
    }
  }
  const first = Math.min(...(entries[0]?.figures ?? []));
  return entries.map(({ way: { payload, direction, name }, figures, wall }) => {
    const bestNs = Math.min(...figures);
    const sorted = figures.sort((a, b) => a - b);
    const theirs = engine.find((one) => one.payload === payload)?.[direction];
    return {
      payload,
      direction,
      name,
      bestNs: Math.round(bestNs),
      medianNs: Math.round(sorted[sorted.length >> 1] ?? 0),
      ofFirst: rounded(bestNs / first),
      ofEngine: theirs === undefined ? undefined : rounded(Math.min(...wall) / theirs),
    };
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

function rounded(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}

/** Packed arrays: what V8 takes to allocate one comes first. */
export function packedWays(): Way[] {
  const floats = Float32Array.from({ length: 1000 }, (_, index) => index * 0.5);
  const bytes = varToBytes(floats);
  const shifted = new Uint8Array(bytes.length + 1).subarray(1);
  shifted.set(bytes);
  const target = new Uint8Array(bytes.length);
  const borrow = { borrow: true };
  const payload = '1000 packed floats';
  return [
    {
      payload,
      direction: 'decode',
      name: 'new Float32Array(n).set(other)',
      run: () => {
        const owned = new Float32Array(1000);
        owned.set(floats);
        return owned;
      },
    },
    { payload, direction: 'decode', name: 'bytesToVar', run: () => bytesToVar(bytes) },
    { payload, direction: 'decode', name: 'bytesToVar, not aligned', run: () => bytesToVar(shifted) },
    { payload, direction: 'decode', name: 'bytesToVar, borrow', run: () => bytesToVar(bytes, borrow) },
    { payload, direction: 'encode', name: 'varToBytes', run: () => varToBytes(floats) },
    {
      payload,
      direction: 'encode',
      name: 'encodeVariantInto',
      run: () => encodeVariantInto(floats, target, 0),
    },
  ];
}

/** The two payloads of Dictionaries that the engine measures, too. */
export function dictionaryWays(): Way[] {
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
  return Object.entries(payloads).flatMap(([payload, value]): Way[] => {
    const bytes = varToBytes(value);
    return [
      { payload, direction: 'decode', name: 'bytesToVar', run: () => bytesToVar(bytes) },
      { payload, direction: 'encode', name: 'varToBytes', run: () => varToBytes(value) },
      {
        payload,
        direction: 'encode',
        name: 'encodeVariantInto',
        run: () => encodeVariantInto(value, target, 0),
      },
    ];
  });
}

const ROUND_MS = 25;

/** The small Dictionary by a shape, beside the general way. */
export function shapeWays(): Way[] {
  const target = new Uint8Array(256);
  const shape = compileShape({ type: 'String', tick: 'int', move: 'Vector2', jump: 'bool' });
  const value = { type: 'input', tick: 12_345, move: new Vector2(0.5, -0.25), jump: true };
  const bytes = varToBytes(value);
  const objects = { dictionaries: 'object' } as const;
  const payload = 'small Dictionary';
  return [
    { payload, direction: 'decode', name: 'bytesToVar', run: () => bytesToVar(bytes) },
    {
      payload,
      direction: 'decode',
      name: "bytesToVar, dictionaries: 'object'",
      run: () => bytesToVar(bytes, objects),
    },
    { payload, direction: 'decode', name: 'Shape.decode', run: () => shape.decode(bytes) },
    {
      payload,
      direction: 'encode',
      name: 'encodeVariantInto',
      run: () => encodeVariantInto(value, target, 0),
    },
    { payload, direction: 'encode', name: 'Shape.encodeInto', run: () => shape.encodeInto(value, target, 0) },
  ];
}
