/** enet-server-module section 8, the end of a connection and of a server: one test for each row of the table, named by the row's number. */
import { describe, expect, test } from 'vitest';
import { ConnectionState } from '../../src/server/constants.ts';
import { onlyPeer } from './logins.ts';
import { createWorld, eachMode, PORT, SERVER_IP, settle } from './world.ts';

eachMode(() => {
  describe('the end', () => {
    test('row 12: stopServer emits peerDisconnected for every peer, then serverStopped, and nothing leaks', async () => {
      const world = createWorld();
      const [, second] = [world.connect(), world.connect(), world.connect()];
      onlyPeer(world).disconnectPeer('kicked');
      second.client.sendPacket('on its way');
      world.server.stopServer();
      expect(world.server.createServer(PORT)).toBe(0);
      await settle();
      world.net.advance(200);
      expect(world.log.slice(7)).toEqual([
        ['peerDisconnected', 1, 'kicked'],
        ['peerDisconnected', 2, 'Server stopped'],
        ['peerDisconnected', 3, 'Server stopped'],
        ['serverStopped'],
        ['serverStarted', PORT],
      ]);
      expect(second.log.at(-1)).toEqual(['disconnectedFromServer', 'Connection lost']);
    });

    test('row 13: address, port and ping stay readable in and after peerDisconnected', () => {
      const world = createWorld();
      const { client } = world.connect();
      world.net.setLink('*', '*', { latencyMs: 40 });
      world.net.advance(60_000);
      const peer = onlyPeer(world);
      const before = [peer.remoteAddress, peer.remotePort, peer.getPing()];
      const inside: unknown[] = [];
      world.server.on('peerDisconnected', (gone) => {
        inside.push(gone.remoteAddress, gone.remotePort, gone.getPing());
      });
      client.disconnectFromServer();
      world.net.advance(100);
      expect(before).toEqual(['10.0.1.1', expect.any(Number), expect.closeTo(77, -1)]);
      expect(inside).toEqual(before);
      expect([peer.remoteAddress, peer.remotePort, peer.getPing()]).toEqual(before);
    });

    test('row 14: a kicked peer is removed when the client has confirmed, with one peerDisconnected', () => {
      const world = createWorld();
      world.connect();
      world.server.kickPeer(1, 'bye');
      world.net.advance(5);
      expect(world.server.getPeerCount()).toBe(1);
      expect(onlyPeer(world).connectionState).toBe(ConnectionState.STATE_DISCONNECTING);
      world.net.advance(30);
      expect(world.server.getPeerCount()).toBe(0);
      world.net.advance(60_000);
      expect(world.names().filter((name) => name === 'peerDisconnected')).toHaveLength(1);
    });

    test('row 14: a kicked peer that does not confirm is removed after kickTimeoutMs, with the last reason', () => {
      const world = createWorld({ server: { kickTimeoutMs: 700 } });
      world.connect();
      world.net.partition([SERVER_IP], ['10.0.1.1']);
      world.server.kickPeer(1, 'first reason');
      world.net.advance(500);
      world.server.kickPeer(1, 'bye');
      world.net.advance(190);
      expect(world.server.getPeerCount()).toBe(1);
      world.net.advance(20);
      expect(world.server.getPeerCount()).toBe(0);
      expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'bye']);
    });

    test('row 28: what was sent just before a kick arrives before the disconnect', () => {
      const world = createWorld();
      const { log } = world.connect();
      world.net.lossNext(1, SERVER_IP, '10.0.1.1');
      world.server.sendPacket(1, 'you are banned');
      world.server.kickPeer(1, 'banned');
      world.net.advance(2000);
      expect(log.filter(([name]) => name !== 'rawPacketReceived').slice(1)).toEqual([
        ['packetReceived', 'you are banned', 0],
        ['disconnectedFromServer', 'Connection lost'],
      ]);
      expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'banned']);
    });

    test('row 38: after stopServer in a handler nothing more is dispatched', () => {
      const world = createWorld();
      world.server.once('packetReceived', () => world.server.stopServer());
      const { client } = world.connect();
      for (let i = 0; i < 5; i++) client.sendPacket(i);
      world.net.advance(100);
      expect(world.log.slice(3)).toEqual([
        ['packetReceived', 1, 0, 0],
        ['peerDisconnected', 1, 'Server stopped'],
        ['serverStopped'],
      ]);
    });

    test('row 39: signals are bound to the peer: one that leaves at once still gets all of its own', () => {
      const world = createWorld();
      const { client } = world.createClient();
      client.on('connectedToServer', () => {
        client.sendPacket('hello', 0, false);
        // The packet leaves with this turn, the disconnect with the next.
      });
      client.connectToServer(SERVER_IP, PORT);
      world.net.runUntil(() => client.isConnectedToServer(), 1000);
      world.net.advance(1);
      client.disconnectFromServer();
      world.net.advance(100);
      expect(world.names()).toEqual([
        'peerConnecting',
        'peerAuthenticated',
        'packetReceived',
        'rawPacketReceived',
        'peerDisconnected',
      ]);
    });
  });
});
