/**
 * Public entry `godot-enet/godot`: Godot's networking classes, wired to the sockets and the clock of this process.
 */
import {
  ENetConnection as BareConnection,
  GodotThreeMultiplayerPeer as BareGodotThreePeer,
  ENetMultiplayerPeer as BareMultiplayerPeer,
  type ENetConnectionOptions,
  type ENetMultiplayerPeerOptions,
  type GodotError,
} from './godot/internal.ts';
import { createCompressor } from './io/internal.ts';
import { nodeRuntime } from './node/internal.ts';

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

export { DisconnectCause } from './enet/index.ts';
export {
  CompressionMode,
  ConnectionEventType,
  type ConnectionHostOptions,
  DEFAULT_CONNECTION_OPTIONS,
  DEFAULT_MAX_QUEUED_BYTES,
  type ENetConnectionOptions,
  type ENetMultiplayerPeerOptions,
  ENetPacketPeer,
  type ErrorReporter,
  type EventsOptions,
  GodotError,
  type GodotThreeMultiplayerPeerSignals,
  godotErrorName,
  HostStatistic,
  type IncomingPacket,
  MultiplayerConnectionStatus,
  MultiplayerPeer,
  type MultiplayerPeerOptions,
  type MultiplayerPeerSignals,
  OfflineMultiplayerPeer,
  PACKET_LOSS_SCALE,
  PACKET_THROTTLE_SCALE,
  PacketFlag,
  PacketPeer,
  type PeerEvent,
  PeerState,
  PeerStatistic,
  type PemText,
  type ServiceEvent,
  SignalEmitter,
  type SignalListener,
  TARGET_PEER_BROADCAST,
  TARGET_PEER_SERVER,
  TLSOptions,
  TransferMode,
} from './godot/internal.ts';
export {
  createCompressor,
  prepareZstd,
  type ZstdLibraryName,
  type ZstdOptions,
  type ZstdUnavailableError,
} from './io/internal.ts';
export {
  createNodeRuntime,
  type NodeRuntime,
  type NodeRuntimeOptions,
  type NodeTransport,
} from './node/internal.ts';
export { SECURE_SUITES, type SecureCounters, type SecureLimits, type SecureSuite } from './runtime/index.ts';
