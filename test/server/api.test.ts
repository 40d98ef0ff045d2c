/** The rest of enet-server-module sections 2 to 6: defaults, getters, sending, events, and our few additions. */
import { describe, expect, test } from 'vitest';
import { ENetPacketUtils } from '../../codec/packet/ENetPacketUtils.ts';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { float } from '../../codec/values/Float.ts';
import { PackedVector4Array } from '../../codec/values/packed.ts';
import { StringName } from '../../codec/values/StringName.ts';
import type { Runtime } from '../../src/runtime/index.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { ENetServerPeer } from '../../src/server/ENetServerPeer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { createWorld, eachMode, PORT, plain, SERVER_IP, settle } from './world.ts';

expectDiagnoses('clients ask for more channels than there are');

eachMode((here) => {
  describe('section 2: numbers and defaults', () => {
    test('the enumerations have the numbers of the engine', () => {
      expect([ENetServer.AUTH_NONE, ENetServer.AUTH_PRELOGIN_ONLY, ENetServer.AUTH_CUSTOM]).toEqual([
        0, 1, 2,
      ]);
      expect([
        ENetServerPeer.STATE_CONNECTING,
        ENetServerPeer.STATE_PRELOGIN,
        ENetServerPeer.STATE_AUTHENTICATED,
        ENetServerPeer.STATE_DISCONNECTING,
      ]).toEqual([0, 1, 2, 3]);
      expect([
        ENetServerPeer.AUTH_PENDING,
        ENetServerPeer.AUTH_APPROVED,
        ENetServerPeer.AUTH_REJECTED,
      ]).toEqual([0, 1, 2]);
      expect([
        ENetClient.STATUS_DISCONNECTED,
        ENetClient.STATUS_CONNECTING,
        ENetClient.STATUS_CONNECTED,
      ]).toEqual([0, 1, 2]);
    });

    test('the settings of a new server and a new client', () => {
      const world = createWorld({ create: false });
      const { server } = world;
      const { client } = world.createClient();
      expect(server.getAuthenticationMode()).toBe(0);
      expect(server.getAuthenticationTimeout()).toBe(10);
      expect([server.getPollRate(), client.getPollRate()]).toEqual([10, 10]);
      expect([server.getLocalPort(), server.isServerActive(), server.hasEvent('x')]).toEqual([
        0,
        false,
        false,
      ]);
      expect([client.getServerAddress(), client.getServerPort(), client.getPing()]).toEqual(['', 0, 0]);
      expect([client.getConnectionStatus(), client.isConnectedToServer()]).toEqual([0, false]);
    });

    test('createServer without more arguments takes 32 peers with 2 channels', () => {
      const world = createWorld();
      const clients = Array.from({ length: 33 }, () => world.createClient().client);
      for (const client of clients) client.connectToServer(SERVER_IP, PORT, 10);
      world.net.advance(200);
      expect(clients.filter((client) => client.isConnectedToServer())).toHaveLength(32);
      expect([clients[0]?.sendPacket('x', 1), clients[0]?.sendPacket('x', 2)]).toEqual([0, 31]);
      expect(world.server.getPeerCount()).toBe(32);
    });

    test('0 channels stand for 255', () => {
      const world = createWorld({ create: [PORT, 32, 0] });
      const { client } = world.createClient();
      client.connectToServer(SERVER_IP, PORT, 0);
      world.net.advance(100);
      expect([client.sendPacket('x', 254), client.sendPacket('x', 255)]).toEqual([0, 31]);
    });
  });
  describe('section 3: peers', () => {
    test('ids count up, are not reused, and start again with the next createServer', () => {
      const world = createWorld();
      const [first] = [world.connect(), world.connect()];
      first.client.disconnectFromServer();
      world.net.advance(100);
      world.connect();
      expect(world.server.getPeers().map(plain)).toEqual([2, 3]);
      expect(world.server.getPeer(1)).toBeNull();
      expect(world.server.getPeer(3)).toBe(world.server.getPeers()[1]);
      world.server.stopServer();
      world.server.setCompressionMode(here.compression);
      world.server.createServer(PORT);
      world.net.advance(100);
      world.connect();
      expect(world.server.getPeers().map(plain)).toEqual([1]);
    });

    test('the array of getPeers belongs to the caller', () => {
      const world = createWorld();
      world.connect();
      world.server.getPeers().pop();
      expect(world.server.getPeerCount()).toBe(1);
    });

    test('a peer shows its address, times, statistics and custom data', () => {
      const world = createWorld();
      world.connect();
      world.net.advance(2000);
      const peer = world.server.getPeer(1);
      expect([peer?.peerId, peer?.getPeerId(), peer?.connectionState, peer?.getConnectionState()]).toEqual([
        1, 1, 2, 2,
      ]);
      expect([peer?.authState, peer?.getAuthState()]).toEqual([1, 1]);
      expect([peer?.remoteAddress, peer?.getRemoteAddress()]).toEqual(['10.0.1.1', '10.0.1.1']);
      expect(peer?.remotePort).toBe(peer?.getRemotePort());
      expect(peer?.getConnectionTime()).toBeCloseTo(2.03, 1);
      expect([
        peer?.getPing(),
        peer?.getStatistic(3),
        peer?.getStatistic(13),
        peer?.getStatistic(99),
      ]).toEqual([20, 20, 5000, 0]);
      expect(peer?.customData).toEqual(new Dictionary());
      peer?.customData.set('score', 5);
      expect(world.server.getPeer(1)?.customData.get('score')).toBe(5);
    });
  });
  describe('section 3: sending', () => {
    test('sendPacketToMultiple keeps the order, sends twice for a repeated id, and skips unknown ids', () => {
      const world = createWorld();
      const logs = [world.connect().log, world.connect().log, world.connect().log];
      world.server.sendPacketToMultiple([3, 99, 1, 3], 'x', 1, false);
      world.net.advance(50);
      const counts = logs.map((log) => log.filter(([name]) => name === 'packetReceived').length);
      expect(counts).toEqual([1, 0, 2]);
      expect(logs[0]).toContainEqual(['packetReceived', 'x', 1]);
    });

    test('triggerEventToAll leaves out the excluded', () => {
      const world = createWorld();
      const logs = [world.connect().log, world.connect().log];
      world.server.triggerEventToAll('spawn', { a: 1 }, 0, true, new Set([1]));
      world.net.advance(50);
      expect(logs.map((log) => log.some(([name]) => name === 'unknownEventReceived'))).toEqual([false, true]);
    });

    test('a packet may be sent to a peer before its login', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(1);
      const { log } = world.connect();
      expect(world.server.sendPacket(1, 'who are you?')).toBe(0);
      world.net.advance(50);
      expect(log).toContainEqual(['packetReceived', 'who are you?', 0]);
    });

    test('bytes given to sendRawPacket may be changed afterwards', () => {
      const world = createWorld();
      const { client, log } = world.connect();
      const bytes = new Uint8Array([0, 1, 2]);
      client.sendRawPacket(bytes);
      world.server.getPeer(1)?.sendRawPacket(bytes, 0, true);
      bytes.fill(9);
      world.net.advance(50);
      expect(log).toContainEqual(['packetReceived', new Uint8Array([1, 2]), 0]);
      expect(world.log).toContainEqual(['packetReceived', 1, new Uint8Array([1, 2]), 0]);
    });

    test('everything sent in one turn leaves in one datagram', () => {
      const world = createWorld();
      world.connect();
      let datagrams = 0;
      world.net.onDatagram(({ from, fate }) => {
        if (from.ip === SERVER_IP && fate === 'sent') datagrams++;
      });
      for (let i = 0; i < 10; i++) world.server.sendPacket(1, i);
      world.net.advance(1);
      expect(datagrams).toBe(1);
    });
  });
  describe('section 6.3: events', () => {
    test('a registered event calls its callback, then customEventReceived, and nothing else', () => {
      const world = createWorld();
      const calls: unknown[] = [];
      world.server.registerEvent('jump', (peer, payload, channel) =>
        calls.push([plain(peer), plain(payload), channel]),
      );
      const { client } = world.connect();
      client.triggerEvent('jump', { height: 2 }, 1);
      world.net.advance(50);
      expect(calls).toEqual([[1, { height: 2 }, 1]]);
      expect(world.log.slice(3)).toEqual([['customEventReceived', 1, 'jump', { height: 2 }, 1]]);
    });

    test('the same on the client', () => {
      const world = createWorld();
      const { client, log } = world.connect();
      const calls: unknown[] = [];
      client.registerEvent('spawn', (payload, channel) => calls.push([plain(payload), channel]));
      world.server.triggerEvent(1, 'spawn', { at: 5 });
      world.server.triggerEvent(1, 'ghost', { at: 6 });
      world.net.advance(50);
      expect(calls).toEqual([[{ at: 5 }, 0]]);
      expect(log.map(([name]) => name)).toEqual([
        'connectedToServer',
        'customEventReceived',
        'unknownEventReceived',
        'packetReceived',
        'rawPacketReceived',
      ]);
    });

    test('events stay registered when the client disconnects', () => {
      const { client } = createWorld().connect();
      client.registerEvent('spawn', () => undefined);
      client.disconnectFromServer();
      expect(client.hasEvent('spawn')).toBe(true);
      client.unregisterEvent('spawn');
      expect(client.hasEvent('spawn')).toBe(false);
    });

    test.each([
      ['a plain object', { a: 1, b: 2 }, ['a', 'b', '_event']],
      ['a Map', new Map([['a', 1]]), ['a', '_event']],
      ['a Dictionary', new Dictionary([['a', 1]]), ['a', '_event']],
      ['a payload that has _event already', { _event: 'old', a: 1 }, ['_event', 'a']],
      ['an empty payload', {}, ['_event']],
    ])('_event of %s stands where it belongs, and the payload is left as it was', (_name, payload, keys) => {
      const world = createWorld();
      const { client } = world.connect();
      const before = JSON.stringify(payload instanceof Map ? [...payload] : payload);
      expect(client.triggerEvent('jump', payload)).toBe(0);
      world.net.advance(50);
      const packet = world.log.find(([name]) => name === 'packetReceived')?.[2];
      expect(Object.keys(packet as object)).toEqual(keys);
      expect((packet as { _event: unknown })._event).toBe('jump');
      expect(JSON.stringify(payload instanceof Map ? [...payload] : payload)).toBe(before);
    });

    test('the key may be a StringName, the value may not', () => {
      const world = createWorld();
      const { client } = world.connect();
      client.sendPacket(new Dictionary<unknown, unknown>([[new StringName('_event'), 'jump']]));
      world.net.advance(50);
      expect(world.names()).toContain('unknownEventReceived');
    });
  });
  describe('section 5 and 7.11: the client', () => {
    test('remembers the server and knows its ping', () => {
      const world = createWorld();
      const { client } = world.connect();
      world.net.advance(2000);
      expect([client.getServerAddress(), client.getServerPort(), client.getPing()]).toEqual([
        SERVER_IP,
        PORT,
        20,
      ]);
      expect(client.getStatistic(13)).toBe(5000);
    });

    test('disconnectFromServer ends the session here and there, and an attempt too', async () => {
      const world = createWorld();
      const { client, log } = world.connect();
      client.disconnectFromServer('bored');
      expect(client.getConnectionStatus()).toBe(0);
      expect(log).toHaveLength(1);
      await settle();
      expect(log.at(-1)).toEqual(['disconnectedFromServer', 'bored']);
      world.net.advance(100);
      expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Connection lost']);
      client.connectToServer(SERVER_IP, PORT);
      client.disconnectFromServer('changed my mind');
      client.disconnectFromServer('again');
      await settle();
      world.net.advance(100);
      expect(log.slice(2)).toEqual([['disconnectedFromServer', 'changed my mind']]);
    });

    test('a name is resolved; one without an address gives connectionFailed', () => {
      const world = createWorld();
      world.net.addName('play.example', SERVER_IP);
      const [known, unknown] = [world.createClient(), world.createClient()];
      expect(known.client.connectToServer('play.example', PORT)).toBe(0);
      expect(unknown.client.connectToServer('nowhere.example', PORT)).toBe(0);
      expect(unknown.client.getConnectionStatus()).toBe(1);
      world.net.advance(100);
      expect(known.log).toEqual([['connectedToServer']]);
      expect(unknown.log).toEqual([['connectionFailed', 'Connection failed']]);
    });

    test('a server that is full does not answer', () => {
      const world = createWorld({ create: [PORT, 1] });
      world.connect();
      const late = world.createClient();
      late.client.connectToServer(SERVER_IP, PORT);
      world.net.advance(35_000);
      expect(late.log).toEqual([['connectionFailed', 'Connection failed']]);
      expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
    });
  });
  describe('our additions', () => {
    test('connected() is fulfilled, or rejected with the reason', async () => {
      const world = createWorld();
      const { client } = world.createClient();
      await expect(client.connected()).rejects.toThrow('there is no connection');
      client.connectToServer(SERVER_IP, PORT);
      const attempt = client.connected();
      world.net.advance(100);
      await expect(attempt).resolves.toBeUndefined();
      await expect(client.connected()).resolves.toBeUndefined();
      client.disconnectFromServer();
      client.connectToServer('nowhere.example', PORT);
      const failing = expect(client.connected()).rejects.toThrow('not connected: Connection failed');
      world.net.advance(100);
      await failing;
    });

    test('disposing ends both and waits for the last signal', async () => {
      const world = createWorld();
      const { client, log } = world.connect();
      await world.server[Symbol.asyncDispose]();
      expect(world.log.at(-1)).toEqual(['serverStopped']);
      await client[Symbol.asyncDispose]();
      expect(log.at(-1)).toEqual(['disconnectedFromServer', '']);
      await world.server[Symbol.asyncDispose]();
    });
  });
  describe('section 7: connecting and logging in', () => {
    test('7.4 reject() in peerConnecting', () => {
      const world = createWorld();
      const states: unknown[] = [];
      world.server.on('peerConnecting', (peer) => {
        states.push(peer.connectionState, peer.authState);
        peer.reject('full');
        states.push(peer.connectionState, peer.authState);
      });
      const { log } = world.connect();
      world.net.advance(100);
      expect(states).toEqual([0, 0, 3, 2]);
      expect(world.log.slice(1)).toEqual([
        ['peerConnecting', 1, 0],
        ['peerDisconnected', 1, 'full'],
      ]);
      expect(log).toEqual([['connectedToServer'], ['disconnectedFromServer', 'Connection lost']]);
    });

    test.each([
      ['JSON', ENetPacketUtils.encodeJson('{"name":"ann"}')],
      ['NODE', Uint8Array.of(5, ...ENetPacketUtils.encodeDictionary({ name: 'ann' }).subarray(1))],
      ['VARIANT', ENetPacketUtils.encodeDictionary({ name: 'ann' })],
    ])('7.2 a login may come as a %s packet', (_type, bytes) => {
      const world = createWorld();
      world.server.setAuthenticationMode(ENetServer.AUTH_PRELOGIN_ONLY);
      world.connect().client.sendRawPacket(bytes);
      world.net.advance(50);
      expect(world.log.at(-1)).toEqual(['peerPrelogin', 1, { name: 'ann' }]);
    });

    test('7.2 authenticate() may come later than the handler', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(ENetServer.AUTH_PRELOGIN_ONLY);
      world.connect().client.sendPacket({});
      world.net.advance(500);
      world.server.getPeer(1)?.authenticate();
      expect(world.server.getAuthenticatedPeerCount()).toBe(1);
      expect(world.names()).toEqual(['peerConnecting', 'peerPrelogin']);
      world.net.advance(50);
      expect(world.names()).toEqual(['peerConnecting', 'peerPrelogin', 'peerAuthenticated']);
    });

    test('7.3 AUTH_CUSTOM without an authenticator emits peerPrelogin', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(ENetServer.AUTH_CUSTOM);
      world.connect().client.sendPacket({ a: 1 });
      world.net.advance(50);
      expect(world.log.at(-1)).toEqual(['peerPrelogin', 1, { a: 1 }]);
    });

    test('7.8 a client that times out', () => {
      const world = createWorld();
      world.connect();
      const peer = world.server.getPeer(1);
      world.net.partition([SERVER_IP], ['10.0.1.1']);
      world.net.advance(60_000);
      expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Connection lost']);
      expect([peer?.connectionState, peer?.authState]).toEqual([2, 1]);
    });

    test('the authentication mode of a later connection does not touch earlier peers', () => {
      const world = createWorld();
      const { client } = world.connect();
      world.server.setAuthenticationMode(ENetServer.AUTH_PRELOGIN_ONLY);
      world.connect();
      client.sendPacket({ a: 1 });
      world.net.advance(50);
      expect(world.server.getPeers().map((peer) => peer.connectionState)).toEqual([2, 1]);
      expect(world.log).toContainEqual(['packetReceived', 1, { a: 1 }, 0]);
    });
  });
  test('the options of the codec reach it: exact keeps floats and ints apart, a dialect can refuse', () => {
    const world = createWorld({ server: { decode: { exact: true }, encode: { dialect: '4.2' } } });
    const { client } = world.connect();
    client.sendPacket([float(1), 1]);
    world.net.advance(50);
    expect(world.log.find(([name]) => name === 'packetReceived')?.[2]).toEqual([float(1), 1n]);
    expect(world.server.sendPacket(1, new PackedVector4Array())).toBe(30);
    expect(client.sendPacket(new PackedVector4Array())).toBe(0);
  });
  describe('section 5: disconnecting in a handler', () => {
    test('keeps the rest of the same packet back', () => {
      const world = createWorld();
      const [first, second] = [world.connect(), world.connect()];
      first.client.on('packetReceived', () => first.client.disconnectFromServer());
      second.client.registerEvent('out', () => second.client.disconnectFromServer());
      world.server.sendPacket(1, 'x');
      world.server.triggerEvent(2, 'out', {});
      world.net.advance(50);
      expect(first.log.map(([name]) => name)).toEqual([
        'connectedToServer',
        'packetReceived',
        'disconnectedFromServer',
      ]);
      expect(second.log.map(([name]) => name)).toEqual(['connectedToServer', 'disconnectedFromServer']);
    });
  });
  describe('the runtime', () => {
    test.each([10, 50, 1000])('a poll rate of %d ms wakes no server that has nothing to do', (rate) => {
      const net = new SimNetwork();
      const counts = { services: 0, timers: 0, closed: 0 };
      const server = new ENetServer({ runtime: counting(net.createRuntime(SERVER_IP), counts) });
      server.createServer(PORT);
      net.advance(500);
      server.setPollRate(rate);
      counts.services = 0;
      net.advance(1000);
      expect(counts.services).toBeLessThanOrEqual(1);
      expect(server.getPollRate()).toBe(rate);
    });

    test('after the end nothing is left: no timer, no open socket', () => {
      const net = new SimNetwork();
      const counts = { services: 0, timers: 0, closed: 0 };
      const server = new ENetServer({ runtime: counting(net.createRuntime(SERVER_IP), counts) });
      const client = new ENetClient({ runtime: counting(net.createRuntime('10.0.1.1'), counts) });
      server.createServer(PORT);
      client.connectToServer(SERVER_IP, PORT);
      net.advance(500);
      client.disconnectFromServer();
      server.stopServer();
      net.advance(100);
      counts.services = 0;
      counts.timers = 0;
      net.advance(10_000);
      expect(counts).toEqual({ services: 0, timers: 0, closed: 2 });
    });
  });
});

/** A runtime that counts what goes on. */
function counting(
  runtime: SimRuntime,
  counts: { services: number; timers: number; closed: number },
): Runtime {
  return {
    now: () => runtime.now(),
    random32: () => runtime.random32(),
    startTimer: (delayMs, callback) => {
      counts.timers++;
      return runtime.startTimer(delayMs, callback);
    },
    resolve: (name, done) => runtime.resolve(name, done),
    attach: (host, bind) => {
      const port = runtime.attach(host, bind);
      if ('code' in port) return port;
      const [service, close] = [port.service.bind(port), port.close.bind(port)];
      port.service = () => {
        counts.services++;
        return service();
      };
      port.close = () => {
        counts.closed++;
        close();
      };
      return port;
    },
  };
}
