/** Who is matched with whom, at what time: examples. */
import { describe, expect, test } from 'vitest';
import { type Match, Matchmaker, type MatchQueueOptions, type MatchTicket } from '../../src/rooms.ts';

const DUEL: MatchQueueOptions = {
  teams: 2,
  playersPerTeam: 1,
  strings: { region: {} },
  numbers: { skill: { range: 50, widen: { by: 50, everyMs: 1000, max: 200 } } },
};

function maker(queue: MatchQueueOptions): Matchmaker {
  return new Matchmaker({ queues: { game: queue } });
}

function ticket(id: string, skill?: number, more: Partial<MatchTicket> = {}): MatchTicket {
  const numbers = skill === undefined ? {} : { skill };
  return { id, queue: 'game', players: [`p-${id}`], numbers, ...more };
}

const duelist = (id: string, skill: number, region: string | string[] = 'eu'): MatchTicket =>
  ticket(id, skill, { strings: { region } });

/** A party of players, named after it. */
const party = (id: string, size: number, skill?: number): MatchTicket =>
  ticket(id, skill, { players: Array.from({ length: size }, (_, i) => `${id}${i}`) });

const idsOf = ({ teams }: Match): string[][] => teams.map(({ tickets }) => tickets.map(({ id }) => id));
const matchesOf = (matchmaker: Matchmaker, now: number): string[][][] =>
  matchmaker.tick(now).matches.map(idsOf);

describe('numbers', () => {
  test('two that are in range of each other meet; who is not waits until the ranges of both reach', () => {
    const matchmaker = maker(DUEL);
    matchmaker.add(duelist('a', 1000), 0);
    matchmaker.add(duelist('b', 1120), 500);
    expect(matchesOf(matchmaker, 1000)).toEqual([]);
    // a looks 150 far, b 100.
    expect(matchesOf(matchmaker, 2000)).toEqual([]);
    expect(matchesOf(matchmaker, 2499)).toEqual([]);
    const [match] = matchmaker.tick(2500).matches;
    expect(match).toEqual({
      id: 'game/0',
      queue: 'game',
      teams: [
        { tickets: [duelist('a', 1000)], players: ['p-a'] },
        { tickets: [duelist('b', 1120)], players: ['p-b'] },
      ],
      strings: { region: 'eu' },
      numbers: { skill: { min: 1000, max: 1120, mean: 1060 } },
      waitedMs: 2500,
    });
    expect(matchmaker.size).toBe(0);
    expect(matchmaker.tick(3000).matches).toEqual([]);
  });

  test('a range grows to its maximum, and no further', () => {
    const matchmaker = maker(DUEL);
    matchmaker.add(duelist('a', 1000), 0);
    matchmaker.add(duelist('b', 1201), 0);
    expect(matchesOf(matchmaker, 1e9)).toEqual([]);
    matchmaker.add(duelist('c', 1200), 0, 0);
    expect(matchesOf(matchmaker, 1e9)).toEqual([[['a'], ['c']]]);
  });

  test('a ticket may look less far than the queue', () => {
    const matchmaker = maker(DUEL);
    matchmaker.add({ ...duelist('a', 0), numbers: { skill: { value: 1000, maxRange: 60 } } }, 0);
    matchmaker.add(duelist('b', 1061), 0);
    expect(matchesOf(matchmaker, 60_000)).toEqual([]);
    matchmaker.add(duelist('c', 1060), 0, 0);
    expect(matchesOf(matchmaker, 60_000)).toEqual([[['a'], ['c']]]);
  });

  test('steps: the ranges that are named, from the times that are named', () => {
    const widen = [
      { afterMs: 1000, range: 20 },
      { afterMs: 5000, range: Number.POSITIVE_INFINITY },
    ];
    const matchmaker = maker({ teams: 2, playersPerTeam: 1, numbers: { skill: { range: 10, widen } } });
    for (const [id, skill] of [
      ['a', 0],
      ['b', 11],
      ['far', 1e6],
    ] as const)
      matchmaker.add(ticket(id, skill), 0);
    expect(matchesOf(matchmaker, 999)).toEqual([]);
    expect(matchesOf(matchmaker, 1000)).toEqual([[['a'], ['b']]]);
    matchmaker.add(ticket('late', -1e6), 1000);
    expect(matchesOf(matchmaker, 5999)).toEqual([]);
    expect(matchesOf(matchmaker, 6000)).toEqual([[['far'], ['late']]]);
  });

  test('the oldest chooses first, the nearest; of two as near, the older', () => {
    const matchmaker = maker(DUEL);
    matchmaker.add(duelist('young', 1000), 3);
    matchmaker.add(duelist('old', 1010), 1);
    matchmaker.add(duelist('above', 1015), 4);
    matchmaker.add(duelist('below', 1005), 2);
    expect(matchesOf(matchmaker, 10)).toEqual([
      [['old'], ['below']],
      [['young'], ['above']],
    ]);
  });

  test('all of a match accept each other: who stands between two brings them not together', () => {
    const matchmaker = maker({ playersPerTeam: 3, numbers: { skill: { range: 10 } } });
    for (const [id, skill] of [
      ['middle', 10],
      ['low', 0],
      ['high', 20],
    ] as const)
      matchmaker.add(ticket(id, skill), 0);
    expect(matchesOf(matchmaker, 0)).toEqual([]);
    matchmaker.add(ticket('other', 11), 1);
    expect(matchesOf(matchmaker, 1)).toEqual([[['high', 'other', 'middle']]]);
  });
});

