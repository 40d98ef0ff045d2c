/**
 * Godot's WebSocketMultiplayerPeer: server or client of the high-level multiplayer over WebSockets, for web exports.
 * Implements docs/protocol/websocket-multiplayer-peer.md. Above 400 lines because it is one class of Godot's, and a third of
 * it is documentation.
 */
import type { Server } from 'node:http';
import { DisconnectCause } from '../enet/index.ts';
import {
  GodotError,
  godotErrorName,
  MultiplayerConnectionStatus,
  TARGET_PEER_SERVER,
  TLSOptions,
  TransferMode,
  type TransportPeer,
} from '../godot/index.ts';
import {
  callGuarded,
  describe,
  formatIpAddress,
  isBindAddress,
  isInRange,
  StartWarning,
  safeReporter,
  TransportOps,
  toInteger,
} from '../godot/internal.ts';
import { headersOf, isWebSocketUrl, tlsClientOptions } from './clientOptions.ts';
import { Gate } from './gate.ts';
import type { Link } from './link.ts';
import { Listener, type ListenerParts } from './listener.ts';
import type { WebSocketMetrics } from './metrics.ts';
import {
  checkWebSocketOptions,
  type WebSocketMultiplayerPeerOptions,
  type WebSocketSettings,
} from './options.ts';
import { type WebSocketRefusal, WebSocketRefusals } from './refusals.ts';
import { type Arrival, Session } from './session.ts';
import { WebSocketSettingsPeer } from './settingsPeer.ts';
import { newHandshaker } from './subProtocols.ts';
import { loadWs, type WsModule, type WsServer } from './wsModule.ts';

/** What a JoinedMultiplayerPeer may ask of this class. */
interface WebSocketAccess {
  /** A server gives no client an id that is taken elsewhere. */
  avoidIds(peer: WebSocketMultiplayerPeer, isTaken: (id: number) => boolean): void;
}

let access!: WebSocketAccess; // Set by the static block of the class, before anybody can ask.

/**
 * The peer of Godot's high-level multiplayer over WebSockets: create a server or a client, then call
 * {@link MultiplayerPeer.poll} once per tick, or whenever the option `onWake` says so.
 *
 * ```ts
 * const peer = new WebSocketMultiplayerPeer({ origins: ['https://game.example'] });
 * peer.createServer(7778);
 * peer.on('peerConnected', (id) => console.log(`${id} is here`));
 * ```
 *
 * It needs the package `ws`, which is loaded at first use. One message is one packet. Everything is reliable, in order and on
 * channel 0, whatever transfer mode and channel are set.
 *
 * A peer that is no longer needed must be closed: an open socket keeps the process alive.
 */
export class WebSocketMultiplayerPeer extends WebSocketSettingsPeer {
  /** The operator's side: numbers, the door. Our addition. The functions of `godot-enet/ops` use it. */
  readonly ops: TransportOps<'websocket', WebSocketMetrics>;
  readonly #options: WebSocketMultiplayerPeerOptions;
  readonly #settings: WebSocketSettings;
  readonly #refusals: WebSocketRefusals;
  readonly #startWarning: StartWarning;
  readonly #report: (error: unknown, where: string) => void;
  #session: Session | undefined;
  /** Ends that wait for one poll, so that the packets before them can be handled while their sender is known. */
  #endings: Link[] = [];
  #isPolling = false;
  #isAwake = false;
  #wakeListener: (() => void) | undefined;
  #isIdTaken: (id: number) => boolean = () => false;

  static {
    access = {
      avoidIds: (peer, isTaken) => {
        peer.#isIdTaken = isTaken;
      },
    };
  }

