/**
 * Whom a call reaches, and what it answers (scene-multiplayer 5.4 and 11.1, 3): every target from the server, from players in the
 * engine and from players of ours, with and without the relay; what the engine answers to misuse, beside our answer; who may call.
 * Each test says which errors the engine prints.
 */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VariantValue } from '../../../codec/index.ts';
import { peer } from '../../support/peers.ts';
import { Arena } from './Arena.ts';
import { type EnginePlayer, EnginePlayers } from './enginePlayers.ts';
import { OwnPlayer } from './OwnPlayer.ts';
import type { Player } from './player.ts';

const engine = peer('godot4');

describe.skipIf(engine.isMissing)(`targets of calls in Godot 4.6${engine.note}`, { timeout: 60_000 }, () => {
  let players: EnginePlayers;
  let server: Arena;
  let silent: Arena;
  let a: EnginePlayer;
  let b: EnginePlayer;
  const native = new OwnPlayer('native');
  const bot = new OwnPlayer('bot');
  const deaf: Server = createServer();

  beforeAll(async () => {
    [server, silent, players] = await Promise.all([
      Arena.open(),
      Arena.open({ serverRelay: false }),
      EnginePlayers.open(),
    ]);
    [a, b] = [await players.add('A'), await players.add('B')];
  }, 60_000);
  afterAll(async () => {
    for (const one of [bot, native, server, silent]) one?.close();
    await players?.close();
    deaf.close();
  });

  test.each([true, false])('every target from everybody, relay %s', async (isRelayed) => {
    const arena = isRelayed ? server : silent;
    await arena.gather([a, b, bot], [native]);
    const everybody: readonly Player[] = [arena, a, b, bot, native];
    const ids = everybody.map(({ id }) => id);
    const froms = everybody.map(({ log }) => log.length);
    const expected = everybody.map((): string[] => []);
    const wrong: string[] = [];
    const expectedErrors: string[] = [];
    let call = 0;
    const errors = await players.errorsOf(async () => {
      for (const sender of everybody) {
        const isHub = (one: Player): boolean => one === arena || isRelayed;
        const known = everybody.filter((one) => one !== sender && (isHub(one) || sender === arena));
        for (const target of [0, ...ids, ...ids.map((id) => -id), 77, -77, INT32_MAX, -INT32_MAX - 1]) {
          const isKnown = target === 0 || known.some(({ id }) => id === Math.abs(target));
          const isSelf = target === sender.id;
          for (const method of ['say', 'both'] as const) {
            const isLocal = method === 'both' && target !== -sender.id && (target <= 0 || isSelf);
            const isMeant = (one: Player): boolean =>
              one === sender
                ? isLocal
                : isKnown &&
                  known.includes(one) &&
                  (target === one.id || (target <= 0 && target !== -one.id));
            call++;
            for (const [i, one] of everybody.entries())
              if (isMeant(one)) expected[i]?.push(`Game.${method} ${sender.id} [${call}]`);
            const isRefused = isSelf && method === 'say';
            const result = await sender.rpc('Game', target, method, call);
            if (result !== (isRefused ? 31 : 0)) wrong.push(`${sender.name} ${method} ${target}: ${result}`);
            if (sender !== a && sender !== b) continue;
            if (isRefused)
              expectedErrors.push(`ERROR: RPC 'say' on yourself is not allowed by selected mode.`);
            else if (!isKnown && !isSelf)
              expectedErrors.push(`ERROR: Attempt to call RPC with unknown peer ID: ${target}.`);
          }
        }
      }
      await arena.settle([a, b, bot, native]);
    });
    expect(wrong).toEqual([]);
    for (const [i, one] of everybody.entries())
      expect(one.log.slice(froms[i]).sort(), one.name).toEqual(expected[i]?.sort());
    expect(errors).toEqual(expectedErrors);
    expect(arena.multiplayer.refusals()).toEqual({});
  });

  test('misuse: the answers of the engine and ours, connected, closed, connecting and without a transport', async () => {
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    await server.gather([a, bot]);
    await a.node('.', 'grow', '.', 'Out');
    await a.node('.', 'take_out', 'Out');
    bot.grow('.', 'Out');
    const out = bot.at('Out');
    out.remove();
    const byte = Uint8Array.of(1);
    const many = Array.from({ length: 255 }, () => 0);
    type Ask = (one: Player) => Promise<VariantValue>;
    const table: [what: string, ask: Ask, answers: VariantValue[]][] = [
      ['rpc', (one) => one.rpc('Game', 1, 'say'), [0, 27, 27, 3]],
      ['rpc to all', (one) => one.rpc('Game', 0, 'both'), [0, 27, 27, 3]],
      ['of 255 arguments', (one) => one.rpc('Game', 1, 'say', ...many), [0, 27, 27, 3]],
      ['without configuration', (one) => one.rpc('Game', 1, 'plain'), [31, 27, 27, 3]],
      ['without a function', (one) => one.rpc('Game', 1, 'nothing'), [31, 27, 27, 3]],
      ['to oneself', (one) => one.rpc('Game', one.id, 'say'), [31, 27, 27, 3]],
      ['to nobody', (one) => one.rpc('Game', 77, 'say'), [0, 27, 27, 3]],
      [
        'of a node outside',
        (one) => (one === a ? a.node('.', 'rpc_of_taken', 'Out', 1, 'say') : later(out.rpcId(1, 'say'))),
        [3, 3, 3, 3],
      ],
      [
        'by the API of a node outside',
        (one) =>
          one === a
            ? a.node('.', 'api_rpc_of_taken', 'Out', 1, 'say')
            : later(bot.multiplayer.rpc(1, out, 'say')),
        [31, 31, 31, 3],
      ],
      ...[0, 1, 77, -77].map((id): [string, Ask, VariantValue[]] => [
        `send_bytes to ${id}`,
        (one) => one.api('send_bytes', byte, id),
        [0, 3, 3, 3],
      ]),
      ['send_bytes to oneself', (one) => one.api('send_bytes', byte, one.id), [0, 3, 3, 3]],
      ['send_bytes of nothing', (one) => one.api('send_bytes', new Uint8Array(0), 1), [30, 30, 30, 30]],
      ['send_bytes of 65,535', (one) => one.api('send_bytes', new Uint8Array(65_535), 1), [6, 3, 3, 3]],
      ['send_auth to the server', (one) => one.api('send_auth', 1, byte), [31, 3, 3, 3]],
      ['send_auth to nobody', (one) => one.api('send_auth', 77, byte), [31, 3, 3, 3]],
      ['complete_auth of the server', (one) => one.api('complete_auth', 1), [31, 3, 3, 3]],
      ['complete_auth of nobody', (one) => one.api('complete_auth', 77), [31, 3, 3, 3]],
      ['has_multiplayer_peer', (one) => one.api('has_multiplayer_peer'), [true, true, true, false]],
      ['get_remote_sender_id', (one) => one.api('get_remote_sender_id'), [0, 0, 0, 0]],
      ['is_server', (one) => one.api('is_server'), [false, false, false, false]],
    ];
    const answers = (): Promise<VariantValue[][]> =>
      Promise.all(table.map(([, ask]) => Promise.all([ask(a), ask(bot)])));
    const seen: VariantValue[][][] = [];
    const errors = await players.errorsOf(async () => {
      seen.push(await answers());
      await server.settle([a, bot]);
      for (const one of [a, bot]) await one.leave();
      seen.push(await answers());
      for (const one of [a, bot]) await one.join(`ws://127.0.0.1:${(deaf.address() as AddressInfo).port}`);
      seen.push(await answers());
      for (const one of [a, bot]) await one.forget();
      seen.push(await answers());
    });
    expect(table.map(([what], i) => [what, ...seen.map((answer) => answer[i])])).toEqual(
      table.map(([what, , right]) => [what, ...right.map((answer) => [answer, answer])]),
    );
    expect([...new Set(errors)].sort()).toEqual(MISUSE_ERRORS);
  });
});

