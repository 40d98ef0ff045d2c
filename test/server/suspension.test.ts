/**
 * A server whose process was stopped, as a laptop that slept or a container that was frozen: whoever has answered meanwhile
 * is not lost when it goes on. Under virtual time, in which the timers come before what waits in the socket.
 */
import { expect, test } from 'vitest';
import { ConnectionEventType, PeerStatistic } from '../../src/godot/constants.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import type { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import { AuthMode } from '../../src/server/constants.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { withThreads } from '../support/simThread.ts';
import { createSuspendable } from '../support/suspendable.ts';
import { eachMode, PORT, SERVER_IP } from './world.ts';

/** Longer than the 30 s after which ENet gives up for certain. */
const PAUSE_MS = 34_000;
const CLIENTS = 20;

eachMode(
  ({ thread }) => {
    function start(): { net: SimNetwork; server: ENetServer; ended: unknown[]; suspend(ms: number): void } {
      const net = new SimNetwork({ latencyMs: 10 });
      const { runtime, suspend } = createSuspendable(net, SERVER_IP, 10);
      const server = new ENetServer({ runtime: thread ? withThreads(runtime) : runtime, thread });
      const ended: unknown[] = [];
      server.on('peerDisconnected', (peer) => ended.push(peer.getPeerId()));
      return { net, server, ended, suspend };
    }

    /** Clients that wait longer than Godot's, so that only the server's patience is seen. */
    function connectAll(net: SimNetwork): { ip: string; peer: ENetPacketPeer }[] {
      return Array.from({ length: CLIENTS }, (_, index) => {
        const ip = `10.0.1.${index + 1}`;
        const client: ENetConnection = new ENetConnection({
          runtime: net.createRuntime(ip),
          onWake: () => {
            while (client.service()[0] > ConnectionEventType.EVENT_NONE);
          },
        });
        client.createHost(1);
        const peer = client.connectToHost(SERVER_IP, PORT, 2);
        if (peer === null) throw new Error('no peer');
        peer.setTimeout(1000, 300_000, 300_000);
        return { ip, peer };
      });
    }

    test('nobody who has answered is lost, and who has gone is given up later', () => {
      const { net, server, ended, suspend } = start();
      server.createServer(PORT);
      const clients = connectAll(net);
      net.advance(2000);
      expect(server.getPeerCount()).toBe(CLIENTS);
      // Their acknowledgements come while it is stopped.
      server.broadcastPacket('are you there?');
      net.advance(1);
      suspend(PAUSE_MS);
      net.advance(10_000);
      expect(ended).toEqual([]);
      expect(server.getPeerCount()).toBe(CLIENTS);
      for (const peer of server.getPeers())
        expect(peer.getStatistic(PeerStatistic.PEER_ROUND_TRIP_TIME)).toBeLessThan(500);

      net.partition([SERVER_IP], [clients[0]?.ip ?? '']);
      net.advance(40_000);
      expect(ended).toEqual([1]);
    });

    test('a login that came meanwhile is in time', () => {
      const { net, server, ended, suspend } = start();
      server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      server.setCustomAuthenticator(() => true);
      server.setAuthenticationTimeout(2);
      server.createServer(PORT);
      const client = new ENetClient({ runtime: net.createRuntime('10.0.1.1') });
      client.connectToServer(SERVER_IP, PORT);
      net.runUntil(() => client.isConnectedToServer(), 1000);
      net.advance(100);
      client.sendPacket({ token: 1 });
      suspend(4000);
      net.advance(1000);
      expect(ended).toEqual([]);
      expect(server.getAuthenticatedPeerCount()).toBe(1);
    });
  },
  { compressions: 'none' },
);
