/**
 * Public entry `godot-enet/godot`: Godot's networking classes, wired to the sockets and the clock of this process.
 */
import type { ENetConnectionOptions } from './godot/connectionOptions.ts';
import { ENetConnection as BareConnection } from './godot/ENetConnection.ts';
import type { GodotError } from './godot/errors.ts';
import { ENetMultiplayerPeer as BareMultiplayerPeer } from './godot/multiplayer/ENetMultiplayerPeer.ts';
import { GodotThreeMultiplayerPeer as BareGodotThreePeer } from './godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import type { ENetMultiplayerPeerOptions } from './godot/multiplayer/multiplayerOptions.ts';
import { createCompressor } from './io/compression.ts';
import { nodeRuntime } from './io/nodeRuntime.ts';

/**
 * One ENet host on a UDP socket of this process. Inactive until `createHost()` or `createHostBound()` succeeds.
 *
 * See docs/guide/enet-connection.md.
 */
export class ENetConnection extends BareConnection {
  /** @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given. */
  constructor(options: ENetConnectionOptions = {}) {
    super({
      ...options,
      runtime: options.runtime ?? nodeRuntime,
      createCompressor: options.createCompressor ?? createCompressor,
    });
  }

  /**
   * Connections that other classes of this package made are instances too.
   *
   * @internal
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: in a class that extends this one, `this` is that class
    if (this === ENetConnection) return value instanceof BareConnection;
    // biome-ignore lint/complexity/noThisInStatic: it keeps the usual meaning of instanceof
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/**
 * A server, a client or a mesh of Godot's high-level multiplayer, on UDP sockets of this process.
 *
 * See docs/guide/multiplayer-peer.md.
 */
export class ENetMultiplayerPeer extends BareMultiplayerPeer {
  /** @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given. */
  constructor(options: ENetMultiplayerPeerOptions = {}) {
    super({
      ...options,
      runtime: options.runtime ?? nodeRuntime,
      createCompressor: options.createCompressor ?? createCompressor,
    });
  }

  /**
   * The connection underneath a server or a client: set its compression before the first `poll()`. Null, with a trace
   * line, for a mesh and when nothing was created. Do not service, iterate or destroy it yourself.
   */
  override get host(): ENetConnection | null {
    return super.host;
  }

  /**
   * Adds a peer to a mesh and emits `peerConnected` before it returns. A peer that had this id is replaced without a
   * signal, and told.
   *
   * @param peerId the id of the remote, which both sides must have agreed on. It is not checked, as in Godot, beyond
   * being an integer of 32 bits.
   * @param host a connection with exactly one peer, in STATE_CONNECTED, that nobody iterates over any more. It belongs
   * to the mesh from now on: it is destroyed when this peer is gone, or the mesh is closed. Packets that its peer has
   * received and nobody has fetched are dropped.
   * @returns OK; ERR_INVALID_PARAMETER for another host; ERR_UNCONFIGURED without a mesh.
   */
  override addMeshPeer(peerId: number, host: ENetConnection): GodotError {
    return super.addMeshPeer(peerId, host);
  }
}

/**
 * Server or client of games made in Godot 3.2 and later, over UDP of this process.
 *
 * See docs/guide/godot3.md.
 */
export class GodotThreeMultiplayerPeer extends BareGodotThreePeer {
  /** @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given. */
  constructor(options: ENetMultiplayerPeerOptions = {}) {
    super({
      ...options,
      runtime: options.runtime ?? nodeRuntime,
      createCompressor: options.createCompressor ?? createCompressor,
    });
  }

  /** The connection underneath; null when nothing is open. Do not service, iterate or destroy it yourself. */
  override get host(): ENetConnection | null {
    return super.host;
  }
}

export { DisconnectCause } from './enet/disconnectCause.ts';
export {
  type ConnectionHostOptions,
  DEFAULT_CONNECTION_OPTIONS,
  type ENetConnectionOptions,
} from './godot/connectionOptions.ts';
export {
  CompressionMode,
  ConnectionEventType,
  HostStatistic,
  PACKET_LOSS_SCALE,
  PACKET_THROTTLE_SCALE,
  PacketFlag,
  PeerState,
  PeerStatistic,
} from './godot/constants.ts';
export { ENetPacketPeer } from './godot/ENetPacketPeer.ts';
export { GodotError, godotErrorName } from './godot/errors.ts';
export type { EventsOptions, PeerEvent, ServiceEvent } from './godot/eventStream.ts';
export type { GodotThreeMultiplayerPeerSignals } from './godot/multiplayer/GodotThreeMultiplayerPeer.ts';
export type { IncomingPacket } from './godot/multiplayer/incomingQueue.ts';
export {
  DEFAULT_MAX_QUEUED_BYTES,
  MultiplayerPeer,
  type MultiplayerPeerOptions,
  type MultiplayerPeerSignals,
} from './godot/multiplayer/MultiplayerPeer.ts';
export {
  MultiplayerConnectionStatus,
  TARGET_PEER_BROADCAST,
  TARGET_PEER_SERVER,
  TransferMode,
} from './godot/multiplayer/multiplayerConstants.ts';
export type { ENetMultiplayerPeerOptions } from './godot/multiplayer/multiplayerOptions.ts';
export { OfflineMultiplayerPeer } from './godot/OfflineMultiplayerPeer.ts';
export { PacketPeer } from './godot/PacketPeer.ts';
export { type ErrorReporter, SignalEmitter, type SignalListener } from './godot/signals.ts';
export { type PemText, TLSOptions } from './godot/tlsOptions.ts';
export {
  createCompressor,
  prepareZstd,
  type ZstdLibraryName,
  type ZstdOptions,
  type ZstdUnavailableError,
} from './io/compression.ts';
export {
  createNodeRuntime,
  type NodeRuntime,
  type NodeRuntimeOptions,
  type NodeTransport,
} from './io/nodeRuntime.ts';
export {
  SECURE_SUITES,
  type SecureCounters,
  type SecureLimits,
  type SecureSuite,
} from './runtime/secureTransport.ts';
