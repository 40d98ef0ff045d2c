/** The tickets of a bucket, sorted by one number. */
import { keep } from './ageOrder.ts';
import type { Calls } from './calls.ts';
import type { RangeTable } from './rangeTable.ts';
import { byAge, type Seeker, type Waiting } from './seeker.ts';

/** What a search may cost. */
export interface Steps {
  /** Looks at tickets so far, of the whole tick. */
  taken: number;
  /** Where the search that runs ends. */
  limit: number;
  /** Where this part of the tick ends: what would begin then is put off. */
  end: number;
}

/** A part of an order: whose value there is in the range of somebody. */
export interface Span {
  readonly order: SortedOrder;
  /** The first. */
  readonly from: number;
  /** Behind the last. */
  readonly to: number;
}

/**
 * Tickets by one number, with sums of what is before each place, so that a part is judged without a look at its tickets. Who comes is sorted
 * in some at a time; who goes is passed over, and left out at the next sorting.
 */
export class SortedOrder {
  readonly #index: number;
  readonly #table: RangeTable;
  readonly #members: Waiting[] = [];
  readonly #arrived: Waiting[] = [];
  /** How many of the members wait no more. */
  #gone = 0;
  #isPlaced = true;
  #isCounted = false;
  /** Of each member its row in the table, and its value. */
  readonly #rows: number[] = [];
  #values = new Float64Array(0);
  /** How many of those before a place have changed. */
  readonly #changed: number[] = [0];
  /** How many players are before a place. */
  readonly #players: number[] = [0];
  /** For each size of party that there is: how many of those before a place have it. Empty until somebody asks. */
  #sizes: (Int32Array | undefined)[] = [];
  /** Where the next waiting one may be, in both directions: who was matched in this tick is passed over only once. */
  readonly #right: number[] = [];
  readonly #left: number[] = [];
  readonly #inOrder: (a: Waiting, b: Waiting) => number;

  /** @param index of the number. */
  constructor(index: number, table: RangeTable) {
    this.#index = index;
    this.#table = table;
    this.#inOrder = (a, b) => a.valueOf(index) - b.valueOf(index) || byAge(a, b);
  }

