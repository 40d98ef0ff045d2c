/** Nobody starves, and no tick explodes: many tickets, counted in looks and not in time. */
import { describe, expect, test } from 'vitest';
import { Matchmaker, type MatchmakerLimits, type MatchQueueOptions } from '../../src/rooms.ts';
import { randomOf } from './random.ts';

const seed = Number(process.env['FC_SEED'] ?? 1);

function maker(queue: MatchQueueOptions, limits: Partial<MatchmakerLimits> = {}): Matchmaker {
  return new Matchmaker({ queues: { game: queue }, limits, stateEveryMs: 0 });
}

function add(matchmaker: Matchmaker, id: string, skill: number, now: number, size = 1): void {
  const players = Array.from({ length: size }, (_, i) => `${id}.${i}`);
  const added = matchmaker.add({ id, queue: 'game', players, numbers: { skill } }, now);
  expect(added).toEqual({ ok: true, isNew: true });
}

describe('nobody starves', () => {
  const widen = { by: 100, everyMs: 1000, max: 1000 };

  /** When somebody far from all others is matched, in a queue in which others come and go; -1 for never. */
  function goneAt(rangeOf: 'each' | 'oldest'): number {
    const matchmaker = maker({
      teams: 2,
      playersPerTeam: 2,
      numbers: { skill: { range: 100, widen } },
      rangeOf,
    });
    const random = randomOf(seed);
    add(matchmaker, 'loner', 2600, 0, 2);
    let count = 0;
    for (let now = 0; now <= 60_000; now += 100) {
      for (let i = 0; i < 3; i++)
        add(matchmaker, `t${count++}`, 1000 + 700 * random(), now, random() < 0.3 ? 2 : 1);
      matchmaker.tick(now);
      if (!matchmaker.has('loner')) return now;
    }
    return -1;
  }

  test(`who is far from all others is matched once its range has reached them, however fast the others come and go (seed ${seed})`, () => {
    expect(goneAt('oldest')).toBeGreaterThanOrEqual(9000);
    expect(goneAt('oldest')).toBeLessThan(11_000);
    // Which is not so where newcomers have to accept it as well: that is what the option is for.
    expect(goneAt('each')).toBe(-1);
  });

  test('the oldest, at its widest, is matched in the first tick with enough others that accept it', () => {
    const matchmaker = maker({ playersPerTeam: 4, numbers: { skill: { range: 10, widen } } });
    add(matchmaker, 'old', 0, 0);
    for (let now = 0; now <= 20_000; now += 1000) expect(matchmaker.tick(now).matches).toEqual([]);
    // They would rather play with each other: a match of four without it is there as well.
    for (const [i, skill] of [10, 9, 8, 7, 6, 5, 4].entries()) add(matchmaker, `t${i}`, skill, 20_001);
    const { matches } = matchmaker.tick(20_001);
    expect(matches[0]?.teams[0]?.tickets[0]?.id).toBe('old');
    expect(matches[0]?.numbers['skill']).toMatchObject({ min: 0, max: 6 });
    expect(matches).toHaveLength(2);
  });

  test('with few steps in a tick everybody has a turn, in the order of waiting', () => {
    const matchmaker = maker(
      { teams: 2, playersPerTeam: 1, numbers: { skill: { range: 10 } } },
      { maxStepsPerTick: 100 },
    );
    for (let i = 0; i < 100; i++) add(matchmaker, `t${i}`, 100 * i, 0);
    for (let i = 0; i < 100; i++) add(matchmaker, `u${i}`, 100 * i + 5, 1);
    const order: string[] = [];
    let ticks = 0;
    while (matchmaker.size > 0 && ticks++ < 120)
      for (const { teams } of matchmaker.tick(10 + ticks).matches) order.push(teams[0]?.tickets[0]?.id ?? '');
    expect(matchmaker.size).toBe(0);
    expect(matchmaker.statistics('game').cutTicks).toBeGreaterThan(3);
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => `t${i}`).sort());
  });
});

test('with few steps in a tick and many combinations of texts what is new in each is seen, some ticks later', () => {
  const matchmaker = new Matchmaker({
    queues: { game: { teams: 2, playersPerTeam: 1, strings: { region: {} } } },
    limits: { maxStepsPerTick: 20 },
  });
  for (let i = 0; i < 60; i++) {
    const ticket = { id: `t${i}`, queue: 'game', players: [`p${i}`], strings: { region: `r${i % 30}` } };
    expect(matchmaker.add(ticket, i).ok).toBe(true);
  }
  const order: (string | undefined)[] = [];
  for (let ticks = 0; ticks < 40; ticks++)
    for (const { strings } of matchmaker.tick(100 + ticks).matches) order.push(strings['region']);
  expect(order).toEqual(Array.from({ length: 30 }, (_, i) => `r${i}`));
  expect(matchmaker.statistics('game').cutTicks).toBeGreaterThan(10);
});

