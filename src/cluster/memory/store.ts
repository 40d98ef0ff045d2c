/** What all buses of a MemoryHub share: records, inboxes and topics, in maps. */
import type { BusListener, BusRecord } from '../bus.ts';
import { MAX_WAITING } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import { callListener } from '../listeners.ts';

/** A record with what decides whether it lives. */
export interface MemoryRecord extends BusRecord {
  /** The bus whose claim it is. */
  readonly holder: string;
  /** Of a root: until when it holds, by the hub's clock. */
  readonly untilMs: number;
}

/** Messages that wait, and who takes them. */
interface Inbox {
  readonly queue: { readonly bytes: Uint8Array; readonly dueMs: number }[];
  receiver: Receiver | undefined;
}

/** Who takes messages. */
interface Receiver {
  readonly listener: BusListener;
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
  /** The last epoch of the data before. */
  oldEpoch: number = 0;
  readonly #inboxes = new Map<string, Inbox>();
  /** Takes what listeners throw. */
  readonly report: (error: unknown, where: string) => void;
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
    this.report = onError;
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
    this.oldEpoch = this.#lastEpoch;
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

  /** Ends a root for good, with all that is under it. */
  fence({ root, rootEpoch }: MemoryRecord): void {
    for (const record of [...this.records.values()])
      if (record.root === root && record.rootEpoch === rootEpoch) this.records.delete(record.key);
  }

  /** Larger than all before, and than that of any claim of the key. */
  nextEpoch(known: number): number {
    this.#lastEpoch = Math.max(this.#lastEpoch, known) + 1;
    return this.#lastEpoch;
  }

  /** Puts a message into an inbox. @throws BusError FULL */
  put(name: string, bytes: Uint8Array): void {
    const inbox = this.#inbox(name);
    if (inbox.queue.length >= MAX_WAITING)
      throw new BusError('FULL', `${MAX_WAITING} messages wait in ${name} already`);
    inbox.queue.push({ bytes, dueMs: this.clock.now() + this.delayMs });
    this.#drain(name, inbox);
  }

  /** Hands over what is in an inbox, until the returned function is called. */
  receive(name: string, listener: BusListener): () => void {
    const inbox = this.#inbox(name);
    const receiver: Receiver = { listener, isBusy: false };
    inbox.receiver = receiver;
    this.#drain(name, inbox);
    return () => {
      if (inbox.receiver !== receiver) return;
      inbox.receiver = undefined;
      this.#tidy(name, inbox);
    };
  }

  /** How many messages wait in an inbox, with the one that is being handled. */
  waiting(name: string): number {
    return this.#inboxes.get(name)?.queue.length ?? 0;
  }

  #inbox(name: string): Inbox {
    let inbox = this.#inboxes.get(name);
    if (inbox === undefined) {
      inbox = { queue: [], receiver: undefined };
      this.#inboxes.set(name, inbox);
    }
    return inbox;
  }

  #tidy(name: string, inbox: Inbox): void {
    if (inbox.queue.length === 0 && inbox.receiver === undefined) this.#inboxes.delete(name);
  }

  /** Hands over what waits, one after the other. A message is done when the listener has settled. */
  #drain(name: string, inbox: Inbox): void {
    const { receiver } = inbox;
    const [first] = inbox.queue;
    if (receiver === undefined || receiver.isBusy || first === undefined) return;
    receiver.isBusy = true;
    const delayMs = Math.max(0, first.dueMs - this.clock.now());
    this.clock.runtime.startTimer(delayMs, async () => {
      // A listener that sends to itself lets others in now and then.
      for (let i = 0; i < MOST_AT_ONCE; i++) {
        const [message] = inbox.queue;
        if (message === undefined || message.dueMs > this.clock.now() || inbox.receiver !== receiver) break;
        await callListener(receiver.listener, message.bytes.slice(), `inbox ${name}`, this.report);
        const at = inbox.queue.indexOf(message);
        if (at >= 0) inbox.queue.splice(at, 1);
      }
      receiver.isBusy = false;
      this.#tidy(name, inbox);
      this.#drain(name, inbox);
    });
  }
}

/** The most messages that are handed over before anything else happens. */
const MOST_AT_ONCE = 64;
