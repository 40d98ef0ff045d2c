/**
 * The add-on `examples/addons/godot_enet` in a real Godot 4.6, against an ENetServer over UDP: login, packets, events, replication,
 * kicks, coming again, encryption, compression, damaged packets. Differences: none.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  bytesToVar,
  Color,
  Dictionary,
  ENetPacketUtils,
  EncodedObjectAsID,
  Float,
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
import { CompressionMode, TLSOptions } from '../../../src/godot.ts';
import { ENetServer, type ENetServerPeer } from '../../../src/server.ts';
import { Prng } from '../../../src/testing/prng.ts';
import { issue } from '../../support/certificates.ts';
import { fcParameters } from '../../support/fc.ts';
import { hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { damage } from '../godot3/cases.ts';
import { AddonGame } from './addon/AddonGame.ts';
import { goldenValues } from './goldenValues.ts';
import { leavesToChance, withoutPadding } from './padding.ts';

const engine = peer('godot4');
const SEED = fcParameters().seed ?? 46;

describe.skipIf(engine.isMissing)(
  `the add-on in Godot 4.6, seed ${SEED}${engine.note}`,
  { timeout: 60_000 },
  () => {
    const server = new ENetServer({
      bindAddress: '127.0.0.1',
      kickReasonEvent: 'kicked',
      keepSettingsOnStop: true,
    });
    let game: AddonGame;
    let player: ENetServerPeer | undefined;
    const left: string[] = [];
    let errorsSeen = 0;

    server.setCustomAuthenticator((who, login) => {
      if (login.get('password') === 'secret') return true;
      who.reject(`no account for ${login.get('name')}`);
      return false;
    });
    server.on('peerAuthenticated', (who) => {
      player = who;
      who.sendPacket({ _event: 'welcome', id: who.peerId }, 0, true);
    });
    server.on('peerDisconnected', (_who, reason) => left.push(reason));
    const id = (): number => player?.peerId ?? 0;

    /** Sends bytes as they are to the player. */
    const sendRaw = (data: Uint8Array): number => player?.sendRawPacket(data, 0, true) ?? -1;

    /** Connects with the right login, unless it is connected. */
    async function joined(): Promise<void> {
      if ((await game.do('is_logged_in')) === true) return;
      const from = game.signals.length;
      await game.do('configure', { login: { name: 'Eve', password: 'secret' }, welcome_event: 'welcome' });
      expect(await game.do('connect_to_server', 'game.test', 7777)).toBe(0);
      await game.saw('logged_in', from);
    }
    /** Lets everything arrive that was sent so far, and gives the signals of that time. */
    async function signalsOf(action: () => unknown): Promise<string[]> {
      const from = game.signals.length;
      await action();
      server.triggerEvent(id(), 'settled', {});
      await game.saw('event_received("settled"', from);
      return game.signals.slice(from).filter((line) => !line.includes('"settled"'));
    }

    beforeAll(async () => {
      expect(server.createServer(0, 8)).toBe(0);
      game = await AddonGame.open();
    });
    beforeEach(() => {
      game.port = server.getLocalPort();
    });
    afterEach(({ task }) => {
      const errors = game.errors.slice(errorsSeen);
      errorsSeen = game.errors.length;
      // Of damaged packets the engine prints what its decoder says, and of scripts nothing.
      const isDecoder =
        /^ERROR: (Condition|Method.function failed|Error when trying to decode|Attempted to )/;
      const isAllowed = task.name.startsWith('damaged');
      expect(errors.filter((line) => !(isAllowed && isDecoder.test(line)))).toEqual([]);
    });
    afterAll(async () => {
      await game?.close();
      server.stopServer();
    });

    test('every script in the guide loads', async () => {
      expect(await game.do('load_guide')).toEqual([true, true, true, true]);
    });

    test('the first script of the guide plays with its server', async () => {
      // As the server in the guide, but for its port.
      server.registerEvent('jump', (who, payload) => {
        server.triggerEventToAll('jumped', { id: who.peerId, at: payload.get('at') ?? null });
      });
      await game.do('play_guide');
      await game.until(
        () => game.output.includes('player 1 jumps at (10.0, 20.0)'),
        'the line that it prints',
      );
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
      expect(
        game.signals.slice(from).filter((line) => line.startsWith('event_received("value"')),
      ).toHaveLength(values.length);
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

    test('replication: nodes come, change, move, are renamed, ordered and removed, value for value', async () => {
      await joined();
      const mirror = new SceneMirror();
      const arena = mirror.root.addChild({ name: 'Arena', class: 'Node2D', groups: ['levels'] });
      const ball = arena.addChild({ name: 'Ball', class: 'Sprite2D', groups: ['movers', 'round'] });
      const label = arena.addChild({ name: 'Label', class: 'Label' });
      ball.owner = arena;
      const space = mirror.root.addChild({ name: 'Space', class: 'Node3D' });
      space.addChild({ name: 'Light', class: 'OmniLight3D' });
      const replication = mirror.replicate(server, { rate: 60 });
      onTestFinished(() => replication.stop());
      const isSame = async (): Promise<void> => {
        const ours = treeOf(mirror);
        let theirs = '';
        const end = Date.now() + 5000;
        while (theirs !== ours && Date.now() < end)
          theirs = shownLook(await game.do('look', new NodePath('World'), WATCHED));
        expect(theirs).toBe(ours);
      };
      await game.do('follow', new NodePath('World'), new NodePath('/root'));
      let from = game.signals.length;
      const step = async (edit: () => void): Promise<string[]> => {
        from = game.signals.length;
        edit();
        await isSame();
        return [...new Set(game.signals.slice(from))];
      };
      // The peer was there before the game followed: it has to come again.
      await game.do('disconnect_from_server', 'again');
      await game.saw('disconnected("again")', from);
      await joined();
      await isSame();
      expect(game.signals.filter((line) => line.startsWith('node_added'))).toEqual(
        ['Arena', 'Space', 'Ball', 'Label', 'Light'].map((name) => `node_added("${name}")`),
      );

      await step(() => {
        ball.set('position', new Vector2(30, 40));
        ball.set('rotation', 0.5);
        ball.set('modulate', new Color(1, 0.5, 0.25, 1));
        ball.setMeta('lives', 3);
        label.set('text', 'Score: 1');
        arena.set('visible', false);
      });
      expect(await step(() => ball.removeMeta('lives'))).toEqual(['node_changed("Ball")']);
      await step(() => {
        ball.addToGroup('fast');
        ball.removeFromGroup('round');
        ball.owner = undefined;
      });
      const coins = arena.addChild({ name: 'Coins', class: 'Node2D' });
      for (let i = 0; i < 20; i++)
        coins.addChild({ name: `Coin${i}`, class: 'Polygon2D' }).set('position', new Vector2(i, 0));
      await step(() => arena.moveChild(label, 0));
      expect(await step(() => ball.rename('Comet'))).toEqual(['node_changed("Comet")']);
      await step(() => ball.reparent(coins, false));
      expect(await step(() => coins.findChild('Coin3')?.remove())).toEqual(['node_removed("Coin3")']);
      await step(() => coins.addChild({ name: 'Coin3', class: 'Sprite2D' }));
      await step(() => {
        for (let i = 0; i < 200; i++) ball.set('position', new Vector2(i, i));
        coins.remove();
      });

      // States of the player's own, as the server's mirror takes them.
      const states: Uint8Array[] = [];
      const noted = (_who: ENetServerPeer, bytes: Uint8Array): void => {
        states.push(bytes);
      };
      server.on('rawPacketReceived', noted);
      for (const flags of [1, 2, 4])
        expect(await game.do('send_own', new NodePath('World/Space'), flags)).toBe(0);
      await game.until(() => states.length === 3, 'three states');
      server.off('rawPacketReceived', noted);
      for (const state of states) {
        const applied = mirror.apply(state, { paths: ['/root/Space'], properties: () => true });
        expect(applied).toMatchObject({ applied: true });
      }

      // What the server may not touch, and what the game does not want.
      const added = (path: string, more: { [key: string]: VariantValue } = {}): unknown =>
        server.triggerEvent(id(), 'node_added', {
          path: new NodePath(path),
          class: 'Node',
          after: '',
          ...more,
        });
      const isRefused = async (action: () => unknown, why: string): Promise<void> => {
        // What the states above have changed comes back meanwhile.
        const signals = await signalsOf(action);
        expect(signals.filter((line) => line !== 'node_changed("Space")')).toEqual([
          `packet_refused("${why}", 0)`,
        ]);
      };
      await isRefused(() => added('/elsewhere/Node'), 'there is no node at /elsewhere/Node');
      await isRefused(() => added('/root/../Node'), 'there is no node at /root/../Node');
      await isRefused(() => added('/root/Arena/..'), 'no script can give the name ..');
      await isRefused(() => added('/root/Nobody/Node'), 'there is no node at /root/Nobody/Node');
      await isRefused(() => added('relative'), 'there is no node at relative');
      await isRefused(() => added('/root/@Node@2'), 'no script can give the name @Node@2');
      for (const event of ['node_removed', 'node_moved', 'node_changed', 'node_children']) {
        await isRefused(() => server.triggerEvent(id(), event, { path: 5 }), 'there is no node at 5');
        await isRefused(() => server.triggerEvent(id(), event, {}), 'there is no node at <null>');
      }
      await isRefused(
        () => server.triggerEvent(id(), 'node_removed', { path: new NodePath('/root') }),
        'the root of the replica stays',
      );
      const moved = {
        path: new NodePath('/root/Arena'),
        parent: new NodePath('/root/Arena/Label'),
        name: 'A',
      };
      await isRefused(
        () => server.triggerEvent(id(), 'node_moved', moved),
        '/root/Arena cannot be below /root/Arena/Label',
      );
      await isRefused(
        () =>
          server.triggerEvent(id(), 'node_moved', { ...moved, parent: new NodePath('/root'), name: 'Space' }),
        'the name Space is taken',
      );
      await game.do('refuse_labels');
      await isRefused(() => added('/root/Other', { class: 'Label' }), '/root/Other is not admitted');
      await game.do('limit_nodes', 5);
      expect(await signalsOf(() => added('/root/Fifth'))).toEqual(['node_added("Fifth")']);
      await isRefused(() => added('/root/Sixth'), 'more than 5 nodes');
      // Values of other types, files from elsewhere, properties that have events of their own: nothing happens.
      expect(
        await signalsOf(() =>
          sendRaw(
            nodePacket({
              _type: 'node',
              _path: new NodePath('/root/Fifth'),
              properties: { name: 'Other', script: 5, process_mode: 'no', nothing: 1, 3: 4 },
              position: 'here',
            }),
          ),
        ),
      ).toEqual(['node_changed("Fifth")']);
      await game.do('store_script', 'user://evil.gd');
      const odd = {
        groups: [5, 'good', '_bad'],
        resources: { script: 'user://evil.gd', 1: 2 },
        owner: 3,
        variables: 4,
      };
      expect(
        await signalsOf(() =>
          server.triggerEvent(id(), 'node_changed', { path: new NodePath('/root/Fifth'), ...odd }),
        ),
      ).toEqual(['node_changed("Fifth")']);
      expect(game.heard).not.toContain('evil');
      await signalsOf(() => server.triggerEvent(id(), 'node_removed', { path: new NodePath('/root/Fifth') }));
      await isSame();
      await game.do('follow_nothing');
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
      expect(game.signals.slice(from)).toEqual([
        'packet_received(0, 0)',
        'disconnected("left by a handler")',
      ]);
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

    test('damaged packets: 300 of them harm nothing, and what is too large is not read', async () => {
      await joined();
      await game.do('follow', new NodePath('World'), new NodePath('/root'));
      const prng = new Prng(SEED);
      const event = (name: string, payload: { [key: string]: VariantValue }): Uint8Array =>
        Uint8Array.of(1, ...varToBytes({ ...payload, _event: name }));
      const path = new NodePath('/root/Arena');
      const whole = [
        event('node_added', {
          path,
          class: 'Node2D',
          after: '',
          scene: '',
          owner: path,
          groups: ['a'],
          resources: {},
          variables: {},
        }),
        event('node_moved', { path, parent: new NodePath('/root'), name: 'Arena' }),
        event('node_children', { path, names: ['a', 'b'] }),
        event('hit', { who: 'Eve', by: 1, at: new Vector2(1, 2) }),
        nodePacket({ _type: 'node', _path: path, properties: { position: new Vector2(1, 2) } }),
        ENetPacketUtils.encodeAuto('some text'),
        ENetPacketUtils.encodeJson('{"a":[1,2,{"b":null}]}'),
      ];
      const before = await game.do('count_above');
      const from = game.signals.length;
      for (let sent = 0; sent < 300; sent += 100) {
        await signalsOf(() => {
          for (let i = 0; i < 100; i++) {
            const data = damage(whole, prng);
            sendRaw(data.length > 0 ? data : Uint8Array.of(200));
          }
        });
      }
      const refused = game.signals.slice(from).filter((line) => line.startsWith('packet_refused'));
      expect(refused.length).toBeGreaterThan(100);
      expect(await game.do('count_above')).toBe(before);
      expect(await game.do('is_connected_to_server')).toBe(true);
      await game.do('configure', { max_packet_bytes: 1000 });
      expect(await signalsOf(() => server.sendPacket(id(), new Uint8Array(1000)))).toEqual([
        'packet_refused("1001 bytes are too many", 0)',
      ]);
      await game.do('configure', { max_packet_bytes: 1 << 20 });
    });

    test('every compression, and DTLS', async () => {
      const issued = await issue({ name: 'game.example' });
      const tls = TLSOptions.server(issued.key, issued.certificate);
      const { COMPRESS_RANGE_CODER, COMPRESS_FASTLZ, COMPRESS_ZLIB } = CompressionMode;
      for (const [mode, options] of [
        [COMPRESS_RANGE_CODER, {}],
        [COMPRESS_FASTLZ, {}],
        [COMPRESS_ZLIB, { tls }],
      ] as const) {
        await game.do('disconnect_from_server');
        const other = new ENetServer({ bindAddress: '127.0.0.1', ...options });
        other.setCompressionMode(mode);
        expect(other.createServer(0, 8)).toBe(0);
        const texts: VariantValue[] = [];
        other.on('packetReceived', (_who, packet) => texts.push(packet));
        game.port = other.getLocalPort();
        if ('tls' in options) await game.do('use_dtls', 'game.example');
        await game.do('configure', { login: {}, welcome_event: '', compression: mode });
        const from = game.signals.length;
        expect(await game.do('connect_to_server', 'game.test', 7777)).toBe(0);
        await game.saw('logged_in', from);
        const text = 'all work and no play '.repeat(30);
        expect(await game.do('send_packet', text)).toBe(0);
        await game.until(() => texts.length > 0, 'the text');
        expect(texts).toEqual([text]);
        expect(game.calls).toContain(`compress ${mode}`);
        other.stopServer();
        await game.do('disconnect_from_server');
      }
      expect(game.calls).toContain('dtls game.example true');
    });
  },
);

const LOOSE = { strictTypedContainers: false } as const;
const nodePacket = (state: { [key: string]: VariantValue }): Uint8Array =>
  Uint8Array.of(5, ...varToBytes(state));
/** Properties that are compared. */
const WATCHED = ['position', 'rotation', 'visible', 'modulate', 'text', 'polygon'];

/** What is below the root of a mirror, as `look` of the game tells it. */
function treeOf(mirror: SceneMirror): string {
  const lines: string[] = [];
  for (const node of mirror.root.walk()) {
    if (node === mirror.root) continue;
    const values = WATCHED.filter((name) => node.has(name)).map((name) => `${name} ${shown(node.get(name))}`);
    const entries = node.getMetaList().map((name) => `${name} ${shown(node.getMeta(name))}`);
    const path = String(node.getPath()).replace('/root/', '');
    const owner = String(node.owner?.getPath() ?? '').replace('/root/', '');
    lines.push([path, node.class, node.getGroups().sort(), owner, values, entries].join(' | '));
  }
  return lines.join('\n');
}

function shownLook(look: VariantValue): string {
  if (!Array.isArray(look)) return String(look);
  return look
    .map((line) => {
      const [path, type, groups, owner, values, entries] = Array.isArray(line) ? line : [];
      return [path, type, groups, owner, pairsOf(values), pairsOf(entries)].join(' | ');
    })
    .join('\n');
}

const pairsOf = (value: unknown): string[] =>
  value instanceof Dictionary ? [...value].map(([key, item]) => `${key} ${shown(item)}`) : [];
const shown = (value: unknown): string =>
  varToStr(value instanceof Float ? value.value : (value as VariantValue));
