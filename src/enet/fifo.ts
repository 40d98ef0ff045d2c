/** A first-in first-out queue in a ring that grows. */

/** A queue whose operations take constant time. A ring that has grown large is given back when the queue is empty. */
export class Fifo<T> {
  #ring: (T | undefined)[] = NO_RING;
  #head = 0;
  #length = 0;

  /** How many items are queued. */
  get length(): number {
    return this.#length;
  }

  /** Appends an item. */
  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item;
    this.#length++;
  }

  /** Removes and returns the oldest item; `undefined` when there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    if (this.#length === 0 && this.#ring.length > LARGE_RING) this.clear();
    return item;
  }

  /** Drops everything, the grown ring included. */
  clear(): void {
    this.#ring = NO_RING;
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#ring;
    const ring = new Array<T | undefined>(Math.max(old.length * 2, SMALLEST_RING)).fill(undefined);
    for (let i = 0; i < this.#length; i++) ring[i] = old[(this.#head + i) & (old.length - 1)];
    this.#ring = ring;
    this.#head = 0;
  }
}

/** Shared by all that never had an item. */
const NO_RING: undefined[] = [];
const SMALLEST_RING = 4;
/** Rings up to this size stay. */
const LARGE_RING = 1024;
