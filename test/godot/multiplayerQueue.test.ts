/** What the multiplayer peers do with packets that nobody fetches: the option `maxQueuedBytes`. godot-enet-classes 4.6. */
import { describe, expect, test } from 'vitest';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { GodotThreeMultiplayerPeer } from '../../src/godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import type { MultiplayerPeer } from '../../src/godot/multiplayer/MultiplayerPeer.ts';
import type { ENetMultiplayerPeerOptions } from '../../src/godot/multiplayer/multiplayerOptions.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { PlayerWorld } from './multiplayerSupport.ts';

const PORT = 7777;
const LIMIT = 100_000;
const SIZE = 1000;
const COUNT = 3000;
/** What the queue charges for a packet beside its payload. */
const OVERHEAD = 384;

const classes = [
  ['ENetMultiplayerPeer', ENetMultiplayerPeer],
  ['GodotThreeMultiplayerPeer', GodotThreeMultiplayerPeer],
] as const;

describe.each(classes)('%s', (_name, Peer) => {
  function world(options: ENetMultiplayerPeerOptions = {}) {
    const network = new SimNetwork({ latencyMs: 5 });
    const make = (ip: string, more: ENetMultiplayerPeerOptions = {}) =>
      new Peer({ runtime: network.createRuntime(ip), createCompressor, ...more });
    const server = make('10.0.0.1', { maxQueuedBytes: LIMIT, ...options });
    expect(server.createServer(PORT)).toBe(0);
    const client = make('10.0.0.2');
    expect(client.createClient('10.0.0.1', PORT)).toBe(0);
    const all = [server, client];
    const run = (ms: number): void => {
      for (let passed = 0; passed < ms; passed += 10) {
        network.advance(10);
        for (const peer of all) peer.poll();
      }
    };
    return { network, make, server, client, all, run };
  }

  function flood(client: ENetMultiplayerPeer | GodotThreeMultiplayerPeer): void {
    client.setTargetPeer(1);
    for (let number = 0; number < COUNT; number++) {
      const bytes = new Uint8Array(SIZE);
      new DataView(bytes.buffer).setUint32(0, number);
      expect(client.putPacket(bytes)).toBe(0);
    }
  }

  test('a flood stops at the limit; connections live on; nothing that is reliable is lost', () => {
    const { server, client, all, make, run } = world();
    run(100);
    flood(client);
    run(20_000);
    const most = Math.ceil(LIMIT / (SIZE + OVERHEAD));
    expect(server.getAvailablePacketCount()).toBe(most);
    expect(client.getConnectionStatus()).toBe(2);

    // Others come and go meanwhile.
    const seen: string[] = [];
    const signals: MultiplayerPeer = server;
    signals.on('peerConnected', (id) => seen.push(`+${id}`));
    signals.on('peerDisconnected', (id) => seen.push(`-${id}`));
    const late = make('10.0.0.3');
    late.createClient('10.0.0.1', PORT);
    all.push(late);
    run(100);
    const id = late.getUniqueId();
    all.pop();
    late.close();
    run(100);
    expect(seen).toEqual([`+${id}`, `-${id}`]);

    for (let number = 0; number < COUNT; number++) {
      for (let turn = 0; server.getAvailablePacketCount() === 0 && turn < 1000; turn++) run(10);
      expect(new DataView(server.getPacket().buffer).getUint32(0)).toBe(number);
      expect(server.getAvailablePacketCount()).toBeLessThanOrEqual(most);
    }
    run(100);
    expect(server.getAvailablePacketCount()).toBe(0);
  });

  test('packets without a byte count too', () => {
    const { network, server, run } = world();
    const stranger = new ENetConnection({ runtime: network.createRuntime('10.0.0.9') });
    stranger.createHost(1);
    const toServer = stranger.connectToHost('10.0.0.1', PORT, 3, 77);
    const service = (): void => {
      while (stranger.service()[0] > 0);
    };
    for (let turn = 0; turn < 20; turn++) {
      run(10);
      service();
    }
    // Godot 3's header, from 77 to 1; Godot 4 takes it for 8 bytes.
    const header = Uint8Array.of(77, 0, 0, 0, 1, 0, 0, 0);
    for (let count = 0; count < COUNT; count++) toServer?.send(1, header, 1);
    for (let turn = 0; turn < 200; turn++) {
      run(10);
      service();
    }
    const inQueue = Peer === ENetMultiplayerPeer ? OVERHEAD + header.length : OVERHEAD;
    expect(server.getAvailablePacketCount()).toBe(Math.ceil(LIMIT / inQueue));
    expect(server.getPacketPeer()).toBe(77);
  });

  test('a full queue does not wake anybody again and again; the first room in it does', () => {
    let wakes = 0;
    const { network, server, client, all, run } = world({
      onWake() {
        wakes++;
        server.poll();
      },
    });
    all.shift();
    run(100);
    flood(client);
    run(2000);
    const full = server.getAvailablePacketCount();
    expect(full).toBe(Math.ceil(LIMIT / (SIZE + OVERHEAD)));
    client.poll();
    wakes = 0;
    // Nothing but resends and pings of a client that is held back: no more wakes than datagrams and timers.
    for (let passed = 0; passed < 1000; passed++) network.advance(1);
    expect(wakes).toBeLessThan(200);

    server.getPacket();
    network.advance(1);
    expect(server.getAvailablePacketCount()).toBe(full);
  });

  test('who leaves while packets of theirs wait is gone once these were fetched', () => {
    const { server, client, run } = world();
    const seen: string[] = [];
    const signals: MultiplayerPeer = server;
    signals.on('peerDisconnected', (id) => seen.push(`-${id}`));
    run(100);
    const id = client.getUniqueId();
    client.setTargetPeer(1);
    for (let number = 0; number < 120; number++)
      client.putPacket(Uint8Array.of(number, ...new Uint8Array(SIZE)));
    run(2000);
    client.close();
    run(200);
    expect(seen).toEqual([]);
    expect(server.getAvailablePacketCount()).toBeLessThan(100);
    for (let number = 0; number < 120; number++) {
      expect([number, server.getPacketPeer(), server.getPacket()[0]]).toEqual([number, id, number]);
      server.poll();
    }
    expect(server.getAvailablePacketCount()).toBe(0);
    expect(seen).toEqual([`-${id}`]);
  });

  test('a client whose server is gone stays until it has fetched what waits', () => {
    const { network, make, server, all, run } = world();
    const client = make('10.0.0.7', { maxQueuedBytes: 10_000 });
    client.createClient('10.0.0.1', PORT);
    all.push(client);
    run(100);
    server.setTargetPeer(client.getUniqueId());
    for (let number = 0; number < 30; number++)
      server.putPacket(Uint8Array.of(number, ...new Uint8Array(SIZE)));
    run(500);
    server.close();
    run(200);
    expect(client.getConnectionStatus()).toBe(2);
    for (let number = 0; number < 30; number++) {
      expect(client.getPacket()[0]).toBe(number);
      if (client.getConnectionStatus() !== 0) client.poll();
    }
    network.advance(10);
    expect([client.getConnectionStatus(), client.getAvailablePacketCount()]).toEqual([0, 0]);
  });

  test('close() makes room, and the next life of the peer takes packets again', () => {
    const { server, client, run } = world();
    run(100);
    flood(client);
    run(500);
    server.close();
    client.close();
    expect(server.getAvailablePacketCount()).toBe(0);
    server.createServer(PORT);
    client.createClient('10.0.0.1', PORT);
    run(100);
    client.setTargetPeer(1);
    client.putPacket(Uint8Array.of(1));
    run(50);
    expect([...server.getPacket()]).toEqual([1]);
  });

  test('the limit is an integer from 1 on', () => {
    for (const maxQueuedBytes of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => world({ maxQueuedBytes })).toThrow(RangeError);
    }
    expect(() => world({ maxQueuedBytes: Number('x') })).toThrow(
      '"maxQueuedBytes" expected an integer from 1 on, got NaN',
    );
    const { server, client, run } = world({ maxQueuedBytes: 1 });
    run(100);
    flood(client);
    run(100);
    expect(server.getAvailablePacketCount()).toBe(1);
  });
});

