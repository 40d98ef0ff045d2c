/**
 * The server side of WebSocketMultiplayerPeer up to the handshake: a port of its own or the application's HTTP server, who may
 * come in, and the deadline for getting there.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { canonicalIp } from '../enet/internal.ts';
import type { ErrorReporter, TLSOptions } from '../godot/index.ts';
import type { Gate } from './gate.ts';
import { HalfOpens } from './halfOpen.ts';
import type { WebSocketSettings } from './options.ts';
import { WebSocketRefusal, type WebSocketRefusals } from './refusals.ts';
import { quoted } from './remoteText.ts';
import { isAgreeable } from './subProtocols.ts';
import type { WsServer, WsSocket } from './wsModule.ts';

/** What a listener is made of. */
export interface ListenerParts {
  readonly settings: WebSocketSettings;
  readonly refusals: WebSocketRefusals;
  readonly gate: Gate;
  /** Makes the handshakes. */
  readonly ws: WsServer;
  /** The sub-protocols that are spoken; none: none may be asked for. */
  readonly protocols: readonly string[];
  readonly handshakeMs: number;
  readonly report: ErrorReporter;
  /** Whether new connections are refused at the moment. */
  readonly isRefusing: () => boolean;
  /** A WebSocket is open. */
  readonly accept: (socket: WsSocket, stream: Duplex, ip: string, port: number) => void;
  /** The port cannot be had after all, or the server failed. */
  readonly failed: (error: Error) => void;
}

