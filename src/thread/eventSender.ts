/** Events on their way from the network thread. docs/decisions/0004-network-thread.md. */
import {
  BULK_DIVISOR,
  type BulkPort,
  EVENT_HEADER_WORDS,
  type HostData,
  RECEIVE_BULK,
  Word,
} from './layout.ts';
import { RingWriter } from './ring.ts';

/** What happened, for the application's thread. */
export interface ThreadEvent {
  readonly type: number;
  readonly slot: number;
  readonly generation: number;
  readonly data: number;
  /** And the flags of a packet from bit 8 on. */
  readonly channel: number;
  readonly bytes: Uint8Array;
}

/** Puts events into the ring, and has the host hold back when they find no room. */
export class EventSender {
  readonly #control: Int32Array;
  readonly #ring: RingWriter;
  readonly #bulk: BulkPort;
  readonly #maxQueuedBytes: number;
  readonly #onHold: (isHolding: boolean) => void;
  /** In order; a packet can only be the first, as packets stay at the host from then on. */
  #backlog: ThreadEvent[] = [];
  #isHolding = false;

  /** @param onHold tells the host whether to hold packets back. */
  constructor(data: HostData, bulk: BulkPort, onHold: (isHolding: boolean) => void) {
    this.#control = new Int32Array(data.control);
    this.#ring = new RingWriter(data.events, this.#control, Word.EVENT_HEAD, Word.EVENT_TAIL);
    this.#bulk = bulk;
    this.#maxQueuedBytes = data.options.maxQueuedBytes;
    this.#onHold = onHold;
  }

  /** Whether packets are held back now. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** Whether as many events wait as shall ever be remembered. */
  get isFull(): boolean {
    return this.#backlog.length >= MAX_BACKLOG;
  }

  /** The slot of the event that waits longest. */
  get firstWaitingSlot(): number | undefined {
    return this.#backlog[0]?.slot;
  }

  /** Where the next record of the ring begins. */
  get position(): number {
    return this.#ring.position;
  }

  /** Shows the other thread what was written. @returns whether that is something new. */
  publish(): boolean {
    return this.#ring.publish();
  }

  /** Queues an event. */
  put(event: ThreadEvent): void {
    if (this.#backlog.length === 0 && this.#write(event)) return;
    this.#backlog.push(event);
    if (this.#backlog.length === 1) this.flush();
  }

  /** Writes what found no room before. */
  flush(): void {
    if (this.#backlog.length === 0) return;
    // Wanted first, tried then: whoever makes room after a failure sees the wish.
    Atomics.store(this.#control, Word.EVENT_ROOM_WANTED, 1);
    let written = 0;
    for (const event of this.#backlog) {
      if (!this.#write(event)) break;
      written++;
    }
    this.#backlog = this.#backlog.slice(written);
    this.#hold(this.#backlog.length > 0);
  }

  #hold(isHolding: boolean): void {
    if (isHolding === this.#isHolding) return;
    this.#isHolding = isHolding;
    this.#onHold(isHolding);
    Atomics.store(this.#control, Word.IS_HOLDING, isHolding ? 1 : 0);
    if (isHolding) Atomics.add(this.#control, Word.HOLDS, 1);
  }

  #write(event: ThreadEvent): boolean {
    const { bytes } = event;
    const ring = this.#ring;
    const isBulk = bytes.length > ring.bytes.length / BULK_DIVISOR;
    if (isBulk) {
      // One packet always passes, however large.
      const waiting = Atomics.load(this.#control, Word.EVENT_BULK);
      if (waiting > 0 && bytes.length > this.#maxQueuedBytes - waiting) return false;
    }
    const at = ring.begin(EVENT_HEADER_WORDS * 4 + (isBulk ? 0 : bytes.length));
    if (at < 0) return false;
    const word = at >> 2;
    ring.words[word] = isBulk ? RECEIVE_BULK : event.type;
    ring.words[word + 1] = event.slot;
    ring.words[word + 2] = event.generation;
    ring.words[word + 3] = event.data;
    ring.words[word + 4] = event.channel;
    ring.words[word + 5] = bytes.length;
    if (isBulk) {
      Atomics.add(this.#control, Word.EVENT_BULK, bytes.length);
      // Sent before the record is published, so that it is there when the record is read.
      this.#bulk.post(bytes);
    } else {
      ring.bytes.set(bytes, at + EVENT_HEADER_WORDS * 4);
    }
    ring.end();
    return true;
  }
}

/** Connections and ends that are remembered while nobody takes them. */
const MAX_BACKLOG = 16_384;
