/** A key that this node holds, and for how long it may be sure of it. */

/** A claim of a key. Made by a `ClusterBus`. */
export class Lease {
  /** The key. */
  readonly key: string;
  /** Which claim of the key it is; larger than all before. */
  readonly epoch: number;
  /** The root that it lives and ends with; `undefined` for a root. */
  readonly under: Lease | undefined;
  /** What was said of the key last. */
  value: string;
  readonly #now: () => number;
  /** Which data of the engine it is in: another one after the engine was started anew. */
  #dataId: string;
  #untilMs = Number.NEGATIVE_INFINITY;
  /** Until when it holds once what is under it is put back. */
  #laterMs = Number.NEGATIVE_INFINITY;
  #isMissed = false;
  #isInDoubt = false;
  #isOver = false;

  /**
   * @internal Leases are made by engines.
   * @param now a monotonic clock in milliseconds that does not wrap.
   */
  constructor(
    key: string,
    value: string,
    epoch: number,
    under: Lease | undefined,
    dataId: string,
    now: () => number,
  ) {
    this.key = key;
    this.value = value;
    this.epoch = epoch;
    this.under = under;
    this.#dataId = dataId;
    this.#now = now;
  }

  /** Which data of the engine it was seen in last. For engines: a root that is missing in other data was not ended by anybody. */
  get dataId(): string {
    return this.#dataId;
  }

  /** Whether it holds for certain, by this process's own clock: nobody else can have the key now. */
  get isHeld(): boolean {
    if (this.#isOver) return false;
    if (this.under !== undefined) return this.under.isHeld;
    return !this.#isInDoubt && this.#now() < this.#untilMs;
  }

  /** Whether it is known to have been given up, or to be somebody else's: it will not hold again. */
  get isOver(): boolean {
    return this.#isOver || this.under?.isOver === true;
  }

  /** For how long it holds for certain when nobody renews it, in milliseconds; 0 when it does not. */
  get heldForMs(): number {
    if (!this.isHeld) return 0;
    return this.under === undefined ? this.#untilMs - this.#now() : this.under.heldForMs;
  }

  /**
   * @internal A root was claimed or renewed.
   *
   * A root that had run out when the engine was started anew is in doubt: somebody may have taken what was under it, and the engine may
   * have forgotten that. It does not hold until its holder has looked ({@link Lease.restored}) after everybody has put back what they held.
   *
   * @param sentMs when that was asked. @param dataId which data of the engine it is in.
   */
  renewed(sentMs: number, leaseMs: number, dataId: string): 'held' | 'restored' {
    const isOther = dataId !== this.#dataId;
    if (isOther && !this.isHeld) this.#isInDoubt = true;
    if (isOther) this.#isMissed = true;
    this.#dataId = dataId;
    this.#laterMs = Math.max(this.#laterMs, sentMs + leaseMs * SURE);
    if (!this.#isMissed) this.#untilMs = this.#laterMs;
    return this.#isMissed || this.#isInDoubt ? 'restored' : 'held';
  }

  /** @internal Its holder has put back what is under it. @param isWarming whether others still may put back what they held. */
  restored(isWarming: boolean): void {
    this.#isMissed = false;
    this.#untilMs = this.#laterMs;
    if (!isWarming) this.#isInDoubt = false;
  }

  /** @internal It is over. */
  end(): void {
    this.#isOver = true;
  }
}

/** How much of a lease its holder is sure of: clocks of machines do not run alike. */
const SURE = 0.9;
