/**
 * Events as an asynchronous iterator. It runs the host whenever the port wakes it, so that pings are answered even
 * while the consumer is busy, and buffers a bounded number of events for it.
 */
import { ConnectionEventType } from './constants.ts';
import type { ENetPacketPeer } from './ENetPacketPeer.ts';

/** An event that has a peer: `[eventType, peer, data, channel]`. */
export type PeerEvent = [eventType: 1 | 2 | 3, peer: ENetPacketPeer, data: number, channel: number];

/** What `service()` returns: `[eventType, peer, data, channel]`. */
export type ServiceEvent =
  | PeerEvent
  | [eventType: 0, peer: null, data: number, channel: number]
  | [eventType: -1, peer: null, data: number, channel: number];

/** Where a stream gets its events. */
export interface EventSource {
  /** Runs the host once. Throws when that fails. */
  service(): ServiceEvent;
  /** Sets who is called when there is something to do. */
  listen(listener: (() => void) | undefined): void;
  /** The stream has ended; it will not ask again. */
  ended(stream: EventStream): void;
}

/** The settings of one iteration. */
export interface EventsOptions {
  /** Ends the iteration when aborted. No event is lost: those not consumed are returned by the next `service()`. */
  readonly signal?: AbortSignal;
}

/** One iteration over the events of a connection. */
export class EventStream implements AsyncIterableIterator<PeerEvent, undefined> {
  readonly #source: EventSource;
  /** Shared with the connection: what is left in it when the iteration ends is not lost. */
  readonly #buffer: PeerEvent[];
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: Waiter[] = [];
  #failure: { readonly error: unknown } | undefined;
  #hasEnded = false;
  #isListening = false;
  readonly #onWake = (): void => {
    this.#pump();
    this.#settleWaiting();
  };
  readonly #onAbort = (): void => {
    this.close();
  };

  /** @param buffer events that were taken from the host and not consumed yet. */
  constructor(source: EventSource, buffer: PeerEvent[], limit: number, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#buffer = buffer;
    this.#limit = limit;
    this.#signal = signal;
    if (signal?.aborted) {
      this.#hasEnded = true;
      return;
    }
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#listen();
  }

  /** Whether the iteration can still give events. */
  get isOpen(): boolean {
    return !this.#hasEnded;
  }

  /** The next event. The promise rejects once when the host failed; after that the iteration is over. */
  next(): Promise<IteratorResult<PeerEvent, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#settleWaiting();
    });
  }

  /** Ends the iteration, as `break` does. */
  return(): Promise<IteratorResult<PeerEvent, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The iterator is its own iterable. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the iteration: the connection is gone, or nobody wants more. */
  close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#isListening = false;
    this.#source.ended(this);
    this.#settleWaiting();
  }

  #pump(): void {
    while (!this.#hasEnded && this.#failure === undefined && this.#buffer.length < this.#limit) {
      const event = this.#serviceOnce();
      if (event === undefined) break;
      this.#buffer.push(event);
    }
    // A full buffer holds the network back until somebody consumes; a broken host is left alone.
    if (this.#buffer.length >= this.#limit || this.#failure !== undefined) this.#unlisten();
  }

  #serviceOnce(): PeerEvent | undefined {
    try {
      const event = this.#source.service();
      if (event[0] === ConnectionEventType.EVENT_NONE) return undefined;
      if (event[0] !== ConnectionEventType.EVENT_ERROR) return event;
      throw new Error('the ENet host reported an error (EVENT_ERROR)');
    } catch (error) {
      this.#failure = { error };
      return undefined;
    }
  }

  #settleWaiting(): void {
    for (let waiter = this.#waiting[0]; waiter !== undefined; waiter = this.#waiting[0]) {
      const event = this.#hasEnded ? undefined : this.#buffer.shift();
      if (!this.#hasEnded && event === undefined && this.#failure === undefined) {
        this.#listen();
        return;
      }
      this.#waiting.shift();
      if (event !== undefined) {
        this.#listen();
        waiter.resolve({ done: false, value: event });
      } else if (this.#hasEnded || this.#failure === undefined) {
        waiter.resolve({ done: true, value: undefined });
      } else {
        waiter.reject(this.#failure.error);
        this.close();
      }
    }
  }

  #listen(): void {
    if (this.#isListening || this.#failure !== undefined || this.#buffer.length >= this.#limit) return;
    this.#isListening = true;
    this.#source.listen(this.#onWake);
  }

  #unlisten(): void {
    this.#isListening = false;
    this.#source.listen(undefined);
  }
}

interface Waiter {
  readonly resolve: (result: IteratorResult<PeerEvent, undefined>) => void;
  readonly reject: (error: unknown) => void;
}
