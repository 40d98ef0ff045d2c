/** Cases of packets: sizes, flags, order, checksum and compression. enet-protocol sections 5, 6 and 9. */
import { expect } from 'vitest';
import type { Args } from '../actor.ts';
import { numberOf } from '../numberOf.ts';
import {
  bothWays,
  type Case,
  expectQuiet,
  keepThrottleOpen,
  openPair,
  type Pair,
  type Way,
} from '../pairing.ts';
import { HASH_START, hashBytes, patternBytes, patternHash, travelKind } from '../pattern.ts';

/** Around the fragment sizes at MTU 1392 (1364) and 1400 (1372), and large. */
const SIZES = [0, 1, 1360, 1361, 1363, 1364, 1365, 1366, 1368, 1372, 1373, 3000, 65_536];

/** RELIABLE 1, UNSEQUENCED 2, UNRELIABLE_FRAGMENT 8, in all combinations. */
const FLAGS = [0, 1, 2, 3, 8, 9, 10, 11];

/** Settings that both ends share. Empty packets crash the range coder of libenet (enet-protocol W1): leave them out. */
const ENVELOPES: readonly { name: string; host: Args; sizes: readonly number[]; flags: readonly number[] }[] =
  [
    { name: 'plain', host: {}, sizes: SIZES, flags: FLAGS },
    { name: 'checksum', host: { checksum: 1 }, sizes: SIZES, flags: FLAGS },
    { name: 'range coder', host: { range: 1 }, sizes: SIZES.slice(1), flags: [0, 1, 10] },
    {
      name: 'checksum and range coder',
      host: { checksum: 1, range: 1 },
      sizes: SIZES.slice(1),
      flags: [0, 1, 10],
    },
  ];

/** Settings that only one side has: nobody gets through (enet-protocol 9). */
const MISMATCHES: readonly { name: string; server: Args; client: Args }[] = [
  { name: 'checksum at the server only', server: { checksum: 1 }, client: {} },
  { name: 'checksum at the client only', server: {}, client: { checksum: 1 } },
  { name: 'range coder at the server only', server: { range: 1 }, client: {} },
  { name: 'range coder at the client only', server: {}, client: { range: 1 } },
];

