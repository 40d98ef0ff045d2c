/**
 * What a healthy sender sends twice is no drop. ENet waits rtt + 4 x variance for an acknowledgement: a few milliseconds on
 * a loopback, less than an application takes from one service to the next. enet-protocol 5.7, 6.6, 6.9.
 */
import { expect, test } from 'vitest';
import { Packet, PacketFlag, PeerState } from '../../src/enet.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { be, connected, type Node } from './harness.ts';

expectDiagnoses('forged acknowledgements are a part of it');

const counts = ({ host }: Node): [drops: object, repeats: number, late: number] => [
  Object.fromEntries(host.dropCounts()),
  host.statistics.totalRepeats,
  host.statistics.totalLateAcknowledgements,
];

test.each([
  ['whole', 20],
  ['fragmented', 5000],
])(
  '%s packets on a path that loses nothing, with a sender that is serviced every 2 ms and a receiver every 20',
  (_, size) => {
    const { world, server, client, toServer } = connected();
    world.run(6000);
    for (let now = 2; now <= 4000; now += 2) {
      world.skip(2);
      if (now % 40 === 0) toServer.send(0, new Packet(new Uint8Array(size), PacketFlag.RELIABLE));
      world.deliver();
      client.service();
      if (now % 20 === 0) server.service();
    }
    world.run(200);
    expect(server.texts).toHaveLength(100);
    const [drops, repeats] = counts(server);
    expect(drops).toEqual({});
    expect(repeats).toBeGreaterThan(0);
    const [clientDrops, , late] = counts(client);
    expect(clientDrops).toEqual({});
    expect(late).toBeGreaterThan(0);
  },
);

test('the network doubles every datagram: what nobody sends twice is dropped as DUPLICATE, the rest is a repeat', () => {
  const { world, server, client, toServer } = connected();
  client.path = () => ({ copies: 2 });
  toServer.send(0, new Packet(new Uint8Array(3), PacketFlag.RELIABLE));
  toServer.send(1, new Packet(new Uint8Array(3), PacketFlag.NONE));
  toServer.send(1, new Packet(new Uint8Array(3), PacketFlag.UNSEQUENCED));
  world.settle();
  expect(server.texts).toHaveLength(3);
  expect(counts(server)).toEqual([{ DUPLICATE: 2 }, 1, 0]);
  expect(counts(client)).toEqual([{}, 0, 1]);
});

test('numbers that were never sent stay BAD_ACKNOWLEDGE, before and after the numbers wrap', () => {
  const { world, server, client, toServer } = connected();
  const acknowledge = (seq: number): void => {
    client.feed(`0000 0100${be(seq, 2)}${be(seq, 2)}${be(world.now & 0xffff, 2)}`, server.address);
    client.service();
  };
  const send = (times: number): void => {
    for (let i = 0; i < times; i++) {
      toServer.send(0, new Packet(new Uint8Array(1), PacketFlag.RELIABLE));
      if (i % 500 === 499) world.settle();
    }
    world.settle();
  };
  for (const seq of [1, 0, 0xffff]) acknowledge(seq);
  expect(counts(client)).toEqual([{ BAD_ACKNOWLEDGE: 3 }, 0, 0]);
  send(3);
  for (const seq of [1, 2, 3, 4, 0, 0xffff]) acknowledge(seq);
  expect(counts(client)).toEqual([{ BAD_ACKNOWLEDGE: 6 }, 0, 3]);
  send(65_536);
  for (const seq of [3, 0, 0xffff, 4]) acknowledge(seq);
  expect(counts(client)).toEqual([{ BAD_ACKNOWLEDGE: 7 }, 0, 6]);
  expect(counts(server)).toEqual([{}, 0, 0]);
});

test('a number that never came is no repeat, before and after the numbers wrap', () => {
  const { server, client } = connected();
  const feed = (seq: number): void => server.feed(`80000001 8600${be(seq, 2)}0001 61`, client.address);
  for (const seq of [0xffff, 0, 1, 1]) feed(seq);
  server.service();
  expect(counts(server)).toEqual([{ OUT_OF_WINDOW: 1, DUPLICATE: 1 }, 1, 0]);
  for (let seq = 2; seq <= 65_537; seq++) {
    feed(seq & 0xffff);
    if (seq % 500 === 0) server.service();
  }
  server.service();
  expect(server.texts).toHaveLength(65_537);
  for (const seq of [0, 0xffff, 1]) feed(seq);
  // Further ahead than anybody may go, and ahead where nothing waits.
  feed(1 + 7 * 4096);
  feed(3);
  feed(3);
  server.service();
  expect(counts(server)).toEqual([{ OUT_OF_WINDOW: 2, DUPLICATE: 1 }, 5, 0]);
});

test('acknowledgements of what was given up at a disconnect are late', () => {
  const { world, server, client, toServer } = connected();
  toServer.send(0, new Packet(new Uint8Array(3), PacketFlag.RELIABLE));
  client.flush();
  toServer.disconnect(1, world.now);
  expect(toServer.state).toBe(PeerState.DISCONNECTING);
  world.settle();
  expect(client.log).toEqual(['DISCONNECT 0']);
  const [drops, , late] = counts(client);
  expect(drops).toEqual({});
  expect(late).toBe(1);
  expect(counts(server)[0]).toEqual({});
});
