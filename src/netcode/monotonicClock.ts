/** A clock that neither wraps nor steps back, from one that does. */

/** Milliseconds since it was made. */
export class MonotonicClock {
  readonly #now: () => number;
  #last: number;
  #elapsedMs = 0;

  /** @param now milliseconds that may wrap at 2^32. */
  constructor(now: () => number) {
    this.#now = now;
    this.#last = now() >>> 0;
  }

  /** Milliseconds since then. */
  now(): number {
    const now = this.#now() >>> 0;
    const passed = (now - this.#last) >>> 0;
    this.#last = now;
    // A clock that steps back looks like weeks ahead.
    if (passed < STEP_BACK_MS) this.#elapsedMs += passed;
    return this.#elapsedMs;
  }
}

const STEP_BACK_MS = 2 ** 31;
