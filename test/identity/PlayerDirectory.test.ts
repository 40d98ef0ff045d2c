/** The policies and limits of a PlayerDirectory, one by one. All sequences: directoryModel.test.ts. */
import { describe, expect, test } from 'vitest';
import { PLAYER_DIRECTORY_DEFAULTS, PlayerDirectory } from '../../src/identity/index.ts';

describe('a player', () => {
  test('comes back in time: with the seat, and what was kept', () => {
    const players = new PlayerDirectory<string>({ graceMs: 30_000 });
    expect(players.login('ada', 1, 0)).toEqual({ kind: 'joined' });
    expect(players.enterRoom(1, 'arena')).toBe(true);
    expect(players.ended(1, 'drop', 1000)).toEqual({
      player: 'ada',
      connection: 1,
      room: 'arena',
      untilMs: 31_000,
      displaced: [],
    });
    expect([players.stateOf('ada'), players.nextDeadlineMs]).toEqual(['away', 31_000]);
    expect(players.keep('ada', 'round 2', 10)).toBe(true);
    expect(players.login('ada', 2, 30_999)).toEqual({
      kind: 'returned',
      away: { sinceMs: 1000, room: 'arena', previousConnection: 1 },
      missed: { events: ['round 2'], lost: 0 },
    });
    expect([players.peerOf('ada'), players.playerOf(2), players.roomOf(2)]).toEqual([2, 'ada', 'arena']);
    expect([players.playerOf(1), players.nextDeadlineMs, players.keptBytes]).toEqual([
      undefined,
      undefined,
      0,
    ]);
  });

  test('is too late: the seat was freed, once, at its time', () => {
    const players = new PlayerDirectory({ graceMs: 100 });
    players.login('ada', 1, 0);
    players.ended(1, 'timeout', 50);
    expect(players.expire(149)).toEqual([]);
    expect(players.expire(150)).toEqual([{ player: 'ada', connection: 1, room: undefined }]);
    expect([players.expire(1000), players.stateOf('ada')]).toEqual([[], 'gone']);
    expect(players.login('ada', 2, 1000)).toEqual({ kind: 'joined' });
  });

  test('gets a seat whose time is over but of which nobody was told', () => {
    const players = new PlayerDirectory({ graceMs: 100 });
    players.login('ada', 1, 0);
    players.ended(1, 'drop', 0);
    expect(players.login('ada', 2, 500).kind).toBe('returned');
    expect(players.expire(500)).toEqual([]);
  });

  test.each(['goodbye', 'kick'] as const)('%s frees the seat at once', (how) => {
    const players = new PlayerDirectory();
    players.login('ada', 1, 0);
    expect(players.ended(1, how, 0)?.untilMs).toBeUndefined();
    expect([players.stateOf('ada'), players.ended(1, how, 0)]).toEqual(['gone', undefined]);
  });

  test('may have a grace of their own, also none', () => {
    const players = new PlayerDirectory({ graceMs: 100 });
    players.login('ada', 1, 0, { graceMs: 500 });
    players.login('bob', 2, 0);
    players.login('cleo', 3, 0);
    players.setGrace(2, 0);
    expect([1, 2, 3].map((id) => players.ended(id, 'drop', 0)?.untilMs)).toEqual([500, undefined, 100]);
    expect([players.setGrace(1, 5), players.enterRoom(1, 'arena')]).toEqual([false, false]);
  });

  test('is released when the game ends, in one room or in all', () => {
    const players = new PlayerDirectory();
    players.login('ada', 1, 0);
    players.enterRoom(1, 'arena');
    players.ended(1, 'drop', 0);
    expect(players.release('ada', 'lobby')).toEqual([]);
    expect(players.release('ada', 'arena')).toEqual([{ player: 'ada', connection: 1, room: 'arena' }]);
    expect(players.nextDeadlineMs).toBeUndefined();
  });
});

