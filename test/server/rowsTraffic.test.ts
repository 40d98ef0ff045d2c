/** enet-server-module section 8, polling, sending and receiving: one test for each row of the table, named by the row's number. */
import { describe, expect, test, vi } from 'vitest';
import { parseDatagram } from '../../src/enet/commands.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { AuthMode, AuthState, ConnectionState } from '../../src/server/constants.ts';
import { customWorld, LOGIN } from './logins.ts';
import { createWorld, eachMode, PORT, SERVER_IP } from './world.ts';

eachMode((mode) => {
  describe('polling', () => {
    test('row 1: a burst of 500 packets is delivered in one pass, not one packet per poll', () => {
      const world = createWorld();
      const { client } = world.connect();
      world.server.setPollRate(1000);
      for (let i = 0; i < 500; i++) client.sendPacket(i, 0, false);
      world.net.advance(15);
      expect(world.names().filter((name) => name === 'packetReceived')).toHaveLength(500);
    });

    test('row 1: a flood lets other work have its turn', () => {
      const world = createWorld({ net: { queueBytes: 10_000_000 } });
      const { client } = world.connect();
      const runtime = world.net.createRuntime('10.0.0.9');
      let received = 0;
      let atOtherWork = 0;
      world.server.once('packetReceived', () => {
        runtime.defer(() => {
          atOtherWork = received;
        });
      });
      world.server.on('packetReceived', () => received++);
      for (let i = 0; i < 6000; i++) client.sendPacket(1, 0, false);
      world.net.advance(50);
      expect(received).toBe(6000);
      expect(atOtherWork).toBe(4096);
    });

    test('row 2: acknowledgements leave while packets are being handled in bulk', () => {
      const world = createWorld();
      const { client } = world.connect();
      for (let i = 0; i < 200; i++) client.sendPacket(`packet ${i}`);
      const sentAt = world.net.time;
      const acknowledged: number[] = [];
      world.net.onDatagram(({ from, fate, timeMs }) => {
        if (from.ip === SERVER_IP && fate === 'sent') acknowledged.push(timeMs - sentAt);
      });
      world.net.advance(100);
      expect(Math.min(...acknowledged)).toBe(10);
      expect(client.getPing()).toBeLessThan(30);
      expect(world.names().filter((name) => name === 'packetReceived')).toHaveLength(200);
    });

    test('row 22: calls inside handlers change the server without disturbing the pass', () => {
      const world = createWorld();
      world.server.on('packetReceived', (peer, packet) => {
        if (packet === 'kick others') {
          for (const other of world.server.getPeers()) if (other !== peer) other.disconnectPeer('others');
        }
        peer.sendPacket(`echo ${String(packet)}`, 0, true);
      });
      const [first, second] = [world.connect(), world.connect()];
      second.client.sendPacket('before');
      first.client.sendPacket('kick others');
      second.client.sendPacket('after');
      world.net.advance(100);
      expect(first.log).toContainEqual(['packetReceived', 'echo kick others', 0]);
      expect(second.log.at(-1)).toEqual(['disconnectedFromServer', 'Connection lost']);
      expect(world.server.getPeers().map((peer) => peer.peerId)).toEqual([1]);
    });
  });

  describe('sending', () => {
    test('row 15: a refused send returns FAILED (1)', () => {
      const world = createWorld();
      world.connect();
      world.server.kickPeer(1);
      expect(world.server.sendPacket(1, 'late')).toBe(1);
    });

    test.each([-1, 2, 256, 256 + 1, 1e9, Number.NaN])(
      'row 16: channel %d of 2 is refused with 31',
      (channel) => {
        const world = createWorld();
        const { client, log } = world.connect();
        expect(world.server.sendPacket(1, 'x', channel)).toBe(31);
        expect(client.sendPacket('x', channel)).toBe(31);
        world.net.advance(100);
        expect(log).toEqual([['connectedToServer']]);
      },
    );

    test('row 17: getLocalPort is the real port, also in serverStarted, and 0 after stop', () => {
      const world = createWorld({ create: [0] });
      const port = world.server.getLocalPort();
      expect(port).toBeGreaterThan(1023);
      world.net.advance(1);
      expect(world.log).toEqual([['serverStarted', port]]);
      world.server.stopServer();
      expect(world.server.getLocalPort()).toBe(0);
    });

    test('row 18: getAuthenticatedPeerCount counts STATE_AUTHENTICATED only', () => {
      const world = createWorld();
      world.connect();
      world.connect();
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      world.connect();
      expect([world.server.getPeerCount(), world.server.getAuthenticatedPeerCount()]).toEqual([3, 2]);
      world.server.kickPeer(1);
      expect([world.server.getPeerCount(), world.server.getAuthenticatedPeerCount()]).toEqual([3, 1]);
    });

    test.each([
      [false, 'SEND_FRAGMENT'],
      [true, 'SEND_UNRELIABLE_FRAGMENT'],
    ])('row 19: with unreliableFragments %s a large unreliable packet uses %s', (option, command) => {
      const world = createWorld({ server: { unreliableFragments: option } });
      const { log } = world.connect();
      const commands: string[] = [];
      const compressor = createCompressor(mode.compression);
      const decompress = (packed: Uint8Array): Uint8Array => {
        const body = new Uint8Array(4096);
        return body.subarray(0, compressor?.decompress(packed, 0, packed.length, body, 0, body.length));
      };
      world.net.onDatagram(({ from, fate, bytes }) => {
        if (from.ip === SERVER_IP && fate === 'sent')
          for (const { name } of parseDatagram(bytes, { decompress })?.commands ?? []) commands.push(name);
      });
      world.server.sendPacket(1, new Uint8Array(3000), 0, false);
      world.net.advance(5);
      expect(commands).toEqual([command, command, command]);
      world.net.advance(50);
      expect(log).toContainEqual(['packetReceived', new Uint8Array(3000), 0]);
    });

    test('row 20: a packet for many peers is encoded once', () => {
      const world = createWorld();
      const clients = [world.connect(), world.connect(), world.connect()];
      const encode = vi.fn(() => new Uint8Array([0, 1, 2, 3]));
      world.server.sendPacketToAll({ _toPacket: encode }, 0, true, [2]);
      world.net.advance(50);
      expect(encode).toHaveBeenCalledTimes(1);
      const received = clients.map(({ log }) => log.some(([name]) => name === 'packetReceived'));
      expect(received).toEqual([true, false, true]);
    });

    test('row 20: and its bytes are shared, not copied for each of them', () => {
      const world = createWorld();
      const peers = 20;
      for (let i = 0; i < peers; i++) world.connect();
      const bytes = new Uint8Array(1024 * 1024);
      const before = process.memoryUsage().arrayBuffers;
      world.server.broadcastPacket(bytes);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * bytes.length);
      expect(world.traces).toEqual([]);
    });

    test('row 21: packets find their peer among many', () => {
      const world = createWorld();
      const clients = Array.from({ length: 20 }, () => world.connect());
      for (const [index, { client }] of clients.entries()) client.sendPacket(`from ${index + 1}`);
      world.net.advance(50);
      const packets = world.log.filter(([name]) => name === 'packetReceived');
      expect(packets).toEqual(
        clients.map((_, index) => ['packetReceived', index + 1, `from ${index + 1}`, 0]),
      );
    });

    test.each([
      [false, [false, true]],
      [true, [true, true]],
    ])('row 29: with broadcastToAll %s, peers before and after the login get %s', (option, expected) => {
      const world = createWorld({ server: { broadcastToAll: option } });
      const authenticated = world.connect();
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      const waiting = world.connect();
      world.server.broadcastPacket('news');
      world.server.triggerEventToAll('news', {});
      world.net.advance(50);
      const got = [waiting, authenticated].map(({ log }) =>
        ['packetReceived', 'unknownEventReceived'].every((name) => log.some(([signal]) => signal === name)),
      );
      expect(got).toEqual(expected);
    });
  });

  describe('receiving', () => {
    test.each([
      [false, ['packetReceived', 'rawPacketReceived']],
      [true, ['rawPacketReceived', 'packetReceived']],
    ])('row 23: with emitRawFirst %s the order is %s', (option, expected) => {
      const world = createWorld({ server: { emitRawFirst: option } });
      const { client } = world.connect({ emitRawFirst: option });
      const clientLog = world.createClient({ emitRawFirst: option });
      clientLog.client.connectToServer(SERVER_IP, PORT);
      client.sendPacket('x');
      world.net.advance(100);
      expect(world.names().filter((name) => name.endsWith('acketReceived'))).toEqual(expected);
      world.server.sendPacket(2, 'y');
      world.net.advance(100);
      expect(clientLog.log.map(([name]) => name).slice(1)).toEqual(expected);
    });

    test('row 24: an unknown event is followed by the packet signals', () => {
      const world = createWorld();
      const { client } = world.connect();
      client.triggerEvent('ghost', { a: 1 });
      world.net.advance(50);
      expect(world.log.slice(3, 5)).toEqual([
        ['unknownEventReceived', 1, 'ghost', { a: 1 }, 0],
        ['packetReceived', 1, { a: 1, _event: 'ghost' }, 0],
      ]);
      expect(world.names().at(-1)).toBe('rawPacketReceived');
    });

    test('row 25: type byte 2 is read as a Variant, and type 1 is written', () => {
      const world = createWorld();
      const { client, log } = world.connect();
      client.sendPacket({ a: 1 });
      world.net.advance(50);
      const raw = world.log.at(-1)?.[2];
      if (!(raw instanceof Uint8Array)) throw new Error('no raw packet');
      expect(raw[0]).toBe(1);
      const typeTwo = new Uint8Array(raw);
      typeTwo[0] = 2;
      client.sendRawPacket(typeTwo);
      world.server.getPeer(1)?.sendRawPacket(typeTwo, 0, true);
      world.net.advance(50);
      expect(world.log.filter(([name]) => name === 'packetReceived').at(-1)).toEqual([
        'packetReceived',
        1,
        { a: 1 },
        0,
      ]);
      expect(log).toContainEqual(['packetReceived', { a: 1 }, 0]);
    });

    test('row 30: the data of peerConnecting is unsigned', async () => {
      const world = createWorld();
      const { ENetConnection } = await import('../../src/godot/ENetConnection.ts');
      const connection = new ENetConnection({
        runtime: world.net.createRuntime('10.0.2.1'),
        createCompressor,
      });
      connection.createHost(1, 2);
      connection.compress(mode.compression);
      connection.connectToHost(SERVER_IP, PORT, 2, 4294967295);
      for (let i = 0; i < 10; i++) {
        connection.service();
        world.net.advance(10);
      }
      connection.destroy();
      expect(world.log).toContainEqual(['peerConnecting', 1, 4294967295]);
    });

    test('row 31: a peer that sends too much before it is authenticated is rejected', () => {
      const decideLater = (): Promise<boolean> => new Promise(() => undefined);
      const tooMany = customWorld(decideLater, { server: { maxPreLoginPackets: 3 } });
      const first = tooMany.connect().client;
      for (let i = 0; i < 3; i++) first.sendPacket(LOGIN);
      tooMany.net.advance(50);
      expect(tooMany.names()).toEqual(['peerConnecting']);
      first.sendPacket(LOGIN);
      tooMany.net.advance(100);
      expect(tooMany.log.at(-1)).toEqual(['peerDisconnected', 1, 'Too much data before authentication']);

      const tooLarge = customWorld(decideLater, { server: { maxPreLoginBytes: 100 } });
      tooLarge.connect().client.sendPacket({ token: 'x'.repeat(100) });
      tooLarge.net.advance(100);
      expect(tooLarge.log.slice(2)).toEqual([['peerDisconnected', 1, 'Too much data before authentication']]);
    });

    test('row 31: unfinished packets count as well, at the next look', () => {
      const world = customWorld(() => true, { server: { maxPreLoginBytes: 1000, maxPreLoginPackets: 4 } });
      const { client } = world.connect();
      // The first fragment never arrives, so nobody can read the packet.
      world.net.lossNext(1, '10.0.1.1', SERVER_IP);
      client.sendPacket(new Uint8Array(15_000));
      world.net.advance(15);
      world.net.block('10.0.1.1', SERVER_IP);
      world.net.advance(1000);
      expect(world.server.getPeer(1)?.authState).toBe(AuthState.AUTH_REJECTED);
      expect(world.server.getPeer(1)?.connectionState).toBe(ConnectionState.STATE_DISCONNECTING);
    });

    test('row 32: only maxLoginAttempts login packets are looked at', () => {
      const world = createWorld({ server: { maxLoginAttempts: 2 } });
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      const { client } = world.connect();
      for (let attempt = 1; attempt <= 5; attempt++) client.sendPacket({ attempt });
      world.net.advance(50);
      expect(world.log.slice(2)).toEqual([
        ['peerPrelogin', 1, { attempt: 1 }],
        ['peerPrelogin', 1, { attempt: 2 }],
      ]);
      expect(world.server.getPeer(1)?.connectionState).toBe(ConnectionState.STATE_PRELOGIN);
    });
  });
});
