/** Virtual time: callbacks in the order of their times, run as fast as they can, jumping over the gaps. */
import type { Timer } from '../runtime/index.ts';

interface Entry {
  readonly atMs: number;
  /** Equal times run in the order in which they were asked for. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/** A clock that moves only when it is told to. */
export class VirtualClock {
  readonly #heap: Entry[] = [];
  readonly #describe: () => string;
  #time = 0;
  #order = 0;
  #isRunning = false;

  /** @param describe what to add to error messages, e.g. the seed. */
  constructor(describe: () => string = () => 'virtual clock') {
    this.#describe = describe;
  }

  /** Milliseconds since the start, with fractions; never goes back. */
  get time(): number {
    return this.#time;
  }

  /** Runs `callback` when the time is `atMs`; a time that has passed means now. */
  schedule(atMs: number, callback: () => void): Timer {
    if (Number.isNaN(atMs)) {
      throw new RangeError('"atMs" expected a number, got NaN');
    }
    const entry: Entry = { atMs: Math.max(atMs, this.#time), order: this.#order, callback };
    this.#order += 1;
    this.#push(entry);
    return {
      cancel: () => {
        entry.callback = undefined;
      },
    };
  }

  /**
   * Runs everything up to a time, in order. Without `isDone` the clock ends at `untilMs`.
   *
   * @param isDone asked before the first callback and after each; `true` stops there.
   * @returns whether `isDone` stopped it.
   * @throws Error when called from a callback, or when callbacks keep asking for the same instant. What a callback
   *   throws comes out as it is; the clock can go on afterwards.
   */
  run(untilMs: number, isDone: () => boolean = () => false): boolean {
    if (this.#isRunning) {
      throw new Error(`virtual time is already running (${this.#describe()})`);
    }
    this.#isRunning = true;
    try {
      return this.#run(untilMs, isDone);
    } finally {
      this.#isRunning = false;
    }
  }

  #run(untilMs: number, isDone: () => boolean): boolean {
    let atThisInstant = 0;
    while (!isDone()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) {
        this.#time = Math.max(this.#time, untilMs);
        return false;
      }
      this.#pop();
      atThisInstant = next.atMs > this.#time ? 0 : atThisInstant + 1;
      if (atThisInstant > MAX_PER_INSTANT) {
        throw new Error(
          `virtual time stands still: ${MAX_PER_INSTANT} callbacks at one instant (${this.#describe()})`,
        );
      }
      this.#time = next.atMs;
      next.callback?.();
    }
    return true;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) {
        return;
      }
      this.#swap(index, parent);
      index = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
      return;
    }
    heap[0] = last;
    for (let index = 0; ; ) {
      const left = index * 2 + 1;
      const child = left + 1 < heap.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (child >= heap.length || !this.#isBefore(child, index)) {
        return;
      }
      this.#swap(index, child);
      index = child;
    }
  }

  #isBefore(first: number, second: number): boolean {
    const a = this.#heap[first];
    const b = this.#heap[second];
    if (a === undefined || b === undefined) {
      return false;
    }
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  #swap(first: number, second: number): void {
    const a = this.#heap[first];
    const b = this.#heap[second];
    if (a !== undefined && b !== undefined) {
      this.#heap[first] = b;
      this.#heap[second] = a;
    }
  }
}

/** Beyond this, callbacks that re-arm themselves without delay are taken for a loop without end. */
const MAX_PER_INSTANT = 1_000_000;