test('a mesh has one limit for all its hosts', () => {
  const arena = new PlayerWorld();
  const players = [arena.player({ maxQueuedBytes: 10_000 }), arena.player(), arena.player()];
  const [first, second, third] = players;
  if (!first || !second || !third) throw new Error('no players');
  first.keepsPackets = true;
  for (const [index, { peer }] of players.entries()) peer.createMesh(index + 1);
  for (const other of [second, third]) {
    const [here, there] = arena.link(first, other);
    expect(first.peer.addMeshPeer(other.id, here)).toBe(0);
    expect(other.peer.addMeshPeer(1, there)).toBe(0);
  }
  for (let count = 0; count < 100; count++) {
    for (const other of [second, third]) other.put(new Uint8Array(SIZE), 1);
  }
  arena.run(1000);
  expect(first.peer.getAvailablePacketCount()).toBe(Math.ceil(10_000 / (SIZE + OVERHEAD)));
  first.keepsPackets = false;
  arena.run(1000);
  expect(first.got).toHaveLength(200);
});

test('refusing says nothing of DTLS in the trace of a multiplayer peer', () => {
  const arena = new PlayerWorld();
  const server = arena.player();
  server.peer.createServer(PORT);
  server.peer.refuseNewConnections = true;
  const [one, two] = arena.link(arena.player(), arena.player());
  const mesh = arena.player();
  mesh.peer.createMesh(1);
  expect(mesh.peer.addMeshPeer(2, two)).toBe(0);
  mesh.peer.refuseNewConnections = true;
  expect([...server.lines, ...mesh.lines]).toEqual([]);
  one.destroy();
});
