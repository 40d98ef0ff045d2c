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
  /** Which data of the engine it is in: another one after the engine was started anew. For engines. */
  dataId: string;
  readonly #now: () => number;
  #untilMs = Number.NEGATIVE_INFINITY;
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
    this.dataId = dataId;
    this.#now = now;
  }

  /** Whether it holds for certain, by this process's own clock: nobody else can have the key now. */
  get isHeld(): boolean {
    if (this.#isOver) return false;
    return this.under === undefined ? this.#now() < this.#untilMs : this.under.isHeld;
  }

  /** Whether it is known to have been given up, or to be somebody else's: it will not hold again. */
  get isOver(): boolean {
    return this.#isOver || this.under?.isOver === true;
  }

  /** Until when it holds for certain, by the clock of the bus; in the past when it does not. */
  get heldUntilMs(): number {
    return this.under === undefined ? this.#untilMs : this.under.heldUntilMs;
  }

  /** @internal A root was renewed. @param sentMs when that was asked. */
  extend(sentMs: number, leaseMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, sentMs + leaseMs * SURE);
  }

  /** @internal It is over. */
  end(): void {
    this.#isOver = true;
  }
}

/** How much of a lease its holder is sure of: clocks of machines do not run alike. */
const SURE = 0.9;
