/** Bad input: Godot's error numbers and a trace line, never an exception. enet-server-module sections 3 to 5 and 8 (15, 16). */
import { describe, expect, test } from 'vitest';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { createWorld, eachMode, PORT, SERVER_IP, type ServerWorld, settle } from './world.ts';

/** Gives what a caller without types may pass. */
const anything = <T>(value: unknown): T => value as T;

const NO_VARIANT: readonly (readonly [string, unknown])[] = [
  ['a symbol', Symbol('x')],
  ['a function', () => 1],
  ['a class instance', new (class Strange {})()],
  ['an int beyond 64 bits', 2n ** 70n],
  ['a symbol deep inside', { a: [1, { b: Symbol('x') }] }],
];

eachMode(() => {
  describe('ENetServer', () => {
    test.each<[string, readonly [unknown, unknown?, unknown?], number]>([
      ['port -1', [-1], 31],
      ['port 65536', [65536], 31],
      ['port NaN', [Number.NaN], 31],
      ['a port that is no number', ['7777'], 31],
      ['no peers', [PORT, 0], 31],
      ['4096 peers', [PORT, 4096], 31],
      ['-1 channels', [PORT, 32, -1], 31],
      ['256 channels', [PORT, 32, 256], 31],
      ['a busy port', [9999], 20],
    ])('createServer with %s', (_name, args, error) => {
      const world = createWorld({ create: false });
      const busy = new ENetServer({ runtime: world.net.createRuntime(SERVER_IP) });
      expect(busy.createServer(9999)).toBe(0);
      const [port, maxPeers = 32, maxChannels = 2] = args;
      expect(world.server.createServer(anything(port), anything(maxPeers), anything(maxChannels))).toBe(
        error,
      );
      expect(world.server.isServerActive()).toBe(false);
      expect(world.traces).toHaveLength(1);
      expect(world.server.createServer(PORT)).toBe(0);
    });

    test.each([
      ['limits', 5, /"limits" expected an object, got 5/],
      ['limits', null, /"limits" expected an object, got null/],
      ['allow', '10.0.0.0/8', /"allow" expected an array of prefixes, got "10.0.0.0\/8"/],
      ['deny', null, /"deny" expected an array of prefixes, got null/],
      ['admit', true, /"admit" expected a function, got true/],
      ['onError', 5, /"onError" expected a function/],
      ['onTrace', 'x', /"onTrace" expected a function/],
      ['onDiagnosis', {}, /"onDiagnosis" expected a function/],
    ])('the option %s: %j', (name, value, message) => {
      expect(() => createWorld({ server: anything({ [name]: value }) })).toThrow(TypeError);
      expect(() => createWorld({ server: anything({ [name]: value }) })).toThrow(message);
      if (!name.startsWith('on')) return;
      expect(() => createWorld().createClient(anything({ [name]: value }))).toThrow(message);
    });

    test('createServer twice', () => {
      const world = createWorld();
      expect(world.server.createServer(PORT + 1)).toBe(22);
      expect(world.server.getLocalPort()).toBe(PORT);
    });

    test('everything on a server that is not active', async () => {
      const { server, log, net } = createWorld({ create: false });
      expect(server.sendPacket(1, 'x')).toBe(31);
      expect(server.triggerEvent(1, 'jump', {})).toBe(31);
      server.sendPacketToAll('x');
      server.sendPacketToMultiple([1, 2], 'x');
      server.broadcastPacket('x');
      server.triggerEventToAll('jump', {});
      server.kickPeer(1);
      server.stopServer();
      expect([server.isServerActive(), server.getLocalPort(), server.getPeerCount()]).toEqual([false, 0, 0]);
      expect([server.getPeers(), server.getPeer(1), server.getAuthenticatedPeerCount()]).toEqual([
        [],
        null,
        0,
      ]);
      net.advance(100);
      await settle();
      expect(log).toEqual([]);
    });

    const onePeer = (): ServerWorld => {
      const world = createWorld();
      world.connect();
      return world;
    };

    test.each<[string, (world: ServerWorld) => number | undefined, number]>([
      ['an unknown peer', ({ server }) => server.sendPacket(99, 'x'), 31],
      ['a peer id that is no number', ({ server }) => server.sendPacket(anything('1'), 'x'), 31],
      ['channel 2 of 2', ({ server }) => server.sendPacket(1, 'x', 2), 31],
      ['a channel that is no number', ({ server }) => server.sendPacket(1, 'x', anything('0')), 31],
      [
        'a packet above 32 MiB',
        ({ server }) => server.sendPacket(1, new Uint8Array(32 * 1024 * 1024 + 1)),
        1,
      ],
      ['no raw bytes', ({ server }) => server.getPeer(1)?.sendRawPacket(new Uint8Array(0), 0, true), 30],
      [
        'raw bytes that are none',
        ({ server }) => server.getPeer(1)?.sendRawPacket(anything('abc'), 0, true),
        30,
      ],
      ['an event name that is no text', ({ server }) => server.triggerEvent(1, anything(5), {}), 30],
      ['a payload that is a text', ({ server }) => server.triggerEvent(1, 'jump', anything('text')), 30],
      ['a payload that is an array', ({ server }) => server.triggerEvent(1, 'jump', anything([1])), 30],
      ['a payload that is null', ({ server }) => server.triggerEvent(1, 'jump', anything(null)), 30],
      [
        'a payload typed with int keys',
        ({ server }) =>
          server.triggerEvent(1, 'jump', new Dictionary<unknown, unknown>([[1, 2]], { keyType: 'int' })),
        30,
      ],
    ])('sending %s', (_name, send, error) => {
      const world = onePeer();
      expect(send(world)).toBe(error);
      expect(world.traces.length).toBeGreaterThan(0);
      expect(world.server.sendPacket(1, 'still fine')).toBe(0);
    });

    test.each(NO_VARIANT)('sending %s', (_name, value) => {
      const world = onePeer();
      expect(world.server.sendPacket(1, anything(value))).toBe(30);
      expect(world.server.triggerEvent(1, 'jump', anything({ value }))).toBe(30);
      world.server.broadcastPacket(anything(value));
      expect(world.traces).toHaveLength(3);
      expect(world.server.sendPacket(1, 'still fine')).toBe(0);
    });

    test('a peer whose connection has ended', () => {
      const world = onePeer();
      const peer = world.server.getPeer(1);
      world.server.kickPeer(1);
      world.net.advance(200);
      expect(peer?.sendPacket('x', 0, true)).toBe(3);
      expect(peer?.sendRawPacket(new Uint8Array([1]), 0, true)).toBe(3);
      peer?.authenticate();
      peer?.reject('r');
      peer?.disconnectPeer('again');
      world.net.advance(200);
      expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated', 'peerDisconnected']);
    });

    test('authenticate() and reject() in the wrong state have no effect', () => {
      const world = createWorld();
      world.server.on('peerConnecting', (peer) => peer.authenticate());
      world.server.on('peerAuthenticated', (peer) => {
        peer.authenticate();
        peer.reject('no');
      });
      world.connect();
      world.net.advance(100);
      expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
      expect(world.traces).toHaveLength(3);
    });

    test('settings that make no sense', () => {
      const { server, traces } = createWorld({ create: false });
      for (const rate of [0, -5, Number.NaN, anything<number>('fast')]) {
        server.setPollRate(rate);
        expect(server.getPollRate()).toBe(1);
      }
      server.setPollRate(7.9);
      expect(server.getPollRate()).toBe(7);
      server.setCompressionMode(anything(9));
      server.registerEvent('jump', anything('no function'));
      expect(server.hasEvent('jump')).toBe(true);
      server.unregisterEvent('jump');
      server.unregisterEvent('jump');
      expect(server.hasEvent('jump')).toBe(false);
      server.setAuthenticationTimeout(0.1);
      expect(server.getAuthenticationTimeout()).toBe(Math.fround(0.1));
      server.setAuthenticationTimeout(Number.NaN);
      server.setAuthenticationTimeout(anything('soon'));
      expect(server.getAuthenticationTimeout()).toBe(Math.fround(0.1));
      server.setAuthenticationMode(anything(undefined));
      server.setCustomAuthenticator(anything(5));
      server.setCustomAuthenticator(undefined);
      expect(traces.filter((line) => !line.includes('ompression') && !line.includes('Timeout'))).toEqual([
        'registerEvent: callback expected a function, got "no function"; nothing is called',
        'setAuthenticationMode: expected 0..2, got undefined; it lets nobody in by itself',
        'setCustomAuthenticator: expected a function, got 5; there is none now',
      ]);
    });

    test('who has a mode that is none lets nobody in', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(anything(3));
      world.connect();
      world.net.advance(20_000);
      expect(world.names()).toEqual(['peerConnecting', 'peerDisconnected']);
    });

    test('a statistic that there is not', () => {
      const world = onePeer();
      const peer = world.server.getPeer(1);
      for (const statistic of [14, -1, 0.5, anything<number>('ping')])
        expect(peer?.getStatistic(statistic)).toBe(0);
      expect(world.traces).toHaveLength(4);
      expect(world.traces[0]).toBe('getStatistic: 14 is no statistic');
    });

    test('peer ids that are no list', () => {
      const world = onePeer();
      world.server.sendPacketToMultiple(anything(5), 'x');
      world.server.sendPacketToAll('x', 0, true, anything(null));
      expect(world.traces).toHaveLength(2);
    });

    test('an onTrace that throws harms nobody', () => {
      const world = createWorld({
        server: {
          onTrace: () => {
            throw new Error('trace');
          },
        },
      });
      world.connect();
      expect(world.server.sendPacket(99, 'x')).toBe(31);
      expect(world.server.sendPacket(1, 'x', 9)).toBe(31);
      expect(world.errors).toEqual([
        { error: new Error('trace'), where: 'onTrace' },
        { error: new Error('trace'), where: 'onTrace' },
      ]);
    });

    test('an event whose callback is no function is unknown', () => {
      const world = createWorld();
      world.server.registerEvent('jump', anything('no function'));
      world.connect().client.triggerEvent('jump', {});
      world.net.advance(50);
      expect(world.names()).toContain('unknownEventReceived');
    });

    test.each([
      [{ kickTimeoutMs: 0 }, RangeError, '"kickTimeoutMs" expected integer 1..600000, got 0'],
      [{ maxLoginAttempts: 1.5 }, RangeError, '"maxLoginAttempts" expected'],
      [{ maxPreLoginPackets: Number.NaN }, RangeError, '"maxPreLoginPackets" expected'],
      [{ maxPreLoginBytes: -1 }, RangeError, '"maxPreLoginBytes" expected'],
      [
        { bindAddress: 'local host' },
        RangeError,
        '"bindAddress" expected an IP address, a host name or "*", got "local host"',
      ],
      [{ decode: { maxDepth: -1 } }, RangeError, '"maxDepth" expected'],
      [{ encode: { dialect: '9.9' } }, RangeError, '"dialect" expected'],
      [{ runtime: undefined }, TypeError, '"runtime" expected a Runtime, got undefined'],
    ])('the options %o are refused when the server is made', (options, type, message) => {
      const { net } = createWorld({ create: false });
      const make = (): ENetServer =>
        new ENetServer(anything({ runtime: net.createRuntime(SERVER_IP), ...options }));
      expect(make).toThrow(type);
      expect(make).toThrow(message);
    });
  });
  describe('ENetClient', () => {
    test.each<[string, readonly [unknown, unknown, unknown?], number]>([
      ['port 0', [SERVER_IP, 0], 25],
      ['port 65536', [SERVER_IP, 65536], 25],
      ['port NaN', [SERVER_IP, Number.NaN], 25],
      ['no address', ['', PORT], 25],
      ['an address that is no text', [5, PORT], 25],
      ['-1 channels', [SERVER_IP, PORT, -1], 31],
      ['256 channels', [SERVER_IP, PORT, 256], 31],
      ['channels that are no number', [SERVER_IP, PORT, 'two'], 31],
    ])('connectToServer with %s', (_name, args, error) => {
      const world = createWorld();
      const { client, log } = world.createClient();
      const [address, port, channels = 2] = args;
      expect(client.connectToServer(anything(address), anything(port), anything(channels))).toBe(error);
      expect(client.getConnectionStatus()).toBe(0);
      expect(client.connectToServer(SERVER_IP, PORT)).toBe(0);
      world.net.advance(100);
      expect(log).toEqual([['connectedToServer']]);
    });

    test('sending before, while and after being connected', () => {
      const world = createWorld();
      const { client } = world.createClient();
      const attempts = (): number[] => [
        client.sendPacket('x'),
        client.sendRawPacket(new Uint8Array([1])),
        client.triggerEvent('jump', {}),
      ];
      expect(attempts()).toEqual([3, 3, 3]);
      client.connectToServer(SERVER_IP, PORT);
      expect(attempts()).toEqual([3, 3, 3]);
      expect(client.connectToServer(SERVER_IP, PORT)).toBe(22);
      world.net.advance(100);
      expect(attempts()).toEqual([0, 0, 0]);
      expect(client.sendRawPacket(new Uint8Array(0))).toBe(30);
      client.disconnectFromServer();
      expect(attempts()).toEqual([3, 3, 3]);
    });

    test.each(NO_VARIANT)('sending %s', (_name, value) => {
      const { client } = createWorld().connect();
      expect(client.sendPacket(anything(value))).toBe(30);
      expect(client.triggerEvent('jump', anything({ value }))).toBe(30);
    });

    test('the options without a runtime', () => {
      expect(() => new ENetClient({})).toThrow(TypeError);
    });

    test('bad options of the codec are refused when the client is made', () => {
      const runtime = createWorld().net.createRuntime(SERVER_IP);
      expect(() => new ENetClient(anything({ runtime, decode: { exact: 'yes' } }))).toThrow(
        '"exact" expected',
      );
      expect(() => new ENetClient(anything({ runtime, encode: { maxBytes: -1 } }))).toThrow(
        '"maxBytes" expected',
      );
    });
  });
  describe('hostile clients', () => {
    test('damaged packets are delivered as null and events with strange names as they are', () => {
      const world = createWorld();
      const { client } = world.connect();
      const damaged = [
        [1],
        [1, 27, 0, 0, 0, 255, 255, 255, 255],
        [4, 255, 255, 255, 255],
        [9, 9],
        [3, 1, 0, 0, 0],
      ];
      for (const bytes of damaged) client.sendRawPacket(new Uint8Array(bytes));
      client.sendPacket({ _event: '', constructor: 1, ['__proto__']: 2 });
      client.triggerEvent('__proto__', {});
      world.net.advance(50);
      const packets = world.log.filter(([name]) => name === 'packetReceived').map(([, , packet]) => packet);
      expect(packets.slice(0, 5)).toEqual([null, null, '', null, '']);
      expect(
        world.log.filter(([name]) => name === 'unknownEventReceived').map(([, , event]) => event),
      ).toEqual(['', '__proto__']);
      expect(world.errors).toEqual([]);
    });

    test('a login that is damaged or no Dictionary is rejected', () => {
      for (const bytes of [[1], [0, 1, 2], [4, 1, 0, 0, 0, 65], [9]]) {
        const world = createWorld();
        world.server.setAuthenticationMode(2);
        world.server.setCustomAuthenticator(() => true);
        world.connect().client.sendRawPacket(new Uint8Array(bytes));
        world.net.advance(100);
        expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Invalid authentication packet format']);
      }
    });
  });
});
