/** Any sequence of logins, ends, expiries and events, against a directory that looks through a list. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConnectionEnd, PlayerDirectory, type SecondLogin } from '../../src/identity/index.ts';
import { fcParameters } from '../support/fc.ts';
import { NaiveDirectory } from './naiveDirectory.ts';

type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;

const PLAYERS = ['ada', 'bob', 'cleo', '__proto__'];
const player = fc.constantFrom(...PLAYERS);
const connection = fc.nat(7);
const session = fc.option(fc.constantFrom('s1', 's2', 's3'), { nil: undefined, freq: 2 });
const room = fc.option(fc.constantFrom('lobby', 'arena'), { nil: undefined });
const how = fc.constantFrom<ConnectionEnd>('goodbye', 'kick', 'timeout', 'drop', 'drop', 'drop');

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('login' as const), player, connection, session }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('ended' as const), connection, how }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(80) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('keep' as const), player, bytes: fc.nat(12), room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('enter' as const), connection, room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), player, room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), clockMs: fc.nat(1000) }) },
);
const limits = fc.record({
  graceMs: fc.constantFrom(0, 50, 50, 50, 100),
  maxAway: fc.nat(4),
  maxSeatsPerPlayer: fc.integer({ min: 1, max: 3 }),
  maxKeptEvents: fc.nat(3),
  maxKeptBytes: fc.nat(20),
  maxKeptBytesInAll: fc.nat(30),
});

function play(
  options: { readonly secondLogin: SecondLogin } & Of<typeof limits>,
  steps: readonly Of<typeof step>[],
): void {
  let directory = new PlayerDirectory<string>(options);
  const model = new NaiveDirectory(directory.settings);
  /** Deadlines that were told and not yet taken back. */
  const told = new Map<string, number>();
  const key = (seat: { player: string; connection: number }): string => `${seat.player} ${seat.connection}`;
  let now = 0;
  /** What the directory's own clock, which is another after a restart, shows beside that of the model. */
  let offset = 0;
  const shift = <T>(result: T): T => {
    const text = JSON.stringify(result, (name, value) =>
      (name === 'sinceMs' || name === 'untilMs') && typeof value === 'number' ? value - offset : value,
    );
    return text === undefined ? result : JSON.parse(text);
  };
  const plain = <T>(result: T): T => (result === undefined ? result : JSON.parse(JSON.stringify(result)));

  for (const [index, each] of steps.entries()) {
    switch (each.do) {
      case 'login': {
        const result = directory.login(each.player, each.connection, now + offset, { session: each.session });
        same(shift(result), plain(model.login(each.player, each.connection, now, each.session)));
        if (result.kind === 'returned')
          told.delete(key({ player: each.player, connection: result.away.previousConnection }));
        break;
      }
      case 'ended': {
        const result = directory.ended(each.connection, each.how, now + offset);
        same(shift(result), plain(model.ended(each.connection, each.how, now)));
        const displaced = (result?.displaced ?? []).map((seat) => told.delete(key(seat)));
        if (options.secondLogin !== 'both') same(displaced.includes(false), false);
        // A player may be away twice after the same connection, under 'both'.
        if (result?.untilMs !== undefined) told.set(key(result), result.untilMs - offset);
        break;
      }
      case 'wait':
        now += each.ms;
        break;
      case 'expire': {
        const due = directory.expire(now + offset);
        same(plain(due), plain(model.expire(now)));
        if (options.secondLogin !== 'both')
          for (const seat of due) {
            expect(told.get(key(seat))).toBeLessThanOrEqual(now);
            same(told.delete(key(seat)), true);
          }
        same(directory.expire(now + offset), []);
        break;
      }
      case 'keep':
        same(
          directory.keep(each.player, `event ${index}`, each.bytes, each.room),
          model.keep(each.player, `event ${index}`, each.bytes, each.room),
        );
        break;
      case 'enter': {
        const seat = model.present().find((one) => one.connection === each.connection);
        same(directory.enterRoom(each.connection, each.room), seat !== undefined);
        if (seat !== undefined) seat.room = each.room;
        break;
      }
      case 'release': {
        const due = directory.release(each.player, each.room);
        same(plain(due), plain(model.release(each.player, each.room)));
        for (const seat of due) told.delete(key(seat));
        break;
      }
      case 'restore': {
        const text = JSON.stringify(directory.snapshot(now + offset));
        offset = each.clockMs;
        directory = PlayerDirectory.restore<string>(JSON.parse(text), now + offset, options);
        same(JSON.stringify(directory.snapshot(now + offset)), text);
      }
    }
    agree(directory, model, offset);
  }
  // Whoever is away is told of once, and then nothing is left but those who are there.
  const rest = directory.expire(now + offset + 1000);
  same(rest.length, model.away().length);
  same([directory.awayCount, directory.nextDeadlineMs, directory.keptBytes], [0, undefined, 0]);
  if (options.secondLogin !== 'both') same(rest.map(key).sort(), [...told.keys()].sort());
}

/** What can be asked, and what must hold whatever the model says. */
function agree(directory: PlayerDirectory<string>, model: NaiveDirectory, offset: number): void {
  const present = model.present();
  const away = model.away();
  const first = away[0]?.untilMs;
  same(directory.connections().sort(), present.map((seat) => seat.connection).sort());
  same(
    [directory.presentCount, directory.awayCount, directory.keptBytes, directory.nextDeadlineMs],
    [present.length, away.length, model.keptBytes(), first === undefined ? undefined : first + offset],
  );
  const { secondLogin, maxAway, maxKeptBytesInAll } = directory.settings;
  same([directory.awayCount <= maxAway, directory.keptBytes <= maxKeptBytesInAll], [true, true]);
  for (const { connection: id, player: name, room: where, session: which } of present)
    same([directory.playerOf(id), directory.roomOf(id), directory.sessionOf(id)], [name, where, which]);
  for (const name of PLAYERS) {
    const connections = directory.connectionsOf(name);
    const own = present.filter((seat) => seat.player === name).map((seat) => seat.connection);
    const seats = model.seats.filter((seat) => seat.player === name).length;
    const state = own.length > 0 ? 'present' : seats > 0 ? 'away' : 'gone';
    same([connections, directory.peerOf(name), directory.stateOf(name)], [own, own.at(-1), state]);
    for (const each of connections) same(directory.playerOf(each), name);
    if (secondLogin !== 'both') same([connections.length <= 1, seats <= 1], [true, true]);
  }
}

/** `expect` takes most of the time, where nothing is wrong as well. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

describe.each<SecondLogin>(['refuse', 'takeOver', 'both'])('secondLogin: %s', (secondLogin) => {
  test('every sequence does what a list of seats does', () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60, size: 'max' }), (options, steps) =>
        play({ secondLogin, ...options }, steps),
      ),
      fcParameters(200),
    );
  });
});
