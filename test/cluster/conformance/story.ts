/**
 * Stories: nodes that claim, renew, hand over, stand still and come back by chance, while their engine fails. At no moment are two sure of
 * one key; epochs grow; and when all is well again, what each is sure of is what the engine has.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { BusError, type ClusterBus, type Lease } from '../../../src/cluster/index.ts';
import type { Engine } from './engine.ts';

/** What happens next. `node` and `room` count from 0. */
export type Step =
  | { readonly do: 'join' | 'renew' | 'leave'; readonly node: number }
  | { readonly do: 'claim' | 'update' | 'release'; readonly node: number; readonly room: number }
  | { readonly do: 'hand'; readonly node: number; readonly room: number; readonly to: number }
  | { readonly do: 'later'; readonly leases: number }
  | { readonly do: 'pause' | 'resume' | 'save' | 'lose' | 'keep' | 'return' };

/** Any story. */
export function stories(length: number): fc.Arbitrary<Step[]> {
  const node = fc.integer({ min: 0, max: NODES - 1 });
  const room = fc.integer({ min: 0, max: ROOMS - 1 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('join' as const), node }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('renew' as const), node }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), node }) },
    { weight: 10, arbitrary: fc.record({ do: fc.constant('claim' as const), node, room }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom('update' as const, 'release' as const), node, room }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('hand' as const), node, room, to: node }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('later' as const),
        leases: fc.constantFrom(0.05, 0.2, 0.4, 0.6, 0.95, 1.1),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom(...(['pause', 'resume', 'resume', 'save', 'lose', 'keep', 'return'] as const)),
      }),
    },
  );
  return fc.array(step, { minLength: 1, maxLength: length });
}

/** One node, as a program would be one: one thing after the other. */
class StoryNode {
  readonly bus: ClusterBus;
  readonly rooms = new Map<string, Lease>();
  root: Lease | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(bus: ClusterBus) {
    this.bus = bus;
  }

  /** Does something after what it does now. What the engine refuses is part of the story. */
  next(work: () => Promise<void>): Promise<void> {
    const doing = this.#last.then(work).catch((error: unknown) => {
      if (!(error instanceof BusError)) throw error;
    });
    this.#last = doing;
    return doing;
  }

  async renew(): Promise<boolean> {
    const { root } = this;
    if (root === undefined) return true;
    try {
      if ((await this.bus.renew(root)) === 'held') return true;
      for (const { key } of await this.bus.restore(root, [...this.rooms.values()])) this.rooms.delete(key);
      return false;
    } catch (error) {
      if (error instanceof BusError && error.code === 'LOST' && root.isOver) this.forget();
      throw error;
    }
  }

  forget(): void {
    this.root = undefined;
    this.rooms.clear();
  }
}

