/**
 * What calls and raw packets carry, bit for bit, between our server, the engine and a native player (scene-multiplayer 3.3, 3.4, 5.3,
 * 6): every type of Variant in every place among the arguments, over every transfer mode and channel; raw packets of many sizes to
 * every target. The engine prints nothing but what a test says. Not compared: the padding of NodePaths (padding.ts).
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bytesToVar,
  Callable,
  decodeVariant,
  EncodedObjectAsID,
  PackedStringArray,
  PackedVector4Array,
  RID,
  Signal,
  type VariantValue,
  Vector4,
  varToBytes,
} from '../../../codec/index.ts';
import { encodeArguments, readCall } from '../../../src/multiplayer/wire/remoteCall.ts';
import { fcParameters } from '../../support/fc.ts';
import { bytes, hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { exactVariant } from '../../support/variantArbitrary.ts';
import { Arena } from './Arena.ts';
import { type EnginePlayer, EnginePlayers } from './enginePlayers.ts';
import { goldenValues } from './goldenValues.ts';
import { OwnPlayer } from './OwnPlayer.ts';
import { leavesToChance, withoutPadding } from './padding.ts';
import { md5, type Player, until } from './player.ts';

const engine = peer('godot4');
const SEED = fcParameters().seed ?? 460;
const SIZES = [1, 2, 127, 128, 1392, 60_000];
const LOOSE = { strictTypedContainers: false } as const;

let deep: VariantValue = 7;
for (let i = 0; i < 200; i++) deep = [deep];
/** Beside the golden ones. */
const LARGE: readonly VariantValue[] = [
  new Uint8Array(39_000).map((_, i) => i),
  Int32Array.from({ length: 9000 }, (_, i) => (i % 2 === 0 ? i : -i) * 238_609),
  Float64Array.from([Number.NaN, -0, Infinity, -Infinity, 5e-324, Number.MAX_VALUE]),
  Float32Array.from({ length: 9000 }, (_, i) => i / 3),
  new PackedVector4Array(Array.from({ length: 2000 }, (_, i) => new Vector4(i, -0, Number.NaN, -i))),
  new PackedStringArray(Array.from({ length: 2000 }, (_, i) => '\u{1f984}é'.repeat(i % 3))),
  'ä\u{10ffff}'.repeat(6000),
  deep,
];

const TITLE = `values in calls of Godot 4.6, seed ${SEED}${engine.note}`;

