/** The tickets that take one combination of texts, sorted by each of their numbers. */
import { packTeams } from './packing.ts';
import type { Seeker, Waiting } from './seeker.ts';
import { SortedOrder, type Span } from './sortedOrder.ts';

/** All tickets whose texts agree. A ticket that takes several combinations is in several buckets. */
export class Bucket {
  /** Its own, in a queue. */
  readonly number: number;
  /** The combination. */
  readonly strings: readonly string[];
  /** Whether something came or widened since the last tick. */
  isNews = true;
  /** How many waiting tickets have so many players. */
  readonly #counts: Int32Array;
  #players = 0;
  readonly #orders: SortedOrder[];
  /** What `couldFill` has found out, until somebody comes or goes. */
  readonly #answers = new Map<number, boolean>();

  constructor(number: number, strings: readonly string[], numbers: number, maxPlayers: number) {
    this.number = number;
    this.strings = strings;
    this.#counts = new Int32Array(maxPlayers + 1);
    this.#orders = Array.from({ length: Math.max(1, numbers) }, (_, i) => new SortedOrder(i));
  }

  /** How many players wait here. */
  get players(): number {
    return this.#players;
  }

  /** A ticket comes. */
  add(waiting: Waiting): void {
    for (const order of this.#orders) order.add(waiting);
    this.#count(waiting.size, 1);
    this.isNews = true;
  }

  /** A ticket has gone; its `isWaiting` says so. */
  removed(waiting: Waiting): void {
    this.#count(waiting.size, -1);
  }

  /** Counts again what has changed and who is there; what is asked for only. Once in a tick, before the first question. */
  outdate(): void {
    for (const order of this.#orders) order.outdate();
  }

  /** Calls who may have a match here that was not possible before, with the number of this bucket. One after the other in memory. */
  call(): void {
    this.#orders[0]!.call(this.number); // a bucket has at least one order
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

  /** Where the tickets are that somebody accepts by one number: the number that leaves few. */
  narrowest(seeker: Seeker): Span {
    let best = this.#orders[0]!.span(seeker); // a bucket has at least one order
    for (let i = 1; i < this.#orders.length && best.to - best.from > FEW; i++) {
      const span = this.#orders[i]!.span(seeker);
      if (span.to - span.from < best.to - best.from) best = span;
    }
    return best;
  }

  #count(size: number, change: number): void {
    this.#counts[size]! += change; // counts reach to the largest party
    this.#players += change * size;
    this.#answers.clear();
  }
}

/** Looking at so many is cheaper than sorting by another number. */
const FEW = 96;
