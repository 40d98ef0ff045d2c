/** Clients that mean no good: none of them keeps its room from going, or the others, or makes a node hold more and more. */
import { afterEach, expect, test } from 'vitest';
import type { HandoffClient } from './HandoffClient.ts';
import { HandoffWorld } from './world.ts';

let world: HandoffWorld;
afterEach(() => world.close());

const DOOR = '/root/GodotEnetHandoff';

/** Players in a room of the first of two nodes. */
async function playing(...names: readonly string[]): Promise<HandoffClient[]> {
  world = await HandoffWorld.open(2);
  for (const [i, name] of names.entries()) {
    const client = world.join(name, world.at(0));
    const isIn = (): boolean => client.isIn && world.at(0).rooms.players.length === i + 1;
    await world.until(isIn, 5000, () => `${name} is not in`);
  }
  return world.clients;
}

function say(client: HandoffClient | undefined, method: string, ...args: readonly unknown[]): void {
  const error = client?.mirror.getNode(DOOR)?.rpcId(1, method, ...args);
  if (error !== 0) throw new Error(`${method} is not sent: ${error}`);
}

test.each([
  ['a name with U+0000', 'b\0b'],
  ['a name that makes a long ticket', '\u20ac'.repeat(1000)],
  ['a name that no image has', 'x'.repeat(4000)],
])('%s keeps nobody else back', async (_what, name) => {
  await playing('ann', name);
  const [a, b] = [world.at(0), world.at(1)];
  await world.settle(a.handoff.moveRoom(a.match, 'b'));
  await world.until(
    () => b.rooms.player('ann')?.isAway === false,
    5000,
    () => 'ann is not there',
  );
  expect(b.rooms.player('ann')?.room).toBe(b.match);
  expect([...a.errors, ...b.errors]).toEqual([]);
});

test('who cannot go is given no other room by a drain', async () => {
  await playing('ann', 'b\0b');
  const [a, b] = [world.at(0), world.at(1)];
  const { moved, failed } = await world.settle(a.handoff.drain());
  expect([moved.size, failed.size]).toEqual([1, 0]);
  await world.run(500);
  expect([a.rooms.rooms.length, a.rooms.players.length]).toEqual([0, 0]);
  expect([...b.match.players.keys()]).toEqual(['ann']);
  expect([...a.errors, ...b.errors]).toEqual([]);
});

test('numbers that are none, skipped ones, and paths that are none: nothing is done, and little is said', async () => {
  const [ann] = await playing('ann');
  const a = world.at(0);
  let answers = 0;
  ann?.mirror.getNode(DOOR)?.onRpc('_acked', () => {
    answers++;
  });
  const add = (run: unknown, number: unknown, path: unknown = '/root/Main', args: unknown = [1]): void =>
    say(ann, '_marked', run, number, path, 'add', args);
  for (const number of [
    0,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    -(2n ** 63n),
    null,
    [1],
    'x',
  ])
    add('run', number);
  for (const run of ['', 'x'.repeat(65), 5, null, []]) add(run, 1);
  for (let i = 0; i < 100; i++) add('run', 2 + i);
  await world.run(300);
  expect([a.match.heard.size, answers]).toEqual([0, 1]);
  const paths = [
    '',
    '/',
    '..',
    '/root/..',
    ':a',
    '/root/Main:x',
    '%x',
    'Main',
    '\\',
    '/root//Main',
    'x'.repeat(9000),
  ];
  for (const [i, path] of paths.entries()) add('paths', i + 1, path);
  add('args', 1, '/root/Main', 7);
  add('args', 2, '/root/Main', [1, 2, 3]);
  add('args', 3, DOOR);
  await world.run(300);
  expect(a.errors).toEqual([]);
  expect(a.lines.filter((line) => line.length > 500)).toEqual([]);
  add('args', 4);
  await world.run(100);
  expect(a.match.heard.get('ann')?.at(-1)).toBe(1);
});

test('a marked call of a marked call is none', async () => {
  const [ann] = await playing('ann');
  const a = world.at(0);
  let args: unknown[] = [1];
  let [path, method] = ['/root/Main', 'add'];
  for (let depth = 20; depth > 0; depth--) {
    args = ['run', depth, path, method, args];
    [path, method] = [DOOR, '_marked'];
  }
  say(ann, '_marked', ...args);
  await world.run(100);
  expect(a.match.heard.size).toBe(0);
  expect(a.errors).toEqual([]);
});

test('who answers without being asked changes nothing', async () => {
  const [ann, bob] = await playing('ann', 'bob');
  const [a, b] = [world.at(0), world.at(1)];
  const other = await world.settle(a.rooms.create('match'));
  const bobThere = a.rooms.player('bob');
  if (bobThere === undefined) throw new Error('there is no bob');
  await world.settle(bobThere.moveTo(other));
  await world.run(200);
  for (const transfer of ['', 'x', 'x'.repeat(9000), 5, null])
    for (const method of ['_prepared', '_left']) say(bob, method, transfer, true);
  // Ann tells bob, who is in another room, by which name her room goes.
  const transfers: string[] = [];
  ann?.mirror.getNode(DOOR)?.onRpc('_prepare', (_sender, transfer: unknown) => {
    transfers.push(String(transfer));
    say(bob, '_prepared', transfer, true);
  });
  const switched: string[] = [];
  bob?.mirror.getNode(DOOR)?.onRpc('_switch', (_sender, transfer: unknown) => {
    switched.push(String(transfer));
  });
  const room = [...a.rooms.rooms].find(({ id }) => id !== other.id);
  if (room === undefined) throw new Error('there is no room');
  await world.settle(a.handoff.moveRoom(room, 'b'));
  await world.run(500);
  expect(transfers).toHaveLength(1);
  expect(switched).toEqual([]);
  expect(bobThere.room).toBe(other);
  expect(bobThere.isAway).toBe(false);
  expect([...a.errors, ...b.errors]).toEqual([]);
});

test('who can go no more is not waited for', async () => {
  const [ann] = await playing('ann', 'bob');
  const [a, b] = [world.at(0), world.at(1)];
  if (ann === undefined) throw new Error('there is no ann');
  // Its answers are these: it can, and it cannot.
  ann.isDeaf = true;
  ann.mirror.getNode(DOOR)?.onRpc('_prepare', (_sender, transfer: unknown) => {
    say(ann, '_prepared', transfer, true);
    say(ann, '_prepared', transfer, false);
  });
  let said = 0;
  ann.mirror.getNode(DOOR)?.onRpc('_switch', () => {
    said++;
  });
  const begun = world.network.time;
  await world.settle(a.handoff.moveRoom(a.match, 'b'));
  expect(world.network.time - begun).toBeLessThan(1000);
  expect(a.rooms.rooms).toEqual([]);
  expect(b.match.players.size).toBe(2);
  expect(said).toBe(0);
});

test('a ticket that is larger than any, and one of a thousand dots', async () => {
  await playing('ann');
  const b = world.at(1);
  for (const text of ['x'.repeat(16_000), '.'.repeat(1000), 'e30.e30.', '\u0000'.repeat(100)]) {
    const from = b.lines.length;
    const thief = world.join(`godot-enet-ticket:${text}`, b);
    await world.until(
      () => thief.stage === 'lost',
      15_000,
      () => `the thief is ${thief.stage}`,
    );
    world.clients.pop()?.close();
    expect(
      b.lines.slice(from).filter((line) => line.startsWith('handoff: a ticket is refused')),
    ).toHaveLength(1);
  }
  expect(b.errors).toEqual([]);
});
