/** enet-protocol 12: what is left of the hostile-input checklist after the tests of the single clauses. */
import { describe, expect, test } from 'vitest';
import { createFastLz } from '../../src/enet/compress/fastlz.ts';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';
import { type HostOptions, Packet, PacketFlag, PeerState } from '../../src/enet.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { be, connected, HostWorld, type Node } from './harness.ts';

expectDiagnoses('hostile datagrams are what it is about');

const stranger = { ip: '10.9.9.9', port: 9 };
const connect = (connectId: number): string =>
  `8fff1234 82ff0001 0000ffff 00000578 00010000 00000002 00000000 00000000 00001388 00000002 00000002 ${be(connectId, 4)} 00000000`;

describe('12.1', () => {
  test('W1 an empty packet passes every compressor', () => {
    for (const compressor of [createRangeCoder(), createFastLz()]) {
      const { world, server, toServer } = connected({ client: { compressor }, server: { compressor } });
      for (let i = 0; i < 40; i++) toServer.send(0, new Packet(new Uint8Array(0), PacketFlag.RELIABLE));
      world.settle();
      expect(server.log.length).toBe(40);
    }
  });

  test('11.3 the zeros with which FastLZ fills up a short datagram end it without a drop', () => {
    const compressor = {
      name: 'padding',
      compress: (): number => 0,
      decompress: (input: Uint8Array, from: number, to: number, output: Uint8Array, at: number): number => {
        output.fill(0, at, at + 16);
        output.set(input.subarray(from, to), at);
        return 16;
      },
    };
    const { server, client } = connected({ server: { compressor } });
    server.feed('4000 49000000 0001 0001 41', client.address);
    server.service();
    expect(server.log).toEqual(['RECEIVE 0 2 A']);
    expect(server.host.dropCounts().size).toBe(0);
  });

  test('W15 in every state: acknowledgements that answer nothing steer nothing', () => {
    const { world, server, client, toClient } = connected();
    const before = [toClient.rttMs, toClient.rttVarianceMs, toClient.throttle];
    for (let i = 0; i < 500; i++) {
      server.feed(`0000 01ff${be(i + 900, 2)}${be(i + 900, 2)}${be(world.now - 20_000, 2)}`, client.address);
    }
    server.service();
    expect([toClient.rttMs, toClient.rttVarianceMs, toClient.throttle]).toEqual(before);
  });

  test('W21 connection ids come from the injected random source alone', () => {
    let next = 0xfffffff0;
    const client = new HostWorld().add({ random32: () => next++ });
    for (let i = 0; i < 3; i++) client.host.connect(stranger, 1, 0);
    client.service();
    expect(client.hex.map((text) => text.slice(88, 96))).toEqual(['fffffff0', 'fffffff1', 'fffffff2']);
  });

  test('W22 the own MTU is clamped to 576..4096, so every command fits', () => {
    const clamped = [0, 1, 575, 4097, 1e9].map((mtuBytes) => new HostWorld().add({ mtuBytes }).host.mtuBytes);
    expect(clamped).toEqual([576, 576, 576, 4096, 4096]);
    const { world, server, toServer } = connected({ client: { mtuBytes: 0 }, server: { mtuBytes: 1e9 } });
    toServer.send(0, new Packet(new Uint8Array(5000), PacketFlag.RELIABLE));
    world.settle();
    expect(server.events[0]?.bytes.length).toBe(5000);
  });
});

