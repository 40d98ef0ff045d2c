/** Godot's networking classes: what `godot-enet/godot` exports of them, besides what Node brings. Re-exports only. */
export {
  type ConnectionHostOptions,
  DEFAULT_CONNECTION_OPTIONS,
  type ENetConnectionOptions,
} from './connectionOptions.ts';
export {
  CompressionMode,
  ConnectionEventType,
  HostStatistic,
  PACKET_LOSS_SCALE,
  PACKET_THROTTLE_SCALE,
  PacketFlag,
  PeerState,
  PeerStatistic,
} from './constants.ts';
export { ENetConnection } from './ENetConnection.ts';
export { ENetPacketPeer } from './ENetPacketPeer.ts';
export { GodotError, godotErrorName } from './errors.ts';
export type { EventsOptions, PeerEvent, ServiceEvent } from './eventStream.ts';
export { ENetMultiplayerPeer } from './multiplayer/ENetMultiplayerPeer.ts';
export { MULTIPLAYER_PEER_LIMIT_DEFAULTS, type MultiplayerPeerLimits } from './multiplayer/enetLimits.ts';
export type { ENetMetrics } from './multiplayer/enetMetrics.ts';
export { ENetRefusal } from './multiplayer/enetRefusals.ts';
export {
  GodotThreeMultiplayerPeer,
  type GodotThreeMultiplayerPeerSignals,
} from './multiplayer/GodotThreeMultiplayerPeer.ts';
export type { IncomingPacket } from './multiplayer/incomingQueue.ts';
export {
  DEFAULT_MAX_QUEUED_BYTES,
  MultiplayerPeer,
  type MultiplayerPeerOptions,
  type MultiplayerPeerSignals,
  type TransportPeer,
  type VersionRange,
} from './multiplayer/MultiplayerPeer.ts';
export {
  MultiplayerConnectionStatus,
  TARGET_PEER_BROADCAST,
  TARGET_PEER_SERVER,
  TransferMode,
} from './multiplayer/multiplayerConstants.ts';
export type { ENetMultiplayerPeerOptions } from './multiplayer/multiplayerOptions.ts';
export type { CountedByTransport, TransportMetrics } from './multiplayer/transportCounters.ts';
export type { TransportOps } from './multiplayer/transportOps.ts';
export { OfflineMultiplayerPeer } from './OfflineMultiplayerPeer.ts';
export type { OperatedPeer, Operator, OperatorEvents, OperatorMetrics } from './operator.ts';
export { PacketPeer } from './PacketPeer.ts';
export { type ErrorReporter, SignalEmitter, type SignalListener } from './signals.ts';
export { type PemText, TLSOptions } from './tlsOptions.ts';
