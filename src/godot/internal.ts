/** The internal door of src/godot, for the other rooms of this package: nothing of it is public API. Re-exports only. */

export {
  type ConnectionHostOptions,
  checkConnectTimeout,
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
export { describe } from './describe.ts';
export { connectionAccess, ENetConnection } from './ENetConnection.ts';
export { ENetPacketPeer, peerAccess } from './ENetPacketPeer.ts';
export { GodotError, godotErrorName } from './errors.ts';
export type { EventsOptions, PeerEvent, ServiceEvent } from './eventStream.ts';
export { findCompressor } from './findCompressor.ts';
export { readHostParameters } from './hostParameters.ts';
export { formatIpAddress, isBindAddress, isHostName } from './ipAddress.ts';
export { checkLinger } from './lingering.ts';
export { ENetMultiplayerPeer } from './multiplayer/ENetMultiplayerPeer.ts';
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
} from './multiplayer/MultiplayerPeer.ts';
export {
  MultiplayerConnectionStatus,
  TARGET_PEER_BROADCAST,
  TARGET_PEER_SERVER,
  TransferMode,
} from './multiplayer/multiplayerConstants.ts';
export type { ENetMultiplayerPeerOptions } from './multiplayer/multiplayerOptions.ts';
export { INT32_MAX, isInRange, toInteger, toUint32 } from './numbers.ts';
export { OfflineMultiplayerPeer } from './OfflineMultiplayerPeer.ts';
export { PacketPeer } from './PacketPeer.ts';
export {
  callGuarded,
  type ErrorReporter,
  isThenable,
  SignalEmitter,
  type SignalListener,
  safeReporter,
} from './signals.ts';
export { StartWarning } from './startWarning.ts';
export { type PemText, serverSecurity, TLSOptions } from './tlsOptions.ts';
