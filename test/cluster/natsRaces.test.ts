/**
 * Leases over a bucket in which anything may happen between two steps of a call: other calls, time, answers that are lost, other data. The
 * bucket is a model of what NATS promises (compare-and-set by revision, one clock); clocks of nodes run up to four percent fast or slow.
 */
import { expect, test } from 'vitest';
import { Clock } from '../../src/cluster/clock.ts';
import { BusError, type Lease } from '../../src/cluster/index.ts';
import { NatsLeases, type Records } from '../../src/cluster/nats/NatsLeases.ts';
import type { Draft, KvRecord } from '../../src/cluster/nats/records.ts';

const LEASE_MS = 1000;

/** A message of the bucket; one without a draft marks an end. */
interface Message {
  readonly draft: Draft | undefined;
  readonly revision: number;
  readonly writtenMs: number;
  readonly base: number;
}

/** What is under way, and what time it is. */
class Model {
  timeMs = 1_000_000;
  readonly random: () => number;
  readonly waiting: (() => void)[] = [];
  messages = new Map<string, Message>();
  saved = new Map<string, Message>();
  dataId = 'first';
  warmUntilMs = 0;
  epochBase = this.timeMs * 1000;
  /** Of a thousand steps, how many lose their answer. */
  losses = 0;
  #revision = 0;

  constructor(seed: number) {
    let state = seed;
    this.random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }

  /** Other data, after which nobody claims anything new for a while. */
  restart(messages: Map<string, Message>): void {
    this.dataId += '+';
    this.epochBase = this.timeMs * 1000;
    this.warmUntilMs = this.timeMs + LEASE_MS;
    this.messages = new Map(messages);
  }

  /** Lets something else come first. */
  step(): Promise<void> {
    return new Promise((resolve) => void this.waiting.push(resolve));
  }

