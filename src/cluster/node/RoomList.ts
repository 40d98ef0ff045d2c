/** The rooms of the whole cluster, for lists: kept up to date by what nodes publish, from the first list on, while somebody asks. */
import type { RoomFilter } from '../../rooms/index.ts';
import { checkFilter, fits } from '../../rooms/internal.ts';
import type { Timer } from '../../runtime/index.ts';
import { type BusRecord, type ClusterBus, MAX_BUS_VALUE, type Unsubscribe } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { isCount, readObject } from './nodeFacts.ts';
import { type ClusterRoom, isRoomId, readRoom, roomKey } from './roomRecord.ts';

/** What a list needs of its node. */
export interface RoomListOwner {
  /** The id of the node. */
  readonly node: string;
  /** Looks for nodes that were not seen yet. */
  knowNodes(records: readonly BusRecord[]): Promise<void>;
  addressesOf(node: string): Readonly<Record<string, string>>;
}

/** All rooms that somebody has listed. */
export class RoomList {
  readonly #bus: ClusterBus;
  readonly #clock: Clock;
  readonly #owner: RoomListOwner;
  #rooms = new Map<string, BusRecord>();
  #listening: Unsubscribe | undefined;
  #look: Promise<void> | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** When something was said last that a look of before does not have. */
  #staleMs = Number.NEGATIVE_INFINITY;
  #endTimer: Timer | undefined;
  /** What was said since the last look began, which may not have it. */
  #said: Said[] = [];
  #isClosed = false;

  constructor(bus: ClusterBus, clock: Clock, owner: RoomListOwner) {
    this.#bus = bus;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Rooms that are not private. @throws TypeError or RangeError for what is no filter; BusError (as rejection) DOWN. */
  async list(filter: RoomFilter): Promise<ClusterRoom[]> {
    checkFilter(filter);
    return (await this.all()).filter((room) => !room.isPrivate && fits(filter, room));
  }

  /** All rooms. @throws BusError (as rejection) DOWN */
  async all(): Promise<ClusterRoom[]> {
    await this.#fresh(LIST_MS);
    return this.#all();
  }

  /** The room with a code; `undefined` for none. One that is not known costs a look, at most one per second for all. */
  async byCode(code: string): Promise<ClusterRoom | undefined> {
    const wanted = code.toUpperCase();
    const find = (): ClusterRoom | undefined => this.#all().find((room) => room.code === wanted);
    await this.#fresh(LIST_MS);
    const known = find();
    if (known !== undefined) return known;
    await this.#fresh(MISS_MS);
    return find();
  }

  /** A room of this node is listed otherwise: all who list hear of it. */
  tell(id: string, value: string | undefined, epoch: number): void {
    const bytes = encoder.encode(JSON.stringify({ id, value, epoch, node: this.#owner.node }));
    // Whoever missed it looks again.
    this.#bus.publish(ROOMS_TOPIC, bytes).catch(() => this.stale());
  }

  /** A node is gone, and says nothing of its rooms: whoever asks next looks. */
  stale(): void {
    this.#staleMs = this.#clock.now();
  }

  /** Ends it. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  #all(): ClusterRoom[] {
    const { addressesOf } = this.#owner;
    return [...this.#rooms.values()]
      .map((record) => readRoom(record, addressesOf))
      .filter((room) => room !== undefined);
  }

  /** Looks, when the last look is older than that. */
  #fresh(maxAgeMs: number): Promise<void> {
    this.#endTimer?.cancel();
    this.#endTimer = this.#isClosed
      ? undefined
      : this.#clock.runtime.startTimer(UNUSED_MS, () => this.#stop());
    const isFresh = this.#clock.now() - this.#lookedMs < maxAgeMs && this.#lookedMs >= this.#staleMs;
    if (isFresh) return Promise.resolve();
    this.#look ??= this.#refresh().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  async #refresh(): Promise<void> {
    const startMs = this.#clock.now();
    this.#said = [];
    if (this.#listening === undefined) {
      const end = await this.#bus.subscribe(ROOMS_TOPIC, (bytes) => this.#heard(bytes));
      if (this.#isClosed) end();
      else this.#listening = end;
    }
    const records = await this.#bus.list('room');
    await this.#owner.knowNodes(records);
    this.#rooms = new Map(records.map((record) => [record.key, record]));
    for (const said of this.#said) this.#take(said);
    this.#lookedMs = startMs;
  }

  #heard(bytes: Uint8Array): void {
    const { id, value, epoch, node } = readObject(decoder.decode(bytes)) ?? {};
    if (typeof id !== 'string' || !isRoomId(id) || !isCount(epoch) || typeof node !== 'string') return;
    const text = typeof value === 'string' ? value : undefined;
    if (node.length > MOST_NODE || (text?.length ?? 0) > MAX_BUS_VALUE) return;
    if (this.#said.length >= MOST_SAID) {
      this.stale(); // whoever asks next looks
      return;
    }
    const said = { key: roomKey(id), value: text, epoch, root: `node/${node}` };
    this.#said.push(said);
    this.#take(said);
  }

  #take({ key, value, epoch, root }: Said): void {
    const known = this.#rooms.get(key)?.epoch ?? 0;
    if (known > epoch) return;
    if (value === undefined) this.#rooms.delete(key);
    else this.#rooms.set(key, { key, value, epoch, root, rootEpoch: 0 });
  }

  /** Nobody has asked for a while. */
  #stop(): void {
    this.#endTimer?.cancel();
    this.#listening?.();
    this.#listening = undefined;
    this.#rooms.clear();
    this.#said = [];
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }
}

/** What a node has said of a room. */
interface Said extends Pick<BusRecord, 'key' | 'epoch' | 'root'> {
  /** `undefined`: it is listed no more. */
  readonly value: string | undefined;
}

const ROOMS_TOPIC = 'cluster/rooms';
/** How old a look may be for a list, which hears of what changes meanwhile. */
const LIST_MS = 10_000;
/** How old a look may be for a code that nobody knows. */
const MISS_MS = 1000;
/** How much may be said between two looks. */
const MOST_SAID = 10_000;
const MOST_NODE = 64;
/** For how long a list that nobody asks for is kept up to date. */
const UNUSED_MS = 60_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
