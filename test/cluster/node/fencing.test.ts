/** A node that cannot prove its lease lets nobody in; what becomes of its rooms. */
import { expect, test } from 'vitest';
import { RoomError } from '../../../src/rooms/index.ts';
import { type ClusterWorld, PlainRoom, type TestNode, worldOfEachTest } from './world.ts';

let world: ClusterWorld;
worldOfEachTest({ leaseMs: 3000 }, (made) => {
  world = made;
});

const codeOf = (error: unknown): unknown => (error instanceof RoomError ? error.code : error);
const make = (node: TestNode, id: string) =>
  world.settle(node.node.create('plain', undefined, { id, on: 'here' }));
const roomOf = ({ rooms }: TestNode, id: string): PlainRoom => {
  const room = rooms.get(id);
  if (!(room instanceof PlainRoom)) throw new Error(`no room ${id}`);
  return room;
};
const tryReserve = (node: TestNode, id: string): unknown => {
  try {
    return typeof roomOf(node, id).reserve();
  } catch (error) {
    return codeOf(error);
  }
};

test('before it was started a node lets nobody in, and makes no rooms', async () => {
  const a = world.make('a');
  expect(a.node.isHeld).toBe(false);
  await expect(a.rooms.create('plain').catch(codeOf)).resolves.toBe('FENCED');
  await world.settle(a.node.start());
  expect(a.node.isHeld).toBe(true);
  await expect(world.settle(a.rooms.create('plain'))).resolves.toBeInstanceOf(PlainRoom);
});

test('while the bus is away a node lets people in until its lease may have ended, and again when the bus is back', async () => {
  const a = await world.start('a');
  await make(a, 'x');
  world.hub.pause();
  await world.run(1500);
  expect(tryReserve(a, 'x')).toBe('string');
  await world.run(1300);
  expect(a.signals.slice(-1)).toEqual(['fenced']);
  expect(roomOf(a, 'x').notes).toEqual(['fenced']);
  expect(tryReserve(a, 'x')).toBe('FENCED');
  await world.run(60_000);
  world.hub.resume();
  await world.run(500);
  expect(a.signals.slice(-1)).toEqual(['unfenced']);
  expect(tryReserve(a, 'x')).toBe('string');
  expect(a.signals).not.toContain('leaseLost');
});

test('after a process stood still, the first thing it is asked it refuses', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await make(a, 'x');
  a.stop();
  await world.run(10_000);
  // Nothing has told it that time has passed.
  expect(a.signals).not.toContain('fenced');
  expect(tryReserve(a, 'x')).toBe('FENCED');
  expect(a.node.isHeld).toBe(false);
  await make(b, 'x');
  expect(tryReserve(b, 'x')).toBe('string');
  expect(tryReserve(a, 'x')).toBe('FENCED');
  a.cont();
  await world.run(1000);
  expect(a.signals).toEqual(expect.arrayContaining(['fenced', 'leaseLost', 'roomLost x', 'unfenced']));
  expect(a.rooms.get('x')).toBeUndefined();
  expect((await world.settle(a.node.find('x')))?.place.node).toBe('b');
});

test.each(['continue', 'end'] as const)('a lease that was lost: %s', async (onLeaseLost) => {
  const a = await world.start('a', { onLeaseLost });
  const b = await world.start('b');
  for (const id of ['x', 'y', 'z']) await make(a, id);
  a.stop();
  await world.run(5000);
  await make(b, 'x');
  a.cont();
  await world.run(1500);
  expect(a.signals).toContain('leaseLost');
  const left = onLeaseLost === 'continue' ? ['y', 'z'] : [];
  expect(a.rooms.rooms.map(({ id }) => id)).toEqual(left);
  for (const id of left) expect(tryReserve(a, id)).toBe('string');
  const listed = (await world.settle(b.node.list())).map(({ id, place }) => `${id} ${place.node}`).sort();
  expect(listed).toEqual(['x b', ...left.map((id) => `${id} a`)]);
  await make(a, 'new');
});

