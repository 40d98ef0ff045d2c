/** What the page has of a node of a cluster, as data and in a browser. */
import { chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClusterMatchmaking, type ClusterRoom, type NodeFacts } from '../../src/cluster/index.ts';
import type { InspectedCluster } from '../../src/inspector.ts';
import { ClusterWorld, PlainRoom, type TestNode } from '../cluster/node/world.ts';
import { peer } from '../support/peers.ts';
import { EVIL } from './scene.ts';
import { makeInspector, newTab, nextSnapshot, type Snapshot } from './support.ts';

/** A key of a room has no spaces. */
const EVIL_ID = '<img/src=x/onerror=document.title="owned">';

/** What the page gets of a cluster. */
interface ClusterSnapshot {
  readonly id: string;
  readonly engine: string;
  readonly numbers: { readonly isFenced: boolean; readonly leases: number; readonly bus: object };
  readonly nodeCount: number;
  readonly nodes: readonly Record<string, unknown>[];
  readonly isLooking: boolean;
  readonly failure?: string;
  readonly roomCount: number;
  readonly rooms: readonly Record<string, unknown>[];
  readonly matchmakings: readonly object[];
}

function clusterOf(snapshot: Snapshot): ClusterSnapshot | undefined {
  return (snapshot as Snapshot & { readonly cluster?: ClusterSnapshot }).cluster;
}

/** Looks until the page's data are wanted. */
async function look(
  url: string,
  isWanted: (cluster: ClusterSnapshot) => boolean,
): Promise<Snapshot & { readonly cluster: ClusterSnapshot }> {
  const snapshot = await nextSnapshot(url, (one) => {
    const cluster = clusterOf(one);
    return cluster !== undefined && isWanted(cluster);
  });
  return snapshot as Snapshot & { readonly cluster: ClusterSnapshot };
}