describe('texts', () => {
  test('one value must be common; the first one that leads to a match is the match', () => {
    const matchmaker = maker(DUEL);
    matchmaker.add(duelist('a', 1000, ['eu', 'us']), 0);
    matchmaker.add(duelist('b', 1000, ['asia', 'us']), 0);
    matchmaker.add(duelist('c', 1000, 'eu'), 1);
    const { matches } = matchmaker.tick(1);
    expect(matches.map(idsOf)).toEqual([[['a'], ['c']]]);
    expect(matches[0]?.strings).toEqual({ region: 'eu' });
  });

  test('pairs with a value in common are not enough for three', () => {
    const matchmaker = maker({ playersPerTeam: 3, strings: { map: {} } });
    for (const [id, map] of [
      ['a', ['x', 'y']],
      ['b', ['y', 'z']],
      ['c', ['z', 'x']],
    ] as const)
      matchmaker.add(ticket(id, undefined, { strings: { map } }), 0);
    expect(matchesOf(matchmaker, 0)).toEqual([]);
    matchmaker.add(ticket('d', undefined, { strings: { map: ['z'] } }), 0);
    expect(matchesOf(matchmaker, 0)).toEqual([[['b', 'c', 'd']]]);
  });

  test('who names none of a list that is known takes all', () => {
    const matchmaker = maker({ playersPerTeam: 2, strings: { map: { values: ['x', 'y'] } } });
    matchmaker.add(ticket('any'), 0);
    matchmaker.add(ticket('y', undefined, { strings: { map: 'y' } }), 0);
    expect(matchmaker.tick(0).matches[0]?.strings).toEqual({ map: 'y' });
  });
});

describe('teams', () => {
  test('a party stays in one team', () => {
    const matchmaker = maker({ teams: 2, playersPerTeam: 3 });
    for (const [id, size] of [
      ['a', 2],
      ['b', 2],
      ['c', 1],
      ['d', 1],
    ] as const)
      matchmaker.add(party(id, size), 0);
    expect(matchesOf(matchmaker, 0)).toEqual([
      [
        ['a', 'c'],
        ['b', 'd'],
      ],
    ]);
  });

  test('parties that leave a team with a hole are no match', () => {
    const matchmaker = maker({ teams: 2, playersPerTeam: 3 });
    for (const id of ['a', 'b', 'c']) matchmaker.add(party(id, 2), 0);
    expect(matchesOf(matchmaker, 0)).toEqual([]);
  });

  test('a smaller match, once the oldest has waited for it; the largest there is', () => {
    const matchmaker = maker({
      ...{ playersPerTeam: 8, minPlayersPerTeam: 2, countMultiple: 2, smallerAfterMs: 5000 },
    });
    for (const id of ['a', 'b', 'c', 'd', 'e']) matchmaker.add(ticket(id), 0);
    expect(matchesOf(matchmaker, 4999)).toEqual([]);
    expect(matchesOf(matchmaker, 5000)).toEqual([[['a', 'b', 'c', 'd']]]);
    expect(matchmaker.has('e')).toBe(true);
  });

  test('teams are made even', () => {
    const skill = { range: 1000 };
    const matchmaker = maker({ teams: 2, playersPerTeam: 2, numbers: { skill }, balance: 'skill' });
    for (const [id, value] of [
      ['a', 100],
      ['b', 90],
      ['c', 20],
      ['d', 10],
    ] as const)
      matchmaker.add(ticket(id, value), 0);
    const [match] = matchesOf(matchmaker, 0);
    expect(match?.map((team) => team.toSorted().join('')).toSorted()).toEqual(['ad', 'bc']);
  });
});

