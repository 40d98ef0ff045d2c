/** How long the latest ticks took. */

/** Of the latest 128 ticks, in ms; 0 before the first. */
export interface TickDurations {
  /** Half of them took at most so long. */
  readonly p50Ms: number;
  /** 99 of 100 took at most so long. */
  readonly p99Ms: number;
  /** The longest of them. */
  readonly maxMs: number;
}

/** Measures ticks. */
export class TickTimes {
  readonly #took = new Float32Array(REMEMBERED);
  #count = 0;

  /** Runs a tick, and notes how long it took. */
  run(tick: () => void): void {
    const before = performance.now();
    try {
      tick();
    } finally {
      this.#took[this.#count++ % REMEMBERED] = performance.now() - before;
    }
  }

  /** Those of the latest ticks. */
  durations(): TickDurations {
    const sorted = this.#took.slice(0, Math.min(this.#count, REMEMBERED)).sort();
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}

const REMEMBERED = 128;
