/** The clock of a runtime, without its wrap. */

/** Milliseconds since it was made. Asked at least once in 49 days. */
export class Elapsed {
  readonly #now: () => number;
  #last: number;
  #total = 0;

  /** @param now the clock: milliseconds as u32 that wrap, monotonic. */
  constructor(now: () => number) {
    this.#now = now;
    this.#last = now();
  }

  /** Now. */
  readonly now = (): number => {
    const now = this.#now();
    this.#total += (now - this.#last) >>> 0;
    this.#last = now;
    return this.#total;
  };
}
