/** Metrics, health and drain of a SceneMultiplayer, on the virtual network. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { describe, expect, test, vi } from 'vitest';
import type { SceneMirror } from '../../schema/index.ts';
import { OfflineMultiplayerPeer } from '../../src/godot/OfflineMultiplayerPeer.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { drain } from '../../src/ops/drain.ts';
import { healthHandler, healthOf } from '../../src/ops/health.ts';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import { drainOnSignals } from '../../src/ops/shutdown.ts';
import { Game, type Side } from '../multiplayer/game.ts';
import { WireRoom } from '../multiplayer/wireRoom.ts';
import { createWorld, settle } from '../server/world.ts';

class Main extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = {
    fail: rpc('any_peer'),
    reset: rpc('authority'),
    say: rpc('any_peer').args('String'),
  };
  fail(): void {
    throw new Error('broken handler');
  }
  reset(): void {}
  say(): void {}
}

function addMain(mirror: SceneMirror): void {
  mirror.root.addChild({ name: 'Main', class: 'Node', script: 'res://main.gd' });
}

function gameOf(players: number): Game {
  const game = new Game([Main], addMain, { dialect: '4.6' });
  for (let i = 0; i < players; i++) game.join({ dialect: '4.6' });
  game.run(30);
  return game;
}

function call({ mirror }: Side, peer: number, method: string, ...args: unknown[]): void {
  mirror.getNode('/root/Main')?.rpcId(peer, method, ...args);
}

/** Lets virtual time pass, in ticks of all sides, until the promise has settled. */
async function resultOf<Result>(game: Game, promise: Promise<Result>): Promise<Result> {
  let isDone = false;
  const result = promise.finally(() => {
    isDone = true;
  });
  for (let ticks = 0; ticks < 1000 && !isDone; ticks++) {
    game.run(1);
    await settle();
  }
  expect(isDone).toBe(true);
  return result;
}

