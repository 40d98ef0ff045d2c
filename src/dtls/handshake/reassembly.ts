/** Puts the pieces of handshake messages together, in the order of the messages. RFC 6347, 4.2.2 and 4.2.3. */
import { encodeFragment, type Fragment, HANDSHAKE_HEADER_BYTES } from './handshakeMessages.ts';

/** A message that is whole. Owned by the taker. */
export interface HandshakeMessage {
  /** Its type. */
  readonly type: number;
  /** Its body. */
  readonly body: Uint8Array;
  /** The message as if it had been sent in one piece: what the handshake hash runs over (RFC 6347 4.2.6). */
  readonly whole: Uint8Array;
}

/** What became of a piece. */
export type FragmentFate = 'taken' | 'old' | 'refused';

interface Partial {
  readonly type: number;
  readonly whole: Uint8Array;
  readonly body: Uint8Array;
  /** The parts that are there: start and end, sorted, not touching. */
  ranges: [start: number, end: number][];
}

/** Collects pieces. What stays waiting is bounded in messages and in bytes. */
export class Reassembly {
  readonly #maxBytes: number;
  readonly #waiting = new Map<number, Partial>();
  #waitingBytes = 0;
  #next: number;

  /**
   * @param firstMessageSeq the number of the first message.
   * @param maxBytes how many bytes of unfinished messages are kept.
   */
  constructor(firstMessageSeq = 0, maxBytes: number = MAX_REASSEMBLY_BYTES) {
    this.#next = firstMessageSeq;
    this.#maxBytes = maxBytes;
  }

  /** The number of the next message. */
  get next(): number {
    return this.#next;
  }

  /**
   * Takes a piece.
   *
   * @returns `"old"` when its message was handed out already, `"refused"` when it contradicts an earlier piece or there
   *   is no room.
   */
  add(fragment: Fragment): FragmentFate {
    const { type, length, messageSeq, offset, bytes } = fragment;
    if (messageSeq < this.#next) return 'old';
    if (messageSeq >= this.#next + MAX_REASSEMBLY_MESSAGES) return 'refused';
    let partial = this.#waiting.get(messageSeq);
    if (partial === undefined) {
      // What is whole and next does not wait: a hello with a right cookie may be as long as a record.
      const isTakenNow = messageSeq === this.#next && bytes.length === length;
      if (!isTakenNow && length > this.#maxBytes - this.#waitingBytes) return 'refused';
      const whole = encodeFragment(type, messageSeq, new Uint8Array(length));
      partial = { type, whole, body: whole.subarray(HANDSHAKE_HEADER_BYTES), ranges: [] };
      this.#waiting.set(messageSeq, partial);
      this.#waitingBytes += length;
    } else if (partial.type !== type || partial.body.length !== length) {
      return 'refused';
    }
    return insert(partial, offset, bytes) ? 'taken' : 'refused';
  }

  /** The next message, once it is whole. */
  take(): HandshakeMessage | undefined {
    const partial = this.#waiting.get(this.#next);
    if (partial === undefined) return undefined;
    const { type, body, whole, ranges } = partial;
    const isWhole = ranges.length === 1 && ranges[0]?.[0] === 0 && ranges[0][1] === body.length;
    if (!isWhole) return undefined;
    this.#waiting.delete(this.#next);
    this.#waitingBytes -= body.length;
    this.#next += 1;
    return { type, body, whole };
  }

  /** The next message came past here. Its pieces are forgotten. */
  skip(): void {
    this.#waitingBytes -= this.#waiting.get(this.#next)?.body.length ?? 0;
    this.#waiting.delete(this.#next);
    this.#next += 1;
  }

  /** Forgets all pieces. */
  clear(): void {
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }
}

/** Adds a piece, whose bytes replace what overlaps: honest repetitions are the same. False: too many gaps. */
function insert(partial: Partial, offset: number, bytes: Uint8Array): boolean {
  let start = offset;
  let end = offset + bytes.length;
  const apart = partial.ranges.filter((range) => range[1] < start || range[0] > end);
  if (apart.length >= MAX_RANGES) return false;
  for (const range of partial.ranges) {
    if (range[1] >= offset && range[0] <= offset + bytes.length) {
      start = Math.min(start, range[0]);
      end = Math.max(end, range[1]);
    }
  }
  partial.body.set(bytes, offset);
  apart.push([start, end]);
  partial.ranges = apart.sort((a, b) => a[0] - b[0]);
  return true;
}

/** How far ahead of the next message pieces are kept. */
export const MAX_REASSEMBLY_MESSAGES = 16;
/** How many bytes of unfinished messages a client keeps: long chains of certificates. */
export const MAX_REASSEMBLY_BYTES: number = 64 * 1024;
/** How many separate parts of one message are kept. */
const MAX_RANGES = 64;
