/** Cases of bandwidth limits, throttle, ping and statistics. enet-protocol 4.4, 5.8, 6.10 to 6.12. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Args } from '../actor.ts';
import { numberOf } from '../numberOf.ts';
import {
  bothWays,
  type Case,
  type Connection,
  type End,
  keepThrottleOpen,
  openPair,
  type Pair,
  waitForInfo,
} from '../pairing.ts';

interface BandwidthRow {
  readonly server: Args;
  readonly client: Args;
  /** Each side's window right after the handshake (4.3, 4.4). */
  readonly atFirst: { readonly server: number; readonly client: number };
  /** What the first BANDWIDTH_LIMIT leads to, within about a second (6.12). */
  readonly later: { readonly server: Args; readonly client: Args };
}

const BANDWIDTHS: readonly BandwidthRow[] = [
  {
    server: {},
    client: {},
    atFirst: { server: 65536, client: 65536 },
    later: {
      server: { remoteIn: 0, remoteOut: 0, windowSize: 65536 },
      client: { remoteIn: 0, remoteOut: 0, windowSize: 65536 },
    },
  },
  {
    server: { in: 131072, out: 0 },
    client: {},
    atFirst: { server: 65536, client: 8192 },
    // The client announced no limit of its own, so it is told 0 and its window is lifted again.
    later: {
      server: { remoteIn: 0, remoteOut: 0, windowSize: 65536 },
      client: { remoteIn: 0, remoteOut: 0, windowSize: 65536 },
    },
  },
  {
    server: { in: 262144, out: 131072 },
    client: { in: 65536, out: 200000 },
    atFirst: { server: 4096, client: 12288 },
    later: {
      server: { remoteIn: 65536, remoteOut: 200000, windowSize: 4096 },
      client: { remoteIn: 200000, remoteOut: 131072, windowSize: 12288 },
    },
  },
  {
    server: { in: 100000, out: 400000 },
    client: { in: 0, out: 300000 },
    atFirst: { server: 24576, client: 4096 },
    later: {
      server: { remoteIn: 0, remoteOut: 300000, windowSize: 24576 },
      client: { remoteIn: 100000, remoteOut: 400000, windowSize: 4096 },
    },
  },
];

