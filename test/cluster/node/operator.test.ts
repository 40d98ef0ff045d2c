/** What operators see of a node: its numbers, its health, what it tells others when its door is closed. */
import { expect, test } from 'vitest';
import { ClusterMatchmaking } from '../../../src/cluster/index.ts';
import { healthOf } from '../../../src/ops/health.ts';
import { createPrometheusMetrics } from '../../../src/ops/prometheus.ts';
import { type ClusterWorld, worldOfEachTest } from './world.ts';

let world: ClusterWorld;
worldOfEachTest({ leaseMs: 3000 }, (made) => {
  world = made;
});

test('nodes, rooms, leases and requests are counted', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  for (const id of ['x', 'y']) await world.settle(a.node.create('plain', undefined, { id, on: 'here' }));
  b.node.onRequest('slow', () => new Promise(() => undefined));
  const answer = a.node.request('b', 'slow').catch(() => undefined);
  await world.run(20);
  expect(a.node.metrics()).toMatchObject({
    isActive: true,
    isFenced: false,
    nodes: 2,
    rooms: 2,
    leases: 3,
    fences: 0,
    pendingRequests: 1,
    bus: { isUp: true, outages: 0, roundTripMs: expect.any(Number) },
  });
  expect(b.node.metrics()).toMatchObject({ rooms: 0, leases: 1, pendingRequests: 0, runningRequests: 1 });
  const { leaseLeftMs } = a.node.metrics();
  expect(leaseLeftMs).toBeGreaterThan(1000);
  expect(leaseLeftMs).toBeLessThanOrEqual(2700);
  await world.settle(b.node.close());
  await world.settle(answer);
  expect(a.node.metrics()).toMatchObject({ nodes: 1, pendingRequests: 0 });
});

test('a node that is fenced is not ready, and alive; so are its rooms', async () => {
  const a = world.make('a');
  const servers = [a.node, a.rooms];
  const statuses = (): string[] => servers.map((server) => healthOf(server).status);
  expect(statuses()).toEqual(['fenced', 'fenced']);
  await world.settle(a.node.start());
  expect(statuses()).toEqual(['ok', 'ok']);
  await world.settle(a.node.create('plain', undefined, { id: 'x', on: 'here' }));
  const metrics = await createPrometheusMetrics(a.node);
  world.hub.pause();
  await world.run(2900);
  expect(statuses()).toEqual(['fenced', 'fenced']);
  expect(a.node.metrics()).toMatchObject({
    isActive: true,
    rooms: 1,
    leases: 0,
    leaseLeftMs: 0,
    fences: 1,
    leasesLost: 0,
    bus: { isUp: false, outages: 1 },
  });
  const lines = (await metrics.text()).split('\n');
  for (const line of ['fenced 1', 'fences_total 1', 'bus_up 0', 'leases 0', 'rooms 1'])
    expect(lines).toContain(`godot_enet_cluster_${line}`);
  world.hub.resume();
  await world.run(2000);
  expect(statuses()).toEqual(['ok', 'ok']);
  expect(a.node.metrics()).toMatchObject({ leases: 2, fences: 1 });
  await world.settle(a.node.close());
  expect(statuses()).toEqual(['stopped', 'stopped']);
  expect(a.node.metrics().fences).toBe(1);
});

test('a lease and a room that were lost are counted', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  for (const id of ['x', 'y']) await world.settle(a.node.create('plain', undefined, { id, on: 'here' }));
  a.stop();
  await world.run(5000);
  await world.settle(b.node.create('plain', undefined, { id: 'x', on: 'here' }));
  a.cont();
  await world.run(2000);
  expect(a.node.metrics()).toMatchObject({ leasesLost: 1, roomsLost: 1, fences: 1, rooms: 1, leases: 2 });
});

test('a door that is closed is told at once: no room is placed there', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  b.node.ops.acceptsPeers = false;
  await world.run(50);
  expect(healthOf(b.node).status).toBe('draining');
  expect(a.node.nodes().find(({ id }) => id === 'b')?.isDraining).toBe(true);
  for (let i = 0; i < 3; i++)
    expect((await world.settle(a.node.create('plain', undefined, {}))).node).toBe('a');
});

test('a node that is draining gets no rooms, and lets players in', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const isDraining = (): boolean | undefined => a.node.nodes().find(({ id }) => id === 'b')?.isDraining;
  b.node.isDraining = true;
  await world.run(50);
  expect([b.node.isDraining, isDraining()]).toEqual([true, true]);
  expect(b.rooms.ops.acceptsPeers).toBe(true);
  expect(healthOf(b.node).status).toBe('ok');
  for (let i = 0; i < 3; i++)
    expect((await world.settle(a.node.create('plain', undefined, {}))).node).toBe('a');
  expect((await world.settle(b.node.create('plain', undefined, { on: 'here' }))).node).toBe('b');
  b.node.isDraining = false;
  await world.run(50);
  expect(isDraining()).toBe(false);
  expect(() => Object.assign(b.node, { isDraining: 1 })).toThrow('"isDraining" expected a boolean, got 1');
});

test('matchmaking: who leads, and what waits', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const start = async ({ node }: typeof a): Promise<ClusterMatchmaking> => {
    const made = new ClusterMatchmaking(node, {
      matchmaker: { queues: { siege: { teams: 2, playersPerTeam: 2 } } },
      room: () => ({ kind: 'plain' }),
    });
    expect(node.ops.matchmakings()).toEqual([]);
    await world.settle(made.start());
    return made;
  };
  const [one, two] = [await start(a), await start(b)];
  await world.settle(one.add({ id: 'ann', queue: 'siege', players: ['ann'] }));
  await world.settle(two.add({ id: 'bob', queue: 'siege', players: ['bob'] }));
  const state = { name: 'matchmaker', leader: 'a', tickets: 1 };
  expect(a.node.ops.matchmakings()).toEqual([{ ...state, isLeading: true, queued: 2 }]);
  expect(b.node.ops.matchmakings()).toEqual([{ ...state, isLeading: false, queued: 0 }]);
  expect(a.node.metrics().matchmaking).toEqual({ leading: 1, tickets: 1, queued: 2 });
  expect(a.node.metrics().leases).toBe(2);
  await world.settle(two.close());
  expect(b.node.metrics().matchmaking).toEqual({ leading: 0, tickets: 0, queued: 0 });
});

test('all rooms are there, private ones as well', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await world.settle(a.node.create('plain', undefined, { id: 'x', on: 'here' }));
  const room = a.rooms.get('x');
  if (room === undefined) throw new Error('no room');
  room.isPrivate = true;
  await world.run(1200);
  expect(await world.settle(b.node.list())).toEqual([]);
  expect((await world.settle(b.node.ops.rooms())).map(({ id, place }) => [id, place.node])).toEqual([
    ['x', 'a'],
  ]);
});

test('what is left of a lease does not depend on when the bus was made', async () => {
  await world.run(5000);
  const a = await world.start('a');
  expect(a.node.metrics().leaseLeftMs).toBeGreaterThan(1000);
  expect(a.node.metrics().leaseLeftMs).toBeLessThanOrEqual(2700);
});
