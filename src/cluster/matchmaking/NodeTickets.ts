/** The tickets of one node: they wait here, a leader has copies of them, and each is in one match at most. */
import type { AddResult, Match, MatchTicket, RefusedTicket, TicketState } from '../../matchmaking/index.ts';
import { MatchRefusal } from '../../matchmaking/index.ts';
import type { Timer } from '../../runtime/index.ts';
import { ClusterError } from '../node/clusterErrors.ts';
import type { NodeInside } from '../node/inside.ts';
import { isTable } from '../node/nodeFacts.ts';
import type { RoomPlace } from '../node/roomRecord.ts';
import { readAddAnswer, readNews, readOutcome, readPromise, sendable } from './messages.ts';
import { outcomeOf } from './outcome.ts';

/** Who leads. */
export interface Lead {
  readonly node: string;
  /** Which claim of the leadership it is. */
  readonly epoch: number;
}

/** A match, as the node of one of its tickets hears of it. */
export interface ClusterMatch {
  /** The ticket of this node. */
  readonly ticket: MatchTicket;
  /** Who plays with whom. */
  readonly match: Match;
  /** Where. The room is there, and has seats for all. */
  readonly place: RoomPlace;
  /** The name of the reservation, for `EnterOptions.reservation`. */
  readonly reservation: string;
  /** How long the ticket has waited, until the room was there, in ms. */
  readonly waitedMs: number;
}

/** What the tickets ask, and tell. */
export interface NodeTicketsOwner {
  /** Who leads, as far as is known. */
  readonly lead: Lead | undefined;
  matched(matched: ClusterMatch): void;
  expired(ticket: MatchTicket, waitedMs: number): void;
  refused(ticket: MatchTicket, refusal: RefusedTicket): void;
  state(state: TicketState): void;
}

/** A ticket of this node. */
interface Waiting {
  readonly ticket: MatchTicket;
  readonly sinceMs: number;
  /** The claim of the leader who has it. */
  lead: number;
  /** Whether it is on its way to one. */
  isSent: boolean;
  /** The match that it may be in: until that is known it is in no other. */
  promise: Promised | undefined;
  readonly asked: Asked[];
}

/** Who waits for the answer of a leader. */
interface Asked {
  resolve(result: AddResult): void;
  reject(error: unknown): void;
}

/** A match that may be. */
interface Promised {
  readonly lead: number;
  readonly roomId: string;
  readonly match: Match;
  readonly forMs: number;
  readonly timer: Timer;
  isAsking: boolean;
}

/** See the head of this file. */
export class NodeTickets {
  readonly #inside: NodeInside;
  readonly #names: { readonly add: string; readonly cancel: string };
  readonly #owner: NodeTicketsOwner;
  readonly #tickets = new Map<string, Waiting>();
  readonly #cancelled = new Set<string>();
  #isClosed = false;

  /** @param names of the requests to a leader. */
  constructor(
    inside: NodeInside,
    names: { readonly add: string; readonly cancel: string },
    owner: NodeTicketsOwner,
  ) {
    this.#inside = inside;
    this.#names = names;
    this.#owner = owner;
  }

  /** Tickets that wait, or whose match is being made. */
  get size(): number {
    return this.#tickets.size;
  }

  /** They are given back: who waits for an answer is told so. */
  close(): void {
    this.#isClosed = true;
    const closed = new ClusterError('NOT_RUNNING', 'the matchmaking was closed');
    for (const { promise, asked } of this.#tickets.values()) {
      promise?.timer.cancel();
      for (const one of asked) one.reject(closed);
    }
    this.#tickets.clear();
  }

