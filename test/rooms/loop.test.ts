/** Ticks at the right times, made up for within bounds, and counted where they are not. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Room, RoomServer } from '../../src/rooms/index.ts';
import { roomServerAccess } from '../../src/rooms/internal.ts';
import { RoomLoop, TickMoments } from '../../src/rooms/roomLoop.ts';
import { fcParameters } from '../support/fc.ts';
import { RoomGame } from './roomGame.ts';

/** The gaps between two looks at the clock, most of them short. */
const gaps = fc.array(
  fc.oneof({ weight: 4, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.nat(3000) }),
  { minLength: 1, maxLength: 80 },
);
const settings = fc.record({
  tickHz: fc.oneof(fc.constantFrom(1, 20, 30, 60, 144, 1000), fc.integer({ min: 1, max: 1000 })),
  stepsPerTick: fc.constant(1),
  maxCatchUp: fc.integer({ min: 1, max: 20 }),
});

test('the lateness that all rooms are asked for at once is that of each', () => {
  fc.assert(
    fc.property(settings, gaps, fc.nat(2000), (how, waits, more) => {
      const loop = new RoomLoop(how, 0);
      let now = 0;
      for (let i = 0; i < waits.length + more; i++) {
        now += waits[i % waits.length] ?? 1;
        loop.due(now);
      }
      const { p99Ms, skippedTicks } = loop.lateness();
      expect([loop.p99Ms(), loop.skippedTicks]).toEqual([p99Ms, skippedTicks]);
    }),
    fcParameters(100),
  );
});

test('no tick is made before its time, none is owed for longer, and each is made or counted', () => {
  fc.assert(
    fc.property(settings, gaps, fc.nat(5000), (how, waits, begin) => {
      const loop = new RoomLoop(how, begin);
      const intervalMs = 1000 / how.tickHz;
      let [now, made] = [begin, 0];
      for (const wait of waits) {
        now += wait;
        const before = made + loop.lateness().skippedTicks;
        const ticks = loop.due(now);
        made += ticks;
        const handled = made + loop.lateness().skippedTicks;
        expect(ticks).toBeLessThanOrEqual(how.maxCatchUp);
        // Skipped are only those that are more than may be made up for.
        if (handled > before + ticks) expect(ticks).toBe(how.maxCatchUp);
        // Ticks up to now, with half a millisecond of grace: a clock of whole milliseconds shows no more.
        expect(handled * intervalMs).toBeLessThanOrEqual(now - begin + 0.5 + 1e-6);
        expect((handled + 1) * intervalMs).toBeGreaterThan(now - begin - 1e-6);
        expect(loop.untilNext(now)).toBeCloseTo(Math.max(0, (handled + 1) * intervalMs - (now - begin)), 4);
      }
    }),
    fcParameters(),
  );
});

test('each tick that is made is as late as it is, those that are made up for among them', () => {
  const loop = new RoomLoop({ tickHz: 20, stepsPerTick: 1, maxCatchUp: 3 }, 1000);
  expect(loop.lateness()).toEqual({ p50Ms: 0, p99Ms: 0, maxMs: 0, skippedTicks: 0 });
  expect(loop.due(1049)).toBe(0);
  expect(loop.due(1050)).toBe(1);
  // Those of 1100 and 1150.
  expect(loop.due(1160)).toBe(2);
  expect(loop.lateness()).toEqual({ p50Ms: 10, p99Ms: 60, maxMs: 60, skippedTicks: 0 });
  // Five are owed, three are made.
  expect(loop.due(1400)).toBe(3);
  expect(loop.lateness()).toEqual({ p50Ms: 100, p99Ms: 200, maxMs: 200, skippedTicks: 2 });
  // And nothing is owed any more.
  expect(loop.due(1449)).toBe(0);
  expect(loop.due(1450)).toBe(1);
});

test('rooms that begin at any time share few moments, evenly', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.nat(100_000), { maxLength: 300 }),
      (tickHz, times) => {
        const moments = new TickMoments();
        const intervalMs = 1000 / tickHz;
        const counts = new Map<number, number>();
        for (const now of times.sort((a, b) => a - b)) {
          const firstMs = moments.next(tickHz, now);
          expect(firstMs).toBeGreaterThanOrEqual(intervalMs);
          expect(firstMs).toBeLessThan(2 * intervalMs + 1e-6);
          const phase = (now + firstMs) / intervalMs;
          const at = Math.round((phase - Math.floor(phase)) * 1e5) % 1e5;
          counts.set(at, (counts.get(at) ?? 0) + 1);
        }
        expect(counts.size).toBeLessThanOrEqual(Math.max(1, Math.round(intervalMs / 5)));
        if (counts.size > 0)
          expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      },
    ),
    fcParameters(),
  );
});

test('rooms of one rate are evenly spread, whatever begins between them', () => {
  const moments = new TickMoments();
  const phases = new Set<number>();
  for (let i = 0; i < 10; i++) {
    phases.add(Math.round(moments.next(20, 0)));
    // One of this kind after nine others.
    for (let other = 0; other < 9; other++) moments.next(30, 0);
  }
  expect(phases.size).toBe(10);
});

