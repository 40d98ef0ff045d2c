/** Matchmaking of a cluster: one node matches the tickets of all; whenever that one ends, nobody is lost and nobody in two matches. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClusterMatch, ClusterMatchmaking } from '../../../src/cluster/index.ts';
import { RoomError } from '../../../src/rooms/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { ClusterWorld, type TestNode, worldOfEachTest } from '../node/world.ts';

const LEASE_MS = 1000;

/** A node with matchmaking. */
interface Player {
  readonly one: TestNode;
  readonly matchmaking: ClusterMatchmaking;
  readonly matches: ClusterMatch[];
}

async function start(world: ClusterWorld, id: string, kind = 'plain'): Promise<Player> {
  const one = await world.start(id);
  const matchmaking = new ClusterMatchmaking(one.node, {
    matchmaker: { queues: { duel: { teams: 2, playersPerTeam: 1 } } },
    room: () => ({ kind }),
    tickMs: 100,
  });
  const matches: ClusterMatch[] = [];
  matchmaking.on('matched', (matched) => matches.push(matched));
  await world.settle(matchmaking.start());
  return { one, matchmaking, matches };
}

const codeOf = (error: unknown): unknown => (error instanceof RoomError ? error.code : error);
const ticket = (name: string) => ({ id: name, queue: 'duel', players: [name] });

describe('by example', () => {
  let world: ClusterWorld;
  worldOfEachTest({ leaseMs: LEASE_MS }, (made) => {
    world = made;
  });

  test('players of two nodes are matched, and their room has seats for them', async () => {
    const a = await start(world, 'a');
    const b = await start(world, 'b');
    expect(a.matchmaking.leader).toBe('a');
    expect(b.matchmaking.leader).toBe('a');
    const added = await world.settle(
      Promise.all([a.matchmaking.add(ticket('ann')), b.matchmaking.add(ticket('bob'))]),
    );
    expect(added).toEqual([
      { ok: true, isNew: true },
      { ok: true, isNew: true },
    ]);
    await world.until('a match', () => a.matches.length + b.matches.length === 2);
    const [one, two] = [a.matches[0], b.matches[0]];
    expect(one?.ticket).toEqual(ticket('ann'));
    expect(two?.ticket).toEqual(ticket('bob'));
    expect(two?.place).toEqual(one?.place);
    expect(one?.match.teams.flatMap(({ players }) => players).sort()).toEqual(['ann', 'bob']);
    const node = world.nodes.find(({ id }) => id === one?.place.node);
    expect(node?.rooms.get(one?.place.roomId ?? '')?.freeSeats()).toBe(2);
    expect(a.matchmaking.size + b.matchmaking.size + a.matchmaking.queued).toBe(0);
  });

  test('what is wrong with a ticket is said; one that is taken back is not matched', async () => {
    const a = await start(world, 'a');
    const b = await start(world, 'b');
    expect(await world.settle(b.matchmaking.add({ ...ticket('bob'), queue: 'none' }))).toMatchObject({
      ok: false,
      reason: 'unknown-queue',
    });
    expect(b.matchmaking.size).toBe(0);
    await world.settle(b.matchmaking.add(ticket('bob')));
    expect(await world.settle(b.matchmaking.add(ticket('bob')))).toEqual({ ok: true, isNew: false });
    expect(await world.settle(a.matchmaking.add({ ...ticket('other'), players: ['bob'] }))).toMatchObject({
      reason: 'player-waiting',
    });
    expect(b.matchmaking.cancel('bob')).toBe(true);
    await world.settle(a.matchmaking.add(ticket('ann')));
    await world.run(1000);
    expect(a.matches).toEqual([]);
    expect(a.matchmaking.queued).toBe(1);
  });

  test('when the leader ends, another one leads, and who waited is matched', async () => {
    const a = await start(world, 'a');
    const b = await start(world, 'b');
    const c = await start(world, 'c');
    await world.settle(b.matchmaking.add(ticket('bob')));
    a.one.stop();
    await world.run(3 * LEASE_MS);
    await world.settle(c.matchmaking.add(ticket('cas')));
    await world.until('a match', () => b.matches.length + c.matches.length === 2);
    expect(b.matches[0]?.place).toEqual(c.matches[0]?.place);
    a.one.cont();
    await world.run(2 * LEASE_MS);
    expect(a.matchmaking.leader).toBe(b.matchmaking.leader);
    expect(a.matchmaking.leader).not.toBe('a');
  });

  test('who leads and closes leaves it to another at once; the tickets of a node that ends are gone', async () => {
    const a = await start(world, 'a');
    const b = await start(world, 'b');
    const c = await start(world, 'c');
    await world.settle(b.matchmaking.add(ticket('bob')));
    await world.settle(c.matchmaking.add(ticket('cas')).catch(() => undefined));
    await world.run(1000);
    await world.settle(b.matchmaking.add(ticket('bo')));
    await world.settle(a.matchmaking.close());
    await world.run(100);
    const leader = c.matchmaking.leader;
    expect(leader).not.toBe('a');
    await world.settle(b.one.node.close());
    await world.run(LEASE_MS);
    await world.settle(c.matchmaking.add(ticket('cat')));
    await world.run(2000);
    expect(c.matches.map(({ ticket: { id } }) => id)).toEqual(['cas']);
    expect(c.matchmaking.queued).toBe(1);
  });

  test('a leader that is closed while it makes a match reports no error', async () => {
    const a = await start(world, 'a');
    await world.settle(Promise.all(['ann', 'bob'].map((name) => a.matchmaking.add(ticket(name)))));
    // Nobody claims anything new for a while, so whether the room came about is asked again and again.
    world.hub.pause();
    await world.run(200);
    world.hub.restart();
    world.hub.resume();
    await world.run(300);
    await world.settle(a.one.node.close());
    await world.run(1000);
    expect(world.errors).toEqual([]);
  });

  test('a match whose room cannot be made gives its tickets back', async () => {
    const a = await start(world, 'a', 'unheard-of');
    await world.settle(Promise.all(['ann', 'bob'].map((name) => a.matchmaking.add(ticket(name)))));
    const failed: string[] = [];
    a.matchmaking.on('failed', ({ id }, error) => failed.push(`${id} ${codeOf(error)}`));
    await world.run(3000);
    expect(a.matches).toEqual([]);
    expect(a.matchmaking.size).toBe(2);
    expect(failed).toEqual(['duel/0 KIND_UNKNOWN', 'duel/1 KIND_UNKNOWN']);
  });
});

