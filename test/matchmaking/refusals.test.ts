/** What a stranger sends is an answer, what the programmer writes wrong is an exception. */
import { describe, expect, test } from 'vitest';
import { Matchmaker, type MatchRefusal, type MatchTicket } from '../../src/rooms.ts';

// biome-ignore lint/suspicious/noExplicitAny: what is tested is what the types forbid
type Anything = any;

const queues = {
  game: {
    teams: 2,
    playersPerTeam: 2,
    strings: { region: {}, map: { values: ['x', 'y'] } },
    numbers: { skill: { range: 10 } },
  },
};
const limits = {
  maxTickets: 2,
  maxBackfills: 1,
  maxIdLength: 8,
  maxStringLength: 8,
  maxValues: 3,
  maxCombinations: 4,
};
const good: MatchTicket = {
  ...{ id: 't', queue: 'game', players: ['p'] },
  ...{ strings: { region: 'eu' }, numbers: { skill: 1 } },
};
const room = { id: 'r', queue: 'game', seats: [1, 0], strings: { region: 'eu' }, numbers: { skill: 1 } };

describe('a ticket that is refused', () => {
  test.each<[MatchRefusal, string | undefined, unknown]>([
    ['malformed', undefined, undefined],
    ['malformed', undefined, 'ticket'],
    ['id', 'id', {}],
    ['id', 'id', { ...good, id: '' }],
    ['id', 'id', { ...good, id: '123456789' }],
    ['id', 'id', { ...good, id: 5 }],
    ['unknown-queue', 'queue', { ...good, queue: 'toString' }],
    ['unknown-queue', 'queue', { ...good, queue: {} }],
    ['malformed', 'players', { ...good, players: 'p' }],
    ['party-size', 'players', { ...good, players: [] }],
    ['party-size', 'players', { ...good, players: ['1', '2', '3'] }],
    ['id', 'players', { ...good, players: ['1', 2] }],
    ['player-waiting', 'players', { ...good, players: ['1', '1'] }],
    ['malformed', 'strings', { ...good, strings: [] }],
    ['malformed', 'numbers', { ...good, numbers: null }],
    ['unknown-property', 'what', { ...good, strings: { region: 'eu', what: 'x' } }],
    ['unknown-property', 'skill', { ...good, strings: { region: 'eu', skill: 'x' } }],
    ['unknown-property', '__proto_', { ...good, strings: JSON.parse('{"region":"eu","__proto__":"x"}') }],
    ['missing-property', 'region', { ...good, strings: {} }],
    ['missing-property', 'region', { ...good, strings: undefined }],
    ['missing-property', 'skill', { ...good, numbers: {} }],
    ['malformed', 'region', { ...good, strings: { region: 5 } }],
    ['string-value', 'region', { ...good, strings: { region: '' } }],
    ['string-value', 'region', { ...good, strings: { region: [] } }],
    ['string-value', 'region', { ...good, strings: { region: '123456789' } }],
    ['string-value', 'region', { ...good, strings: { region: ['eu', 5] } }],
    ['string-value', 'map', { ...good, strings: { region: 'eu', map: 'z' } }],
    ['too-many-values', 'region', { ...good, strings: { region: ['1', '2', '3', '4'] } }],
    ['too-many-values', 'map', { ...good, strings: { region: ['1', '2', '3'], map: ['x', 'y'] } }],
    ['number-value', 'skill', { ...good, numbers: { skill: Number.NaN } }],
    ['number-value', 'skill', { ...good, numbers: { skill: '5' } }],
    ['number-value', 'skill', { ...good, numbers: { skill: { value: 1, maxRange: -1 } } }],
    ['number-value', 'skill', { ...good, numbers: { skill: { value: 1, maxRange: Number.NaN } } }],
    ['number-value', 'skill', { ...good, numbers: { skill: [1] } }],
  ])('%s %s: %j', (reason, property, ticket) => {
    const matchmaker = new Matchmaker({ queues, limits });
    expect(matchmaker.add(ticket as Anything, 0)).toEqual({
      ...{ ok: false, reason },
      ...(property === undefined ? {} : { property }),
    });
    expect(matchmaker.size).toBe(0);
    expect(matchmaker.add(good, 0)).toEqual({ ok: true, isNew: true });
  });

  test('full', () => {
    const matchmaker = new Matchmaker({ queues, limits });
    for (const id of ['a', 'b']) matchmaker.add({ ...good, id, players: [id] }, 0);
    expect(matchmaker.add(good, 0)).toEqual({ ok: false, reason: 'full' });
    matchmaker.cancel('a');
    expect(matchmaker.add(good, 0)).toEqual({ ok: true, isNew: true });
    matchmaker.addBackfill(room, 0);
    expect(matchmaker.addBackfill({ ...room, id: 's' }, 0)).toEqual({ ok: false, reason: 'full' });
  });

  test.each([[[1]], [[0, 0]], [[3, 1]], [[-1, 1]], [[0.5, 1]], ['1,1'], [undefined]])(
    'seats: %j',
    (seats) => {
      const matchmaker = new Matchmaker({ queues, limits });
      const answer = { ok: false, reason: 'seats', property: 'seats' };
      expect(matchmaker.addBackfill({ ...room, seats } as Anything, 0)).toEqual(answer);
    },
  );
});

