/** A bus over Redis: one node's connection. What is stored, and the steps in which it changes: scripts.ts. */
import type { Timer } from '../../runtime/index.ts';
import type { BusListener, BusRecord, BusStatus, ClusterBus, Unsubscribe } from '../bus.ts';
import { MAX_WAITING } from '../bus.ts';
import { BusError, lost } from '../busErrors.ts';
import { Clock } from '../clock.ts';
import { Lease } from '../Lease.ts';
import { BusListeners } from '../listeners.ts';
import {
  checkClaim,
  checkKind,
  checkLease,
  checkLeases,
  checkListener,
  checkMessage,
  checkRoot,
  checkValue,
  partsOfKey,
} from '../names.ts';
import { Connection } from './Connection.ts';
import { Inbox, type Message } from './Inbox.ts';
import { type RedisBusOptions, type RedisSettings, readRedisOptions } from './options.ts';
import { batchesOf, messagesOf, recordOf, textsOf } from './replies.ts';
import type { Argument, Session } from './Session.ts';
import { CLAIM, FIND, LIST, LOOK, RELEASE, RENEW, RESTORE, type Script, SEND, UPDATE } from './scripts.ts';

/** A bus over Redis 7 or later. Needs the package `redis`. */
export class RedisBus implements ClusterBus {
  readonly engine = 'redis';
  readonly leaseMs: number;
  readonly #settings: RedisSettings;
  readonly #clock: Clock;
  readonly #id: string;
  readonly #inboxes = new Map<string, Inbox>();
  readonly #listeners: BusListeners;
  #connection: Connection | undefined;
  #lookTimer: Timer | undefined;
  #isClosed = false;
  #outages = 0;
  #failures = 0;
  #roundTripMs = 0;

  private constructor(settings: RedisSettings) {
    this.#settings = settings;
    this.#clock = new Clock(settings.runtime);
    this.#id = this.#clock.newId();
    this.leaseMs = settings.leaseMs;
    this.#listeners = new BusListeners(settings.onError);
  }

  /**
   * Connects a node. Once that has succeeded the bus connects again by itself, for ever.
   *
   * @throws (as rejection) TypeError or RangeError naming the option; RangeError for a server that is older than Redis 7 or evicts any key
   * when its memory is full, and for another `leaseMs` than the nodes have that are there; BusError DOWN; PackageUnavailableError when the
   * package `redis` is missing.
   */
  static async connect(options: RedisBusOptions = {}): Promise<RedisBus> {
    const settings = readRedisOptions(options);
    const bus = new RedisBus(settings);
    bus.#connection = await Connection.open(settings, bus.#onState);
    bus.#lookLater();
    return bus;
  }

