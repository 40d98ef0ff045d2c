/** Our client against a real server of Godot 3. Implements the checks of godot-enet-classes appendix A. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bytesToVar, type VariantInput, varToBytes } from '../../../codec/index.ts';
import { prepareZstd } from '../../../src/godot.ts';
import { bytes, hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { insist, Stage, summaryOf } from './game.ts';

const { isMissing, note } = peer('godot3');
const GODOT_3 = { dialect: 'godot3', exact: true } as const;
const SERVER = 1;
const RAW = 4;

describe.skipIf(isMissing)(`our client, a server of Godot 3${note}`, () => {
  const stage = new Stage();

  beforeAll(async () => {
    await prepareZstd();
  });

  afterEach(() => stage.clear());

  test('connects; remote calls with every type of value, both ways', async () => {
    const { engine, port } = await stage.realServer();
    const client = stage.client(port);
    const id = client.peer.getUniqueId();
    await client.event('connectionSucceeded');
    expect(client.events).toEqual(['peerConnected 1', 'connectionSucceeded']);
    expect(await engine.line(`peer_connected ${id}`)).toBe('');

    client.call(SERVER, 'print_values');
    await engine.line('values_end');
    const values = engine.all('value ');
    client.call(SERVER, 'ask_echoes', id);
    await client.until('all calls', () => client.calls.length === values.length);
    expect(client.calls.every(({ from, path }) => from === SERVER && path === 'Main')).toBe(true);
    await engine.many(`echoed ${id} `, values.length);

    for (const text of values) client.call(SERVER, 'echo', bytesToVar(bytes(text), GODOT_3) as VariantInput);
    await client.until('the echoes', () => client.calls.length === 2 * values.length);
    expect(
      client.calls.slice(values.length).map(({ args }) => hex(varToBytes(args[0] as VariantInput, GODOT_3))),
    ).toEqual(
      values
        .map((text) => hex(varToBytes(bytesToVar(bytes(text), { dialect: 'godot3' }), GODOT_3)))
        // The engine reads the path "/" as the empty path.
        .map((text) => text.replace('0f000000000000800000000001000000', '0f000000000000800000000000000000')),
    );
    client.call(SERVER, 'set_mark', id, [1, 'two']);
    await client.until('the set', () => client.sets.length === 1);
    expect(client.sets).toEqual([{ property: 'mark', value: [1, 'two'] }]);
  });

  test('all transfer modes, both ways', async () => {
    const { engine, port } = await stage.realServer({ CHANNELS: '5' });
    const client = stage.client(port, 0, 5);
    const id = client.peer.getUniqueId();
    await client.event('connectionSucceeded');
    const reaches = (first: number, mode: 0 | 1 | 2): Promise<void> =>
      insist(
        () => client.put(SERVER, Uint8Array.of(RAW, first), mode),
        () => engine.lines.includes(`packet ${id} ${first.toString(16)}`),
      );
    for (const mode of [0, 1, 2] as const) {
      await reaches(0x30 + mode, mode);
      await insist(
        () => client.call(SERVER, 'send_raw', Uint8Array.of(mode, 7), id, mode),
        () => client.raws.some((raw) => raw.bytes[0] === mode),
      );
    }
    client.peer.transferChannel = 3;
    await reaches(0x53, 2);
    client.peer.transferChannel = -1;
    expect(summaryOf(client.raws)).toEqual([
      [SERVER, 0, 0, 2],
      [SERVER, 1, 1, 2],
      [SERVER, 2, 2, 1],
    ]);
  });

  test('two of ours through its relay: who is there, who gets what', async () => {
    const { engine, port } = await stage.realServer();
    const a = stage.client(port);
    await a.event('connectionSucceeded');
    const b = stage.client(port);
    const ids = [a.peer.getUniqueId(), b.peer.getUniqueId()] as const;
    await a.event(`peerConnected ${ids[1]}`);
    await b.event(`peerConnected ${ids[0]}`);
    expect(b.events).toEqual(['peerConnected 1', 'connectionSucceeded', `peerConnected ${ids[0]}`]);
    expect(a.peer.getPeerIds()).toEqual([SERVER, ids[1]]);

    a.put(ids[1], Uint8Array.of(RAW, 0xa1));
    a.put(0, Uint8Array.of(RAW, 0xa2));
    a.put(-ids[1], Uint8Array.of(RAW, 0xa3));
    a.put(-SERVER, Uint8Array.of(RAW, 0xa4));
    a.put(SERVER, Uint8Array.of(RAW, 0xa5));
    a.put(0, Uint8Array.of(RAW, 0xaf));
    await engine.line(`packet ${ids[0]} af`);
    await b.until('the last one', () => b.raws.some((raw) => raw.bytes[0] === 0xaf));
    expect(engine.all(`packet ${ids[0]} `)).toEqual(['a2', 'a3', 'a5', 'af']);
    expect(b.raws.map(({ from, bytes: data }) => [from, data[0]])).toEqual([
      [ids[0], 0xa1],
      [ids[0], 0xa2],
      [ids[0], 0xa4],
      [ids[0], 0xaf],
    ]);
    expect(a.raws).toEqual([]);

    b.call(ids[0], 'hello', 1);
    await a.until('the call', () => a.calls.length === 1);
    expect(a.calls[0]).toMatchObject({ from: ids[1], path: 'Main', method: 'hello', args: [1] });
    b.call(ids[0], 'hello', 2);
    await a.until('the second call', () => a.calls.length === 2);
    b.peer.close();
    await a.event(`peerDisconnected ${ids[1]}`);
  });

  test('kicked: at once, and later', async () => {
    const { engine, port } = await stage.realServer();
    const a = stage.client(port);
    await a.event('connectionSucceeded');
    const b = stage.client(port);
    await b.event('connectionSucceeded');
    await a.event(`peerConnected ${b.peer.getUniqueId()}`);
    const [idA, idB] = [a.peer.getUniqueId(), b.peer.getUniqueId()];
    a.call(SERVER, 'kick', idB, true);
    await b.event('serverDisconnected');
    expect(b.peer.getConnectionStatus()).toBe(0);
    await a.event(`peerDisconnected ${idB}`);
    a.call(SERVER, 'send_raw', Uint8Array.of(0xc1), idA, 2);
    a.call(SERVER, 'kick', idA, false);
    await a.event('serverDisconnected');
    // What was queued came first, and is there however late it is fetched.
    expect(a.raws.map((raw) => raw.bytes[0])).toEqual([0xc1]);
    expect(await engine.line(`peer_disconnected ${idA}`)).toBe('');
  });

  test('a server that dies is lost after the timeout; a client that dies, there', async () => {
    const { engine, port } = await stage.realServer();
    const quiet = stage.client(port);
    await quiet.event('connectionSucceeded');
    const loud = stage.client(port);
    await loud.event('connectionSucceeded');
    const id = quiet.peer.getUniqueId();
    // Without a word: the real server has to find out by itself, which takes ENet 5 seconds at least.
    quiet.peer.host?.destroy();
    expect(await engine.line(`peer_disconnected ${id}`, 45_000)).toBe('');
    await loud.event(`peerDisconnected ${id}`);
    loud.peer.getPeer(SERVER)?.setTimeout(4, 300, 800);
    await engine.stop();
    await loud.event('serverDisconnected');
  }, 70_000);

  test.each([
    [0, 'none', 0],
    [1, 'range coder', 1],
    [2, 'FastLZ', 2],
    [3, 'zlib', 3],
    [4, 'zstd', 4],
    [0, 'none here, and the range coder there, as Godot 3.4 and later start', 1],
  ] as const)('compression %i: %s', async (ours, _name, theirs) => {
    const { port } = await stage.realServer({ COMPRESSION: String(theirs) });
    const client = stage.client(port, ours);
    await client.event('connectionSucceeded');
    const text = 'all work and no play makes jack a dull boy. '.repeat(60);
    for (let index = 0; index < 20; index++) client.call(SERVER, 'echo', [index, text]);
    await client.until('20 echoes', () => client.calls.length === 20);
    expect(client.calls.map(({ args }) => args[0])).toEqual(
      Array.from({ length: 20 }, (_, index) => [index, text]),
    );
    // 54,000 bytes that repeat.
    if (theirs !== 0) expect(client.peer.host?.popStatistic(2)).toBeLessThan(40_000);
  });
});
