/** The page with live traffic: a small HTTP server that streams what a host's trace tells. */

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { checkInteger, checkOptions, type OptionNames } from '../../options/internal.ts';
import type { Compressor, HostTrace } from '../enet/index.ts';
import { moduleUrl } from '../io/internal.ts';
import { ClusterView, type InspectedCluster } from './clusterView.ts';
import { type InspectedMultiplayer, MultiplayerView } from './multiplayerView.ts';
import { DROP_TEXT } from './traffic/dropText.ts';
import { TrafficLog } from './trafficLog.ts';

/** What the page shows of a peer. */
export interface InspectedPeer {
  /** The id that the server gave it. */
  readonly peerId: number;
  /** Its IP address. */
  readonly remoteAddress: string;
  /** Its UDP port. */
  readonly remotePort: number;
  /** One of the numbers of `ConnectionState`. */
  readonly connectionState: number;
  /** Round-trip time in milliseconds. */
  getPing(): number;
  /** One of the 14 peer statistics. */
  getStatistic(statistic: number): number;
  /** Seconds since it connected. */
  getConnectionTime(): number;
}

/** What can be watched: an `ENetServer`, or anything of the same shape. */
export interface InspectedServer {
  /** All connected peers. */
  getPeers(): readonly InspectedPeer[];
  /** The bound UDP port. */
  getLocalPort(): number;
}

/** The options of an {@link Inspector}. */
export interface InspectorOptions {
  /** Heading of the page. Default `"godot-enet"`. */
  readonly title?: string;
  /** How many datagrams, and calls, are sent to the page per update, 1..10000; further ones are only counted. Default 200. */
  readonly rowsPerUpdate?: number;
  /** Milliseconds between two updates, 50..10000. Default 250. */
  readonly updateMs?: number;
  /** The compressor that the host uses, so that compressed datagrams can be read. Default none. */
  readonly compressor?: () => Compressor | undefined;
}

const OPTION_NAMES: OptionNames<InspectorOptions> = {
  title: true,
  rowsPerUpdate: true,
  updateMs: true,
  compressor: true,
};
const MAX_VIEWERS = 16;
const MAX_PEERS_SHOWN = 500;
const PACKET_LOSS_STATISTIC = 0;
const PACKET_LOSS_SCALE = 65_536;
const STATE_NAMES = ['connecting', 'prelogin', 'authenticated', 'disconnecting'];

/** Built by scripts/buildPage.mjs: as sources the page has its libraries not yet inside. */
const HERE = moduleUrl(import.meta.url);
const PAGE = new URL(HERE.endsWith('.ts') ? '../../dist/src/inspector/page/' : '../inspector/page/', HERE);

const FILES: ReadonlyMap<string, { readonly type: string; readonly name: string }> = new Map([
  ['/', { type: 'text/html; charset=utf-8', name: 'index.html' }],
  ['/app.js', { type: 'text/javascript; charset=utf-8', name: 'app.js' }],
  ['/style.css', { type: 'text/css; charset=utf-8', name: 'style.css' }],
  ['/icon.svg', { type: 'image/svg+xml', name: 'icon.svg' }],
  ['/licenses.txt', { type: 'text/plain; charset=utf-8', name: 'licenses.txt' }],
]);

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/**
 * A page for developers that shows what a server sends and receives. Bind it to the loopback address (the default):
 * it shows everything that players send, and asks nobody for a password.
 *
 * ```ts
 * const inspector = new Inspector();
 * const server = new ENetServer({ host: { trace: inspector.trace } });
 * inspector.watch(server);
 * console.log(await inspector.listen(7780));
 * ```
 */
export class Inspector {
  readonly #title: string;
  readonly #updateMs: number;
  readonly #rows: number;
  readonly #log: TrafficLog;
  readonly #viewers = new Set<ServerResponse>();
  #watched: InspectedServer | undefined;
  #multiplayer: MultiplayerView | undefined;
  #cluster: ClusterView | undefined;
  #http: Server | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What it was bound to, besides the loopback addresses. */
  #host: string | undefined;

  /** @throws RangeError for an option out of range. */
  constructor(options: InspectorOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    this.#title = options.title ?? 'godot-enet';
    this.#updateMs = checkInteger('updateMs', options.updateMs ?? 250, 50, 10_000);
    this.#rows = checkInteger('rowsPerUpdate', options.rowsPerUpdate ?? 200, 1, 10_000);
    this.#log = new TrafficLog(this.#rows, options.compressor ?? (() => undefined));
  }

  /** The observer to give to a host: `new ENetServer({ host: { trace: inspector.trace } })`. */
  get trace(): HostTrace {
    return this.#log.trace;
  }