describe('a cluster', () => {
  let world: ClusterWorld;
  let isRunning = false;
  let running: Promise<void>;
  beforeEach(() => {
    world = new ClusterWorld({ leaseMs: 3000 });
    isRunning = true;
  });
  afterEach(async () => {
    isRunning = false;
    await running;
    await world.close();
    expect(world.errors).toEqual([]);
  });

  /** Two nodes, of which the second has said bad things; its time goes by from now on. */
  async function play(): Promise<TestNode> {
    const a = await world.start('a', { region: 'eu', version: '1.2', capacity: { maxPlayers: 100 } });
    const b = await world.start('b', { region: EVIL, version: EVIL, kinds: { [EVIL]: PlainRoom } });
    await world.settle(a.node.create('plain', undefined, { id: 'match-1', on: 'here' }));
    await world.settle(b.node.create(EVIL, undefined, { id: EVIL_ID, on: 'here' }));
    const hidden = await world.settle(a.rooms.create('plain', undefined, { id: 'hidden' }));
    hidden.isPrivate = true;
    hidden.isLocked = true;
    for (const { node } of [a, b]) {
      const matchmaking = new ClusterMatchmaking(node, {
        matchmaker: { queues: { siege: { teams: 2, playersPerTeam: 8 } } },
        room: () => ({ kind: 'plain' }),
      });
      await world.settle(matchmaking.start());
      await world.settle(matchmaking.add({ id: node.id, queue: 'siege', players: [node.id] }));
    }
    await world.run(1500);
    running = (async () => {
      while (isRunning) {
        await world.run(20);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    return a;
  }

  test('its nodes, rooms, bus and matchmaking', async () => {
    const a = await play();
    const inspector = makeInspector();
    inspector.watchCluster(a.node);
    const url = await inspector.listen(0);
    const { cluster } = await look(url, ({ rooms }) => rooms.length === 3);
    expect(cluster).toMatchObject({
      id: 'a',
      engine: 'memory',
      numbers: { isFenced: false, leases: 4, bus: { isUp: true, waiting: 0 } },
      nodeCount: 2,
      roomCount: 3,
      isLooking: false,
      matchmakings: [{ name: 'matchmaker', leader: 'a', isLeading: true, tickets: 1, queued: 2 }],
    });
    expect(cluster.nodes).toEqual([
      {
        ...{ id: 'a', isOwn: true, region: 'eu', version: '1.2', players: 0, maxPlayers: 100 },
        ...{ rooms: 2, maxRooms: null, isDraining: false },
      },
      expect.objectContaining({ id: 'b', isOwn: false, region: EVIL }),
    ]);
    const room = { kind: 'plain', node: 'a', players: 0, maxPlayers: 4, isLocked: false, isPrivate: false };
    expect(cluster.rooms).toEqual([
      { ...room, id: 'hidden', isLocked: true, isPrivate: true },
      { ...room, id: 'match-1' },
      { ...room, id: EVIL_ID, kind: EVIL, node: 'b' },
    ]);
  });

  test('while the bus is away what was known stays, and the page says so', async () => {
    const a = await play();
    const inspector = makeInspector();
    inspector.watchCluster(a.node);
    const url = await inspector.listen(0);
    const before = nextSnapshot(url, (snapshot) => (clusterOf(snapshot)?.rooms.length ?? 0) === 3);
    // Somebody looks all the time.
    const after = look(url, ({ failure, rooms }) => failure !== undefined && rooms.length === 3);
    await before;
    world.hub.pause();
    const { cluster } = await after;
    expect(cluster.numbers).toMatchObject({ isFenced: true, leases: 0, bus: { isUp: false } });
    world.hub.resume();
  }, 30_000);

  const browser = peer('chromium');
  test.skipIf(browser.isMissing)(
    `in a browser; what other nodes say is text${browser.note}`,
    async () => {
      const a = await play();
      const inspector = makeInspector();
      inspector.watchCluster(a.node);
      const url = await inspector.listen(0);
      const chrome = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      });
      try {
        const { tab, problems } = await newTab(chrome);
        await tab.goto(url);
        await tab.getByRole('heading', { name: 'Nodes (2)' }).waitFor();
        await tab.getByRole('heading', { name: 'Rooms of the cluster (3)' }).waitFor();
        expect(await rowsOf(tab, 'Nodes')).toEqual([
          ['a (this one)', 'eu', '1.2', '0 of 100', '2', 'takes rooms'],
          ['b', EVIL, EVIL, '0', '1', 'takes rooms'],
        ]);
        expect(await rowsOf(tab, 'Rooms of the cluster')).toEqual([
          ['hidden', 'plain', 'a', '0 of 4', 'locked, private'],
          ['match-1', 'plain', 'a', '0 of 4', 'open'],
          [EVIL_ID, EVIL, 'b', '0 of 4', 'open'],
        ]);
        expect(await rowsOf(tab, 'Matchmaking')).toEqual([['matchmaker', 'a (this one)', '1', '2']]);
        const screenshot = process.env['SCREENSHOT_CLUSTER'];
        if (screenshot !== undefined) await tab.screenshot({ path: screenshot, fullPage: true });
        // Nothing of it became an element, and nothing ran. Without a server there is no list of its players.
        expect(await tab.locator('main img, main script').count()).toBe(0);
        expect(await tab.title()).toBe('test page (0)');
        expect(await tab.getByRole('heading', { name: /Players|Datagrams/ }).count()).toBe(0);
        world.hub.pause();
        await tab.getByText('fenced', { exact: true }).waitFor();
        await tab.getByText('down', { exact: true }).waitFor();
        world.hub.resume();
        await tab.getByText('up', { exact: true }).waitFor();
        expect(problems).toEqual([]);
      } finally {
        await chrome.close();
      }
    },
    120_000,
  );
});

test('what is too much is counted, and long texts are cut', async () => {
  const long = 'x'.repeat(10_000);
  const node: NodeFacts = {
    ...{ id: '', epoch: 1, addresses: {}, region: long, labels: {}, version: long, isDraining: true },
    ...{ players: 0, rooms: 0, maxPlayers: null, maxRooms: null },
  };
  const place = { roomId: '', node: long, epoch: 1, addresses: {} };
  const room: ClusterRoom = {
    ...{ id: '', kind: long, players: 0, maxPlayers: 4, freeSeats: 4, spectators: 0, maxSpectators: 0 },
    ...{ isLocked: false, metadata: {}, code: long, isPrivate: false, place },
  };
  const many = <T>(one: T, length: number): T[] =>
    Array.from({ length }, (_, i) => ({ ...one, id: `${i}${long}` }));
  let looks = 0;
  const inspected: InspectedCluster = {
    ops: {
      ...{ id: 'a', engine: 'memory', now: () => 0, matchmakings: () => [] },
      metrics: () => ({
        ...{ isActive: true, acceptsPeers: true, isFenced: false, peers: 3, authenticatedPeers: 0, away: 0 },
        ...{ nodes: 0, rooms: 0, leases: 0, leaseLeftMs: 0, fences: 0, leasesLost: 0, roomsLost: 0 },
        ...{ pendingRequests: 0, runningRequests: 0, refusals: new Map() },
        bus: { isUp: true, outages: 0, failures: 0, roundTripMs: 0, waiting: 0 },
        matchmaking: { leading: 0, tickets: 0, queued: 0 },
      }),
      nodes: () => many(node, 300),
      rooms: async () => {
        looks++;
        return many(room, 700);
      },
    },
  };
  const inspector = makeInspector();
  inspector.watchCluster(inspected);
  const url = await inspector.listen(0);
  const { cluster, peerCount } = await look(url, ({ rooms }) => rooms.length > 0);
  expect([cluster.nodeCount, cluster.nodes.length, cluster.roomCount, cluster.rooms.length]).toEqual([
    300, 200, 700, 500,
  ]);
  expect(JSON.stringify(cluster).length).toBeLessThan(500_000);
  expect(peerCount).toBe(3);
  // The clock stands still: rooms are not looked at again.
  expect(looks).toBe(1);
});

/** The cells of the table below a heading. */
function rowsOf(tab: Page, title: string): Promise<string[][]> {
  const section = tab.locator('section', {
    has: tab.getByRole('heading', { name: new RegExp(`^${title}`) }),
  });
  return section
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
}
