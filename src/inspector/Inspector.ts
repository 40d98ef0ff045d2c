/** The console for operators: a small HTTP server, or a handler in that of the application, around what {@link Console} knows. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HostTrace } from '../enet/index.ts';
import { Access } from './access/Access.ts';
import { Refused, readJson, sendJson } from './access/requests.ts';
import { act } from './actions.ts';
import { Console } from './Console.ts';
import {
  checkInspectorOptions,
  checkWatchOptions,
  type InspectorOptions,
  type InspectorSettings,
  type WatchOptions,
} from './options.ts';
import { isPageFile, sendPageFile } from './pageFiles.ts';
import type { SessionInfo } from './protocol.ts';
import { ActionError, type Source } from './sources/Source.ts';
import { sourceOf, type Watched } from './sources/sourceOf.ts';
import { datagramDetails } from './traffic/details.ts';
import { sendExport } from './traffic/sendExport.ts';
import { MAX_VIEWERS, Viewer } from './Viewers.ts';
import { fieldsOf, readText, readView } from './views.ts';

/**
 * The console: a page for operators that shows servers, players, rooms and traffic, and acts on them. Bound to the loopback address (the
 * default) it asks nobody for a password; elsewhere it needs the option `token`.
 *
 * ```ts
 * const inspector = new Inspector();
 * const server = new ENetServer({ host: { trace: inspector.trace } });
 * inspector.watch(server);
 * console.log(await inspector.listen(7780));
 * ```
 */
export class Inspector {
  readonly #settings: InspectorSettings;
  readonly #access: Access;
  readonly #console: Console;
  readonly #watched = new Map<Watched, Source>();
  #http: Server | undefined;

  /** @throws TypeError or RangeError naming the option. */
  constructor(options: InspectorOptions = {}) {
    this.#settings = checkInspectorOptions(options);
    this.#access = new Access(options.token, options.allowedHosts ?? []);
    const { trafficBytes, trafficMs, updateMs } = this.#settings;
    this.#console = new Console(trafficBytes, trafficMs, updateMs);
    this.#console.isSession = (session) => this.#access.isSession(session);
  }

  /**
   * The observer to give to hosts, one for all: `new ENetServer({ host: { trace: inspector.trace } })`. Datagrams are counted always, and kept
   * while somebody looks.
   */
  get trace(): HostTrace {
    return this.#console.recorder.trace;
  }

