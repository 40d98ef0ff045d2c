/** What looks for players: a ticket that waits, or a room. */
import { isIntegerIn } from '../../options/internal.ts';
import type { QueueRules } from './queueOptions.ts';
import type { RangeTable } from './rangeTable.ts';
import type { BackfillRequest, MatchTicket, ReadProperties } from './ticket.ts';

/** A ticket or a room, with what it accepts now. */
export class Seeker {
  /** Its id. */
  readonly id: string;
  /** Since when it waits. */
  readonly sinceMs: number;
  /** Its buckets' combinations, the best first. */
  readonly combinations: ReadProperties['combinations'];
  /** Its row in the table of its queue. */
  readonly row: number;
  /** Where what it has and accepts is. */
  readonly table: RangeTable;
  /** Its search was put off when a tick had used up its steps. */
  isPutOff = false;
  /** When something of it widens next. */
  nextChangeMs = 0;
  /** Of its queue. */
  readonly rules: QueueRules;

  /** @param size its players, 0 for a room. */
  constructor(
    id: string,
    sinceMs: number,
    { combinations, values, maxRanges }: ReadProperties,
    size: number,
    rules: QueueRules,
    table: RangeTable,
  ) {
    this.id = id;
    this.sinceMs = sinceMs;
    this.combinations = combinations;
    this.rules = rules;
    this.table = table;
    this.row = table.take(values, maxRanges, size);
  }

  /** Its value of a number. */
  valueOf(index: number): number {
    return this.table.values[this.row * this.table.width + index]!; // of a number of the queue
  }

  /** How long it has waited. */
  waitedMs(nowMs: number): number {
    return Math.max(0, nowMs - this.sinceMs);
  }

  /** How far it looks from its own value of a number. */
  rangeOf(index: number, nowMs: number): number {
    const range = this.rules.numbers[index]?.curve.rangeAt(this.waitedMs(nowMs)) ?? 0;
    return Math.min(range, this.#maxRangeOf(index));
  }

  /** Works out what it accepts now, and when that changes. */
  widen(nowMs: number): void {
    const { numbers, smallerAfterMs, sizes, isByOldest } = this.rules;
    const waitedMs = this.waitedMs(nowMs);
    let nextMs = sizes.length > 1 && waitedMs < smallerAfterMs ? smallerAfterMs : Number.POSITIVE_INFINITY;
    for (let i = 0; i < numbers.length; i++) {
      const { curve } = numbers[i]!;
      const range = curve.rangeAt(waitedMs);
      this.table.setRange(this.row, i, range);
      if (isByOldest || range < this.#maxRangeOf(i)) nextMs = Math.min(nextMs, curve.nextStepMs(waitedMs));
    }
    this.nextChangeMs = this.sinceMs + nextMs;
  }

  /** The sizes of teams that it takes now, the full one first. */
  sizesAt(nowMs: number): readonly number[] {
    const { sizes, fullSize, smallerAfterMs } = this.rules;
    return this.waitedMs(nowMs) >= smallerAfterMs ? sizes : fullSize;
  }

  /** The bound that it was given itself, `Infinity` for none. */
  #maxRangeOf(index: number): number {
    return this.table.maxRanges[this.row * this.table.width + index]!; // of a number of the queue
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

  constructor(
    ticket: MatchTicket,
    sinceMs: number,
    properties: ReadProperties,
    rules: QueueRules,
    table: RangeTable,
  ) {
    super(ticket.id, sinceMs, properties, ticket.players.length, rules, table);
    this.ticket = ticket;
    this.size = ticket.players.length;
  }

  override widen(nowMs: number): void {
    super.widen(nowMs);
    this.table.leastPlayers[this.row] = this.leastPlayers(nowMs);
    this.table.changed[this.row] = 1;
  }

  /** The players of the smallest match that it takes now. */
  leastPlayers(nowMs: number): number {
    return this.rules.teams * Math.max(this.size, this.sizesAt(nowMs).at(-1) ?? 0);
  }
}

/** A room with free seats. */
export class Room extends Seeker {
  /** As it was added. */
  readonly request: BackfillRequest;
  /** What is left of its seats. */
  readonly seats: number[];
  /** New, widened, or it got players in the last tick: what was impossible with it may be possible now. */
  isChanged = true;

  constructor(
    request: BackfillRequest,
    sinceMs: number,
    properties: ReadProperties,
    rules: QueueRules,
    table: RangeTable,
  ) {
    super(request.id, sinceMs, properties, 0, rules, table);
    this.request = request;
    this.seats = [...request.seats];
  }

  override widen(nowMs: number): void {
    super.widen(nowMs);
    this.isChanged = true;
  }

  /** Some of the seats were taken before: what is left of them. */
  leave(seats: readonly number[]): void {
    for (const [team, free] of this.seats.entries()) {
      const left = seats[team];
      if (isIntegerIn(left, 0, free)) this.seats[team] = left;
    }
  }
}

/** Who waits longer comes first; of two that came together the one whose id is less. */
export function byAge(a: Seeker, b: Seeker): number {
  return a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
