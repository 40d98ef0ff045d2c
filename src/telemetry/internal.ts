/** The internal door of src/telemetry: what the entry `godot-enet/ops` publishes of it. Re-exports only. */
export { publishDiagnostics } from './diagnostics.ts';
export { DiagnosticsChannel, type DiagnosticsMessages } from './events.ts';
export { type OpenTelemetryOptions, publishOpenTelemetry } from './openTelemetry.ts';
export type { DiagnosticsSource } from './watch.ts';
