/** The limits of an ENetMultiplayerPeer as a server: who may come in, how much each may send, how much may wait for it. */
import { describe, expect, test } from 'vitest';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import type { ENetMultiplayerPeerOptions } from '../../src/godot/multiplayer/multiplayerOptions.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { Player, PORT, SERVER_IP } from './multiplayerSupport.ts';

class Room {
  readonly network = new SimNetwork({ seed: 3 });
  readonly server: Player;
  readonly players: Player[] = [];

  constructor(options: ENetMultiplayerPeerOptions) {
    this.server = new Player(this.network, SERVER_IP, options);
    expect(this.server.peer.createServer(PORT, 8)).toBe(0);
  }

  join(ip: string): Player {
    const player = new Player(this.network, ip);
    expect(player.peer.createClient(SERVER_IP, PORT)).toBe(0);
    this.players.push(player);
    this.run(30);
    return player;
  }

  run(ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      this.network.advance(10);
      for (const player of [this.server, ...this.players]) player.tick();
    }
  }

  /** The reasons that occurred. */
  refusals(): Record<string, number> {
    const all = this.server.peer.ops.metrics().refusals;
    return Object.fromEntries([...all].filter(([, count]) => count > 0));
  }
}

function sendAll(player: Player, count: number, bytes: number, mode: 0 | 2): void {
  player.peer.transferMode = mode;
  for (let i = 0; i < count; i++) player.peer.putPacket(new Uint8Array(bytes));
}

describe('who may come in', () => {
  test('by address', () => {
    const room = new Room({ allow: ['10.0.0.0/8'], deny: ['10.0.2.0/24'] });
    expect(room.join('10.0.1.1').status).toBe(2);
    expect(room.join('10.0.2.1').status).toBe(1);
    expect(room.join('192.0.2.1').status).toBe(1);
    const refused = room.refusals();
    expect(Object.keys(refused)).toEqual(['ADDRESS_DENIED', 'ADDRESS_NOT_ALLOWED']);
    expect(room.server.signals).toHaveLength(1);
  });

  test('by rate and by number', () => {
    const room = new Room({
      limits: { connectBurstPerAddress: 2, connectsPerSecPerAddress: 0.001, maxPeersPerAddress: 1 },
    });
    expect(room.join('10.0.1.1').status).toBe(2);
    expect(room.join('10.0.1.1').status).toBe(1);
    expect(Object.keys(room.refusals())).toContain('TOO_MANY_FROM_ADDRESS');
  });

  test('by the application, which host.admit asks', () => {
    const room = new Room({ host: { admit: ({ ip }) => ip !== '10.0.1.2' } });
    expect(room.join('10.0.1.1').status).toBe(2);
    expect(room.join('10.0.1.2').status).toBe(1);
    expect(Object.keys(room.refusals())).toEqual(['NOT_ADMITTED']);
  });

  test('a closed door tells at once', () => {
    const room = new Room({});
    room.server.peer.ops.acceptsPeers = false;
    expect(room.server.peer.refuseNewConnections).toBe(true);
    expect(room.join('10.0.1.1').status).toBe(0);
    expect(room.refusals()).toEqual({ DRAINING: 1 });
  });

  test('counts outlive a server', () => {
    const room = new Room({});
    for (let i = 1; i <= 9; i++) room.join(`10.0.1.${i}`);
    const { HOST_FULL = 0 } = room.refusals();
    expect(HOST_FULL).toBeGreaterThan(0);
    room.server.peer.close();
    expect(room.refusals()).toEqual({ HOST_FULL });
    room.server.peer.createServer(PORT, 8);
    expect(room.refusals()).toEqual({ HOST_FULL });
    expect(room.server.peer.ops.metrics()).toMatchObject({ connections: 8, disconnections: 8, peers: 0 });
  });
});

describe('how much', () => {
  test('what is unreliable and above the rate is dropped', () => {
    const room = new Room({ limits: { packetsPerSec: 10, packetBurst: 20 } });
    const player = room.join('10.0.1.1');
    sendAll(player, 50, 10, 0);
    room.run(10);
    expect(room.server.got).toHaveLength(20);
    expect(room.refusals()).toEqual({ RATE_DROPPED: 30 });
    expect(player.status).toBe(2);
  });

  test('what is reliable and above it ends the connection, told once', () => {
    const room = new Room({ limits: { bytesPerSec: 1000, byteBurst: 2000 } });
    const player = room.join('10.0.1.1');
    const other = room.join('10.0.1.2');
    const { id } = player;
    sendAll(player, 50, 100, 2);
    room.run(20);
    expect(room.server.got.length).toBeLessThanOrEqual(21);
    expect(room.refusals()).toEqual({ RATE_EXCEEDED: 1 });
    expect(room.server.signals.filter((signal) => signal === `-${id}`)).toHaveLength(1);
    expect(room.server.peer.disconnectCause).toBe('LIMIT');
    const { disconnectionsByCause } = room.server.peer.ops.metrics();
    expect(disconnectionsByCause.get('LIMIT')).toBe(1);
    expect([player.status, other.status]).toEqual([0, 2]);
  });

  test('a player that takes too little is disconnected by the next reliable packet', () => {
    const room = new Room({ limits: { maxBacklogBytes: 10_000 } });
    const player = room.join('10.0.1.1');
    const { id } = player;
    room.server.peer.setTargetPeer(id);
    sendAll(room.server, 9, 1000, 2);
    sendAll(room.server, 3, 1000, 0);
    expect(room.refusals()['QUEUE_DROPPED']).toBeGreaterThan(0);
    sendAll(room.server, 3, 1000, 2);
    expect(room.refusals()['QUEUE_OVERFLOW']).toBe(1);
    room.run(20);
    expect(room.server.signals.at(-1)).toBe(`-${id}`);
    expect(player.status).toBe(0);
  });

  test('a client is not held to them: its server may send', () => {
    const room = new Room({});
    const player = new Player(room.network, '10.0.1.1', { limits: { packetsPerSec: 1, packetBurst: 1 } });
    player.peer.createClient(SERVER_IP, PORT);
    room.players.push(player);
    room.run(30);
    sendAll(room.server, 20, 10, 2);
    room.run(20);
    expect(player.got).toHaveLength(20);
  });
});

test('bad limits and addresses are told at once', () => {
  const runtime = new SimNetwork().createRuntime(SERVER_IP);
  expect(() => new ENetMultiplayerPeer({ runtime, limits: { packetsPerSec: -1 } })).toThrow('packetsPerSec');
  expect(() => new ENetMultiplayerPeer({ runtime, deny: ['nowhere'] })).toThrow('deny');
});

test('both sides count the same packets and bytes', () => {
  const room = new Room({});
  const player = room.join('10.0.1.1');
  sendAll(player, 3, 100, 2);
  room.run(10);
  expect(player.peer.ops.metrics()).toMatchObject({
    isActive: true,
    peers: 1,
    packetsSent: 3,
    bytesSent: 300,
  });
  const metrics = room.server.peer.ops.metrics();
  expect(metrics).toMatchObject({ peers: 1, connections: 1, packetsReceived: 3, bytesReceived: 300 });
  expect(metrics.datagramsReceived).toBeGreaterThan(2);
  expect(room.server.peer.transportPeer(player.id)).toMatchObject({ transport: 'ENet', address: '10.0.1.1' });
});
