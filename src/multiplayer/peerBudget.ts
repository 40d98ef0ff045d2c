/** How much each peer may make us do: what it has relayed to others, since one small packet becomes many; and its calls. */

/** A bucket per peer, filled at a rate, and full with what comes in two seconds. */
export class PeerBudget {
  readonly #perSec: number;
  readonly #now: () => number;
  readonly #buckets = new Map<number, { left: number; sinceMs: number }>();

  /** @param perSec `Infinity` for no budget. */
  constructor(perSec: number, now: () => number) {
    this.#perSec = perSec;
    this.#now = now;
  }

  /** Takes something out of a peer's bucket. @returns whether it was in it; if not, nothing is taken. */
  take(peer: number, amount: number): boolean {
    if (this.#perSec === Number.POSITIVE_INFINITY) return true;
    const now = this.#now();
    const full = BURST_SEC * this.#perSec;
    let bucket = this.#buckets.get(peer);
    if (bucket === undefined) {
      bucket = { left: full, sinceMs: now };
      this.#buckets.set(peer, bucket);
    }
    // The clock may wrap at 2^32.
    const elapsed = Math.max(0, (now - bucket.sinceMs) | 0);
    bucket.left = Math.min(full, bucket.left + (elapsed * this.#perSec) / 1000);
    bucket.sinceMs = now;
    if (amount > bucket.left) return false;
    bucket.left -= amount;
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
