/**
 * Authentication between a server of ours and the engine (scene-multiplayer 3.1 and 11.2, 14 and 16) in all combinations, and
 * connections that end and come again. Each login is played twice, by the engine and by a client of ours: both do the same.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VariantValue } from '../../../codec/index.ts';
import { peer } from '../../support/peers.ts';
import { Arena } from './Arena.ts';
import { type EnginePlayer, EnginePlayers } from './enginePlayers.ts';
import { LOGINS, type Login } from './logins.ts';
import { OwnPlayer } from './OwnPlayer.ts';
import { type Player, until } from './player.ts';

const engine = peer('godot4');

describe.skipIf(engine.isMissing)(`logins of Godot 4.6${engine.note}`, { timeout: 60_000 }, () => {
  let players: EnginePlayers;
  let server: Arena;
  let a: EnginePlayer;
  // It asks nobody for a version, as the engine does not.
  const bot = new OwnPlayer('bot', { dialect: '4.6' });

  beforeAll(async () => {
    [server, players] = await Promise.all([Arena.open(), EnginePlayers.open()]);
    a = await players.add('A');
  }, 60_000);
  afterAll(async () => {
    for (const one of [bot, server]) one?.close();
    await players?.close();
  });

  /** Plays a login, and gives what came of it. */
  async function play(one: Player, login: Login): Promise<Record<string, unknown>> {
    const { multiplayer, log } = server;
    const before = multiplayer.metrics();
    const refusedBefore = multiplayer.refusals();
    const [from, fromThere] = [log.length, one.log.length];
    await server.ask(login.serverAsks, login.serverTimeout ?? 5);
    await one.ask(login.clientAsks, login.clientTimeout ?? 5);
    let answers: VariantValue[] = [];
    const errors = await players.errorsOf(async () => {
      await one.join(server.url);
      await server.lines(from, 1);
      const id = Number(log[from]?.slice(1));
      await one.lines(fromThere, login.clientAsks ? 1 : 2);
      answers = await login.play(one, server, id);
      await server.lines(from, login.server.length);
      await one.lines(fromThere, login.client.length);
    });
    const after = multiplayer.metrics();
    const plain = (lines: readonly string[]): string[] =>
      lines.map((line) => line.replace(/\b\d{4,}\b/, 'ID'));
    const result = {
      answers,
      client: plain(one.log.slice(fromThere)),
      server: plain(log.slice(from)),
      refusals: Object.fromEntries(
        Object.entries(multiplayer.refusals())
          .map(
            ([reason, count]) =>
              [
                reason,
                count - (Object.entries(refusedBefore).find(([name]) => name === reason)?.[1] ?? 0),
              ] as const,
          )
          .filter(([, count]) => count !== 0),
      ),
      counts: [
        after.authentications - before.authentications,
        after.authenticationFailures - before.authenticationFailures,
      ],
      ...(one === a && { errors: errors.sort() }),
    };
    await one.forget();
    await until(
      () => server.web.metrics().peers === 0,
      () => 'gone',
    );
    await until(
      () => multiplayer.getPeers().length + multiplayer.getAuthenticatingPeers().length === 0,
      () => 'gone',
    );
    return result;
  }

  test.each(Object.keys(LOGINS))('%s', async (name) => {
    const login = LOGINS[name];
    if (login === undefined) throw new Error(name);
    const { answers, client, server: there, refusals = {}, counts, errors = [] } = login;
    const right = { answers, client, server: there, refusals, counts };
    expect(await play(bot, login), 'ours').toEqual(right);
    const engines = await play(a, login);
    expect(engines, 'the engine').toEqual({
      ...right,
      errors: errors.map((line) => `ERROR: ${line}`).sort(),
    });
  });

  describe('ends and returns', () => {
    let room: Arena;
    let b: EnginePlayer;
    const native = new OwnPlayer('native');
    let from: ReadonlyMap<Player, number>;
    const mark = (): void => {
      from = new Map([room, a, b, bot, native].map((one) => [one, one.log.length]));
    };
    const since = (one: Player): string[] => one.log.slice(from.get(one));
    const isGone = (id: number): Promise<void> =>
      until(
        () => !room.multiplayer.getPeers().includes(id),
        () => `${id} is gone`,
      );

    beforeAll(async () => {
      room = await Arena.open();
      b = await players.add('B');
      for (const one of [a, bot]) await one.ask(false, 5);
      await room.gather([b], [native]);
    });
    afterAll(() => {
      native.close();
      room.close();
    });

    /** Everybody calls everybody, and nothing is refused or printed. */
    async function playTogether(present: readonly Player[]): Promise<void> {
      mark();
      const refused = room.multiplayer.refusals();
      const errors = await players.errorsOf(async () => {
        for (const one of [room, ...present]) await one.rpc('Game', 0, 'say', one.name);
        await room.settle(present);
        // What is still under way when somebody is kicked comes from a stranger.
        await until(
          () => room.multiplayer.metrics().unconfirmedPaths === 0,
          () => 'confirmations',
        );
      });
      for (const one of [room, ...present]) {
        const others = [room, ...present].filter((other) => other !== one);
        expect(since(one).sort()).toEqual(others.map(({ id, name }) => `Game.say ${id} ["${name}"]`).sort());
      }
      expect(errors).toEqual([]);
      expect(room.multiplayer.refusals()).toEqual(refused);
      mark();
    }

    test('the same client five times in a row; it closes, or is kicked; its room mates hear of it', async () => {
      const ids = new Set<number>();
      for (let round = 0; round < 5; round++) {
        const closes = round % 2 === 0;
        await room.gather([a], [], [b, native]);
        const { id } = a;
        ids.add(id);
        await playTogether([a, b, native]);
        if (closes) await a.leave();
        else room.multiplayer.disconnectPeer(id);
        await a.until('lost', from.get(a));
        await isGone(id);
        for (const other of [b, native]) await other.until(`-${id}`, from.get(other));
        // A kick has no signal on the server. Who closes hears of nobody.
        expect([since(room), since(a)]).toEqual([
          closes ? [`-${id}`] : [],
          closes ? ['lost'] : ['-1', 'lost'],
        ]);
        expect([since(b), since(native)]).toEqual([[`-${id}`], [`-${id}`]]);
      }
      expect(ids.size).toBe(5);
      await playTogether([b, native]);
    });

    test('room mates hear of a player once it has authenticated, and of one that does not, nothing', async () => {
      await room.ask(true, 5);
      await a.ask(true, 5);
      for (const succeeds of [false, true]) {
        mark();
        await a.join(room.url);
        const asked = (await room.lines(from.get(room) ?? 0, 1))[0] ?? '';
        const id = Number(asked.slice(1));
        await a.until('?1', from.get(a));
        await room.settle([b, native]);
        expect([since(b), since(native), since(room)]).toEqual([[], [], [`?${id}`]]);
        if (!succeeds) {
          room.multiplayer.disconnectPeer(id);
          await a.until('lost', from.get(a));
          await room.settle([b, native]);
          expect([since(b), since(native)]).toEqual([[], []]);
          continue;
        }
        await room.api('complete_auth', id);
        await a.api('complete_auth', 1);
        for (const other of [b, native]) await other.until(`+${id}`, from.get(other));
        for (const other of [b, native]) await a.until(`+${other.id}`, from.get(a));
        const heard = since(a);
        expect(heard.slice(0, 3)).toEqual(['?1', `connected ${id}`, '+1']);
        // In the order in which those were admitted.
        expect(heard.slice(3).toSorted()).toEqual([`+${b.id}`, `+${native.id}`].toSorted());
        await playTogether([a, b, native]);
        await a.leave();
        await b.until(`-${id}`);
      }
      for (const one of [room, a]) await one.ask(false, 5);
    });

    test('without the relay nobody hears of a kick but who is kicked', async () => {
      await room.gather([a], [], [b, native]);
      room.multiplayer.serverRelay = false;
      mark();
      const { id } = a;
      room.multiplayer.disconnectPeer(id);
      await a.until('lost', from.get(a));
      await isGone(id);
      await room.settle([b, native]);
      expect([since(a), since(b), since(native), since(room)]).toEqual([['-1', 'lost'], [], [], []]);
      room.multiplayer.serverRelay = true;
    });

    test('a client that disconnects a room mate, or the server, does so for itself alone', async () => {
      for (const one of [bot, a]) {
        await room.gather([one], [], [b, native]);
        mark();
        const { id } = one;
        const errors = await players.errorsOf(async () => {
          await one.api('disconnect_peer', b.id);
          await one.rpc('Game', b.id, 'say', 'to b');
          await b.rpc('Game', id, 'say', 'from b');
          await one.until(`Game.say ${b.id} ["from b"]`);
          await one.api('disconnect_peer', 1);
          await one.until('lost', from.get(one));
        });
        await isGone(id);
        await b.until(`-${id}`, from.get(b));
        expect([since(one), since(b), since(room)]).toEqual([
          [`Game.say ${b.id} ["from b"]`, 'lost'],
          [`-${id}`],
          [`-${id}`],
        ]);
        expect(errors).toEqual(
          one === bot
            ? []
            : [
                'ERROR: Condition "!peers_map.has(p_peer_id)" is true.',
                `ERROR: Attempt to call RPC with unknown peer ID: ${b.id}.`,
                // It does not know who announces a node through the relay.
                'ERROR: Condition "!peers_info.has(p_from)" is true.',
              ],
        );
      }
    });

    test('a server that comes again on its ports', async () => {
      await room.gather([a], [], [b, native]);
      await playTogether([a, b, native]);
      const { ports } = room;
      room.close();
      for (const one of [a, b, native]) await one.until('lost', from.get(one));
      expect([a, b, native].map(since)).toEqual([
        ['-1', 'lost'],
        ['-1', 'lost'],
        ['-1', 'lost'],
      ]);
      room = await Arena.open({}, ports);
      await room.gather([b, a], [native]);
      await playTogether([a, b, native]);
    });
  });
});
