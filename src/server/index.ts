/** ENetServer and ENetClient: what `godot-enet/server` exports of them. Re-exports only. */
export type { Authenticator } from './authentication.ts';
export { AuthMode, AuthState, ConnectionState, ConnectionStatus } from './constants.ts';
export { type ClientEventCallback, ENetClient } from './ENetClient.ts';
export { ENetServer } from './ENetServer.ts';
export { ENetServerPeer } from './ENetServerPeer.ts';
export { EventReceiver } from './eventReceiver.ts';
export { SERVER_LIMIT_DEFAULTS, type ServerLimits } from './limits.ts';
export {
  type CommonOptions,
  ENET_SERVER_DEFAULTS,
  type ENetClientOptions,
  type ENetServerOptions,
  type ServerSettings,
} from './options.ts';
export type { EventPayload, PacketInput, ReceivedDictionary, ReceiveOptions } from './packets.ts';
export { RefusalReason } from './refusals.ts';
export { type ServerMetrics, ServerOps } from './serverOps.ts';
export type { ENetClientSignals, ENetServerSignals, ServerEventCallback } from './serverSignals.ts';
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
} from './typedEvents.ts';
