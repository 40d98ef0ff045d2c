/** The records of a node's rooms: each is claimed before its room is made, says how the room does, and ends with it. */

import type { RoomFacts } from '../../rooms/index.ts';
import { RoomError } from '../../rooms/index.ts';
import type { Timer } from '../../runtime/index.ts';
import { sleep } from '../../runtime/internal.ts';
import type { ClusterBus } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import type { Lease } from '../Lease.ts';
import { isLost } from './RootKeeper.ts';
import { nameOf, roomKey, writeRoom } from './roomRecord.ts';

/** What the records need of their node. */
export interface RecordsOwner {
  /** The root that rooms are claimed under; `undefined` while there is none. */
  readonly root: Lease | undefined;
  /** How a room is now; `undefined` for one that takes no players. */
  facts(id: string): RoomFacts | undefined;
  /** Somebody else has the room: the one here is to end. */
  lost(id: string): void;
  /** A room is listed, is listed otherwise, or is listed no more. */
  told(id: string, value: string | undefined, epoch: number): void;
  report(error: unknown, where: string): void;
}

/** The record of one room. */
interface Entry {
  readonly id: string;
  readonly key: string;
  lease: Lease | undefined;
  /** When it was said last. */
  toldMs: number;
  /** What is to be said later. */
  timer: Timer | undefined;
  /** Whether the bus may say something old of it: it was started anew, with data of before. */
  isStale: boolean;
  /**
   * Whether the claim may be older than one that the bus has forgotten: somebody may have had the room since. Nobody is let in until it is
   * claimed once more, with a larger epoch.
   */
  isOld: boolean;
  /** Whether the bus is being asked. */
  isBusy: boolean;
  /** Whether the room has ended: it goes as soon as the bus knows that. */
  isEnding: boolean;
  /** Whether another node is taking it: nothing is said of it, and nothing done, until it is known who has it. */
  isGiving: boolean;
  /** What it says when there must be no room: the key is taken so that nobody makes it. */
  barred: string | undefined;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  readonly resolveGone: () => void;
}

/** All records of one node. */
export class RoomRecords {
  readonly #bus: ClusterBus;
  readonly #clock: Clock;
  readonly #owner: RecordsOwner;
  readonly #entries = new Map<string, Entry>();
  /** Keys of which nobody knows whether the bus has given them to us. */
  readonly #strays = new Set<string>();
  #isRefusing = false;

