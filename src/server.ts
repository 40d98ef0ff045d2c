/**
 * Public entry `godot-enet/server`: Godot's ENetServer and ENetClient, wired to the sockets and the clock of this
 * process.
 */
import { createCompressor } from './io/compression.ts';
import { nodeRuntime } from './io/nodeRuntime.ts';
import { ENetClient as BareClient } from './server/ENetClient.ts';
import { ENetServer as BareServer } from './server/ENetServer.ts';
import type { ENetClientOptions, ENetServerOptions } from './server/options.ts';

/**
 * A server for Godot's ENetClient (and any other ENet client whose packets are made by ENetPacketUtils).
 *
 * Methods that Godot declares return Godot's error numbers and never throw. Signals never come from inside the call
 * that causes them. Several servers can live in one process; they share nothing.
 */
export class ENetServer extends BareServer {
  /**
   * @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given.
   * @throws TypeError or RangeError for an option out of range.
   */
  constructor(options: ENetServerOptions = {}) {
    super({
      ...options,
      runtime: options.runtime ?? nodeRuntime,
      createCompressor: options.createCompressor ?? createCompressor,
    });
  }
}

/**
 * A client for Godot's ENetServer, e.g. for bots and tests.
 *
 * Methods that Godot declares return Godot's error numbers and never throw. Signals never come from inside the call
 * that causes them.
 */
export class ENetClient extends BareClient {
  /**
   * @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given.
   * @throws TypeError or RangeError for a bad option of the codec.
   */
  constructor(options: ENetClientOptions = {}) {
    super({
      ...options,
      runtime: options.runtime ?? nodeRuntime,
      createCompressor: options.createCompressor ?? createCompressor,
    });
  }
}

export { DisconnectCause } from './enet/disconnectCause.ts';
export { type PemText, TLSOptions } from './godot/tlsOptions.ts';
export { DEFAULT_THREAD_LIMITS, type ThreadCounters, type ThreadLimits } from './runtime/remoteHost.ts';
export {
  SECURE_SUITES,
  type SecureCounters,
  type SecureLimits,
  type SecureSuite,
} from './runtime/secureTransport.ts';
export { AuthMode, AuthState, ConnectionState, ConnectionStatus } from './server/constants.ts';
export type { ClientEventCallback } from './server/ENetClient.ts';
export type { ServerEventCallback } from './server/ENetServer.ts';
export { ENetServerPeer } from './server/ENetServerPeer.ts';
export { EventReceiver } from './server/eventReceiver.ts';
export { SERVER_LIMIT_DEFAULTS, type ServerLimits } from './server/limits.ts';
export {
  type CommonOptions,
  ENET_SERVER_DEFAULTS,
  type ENetClientOptions,
  type ENetServerOptions,
  type ServerSettings,
} from './server/options.ts';
export type { EventPayload, PacketInput, ReceivedDictionary, ReceiveOptions } from './server/packets.ts';
export type { Authenticator } from './server/peerSession.ts';
export { RefusalReason } from './server/refusals.ts';
export type { ServerMetrics, ServerOps } from './server/serverOps.ts';
export type { ENetClientSignals, ENetServerSignals } from './server/serverSignals.ts';
export { type ErrorReporter, SignalEmitter, type SignalListener } from './server/signals.ts';
export {
  defineEvents,
  type EventClient,
  type EventContract,
  type EventDeclarations,
  type EventServer,
  type InvalidEventListener,
  type PayloadDeclaration,
  type PayloadSchema,
  type PayloadToSend,
  payload,
  type ReceivedPayload,
  type SchemaFailure,
  type SchemaIssue,
  type SchemaPathSegment,
  type SchemaProperties,
  type SchemaSuccess,
  type SchemaTypes,
  TypedClientEvents,
  type TypedEventsOptions,
  TypedServerEvents,
  type UncheckedPayload,
} from './server/typedEvents.ts';