describe('waiting', () => {
  test('a ticket that is added again is no twin, a player waits once', () => {
    const matchmaker = maker({ playersPerTeam: 2 });
    expect(matchmaker.add(ticket('a'), 0)).toEqual({ ok: true, isNew: true });
    expect(matchmaker.add(ticket('a'), 5)).toEqual({ ok: true, isNew: false });
    expect(matchesOf(matchmaker, 5)).toEqual([]);
    expect(matchmaker.add({ ...ticket('b'), players: ['p-a'] }, 5)).toEqual({
      ...{ ok: false, reason: 'player-waiting', property: 'players' },
    });
    expect(matchmaker.ticketOf('p-a')).toBe('a');
    expect(matchmaker.cancel('a')).toBe(true);
    expect(matchmaker.cancel('a')).toBe(false);
    expect(matchmaker.ticketOf('p-a')).toBeUndefined();
    expect(matchmaker.add({ ...ticket('b'), players: ['p-a'] }, 5)).toEqual({ ok: true, isNew: true });
  });

  test('who waited too long is given back', () => {
    const matchmaker = maker({ playersPerTeam: 2, maxWaitMs: 1000 });
    matchmaker.add(ticket('a'), 0);
    expect(matchmaker.tick(999).expired).toEqual([]);
    matchmaker.add(ticket('b'), 999);
    const { expired, matches } = matchmaker.tick(1000);
    expect(expired).toEqual([
      { ticket: { id: 'a', queue: 'game', players: ['p-a'] }, reason: 'max-wait', waitedMs: 1000 },
    ]);
    expect(matches).toEqual([]);
    expect(matchmaker.has('a')).toBe(false);
  });

  test('its state: position, ranges, how long others waited', () => {
    const matchmaker = maker(DUEL);
    matchmaker.add(duelist('a', 1000), 0);
    matchmaker.add(duelist('b', 5000), 100);
    const b = {
      ...{ id: 'b', queue: 'game', players: ['p-b'], position: 2, waiting: 2 },
      ...{ waitedMs: 1100, ranges: { skill: 100 } },
    };
    expect(matchmaker.stateOf('b', 1200)).toEqual(b);
    expect(matchmaker.tick(1200).changes).toEqual([matchmaker.stateOf('a', 1200), b]);
    expect(matchmaker.tick(2199).changes).toEqual([]);
    expect(matchmaker.tick(2200).changes.map(({ id }) => id)).toEqual(['a', 'b']);
    matchmaker.add(duelist('c', 1000), 2300);
    matchmaker.tick(2400);
    expect(matchmaker.stateOf('b', 2400)).toMatchObject({ position: 1, waiting: 1, typicalWaitMs: 100 });
    expect(matchmaker.stateOf('a', 2400)).toBeUndefined();
  });
});

describe('back-fill', () => {
  const seats = [1, 2];
  const room = { id: 'room', queue: 'game', seats, strings: { region: 'eu' }, numbers: { skill: 1000 } };
  const teams = { ...DUEL, playersPerTeam: 3 };

  test('a room takes players before new matches are made', () => {
    const matchmaker = maker({ ...teams, minPlayersPerTeam: 1, smallerAfterMs: 0 });
    expect(matchmaker.addBackfill(room, 0)).toEqual({ ok: true, isNew: true });
    for (const [id, skill] of [
      ['a', 1000],
      ['b', 1010],
      ['c', 2000],
    ] as const)
      matchmaker.add(duelist(id, skill), 0);
    const { matches, backfills } = matchmaker.tick(0);
    expect(matches).toEqual([]);
    expect(backfills).toHaveLength(1);
    expect(backfills[0]?.teams.map(({ players }) => players)).toEqual([['p-b'], ['p-a']]);
    expect(backfills[0]?.seats).toEqual([0, 1]);
    // The rest of its seats goes on looking, and is gone when it is taken.
    matchmaker.add(duelist('d', 990), 1);
    expect(matchmaker.tick(1).backfills[0]?.seats).toEqual([0, 0]);
    expect(matchmaker.cancelBackfill('room')).toBe(false);
  });

  test('last: what matches leave', () => {
    const matchmaker = maker({ ...DUEL, backfill: 'last' });
    matchmaker.addBackfill({ ...room, seats: [1, 1] }, 0);
    for (const id of ['a', 'b', 'c']) matchmaker.add(duelist(id, 1000), 0);
    const { matches, backfills } = matchmaker.tick(0);
    expect(matches.map(idsOf)).toEqual([[['a'], ['b']]]);
    expect(backfills[0]?.teams.map(({ players }) => players)).toEqual([['p-c'], []]);
  });
});