describe('12.2', () => {
  test('12.2 A datagrams of 4096 bytes are taken', () => {
    const { server, client } = connected({ client: { mtuBytes: 4096 }, server: { mtuBytes: 4096 } });
    const length = 4096 - 4 - 6;
    server.feed(`80000000 86000001${be(length, 2)}${'61'.repeat(length)}`, client.address);
    expect(server.service()[0]?.bytes.length).toBe(length);
  });

  test('12.2 C state and channels are read anew for every command of a datagram', () => {
    const { server, client } = connected();
    server.feed('80001111 86000001 0001 41 44ff0009 00000003 86000002 0001 42', client.address);
    server.service();
    expect(server.log).toEqual(['RECEIVE 0 1 A', 'DISCONNECT 3']);
    expect(server.host.dropCount('WRONG_STATE')).toBe(1);
  });

  test('12.2 C a CONNECT followed by anything else in its datagram', () => {
    const server = new HostWorld().add();
    server.feed(`${connect(1)} 86000001 0001 41 84ff0002 00000001`, stranger);
    server.service();
    expect([...server.host.peers()].map(({ state }) => state)).toEqual([PeerState.ACKNOWLEDGING_CONNECT]);
    expect(server.host.dropCount('WRONG_STATE')).toBe(1);
  });

  test('12.2 G a peer that never fetches its events holds no more than its limit', () => {
    const { server, client, toClient } = connected({ server: { maxWaitingBytes: 5000 } });
    for (let seq = 1; seq <= 400; seq++) {
      server.feed(`80001111 8600${be(seq, 2)}0064${'62'.repeat(100)}`, client.address);
    }
    // One service call, one event: everything else waits.
    server.host.service(server.world.now);
    expect(toClient.waitingBytes).toBeLessThanOrEqual(5000 + 164);
  });

  test('12.2 H data waiting far ahead is found without walking it: 8192 entries, 100,000 look-ups', () => {
    const { server, client } = connected();
    // Who has sent 2 MB may hold that many entries.
    for (let i = 1; i <= 500; i++) {
      server.feed(`0000 07010000 ${be(i, 2)} 0fa0 ${'61'.repeat(4000)}`, client.address);
    }
    server.service();
    const entry = (rel: number, start: number): string =>
      `0c00${be(rel, 2)}${be(start, 2)}0001 00000002 00000000 00000002 00000000 61`;
    for (let i = 0; i < 8192; i++) server.feed(`00000c${entry(5, i + 1).slice(2)}`, client.address);
    for (let i = 0; i < 100_000; i++)
      server.feed(`00000c${entry(5, 8192 - (i % 4000)).slice(2)}`, client.address);
    server.service();
    expect(server.host.dropCount('DUPLICATE')).toBe(100_000);
  });

  test('12.2 J no event for a peer whose CONNECT was never reported', () => {
    const world = new HostWorld();
    const server = world.add();
    server.feed(connect(1), stranger);
    server.service();
    server.feed('80001111 84ff0002 00000001', stranger);
    server.service();
    expect([...server.host.peers()]).toEqual([]);
    world.run(35_000, 100);
    expect(server.events).toEqual([]);
  });

  test('12.2 B, 12.2 K nothing that arrives makes the host throw, whatever its options', () => {
    const options: Partial<HostOptions>[] = [
      {},
      { maxWaitingBytes: 0, maxQueuedAcknowledgements: 0, maxWaitingUnreliable: 0, maxPacketSizeBytes: 0 },
      { maxHalfOpen: 0, maxHalfOpenPerAddress: 0, maxPeersPerAddress: 0, peerCount: 1 },
    ];
    for (const option of options) {
      const node: Node = new HostWorld().add(option);
      node.feed(connect(1), stranger);
      for (let first = 0; first < 256; first++) {
        for (const length of [1, 2, 3, 4, 5, 8, 12, 24, 48, 60]) {
          const datagram = new Uint8Array(length).fill(first);
          node.feed(datagram, stranger);
          node.feed(Uint8Array.of(0x80, 0, 0, 0, ...datagram), stranger);
          node.feed(Uint8Array.of(0x8f, 0xff, 0, 0, ...datagram), stranger);
        }
      }
      node.service();
      expect(node.events).toEqual([]);
      expect(node.host.nextWakeup(node.world.now)).not.toBe(0);
    }
  });
});
