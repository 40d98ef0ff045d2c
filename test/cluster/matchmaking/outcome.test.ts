/** Leaders that come too late, nodes that die in the middle of a match, and answers that are none. */
import { expect, test } from 'vitest';
import { BusError, type ClusterMatch, ClusterMatchmaking } from '../../../src/cluster/index.ts';
import { outcomeOf } from '../../../src/cluster/matchmaking/outcome.ts';
import { nodeInside } from '../../../src/cluster/node/ClusterNode.ts';
import type { Match } from '../../../src/matchmaking/index.ts';
import { codeOf } from '../conformance/engine.ts';
import { type ClusterWorld, PlainRoom, type TestNode, worldOfEachTest } from '../node/world.ts';

const LEASE_MS = 1000;
let world: ClusterWorld;
worldOfEachTest({ leaseMs: LEASE_MS }, (made) => {
  world = made;
});

const ticket = (name: string) => ({ id: name, queue: 'duel', players: [name] });
const matchOf = (...names: string[]): Match =>
  ({
    id: 'duel/0',
    queue: 'duel',
    waitedMs: 0,
    agreed: {},
    teams: names.map((name) => ({ players: [name], tickets: [ticket(name)] })),
  }) as unknown as Match;

async function startMatchmaking(
  one: TestNode,
): Promise<{ matchmaking: ClusterMatchmaking; matches: ClusterMatch[] }> {
  const matchmaking = new ClusterMatchmaking(one.node, {
    matchmaker: { queues: { duel: { teams: 2, playersPerTeam: 1 } } },
    room: () => ({ kind: 'plain' }),
    tickMs: 100,
  });
  const matches: ClusterMatch[] = [];
  matchmaking.on('matched', (matched) => matches.push(matched));
  await world.settle(matchmaking.start());
  return { matchmaking, matches };
}

test('a room that is being made on the node that asks is waited for, and stays its own', async () => {
  let open = (): void => undefined;
  class Slow extends PlainRoom {
    override onCreate(): Promise<void> {
      return new Promise((resolve) => {
        open = resolve;
      });
    }
  }
  const a = await world.start('a', { kinds: { slow: Slow, plain: PlainRoom } });
  const made = a.node.create('slow', undefined, { id: 'match-1', on: 'here' });
  await world.run(100);
  let isKnown = false;
  const outcome = outcomeOf(nodeInside(a.node), 'match-1', matchOf('ann', 'bob'), 30_000);
  outcome.then(() => {
    isKnown = true;
  });
  await world.run(1000);
  expect(isKnown).toBe(false);
  open();
  const place = await world.settle(made);
  expect(await world.settle(outcome)).toEqual(place);
  expect(a.rooms.get('match-1')?.freeSeats()).toBe(2);
  await world.run(61_000);
  expect(await world.settle(a.node.find('match-1'))).toMatchObject({ place });
});

test('a match of which a node has said that it did not come about does not come about on that node, either', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const match = matchOf('ann', 'bob');
  expect(await world.settle(outcomeOf(nodeInside(a.node), 'match-1', match, 30_000))).toBeUndefined();
  for (const { node } of [b, a]) {
    const late = node.create('plain', undefined, { id: 'match-1' }).catch(codeOf);
    expect(await world.settle(late)).toBe('TAKEN');
    expect(await world.settle(outcomeOf(nodeInside(node), 'match-1', match, 30_000))).toBeUndefined();
  }
  expect(a.rooms.rooms.length + b.rooms.rooms.length).toBe(0);
  await world.run(61_000);
  await world.settle(b.node.create('plain', undefined, { id: 'match-1' }));
});

test('a ticket of a node that dies while its match is made is in no later match', async () => {
  const a = await world.start('a');
  const b = await world.start('b');
  const one = await startMatchmaking(a);
  const two = await startMatchmaking(b);
  await world.settle(two.matchmaking.add(ticket('bob')));
  // It is gone: nothing of it arrives any more.
  b.stop();
  b.bus.send = () => Promise.reject(new BusError('DOWN', 'gone'));
  await world.settle(one.matchmaking.add(ticket('ann')));
  await world.run(4 * LEASE_MS);
  expect(a.signals).toContain('left b');
  await world.settle(one.matchmaking.add(ticket('cas')));
  await world.until('a match of those who are there', () => one.matches.length === 2, 10);
  expect(one.matchmaking.queued).toBe(0);
});

test('an answer of a leader that is none is as no answer', async () => {
  const a = await world.start('a');
  const odd = await world.start('odd');
  const { root } = nodeInside(odd.node);
  const lease = await world.settle(odd.bus.claim('lead/matchmaker', 'odd', root));
  for (const answer of [{}, null, { lead: 'x', refusals: [] }, { lead: 1, refusals: 7 }]) {
    nodeInside(odd.node).handle('#matchmaker.add', () => answer);
    const { matchmaking } = await startMatchmaking(a);
    const added = matchmaking.add(ticket('ann'));
    added.catch(() => undefined);
    await world.run(1000);
    expect(matchmaking.size).toBe(1);
    await world.settle(matchmaking.close());
  }
  const { matchmaking } = await startMatchmaking(a);
  const added = matchmaking.add(ticket('ann'));
  await world.run(500);
  await world.settle(odd.bus.release(lease));
  expect(await world.settle(added)).toEqual({ ok: true, isNew: true });
  const said = 'a: tickets: TypeError: a node has sent what is not an answer to tickets';
  expect(new Set(world.errors.splice(0))).toEqual(new Set([said]));
});
