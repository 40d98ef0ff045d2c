/** The numbers of a server for Prometheus, through prom-client (an optional peer dependency). */

import type { CounterConfiguration, GaugeConfiguration, Registry } from 'prom-client';
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { loadOptional } from '../io/internal.ts';
import type { ENetServer, ServerMetrics } from '../server/index.ts';

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
  /** What their names start with. Default `"godot_enet_"`. */
  readonly prefix?: string;
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
 * Makes the metrics of a server. All are read at the time of a scrape: nothing is counted twice, and nothing runs between
 * two scrapes.
 *
 * @throws (rejects with) `PackageUnavailableError` when prom-client is not installed; Error when the registry has metrics of
 * these names.
 */
export async function createPrometheusMetrics<R extends MetricsRegistry = MetricsRegistry>(
  server: ENetServer,
  options: PrometheusOptions<R> = {},
): Promise<PrometheusMetrics<R>> {
  checkOptions(options, { registry: true, prefix: true } satisfies OptionNames<PrometheusOptions>);
  const prometheus = loadOptional('createPrometheusMetrics', 'prom-client') as typeof import('prom-client');
  const { Counter, Gauge } = prometheus;
  const hasThread = server.ops.metrics().thread !== undefined;
  const gauges = hasThread ? [...GAUGES, ...THREAD_GAUGES] : GAUGES;
  const counters = hasThread ? [...COUNTERS, ...THREAD_COUNTERS] : COUNTERS;
  // Without one given, nothing but the default can be R.
  const registry = options.registry ?? (new prometheus.Registry() as MetricsRegistry as R);
  const prefix = options.prefix ?? 'godot_enet_';
  const registers = [registry as MetricsRegistry as Registry];
  for (const [name, help, read] of gauges) {
    const config: GaugeConfiguration<string> = {
      name: prefix + name,
      help,
      registers,
      collect() {
        this.set(read(server.ops.metrics()));
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
        this.inc(read(server.ops.metrics()));
      },
    };
    new Counter(config);
  }
  for (const [label, name, help, read] of BY_LABEL) {
    const config: CounterConfiguration<string> = {
      name: prefix + name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [value, count] of read(server.ops.metrics())) this.inc({ [label]: value }, count);
      },
    };
    new Counter(config);
  }
  return { registry, contentType: registry.contentType, text: () => registry.metrics() };
}

const NONE: ReadonlyMap<string, number> = new Map();

type Read<Value> = (metrics: ServerMetrics) => Value;

const GAUGES: readonly (readonly [name: string, help: string, read: Read<number>])[] = [
  ['up', 'Whether the server is listening', (metrics) => Number(metrics.isActive)],
  ['accepting', 'Whether new connections are taken', (metrics) => Number(metrics.acceptsPeers)],
  ['peers', 'Peers, authenticated or not', (metrics) => metrics.peers],
  ['authenticated_peers', 'Authenticated peers', (metrics) => metrics.authenticatedPeers],
  ['dtls_sessions', 'Open DTLS sessions', (metrics) => metrics.dtls?.sessions ?? 0],
  ['dtls_handshakes', 'DTLS handshakes under way', (metrics) => metrics.dtls?.handshakes ?? 0],
  [
    'dtls_certificate_not_after_seconds',
    'When the certificate stops being valid, in seconds of the Unix epoch; 0 without DTLS',
    (metrics) => (metrics.dtls?.certificateNotAfterMs ?? 0) / 1000,
  ],
];

