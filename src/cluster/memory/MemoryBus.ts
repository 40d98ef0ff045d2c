/** One node's connection to a MemoryHub. */
import { sleep } from '../../runtime/internal.ts';
import type { BusListener, BusRecord, BusStatus, ClusterBus, Unsubscribe } from '../bus.ts';
import { BusError, lost } from '../busErrors.ts';
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
import type { MemoryRecord, MemoryStore } from './store.ts';

export class MemoryBus implements ClusterBus {
  readonly engine = 'memory';
  readonly leaseMs: number;
  readonly #hub: MemoryStore;
  readonly #id: string;
  readonly #listeners: BusListeners;
  readonly #inboxes = new Set<string>();
  #isClosed = false;
  #outages = 0;
  #failures = 0;

  constructor(hub: MemoryStore) {
    this.#hub = hub;
    this.leaseMs = hub.leaseMs;
    this.#id = hub.clock.newId();
    this.#listeners = new BusListeners(hub.report);
    hub.watchers.add(this.#tellState);
  }

  async claim(key: string, value: string, under?: Lease, from?: number): Promise<Lease> {
    checkClaim(key, value, under, from);
    const sentMs = this.#hub.clock.now();
    await this.#ask();
    const hub = this.#hub;
    const state = hub.stateOf(key);
    const mine = state?.record;
    const isMine =
      mine?.holder === this.#id &&
      mine.root === (under?.key ?? key) &&
      mine.rootEpoch === (under?.epoch ?? mine.epoch);
    if (under !== undefined && hub.records.get(under.key)?.epoch !== under.epoch) throw lost(under);
    if (state !== undefined && isMine && state.record.epoch > hub.oldEpoch) {
      const { epoch } = state.record;
      hub.records.set(key, { ...state.record, value, untilMs: this.#untilMs(under) });
      return this.#lease(key, value, epoch, under, sentMs);
    }
    // In data that are old somebody may have had since what is this bus's own there: it is another claim then, and not before all have looked.
    const isGivenUp = isMine || (from !== undefined && state?.record.epoch === from);
    if (state?.isAlive === true && !isGivenUp) {
      const { record } = state;
      throw new BusError('TAKEN', `${key} is held by ${record.root}`, { record: publicRecord(record) });
    }
    if (hub.isWarming)
      throw new BusError('WARMING', 'the bus was started anew, and waits for those who hold something');
    if (state !== undefined && !isGivenUp) hub.fence(state.record);
    const epoch = hub.nextEpoch(state?.record.epoch ?? 0);
    this.#put(key, value, epoch, under);
    return this.#lease(key, value, epoch, under, sentMs);
  }

  async renew(root: Lease): Promise<'held' | 'restored'> {
    checkRoot(root);
    const sentMs = this.#hub.clock.now();
    await this.#ask();
    if (root.isOver || this.#isEnded(root)) {
      root.end();
      throw lost(root);
    }
    this.#put(root.key, root.value, root.epoch, undefined);
    return root.renewed(sentMs, this.leaseMs, this.#hub.dataId);
  }

  async update(lease: Lease, value: string): Promise<void> {
    checkLease(lease);
    checkValue(value);
    await this.#ask();
    const record = this.#hub.records.get(lease.key);
    const isLost =
      record?.epoch !== lease.epoch || this.#hub.records.get(record.root)?.epoch !== record.rootEpoch;
    if (isLost) throw lost(lease);
    this.#hub.records.set(lease.key, { ...record, value });
    lease.value = value;
  }

  async restore(root: Lease, leases: readonly Lease[]): Promise<Lease[]> {
    checkLeases(root, leases);
    await this.#ask();
    const { records, isWarming } = this.#hub;
    if (root.isOver || records.get(root.key)?.epoch !== root.epoch) throw lost(root);
    const gone = leases.filter((lease) => {
      const { key, value, epoch } = lease;
      const known = records.get(key)?.epoch ?? 0;
      const isLost = lease.isOver || known > epoch;
      if (isLost) lease.end();
      else if (known < epoch) this.#put(key, value, epoch, root);
      return isLost;
    });
    root.restored(isWarming);
    return gone;
  }

  async release(lease: Lease): Promise<void> {
    checkLease(lease);
    lease.end();
    await this.#ask();
    const record = this.#hub.records.get(lease.key);
    if (record?.epoch !== lease.epoch) return;
    if (lease.under === undefined) this.#hub.fence(record);
    else this.#hub.records.delete(lease.key);
  }

  async find(key: string): Promise<BusRecord | undefined> {
    partsOfKey(key);
    await this.#ask();
    const state = this.#hub.stateOf(key);
    return state?.isAlive === true ? publicRecord(state.record) : undefined;
  }

  async list(kind: string): Promise<BusRecord[]> {
    checkKind(kind);
    await this.#ask();
    return [...this.#hub.records.values()]
      .filter(({ key }) => key.startsWith(`${kind}/`) && this.#hub.stateOf(key)?.isAlive === true)
      .map(publicRecord);
  }

  async send(inbox: string, bytes: Uint8Array): Promise<void> {
    partsOfKey(inbox, 'inbox');
    checkMessage(bytes);
    const copy = bytes.slice();
    await this.#ask();
    this.#hub.put(inbox, copy);
  }

  async receive(inbox: string, listener: BusListener): Promise<Unsubscribe> {
    partsOfKey(inbox, 'inbox');
    checkListener(listener);
    await this.#ask();
    const end = this.#hub.receive(inbox, listener);
    this.#inboxes.add(inbox);
    return this.#listeners.ending(() => {
      this.#inboxes.delete(inbox);
      end();
    });
  }

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    partsOfKey(topic, 'topic');
    checkMessage(bytes);
    const copy = bytes.slice();
    await this.#ask();
    const hub = this.#hub;
    for (const listener of hub.topics.get(topic) ?? [])
      hub.clock.runtime.startTimer(hub.delayMs, () => {
        // It may have ended meanwhile.
        if (hub.topics.get(topic)?.has(listener) === true)
          void this.#listeners.call(listener, copy.slice(), `topic ${topic}`);
      });
  }

  async subscribe(topic: string, listener: BusListener): Promise<Unsubscribe> {
    partsOfKey(topic, 'topic');
    checkListener(listener);
    await this.#ask();
    const { topics } = this.#hub;
    // The same function may listen twice.
    const own: BusListener = (bytes) => listener(bytes);
    const listeners = topics.get(topic) ?? new Set();
    topics.set(topic, listeners.add(own));
    return this.#listeners.ending(() => {
      listeners.delete(own);
      if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
    });
  }

  onState(listener: (isUp: boolean) => void): Unsubscribe {
    return this.#listeners.onState(listener);
  }

  status(): BusStatus {
    const waiting = [...this.#inboxes].reduce((sum, name) => sum + this.#hub.waiting(name), 0);
    return {
      isUp: this.#hub.isUp && !this.#isClosed,
      outages: this.#outages,
      failures: this.#failures,
      roundTripMs: this.#hub.delayMs,
      waiting,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.end();
    this.#hub.watchers.delete(this.#tellState);
  }

  /** The hub answers, or does not any more. */
  readonly #tellState = (isUp: boolean): void => {
    if (!isUp) this.#outages++;
    this.#listeners.tellState(isUp);
  };

  /** The way to the hub. */
  async #ask(): Promise<void> {
    if (this.#isClosed) throw new BusError('CLOSED', 'the bus was closed');
    const { clock, delayMs } = this.#hub;
    if (delayMs > 0) await sleep(clock.runtime, delayMs);
    if (this.#hub.isUp) return;
    this.#failures++;
    throw new BusError('DOWN', 'the hub is paused');
  }

  /** Whether a root was ended: somebody else has its key, or the data in which it was do not have it any more. */
  #isEnded({ key, epoch, dataId }: Lease): boolean {
    const record = this.#hub.records.get(key);
    return record === undefined ? dataId === this.#hub.dataId : record.epoch > epoch;
  }

  #untilMs(under: Lease | undefined): number {
    return under === undefined ? this.#hub.clock.now() + this.leaseMs : 0;
  }

  #put(key: string, value: string, epoch: number, under: Lease | undefined): void {
    const { key: root = key, epoch: rootEpoch = epoch } = under ?? {};
    const untilMs = this.#untilMs(under);
    this.#hub.records.set(key, { key, value, epoch, root, rootEpoch, holder: this.#id, untilMs });
  }

  #lease(key: string, value: string, epoch: number, under: Lease | undefined, sentMs: number): Lease {
    const { clock, dataId } = this.#hub;
    const lease = new Lease(key, value, epoch, under, dataId, clock.now);
    if (under === undefined) lease.renewed(sentMs, this.leaseMs, dataId);
    return lease;
  }
}

function publicRecord({ key, value, epoch, root, rootEpoch }: MemoryRecord): BusRecord {
  return { key, value, epoch, root, rootEpoch };
}
