/** What all buses of a MemoryHub share: records, inboxes and topics, in maps. */
import type { BusListener, BusRecord } from '../bus.ts';
import { MAX_WAITING } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import { partsOfKey } from '../names.ts';

/** A record with what decides whether it lives. */
export interface MemoryRecord extends BusRecord {
  /** The bus whose claim it is. */
  readonly holder: string;
  /** Of a root: until when it holds, by the hub's clock. */
  readonly untilMs: number;
}

/** Messages that wait, and who takes them. */
interface Inbox {
  readonly queue: Uint8Array[];
  listener: BusListener | undefined;
  isBusy: boolean;
}

/** The data, and what is done to it by one call at a time. */
export class MemoryStore {
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly delayMs: number;
  readonly records: Map<string, MemoryRecord> = new Map();
  readonly topics: Map<string, Set<BusListener>> = new Map();
  /** Those who want to know whether calls are answered. */
  readonly watchers: Set<(isUp: boolean) => void> = new Set();
  /** Which data these are. */
  dataId: string = '1';
  readonly #inboxes = new Map<string, Inbox>();
  readonly #onError: (error: unknown, where: string) => void;
  #warmUntilMs = 0;
  #lastEpoch = 0;
  #restarts = 1;
  #isUp = true;

  constructor(
    clock: Clock,
    leaseMs: number,
    delayMs: number,
    onError: (error: unknown, where: string) => void,
  ) {
    this.clock = clock;
    this.leaseMs = leaseMs;
    this.delayMs = delayMs;
    this.#onError = onError;
  }

  /** Whether calls are answered. */
  get isUp(): boolean {
    return this.#isUp;
  }

  set isUp(isUp: boolean) {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    for (const watcher of [...this.watchers]) watcher(isUp);
  }

  /** Other data from now on: those that were saved. */
  restart(saved: ReadonlyMap<string, BusRecord> = new Map()): void {
    this.dataId = String(++this.#restarts);
    this.#warmUntilMs = this.clock.now() + this.leaseMs;
    this.records.clear();
    for (const [key, record] of saved) this.records.set(key, { holder: '', untilMs: 0, ...record });
    for (const inbox of this.#inboxes.values()) inbox.queue.length = 0;
  }

  /** Whether nobody may claim anything new. */
  get isWarming(): boolean {
    return this.clock.now() < this.#warmUntilMs;
  }

  /** The record of a key whose root lives. One whose root has run out counts; {@link MemoryStore.fence} ends it. */
  stateOf(key: string): { readonly record: MemoryRecord; readonly isAlive: boolean } | undefined {
    const record = this.records.get(key);
    if (record === undefined) return undefined;
    const root = this.records.get(record.root);
    const isAlive = root?.epoch === record.rootEpoch && this.clock.now() < root.untilMs;
    return { record, isAlive };
  }

  /** Ends a root for good. What is under it has none any more. */
  fence({ root, rootEpoch }: MemoryRecord): void {
    if (this.records.get(root)?.epoch === rootEpoch) this.records.delete(root);
  }

  /** Larger than all before, and than that of any claim of the key. */
  nextEpoch(known: number): number {
    this.#lastEpoch = Math.max(this.#lastEpoch, known) + 1;
    return this.#lastEpoch;
  }

  /** */
  inbox(name: string): Inbox {
    partsOfKey(name, 'inbox');
    let inbox = this.#inboxes.get(name);
    if (inbox === undefined) {
      inbox = { queue: [], listener: undefined, isBusy: false };
      this.#inboxes.set(name, inbox);
    }
    return inbox;
  }

  /** Puts a message into an inbox. @throws BusError FULL */
  put(name: string, bytes: Uint8Array): void {
    const inbox = this.inbox(name);
    if (inbox.queue.length >= MAX_WAITING)
      throw new BusError('FULL', `${MAX_WAITING} messages wait in ${name} already`);
    inbox.queue.push(bytes);
    this.drain(name);
  }

  /** Hands over what waits, one after the other. */
  drain(name: string): void {
    const inbox = this.inbox(name);
    if (inbox.isBusy || inbox.listener === undefined || inbox.queue.length === 0) return;
    inbox.isBusy = true;
    this.clock.runtime.startTimer(this.delayMs, () => {
      const { listener } = inbox;
      const bytes = listener === undefined ? undefined : inbox.queue.shift();
      const done = (): void => {
        inbox.isBusy = false;
        this.drain(name);
      };
      if (listener === undefined || bytes === undefined) inbox.isBusy = false;
      else void this.call(listener, bytes, `inbox ${name}`).then(done);
    });
  }

  /** Calls a listener; never rejects. */
  async call(listener: BusListener, bytes: Uint8Array, where: string): Promise<void> {
    try {
      await listener(bytes);
    } catch (error) {
      this.#onError(error, where);
    }
  }
}
