/** What a server counts has a name for operators, and every reason that they may be told occurs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClusterMetrics } from '../../src/cluster/index.ts';
import type { ENetMetrics } from '../../src/godot/multiplayer/enetMetrics.ts';
import { ENetRefusal } from '../../src/godot/multiplayer/enetRefusals.ts';
import type { TransportMetrics } from '../../src/godot/multiplayer/transportCounters.ts';
import type { MultiplayerMetrics } from '../../src/multiplayer/multiplayerOps.ts';
import { MultiplayerRefusal } from '../../src/multiplayer/refusals.ts';
import type { OperatedServer } from '../../src/ops/operatedServer.ts';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import type { RoomMetrics } from '../../src/rooms/index.ts';
import { RefusalReason } from '../../src/server/refusals.ts';
import type { ServerMetrics } from '../../src/server/serverOps.ts';
import type { WebSocketMetrics } from '../../src/websocket/metrics.ts';

/** Every number is another one, and a thousand times a whole one: milliseconds may be told in seconds. */
class Numbers {
  readonly all = new Map<string, number>();

  readonly count = (name: string): number => {
    const value = (this.all.size + 1001) * 1000;
    this.all.set(name, value);
    return value;
  };

  readonly counts = <Key extends string>(name: string, key: Key): ReadonlyMap<Key, number> =>
    new Map([[key, this.count(name)]]);
}

/** What every server over ENet has of its host. */
function hostMetrics({
  count,
  counts,
}: Numbers): Pick<
  ServerMetrics,
  'datagramsReceived' | 'datagramBytesReceived' | 'datagramsSent' | 'datagramBytesSent' | 'drops' | 'dtls'
