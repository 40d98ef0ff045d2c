/** The numbers of a server for Prometheus, through prom-client (an optional peer dependency). */

import type { CounterConfiguration, GaugeConfiguration, Registry } from 'prom-client';
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { loadOptional } from '../io/internal.ts';
import { type MetricNames, quantileNumbers, withNumbers } from './metricNames.ts';
import type { OperatedServer } from './operatedServer.ts';
import type { QuantileNumber } from './quantiles.ts';

/** A registry of prom-client, as far as it is read here: the types of this package do not need those of prom-client. */
export interface MetricsRegistry {
  /** The content type of the exposition format. */
  readonly contentType: string;
  /** The exposition format. */
  metrics(): Promise<string>;
}

/** Options of {@link createPrometheusMetrics}. */
export interface PrometheusOptions<R extends MetricsRegistry = MetricsRegistry> {
  /** Where the metrics are registered, a `Registry` of prom-client. Default: a registry of their own. */
  readonly registry?: R;
  /**
   * What their names start with. Default `"godot_enet_"`; `"godot_enet_multiplayer_"` for a SceneMultiplayer, `"godot_enet_rooms_"` for a RoomServer,
   * `"godot_enet_cluster_"` for a ClusterNode, `"godot_enet_peer_"` for a multiplayer peer over ENet, `"godot_enet_websocket_"` for one over WebSockets. Two servers of a kind need two prefixes.
   */
  readonly prefix?: string;
  /**
   * Whether the delay of the event loop is told as well, `event_loop_delay_seconds`: of the thread that scrapes, by quantiles since the last scrape. It is
   * measured from the first scrape on, while there are scrapes. Default false.
   */
  readonly eventLoopDelay?: boolean;
}

/** Metrics that are read from the server whenever somebody asks. */
export interface PrometheusMetrics<R extends MetricsRegistry = MetricsRegistry> {
  /** The registry that has them, of prom-client. */
  readonly registry: R;
  /** The content type of {@link PrometheusMetrics.text}. */
  readonly contentType: string;
  /** The exposition format. */
  text(): Promise<string>;
}

/**
 * Makes the metrics of a server of any kind. All are read at the time of a scrape: nothing is counted twice, and nothing runs between
 * two scrapes.
 *
 * @throws (rejects with) `PackageUnavailableError` when prom-client is not installed; Error when the registry has metrics of
 * these names.
 */
export async function createPrometheusMetrics<R extends MetricsRegistry = MetricsRegistry>(
  server: OperatedServer,
  options: PrometheusOptions<R> = {},
): Promise<PrometheusMetrics<R>> {
  checkOptions(options, {
    registry: true,
    prefix: true,
    eventLoopDelay: true,
  } satisfies OptionNames<PrometheusOptions>);
  const prometheus = loadOptional('createPrometheusMetrics', 'prom-client') as typeof import('prom-client');
  // Without one given, nothing but the default can be R.
  const registry = options.registry ?? (new prometheus.Registry() as MetricsRegistry as R);
  let prefix = '';
  const register = <Metrics>(names: MetricNames<Metrics>, read: () => Metrics): void => {
    prefix = options.prefix ?? names.prefix;
    registerNumbers(prometheus, registry as MetricsRegistry as Registry, prefix, names, read);
  };
  withNumbers(server, register);
  for (const number of quantileNumbers(server, options.eventLoopDelay === true))
    registerQuantiles(prometheus, registry as MetricsRegistry as Registry, prefix, number);
  return { registry, contentType: registry.contentType, text: () => registry.metrics() };
}

/** A gauge for each quantile; none while there is nothing to tell. */
function registerQuantiles(
  { Gauge }: typeof import('prom-client'),
  registry: Registry,
  prefix: string,
  number: QuantileNumber,
): void {
  const config: GaugeConfiguration<'quantile'> = {
    name: prefix + number.name,
    help: number.help,
    registers: [registry],
    labelNames: ['quantile'],
    collect() {
      this.reset();
      for (const [quantile, value] of number.read()) if (value !== undefined) this.set({ quantile }, value);
    },
  };
  new Gauge(config);
}

function registerNumbers<Metrics>(
  { Counter, Gauge }: typeof import('prom-client'),
  registry: Registry,
  prefix: string,
  { gauges, counters, labelled }: MetricNames<Metrics>,
  metrics: () => Metrics,
): void {
  const registers = [registry];
  for (const [name, help, read] of gauges) {
    const config: GaugeConfiguration<string> = {
      name: prefix + name,
      help,
      registers,
      collect() {
        this.set(read(metrics()));
      },
    };
    new Gauge(config);
  }
  for (const [name, help, read] of counters) {
    const config: CounterConfiguration<string> = {
      name: prefix + name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(metrics()));
      },
    };
    new Counter(config);
  }
  for (const [label, name, help, read] of labelled) {
    const config: CounterConfiguration<string> = {
      name: prefix + name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [value, count] of read(metrics())) this.inc({ [label]: value }, count);
      },
    };
    new Counter(config);
  }
}