  /**
   * Names the server whose peers the page lists: an `ENetServer`, or a `SceneMultiplayer`, of which the page shows calls, methods, nodes
   * and mismatches as well. Another one takes its place.
   */
  watch(server: InspectedServer | InspectedMultiplayer): void {
    if (this.#multiplayer !== undefined) this.#multiplayer.isWatched = false;
    const isMultiplayer = 'ops' in server && server.ops.kind === 'multiplayer';
    this.#multiplayer = isMultiplayer ? new MultiplayerView(server, this.#rows) : undefined;
    this.#watched = isMultiplayer ? undefined : (server as InspectedServer);
    this.#setWatched(this.#viewers.size > 0);
  }

  /** Names the node of a cluster that the page shows besides: nodes, rooms, bus and matchmaking. Another one takes its place. */
  watchCluster(node: InspectedCluster): void {
    if (this.#cluster !== undefined) this.#cluster.isWatched = false;
    this.#cluster = new ClusterView(node);
    this.#cluster.isWatched = this.#viewers.size > 0;
  }

  /**
   * Starts to serve the page.
   *
   * @param port TCP port, 0 for any free one. Default 7780.
   * @param address address to bind. Default `127.0.0.1`.
   * @returns the page's URL.
   * @throws Error of the system when the port cannot be had, or when the page is served already.
   */
  async listen(port = 7780, address = '127.0.0.1'): Promise<string> {
    if (this.#http !== undefined) throw new Error('the inspector is listening already');
    const http = createServer(this.handler);
    this.#http = http;
    try {
      await new Promise<void>((resolve, reject) => {
        http.once('error', reject);
        http.listen(port, address, resolve);
      });
    } catch (error) {
      this.#http = undefined;
      throw error;
    }
    const bound = http.address();
    const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
    const shown = address.includes(':') ? `[${address}]` : address;
    this.#host = shown;
    return `http://${shown}:${boundPort}/`;
  }

  /**
   * Answers requests of an HTTP server of the application, for the page at its root beside other pages: instead of
   * {@link Inspector.listen}. It refuses requests under other names than those of the loopback address, and of other pages.
   */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void = (request, response) =>
    this.#answer(request, response);

  /** Stops to serve, and ends what viewers read. Resolves when the port is free. A server of the application stays open. */
  async close(): Promise<void> {
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
    this.#viewersChanged();
    const http = this.#http;
    this.#http = undefined;
    if (http === undefined) return;
    http.closeAllConnections();
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (!this.#isOwnHost(request)) {
      refuse(response, 403, 'Wrong host.');
      return;
    }
    if (!isFromHere(request)) {
      refuse(response, 403, 'Not for other pages.');
      return;
    }
    if (request.method !== 'GET') {
      refuse(response, 405, 'Only GET.');
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === '/events') {
      this.#stream(request, response);
      return;
    }
    const file = FILES.get(path);
    if (file === undefined) {
      refuse(response, 404, 'There is no such page.');
      return;
    }
    readFile(new URL(file.name, PAGE)).then(
      (content) => {
        response.setHeader('content-type', file.type);
        response.end(content);
      },
      (error: unknown) => refuse(response, 500, `Cannot read the page: ${String(error)}`),
    );
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (this.#viewers.size >= MAX_VIEWERS) {
      refuse(response, 503, 'Too many viewers.');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#viewers.add(response);
    this.#viewersChanged();
    request.once('close', () => {
      this.#viewers.delete(response);
      this.#viewersChanged();
    });
    this.#update();
  }

  /** A page of somebody else that resolves its own name to this address must not read the traffic. */
  #isOwnHost({ headers, socket }: IncomingMessage): boolean {
    const names = ['127.0.0.1', 'localhost', '[::1]', ...(this.#host === undefined ? [] : [this.#host])];
    return names.some((name) => headers.host === `${name}:${socket.localPort}`);
  }

  #viewersChanged(): void {
    const isWatched = this.#viewers.size > 0;
    this.#setWatched(isWatched);
    if (!isWatched) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else this.#timer ??= setInterval(() => this.#update(), this.#updateMs);
  }

  #setWatched(isWatched: boolean): void {
    this.#log.isWatched = isWatched;
    if (this.#multiplayer !== undefined) this.#multiplayer.isWatched = isWatched;
    if (this.#cluster !== undefined) this.#cluster.isWatched = isWatched;
  }

  #update(): void {
    const message = `data: ${JSON.stringify(this.#snapshot())}\n\n`;
    for (const viewer of this.#viewers) {
      // A viewer that does not read must not fill the memory: it misses updates instead.
      if (!viewer.writableNeedDrain) viewer.write(message);
    }
  }

  /** Without a server the node's. */
  #peerCount(ofServer: number): number {
    return this.#watched === undefined ? (this.#cluster?.peerCount ?? 0) : ofServer;
  }

  #snapshot(): object {
    const peers = this.#watched?.getPeers() ?? [];
    const rows = this.#log.take();
    const { skipped } = this.#log;
    this.#log.skipped = 0;
    return {
      title: this.#title,
      port: this.#multiplayer?.port ?? this.#watched?.getLocalPort() ?? 0,
      totals: this.#log.totals,
      drops: Array.from(this.#log.dropCounts, ([reason, times]) => ({
        reason,
        times,
        text: DROP_TEXT[reason],
      })),
      hasServer: this.#watched !== undefined || this.#multiplayer !== undefined,
      multiplayer: this.#multiplayer?.take(MAX_PEERS_SHOWN),
      cluster: this.#cluster?.take(),
      peerCount: this.#multiplayer?.peerCount ?? this.#peerCount(peers.length),
      peers: peers.slice(0, MAX_PEERS_SHOWN).map((peer) => ({
        id: peer.peerId,
        address: `${peer.remoteAddress}:${peer.remotePort}`,
        state: STATE_NAMES[peer.connectionState] ?? String(peer.connectionState),
        ping: peer.getPing(),
        loss: peer.getStatistic(PACKET_LOSS_STATISTIC) / PACKET_LOSS_SCALE,
        seconds: Math.floor(peer.getConnectionTime()),
      })),
      rows,
      skipped,
    };
  }
}

/**
 * Whether a request comes from the page itself, from an address that was typed in, or from a program. What a page of
 * somebody else asks for it cannot read, but an open stream would take the place of a viewer. Browsers name the site that
 * asks in `Sec-Fetch-Site`; "same-site" is another port of this machine. `Origin` is there for who does not.
 */
function isFromHere({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
