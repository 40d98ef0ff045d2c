/** enet-server-module section 8, settings, the client, and several servers: one test for each row of the table, named by the row's number. */
import { describe, expect, test, vi } from 'vitest';
import { StringName } from '../../codec/values/StringName.ts';
import { CompressionMode } from '../../src/godot/constants.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { AuthMode } from '../../src/server/constants.ts';
import type { ENetClient } from '../../src/server/ENetClient.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { createWorld, eachMode, PORT, plain, SERVER_IP } from './world.ts';

expectDiagnoses('clients with other compressions are tested');

eachMode((here) => {
  describe('settings', () => {
    test.each([
      [false, [true, false]],
      [true, [false, true]],
    ])(
      'row 26: a mode set before createServer is used; with keepSettingsOnStop %s, [none, FastLZ] afterwards are %s',
      (option, after) => {
        const world = createWorld({
          create: false,
          server: { createCompressor, keepSettingsOnStop: option },
        });
        // A compressed datagram is only understood by a server of the same mode.
        const understands = (mode: CompressionMode): boolean => {
          const { client } = world.createClient({ createCompressor });
          client.setCompressionMode(mode);
          client.connectToServer(SERVER_IP, PORT);
          world.net.advance(100);
          world.log.length = 0;
          client.sendPacket('z'.repeat(500), 0, false);
          world.net.advance(100);
          return world.names().includes('packetReceived') && answers(client);
        };
        // A client without compression does not understand a server that has one, though the server understands it.
        const answers = (client: ENetClient): boolean => {
          let hasAnswer = false;
          client.on('packetReceived', () => {
            hasAnswer = true;
          });
          world.server.broadcastPacket('z'.repeat(500), 0, false);
          world.net.advance(100);
          return hasAnswer;
        };
        world.server.setCompressionMode(CompressionMode.COMPRESS_ZLIB);
        world.server.createServer(PORT);
        expect([1, 2, 3].map((mode) => understands(mode as CompressionMode))).toEqual([false, false, true]);
        world.server.setCompressionMode(CompressionMode.COMPRESS_FASTLZ);
        expect(understands(CompressionMode.COMPRESS_FASTLZ)).toBe(true);
        world.server.stopServer();
        world.server.createServer(PORT);
        const modes = [CompressionMode.COMPRESS_NONE, CompressionMode.COMPRESS_FASTLZ];
        expect(modes.map(understands)).toEqual(after);
        world.server.stopServer();
        // And what is set between two runs counts for the next one.
        world.server.setCompressionMode(CompressionMode.COMPRESS_ZLIB);
        world.server.createServer(PORT);
        expect(understands(CompressionMode.COMPRESS_ZLIB)).toBe(true);
        world.server.stopServer();
      },
    );

    test('a compression mode that is missing changes nothing, and is no exception later either', async () => {
      const uncaught = vi.fn();
      process.on('uncaughtException', uncaught);
      try {
        const traces: string[] = [];
        const world = createWorld();
        const options = {
          onTrace: (line: string) => void traces.push(line),
          createCompressor: (mode: number) => {
            if (mode === CompressionMode.COMPRESS_ZSTD) throw new Error('install zstd');
            return createCompressor(mode);
          },
        };
        // No onError: that is where errors become uncaught exceptions.
        const { server } = world.createServer('10.0.0.9', options);
        server.setCompressionMode(CompressionMode.COMPRESS_FASTLZ);
        traces.splice(0);
        server.setCompressionMode(CompressionMode.COMPRESS_ZSTD);
        server.createServer(PORT);
        server.setCompressionMode(CompressionMode.COMPRESS_ZSTD);
        expect(traces).toEqual(Array(2).fill(expect.stringContaining('(install zstd); ignored')));
        const { client, log } = world.createClient(options);
        client.setCompressionMode(CompressionMode.COMPRESS_FASTLZ);
        traces.splice(0);
        client.setCompressionMode(CompressionMode.COMPRESS_ZSTD);
        client.connectToServer('10.0.0.9', PORT);
        world.net.advance(100);
        server.broadcastPacket('z'.repeat(500), 0, false);
        world.net.advance(100);
        expect(log.map(([name]) => name)).toContain('packetReceived');
        expect(traces).toEqual([expect.stringContaining('(install zstd); ignored')]);
        await new Promise((resolve) => setImmediate(resolve));
        expect(uncaught).not.toHaveBeenCalled();
        server.stopServer();
      } finally {
        process.off('uncaughtException', uncaught);
      }
    });

    test('row 26: the same for a client, whose mode goes with each connection that has ended', () => {
      const world = createWorld({ server: { createCompressor } });
      world.server.setCompressionMode(CompressionMode.COMPRESS_RANGE_CODER);
      const { client } = world.createClient({ createCompressor });
      const arrives = (): boolean => {
        world.log.length = 0;
        client.connectToServer(SERVER_IP, PORT);
        world.net.advance(100);
        client.sendPacket('z'.repeat(500), 0, false);
        world.net.advance(100);
        return world.names().includes('packetReceived');
      };
      client.setCompressionMode(CompressionMode.COMPRESS_RANGE_CODER);
      expect(arrives()).toBe(true);
      const ends: (() => void)[] = [
        () => client.disconnectFromServer(),
        () => world.server.kickPeer(world.server.getPeers()[0]?.peerId ?? 0),
        // Nobody listens there: the attempt fails.
        () => {
          client.disconnectFromServer();
          client.setCompressionMode(CompressionMode.COMPRESS_RANGE_CODER);
          expect(client.connectToServer(SERVER_IP, PORT + 1)).toBe(0);
        },
      ];
      for (const end of ends) {
        client.setCompressionMode(CompressionMode.COMPRESS_RANGE_CODER);
        end();
        world.net.advance(60_000);
        expect(client.getConnectionStatus()).toBe(0);
        world.server.setCompressionMode(CompressionMode.COMPRESS_NONE);
        // What is compressed now would not be understood.
        expect(arrives()).toBe(true);
        world.server.setCompressionMode(CompressionMode.COMPRESS_RANGE_CODER);
      }
    });

    test.each([
      [false, [0, false]],
      [true, [2, true]],
    ])('row 27: with keepSettingsOnStop %s, stopServer leaves mode and events as %s', (option, expected) => {
      const world = createWorld({ server: { keepSettingsOnStop: option } });
      world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      world.server.setCustomAuthenticator(() => true);
      world.server.registerEvent('jump', () => undefined);
      world.server.setAuthenticationTimeout(3);
      world.server.setPollRate(5);
      world.server.stopServer();
      expect([world.server.getAuthenticationMode(), world.server.hasEvent('jump')]).toEqual(expected);
      expect([world.server.getAuthenticationTimeout(), world.server.getPollRate()]).toEqual([3, 5]);
    });
  });

  describe('the client', () => {
    test('row 33: disconnectedFromServer is emitted once for a remote disconnect and for a timeout', () => {
      const world = createWorld();
      const [kicked, cutOff] = [world.connect(), world.connect()];
      world.server.kickPeer(1);
      world.net.partition([SERVER_IP], ['10.0.1.2']);
      world.net.advance(60_000);
      for (const { client, log } of [kicked, cutOff]) {
        expect(log).toEqual([['connectedToServer'], ['disconnectedFromServer', 'Connection lost']]);
        expect(client.getConnectionStatus()).toBe(0);
      }
      expect(world.log.filter(([name]) => name === 'peerDisconnected')).toEqual([
        ['peerDisconnected', 1, ''],
        ['peerDisconnected', 2, 'Connection lost'],
      ]);
    });

    test('row 34: connectionFailed is emitted when nobody answers', () => {
      const { client, log } = createWorld({ create: false }).createClient();
      const world = createWorld({ create: false });
      const lonely = world.createClient();
      expect(lonely.client.connectToServer(SERVER_IP, PORT)).toBe(0);
      world.net.advance(40_000);
      expect(lonely.log).toEqual([['connectionFailed', 'Connection failed']]);
      expect(lonely.client.getConnectionStatus()).toBe(0);
      expect([client.getConnectionStatus(), log]).toEqual([0, []]);
    });

    test('row 35: a client can connect again after it was disconnected, without cleaning up', () => {
      const world = createWorld();
      const { client, log } = world.connect();
      world.server.kickPeer(1);
      world.net.advance(200);
      // Row 26: it went with the connection.
      client.setCompressionMode(here.compression);
      expect(client.connectToServer(SERVER_IP, PORT)).toBe(0);
      world.net.advance(200);
      expect(log.map(([name]) => name)).toEqual([
        'connectedToServer',
        'disconnectedFromServer',
        'connectedToServer',
      ]);
      expect(world.server.getPeers().map((peer) => peer.peerId)).toEqual([2]);
    });

    test('row 36: packets that came before the disconnect are delivered before disconnectedFromServer', () => {
      const world = createWorld();
      const { log } = world.connect();
      for (let i = 0; i < 3; i++) world.server.sendPacket(1, i);
      world.server.kickPeer(1);
      world.net.advance(200);
      expect(log.filter(([name]) => name !== 'rawPacketReceived')).toEqual([
        ['connectedToServer'],
        ['packetReceived', 0, 0],
        ['packetReceived', 1, 0],
        ['packetReceived', 2, 0],
        ['disconnectedFromServer', 'Connection lost'],
      ]);
    });

    test.each([5, null, new StringName('name')])(
      'row 37: an _event of %s is an ordinary packet, on both sides',
      (value) => {
        const world = createWorld();
        const { client, log } = world.connect();
        client.sendPacket({ _event: value });
        world.server.sendPacket(1, { _event: value });
        world.net.advance(50);
        expect(
          world.log.slice(3).map(([name, , packet]) => [name, name === 'packetReceived' ? packet : 0]),
        ).toEqual([
          ['packetReceived', { _event: value }],
          ['rawPacketReceived', 0],
        ]);
        expect(log.slice(1).map(([name]) => name)).toEqual(['packetReceived', 'rawPacketReceived']);
      },
    );
  });

  test('several servers in one process share nothing', () => {
    const world = createWorld();
    const { server: other, log: otherLog } = world.createServer('10.0.0.2');
    other.createServer(PORT);
    other.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    other.registerEvent('only here', () => undefined);
    world.connect();
    const { client } = world.createClient();
    client.connectToServer('10.0.0.2', PORT);
    world.net.advance(100);
    expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
    expect(otherLog.map(([name]) => name)).toEqual(['serverStarted', 'peerConnecting']);
    expect([world.server.hasEvent('only here'), other.getPeers().map(plain)]).toEqual([false, [1]]);
  });
});