describe('metrics', () => {
  test('count calls, packets and bytes on both sides of a connection', () => {
    const game = gameOf(1);
    const { server } = game;
    const [client] = game.clients as [Side];
    const before = client.multiplayer.metrics();
    call(client, 1, 'say', 'hello');
    call(client, 1, 'fail');
    call(client, 1, 'reset');
    call(client, 1, 'say', 7);
    game.run(10);
    const there = server.multiplayer.metrics();
    const here = client.multiplayer.metrics();
    expect(there).toMatchObject({
      isActive: true,
      acceptsPeers: true,
      peers: 1,
      authenticatedPeers: 1,
      authentications: 1,
      authenticationFailures: 0,
      callsReceived: 4,
      callsRefused: 2,
      callsSent: 0,
      packetsRelayed: 0,
      handlerErrors: 1,
      remotePaths: 1,
    });
    expect(server.errors).toHaveLength(1);
    expect([there.refusals.get('not-allowed'), there.refusals.get('wrong-arguments')]).toEqual([1, 1]);
    expect(there.refusals.get('malformed')).toBe(0);
    expect(here).toMatchObject({ callsSent: 4, announcedPaths: 1, unconfirmedPaths: 0 });
    // Four calls and the announcement of their node.
    expect(here.packetsSent - before.packetsSent).toBe(5);
    expect([there.packetsReceived, there.bytesReceived]).toEqual([here.packetsSent, here.bytesSent]);
    expect([here.packetsReceived, here.bytesReceived]).toEqual([there.packetsSent, there.bytesSent]);
    expect(here.bytesSent).toBeGreaterThan(40);
  });

  test('what is relayed is counted once for each receiver', () => {
    const game = gameOf(3);
    const [client] = game.clients as [Side];
    client.multiplayer.sendBytes(new Uint8Array(100), -1);
    game.run(10);
    // SYS and RELAY, the sender, RAW, and the bytes, to two others.
    expect(game.server.multiplayer.metrics()).toMatchObject({ packetsRelayed: 2, bytesRelayed: 2 * 107 });
  });

  test('peers who authenticate, and those who do not in time', () => {
    const game = new Game([Main], addMain, { dialect: '4.6' });
    game.server.multiplayer.authCallback = () => undefined;
    game.join({ dialect: '4.6' }).multiplayer.authCallback = () => undefined;
    game.run(50);
    expect(game.server.multiplayer.metrics()).toMatchObject({ peers: 1, authenticatedPeers: 0 });
    game.run(400);
    expect(game.server.multiplayer.metrics()).toMatchObject({
      peers: 0,
      authentications: 0,
      authenticationFailures: 1,
    });
  });

  test('calls that wait, and announcements without an answer', () => {
    const room = new WireRoom({ dialect: '4.6' });
    room.mirror.registerScript(Main);
    addMain(room.mirror);
    const main = room.mirror.getNode('/root/Main');
    room.peer.join(2);
    room.multiplayer.gate(2, '/root/Main');
    main?.rpcId(2, 'say', 'later');
    main?.rpcId(2, 'say', 'later');
    const held = room.multiplayer.metrics();
    expect(held).toMatchObject({ heldCalls: 2, callsSent: 0, announcedPaths: 0 });
    expect(held.heldBytes).toBeGreaterThan(10);
    room.multiplayer.open(2, '/root/Main');
    expect(room.multiplayer.metrics()).toMatchObject({
      heldCalls: 0,
      heldBytes: 0,
      callsSent: 2,
      announcedPaths: 1,
      unconfirmedPaths: 1,
    });
  });

  test('counters stay when everybody has gone and the transport was closed', () => {
    const game = gameOf(2);
    const before = game.server.multiplayer.metrics();
    game.server.multiplayer.close();
    expect(game.server.multiplayer.metrics()).toMatchObject({
      isActive: false,
      peers: 0,
      authentications: 2,
      packetsReceived: before.packetsReceived,
      remotePaths: 0,
    });
  });

  test('as Prometheus text, beside an ENetServer in one registry', async () => {
    const game = gameOf(1);
    const registry = new Registry();
    await createPrometheusMetrics(createWorld().server, { registry });
    const metrics = await createPrometheusMetrics(game.server.multiplayer, { registry });
    call(game.clients[0] as Side, 1, 'reset');
    game.run(10);
    const lines = (await metrics.text()).split('\n');
    for (const line of [
      'godot_enet_peers 0',
      'godot_enet_multiplayer_up 1',
      'godot_enet_multiplayer_peers 1',
      'godot_enet_multiplayer_calls_received_total 1',
      'godot_enet_multiplayer_refusals_total{reason="not-allowed"} 1',
      'godot_enet_multiplayer_refusals_total{reason="malformed"} 0',
      '# TYPE godot_enet_multiplayer_packets_sent_total counter',
    ])
      expect(lines).toContain(line);
  });
});

describe('health', () => {
  test('is ok while players may come, draining while the door is closed, stopped without a transport', async () => {
    const game = gameOf(1);
    const { multiplayer } = game.server;
    const http = createServer(healthHandler(multiplayer));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const ask = async (path: string): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, JSON.parse(await response.text()).status];
    };
    try {
      expect(healthOf(multiplayer)).toEqual({ status: 'ok', peers: 1, authenticatedPeers: 1, port: 0 });
      expect([await ask('/live'), await ask('/ready')]).toEqual([
        [200, 'ok'],
        [200, 'ok'],
      ]);
      multiplayer.ops.acceptsPeers = false;
      expect(multiplayer.refuseNewConnections).toBe(true);
      expect([await ask('/live'), await ask('/ready')]).toEqual([
        [200, 'draining'],
        [503, 'draining'],
      ]);
      multiplayer.close();
      expect([await ask('/live'), await ask('/ready')]).toEqual([
        [503, 'stopped'],
        [503, 'stopped'],
      ]);
    } finally {
      await new Promise((resolve) => http.close(resolve));
    }
  });

  test('without players to come it is no server: offline, without a transport, while a client connects', () => {
    const { multiplayer } = new Game([], () => undefined).join();
    expect(healthOf(multiplayer).status).toBe('stopped');
    multiplayer.multiplayerPeer = null;
    expect(healthOf(multiplayer).status).toBe('stopped');
    multiplayer.multiplayerPeer = new OfflineMultiplayerPeer();
    expect(healthOf(multiplayer).status).toBe('stopped');
  });
});

