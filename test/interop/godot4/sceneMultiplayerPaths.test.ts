/**
 * Which node a call finds (scene-multiplayer 4 and 11.2, 20 to 23): nodes that are renamed, moved, taken out, freed or loaded late,
 * on the server's side or the engine's, and gates. Each test says which errors the engine prints; with gates there are none.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peer } from '../../support/peers.ts';
import { Arena } from './Arena.ts';
import { type EnginePlayer, EnginePlayers } from './enginePlayers.ts';
import { OwnPlayer } from './OwnPlayer.ts';
import { type Observed, observed } from './observed.ts';
import { type Player, until } from './player.ts';

const engine = peer('godot4');

describe.skipIf(engine.isMissing)(`paths of Godot 4.6${engine.note}`, { timeout: 60_000 }, () => {
  let players: EnginePlayers;
  let server: Arena;
  let a: EnginePlayer;
  let b: EnginePlayer;
  const native = new OwnPlayer('native');
  let all: readonly Player[];

  beforeAll(async () => {
    [server, players] = await Promise.all([Arena.open(), EnginePlayers.open()]);
    [a, b] = [await players.add('A'), await players.add('B')];
    await server.gather([a, b], [native]);
    all = [server, a, b, native];
  }, 60_000);
  afterAll(async () => {
    native.close();
    server?.close();
    await players?.close();
  });

  const seen = (action: () => Promise<unknown>): Promise<Observed> =>
    observed(server, players, [a, b, native], action);
  const growAll = (name: string, who: readonly Player[] = all): Promise<unknown> =>
    Promise.all(who.map((one) => one.grow('.', name)));
  /** The server calls a node of A, and A the server's, by the path that each has. */
  const bothWays = (there: string, here = there): Promise<Observed> =>
    seen(async () => {
      await server.rpc(here, a.id, 'say', 'down');
      await a.rpc(there, 1, 'say', 'up');
    });
  /** What comes of {@link bothWays} when both calls arrive, without an error. */
  const arrives = (there: string, here = there): object => ({
    noted: { server: [`${here}.say ${a.id} ["up"]`], A: [`${there}.say 1 ["down"]`], B: [], native: [] },
    errors: [],
    refusals: {},
  });
  /** Both have the node, and have confirmed it to each other. */
  async function meet(name: string): Promise<void> {
    await growAll(name, [server, a]);
    for (let i = 0; i < 2; i++) expect(await bothWays(name)).toEqual(arrives(name));
    await until(
      () => server.multiplayer.metrics().unconfirmedPaths === 0,
      () => `${name} is confirmed`,
    );
  }
  const nothing = { server: [], A: [], B: [], native: [] };

  test('renamed on both sides: numbers go with their nodes', async () => {
    await meet('Old');
    await a.node('Old', 'set_name', 'New');
    expect(await bothWays('New', 'Old')).toEqual(arrives('New', 'Old'));
    server.at('Old').rename('Other');
    expect(await bothWays('New', 'Other')).toEqual(arrives('New', 'Other'));
    // A newcomer is told the new name.
    await b.grow('.', 'Other');
    expect((await seen(() => server.rpc('Other', b.id, 'say', 1))).noted['B']).toEqual(['Other.say 1 [1]']);
  });

  test('taken out and put back', async () => {
    await meet('Out');
    await a.node('.', 'take_out', 'Out');
    // The engine calls it all the same.
    expect((await seen(() => server.rpc('Out', a.id, 'say', 1))).noted['A']).toEqual(['(Out).say 1 [1]']);
    await a.node('.', 'put_back', 'Out', '.');
    expect(await bothWays('Out')).toEqual(arrives('Out'));

    const node = server.at('Out');
    node.remove();
    expect(await seen(() => a.rpc('Out', 1, 'say', 1))).toEqual({
      noted: nothing,
      errors: [],
      refusals: { 'unknown-node': 1 },
    });
    server.mirror.root.attach(node);
    expect(await bothWays('Out')).toEqual(arrives('Out'));
  });

  test('freed and made again', async () => {
    await meet('Twice');
    await a.node('Twice', 'free');
    expect(await seen(() => server.rpc('Twice', a.id, 'say', 1))).toEqual({
      noted: nothing,
      errors: [
        'Node not found: "Twice" (relative to "/root/Main/A").',
        expect.stringMatching(/^Failed to get cached node from peer 1 with cache ID \d+\.$/),
        'Invalid packet received. Requested node was not found.',
      ],
      refusals: {},
    });
    await a.grow('.', 'Twice');
    expect(await bothWays('Twice')).toEqual(arrives('Twice'));

    server.at('Twice').free();
    expect(await seen(() => a.rpc('Twice', 1, 'say', 1))).toEqual({
      noted: nothing,
      errors: [],
      refusals: { 'unknown-node': 1 },
    });
    await server.grow('.', 'Twice');
    expect(await bothWays('Twice')).toEqual(arrives('Twice'));
  });

  test('moved to another parent on one side, then on the other', async () => {
    await meet('Moved');
    await a.node('.', 'take_out', 'Moved');
    await a.node('.', 'put_back', 'Moved', 'Game');
    // Outside of the tree it lost its number: the new path is one that the server lacks. The server's number goes with the node.
    expect(await bothWays('Game/Moved', 'Moved')).toEqual({
      noted: { ...nothing, A: ['Game/Moved.say 1 ["down"]'] },
      errors: [],
      refusals: { 'unknown-node': 2 },
    });
    server.at('Moved').reparent(server.at('Game'));
    expect(await bothWays('Game/Moved')).toEqual(arrives('Game/Moved'));
    server.at('Game/Moved').reparent(server.mirror.root);
    expect(await bothWays('Game/Moved', 'Moved')).toEqual({
      noted: nothing,
      errors: [
        'Node not found: "Moved" (relative to "/root/Main/A").',
        'Parameter "node" is null.',
        'Node not found: "Moved" (relative to "/root/Main/A").',
        'Failed to get path from RPC: Moved.',
        'Invalid packet received. Requested node was not found.',
      ],
      // The engine announces once: it sends the path for ever.
      refusals: { 'unknown-node': 1 },
    });
    server.at('Moved').reparent(server.at('Game'));
    expect(await bothWays('Game/Moved')).toEqual(arrives('Game/Moved'));
  });

  test('loaded late without a gate: announced again, with full paths until it is confirmed', async () => {
    await growAll('Late', [server, native]);
    const lost = await seen(() => server.rpc('Late', 0, 'say', 'lost'));
    expect(lost.noted).toEqual({ ...nothing, native: ['Late.say 1 ["lost"]'] });
    // Two clients lack it: each prints what it thinks of the announcement and of the call.
    expect(lost.errors.filter((line) => line.startsWith('Parameter "node" is null'))).toHaveLength(2);
    expect(lost.errors.filter((line) => line === 'Failed to get path from RPC: Late.')).toHaveLength(2);
    expect(lost.errors.every((line) => LATE_ERRORS.test(line))).toBe(true);
    expect(server.multiplayer.metrics().unconfirmedPaths).toBe(2);
    await growAll('Late', [a, b]);
    const { noted, errors } = await seen(async () => {
      await server.rpc('Late', 0, 'say', 'by path');
      await until(
        () => server.multiplayer.metrics().unconfirmedPaths === 0,
        () => 'confirmed after the second announcement',
      );
      await server.rpc('Late', 0, 'say', 'by number');
    });
    const both = ['Late.say 1 ["by path"]', 'Late.say 1 ["by number"]'];
    expect(noted).toEqual({ server: [], A: both, B: both, native: both });
    expect(errors).toEqual([]);
  });

  test('loaded late behind a gate: every call arrives, in order, and nothing is printed', async () => {
    const { multiplayer } = server;
    const path = '/root/Level';
    for (const one of [a, b]) expect(multiplayer.gate(one.id, path)).toBe(0);
    await growAll('Level', [server, native]);
    await Promise.all([server, native].map((one) => one.grow('Level', 'Unit')));
    const waiting = await seen(async () => {
      for (const n of [1, 2]) await server.rpc('Level/Unit', 0, 'say', n);
      await server.rpc('Level', a.id, 'Upper');
      await server.rpc('Level', 0, 'loose', 'lost');
    });
    const calls = ['Level/Unit.say 1 [1]', 'Level/Unit.say 1 [2]'];
    expect(waiting.noted).toEqual({ ...nothing, native: [...calls, 'Level.loose 1 ["lost"]'] });
    expect(waiting.errors).toEqual([]);

    const opened = [a, b].map(async ({ id }) => multiplayer.whenOpen(id, `${path}/Unit`));
    const loaded = await seen(async () => {
      for (const one of [a, b]) {
        await one.grow('.', 'Level');
        await one.grow('Level', 'Unit');
        await one.rpc('Game', 1, 'say', 'loaded');
        await server.until(`Game.say ${one.id} ["loaded"]`);
        expect(multiplayer.open(one.id, path)).toBe(0);
      }
      await Promise.all(opened);
      await server.rpc('Level/Unit', 0, 'say', 3);
    });
    expect(loaded.noted).toMatchObject({
      A: [...calls, 'Level.Upper 1 []', 'Level/Unit.say 1 [3]'],
      B: [...calls, 'Level/Unit.say 1 [3]'],
      native: ['Level/Unit.say 1 [3]'],
    });
    expect([loaded.errors, loaded.refusals]).toEqual([[], {}]);

    // The client loads the level once more: its nodes are other ones, under fresh numbers.
    expect(multiplayer.gate(a.id, path)).toBe(0);
    await a.node('Level', 'free');
    const again = await seen(async () => {
      await server.rpc('Level/Unit', a.id, 'say', 4);
      await a.grow('.', 'Level');
      await a.grow('Level', 'Unit');
      multiplayer.open(a.id, path);
      await a.until('Level/Unit.say 1 [4]');
    });
    expect(again).toEqual({ noted: { ...nothing, A: ['Level/Unit.say 1 [4]'] }, errors: [], refusals: {} });
    await expect(multiplayer.whenOpen(77, path)).rejects.toThrow('no peer');
  });

  test('a player that loads before the server: its calls are refused, and arrive once the node is there', async () => {
    await a.grow('.', 'Early');
    expect(await seen(() => a.rpc('Early', 1, 'say', 'lost'))).toEqual({
      noted: nothing,
      errors: [],
      refusals: { 'unknown-node': 2 },
    });
    await server.grow('.', 'Early');
    expect(await bothWays('Early')).toEqual(arrives('Early'));
  });
});

/** What the engine prints of an announcement and a call of a node that it lacks. */
const LATE_ERRORS =
  /^(Node not found: "Late"|Parameter "node" is null|Failed to get path from RPC: Late|Invalid packet received\. Requested node was not found)/;
