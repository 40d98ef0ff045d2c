/** When each of the last ticks was told. */

/** The times of the newest ticks, in a ring. */
export class TickTimes {
  readonly #times: Float64Array;
  #newest = -1;

  /** @param size how many ticks are remembered. */
  constructor(size: number) {
    this.#times = new Float64Array(size);
  }

  /** A tick was told: one more than the last. */
  add(tick: number, timeMs: number): void {
    this.#newest = tick;
    this.#times[tick % this.#times.length] = timeMs;
  }

  /** When the newest tick was told; 0 before the first. */
  get newestMs(): number {
    return this.#newest < 0 ? 0 : (this.#times[this.#newest % this.#times.length] ?? 0);
  }

  /** The newest tick that had been told by a time; the oldest one known for times before it, -1 when none was ever told. */
  at(timeMs: number): number {
    const { length } = this.#times;
    const oldest = Math.max(0, this.#newest - length + 1);
    let tick = this.#newest;
    while (tick > oldest && (this.#times[tick % length] ?? 0) > timeMs) tick--;
    return tick;
  }
}