  /**
   * @param options what Godot has no parameter for; the clock of Node unless another is given.
   * @throws TypeError or RangeError naming the option.
   */
  constructor(options: WebSocketMultiplayerPeerOptions = {}) {
    const settings = checkWebSocketOptions(options);
    const { runtime } = settings;
    super({
      random32: () => runtime.random32(),
      onTrace: options.onTrace,
      onError: options.onError,
      maxQueuedBytes: options.maxQueuedBytes,
    });
    this.#options = options;
    this.#settings = settings;
    this.#report = safeReporter(options.onError);
    this.ops = new TransportOps('websocket', {
      runtime,
      report: this.#report,
      isRefusing: () => this.refuseNewConnections,
      setRefusing: (refuses) => {
        this.refuseNewConnections = refuses;
      },
      metrics: () => this.#metrics(),
    });
    this.#refusals = new WebSocketRefusals((line) => this.trace(line));
    this.#startWarning = new StartWarning(runtime, 'WebSocketMultiplayerPeer', options.onTrace !== undefined);
  }

  /** The TCP port of a server, also of the application's; 0 without one, and until an address of its own is bound. */
  get localPort(): number {
    return this.#session?.listener?.localPort ?? 0;
  }

  /** The same as {@link WebSocketMultiplayerPeer.localPort}. */
  override getLocalPort(): number {
    return this.localPort;
  }