  /** A ticket comes. */
  add(waiting: Waiting): void {
    this.#arrived.push(waiting);
    if (this.#arrived.length > FEW_ARRIVED + (this.#members.length >> 4)) this.#sort();
  }

  /** A ticket has gone; its `isWaiting` says so. */
  removed(): void {
    this.#gone++;
  }

  /** Somebody has widened: who has changed is counted again when it is asked for next. */
  outdate(): void {
    this.#isCounted = false;
  }

  /** Where those are whose value somebody accepts. */
  span({ row }: Seeker): Span {
    this.#refresh(this.#gone > this.#members.length >> 1);
    const { lows, highs, width } = this.#table;
    const at = row * width + this.#index;
    return { order: this, from: this.#firstFrom(lows[at]!, false), to: this.#firstFrom(highs[at]!, true) };
  }

  /**
   * Calls those of whom a match may have become possible: somebody in their range is new or has widened, and there are players enough.
   *
   * @param calls takes who is called.
   * @param caller the number of the bucket.
   * @param isAllNew whether all count as new.
   * @returns what it has cost, in looks at tickets.
   */
  call(calls: Calls, caller: number, isAllNew: boolean): number {
    this.#refresh(this.#gone > 0);
    const { lows, highs, width, leastPlayers } = this.#table;
    const changed = this.#changed;
    const players = this.#players;
    const count = this.#members.length;
    let looks = 0;
    for (let i = 0; i < count; i++) {
      const row = this.#rows[i]!; // a place of the order, as all that follow
      const least = leastPlayers[row]!;
      if (players[count]! < least) continue;
      const at = row * width + this.#index;
      const from = this.#firstFrom(lows[at]!, false);
      const to = this.#firstFrom(highs[at]!, true);
      if (players[to]! - players[from]! < least) continue;
      if (!isAllNew && changed[to] === changed[from]) continue;
      if (to - from <= FEW) {
        looks += to - from;
        if (!this.#hasPlayers(row, from, to, least)) continue;
      }
      calls.add(row, caller);
    }
    return count * CALL_STEPS + looks * FLAT_STEPS;
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
   * Whether those of a part who wait, accept a ticket and are accepted have so many players; taken for granted where there are many. With
   * `rangeOf: 'oldest'` its own range decides.
   */
  mayHavePlayers({ row }: Seeker, { from, to }: Span, least: number): boolean {
    return to - from > FEW || this.#hasPlayers(row, from, to, least);
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
    const table = this.#table;
    const members = this.#members;
    const values = this.#values;
    const rows = this.#rows;
    const { row } = seeker;
    const own = seeker.valueOf(this.#index);
    table.see(row, row);
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
        const other = rows[place]!;
        table.see(other, row);
        if (other !== row && table.acceptEachOther(row, other)) return members[place];
      }
      return undefined;
    };
  }

  #hasPlayers(row: number, from: number, to: number, least: number): boolean {
    const table = this.#table;
    const { sizes, isByOldest } = table;
    let players = 0;
    for (let place = from; place < to; place++) {
      const other = this.#rows[place]!;
      if (!(isByOldest ? table.accepts(row, other) : table.acceptEachOther(row, other))) continue;
      players += sizes[other]!;
      if (players >= least) return true;
    }
    return false;
  }

  /** @param isSorted whether who has gone is left out. */
  #refresh(isSorted: boolean): void {
    if (isSorted || this.#arrived.length > 0) this.#sort();
    if (!this.#isPlaced) this.#place();
    if (!this.#isCounted) this.#count();
  }

  /** Sorts in who came, drops who went. */
  #sort(): void {
    const members = this.#members;
    if (this.#gone > 0) keep(members, isWaiting);
    const arrived = this.#arrived;
    keep(arrived, isWaiting);
    arrived.sort(this.#inOrder);
    // The last ones first: each goes to the end of what is left.
    let i = members.length - 1;
    let j = arrived.length - 1;
    for (const one of arrived) members.push(one);
    for (let at = members.length - 1; j >= 0; at--)
      members[at] = i >= 0 && this.#inOrder(members[i]!, arrived[j]!) > 0 ? members[i--]! : arrived[j--]!;
    arrived.length = 0;
    this.#gone = 0;
    this.#isPlaced = false;
  }

  /** Writes down where who is. */
  #place(): void {
    const members = this.#members;
    const count = members.length;
    const { values, sizes, width } = this.#table;
    if (this.#values.length < count || this.#values.length > 4 * count + 64)
      this.#values = new Float64Array(count + (count >> 1));
    for (const list of [this.#rows, this.#changed, this.#players, this.#right, this.#left])
      if (list.length > 4 * count + 64) list.length = count + 1;
    let players = 0;
    for (let i = 0; i < count; i++) {
      const { row } = members[i]!;
      this.#rows[i] = row;
      this.#values[i] = values[row * width + this.#index]!;
      players += sizes[row]!;
      this.#players[i + 1] = players;
      this.#right[i] = i + 1;
      this.#left[i] = i - 1;
    }
    this.#sizes = [];
    this.#isPlaced = true;
    this.#isCounted = false;
  }

  #count(): void {
    const { changed } = this.#table;
    let count = 0;
    for (let i = 0; i < this.#members.length; i++) {
      count += changed[this.#rows[i]!]!;
      this.#changed[i + 1] = count;
    }
    this.#isCounted = true;
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
  #waitingFrom(start: number, next: number[]): number {
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

/** So many who came wait to be sorted in together, and more where many are. */
const FEW_ARRIVED = 16;
/** Looking at so many of them is cheaper than a search that fails. */
const FEW = 64;
// In looks of a search: what it costs to see whether a ticket is called, and a look at such a few.
const CALL_STEPS = 2;
const FLAT_STEPS = 1 / 16;
