/** The internal door of src/ops, for the other rooms of this package: nothing of it is public API. Re-exports only. */

export { isPackageUnavailable, type PackageUnavailableError } from '../io/internal.ts';
export { describeArgument, describeCommand, formatAddress, hexOf } from './describe.ts';
export { DRAIN_DEFAULTS, type DrainEvent, type DrainOptions, type DrainResult, drain } from './drain.ts';
export { type Health, healthHandler, healthOf } from './health.ts';
export { type Logger, type LoggingOptions, loggingOptions, logServer } from './logging.ts';
export { type MetricNames, quantileNumbers, withNumbers } from './metricNames.ts';
export type { AnyOperator, MetricsByKind, OperatedServer, ServerKind } from './operatedServer.ts';
export {
  createPrometheusMetrics,
  type MetricsRegistry,
  type PrometheusMetrics,
  type PrometheusOptions,
} from './prometheus.ts';
export type { QuantileNumber } from './quantiles.ts';
export {
  createSelfSignedCertificate,
  SELF_SIGNED_DEFAULTS,
  type SelfSignedCertificate,
  type SelfSignedOptions,
} from './selfSignedCertificate.ts';
export { drainOnSignals, type ShutdownOptions } from './shutdown.ts';
