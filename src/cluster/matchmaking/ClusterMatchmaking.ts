/** Matchmaking of a whole cluster: tickets wait on the nodes where their players are, one node matches. */
import { SignalEmitter } from '../../godot/index.ts';
import type { AddResult, Match, MatchTicket, RefusedTicket, TicketState } from '../../matchmaking/index.ts';
import type { Timer } from '../../runtime/index.ts';
import type { BusRecord, Unsubscribe } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import { type ClusterNode, nodeInside } from '../node/ClusterNode.ts';
import { ClusterError } from '../node/clusterErrors.ts';
import type { NodeInside } from '../node/inside.ts';
import { isTable } from '../node/nodeFacts.ts';
import { nameOf } from '../node/roomRecord.ts';
import { MatchLeader } from './MatchLeader.ts';
import { readAdd } from './messages.ts';
import { type ClusterMatch, type Lead, NodeTickets } from './NodeTickets.ts';
import {
  type ClusterMatchmakingOptions,
  type MatchmakingSettings,
  readMatchmakingOptions,
} from './options.ts';

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
  readonly #tickets: NodeTickets;
  readonly #names: Record<'add' | 'cancel' | 'promise' | 'outcome' | 'news', string>;
  readonly #key: string;
  #leader: MatchLeader | undefined;
  /** Who leads, as far as is known. */
  #lead: Lead | undefined;
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
    const self = this;
    this.#tickets = new NodeTickets(inside, this.#names, {
      get lead() {
        return self.#lead;
      },
      matched: (matched) => this.emitSignal('matched', matched),
      expired: (ticket, waitedMs) => this.emitSignal('expired', ticket, waitedMs),
      refused: (ticket, refusal) => this.emitSignal('refused', ticket, refusal),
      state: (state) => this.emitSignal('state', state),
    });
    node.on('nodeJoined', ({ id }) => this.#leader?.welcome(id));
    node.on('nodeLeft', ({ id, epoch }) => {
      this.#leader?.forget({ node: id, epoch });
      if (this.#lead?.node === id) void this.#look();
    });
    // Whoever led meanwhile has taken it for gone, and has let go of its tickets.
    node.on('unfenced', () => {
      this.#tickets.putAgain();
      void this.#look();
    });
    inside.handle(this.#names.add, (payload) => this.#leading().add(readAdd(payload)));
    inside.handle(this.#names.cancel, (payload) => {
      const { node: from, id } = isTable(payload) ? payload : {};
      return this.#leading().cancel(String(from), String(id));
    });
    inside.handle(this.#names.promise, (payload) => this.#tickets.promised(payload));
    inside.handle(this.#names.outcome, (payload) => this.#tickets.outcome(payload));
    inside.handle(this.#names.news, (payload) => this.#tickets.news(payload));
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
    this.#tickets.close();
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
    if (this.#state === 'running') return this.#tickets.add(ticket);
    return Promise.reject(new ClusterError('NOT_RUNNING', 'the matchmaking does not run'));
  }

  /** Takes a ticket of this node back. `false`: it does not wait here, or its match is being made. */
  cancel(id: string): boolean {
    return this.#tickets.cancel(id);
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
      if (isOther) this.#tickets.ledByAnother(lead.epoch);
    } catch (error) {
      this.#inside.strange(error, 'leader of the matchmaking');
    } finally {
      this.#isLooking = false;
    }
    if (this.#isClosed) return;
    await this.#tickets.send();
    this.#timer?.cancel();
    this.#timer = this.#inside.clock.runtime.startTimer(
      this.#inside.bus.leaseMs / 3,
      () => void this.#look(),
    );
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #findLead(): Promise<Lead | undefined> {
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
}

function leadOf({ root, epoch }: BusRecord): Lead {
  return { node: nameOf(root), epoch };
}

const SIGNAL_NAMES = { matched: true, expired: true, refused: true, failed: true, state: true };
