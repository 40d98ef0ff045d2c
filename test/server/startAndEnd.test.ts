/** How connections of the classes begin and end: authenticators, bind names, limits of attempts, last words, failed starts. */
import { describe, expect, test } from 'vitest';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { GodotThreeMultiplayerPeer } from '../../src/godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import { AuthMode } from '../../src/server/constants.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';
import { createWorld, eachMode, PORT, SERVER_IP } from './world.ts';

/** A runtime that keeps the warnings. */
function withWarnings(runtime: SimRuntime): { runtime: SimRuntime; warnings: [string, string][] } {
  const warnings: [string, string][] = [];
  const warn = (code: string, message: string): void => void warnings.push([code, message]);
  return { runtime: Object.assign(runtime, { warn }), warnings };
}

eachMode(
  () => {
    describe('an authenticator', () => {
      test('is asked where no mode was ever chosen', () => {
        const world = createWorld({ create: false });
        world.server.setCustomAuthenticator((_peer, login) => login.get('token') === 'good');
        expect(world.server.getAuthenticationMode()).toBe(AuthMode.AUTH_CUSTOM);
        world.server.createServer(PORT);
        const { client } = world.connect();
        expect(world.names()).toEqual(['peerConnecting']);
        client.sendPacket({ token: 'bad' });
        world.net.advance(200);
        expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Authentication failed']);
        world.server.setCustomAuthenticator(undefined);
        expect(world.server.getAuthenticationMode()).toBe(AuthMode.AUTH_NONE);
        world.server.stopServer();
      });

      test('is told of where another mode was chosen, which stays', () => {
        const world = createWorld({ create: false });
        world.server.setAuthenticationMode(AuthMode.AUTH_NONE);
        world.server.setCustomAuthenticator(() => false);
        world.server.createServer(PORT);
        expect(world.server.getAuthenticationMode()).toBe(AuthMode.AUTH_NONE);
        expect(world.traces.filter((line) => line.includes('the authenticator is never asked'))).toHaveLength(
          1,
        );
        world.connect();
        expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
        world.server.stopServer();
      });
    });

    test('bindAddress takes a name, which is resolved at each start', () => {
      const world = createWorld({ create: false, server: { bindAddress: 'fly-global-services' } });
      expect(world.server.createServer(PORT)).toBe(20);
      expect(world.traces.at(-1)).toContain('fly-global-services has no address');
      world.net.addName('fly-global-services', SERVER_IP);
      expect(world.server.createServer(PORT)).toBe(0);
      world.connect();
      expect(world.names()).toContain('peerAuthenticated');
      world.server.stopServer();
    });

    test('what was sent before disconnectFromServer arrives; with lingerMs 0 it is lost', () => {
      const world = createWorld({ net: { loss: 0 } });
      const { client, log } = world.connect();
      client.sendPacket('last words');
      client.disconnectFromServer('bye');
      expect(client.getConnectionStatus()).toBe(0);
      world.net.advance(1000);
      expect(log.at(-1)).toEqual(['disconnectedFromServer', 'bye']);
      expect(world.log).toContainEqual(['packetReceived', 1, 'last words', 0]);
      expect(world.names().at(-1)).toBe('peerDisconnected');
      const second = world.connect();
      second.client.sendPacket('lost words');
      second.client.disconnectFromServer('bye', 0);
      world.net.advance(1000);
      expect(world.log).not.toContainEqual(['packetReceived', 2, 'lost words', 0]);
      expect(world.names().at(-1)).toBe('peerDisconnected');
      world.server.stopServer();
    });
  },
  { compressions: 'none' },
);

test('lingering ends after lingerMs, and the client can connect again meanwhile', () => {
  const world = createWorld();
  const { client } = world.connect({ lingerMs: 300 });
  world.net.partition([SERVER_IP], ['10.0.1.1']);
  client.sendPacket('never');
  client.disconnectFromServer();
  expect(client.connectToServer(SERVER_IP, PORT)).toBe(0);
  world.net.advance(301);
  world.net.heal();
  world.net.runUntil(() => client.isConnectedToServer(), 5000, 'the second connection');
  world.server.stopServer();
});

