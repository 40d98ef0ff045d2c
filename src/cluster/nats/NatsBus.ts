/** A bus over NATS with JetStream. */
import { requireRuntime } from '../../runtime/internal.ts';
import type { BusListener, BusRecord, BusStatus, ClusterBus, Unsubscribe } from '../bus.ts';
import { MAX_WAITING } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import { Clock, type ClusterRuntime } from '../clock.ts';
import type { Lease } from '../Lease.ts';
import { BusListeners } from '../listeners.ts';
import * as check from '../names.ts';
import { openData } from './data.ts';
import { isPassing, JetStreamCode, JetStreamError, streamInfo, write } from './jetStream.ts';
import { Link, type Up } from './Link.ts';
import { NatsInbox } from './NatsInbox.ts';
import { NatsLeases } from './NatsLeases.ts';
import { NatsTopics } from './NatsTopics.ts';
import { loadNats, type NatsModule } from './natsModule.ts';
import { type CheckedOptions, checkNatsOptions, type NatsBusOptions } from './options.ts';
import { Records } from './records.ts';
import { Names } from './subjects.ts';
import { Turns } from './Turns.ts';

/**
 * One node's connection to a NATS server, or to a cluster of them, with JetStream (`nats-server -js`, 2.9 or later): records are a key-value
 * bucket, inboxes a stream, topics are subjects. Needs the package `@nats-io/transport-node`. docs/guide/cluster.md, "NATS", has how to run
 * a server.
 */
export class NatsBus implements ClusterBus {
  readonly engine = 'nats';
  readonly leaseMs: number;
  readonly #options: CheckedOptions;
  readonly #clock: Clock;
  readonly #names: Names;
  readonly #link: Link;
  readonly #leases: NatsLeases;
  readonly #topics: NatsTopics;
  readonly #turns = new Turns();
  readonly #inboxes = new Map<string, NatsInbox>();
  readonly #listeners: BusListeners;
  #isSweepDue = false;
  #sweptMs = 0;
  #failures = 0;
  #waiting = 0;
  #timer: { cancel(): void } | undefined;

