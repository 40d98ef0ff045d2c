/** How long tickets that were matched lately had waited. */

/** A window of the last waits, and their median. */
export class RecentWaits {
  readonly #waits: number[];
  #median: number | undefined;

  /** @param waits of before, the oldest first. */
  constructor(waits: readonly number[] = []) {
    this.#waits = waits.slice(-MOST);
  }

  /** One more; the oldest is forgotten when there are too many. */
  add(waitedMs: number): void {
    this.#waits.push(waitedMs);
    if (this.#waits.length > MOST) this.#waits.shift();
    this.#median = undefined;
  }

  /** The lower median, `undefined` before the first. */
  get medianMs(): number | undefined {
    this.#median ??= this.#waits.toSorted((a, b) => a - b)[(this.#waits.length - 1) >> 1];
    return this.#median;
  }

  /** All that are remembered, the oldest first; a copy. */
  toJSON(): number[] {
    return [...this.#waits];
  }
}

const MOST = 64;
