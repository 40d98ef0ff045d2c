/** Sets of peer slots, visited in ascending order as the protocol wants it (enet-protocol 5.3). */

/** A set of slot numbers as a bitmap. Looking for the next member costs one step for each 32 slots. */
export class SlotSet {
  readonly #words: Uint32Array;

  /** @param slots the largest slot number plus one. */
  constructor(slots: number) {
    this.#words = new Uint32Array((slots + 31) >> 5);
  }

  /** Adds a slot. */
  add(slot: number): void {
    const word = slot >> 5;
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (slot & 31));
  }

  /** Removes a slot. */
  delete(slot: number): void {
    const word = slot >> 5;
    this.#words[word] = (this.#words[word] ?? 0) & ~(1 << (slot & 31));
  }

  /** Whether the slot is a member. */
  has(slot: number): boolean {
    return (((this.#words[slot >> 5] ?? 0) >>> (slot & 31)) & 1) === 1;
  }

  /** The smallest member that is `from` or more; -1 when there is none. */
  next(from: number): number {
    const words = this.#words;
    let index = from >> 5;
    if (index >= words.length) return -1;
    let word = (words[index] ?? 0) & (-1 << (from & 31));
    while (word === 0) {
      index++;
      if (index >= words.length) return -1;
      word = words[index] ?? 0;
    }
    return (index << 5) + 31 - Math.clz32(word & -word);
  }
}
