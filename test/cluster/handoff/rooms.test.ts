/** Whole rooms go from node to node: what comes over, what clients notice, and what goes wrong on the way. */
import { afterEach, expect, test } from 'vitest';
import { Vector2 } from '../../../codec/index.ts';
import { HandoffError } from '../../../src/cluster/handoff/handoffErrors.ts';
import { HandoffWorld } from './world.ts';

let world: HandoffWorld;
afterEach(() => world.close());

/** Two players in a room of the first node. */
async function playing(names = ['ann', 'bob'], nodes = 2): Promise<void> {
  world = await HandoffWorld.open(nodes);
  for (const [i, name] of names.entries()) {
    const client = world.join(name, world.at(0));
    const isIn = (): boolean => client.isIn && world.at(0).match.players.size === i + 1;
    await world.until(isIn, 5000, () => `${name} is not in`);
  }
}

test('a room goes to another node with all that it has', async () => {
  await playing();
  const [a, b] = [world.at(0), world.at(1)];
  const [ann, bob] = world.clients;
  const { match } = a;
  match.multiplayer.spawner('/root/Main/Custom').spawn(['piece', 7]);
  match.mirror.getNode('/root/Main')?.setMeta('round', 3);
  match.mirror.getNode(`/root/Main/Players/${ann?.id}`)?.set('position', new Vector2(0.1, 5));
  match.metadata = { title: 'final' };
  a.rooms.player('ann')?.data.set('gold', 12);
  ann?.callMarked('/root/Main', 'add', 1);
  await world.run(200);
  const before = { steps: match.steps, code: match.code };
  await world.settle(a.handoff.moveRoom(match, 'b'));
  await world.until(
    () => world.clients.every(({ stage, isIn }) => stage === 'playing' && isIn),
    5000,
    () => 'they arrive',
  );
  await world.run(200);
  expect(a.rooms.rooms).toEqual([]);
  expect(a.rooms.players).toEqual([]);
  expect(match.hooks).toEqual(['join ann', 'join bob', 'moved']);
  expect(b.match.id).toBe(match.id);
  expect(b.match.code).toBe(before.code);
  expect(b.match.hooks.toSorted()).toEqual(['return ann 0', 'return bob 0']);
  expect(b.match.steps).toBeGreaterThan(before.steps);
  expect(b.match.heard).toEqual(new Map([['ann', [1]]]));
  expect(b.match.metadata).toEqual({ title: 'final' });
  expect(b.match.mirror.getNode('/root/Main')?.getMeta('round')).toBe(3);
  expect(b.rooms.player('ann')?.data.get('gold')).toBe(12);
  expect(b.rooms.player('ann')?.user).toEqual(Object.assign(Object.create(null), { name: 'ann' }));
  const players = b.match.mirror.getNode('/root/Main/Players')?.getChildren() ?? [];
  expect(players.map(({ name }) => name)).toEqual([ann, bob].map((one) => String(one?.id)));
  expect(players.map((node) => node.getMultiplayerAuthority())).toEqual([ann?.id, bob?.id]);
  expect(players[0]?.get('position')).toEqual(new Vector2(Math.fround(0.1), 5));
  for (const client of world.clients) {
    expect(client.log).toEqual(['prepared', 'switch', 'arrived']);
    const seen = client.mirror
      .getNode('/root/Main/Players')
      ?.getChildren()
      .map(({ name }) => name);
    expect(seen?.toSorted()).toEqual(players.map(({ name }) => name).toSorted());
    expect(client.mirror.getNode('/root/Main/Pieces/piece')?.getMeta('value')).toBe(7);
    expect(client.lines).toEqual([]);
    expect(client.multiplayer.getPeers().length).toBe(2);
  }
  expect([...a.errors, ...b.errors]).toEqual([]);
  // And back.
  ann?.callMarked(`/root/Main`, 'add', 2);
  await world.settle(b.handoff.moveRoom(b.match, 'a'));
  await world.until(
    () => world.clients.every(({ stage, isIn }) => stage === 'playing' && isIn),
    5000,
    () => 'they are back',
  );
  await world.run(100);
  expect(world.at(0).match.heard).toEqual(new Map([['ann', [1, 2]]]));
  expect(b.rooms.rooms).toEqual([]);
});

test.each(['onCreate', 'onSnapshot', 'onRestore'] as const)(
  'a room whose %s breaks stays where it is',
  async (hook) => {
    await playing();
    const [a, b] = [world.at(0), world.at(1)];
    const { match } = a;
    const { breaks } = await import('./world.ts').then(({ Match }) => ({
      breaks: (what: typeof hook | undefined) => {
        Match.breaks = what;
      },
    }));
    breaks(hook);
    const error = await world.settle(a.handoff.moveRoom(match, 'b').catch((thrown: unknown) => thrown));
    breaks(undefined);
    expect(error).toBeInstanceOf(HandoffError);
    await world.until(
      () => world.clients.every(({ stage, isIn }) => stage === 'playing' && isIn),
      15_000,
      () => `they are back ${world.clients.map(({ stage }) => stage)}`,
    );
    await world.run(200);
    expect(a.match).toBe(match);
    expect(match.players.size).toBe(2);
    expect([...match.players.values()].every(({ isAway }) => !isAway)).toBe(true);
    expect(b.rooms.rooms).toEqual([]);
    expect(b.rooms.players).toEqual([]);
    const steps = match.steps;
    await world.run(500);
    expect(match.steps).toBeGreaterThan(steps);
  },
);