describe('connectTimeoutMs', () => {
  test('ENetClient: connectionFailed comes in time, and in time only', () => {
    const world = createWorld();
    const { client, log } = world.createClient({ connectTimeoutMs: 700 });
    client.connectToServer(SERVER_IP, PORT + 1);
    world.net.advance(690);
    expect(log).toEqual([]);
    world.net.advance(30);
    expect(log.map(([name]) => name)).toEqual(['connectionFailed']);
    const connected = world.connect({ connectTimeoutMs: 700 });
    world.net.advance(5000);
    expect(connected.client.isConnectedToServer()).toBe(true);
    world.server.stopServer();
  });

  test('ENetConnection and the multiplayer peers', () => {
    const net = new SimNetwork({ latencyMs: 5 });
    const connection = new ENetConnection({ runtime: net.createRuntime('10.0.0.2'), connectTimeoutMs: 700 });
    connection.createHost(1);
    const peer = connection.connectToHost('10.0.0.9', 7000);
    const peers = [ENetMultiplayerPeer, GodotThreeMultiplayerPeer].map(
      (Class, index) =>
        new Class({ runtime: net.createRuntime(`10.0.0.${3 + index}`), connectTimeoutMs: 700 }),
    );
    for (const one of peers) expect(one.createClient('10.0.0.9', 7000)).toBe(0);
    const poll = (): unknown[] => {
      for (const one of peers) one.poll();
      return [connection.service()[0], ...peers.map((one) => one.getConnectionStatus())];
    };
    expect(poll()).toEqual([0, 1, 1]);
    net.advance(690);
    expect(poll()).toEqual([0, 1, 1]);
    net.advance(30);
    expect(poll()).toEqual([ENetConnection.EVENT_DISCONNECT, 0, 0]);
    expect(peer?.isActive()).toBe(false);
    expect(connection.getPeers()).toEqual([]);
  });

  test.each([0, -1, 1.5, 2 ** 31, '5'])('%s is refused', (value) => {
    const runtime = new SimNetwork().createRuntime('10.0.0.1');
    const options = { runtime, connectTimeoutMs: value as number };
    for (const Class of [ENetClient, ENetConnection]) expect(() => new Class(options)).toThrow(RangeError);
  });
});

describe('a start that failed', () => {
  const starts: [string, (runtime: SimRuntime, onTrace?: () => void) => (port: number) => number][] = [
    ['ENetServer', (runtime, onTrace) => bind(new ENetServer({ runtime, ...(onTrace && { onTrace }) }))],
    [
      'ENetMultiplayerPeer',
      (runtime, onTrace) => bind(new ENetMultiplayerPeer({ runtime, ...(onTrace && { onTrace }) })),
    ],
    [
      'GodotThreeMultiplayerPeer',
      (runtime, onTrace) => bind(new GodotThreeMultiplayerPeer({ runtime, ...(onTrace && { onTrace }) })),
    ],
    [
      'ENetConnection',
      (runtime, onTrace) => {
        const connection = new ENetConnection({ runtime, ...(onTrace && { onTrace }) });
        return (port) => connection.createHostBound('*', port);
      },
    ],
    [
      'ENetClient',
      (runtime, onTrace) => {
        const client = new ENetClient({ runtime, ...(onTrace && { onTrace }) });
        return (port) => client.connectToServer('10.0.0.1', port === TAKEN ? 0 : port);
      },
    ],
  ];
  const TAKEN = 7000;
  const bind = (server: { createServer(port: number): number }) => (port: number) =>
    server.createServer(port);

  test.each(starts)(
    '%s: a warning, unless another start goes well at once or onTrace is there',
    (name, make) => {
      const net = new SimNetwork();
      const { runtime, warnings } = withWarnings(net.createRuntime('10.0.0.1'));
      new ENetConnection({ runtime }).createHostBound('*', TAKEN);
      expect(make(runtime, () => undefined)(TAKEN)).not.toBe(0);
      const retried = make(runtime);
      expect([retried(TAKEN) === 0, retried(TAKEN + 1)]).toEqual([false, 0]);
      net.advance(10);
      expect(warnings).toEqual([]);
      expect(make(runtime)(TAKEN)).not.toBe(0);
      net.advance(10);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]?.[0]).toBe('GODOT_ENET_START_FAILED');
      expect(warnings[0]?.[1]).toMatch(new RegExp(`^${name}\\.\\w+\\(\\) failed and returned \\d+ \\(ERR_`));
    },
  );
});

test('an authenticator that is never asked is a process warning', () => {
  const net = new SimNetwork();
  const { runtime, warnings } = withWarnings(net.createRuntime('10.0.0.1'));
  const server = new ENetServer({ runtime });
  server.setAuthenticationMode(AuthMode.AUTH_NONE);
  server.setCustomAuthenticator(() => false);
  expect(server.createServer(PORT)).toBe(0);
  net.advance(10);
  expect(warnings.map(([code]) => code)).toEqual(['GODOT_ENET_IDLE_AUTHENTICATOR']);
  server.stopServer();
});