test('all is listed again after the bus has lost its data, and nobody takes it meanwhile', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await make(a, 'x');
  world.hub.restart();
  await world.run(1500);
  expect((await world.settle(b.node.find('x')))?.place.node).toBe('a');
  expect(tryReserve(a, 'x')).toBe('string');
  await world.run(5000);
  const place = await make(b, 'x');
  expect(place.node).toBe('a');
  expect(a.signals).not.toContain('leaseLost');
});

test('a room that somebody had while its node stood still has another claim, also when the bus has forgotten that', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await make(a, 'x');
  a.stop();
  await world.run(5000);
  const between = (await make(b, 'x')).epoch;
  // Its end is not heard: the bus is away, and loses its data.
  world.hub.pause();
  await world.settle(roomOf(b, 'x').end());
  world.hub.restart();
  world.hub.resume();
  a.cont();
  // What it may do with the room, it may do under another claim only.
  let reserved: unknown;
  for (let i = 0; i < 200 && reserved !== 'string'; i++) {
    await world.run(50);
    reserved = tryReserve(a, 'x');
  }
  expect(reserved).toBe('string');
  expect(a.node.epochOf('x')).toBeGreaterThan(between);
  const found = await world.settle(b.node.find('x'));
  expect([found?.place.node, found?.place.epoch]).toEqual(['a', a.node.epochOf('x')]);
});

test('a record that somebody has deleted is put back', async () => {
  const a = await world.start('a');
  await make(a, 'x');
  await world.run(100);
  const thief = world.hub.connect();
  const record = await world.settle(thief.find('room/x'));
  const lease = a.node.rooms.get('x') && record;
  expect(lease).toBeDefined();
  const saved = world.hub.save();
  const records = new Map(saved.records);
  records.delete('room/x');
  world.hub.restart({ ...saved, records });
  await world.run(2000);
  expect((await world.settle(a.node.find('x')))?.id).toBe('x');
});

test('a lease that runs out for another reason than a lost one holds again, and rooms of others are found no more', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await make(a, 'x');
  a.stop();
  await world.run(4500);
  expect(await world.settle(b.node.find('x'))).toBeUndefined();
  expect(b.signals).toContain('left a');
  a.cont();
  await world.run(1500);
  expect((await world.settle(b.node.find('x')))?.place.node).toBe('a');
  expect(a.signals).not.toContain('leaseLost');
  expect(tryReserve(a, 'x')).toBe('string');
});

test('a node that is started anew under its id waits for the lease of the one before', async () => {
  const a = await world.start('a');
  await make(a, 'x');
  a.stop();
  const again = world.make('a');
  const started = again.node.start();
  await world.run(1000);
  expect(again.node.isHeld).toBe(false);
  await world.settle(started);
  expect(again.node.isHeld).toBe(true);
  expect(a.node.isHeld).toBe(false);
  expect(tryReserve(a, 'x')).toBe('FENCED');
  await world.settle(again.node.close());
  a.cont();
  await world.run(1000);
});

test('a room that has ended is not brought back by old data', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await make(a, 'x');
  await make(a, 'y');
  await world.run(1200);
  const saved = world.hub.save();
  await world.settle(roomOf(a, 'x').end());
  await world.run(100);
  world.hub.restart(saved);
  await world.run(6000);
  expect(await world.settle(b.node.find('x'))).toBeUndefined();
  expect((await world.settle(b.node.list())).map(({ id }) => id)).toEqual(['y']);
  expect((await make(b, 'x')).node).toBe('b');
});

test('a room that ends while the bus is away is listed no more once it is back', async () => {
  const a = await world.start('a');
  await make(a, 'x');
  world.hub.pause();
  await world.settle(roomOf(a, 'x').end());
  await world.run(100);
  world.hub.resume();
  await world.run(2000);
  const look = world.hub.connect();
  expect(await world.settle(look.list('room'))).toEqual([]);
  await make(a, 'x');
});
