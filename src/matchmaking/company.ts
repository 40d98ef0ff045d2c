/** Tickets that all accept each other. */
import type { Seeker } from './seeker.ts';

/** A set that grows by who accepts all in it and is accepted by all. What that takes is kept as bounds, so asking is cheap. */
export class Company {
  // What all accept, and where they are themselves.
  readonly #lows: Float64Array;
  readonly #highs: Float64Array;
  readonly #least: Float64Array;
  readonly #most: Float64Array;

  /** @param numbers how many the queue has. */
  constructor(numbers: number) {
    this.#lows = new Float64Array(numbers).fill(Number.NEGATIVE_INFINITY);
    this.#highs = new Float64Array(numbers).fill(Number.POSITIVE_INFINITY);
    this.#least = this.#highs.slice();
    this.#most = this.#lows.slice();
  }

  /** Takes somebody in; `false` when one of both sides does not accept the other. */
  join({ values, lows, highs }: Seeker): boolean {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!; // all of one queue: as many
      if (value < this.#lows[i]! || value > this.#highs[i]!) return false;
      if (this.#least[i]! < lows[i]! || this.#most[i]! > highs[i]!) return false;
    }
    for (let i = 0; i < values.length; i++) {
      this.#lows[i] = Math.max(this.#lows[i]!, lows[i]!);
      this.#highs[i] = Math.min(this.#highs[i]!, highs[i]!);
      this.#least[i] = Math.min(this.#least[i]!, values[i]!);
      this.#most[i] = Math.max(this.#most[i]!, values[i]!);
    }
    return true;
  }
}
