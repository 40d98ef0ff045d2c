/**
 * The add-on `examples/addons/godot_enet` in a real Godot 4.6, against an ENetServer over UDP: login, packets, events,
 * kicks, coming again, encryption, compression. Differences: none.
 */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  bytesToVar,
  Dictionary,
  ENetPacketUtils,
  EncodedObjectAsID,
  float,
  NodePath,
  StringName,
  VariantType,
  type VariantValue,
  Vector2,
  varToBytes,
  varToStr,
} from '../../../codec/index.ts';
import { SceneMirror } from '../../../schema/index.ts';
import { CompressionMode, prepareZstd, TLSOptions } from '../../../src/godot.ts';
import { ENetServer, type ENetServerPeer } from '../../../src/server.ts';
import { issue } from '../../support/certificates.ts';
import { hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import type { AddonGame } from './addon/AddonGame.ts';
import { useAddonWorld } from './addon/world.ts';
import { goldenValues } from './goldenValues.ts';
import { leavesToChance, withoutPadding } from './padding.ts';

const engine = peer('godot4');
/** Why mode 4 is skipped; '' where there is zstd: Node 22.15 has it, and optional packages. */
const NO_ZSTD = await prepareZstd().then(
  () => '',
  (error: Error) => ` [skipped: ${error.message}]`,
);

describe.skipIf(engine.isMissing)(`the add-on in Godot 4.6${engine.note}`, { timeout: 60_000 }, () => {
  const world = useAddonWorld(() => false);
  const { server, left, id, sendRaw, joined, signalsOf } = world;
  let game: AddonGame;
  beforeAll(() => {
    game = world.game;
  });

  test('the first script of the guide plays with its server', async () => {
    // As the server in the guide, but for its port.
    server.registerEvent('jump', (who, payload) => {
      server.triggerEventToAll('jumped', { id: who.peerId, at: payload.get('at') ?? null });
    });
    await game.do('play_guide');
    await game.until(() => game.output.includes('player 1 jumps at (10.0, 20.0)'), 'the line that it prints');
    await game.do('end_guide');
    await game.until(() => server.getPeerCount() === 0, 'its end');
  });

  test('what stands in for ENetConnection is called as ENetConnection is', async () => {
    expect(await game.do('compare_methods')).toEqual([]);
  });

  test('where there is no UDP, connect_to_server says so, and the next attempt may go well', async () => {
    await game.do('use_engine', true);
    const error = await game.do('connect_to_server', '127.0.0.1', 7777);
    if (error === 0) await game.saw('connection_failed');
    else expect(error).toBe(25);
    expect(await game.do('get_connection_status')).toBe(0);
    expect(await game.do('connect_to_server', '', 7777)).toBe(25);
    expect(await game.do('connect_to_server', 'game.test', 70_000)).toBe(25);
    expect(await game.do('connect_to_server', 'game.test', 7777, 256)).toBe(31);
    expect(await game.do('send_packet', 'nobody')).toBe(3);
    await game.do('use_engine', false);
  });

  test('a login that is refused: its reason, the end, and no further attempt', async () => {
    await game.do('configure', { login: { name: 'Bob', password: 'guess' }, welcome_event: 'welcome' });
    const from = game.signals.length;
    expect(await game.do('connect_to_server', 'game.test', 7777)).toBe(0);
    expect(await game.do('connect_to_server', 'game.test', 7777)).toBe(22);
    await game.saw('disconnected', from);
    expect(game.signals.slice(from)).toEqual([
      'connected()',
      'login_failed("no account for Bob")',
      'disconnected("no account for Bob")',
    ]);
    expect(left.at(-1)).toBe('no account for Bob');
  });

  test('a login that is accepted: logged_in comes with the welcome, before its event', async () => {
    const from = game.signals.length;
    await joined();
    await game.saw('event_received', from);
    expect(game.signals.slice(from)).toEqual([
      'connected()',
      'logged_in()',
      `event_received("welcome", {\n"id": ${id()}\n}, 0)`,
    ]);
    expect(await game.do('get_ping')).toBe(42);
    expect(game.calls.slice(-2)).toEqual(['compress 0', 'connect game.test 7777 2 0']);
  });

  test('events both ways with values of every type, bit for bit', async () => {
    await joined();
    await game.do('echo_events');
    const anObject = varToBytes(new EncodedObjectAsID(7n));
    const all = [...goldenValues('values'), ...goldenValues('random'), anObject];
    const chosen = new Map<number, Uint8Array[]>();
    for (const data of all) {
      const type = data[0] ?? 0;
      const some = chosen.get(type) ?? [];
      if (some.length < 4) chosen.set(type, [...some, data]);
    }
    const types = Object.values(VariantType).filter((type) => typeof type === 'number' && type < 39);
    expect([...chosen.keys()].sort((a, b) => a - b)).toEqual(types);
    const values = [...chosen.values()].flat().map((data) => bytesToVar(data, { exact: true, ...LOOSE }));
    const back: VariantValue[] = [];
    const echoed = (_who: ENetServerPeer, bytes: Uint8Array): void => {
      const packet = bytesToVar(bytes.subarray(1), { exact: true, ...LOOSE });
      if (packet instanceof Dictionary) back.push(packet.get('value') ?? null);
    };
    server.on('rawPacketReceived', echoed);
    const from = game.signals.length;
    for (const value of values) expect(server.triggerEvent(id(), 'value', { value })).toBe(0);
    await game.until(() => back.length === values.length, 'every value back');
    server.off('rawPacketReceived', echoed);
    for (const [index, value] of values.entries()) {
      const ours = varToBytes(value, LOOSE);
      const theirs = varToBytes(back[index] ?? null, LOOSE);
      expect(hex(withoutPadding(theirs, ours)), varToStr(value)).toBe(hex(ours));
    }
    expect(game.signals.slice(from).filter((line) => line.startsWith('event_received("value"'))).toHaveLength(
      values.length,
    );
    expect(values.filter(leavesToChance).length).toBeLessThan(values.length / 2);
  });

  test('packets that are no events, in all five forms, both ways', async () => {
    await joined();
    const signals = await signalsOf(() => {
      server.sendPacket(id(), 'text \u00e9');
      server.sendPacket(id(), Uint8Array.of(1, 2, 3));
      server.sendPacket(id(), null);
      server.sendPacket(id(), { a: [1, float(2)] });
      sendRaw(ENetPacketUtils.encodeJson('{"b":[1,true]}'));
      sendRaw(ENetPacketUtils.encodeJson('no json'));
      sendRaw(Uint8Array.of(2, ...varToBytes({ c: 3 })));
      server.sendPacket(id(), new Dictionary([['_event', new StringName('no text')]]));
    });
    expect(signals).toEqual([
      'packet_received("text \u00e9", 0)',
      'packet_received(PackedByteArray(1, 2, 3), 0)',
      'packet_received(null, 0)',
      'packet_received({\n"a": [1, 2.0]\n}, 0)',
      'packet_received({\n"b": [1.0, true]\n}, 0)',
      'packet_received("no json", 0)',
      'packet_received({\n"c": 3\n}, 0)',
      'packet_received({\n"_event": &"no text"\n}, 0)',
    ]);
    const got: string[] = [];
    const noted = (_who: ENetServerPeer, packet: VariantValue, channel: number): void => {
      got.push(`${varToStr(packet)} ${channel}`);
    };
    server.on('packetReceived', noted);
    expect(await game.do('send_packet', 'text')).toBe(0);
    expect(await game.do('send_packet', Uint8Array.of(9), 1)).toBe(0);
    expect(await game.do('send_packet', null, 0, true)).toBe(0);
    // An unreliable one may get lost.
    while (!got.includes('[Vector2(1, 2)] 1'))
      expect(await game.do('send_packet', [new Vector2(1, 2)], 1, false)).toBe(0);
    expect(await game.do('send_raw_packet', ENetPacketUtils.encodeJson('[1]'))).toBe(0);
    expect(await game.do('send_raw_packet', new Uint8Array(0))).toBe(30);
    expect(await game.do('send_packet', 'no such channel', 2)).toBe(31);
    expect(await game.do('send_packet', 'no such channel', -1)).toBe(31);
    await game.until(() => new Set(got).size === 5, 'five packets');
    server.off('packetReceived', noted);
    expect([...new Set(got)].sort()).toEqual(
      ['"text" 0', 'PackedByteArray(9) 1', 'null 0', '[Vector2(1, 2)] 1', '[1] 0'].sort(),
    );
  });

  test('typed events: values in order, ints for floats, defaults; others are refused and say why', async () => {
    await joined();
    await game.do('declare_events');
    const at = new Vector2(1, 2);
    const signals = await signalsOf(() => {
      server.triggerEvent(id(), 'hit', { note: 'hard', at, by: 3, who: 'Eve' });
      server.triggerEvent(id(), 'hit', { at, by: float(0.5), who: new StringName('Eve') });
      server.triggerEvent(id(), 'hit', { at, by: 3 });
      server.triggerEvent(id(), 'hit', { at, by: '3', who: 'Eve' });
      server.triggerEvent(id(), 'hit', { at: [1, 2], by: 3, who: null });
    });
    expect(game.heard).toEqual(['hit Eve 3.0 (1.0, 2.0) hard', 'hit Eve 0.5 (1.0, 2.0) none']);
    expect(signals.filter((line) => line.startsWith('event_received'))).toHaveLength(2);
    expect(signals.filter((line) => line.startsWith('packet_refused'))).toEqual([
      'packet_refused("event hit: who is missing", 0)',
      'packet_refused("event hit: by expected float, got String", 0)',
      'packet_refused("event hit: who expected String, got Nil", 0)',
    ]);
  });

  test('a kick with its reason; the client does not come again by itself', async () => {
    await joined();
    const from = game.signals.length;
    server.kickPeer(id(), 'flooding the chat');
    await game.saw('disconnected', from);
    expect(game.signals.slice(from)).toEqual([
      'kicked("flooding the chat")',
      'disconnected("flooding the chat")',
    ]);
  });

  test('a server that goes and comes: attempts at growing intervals, a login, everything anew', async () => {
    await joined();
    await game.do('configure', { reconnect_first_sec: 0.05, reconnect_max_sec: 0.3, reconnect_tries: 8 });
    const mirror = new SceneMirror();
    mirror.root.addChild({ name: 'Old', class: 'Node' });
    const replication = mirror.replicate(server, { rate: 60 });
    onTestFinished(() => replication.stop());
    await game.do('follow', new NodePath('Second'), new NodePath('/root'));
    server.triggerEvent(id(), 'node_added', { path: new NodePath('/root/Gone'), class: 'Node', after: '' });
    await game.saw('node_added("Gone")');
    await game.saw('node_changed("Old")');
    const from = game.signals.length;
    game.port = 0;
    server.stopServer();
    await game.saw('reconnecting(3', from);
    expect(server.createServer(0, 8)).toBe(0);
    game.port = server.getLocalPort();
    await game.saw('node_added("Old")', from);
    const signals = game.signals.slice(from);
    expect(signals[0]).toBe('disconnected("connection lost")');
    const pauses = signals.flatMap((line) => {
      const [, attempt, pause] = /^reconnecting\((\d+), ([\d.]+)\)/.exec(line) ?? [];
      return pause === undefined ? [] : [[Number(attempt), Number(pause)] as const];
    });
    for (const [index, [attempt, pause]] of pauses.entries()) {
      expect(attempt).toBe(index + 1);
      const base = 0.05 * 2 ** index;
      expect(pause).toBeGreaterThanOrEqual(Math.min(0.75 * base, 0.3) - 1e-9);
      expect(pause).toBeLessThanOrEqual(Math.min(1.25 * base, 0.3) + 1e-9);
    }
    const back = signals.slice(pauses.length + 1);
    expect(back.splice(0, 2).sort()).toEqual(['node_removed("Gone")', 'node_removed("Old")']);
    expect(back.slice(0, 2)).toEqual(['connected()', 'logged_in()']);
    await game.do('follow_nothing');
  });

  test('nobody comes back: the attempts end with connection_failed', async () => {
    await joined();
    await game.do('configure', { reconnect_first_sec: 0.01, reconnect_max_sec: 0.05, reconnect_tries: 3 });
    const from = game.signals.length;
    game.port = 0;
    server.stopServer();
    await game.saw('connection_failed', from);
    expect(game.signals.slice(from).map((line) => line.replace(/, .*/, ''))).toEqual([
      'disconnected("connection lost")',
      'reconnecting(1',
      'reconnecting(2',
      'reconnecting(3',
      'connection_failed("no answer")',
    ]);
    expect(server.createServer(0, 8)).toBe(0);
  });

  test('without a welcome event, whatever comes first lets the client in; a refusal does not', async () => {
    await game.do('disconnect_from_server');
    let from = game.signals.length;
    await game.do('configure', { login: { name: 'Eve', password: 'secret' }, welcome_event: '' });
    await game.do('connect_to_server', 'game.test', 7777);
    await game.saw('event_received("welcome"', from);
    expect(game.signals.slice(from, from + 2)).toEqual(['connected()', 'logged_in()']);
    await game.do('disconnect_from_server');
    from = game.signals.length;
    await game.do('configure', { login: { name: 'Bob' } });
    await game.do('connect_to_server', 'game.test', 7777);
    await game.saw('login_failed("no account for Bob")', from);
    await game.saw('disconnected', from);
  });

  test('an attempt without an answer ends in time', async () => {
    await game.do('configure', { connect_timeout_sec: 0.05 });
    const from = game.signals.length;
    game.port = -1;
    expect(await game.do('connect_to_server', 'game.test', 7777)).toBe(0);
    await game.saw('connection_failed("no answer within 0.05 s")', from);
    expect(game.signals.slice(from)).toHaveLength(1);
    expect(game.calls.at(-1)).toBe('destroy');
    await game.do('configure', { connect_timeout_sec: float(10) });
  });

  test('a handler may end it: no attempt after a loss, no packet after a goodbye', async () => {
    await joined();
    await game.do('leave_at', 'disconnected');
    let from = game.signals.length;
    server.stopServer();
    await game.saw('disconnected("connection lost")', from);
    expect(server.createServer(0, 8)).toBe(0);
    game.port = server.getLocalPort();
    await joined();
    expect(game.signals.slice(from).filter((line) => line.startsWith('reconnecting'))).toEqual([]);
    await game.do('leave_at', 'packet_received');
    from = game.signals.length;
    for (let i = 0; i < 3; i++) server.sendPacket(id(), i);
    await game.saw('disconnected', from);
    expect(game.signals.slice(from)).toEqual(['packet_received(0, 0)', 'disconnected("left by a handler")']);
  });

  test('a client that leaves the tree is gone at once', async () => {
    await joined();
    const gone = left.length;
    await game.do('leave_tree');
    await game.until(() => left.length > gone, 'the end at the server');
    expect(game.calls.slice(-2)).toEqual(['now', 'destroy']);
    expect(await game.do('get_connection_status')).toBe(0);
  });

  test('what was sent before disconnect_from_server arrives', async () => {
    await joined();
    let got = 0;
    server.registerEvent('last words', () => {
      got += 1;
    });
    const from = game.signals.length;
    await game.do('say_much_and_leave', 'last words', 50);
    expect(await game.do('get_connection_status')).toBe(0);
    await game.saw('disconnected("bye")', from);
    await game.until(() => got === 50, '50 events');
    await game.until(() => game.calls.at(-1) === 'destroy', 'the end of the connection');
  });

  for (const [name, mode, secure] of [
    ['the range coder', CompressionMode.COMPRESS_RANGE_CODER, false],
    ['FastLZ', CompressionMode.COMPRESS_FASTLZ, false],
    ['zlib, in DTLS', CompressionMode.COMPRESS_ZLIB, true],
    ['zstd', CompressionMode.COMPRESS_ZSTD, false],
  ] as const) {
    const missing = mode === CompressionMode.COMPRESS_ZSTD ? NO_ZSTD : '';
    test.skipIf(missing !== '')(`compressed with ${name}${missing}`, async () => {
      await game.do('disconnect_from_server');
      const issued = await issue({ name: 'game.example' });
      const other = new ENetServer({
        bindAddress: '127.0.0.1',
        ...(secure && { tls: TLSOptions.server(issued.key, issued.certificate) }),
      });
      onTestFinished(() => other.stopServer());
      other.setCompressionMode(mode);
      expect(other.createServer(0, 8)).toBe(0);
      const texts: VariantValue[] = [];
      other.on('packetReceived', (who, packet) => {
        texts.push(packet);
        who.sendPacket(packet, 0, true);
      });
      game.port = other.getLocalPort();
      await game.do('configure', { login: {}, welcome_event: '', compression: mode, tls_options: null });
      if (secure) await game.do('use_dtls', 'game.example');
      const from = game.signals.length;
      const calls = game.calls.length;
      expect(await game.do('connect_to_server', 'game.test', 7777)).toBe(0);
      await game.saw('logged_in', from);
      const text = 'all work and no play '.repeat(1000);
      expect(await game.do('send_packet', text)).toBe(0);
      await game.saw(`packet_received("${text}"`, from);
      expect(texts).toEqual([text]);
      const { datagramBytesReceived, datagramBytesSent } = other.ops.metrics();
      for (const bytes of [datagramBytesReceived, datagramBytesSent])
        expect(bytes).toBeLessThan(text.length / 2);
      expect(game.calls.slice(calls)).toContain(`compress ${mode}`);
      expect(game.calls.slice(calls).includes('dtls game.example true')).toBe(secure);
      await game.do('disconnect_from_server');
    });
  }
});

const LOOSE = { strictTypedContainers: false } as const;