const INT32_MAX = 0x7fffffff;
const later = (value: number): Promise<number> => Promise.resolve(value);

/** What the engine prints about the misuse. */
const MISUSE_ERRORS = [
  'Attempt to call RPC with unknown peer ID: 77.',
  'Condition "!is_inside_tree()" is true. Returning: ERR_UNCONFIGURED',
  'Condition "!pending_peers.has(p_peer)" is true. Returning: ERR_INVALID_PARAMETER',
  'Condition "!pending_peers.has(p_to)" is true. Returning: ERR_INVALID_PARAMETER',
  'Condition "multiplayer_peer.is_null() || multiplayer_peer->get_connection_status() != MultiplayerPeer::CONNECTION_CONNECTED" is true. Returning: ERR_UNCONFIGURED',
  'Condition "outbound_buffer_size > 0 && (get_current_outbound_buffered_amount() + p_buffer_size >= outbound_buffer_size)" is true. Returning: ERR_OUT_OF_MEMORY',
  'No multiplayer peer is assigned. Unable to get unique ID.',
  "RPC 'say' on yourself is not allowed by selected mode.",
  'The object must be a valid Node inside the SceneTree',
  'Trying to call an RPC via a multiplayer peer which is not connected.',
  'Trying to call an RPC while no multiplayer peer is active.',
  'Trying to send a raw packet via a multiplayer peer which is not connected.',
  'Trying to send a raw packet while no multiplayer peer is active.',
  'Trying to send an empty raw packet.',
  ...['nothing', 'plain'].map(
    (name) =>
      `Unable to get the RPC configuration for the function "${name}" at path: "/root/Main/A/Game". This happens when the method is missing or not marked for RPCs in the local script.`,
  ),
].map((line) => `ERROR: ${line}`);
