/** Sets of peer slots, visited in ascending order as the protocol wants it (enet-protocol 5.3). */

/** A set of slot numbers as a bitmap. Looking for the next member costs one step for each 32 slots, and none when it is empty. */
export class SlotSet {
  readonly #words: Int32Array;
  #size = 0;

  /** @param slots the largest slot number plus one. */
  constructor(slots: number) {
    this.#words = new Int32Array((slots + 31) >> 5);
  }

  /** Adds a slot. */
  add(slot: number): void {
    const word = slot >> 5;
    const before = this.#words[word] ?? 0;
    const after = before | (1 << (slot & 31));
    if (after === before) return;
    this.#words[word] = after;
    this.#size++;
  }

  /** Removes a slot. */
  delete(slot: number): void {
    const word = slot >> 5;
    const before = this.#words[word] ?? 0;
    const after = before & ~(1 << (slot & 31));
    if (after === before) return;
    this.#words[word] = after;
    this.#size--;
  }

  /** Whether the slot is a member. */
  has(slot: number): boolean {
    return (((this.#words[slot >> 5] ?? 0) >>> (slot & 31)) & 1) === 1;
  }

  /** The smallest member that is `from` or more; -1 when there is none. */
  next(from: number): number {
    if (this.#size === 0) return -1;
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
