/** What operators see of a RoomServer and may tell it. Our addition. */
import type { MultiplayerPeer, Operator, OperatorEvents, OperatorMetrics } from '../godot/index.ts';
import type { LivePeers } from '../godot/internal.ts';
import type { Timer } from '../runtime/index.ts';
import type { ENetServer } from '../server/index.ts';
import type { LeaveReason } from './Room.ts';
import type { RoomRefusal } from './roomRefusals.ts';
import type { RoomsRuntime } from './roomsContext.ts';

/** Numbers of a {@link RoomServer}. Counters never go back. */
export interface RoomMetrics extends OperatorMetrics {
  /** Whether players can connect: the transport is open. */
  readonly isActive: boolean;
  /** Whether new connections are taken. */
  readonly acceptsPeers: boolean;
  /** Whether it belongs to a node of a cluster that cannot prove its lease: nobody comes in, and who is in plays on. */
  readonly isFenced: boolean;
  /** Connections now, of players and of those who authenticate. */
  readonly peers: number;
  /** Connections now that are players. */
  readonly authenticatedPeers: number;
  /** Rooms that players may be in. */
  readonly rooms: number;
  /** Players now whose seat is kept. */
  readonly away: number;
  /** Counter: how often a player came into a room. */
  readonly entered: number;
  /** Counter: players who came back. */
  readonly returns: number;
  /** Counter: players who are gone for good, by reason; every reason is there. */
  readonly leaves: ReadonlyMap<LeaveReason, number>;
  /** Counter: rooms that have thrown. */
  readonly failedRooms: number;
  /** Of all rooms, the worst: 99 of 100 of its latest ticks were at most so late, in ms. */
  readonly lateP99Ms: number;
  /** Counter: ticks that were skipped. */
  readonly skippedTicks: number;
  /** Counter: what was turned away, by reason; every reason is there. */
  readonly refusals: ReadonlyMap<RoomRefusal, number>;
}

/** Every `LeaveReason`. */
export const LeaveReasons: { readonly [Reason in LeaveReason]: Reason } = {
  moved: 'moved',
  goodbye: 'goodbye',
  timeout: 'timeout',
  drop: 'drop',
  kick: 'kick',
};

/** What {@link RoomOps} asks its server. */
export interface RoomOpsSource {
  readonly transport: MultiplayerPeer;
  /** The server of those who speak events. */
  readonly eventServer: ENetServer | undefined;
  readonly runtime: RoomsRuntime;
  readonly live: LivePeers;
  metrics(): RoomMetrics;
}

/** The operator's side of a RoomServer: `rooms.ops`. The functions of `godot-enet/ops` use it. */
export class RoomOps implements Operator<'rooms', RoomMetrics> {
  /** Whose numbers {@link RoomOps.metrics} has. */
  readonly kind = 'rooms';
  readonly #source: RoomOpsSource;

  /** @internal */
  constructor(source: RoomOpsSource) {
    this.#source = source;
  }

  /** Whether new connections are taken; the opposite of `refuseNewConnections` of the transport. `false` leaves players alone. */
  get acceptsPeers(): boolean {
    return !this.#source.transport.refuseNewConnections;
  }
  /** Opens or closes the door, also that of `events`. */
  set acceptsPeers(accepts: boolean) {
    const { eventServer } = this.#source;
    if (eventServer !== undefined) eventServer.ops.acceptsPeers = accepts;
    this.#source.transport.refuseNewConnections = !accepts;
  }

  /** All numbers. A copy. */
  metrics(): RoomMetrics {
    return this.#source.metrics();
  }

  /** The port of the transport; 0 when it has none, or several. */
  getLocalPort(): number {
    return this.#source.transport.getLocalPort();
  }

  /** The clock: ms, a u32 that wraps. */
  now(): number {
    return this.#source.runtime.now();
  }

  /** Calls `callback` once after `delayMs`. */
  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#source.runtime.startTimer(delayMs, callback);
  }

  /** Tells what happens to connections from now on; a player is authenticated. @returns a function that ends it. */
  observe(events: OperatorEvents): () => void {
    return this.#source.live.observe(events);
  }
}
