/**
 * Observations of the host on their way to the application: a ring of their own, in which they are lost when nobody takes
 * them. docs/decisions/0004-network-thread.md.
 */

import { type Address, DropReason, type HostTrace } from '../enet/index.ts';
import type { TraceChoice } from '../runtime/index.ts';
import { Word } from './layout.ts';
import { RingReader, RingWriter } from './ring.ts';

/** Size of the ring, when there is one. */
export const TRACE_BYTES: number = 1024 * 1024;

/** Writes what a {@link HostTrace} sees into a ring. */
export class TraceWriter {
  /** For the host. */
  readonly trace: HostTrace;
  readonly #control: Int32Array;
  readonly #ring: RingWriter;

  constructor(memory: SharedArrayBuffer, control: Int32Array, choice: TraceChoice) {
    this.#control = control;
    this.#ring = new RingWriter(memory, control, Word.TRACE_HEAD, Word.TRACE_TAIL);
    this.trace = {
      ...(choice.received && {
        received: (now, bytes, from) => this.#write(RECEIVED, now, from, bytes, 0, 0),
      }),
      ...(choice.sent && { sent: (now, bytes, to) => this.#write(SENT, now, to, bytes, 0, 0) }),
      ...(choice.dropped && {
        dropped: (now, reason, from, _peer, bytes, at) =>
          this.#write(DROPPED, now, from, bytes, REASONS.indexOf(reason), at),
      }),
    };
  }

  /** Shows the other side what was written. @returns whether that is something new. */
  publish(): boolean {
    return this.#ring.publish();
  }

  #write(
    kind: number,
    now: number,
    address: Address | undefined,
    bytes: Uint8Array,
    reason: number,
    commandAt: number,
  ): void {
    const ring = this.#ring;
    const ip = new TextEncoder().encode(address?.ip ?? '');
    const at = ring.begin(HEADER_WORDS * 4 + ip.length + bytes.length);
    if (at < 0) {
      Atomics.add(this.#control, Word.DROPPED_TRACES, 1);
      return;
    }
    ring.words.set([kind, now, address?.port ?? 0, reason, commandAt, ip.length, bytes.length], at >> 2);
    ring.bytes.set(ip, at + HEADER_WORDS * 4);
    ring.bytes.set(bytes, at + HEADER_WORDS * 4 + ip.length);
    ring.end();
  }
}

/** Reads them again. */
export class TraceReader {
  readonly #ring: RingReader;
  readonly #trace: HostTrace;

  constructor(memory: SharedArrayBuffer, control: Int32Array, trace: HostTrace) {
    this.#ring = new RingReader(memory, control, Word.TRACE_HEAD, Word.TRACE_TAIL);
    this.#trace = trace;
  }

  /** Whether something waits. */
  get hasMore(): boolean {
    return this.#ring.hasMore;
  }

  /** Tells the trace what has come, at most one ring full of it. */
  drain(): void {
    const ring = this.#ring;
    for (let size = 0; size < ring.bytes.length; ) {
      const at = ring.next();
      if (at < 0) break;
      size += this.#tell(at);
    }
    ring.release();
  }

  #tell(at: number): number {
    const { words, bytes } = this.#ring;
    const [kind = 0, now = 0, port = 0, reason = 0, commandAt = 0, ipLength = 0, length = 0] = words.subarray(
      at >> 2,
      (at >> 2) + HEADER_WORDS,
    );
    const start = at + HEADER_WORDS * 4;
    const ip = new TextDecoder().decode(bytes.slice(start, start + ipLength));
    const datagram = new Uint8Array(bytes.subarray(start + ipLength, start + ipLength + length));
    const address = { ip, port };
    if (kind === RECEIVED) this.#trace.received?.(now, datagram, address);
    else if (kind === SENT) this.#trace.sent?.(now, datagram, address);
    else {
      const name = REASONS[reason];
      const from = ip === '' ? undefined : address;
      if (name !== undefined) this.#trace.dropped?.(now, name, from, undefined, datagram, commandAt | 0);
    }
    return HEADER_WORDS * 4 + ipLength + length;
  }
}

const REASONS: readonly DropReason[] = Object.values(DropReason);
const HEADER_WORDS = 7;
const RECEIVED = 1;
const SENT = 2;
const DROPPED = 3;
