/** Times in buckets: any number of them in memory that never grows, each percentile within 1 % of the exact one. */

/** What is told of many times, in milliseconds. */
export interface TimeSummary {
  /** How many there are, 1 or more. */
  readonly count: number;
  /** The shortest, exact. */
  readonly min: number;
  /** The mean, exact. */
  readonly mean: number;
  /** Half of them took no longer. */
  readonly p50: number;
  /** 95 of 100 took no longer. */
  readonly p95: number;
  /** 99 of 100 took no longer. */
  readonly p99: number;
  /** The longest, exact. */
  readonly max: number;
}

/**
 * Counts times by buckets of microseconds. Below 256 µs each has its own; above, a bucket is less than a hundredth as wide as what is
 * in it. 27 kB each.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** How many times were added. */
  get count(): number {
    return this.#count;
  }

  /** Adds a time in milliseconds. What is negative counts as 0, what is above 71 minutes lies in the last bucket. */
  add(ms: number): void {
    const time = Math.max(0, ms);
    const bucket = bucketOf(time);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#sum += time;
    this.#min = Math.min(this.#min, time);
    this.#max = Math.max(this.#max, time);
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
  }

  /**
   * The time that `percent` of all do not exceed, by the nearest rank.
   *
   * @param percent above 0, at most 100.
   * @returns milliseconds; `undefined` without any time.
   */
  percentile(percent: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.min(this.#count, Math.max(1, Math.ceil((percent / 100) * this.#count)));
    // The ends are known exactly.
    if (rank === this.#count) return this.#max;
    let below = 0;
    let bucket = -1;
    while (below < rank) below += this.#counts[++bucket] ?? 0;
    return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)));
  }

  /** All that is told of them; `undefined` without any time. */
  summary(): TimeSummary | undefined {
    if (this.#count === 0) return undefined;
    const at = (percent: number): number => this.percentile(percent) ?? 0;
    return {
      count: this.#count,
      min: this.#min,
      mean: this.#sum / this.#count,
      p50: at(50),
      p95: at(95),
      p99: at(99),
      max: this.#max,
    };
  }
}

function bucketOf(ms: number): number {
  const micros = Math.min(MAX_MICROS, Math.round(ms * 1000));
  if (micros < 2 * PARTS) return micros;
  const shift = 31 - Math.clz32(micros) - PART_BITS;
  return 2 * PARTS + (shift - 1) * PARTS + ((micros >>> shift) - PARTS);
}

/** The middle of a bucket, in milliseconds. */
function middleOf(bucket: number): number {
  if (bucket < 2 * PARTS) return bucket / 1000;
  const shift = Math.floor(bucket / PARTS) - 1;
  const first = (PARTS + (bucket % PARTS)) * 2 ** shift;
  return (first + (2 ** shift - 1) / 2) / 1000;
}

/** Buckets in which the times between one power of two and the next lie. */
const PARTS = 128;
const PART_BITS = 7;
const MAX_MICROS = 0xffff_ffff;
const BUCKETS = 2 * PARTS + (31 - PART_BITS) * PARTS;
