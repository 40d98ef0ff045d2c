/**
 * Many players in play, on a network that loses packets: no marked call is lost or done twice, no player and no room is lost, when rooms go from
 * node to node and when all nodes are replaced, one after the other.
 */
import { afterEach, expect, test } from 'vitest';
import type { HandoffClient } from './HandoffClient.ts';
import { HandoffWorld, Match } from './world.ts';

const SEED = Number(process.env['FC_SEED'] ?? 7);
const PLAYERS = Number(process.env['HANDOFF_PLAYERS'] ?? 200);
let world: HandoffWorld;
afterEach(() => world.close());

/** Everybody calls now and then: a marked call, and one that is not. */
function chatter(said: Map<string, number>): () => void {
  let frame = 0;
  return () => {
    frame++;
    for (const [i, client] of world.clients.entries()) {
      if ((frame + i) % 20 !== 0 || said.get(client.name) === undefined) continue;
      const number = (said.get(client.name) ?? 0) + 1;
      said.set(client.name, number);
      client.callMarked('/root/Main', 'add', number);
    }
  };
}

async function join(count: number): Promise<void> {
  const [a] = world.nodes;
  if (a === undefined) throw new Error('there is no node');
  for (let i = 0; i < count; i++) world.join(`p${i}`, a);
  await world.until(
    () => world.clients.every(({ isIn }) => isIn) && a.rooms.players.length === count,
    30_000,
    () => `${a.rooms.players.length} of ${count} are in: ${status()}\n${a.lines.slice(-8).join('\n')}`,
  );
}

function isPlaying({ stage, isIn }: HandoffClient): boolean {
  return stage === 'playing' && isIn;
}

const status = (): string =>
  world.clients
    .filter((client) => !isPlaying(client) || client.unacked > 0)
    .map(({ name, stage, log, unacked }) => `${name} is ${stage}, ${unacked} unanswered: ${log}`)
    .slice(0, 10)
    .join('; ');

/** Every call was done once, in order. */
function expectAllHeard(rooms: readonly Match[], said: ReadonlyMap<string, number>): void {
  const heard = new Map(rooms.flatMap((room) => [...room.heard]));
  const wrong = [...said].filter(([name, count]) => {
    const numbers = heard.get(name) ?? [];
    return numbers.length !== count || numbers.some((number, i) => number !== i + 1);
  });
  expect(wrong, world.network.describe()).toEqual([]);
}

test(`${PLAYERS} players under play go there and back, with 5 % loss`, { timeout: 120_000 }, async () => {
  const network = { seed: SEED, latencyMs: 20, jitterMs: 5, loss: 0.05 };
  world = await HandoffWorld.open(2, { prepareMs: 5000, drainMs: 3000 }, network);
  Match.size = 20;
  await join(PLAYERS);
  const said = new Map(world.clients.map(({ name }) => [name, 0]));
  const each = chatter(said);
  await world.run(500, each);
  for (const [from, to] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const { handoff, rooms } = world.at(from);
    await world.settle(Promise.all(rooms.rooms.map((room) => handoff.moveRoom(room, world.at(to).id))), each);
    await world.until(() => world.clients.every(isPlaying), 20_000, status, each);
    await world.run(500, each);
    expect([world.at(from).rooms.rooms.length, world.at(from).rooms.players.length]).toEqual([0, 0]);
    expect(world.at(to).rooms.players.length).toBe(PLAYERS);
  }
  await world.until(() => world.clients.every(({ unacked }) => unacked === 0), 20_000, status);
  expectAllHeard(world.at(0).rooms.rooms as Match[], said);
  expect(Math.min(...said.values())).toBeGreaterThan(5);
  expect(world.nodes.flatMap(({ errors }) => errors)).toEqual([]);
});

test('a rolling update of three nodes loses nobody, while connections drop', {
  timeout: 120_000,
}, async () => {
  const network = { seed: SEED, latencyMs: 10, loss: 0.02 };
  world = await HandoffWorld.open(3, { prepareMs: 4000, drainMs: 2000 }, network);
  await join(24);
  const [a] = world.nodes;
  if (a === undefined) throw new Error('there is no node');
  // Four rooms, of six players each.
  const rooms = await Promise.all(
    [0, 1, 2].map((number) => world.settle(a.rooms.create('match', { title: `${number}` }))),
  );
  for (const [i, player] of a.rooms.players.entries()) {
    const room = rooms[i % 4];
    if (room !== undefined) await world.settle(player.moveTo(room));
  }
  const said = new Map(world.clients.map(({ name }) => [name, 0]));
  const each = chatter(said);
  await world.run(300, each);
  for (const id of ['a', 'b', 'c']) {
    const old = world.nodes.find((node) => node.id === id);
    if (old === undefined) throw new Error(`there is no node ${id}`);
    const result = await world.settle(old.handoff.drain({ parallel: 3 }), each);
    expect([...result.failed]).toEqual([]);
    await world.until(() => world.clients.every(isPlaying), 20_000, status, each);
    expect([old.rooms.rooms.length, old.rooms.players.length]).toEqual([0, 0]);
    await world.settle(old.node.close(), each);
    old.isDead = true;
    await world.add(`${id}2`);
    await world.run(300, each);
  }
  await world.until(() => world.clients.every(({ unacked }) => unacked === 0), 20_000, status);
  const left = world.nodes
    .filter(({ isDead }) => !isDead)
    .flatMap(({ rooms: { rooms: those } }) => those as Match[]);
  expect(left).toHaveLength(4);
  expect(left.flatMap((room) => [...room.players.keys()]).toSorted()).toEqual([...said.keys()].toSorted());
  expectAllHeard(left, said);
  expect(world.nodes.flatMap(({ errors }) => errors)).toEqual([]);
});