describe('a second login', () => {
  test('refuse: whoever is there stays', () => {
    const players = new PlayerDirectory({ secondLogin: 'refuse' });
    players.login('ada', 1, 0);
    expect(players.login('ada', 2, 0)).toEqual({ kind: 'refused', reason: 'present' });
    expect([players.peerOf('ada'), players.playerOf(2)]).toEqual([1, undefined]);
  });

  test('takeOver: the seat changes hands, and the late end of the old connection harms nobody', () => {
    const players = new PlayerDirectory();
    players.login('ada', 1, 0);
    players.enterRoom(1, 'arena');
    expect(players.login('ada', 2, 0)).toEqual({ kind: 'tookOver', replaced: 1, room: 'arena' });
    expect(players.ended(1, 'timeout', 5000)).toBeUndefined();
    expect([players.peerOf('ada'), players.stateOf('ada')]).toEqual([2, 'present']);
  });

  test('both: a seat each, and each comes back to its own', () => {
    const players = new PlayerDirectory({ secondLogin: 'both', maxSeatsPerPlayer: 2 });
    players.login('ada', 1, 0, { session: 'phone' });
    players.login('ada', 2, 0, { session: 'computer' });
    expect(players.login('ada', 3, 0)).toEqual({ kind: 'refused', reason: 'too-many-seats' });
    players.enterRoom(2, 'arena');
    players.ended(2, 'drop', 0);
    players.ended(1, 'drop', 1);
    expect(players.login('ada', 4, 2, { session: 'tablet' })).toMatchObject({ reason: 'too-many-seats' });
    expect(players.login('ada', 5, 2, { session: 'phone' })).toMatchObject({ away: { room: undefined } });
    expect(players.keep('ada', 'x', 1, 'lobby')).toBe(false);
    expect(players.login('ada', 6, 2)).toMatchObject({ away: { room: 'arena', previousConnection: 2 } });
    expect([players.connectionsOf('ada'), players.peerOf('ada')]).toEqual([[5, 6], 6]);
  });

  test('both, without sessions: the seat that was kept longest, whenever it was made', () => {
    const players = new PlayerDirectory({ secondLogin: 'both' });
    for (const id of [1, 2, 3]) players.login('ada', id, 0);
    for (const id of [2, 3, 1]) players.ended(id, 'drop', 0);
    const previous = [4, 5, 6].map((id) => players.login('ada', id, 1));
    expect(previous).toMatchObject([2, 3, 1].map((id) => ({ away: { previousConnection: id } })));
  });

  test.each(['refuse', 'both'] as const)(
    '%s: the session of a seat takes it over: its old connection is dead',
    (secondLogin) => {
      const players = new PlayerDirectory({ secondLogin });
      players.login('ada', 1, 0, { session: 's' });
      expect(players.login('ada', 2, 0, { session: 's' })).toMatchObject({ kind: 'tookOver', replaced: 1 });
      expect(players.connections()).toEqual([2]);
    },
  );

  test('of a connection that has a player', () => {
    const players = new PlayerDirectory();
    players.login('ada', 1, 0);
    for (const name of ['ada', 'bob'])
      expect(players.login(name, 1, 0)).toEqual({ kind: 'refused', reason: 'logged-in' });
  });
});

describe('limits', () => {
  test('one more is away than is remembered: whose time ends first is freed', () => {
    const players = new PlayerDirectory({ maxAway: 2 });
    for (const [id, name] of ['ada', 'bob', 'cleo'].entries())
      players.login(name, id, 0, { graceMs: 100 + id });
    players.ended(0, 'drop', 50);
    players.ended(1, 'drop', 0);
    expect(players.ended(2, 'drop', 60)?.displaced).toEqual([
      { player: 'bob', connection: 1, room: undefined },
    ]);
    players.login('dan', 9, 60, { graceMs: 1 });
    expect(players.ended(9, 'drop', 60)).toMatchObject({ player: 'dan', untilMs: undefined, displaced: [] });
    expect(players.expire(1000).map(({ player }) => player)).toEqual(['ada', 'cleo']);
  });

  test('what is kept: the newest, without a gap, and how many are lost', () => {
    const players = new PlayerDirectory<string>({
      maxKeptEvents: 3,
      maxKeptBytes: 10,
      maxKeptBytesInAll: 12,
    });
    for (const [id, name] of ['ada', 'bob', 'cleo'].entries()) {
      players.login(name, id, 0);
      players.ended(id, 'drop', 0);
    }
    for (const event of ['a', 'b', 'c', 'd']) players.keep('ada', event, 1);
    for (const event of ['e', 'f', 'g']) players.keep('bob', event, 4);
    expect(players.keptBytes).toBe(11);
    players.keep('cleo', 'h', 2);
    const missed = ['ada', 'bob', 'cleo'].map((name, id) => players.login(name, 10 + id, 0));
    expect(missed).toMatchObject([
      { missed: { events: ['b', 'c', 'd'], lost: 1 } },
      { missed: { events: ['f', 'g'], lost: 1 } },
      { missed: { events: [], lost: 1 } },
    ]);
    expect(players.keep('ada', 'i', 1)).toBe(false);
  });

  test('one event that is too large leaves nothing: an older state with the newest missing would be a gap', () => {
    const players = new PlayerDirectory<string>({ maxKeptBytes: 10 });
    players.login('ada', 1, 0);
    players.ended(1, 'drop', 0);
    players.keep('ada', 'small', 1);
    players.keep('ada', 'large', 11);
    expect(players.login('ada', 2, 0)).toMatchObject({ missed: { events: [], lost: 2 } });
  });

  test.each([
    ['no text', 5, undefined, 'player-id'],
    ['nothing', '', undefined, 'player-id'],
    ['too long', 'x'.repeat(129), undefined, 'player-id'],
    ['no session', 'ada', 5, 'session-id'],
    ['too long a session', 'ada', 'x'.repeat(129), 'session-id'],
  ])('ids of strangers: %s', (_title, player, session, reason) => {
    const players = new PlayerDirectory();
    const details = { session: session as string | undefined };
    expect(players.login(player as string, 1, 0, details)).toEqual({ kind: 'refused', reason });
    expect(players.presentCount).toBe(0);
  });
});