describe.skipIf(engine.isMissing)(TITLE, { timeout: 90_000 }, () => {
  let players: EnginePlayers;
  let server: Arena;
  let a: EnginePlayer;
  let b: EnginePlayer;
  const native = new OwnPlayer('native', { dialect: '4.6' });
  /** What the server has received, as it came. */
  const packets: Uint8Array[] = [];

  beforeAll(async () => {
    [server, players] = await Promise.all([Arena.open({ dialect: '4.6' }), EnginePlayers.open()]);
    const transport = server.multiplayer.multiplayerPeer;
    if (transport === null) throw new Error('no transport');
    const getPacket = transport.getPacket.bind(transport);
    transport.getPacket = () => {
      const packet = getPacket();
      packets.push(packet);
      return packet;
    };
    [a, b] = [await players.add('A'), await players.add('B')];
    await server.gather([a, b], [native]);
    await server.settle([a, b, native]);
  }, 60_000);
  afterAll(async () => {
    native.close();
    server?.close();
    await players?.close();
  });

  const values: VariantValue[] = [
    ...goldenValues('values'),
    ...fc.sample(exactVariant, { numRuns: 500, seed: SEED }).map((value) => varToBytes(value)),
    ...LARGE.map((value) => varToBytes(value)),
  ].map((data) => bytesToVar(data, { exact: true }));

  /** Calls with these arguments, in order; what `to` heard of them. */
  async function carried(from: Player, to: Player, lists: readonly VariantValue[][]): Promise<string[]> {
    const before = to.calls.length;
    let size = 0;
    const waiting: Promise<number>[] = [];
    for (const [i, list] of lists.entries()) {
      const more = varToBytes(list, LOOSE).length;
      // A browser holds 65,536 bytes between two frames, and the engine sends no more.
      if (size + more > 45_000) {
        await until(
          () => to.calls.length >= before + i,
          () => `call ${i} of ${lists.length} from ${from.name} to ${to.name}`,
        );
        size = 0;
      }
      size += more;
      waiting.push(from.rpc('Game', to.id, 'say', ...list));
    }
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([0]));
    await until(
      () => to.calls.length >= before + lists.length,
      () => `calls from ${from.name} to ${to.name}`,
    );
    return to.calls.slice(before).map(({ args }) => args);
  }

  /** What arrived otherwise than it was sent. */
  function differences(lists: readonly VariantValue[][], got: readonly string[]): string[] {
    return lists.flatMap((list, i) => {
      const ours = varToBytes(list, LOOSE);
      const theirs = withoutPadding(bytes(got[i] ?? ''), ours);
      if (hex(theirs) === hex(ours)) return [];
      const read = decodeVariant(theirs, { exact: true, ...LOOSE }).value;
      const pairs = list.map((value, at) => [
        hex(varToBytes(value, LOOSE)),
        Array.isArray(read) && at in read ? hex(varToBytes(read[at], LOOSE)) : '',
      ]);
      const wrong = pairs.filter(([sent, there]) => sent !== there);
      return wrong.length > 0 ? wrong.map(([sent, there]) => `sent ${sent}\n  got ${there}`) : [hex(theirs)];
    });
  }

  test('in lists, in every place: server to engine and back, through the relay to a native player and back', async () => {
    const lists = inLists(values);
    for (const [from, to] of [
      [server, a],
      [a, server],
      [a, native],
      [native, a],
    ] as const) {
      const wrong = differences(lists, await carried(from, to, lists));
      expect(wrong.slice(0, 5), `${from.name} to ${to.name}: ${wrong.length}`).toEqual([]);
    }
    expect(players.errors).toEqual([]);
  });

  test('each alone, both ways; what the engine sends is what we would send, byte for byte', async () => {
    const lists = values.filter((value) => !isEmptyBytes(value)).map((value) => [value]);
    for (const [from, to] of [
      [server, a],
      [a, server],
    ] as const) {
      packets.length = 0;
      const wrong = differences(lists, await carried(from, to, lists));
      expect(wrong.slice(0, 5), `${from.name} to ${to.name}: ${wrong.length}`).toEqual([]);
    }
    const ours = lists.map((list) =>
      hex(encodeArguments(list, false, { dialect: '4.6' })?.bytes ?? new Uint8Array()),
    );
    const theirs = packets.flatMap((packet) => {
      const call = (packet[0] ?? 0) % 8 === 0 ? readCall(packet) : '';
      return typeof call === 'string' ? [] : [hex(packet.subarray(call.start, call.end))];
    });
    const exact = lists.flatMap((list, i) => (leavesToChance(list[0]) ? [] : [i]));
    expect(exact.length).toBeGreaterThan(lists.length / 2);
    expect(theirs).toHaveLength(lists.length);
    expect(exact.map((i) => theirs[i])).toEqual(exact.map((i) => ours[i]));
    expect(players.errors).toEqual([]);
  });

  test('no argument, 255 of them, more, and one empty PackedByteArray', async () => {
    const many = Array.from({ length: 255 }, (_, i) => BigInt(i));
    for (const [from, to] of [
      [server, a],
      [a, server],
    ] as const) {
      const lists = [[], many, [new Uint8Array(0), 1n], [[new Uint8Array(0)]]];
      expect(differences(lists, await carried(from, to, lists))).toEqual([]);
    }
    const empty = [new Uint8Array(0)];
    expect(differences([empty], await carried(server, a, [empty]))).toEqual([]);
    // The engine makes a call without arguments of it (5.3).
    expect(differences([[]], await carried(a, server, [empty]))).toEqual([]);
    expect(await server.rpc('Game', a.id, 'say', ...many, 0n)).toBe(31);
    const errors = await players.errorsOf(async () => {
      expect(await a.rpc('Game', 1, 'say', ...many, 0n)).toBe(0);
      await server.settle([a, b, native]);
    });
    expect(errors).toEqual(['ERROR: Too many arguments (>255).']);
    expect(server.calls.at(-1)?.args).toBe(hex(varToBytes([])));
  });

  test('what means something in the engine only: a callable, a signal, a node, an RID', async () => {
    const before = server.calls.length;
    expect(await a.node('.', 'send_live')).toBe(0);
    await until(
      () => server.calls.length > before,
      () => 'the call',
    );
    const live = bytesToVar(bytes(server.calls.at(-1)?.args ?? ''), { exact: true });
    if (!Array.isArray(live)) throw new Error('no arguments');
    const [callable, signal, node, rid, nothing] = live;
    expect(callable).toEqual(new Callable());
    expect(signal).toMatchObject({ name: 'peer_connected' });
    expect([signal, node, rid].map((value) => value?.constructor)).toEqual([Signal, EncodedObjectAsID, RID]);
    expect([nothing, live.length]).toEqual([null, 5]);
  });

  test('every transfer mode and channel: a WebSocket keeps the order of all', async () => {
    const methods = ['say', 'loose', 'loose3', 'ordered', 'ordered2', 'sure9'];
    const froms = [server, a, b, native].map(({ log }) => log.length);
    for (let n = 0; n < 60; n++) {
      const method = methods[n % methods.length] ?? 'say';
      await server.rpc('Game', 0, method, n);
      await a.rpc('Game', 0, method, n);
    }
    await server.settle([a, b, native]);
    const heard = (one: Player, i: number, from: Player): string[] =>
      one.log.slice(froms[i]).filter((line) => line.split(' ')[1] === String(from.id));
    const sent = (from: Player): string[] =>
      Array.from({ length: 60 }, (_, n) => `Game.${methods[n % methods.length]} ${from.id} [${n}]`);
    expect(heard(a, 1, server)).toEqual(sent(server));
    expect(heard(b, 2, server)).toEqual(sent(server));
    expect(heard(server, 0, a)).toEqual(sent(a));
    expect(heard(b, 2, a)).toEqual(sent(a));
    // A relayed call goes on as it came: what a browser sends is reliable and in order to the end.
    expect(heard(native, 3, a)).toEqual(sent(a));
    // Over ENet what is unreliable may be lost or overtaken.
    expect(heard(native, 3, server).filter((line) => line.startsWith('Game.say'))).toEqual(
      sent(server).filter((line) => line.startsWith('Game.say')),
    );
  });

  test('raw packets of 1 to 60,000 bytes to every target', async () => {
    const everybody: readonly Player[] = [server, a, b, native];
    for (const size of SIZES) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) & 255);
      const froms = everybody.map(({ log }) => log.length);
      let waiting = 0;
      const expected = everybody.map((): string[] => []);
      for (const from of everybody) {
        for (const target of [0, -1, ...everybody.flatMap(({ id }) => [id, -id]), -77]) {
          const isHub = from === server;
          // 5.4 and 11.2 (18): a server does not send to itself; a client sends to all others, and to itself by name.
          if (isHub && (target === 1 || target === -1)) continue;
          const reaches = (to: Player): boolean =>
            target > 0 ? to.id === target : to !== from && to.id !== -target;
          expect(await from.api('send_bytes', bytes, target), `${from.name} to ${target}`).toBe(0);
          for (const [i, to] of everybody.entries())
            if (reaches(to)) expected[i]?.push(`bytes ${from.id} ${size} ${md5(bytes)}`);
          // A browser takes 65,536 bytes between two frames, and sends no more.
          waiting += size;
          if (waiting > 25_000) {
            await server.settle([a, b, native]);
            waiting = 0;
          }
        }
      }
      await server.settle([a, b, native]);
      for (const [i, to] of everybody.entries())
        expect(to.log.slice(froms[i]).sort(), `${size} bytes to ${to.name}`).toEqual(expected[i]?.sort());
    }
    expect(server.multiplayer.refusals()).toEqual({});
  });

  test('raw packets without the relay: the server has what is for it, and nobody anything else', async () => {
    const froms = [server, b, native].map(({ log }) => log.length);
    server.multiplayer.serverRelay = false;
    for (const target of [0, -1, b.id, -b.id, 1])
      expect(await a.api('send_bytes', Uint8Array.of(1), target)).toBe(0);
    await server.until(`bytes ${a.id} 1 ${md5(Uint8Array.of(1))}`, froms[0]);
    expect(server.multiplayer.refusals()).toEqual({ 'relay-refused': 4 });
    server.multiplayer.serverRelay = true;
    await server.settle([a, b, native]);
    expect([server, b, native].map(({ log }, i) => log.length - (froms[i] ?? 0))).toEqual([1, 0, 0]);
  });

  test('more than a browser holds between two frames is lost there, unless the game made its inbound buffer larger', async () => {
    const burst = async (): Promise<[heard: number, errors: string[]]> => {
      const before = a.calls.length;
      const errors = await players.errorsOf(async () => {
        for (let n = 0; n < 8; n++) await server.rpc('Game', a.id, 'say', new Uint8Array(20_000));
        await until(
          () => a.calls.length > before,
          () => 'the first',
        );
        await server.settle([a, b, native]);
      });
      return [a.calls.length - before, errors];
    };
    const [heard, errors] = await burst();
    expect(heard).toBeGreaterThanOrEqual(3);
    // How many frames the burst meets is the browser's affair.
    expect(errors).toEqual(Array(8 - heard).fill('ERROR: Buffer payload full! Dropping data.'));
    const { id } = a;
    await a.leave();
    await b.until(`-${id}`);
    await a.node('.', 'join', server.url, 1 << 20);
    await until(
      () => a.id !== id && server.multiplayer.getPeers().includes(a.id),
      () => 'the same player again',
    );
    for (const one of [b, native]) await one.until(`+${a.id}`);
    await server.settle([a, b, native]);
    expect(await burst()).toEqual([8, []]);
  });
});

/** Lists of at most 255 values and 40,000 bytes. */
function inLists(values: readonly VariantValue[]): VariantValue[][] {
  const lists: VariantValue[][] = [[]];
  let size = 0;
  for (const value of values) {
    const bytes = varToBytes(value, LOOSE).length;
    if (size + bytes > 40_000 || lists.at(-1)?.length === 255) {
      lists.push([]);
      size = 0;
    }
    lists.at(-1)?.push(value);
    size += bytes;
  }
  return lists;
}

const isEmptyBytes = (value: VariantValue): boolean => value instanceof Uint8Array && value.length === 0;
