/**
 * What must hold whatever happens to the bus and to processes: never two nodes that let somebody into rooms of one id, no seat twice, and
 * in the end each room is listed where it is.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BusError } from '../../../src/cluster/busErrors.ts';
import type { MemorySnapshot } from '../../../src/cluster/index.ts';
import { ClusterError } from '../../../src/cluster/index.ts';
import { type Room, RoomError } from '../../../src/rooms/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { ClusterWorld, type TestNode } from './world.ts';

const ROOMS = ['r0', 'r1', 'r2'];
const LEASE_MS = 1000;

/** One thing that happens; the time that passes after it. */
const step = fc.record({
  what: fc.constantFrom(
    'create',
    'create',
    'createHere',
    'reserve',
    'reserve',
    'end',
    'stop',
    'cont',
    'pause',
    'resume',
    'save',
    'restartEmpty',
    'restartOld',
    'nothing',
  ),
  node: fc.nat(2),
  room: fc.nat(ROOMS.length - 1),
  ms: fc.constantFrom(0, 10, 50, 150, 400, 900, 1300, 2500),
});

/** Whether a room lets somebody in: a seat that there is not is refused for that reason, unless nobody is let in. */
function admits(room: Room<never>): boolean {
  try {
    room.reserve({ as: 'spectator' });
  } catch (error) {
    if (error instanceof RoomError && error.code === 'ROOM_FULL') return true;
    if (error instanceof RoomError && error.code === 'FENCED') return false;
    throw error;
  }
  throw new Error('a room without spectators has kept a seat for one');
}

class Run {
  readonly world: ClusterWorld;
  readonly stopped = new Set<TestNode>();
  readonly sold: string[] = [];
  saved: MemorySnapshot | undefined;
  reserved = 0;

  constructor(seed: number) {
    this.world = new ClusterWorld({ seed, leaseMs: LEASE_MS });
  }

  check(): void {
    for (const id of ROOMS) {
      const rooms = this.world.nodes.map(({ rooms }) => rooms.get(id)).filter((room) => room !== undefined);
      expect(rooms.filter(admits).length, `nodes that let somebody into ${id}`).toBeLessThanOrEqual(1);
      for (const room of rooms) expect(room.freeSeats()).toBeGreaterThanOrEqual(0);
    }
  }

  /** What is asked may fail, in the ways that it may. */
  ask(call: () => Promise<unknown>): void {
    call().then(
      () => this.check(),
      (error: unknown) => {
        const isKnown =
          error instanceof RoomError || error instanceof ClusterError || error instanceof BusError;
        if (!isKnown) this.world.errors.push(String(error));
      },
    );
  }

  async run(steps: readonly { what: string; node: number; room: number; ms: number }[]): Promise<void> {
    const { world } = this;
    for (const id of ['a', 'b', 'c']) await world.start(id, { onLeaseLost: id === 'c' ? 'end' : 'continue' });
    for (const { what, node: index, room, ms } of steps) {
      const one = world.nodes[index];
      const id = ROOMS[room];
      if (one === undefined || id === undefined) throw new Error('no such node');
      this.do(what, one, id);
      this.check();
      for (let passed = 0; passed < ms; passed += 10) {
        await world.run(10);
        this.check();
      }
    }
    world.hub.resume();
    for (const { cont } of world.nodes) cont();
    await world.run(6 * LEASE_MS + 35_000);
    this.check();
    await this.checkLists();
    await world.close();
    expect(world.errors).toEqual([]);
  }

  do(what: string, one: TestNode, id: string): void {
    const { hub } = this.world;
    const { node } = one;
    if (what === 'create') this.ask(() => node.create('plain', undefined, { id, timeoutMs: 3000 }));
    else if (what === 'createHere')
      this.ask(() => node.create('plain', undefined, { id, on: 'here', timeoutMs: 3000 }));
    else if (what === 'reserve')
      this.ask(() =>
        node.reserve(id, { name: `s${this.reserved++}`, forMs: 3_600_000 }, { timeoutMs: 3000 }),
      );
    else if (what === 'end') void one.rooms.get(id)?.end();
    else if (what === 'stop') one.stop();
    else if (what === 'cont') one.cont();
    else if (what === 'pause') hub.pause();
    else if (what === 'resume') hub.resume();
    else if (what === 'save') this.saved = hub.save();
    else if (what === 'restartEmpty') hub.restart();
    else if (what === 'restartOld') hub.restart(this.saved);
  }

  async checkLists(): Promise<void> {
    const { world } = this;
    const there = world.nodes.flatMap(({ id, rooms }) => rooms.rooms.map((room) => `${room.id} on ${id}`));
    const [one] = world.nodes;
    if (one === undefined) throw new Error('no node');
    const listed = await world.settle(one.node.list());
    expect(listed.map((room) => `${room.id} on ${room.place.node}`).sort()).toEqual(there.sort());
    const isSold = (id: string): number | undefined =>
      world.nodes
        .map(({ rooms }) => rooms.get(id))
        .find((room) => room !== undefined)
        ?.freeSeats();
    for (const { id, freeSeats } of listed) expect(freeSeats).toBe(isSold(id));
    expect(new Set(there.map((text) => text.split(' ')[0])).size).toBe(there.length);
    expect(world.nodes.every(({ node }) => node.isHeld)).toBe(true);
  }
}

test('one owner, no seat twice, and all is listed again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.nat(1000), async (steps, seed) => {
      await new Run(seed).run(steps);
    }),
    fcParameters(25),
  );
}, 120_000);