const COUNTERS: readonly (readonly [name: string, help: string, read: Read<number>])[] = [
  ['connections_total', 'Connections that were made', (metrics) => metrics.connections],
  ['authentications_total', 'Peers that were authenticated', (metrics) => metrics.authentications],
  ['packets_received_total', 'Packets of authenticated peers', (metrics) => metrics.packetsReceived],
  ['packet_bytes_received_total', 'Bytes of these packets', (metrics) => metrics.bytesReceived],
  ['events_received_total', 'Events that reached a callback', (metrics) => metrics.eventsReceived],
  ['handler_errors_total', 'Errors of application code', (metrics) => metrics.handlerErrors],
  ['datagrams_received_total', 'UDP datagrams received', (metrics) => metrics.datagramsReceived],
  ['datagram_bytes_received_total', 'Bytes of these datagrams', (metrics) => metrics.datagramBytesReceived],
  ['datagrams_sent_total', 'UDP datagrams sent', (metrics) => metrics.datagramsSent],
  ['datagram_bytes_sent_total', 'Bytes of these datagrams', (metrics) => metrics.datagramBytesSent],
  ['repeats_total', 'Reliable packets and fragments that came again', (metrics) => metrics.repeats],
  [
    'late_acknowledgements_total',
    'Acknowledgements of what was acknowledged before',
    (metrics) => metrics.lateAcknowledgements,
  ],
  ['dtls_completed_total', 'DTLS handshakes that were completed', (metrics) => metrics.dtls?.completed ?? 0],
  [
    'dtls_cookies_sent_total',
    'DTLS hellos that were answered with a cookie',
    (metrics) => metrics.dtls?.cookiesSent ?? 0,
  ],
  [
    'dtls_retransmissions_total',
    'DTLS flights that were sent once more',
    (metrics) => metrics.dtls?.retransmissions ?? 0,
  ],
];

/** Only with a network thread. */
const THREAD_GAUGES: readonly (readonly [name: string, help: string, read: Read<number>])[] = [
  [
    'thread_holding',
    'Whether the thread holds packets back',
    ({ thread }) => Number(thread?.isHolding ?? false),
  ],
];

/** The same; they count from the start of the current or last run. */
const THREAD_COUNTERS: readonly (readonly [name: string, help: string, read: Read<number>])[] = [
  ['thread_holds_total', 'How often it held packets back', ({ thread }) => thread?.holds ?? 0],
  [
    'thread_dropped_waiting_total',
    'Packets beyond maxWaitingBytes',
    ({ thread }) => thread?.droppedWaiting ?? 0,
  ],
  [
    'thread_refused_connects_total',
    'Connections that it had no room to report',
    ({ thread }) => thread?.refusedConnects ?? 0,
  ],
  [
    'thread_refused_sends_total',
    'Sends refused before the thread',
    ({ thread }) => thread?.refusedSends ?? 0,
  ],
  ['thread_failed_packets_total', 'Sends refused in the thread', ({ thread }) => thread?.failedPackets ?? 0],
  [
    'thread_failed_datagrams_total',
    'Datagrams that the system refused',
    ({ thread }) => thread?.failedSends ?? 0,
  ],
  ['thread_wakes_total', 'Messages that woke the application', ({ thread }) => thread?.wakes ?? 0],
  ['thread_pings_total', 'Messages that woke the thread', ({ thread }) => thread?.pings ?? 0],
  ['thread_dropped_traces_total', 'Observations that were lost', ({ thread }) => thread?.droppedTraces ?? 0],
];

const BY_LABEL: readonly (readonly [
  label: 'cause' | 'reason',
  name: string,
  help: string,
  read: Read<ReadonlyMap<string, number>>,
])[] = [
  [
    'cause',
    'disconnections_total',
    'Connections that have ended',
    (metrics) => metrics.disconnectionsByCause,
  ],
  ['reason', 'refusals_total', 'What the server turned away', (metrics) => metrics.refusals],
  [
    'reason',
    'drops_total',
    'Datagrams and commands that the ENet core did not use',
    (metrics) => metrics.drops,
  ],
  [
    'reason',
    'dtls_failures_total',
    'DTLS handshakes that came to nothing, by the code of docs/errors.md',
    (metrics) => metrics.dtls?.failures ?? NONE,
  ],
  [
    'reason',
    'dtls_drops_total',
    'Records and handshakes that DTLS did not use',
    (metrics) => metrics.dtls?.drops ?? NONE,
  ],
];
