/** Our server against real clients of Godot 3. Implements the checks of godot-enet-classes appendix A. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bytesToVar, decodeGodot3Payload, type VariantInput, varToBytes } from '../../../codec/index.ts';
import { prepareZstd } from '../../../src/godot.ts';
import { hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { type Game, insist, Stage, summaryOf } from './game.ts';

const { isMissing, note } = peer('godot3');
const GODOT_3 = { dialect: 'godot3', exact: true } as const;
const RAW = 4;

describe.skipIf(isMissing)(`our server, clients of Godot 3${note}`, () => {
  const stage = new Stage();

  beforeAll(async () => {
    await prepareZstd();
  });

  afterEach(() => stage.clear());

  test('connects; remote calls with every type of value, both ways; remote sets', async () => {
    const server = stage.server();
    const { engine, id } = await stage.realClient(server.port);
    await server.event(`peerConnected ${id}`);
    expect(server.peer.getPeerIds()).toEqual([id]);
    expect(engine.all('peer_connected ')).toEqual(['1']);
    expect(server.peer.getPeerAddress(id)).toBe('127.0.0.1');

    server.call(id, 'print_values');
    await engine.line('values_end');
    const values = engine.all('value ');
    expect(values.length).toBeGreaterThanOrEqual(80);

    // Theirs to us and back: what comes back is byte for byte what they have.
    server.call(id, 'ask_echoes', 1);
    await server.until('all calls', () => server.calls.length === values.length);
    expect(
      server.calls.every(({ from, path, method }) => from === id && path === 'Main' && method === 'echo'),
    ).toBe(true);
    await engine.many('echoed ', values.length);
    const clean = (text: string): string => hex(varToBytes(bytesToVar(bytesOf(text), GODOT_3), GODOT_3));
    // The convenient view makes ints of whole floats; those it had for a float come back as ints.
    const echoed = engine.all('echoed 1 ');
    expect(echoed.map(clean)).toEqual(
      values
        .map((text) => hex(varToBytes(bytesToVar(bytesOf(text), { dialect: 'godot3' }), GODOT_3)))
        .map(asRead),
    );

    // Ours to them and back, in the exact view.
    const before = server.calls.length;
    for (const text of values) server.call(id, 'echo', bytesToVar(bytesOf(text), GODOT_3) as VariantInput);
    await server.until('the echoes', () => server.calls.length === before + values.length);
    const answers = server.calls.slice(before);
    expect(answers.map(({ method }) => method)).toEqual(values.map(() => 'echoed'));
    expect(answers.map(({ args }) => hex(varToBytes(args[0] as VariantInput, GODOT_3)))).toEqual(
      values
        .map((text) => hex(varToBytes(bytesToVar(bytesOf(text), { dialect: 'godot3' }), GODOT_3)))
        .map(asRead),
    );

    // By now both sides have confirmed the path, and use its number.
    expect(answers.at(-1)).toMatchObject({ isById: true, path: 'Main' });
    expect(decodeGodot3Payload(server.cache.call(id, 'Main', 'x').payload)).toMatchObject({
      node: { id: 1 },
    });

    // Sets, both ways.
    server.call(id, 'set_mark', 1, 'héllo');
    await server.until('the set', () => server.sets.length === 1);
    expect(server.sets).toEqual([{ property: 'mark', value: 'héllo' }]);
    server.put(id, server.cache.set(id, 'Main', 'mark', 77).payload);
    server.call(id, 'print_mark');
    expect(await engine.line('mark ')).toBe('77');
  });

  test('all transfer modes, both ways, on the channels of their modes and on one of our own', async () => {
    const server = stage.server(0, 5);
    const { engine, id } = await stage.realClient(server.port, { CHANNELS: '5' });
    await server.event(`peerConnected ${id}`);
    for (const mode of [0, 1, 2]) {
      await insist(
        () => server.call(id, 'send_raw', Uint8Array.of(mode, 7), 1, mode),
        () => server.raws.some(({ bytes }) => bytes[0] === mode),
      );
    }
    expect(summaryOf(server.raws)).toEqual([
      [id, 0, 0, 2],
      [id, 1, 1, 2],
      [id, 2, 2, 1],
    ]);
    const reaches = (first: number, mode: 0 | 1 | 2): Promise<void> =>
      insist(
        () => server.put(id, Uint8Array.of(RAW, first), mode),
        () => engine.lines.includes(`packet 1 ${first.toString(16)}`),
      );
    for (const mode of [0, 1, 2] as const) await reaches(0x30 + mode, mode);
    server.peer.transferChannel = 4;
    await reaches(0x44, 0);
    server.peer.alwaysOrdered = true;
    server.peer.transferChannel = -1;
    await reaches(0x55, 0);
  });

  test('relays between two clients, and tells them of each other', async () => {
    const server = stage.server();
    const a = await stage.realClient(server.port);
    const b = await stage.realClient(server.port);
    await server.event(`peerConnected ${b.id}`);
    expect(await a.engine.line(`peer_connected ${b.id}`)).toBe('');
    expect(await b.engine.line(`peer_connected ${a.id}`)).toBe('');

    // One, all, all but one, all but us: who gets it?
    const send = (first: number, target: number): void =>
      server.call(a.id, 'send_raw', Uint8Array.of(first), target, 2);
    send(0xa1, b.id);
    send(0xa2, 0);
    send(0xa3, -b.id);
    send(0xa4, -1);
    send(0xa5, 1);
    send(0xaf, 0);
    await server.until('the last one', () => server.raws.some(({ bytes }) => bytes[0] === 0xaf));
    await b.engine.line(`packet ${a.id} af`);
    expect(server.raws.map(({ from, bytes }) => [from, bytes[0]])).toEqual([
      [a.id, 0xa2],
      [a.id, 0xa3],
      [a.id, 0xa5],
      [a.id, 0xaf],
    ]);
    expect(b.engine.all(`packet ${a.id} `)).toEqual(['a1', 'a2', 'a4', 'af']);
    expect(a.engine.all('packet ')).toEqual([]);

    // Remote calls between them, paths and confirmations included.
    server.call(a.id, 'call_others', 'first');
    expect(await b.engine.line(`called ${a.id} first`)).toBe('');
    server.call(a.id, 'call_others', 'second');
    expect(await b.engine.line(`called ${a.id} second`)).toBe('');
    await insist(
      () => server.call(b.id, 'call_unreliable', a.id, 'third'),
      () => a.engine.lines.includes(`called ${b.id} third`),
    );

    // Ours to all but one.
    server.put(-a.id, Uint8Array.of(RAW, 0xb1));
    server.put(0, Uint8Array.of(RAW, 0xb2));
    await a.engine.line('packet 1 b2');
    await b.engine.line('packet 1 b2');
    expect(a.engine.all('packet 1 ')).toEqual(['b2']);
    expect(b.engine.all('packet 1 ')).toEqual(['b1', 'b2']);

    server.call(b.id, 'leave');
    await server.event(`peerDisconnected ${b.id}`);
    expect(await a.engine.line(`peer_disconnected ${b.id}`)).toBe('');
  });

  test('kicks: at once, and once everything has arrived; then we close', async () => {
    const server = stage.server();
    const [a, b, c] = await Promise.all([1, 2, 3].map(() => stage.realClient(server.port)));
    if (!a || !b || !c) throw new Error('three clients');
    await server.until('three clients', () => server.peer.getPeerIds().length === 3);
    server.peer.disconnectPeer(a.id, true);
    expect(server.events.at(-1)).toBe(`peerDisconnected ${a.id}`);
    expect(await a.engine.line('server_gone')).toBe('');
    expect(await b.engine.line(`peer_disconnected ${a.id}`)).toBe('');
    server.put(b.id, Uint8Array.of(RAW, 0xc1));
    // What comes in one frame with the end is thrown away by the engine, so this waits.
    expect(await b.engine.line('packet 1 c1')).toBe('');
    server.peer.disconnectPeer(b.id);
    expect(server.events.at(-1)).toBe(`peerDisconnected ${a.id}`);
    expect(await b.engine.line('server_gone')).toBe('');
    await server.event(`peerDisconnected ${b.id}`);
    server.peer.close();
    expect(await c.engine.line('server_gone')).toBe('');
  });

  test('a client that dies is gone after its timeout', async () => {
    const server = stage.server();
    const a = await stage.realClient(server.port);
    await server.event(`peerConnected ${a.id}`);
    server.peer.getPeer(a.id)?.setTimeout(4, 300, 800);
    await a.engine.stop();
    await server.event(`peerDisconnected ${a.id}`);
  });

  test.each([
    [0, 'none', 0],
    [1, 'range coder', 1],
    [2, 'FastLZ', 2],
    [3, 'zlib', 3],
    [4, 'zstd', 4],
    [0, 'none here, and the range coder there, as Godot 3.4 and later start', 1],
  ] as const)('compression %i: %s', async (ours, _name, theirs) => {
    const server = stage.server(ours);
    const { engine, id } = await stage.realClient(server.port, { COMPRESSION: String(theirs) });
    await echoesThrough(server, id);
    expect(engine.all('server_gone')).toEqual([]);
    if (ours !== 0) {
      const sent = server.peer.host?.popStatistic(0) ?? 0;
      // 60,000 bytes that repeat.
      expect(sent).toBeLessThan(40_000);
    }
  });

  test('a server that refuses new connections', async () => {
    const server = stage.server();
    server.peer.refuseNewConnections = true;
    const refused = stage.realClient(server.port);
    const { engine } = await refused;
    // It was connected for a moment, as ENet goes, and learns at once that it is not wanted.
    expect(await engine.line('server_gone')).toBe('');
    expect(server.events).toEqual([]);
  });
});

/** Sends much that repeats, and gets it back. */
async function echoesThrough(server: Game, id: number): Promise<void> {
  await server.event(`peerConnected ${id}`);
  const text = 'all work and no play makes jack a dull boy. '.repeat(60);
  for (let index = 0; index < 20; index++) server.call(id, 'echo', { index, text });
  await server.until(
    '20 echoes',
    () => server.calls.filter(({ method }) => method === 'echoed').length === 20,
  );
  for (const [index, { args }] of server.calls.entries()) {
    expect(hex(varToBytes(args[0] as VariantInput, GODOT_3))).toBe(hex(varToBytes({ index, text }, GODOT_3)));
  }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** The engine reads the path "/" as the empty path. */
function asRead(text: string): string {
  return text.replace('0f000000000000800000000001000000', '0f000000000000800000000000000000');
}
