/**
 * Random traffic in both directions at once, every packet checked: reliable ones exactly once and in order per
 * channel, unsequenced ones never twice, unreliable ones never out of order, all with the right contents.
 */
import { expect } from 'vitest';
import type { Args, TrafficEvent } from '../actor.ts';
import { numberOf } from '../numberOf.ts';
import { bothWays, type Case, keepThrottleOpen, openPair, type Pair } from '../pairing.ts';
import { Relay, type RelayOptions } from '../relay.ts';

interface TrafficRow {
  readonly title: string;
  readonly host: Args;
  readonly traffic: Args & { readonly ms: number };
}

const CHANNELS = 4;
const CLIENTS = 32;

const ROWS: readonly TrafficRow[] = [
  {
    title: '3 s of random traffic with checksum',
    host: { checksum: 1 },
    traffic: { ms: 3_000, seed: 102, rate: 400 },
  },
  {
    // Without empty packets: those crash the range coder of libenet (enet-protocol W1).
    title: '3 s of random traffic with checksum and range coder',
    host: { checksum: 1, range: 1 },
    traffic: { ms: 3_000, seed: 103, rate: 200, minSize: 1, maxSize: 20_000 },
  },
  {
    title: '3 s of random traffic at the smallest MTU',
    host: { mtu: 576 },
    traffic: { ms: 3_000, seed: 104, rate: 300 },
  },
];

/** Networks that lose, double, delay and damage. Bandwidth suffers, promises do not. */
const BAD_NETWORKS: readonly { title: string; host: Args; relay: RelayOptions }[] = [
  { title: '5 % loss', host: {}, relay: { seed: 11, loss: 0.05 } },
  {
    title: '10 % loss, 10 % doubled, up to 20 ms late',
    host: {},
    relay: { seed: 12, loss: 0.1, duplicates: 0.1, jitterMs: 20 },
  },
  {
    title: '10 % damaged, which the checksum finds',
    host: { checksum: 1 },
    relay: { seed: 13, damage: 0.1, jitterMs: 3 },
  },
];

/**
 * The table.
 *
 * @param longSeconds how long the longest row lasts.
 */
export function trafficCases(longSeconds: number): readonly Case[] {
  return [
    trafficCase({
      title: `${longSeconds} s of random traffic`,
      host: {},
      traffic: { ms: longSeconds * 1000, seed: 101, rate: 400 },
    }),
    ...ROWS.map(trafficCase),
    ...SPECIAL_CASES,
  ];
}

function trafficCase({ title, host, traffic }: TrafficRow): Case {
  return {
    title: `6.8 ${title}`,
    run: async (pair) => {
      const ways = bothWays(pair, await openTraffic(pair, host));
      for (const [index, { from }] of ways.entries()) {
        const seed = (traffic['seed'] ?? 0) + 1000 * index;
        await from.actor.run('traffic', { peer: from.peer, channels: CHANNELS, ...traffic, seed });
      }
      for (const { to } of ways) {
        const report = await to.actor.inbox.wait('traffic', { peer: to.peer }, traffic.ms + 15_000);
        expectSound(report, to.actor.name);
      }
      for (const { to } of ways) expect(to.actor.inbox.rest(), to.actor.name).toEqual([]);
    },
  };
}

