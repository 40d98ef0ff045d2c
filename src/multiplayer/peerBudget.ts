/** How much each peer may make us do: what it has relayed to others, since one small packet becomes many; and its calls. */
import { type Rate, TokenBucket } from '../godot/internal.ts';
import { SERVER } from './outgoing.ts';

/** A bucket per peer, filled at a rate, and full with what comes in two seconds. */
export class PeerBudget {
  /** `undefined` for no budget. */
  readonly #rate: Rate | undefined;
  readonly #now: () => number;
  readonly #isKnown: (peer: number) => boolean;
  readonly #buckets = new Map<number, TokenBucket>();

  /**
   * @param perSec `Infinity` for no budget.
   * @param isKnown whether a peer is admitted. Ids that only a server makes up, as the senders of what it relays, are on its account.
   */
  constructor(perSec: number, now: () => number, isKnown: (peer: number) => boolean) {
    this.#rate = perSec === Number.POSITIVE_INFINITY ? undefined : { perSec, burst: BURST_SEC * perSec };
    this.#now = now;
    this.#isKnown = isKnown;
  }

  /** Takes something out of a peer's bucket. @returns whether it was in it; if not, nothing is taken. */
  take(peer: number, amount: number): boolean {
    if (this.#rate === undefined) return true;
    const now = this.#now();
    const account = this.#isKnown(peer) ? peer : SERVER;
    let bucket = this.#buckets.get(account);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate, now);
      this.#buckets.set(account, bucket);
    }
    return bucket.take(now, amount);
  }

  /** A peer goes elsewhere. @returns its bucket; `undefined` when it has taken nothing. */
  release(peer: number): TokenBucket | undefined {
    const bucket = this.#buckets.get(peer);
    this.#buckets.delete(peer);
    return bucket;
  }

  /** A peer comes with the bucket that it had elsewhere. */
  arrive(peer: number, bucket: TokenBucket | undefined): void {
    if (bucket !== undefined) this.#buckets.set(peer, bucket);
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