/** The table. */
export const settingCases: readonly Case[] = [
  ...BANDWIDTHS.map((row) => ({
    title: `6.12 bandwidths ${JSON.stringify(row.server)} at the server, ${JSON.stringify(row.client)} at the client`,
    run: async (pair: Pair) => {
      const start = performance.now();
      const connection = await openPair(pair, { server: row.server, client: row.client });
      const [client, server] = ends(pair, connection);
      const [atClient, atServer] = [await info(client), await info(server)];
      // On a machine so slow that a second has passed, the first announcement may have changed the windows.
      if (performance.now() - start < 900) {
        expect({ server: atServer['windowSize'], client: atClient['windowSize'] }).toEqual(row.atFirst);
      }
      await waitForInfo(server, row.later.server);
      await waitForInfo(client, row.later.client);
      for (const { from, to } of bothWays(pair, connection)) {
        await from.actor.run('send', { peer: from.peer, flags: 1, size: 20_000, seed: 1 });
        await to.actor.inbox.wait('receive', { length: 20_000 }, 10_000);
      }
    },
  })),
  {
    title: '6.12 bandwidthLimit on a running connection is announced within a second',
    run: async (pair) => {
      const [client, server] = ends(pair, await openPair(pair));
      await pair.server.run('bandwidth', { in: 0, out: 131072 });
      await waitForInfo(client, { remoteIn: 0, remoteOut: 131072 });
      await pair.client.run('bandwidth', { in: 65536, out: 262144 });
      await waitForInfo(server, { remoteIn: 65536, remoteOut: 262144, windowSize: 4096 });
    },
  },
  {
    title: '6.12 a host that sends more than its limit lets only a share of its unreliable packets pass',
    run: async (pair) => {
      const connection = await openPair(pair, { server: { out: 50_000 } });
      const [, server] = ends(pair, connection);
      await keepThrottleOpen(server);
      await pair.server.run('send', { peer: server.peer, flags: 0, size: 1000, count: 200 });
      for (let i = 0; i < 200; i++) await pair.client.inbox.wait('receive', { length: 1000 });
      const throttle = await waitForThrottle(server);
      // About 50,000 of 200,000 bytes: 8 of 32.
      expect(throttle).toBeGreaterThanOrEqual(7);
      expect(throttle).toBeLessThanOrEqual(10);
      await pair.server.run('send', { peer: server.peer, flags: 0, size: 20, count: 320 });
      await pair.server.run('send', { peer: server.peer, flags: 1, size: 21 });
      await pair.client.inbox.wait('receive', { length: 21 });
      // 5.6: exactly (throttle + 1) of 32 pass.
      expect(pair.client.inbox.rest().filter((event) => event.ev === 'receive')).toHaveLength(
        (throttle + 1) * 10,
      );
    },
  },
  {
    title: '6.11 throttleConfigure reaches the other side, both ways',
    run: async (pair) => {
      const connection = await openPair(pair);
      for (const [index, { from, to }] of bothWays(pair, connection).entries()) {
        await from.actor.run('throttle', {
          peer: from.peer,
          interval: 4000 + index,
          acceleration: 3,
          deceleration: 1,
        });
        const wanted = { throttleInterval: 4000 + index, throttleAcceleration: 3, throttleDeceleration: 1 };
        await waitForInfo(from, wanted);
        await waitForInfo(to, wanted);
      }
    },
  },
  {
    title: '5.8 the ping interval decides how often an idle side pings, both ways',
    run: async (pair) => {
      const connection = await openPair(pair);
      for (const { from, to } of bothWays(pair, connection)) {
        await from.actor.run('pingInterval', { peer: from.peer, ms: 40 });
        const before = numberOf(await to.actor.run('stats'), 'receivedPackets');
        await sleep(800);
        const pings = numberOf(await to.actor.run('stats'), 'receivedPackets') - before;
        await from.actor.run('pingInterval', { peer: from.peer, ms: 500 });
        // At most one every 40 ms; both sides look about every 10 ms, and the other side has its own pings.
        expect(pings).toBeGreaterThanOrEqual(8);
        expect(pings).toBeLessThanOrEqual(26);
      }
    },
  },
  {
    title: '6.10 pings bring the round-trip time of both sides down from its first guess of 500 ms',
    run: async (pair) => {
      const connection = await openPair(pair);
      for (const end of ends(pair, connection)) {
        for (let i = 0; i < 10; i++) {
          await end.actor.run('ping', { peer: end.peer });
          await sleep(15);
        }
        const { rtt } = await info(end);
        expect(rtt).toBeGreaterThanOrEqual(1);
        expect(rtt).toBeLessThan(100);
      }
    },
  },
  {
    title: '8.5 what one side counts as sent, the other counts as received',
    run: async (pair) => {
      const connection = await openPair(pair);
      for (const { from, to } of bothWays(pair, connection)) {
        await from.actor.run('send', { peer: from.peer, flags: 1, size: 5000, seed: 1, count: 20 });
        for (let i = 0; i < 20; i++) await to.actor.inbox.wait('receive', { length: 5000 });
      }
      // A ping may be under way at any moment: compare until it fits.
      await expect
        .poll(async () => {
          const [server, client] = [await pair.server.run('stats'), await pair.client.run('stats')];
          return [
            numberOf(server, 'sentBytes') - numberOf(client, 'receivedBytes'),
            numberOf(server, 'sentPackets') - numberOf(client, 'receivedPackets'),
            numberOf(client, 'sentBytes') - numberOf(server, 'receivedBytes'),
            numberOf(client, 'sentPackets') - numberOf(server, 'receivedPackets'),
          ];
        })
        .toEqual([0, 0, 0, 0]);
    },
  },
];

function ends(pair: Pair, connection: Connection): readonly [End, End] {
  return [
    { actor: pair.client, peer: connection.clientPeer },
    { actor: pair.server, peer: connection.serverPeer },
  ];
}

function info(end: End): Promise<Args> {
  return end.actor.run('info', { peer: end.peer });
}

async function waitForThrottle(end: End): Promise<number> {
  const deadline = performance.now() + 3_000;
  for (;;) {
    const throttle = numberOf(await info(end), 'throttle');
    if (throttle < 32 || performance.now() > deadline) return throttle;
    await sleep(10);
  }
}
