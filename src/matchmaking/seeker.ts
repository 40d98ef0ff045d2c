/** What looks for players: a ticket that waits, or a room. Its ranges are kept as bounds, so that all comparisons are exact. */
import { isIntegerIn } from '../../options/internal.ts';
import type { QueueRules } from './queueOptions.ts';
import type { BackfillRequest, MatchTicket, ReadProperties } from './ticket.ts';

/** A ticket or a room, with what it accepts now. */
export class Seeker {
  /** Its id. */
  readonly id: string;
  /** Since when it waits. */
  readonly sinceMs: number;
  /** Its buckets' combinations, the best first. */
  readonly combinations: ReadProperties['combinations'];
  /** Its numbers; a queue without any has one that everybody accepts. */
  readonly values: Float64Array;
  /** The lowest values that it accepts by its own range. */
  readonly lows: Float64Array;
  /** The highest ones. */
  readonly highs: Float64Array;
  /** The lowest values that it accepts in the search that runs: the same, or those by the range of who searches. */
  readonly seenLows: Float64Array;
  /** The highest ones. */
  readonly seenHighs: Float64Array;
  /** New, or something of it has widened: what was impossible with it may be possible now. */
  isChanged = true;
  /** Its search was put off when a tick had used up its steps. */
  isPutOff = false;
  /** When something of it widens next. */
  nextChangeMs = 0;
  readonly #maxRanges: Float64Array;
  /** Ranges by waiting time alone, without the bounds that it was given itself. */
  readonly #ranges: Float64Array;
  /** Of its queue. */
  readonly rules: QueueRules;

  constructor(id: string, sinceMs: number, properties: ReadProperties, rules: QueueRules) {
    this.id = id;
    this.sinceMs = sinceMs;
    this.combinations = properties.combinations;
    const { values } = properties;
    this.values = values.length === 0 ? new Float64Array(1) : values;
    this.lows = new Float64Array(this.values.length).fill(Number.NEGATIVE_INFINITY);
    this.highs = new Float64Array(this.values.length).fill(Number.POSITIVE_INFINITY);
    this.seenLows = rules.isByOldest ? this.lows.slice() : this.lows;
    this.seenHighs = rules.isByOldest ? this.highs.slice() : this.highs;
    this.#maxRanges = properties.maxRanges;
    this.#ranges = new Float64Array(this.values.length);
    this.rules = rules;
  }

  /** How long it has waited. */
  waitedMs(nowMs: number): number {
    return Math.max(0, nowMs - this.sinceMs);
  }

  /** How far it looks from its own value of a number. */
  rangeOf(index: number, nowMs: number): number {
    const range = this.rules.numbers[index]?.curve.rangeAt(this.waitedMs(nowMs)) ?? 0;
    return Math.min(range, this.#maxRanges[index] ?? range);
  }

  /** The bound that it was given itself, `Infinity` for none. */
  maxRangeOf(index: number): number {
    return this.#maxRanges[index] ?? Number.POSITIVE_INFINITY;
  }

  /** Works out what it accepts now, and when that changes. */
  widen(nowMs: number): void {
    const { numbers, smallerAfterMs, sizes, isByOldest } = this.rules;
    const waitedMs = this.waitedMs(nowMs);
    let nextMs = sizes.length > 1 && waitedMs < smallerAfterMs ? smallerAfterMs : Number.POSITIVE_INFINITY;
    for (let i = 0; i < numbers.length; i++) {
      const { curve } = numbers[i]!;
      const value = this.values[i] ?? 0;
      this.#ranges[i] = curve.rangeAt(waitedMs);
      const range = Math.min(this.#ranges[i]!, this.maxRangeOf(i));
      this.lows[i] = value - range;
      this.highs[i] = value + range;
      if (isByOldest || range < this.maxRangeOf(i)) nextMs = Math.min(nextMs, curve.nextStepMs(waitedMs));
    }
    this.nextChangeMs = this.sinceMs + nextMs;
    this.isChanged = true;
  }

  /** With `rangeOf: 'oldest'`: what it accepts in the search of somebody, by the range of who searches. */
  seeFor(searching: Seeker): void {
    if (!this.rules.isByOldest) return;
    for (let i = 0; i < this.rules.numbers.length; i++) {
      const range = Math.min(searching.#ranges[i]!, this.maxRangeOf(i));
      this.seenLows[i] = this.values[i]! - range;
      this.seenHighs[i] = this.values[i]! + range;
    }
  }

  /** The sizes of teams that it takes now, the full one first. */
  sizesAt(nowMs: number): readonly number[] {
    const { sizes, fullSize, smallerAfterMs } = this.rules;
    return this.waitedMs(nowMs) >= smallerAfterMs ? sizes : fullSize;
  }
}

/** A ticket that waits. */
export class Waiting extends Seeker {
  /** As it was added. */
  readonly ticket: MatchTicket;
  /** Its players. */
  readonly size: number;
  /** Whether it is in no match yet, and nobody took it back. */
  isWaiting = true;
  /** When its state is told next. */
  nextStateMs = 0;
  /** The players of the smallest match that it takes now. */
  leastPlayers = 0;
  /** Numbers of buckets in which a match may have become possible in this tick. */
  readonly calledBy: number[] = [];

  constructor(ticket: MatchTicket, sinceMs: number, properties: ReadProperties, rules: QueueRules) {
    super(ticket.id, sinceMs, properties, rules);
    this.ticket = ticket;
    this.size = ticket.players.length;
  }

  override widen(nowMs: number): void {
    super.widen(nowMs);
    this.leastPlayers = this.rules.teams * Math.max(this.size, this.sizesAt(nowMs).at(-1) ?? 0);
  }
}

/** A room with free seats. */
export class Room extends Seeker {
  /** As it was added. */
  readonly request: BackfillRequest;
  /** What is left of its seats. */
  readonly seats: number[];

  constructor(request: BackfillRequest, sinceMs: number, properties: ReadProperties, rules: QueueRules) {
    super(request.id, sinceMs, properties, rules);
    this.request = request;
    this.seats = [...request.seats];
  }

  /** Some of the seats were taken before: what is left of them. */
  leave(seats: readonly number[]): void {
    for (const [team, free] of this.seats.entries()) {
      const left = seats[team];
      if (isIntegerIn(left, 0, free)) this.seats[team] = left;
    }
  }
}

/** Whether each accepts the other's numbers, in the search that runs. */
export function acceptEachOther(a: Seeker, b: Seeker): boolean {
  const { values, seenLows: lows, seenHighs: highs } = a;
  for (let i = 0; i < values.length; i++) {
    const own = values[i]!; // of one queue: as many
    const other = b.values[i]!;
    if (other < lows[i]! || other > highs[i]! || own < b.seenLows[i]! || own > b.seenHighs[i]!) return false;
  }
  return true;
}

/** Who waits longer comes first; of two that came together the one whose id is less. */
export function byAge(a: Seeker, b: Seeker): number {
  return a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
