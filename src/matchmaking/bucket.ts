/** The tickets that take one combination of texts, sorted by each of their numbers. */
import type { Calls } from './calls.ts';
import { packTeams } from './packing.ts';
import type { RangeTable } from './rangeTable.ts';
import type { Seeker, Waiting } from './seeker.ts';
import { SortedOrder, type Span } from './sortedOrder.ts';

/** All tickets whose texts agree. A ticket that takes several combinations is in several buckets. */
export class Bucket {
  /** Its own, in a queue. */
  readonly number: number;
  /** The combination. */
  readonly strings: readonly string[];
  /** The combination as the key of a map. */
  readonly key: string;
  /** Whether something came or widened since it called last. */
  isNews = false;
  /** Whether a tick ended before it could call: what is new in it is no more known. */
  isLate = false;
  /** How many waiting tickets have so many players. */
  readonly #counts: Int32Array;
  readonly #spanCounts: Int32Array;
  #players = 0;
  /** Whether the orders do not know yet that something came or widened. */
  #isOutdated = false;
  readonly #orders: SortedOrder[];
  /** What `couldFill` has found out, until somebody comes or goes. */
  readonly #answers = new Map<number, boolean>();

  constructor(
    number: number,
    key: string,
    strings: readonly string[],
    table: RangeTable,
    maxPlayers: number,
  ) {
    this.number = number;
    this.key = key;
    this.strings = strings;
    this.#counts = new Int32Array(maxPlayers + 1);
    this.#spanCounts = new Int32Array(maxPlayers + 1);
    this.#orders = Array.from({ length: table.width }, (_, i) => new SortedOrder(i, table));
  }

  /** How many players wait here. */
  get players(): number {
    return this.#players;
  }

  /** A ticket comes. */
  add(waiting: Waiting): void {
    for (const order of this.#orders) order.add(waiting);
    this.#count(waiting.size, 1);
  }

  /** A ticket has gone; its `isWaiting` says so. */
  removed(waiting: Waiting): void {
    for (const order of this.#orders) order.removed();
    this.#count(waiting.size, -1);
  }

  /** Something came or widened. */
  outdate(): void {
    this.isNews = true;
    this.#isOutdated = true;
  }

  /**
   * Calls who may have a match here that was not possible before.
   *
   * @param calls takes who is called.
   * @returns what it has cost, in looks at tickets.
   */
  call(calls: Calls): number {
    this.#outdateOrders();
    return this.#orders[0]!.call(calls, this.number, this.isLate); // a bucket has at least one order
  }

  /** Whether all that wait here, accepted or not, could fill teams with one party of a size in them. */
  couldFill(teams: number, size: number, own: number): boolean {
    const question = size * 256 + own; // both are below 256
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const answer = packTeams(this.#counts, teams, size, own) !== undefined;
    this.#answers.set(question, answer);
    return answer;
  }

  /** How many parties of each size a part has, at least as many as wait there; until the next question. */
  countSizes(span: Span): ArrayLike<number> {
    span.order.countSizes(span, this.#spanCounts);
    return this.#spanCounts;
  }

  /** Where the tickets are that somebody accepts by one number: the number that leaves few. */
  narrowest(seeker: Seeker): Span {
    this.#outdateOrders();
    let best = this.#orders[0]!.span(seeker); // a bucket has at least one order
    for (let i = 1; i < this.#orders.length && best.to - best.from > FEW; i++) {
      const span = this.#orders[i]!.span(seeker);
      if (span.to - span.from < best.to - best.from) best = span;
    }
    return best;
  }

  #outdateOrders(): void {
    if (!this.#isOutdated) return;
    for (const order of this.#orders) order.outdate();
    this.#isOutdated = false;
  }

  #count(size: number, change: number): void {
    this.#counts[size]! += change; // counts reach to the largest party
    this.#players += change * size;
    if (this.#answers.size > 0) this.#answers.clear();
  }
}

/** Looking at so many is cheaper than sorting by another number. */
const FEW = 96;