  /** What a bus has of the bucket in one call: the data are those of its beginning, as a connection is that of one server. */
  call(): Records {
    const { dataId } = this;
    const ask = async <T>(answer: () => T): Promise<T> => {
      await this.step();
      if (dataId !== this.dataId) throw new BusError('DOWN', 'the connection was lost');
      const isLost = this.random() * 1000 < this.losses;
      if (isLost && this.random() < 0.5) throw new BusError('DOWN', 'the question was lost');
      const result = answer();
      await this.step();
      if (isLost || dataId !== this.dataId) throw new BusError('DOWN', 'the answer was lost');
      return result;
    };
    const find = (key: string) =>
      ask(() => ({ record: this.#read(key), revision: this.messages.get(key)?.revision ?? 0 }));
    const set = (key: string, draft: Draft | undefined, revision: number) =>
      ask(() => {
        if ((this.messages.get(key)?.revision ?? 0) !== revision) return undefined;
        this.#revision++;
        this.messages.set(key, {
          ...{ draft, revision: this.#revision, writtenMs: this.timeMs, base: this.epochBase },
        });
        return this.#revision;
      });
    return {
      data: { dataId, epochBase: this.epochBase, isWarming: () => this.timeMs < this.warmUntilMs },
      find,
      now: () => ask(() => this.timeMs),
      rootOf: async ({ root, rootEpoch }) => {
        const { record } = await find(root);
        return record?.epoch === rootEpoch ? record : undefined;
      },
      put: (key, draft, revision) => set(key, draft, revision),
      epochOf: ({ least = 0 }, revision) => Math.max(least, this.epochBase + revision),
      end: async (key, revision) => (await set(key, undefined, revision)) !== undefined,
      list: async () => [],
    };
  }

  #read(key: string): KvRecord | undefined {
    const { draft, revision = 0, writtenMs = 0, base = 0 } = this.messages.get(key) ?? {};
    if (draft === undefined) return undefined;
    const { value, holder, least = 0 } = draft;
    const epoch = draft.epoch ?? Math.max(least, base + revision);
    const untilMs = draft.untilMs ?? writtenMs + LEASE_MS;
    return {
      key,
      value,
      holder,
      epoch,
      revision,
      untilMs,
      root: draft.root ?? key,
      rootEpoch: draft.rootEpoch ?? epoch,
    };
  }
}

/** A node, whose clock is not quite the server's. */
class Node {
  readonly leases: NatsLeases;
  readonly model: Model;
  readonly held = new Set<Lease>();
  root: Lease | undefined;
  /** Whether it has to look at what is under its root: until that has succeeded. */
  mustLook = false;

  constructor(model: Model, rate: number) {
    this.model = model;
    const startMs = model.timeMs;
    const random32 = (): number => Math.floor(model.random() * 2 ** 32);
    const now = (): number => Math.floor((model.timeMs - startMs) * rate) >>> 0;
    const clock = new Clock({ now, random32, startTimer: () => ({ cancel: () => undefined }) });
    this.leases = new NatsLeases(clock, LEASE_MS, () => undefined);
  }

  /** Does one thing after the other. */
  async live(keys: readonly string[], rootKey: string, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      try {
        await this.#act(keys, rootKey);
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
      }
      await this.model.step();
    }
  }

  async #act(keys: readonly string[], rootKey: string): Promise<void> {
    const { leases, model } = this;
    const call = model.call();
    for (const lease of this.held) if (lease.isOver) this.held.delete(lease);
    const { root } = this;
    if (root === undefined || root.isOver) {
      const made = await leases.claim(call, rootKey, 'root');
      this.root = made;
      this.held.add(made);
      return;
    }
    const dice = model.random();
    if (dice < 0.5) {
      if ((await leases.renew(call, root)) === 'restored') this.mustLook = true;
      if (!this.mustLook) return;
      await leases.restore(
        model.call(),
        root,
        [...this.held].filter(({ under }) => under === root),
      );
      this.mustLook = false;
    } else if (dice < 0.9) {
      const made = await leases.claim(call, model.pick(keys) ?? '', 'room', root);
      // The same claim again has another lease, which is the one that is released.
      for (const lease of this.held) if (lease.key === made.key) this.held.delete(lease);
      this.held.add(made);
    } else {
      const lease = model.pick([...this.held]);
      if (lease === undefined) return;
      if (dice < 0.95) return leases.update(call, lease, 'other');
      lease.end();
      await leases.release(call, lease);
    }
  }
}

/** Plays until all time is over. What holds a key at any moment. */
async function play(
  seed: number,
  losses: number,
  restarts: number,
): Promise<{ claims: number; takeovers: number }> {
  const model = new Model(seed);
  model.losses = losses;
  const keys = ['room/1', 'room/2'];
  const nodes = [1.04, 0.96, 1].map((rate) => new Node(model, rate));
  const endMs = model.timeMs + 20_000;
  let isOver = false;
  const lives = nodes.map((node, i) => node.live(keys, i === 2 ? 'node/1' : `node/${i}`, () => isOver));
  let failure: unknown;
  Promise.all(lives).catch((error: unknown) => {
    failure = error;
  });
  const holders = new Map<string, { node: Node; epoch: number }>();
  let claims = 0;
  let takeovers = 0;
  while (model.timeMs < endMs) {
    for (let i = 0; i < 30; i++) await Promise.resolve();
    if (failure !== undefined) throw failure;
    for (const key of [...keys, 'node/0', 'node/1']) {
      const held = nodes.flatMap((node) =>
        [...node.held].filter((lease) => lease.key === key && lease.isHeld).map((lease) => ({ node, lease })),
      );
      const owners = new Set(held.map(({ node }) => node));
      expect(owners.size, `${key} has two holders at ${model.timeMs}, seed ${seed}`).toBeLessThan(2);
      for (const { node, lease } of held) {
        const before = holders.get(key);
        if (before?.epoch === lease.epoch) continue;
        if (lease.epoch < (before?.epoch ?? 0) && before?.node === node) continue;
        expect(lease.epoch, `the epoch of ${key}, seed ${seed}`).toBeGreaterThan(before?.epoch ?? 0);
        claims++;
        if (before !== undefined && before.node !== node) takeovers++;
        holders.set(key, { node, epoch: lease.epoch });
      }
    }
    const dice = model.random();
    if (dice < restarts / 2000) model.restart(model.random() < 0.5 ? new Map() : model.saved);
    else if (dice < 0.01) model.saved = new Map(model.messages);
    // Now and then a node or all are frozen for longer than a lease.
    else if (dice < 0.3) model.timeMs += Math.floor(model.random() * (dice < 0.015 ? 1500 : 60));
    const [next] = model.waiting.splice(Math.floor(model.random() * model.waiting.length), 1);
    next?.();
  }
  isOver = true;
  while (model.waiting.length > 0) {
    for (const wake of model.waiting.splice(0)) wake();
    for (let i = 0; i < 30; i++) await Promise.resolve();
  }
  return { claims, takeovers };
}

const first = Number(process.env['SEED'] ?? 1);

test.each([
  ['answers come', 0, 0],
  ['answers are lost', 60, 0],
  ['data are lost', 0, 4],
  ['answers and data are lost', 60, 4],
])('a key has one holder whatever comes between two steps: %s', async (_, losses, restarts) => {
  let claims = 0;
  let takeovers = 0;
  for (let seed = first; seed < first + 20; seed++) {
    const played = await play(seed, losses, restarts);
    claims += played.claims;
    takeovers += played.takeovers;
  }
  expect(claims).toBeGreaterThan(50);
  expect(takeovers).toBeGreaterThan(5);
});
