/**
 * The deadlines of all peers. A heap over slots, so that a tick costs what is due and not what exists.
 */

/**
 * One deadline per slot, as u32 milliseconds that wrap (compared within 2^31 ms). A stored deadline is a lower
 * bound: moving it later is left to whoever pops it, which makes the common case (an acknowledgement postpones
 * everything) free.
 */
export class DeadlineHeap {
  readonly #heap: Int32Array;
  readonly #position: Int32Array;
  readonly #deadline: Uint32Array;
  #size = 0;

  /** @param slots the largest slot number plus one. */
  constructor(slots: number) {
    this.#heap = new Int32Array(slots);
    this.#position = new Int32Array(slots).fill(-1);
    this.#deadline = new Uint32Array(slots);
  }

  /** The earliest stored deadline; `undefined` when there is none. */
  get earliest(): number | undefined {
    return this.#size === 0 ? undefined : this.#deadline[this.#heap[0] ?? 0];
  }

  /** Wakes `slot` at `deadline` or earlier: an earlier stored deadline stays. */
  schedule(slot: number, deadline: number): void {
    const at = this.#position[slot] ?? -1;
    if (at < 0) {
      this.#deadline[slot] = deadline;
      this.#heap[this.#size] = slot;
      this.#position[slot] = this.#size;
      this.#up(this.#size++);
    } else if (((deadline - (this.#deadline[slot] ?? 0)) | 0) < 0) {
      this.#deadline[slot] = deadline;
      this.#up(at);
    }
  }

  /** Forgets the deadline of `slot`. */
  cancel(slot: number): void {
    const at = this.#position[slot] ?? -1;
    if (at >= 0) this.#removeAt(at);
  }

  /** Removes and returns a slot whose stored deadline is `now` or earlier; -1 when there is none. */
  popDue(now: number): number {
    if (this.#size === 0) return -1;
    const slot = this.#heap[0] ?? 0;
    if (((now - (this.#deadline[slot] ?? 0)) | 0) < 0) return -1;
    this.#removeAt(0);
    return slot;
  }

  #removeAt(at: number): void {
    this.#position[this.#heap[at] ?? 0] = -1;
    const last = this.#heap[--this.#size] ?? 0;
    if (at === this.#size) return;
    this.#heap[at] = last;
    this.#position[last] = at;
    this.#up(at);
    this.#down(this.#position[last] ?? 0);
  }

  #isEarlier(slotA: number, slotB: number): boolean {
    return (((this.#deadline[slotA] ?? 0) - (this.#deadline[slotB] ?? 0)) | 0) < 0;
  }

  #up(start: number): void {
    const heap = this.#heap;
    const slot = heap[start] ?? 0;
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] ?? 0;
      if (!this.#isEarlier(slot, above)) break;
      heap[at] = above;
      this.#position[above] = at;
      at = parent;
    }
    heap[at] = slot;
    this.#position[slot] = at;
  }

  #down(start: number): void {
    const heap = this.#heap;
    const slot = heap[start] ?? 0;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#isEarlier(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
      const below = heap[child] ?? 0;
      if (!this.#isEarlier(below, slot)) break;
      heap[at] = below;
      this.#position[below] = at;
      at = child;
    }
    heap[at] = slot;
    this.#position[slot] = at;
  }
}
