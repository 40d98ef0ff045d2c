/**
 * `godot-enet/ops`: running an ENetServer or a SceneMultiplayer in production. Draining, logs, metrics, diagnostics and health checks.
 *
 * @module ops
 */

export {
  createPrometheusMetrics,
  createSelfSignedCertificate,
  DiagnosticsChannel,
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
  type MetricsRegistry,
  type MultiplayerOperator,
  type OperatedServer,
  type OperatorControls,
  type PackageUnavailableError,
  type PrometheusMetrics,
  type PrometheusOptions,
  publishDiagnostics,
  SELF_SIGNED_DEFAULTS,
  type SelfSignedCertificate,
  type SelfSignedOptions,
  type ServerOperator,
  type ShutdownOptions,
} from './ops/internal.ts';
