/** The Prometheus names of the numbers of each kind of server. Those of one kind begin with one prefix. */
import type { ClusterMetrics } from '../cluster/index.ts';
import type { ENetMetrics, TransportMetrics } from '../godot/index.ts';
import type { MultiplayerMetrics } from '../multiplayer/index.ts';
import type { RoomMetrics } from '../rooms/index.ts';
import type { ServerMetrics } from '../server/index.ts';
import type { WebSocketMetrics } from '../websocket/index.ts';
import { EventLoopDelay } from './EventLoopDelay.ts';
import { linkNumbers } from './links.ts';
import type { OperatedServer } from './operatedServer.ts';
import type { QuantileNumber } from './quantiles.ts';

/** A number: its name without prefix, its help text, and where it is. */
type NamedNumber<Metrics> = readonly [name: string, help: string, read: (metrics: Metrics) => number];

/** Counters that a label tells apart. */
type LabelledCounter<Metrics> = readonly [
  label: 'cause' | 'reason' | 'suite',
  name: string,
  help: string,
  read: (metrics: Metrics) => ReadonlyMap<string, number>,
];

/** The names for one kind of server. */
export interface MetricNames<Metrics> {
  /** What names begin with, unless the option says otherwise. */
  readonly prefix: string;
  readonly gauges: readonly NamedNumber<Metrics>[];
  readonly counters: readonly NamedNumber<Metrics>[];
  readonly labelled: readonly LabelledCounter<Metrics>[];
}

/** Calls a function with the names for a server of any kind, and with what reads its numbers. */
export function withNumbers<Result>(
  { ops }: OperatedServer,
  use: <Metrics>(names: MetricNames<Metrics>, read: () => Metrics) => Result,
): Result {
  switch (ops.kind) {
    case 'multiplayer':
      return use(MULTIPLAYER_NAMES, () => ops.metrics());
    case 'enet':
      return use(ENET_NAMES, () => ops.metrics());
    case 'rooms':
      return use(ROOM_NAMES, () => ops.metrics());
    case 'cluster':
      return use(CLUSTER_NAMES, () => ops.metrics());
    case 'websocket':
      return use(WEBSOCKET_NAMES, () => ops.metrics());
    default: {
      const hasThread = ops.metrics().thread !== undefined;
      return use(hasThread ? THREADED_SERVER_NAMES : SERVER_NAMES, () => ops.metrics());
    }
  }
}

/** What is told of a server as quantiles. @param hasEventLoopDelay whether the delay of the event loop is, too. */
export function quantileNumbers(server: OperatedServer, hasEventLoopDelay: boolean): QuantileNumber[] {
  return [...linkNumbers(server), ...(hasEventLoopDelay ? [new EventLoopDelay()] : [])];
}

const NONE: ReadonlyMap<string, number> = new Map();

type DatagramMetrics = Pick<
  ServerMetrics,
  'datagramsReceived' | 'datagramBytesReceived' | 'datagramsSent' | 'datagramBytesSent' | 'drops'
>;
type NamedParts<Metrics> = Omit<MetricNames<Metrics>, 'prefix'>;