describe('work', () => {
  /** Looks at tickets in one tick in which all are new, and in one in which nothing is. */
  function looks(
    count: number,
    queue: MatchQueueOptions,
    skillOf: (i: number) => number,
    size = 1,
  ): [number, number] {
    const matchmaker = maker(queue, { maxTickets: count, maxStepsPerTick: 1e7 });
    for (let i = 0; i < count; i++) add(matchmaker, `t${i}`, skillOf(i), 0, size);
    matchmaker.tick(0);
    const first = matchmaker.statistics('game').steps;
    matchmaker.tick(1);
    return [first, matchmaker.statistics('game').steps - first];
  }

  const duel: MatchQueueOptions = { teams: 2, playersPerTeam: 1, numbers: { skill: { range: 50 } } };

  test.each<[string, MatchQueueOptions, (i: number) => number, number]>([
    ['all alike, all match', duel, () => 1000, 1],
    ['nobody near', duel, (i) => 1000 * i, 1],
    ['pairs that fill no team', { ...duel, playersPerTeam: 3 }, () => 1000, 2],
    [
      'rooms of ten, nine near',
      { ...duel, teams: 1, playersPerTeam: 10 },
      (i) => 1000 * Math.floor(i / 9),
      1,
    ],
  ])('%s: it grows as the tickets do, and when nothing is new there is none', (_, queue, skillOf, size) => {
    const [small, smallAgain] = looks(1000, queue, skillOf, size);
    const [large, largeAgain] = looks(10_000, queue, skillOf, size);
    expect(large).toBeLessThan(11 * small);
    expect(large).toBeLessThan(500 * 10_000);
    expect([smallAgain, largeAgain]).toEqual([0, 0]);
  });

  test('only those near to what is new are looked at again', () => {
    const matchmaker = maker(duel);
    for (let i = 0; i < 2000; i++) add(matchmaker, `t${i}`, 1000 * i, 0);
    matchmaker.tick(0);
    const before = matchmaker.statistics('game').steps;
    add(matchmaker, 'new', 500_049, 1);
    expect(matchmaker.tick(1).matches).toHaveLength(1);
    // The bucket is swept once, at two looks a ticket; beyond that a match of two, which counts 800, and a handful.
    expect(matchmaker.statistics('game').steps - before).toBeLessThan(2 * 2001 + 800 + 100);
  });

  test('tickets that are made to cost the most: a tick ends, the rest goes on in the next, and the oldest that can is matched', () => {
    const skill = { range: 1e9, widen: { by: 1, everyMs: 100 } };
    const matchmaker = maker(
      { playersPerTeam: 3, numbers: { skill } },
      { maxStepsPerTick: 20_000, maxStepsPerSearch: 2000 },
    );
    for (let i = 0; i < 1000; i++) {
      // Pairs that accept all, and single players who accept no other.
      const numbers = { skill: i % 2 === 0 ? i : { value: i, maxRange: 0 } };
      const players = i % 2 === 0 ? [`a${i}`, `b${i}`] : [`a${i}`];
      matchmaker.add({ id: `t${i}`, queue: 'game', players, numbers }, 0);
    }
    let before = 0;
    for (let now = 0; now < 2000; now += 100) {
      expect(matchmaker.tick(now).matches).toEqual([]);
      const { steps } = matchmaker.statistics('game');
      // The bucket is swept beside that.
      expect(steps - before).toBeLessThan(20_000 + 2000 + 16 + 1501);
      before = steps;
    }
    expect(matchmaker.statistics('game').cutTicks).toBe(20);
    add(matchmaker, 'free', 3, 2000);
    let ticks = 0;
    while (matchmaker.has('free') && ticks++ < 50) matchmaker.tick(2000 + 100 * ticks);
    // One turn of all 500 pairs.
    expect(ticks).toBeLessThanOrEqual(Math.ceil((500 * 1000) / 20_000) + 1);
  });

  test('a search with too many branches is cut, and counted', () => {
    const rule = { range: 50 };
    const queue = { playersPerTeam: 12, numbers: { a: rule, b: rule, c: rule } };
    const cutsWith = (maxStepsPerSearch: number): number => {
      const matchmaker = maker(queue, { maxStepsPerSearch });
      const put = (id: string, [a = 0, b = 0, c = 0]: number[]): unknown =>
        matchmaker.add({ id, queue: 'game', players: [id], numbers: { a, b, c } }, 0);
      // One accepts all, who stand in the eight corners; ten in each are one too few.
      put('middle', [50, 50, 50]);
      for (let i = 0; i < 80; i++) put(`t${i}`, [100 * (i & 1), 50 * (i & 2), 25 * (i & 4)]);
      expect(matchmaker.tick(0).matches).toEqual([]);
      return matchmaker.statistics('game').cutSearches;
    };
    expect(cutsWith(2000)).toBe(1);
    expect(cutsWith(40_000)).toBe(0);
  });
});
