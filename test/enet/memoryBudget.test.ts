/** What received data holds, in real bytes: `bench/memory.ts` compares the charges with the heap. */
import { describe, expect, test } from 'vitest';
import { type HostOptions, Packet, PacketFlag } from '../../src/enet.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { GAP_TRAFFIC, gapDatagram } from '../support/gapTraffic.ts';
import { be, bytes, connected, HostWorld, type Node } from './harness.ts';

expectDiagnoses('hostile traffic is what it is about');

const MIB = 1024 * 1024;

/** A server with connected clients that do nothing by themselves any more. */
function serverWith(clientCount: number, options: Partial<HostOptions> = {}) {
  const world = new HostWorld();
  const server = world.add({ peerCount: clientCount + 1, ...options });
  const clients = Array.from({ length: clientCount }, (_, i) => {
    const client = world.add({ peerCount: 1, random32: () => i + 1 });
    client.host.connect(server.address, 255, 0);
    return client;
  });
  world.run(1000, 50);
  expect(server.host.connectedPeerCount).toBe(clientCount);
  return { world, server, clients };
}

/** Feeds datagrams of one kind until this many bytes were sent; nobody takes what arrives. Returns the bytes. */
function attack(server: Node, client: Node, slot: number, kind: string, untilBytes: number): number {
  const traffic = GAP_TRAFFIC[kind];
  if (traffic === undefined) throw new Error(kind);
  let sent = 0;
  server.host.isHolding = true;
  for (let index = 0; sent < untilBytes; index++) {
    const datagram = gapDatagram(traffic, index, slot);
    sent += datagram.length;
    server.feed(datagram, client.address);
    if (index % 64 === 63) server.host.service(server.world.now);
  }
  server.host.service(server.world.now);
  server.host.isHolding = false;
  server.host.drainOutbox();
  return sent;
}

describe('what received data may hold', () => {
  test.each(Object.keys(GAP_TRAFFIC))('%s: after 1 MiB at most 4 bytes for each byte received', (kind) => {
    const { server, clients } = serverWith(1);
    const [client] = clients;
    const peer = server.host.peer(0);
    if (client === undefined || peer === undefined) throw new Error('nobody');
    const sent = attack(server, client, 0, kind, MIB);
    // A fragment reserves its whole packet in ENet's own count, which is full long before.
    if (!kind.startsWith('one fragment')) expect(peer.heldBytes).toBeGreaterThan(3 * sent);
    expect(peer.heldBytes).toBeLessThanOrEqual(4 * sent + 64 * 1024);
    expect(server.host.heldBytes).toBe(peer.heldBytes);
    // With the connection everything goes.
    peer.reset();
    expect(server.host.heldBytes).toBe(0);
  });

  test('all peers together stay within the budget, and a peer that behaves still gets through', () => {
    const maxHeldBytes = 4 * MIB;
    const { world, server, clients } = serverWith(6, { maxHeldBytes });
    const kinds = Object.keys(GAP_TRAFFIC);
    for (const [slot, client] of clients.entries()) {
      if (slot === 0) continue;
      attack(server, client, slot, kinds[slot % 3] ?? '', MIB / 2);
      expect(server.host.heldBytes).toBeLessThanOrEqual(maxHeldBytes);
    }
    expect(server.host.heldBytes).toBeGreaterThan(maxHeldBytes / 2);
    clients[0]?.host.peer(0)?.send(9, new Packet(bytes('still here'), PacketFlag.RELIABLE));
    clients[0]?.host.peer(0)?.send(9, new Packet(new Uint8Array(20_000).fill(65), PacketFlag.RELIABLE));
    world.run(2000, 50);
    expect(server.texts).toContain('still here');
    expect(server.events.some((event) => event.bytes.length === 20_000)).toBe(true);
  });

  test('before the login the part of it is far smaller, and the login ends that', () => {
    const { server, clients } = serverWith(8, {
      initialMaxWaitingBytes: 512 * 1024,
      maxStrangerHeldBytes: MIB,
    });
    for (const [slot, client] of clients.entries()) {
      attack(server, client, slot, 'reliable behind a gap', 128 * 1024);
    }
    // The shares set aside for the slots are 5.7 MiB each: nobody is above it, and each is above its own limit by a packet.
    for (const { heldBytes } of server.host.peers()) expect(heldBytes).toBeLessThan(513 * 1024);
    const small = serverWith(8, {
      initialMaxWaitingBytes: 512 * 1024,
      maxStrangerHeldBytes: MIB,
      maxHeldBytes: 8 * MIB,
    });
    for (const [slot, client] of small.clients.entries()) {
      attack(small.server, client, slot, 'reliable behind a gap', 128 * 1024);
    }
    expect(small.server.host.heldBytes).toBeLessThanOrEqual(MIB + (8 * MIB) / 5);
    small.server.host.peer(0)?.liftReceiveLimits();
    const [client] = small.clients;
    if (client !== undefined) attack(small.server, client, 0, 'unreliable behind a gap', MIB);
    expect(small.server.host.peer(0)?.heldBytes).toBeGreaterThan(2 * MIB);
  });

  test('the packet that closes a gap is taken when the peer holds all it may', () => {
    const { world, server, clients } = serverWith(1);
    const [client] = clients;
    if (client === undefined) throw new Error('nobody');
    attack(server, client, 0, 'reliable behind a gap', MIB);
    const held = server.host.heldBytes;
    client.host.peer(0)?.send(0, new Packet(bytes('first'), PacketFlag.RELIABLE));
    world.run(100, 50);
    expect(server.texts.length).toBeGreaterThan(1000);
    expect(server.texts[0]).toBe('first');
    expect(server.host.heldBytes).toBeLessThan(held);
  });
});

test('what waits behind two gaps leaves room for the first that is missing', () => {
  const { server, client, toClient } = connected({ server: { peerCount: 1, maxHeldBytes: 100_000 } });
  const feed = (seq: number): void => server.feed(`80000001 8600${be(seq, 2)}0001 61`, client.address);
  for (let seq = 3; seq <= 400; seq++) feed(seq);
  server.service();
  expect(toClient.heldBytes).toBeGreaterThan(75_000);
  expect(server.host.dropCount('WAITING_DATA_FULL')).toBeGreaterThan(0);
  feed(1);
  server.service();
  feed(2);
  server.service();
  expect(server.texts.length).toBeGreaterThan(190);
  expect(toClient.heldBytes).toBeLessThan(1000);
});