/** The table of what must arrive. */
export const packetCases: readonly Case[] = [
  ...ENVELOPES.flatMap(({ name, host, sizes, flags }) =>
    flags.map((flag) => ({
      title: `5.1 ${name}: all sizes with flags ${flag}, both ways`,
      run: async (pair: Pair) => {
        const connection = await openPair(pair, { server: host, client: host });
        for (const way of bothWays(pair, connection)) {
          await keepThrottleOpen(way.from);
          const mtu = numberOf(await way.from.actor.run('info', { peer: way.from.peer }), 'mtu');
          const fragmentSize = mtu - 28 - (host['checksum'] === 1 ? 4 : 0);
          for (const size of sizes) {
            await way.from.actor.run('send', {
              peer: way.from.peer,
              channel: 1,
              flags: flag,
              size,
              seed: size + flag,
            });
            const got = await way.to.actor.inbox.wait('receive', { peer: way.to.peer });
            const { ev: _ev, host: _host, peer: _peer, ...packet } = got;
            expect(packet).toEqual({
              channel: 1,
              length: size,
              flags: travelKind(flag, size, fragmentSize),
              hash: patternHash(size, size + flag),
            });
          }
        }
        await expectQuiet(pair, 30);
      },
    })),
  ),
  ...[0, 1].map((flags) => ({
    title: `5.1 a packet of 2 MB with flags ${flags}, both ways`,
    run: async (pair: Pair) => {
      const connection = await openPair(pair);
      const size = 2 * 1024 * 1024;
      for (const { from, to } of bothWays(pair, connection)) {
        await from.actor.run('send', { peer: from.peer, flags, size, seed: 3 });
        await to.actor.inbox.wait('receive', { length: size, flags: 1, hash: patternHash(size, 3) }, 20_000);
      }
    },
  })),
  {
    title: '5.2 200 reliable packets sent at once arrive once each and in order, both ways',
    run: async (pair) => {
      const connection = await openPair(pair);
      for (const { from, to } of bothWays(pair, connection)) {
        await from.actor.run('send', { peer: from.peer, flags: 1, size: 700, seed: 1000, count: 200 });
        const got: number[] = [];
        for (let i = 0; i < 200; i++) got.push((await to.actor.inbox.wait('receive')).hash);
        expect(got).toEqual(Array.from({ length: 200 }, (_, i) => patternHash(700, 1000 + i)));
      }
      await expectQuiet(pair, 30);
    },
  },
  {
    title: '5.5 70,000 reliable packets: the sequence number and its windows wrap, both ways',
    run: async (pair) => {
      const connection = await openPair(pair);
      for (const way of bothWays(pair, connection)) await sendMany(way, 1, 70_000, 70_000);
    },
  },
  {
    title: '5.1 70,000 unreliable packets: the 65,536th in a row becomes reliable, both ways',
    run: async (pair) => {
      const connection = await openPair(pair);
      for (const way of bothWays(pair, connection)) {
        await keepThrottleOpen(way.from);
        await sendMany(way, 0, 70_000, 1);
      }
    },
  },
  {
    title: '6.5 70,000 unsequenced packets: the group number and its blocks wrap, both ways',
    run: async (pair) => {
      const connection = await openPair(pair);
      for (const way of bothWays(pair, connection)) {
        await keepThrottleOpen(way.from);
        await sendMany(way, 2, 70_000, 0);
      }
    },
  },
  {
    title: '6.8 channels are independent and each keeps its order',
    run: async (pair) => {
      const connection = await openPair(pair, { connect: { channels: 5 } });
      for (const { from, to } of bothWays(pair, connection)) {
        for (let round = 0; round < 20; round++) {
          for (let channel = 0; channel < 5; channel++) {
            await from.actor.run('send', {
              peer: from.peer,
              channel,
              flags: 1,
              size: 100 + 1500 * channel,
              seed: round,
            });
          }
        }
        for (let channel = 0; channel < 5; channel++) {
          for (let round = 0; round < 20; round++) {
            const got = await to.actor.inbox.wait('receive', { channel });
            expect(got.hash).toBe(patternHash(100 + 1500 * channel, round));
          }
        }
      }
    },
  },
];

/** The table of settings that keep two hosts apart. Each row mostly waits. */
export const mismatchCases: readonly Case[] = [
  ...MISMATCHES.map(({ name, server: serverHost, client: clientHost }) => ({
    title: `9 ${name}: no connection`,
    run: async (pair: Pair) => {
      const { server, client } = pair;
      const bound = await server.run('host', { bind: 1, peers: 2, ...serverHost });
      await client.run('host', clientHost);
      await client.run('connect', { port: numberOf(bound, 'port'), limit: 1, min: 100, max: 400 });
      expect(await client.inbox.wait('disconnect')).toMatchObject({ data: 0 });
      await expectQuiet(pair, 30);
    },
  })),
];

/** Sends `count` packets in bursts that fit into the socket's buffer, and checks that all arrive in order. */
async function sendMany({ from, to }: Way, flags: number, count: number, reliable: number): Promise<void> {
  const burst = 1_000;
  let hash = HASH_START;
  await to.actor.run('collect');
  for (let sent = 0; sent < count; sent += burst) {
    const size = Math.min(burst, count - sent);
    await from.actor.run('send', { peer: from.peer, flags, size: 4, seed: sent, count: size });
    for (let i = 0; i < size; i++) hash = hashBytes(hash, patternBytes(4, sent + i));
    await expect
      .poll(async () => (await to.actor.run('collected'))['count'], { interval: 1, timeout: 5_000 })
      .toBe(sent + size);
  }
  expect(await to.actor.run('collected')).toEqual({ count, reliable, hash });
}
