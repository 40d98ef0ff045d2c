/**
 * Rooms on the virtual network, with loss, jitter, duplicates and reordering, and clients of every version: 10 rooms with 4 clients each,
 * and 200 with 8. Everybody moves, drops, returns, takes over; rooms come, end and fail. Nobody is ever sent, or hears, anything of
 * another room, and in the end everybody has what its room has. ROOM_WORLDS and ROOM_CROWDS say how many seeds of each are played
 * (`npm run test:long`: 500 and 5).
 */
import { expect, test } from 'vitest';
import { startReport } from '../support/longRun.ts';
import { RoomSim, type SimSize } from './sim/RoomSim.ts';

const WORLDS = Number(process.env['ROOM_WORLDS'] ?? 3);
const CROWDS = Number(process.env['ROOM_CROWDS'] ?? 1);
const FIRST_SEED = Number(process.env['FC_SEED'] ?? 1);
const IS_LONG = process.env['LONG_RUN'] === '1';

async function play(seed: number, size: SimSize, ticks: number): Promise<ReadonlyMap<string, number>> {
  const sim = new RoomSim(seed, size);
  await sim.begin();
  await sim.play(ticks);
  await sim.settle();
  const differences = sim.differences();
  const remains = await sim.close();
  expect({
    seed,
    faults: sim.watch.faults,
    heard: sim.faults,
    differences: differences.slice(0, 5),
    remains,
  }).toEqual({
    seed,
    faults: [],
    heard: [],
    differences: [],
    remains: [],
  });
  return new Map([...sim.counts, ...sim.watch.counts]);
}

function sum(games: readonly ReadonlyMap<string, number>[], what: string): number {
  return games.reduce((all, counts) => all + (counts.get(what) ?? 0), 0);
}

test(
  '10 rooms with 4 clients each',
  async () => {
    const report = startReport('10 rooms with 4 clients each', FIRST_SEED);
    const games: ReadonlyMap<string, number>[] = [];
    for (let i = 0; i < WORLDS; i++)
      games.push(await play(FIRST_SEED + i, { rooms: 10, clientsPerRoom: 4, eventsPerTick: 3 }, 160));
    for (const what of OFTEN) expect(sum(games, what), what).toBeGreaterThan(WORLDS);
    if (WORLDS >= 10) for (const what of SELDOM) expect(sum(games, what), what).toBeGreaterThan(0);
    report(WORLDS);
  },
  60_000 * WORLDS,
);

test(
  'a crowd: 200 rooms with 8 clients each',
  async () => {
    const report = startReport('200 rooms with 8 clients each', FIRST_SEED);
    const size = IS_LONG
      ? { rooms: 200, clientsPerRoom: 8, eventsPerTick: 60 }
      : { rooms: 12, clientsPerRoom: 8, eventsPerTick: 6 };
    for (let i = 0; i < CROWDS; i++) await play(FIRST_SEED + i, size, IS_LONG ? 160 : 40);
    report(CROWDS);
  },
  600_000 * Math.max(1, CROWDS),
);

const OFTEN = [
  ...['moved', 'heard', 'return', 'drop', 'tag', 'REFUSED', 'vanish', 'goodbye'],
  ...['REMOTE_CALL', 'SPAWN', 'DESPAWN', 'SYNC', 'RAW', 'RELAY', 'ADD_PEER', 'DEL_PEER'],
];
const SELDOM = [
  ...['kept', 'BUSY', 'create'],
  ...[
    'ROOM_LOCKED',
    'ROOM_FULL',
    'RESERVATION',
    'PLAYER_GONE',
    'ROOM_UNKNOWN',
    'leave timeout',
    'leave kick',
  ],
];