class Stepping extends Room {
  override readonly tickHz = 20;
  override readonly stepsPerTick = 3;
  override readonly maxCatchUp = 4;
  override endsWhenEmpty = false;
  readonly deltas: number[] = [];
  /** What a step takes. */
  work: () => void = () => undefined;
  override onStep(delta: number): void {
    this.deltas.push(delta);
    this.work();
  }
}

async function stepping(...names: readonly string[]): Promise<{ game: RoomGame; rooms: Stepping[] }> {
  const game = new RoomGame();
  game.rooms.define('stepping', Stepping);
  const rooms: Stepping[] = [];
  for (const id of names) rooms.push((await game.rooms.create('stepping', undefined, { id })) as Stepping);
  return { game, rooms };
}

test('poll makes the ticks that are due, in steps of one length, and skips what is too much', async () => {
  const { game, rooms } = await stepping('a');
  const [room] = rooms;
  if (room === undefined) throw new Error('one');
  for (let ms = 0; ms < 10_000; ms += 10) {
    game.network.advance(10);
    game.rooms.poll();
  }
  // The first comes after one interval, or nearly two.
  expect(room.deltas.length).toBeGreaterThanOrEqual(199 * 3);
  expect(room.deltas.length).toBeLessThanOrEqual(200 * 3);
  expect(new Set(room.deltas)).toEqual(new Set([1 / 60]));
  expect(room.lateness().maxMs).toBeLessThan(10);
  const before = room.deltas.length;
  game.network.advance(1000);
  game.rooms.poll();
  expect(room.deltas.length - before).toBe(4 * 3);
  expect(room.lateness().skippedTicks).toBe(16);
  expect(room.lateness().maxMs).toBeGreaterThanOrEqual(950);
  expect(game.rooms.metrics()).toMatchObject({ skippedTicks: 16, lateP99Ms: room.lateness().p99Ms });
});

test('start makes ticks at their times, and ends with stop', async () => {
  const { game, rooms } = await stepping('a', 'b', 'c');
  game.rooms.start({ pollHz: 1 });
  game.network.advance(10_000);
  for (const room of rooms) {
    expect(room.deltas.length).toBeGreaterThanOrEqual(199 * 3 - 3);
    expect(room.deltas.length).toBeLessThanOrEqual(200 * 3);
    // Timers are of whole milliseconds.
    expect(room.lateness()).toMatchObject({ skippedTicks: 0 });
    expect(room.lateness().maxMs).toBeLessThanOrEqual(1);
  }
  game.rooms.stop();
  const counts = rooms.map(({ deltas }) => deltas.length);
  game.network.advance(10_000);
  expect(rooms.map(({ deltas }) => deltas.length)).toEqual(counts);
});

test('what one room takes makes the ticks of those behind it late', async () => {
  const { game } = await stepping();
  const runtime = game.network.createRuntime('10.0.0.9');
  let extraMs = 0;
  const rooms = new RoomServer({
    transport: game.server,
    entry: 'stepping',
    runtime: {
      now: () => (runtime.now() + extraMs) >>> 0,
      random32: () => runtime.random32(),
      startTimer: (delayMs, callback) => runtime.startTimer(delayMs, callback),
    },
  });
  rooms.define('stepping', Stepping);
  const slow = (await rooms.create('stepping')) as Stepping;
  const other = (await rooms.create('stepping')) as Stepping;
  slow.work = () => {
    extraMs += 10;
    slow.work = () => undefined;
  };
  game.network.advance(100);
  rooms.poll();
  // Of 50 and 100 ms, and, 10 ms later, of 55 and 105.
  expect([slow.lateness().maxMs, other.lateness().maxMs]).toEqual([50, 55]);
  expect([slow.deltas.length, other.deltas.length]).toEqual([2 * 3, 2 * 3]);
  await rooms.close();
});

test('who waits for each look at the network does not wait long, for a while', async () => {
  const game = new RoomGame();
  const { hurry } = roomServerAccess.partsOf(game.rooms);
  // It would sleep while nobody is there.
  const tells = vi.spyOn(game.server, 'setWakeListener').mockReturnValue(false);
  const poll = vi.spyOn(game.server, 'poll');
  const polls = (ms: number): number => {
    poll.mockClear();
    game.network.advance(ms);
    return poll.mock.calls.length;
  };
  hurry(1000);
  expect(polls(100)).toBe(0);
  game.network.advance(1000);
  game.rooms.start({ pollHz: 10 });
  expect(polls(1000)).toBe(10);
  hurry(500);
  hurry(100);
  expect(polls(500)).toBeGreaterThan(200);
  expect(polls(1000)).toBeLessThan(12);
  tells.mockRestore();
  expect(polls(10_000)).toBeLessThan(4);
  hurry(500);
  expect(polls(500)).toBeGreaterThan(200);
  game.network.advance(100);
  expect(polls(10_000)).toBe(0);
  game.rooms.stop();
  hurry(500);
  expect(polls(500)).toBe(0);
  await game.rooms.close();
});