  constructor(bus: ClusterBus, clock: Clock, owner: RecordsOwner) {
    this.#bus = bus;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** How many rooms are this node's own. */
  get rooms(): number {
    return [...this.#entries.values()].filter(
      ({ lease, barred }) => lease !== undefined && barred === undefined,
    ).length;
  }

  /** What is held under the root. */
  get leases(): Lease[] {
    return [...this.#entries.values()].map(({ lease }) => lease).filter((lease) => lease !== undefined);
  }

  /** Whether a room is this node's own for certain. */
  isHeld(id: string): boolean {
    const entry = this.#entries.get(id);
    return entry?.lease?.isHeld === true && !entry.isEnding && !entry.isOld;
  }

  /** The claim of a room; `undefined` when it has none. */
  epochOf(id: string): number | undefined {
    return this.#entries.get(id)?.lease?.epoch;
  }

  /**
   * Claims a room. One that ends under that id goes first.
   *
   * @param from the claim of the node that gives it up, if one does.
   * @throws (as rejection) BusError TAKEN with the record of the owner, without one for a room that is barred here; WARMING, DOWN; RoomError
   * FENCED without a root that holds.
   */
  async claim(id: string, from?: number): Promise<void> {
    const key = roomKey(id);
    for (let before = this.#entries.get(id); before !== undefined; before = this.#entries.get(id)) {
      if (before.barred !== undefined && !before.isEnding)
        throw new BusError('TAKEN', `room ${id} is not made any more`);
      await before.gone;
      if (this.#isRefusing) throw fenced(id);
    }
    const { root } = this.#owner;
    if (root?.isHeld !== true || this.#isRefusing) throw fenced(id);
    const entry = newEntry(id, key);
    this.#entries.set(id, entry);
    try {
      const lease = await this.#claimed(key, writeRoom(this.#owner.facts(id)), root, from);
      entry.lease = lease;
      this.#strays.delete(key);
      if (!lease.isHeld) throw fenced(id);
    } catch (error) {
      // What was not answered may have been done.
      if (entry.lease !== undefined || (error instanceof BusError && error.code === 'DOWN'))
        this.#strays.add(key);
      this.#drop(entry);
      throw isLost(error) ? fenced(id) : error;
    }
  }

  /**
   * Takes the key of a room that must not be made any more.
   *
   * @param value what its record says, the same on all nodes. @param forMs for how long.
   * @returns whether that is so; `false` for a room that is there, is being made, or of which nothing is known for certain.
   */
  async bar(id: string, value: string, forMs: number): Promise<boolean> {
    const known = this.#entries.get(id);
    if (known !== undefined) return known.barred === value && this.isHeld(id);
    const { root } = this.#owner;
    if (root?.isHeld !== true) return false;
    const entry = newEntry(id, roomKey(id));
    entry.barred = value;
    entry.isBusy = true;
    this.#entries.set(id, entry);
    try {
      entry.lease = await this.#bus.claim(entry.key, value, root);
    } catch (error) {
      if (error instanceof BusError && error.code === 'DOWN') this.#strays.add(entry.key);
      this.#drop(entry);
      if (!(error instanceof BusError)) throw error;
      return error.record?.value === value;
    }
    entry.isBusy = false;
    this.#strays.delete(entry.key);
    if (this.#entries.get(id) !== entry) return false;
    entry.timer = this.#clock.runtime.startTimer(forMs, () => this.release(id));
    return this.isHeld(id);
  }

  /** Another node may take a room now, or will not any more. */
  give(id: string, isGiving: boolean): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.isGiving = isGiving;
    if (!isGiving) this.changed(id);
  }

  /** A room has ended. */
  release(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.isEnding = true;
    entry.timer?.cancel();
    void this.#release(entry);
  }

  /** A room is otherwise than before. The bus hears of it at most once per second. */
  changed(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.timer !== undefined || entry.isEnding || entry.isGiving) return;
    const waitMs = Math.max(0, entry.toldMs + TELL_MS - this.#clock.now());
    entry.timer = this.#clock.runtime.startTimer(waitMs, () => {
      entry.timer = undefined;
      void this.#tell(entry);
    });
  }

  /** A room takes players now: others shall find it. Never rejects; what cannot be said now is said later. */
  async opened(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry !== undefined && !entry.isEnding) await this.#tell(entry);
  }

  /**
   * Puts back what the bus does not have.
   *
   * @param others what else is under the root. @param isAnew whether the bus was started anew, and may have old values.
   * @throws (as rejection) BusError LOST, DOWN
   */
  async restore(root: Lease, others: Iterable<Lease>, isAnew: boolean): Promise<void> {
    const leases = [...this.leases, ...others].filter((lease) => lease.under === root && !lease.isOver);
    // Its root had run out: what others claimed since was forgotten with all else.
    if (isAnew && !root.isHeld)
      for (const entry of this.#entries.values()) entry.isOld ||= entry.lease !== undefined;
    await this.#bus.restore(root, leases);
    if (isAnew) {
      for (const entry of this.#entries.values()) entry.isStale = true;
      await this.#lookForStrays(root);
    }
    this.heal();
  }

  /** Does what could not be done before: the bus answers. */
  heal(): void {
    for (const entry of this.#entries.values()) {
      if (entry.isBusy || (entry.isGiving && !entry.isEnding)) continue;
      if (entry.isEnding) void this.#release(entry);
      else if (this.#isLost(entry)) void this.#reclaim(entry);
      else if (entry.timer === undefined && this.#isDirty(entry)) void this.#tell(entry);
    }
    for (const key of this.#strays) void this.#releaseStray(key);
  }

  /** No room begins any more: who waits for the end of one before, which the bus may not hear of, need not. */
  refuse(): void {
    this.#isRefusing = true;
    for (const entry of this.#entries.values()) if (entry.isEnding) entry.resolveGone();
  }

  /** The bus ends: nothing is told any more. */
  close(): void {
    for (const entry of [...this.#entries.values()]) {
      entry.timer?.cancel();
      this.#drop(entry);
    }
    this.#strays.clear();
  }

  /** One that is given up is asked for again when nobody answers: it may have been given. */
  async #claimed(key: string, value: string, root: Lease, from: number | undefined): Promise<Lease> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#bus.claim(key, value, root, from);
      } catch (error) {
        const isDown = error instanceof BusError && error.code === 'DOWN';
        if (from === undefined || !isDown || tries >= MOST_TRIES || !root.isHeld) throw error;
        await sleep(this.#clock.runtime, TRY_MS);
      }
    }
  }

  /** Whether a room has to be claimed once more: its claim is old, over, or under a root that is. */
  #isLost({ lease, isOld }: Entry): boolean {
    return lease !== undefined && (isOld || lease.isOver || lease.under !== this.#owner.root);
  }

  #isDirty({ id, lease, isStale }: Entry): boolean {
    const facts = this.#owner.facts(id);
    return lease !== undefined && facts !== undefined && (isStale || lease.value !== writeRoom(facts));
  }

  async #tell(entry: Entry): Promise<void> {
    const { lease, id } = entry;
    const facts = this.#owner.facts(id);
    if (lease === undefined || lease.isOver || facts === undefined || entry.isBusy || entry.isGiving) return;
    const value = writeRoom(facts);
    if (value === lease.value && !entry.isStale) return;
    entry.toldMs = this.#clock.now();
    await this.#ask(entry, 'listing', async () => {
      try {
        await this.#bus.update(lease, value);
      } catch (error) {
        if (!(error instanceof BusError && error.code === 'TOO_LARGE')) throw error;
        this.#owner.report(error, `listing of room ${id}: it is listed without its metadata`);
        await this.#bus.update(lease, writeRoom({ ...facts, metadata: {} }));
      }
      entry.isStale = false;
      this.#owner.told(id, lease.value, lease.epoch);
    });
    // It may have changed, or ended, meanwhile.
    if (entry.isEnding) await this.#release(entry);
    else if (entry.isOld) await this.#reclaim(entry);
    else if (!entry.isBusy && this.#isDirty(entry)) this.changed(id);
  }

  /** The root is another one, or the bus has lost the room: it is ours still unless somebody has it. */
  async #reclaim(entry: Entry): Promise<void> {
    const { root } = this.#owner;
    const { lease, id, key } = entry;
    if (root?.isHeld !== true) return;
    await this.#ask(entry, 'claim', async () => {
      const value = entry.barred ?? writeRoom(this.#owner.facts(id));
      entry.lease = await this.#bus.claim(key, value, root, lease?.epoch);
      entry.isOld = false;
      this.#owner.told(id, value, entry.lease.epoch);
    });
    if (entry.isEnding) await this.#release(entry);
  }

  async #release(entry: Entry): Promise<void> {
    const { lease, id } = entry;
    if (entry.isBusy) return;
    await this.#ask(entry, 'release', async () => {
      // Also one that is over here: the bus may not have heard of it.
      if (lease !== undefined) await this.#bus.release(lease);
      this.#drop(entry);
      if (lease !== undefined) this.#owner.told(id, undefined, lease.epoch);
    });
  }

  /** What old data have of rooms that have ended. */
  async #lookForStrays(root: Lease): Promise<void> {
    for (const { key, root: rootKey, rootEpoch } of await this.#bus.list('room'))
      if (rootKey === root.key && rootEpoch === root.epoch && !this.#entries.has(nameOf(key)))
        this.#strays.add(key);
  }

  /**
   * A claim that came to nothing here, and may have been made there, is given up as that of a room that has ended: who claims it meanwhile
   * waits, since a claim of now would be the same one.
   */
  async #releaseStray(key: string): Promise<void> {
    const { root } = this.#owner;
    const id = nameOf(key);
    if (root?.isHeld !== true || this.#entries.has(id)) return;
    this.#strays.delete(key);
    const entry = newEntry(id, key);
    entry.isEnding = true;
    entry.isBusy = true;
    this.#entries.set(id, entry);
    try {
      const record = await this.#bus.find(key);
      const isOurs = record?.root === root.key && record.rootEpoch === root.epoch;
      if (isOurs) entry.lease = await this.#bus.claim(key, '{}', root);
    } catch (error) {
      const mayPass = !(error instanceof BusError) || error.code === 'DOWN' || error.code === 'WARMING';
      if (mayPass) this.#strays.add(key);
      this.#drop(entry);
      return;
    }
    entry.isBusy = false;
    await this.#release(entry);
  }

  /** Asks the bus about one room, one thing at a time. Never rejects. */
  async #ask(entry: Entry, what: string, call: () => Promise<void>): Promise<void> {
    entry.isBusy = true;
    try {
      await call();
    } catch (error) {
      if (!(error instanceof BusError)) this.#owner.report(error, `${what} of room ${entry.id}`);
      else if (error.code === 'TAKEN' && !entry.isEnding && !entry.isGiving) this.#owner.lost(entry.id);
      else if (error.code === 'TOO_LARGE') this.#owner.report(error, `${what} of room ${entry.id}`);
      // LOST: the root hears of it at its next renewal. DOWN, WARMING: `heal` does it later.
    } finally {
      entry.isBusy = false;
    }
  }

  #drop(entry: Entry): void {
    if (this.#entries.get(entry.id) === entry) this.#entries.delete(entry.id);
    entry.resolveGone();
  }
}

function newEntry(id: string, key: string): Entry {
  let resolveGone = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    resolveGone = resolve;
  });
  return {
    id,
    key,
    lease: undefined,
    toldMs: Number.NEGATIVE_INFINITY,
    timer: undefined,
    isStale: false,
    isOld: false,
    isBusy: false,
    isEnding: false,
    isGiving: false,
    barred: undefined,
    gone,
    resolveGone,
  };
}

function fenced(id: string): RoomError {
  return new RoomError('FENCED', `room ${id} cannot begin: its node has no lease that holds`);
}

/** Tries to take what another node gives up, while the bus is down. */
const MOST_TRIES = 20;
const TRY_MS = 250;
/** How often a room is told at most. */
const TELL_MS = 1000;
