/** Matchmaking in one process, without a clock and without I/O. */
import { describe } from '../../options/internal.ts';
import { explainTicket, type TicketExplanation } from './explain.ts';
import {
  type MatchmakerOptions,
  type MatchmakerSettings,
  readMatchmakerOptions,
} from './matchmakerOptions.ts';
import { MatchQueue } from './matchQueue.ts';
import { MatchRefusal, type RefusedTicket, refuse } from './refusal.ts';
import type { AddResult, MatchmakerTick, QueueStatistics, TicketState } from './results.ts';
import type { Room, Waiting } from './seeker.ts';
import { checkSnapshot, type MatchmakerSnapshot, type NotRestored, saveQueue } from './snapshot.ts';
import { type BackfillRequest, hasId, type MatchTicket, readBackfill, readTicket } from './ticket.ts';

/**
 * Puts players that wait into matches. Time comes in as a number of milliseconds, matches come out of `tick`: call it every 100 ms to 1 s
 * with `Date.now()`, or with any other clock, always the same one. The same calls give the same matches.
 *
 * ```ts
 * const matchmaker = new Matchmaker({
 *   queues: {
 *     duel: {
 *       teams: 2,
 *       playersPerTeam: 1,
 *       strings: { region: {} },
 *       numbers: { skill: { range: 50, widen: { by: 25, everyMs: 1000, max: 500 } } },
 *     },
 *   },
 * });
 * matchmaker.add({ id: 't1', queue: 'duel', players: ['ann'], strings: { region: 'eu' }, numbers: { skill: 1500 } }, Date.now());
 * for (const match of matchmaker.tick(Date.now()).matches) start(match);
 * ```
 *
 * Tickets are together in a match when for each text one value is common to all, and for each number each ticket's value is in the range
 * of each other one, both ways.
 *
 * **What waiting guarantees.** In each tick tickets choose in the order of their waiting, the oldest first, among all that wait. Ranges
 * never shrink, so who has waited so long that its ranges are at their widest stays there. If at a tick there is any set of tickets that
 * accept each other, fill the teams and have the oldest ticket among them, the oldest is matched in that tick: it chooses first, and its
 * search is exhaustive. So a ticket starves only while no such set is there; then `explain` says why, and `maxWaitMs` gives it back. The
 * same holds for each ticket after it, among what those before it have left. (With `backfill: 'first'`, among what rooms have left.)
 *
 * With `rangeOf: 'each'` a player far from all others accepts everybody in the end, but newcomers look near, are matched early, and never
 * accept it: in a busy queue there is no such set. `rangeOf: 'oldest'` is against that: the range of the ticket that has waited longest
 * counts for all in its match. Then who is at its widest is matched in the first tick in which tickets enough are in its own range, fill
 * the teams, agree on the texts, and are no further from each other than that range and their own `maxRange`.
 *
 * Three limits bound the work of a tick, whatever players send, and with it this guarantee:
 *
 * - A search that needs more than `maxStepsPerSearch` ends without a result until something near the ticket changes (`cutSearches` in the
 *   statistics).
 * - Whether parties fill the teams is given up after 2000 parties put somewhere, and counts as no. Large teams of parties without single
 *   players may need more.
 * - A tick that has taken `maxStepsPerTick` goes on in the next where it ended (`cutTicks`): with the combinations of texts in which it had
 *   not looked yet for who may have a match, and with the tickets that had no turn, in their order and before all others. At least half of
 *   the steps are for turns. So a turn comes after so many ticks at most as there are tickets before it for each
 *   `maxStepsPerTick / maxStepsPerSearch / 2` (5), and mostly in the same.
 *
 * Steps are counted, not measured: the bound is one of work. How long it takes depends on the machine.
 */
export class Matchmaker {
  readonly #settings: MatchmakerSettings;
  readonly #queues = new Map<string, MatchQueue>();
  readonly #tickets = new Map<string, Waiting>();
  readonly #rooms = new Map<string, Room>();
  /** Who waits, with which ticket. */
  readonly #players = new Map<string, string>();

