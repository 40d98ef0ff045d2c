/** Why a ticket waits, and what a snapshot of other options or of nobody is. */
import { describe, expect, test } from 'vitest';
import { Matchmaker, type MatchTicket } from '../../src/rooms.ts';

const queue = {
  teams: 2,
  playersPerTeam: 2,
  strings: { region: {} },
  numbers: { skill: { range: 10 }, ping: { range: 10 } },
};

function ticket(id: string, region: string | string[], skill: number, ping: number, size = 1): MatchTicket {
  const players = Array.from({ length: size }, (_, i) => `${id}.${i}`);
  return { id, queue: 'game', players, strings: { region }, numbers: { skill, ping } };
}

function matchmakerOf(...tickets: MatchTicket[]): Matchmaker {
  const matchmaker = new Matchmaker({ queues: { game: queue } });
  for (const one of tickets) expect(matchmaker.add(one, 0).ok).toBe(true);
  expect(matchmaker.tick(0).matches).toEqual([]);
  return matchmaker;
}

describe('explain', () => {
  test('how many fail on what, and on what alone', () => {
    const matchmaker = matchmakerOf(
      ticket('me', 'eu', 0, 0),
      ticket('fits', ['us', 'eu'], 10, 10),
      ticket('far', 'eu', 11, 0),
      ticket('lag', 'eu', 0, 11),
      ticket('both', 'eu', 11, 11),
      ticket('away', 'us', 0, 0),
      { ...ticket('picky', 'eu', 0, 0), numbers: { skill: { value: 5, maxRange: 4 }, ping: 0 } },
    );
    const explanation = matchmaker.explain('me', 1500);
    expect(explanation).toEqual({
      ...{ verdict: 'too-few-players', waitedMs: 1500, others: 6, fitting: 1, players: 2, needed: 4 },
      properties: {
        region: { failed: 1, alone: 1, outOfOwn: 1, outOfTheirs: 1 },
        skill: { failed: 3, alone: 2, outOfOwn: 2, outOfTheirs: 3 },
        ping: { failed: 2, alone: 1, outOfOwn: 2, outOfTheirs: 2 },
      },
      text: [
        'me has waited 1500 ms: 1 of 6 others fit, 2 of 4 players',
        'region fails for 1 (1 on nothing else)',
        'skill fails for 3 (2 on nothing else)',
        'ping fails for 2 (1 on nothing else)',
        'too-few-players',
      ].join('; '),
    });
    expect(matchmaker.explain('nobody', 0)).toBeUndefined();
  });

  test('nobody fits', () => {
    expect(matchmakerOf(ticket('me', 'eu', 0, 0)).explain('me', 0)?.verdict).toBe('nobody-fits');
  });

  test('enough fit, but not in one place', () => {
    const matchmaker = matchmakerOf(
      ticket('me', ['eu', 'us'], 0, 0),
      ...['a', 'b'].map((id) => ticket(id, 'eu', 0, 0)),
      ...['c', 'd'].map((id) => ticket(id, 'us', 0, 0)),
    );
    expect(matchmaker.explain('me', 0)).toMatchObject({ verdict: 'too-few-players', fitting: 4, players: 3 });
  });

  test('enough fit, but their parties leave holes', () => {
    const matchmaker = matchmakerOf(
      ticket('me', 'eu', 0, 0),
      ...[10, -10].map((skill) => ticket(`s${skill}`, 'eu', skill, 0, 2)),
    );
    expect(matchmaker.explain('me', 0)?.verdict).toBe('parties-do-not-fit');
  });

  test('enough fit, but they do not accept each other', () => {
    const matchmaker = matchmakerOf(
      ticket('me', 'eu', 0, 0),
      ticket('a', 'eu', 10, 0, 2),
      ticket('b', 'eu', -10, 0),
    );
    expect(matchmaker.explain('me', 0)).toMatchObject({ verdict: 'not-each-other', players: 4 });
  });
});

describe('a snapshot', () => {
  test('of other options: what is refused is told, the rest carries on', () => {
    const snapshot = new Matchmaker({ queues: { game: queue, old: { playersPerTeam: 2 } } });
    snapshot.add(ticket('a', 'eu', 0, 0), 0);
    snapshot.add({ id: 'b', queue: 'old', players: ['b'] }, 0);
    snapshot.addBackfill({ id: 'r', queue: 'old', seats: [1] }, 0);
    const matchmaker = new Matchmaker({ queues: { game: queue } });
    expect(matchmaker.restore(snapshot.snapshot(), 5)).toEqual([
      { id: 'b', kind: 'ticket', reason: 'unknown-queue' },
      { id: 'r', kind: 'backfill', reason: 'unknown-queue' },
    ]);
    expect(matchmaker.size).toBe(1);
    expect(matchmaker.stateOf('a', 5)?.waitedMs).toBe(5);
  });

  test('of a room that got players: the seats that are left, and the request as it was', () => {
    const one = new Matchmaker({ queues: { game: queue } });
    one.addBackfill({ ...ticket('r', 'eu', 0, 0), seats: [2, 0] }, 0);
    one.add(ticket('a', 'eu', 0, 0), 0);
    expect(one.tick(0).backfills[0]?.seats).toEqual([1, 0]);
    const other = new Matchmaker({ queues: { game: queue } });
    other.restore(JSON.parse(JSON.stringify(one.snapshot())), 1);
    other.add(ticket('b', 'eu', 0, 0), 1);
    expect(other.tick(1).backfills[0]).toMatchObject({ seats: [0, 0], request: { id: 'r', seats: [2, 0] } });
    expect(other.statistics('game').backfilledPlayers).toBe(2);
  });

  test('what is none is an error, and changes nothing', () => {
    const matchmaker = matchmakerOf(ticket('me', 'eu', 0, 0));
    const queueWith = (more: object): object => ({
      version: 1,
      queues: { game: { tickets: [], backfills: [], waits: [], counts: {}, ...more } },
    });
    const bad = [
      ...[undefined, {}, { version: 2 }, { version: 1 }, { version: 1, queues: { game: {} } }],
      ...[null, { sinceMs: 0 }, { ticket: {}, sinceMs: 'now' }].map((saved) =>
        queueWith({ tickets: [saved] }),
      ),
      ...[null, { request: {}, sinceMs: 0 }].map((saved) => queueWith({ backfills: [saved] })),
    ];
    for (const snapshot of bad)
      expect(() => matchmaker.restore(snapshot as never, 0)).toThrow(/^"snapshot.*" expected /);
    expect(matchmaker.size).toBe(1);
  });
});
