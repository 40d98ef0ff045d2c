/** How many bytes each peer may have relayed to others: one small packet to everybody becomes many. */

/** A bucket of bytes per peer, filled at a rate, and full with what comes in two seconds. */
export class RelayBudget {
  readonly #bytesPerSec: number;
  readonly #now: () => number;
  readonly #buckets = new Map<number, { bytes: number; sinceMs: number }>();

  /** @param bytesPerSec `Infinity` for no budget. */
  constructor(bytesPerSec: number, now: () => number) {
    this.#bytesPerSec = bytesPerSec;
    this.#now = now;
  }

  /** Takes bytes out of a peer's bucket. @returns whether they were in it; if not, nothing is taken. */
  take(peer: number, bytes: number): boolean {
    if (this.#bytesPerSec === Number.POSITIVE_INFINITY) return true;
    const now = this.#now();
    const full = BURST_SEC * this.#bytesPerSec;
    const bucket = this.#buckets.get(peer) ?? { bytes: full, sinceMs: now };
    // The clock may wrap at 2^32.
    const elapsed = Math.max(0, (now - bucket.sinceMs) | 0);
    bucket.bytes = Math.min(full, bucket.bytes + (elapsed * this.#bytesPerSec) / 1000);
    bucket.sinceMs = now;
    this.#buckets.set(peer, bucket);
    if (bytes > bucket.bytes) return false;
    bucket.bytes -= bytes;
    return true;
  }

  /** A peer is gone. */
  forgetPeer(peer: number): void {
    this.#buckets.delete(peer);
  }

  /** Everybody is gone. */
  clear(): void {
    this.#buckets.clear();
  }
}

const BURST_SEC = 2;