/** Lets a story happen. @param tag keeps it apart from others on the same engine. */
export async function tell(engine: Engine, tag: string, steps: readonly Step[]): Promise<void> {
  const leases = new Set<Lease>();
  const given = new Set<Lease>();
  const last = new Map<string, { readonly epoch: number; readonly node: StoryNode }>();
  const work = new Set<Promise<void>>();
  const nodes: StoryNode[] = [];
  let isPaused = false;

  /** At no moment are two sure of one key. */
  const look = (): void => {
    const sure = new Map<string, number>();
    for (const lease of leases) {
      if (!lease.isHeld || given.has(lease)) continue;
      expect(lease.isOver).toBe(false);
      const other = sure.get(lease.key);
      if (other !== undefined && other !== lease.epoch)
        throw new Error(`two are sure of ${lease.key}: claims ${other} and ${lease.epoch}`);
      sure.set(lease.key, lease.epoch);
    }
  };
  const took = (node: StoryNode, lease: Lease): Lease => {
    const before = last.get(lease.key);
    // It was given up, but the engine had not heard of that.
    const isTheSame = before?.epoch === lease.epoch && before.node === node;
    if (!isTheSame) expect(lease.epoch, `the epoch of ${lease.key}`).toBeGreaterThan(before?.epoch ?? 0);
    last.set(lease.key, { epoch: lease.epoch, node });
    leases.add(lease);
    look();
    return lease;
  };
  const begin = (node: StoryNode, what: () => Promise<void>): void => {
    const doing = node.next(what).finally(() => work.delete(doing));
    work.add(doing);
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 20) {
      await engine.later(Math.min(left, 20));
      look();
    }
  };
  const settled = async (): Promise<void> => {
    for (let i = 0; work.size > 0 && i < 500; i++) await pass(20);
    await Promise.all(work);
  };
  /** Two nodes want one key. */
  const join = async (i: number): Promise<StoryNode> => {
    const node = at(nodes, i);
    if (node.root === undefined) node.root = took(node, await node.bus.claim(`node/${tag}-${i % 2}`, ''));
    return node;
  };
  const claimRoom = async (i: number, key: string, from?: number): Promise<void> => {
    const node = await join(i);
    if (node.root?.isHeld === false) await node.renew();
    if (node.root === undefined || node.rooms.has(key)) return;
    node.rooms.set(key, took(node, await node.bus.claim(key, 'new', node.root, from)));
  };

  const run: { readonly [Name in Step['do']]: (step: Extract<Step, { do: Name }>) => Promise<void> | void } =
    {
      join: ({ node }) => begin(at(nodes, node), async () => void (await join(node))),
      renew: ({ node }) => begin(at(nodes, node), async () => void (await at(nodes, node).renew())),
      leave: ({ node: i }) =>
        begin(at(nodes, i), async () => {
          const node = at(nodes, i);
          const { root } = node;
          node.forget();
          if (root !== undefined) await node.bus.release(root);
        }),
      claim: ({ node, room }) => begin(at(nodes, node), () => claimRoom(node, `room/${tag}-${room}`)),
      update: ({ node: i, room }) =>
        begin(at(nodes, i), async () => {
          const node = at(nodes, i);
          const lease = node.rooms.get(`room/${tag}-${room}`);
          if (lease !== undefined) await node.bus.update(lease, `by ${i}`);
        }),
      release: ({ node: i, room }) =>
        begin(at(nodes, i), async () => {
          const node = at(nodes, i);
          const lease = node.rooms.get(`room/${tag}-${room}`);
          node.rooms.delete(`room/${tag}-${room}`);
          if (lease !== undefined) await node.bus.release(lease);
        }),
      hand: ({ node: i, room, to }) =>
        begin(at(nodes, i), async () => {
          const key = `room/${tag}-${room}`;
          const lease = at(nodes, i).rooms.get(key);
          if (lease === undefined || i === to) return;
          at(nodes, i).rooms.delete(key);
          given.add(lease);
          begin(at(nodes, to), () => claimRoom(to, key, lease.epoch));
        }),
      later: ({ leases: count }) => pass(count * engine.leaseMs),
      pause: async () => {
        if (!isPaused) await engine.pause();
        isPaused = true;
      },
      resume: async () => {
        if (isPaused) await engine.resume();
        isPaused = false;
      },
      save: async () => {
        if (!isPaused) await engine.save?.();
      },
      lose: async () => {
        if (!isPaused) await engine.restart('none');
      },
      keep: async () => {
        if (!isPaused) await engine.restart('kept');
      },
      return: async () => {
        if (!isPaused && engine.save !== undefined) await engine.restart('saved');
      },
    };
  const happen = <Name extends Step['do']>(step: Extract<Step, { do: Name }>): Promise<void> | void =>
    (run[step.do] as (step: Step) => Promise<void> | void)(step);

  try {
    for (let i = 0; i < NODES; i++) nodes.push(new StoryNode(await engine.connect()));
    await engine.save?.();
    for (const step of steps) {
      await happen(step);
      await engine.later(0);
      look();
    }
    // All is well again, and all do what they do every other second.
    if (isPaused) await engine.resume();
    isPaused = false;
    await settled();
    for (let round = 0; round < 8; round++) {
      for (const node of nodes) begin(node, async () => void (await node.renew()));
      await settled();
      await pass(engine.leaseMs / 4);
    }
    for (const node of nodes) begin(node, async () => void (await node.renew()));
    await settled();
    for (const node of nodes)
      begin(node, async () => {
        const { bus, root, rooms } = node;
        if (root === undefined) return;
        expect(root.isHeld).toBe(true);
        for (const { key, epoch, value } of rooms.values())
          expect(await bus.find(key)).toEqual({ key, epoch, value, root: root.key, rootEpoch: root.epoch });
      });
    await settled();
    look();
  } finally {
    if (isPaused) await engine.resume();
    for (const { bus } of nodes) await bus.close();
  }
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no ${index}`);
  return found;
}

const NODES = 3;
const ROOMS = 2;
