/** The internal door of src/telemetry: what the entry `godot-enet/ops` publishes of it. Re-exports only. */
export { publishDiagnostics } from './diagnostics.ts';
export {
  type CountMessage,
  DiagnosticsChannel,
  type DiagnosticsMessages,
  type DisconnectedMessage,
  type FailureMessage,
  type HandoffMessage,
  type LeftMessage,
  type MatchedMessage,
  type MatchFailedMessage,
  type MatchmakingMessage,
  type NodeMessage,
  type NotMadeMessage,
  type PeerMessage,
  type PlayerMessage,
  type RefusedTicketMessage,
  type RoomLostMessage,
  type RoomMessage,
  type ServerMessage,
  type SkippedMessage,
  type StartedMessage,
  type TicketMessage,
  type TimedMessage,
} from './events.ts';
export { type OpenTelemetryOptions, publishOpenTelemetry } from './openTelemetry.ts';
export type { DiagnosticsSource } from './watch.ts';
