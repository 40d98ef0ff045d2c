/** Matchmaking of a whole cluster: tickets wait on the nodes where their players are, one node matches. */
import { SignalEmitter } from '../../godot/index.ts';
import type { AddResult, Match, MatchTicket, RefusedTicket, TicketState } from '../../matchmaking/index.ts';
import { MatchRefusal } from '../../matchmaking/index.ts';
import type { Timer } from '../../runtime/index.ts';
import type { BusRecord, Unsubscribe } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import { type ClusterNode, nodeInside } from '../node/ClusterNode.ts';
import { ClusterError } from '../node/clusterErrors.ts';
import type { NodeInside } from '../node/inside.ts';
import { isTable } from '../node/nodeFacts.ts';
import { nameOf, type RoomPlace } from '../node/roomRecord.ts';
import { MatchLeader } from './MatchLeader.ts';
import { readAdd, readAddAnswer, readNews, readOutcome, readPromise, sendable } from './messages.ts';
import {
  type ClusterMatchmakingOptions,
  type MatchmakingSettings,
  readMatchmakingOptions,
} from './options.ts';
import { outcomeOf } from './outcome.ts';

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
}

/** The signals of a {@link ClusterMatchmaking} with their arguments. */
export interface ClusterMatchmakingSignals {
  /** A ticket of this node has a match. */
  readonly matched: [matched: ClusterMatch];
  /** A ticket of this node has waited for `maxWaitMs` of its queue. */
  readonly expired: [ticket: MatchTicket, waitedMs: number];
  /** A new leader does not take a ticket that waited: a player of it waits on another node as well, say. */
  readonly refused: [ticket: MatchTicket, refusal: RefusedTicket];
  /** On the node that leads: the room of a match could not be made. Its tickets wait on; none is matched for two seconds. */
  readonly failed: [match: Match, error: unknown];
  /** How a ticket of this node stands; with `stateEveryMs`. */
  readonly state: [state: TicketState];
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

/**
 * Matchmaking of a whole cluster, with the queues of `Matchmaker`. Each node has one, with the same options. Tickets wait where their
 * players are; the node that holds the lease of the leader matches all of them, makes the room of a match on some node with seats for its
 * players, and tells the nodes of the tickets.
 *
 * When the leader ends, another node leads within a lease and a third, and nodes put in again what waits, with the time it has waited. The
 * record of the room of a match decides whether that came about, so nobody is in two matches, whenever the leader ends.
 */
export class ClusterMatchmaking extends SignalEmitter<ClusterMatchmakingSignals> {
  readonly #inside: NodeInside;
  readonly #settings: MatchmakingSettings;
  readonly #tickets = new Map<string, Waiting>();
  readonly #cancelled = new Set<string>();
  readonly #names: Record<'add' | 'cancel' | 'promise' | 'outcome' | 'news', string>;
  readonly #key: string;
  #leader: MatchLeader | undefined;
  /** Who leads, as far as is known. */
  #lead: { readonly node: string; readonly epoch: number } | undefined;
  #timer: Timer | undefined;
  #isLooking = false;
  #end: Unsubscribe | undefined;
  /** Operators see it no more. */
  #hide: (() => void) | undefined;
  #state: 'new' | 'running' | 'closed' = 'new';

