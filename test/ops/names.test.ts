/** What a server counts has a name for operators, and every reason that they may be told occurs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import type { ENetServer } from '../../src/server/ENetServer.ts';
import { RefusalReason } from '../../src/server/refusals.ts';
import type { ServerMetrics } from '../../src/server/serverOps.ts';

/** Every number is another one, and a thousand times a whole one: milliseconds may be told in seconds. */
function numbered(): { metrics: ServerMetrics; numbers: ReadonlyMap<string, number> } {
  const numbers = new Map<string, number>();
  const count = (name: string): number => {
    const value = (numbers.size + 1001) * 1000;
    numbers.set(name, value);
    return value;
  };
  const counts = <Key extends string>(name: string, key: Key): ReadonlyMap<Key, number> =>
    new Map([[key, count(name)]]);
  // The compiler asks for each field.
  const metrics: ServerMetrics = {
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
    datagramsReceived: count('datagramsReceived'),
    datagramBytesReceived: count('datagramBytesReceived'),
    datagramsSent: count('datagramsSent'),
    datagramBytesSent: count('datagramBytesSent'),
    repeats: count('repeats'),
    lateAcknowledgements: count('lateAcknowledgements'),
    drops: counts('drops', 'HOST_FULL'),
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
    dtls: {
      certificateNotAfterMs: count('dtls.certificateNotAfterMs'),
      sessions: count('dtls.sessions'),
      handshakes: count('dtls.handshakes'),
      completed: count('dtls.completed'),
      cookiesSent: count('dtls.cookiesSent'),
      retransmissions: count('dtls.retransmissions'),
      failures: counts('dtls.failures', 'ERR_DTLS_ALERT'),
      drops: counts('dtls.drops', 'evicted'),
    },
  };
  return { metrics, numbers };
}

/** Numbers without a Prometheus name, and why. */
const UNNAMED: Readonly<Record<string, string>> = {
  disconnections: 'the sum of disconnections_total over its causes',
};

test('every number of ServerMetrics has a Prometheus name', async () => {
  const { metrics, numbers } = numbered();
  // Nothing else of a server is looked at.
  const server = { ops: { metrics: () => metrics } } as object as ENetServer;
  const text = await (await createPrometheusMetrics(server)).text();
  const told = new Set(
    text.split('\n').flatMap((line) => (line.startsWith('#') ? [] : [Number(line.split(' ').at(-1))])),
  );
  const missing = [...numbers].filter(([, value]) => !told.has(value) && !told.has(value / 1000));
  expect(missing.map(([name]) => name)).toEqual(Object.keys(UNNAMED));
});

test('every RefusalReason is used where something is refused', () => {
  const root = join(import.meta.dirname, '../../src');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  // Those of the door are counted by `ConnectGate`.
  const used = new Set(sources.match(/(?<=\b(?:RefusalReason|ConnectRefusal)\.)[A-Z_]+\b/g));
  expect(Object.values(RefusalReason).filter((reason) => !used.has(reason))).toEqual([]);
});
