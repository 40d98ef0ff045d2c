/** What the suite needs of an engine: buses of one cluster, its time, and what can go wrong with it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { BusError, type BusRecord, type ClusterBus, type Lease } from '../../../src/cluster/index.ts';

/** One engine with an empty cluster. */
export interface Engine {
  /** Of all buses. With real engines some hundred milliseconds. */
  readonly leaseMs: number;
  /** What buses told `onError` and the like. */
  readonly reported: unknown[];
  /** Another bus of the cluster. */
  connect(): Promise<ClusterBus>;
  /** Lets time pass, and what is due run. */
  later(ms: number): Promise<void>;
  /** It answers nobody any more, and keeps what it has: a frozen machine. */
  pause(): Promise<void>;
  /** It goes on. */
  resume(): Promise<void>;
  /** It is started anew, with nothing, all that it had, or what it had at {@link Engine.save}. Done when it answers; buses may still be on their way back. */
  restart(data: 'none' | 'kept' | 'saved'): Promise<void>;
  /** Notes what it has. Missing: it never comes back with old data. */
  readonly save?: () => Promise<void>;
  /** Lets another program write something where a key has its record. Missing: no other program can. */
  readonly spoil?: (key: string, text: string) => Promise<void>;
  /** Ends it. */
  close(): Promise<void>;
}

/** What tests do with an engine. One engine serves all tests of a file, each with names of its own. */
export class Cluster {
  #engine: Engine | undefined;
  readonly #buses: ClusterBus[] = [];
  #test = 0;

  /** Registers what opens and closes it. */
  constructor(open: () => Promise<Engine>) {
    beforeAll(async () => {
      this.#engine = await open();
    });
    beforeEach(async () => {
      this.#test++;
      this.engine.reported.length = 0;
      // An engine that is new, or was started anew by the test before, lets nobody claim for a while.
      const [bus] = await this.buses(1);
      await this.warm(bus);
    });
    afterEach(async () => {
      for (const bus of this.#buses.splice(0)) await bus.close();
    });
    afterAll(async () => this.#engine?.close());
  }

  /** The engine. */
  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('the engine did not start');
    return this.#engine;
  }

  /** A name that is this test's own. */
  name(name: string): string {
    return `${name}-${this.#test}`;
  }

  /** Buses, closed after the test. */
  async buses(count: 1): Promise<[ClusterBus]>;
  async buses(count: 2): Promise<[ClusterBus, ClusterBus]>;
  async buses(count: 3): Promise<[ClusterBus, ClusterBus, ClusterBus]>;
  async buses(count: number): Promise<ClusterBus[]> {
    const buses: ClusterBus[] = [];
    for (let i = 0; i < count; i++) buses.push(await this.engine.connect());
    this.#buses.push(...buses);
    return buses;
  }

  /** Waits until something holds, up to ten seconds of the engine's time. */
  async until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (let i = 0; i < 500; i++) {
      if (await holds()) return;
      await this.engine.later(20);
    }
    throw new Error(`${what} did not come about within 10 s`);
  }

  /** What a bus lists that is this test's own. */
  async list(bus: ClusterBus, kind: string): Promise<BusRecord[]> {
    return (await bus.list(kind)).filter(({ key }) => key.endsWith(this.name('')));
  }

  /** Waits until messages have come, and a little for more. */
  async expectTexts(texts: readonly string[], expected: readonly string[]): Promise<void> {
    await this.until(() => texts.length >= expected.length, `${expected.length} messages`);
    await this.engine.later(50);
    expect(texts).toEqual(expected);
  }

  /** Calls until the bus is answered, after an outage. */
  async answered(...buses: readonly ClusterBus[]): Promise<void> {
    for (const bus of buses)
      await this.until(
        () =>
          bus.find('node/nobody').then(
            () => bus.status().isUp,
            () => false,
          ),
        'an answer',
      );
  }

  /** Waits until nobody waits for holders any more. @param root is kept meanwhile. */
  async warm(bus: ClusterBus, root?: Lease): Promise<void> {
    await this.until(async () => {
      if (root !== undefined) await bus.renew(root);
      const lease = await bus.claim(this.name('node/probe'), '').catch(codeOf);
      if (typeof lease === 'object') await bus.release(lease);
      return typeof lease === 'object';
    }, 'a claim that is not refused');
  }

  /** What a node does after its engine was started anew: puts back what it had until it is sure of it. */
  async settle(bus: ClusterBus, root: Lease, leases: readonly Lease[]): Promise<void> {
    await this.until(async () => {
      if ((await bus.renew(root)) === 'held') return true;
      await bus.restore(root, leases);
      return false;
    }, 'a root that holds');
  }

  /** Lets roots hold, but for those that are over, while time passes. */
  async hold(ms: number, ...held: readonly (readonly [ClusterBus, Lease])[]): Promise<void> {
    const { leaseMs } = this.engine;
    for (let left = ms; left > 0; left -= leaseMs / 4) {
      await this.engine.later(Math.min(left, leaseMs / 4));
      for (const [bus, root] of held) await bus.renew(root);
    }
  }
}

/** Why a bus refused; anything else as it is. */
export function codeOf<T>(error: T): T | string {
  return error instanceof BusError ? error.code : error;
}

/** The code with which a call fails; what it gave when it did not. */
export function codeFrom(call: Promise<unknown>): Promise<unknown> {
  return call.catch(codeOf);
}

/** Notes what a bus tells of its engine. */
export function statesOf(bus: ClusterBus): boolean[] {
  const states: boolean[] = [];
  bus.onState((isUp) => void states.push(isUp));
  return states;
}

/** A text as a message. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A message as a text. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