  /** {@inheritDoc ClusterBus.claim} */
  async claim(
    key: string,
    value: string,
    under?: Lease | undefined,
    from?: number | undefined,
  ): Promise<Lease> {
    checkClaim(key, value, under, from);
    const { kind, name } = partsOfKey(key);
    const sentMs = this.#clock.now();
    const root = [under?.key ?? '', under === undefined ? '' : String(under.epoch), String(from ?? '')];
    const [code = '', ...reply] = textsOf(
      await this.#run(CLAIM, [kind], [String(this.leaseMs), key, name, value, this.#id, ...root]),
    );
    if (code === 'LOST' && under !== undefined) throw lost(under);
    if (code === 'WARMING')
      throw new BusError('WARMING', 'Redis was started anew, and waits for those who hold something');
    if (code === 'TAKEN') {
      const record = recordOf(key, reply);
      throw new BusError('TAKEN', `${key} is held by ${record.root}`, { record });
    }
    const [epoch, dataId = ''] = reply;
    const lease = new Lease(key, value, Number(epoch), under, dataId, this.#clock.now);
    if (under === undefined) lease.renewed(sentMs, this.leaseMs, dataId);
    return lease;
  }

  /** {@inheritDoc ClusterBus.renew} */
  async renew(root: Lease): Promise<'held' | 'restored'> {
    checkRoot(root);
    const { kind, name } = partsOfKey(root.key);
    const { key, value, epoch, dataId } = root;
    if (root.isOver) {
      this.#open();
      throw lost(root);
    }
    const sentMs = this.#clock.now();
    const [code, id = ''] = textsOf(
      await this.#run(
        RENEW,
        [kind],
        [String(this.leaseMs), key, name, value, this.#id, String(epoch), dataId],
      ),
    );
    if (code === 'LOST') {
      root.end();
      throw lost(root);
    }
    return root.renewed(sentMs, this.leaseMs, id);
  }

  /** {@inheritDoc ClusterBus.update} */
  async update(lease: Lease, value: string): Promise<void> {
    checkLease(lease);
    checkValue(value);
    const { kind, name } = partsOfKey(lease.key);
    if ((await this.#run(UPDATE, [kind], [name, String(lease.epoch), value])) === 'LOST') throw lost(lease);
    lease.value = value;
  }

  /** {@inheritDoc ClusterBus.restore} */
  async restore(root: Lease, leases: readonly Lease[]): Promise<Lease[]> {
    checkLeases(root, leases);
    const gone = new Set(leases.filter((lease) => lease.isOver));
    let isWarming = false;
    for (const batch of batchesOf(leases.filter((lease) => !lease.isOver))) {
      const parts = batch.map((lease) => ({ ...partsOfKey(lease.key), lease }));
      const kinds = [...new Set(parts.map(({ kind }) => kind))];
      const [code, warming, ...lostAt] = textsOf(
        await this.#run(RESTORE, kinds, [
          ...[String(this.leaseMs), root.key, String(root.epoch), this.#id],
          ...parts.flatMap(({ kind, name, lease }) => [
            String(kinds.indexOf(kind) + 3),
            name,
            String(lease.epoch),
            lease.value,
          ]),
        ]),
      );
      if (code === 'LOST') throw lost(root);
      isWarming ||= warming === '1';
      for (const at of lostAt) {
        const lease = batch[Number(at)];
        if (lease !== undefined) gone.add(lease);
      }
    }
    for (const lease of gone) lease.end();
    root.restored(isWarming);
    return leases.filter((lease) => gone.has(lease));
  }

  /** {@inheritDoc ClusterBus.release} */
  async release(lease: Lease): Promise<void> {
    checkLease(lease);
    lease.end();
    const { kind, name } = partsOfKey(lease.key);
    await this.#run(RELEASE, [kind], [lease.key, name, String(lease.epoch)]);
  }

  /** {@inheritDoc ClusterBus.find} */
  async find(key: string): Promise<BusRecord | undefined> {
    const { kind, name } = partsOfKey(key);
    const [, ...reply] = textsOf(await this.#run(FIND, [kind], [name]));
    return reply.length === 0 ? undefined : recordOf(key, reply);
  }

  /** {@inheritDoc ClusterBus.list} */
  async list(kind: string): Promise<BusRecord[]> {
    checkKind(kind);
    const records = new Map<string, BusRecord>();
    let cursor = '0';
    do {
      const reply = await this.#run(LIST, [kind], [cursor]);
      const [next, ...page] = Array.isArray(reply) ? reply : [];
      for (const entry of page) {
        const [name = '', ...fields] = textsOf(entry);
        const key = `${kind}/${name}`;
        records.set(key, recordOf(key, fields));
      }
      cursor = String(next ?? '0');
    } while (cursor !== '0');
    return [...records.values()];
  }

  /** {@inheritDoc ClusterBus.send} */
  async send(inbox: string, bytes: Uint8Array): Promise<void> {
    partsOfKey(inbox, 'inbox');
    checkMessage(bytes);
    const args = [String(MAX_WAITING), String(WAITING_MS), this.#key('wake', inbox), Buffer.from(bytes)];
    const reply = await this.#call((session) => session.run(SEND, [this.#key('inbox', inbox)], args));
    if (reply === 'FULL') throw new BusError('FULL', `${MAX_WAITING} messages wait in ${inbox} already`);
  }

  /** {@inheritDoc ClusterBus.receive} */
  async receive(inbox: string, listener: BusListener): Promise<Unsubscribe> {
    partsOfKey(inbox, 'inbox');
    checkListener(listener);
    const key = this.#key('inbox', inbox);
    const own = new Inbox({
      read: async (): Promise<Message[]> =>
        messagesOf(
          await this.#call((session) => session.call(['XRANGE', key, '-', '+', 'COUNT', '16'], true)),
        ),
      remove: async (id) => void (await this.#call((session) => session.call(['XDEL', key, id]))),
      call: (bytes) => this.#tell(listener, bytes, `inbox ${inbox}`),
    });
    const end = await this.#subscribe(this.#key('wake', inbox), () => own.wake());
    void this.#inboxes.get(inbox)?.end();
    this.#inboxes.set(inbox, own);
    own.wake();
    return this.#listeners.ending(() => {
      end();
      void own.end();
      if (this.#inboxes.get(inbox) === own) this.#inboxes.delete(inbox);
    });
  }

  /** {@inheritDoc ClusterBus.publish} */
  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    partsOfKey(topic, 'topic');
    checkMessage(bytes);
    const args = ['SPUBLISH', this.#key('topic', topic), Buffer.from(bytes)];
    await this.#call((session) => session.call(args));
  }

  /** {@inheritDoc ClusterBus.subscribe} */
  async subscribe(topic: string, listener: BusListener): Promise<Unsubscribe> {
    partsOfKey(topic, 'topic');
    checkListener(listener);
    const end = await this.#subscribe(
      this.#key('topic', topic),
      (bytes) => void this.#tell(listener, new Uint8Array(bytes), `topic ${topic}`),
    );
    return this.#listeners.ending(end);
  }

  /** {@inheritDoc ClusterBus.onState} */
  onState(listener: (isUp: boolean) => void): Unsubscribe {
    return this.#listeners.onState(listener);
  }

  /** {@inheritDoc ClusterBus.status} */
  status(): BusStatus {
    return {
      isUp: !this.#isClosed && this.#connection?.isUp === true,
      outages: this.#outages,
      failures: this.#failures,
      roundTripMs: this.#roundTripMs,
      waiting: [...this.#inboxes.values()].reduce((sum, { waiting }) => sum + waiting, 0),
    };
  }

  /** {@inheritDoc ClusterBus.close} */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#lookTimer?.cancel();
    const removals = [...this.#inboxes.values()].map((inbox) => inbox.end());
    this.#listeners.end();
    if (removals.length > 0 && this.#connection?.isUp === true) await this.#soon(Promise.all(removals));
    this.#connection?.close();
  }

  /** @throws BusError CLOSED. */
  #open(): Connection {
    if (this.#isClosed || this.#connection === undefined) throw new BusError('CLOSED', 'the bus was closed');
    return this.#connection;
  }

  /** One call: counts and times it. */
  async #call<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const sentMs = this.#clock.now();
    try {
      const reply = await work(this.#open().session);
      this.#roundTripMs = this.#clock.now() - sentMs;
      return reply;
    } catch (error) {
      if (this.#isClosed) throw new BusError('CLOSED', 'the bus was closed', { cause: error });
      this.#failures++;
      throw error;
    }
  }

  #run(script: Script, kinds: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const { prefix } = this.#settings;
    const keys = [`{${prefix}}:meta`, `{${prefix}}:roots`, ...kinds.map((kind) => this.#key('kind', kind))];
    return this.#call((session) => session.run(script, keys, args));
  }

  #key(what: 'kind' | 'inbox' | 'wake' | 'topic', name: string): string {
    return `{${this.#settings.prefix}}:${what}:${name}`;
  }

  #subscribe(channel: string, listener: (bytes: Buffer) => void): Promise<Unsubscribe> {
    return this.#call(() => this.#open().subscribe(channel, listener));
  }

  /** Calls a listener, while the bus is open; never rejects. */
  async #tell(listener: BusListener, bytes: Uint8Array, where: string): Promise<void> {
    if (!this.#isClosed) await this.#listeners.call(listener, bytes, where);
  }

  readonly #onState = (isUp: boolean): void => {
    if (this.#isClosed) return;
    if (!isUp) this.#outages++;
    else for (const inbox of this.#inboxes.values()) inbox.wake();
    this.#listeners.tellState(isUp);
  };

  /** Looks every second: whether the server answers, how many messages wait, and lets those of own inboxes wait on. */
  #lookLater(): void {
    this.#lookTimer = this.#settings.runtime.startTimer(LOOK_MS, () => {
      void this.#look().finally(() => {
        if (!this.#isClosed) this.#lookLater();
      });
    });
  }

  async #look(): Promise<void> {
    if (this.#connection?.isUp !== true) return;
    const inboxes = [...this.#inboxes];
    const keys = inboxes.map(([name]) => this.#key('inbox', name));
    // A failure is counted and told by the connection.
    const reply = await this.#call((session) => session.run(LOOK, keys, [String(WAITING_MS)])).catch(
      () => [],
    );
    const counts = Array.isArray(reply) ? reply : [];
    for (const [i, [, inbox]] of inboxes.entries()) {
      inbox.waiting = Number(counts[i] ?? 0);
      if (inbox.waiting > 0) inbox.wake();
    }
  }

  /** What comes about, or a moment later. */
  async #soon(what: Promise<unknown>): Promise<void> {
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = this.#settings.runtime.startTimer(CLOSE_MS, resolve);
    });
    await Promise.race([what, late]);
    timer?.cancel();
  }
}

/** How long messages wait while nobody receives. */
const WAITING_MS = 120_000;
const LOOK_MS = 1000;
/** How long closing waits for what was sent. */
const CLOSE_MS = 100;
