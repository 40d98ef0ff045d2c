/**
 * Public entry `godot-enet/server`: Godot's ENetServer and ENetClient, wired to the sockets and the clock of this
 * process.
 */
import { createCompressor } from './io/internal.ts';
import { nodeRuntime } from './node/internal.ts';
import {
  ENetClient as BareClient,
  ENetServer as BareServer,
  type ENetClientOptions,
  type ENetServerOptions,
} from './server/internal.ts';

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

export { DisconnectCause } from './enet/index.ts';
export { type PemText, TLSOptions } from './godot/internal.ts';
export {
  DEFAULT_THREAD_LIMITS,
  SECURE_SUITES,
  type SecureCounters,
  type SecureLimits,
  type SecureSuite,
  type ThreadCounters,
  type ThreadLimits,
} from './runtime/index.ts';
export {
  type Authenticator,
  AuthMode,
  AuthState,
  type ClientEventCallback,
  type CommonOptions,
  ConnectionState,
  ConnectionStatus,
  defineEvents,
  ENET_SERVER_DEFAULTS,
  type ENetClientOptions,
  type ENetClientSignals,
  type ENetServerOptions,
  ENetServerPeer,
  type ENetServerSignals,
  type ErrorReporter,
  type EventClient,
  type EventContract,
  type EventDeclarations,
  type EventPayload,
  EventReceiver,
  type EventServer,
  type InvalidEventListener,
  type PacketInput,
  type PayloadDeclaration,
  type PayloadSchema,
  type PayloadToSend,
  payload,
  type ReceivedDictionary,
  type ReceivedPayload,
  type ReceiveOptions,
  RefusalReason,
  type SchemaFailure,
  type SchemaIssue,
  type SchemaPathSegment,
  type SchemaProperties,
  type SchemaSuccess,
  type SchemaTypes,
  SERVER_LIMIT_DEFAULTS,
  type ServerEventCallback,
  type ServerLimits,
  type ServerMetrics,
  type ServerOps,
  type ServerSettings,
  SignalEmitter,
  type SignalListener,
  TypedClientEvents,
  type TypedEventsOptions,
  TypedServerEvents,
  type UncheckedPayload,
} from './server/internal.ts';
