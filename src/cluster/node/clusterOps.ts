/** What operators see of a node of a cluster and may tell it: its rooms, its lease, the bus. Our addition. */
import type { Operator, OperatorEvents, OperatorMetrics } from '../../godot/index.ts';
import type { RoomRefusal, RoomServer } from '../../rooms/index.ts';
import type { Timer } from '../../runtime/index.ts';
import type { BusStatus } from '../bus.ts';
import type { NodeFacts } from './nodeFacts.ts';
import type { ClusterRoom } from './roomRecord.ts';

/** Numbers of a `ClusterNode`. Counters never go back; those of the bus are since it was made. */
export interface ClusterMetrics extends OperatorMetrics {
  /** Whether players can connect: the node is not closed, and its transport is open. */
  readonly isActive: boolean;
  /** Whether new connections are taken; `false` for a node that is draining. */
  readonly acceptsPeers: boolean;
  /** Whether the node cannot prove its lease, or was not started: nobody comes in, and who is in plays on. */
  readonly isFenced: boolean;
  /** Connections now, of players and of those who authenticate. */
  readonly peers: number;
  /** Connections now that are players. */
  readonly authenticatedPeers: number;
  /** Players now whose seat is kept. */
  readonly away: number;
  /** Nodes of the cluster that this one knows of, itself among them while its lease holds. */
  readonly nodes: number;
  /** Rooms that the cluster knows as this node's own. */
  readonly rooms: number;
  /** Leases that it holds for certain: its own, those of its rooms, that of a matchmaking that it leads. 0 while it is fenced. */
  readonly leases: number;
  /** Milliseconds until its lease is unsure unless it is renewed; 0 while it is fenced. */
  readonly leaseLeftMs: number;
  /** Counter: how often the node was fenced. */
  readonly fences: number;
  /** Counter: how often somebody had ended its lease. */
  readonly leasesLost: number;
  /** Counter: rooms that ended since another node has them, or since the lease was lost. */
  readonly roomsLost: number;
  /** Requests to other nodes that have no answer yet. */
  readonly pendingRequests: number;
  /** Requests of other nodes that are being answered. */
  readonly runningRequests: number;
  /** How the bus does. */
  readonly bus: BusStatus;
  /** Of all matchmakings of this node. */
  readonly matchmaking: {
    /** How many it leads. */
    readonly leading: number;
    /** Tickets that wait on this node. */
    readonly tickets: number;
    /** Tickets of all nodes that wait in what it leads. */
    readonly queued: number;
  };
  /** Counter: what the rooms of this node have turned away, by reason. */
  readonly refusals: ReadonlyMap<RoomRefusal, number>;
}

/** How a `ClusterMatchmaking` does. */
export interface MatchmakingState {
  /** Its name. */
  readonly name: string;
  /** The node that leads, as far as is known here. */
  readonly leader: string | undefined;
  /** Whether that is this node. */
  readonly isLeading: boolean;
  /** Tickets that wait on this node. */
  readonly tickets: number;
  /** With the leader: tickets of all nodes; 0 on others. */
  readonly queued: number;
}

/** What {@link ClusterOps} asks its node. */
export interface ClusterOpsSource {
  readonly id: string;
  readonly engine: string;
  readonly rooms: RoomServer;
  metrics(): ClusterMetrics;
  nodes(): NodeFacts[];
  /** All rooms of the cluster. */
  allRooms(): Promise<ClusterRoom[]>;
  matchmakings(): MatchmakingState[];
  /** Others shall know at once how the node is. Never throws. */
  tellSoon(): void;
}

/** The operator's side of a `ClusterNode`: `node.ops`. The functions of `godot-enet/ops` use it, and the page of `godot-enet/inspector`. */
export class ClusterOps implements Operator<'cluster', ClusterMetrics> {
  /** Whose numbers {@link ClusterOps.metrics} has. */
  readonly kind = 'cluster';
  /** The id of the node. */
  readonly id: string;
  /** The engine of its bus. */
  readonly engine: string;
  readonly #source: ClusterOpsSource;

  /** @internal */
  constructor(source: ClusterOpsSource) {
    this.#source = source;
    this.id = source.id;
    this.engine = source.engine;
  }

  /** Whether new connections are taken, and new rooms of others. `false` leaves players alone. */
  get acceptsPeers(): boolean {
    return this.#source.rooms.ops.acceptsPeers;
  }
  /** Opens or closes the door, and tells the other nodes at once. */
  set acceptsPeers(accepts: boolean) {
    this.#source.rooms.ops.acceptsPeers = accepts;
    this.#source.tellSoon();
  }

  /** All numbers. A copy. */
  metrics(): ClusterMetrics {
    return this.#source.metrics();
  }

  /** The nodes of the cluster, as of the last look. */
  nodes(): NodeFacts[] {
    return this.#source.nodes();
  }

  /** All rooms of the cluster, private ones as well, as `ClusterNode.list` has them. @throws BusError (as rejection) DOWN */
  rooms(): Promise<ClusterRoom[]> {
    return this.#source.allRooms();
  }

  /** The matchmakings of this node that were started. */
  matchmakings(): MatchmakingState[] {
    return this.#source.matchmakings();
  }

  /** The clock: ms, a u32 that wraps. */
  now(): number {
    return this.#source.rooms.ops.now();
  }

  /** Calls `callback` once after `delayMs`. */
  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#source.rooms.ops.startTimer(delayMs, callback);
  }

  /** Tells what happens to connections from now on; a player is authenticated. @returns a function that ends it. */
  observe(events: OperatorEvents): () => void {
    return this.#source.rooms.ops.observe(events);
  }
}