/** Whatever happens, for as long as the last step has not been made. */
const step = fc.record({
  what: fc.constantFrom('add', 'add', 'add', 'stop', 'cont', 'pause', 'resume', 'restart', 'nothing'),
  node: fc.nat(2),
  ms: fc.constantFrom(0, 20, 60, 110, 300, 900, 1500),
});

/** A leader who stood still makes a room after its match was given up, and who had given it up has lost the key meanwhile. */
const LATE = (
  [
    ['add', 0, 20],
    ['restart', 0, 60],
    ['stop', 1, 0],
    ['add', 0, 20],
    ['add', 0, 20],
    ['add', 2, 60],
    ['add', 0, 20],
    ['stop', 0, 1500],
    ['pause', 0, 0],
    ['add', 0, 1500],
  ] as const
).map(([what, node, ms]) => ({ what, node, ms }));

test('whatever happens to nodes and the bus: nobody is in two matches, matches are whole, and in the end all are matched', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 40 }), fc.nat(1000), async (steps, seed) => {
      const world = new ClusterWorld({ seed, leaseMs: LEASE_MS });
      const all: Player[] = [];
      for (const id of ['a', 'b', 'c']) all.push(await start(world, id));
      const errors: string[] = [];
      let names = 0;
      const add = (player: Player | undefined): void => {
        player?.matchmaking.add(ticket(`p${names++}`)).catch((error: unknown) => errors.push(String(error)));
      };
      for (const { what, node, ms } of steps) {
        if (what === 'add') add(all[node]);
        else if (what === 'stop') all[node]?.one.stop();
        else if (what === 'cont') all[node]?.one.cont();
        else if (what === 'pause') world.hub.pause();
        else if (what === 'resume') world.hub.resume();
        else if (what === 'restart') world.hub.restart();
        await world.run(ms);
      }
      world.hub.resume();
      for (const { one } of all) one.cont();
      if (names % 2 === 1) add(all[0]);
      const matched = (): ClusterMatch[] => all.flatMap(({ matches }) => matches);
      await world.until('all are matched', () => matched().length >= names, 90);
      await world.run(2000);
      expect(
        matched()
          .map(({ ticket: { id } }) => id)
          .sort(),
      ).toEqual(Array.from({ length: names }, (_, i) => `p${i}`).sort());
      for (const { match, place } of matched()) {
        const others = matched().filter((other) => other.place.roomId === place.roomId);
        expect(others.map(({ ticket: { id } }) => id).sort()).toEqual(
          match.teams.flatMap(({ players }) => players).sort(),
        );
      }
      expect(errors).toEqual([]);
      await world.close();
      expect(world.errors).toEqual([]);
    }),
    { ...fcParameters(20), examples: [[LATE, 0]] },
  );
}, 120_000);