const SPECIAL_CASES: readonly Case[] = [
  {
    title: `6.8 3 s of random traffic with ${CLIENTS} clients at once`,
    run: async (pair) => {
      const { server, client } = pair;
      const bound = await server.run('host', { bind: 1, peers: CLIENTS });
      await client.run('host', { count: CLIENTS });
      await client.run('connect', { count: CLIENTS, port: numberOf(bound, 'port'), channels: CHANNELS });
      const all = Array.from({ length: CLIENTS }, (_, i) => i);
      // Slots of the server and hosts of the client process both count from 0, in no common order.
      for (const i of all) {
        await Promise.all([
          client.inbox.wait('connect', { host: i }),
          server.inbox.wait('connect', { peer: i }),
        ]);
        await client.run('expect', { host: i, channels: CHANNELS });
        await server.run('expect', { peer: i, channels: CHANNELS });
      }
      for (const i of all) {
        const plan = { channels: CHANNELS, ms: 3_000, rate: 15, maxSize: 12_000 };
        await client.run('traffic', { host: i, ...plan, seed: 300 + i });
        await server.run('traffic', { peer: i, ...plan, seed: 400 + i });
      }
      for (const i of all) {
        const reports = await Promise.all([
          client.inbox.wait('traffic', { host: i }, 15_000),
          server.inbox.wait('traffic', { peer: i }, 15_000),
        ]);
        for (const { violations, received, announced } of reports) {
          expect(violations, `client ${i}`).toBe(0);
          expect(received[1], `client ${i}`).toBe(announced[1]);
        }
      }
      expect([...server.inbox.rest(), ...client.inbox.rest()]).toEqual([]);
    },
  },
  ...BAD_NETWORKS.map(({ title, host, relay: options }) => ({
    title: `5.9 4 s of random traffic over a network with ${title}`,
    run: async (pair: Pair) => {
      const { server, client } = pair;
      const bound = await server.run('host', { bind: 1, peers: 4, ...host });
      const relay = await Relay.start(numberOf(bound, 'port'), options);
      try {
        await client.run('host', host);
        await client.run('connect', { port: relay.port, channels: CHANNELS });
        const serverPeer = (await server.inbox.wait('connect', {}, 10_000)).peer;
        await client.inbox.wait('connect', {}, 10_000);
        const ways = bothWays(pair, { port: relay.port, serverPeer, clientPeer: 0 });
        for (const { to } of ways) {
          await to.actor.run('expect', { peer: to.peer, channels: CHANNELS });
          // A packet that is lost six times in a row is rare, but ends a connection with the usual settings.
          await to.actor.run('timeout', { peer: to.peer, limit: 65_536, min: 30_000, max: 60_000 });
        }
        for (const [index, { from }] of ways.entries()) {
          const plan = { channels: CHANNELS, ms: 4_000, seed: 200 + index, rate: 60, maxSize: 20_000 };
          await from.actor.run('traffic', { peer: from.peer, ...plan });
        }
        for (const { to } of ways) {
          const report = await to.actor.inbox.wait('traffic', { peer: to.peer }, 25_000);
          expect(report.violations, `${to.actor.name}: ${JSON.stringify(report)}`).toBe(0);
          expect(report.received[1], to.actor.name).toBe(report.announced[1]);
          // Such a network closes the throttle down to 1 of 32, and fragments need all their kind.
          const { received, announced } = report;
          for (const kind of [0, 2, 3]) expect(received[kind]).toBeLessThanOrEqual(announced[kind] ?? 0);
          expect((received[0] ?? 0) + (received[2] ?? 0), to.actor.name).toBeGreaterThan(0);
        }
        for (const { to } of ways) expect(to.actor.inbox.rest(), to.actor.name).toEqual([]);
        const { lost, doubled, damaged } = relay.counts;
        expect(lost + doubled + damaged, 'the relay was bad').toBeGreaterThan(5);
      } finally {
        relay.close();
      }
    },
  })),
  {
    title: 'a wrong byte is noticed (the check checks)',
    run: async (pair) => {
      const ways = bothWays(pair, await openTraffic(pair, {}));
      for (const { from, to } of ways) {
        const args = { channels: CHANNELS, ms: 300, seed: 5, rate: 200, corrupt: 1 };
        await from.actor.run('traffic', { peer: from.peer, ...args });
        expect((await to.actor.inbox.wait('violation')).what).toBe('body');
        expect((await to.actor.inbox.wait('traffic')).violations).toBe(1);
      }
    },
  },
];

async function openTraffic(pair: Pair, host: Args): ReturnType<typeof openPair> {
  const connection = await openPair(pair, { server: host, client: host, connect: { channels: CHANNELS } });
  for (const { to } of bothWays(pair, connection)) {
    await to.actor.run('expect', { peer: to.peer, channels: CHANNELS });
    await keepThrottleOpen(to);
  }
  return connection;
}

function expectSound(report: TrafficEvent, name: string): void {
  const { received, announced, violations } = report;
  expect(violations, `${name}: ${JSON.stringify(report)}`).toBe(0);
  expect(received[1], name).toBe(announced[1]);
  for (const kind of [0, 1, 2, 3]) {
    // Every kind took part, nothing came twice, and on loopback with an open throttle most of it comes through.
    expect(announced[kind], `${name}, kind ${kind}`).toBeGreaterThan(5);
    expect(received[kind], `${name}, kind ${kind}`).toBeLessThanOrEqual(announced[kind] ?? 0);
    expect(received[kind], `${name}, kind ${kind}`).toBeGreaterThan((announced[kind] ?? 0) / 2);
  }
}
