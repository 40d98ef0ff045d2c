/** Cases of ending a connection in every way, from either side. enet-protocol sections 5.9 and 7. */
import { expect } from 'vitest';
import { numberOf } from '../numberOf.ts';
import { bothWays, type Case, expectDisconnect, expectQuiet, openPair, type Pair } from '../pairing.ts';
import { patternHash } from '../pattern.ts';

const DATA = [0, 1, 0xffffffff];
const SIDES = ['client', 'server'] as const;

/** Gives up within about half a second, and pings often enough to notice. */
const SHORT = { limit: 4, min: 150, max: 300 } as const;

/** The table. */
export const disconnectCases: readonly Case[] = [
  ...SIDES.flatMap((side) => [
    ...DATA.map((data) => ({
      title: `7.2 disconnect(${data}) by the ${side}: the other side gets ${data}, its own event 0`,
      run: async (pair: Pair) => {
        const { from, to } = await open(pair, side);
        await from.actor.run('disconnect', { peer: from.peer, data });
        await Promise.all([expectDisconnect(to, data), expectDisconnect(from, 0)]);
        await expectQuiet(pair, 50);
      },
    })),
    ...DATA.map((data) => ({
      title: `7.2 disconnectNow(${data}) by the ${side}: only the other side gets an event`,
      run: async (pair: Pair) => {
        const { from, to } = await open(pair, side);
        await from.actor.run('disconnectNow', { peer: from.peer, data });
        await expectDisconnect(to, data);
        await expectQuiet(pair, 100);
      },
    })),
    ...[0, 12].map((count) => ({
      title: `7.3 disconnectLater by the ${side} with ${count} packets queued: they arrive first`,
      run: async (pair: Pair) => {
        const { from, to } = await open(pair, side);
        await from.actor.run('send', { peer: from.peer, flags: 1, size: 9000, seed: 1, count });
        await from.actor.run('disconnectLater', { peer: from.peer, data: 0xffffffff });
        await Promise.all([expectDisconnect(to, 0xffffffff), expectDisconnect(from, 0)]);
        // All of them must be there by now; waiting with no patience shows it.
        for (let i = 0; i < count; i++) {
          const got = await to.actor.inbox.wait('receive', {}, 0);
          expect(got.hash).toBe(patternHash(9000, 1 + i));
        }
        await expectQuiet(pair, 50);
      },
    })),
    {
      title: `7.3 after disconnectLater the ${side} takes no more packets`,
      run: async (pair: Pair) => {
        const { from, to } = await open(pair, side);
        // The receiver sleeps, so that the sender has something in flight for as long as the test looks.
        await to.actor.run('freeze', { on: 1 });
        await from.actor.run('send', { peer: from.peer, flags: 1, size: 100, seed: 5 });
        await from.actor.run('disconnectLater', { peer: from.peer, data: 8 });
        expect(await from.actor.run('send', { peer: from.peer, flags: 1, size: 1 })).toEqual({ rejected: 1 });
        await to.actor.run('freeze', { on: 0 });
        await to.actor.inbox.wait('receive', { hash: patternHash(100, 5) });
        await Promise.all([expectDisconnect(to, 8), expectDisconnect(from, 0)]);
        await expectQuiet(pair, 50);
      },
    },
    {
      title: `7.2 reset by the ${side} is silent: the other side notices by its timeout`,
      run: async (pair: Pair) => {
        const { from, to } = await open(pair, side);
        await to.actor.run('timeout', { peer: to.peer, ...SHORT });
        await to.actor.run('pingInterval', { peer: to.peer, ms: 50 });
        await from.actor.run('reset', { peer: from.peer });
        await expectDisconnect(to, 0, 3_000);
        await expectQuiet(pair, 50);
      },
    },
    {
      title: `5.9 the ${side} falls silent: the other side gives up, after the minimum and near the maximum`,
      run: async (pair: Pair) => {
        const { from, to } = await open(pair, side);
        await to.actor.run('timeout', { peer: to.peer, limit: 32, min: 600, max: 900 });
        await from.actor.run('freeze', { on: 1 });
        const start = performance.now();
        await to.actor.run('send', { peer: to.peer, flags: 1, size: 10 });
        await expectDisconnect(to, 0, 4_000);
        const elapsedMs = performance.now() - start;
        expect(elapsedMs).toBeGreaterThan(595);
        expect(elapsedMs).toBeLessThan(2_500);
      },
    },
    {
      title: `7.3 disconnect by the ${side} that nobody acknowledges ends by the timeout`,
      run: async (pair: Pair) => {
        const { from, to } = await open(pair, side);
        await from.actor.run('timeout', { peer: from.peer, ...SHORT });
        await to.actor.run('freeze', { on: 1 });
        await from.actor.run('disconnect', { peer: from.peer, data: 9 });
        await expectDisconnect(from, 0, 3_000);
        // The DISCONNECT waits in the other side's socket and is still good.
        await to.actor.run('freeze', { on: 0 });
        await expectDisconnect(to, 9);
        await expectQuiet(pair, 50);
      },
    },
  ]),
  {
    title: '5.8 an idle connection lives on by its pings, far beyond its timeout',
    run: async (pair) => {
      for (const { to } of bothWays(pair, await openPair(pair))) {
        // Patient enough for a busy machine, and still a quarter of the time that passes.
        await to.actor.run('timeout', { peer: to.peer, limit: 4, min: 500, max: 500 });
        await to.actor.run('pingInterval', { peer: to.peer, ms: 50 });
      }
      await expectQuiet(pair, 2_000);
    },
  },
  {
    title: '7.3 both sides disconnect at once: each gets one event',
    run: async (pair) => {
      const { from, to } = await open(pair, 'client');
      await to.actor.run('freeze', { on: 1 });
      await from.actor.run('disconnect', { peer: from.peer, data: 21 });
      await to.actor.run('disconnect', { peer: to.peer, data: 22 });
      await to.actor.run('freeze', { on: 0 });
      // Whose datagram was read first decides: a DISCONNECT that meets DISCONNECTING brings the other's data.
      const atServer = await to.actor.inbox.wait('disconnect', { peer: to.peer });
      const atClient = await from.actor.inbox.wait('disconnect', { peer: from.peer });
      expect([0, 21]).toContain(atServer.data);
      expect([0, 22]).toContain(atClient.data);
      await expectQuiet(pair, 50);
    },
  },
  {
    title: '4.7 a client that gives up while connecting leaves no event on either side',
    run: async (pair) => {
      const { server, client } = pair;
      const bound = await server.run('host', { bind: 1, peers: 4 });
      await client.run('host', {});
      await server.run('freeze', { on: 1 });
      await client.run('connect', { port: numberOf(bound, 'port') });
      await client.run('flush');
      await client.run('disconnect', { data: 4 });
      await server.run('freeze', { on: 0 });
      await expectQuiet(pair, 200);
      expect(await client.run('info', {})).toMatchObject({ state: 0 });
    },
  },
  {
    title: '4.3 nobody listens: the connection attempt ends by its timeout with data 0',
    run: async (pair) => {
      const { server, client } = pair;
      const bound = await server.run('host', { bind: 1, peers: 4 });
      await server.run('freeze', { on: 1 });
      await client.run('host', {});
      await client.run('connect', { port: numberOf(bound, 'port'), limit: 1, min: 100, max: 400 });
      await expectDisconnect({ actor: client, peer: 0 }, 0, 3_000);
    },
  },
];

/** A connection as `side` sees it: from it to the other one. */
async function open(pair: Pair, side: (typeof SIDES)[number]): Promise<ReturnType<typeof bothWays>[number]> {
  const way = bothWays(pair, await openPair(pair))[side === 'client' ? 0 : 1];
  if (way === undefined) throw new Error('a connection has two ways');
  return way;
}
