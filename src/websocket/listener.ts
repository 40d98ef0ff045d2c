/**
 * The server side of WebSocketMultiplayerPeer up to the handshake: a port of its own or the application's HTTP server, who may
 * come in, and the deadline for getting there.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { canonicalIp } from '../enet/internal.ts';
import type { ErrorReporter, TLSOptions } from '../godot/index.ts';
import type { Gate } from './gate.ts';
import type { WebSocketSettings } from './options.ts';
import { WebSocketRefusal, type WebSocketRefusals } from './refusals.ts';
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

/** A TCP connection that is no WebSocket yet. */
interface HalfOpen {
  readonly socket: Socket;
  readonly ip: string;
  readonly since: number;
}

/** Takes WebSockets in. */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #server: Server;
  readonly #isOwn: boolean;
  /** By address and port of the remote: TLS puts another object around the same connection. */
  readonly #halfOpen = new Map<string, HalfOpen>();
  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Uint8Array): void =>
    this.#handle(request, socket, head);

  private constructor(parts: ListenerParts, server: Server, isOwn: boolean) {
    this.#parts = parts;
    this.#server = server;
    this.#isOwn = isOwn;
    server.on('upgrade', this.#upgrade);
    parts.ws.on('wsClientError', (error, socket) => {
      this.#refuse(socket, 400, WebSocketRefusal.HANDSHAKE_INVALID, error.message);
    });
  }

  /** Uses the server of the application. */
  static on(parts: ListenerParts, server: Server): Listener {
    return new Listener(parts, server, false);
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
    const listener = new Listener(parts, server, true);
    let isBound = false;
    server.on('error', (error) => {
      if (isBound) parts.failed(error);
    });
    server.on('connection', (socket: Socket) => listener.#connected(socket));
    server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      parts.refusals.add(WebSocketRefusal.HANDSHAKE_INVALID, 'a request that is no WebSocket handshake');
      response.writeHead(426, { connection: 'close', upgrade: 'websocket', 'content-length': 0 }).end();
    });
    server.on('clientError', (error: Error, socket: Duplex) => listener.#broken(error, socket));
    server.on('tlsClientError', (error: Error, socket: Duplex) => listener.#broken(error, socket));
    // Exclusive: the players of a process are its own, also in a cluster.
    server.listen({ port, exclusive: true, ...(ip === undefined ? {} : { host: ip }) });
    isBound = ip !== undefined || server.address() !== null;
    if (isBound) return listener;
    listener.close();
    return undefined;
  }

  /** The bound port; 0 when it is not bound yet, or to no port. */
  get localPort(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** TCP connections that are no WebSockets yet. */
  get halfOpen(): number {
    return this.#halfOpen.size;
  }

  /** Resolves when the port is bound (true), or cannot be had. */
  async whenListening(): Promise<boolean> {
    const server = this.#server;
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
    for (const { socket, ip, since } of this.#halfOpen.values()) {
      if (((now - since) | 0) < this.#parts.handshakeMs) return;
      this.#parts.refusals.add(WebSocketRefusal.HANDSHAKE_TIMEOUT, `${ip} did not complete its handshake`);
      socket.destroy();
    }
  }

  /** Takes nobody any more. The server of the application stays as it was. */
  close(): void {
    this.#server.off('upgrade', this.#upgrade);
    this.#parts.ws.removeAllListeners();
    if (!this.#isOwn) return;
    this.#server.removeAllListeners('connection');
    // A server that could not be bound says so later; nobody has to hear it.
    this.#server.on('error', () => undefined);
    this.#server.close();
    for (const { socket } of this.#halfOpen.values()) socket.destroy();
  }

  #connected(socket: Socket): void {
    const ip = canonicalIp(socket.remoteAddress ?? '') ?? '';
    const place = placeOf(socket);
    const { gate, refusals, settings, isRefusing } = this.#parts;
    const reason = isRefusing() ? WebSocketRefusal.DRAINING : gate.openTcp(ip);
    if (reason !== undefined) {
      refusals.add(reason, `a TCP connection of ${ip} was dropped`);
      socket.destroy();
      return;
    }
    this.#halfOpen.set(place, { socket, ip, since: settings.runtime.now() });
    socket.once('close', () => this.#isThrough(place));
  }

  /** A half-open connection became a WebSocket or ended. */
  #isThrough(place: string): void {
    const known = this.#halfOpen.get(place);
    if (known === undefined) return;
    this.#halfOpen.delete(place);
    this.#parts.gate.closeTcp(known.ip);
  }

  #broken(error: Error, socket: Duplex): void {
    this.#parts.refusals.add(WebSocketRefusal.HANDSHAKE_INVALID, `a broken request: ${error.message}`);
    socket.destroy();
  }

  #handle(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const { path } = this.#parts.settings;
    if (path !== undefined && (request.url ?? '').split('?')[0] !== path) {
      // Somebody else on the application's server may serve it.
      if (this.#isOwn || this.#server.listenerCount('upgrade') === 1) {
        this.#refuse(
          socket,
          404,
          WebSocketRefusal.HANDSHAKE_INVALID,
          `a handshake for the path ${request.url}`,
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
    const place = placeOf(request.socket);
    this.#parts.ws.handleUpgrade(request, socket, head, (opened) => {
      this.#isThrough(place);
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
        `the origin ${request.headers.origin} is not allowed`,
      ];
    }
    const offered = request.headers['sec-websocket-protocol'];
    if (!isAgreeable(offered, protocols)) {
      return [400, WebSocketRefusal.SUBPROTOCOL, `it asked for the sub-protocols "${offered ?? ''}"`];
    }
    const reason = gate.refusalOf(ip, settings.runtime.now());
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
      const told = this.#parts.settings.clientAddress(request);
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

function placeOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};
