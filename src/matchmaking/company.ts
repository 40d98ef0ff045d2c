/** Tickets that all accept each other. */
import type { Seeker } from './seeker.ts';

/** A set that grows by who accepts all in it and is accepted by all. What that takes is kept as bounds, so asking is cheap. */
export class Company {
  // What all accept, and where they are themselves.
  readonly #lows: number[] = [];
  readonly #highs: number[] = [];
  readonly #least: number[] = [];
  readonly #most: number[] = [];

  #size = 0;

  /** Takes somebody in; `false` when one of both sides does not accept the other. */
  join({ values, seenLows: lows, seenHighs: highs }: Seeker): boolean {
    const isFirst = this.#size === 0;
    for (let i = 0; i < values.length && !isFirst; i++) {
      const value = values[i]!; // all of one queue: as many
      if (value < this.#lows[i]! || value > this.#highs[i]!) return false;
      if (this.#least[i]! < lows[i]! || this.#most[i]! > highs[i]!) return false;
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      this.#lows[i] = isFirst ? lows[i]! : Math.max(this.#lows[i]!, lows[i]!);
      this.#highs[i] = isFirst ? highs[i]! : Math.min(this.#highs[i]!, highs[i]!);
      this.#least[i] = isFirst ? value : Math.min(this.#least[i]!, value);
      this.#most[i] = isFirst ? value : Math.max(this.#most[i]!, value);
    }
    this.#size++;
    return true;
  }
}
