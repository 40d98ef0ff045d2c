/**
 * Faults that servers of rooms on many machines have had, each by its name: rooms of dead processes that are found, joined or in the way; listings
 * that are gone after one missed sign of life; two rooms after a timeout.
 */
import { expect, test } from 'vitest';
import { nodeInside } from '../../../src/cluster/node/ClusterNode.ts';
import { type ClusterWorld, codeOf, PlainRoom, type TestNode, worldOfEachTest } from './world.ts';

const LEASE_MS = 3000;

let world: ClusterWorld;
worldOfEachTest({ leaseMs: LEASE_MS }, (made) => {
  world = made;
});

const idsOf = async ({ node }: TestNode): Promise<string[]> =>
  (await world.settle(node.list())).map(({ id }) => id).sort();
const placeOf = async ({ node }: TestNode, id: string): Promise<string | undefined> =>
  (await world.settle(node.find(id)))?.place.node;

/** The process of a node ends without a word. */
async function kill(one: TestNode): Promise<void> {
  one.stop();
  world.nodes.splice(world.nodes.indexOf(one), 1);
  await one.bus.close();
}

test('a room whose process died is never joined, is found no more when its lease is over, and its id can be made anew', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const c = await world.start('c');
  const before = await world.settle(a.node.create('plain', undefined, { id: 'x', on: 'here' }));
  await world.run(100);
  // Somebody lists all the time, and has it in a list that is up to date.
  expect(await idsOf(b)).toEqual(['x']);
  await kill(a);
  const early = b.node.reserve('x', {}, { timeoutMs: 500 }).catch(codeOf);
  expect(await world.settle(early)).toBe('TIMEOUT');
  await world.run(LEASE_MS + LEASE_MS / 10);
  for (const one of [b, c]) {
    expect(await placeOf(one, 'x')).toBeUndefined();
    expect(await idsOf(one)).toEqual([]);
    expect(await world.settle(one.node.ops.rooms())).toEqual([]);
    expect(await world.settle(one.node.reserve('x').catch(codeOf))).toBe('ROOM_UNKNOWN');
    expect(one.node.nodes().map(({ id }) => id)).toEqual(
      ['b', 'c'].filter((id) => id !== one.id).concat(one.id),
    );
  }
  const after = await world.settle(c.node.create('plain', undefined, { id: 'x', on: 'here' }));
  expect([after.node, after.epoch > before.epoch]).toEqual(['c', true]);
  // The old one does not come back.
  await world.run(60_000);
  expect(await placeOf(b, 'x')).toBe('c');
  expect(await world.settle(b.node.reserve('x', { seats: 4 }))).toMatchObject({ place: after });
});

test('a node that was started anew under its name has no rooms of the one before', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  await world.settle(a.node.create('plain', undefined, { id: 'x', on: 'here' }));
  expect(await idsOf(b)).toEqual(['x']);
  await kill(a);
  const again = await world.start('a');
  expect(await placeOf(b, 'x')).toBeUndefined();
  expect(await idsOf(b)).toEqual([]);
  // No room is made on it for those who ask the one before.
  const place = await world.settle(
    b.node.create('plain', undefined, { id: 'x', on: { where: ({ id }) => id === 'a' } }),
  );
  expect([place.node, again.rooms.get('x')?.id]).toEqual(['a', 'x']);
});

test.each([
  ['its process stands still', (one: TestNode) => one.stop(), (one: TestNode) => one.cont()],
  ['the bus is away', () => world.hub.pause(), () => world.hub.resume()],
])('a node that misses renewals for less than a lease keeps everything: %s', async (_, begin, end) => {
  const a = await world.start('a');
  const b = await world.start('b');
  const before = await world.settle(a.node.create('plain', undefined, { id: 'x', on: 'here' }));
  await world.settle(a.node.reserve('x', { name: 'kept', seats: 1 }));
  await world.run(900);
  for (const { signals } of [a, b]) signals.length = 0;
  begin(a);
  // The last renewal was at most a third of a lease ago.
  await world.run(LEASE_MS / 2);
  end(a);
  await world.run(LEASE_MS * 2);
  expect((await world.settle(b.node.find('x')))?.place).toEqual(before);
  expect(await idsOf(b)).toEqual(['x']);
  expect(a.node.epochOf('x')).toBe(before.epoch);
  expect(a.rooms.get('x')?.freeSeats()).toBe(3);
  expect([a.signals, b.signals]).toEqual([[], []]);
});

