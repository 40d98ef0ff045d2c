/** The cause of the end of a connection, at ENetPacketPeer and at the multiplayer peers. */
import { describe, expect, test } from 'vitest';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { GodotThreeMultiplayerPeer } from '../../src/godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import { DisconnectCause } from '../../src/godot.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { CLIENT_IP, ConnectionWorld, SERVER_IP } from './support.ts';

describe('ENetPacketPeer', () => {
  test('a goodbye, and what this side does', () => {
    for (const end of ['peerDisconnect', 'peerDisconnectNow', 'peerDisconnectLater'] as const) {
      const world = new ConnectionWorld();
      const { toServer, toClient } = world.pair();
      expect(toServer.disconnectCause).toBeUndefined();
      toServer[end](3);
      world.run(500);
      expect([toServer.disconnectCause, toClient.disconnectCause]).toEqual([
        DisconnectCause.LOCAL,
        DisconnectCause.GOODBYE,
      ]);
    }
  });

  test('silence; reset() and destroy() here', () => {
    const world = new ConnectionWorld();
    const { client, toServer, toClient } = world.pair();
    toServer.reset();
    expect(toServer.disconnectCause).toBe(DisconnectCause.LOCAL);
    world.net.partition([CLIENT_IP], [SERVER_IP]);
    world.run(60_000);
    expect(toClient.disconnectCause).toBe(DisconnectCause.TIMEOUT);
    client.enet.destroy();
    const other = new ConnectionWorld().pair();
    other.client.enet.destroy();
    expect(other.toServer.disconnectCause).toBe(DisconnectCause.LOCAL);
  });
});

describe.each([
  ['ENetMultiplayerPeer', ENetMultiplayerPeer],
  ['GodotThreeMultiplayerPeer', GodotThreeMultiplayerPeer],
] as const)('%s', (_name, Class) => {
  const make = (network: SimNetwork, ip: string): ENetMultiplayerPeer =>
    // What both have in common is all that is used here.
    new (Class as typeof ENetMultiplayerPeer)({
      runtime: network.createRuntime(ip),
      createCompressor,
      connectTimeoutMs: 2000,
    });

  function pair(): {
    network: SimNetwork;
    server: ReturnType<typeof make>;
    client: ReturnType<typeof make>;
    run(ms: number): void;
    seen: unknown[];
  } {
    const network = new SimNetwork({ latencyMs: 5 });
    const [server, client] = [make(network, SERVER_IP), make(network, CLIENT_IP)];
    const seen: unknown[] = [];
    server.on('peerDisconnected', () => seen.push(server.disconnectCause));
    const run = (ms: number): void => {
      for (let passed = 0; passed < ms; passed += 10) {
        network.advance(10);
        for (const one of [server, client]) if (one.getConnectionStatus() !== 0) one.poll();
      }
    };
    expect([server.createServer(7000), client.createClient(SERVER_IP, 7000)]).toEqual([0, 0]);
    run(200);
    expect(client.getConnectionStatus()).toBe(2);
    expect([server.disconnectCause, client.disconnectCause]).toEqual([undefined, undefined]);
    return { network, server, client, run, seen };
  }

  test('the client leaves', () => {
    const { server, client, run, seen } = pair();
    client.close();
    run(200);
    expect([client.disconnectCause, seen]).toEqual([DisconnectCause.LOCAL, [DisconnectCause.GOODBYE]]);
    server.close();
  });

  test('the server leaves', () => {
    const { server, client, run } = pair();
    server.close();
    run(200);
    expect([client.getConnectionStatus(), client.disconnectCause]).toEqual([0, DisconnectCause.GOODBYE]);
  });

  test('the server sends the client away', () => {
    const { server, client, run, seen } = pair();
    server.disconnectPeer(client.getUniqueId());
    run(500);
    expect([client.disconnectCause, seen]).toEqual([DisconnectCause.GOODBYE, [DisconnectCause.LOCAL]]);
    server.close();
  });

  test('silence', () => {
    const { network, client, run, seen } = pair();
    network.partition([SERVER_IP], [CLIENT_IP]);
    run(60_000);
    expect([client.disconnectCause, seen]).toEqual([DisconnectCause.TIMEOUT, [DisconnectCause.TIMEOUT]]);
  });

  test('nobody answers; creating anew forgets it', () => {
    const { server, client, run } = pair();
    client.close();
    client.createClient(SERVER_IP, 7001);
    expect(client.disconnectCause).toBeUndefined();
    run(2500);
    expect([client.getConnectionStatus(), client.disconnectCause]).toEqual([0, DisconnectCause.NO_ANSWER]);
    server.close();
  });
});
