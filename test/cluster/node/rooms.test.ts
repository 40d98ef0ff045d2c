/** Rooms of a cluster: one owner each, made where there is place, found from everywhere. */
import { expect, test } from 'vitest';
import { nodeInside } from '../../../src/cluster/node/ClusterNode.ts';
import { RoomError } from '../../../src/rooms/index.ts';
import { type ClusterWorld, codeOf, PlainRoom, type TestNode, worldOfEachTest } from './world.ts';

let world: ClusterWorld;
worldOfEachTest({}, (made) => {
  world = made;
});

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

test('a key that is barred is made into a room by nobody, and free again a minute later', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const bar = ({ node }: TestNode, id: string) =>
    nodeInside(node).records.bar(id, '{"isBarred":true}', 60_000);
  const slow = world.settle(a.rooms.create('plain', undefined, { id: 'y' }));
  // One that is being made is not taken back.
  expect(await world.settle(bar(a, 'y'))).toBe(false);
  await slow;
  expect(await world.settle(bar(a, 'x'))).toBe(true);
  expect(await world.settle(bar(a, 'x'))).toBe(true);
  expect(await world.settle(bar(b, 'x'))).toBe(true);
  for (const { node } of [a, b])
    for (const on of ['here', {}] as const)
      expect(await world.settle(node.create('plain', undefined, { id: 'x', on }).catch(codeOf))).toBe(
        'TAKEN',
      );
  expect([...a.rooms.rooms, ...b.rooms.rooms].map(({ id }) => id)).toEqual(['y']);
  // Also when the bus has forgotten it.
  world.hub.restart();
  await world.run(5000);
  expect(await world.settle(b.node.create('plain', undefined, { id: 'x' }).catch(codeOf))).toBe('TAKEN');
  await world.run(60_000);
  expect((await world.settle(b.node.create('plain', undefined, { id: 'x', on: 'here' }))).node).toBe('b');
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
  const ann = await world.join(a);
  expect((await world.settle(a.node.byCode(ann, room.code.toLowerCase()))).place.node).toBe('b');
  await world.settle(room.end());
  await world.run(50);
  expect(await world.settle(a.node.byCode(ann, room.code).catch(codeOf))).toBe('ROOM_UNKNOWN');
});

test('a player may try twenty codes that are none, at once or one by one; what is found, or cannot be looked for, does not count', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const secret = await world.settle(b.rooms.create('plain', undefined, { id: 'secret' }));
  secret.isPrivate = true;
  await world.run(1200);
  const [ann, bob] = [await world.join(a), await world.join(a)];
  const attempt = (code: string, player = ann): Promise<unknown> =>
    a.node.byCode(player, code).then(({ id }) => id, codeOf);
  for (let i = 0; i < 30; i++) expect(await world.settle(attempt(secret.code))).toBe('secret');
  world.hub.pause();
  await world.run(11_000);
  expect(await world.settle(Promise.all([attempt('NONE'), attempt('NONE')]))).toEqual(['DOWN', 'DOWN']);
  world.hub.resume();
  await world.run(5000);
  // Here and in `RoomServer.byCode` together.
  expect(() => a.rooms.byCode(ann, 'NONE')).toThrow();
  const all = await world.settle(Promise.all(Array.from({ length: 25 }, () => attempt('NONE'))));
  expect(all).toEqual([...Array(19).fill('ROOM_UNKNOWN'), ...Array(6).fill('TOO_MANY_TRIES')].sort());
  expect(await world.settle(attempt(secret.code))).toBe('TOO_MANY_TRIES');
  expect(await world.settle(attempt(secret.code, bob))).toBe('secret');
  expect(await world.settle(attempt('x'.repeat(1000), bob))).toBe('ROOM_UNKNOWN');
});

test('a node that is closed while it starts has left nothing', async () => {
  const a = world.make('a');
  const started = a.node.start().catch(codeOf);
  await world.run(5);
  await world.settle(a.node.close());
  expect(['NOT_RUNNING', 'CLOSED']).toContain(await world.settle(started));
  await world.run(10_000);
  const bus = world.hub.connect();
  expect(await world.settle(bus.list('node'))).toEqual([]);
  expect(a.node.isHeld).toBe(false);
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
