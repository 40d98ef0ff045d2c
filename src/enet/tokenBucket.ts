/**
 * Rates without a clock: a bucket of tokens that refills as time is told to it. Time is a parameter everywhere: host
 * time in ms, a u32 that wraps.
 */

/** How fast a bucket fills and how much it holds. */
export interface Rate {
  /** Tokens per second. 0: there is no limit at all. */
  readonly perSec: number;
  /** The most tokens that can be saved up; more than that at once is always refused. */
  readonly burst: number;
}

/** Tokens that come back with time. A new bucket is full. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #time: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#time = now;
  }

  /** Takes `cost` tokens if they are there; else takes nothing and returns `false`. */
  take(now: number, cost: number): boolean {
    if (this.#rate.perSec === 0) return true;
    this.#refill(now);
    if (cost > this.#tokens) return false;
    this.#tokens -= cost;
    return true;
  }

  /** Whether {@link TokenBucket.take} would succeed. */
  has(now: number, cost: number): boolean {
    if (this.#rate.perSec === 0) return true;
    this.#refill(now);
    return cost <= this.#tokens;
  }

  /** Whether the bucket is as full as a new one, so that nobody would miss it. */
  isFull(now: number): boolean {
    this.#refill(now);
    return this.#tokens >= this.#rate.burst;
  }

  #refill(now: number): void {
    const elapsedMs = (now - this.#time) >>> 0;
    // A clock that steps back looks like 49 days ahead; nothing is gained by it.
    if (elapsedMs > MAX_ELAPSED_MS) {
      this.#time = now;
      return;
    }
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + (elapsedMs * this.#rate.perSec) / 1000);
    this.#time = now;
  }
}

/**
 * One bucket per key, in bounded memory. When there are too many keys, full buckets go first, then the one that was
 * used the longest ago: a flood from ever new addresses can make the limiter forget, but never grow.
 */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #maxKeys: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate, maxKeys: number) {
    this.#rate = rate;
    this.#maxKeys = maxKeys;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** As {@link TokenBucket.take}, for the bucket of `key`. */
  take(key: string, now: number, cost: number): boolean {
    if (this.#rate.perSec === 0) return true;
    const known = this.#buckets.get(key);
    const bucket = known ?? new TokenBucket(this.#rate, now);
    // Last used, last in the order of the map.
    if (known !== undefined) this.#buckets.delete(key);
    else this.#makeRoom(now);
    this.#buckets.set(key, bucket);
    return bucket.take(now, cost);
  }

  /** Forgets everything. */
  clear(): void {
    this.#buckets.clear();
  }

  #makeRoom(now: number): void {
    let looked = 0;
    for (const [key, bucket] of this.#buckets) {
      const isTooMany = this.#buckets.size >= this.#maxKeys;
      if (!isTooMany && !bucket.isFull(now)) return;
      this.#buckets.delete(key);
      // A few at a time, so that no call is slow and the map empties itself as new keys come.
      if (++looked >= CLEANING_STEPS) return;
    }
  }
}

const MAX_ELAPSED_MS = 0x7fff_ffff;
const CLEANING_STEPS = 4;
