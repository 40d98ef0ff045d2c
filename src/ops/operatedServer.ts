/** A server as the functions of this entry see it, whatever its kind. */
import type { ClusterMetrics } from '../cluster/index.ts';
import type { ENetMetrics, Operator } from '../godot/index.ts';
import type { MultiplayerMetrics } from '../multiplayer/index.ts';
import type { RoomMetrics } from '../rooms/index.ts';
import type { ServerMetrics } from '../server/index.ts';
import type { WebSocketMetrics } from '../websocket/index.ts';

/** The numbers of each kind of server, by the name of the kind. */
export interface MetricsByKind {
  /** Of an `ENetServer`. */
  readonly server: ServerMetrics;
  /** Of a `SceneMultiplayer`. */
  readonly multiplayer: MultiplayerMetrics;
  /** Of an `ENetMultiplayerPeer` or a `GodotThreeMultiplayerPeer`. */
  readonly enet: ENetMetrics;
  /** Of a `RoomServer`. */
  readonly rooms: RoomMetrics;
  /** Of a `ClusterNode`. */
  readonly cluster: ClusterMetrics;
  /** Of a `WebSocketMultiplayerPeer`. */
  readonly websocket: WebSocketMetrics;
}

/** The kinds of servers that there are. */
export type ServerKind = keyof MetricsByKind;

/** The operator's side of a server of any kind. */
export type AnyOperator = { [Kind in ServerKind]: Operator<Kind, MetricsByKind[Kind]> }[ServerKind];

/**
 * What the functions of this entry ask of a server: an `ENetServer` is one, a `SceneMultiplayer`, a `RoomServer`, a `ClusterNode`, and the multiplayer peers over
 * ENet and WebSockets.
 */
export interface OperatedServer {
  /** Its operator's side. */
  readonly ops: AnyOperator;
  /** The UDP or TCP port; 0 when stopped. Missing where the transport below has the port. */
  getLocalPort?(): number;
  /** Stops it. */
  [Symbol.asyncDispose](): Promise<void>;
}
