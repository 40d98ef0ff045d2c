/** The tickets of a bucket, sorted by one number. */
import { acceptEachOther, byAge, type Seeker, type Waiting } from './seeker.ts';

/** What a search may cost. */
export interface Steps {
  /** Looks at tickets so far, of the whole tick. */
  taken: number;
  /** Where the search that runs ends. */
  limit: number;
}

/** A part of an order: whose value there is in the range of somebody. */
export interface Span {
  readonly order: SortedOrder;
  /** The first. */
  readonly from: number;
  /** Behind the last. */
  readonly to: number;
}

/** Tickets by one number, with sums of what is before each place, so that a part is judged without a look at its tickets. */
export class SortedOrder {
  readonly #index: number;
  #members: Waiting[] = [];
  #arrived: Waiting[] = [];
  #isStale = true;
  // What is asked of most tickets, side by side: their values, and what they accept.
  #values = new Float64Array(0);
  #lows = new Float64Array(0);
  #highs = new Float64Array(0);
  /** How many of those before a place have changed. */
  #changed = new Int32Array(1);
  /** How many players are before a place. */
  #players = new Int32Array(1);
  /** For each size of party that there is: how many of those before a place have it. Empty until somebody asks. */
  #sizes: (Int32Array | undefined)[] = [];
  /** Where the next waiting one may be, in both directions: who was matched in this tick is passed over only once. */
  #right = new Int32Array(0);
  #left = new Int32Array(0);

  /** @param index of the number. */
  constructor(index: number) {
    this.#index = index;
  }

  /** A ticket comes. */
  add(waiting: Waiting): void {
    this.#arrived.push(waiting);
    this.#isStale = true;
  }

  /** Something has gone or changed: all is counted again when it is asked for next. */
  outdate(): void {
    this.#isStale = true;
  }