describe('drain', () => {
  test('takes no new players, lets those who play stay until they leave, and closes', async () => {
    const game = gameOf(2);
    const { server } = game;
    const [ada, bob] = game.clients as [Side, Side];
    let isDrained = false;
    const draining = drain(server.multiplayer).finally(() => {
      isDrained = true;
    });
    const late = game.join({ dialect: '4.6' });
    game.run(100);
    await settle();
    expect([isDrained, healthOf(server.multiplayer)]).toMatchObject([
      false,
      { status: 'draining', peers: 2 },
    ]);
    expect(server.signals).toEqual(['peerConnected client', 'peerConnected client']);
    expect(late.signals.at(-1)).toBe('serverDisconnected');
    call(ada, 1, 'say', 'still here');
    game.run(10);
    expect(server.multiplayer.metrics().callsReceived).toBe(1);
    ada.multiplayer.close();
    // A kick has no signal here.
    server.multiplayer.disconnectPeer(bob.multiplayer.getUniqueId());
    expect(await resultOf(game, draining)).toMatchObject({ isEmpty: true, disconnected: 0 });
    expect(server.multiplayer.hasMultiplayerPeer()).toBe(false);
  });

  test('those who stay are disconnected when the time is over', async () => {
    const game = gameOf(1);
    const result = await resultOf(game, drain(game.server.multiplayer, { timeoutMs: 1005 }));
    expect(result).toMatchObject({ isEmpty: false, disconnected: 1 });
    expect(result.durationMs).toBeGreaterThanOrEqual(1005);
    expect(result.durationMs).toBeLessThan(1100);
    game.run(20);
    expect(game.clients[0]?.signals.at(-1)).toBe('serverDisconnected');
  });

  test('peers are moved away first: an empty server waits for that, one whose players stay for them', async () => {
    const game = gameOf(1);
    const { multiplayer } = game.server;
    let moved = (): void => undefined;
    const moveAway = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          expect(multiplayer.refuseNewConnections).toBe(true);
          moved = resolve;
        }),
    );
    let isDrained = false;
    const draining = drain(multiplayer, { moveAway }).finally(() => {
      isDrained = true;
    });
    game.clients[0]?.multiplayer.close();
    game.run(1000);
    await settle();
    expect([isDrained, healthOf(multiplayer)]).toMatchObject([false, { status: 'draining', peers: 0 }]);
    moved();
    expect(await resultOf(game, draining)).toMatchObject({ isEmpty: true });
    expect(moveAway).toHaveBeenCalledOnce();
  });

  test('what moveAway throws is printed, and the players are waited for; one that never ends has its time', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const moveAway = (): never => {
      throw new Error('no node takes us');
    };
    const game = gameOf(1);
    const result = await resultOf(game, drain(game.server.multiplayer, { timeoutMs: 500, moveAway }));
    expect(result).toMatchObject({ isEmpty: false, disconnected: 1 });
    const empty = gameOf(0);
    const slow = drain(empty.server.multiplayer, {
      timeoutMs: 500,
      moveAway: () => new Promise(() => undefined),
    });
    expect((await resultOf(empty, slow)).durationMs).toBeGreaterThanOrEqual(500);
    expect(String(printed.mock.calls)).toContain('no node takes us');
    printed.mockRestore();
  });

  test('one that is closed meanwhile ends the wait', async () => {
    const game = gameOf(1);
    const draining = drain(game.server.multiplayer);
    game.server.multiplayer.close();
    expect(await resultOf(game, draining)).toMatchObject({ isEmpty: true });
  });

  test('events and reasons are refused before anything is done', () => {
    const { multiplayer } = gameOf(0).server;
    expect(() => drain(multiplayer, { event: { name: 'closing' } })).toThrow(TypeError);
    expect(() => drainOnSignals(multiplayer, { kickReason: 'closing' })).toThrow('"kickReason"');
    expect(() => drain(multiplayer, { timeoutMs: -1 })).toThrow(RangeError);
    expect(() => drain(multiplayer, Object({ moveAway: true }))).toThrow(
      '"moveAway" expected a function, got true',
    );
    expect(multiplayer.refuseNewConnections).toBe(false);
  });
});
