/** The tickets of a bucket, sorted by one number. */

import type { Span } from './bucket.ts';
import { acceptEachOther, byAge, type Seeker, type Waiting } from './seeker.ts';

/** Counts of the tickets before a place. */
export class SortedOrder {
  readonly #index: number;
  #members: Waiting[] = [];
  #values = new Float64Array(0);
  /** How many of those before a place have changed. */
  #changed = new Int32Array(1);
  /** For each size of party that there is: how many of those before a place have it. */
  #sizes: { readonly size: number; readonly before: Int32Array }[] = [];
  /** Where the next waiting one may be, in both directions: who was matched in this tick is passed over only once. */
  #right = new Int32Array(0);
  #left = new Int32Array(0);

  /** @param index of the number. */
  constructor(index: number) {
    this.#index = index;
  }

  /** @param counts which sizes of parties there are. */
  refresh(arrived: readonly Waiting[], counts: Int32Array): void {
    const index = this.#index;
    const inOrder = (a: Waiting, b: Waiting): number => a.values[index]! - b.values[index]! || byAge(a, b);
    const isThere = ({ isWaiting }: Waiting): boolean => isWaiting;
    const members = merge(this.#members.filter(isThere), arrived.filter(isThere).sort(inOrder), inOrder);
    const count = members.length;
    if (this.#values.length < count || this.#values.length > 4 * count + 64) {
      const room = count + (count >> 1);
      this.#values = new Float64Array(room);
      this.#changed = new Int32Array(room + 1);
      this.#right = new Int32Array(room);
      this.#left = new Int32Array(room);
    }
    for (const [i, member] of members.entries()) {
      this.#values[i] = member.values[index]!;
      this.#changed[i + 1] = this.#changed[i]! + (member.isChanged ? 1 : 0);
      this.#right[i] = i + 1;
      this.#left[i] = i - 1;
    }
    this.#members = members;
    this.#sizes = [];
    for (const [size, some] of counts.entries()) {
      if (some === 0) continue;
      const before = new Int32Array(count + 1);
      for (let i = 0; i < count; i++) before[i + 1] = before[i]! + (members[i]!.size === size ? 1 : 0);
      this.#sizes.push({ size, before });
    }
  }

  /** Where those are whose value somebody accepts. */
  span(seeker: Seeker): Span {
    const low = seeker.lows[this.#index]!;
    const high = seeker.highs[this.#index]!;
    return { order: this, from: this.#firstFrom(low, false), to: this.#firstFrom(high, true) };
  }

  /** Whether somebody there is new or has widened. */
  hasChanges({ from, to }: Span): boolean {
    return this.#changed[to]! > this.#changed[from]!;
  }

  /** How many of each size were there when the tick began; no fewer than are there now. */
  countSizes({ from, to }: Span, into: Int32Array): void {
    into.fill(0);
    for (const { size, before } of this.#sizes) into[size] = before[to]! - before[from]!;
  }

  /**
   * Those of a part who accept somebody and are accepted, the nearest first; of two that are as near the older one, of many with one
   * value the oldest.
   *
   * @param steps counts the looks.
   */
  *nearest({ from, to }: Span, seeker: Seeker, steps: { taken: number }): Generator<Waiting> {
    const own = seeker.values[this.#index]!;
    let right = this.#waitingFrom(Math.max(from, this.#firstFrom(own, false)), this.#right);
    let left = this.#waitingFrom(Math.min(to, this.#firstFrom(own, false)) - 1, this.#left);
    while (right < to || left >= from) {
      const above = right < to ? this.#values[right]! - own : Number.POSITIVE_INFINITY;
      const below = left >= from ? own - this.#values[left]! : Number.POSITIVE_INFINITY;
      const isRight =
        left < from ||
        (right < to &&
          (above < below || (above === below && byAge(this.#members[right]!, this.#members[left]!) < 0)));
      const found = this.#members[isRight ? right : left]!;
      if (isRight) right = this.#waitingFrom(right + 1, this.#right);
      else left = this.#waitingFrom(left - 1, this.#left);
      steps.taken++;
      if (found !== seeker && acceptEachOther(seeker, found)) yield found;
    }
  }

  /** The first place whose value is at least (`isAbove`: above) a bound. */
  #firstFrom(bound: number, isAbove: boolean): number {
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const value = this.#values[middle]!;
      if (value < bound || (isAbove && value === bound)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first place from one on, in a direction, whose ticket still waits. Shortens the way for who comes next. */
  #waitingFrom(start: number, next: Int32Array): number {
    const count = this.#members.length;
    let place = start;
    while (place >= 0 && place < count && !this.#members[place]!.isWaiting) place = next[place]!;
    for (let at = start; at !== place; ) {
      const then = next[at]!;
      next[at] = place;
      at = then;
    }
    return place;
  }
}

function merge(
  a: readonly Waiting[],
  b: readonly Waiting[],
  inOrder: (a: Waiting, b: Waiting) => number,
): Waiting[] {
  const all: Waiting[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const isFirst = j >= b.length || (i < a.length && inOrder(a[i]!, b[j]!) <= 0);
    all.push(isFirst ? a[i++]! : b[j++]!);
  }
  return all;
}
