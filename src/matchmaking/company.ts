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

  /** Nobody is in it any more. */
  clear(): void {
    this.#size = 0;
  }

  /** Takes somebody in; `false` when one of both sides does not accept the other. */
  join({ row, table: { width, values, seenLows, seenHighs } }: Seeker): boolean {
    const isFirst = this.#size === 0;
    const start = row * width;
    for (let i = 0; i < width && !isFirst; i++) {
      const value = values[start + i]!; // all of one table
      if (value < this.#lows[i]! || value > this.#highs[i]!) return false;
      if (this.#least[i]! < seenLows[start + i]! || this.#most[i]! > seenHighs[start + i]!) return false;
    }
    for (let i = 0; i < width; i++) {
      const value = values[start + i]!;
      const low = seenLows[start + i]!;
      const high = seenHighs[start + i]!;
      this.#lows[i] = isFirst ? low : Math.max(this.#lows[i]!, low);
      this.#highs[i] = isFirst ? high : Math.min(this.#highs[i]!, high);
      this.#least[i] = isFirst ? value : Math.min(this.#least[i]!, value);
      this.#most[i] = isFirst ? value : Math.max(this.#most[i]!, value);
    }
    this.#size++;
    return true;
  }
}