describe('mistakes of the programmer', () => {
  test.each<[unknown, string]>([
    [undefined, '"options" expected an object, got undefined'],
    [{ queues: {} }, '"queues" expected at least one queue'],
    [{ queues: { game: {} } }, '"queues.game.playersPerTeam" expected an integer 1..128, got undefined'],
    [{ queues: { g: { playersPerTeam: 2, teams: 0 } } }, '"queues.g.teams" expected an integer 1..64, got 0'],
    [
      { queues: { g: { playersPerTeam: 2, minPlayersPerTeam: 3 } } },
      '"queues.g.minPlayersPerTeam" expected an integer 1..2, got 3',
    ],
    [
      { queues: { g: { playersPerTeam: 2, balance: 'elo' } } },
      '"queues.g.balance" expected one of "numbers", got "elo"',
    ],
    [
      { queues: { g: { playersPerTeam: 2, backfill: 'no' } } },
      '"queues.g.backfill" expected \'first\' or \'last\', got "no"',
    ],
    [
      { queues: { g: { playersPerTeam: 2, rangeOf: 'all' } } },
      '"queues.g.rangeOf" expected \'each\' or \'oldest\', got "all"',
    ],
    [
      { queues: { g: { playersPerTeam: 2, maxWaitMs: -1 } } },
      '"queues.g.maxWaitMs" expected milliseconds of at least 0, got -1',
    ],
    [
      { queues: { g: { playersPerTeam: 2, strings: { map: { values: [] } } } } },
      '"queues.g.strings.map.values" expected different texts, at least one',
    ],
    [
      { queues: { g: { playersPerTeam: 2, strings: { map: { value: [] } } } } },
      '"queues.g.strings.map.value" is no option; did you mean "queues.g.strings.map.values"?',
    ],
    [
      { queues: { g: { playersPerTeam: 2, numbers: { elo: {} } } } },
      '"queues.g.numbers.elo.range" expected a number of at least 0, got undefined',
    ],
    [
      { queues: { g: { playersPerTeam: 2, numbers: { elo: { range: 1, widen: { by: 0, everyMs: 1 } } } } } },
      '"queues.g.numbers.elo.widen.by" expected above 0, got 0',
    ],
    [
      { queues: { g: { playersPerTeam: 2, numbers: { elo: { range: 1, widen: { by: 1, everyMs: 0 } } } } } },
      '"queues.g.numbers.elo.widen.everyMs" expected at least 1, got 0',
    ],
    [
      {
        queues: {
          g: { playersPerTeam: 2, numbers: { elo: { range: 9, widen: { by: 1, everyMs: 1, max: 8 } } } },
        },
      },
      '"queues.g.numbers.elo.widen.max" expected a number of at least 9, got 8',
    ],
    [
      {
        queues: {
          g: { playersPerTeam: 2, numbers: { elo: { range: 9, widen: [{ afterMs: 5, range: 8 }] } } },
        },
      },
      '"queues.g.numbers.elo.widen[0].range" expected a number of at least 9, got 8',
    ],
    [
      {
        queues: {
          g: { playersPerTeam: 2, numbers: { elo: { range: 9, widen: [{ afterMs: 0, range: 9 }] } } },
        },
      },
      '"queues.g.numbers.elo.widen[0].afterMs" expected above 0, got 0',
    ],
    [
      { queues: { g: { playersPerTeam: 2 } }, stateEveryMs: -1 },
      '"stateEveryMs" expected milliseconds of at least 0, got -1',
    ],
    [
      { queues: { g: { playersPerTeam: 2 } }, limits: { maxTickets: 0 } },
      '"limits.maxTickets" expected a number of at least 1, got 0',
    ],
  ])('%j', (options, message) => {
    expect(() => new Matchmaker(options as Anything)).toThrow(message);
  });

  test('times', () => {
    const matchmaker = new Matchmaker({ queues });
    expect(() => matchmaker.tick(Number.NaN)).toThrow(
      '"nowMs" expected a finite number of milliseconds, got NaN',
    );
    expect(() => matchmaker.add(good, 0, Number.POSITIVE_INFINITY)).toThrow('"sinceMs" expected a finite');
    expect(() => matchmaker.statistics('gme')).toThrow('"queue" expected one of game, got "gme"');
  });
});

test('the limits say no to no more than they must', () => {
  const matchmaker = new Matchmaker({ queues, limits });
  const most = { region: ['eu', 'us'], map: ['x', 'y', 'x'] };
  const ticket = { ...good, id: '12345678', players: ['12345678', 'x'], strings: most };
  expect(matchmaker.add(ticket, 0)).toEqual({ ok: true, isNew: true });
});