  /** See `ClusterMatchmaking.add`. */
  add(ticket: MatchTicket): Promise<AddResult> {
    const id: unknown = isTable(ticket) ? ticket['id'] : undefined;
    if (typeof id !== 'string' || id === '' || id.length > MOST_ID)
      return Promise.resolve({ ok: false, reason: MatchRefusal.ID, property: 'id' });
    const known = this.#tickets.get(id);
    if (known !== undefined && known.lead > 0) return Promise.resolve({ ok: true, isNew: false });
    if (this.#tickets.size >= MOST_TICKETS) return Promise.resolve({ ok: false, reason: MatchRefusal.FULL });
    return new Promise((resolve, reject) => {
      if (known !== undefined) {
        known.asked.push({ resolve, reject });
        return;
      }
      const sinceMs = this.#inside.clock.now();
      const waiting = {
        ticket,
        sinceMs,
        lead: 0,
        isSent: false,
        promise: undefined,
        asked: [{ resolve, reject }],
      };
      this.#tickets.set(id, waiting);
      this.#cancelled.delete(id);
      void this.send();
    });
  }

  /** See `ClusterMatchmaking.cancel`. */
  cancel(id: string): boolean {
    const waiting = this.#tickets.get(id);
    if (waiting === undefined || waiting.promise !== undefined) return false;
    this.#tickets.delete(id);
    for (const one of waiting.asked) one.resolve({ ok: true, isNew: false });
    this.#cancelled.add(id);
    void this.send();
    return true;
  }

  /** What waits goes to the new leader; of what was promised by the one before it is asked whether that came about. */
  ledByAnother(epoch: number): void {
    for (const waiting of this.#tickets.values())
      if (waiting.promise !== undefined && waiting.promise.lead < epoch) void this.#ask(waiting.promise);
  }

  /** Puts in what the leader does not have. Never rejects. */
  async send(): Promise<void> {
    const lead = this.#owner.lead;
    if (lead === undefined) return;
    for (;;) {
      const those = [...this.#tickets.values()]
        .filter((one) => one.lead !== lead.epoch && !one.isSent && one.promise === undefined)
        .slice(0, MOST_AT_ONCE);
      if (those.length === 0) break;
      for (const one of those) one.isSent = true;
      const isDone = await this.#put(lead, those);
      for (const one of those) one.isSent = false;
      if (!isDone) return;
    }
    for (const id of [...this.#cancelled]) {
      this.#cancelled.delete(id);
      const message = { node: this.#inside.id, id };
      const answer = await this.#askLeader(lead.node, this.#names.cancel, message, Boolean);
      if (answer === undefined) {
        this.#cancelled.add(id);
        return;
      }
    }
  }

  async #put(
    lead: { readonly node: string; readonly epoch: number },
    those: readonly Waiting[],
  ): Promise<boolean> {
    const now = this.#inside.clock.now();
    const tickets = those.map(({ ticket, sinceMs }) => ({ ticket, waitedMs: now - sinceMs }));
    const message = { node: this.#inside.id, epoch: this.#inside.root?.epoch ?? 0, tickets };
    const answer = await this.#askLeader(lead.node, this.#names.add, message, readAddAnswer);
    if (answer === undefined) return false;
    const { lead: epoch, refusals } = answer;
    for (const [index, one] of those.entries()) {
      if (this.#tickets.get(one.ticket.id) !== one) continue;
      const refusal = refusals[index] ?? undefined;
      if (refusal === undefined) {
        one.lead = epoch;
        for (const asked of one.asked.splice(0)) asked.resolve({ ok: true, isNew: true });
        continue;
      }
      const wasAsked = one.asked.splice(0);
      this.#tickets.delete(one.ticket.id);
      for (const asked of wasAsked) asked.resolve(refusal);
      if (wasAsked.length === 0) this.#owner.refused(one.ticket, refusal);
    }
    return true;
  }

  /** @returns `undefined` when the leader does not answer, or with what is no answer: the next look says who leads. */
  async #askLeader<T>(
    node: string,
    name: string,
    message: object,
    read: (answer: unknown) => T,
  ): Promise<T | undefined> {
    try {
      return read(await this.#inside.ask(node, name, sendable(message), ASK_MS));
    } catch (error) {
      if (!(error instanceof ClusterError)) this.#inside.strange(error, 'tickets');
      return undefined;
    }
  }

  /** No leader has them for certain any more. */
  putAgain(): void {
    for (const waiting of this.#tickets.values()) waiting.lead = 0;
  }

  /** A leader promises a match to tickets. @returns whether all of them take it. */
  promised(payload: unknown): boolean {
    const { lead, roomId, match, tickets, forMs } = readPromise(payload);
    // One that has led before, and does not know it yet.
    if (lead < (this.#owner.lead?.epoch ?? 0)) return false;
    const those = tickets.map((id) => this.#tickets.get(id)).filter((one) => one !== undefined);
    const areFree = those.every(({ promise }) => promise === undefined || promise.roomId === roomId);
    if (those.length < tickets.length || !areFree) {
      // The leader has let go of all of them.
      for (const one of those) if (one.promise === undefined) one.lead = 0;
      void this.send();
      return false;
    }
    for (const one of those) {
      one.promise?.timer.cancel();
      const timer = this.#inside.clock.runtime.startTimer(PROMISE_MS, () => void this.#ask(promise));
      const promise: Promised = { lead, roomId, match, forMs, timer, isAsking: false };
      one.promise = promise;
    }
    return true;
  }

  /** What became of a promise. That it came about the record says: who tells it may have stood still since it knew. */
  outcome(payload: unknown): boolean {
    const { roomId, isMade } = readOutcome(payload);
    if (!isMade) this.#settle(roomId, undefined);
    else
      for (const { promise } of this.#tickets.values())
        if (promise?.roomId === roomId) void this.#ask(promise);
    return true;
  }

  /** Whether the match of a promise came about. Never rejects. */
  async #ask(promise: Promised): Promise<void> {
    if (promise.isAsking) return;
    promise.isAsking = true;
    const { roomId, match, forMs } = promise;
    try {
      this.#settle(roomId, await outcomeOf(this.#inside, roomId, match, forMs));
    } catch (error) {
      this.#inside.strange(error, `match ${match.id}`);
      // Of what can be no match the room never came about. A node that was closed has no tickets any more.
      this.#settle(roomId, undefined);
    }
  }

  #settle(roomId: string, place: RoomPlace | undefined): void {
    for (const [id, one] of this.#tickets) {
      const { promise, ticket, sinceMs } = one;
      if (promise?.roomId !== roomId) continue;
      promise.timer.cancel();
      one.promise = undefined;
      one.lead = 0;
      if (place === undefined) continue;
      this.#tickets.delete(id);
      const waitedMs = this.#inside.clock.now() - sinceMs;
      this.#owner.matched({ ticket, match: promise.match, place, reservation: roomId, waitedMs });
    }
    if (place === undefined && !this.#isClosed) void this.send();
  }

  /** What a leader tells. */
  news(payload: unknown): boolean {
    const { expired, states, putAgain = false } = readNews(payload);
    if (putAgain) {
      this.putAgain();
      void this.send();
    }
    for (const { id, waitedMs } of expired) {
      const waiting = this.#tickets.get(id);
      if (waiting === undefined || waiting.promise !== undefined) continue;
      this.#tickets.delete(id);
      this.#owner.expired(waiting.ticket, waitedMs);
    }
    for (const state of states) if (this.#tickets.has(state.id)) this.#owner.state(state);
    return true;
  }
}

/** Tickets in one message. */
const MOST_AT_ONCE = 50;
/** Tickets that wait on one node. */
const MOST_TICKETS = 20_000;
const MOST_ID = 64;
const ASK_MS = 3000;
/** How long a node waits for word of a match before it looks by itself. */
const PROMISE_MS = 15_000;
