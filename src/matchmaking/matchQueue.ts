/** One queue: who waits, in which buckets, and what comes of a tick. */

import { withDefaults } from '../../options/internal.ts';
import { insertByAge, keep, placeByAge } from './ageOrder.ts';
import { fillRoom } from './backfill.ts';
import { balanceTeams } from './balance.ts';
import { Bucket } from './bucket.ts';
import { Calls } from './calls.ts';
import type { MatchmakerLimits } from './matchmakerOptions.ts';
import type { QueueRules } from './queueOptions.ts';
import { RangeTable } from './rangeTable.ts';
import { RecentWaits } from './recentWaits.ts';
import type {
  Match,
  MatchedNumber,
  MatchmakerTick,
  MatchTeam,
  QueueCounts,
  QueueStatistics,
  TicketState,
} from './results.ts';
import { findMatch, type Teams } from './search.ts';
import { Room, Waiting } from './seeker.ts';
import type { Steps } from './sortedOrder.ts';
import type { BackfillRequest, MatchTicket, ReadProperties } from './ticket.ts';

/** A queue of a matchmaker. */
export class MatchQueue {
  /** Its name. */
  readonly name: string;
  /** What its matches are. */
  readonly rules: QueueRules;
  /** Who waits, the oldest first. */
  readonly waiting: Waiting[] = [];
  /** Rooms that look for players, the oldest first. */
  readonly rooms: Room[] = [];
  /** What has happened. */
  readonly counts: QueueCounts = {
    ...{ matches: 0, backfilledPlayers: 0, expired: 0, steps: 0, cutSearches: 0, cutTicks: 0 },
  };
  /** How long was waited lately. */
  waits: RecentWaits = new RecentWaits();
  readonly #limits: MatchmakerLimits;
  readonly #stateEveryMs: number;
  readonly #buckets = new Map<string, Bucket>();
  #bucketsMade = 0;
  /** Those of them in which something came or widened, in the order of that. */
  #news: Bucket[] = [];
  readonly #calls = new Calls();
  readonly #table: RangeTable;
  /** Whose turn a tick did not come to, in the order of that. */
  #putOff: Waiting[] = [];
  /** In which buckets who waits is found, the best combination first. */
  readonly #places = new Map<Waiting, readonly Bucket[]>();

  constructor(name: string, rules: QueueRules, limits: MatchmakerLimits, stateEveryMs: number) {
    this.name = name;
    this.rules = rules;
    this.#table = new RangeTable(rules);
    this.#limits = limits;
    this.#stateEveryMs = stateEveryMs;
  }

  /** Takes over what has happened in a queue of a snapshot. */
  carryOn(waits: readonly number[], counts: Readonly<QueueCounts>): void {
    this.waits = new RecentWaits(waits);
    Object.assign(this.counts, withDefaults<QueueCounts>(this.counts, counts));
  }

