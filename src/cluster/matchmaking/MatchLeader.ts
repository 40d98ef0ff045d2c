/** The one node that matches: tickets of all nodes in, promises and rooms out. */
import { type Match, Matchmaker, type MatchTicket } from '../../matchmaking/index.ts';
import type { Timer } from '../../runtime/index.ts';
import type { Lease } from '../Lease.ts';
import { ClusterError } from '../node/clusterErrors.ts';
import type { NodeInside } from '../node/inside.ts';
import {
  type AddAnswer,
  type AddMessage,
  type NewsMessage,
  type PromiseMessage,
  sendable,
} from './messages.ts';
import type { MatchmakingSettings } from './options.ts';
import { outcomeOf, seatsOf } from './outcome.ts';

/** What a leader asks the nodes, by these names. */
export interface MessageNames {
  readonly promise: string;
  readonly outcome: string;
  readonly news: string;
}

/** The node of a ticket. */
type Owner = Pick<AddMessage, 'node' | 'epoch'>;

/** From the claim to its loss. */
export class MatchLeader {
  /** The claim of the leadership. */
  readonly lease: Lease;
  readonly #inside: NodeInside;
  readonly #settings: MatchmakingSettings;
  readonly #names: MessageNames;
  readonly #failed: (match: Match, error: unknown) => void;
  readonly #matchmaker: Matchmaker;
  /** Whose a ticket is. */
  readonly #owners = new Map<string, Owner>();
  /** Tickets that were put in while their match was being made. */
  readonly #late = new Map<
    string,
    { readonly owner: Owner; readonly ticket: MatchTicket; readonly sinceMs: number }
  >();
  readonly #queue: Match[] = [];
  #making = 0;
  /** Until when none is matched: rooms cannot be made. */
  #pausedUntilMs = 0;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(
    inside: NodeInside,
    lease: Lease,
    settings: MatchmakingSettings,
    names: MessageNames,
    failed: (match: Match, error: unknown) => void,
  ) {
    this.#failed = failed;
    this.#inside = inside;
    this.lease = lease;
    this.#settings = settings;
    this.#names = names;
    this.#matchmaker = new Matchmaker(settings.matchmaker);
    this.#arm();
  }

  /** Whether it may match. */
  get isLeading(): boolean {
    return !this.#isOver && this.lease.isHeld;
  }

  /** Tickets that wait, and those whose match is being made. */
  get size(): number {
    return this.#owners.size;
  }

  /** The numbers of its queues. */
  get matchmaker(): Matchmaker {
    return this.#matchmaker;
  }

  /** Tickets of a node wait from now on. One that waits already is that node's now. @throws ClusterError FAILED when it leads no more */
  add({ node, epoch, tickets }: AddMessage): AddAnswer {
    if (!this.isLeading) throw new ClusterError('FAILED', 'this node does not lead the matchmaking any more');
    const now = this.#inside.clock.now();
    const owner = { node, epoch };
    const refusals = tickets.map(({ ticket, waitedMs }) => {
      if (this.#owners.has(ticket.id) && !this.#matchmaker.has(ticket.id)) {
        // Its match is being made: it counts if that does not come about.
        this.#late.set(ticket.id, { owner, ticket, sinceMs: now - waitedMs });
        return null;
      }
      const added = this.#matchmaker.add(ticket, now, now - waitedMs);
      if (!added.ok) return added;
      this.#owners.set(ticket.id, owner);
      return null;
    });
    return { lead: this.lease.epoch, refusals };
  }

  /** Takes a ticket of a node back. */
  cancel(node: string, id: string): boolean {
    this.#late.delete(id);
    if (this.#owners.get(id)?.node !== node || !this.#matchmaker.cancel(id)) return false;
    this.#owners.delete(id);
    return true;
  }

  /** A node is gone, and those who waited there. */
  forget({ node, epoch }: Owner): void {
    for (const [id, owner] of this.#owners)
      if (owner.node === node && owner.epoch === epoch) this.cancel(node, id);
  }

  /** A node is there: it may have been taken for gone before. */
  welcome(node: string): void {
    if (this.isLeading) void this.#tell(node, this.#names.news, { expired: [], states: [], putAgain: true });
  }

  /** It leads no more. */
  close(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer = this.#inside.clock.runtime.startTimer(this.#settings.tickMs, () => {
      if (this.isLeading && this.#inside.clock.now() >= this.#pausedUntilMs) this.#tick();
      if (!this.#isOver) this.#arm();
    });
  }

  #tick(): void {
    const { matches, expired, changes } = this.#matchmaker.tick(this.#inside.clock.now());
    const news = new Map<
      string,
      { expired: NewsMessage['expired'][number][]; states: NewsMessage['states'][number][] }
    >();
    const newsOf = (id: string) => {
      const node = this.#owners.get(id)?.node ?? '';
      const those = news.get(node) ?? { expired: [], states: [] };
      news.set(node, those);
      return those;
    };
    for (const { ticket, waitedMs } of expired) {
      newsOf(ticket.id).expired.push({ id: ticket.id, waitedMs });
      this.#owners.delete(ticket.id);
    }
    for (const state of changes) newsOf(state.id).states.push(state);
    for (const [node, those] of news) void this.#tell(node, this.#names.news, those);
    this.#queue.push(...matches);
    this.#next();
  }

  #next(): void {
    while (this.#making < MOST_MAKING) {
      const match = this.#queue.shift();
      if (match === undefined) return;
      this.#making++;
      this.#make(match)
        .catch((error: unknown) => this.#inside.strange(error, `match ${match.id}`))
        .finally(() => {
          this.#making--;
          this.#next();
        });
    }
  }

  async #make(match: Match): Promise<void> {
    const sinceMs = this.#inside.clock.now() - match.waitedMs;
    const roomId = `match-${this.lease.epoch}-${match.id}`;
    const { forMs } = this.#settings;
    const answers = await Promise.all(
      [...this.#byNode(match)].map(async ([owner, those]) => {
        const tickets = those.map(({ id }) => id);
        const promise: PromiseMessage = { lead: this.lease.epoch, roomId, match, tickets, forMs };
        return { owner, those, isPromised: await this.#promise(owner.node, promise) };
      }),
    );
    const isWhole = answers.every(({ isPromised }) => isPromised === true) && this.isLeading;
    const isMade = isWhole && (await this.#room(roomId, match));
    for (const { owner, those, isPromised } of answers) {
      for (const { id } of those) this.#made(id, isMade);
      // Nodes put in again what waits there still. One that did not answer may not know that it has to.
      if (isPromised === undefined) this.#again(owner, those, sinceMs);
      else if (isPromised) void this.#tell(owner.node, this.#names.outcome, { roomId, isMade });
    }
  }

  #made(id: string, isMatched: boolean): void {
    this.#owners.delete(id);
    const late = this.#late.get(id);
    this.#late.delete(id);
    if (late !== undefined && !isMatched) this.#again(late.owner, [late.ticket], late.sinceMs);
  }

  #byNode({ teams }: Match): Map<Owner, MatchTicket[]> {
    const byNode = new Map<string, [Owner, MatchTicket[]]>();
    for (const ticket of teams.flatMap(({ tickets }) => tickets)) {
      const owner = this.#owners.get(ticket.id);
      if (owner === undefined) continue;
      const [, those] = byNode.get(owner.node) ?? [owner, []];
      byNode.set(owner.node, [owner, [...those, ticket]]);
    }
    return new Map(byNode.values());
  }

  /** Tickets keep their place. */
  #again(owner: Owner, tickets: readonly MatchTicket[], sinceMs: number): void {
    if (!this.isLeading) return;
    const waitedMs = this.#inside.clock.now() - sinceMs;
    this.add({ ...owner, tickets: tickets.map((ticket) => ({ ticket, waitedMs })) });
  }

  /** @returns whether the tickets are promised, not by a node that is gone; `undefined` when the node did not answer. */
  async #promise(node: string, message: PromiseMessage): Promise<boolean | undefined> {
    if (!this.isLeading) return undefined;
    try {
      return (await this.#inside.ask(node, this.#names.promise, sendable(message), ASK_MS)) === true;
    } catch (error) {
      this.#inside.strange(error, 'promise of a match');
      // Should it come back, it is told to put in again what waits there.
      return error instanceof ClusterError && error.code === 'NODE_GONE' ? false : undefined;
    }
  }

  /** @returns whether the room of a match came about. */
  async #room(roomId: string, match: Match): Promise<boolean> {
    const { room, forMs } = this.#settings;
    try {
      const { kind, options, on = {} } = room(match);
      const seats = seatsOf(match, roomId, forMs);
      const where = on === 'here' ? on : { seats: seats.players.length, ...on };
      const { key, epoch } = this.lease;
      const asLongAs = { key, epoch };
      const order = { id: roomId, kind, options: options ?? match, reserve: seats, asLongAs };
      await this.#inside.calls.create(order, where, CREATE_MS);
      return true;
    } catch (error) {
      this.#pausedUntilMs = this.#inside.clock.now() + PAUSE_MS;
      this.#failed(match, error);
      return (await outcomeOf(this.#inside, roomId, match, forMs)) !== undefined;
    }
  }

  /** A node that does not hear of it asks by itself. */
  async #tell(node: string, name: string, message: object): Promise<void> {
    try {
      await this.#inside.ask(node, name, sendable(message), ASK_MS);
    } catch (error) {
      this.#inside.strange(error, name);
    }
  }
}

/** Matches that are being made at once. */
const MOST_MAKING = 32;
const PAUSE_MS = 2000;
const ASK_MS = 3000;
const CREATE_MS = 10_000;