  /** @throws TypeError or RangeError naming the option. */
  constructor(node: ClusterNode, options: ClusterMatchmakingOptions) {
    const settings = readMatchmakingOptions(options);
    const inside = nodeInside(node);
    super(inside.report, SIGNAL_NAMES);
    this.#inside = inside;
    this.#settings = settings;
    const { name } = settings;
    this.#key = `lead/${name}`;
    this.#names = {
      add: `#${name}.add`,
      cancel: `#${name}.cancel`,
      promise: `#${name}.promise`,
      outcome: `#${name}.outcome`,
      news: `#${name}.news`,
    };
    node.on('nodeJoined', ({ id }) => this.#leader?.welcome(id));
    node.on('nodeLeft', ({ id, epoch }) => {
      this.#leader?.forget({ node: id, epoch });
      if (this.#lead?.node === id) void this.#look();
    });
    // Whoever led meanwhile has taken it for gone, and has let go of its tickets.
    node.on('unfenced', () => {
      this.#putAgain();
      void this.#look();
    });
    inside.handle(this.#names.add, (payload) => this.#leading().add(readAdd(payload)));
    inside.handle(this.#names.cancel, (payload) => {
      const { node: from, id } = isTable(payload) ? payload : {};
      return this.#leading().cancel(String(from), String(id));
    });
    inside.handle(this.#names.promise, (payload) => this.#promised(payload));
    inside.handle(this.#names.outcome, (payload) => this.#outcome(payload));
    inside.handle(this.#names.news, (payload) => this.#news(payload));
  }

  /**
   * Takes part. The node was started before.
   *
   * @throws (as rejection) ClusterError NOT_RUNNING; BusError DOWN: it may be started again.
   */
  async start(): Promise<void> {
    this.#inside.checkRunning();
    if (this.#state !== 'new') throw new ClusterError('NOT_RUNNING', 'a matchmaking is started once');
    this.#state = 'running';
    try {
      this.#end = await this.#inside.bus.subscribe(this.#topic, () => void this.#look());
    } catch (error) {
      if (!this.#isClosed) this.#state = 'new';
      throw error;
    }
    if (this.#isClosed) {
      this.#end();
      throw new ClusterError('NOT_RUNNING', 'the matchmaking was closed');
    }
    this.#hide = this.#inside.show(() => ({
      name: this.#settings.name,
      leader: this.leader,
      isLeading: this.#leader?.isLeading === true,
      tickets: this.size,
      queued: this.queued,
    }));
    this.#inside.onClose(() => void this.close());
    await this.#look();
  }

  /** Takes part no more: another node leads, tickets of this one are given back. Calling it twice is fine. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#timer?.cancel();
    this.#hide?.();
    this.#end?.();
    const closed = new ClusterError('NOT_RUNNING', 'the matchmaking was closed');
    for (const { promise, asked } of this.#tickets.values()) {
      promise?.timer.cancel();
      for (const one of asked) one.reject(closed);
    }
    this.#tickets.clear();
    const { lease } = this.#leader ?? {};
    this.#leader?.close();
    this.#leader = undefined;
    if (lease === undefined) return;
    this.#inside.leases.delete(lease);
    try {
      await this.#inside.bus.release(lease);
      await this.#inside.bus.publish(this.#topic, new Uint8Array());
    } catch (error) {
      this.#inside.strange(error, 'end of the matchmaking');
    }
  }

  /** {@link ClusterMatchmaking.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The node that leads, as far as is known. */
  get leader(): string | undefined {
    return this.#lead?.node;
  }

  /** Tickets of this node that wait, or whose match is being made. */
  get size(): number {
    return this.#tickets.size;
  }

  /** With the leader: tickets of all nodes; 0 on others. */
  get queued(): number {
    return this.#leader?.size ?? 0;
  }

  /**
   * A ticket waits from now on, on this node. It may come from a stranger: what is wrong with it is an answer.
   *
   * @returns what the leader says; while there is none it waits for one.
   * @throws ClusterError NOT_RUNNING (as rejection), also when it is closed meanwhile.
   */
  add(ticket: MatchTicket): Promise<AddResult> {
    if (this.#state !== 'running')
      return Promise.reject(new ClusterError('NOT_RUNNING', 'the matchmaking does not run'));
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
      void this.#send();
    });
  }

  /** Takes a ticket of this node back. `false`: it does not wait here, or its match is being made. */
  cancel(id: string): boolean {
    const waiting = this.#tickets.get(id);
    if (waiting === undefined || waiting.promise !== undefined) return false;
    this.#tickets.delete(id);
    for (const one of waiting.asked) one.resolve({ ok: true, isNew: false });
    this.#cancelled.add(id);
    void this.#send();
    return true;
  }

  // --- The leader ---------------------------------------------------------------------------------------------

  get #topic(): string {
    return `cluster/lead-${this.#settings.name}`;
  }

  #leading(): MatchLeader {
    if (this.#leader?.isLeading === true) return this.#leader;
    throw new ClusterError('FAILED', 'this node does not lead the matchmaking');
  }

  /** Who leads; this node, if nobody does. Never rejects. */
  async #look(): Promise<void> {
    if (this.#isLooking || this.#state !== 'running') return;
    this.#isLooking = true;
    try {
      const lead = await this.#findLead();
      const isOther = lead !== undefined && lead.epoch !== this.#lead?.epoch;
      this.#lead = lead;
      if (isOther) this.#ledByAnother(lead.epoch);
    } catch (error) {
      this.#inside.strange(error, 'leader of the matchmaking');
    } finally {
      this.#isLooking = false;
    }
    if (this.#isClosed) return;
    await this.#send();
    this.#timer?.cancel();
    this.#timer = this.#inside.clock.runtime.startTimer(
      this.#inside.bus.leaseMs / 3,
      () => void this.#look(),
    );
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #findLead(): Promise<{ readonly node: string; readonly epoch: number } | undefined> {
    const { root, bus, id, leases } = this.#inside;
    const leader = this.#leader;
    if (leader?.isLeading === true) return { node: id, epoch: leader.lease.epoch };
    // It runs out, and may hold again; one that is over is nobody's.
    if (leader?.lease.isOver === true || (leader !== undefined && leader.lease.under !== root)) {
      leader.close();
      leases.delete(leader.lease);
      this.#leader = undefined;
    }
    if (root?.isHeld !== true) return this.#lead;
    try {
      const lease = await bus.claim(this.#key, id, root);
      if (this.#isClosed) {
        await bus.release(lease);
        return undefined;
      }
      if (this.#leader?.lease.epoch !== lease.epoch) {
        this.#leader?.close();
        this.#leader = new MatchLeader(this.#inside, lease, this.#settings, this.#names, (match, error) =>
          this.emitSignal('failed', match, error),
        );
        leases.add(lease);
        await bus.publish(this.#topic, new Uint8Array());
      }
      return { node: id, epoch: lease.epoch };
    } catch (error) {
      if (!(error instanceof BusError && error.code === 'TAKEN' && error.record !== undefined)) throw error;
      return leadOf(error.record);
    }
  }

  /** What waits goes to the new leader; of what was promised by the one before it is asked whether that came about. */
  #ledByAnother(epoch: number): void {
    for (const waiting of this.#tickets.values())
      if (waiting.promise !== undefined && waiting.promise.lead < epoch) void this.#ask(waiting.promise);
  }

  // --- Tickets ------------------------------------------------------------------------------------------------

  /** Puts in what the leader does not have. Never rejects. */
  async #send(): Promise<void> {
    const lead = this.#lead;
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
      if (wasAsked.length === 0) this.emitSignal('refused', one.ticket, refusal);
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

  #putAgain(): void {
    for (const waiting of this.#tickets.values()) waiting.lead = 0;
  }

  #promised(payload: unknown): boolean {
    const { lead, roomId, match, tickets, forMs } = readPromise(payload);
    // One that has led before, and does not know it yet.
    if (lead < (this.#lead?.epoch ?? 0)) return false;
    const those = tickets.map((id) => this.#tickets.get(id)).filter((one) => one !== undefined);
    const areFree = those.every(({ promise }) => promise === undefined || promise.roomId === roomId);
    if (those.length < tickets.length || !areFree) {
      // The leader has let go of all of them.
      for (const one of those) if (one.promise === undefined) one.lead = 0;
      void this.#send();
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

  #outcome(payload: unknown): boolean {
    const { roomId, place } = readOutcome(payload);
    this.#settle(roomId, place ?? undefined);
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
      const { promise, ticket } = one;
      if (promise?.roomId !== roomId) continue;
      promise.timer.cancel();
      one.promise = undefined;
      one.lead = 0;
      if (place === undefined) continue;
      this.#tickets.delete(id);
      this.emitSignal('matched', { ticket, match: promise.match, place, reservation: roomId });
    }
    if (place === undefined && !this.#isClosed) void this.#send();
  }

  #news(payload: unknown): boolean {
    const { expired, states, putAgain = false } = readNews(payload);
    if (putAgain) {
      this.#putAgain();
      void this.#send();
    }
    for (const { id, waitedMs } of expired) {
      const waiting = this.#tickets.get(id);
      if (waiting === undefined || waiting.promise !== undefined) continue;
      this.#tickets.delete(id);
      this.emitSignal('expired', waiting.ticket, waitedMs);
    }
    for (const state of states) if (this.#tickets.has(state.id)) this.emitSignal('state', state);
    return true;
  }
}

function leadOf({ root, epoch }: BusRecord): { readonly node: string; readonly epoch: number } {
  return { node: nameOf(root), epoch };
}

/** Tickets in one message. */
const MOST_AT_ONCE = 50;
/** Tickets that wait on one node. */
const MOST_TICKETS = 20_000;
const MOST_ID = 64;
const ASK_MS = 3000;
/** How long a node waits for word of a match before it looks by itself. */
const PROMISE_MS = 15_000;
const SIGNAL_NAMES = { matched: true, expired: true, refused: true, failed: true, state: true };