  /** A ticket comes. */
  add(ticket: MatchTicket, properties: ReadProperties, nowMs: number, sinceMs: number): Waiting {
    const places = properties.combinations.map((strings) => this.#bucketOf(strings));
    // Those of the buckets: who waits shares them with all others.
    const combinations = places.map(({ strings }) => strings);
    const waiting = new Waiting(ticket, sinceMs, { ...properties, combinations }, this.rules, this.#table);
    waiting.widen(nowMs);
    waiting.nextStateMs = nowMs;
    insertByAge(this.waiting, waiting);
    for (const bucket of places) bucket.add(waiting);
    this.#places.set(waiting, places);
    this.#outdate(places);
    return waiting;
  }

  /** A ticket is taken back. */
  cancel(waiting: Waiting): void {
    this.waiting.splice(placeByAge(this.waiting, waiting), 1);
    this.#leave(waiting);
  }

  /** A room comes. */
  addRoom(request: BackfillRequest, properties: ReadProperties, nowMs: number, sinceMs: number): Room {
    const room = new Room(request, sinceMs, properties, this.rules, this.#table);
    room.widen(nowMs);
    insertByAge(this.rooms, room);
    return room;
  }

  /** A room looks for players no more. */
  cancelRoom(room: Room): void {
    this.rooms.splice(placeByAge(this.rooms, room), 1);
    this.#table.give(room.row);
  }

  /** One tick. What comes of it goes to `result`; whose tickets are in it wait no more. */
  tick(nowMs: number, result: MatchmakerTick): void {
    this.#expire(nowMs, result);
    this.#widen(nowMs);
    const steps: Steps = { taken: 0, limit: 0, end: 0 };
    if (this.rules.backfill === 'first') this.#fillRooms(nowMs, result, steps);
    const late = this.#call(steps);
    this.#makeMatches(nowMs, result, steps);
    if (this.rules.backfill === 'last') this.#fillRooms(nowMs, result, steps);
    this.counts.steps += Math.ceil(steps.taken);
    if (this.#putOff.length > 0 || late.length > 0) this.counts.cutTicks++;
    keep(this.waiting, ({ isWaiting }) => isWaiting);
    for (const bucket of this.#news) bucket.isNews = bucket.isLate = false;
    for (const bucket of late) bucket.isNews = bucket.isLate = true;
    this.#news = late;
    this.#table.changed.fill(0);
    this.#calls.clear();
    this.#tellStates(nowMs, result);
  }

  /** How a ticket stands. */
  stateOf(
    waiting: Waiting,
    nowMs: number,
    position: number = placeByAge(this.waiting, waiting) + 1,
  ): TicketState {
    const { id, players } = waiting.ticket;
    const typicalWaitMs = this.waits.medianMs;
    const ranges: Record<string, number | null> = {};
    for (let i = 0; i < this.rules.numbers.length; i++) {
      const { name } = this.rules.numbers[i]!; // in the list
      const range = waiting.rangeOf(i, nowMs);
      ranges[name] = range === Number.POSITIVE_INFINITY ? null : range;
    }
    const waitedMs = waiting.waitedMs(nowMs);
    const state = { id, queue: this.name, players, position, waiting: this.waiting.length, waitedMs, ranges };
    return typicalWaitMs === undefined ? state : Object.assign(state, { typicalWaitMs });
  }

  /** Numbers for operators. */
  statistics(): QueueStatistics {
    const typicalWaitMs = this.waits.medianMs;
    const statistics = {
      tickets: this.waiting.length,
      players: this.waiting.reduce((sum, { size }) => sum + size, 0),
      backfills: this.rooms.length,
      ...this.counts,
    };
    return typicalWaitMs === undefined ? statistics : { ...statistics, typicalWaitMs };
  }

  #expire(nowMs: number, result: MatchmakerTick): void {
    for (const waiting of this.waiting) {
      const waitedMs = waiting.waitedMs(nowMs);
      if (waitedMs < this.rules.maxWaitMs) break; // all others are younger
      this.#leave(waiting);
      this.counts.expired++;
      result.expired.push({ ticket: waiting.ticket, reason: 'max-wait', waitedMs });
    }
    keep(this.waiting, ({ isWaiting }) => isWaiting);
  }

  #widen(nowMs: number): void {
    for (const waiting of this.waiting) {
      if (waiting.nextChangeMs > nowMs) continue;
      waiting.widen(nowMs);
      this.#outdate(this.#placesOf(waiting));
    }
    for (const room of this.rooms) if (room.nextChangeMs <= nowMs) room.widen(nowMs);
  }

  /**
   * The buckets with something new call those of whom a match may have become possible.
   *
   * @returns the buckets that have no steps left for that.
   */
  #call(steps: Steps): Bucket[] {
    const least = this.rules.teams * (this.rules.sizes.at(-1) ?? 0);
    steps.end = steps.taken + CALL_SHARE * this.#limits.maxStepsPerTick;
    for (const [i, bucket] of this.#news.entries()) {
      if (steps.taken >= steps.end) return this.#news.slice(i);
      if (bucket.players >= least) steps.taken += bucket.call(this.#calls);
    }
    return [];
  }

  /** Who was put off before has its turn first, in the order of that; then who is called, the oldest first. */
  #makeMatches(nowMs: number, result: MatchmakerTick, steps: Steps): void {
    const { maxStepsPerTick } = this.#limits;
    steps.end = Math.max(maxStepsPerTick, steps.taken + maxStepsPerTick / 2);
    const before = this.#putOff;
    this.#putOff = [];
    for (const seeker of before) {
      this.#turnOf(seeker, true, nowMs, result, steps);
      this.#calls.forget(seeker.row);
    }
    for (const seeker of this.waiting)
      if (this.#calls.isCalled(seeker.row)) this.#turnOf(seeker, false, nowMs, result, steps);
  }

  /** @param isAnywhere whether all of its buckets are looked at, not only those that call it. */
  #turnOf(seeker: Waiting, isAnywhere: boolean, nowMs: number, result: MatchmakerTick, steps: Steps): void {
    if (!seeker.isWaiting) return;
    seeker.isPutOff = steps.taken >= steps.end;
    if (seeker.isPutOff) {
      this.#putOff.push(seeker);
      return;
    }
    steps.limit = steps.taken + this.#limits.maxStepsPerSearch;
    const least = seeker.leastPlayers(nowMs);
    for (const bucket of this.#placesOf(seeker)) {
      if (!isAnywhere && !this.#calls.isCalledBy(seeker.row, bucket.number)) continue;
      const span = bucket.narrowest(seeker);
      steps.taken += SPAN_STEPS;
      if (span.order.players(span) < least) continue;
      if (!isAnywhere && !bucket.isLate && !span.order.hasChanges(span)) continue;
      if (!span.order.mayHavePlayers(seeker, span, least)) continue;
      const shape = { teams: this.rules.teams, sizes: seeker.sizesAt(nowMs) };
      const found = findMatch(seeker, bucket, span, shape, steps);
      if (found === undefined) continue;
      if (found === 'cut') this.counts.cutSearches++;
      else {
        result.matches.push(this.#match(found, bucket, nowMs));
        for (const { length } of found) steps.taken += MATCHED_STEPS * length;
      }
      return;
    }
  }

  #match(teams: Teams, { strings }: Bucket, nowMs: number): Match {
    const { rules } = this;
    if (rules.balance >= 0) balanceTeams(teams, rules.balance);
    const all = teams.flat();
    const texts: Record<string, string> = {};
    for (const [i, { name }] of rules.strings.entries()) texts[name] = strings[i] ?? '';
    const numbers: Record<string, MatchedNumber> = {};
    for (const [i, { name }] of rules.numbers.entries()) numbers[name] = matchedNumber(all, i);
    let waitedMs = 0;
    for (const waiting of all) waitedMs = Math.max(waitedMs, waiting.waitedMs(nowMs));
    const id = `${this.name}/${this.counts.matches}`;
    const match = { id, queue: this.name, teams: teams.map(teamOf), strings: texts, numbers, waitedMs };
    this.counts.matches++;
    for (const waiting of all) this.#matched(waiting, nowMs);
    return match;
  }

  #fillRooms(nowMs: number, result: MatchmakerTick, steps: Steps): void {
    steps.end = steps.taken + ROOM_SHARE * this.#limits.maxStepsPerTick;
    const putOff = this.rooms.filter(({ isPutOff }) => isPutOff);
    for (const room of [...putOff, ...this.rooms.filter(({ isPutOff }) => !isPutOff)]) {
      const isLate = room.isPutOff;
      room.isPutOff = steps.taken >= steps.end;
      if (room.isPutOff) continue;
      steps.limit = steps.taken + this.#limits.maxStepsPerSearch;
      // Who got players may get more in the next tick, of another combination.
      room.isChanged = this.#fillRoom(room, room.isChanged || isLate, nowMs, result, steps);
    }
    keep(this.rooms, ({ seats, row }) => {
      const isLooking = seats.some((free) => free > 0);
      if (!isLooking) this.#table.give(row);
      return isLooking;
    });
  }

  /** @returns whether it got players. */
  #fillRoom(room: Room, isAnywhere: boolean, nowMs: number, result: MatchmakerTick, steps: Steps): boolean {
    for (const strings of room.combinations) {
      const bucket = this.#buckets.get(JSON.stringify(strings));
      if (bucket === undefined || !(isAnywhere || bucket.isNews)) continue;
      const span = bucket.narrowest(room);
      steps.taken += SPAN_STEPS;
      if (!isAnywhere && !span.order.hasChanges(span)) continue;
      const teams = fillRoom(room, span, steps);
      if (steps.taken > steps.limit) this.counts.cutSearches++;
      if (teams === undefined) continue;
      for (const waiting of teams.flat()) {
        this.#matched(waiting, nowMs);
        this.counts.backfilledPlayers += waiting.size;
      }
      result.backfills.push({ request: room.request, teams: teams.map(teamOf), seats: [...room.seats] });
      return true;
    }
    return false;
  }

  #matched(waiting: Waiting, nowMs: number): void {
    this.waits.add(waiting.waitedMs(nowMs));
    this.#leave(waiting);
  }

