/** What all who look for players in a queue have and accept, side by side in memory. */
import type { QueueRules } from './queueOptions.ts';

/**
 * A row of numbers for each who looks for players in a queue: comparing many of them reads memory and follows no references. Ranges are
 * kept as bounds, so that all comparisons are exact.
 */
export class RangeTable {
  /** How many numbers a row has. In a queue without any it has one that everybody accepts. */
  readonly width: number;
  /** The values themselves; number `i` of a row is at `row * width + i`, here as in what follows. */
  values: Float64Array = new Float64Array(0);
  /** The lowest values accepted by the own range. */
  lows: Float64Array = new Float64Array(0);
  /** The highest ones. */
  highs: Float64Array = new Float64Array(0);
  /** The lowest values accepted in the search that runs: the same, or those by the range of who searches. */
  seenLows: Float64Array = new Float64Array(0);
  /** The highest ones. */
  seenHighs: Float64Array = new Float64Array(0);
  /** Ranges by waiting time alone, without the bounds that a ticket has itself. */
  ranges: Float64Array = new Float64Array(0);
  /** The bounds that a ticket has itself, `Infinity` for none. */
  maxRanges: Float64Array = new Float64Array(0);
  /** How many players come with a row: 0 for a room, and for who waits no more. */
  sizes: Uint8Array = new Uint8Array(0);
  /** For a ticket the players of the smallest match that it takes now. */
  leastPlayers: Uint16Array = new Uint16Array(0);
  /** 1 for a ticket that is new, or of which something has widened since the last tick: what was impossible with it may be possible. */
  changed: Uint8Array = new Uint8Array(0);
  /** Whether the range of who has waited longest counts for all. */
  readonly isByOldest: boolean;
  readonly #free: number[] = [];
  #used = 0;

  constructor({ numbers, isByOldest }: QueueRules) {
    this.width = Math.max(1, numbers.length);
    this.isByOldest = isByOldest;
  }

  /** A row for somebody who comes. */
  take(values: readonly number[], maxRanges: readonly number[], size: number): number {
    if (this.#free.length === 0 && this.#used === this.sizes.length) this.#grow();
    const row = this.#free.pop() ?? this.#used++;
    this.sizes[row] = size;
    for (let i = 0; i < this.width; i++) {
      const at = row * this.width + i;
      this.values[at] = values[i] ?? 0;
      this.maxRanges[at] = maxRanges[i] ?? Number.POSITIVE_INFINITY;
      this.setRange(row, i, Number.POSITIVE_INFINITY);
    }
    return row;
  }

  /** A row that is free for others, from the next who comes on. */
  give(row: number): void {
    this.changed[row] = 0;
    this.sizes[row] = 0;
    this.#free.push(row);
  }

  /** How far somebody looks by its waiting time. */
  setRange(row: number, index: number, range: number): void {
    const at = row * this.width + index;
    this.ranges[at] = range;
    const value = this.values[at]!; // in the table, as in what follows
    const own = Math.min(range, this.maxRanges[at]!);
    this.lows[at] = value - own;
    this.highs[at] = value + own;
  }

  /** With `rangeOf: 'oldest'`: what somebody accepts in the search of another, by the range of who searches. */
  see(row: number, searching: number): void {
    if (!this.isByOldest) return;
    for (let i = 0; i < this.width; i++) {
      const at = row * this.width + i;
      const range = Math.min(this.ranges[searching * this.width + i]!, this.maxRanges[at]!);
      this.seenLows[at] = this.values[at]! - range;
      this.seenHighs[at] = this.values[at]! + range;
    }
  }

  /** Whether each accepts the other's numbers, in the search that runs. */
  acceptEachOther(one: number, other: number): boolean {
    const { width, values, seenLows, seenHighs } = this;
    let a = one * width;
    let b = other * width;
    for (const end = a + width; a < end; a++, b++) {
      const mine = values[a]!;
      const theirs = values[b]!;
      if (theirs < seenLows[a]! || theirs > seenHighs[a]!) return false;
      if (mine < seenLows[b]! || mine > seenHighs[b]!) return false;
    }
    return true;
  }

  /** Whether somebody accepts the other's numbers by its own range. */
  accepts(one: number, other: number): boolean {
    const { width, values, lows, highs } = this;
    let a = one * width;
    let b = other * width;
    for (const end = a + width; a < end; a++, b++) {
      const theirs = values[b]!;
      if (theirs < lows[a]! || theirs > highs[a]!) return false;
    }
    return true;
  }

  #grow(): void {
    const rows = Math.max(64, 2 * this.sizes.length);
    const longer = (from: Float64Array): Float64Array => {
      const to = new Float64Array(rows * this.width);
      to.set(from);
      return to;
    };
    this.values = longer(this.values);
    this.lows = longer(this.lows);
    this.highs = longer(this.highs);
    this.seenLows = this.isByOldest ? longer(this.seenLows) : this.lows;
    this.seenHighs = this.isByOldest ? longer(this.seenHighs) : this.highs;
    this.ranges = longer(this.ranges);
    this.maxRanges = longer(this.maxRanges);
    const { sizes, leastPlayers, changed } = this;
    this.sizes = new Uint8Array(rows);
    this.sizes.set(sizes);
    this.leastPlayers = new Uint16Array(rows);
    this.leastPlayers.set(leastPlayers);
    this.changed = new Uint8Array(rows);
    this.changed.set(changed);
  }
}