  /**
   * Shows a server as well: an `ENetServer`, a `SceneMultiplayer`, a `RoomServer`, a `ClusterNode` (with its rooms), or a multiplayer peer by
   * itself. One that is watched already is not watched twice.
   *
   * @param options its name, or more.
   * @throws TypeError for what cannot be watched.
   */
  watch(server: Watched, options: string | WatchOptions = {}): void {
    const { name, mirror, message } = typeof options === 'string' ? { name: options } : options;
    if (typeof options === 'object') checkWatchOptions(options);
    if (this.#watched.has(server)) return;
    const { messageEvent } = this.#settings;
    const source = sourceOf(server, { mirror, messageEvent, message });
    this.#console.add(source, name);
    this.#watched.set(server, source);
  }

  /**
   * Shows a server no more, for processes that make and end many: nothing of it is kept, and who was banned by the page may connect to it
   * again. A server that is watched again is another one to the page.
   *
   * @returns whether it was watched.
   */
  unwatch(server: Watched): boolean {
    const source = this.#watched.get(server);
    if (source === undefined) return false;
    this.#watched.delete(server);
    this.#console.remove(source);
    return true;
  }

  /**
   * Starts to serve the page.
   *
   * @param port TCP port, 0 for any free one. Default 7780.
   * @param address address to bind. Default `127.0.0.1`. Any other than a loopback address needs the option `token`.
   * @returns the page's URL.
   * @throws (as rejection) Error of the system when the port cannot be had; Error when the page is served already, or without a token elsewhere
   * than on the loopback address.
   */
  async listen(port = 7780, address = '127.0.0.1'): Promise<string> {
    if (this.#http !== undefined) throw new Error('the inspector is listening already');
    if (!this.#access.hasToken && !LOOPBACK.test(address))
      throw new Error(`"address" ${address} can be reached by others: set the option "token" first`);
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
    this.#console.start();
    const bound = http.address();
    const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
    const shown = address.includes(':') ? `[${address}]` : address;
    this.#access.boundHost = shown.toLowerCase();
    return `http://${shown}:${boundPort}${this.#settings.basePath}`;
  }

  /**
   * Answers requests of an HTTP server of the application, instead of {@link Inspector.listen}: for the page at its root beside other pages,
   * or below the option `basePath`. It refuses requests under other names than those of the loopback address and of `allowedHosts`, and of
   * other pages.
   */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void = (request, response) => {
    this.#answer(request, response).catch((error: unknown) => refuse(response, error));
  };

  /** Stops to serve, and ends what viewers read. Resolves when the port is free. A server of the application stays open. */
  async close(): Promise<void> {
    this.#console.stop();
    const http = this.#http;
    this.#http = undefined;
    this.#access.boundHost = undefined;
    if (http === undefined) return;
    http.closeAllConnections();
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    this.#access.check(request);
    const target = request.url ?? '/';
    if (!URL.canParse(target, 'http://console')) throw new Refused(400, 'That is no address.');
    const url = new URL(target, 'http://console');
    const { basePath } = this.#settings;
    if (`${url.pathname}/` === basePath) {
      // The page's own URLs are relative to it.
      response.writeHead(308, { location: basePath });
      response.end();
      return;
    }
    if (!url.pathname.startsWith(basePath)) throw new Refused(404, 'There is no such page.');
    const path = url.pathname.slice(basePath.length);
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        await this.#get(path, url.searchParams, request, response);
        return;
      case 'POST':
        await this.#post(path, request, response);
        return;
      default:
        throw new Refused(405, 'Only GET and POST.');
    }
  }

  async #get(
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (isPageFile(path)) {
      await sendPageFile(path, request, response);
      return;
    }
    if (path === 'session') {
      sendJson(response, this.#sessionInfo(request));
      return;
    }
    const number = /^traffic\/(\d{1,15})$/.exec(path)?.[1];
    if (path !== 'events' && path !== 'export' && number === undefined)
      throw new Refused(404, 'There is no such page.');
    const session = this.#access.require(request);
    if (path === 'events') this.#stream(query, request, response, session);
    else if (path === 'export') await sendExport(query, this.#console, response);
    else this.#sendDatagram(Number(number), response);
  }

  async #post(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!POSTS.has(path)) throw new Refused(404, 'There is no such page.');
    if (path === 'login') {
      const session = this.#access.login(request, response, await readJson(request));
      sendJson(response, this.#sessionInfo(request, session));
      return;
    }
    if (path === 'logout') {
      await readJson(request);
      const ended = this.#access.logout(request, response);
      this.#console.viewers.end(({ session }) => session !== undefined && session === ended);
      sendJson(response, this.#sessionInfo(request, ''));
      return;
    }
    this.#access.require(request);
    const body = await readJson(request);
    if (path === 'action') {
      sendJson(response, await act(body, this.#console.servers, this.#access.info(request).canCall));
      return;
    }
    const { viewer: id, view } = fieldsOf(body);
    const viewer = this.#console.viewers.look(readText(id, 'viewer', 100), readView(view));
    if (viewer === undefined) throw new Refused(404, 'The stream has ended.');
    this.#console.show(viewer);
    response.writeHead(204);
    response.end();
  }

  #sendDatagram(number: number, response: ServerResponse): void {
    const found = this.#console.traffic.find(number);
    const details = found && datagramDetails(found.ring, found.index, this.#console.traffic.reader);
    if (details === undefined) throw new Refused(404, `The datagram ${number} is not kept any more.`);
    sendJson(response, details);
  }

  #sessionInfo(request: IncomingMessage, session?: string): SessionInfo {
    return { title: this.#settings.title, ...this.#access.info(request, session) };
  }

  #stream(
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
    session: string | undefined,
  ): void {
    const { viewers } = this.#console;
    if (viewers.size >= MAX_VIEWERS) throw new Refused(503, 'Too many viewers.');
    const view = readView(viewOf(query.get('view')));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    const viewer = new Viewer(response, view, session, this.#console.hello);
    viewers.add(viewer);
    // The request of a stream has no body: it is the response whose connection ends.
    response.once('close', () => viewers.remove(viewer));
    request.resume();
    this.#console.show(viewer);
  }
}

/** @throws Refused 400 for what is no JSON. */
function viewOf(text: string | null): unknown {
  if (text === null) return { section: 'overview' };
  try {
    return JSON.parse(text.slice(0, MAX_VIEW));
  } catch {
    throw new Refused(400, '"view" is no JSON.');
  }
}

/** Says why not; what was unforeseen without its parts. */
function refuse(response: ServerResponse, error: unknown): void {
  const isExpected = error instanceof Refused || error instanceof ActionError;
  const status = isExpected ? error.status : 500;
  const text = error instanceof Error ? error.message : String(error);
  if (response.headersSent) response.destroy();
  else {
    // What is left of the request is not read.
    response.setHeader('connection', 'close');
    sendJson(response, { error: text }, status);
  }
}

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};
const LOOPBACK = /^(?:localhost|::1|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i;
const POSTS: ReadonlySet<string> = new Set(['login', 'logout', 'view', 'action']);
const MAX_VIEW = 65_536;
