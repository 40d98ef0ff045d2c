/** Peers in the engine's order: a peer that leaves gives its place to the last one. docs/protocol/scene-multiplayer 11.2 (10). */

/** A set of ids in that order; every operation takes constant time. */
export class PeerList implements Iterable<number> {
  readonly #ids: number[] = [];
  readonly #places = new Map<number, number>();

  /** How many there are. */
  get size(): number {
    return this.#ids.length;
  }

  /** Whether an id is in it. */
  has(id: number): boolean {
    return this.#places.has(id);
  }

  /** Appends an id; one that is there already stays where it is. */
  add(id: number): void {
    if (this.#places.has(id)) return;
    this.#places.set(id, this.#ids.length);
    this.#ids.push(id);
  }

  /** Removes an id. @returns whether it was there. */
  delete(id: number): boolean {
    const place = this.#places.get(id);
    if (place === undefined) return false;
    this.#places.delete(id);
    const last = this.#ids.pop();
    if (last !== undefined && last !== id) {
      this.#ids[place] = last;
      this.#places.set(last, place);
    }
    return true;
  }

  /** Forgets everything. */
  clear(): void {
    this.#ids.length = 0;
    this.#places.clear();
  }

  /** A copy, in order. */
  toArray(): number[] {
    return [...this.#ids];
  }

  /** Over a copy: peers may leave meanwhile. */
  [Symbol.iterator](): Iterator<number> {
    return this.toArray()[Symbol.iterator]();
  }
}
