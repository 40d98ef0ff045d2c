/** Is the server alive, and may it get players? For load balancers and containers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperatorMetrics } from '../godot/index.ts';
import type { OperatedServer } from './operatedServer.ts';
import type { PrometheusMetrics } from './prometheus.ts';

/** The health of a server. */
export interface Health {
  /**
   * `ok`: it takes players; `draining`: it runs but takes no new ones; `fenced`: it is of a cluster and cannot prove its lease, so that it lets
   * nobody in for now; `stopped`: it does not listen.
   */
  readonly status: 'ok' | 'draining' | 'fenced' | 'stopped';
  /** Peers now. */
  readonly peers: number;
  /** Authenticated peers now. */
  readonly authenticatedPeers: number;
  /** The UDP or TCP port; 0 when stopped, and for a `SceneMultiplayer`, whose transport knows it. */
  readonly port: number;
}

/** Tells how a server of any kind is. A `SceneMultiplayer` without a transport, or with the offline one, is stopped. */
export function healthOf(server: OperatedServer): Health {
  const { isActive, acceptsPeers, isFenced = false, peers, authenticatedPeers } = commonMetrics(server);
  return {
    status: !isActive ? 'stopped' : !acceptsPeers ? 'draining' : isFenced ? 'fenced' : 'ok',
    peers,
    authenticatedPeers,
    port: server.getLocalPort?.() ?? 0,
  };
}

function commonMetrics({ ops }: OperatedServer): OperatorMetrics {
  return ops.metrics();
}

/**
 * A handler for `node:http`: `GET /live` answers 200 while the server listens, also when it drains; `GET /ready` answers
 * 200 only while it takes players; both answer 503 otherwise, with the {@link Health} as JSON. `/healthz` and `/readyz` are
 * other names of theirs, as Kubernetes has them. `GET /metrics` answers with the Prometheus text if `metrics` is given. Everything else is 404 or 405. Bind it to an inner address: it has
 * no authentication.
 */
export function healthHandler(
  server: OperatedServer,
  metrics?: PrometheusMetrics,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (LIVE.has(path) || READY.has(path)) {
      const health = healthOf(server);
      const isGood = LIVE.has(path) ? health.status !== 'stopped' : health.status === 'ok';
      response
        .writeHead(isGood ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(request.method === 'HEAD' ? undefined : `${JSON.stringify(health)}\n`);
    } else if (path === '/metrics' && metrics !== undefined) {
      void sendMetrics(metrics, response);
    } else {
      response.writeHead(404).end();
    }
  };
}

const LIVE: ReadonlySet<string> = new Set(['/live', '/healthz']);
const READY: ReadonlySet<string> = new Set(['/ready', '/readyz']);

async function sendMetrics(metrics: PrometheusMetrics, response: ServerResponse): Promise<void> {
  try {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  } catch {
    // The text failed in somebody else's metric of the same registry; the scraper shall see that it has nothing.
    response.writeHead(500).end();
  }
}