  /** @throws TypeError or RangeError naming the option. */
  constructor(options: MatchmakerOptions) {
    this.#settings = readMatchmakerOptions(options);
    const { queues, limits, stateEveryMs } = this.#settings;
    for (const [name, rules] of queues)
      this.#queues.set(name, new MatchQueue(name, rules, limits, stateEveryMs));
  }

  /** How many tickets wait. */
  get size(): number {
    return this.#tickets.size;
  }

  /**
   * A ticket waits from now on. It may come from a stranger as it is: what is wrong with it is an answer, not an exception. Of what is
   * kept there is a copy, without anything that {@link MatchTicket} does not name.
   *
   * @param sinceMs since when it counts as waiting: for players whose match did not come about. Default: now.
   * @returns `isNew: false` when its id waits already; that one stays as it is.
   */
  add(ticket: MatchTicket, nowMs: number, sinceMs: number = nowMs): AddResult {
    checkTime('nowMs', nowMs);
    checkTime('sinceMs', sinceMs);
    const { limits } = this.#settings;
    if (!hasId(ticket, limits)) return refuseWithoutId(ticket);
    const queue = this.#queues.get(ticket.queue);
    if (queue === undefined) return refuse(MatchRefusal.UNKNOWN_QUEUE, 'queue');
    if (this.#tickets.has(ticket.id)) return { ok: true, isNew: false };
    const read = readTicket(ticket, queue.rules, limits);
    if (!read.ok) return read;
    if (ticket.players.some((player) => this.#players.has(player)))
      return refuse(MatchRefusal.PLAYER_WAITING, 'players');
    if (this.#tickets.size >= limits.maxTickets) return refuse(MatchRefusal.FULL);
    this.#tickets.set(ticket.id, queue.add(read.copy, read.properties, nowMs, sinceMs));
    for (const player of ticket.players) this.#players.set(player, ticket.id);
    return { ok: true, isNew: true };
  }

  /** Takes a ticket back. `false`: it does not wait, it was matched say. */
  cancel(id: string): boolean {
    const waiting = this.#tickets.get(id);
    if (waiting === undefined) return false;
    this.#queueOf(waiting.ticket.queue).cancel(waiting);
    this.#forget(waiting.ticket);
    return true;
  }

  /** Whether a ticket waits. */
  has(id: string): boolean {
    return this.#tickets.has(id);
  }

  /** The id of the ticket with which a player waits. */
  ticketOf(player: string): string | undefined {
    return this.#players.get(player);
  }

  /**
   * A running room looks for players from now on, until its seats are taken or `cancelBackfill`. For other seats or numbers take it back
   * and add it again.
   */
  addBackfill(request: BackfillRequest, nowMs: number, sinceMs: number = nowMs): AddResult {
    checkTime('nowMs', nowMs);
    checkTime('sinceMs', sinceMs);
    const { limits } = this.#settings;
    if (!hasId(request, limits)) return refuseWithoutId(request);
    const queue = this.#queues.get(request.queue);
    if (queue === undefined) return refuse(MatchRefusal.UNKNOWN_QUEUE, 'queue');
    if (this.#rooms.has(request.id)) return { ok: true, isNew: false };
    const read = readBackfill(request, queue.rules, limits);
    if (!read.ok) return read;
    if (this.#rooms.size >= limits.maxBackfills) return refuse(MatchRefusal.FULL);
    this.#rooms.set(request.id, queue.addRoom(read.copy, read.properties, nowMs, sinceMs));
    return { ok: true, isNew: true };
  }

  /** A room looks no more. `false`: it did not, its seats were taken say. */
  cancelBackfill(id: string): boolean {
    const room = this.#rooms.get(id);
    if (room === undefined) return false;
    this.#queueOf(room.request.queue).cancelRoom(room);
    return this.#rooms.delete(id);
  }

  /**
   * Makes all matches that there are at a time.
   *
   * @throws TypeError for a time that is no finite number. One before that of the last call is taken as it is: waiting times are not below 0.
   */
  tick(nowMs: number): MatchmakerTick {
    checkTime('nowMs', nowMs);
    const result: MatchmakerTick = { matches: [], backfills: [], expired: [], changes: [] };
    for (const queue of this.#queues.values()) queue.tick(nowMs, result);
    for (const { ticket } of result.expired) this.#forget(ticket);
    for (const { teams } of [...result.matches, ...result.backfills])
      for (const { tickets } of teams) for (const ticket of tickets) this.#forget(ticket);
    for (const { request, seats } of result.backfills)
      if (seats.every((free) => free === 0)) this.#rooms.delete(request.id);
    return result;
  }

  /** How a ticket stands; `undefined` when it does not wait. Cheap: no other ticket is looked at. */
  stateOf(id: string, nowMs: number): TicketState | undefined {
    checkTime('nowMs', nowMs);
    const waiting = this.#tickets.get(id);
    return waiting && this.#queueOf(waiting.ticket.queue).stateOf(waiting, nowMs);
  }

  /** Why a ticket waits: which others fit it, and on what the rest fails. Looks at each ticket of its queue once. */
  explain(id: string, nowMs: number): TicketExplanation | undefined {
    checkTime('nowMs', nowMs);
    const waiting = this.#tickets.get(id);
    if (waiting === undefined) return undefined;
    const queue = this.#queueOf(waiting.ticket.queue);
    return explainTicket(waiting, queue.waiting, queue.rules, nowMs);
  }

  /** All that waits, as plain JSON for `restore`: for another process that carries on. What is in it is not to be changed. */
  snapshot(): MatchmakerSnapshot {
    const queues = [...this.#queues].map(([name, queue]) => [name, saveQueue(queue)]);
    return { version: 1, queues: Object.fromEntries(queues) };
  }

  /**
   * Carries on from a snapshot, in place of all that waits here. Times in it are of the clock of who made it; `Date.now()` is one that
   * processes share. The next ticks give the same as they would have given there; but when the last one was cut (`cutTicks`), here all
   * tickets are in the order of their waiting, also those that it had put off.
   *
   * @returns what these options refuse: tickets of a queue that there is no more, say.
   * @throws TypeError for what is no snapshot; then nothing has changed.
   */
  restore(snapshot: MatchmakerSnapshot, nowMs: number): NotRestored[] {
    checkTime('nowMs', nowMs);
    checkSnapshot(snapshot);
    const { queues, limits, stateEveryMs } = this.#settings;
    for (const map of [this.#tickets, this.#rooms, this.#players]) map.clear();
    for (const [name, rules] of queues)
      this.#queues.set(name, new MatchQueue(name, rules, limits, stateEveryMs));
    const refused: NotRestored[] = [];
    for (const [name, saved] of Object.entries(snapshot.queues)) {
      this.#queues.get(name)?.carryOn(saved.waits, saved.counts);
      for (const { ticket, sinceMs, nextStateMs } of saved.tickets) {
        const added = this.add(ticket, nowMs, sinceMs);
        if (!added.ok) refused.push({ id: ticket.id, kind: 'ticket', reason: added.reason });
        else if (Number.isFinite(nextStateMs)) this.#tickets.get(ticket.id)!.nextStateMs = nextStateMs; // just added
      }
      for (const { request, sinceMs, seats } of saved.backfills) {
        const added = this.addBackfill(request, nowMs, sinceMs);
        if (added.ok)
          this.#rooms.get(request.id)!.leave(seats); // just added
        else refused.push({ id: request.id, kind: 'backfill', reason: added.reason });
      }
    }
    return refused;
  }

  /**
   * Numbers of a queue.
   *
   * @throws RangeError for a queue that there is not.
   */
  statistics(queue: string): QueueStatistics {
    return this.#queueOf(queue).statistics();
  }

  #queueOf(name: string): MatchQueue {
    const queue = this.#queues.get(name);
    if (queue !== undefined) return queue;
    throw new RangeError(
      `"queue" expected one of ${[...this.#queues.keys()].join(', ')}, got ${describe(name)}`,
    );
  }

  #forget({ id, players }: MatchTicket): void {
    this.#tickets.delete(id);
    for (const player of players) this.#players.delete(player);
  }
}

function refuseWithoutId(value: unknown): RefusedTicket {
  return typeof value === 'object' && value !== null
    ? refuse(MatchRefusal.ID, 'id')
    : refuse(MatchRefusal.MALFORMED);
}

function checkTime(name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) return;
  throw new TypeError(`"${name}" expected a finite number of milliseconds, got ${describe(value)}`);
}
