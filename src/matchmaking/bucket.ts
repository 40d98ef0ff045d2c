/** The tickets that take one combination of texts, sorted by each of their numbers. */

import type { Seeker, Waiting } from './seeker.ts';
import { SortedOrder } from './sortedOrder.ts';

/** A part of an order: whose value there is in the range of somebody. */
export interface Span {
  readonly order: SortedOrder;
  /** The first. */
  readonly from: number;
  /** Behind the last. */
  readonly to: number;
}

/** All tickets whose texts agree. A ticket that takes several combinations is in several buckets. */
export class Bucket {
  /** The combination. */
  readonly strings: readonly string[];
  /** How many waiting tickets have so many players. */
  readonly counts: Int32Array;
  /** Whether something came, went or widened since `refresh`. */
  isDirty = true;
  /** Whether it was refreshed in this tick: otherwise nothing of it is new. */
  isFresh = false;
  readonly #orders: SortedOrder[];
  readonly #arrived: Waiting[] = [];

  constructor(strings: readonly string[], numbers: number, maxPlayers: number) {
    this.strings = strings;
    this.counts = new Int32Array(maxPlayers + 1);
    this.#orders = Array.from({ length: Math.max(1, numbers) }, (_, i) => new SortedOrder(i));
  }

  /** Whether nobody waits here. */
  get isEmpty(): boolean {
    return this.counts.every((count) => count === 0);
  }

  /** A ticket comes; it is found after the next `refresh`. */
  add(waiting: Waiting): void {
    waiting.buckets.push(this);
    this.#arrived.push(waiting);
    this.counts[waiting.size]!++; // counts reach to the largest party
    this.isDirty = true;
  }

  /** A ticket has gone; its `isWaiting` says so. */
  removed(waiting: Waiting): void {
    this.counts[waiting.size]!--;
    this.isDirty = true;
  }

  /** Sorts in who came, drops who went, and counts what has changed. */
  refresh(): void {
    for (const order of this.#orders) order.refresh(this.#arrived, this.counts);
    this.#arrived.length = 0;
    this.isDirty = false;
    this.isFresh = true;
  }

  /** Where the tickets are that somebody accepts by one number: the number that leaves the fewest. */
  narrowest(seeker: Seeker): Span {
    let best: Span | undefined;
    for (const order of this.#orders) {
      const span = order.span(seeker);
      if (best === undefined || span.to - span.from < best.to - best.from) best = span;
    }
    return best!; // a bucket has at least one order
  }
}