/** Of DTLS, wherever it is. */
const DTLS_NAMES: NamedParts<Pick<ServerMetrics, 'dtls'>> = {
  gauges: [
    ['dtls_sessions', 'Open DTLS sessions', (metrics) => metrics.dtls?.sessions ?? 0],
    ['dtls_handshakes', 'DTLS handshakes under way', (metrics) => metrics.dtls?.handshakes ?? 0],
    [
      'dtls_certificate_not_after_seconds',
      'When the certificate stops being valid, in seconds of the Unix epoch; 0 without DTLS',
      (metrics) => (metrics.dtls?.certificateNotAfterMs ?? 0) / 1000,
    ],
  ],
  counters: [
    [
      'dtls_completed_total',
      'DTLS handshakes that were completed',
      (metrics) => metrics.dtls?.completed ?? 0,
    ],
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
  ],
  labelled: [
    [
      'suite',
      'dtls_completed_by_suite_total',
      'DTLS handshakes that were completed, by cipher suite',
      (metrics) => metrics.dtls?.suites ?? NONE,
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
  ],
};

/** Of the host underneath, wherever there is one. */
const DATAGRAM_NAMES: Omit<NamedParts<DatagramMetrics>, 'gauges'> = {
  counters: [
    ['datagrams_received_total', 'UDP datagrams received', (metrics) => metrics.datagramsReceived],
    ['datagram_bytes_received_total', 'Bytes of these datagrams', (metrics) => metrics.datagramBytesReceived],
    ['datagrams_sent_total', 'UDP datagrams sent', (metrics) => metrics.datagramsSent],
    ['datagram_bytes_sent_total', 'Bytes of these datagrams', (metrics) => metrics.datagramBytesSent],
  ],
  labelled: [
    [
      'reason',
      'drops_total',
      'Datagrams and commands that the ENet core did not use',
      (metrics) => metrics.drops,
    ],
  ],
};

/** Of an ENetServer. */
const SERVER_NAMES: MetricNames<ServerMetrics> = {
  prefix: 'godot_enet_',
  gauges: [
    ['up', 'Whether the server is listening', (metrics) => Number(metrics.isActive)],
    ['accepting', 'Whether new connections are taken', (metrics) => Number(metrics.acceptsPeers)],
    ['peers', 'Peers, authenticated or not', (metrics) => metrics.peers],
    ['authenticated_peers', 'Authenticated peers', (metrics) => metrics.authenticatedPeers],
    ...DTLS_NAMES.gauges,
  ],
  counters: [
    ['connections_total', 'Connections that were made', (metrics) => metrics.connections],
    ['authentications_total', 'Peers that were authenticated', (metrics) => metrics.authentications],
    ['packets_received_total', 'Packets of authenticated peers', (metrics) => metrics.packetsReceived],
    ['packet_bytes_received_total', 'Bytes of these packets', (metrics) => metrics.bytesReceived],
    ['events_received_total', 'Events that reached a callback', (metrics) => metrics.eventsReceived],
    ['handler_errors_total', 'Errors of application code', (metrics) => metrics.handlerErrors],
    ...DATAGRAM_NAMES.counters,
    ['repeats_total', 'Reliable packets and fragments that came again', (metrics) => metrics.repeats],
    [
      'late_acknowledgements_total',
      'Acknowledgements of what was acknowledged before',
      (metrics) => metrics.lateAcknowledgements,
    ],
    ...DTLS_NAMES.counters,
  ],
  labelled: [
    [
      'cause',
      'disconnections_total',
      'Connections that have ended',
      (metrics) => metrics.disconnectionsByCause,
    ],
    ['reason', 'refusals_total', 'What the server turned away', (metrics) => metrics.refusals],
    ...DATAGRAM_NAMES.labelled,
    ...DTLS_NAMES.labelled,
  ],
};

/** Of an ENetServer with a network thread: besides, what its queues have seen since the start of the current or last run. */
const THREADED_SERVER_NAMES: MetricNames<ServerMetrics> = {
  ...SERVER_NAMES,
  gauges: [
    ...SERVER_NAMES.gauges,
    [
      'thread_holding',
      'Whether the thread holds packets back',
      ({ thread }) => Number(thread?.isHolding ?? false),
    ],
  ],
  counters: [
    ...SERVER_NAMES.counters,
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
    [
      'thread_failed_packets_total',
      'Sends refused in the thread',
      ({ thread }) => thread?.failedPackets ?? 0,
    ],
    [
      'thread_failed_datagrams_total',
      'Datagrams that the system refused',
      ({ thread }) => thread?.failedSends ?? 0,
    ],
    ['thread_wakes_total', 'Messages that woke the application', ({ thread }) => thread?.wakes ?? 0],
    ['thread_pings_total', 'Messages that woke the thread', ({ thread }) => thread?.pings ?? 0],
    [
      'thread_dropped_traces_total',
      'Observations that were lost',
      ({ thread }) => thread?.droppedTraces ?? 0,
    ],
  ],
};

/** Of a SceneMultiplayer. */
const MULTIPLAYER_NAMES: MetricNames<MultiplayerMetrics> = {
  prefix: 'godot_enet_multiplayer_',
  gauges: [
    ['up', 'Whether it is connected', (metrics) => Number(metrics.isActive)],
    ['accepting', 'Whether new connections are taken', (metrics) => Number(metrics.acceptsPeers)],
    ['peers', 'Peers, admitted or authenticating', (metrics) => metrics.peers],
    ['authenticated_peers', 'Admitted peers', (metrics) => metrics.authenticatedPeers],
    ['held_calls', 'Calls that wait for a gate or a version', (metrics) => metrics.heldCalls],
    ['held_call_bytes', 'Bytes of their arguments', (metrics) => metrics.heldBytes],
    ['announced_paths', 'Nodes that have a number', (metrics) => metrics.announcedPaths],
    ['unconfirmed_paths', 'Announcements without an answer', (metrics) => metrics.unconfirmedPaths],
    ['remote_paths', 'Numbers of nodes that peers have given', (metrics) => metrics.remotePaths],
    ['spawned_nodes', 'Nodes that peers have of ours, once for each', (metrics) => metrics.spawnedNodes],
    ['peer_nodes', 'Nodes that peers have spawned here', (metrics) => metrics.peerNodes],
    [
      'waiting_states',
      'States and changes that wait, once for each peer',
      (metrics) => metrics.waitingStates,
    ],
  ],
  counters: [
    ['authentications_total', 'Peers that were admitted', (metrics) => metrics.authentications],
    [
      'authentication_failures_total',
      'Peers that did not authenticate',
      (metrics) => metrics.authenticationFailures,
    ],
    ['packets_received_total', 'Packets of the transport', (metrics) => metrics.packetsReceived],
    ['packet_bytes_received_total', 'Bytes of these packets', (metrics) => metrics.bytesReceived],
    ['packets_sent_total', 'Packets to the transport, once per receiver', (metrics) => metrics.packetsSent],
    ['packet_bytes_sent_total', 'Bytes of these packets', (metrics) => metrics.bytesSent],
    ['packets_relayed_total', 'Packets sent for another client', (metrics) => metrics.packetsRelayed],
    ['packet_bytes_relayed_total', 'Bytes of these packets', (metrics) => metrics.bytesRelayed],
    ['calls_received_total', 'Remote calls that arrived', (metrics) => metrics.callsReceived],
    ['calls_refused_total', 'Those that reached no handler', (metrics) => metrics.callsRefused],
    ['calls_sent_total', 'Remote calls sent, once per receiver', (metrics) => metrics.callsSent],
    ['spawns_sent_total', 'Nodes that appeared at a peer', (metrics) => metrics.spawnsSent],
    ['despawns_sent_total', 'Nodes that disappeared at a peer', (metrics) => metrics.despawnsSent],
    ['states_sent_total', 'States of synchronizers sent, once per receiver', (metrics) => metrics.statesSent],
    ['states_received_total', 'States of synchronizers that were set', (metrics) => metrics.statesReceived],
    ['handler_errors_total', 'Errors of application code', (metrics) => metrics.handlerErrors],
  ],
  labelled: [['reason', 'refusals_total', 'What was turned away', (metrics) => metrics.refusals]],
};

/** Of a RoomServer. */
const ROOM_NAMES: MetricNames<RoomMetrics> = {
  prefix: 'godot_enet_rooms_',
  gauges: [
    ['up', 'Whether players can connect', (metrics) => Number(metrics.isActive)],
    ['accepting', 'Whether new connections are taken', (metrics) => Number(metrics.acceptsPeers)],
    ['fenced', 'Whether its node of a cluster cannot prove its lease', (metrics) => Number(metrics.isFenced)],
    ['peers', 'Connections', (metrics) => metrics.peers],
    ['authenticated_peers', 'Connections that are players', (metrics) => metrics.authenticatedPeers],
    ['rooms', 'Rooms that take players', (metrics) => metrics.rooms],
    ['away', 'Players whose seat is kept', (metrics) => metrics.away],
    [
      'late_p99_ms',
      'Of the worst room: 99 of 100 ticks were at most so late',
      (metrics) => metrics.lateP99Ms,
    ],
  ],
  counters: [
    ['entered_total', 'How often a player came into a room', (metrics) => metrics.entered],
    ['returns_total', 'Players who came back', (metrics) => metrics.returns],
    ['failed_rooms_total', 'Rooms that have thrown', (metrics) => metrics.failedRooms],
    ['skipped_ticks_total', 'Ticks that were skipped', (metrics) => metrics.skippedTicks],
  ],
  labelled: [
    ['reason', 'leaves_total', 'Players who are gone for good', (metrics) => metrics.leaves],
    ['reason', 'refusals_total', 'What was turned away', (metrics) => metrics.refusals],
  ],
};

/** Of a ClusterNode. */
const CLUSTER_NAMES: MetricNames<ClusterMetrics> = {
  prefix: 'godot_enet_cluster_',
  gauges: [
    ['up', 'Whether players can connect', (metrics) => Number(metrics.isActive)],
    ['accepting', 'Whether new connections are taken', (metrics) => Number(metrics.acceptsPeers)],
    ['fenced', 'Whether the node cannot prove its lease', (metrics) => Number(metrics.isFenced)],
    ['peers', 'Connections to this node', (metrics) => metrics.peers],
    ['authenticated_peers', 'Connections that are players', (metrics) => metrics.authenticatedPeers],
    ['away', 'Players whose seat is kept', (metrics) => metrics.away],
    ['nodes', 'Nodes that this one knows of', (metrics) => metrics.nodes],
    ['rooms', 'Rooms that are its own', (metrics) => metrics.rooms],
    ['leases', 'Leases that it holds for certain', (metrics) => metrics.leases],
    [
      'lease_left_seconds',
      'Until its lease is unsure unless it is renewed',
      (metrics) => metrics.leaseLeftMs / 1000,
    ],
    ['requests_pending', 'Requests to other nodes without an answer', (metrics) => metrics.pendingRequests],
    ['requests_running', 'Requests of others being answered', (metrics) => metrics.runningRequests],
    ['bus_up', 'Whether the engine of the bus answers', ({ bus }) => Number(bus.isUp)],
    ['bus_waiting', 'Messages to this node that wait', ({ bus }) => bus.waiting],
    ['bus_round_trip_seconds', 'What the last call of the bus took', ({ bus }) => bus.roundTripMs / 1000],
    ['matchmaking_leading', 'Matchmakings that this node leads', ({ matchmaking }) => matchmaking.leading],
    ['matchmaking_tickets', 'Tickets that wait on this node', ({ matchmaking }) => matchmaking.tickets],
    [
      'matchmaking_queued',
      'Tickets of all nodes in what this node leads',
      ({ matchmaking }) => matchmaking.queued,
    ],
  ],
  counters: [
    ['fences_total', 'How often the node was fenced', (metrics) => metrics.fences],
    ['leases_lost_total', 'How often somebody had ended its lease', (metrics) => metrics.leasesLost],
    ['rooms_lost_total', 'Rooms that ended since others have them', (metrics) => metrics.roomsLost],
    ['bus_outages_total', 'How often the bus stopped answering', ({ bus }) => bus.outages],
    ['bus_failures_total', 'Calls of the bus that failed', ({ bus }) => bus.failures],
  ],
  labelled: [['reason', 'refusals_total', 'What its rooms turned away', (metrics) => metrics.refusals]],
};

/** Of every multiplayer peer. */
const TRANSPORT_NAMES: NamedParts<TransportMetrics> = {
  gauges: [
    ['up', 'Whether it is open', (metrics) => Number(metrics.isActive)],
    ['accepting', 'Whether new connections are taken', (metrics) => Number(metrics.acceptsPeers)],
    ['peers', 'Connected peers', (metrics) => metrics.peers],
  ],
  counters: [
    ['connections_total', 'Connections that were made', (metrics) => metrics.connections],
    ['packets_received_total', 'Packets received', (metrics) => metrics.packetsReceived],
    ['packet_bytes_received_total', 'Bytes of these packets', (metrics) => metrics.bytesReceived],
    ['packets_sent_total', 'Packets sent, once per receiver', (metrics) => metrics.packetsSent],
    ['packet_bytes_sent_total', 'Bytes of these packets', (metrics) => metrics.bytesSent],
  ],
  labelled: [
    [
      'cause',
      'disconnections_total',
      'Connections that have ended',
      (metrics) => metrics.disconnectionsByCause,
    ],
    ['reason', 'refusals_total', 'What was turned away', (metrics) => metrics.refusals],
  ],
};

/** Of a multiplayer peer over ENet. */
const ENET_NAMES: MetricNames<ENetMetrics> = {
  prefix: 'godot_enet_peer_',
  gauges: [...TRANSPORT_NAMES.gauges, ...DTLS_NAMES.gauges],
  counters: [...TRANSPORT_NAMES.counters, ...DATAGRAM_NAMES.counters, ...DTLS_NAMES.counters],
  labelled: [...TRANSPORT_NAMES.labelled, ...DATAGRAM_NAMES.labelled, ...DTLS_NAMES.labelled],
};

/** Of a WebSocketMultiplayerPeer. */
const WEBSOCKET_NAMES: MetricNames<WebSocketMetrics> = {
  prefix: 'godot_enet_websocket_',
  gauges: [
    ...TRANSPORT_NAMES.gauges,
    ['half_open', 'TCP connections that are no WebSockets yet', (metrics) => metrics.halfOpen],
    ['backlog_bytes', 'Bytes that wait to be taken by the other sides', (metrics) => metrics.backlogBytes],
  ],
  counters: TRANSPORT_NAMES.counters,
  labelled: TRANSPORT_NAMES.labelled,
};