> {
  return {
    datagramsReceived: count('datagramsReceived'),
    datagramBytesReceived: count('datagramBytesReceived'),
    datagramsSent: count('datagramsSent'),
    datagramBytesSent: count('datagramBytesSent'),
    drops: counts('drops', 'HOST_FULL'),
    dtls: {
      certificateNotAfterMs: count('dtls.certificateNotAfterMs'),
      sessions: count('dtls.sessions'),
      handshakes: count('dtls.handshakes'),
      completed: count('dtls.completed'),
      suites: counts('dtls.suites', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'),
      cookiesSent: count('dtls.cookiesSent'),
      retransmissions: count('dtls.retransmissions'),
      failures: counts('dtls.failures', 'ERR_DTLS_ALERT'),
      drops: counts('dtls.drops', 'evicted'),
    },
  };
}

/** The compiler asks for each field. */
function serverMetrics(numbers: Numbers): ServerMetrics {
  const { count, counts } = numbers;
  return {
    ...hostMetrics(numbers),
    isActive: true,
    acceptsPeers: true,
    peers: count('peers'),
    authenticatedPeers: count('authenticatedPeers'),
    connections: count('connections'),
    authentications: count('authentications'),
    disconnections: count('disconnections'),
    disconnectionsByCause: counts('disconnectionsByCause', 'KICK'),
    packetsReceived: count('packetsReceived'),
    bytesReceived: count('bytesReceived'),
    eventsReceived: count('eventsReceived'),
    handlerErrors: count('handlerErrors'),
    repeats: count('repeats'),
    lateAcknowledgements: count('lateAcknowledgements'),
    refusals: counts('refusals', 'REJECTED'),
    thread: {
      holds: count('thread.holds'),
      isHolding: true,
      droppedWaiting: count('thread.droppedWaiting'),
      refusedConnects: count('thread.refusedConnects'),
      refusedSends: count('thread.refusedSends'),
      failedPackets: count('thread.failedPackets'),
      failedSends: count('thread.failedSends'),
      wakes: count('thread.wakes'),
      pings: count('thread.pings'),
      droppedTraces: count('thread.droppedTraces'),
    },
  };
}

/** The same. */
function multiplayerMetrics({ count, counts }: Numbers): MultiplayerMetrics {
  return {
    isActive: true,
    acceptsPeers: true,
    peers: count('peers'),
    authenticatedPeers: count('authenticatedPeers'),
    authentications: count('authentications'),
    authenticationFailures: count('authenticationFailures'),
    packetsReceived: count('packetsReceived'),
    bytesReceived: count('bytesReceived'),
    packetsSent: count('packetsSent'),
    bytesSent: count('bytesSent'),
    packetsRelayed: count('packetsRelayed'),
    bytesRelayed: count('bytesRelayed'),
    callsReceived: count('callsReceived'),
    callsRefused: count('callsRefused'),
    callsSent: count('callsSent'),
    spawnsSent: count('spawnsSent'),
    despawnsSent: count('despawnsSent'),
    statesSent: count('statesSent'),
    statesReceived: count('statesReceived'),
    heldCalls: count('heldCalls'),
    heldBytes: count('heldBytes'),
    announcedPaths: count('announcedPaths'),
    unconfirmedPaths: count('unconfirmedPaths'),
    remotePaths: count('remotePaths'),
    spawnedNodes: count('spawnedNodes'),
    peerNodes: count('peerNodes'),
    waitingStates: count('waitingStates'),
    handlerErrors: count('handlerErrors'),
    refusals: counts('refusals', 'malformed'),
  };
}

function transportMetrics({ count, counts }: Numbers): TransportMetrics {
  return {
    isActive: true,
    acceptsPeers: true,
    peers: count('peers'),
    authenticatedPeers: count('authenticatedPeers'),
    connections: count('connections'),
    disconnections: count('disconnections'),
    disconnectionsByCause: counts('disconnectionsByCause', 'LOCAL'),
    packetsReceived: count('packetsReceived'),
    bytesReceived: count('bytesReceived'),
    packetsSent: count('packetsSent'),
    bytesSent: count('bytesSent'),
    refusals: new Map(),
  };
}

function enetMetrics(numbers: Numbers): ENetMetrics {
  return {
    ...transportMetrics(numbers),
    ...hostMetrics(numbers),
    refusals: numbers.counts('refusals', 'PEER_ID'),
  };
}

function webSocketMetrics(numbers: Numbers): WebSocketMetrics {
  return {
    ...transportMetrics(numbers),
    halfOpen: numbers.count('halfOpen'),
    backlogBytes: numbers.count('backlogBytes'),
    refusals: numbers.counts('refusals', 'TOO_LARGE'),
  };
}

/** The same. */
function roomMetrics({ count, counts }: Numbers): RoomMetrics {
  return {
    isActive: true,
    acceptsPeers: true,
    isFenced: false,
    peers: count('peers'),
    authenticatedPeers: count('authenticatedPeers'),
    rooms: count('rooms'),
    away: count('away'),
    entered: count('entered'),
    returns: count('returns'),
    leaves: counts('leaves', 'kick'),
    failedRooms: count('failedRooms'),
    lateP99Ms: count('lateP99Ms'),
    skippedTicks: count('skippedTicks'),
    refusals: counts('refusals', 'login'),
  };
}

/** The same. */
function clusterMetrics({ count, counts }: Numbers): ClusterMetrics {
  return {
    isActive: true,
    acceptsPeers: true,
    isFenced: false,
    peers: count('peers'),
    authenticatedPeers: count('authenticatedPeers'),
    away: count('away'),
    nodes: count('nodes'),
    rooms: count('rooms'),
    leases: count('leases'),
    leaseLeftMs: count('leaseLeftMs'),
    fences: count('fences'),
    leasesLost: count('leasesLost'),
    roomsLost: count('roomsLost'),
    pendingRequests: count('pendingRequests'),
    runningRequests: count('runningRequests'),
    bus: {
      isUp: true,
      outages: count('bus.outages'),
      failures: count('bus.failures'),
      roundTripMs: count('bus.roundTripMs'),
      waiting: count('bus.waiting'),
    },
    matchmaking: {
      leading: count('matchmaking.leading'),
      tickets: count('matchmaking.tickets'),
      queued: count('matchmaking.queued'),
    },
    refusals: counts('refusals', 'login'),
  };
}

/** Numbers without a Prometheus name, and why. */
const UNNAMED: Readonly<Record<string, string>> = {
  disconnections: 'the sum of disconnections_total over its causes',
};

/** The names of the numbers that nothing in the Prometheus text has. */
async function unnamed(ops: object, numbers: Numbers): Promise<string[]> {
  // Nothing else of a server is looked at, but its peers, of whom there are none.
  const server = { ops, getPeers: () => [] } as object as OperatedServer;
  const text = await (await createPrometheusMetrics(server)).text();
  const told = new Set(
    text.split('\n').flatMap((line) => (line.startsWith('#') ? [] : [Number(line.split(' ').at(-1))])),
  );
  const missing = [...numbers.all].filter(([, value]) => !told.has(value) && !told.has(value / 1000));
  return missing.map(([name]) => name);
}

test('every number of ServerMetrics has a Prometheus name', async () => {
  const numbers = new Numbers();
  const metrics = serverMetrics(numbers);
  expect(await unnamed({ kind: 'server', metrics: () => metrics }, numbers)).toEqual(Object.keys(UNNAMED));
});

test('every number of MultiplayerMetrics has a Prometheus name', async () => {
  const numbers = new Numbers();
  const metrics = multiplayerMetrics(numbers);
  expect(await unnamed({ kind: 'multiplayer', metrics: () => metrics }, numbers)).toEqual([]);
});

test.each([
  ['rooms', roomMetrics],
  ['cluster', clusterMetrics],
])('every number of the kind %s has a Prometheus name', async (kind, make) => {
  const numbers = new Numbers();
  const metrics = make(numbers);
  expect(await unnamed({ kind, metrics: () => metrics }, numbers)).toEqual([]);
});

test.each([
  ['enet', enetMetrics],
  ['websocket', webSocketMetrics],
])('every number of a multiplayer peer, kind %s, has a Prometheus name', async (kind, make) => {
  const numbers = new Numbers();
  const metrics = make(numbers);
  const names = await unnamed({ kind, metrics: () => metrics }, numbers);
  // Whoever is told of was let in.
  expect(names).toEqual(['authenticatedPeers', ...Object.keys(UNNAMED)]);
});

test.each([
  ['ENetRefusal', ENetRefusal, /(?<=\b(?:ENetRefusal|ConnectRefusal)\.)[A-Z_]+\b/g],
  ['RefusalReason', RefusalReason, /(?<=\b(?:RefusalReason|ConnectRefusal)\.)[A-Z_]+\b/g],
  ['MultiplayerRefusal', MultiplayerRefusal, /(?<=\bMultiplayerRefusal\.)[A-Z_]+\b/g],
])('every %s is used where something is refused', (_, reasons, uses) => {
  const root = join(import.meta.dirname, '../../src');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  // Those of the door are counted by `ConnectGate`.
  const used = new Set(sources.match(uses));
  expect(Object.keys(reasons).filter((reason) => !used.has(reason))).toEqual([]);
});