  /** Where those are whose value somebody accepts. */
  span(seeker: Seeker): Span {
    if (this.#isStale) this.#refresh();
    const low = seeker.lows[this.#index]!;
    const high = seeker.highs[this.#index]!;
    return { order: this, from: this.#firstFrom(low, false), to: this.#firstFrom(high, true) };
  }

  /**
   * Calls those of whom a match may have become possible: somebody in their range is new or has widened, and there are players enough.
   *
   * @param caller goes to their `calledBy`.
   */
  call(caller: number): void {
    if (this.#isStale) this.#refresh();
    for (let i = 0; i < this.#members.length; i++) {
      const from = this.#firstFrom(this.#lows[i]!, false);
      const to = this.#firstFrom(this.#highs[i]!, true);
      if (this.#changed[to] === this.#changed[from]) continue;
      const member = this.#members[i]!;
      if (this.#players[to]! - this.#players[from]! >= member.leastPlayers) member.calledBy.push(caller);
    }
  }

  /** Whether somebody there is new or has widened. */
  hasChanges({ from, to }: Span): boolean {
    return this.#changed[to]! > this.#changed[from]!;
  }

  /** How many players were there when the tick began; no fewer than are there now. */
  players({ from, to }: Span): number {
    return this.#players[to]! - this.#players[from]!;
  }

  /**
   * How many parties of each size were there when the tick began; no fewer than are there now.
   *
   * @param into takes them; it reaches to the largest size that there is.
   */
  countSizes({ from, to }: Span, into: Int32Array): void {
    if (this.#sizes.length === 0) this.#sizes = countBefore(this.#members);
    for (let size = 0; size < into.length; size++) {
      const before = this.#sizes[size];
      into[size] = before === undefined ? 0 : before[to]! - before[from]!;
    }
  }

  /**
   * Those of a part who accept somebody and are accepted, the nearest first; of two that are as near the older one, of many with one
   * value the oldest.
   *
   * @param steps counts the looks; beyond its limit nobody comes any more.
   * @returns who comes next each time it is called, `undefined` at the end.
   */
  nearest({ from, to }: Span, seeker: Seeker, steps: Steps): () => Waiting | undefined {
    const members = this.#members;
    const values = this.#values;
    const lows = this.#lows;
    const highs = this.#highs;
    const own = seeker.values[this.#index]!;
    const { isByOldest } = seeker.rules;
    seeker.seeFor(seeker);
    const middle = this.#firstFrom(own, false);
    let right = this.#waitingFrom(Math.max(from, middle), this.#right);
    let left = this.#waitingFrom(Math.min(to, middle) - 1, this.#left);
    return () => {
      while ((right < to || left >= from) && steps.taken <= steps.limit) {
        let isRight = right < to;
        if (isRight && left >= from) {
          const more = values[right]! - own - (own - values[left]!);
          isRight = more < 0 || (more === 0 && byAge(members[right]!, members[left]!) < 0);
        }
        const place = isRight ? right : left;
        if (isRight) right = this.#waitingFrom(right + 1, this.#right);
        else left = this.#waitingFrom(left - 1, this.#left);
        steps.taken++;
        if (!isByOldest && (own < lows[place]! || own > highs[place]!)) continue;
        const found = members[place]!;
        if (isByOldest) found.seeFor(seeker);
        if (found !== seeker && acceptEachOther(seeker, found)) return found;
      }
      return undefined;
    };
  }

  /** Sorts in who came, drops who went, and counts. */
  #refresh(): void {
    const index = this.#index;
    const members = this.#sorted();
    const count = members.length;
    if (this.#values.length < count || this.#values.length > 4 * count + 64) {
      const room = count + (count >> 1);
      this.#values = new Float64Array(room);
      this.#lows = new Float64Array(room);
      this.#highs = new Float64Array(room);
      this.#changed = new Int32Array(room + 1);
      this.#players = new Int32Array(room + 1);
      this.#right = new Int32Array(room);
      this.#left = new Int32Array(room);
    }
    let [changed, players] = [0, 0];
    for (let i = 0; i < count; i++) {
      const member = members[i]!;
      this.#values[i] = member.values[index]!;
      this.#lows[i] = member.lows[index]!;
      this.#highs[i] = member.highs[index]!;
      if (member.isChanged) changed++;
      players += member.size;
      this.#changed[i + 1] = changed;
      this.#players[i + 1] = players;
      this.#right[i] = i + 1;
      this.#left[i] = i - 1;
    }
    this.#members = members;
    this.#sizes = [];
    this.#isStale = false;
  }

  /** Who waits, in order. */
  #sorted(): Waiting[] {
    const index = this.#index;
    const inOrder = (a: Waiting, b: Waiting): number => a.values[index]! - b.values[index]! || byAge(a, b);
    const before = this.#members;
    const arrived = this.#arrived.filter(isWaiting).sort(inOrder);
    this.#arrived = [];
    const members: Waiting[] = [];
    let i = 0;
    for (const one of arrived) {
      for (; i < before.length && inOrder(before[i]!, one) < 0; i++)
        if (before[i]!.isWaiting) members.push(before[i]!);
      members.push(one);
    }
    for (; i < before.length; i++) if (before[i]!.isWaiting) members.push(before[i]!);
    return members;
  }

  /** The first place whose value is at least (`isAbove`: above) a bound. */
  #firstFrom(bound: number, isAbove: boolean): number {
    const values = this.#values;
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const value = values[middle]!;
      if (value < bound || (isAbove && value === bound)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first place from one on, in a direction, whose ticket still waits. Shortens the way for who comes next. */
  #waitingFrom(start: number, next: Int32Array): number {
    const members = this.#members;
    let place = start;
    while (place >= 0 && place < members.length && !members[place]!.isWaiting) place = next[place]!;
    for (let at = start; at !== place; ) {
      const then = next[at]!;
      next[at] = place;
      at = then;
    }
    return place;
  }
}

/** For each size how many of those before each place have it. */
function countBefore(members: readonly Waiting[]): (Int32Array | undefined)[] {
  const sizes: (Int32Array | undefined)[] = [undefined];
  for (const { size } of members) sizes[size] ??= new Int32Array(members.length + 1);
  for (let size = 1; size < sizes.length; size++) {
    const before = sizes[size];
    if (before === undefined) continue;
    for (let i = 0; i < members.length; i++) before[i + 1] = before[i]! + (members[i]!.size === size ? 1 : 0);
  }
  return sizes;
}

function isWaiting(waiting: Waiting): boolean {
  return waiting.isWaiting;
}