  private constructor(nats: NatsModule, options: CheckedOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.leaseMs = options.leaseMs;
    this.#listeners = new BusListeners(options.onError);
    this.#names = new Names(options.prefix);
    this.#link = new Link(nats, options, clock, {
      prepare: async (way) => {
        const data = await openData(way, this.#names, options, clock);
        await new Records({ way, data, connection: way.connection }, options.leaseMs).join();
        return data;
      },
      up: (up) => this.#answers(up),
      down: () => this.#listeners.tellState(false),
    });
    this.#topics = new NatsTopics(this.#link);
    this.#leases = new NatsLeases(clock, options.leaseMs, () => {
      this.#isSweepDue = true;
    });
  }

  /**
   * Connects. From then on the bus connects again by itself, for ever.
   *
   * @throws (as rejection) TypeError or RangeError naming the option, also for another `leaseMs` than the nodes have that are there;
   * PackageUnavailableError; BusError DOWN when no server answers, refuses this user, or has no JetStream: `cause` says which.
   */
  static async connect(options: NatsBusOptions = {}): Promise<ClusterBus> {
    const checked = checkNatsOptions(options);
    const clock = new Clock(requireRuntime<ClusterRuntime>(options.runtime, 'NatsBus', 'cluster'));
    const bus = new NatsBus(await loadNats(), checked, clock);
    await bus.#link.open();
    bus.#tick();
    return bus;
  }

  async claim(key: string, value: string, under?: Lease, from?: number): Promise<Lease> {
    check.checkClaim(key, value, under, from);
    return await this.#inTurn(key, (records) => this.#leases.claim(records, key, value, under, from));
  }

  async renew(root: Lease): Promise<'held' | 'restored'> {
    check.checkRoot(root);
    return await this.#inTurn(root.key, (records) => this.#leases.renew(records, root));
  }

  async update(lease: Lease, value: string): Promise<void> {
    check.checkLease(lease);
    check.checkValue(value);
    await this.#inTurn(lease.key, (records) => this.#leases.update(records, lease, value));
  }

  async restore(root: Lease, leases: readonly Lease[]): Promise<Lease[]> {
    check.checkLeases(root, leases);
    return await this.#call((records) => this.#leases.restore(records, root, leases));
  }

  async release(lease: Lease): Promise<void> {
    check.checkLease(lease);
    lease.end();
    await this.#inTurn(lease.key, (records) => this.#leases.release(records, lease));
  }

  async find(key: string): Promise<BusRecord | undefined> {
    check.partsOfKey(key);
    return await this.#call((records) => this.#leases.find(records, key));
  }

  async list(kind: string): Promise<BusRecord[]> {
    check.checkKind(kind);
    return await this.#call((records) => this.#leases.list(records, kind));
  }

  async send(inbox: string, bytes: Uint8Array): Promise<void> {
    check.partsOfKey(inbox, 'inbox');
    check.checkMessage(bytes);
    const copy = new Uint8Array(bytes);
    await this.#call(async ({ way }) => {
      try {
        await write(way, this.#names.inbox(inbox), copy);
      } catch (error) {
        if (!(error instanceof JetStreamError) || error.code !== JetStreamCode.SUBJECT_FULL) throw error;
        throw new BusError('FULL', `${MAX_WAITING} messages wait in ${inbox} already`, { cause: error });
      }
    });
  }

  async receive(name: string, listener: BusListener): Promise<Unsubscribe> {
    check.partsOfKey(name, 'inbox');
    check.checkListener(listener);
    const where = `inbox ${name}`;
    const handle = this.#guarded(listener, where);
    const inbox = new NatsInbox(this.#link, this.#clock, name, handle, (error) =>
      this.#options.onError(error, where),
    );
    await this.#call(() => inbox.open());
    this.#inboxes.get(name)?.close();
    this.#inboxes.set(name, inbox);
    return this.#ending(() => {
      inbox.close();
      if (this.#inboxes.get(name) === inbox) this.#inboxes.delete(name);
    });
  }

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    check.partsOfKey(topic, 'topic');
    check.checkMessage(bytes);
    const copy = new Uint8Array(bytes);
    await this.#call(({ way }) => way.tell(this.#names.topic(topic), copy));
  }

  async subscribe(topic: string, listener: BusListener): Promise<Unsubscribe> {
    check.partsOfKey(topic, 'topic');
    check.checkListener(listener);
    const own = this.#guarded(listener, `topic ${topic}`);
    return this.#ending(await this.#call(() => this.#topics.subscribe(topic, own)));
  }

  onState(listener: (isUp: boolean) => void): Unsubscribe {
    return this.#open(this.#listeners.onState(listener));
  }

  status(): BusStatus {
    const { up, outages, roundTripMs } = this.#link;
    return { isUp: up !== undefined, outages, failures: this.#failures, roundTripMs, waiting: this.#waiting };
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#listeners.end();
    await this.#link.close();
  }

  #inTurn<T>(key: string, task: (records: Records) => Promise<T>): Promise<T> {
    return this.#turns.run(key, () => this.#call(task));
  }

  /** One call: what the server answers in another way than it should is as no answer. */
  async #call<T>(task: (records: Records) => Promise<T>): Promise<T> {
    let records: Records | undefined;
    try {
      records = new Records(this.#link.begin(), this.leaseMs);
      return await task(records);
    } catch (error) {
      const isAnswer = error instanceof BusError && error.code !== 'DOWN';
      if (!isAnswer) this.#failures++;
      if (error instanceof BusError) throw error;
      if (
        error instanceof JetStreamError &&
        error.code === JetStreamCode.STREAM_NOT_FOUND &&
        records !== undefined
      )
        throw records.way.missing('of the bus', error);
      throw this.#link.failure('it cannot do that', error);
    }
  }

  /** The server answers, for the first time or again. */
  #answers(up: Up): void {
    this.#topics.up(up);
    for (const inbox of this.#inboxes.values()) void inbox.look();
    if (this.#timer !== undefined) this.#listeners.tellState(true);
  }

  /** A listener that never rejects. */
  #guarded(listener: BusListener, where: string): BusListener {
    return (bytes) => this.#listeners.call(listener, bytes, where);
  }

  #ending(end: () => void): Unsubscribe {
    return this.#open(this.#listeners.ending(end));
  }

  /** What began while the bus was closed ends at once. */
  #open(end: Unsubscribe): Unsubscribe {
    if (this.#link.isClosed) end();
    return end;
  }

  /** Looks from time to time whether all is as it was. */
  #tick(): void {
    if (this.#link.isClosed) return;
    this.#timer = this.#clock.runtime.startTimer(TICK_MS, () => {
      void this.#look().finally(() => this.#tick());
    });
  }

  async #look(): Promise<void> {
    if (this.#link.up === undefined) return;
    try {
      const { way, data } = this.#link.begin();
      const records = await streamInfo(way, this.#names.records);
      if (records?.subjects[0] !== `${data.bucket}.>`) throw way.missing(this.#names.records);
      let waiting = 0;
      for (const [name, inbox] of this.#inboxes) {
        await inbox.look();
        const subject = this.#names.inbox(name);
        const count = (await streamInfo(way, this.#names.inboxes, subject))?.counts[subject];
        if (typeof count === 'number') waiting += count;
      }
      this.#waiting = waiting;
      await this.#sweep();
    } catch (error) {
      // The link has seen that there was no answer. Anything else is worth a look of somebody.
      if (!isPassing(error)) this.#options.onError(error, 'the bus');
    }
  }

  async #sweep(): Promise<void> {
    const now = this.#clock.now();
    if (!this.#isSweepDue && now - this.#sweptMs < SWEEP_MS) return;
    this.#isSweepDue = false;
    this.#sweptMs = now;
    await new Records(this.#link.begin(), this.leaseMs).sweep();
  }
}

/** How often it looks whether the server answers, how many messages wait, and whether there is anything to sweep. */
const TICK_MS = 1000;
const SWEEP_MS = 600_000;