describe('mistakes', () => {
  const players = new PlayerDirectory();
  test.each([
    ['connection', () => players.login('ada', -1, 0), '"connection" expected integer 0..'],
    ['now', () => players.login('ada', 1, Number.NaN), '"now" expected a finite number, got NaN'],
    ['graceMs', () => players.login('ada', 1, 0, { graceMs: -1 }), '"graceMs" expected integer 0..'],
    ['how', () => players.ended(1, 'dorp' as 'drop', 0), 'did you mean "drop"?'],
    ['room', () => players.enterRoom(1, ''), '"room" expected a string of 1..128 characters, got ""'],
    ['bytes', () => players.keep('ada', 'x', -1), '"bytes" expected integer 0..'],
    ['maxAway', () => new PlayerDirectory({ maxAway: 0.5 }), '"maxAway" expected integer 0..'],
    [
      'secondLogin',
      () => new PlayerDirectory({ secondLogin: 'takeover' as 'takeOver' }),
      '"secondLogin" expected one of refuse, takeOver, both, got "takeover"; did you mean "takeOver"?',
    ],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  });

  test('undefined is not given', () => {
    const none = { graceMs: undefined, secondLogin: undefined, maxAway: undefined };
    expect(new PlayerDirectory(none).settings).toEqual(PLAYER_DIRECTORY_DEFAULTS);
  });
});

describe('a snapshot', () => {
  const made = (): PlayerDirectory<string> => {
    const players = new PlayerDirectory<string>();
    players.login('ada', 1, 1000, { session: 's' });
    players.enterRoom(1, 'arena');
    players.login('bob', 2, 1000);
    players.ended(2, 'drop', 2000);
    players.keep('bob', 'goal', 4);
    return players;
  };

  test('survives a restart, with a clock that starts anew; the connections did not', () => {
    const text = JSON.stringify(made().snapshot(3000));
    const { seats } = made().snapshot(3000);
    for (const { player } of seats)
      expect(made().snapshot(3000, player).seats).toEqual(seats.filter((seat) => seat.player === player));
    expect(made().snapshot(3000, 'nobody').seats).toEqual([]);
    expect(made().snapshot(3000, undefined).seats).toEqual(seats);
    const players = PlayerDirectory.restore<string>(JSON.parse(text), 10);
    expect(players.nextDeadlineMs).toBe(10 + 59_000);
    for (const connection of players.connections()) players.ended(connection, 'drop', 10);
    expect(players.login('bob', 1, 20)).toEqual({
      kind: 'returned',
      away: { sinceMs: 10 - 1000, room: undefined, previousConnection: 2 },
      missed: { events: ['goal'], lost: 0 },
    });
    expect(players.login('ada', 2, 30)).toMatchObject({ kind: 'returned', away: { room: 'arena' } });
  });

  test.each([
    ['null', null, TypeError],
    ['another version', { version: 2, seats: [] }, TypeError],
    ['no seats', { version: 1 }, TypeError],
    ['no seat', { version: 1, seats: [{ player: 'ada' }] }, TypeError],
    [
      'a connection twice',
      {
        version: 1,
        seats: ['ada', 'bob'].map((player) => ({ player, connection: 1, graceMs: 0 })),
      },
      RangeError,
    ],
    [
      'a player twice',
      { version: 1, seats: [1, 2].map((connection) => ({ player: 'ada', connection, graceMs: 0 })) },
      RangeError,
    ],
  ])('%s is refused', (_title, snapshot, kind) => {
    const restore = (): unknown => PlayerDirectory.restore(snapshot as never, 0);
    expect(restore).toThrow(kind);
    expect(restore).toThrow('"snapshot');
  });

  test('lower limits hold from the next call on', () => {
    const players = PlayerDirectory.restore<string>(made().snapshot(3000), 3000, { maxAway: 0 });
    expect(players.ended(1, 'drop', 3000)).toMatchObject({
      untilMs: undefined,
      displaced: [{ player: 'bob' }],
    });
  });
});