  /** The ids of those who are connected. Our addition. A copy. */
  override connectedPeers(): number[] {
    return [...(this.#session?.peers.keys() ?? [])];
  }

  /** The address of a peer; the round trip is not measured. Our addition. */
  override transportPeer(id: number): TransportPeer | undefined {
    const link = this.#session?.peers.get(toInteger(id));
    return (
      link && {
        transport: 'WebSocket',
        address: formatIpAddress(link.ip),
        port: link.port,
        roundTripMs: undefined,
        queuedBytes: link.socket.bufferedAmount,
      }
    );
  }

  /**
   * Becomes a server with the id 1 on a port of its own, connected at once.
   *
   * @param port TCP port 0..65535; 0 lets the system choose, see {@link WebSocketMultiplayerPeer.localPort}.
   * @param bindAddress a literal IP address, or `"*"` for all interfaces. Anything but `"*"` is bound a moment later, see
   * {@link WebSocketMultiplayerPeer.whenListening}.
   * @param tlsServerOptions `TLSOptions.server(key, certificate)` for `wss://`.
   * @returns OK; ERR_ALREADY_IN_USE when something is open; ERR_INVALID_PARAMETER for a parameter that is none;
   * ERR_CANT_CREATE when the port cannot be had or the certificate not be used; ERR_UNAVAILABLE without the package `ws`.
   */
  createServer(port: number, bindAddress = '*', tlsServerOptions: TLSOptions | null = null): GodotError {
    const error = this.#createServer(port, bindAddress, tlsServerOptions);
    return this.#startWarning.check('createServer', error);
  }

  #createServer(port: number, bindAddress: string, tls: TLSOptions | null): GodotError {
    const call = 'createServer';
    const wanted = toInteger(port);
    if (!isInRange(wanted, 0, 65_535))
      return this.#invalid(call, `port expected 0..65535, got ${describe(port)}`);
    if (!isBindAddress(bindAddress)) {
      return this.#invalid(
        call,
        `bindAddress expected a literal IP address or "*", got ${describe(bindAddress)}`,
      );
    }
    if (tls !== null && !(tls instanceof TLSOptions && tls.isServer())) {
      return this.#invalid(call, 'tlsServerOptions expected TLSOptions.server(key, certificate)');
    }
    return this.#open(call, (parts) => {
      try {
        return Listener.bind(parts, wanted, bindAddress === '*' ? undefined : bindAddress, tls);
      } catch (error) {
        this.trace(`${call}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    });
  }

  /**
   * Our addition: becomes a server on an HTTP or HTTPS server of the application, e.g. the one that serves its page. It stays
   * the application's: `close()` closes the connections of this peer, not the server.
   *
   * @returns as {@link WebSocketMultiplayerPeer.createServer}.
   */
  createServerOn(server: Server): GodotError {
    const call = 'createServerOn';
    const isServer = typeof server === 'object' && server !== null && 'on' in server && 'address' in server;
    const error = isServer
      ? this.#open(call, (parts) => Listener.on(parts, server))
      : this.#invalid(call, `server expected a server of node:http or node:https, got ${describe(server)}`);
    return this.#startWarning.check(call, error);
  }

  /**
   * Resolves when the port of a server is bound, or cannot be had. Our addition: Node binds an address other than `"*"` only after
   * the call; a failure shows at the next `poll()` as well, with the status CONNECTION_DISCONNECTED and a trace line.
   *
   * @returns OK, ERR_CANT_CREATE, or ERR_UNCONFIGURED when this is no server.
   */
  async whenListening(): Promise<GodotError> {
    const session = this.#session;
    if (session?.listener === undefined) return GodotError.ERR_UNCONFIGURED;
    const isBound = await session.listener.whenListening();
    return isBound && this.#session === session ? GodotError.OK : GodotError.ERR_CANT_CREATE;
  }

  /**
   * Becomes a client and begins to connect. The server says which id it has; `peerConnected` tells of success. Without it the
   * status falls back to CONNECTION_DISCONNECTED, and {@link MultiplayerPeer.disconnectCause} says why.
   *
   * @param url `ws://...` or `wss://...`.
   * @param tlsClientOptions for `wss://`: `TLSOptions.client(...)` or `clientUnsafe(...)`. Default: the authorities of the system.
   * @returns OK; ERR_ALREADY_IN_USE when something is open; ERR_INVALID_PARAMETER for another URL or other options;
   * ERR_UNAVAILABLE without the package `ws`.
   */
  createClient(url: string, tlsClientOptions: TLSOptions | null = null): GodotError {
    const error = this.#createClient(url, tlsClientOptions);
    return this.#startWarning.check('createClient', error);
  }

  #createClient(url: string, tls: TLSOptions | null): GodotError {
    const call = 'createClient';
    if (!isWebSocketUrl(url))
      return this.#invalid(call, `url expected ws:// or wss://, got ${describe(url)}`);
    if (tls !== null && !(tls instanceof TLSOptions && !tls.isServer())) {
      return this.#invalid(call, 'tlsClientOptions expected options of a client');
    }
    const ws = this.#begin(call);
    if (typeof ws === 'number') return ws;
    try {
      const socket = new ws.WebSocket(url, this.supportedProtocols, {
        ...tlsClientOptions(tls),
        ...this.#socketOptions(),
        headers: headersOf(this.handshakeHeaders),
      });
      this.#session = this.#newSession(false);
      this.#session.attach(socket, TARGET_PEER_SERVER, '', 0);
    } catch (error) {
      return this.#invalid(call, error instanceof Error ? error.message : String(error));
    }
    return GodotError.OK;
  }

  /**
   * Moves what has arrived into the queue and emits signals. The end of a connection is told one `poll()` after the last packets
   * from it, so that they are handled while their sender is known; Godot drops them.
   */
  poll(): void {
    const session = this.#session;
    if (session === undefined) {
      this.trace('poll: nothing was created');
      return;
    }
    session.newTick();
    this.#isAwake = false;
    this.#isPolling = true;
    try {
      this.#poll(session);
    } finally {
      this.#isPolling = false;
    }
    if (this.#endings.length > 0) this.#wakeLater(session);
  }

  #poll(session: Session): void {
    if (session.failure !== undefined) {
      this.trace(`poll: the server failed: ${session.failure.message}; closing`);
      this.close();
      this.noteEnd(DisconnectCause.FAILURE);
      return;
    }
    for (const link of this.#endings.splice(0)) {
      this.#ended(session, link);
      if (this.#session !== session) return;
    }
    const senders = new Set<Link>();
    while (!this.isQueueFull) {
      const arrival = session.next();
      if (arrival === undefined) break;
      if (arrival.kind === 'end' && senders.has(arrival.link)) this.#endings.push(arrival.link);
      else this.#take(session, arrival, senders);
      if (this.#session !== session) return;
    }
    session.resume();
  }

  /** Lets leave what was put while `sendsAtOnce` was false: to each peer in as few TCP segments as it fits in. */
  override flush(): void {
    this.#session?.flush();
  }

  /** Tells. Our addition. */
  override setWakeListener(listener: (() => void) | undefined): boolean {
    const session = this.#session;
    if (session === undefined || this.#options.onWake !== undefined) return false;
    if (listener !== this.#wakeListener) {
      this.#wakeListener = listener;
      this.#isAwake = false;
      const hasWaiting = session.hasArrivals || session.failure !== undefined || this.#endings.length > 0;
      if (hasWaiting) this.#wakeLater(session);
    }
    return true;
  }

  /**
   * Ends the connection of one peer; what is queued for it still goes. Without `force` `peerDisconnected` follows when it has
   * confirmed, after three seconds at most. With `force` it is gone at once, without a signal, and a client that forces its server
   * out is closed.
   */
  disconnectPeer(id: number, force = false): void {
    const session = this.#session;
    const link = session?.peers.get(toInteger(id));
    if (session === undefined || link === undefined) {
      this.trace(`disconnectPeer: no peer has the id ${describe(id)}`);
      return;
    }
    link.close(CLOSE_NORMAL, DisconnectCause.LOCAL);
    if (!force) return;
    session.peers.delete(link.id);
    link.isAnnounced = false;
    this.ops.left(link.id, DisconnectCause.LOCAL);
    if (!session.isServer) this.close();
  }

  /**
   * Ends everything at once (but see the option `lingerMs`): the others get a goodbye, the port is free, packets that were not
   * fetched are gone. There are no signals.
   */
  close(): void {
    this.clearPackets();
    this.#endings = [];
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    if (this.#wakeListener !== undefined) this.#settings.runtime.startTimer(0, this.#wakeListener);
    this.#wakeListener = undefined;
    for (const id of [...session.peers.keys()]) this.ops.left(id, DisconnectCause.LOCAL);
    session.close();
    this.ops.stopped(DisconnectCause.LOCAL);
    this.noteEnd(DisconnectCause.LOCAL);
    this.refuseNewConnections = false;
  }

  /** CONNECTION_CONNECTED for a server; a client begins with CONNECTION_CONNECTING. */
  getConnectionStatus(): MultiplayerConnectionStatus {
    return this.#session?.status ?? MultiplayerConnectionStatus.CONNECTION_DISCONNECTED;
  }

  /** 1 for a server; what the server said for a client, 0 before; 0 when nothing is open. */
  getUniqueId(): number {
    const session = this.#session;
    const isIn = session?.status === MultiplayerConnectionStatus.CONNECTION_CONNECTED;
    return isIn ? session.id : 0;
  }

  /** Whether this is a server. */
  isServer(): boolean {
    return this.#session?.isServer === true;
  }

  /** True for a server and a client. The relaying itself is SceneMultiplayer's. */
  isServerRelaySupported(): boolean {
    return this.#session !== undefined;
  }

  /** The address of a client, as Godot writes it; empty for an id that nobody has. */
  getPeerAddress(id: number): string {
    return formatIpAddress(this.#find('getPeerAddress', id)?.ip ?? '');
  }

  /** The TCP port of a client, on its side or its proxy's; 0 for an id that nobody has. */
  getPeerPort(id: number): number {
    return this.#find('getPeerPort', id)?.port ?? 0;
  }

  /** How often which reason made something be turned away, since this object was made. */
  refusals(): Map<WebSocketRefusal, number> {
    return this.#refusals.snapshot();
  }

  /** Numbers for operators: those of `ops.metrics()`. */
  metrics(): WebSocketMetrics {
    return this.ops.metrics();
  }

  #metrics(): WebSocketMetrics {
    const session = this.#session;
    let backlogBytes = 0;
    for (const { socket } of session?.links ?? []) backlogBytes += socket.bufferedAmount;
    return {
      isActive: session !== undefined,
      acceptsPeers: session?.isServer === true && !this.refuseNewConnections,
      peers: session?.peers.size ?? 0,
      authenticatedPeers: session?.peers.size ?? 0,
      halfOpen: session?.listener?.halfOpen ?? 0,
      backlogBytes,
      ...this.ops.counters.snapshot(),
      refusals: this.refusals(),
    };
  }

  /** Sends to the target, at once unless `sendsAtOnce` is false. A client's packets always go to the server: the target does not travel. */
  protected override sendPacket(bytes: Uint8Array): GodotError {
    const call = 'putPacket';
    const session = this.#session;
    if (session?.status !== MultiplayerConnectionStatus.CONNECTION_CONNECTED) {
      return this.#refuse(call, 'not connected', GodotError.ERR_UNCONFIGURED);
    }
    const target = session.isServer ? this.targetPeer : TARGET_PEER_SERVER;
    const one = target > 0 ? session.peers.get(target) : undefined;
    if (target > 0 && one === undefined) return this.#invalid(call, `no peer has the id ${target}`);
    if (bytes.length > this.outboundBufferSize) {
      const reason = `${bytes.length} bytes are more than outboundBufferSize, ${this.outboundBufferSize}`;
      return this.#refuse(call, reason, GodotError.ERR_OUT_OF_MEMORY);
    }
    // One copy for all: the caller may use its bytes again before the system has taken them.
    const packet = new Uint8Array(bytes);
    const isReliable = this.transferMode === TransferMode.TRANSFER_MODE_RELIABLE;
    if (one !== undefined) return session.send(one, packet, isReliable, this.sendsAtOnce);
    let error: GodotError = GodotError.OK;
    for (const link of session.peers.values()) {
      if (link.id !== -target) error = session.send(link, packet, isReliable, this.sendsAtOnce) || error;
    }
    return error;
  }

  protected override queueHasRoom(): void {
    if (this.#session?.hasArrivals === true) this.#wakeLater(this.#session);
  }

  protected override get className(): string {
    return 'WebSocketMultiplayerPeer';
  }

  #take(session: Session, arrival: Arrival, senders: Set<Link>): void {
    const { link } = arrival;
    if (arrival.kind === 'packet') {
      // Somebody who was forced out is nobody any more.
      if (session.peers.get(link.id) !== link) return;
      senders.add(link);
      const mode = TransferMode.TRANSFER_MODE_RELIABLE;
      this.queuePacket({ bytes: arrival.bytes, from: link.id, channel: 0, mode });
    } else if (arrival.kind === 'end') {
      this.#ended(session, link);
    } else {
      session.peers.set(link.id, link);
      session.status = MultiplayerConnectionStatus.CONNECTION_CONNECTED;
      link.isAnnounced = true;
      this.ops.came(link.id, formatIpAddress(link.ip), link.port);
      this.emitSignal('peerConnected', link.id);
    }
  }

  /** The listeners still find the peer, as in Godot. */
  #ended(session: Session, link: Link): void {
    const cause = link.cause ?? DisconnectCause.GOODBYE;
    this.noteEnd(cause);
    if (link.isAnnounced) {
      link.isAnnounced = false;
      this.ops.left(link.id, cause);
      this.emitSignal('peerDisconnected', link.id);
      if (session.peers.get(link.id) === link) session.peers.delete(link.id);
    }
    if (session.isServer || this.#session !== session) return;
    // What came before the end can still be fetched.
    this.#session = undefined;
    this.#wakeListener = undefined;
    session.close();
    this.refuseNewConnections = false;
  }

  /** Loads the package for something new. */
  #begin(call: string): WsModule | GodotError {
    if (this.#session !== undefined) {
      return this.#refuse(call, 'something is open; call close() first', GodotError.ERR_ALREADY_IN_USE);
    }
    let ws: WsModule;
    try {
      ws = (this.#options.ws as WsModule | undefined) ?? loadWs('WebSocketMultiplayerPeer');
    } catch (error) {
      return this.#refuse(
        call,
        error instanceof Error ? error.message : String(error),
        GodotError.ERR_UNAVAILABLE,
      );
    }
    this.refuseNewConnections = false;
    this.clearPackets();
    this.#endings = [];
    this.noteEnd(undefined);
    return ws;
  }

  #open(call: string, listen: (parts: ListenerParts) => Listener | undefined): GodotError {
    const ws = this.#begin(call);
    if (typeof ws === 'number') return ws;
    const server = newHandshaker(ws, this.#socketOptions(), this.supportedProtocols, this.handshakeHeaders);
    const gate = new Gate(this.#settings, this.#settings.runtime.now());
    const session = this.#newSession(true, gate);
    const listener = listen(this.#listenerParts(session, gate, server));
    if (listener === undefined) {
      session.close();
      return this.#refuse(call, 'the port cannot be had', GodotError.ERR_CANT_CREATE);
    }
    session.listener = listener;
    this.#session = session;
    void this.#tellStart(session, listener);
    return GodotError.OK;
  }

  async #tellStart(session: Session, listener: Listener): Promise<void> {
    // At once when the port is bound, as it is for all interfaces.
    if (listener.localPort === 0 && !(await listener.whenListening())) return;
    if (this.#session === session) this.ops.started(listener.localPort);
  }

  #listenerParts(session: Session, gate: Gate, ws: WsServer): ListenerParts {
    return {
      settings: this.#settings,
      refusals: this.#refusals,
      gate,
      ws,
      protocols: this.supportedProtocols,
      handshakeMs: this.handshakeTimeout * 1000,
      report: this.#report,
      isRefusing: () => this.refuseNewConnections,
      accept: (socket, stream, ip, port) => {
        gate.enter(ip);
        session.accept(socket, stream, ip, port, this.#newId(session));
      },
      failed: (error) => {
        session.failure = error;
        this.#wake();
      },
    };
  }

  #newSession(isServer: boolean, gate?: Gate): Session {
    return new Session(
      {
        settings: this.#settings,
        refusals: this.#refusals,
        counters: this.ops.counters,
        maxPackets: this.maxQueuedPackets,
        handshakeMs: this.handshakeTimeout * 1000,
        wake: () => this.#wake(),
        gone: (link) => gate?.leave(link.ip),
        trace: (line) => this.trace(line),
      },
      isServer,
    );
  }

  #newId(session: Session): number {
    for (;;) {
      const id = this.generateUniqueId();
      if (!session.hasId(id) && !this.#isIdTaken(id)) return id;
    }
  }

  #socketOptions(): Record<string, unknown> {
    return {
      maxPayload: this.inboundBufferSize,
      // Each is handled, but only whole messages are counted: a large one in TCP segments has about 50.
      maxFragments: 1024,
      // Each compressor costs memory, and what is unpacked more than was sent.
      perMessageDeflate: false,
      closeTimeout: Math.max(CLOSE_TIMEOUT_MS, this.#settings.lingerMs),
    };
  }

  /** What is left needs another poll(), but not before the application has done with what this one brought. */
  #wakeLater(session: Session): void {
    if (this.#onWake === undefined) return;
    const wake = (): void => {
      if (this.#session === session) this.#wake();
    };
    const { runtime } = this.#settings;
    if (runtime.afterCall === undefined) queueMicrotask(wake);
    else runtime.afterCall(wake);
  }

  get #onWake(): (() => void) | undefined {
    return this.#options.onWake ?? this.#wakeListener;
  }

  #wake(): void {
    const onWake = this.#onWake;
    if (onWake === undefined || this.#isPolling || this.#isAwake) return;
    this.#isAwake = true;
    callGuarded(onWake, [], this.#report, 'onWake');
  }

  #find(call: string, id: number): Link | undefined {
    const link = this.#session?.peers.get(toInteger(id));
    if (link === undefined) this.trace(`${call}: no peer has the id ${describe(id)}`);
    return link;
  }

  #invalid(call: string, reason: string): GodotError {
    return this.#refuse(call, reason, GodotError.ERR_INVALID_PARAMETER);
  }

  #refuse(call: string, reason: string, error: GodotError): GodotError {
    const line = `${call}: ${reason} (${godotErrorName(error)})`;
    this.#startWarning.explain(line);
    this.trace(line);
    return error;
  }
}

/** @internal */
export const webSocketAccess: WebSocketAccess = access;

const CLOSE_NORMAL = 1000;
/** How long a goodbye may take. */
const CLOSE_TIMEOUT_MS = 3000;