  #leave(waiting: Waiting): void {
    waiting.isWaiting = false;
    for (const bucket of this.#placesOf(waiting)) {
      bucket.removed(waiting);
      if (bucket.players === 0) this.#buckets.delete(bucket.key);
    }
    this.#places.delete(waiting);
    this.#table.give(waiting.row);
  }

  #outdate(places: readonly Bucket[]): void {
    for (const bucket of places) {
      if (!bucket.isNews) this.#news.push(bucket);
      bucket.outdate();
    }
  }

  #placesOf(waiting: Waiting): readonly Bucket[] {
    return this.#places.get(waiting) ?? [];
  }

  #bucketOf(strings: readonly string[]): Bucket {
    const key = JSON.stringify(strings);
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const bucket = new Bucket(this.#bucketsMade++, key, strings, this.#table, this.rules.playersPerTeam);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #tellStates(nowMs: number, result: MatchmakerTick): void {
    if (this.#stateEveryMs === 0) return;
    for (let i = 0; i < this.waiting.length; i++) {
      const waiting = this.waiting[i]!; // in the list
      if (waiting.nextStateMs > nowMs) continue;
      result.changes.push(this.stateOf(waiting, nowMs, i + 1));
      waiting.nextStateMs = nowMs + this.#stateEveryMs;
    }
  }
}

function teamOf(parties: readonly Waiting[]): MatchTeam {
  const tickets: MatchTicket[] = [];
  const players: string[] = [];
  for (const { ticket } of parties) {
    tickets.push(ticket);
    for (const player of ticket.players) players.push(player);
  }
  return { tickets, players };
}

/** Where a number of tickets lies. */
function matchedNumber(tickets: readonly Waiting[], index: number): MatchedNumber {
  let [min, max, sum, players] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const waiting of tickets) {
    const value = waiting.valueOf(index);
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += waiting.size * value;
    players += waiting.size;
  }
  return { min, max, mean: sum / players };
}

// What other things cost, in looks at tickets: finding a part of a bucket, and putting a ticket into a match.
const SPAN_STEPS = 6;
const MATCHED_STEPS = 400;

// How much of the steps of a tick buckets and rooms have at most; turns have at least half.
const CALL_SHARE = 0.5;
const ROOM_SHARE = 0.25;
