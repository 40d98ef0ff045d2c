/** How much each peer may make us do: what it has relayed to others, since one small packet becomes many; and its calls. */
import { type Rate, TokenBucket } from '../godot/internal.ts';

/** A bucket per peer, filled at a rate, and full with what comes in two seconds. */
export class PeerBudget {
  /** `undefined` for no budget. */
  readonly #rate: Rate | undefined;
  readonly #now: () => number;
  readonly #buckets = new Map<number, TokenBucket>();

  /** @param perSec `Infinity` for no budget. */
  constructor(perSec: number, now: () => number) {
    this.#rate = perSec === Number.POSITIVE_INFINITY ? undefined : { perSec, burst: BURST_SEC * perSec };
    this.#now = now;
  }

  /** Takes something out of a peer's bucket. @returns whether it was in it; if not, nothing is taken. */
  take(peer: number, amount: number): boolean {
    if (this.#rate === undefined) return true;
    const now = this.#now();
    let bucket = this.#buckets.get(peer);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate, now);
      this.#buckets.set(peer, bucket);
    }
    return bucket.take(now, amount);
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