/** Takes WebSockets in. */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #server: Server;
  /** The own port; none: connections come in through the server of the application. */
  readonly #port: TcpServer | undefined;
  readonly #halfOpen: HalfOpens;
  /** Whether who comes in was asked for before TLS and HTTP. */
  readonly #isAskedFirst: boolean;
  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Uint8Array): void =>
    this.#handle(request, socket, head);

  private constructor(parts: ListenerParts, server: Server, port?: TcpServer) {
    this.#parts = parts;
    this.#server = server;
    this.#port = port;
    this.#halfOpen = new HalfOpens((ip) => parts.gate.closeTcp(ip));
    this.#isAskedFirst = port !== undefined && parts.settings.clientAddress === undefined;
    server.on('upgrade', this.#upgrade);
    parts.ws.on('wsClientError', (error, socket) => {
      this.#refuse(
        socket,
        400,
        WebSocketRefusal.HANDSHAKE_INVALID,
        `a broken handshake: ${quoted(error.message)}`,
      );
    });
  }

  /** Uses the server of the application. */
  static on(parts: ListenerParts, server: Server): Listener {
    return new Listener(parts, server);
  }

  /**
   * Binds a port.
   *
   * @param ip `undefined` for all interfaces: it is bound when this returns, or not at all. Another address is bound a moment
   * later.
   * @returns undefined when the port cannot be had.
   * @throws what Node throws for a key or certificate that it cannot use.
   */
  static bind(
    parts: ListenerParts,
    port: number,
    ip: string | undefined,
    tls: TLSOptions | null,
  ): Listener | undefined {
    const server =
      tls === null
        ? createServer()
        : createSecureServer({
            key: tls.getPrivateKey() ?? '',
            cert: tls.getOwnCertificate() ?? '',
            handshakeTimeout: parts.handshakeMs,
          });
    // The deadline for all of it is ours, see sweep().
    server.headersTimeout = 0;
    server.requestTimeout = 0;
    // In front of TLS and HTTP: who may not come in costs neither. TLS on a server of HTTP closes no half of a connection.
    const tcp = createTcpServer({ noDelay: true, allowHalfOpen: tls === null });
    const listener = new Listener(parts, server, tcp);
    let isBound = false;
    tcp.on('error', (error) => {
      if (isBound) parts.failed(error);
    });
    tcp.on('connection', (socket: Socket) => {
      if (listener.#isTaken(socket, tls !== null)) server.emit('connection', socket);
    });
    server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      parts.refusals.add(WebSocketRefusal.HANDSHAKE_INVALID, 'a request that is no WebSocket handshake');
      response.writeHead(426, { connection: 'close', upgrade: 'websocket', 'content-length': 0 }).end();
    });
    server.on('clientError', (error: Error, socket: Duplex) => listener.#broken(error, socket));
    server.on('tlsClientError', (error: Error, socket: Duplex) => listener.#broken(error, socket));
    // Exclusive: the players of a process are its own, also in a cluster.
    tcp.listen({ port, exclusive: true, ...(ip === undefined ? {} : { host: ip }) });
    isBound = ip !== undefined || tcp.address() !== null;
    if (isBound) return listener;
    listener.close();
    return undefined;
  }

  /** The bound port; 0 when it is not bound yet, or to no port. */
  get localPort(): number {
    return ((this.#port ?? this.#server).address() as AddressInfo | null)?.port ?? 0;
  }

  /** TCP connections that are no WebSockets yet. */
  get halfOpen(): number {
    return this.#halfOpen.size;
  }

  /** Resolves when the port is bound (true), or cannot be had. */
  async whenListening(): Promise<boolean> {
    const server: TcpServer = this.#port ?? this.#server;
    if (server.listening) return true;
    return await new Promise((resolve) => {
      const settle = (): void => {
        server.off('listening', settle).off('error', settle).off('close', settle);
        resolve(server.listening);
      };
      server.on('listening', settle).on('error', settle).on('close', settle);
    });
  }

  /** Ends what has not become a WebSocket in time. */
  sweep(now: number): void {
    for (const { socket, ip } of this.#halfOpen.late(now, this.#parts.handshakeMs)) {
      this.#parts.refusals.add(WebSocketRefusal.HANDSHAKE_TIMEOUT, `${ip} did not complete its handshake`);
      socket.destroy();
    }
  }

  /** Takes nobody any more. The server of the application stays as it was. */
  close(): void {
    this.#server.off('upgrade', this.#upgrade);
    this.#parts.ws.removeAllListeners();
    const port = this.#port;
    if (port === undefined) return;
    port.removeAllListeners('connection');
    // A port that could not be bound says so later; nobody has to hear it.
    port.on('error', () => undefined);
    port.close();
    this.#halfOpen.destroy();
  }

  /** Whether a TCP connection may go on to TLS and HTTP; otherwise it was dropped. */
  #isTaken(socket: Socket, isTls: boolean): boolean {
    const ip = canonicalIp(socket.remoteAddress ?? '') ?? '';
    const now = this.#parts.settings.runtime.now();
    const reason = this.#refusalOfTcp(ip, now, isTls);
    if (reason !== undefined) {
      this.#parts.refusals.add(reason, `a TCP connection of ${ip} was dropped`);
      socket.destroy();
      return false;
    }
    this.#halfOpen.add(socket, ip, now);
    return true;
  }

  #refusalOfTcp(ip: string, now: number, isTls: boolean): WebSocketRefusal | undefined {
    const { gate, isRefusing } = this.#parts;
    if (isRefusing()) return WebSocketRefusal.DRAINING;
    let reason: WebSocketRefusal | undefined;
    if (this.#isAskedFirst) reason = gate.refusalOf(ip, now) ?? gate.refusalByNumber(ip);
    // Only the request says whose it is, but each handshake costs a signature.
    else if (isTls) reason = gate.refusalOfTls(now);
    return reason ?? gate.openTcp(ip);
  }

  #broken(error: Error, socket: Duplex): void {
    this.#parts.refusals.add(
      WebSocketRefusal.HANDSHAKE_INVALID,
      `a broken request: ${quoted(error.message)}`,
    );
    socket.destroy();
  }

  #handle(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const { path } = this.#parts.settings;
    if (path !== undefined && (request.url ?? '').split('?')[0] !== path) {
      // Somebody else on the application's server may serve it.
      if (this.#port !== undefined || this.#server.listenerCount('upgrade') === 1) {
        this.#refuse(
          socket,
          404,
          WebSocketRefusal.HANDSHAKE_INVALID,
          `a handshake for the path ${quoted(request.url)}`,
        );
      }
      return;
    }
    const ip = this.#addressOf(request);
    const [status, reason, detail] = this.#refusalOf(request, ip);
    if (reason !== undefined) {
      this.#refuse(socket, status, reason, `${ip}: ${detail}`);
      return;
    }
    const { remotePort = 0 } = request.socket;
    this.#parts.ws.handleUpgrade(request, socket, head, (opened) => {
      this.#halfOpen.isThrough(request.socket);
      this.#parts.accept(opened, socket, ip, remotePort);
    });
  }

  #refusalOf(
    request: IncomingMessage,
    ip: string,
  ): [status: number, reason?: WebSocketRefusal, detail?: string] {
    const { gate, isRefusing, protocols, settings } = this.#parts;
    if (isRefusing()) return [503, WebSocketRefusal.DRAINING, 'new connections are refused'];
    if (!this.#isOriginAllowed(request)) {
      return [
        403,
        WebSocketRefusal.ORIGIN_NOT_ALLOWED,
        `the origin ${quoted(request.headers.origin)} is not allowed`,
      ];
    }
    const offered = request.headers['sec-websocket-protocol'];
    if (!isAgreeable(offered, protocols)) {
      return [400, WebSocketRefusal.SUBPROTOCOL, `it asked for the sub-protocols ${quoted(offered)}`];
    }
    // Others may have come in since its TCP connection was taken; its rate has counted.
    const reason =
      (this.#isAskedFirst ? undefined : gate.refusalOf(ip, settings.runtime.now())) ??
      gate.refusalByNumber(ip);
    return reason === undefined ? [101] : [503, reason, 'it may not come in'];
  }

  #isOriginAllowed(request: IncomingMessage): boolean {
    try {
      return this.#parts.settings.isAllowedOrigin(request.headers.origin, request) === true;
    } catch (error) {
      this.#parts.report(error, 'origins');
      return false;
    }
  }

  #addressOf(request: IncomingMessage): string {
    const own = canonicalIp(request.socket.remoteAddress ?? '') ?? '';
    try {
      const told = this.#parts.settings.clientAddress?.(request);
      return typeof told === 'string' ? (canonicalIp(told) ?? own) : own;
    } catch (error) {
      this.#parts.report(error, 'clientAddress');
      return own;
    }
  }

  #refuse(socket: Duplex, status: number, reason: WebSocketRefusal, detail: string): void {
    this.#parts.refusals.add(reason, detail);
    socket.on('error', () => socket.destroy());
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} ${STATUS[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
  }
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};
