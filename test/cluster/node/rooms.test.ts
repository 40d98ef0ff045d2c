/** Rooms of a cluster: one owner each, made where there is place, found from everywhere. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BusError, ClusterError } from '../../../src/cluster/index.ts';
import { RoomError } from '../../../src/rooms/index.ts';
import { ClusterWorld, PlainRoom } from './world.ts';

let world: ClusterWorld;
beforeEach(() => {
  world = new ClusterWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.errors).toEqual([]);
});

const codeOf = (error: unknown): unknown =>
  error instanceof RoomError || error instanceof ClusterError || error instanceof BusError
    ? error.code
    : error;

test('a room is made on the node with the least load, found, and seats of it are kept from another node', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await world.settle(a.node.create('plain', undefined, { id: 'first', on: 'here' }));
  const place = await world.settle(a.node.create('plain', { map: 'forest' }, { id: 'match-1' }));
  expect(place).toEqual({ roomId: 'match-1', node: 'b', epoch: place.epoch, addresses: { enet: 'b:7777' } });
  expect((b.rooms.get('match-1') as PlainRoom).given).toEqual({ map: 'forest' });
  expect(a.rooms.get('match-1')).toBeUndefined();

  const kept = await world.settle(a.node.reserve('match-1', { players: ['ann', 'bob'], name: 'r1' }));
  expect(kept).toEqual({ name: 'r1', place });
  expect(b.rooms.get('match-1')?.freeSeats()).toBe(2);
  await world.settle(a.node.reserve('match-1', { players: ['ann', 'bob'], name: 'r1' }));
  expect(b.rooms.get('match-1')?.freeSeats()).toBe(2);
  await expect(world.settle(a.node.reserve('match-1', { seats: 3 })).catch(codeOf)).resolves.toBe(
    'ROOM_FULL',
  );

  await world.run(1200);
  expect(await world.settle(a.node.find('match-1'))).toMatchObject({ id: 'match-1', freeSeats: 2, place });
  expect(await world.settle(a.node.find('none'))).toBeUndefined();
});

test('a node that has come a moment ago is found for a room that fits nowhere else', async () => {
  const a = world.make('a');
  // It does not hear that others come.
  a.bus.subscribe = () => Promise.resolve(() => undefined);
  await world.settle(a.node.start());
  await world.start('b', { region: 'sa' });
  const place = await world.settle(a.node.create('plain', undefined, { on: { region: 'sa' } }));
  expect(place.node).toBe('b');
  const nowhere = a.node.create('plain', undefined, { on: { region: 'eu' } }).catch(codeOf);
  expect(await world.settle(nowhere)).toBe('NO_NODE');
});

test('a repeated create gives the same place, from whatever node', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const [one, two] = await world.settle(
    Promise.all([a.node.create('plain', 1, { id: 'x' }), b.node.create('plain', 2, { id: 'x' })]),
  );
  expect(two).toEqual(one);
  expect(await world.settle(b.node.create('plain', 3, { id: 'x', on: 'here' }))).toEqual(one);
  expect(a.rooms.rooms.length + b.rooms.rooms.length).toBe(1);
});

test('a room that the server of the rooms makes by itself is claimed as well, and one that ended is nobody’s', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const room = await world.settle(a.rooms.create('plain', undefined, { id: 'own' }));
  await world.run(50);
  expect(await world.settle(b.node.find('own'))).toMatchObject({ place: { node: 'a' } });
  await expect(world.settle(b.rooms.create('plain', undefined, { id: 'own' })).catch(codeOf)).resolves.toBe(
    'TAKEN',
  );
  expect(b.rooms.rooms).toEqual([]);
  await world.settle(room.end());
  await world.run(50);
  expect(await world.settle(b.node.find('own'))).toBeUndefined();
  const again = await world.settle(b.node.create('plain', undefined, { id: 'own', on: 'here' }));
  expect(again.node).toBe('b');
});

test('a room that cannot begin leaves nothing behind', async () => {
  class Broken extends PlainRoom {
    override onCreate(): void {
      throw new Error('no map');
    }
  }
  const kinds = { plain: PlainRoom, broken: Broken };
  const a = await world.start('a', { kinds });
  await world.start('b', { kinds });
  for (const on of ['here', { where: ({ id }: { id: string }) => id === 'b' }] as const)
    await expect(
      world.settle(a.node.create('broken', undefined, { id: 'x', on })).catch(codeOf),
    ).resolves.toBe('ROOM_FAILED');
  await world.run(50);
  const bus = world.hub.connect();
  expect(await world.settle(bus.list('room'))).toEqual([]);
});

test('lists have the rooms of all nodes, and hear of changes', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await world.settle(a.node.create('plain', undefined, { id: '1', on: 'here' }));
  await world.settle(b.node.create('plain', undefined, { id: '2', on: 'here' }));
  await world.run(50);
  const ids = async (filter = {}) => (await world.settle(a.node.list(filter))).map(({ id }) => id).sort();
  expect(await ids()).toEqual(['1', '2']);
  const room = b.rooms.get('2');
  if (room === undefined) throw new Error('no room');
  room.metadata = { map: 'forest' };
  await world.run(1200);
  expect(await ids({ metadata: { map: 'forest' } })).toEqual(['2']);
  room.isPrivate = true;
  await world.run(1200);
  expect(await ids()).toEqual(['1']);
  expect((await world.settle(a.node.byCode(room.code.toLowerCase())))?.place.node).toBe('b');
  expect(await world.settle(a.node.byCode('NOCODE'))).toBeUndefined();
  await world.settle(room.end());
  await world.run(50);
  expect(await world.settle(a.node.byCode(room.code))).toBeUndefined();
});

test('nothing is asked of the bus for rooms that do not change', async () => {
  const a = await world.start('a');
  for (let i = 0; i < 20; i++)
    await world.settle(a.node.create('plain', undefined, { id: `r${i}`, on: 'here' }));
  await world.run(2000);
  let calls = 0;
  const { bus } = a;
  for (const name of ['update', 'claim', 'publish', 'restore', 'find'] as const) {
    const own = bus[name].bind(bus) as (...args: unknown[]) => never;
    Object.assign(bus, {
      [name]: (...args: unknown[]) => {
        calls++;
        return own(...args);
      },
    });
  }
  await world.run(20_000);
  expect(calls).toBe(0);
});

test('requests, their errors and messages of the game travel between nodes', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  b.node.onRequest('double', (payload) => Number(payload) * 2);
  b.node.onRequest('bytes', (payload) => (payload as Uint8Array).map((byte) => byte + 1));
  b.node.onRequest('full', () => {
    throw new RoomError('ROOM_FULL', 'no seat');
  });
  expect(await world.settle(a.node.request('b', 'double', 21))).toBe(42);
  expect(await world.settle(a.node.request('b', 'bytes', Uint8Array.of(10, 1)))).toEqual(
    Uint8Array.of(11, 2),
  );
  await expect(world.settle(a.node.request('b', 'full')).catch(codeOf)).resolves.toBe('ROOM_FULL');
  await expect(world.settle(a.node.request('b', 'other')).catch(codeOf)).resolves.toBe('UNHANDLED');
  await expect(world.settle(a.node.request('c', 'double')).catch(codeOf)).resolves.toBe('NODE_GONE');
  const heard: string[] = [];
  const end = await world.settle(
    b.node.subscribe('news', (bytes) => void heard.push(new TextDecoder().decode(bytes))),
  );
  await world.settle(a.node.publish('news', new TextEncoder().encode('hello')));
  await world.run(20);
  end();
  expect(heard).toEqual(['hello']);
});

test('a node that ends answers nothing: who waits is told so', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  b.node.onRequest('slow', () => new Promise(() => undefined));
  const answer = a.node.request('b', 'slow').catch(codeOf);
  await world.run(50);
  await world.settle(b.node.close());
  expect(await world.settle(answer)).toBe('NODE_GONE');
  expect(a.signals).toContain('left b');
  expect(a.node.nodes().map(({ id }) => id)).toEqual(['a']);
});
