/**
 * Lists in the engine's order: what leaves gives its place to the last one. docs/protocol/scene-multiplayer 11.2 (10): peers, and
 * the synchronizers of a peer and of a node.
 */

/** A set in that order; every operation takes constant time. */
export class SwapList<T> implements Iterable<T> {
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  /** How many there are. */
  get size(): number {
    return this.#items.length;
  }

  /** Whether something is in it. */
  has(item: T): boolean {
    return this.#places.has(item);
  }

  /** Appends; what is there already stays where it is. */
  add(item: T): void {
    if (this.#places.has(item)) return;
    this.#places.set(item, this.#items.length);
    this.#items.push(item);
  }

  /** Removes. @returns whether it was there. */
  delete(item: T): boolean {
    const place = this.#places.get(item);
    if (place === undefined) return false;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#items[place] = last;
      this.#places.set(last, place);
    }
    return true;
  }

  /** Forgets everything. */
  clear(): void {
    this.#items.length = 0;
    this.#places.clear();
  }

  /** A copy, in order. */
  toArray(): T[] {
    return [...this.#items];
  }

  /** The items in order, not a copy: for loops that change nothing. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Over a copy: items may leave meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.toArray()[Symbol.iterator]();
  }
}
