/**
 * `godot-enet/ops`: running a server of any kind in production. Draining, logs, metrics, diagnostics and health checks.
 *
 * @module ops
 */

export type { OperatedPeer, Operator, OperatorEvents, OperatorMetrics } from './godot/index.ts';
export {
  type AnyOperator,
  createPrometheusMetrics,
  createSelfSignedCertificate,
  DRAIN_DEFAULTS,
  type DrainEvent,
  type DrainOptions,
  type DrainResult,
  drain,
  drainOnSignals,
  type Health,
  healthHandler,
  healthOf,
  type Logger,
  type LoggingOptions,
  loggingOptions,
  logServer,
  type MetricsByKind,
  type MetricsRegistry,
  type OperatedServer,
  type PackageUnavailableError,
  type PrometheusMetrics,
  type PrometheusOptions,
  SELF_SIGNED_DEFAULTS,
  type SelfSignedCertificate,
  type SelfSignedOptions,
  type ServerKind,
  type ShutdownOptions,
} from './ops/internal.ts';
export {
  DiagnosticsChannel,
  type DiagnosticsMessages,
  type DiagnosticsSource,
  type OpenTelemetryOptions,
  publishDiagnostics,
  publishOpenTelemetry,
} from './telemetry/internal.ts';
