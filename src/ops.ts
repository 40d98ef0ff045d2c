/**
 * `godot-enet/ops`: running an ENetServer in production. Draining, logs, metrics, diagnostics and health checks.
 *
 * @module ops
 */

export { DiagnosticsChannel, publishDiagnostics } from './ops/diagnostics.ts';
export { DRAIN_DEFAULTS, type DrainEvent, type DrainOptions, type DrainResult, drain } from './ops/drain.ts';
export { type Health, healthHandler, healthOf } from './ops/health.ts';
export { type Logger, type LoggingOptions, loggingOptions, logServer } from './ops/logging.ts';
export type { PackageUnavailableError } from './ops/optionalPackage.ts';
export {
  createPrometheusMetrics,
  type MetricsRegistry,
  type PrometheusMetrics,
  type PrometheusOptions,
} from './ops/prometheus.ts';
export {
  createSelfSignedCertificate,
  SELF_SIGNED_DEFAULTS,
  type SelfSignedCertificate,
  type SelfSignedOptions,
} from './ops/selfSignedCertificate.ts';
export { drainOnSignals, type ShutdownOptions } from './ops/shutdown.ts';
