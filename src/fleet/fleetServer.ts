/** A server as this room sees it. */
import type { OperatedServer } from '../ops/internal.ts';

/** What an `AgonesFleet` asks of a server: what `godot-enet/ops` asks, and for lists of players who they are. A `RoomServer` is one. */
export interface FleetServer extends OperatedServer {
  /** Everybody who has logged in, those who are away among them. */
  readonly players?: readonly FleetPlayer[] | undefined;
}

/** A player of a {@link FleetServer}. */
export interface FleetPlayer {
  /** Who it is. */
  readonly id: string;
}