test.each([2900, 3000, 3100, 9000, 9070, 9140, 9210, 9280])(
  'after the bus was away for %i ms nobody who is there is taken for gone',
  async (awayMs) => {
    const a = await world.start('a');
    const b = await world.start('b');
    const c = await world.start('c');
    const places = [];
    for (const { node } of [a, b])
      places.push(await world.settle(node.create('plain', undefined, { id: `of-${node.id}`, on: 'here' })));
    b.node.onRequest('slow', () => new Promise(() => undefined));
    let answer: unknown = 'none';
    void a.node.request('b', 'slow', undefined, { timeoutMs: 60_000 }).catch((error: unknown) => {
      answer = codeOf(error);
    });
    await world.run(1000);
    for (const { signals } of [a, b]) signals.length = 0;
    world.hub.pause();
    await world.run(awayMs);
    await kill(c);
    world.hub.resume();
    await world.run(LEASE_MS * 2);
    expect(a.signals).toEqual(['fenced', 'unfenced', 'left c']);
    expect(b.signals).toEqual(['fenced', 'unfenced', 'left c']);
    expect(answer).toBe('none');
    const found = await Promise.all(places.map(({ roomId }) => world.settle(a.node.find(roomId))));
    expect(found.map((room) => room?.place)).toEqual(places);
    await kill(b);
    await world.run(LEASE_MS * 1.2);
    expect(answer).toBe('NODE_GONE');
  },
);

test('a record that somebody has deleted comes back, and the room is taken by nobody', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const before = await world.settle(a.node.create('plain', undefined, { id: 'x', on: 'here' }));
  // As an operator who cleans up by hand: the node does not hear of it.
  const { root } = nodeInside(a.node);
  if (root === undefined) throw new Error('no root');
  const twin = await world.settle(a.bus.claim('room/x', '{}', root));
  await world.settle(a.bus.release(twin));
  expect(await placeOf(b, 'x')).toBeUndefined();
  await world.run(31_000);
  expect((await world.settle(b.node.find('x')))?.place).toEqual(before);
  expect(await world.settle(b.node.create('plain', undefined, { id: 'x', on: 'here' }))).toEqual(before);
  expect(b.rooms.get('x')).toBeUndefined();
});

test('a create that timed out and is repeated from another node gives one room', async () => {
  let begin = (): void => undefined;
  const mayBegin = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let made = 0;
  class SlowRoom extends PlainRoom {
    override async onCreate(): Promise<void> {
      made++;
      await mayBegin;
    }
  }
  const kinds = { plain: PlainRoom, slow: SlowRoom };
  const a = await world.start('a', { kinds });
  const b = await world.start('b', { kinds });
  const c = await world.start('c', { kinds });
  const where = { where: ({ id }: { id: string }) => id === 'b' };
  const first = a.node.create('slow', undefined, { id: 'x', on: where, timeoutMs: 1000 }).catch(codeOf);
  expect(await world.settle(first)).toBe('TIMEOUT');
  // It is being made still. Nobody else makes it, wherever it is asked for, and while it is not there nobody finds it.
  const others = [
    c.node.create('slow', undefined, { id: 'x', timeoutMs: 5000 }),
    a.node.create('slow', undefined, { id: 'x', on: 'here', timeoutMs: 5000 }),
  ];
  await world.run(500);
  expect(await placeOf(a, 'x')).toBeUndefined();
  begin();
  const places = await Promise.all(others.map((other) => world.settle(other)));
  expect(places.map(({ node }) => node)).toEqual(['b', 'b']);
  expect(made).toBe(1);
  expect([a, b, c].map(({ rooms }) => rooms.rooms.length)).toEqual([0, 1, 0]);
});

test('a create whose node died under it is made elsewhere, once', async () => {
  const nodes = [await world.start('a'), await world.start('b'), await world.start('c')] as const;
  const [a, b, c] = nodes;
  const where = { where: ({ id }: { id: string }) => id === 'b' };
  b.stop(); // It takes what it is asked, and answers nothing.
  const first = a.node.create('plain', undefined, { id: 'x', on: where, timeoutMs: 1000 }).catch(codeOf);
  await world.settle(first);
  await kill(b);
  await world.run(LEASE_MS * 1.2);
  const [one, two] = await world.settle(
    Promise.all([
      a.node.create('plain', undefined, { id: 'x' }),
      c.node.create('plain', undefined, { id: 'x' }),
    ]),
  );
  expect(one).toEqual(two);
  expect(one?.node).not.toBe('b');
  expect(a.rooms.rooms.length + c.rooms.rooms.length).toBe(1);
});
