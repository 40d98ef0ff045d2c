/**
 * Godot's ENetServer: listens, lets clients in, delivers their packets and events.
 * enet-server-module sections 2, 3, 6.3 and 7, with the better behaviour of section 8. Longer than other files because it is one class page
 * of Godot: a short method for each documented one.
 */
import type { MirrorNode, ReplicationLink, ReplicationServer } from '../../schema/index.ts';
import { DisconnectCause } from '../enet/index.ts';
import {
  CompressionMode,
  describe,
  findCompressor,
  GodotError,
  StartWarning,
  TLSOptions,
} from '../godot/internal.ts';
import type { Runtime, ThreadCounters } from '../runtime/index.ts';
import { Authentication } from './authentication.ts';
import { AuthMode } from './constants.ts';
import {
  type Admission,
  countingReporter,
  createAdmission,
  createCounters,
  createServerOps,
  type ServerHostOptions,
  serverHostOptions,
} from './createOps.ts';
import { type DeliveryTarget, PacketDelivery } from './delivery.ts';
import { DispatchQueue } from './dispatchQueue.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import { EventReceiver } from './eventReceiver.ts';
import { EventTable } from './eventTable.ts';
import type { Transport } from './link/link.ts';
import { openLink } from './link/openLink.ts';
import { transportOf } from './link/transports.ts';
import { nodeSource } from './nodeState.ts';
import {
  checkServerOptions,
  checkTlsOptions,
  type ENetServerOptions,
  requireRuntime,
  type ServerSettings,
  safeTrace,
} from './options.ts';
import {
  checkEncodeOptions,
  type EventPayload,
  type PacketInput,
  type PacketReading,
  preparePacketReading,
  type ReceivedDictionary,
} from './packets.ts';
import type { Authenticator, PeerSession, SessionOwner } from './peerSession.ts';
import { RefusalReason } from './refusals.ts';
import { createReplicationLink } from './replicationLink.ts';
import { type SendContext, sendPacket, sendRawPacket } from './sending.ts';
import type { ServerOps } from './serverOps.ts';
import { type RunOwner, ServerRun } from './serverRun.ts';
import { ServerSender } from './serverSender.ts';
import type { ENetServerSignals } from './serverSignals.ts';
import { ServiceLoop } from './serviceLoop.ts';
import { DEFAULT_POLL_RATE_MS, pollRateOf } from './settings.ts';
import { callGuarded, type ErrorReporter } from './signals.ts';

/** What is called when an event arrives at the server. It may be async. */
export type ServerEventCallback = (
  peer: ENetServerPeer,
  payload: ReceivedDictionary,
  channel: number,
) => void;

/**
 * A server for Godot's ENetClient (and any other ENet client whose packets are made by ENetPacketUtils).
 *
 * Methods that Godot declares return Godot's error numbers and never throw. Signals never come from inside the call
 * that causes them.
 *
 * Several servers can live in one process; they share nothing.
 */
export class ENetServer
  extends EventReceiver<ENetServerSignals, ServerEventCallback>
  implements AsyncDisposable, ReplicationServer<ENetServerPeer>
{
  /** Peers are authenticated as soon as they are connected. */
  static readonly AUTH_NONE: 0 = AuthMode.AUTH_NONE;
  /** The handler of `peerPrelogin` decides. */
  static readonly AUTH_PRELOGIN_ONLY: 1 = AuthMode.AUTH_PRELOGIN_ONLY;
  /** The custom authenticator decides. */
  static readonly AUTH_CUSTOM: 2 = AuthMode.AUTH_CUSTOM;

  /** The operator's side: refusals, numbers, the door. Our addition. */
  readonly ops: ServerOps;
  readonly #options: ENetServerOptions;
  readonly #settings: ServerSettings;
  readonly #hostOptions: ServerHostOptions;
  readonly #admission: Admission | undefined;
  readonly #runtime: Runtime;
  readonly #transport: Transport;
  readonly #reading: PacketReading;
  readonly #report: ErrorReporter = (error, where) => this.reportError(error, where);
  readonly #trace: (line: string) => void;
  readonly #startWarning: StartWarning;
  readonly #queue: DispatchQueue;
  readonly #events: EventTable<ServerEventCallback>;
  readonly #authentication = new Authentication();
  readonly #sendContext: SendContext;
  readonly #sender: ServerSender;
  readonly #runOwner: RunOwner;
  #run: ServerRun | undefined;
  #tls: TLSOptions | undefined;
  #compression: CompressionMode = CompressionMode.COMPRESS_NONE;
  #pollRateMs = DEFAULT_POLL_RATE_MS;

  /**
   * @throws TypeError when the runtime is missing; TypeError or RangeError for an option out of range.
   */
  constructor(options: ENetServerOptions);
  /** @internal Over another network than the one that the options ask for. */
  constructor(options: ENetServerOptions, transport: Transport);
  constructor(options: ENetServerOptions, transport: Transport = transportOf(options)) {
    const counters = createCounters();
    const events = new EventTable<ServerEventCallback>();
    super(countingReporter(options.onError, counters), events);
    this.#events = events;
    this.#options = options;
    this.#settings = checkServerOptions(options);
    this.#runtime = requireRuntime(options);
    this.#queue = new DispatchQueue((callback) => this.#runtime.afterCall?.(callback));
    transport.check(options);
    this.#transport = transport;
    checkTlsOptions(options, true);
    this.#tls = options.tls;
    this.#startWarning = new StartWarning(this.#runtime, 'ENetServer', options.onTrace !== undefined);
    const trace = safeTrace(options, this.#report);
    this.#trace = (line) => {
      this.#startWarning.explain(line);
      trace(line);
    };
    this.#reading = preparePacketReading(options.decode);
    checkEncodeOptions(options.encode);
    this.ops = createServerOps(
      {
        isActive: () => this.isServerActive(),
        peers: () => this.getPeerCount(),
        authenticatedPeers: () => this.getAuthenticatedPeerCount(),
        now: () => this.#runtime.now(),
        startTimer: (delayMs, callback) => this.#runtime.startTimer(delayMs, callback),
        dtls: () => this.#run?.connection.getDtlsCounters(),
        reloadCertificate: (tls) => this.#reloadCertificate(tls),
      },
      options,
      counters,
    );
    this.#hostOptions = serverHostOptions(this.ops.limits, options, this.#settings.maxPreLoginBytes);
    this.#admission = createAdmission(options, this.ops, this.#report);
    this.#runOwner = this.#createRunOwner();
    this.#sendContext = {
      unreliableFragments: this.#settings.unreliableFragments,
      encode: options.encode,
      queueLimits: this.#hostOptions,
      queueIsFull: (peer, isReliable) => this.#run?.findByPacketPeer(peer)?.queueIsFull(isReliable),
      channelsOf: (peer) => this.#run?.findByPacketPeer(peer)?.channels,
      trace: this.#trace,
    };
    this.#sender = new ServerSender({
      broadcastToAll: this.#settings.broadcastToAll,
      kickReasonEvent: options.kickReasonEvent,
      sendContext: this.#sendContext,
      run: () => this.#run,
      trace: this.#trace,
    });
  }

  // --- Life ---------------------------------------------------------------------------------------------------

  /**
   * Starts listening. The server is active when this returns; `serverStarted` follows.
   *
   * @param port 0..65535; 0 lets the system choose, see {@link ENetServer.getLocalPort}.
   * @param maxPeers 1..4095.
   * @param maxChannels 0..255; 0 stands for 255.
   * @returns 0; 22 when the server is active already; 31 for a bad argument; 20 when the port cannot be had, or the key or
   * certificate of `tls` cannot be used.
   */
  createServer(port: number, maxPeers: number = 32, maxChannels: number = 2): number {
    return this.#startWarning.check('createServer', this.#start(port, maxPeers, maxChannels));
  }

  #start(port: number, maxPeers: number, maxChannels: number): number {
    if (this.#run !== undefined) {
      this.#trace('createServer: the server is active already (ERR_ALREADY_IN_USE)');
      return GodotError.ERR_ALREADY_IN_USE;
    }
    const loop = new ServiceLoop(
      this.#runtime,
      {
        onPass: () => run.handlePass(this.#runtime.now()),
        nextPassMs: (now) => this.#run?.nextPassMs(now),
        onEvent: (type, peer, data, channel) => run.handleEvent(type, peer, data, channel),
      },
      this.#pollRateMs,
    );
    const connection = openLink(
      this.#transport,
      {
        options: this.#tls === undefined ? this.#options : { ...this.#options, tls: this.#tls },
        runtime: this.#runtime,
        hostOptions: this.#hostOptions,
        ops: this.ops,
        admission: this.#admission,
        report: this.#report,
        trace: this.#trace,
        bindAddress: this.#settings.bindAddress,
        port,
        maxPeers,
        maxChannels,
        compression: this.#compression,
        loginTimeoutMs: this.#authentication.threadTimeoutMs(),
        loginTimeoutPacket: this.#sender.loginTimeoutPacket(),
      },
      {
        onWake: loop.onWake,
        onOverflow: (peer) => run.findByPacketPeer(peer)?.queueIsFull(true),
        onFailure: (error) => this.#threadFailed(run, error),
      },
    );
    if (typeof connection === 'number') return connection;
    const run = new ServerRun(this.#runOwner, connection, loop);
    this.#run = run;
    loop.start(connection);
    this.#warnOfIdleAuthenticator();
    this.#queue.push(() => this.emitSignal('serverStarted', run.port));
    return GodotError.OK;
  }

  /**
   * Disconnects everybody at once, closes the socket and forgets the authentication mode, the authenticator, the
   * events and the compression mode (unless `keepSettingsOnStop`). `peerDisconnected` for every peer (reason "Server stopped", or that of its
   * kick) and then `serverStopped` follow. Does nothing when the server is not active.
   */
  stopServer(): void {
    if (this.#run !== undefined) this.#stop(this.#run, 'Server stopped', DisconnectCause.SHUTDOWN);
  }

  #reloadCertificate(tls: TLSOptions): number {
    if (this.#tls === undefined) {
      this.#trace('reloadCertificate: the server was made without "tls" (ERR_UNCONFIGURED)');
      return GodotError.ERR_UNCONFIGURED;
    }
    if (!(tls instanceof TLSOptions && tls.isServer())) {
      this.#trace('reloadCertificate: expected server options (ERR_INVALID_PARAMETER)');
      return GodotError.ERR_INVALID_PARAMETER;
    }
    const error = this.#run?.connection.reloadCertificate(tls) ?? GodotError.OK;
    if (error === GodotError.OK) this.#tls = tls;
    return error;
  }

  #stop(run: ServerRun, reason: string, cause: DisconnectCause): void {
    this.#run = undefined;
    run.stop(reason, cause);
    if (!this.#settings.keepSettingsOnStop) {
      this.#authentication.reset();
      this.#events.clear();
      this.#compression = CompressionMode.COMPRESS_NONE;
    }
    this.#queue.push(() => this.emitSignal('serverStopped'));
  }

  /** Stops the server and waits until its last signal was emitted. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stopServer();
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  /** Whether the server is listening. */
  isServerActive(): boolean {
    return this.#run !== undefined;
  }

  /** The UDP port the server is bound to; 0 when it is not active. */
  getLocalPort(): number {
    return this.#run?.port ?? 0;
  }

  /** What the queues to the network thread have seen; `undefined` without one. Our addition. */
  getThreadCounters(): ThreadCounters | undefined {
    return this.#run?.connection.threadCounters();
  }

  // --- Settings -----------------------------------------------------------------------------------------------

  /**
   * Sets how datagrams are compressed; the clients must use the same mode. Works before and after `createServer`;
   * `stopServer` forgets it (unless `keepSettingsOnStop`). An unknown mode, or one that this process does not have (zstd may be missing), changes
   * nothing; a trace line says what is missing.
   */
  setCompressionMode(mode: CompressionMode): void {
    const found = findCompressor(mode, this.#options.createCompressor);
    if (typeof found === 'string') {
      this.#trace(`setCompressionMode: ${found}; ignored`);
      return;
    }
    this.#compression = mode;
    this.#run?.connection.compress(mode);
  }

  /**
   * Sets how often the server looks after its peers by itself, in ms; less than 1 counts as 1. Datagrams, deadlines and logins are
   * dealt with at once whatever this is, and a server with nothing to do sleeps. The look (statistics, what waits of strangers)
   * comes once a second at most, so only a value above 1,000 changes anything.
   */
  setPollRate(rateMs: number): void {
    this.#pollRateMs = pollRateOf(rateMs);
    this.#run?.loop.setPollRate(this.#pollRateMs);
  }

  /** What {@link ENetServer.setPollRate} has set, in ms. Default 10. */
  getPollRate(): number {
    return this.#pollRateMs;
  }

  /** Sets what new connections have to do. Peers that have connected already keep their state. */
  setAuthenticationMode(mode: AuthMode): void {
    this.#authentication.mode = mode;
    this.#tellLoginTimeout();
    this.#warnOfIdleAuthenticator();
  }

  /** What new connections have to do. Default AUTH_NONE. */
  getAuthenticationMode(): AuthMode {
    return this.#authentication.mode;
  }

  /**
   * Sets how many seconds a peer may stay without authentication; then it is rejected with "Authentication timeout".
   * 0 or less: for ever; NaN is ignored. Counts for peers that connect later. Kept as a 32-bit float.
   */
  setAuthenticationTimeout(timeout: number): void {
    if (this.#authentication.setTimeout(timeout)) this.#tellLoginTimeout();
    else this.#trace(`setAuthenticationTimeout: expected number, got ${describe(timeout)}; ignored`);
  }

  /** The authentication timeout in seconds. Default 10. */
  getAuthenticationTimeout(): number {
    return this.#authentication.timeoutSec;
  }

  /**
   * Sets the function that decides about logins in mode AUTH_CUSTOM. It may call `peer.authenticate()` or
   * `peer.reject(reason)`; if it does neither, its result decides: truthy lets the peer in, anything else rejects it
   * with "Authentication failed". A promise is waited for, and what the peer sends meanwhile is held. Throwing or
   * rejecting counts as a refusal. `undefined` removes it; then `peerPrelogin` is emitted instead. Where no mode was chosen
   * since the beginning or the last `stopServer`, it selects AUTH_CUSTOM (and `undefined` AUTH_NONE again): the reference
   * lets everybody in there. Where another mode was chosen, nobody asks it, and a warning says so.
   */
  setCustomAuthenticator(authenticator: Authenticator | undefined): void {
    this.#authentication.setAuthenticator(authenticator);
    this.#tellLoginTimeout();
    this.#warnOfIdleAuthenticator();
  }

  // --- Peers --------------------------------------------------------------------------------------------------

  /** All peers, authenticated or not, in the order of connecting. The array is the caller's. */
  getPeers(): ENetServerPeer[] {
    return Array.from(this.#run?.sessions() ?? [], (session) => session.handle);
  }

  /** The peer with this id, or null. */
  getPeer(peerId: number): ENetServerPeer | null {
    return this.#run?.find(peerId)?.handle ?? null;
  }

  /** How many peers there are, authenticated or not. */
  getPeerCount(): number {
    return this.#run?.size ?? 0;
  }

  /** How many peers are in STATE_AUTHENTICATED. */
  getAuthenticatedPeerCount(): number {
    let count = 0;
    for (const session of this.#run?.sessions() ?? []) if (session.canDeliver) count++;
    return count;
  }

  /** As `ENetServerPeer.disconnectPeer`. An unknown id does nothing. */
  kickPeer(peerId: number, reason: string = ''): void {
    const session = this.#run?.find(peerId);
    if (session === undefined) this.#trace(`kickPeer: there is no peer ${describe(peerId)}`);
    else session.disconnect(reason);
  }

  // --- Sending ------------------------------------------------------------------------------------------------

  /**
   * Encodes a value and queues it for one peer, whatever its state.
   *
   * @returns as `ENetServerPeer.sendPacket`; 31 for an unknown id.
   */
  sendPacket(peerId: number, packet: PacketInput, channel: number = 0, reliable: boolean = true): number {
    return this.#sender.toPeer(peerId, packet, channel, reliable);
  }

  /**
   * Sends to every authenticated peer (with `broadcastToAll`: to every peer) except those in `exclude`. The packet is
   * encoded once. Refusals only show as trace lines.
   */
  sendPacketToAll(
    packet: PacketInput,
    channel: number = 0,
    reliable: boolean = true,
    exclude: Iterable<number> = [],
  ): void {
    this.#sender.toAll(packet, channel, reliable, exclude);
  }

  /** Sends to the peers with these ids, in this order; an id that is there twice gets the packet twice. */
  sendPacketToMultiple(
    peerIds: Iterable<number>,
    packet: PacketInput,
    channel: number = 0,
    reliable: boolean = true,
  ): void {
    this.#sender.toMultiple(peerIds, packet, channel, reliable);
  }

  /** `sendPacketToAll` without exceptions. */
  broadcastPacket(packet: PacketInput, channel: number = 0, reliable: boolean = true): void {
    this.sendPacketToAll(packet, channel, reliable);
  }

  /**
   * Sends the state of a node to one peer, reliably; what of it is sent, `NodeSyncFlags` decide.
   *
   * @returns as {@link ENetServer.sendPacket}; 31 for no node or flags that are no integer; 33 for an unknown id.
   */
  sendNodeState(peerId: number, node: MirrorNode | null, flags: number, channel: number = 0): number {
    const source = nodeSource(node, flags, this.#options.encode);
    if (typeof source === 'string') {
      this.#trace(`sendNodeState: ${source} (ERR_INVALID_PARAMETER)`);
      return GodotError.ERR_INVALID_PARAMETER;
    }
    if (this.#run?.find(peerId) === undefined) {
      this.#trace(`sendNodeState: there is no peer ${describe(peerId)} (ERR_DOES_NOT_EXIST)`);
      return GodotError.ERR_DOES_NOT_EXIST;
    }
    return this.sendPacket(peerId, source, channel, true);
  }

  /** Sends the state of a node to the peers of {@link ENetServer.sendPacketToAll}, reliably; it is encoded once. */
  sendNodeToAll(node: MirrorNode | null, flags: number, channel: number = 0): void {
    const source = nodeSource(node, flags, this.#options.encode);
    if (typeof source === 'string') this.#trace(`sendNodeToAll: ${source}`);
    else this.sendPacketToAll(source, channel, true);
  }

  /**
   * For `SceneMirror.replicate` of `godot-enet/schema`: the authenticated peers, sequenced packets and the runtime's timers.
   * It may be asked for at any time; while the server is not active it has no peers. Our addition.
   */
  replicationLink(): ReplicationLink<ENetServerPeer> {
    return createReplicationLink({
      runtime: this.#runtime,
      sending: this.#sendContext,
      sessions: () => this.#run?.sessions() ?? [],
      find: (peerId) => this.#run?.find(peerId),
      report: this.#report,
    });
  }

  // --- Events -------------------------------------------------------------------------------------------------

  /**
   * Sends a custom event to one peer: a copy of the payload with the name under `_event`.
   *
   * @returns as {@link ENetServer.sendPacket}; 30 when the payload is no Dictionary, Map or plain object.
   */
  triggerEvent(
    peerId: number,
    eventName: string,
    payload: EventPayload,
    channel: number = 0,
    reliable: boolean = true,
  ): number {
    const packet = this.#sender.event(eventName, payload);
    return packet === undefined
      ? GodotError.ERR_INVALID_DATA
      : this.sendPacket(peerId, packet, channel, reliable);
  }

  /** Sends a custom event to the peers of {@link ENetServer.sendPacketToAll}. */
  triggerEventToAll(
    eventName: string,
    payload: EventPayload,
    channel: number = 0,
    reliable: boolean = true,
    exclude: Iterable<number> = [],
  ): void {
    const packet = this.#sender.event(eventName, payload);
    if (packet !== undefined) this.sendPacketToAll(packet, channel, reliable, exclude);
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #createRunOwner(): RunOwner {
    const { counters } = this.ops;
    const delivery = new PacketDelivery<PeerSession, ServerEventCallback>({
      reading: this.#reading,
      events: this.#events,
      emitRawFirst: this.#settings.emitRawFirst,
      target: this.#createTarget(),
    });
    return {
      sessionOwner: this.#createSessionOwner(),
      authentication: this.#authentication,
      counters,
      queue: this.#queue,
      emitConnecting: (session, data) => this.emitSignal('peerConnecting', session.handle, data),
      emitAuthenticated: (session) => this.emitSignal('peerAuthenticated', session.handle),
      emitDisconnected: (session, reason) => this.emitSignal('peerDisconnected', session.handle, reason),
      deliver: (session, bytes, channel) => {
        counters.packetsReceived++;
        counters.bytesReceived += bytes.length;
        delivery.deliver(session, bytes, channel);
      },
    };
  }

  #createTarget(): DeliveryTarget<PeerSession, ServerEventCallback> {
    return {
      canDeliver: (session) => session.canDeliver,
      handleOf: (session) => session.handle,
      call: (callback, session, eventName, value, channel) => {
        this.ops.counters.eventsReceived++;
        callGuarded(callback, [session.handle, value, channel], this.#report, 'event', eventName);
      },
      refuse: (session, message, tell) => {
        this.ops.refuse(RefusalReason.EVENT_INVALID);
        this.#trace(`peer ${session.id}: the payload of an event is invalid: ${message}`);
        if (tell !== undefined) callGuarded(tell, [], this.#report, 'onInvalid');
      },
      emitEvent: (session, eventName, payload, channel) =>
        this.emitSignal('customEventReceived', session.handle, eventName, payload, channel),
      emitUnknown: (session, eventName, payload, channel) =>
        this.emitSignal('unknownEventReceived', session.handle, eventName, payload, channel),
      emitPacket: (session, packet, channel) =>
        this.emitSignal('packetReceived', session.handle, packet, channel),
      emitRaw: (session, bytes, channel) =>
        this.emitSignal('rawPacketReceived', session.handle, bytes, channel),
    };
  }

  #createSessionOwner(): SessionOwner {
    return {
      ...this.#settings,
      limits: this.ops.limits,
      announce: (session, reason) => this.#sender.announce(session, reason),
      refuse: (reason) => this.ops.refuse(reason),
      reading: this.#reading,
      runtime: this.#runtime,
      authenticator: () => this.#authentication.authenticator,
      emitPrelogin: (session, loginData) => this.emitSignal('peerPrelogin', session.handle, loginData),
      approved: (session) => {
        const run = this.#run;
        this.#queue.push(() => run?.emitApproved(session));
      },
      overdue: (session) => {
        session.packetPeer.peerDisconnectNow(0);
        this.#run?.end(session, '', DisconnectCause.LOCAL);
      },
      send: (session, packet, channel, isReliable) =>
        sendPacket(this.#sendContext, session.packetPeer, packet, channel, isReliable),
      sendRaw: (session, bytes, channel, isReliable) =>
        sendRawPacket(this.#sendContext, session.packetPeer, bytes, channel, isReliable),
      trace: this.#trace,
      report: this.#report,
    };
  }

  /** The thread has died, and its socket with it: nobody can be told any more. */
  #threadFailed(run: ServerRun, error: Error): void {
    if (this.#run !== run) return;
    this.#trace(`the network thread failed: ${error.message}`);
    this.#report(error, 'network thread');
    this.#stop(run, 'Network thread failed', DisconnectCause.FAILURE);
  }

  #warnOfIdleAuthenticator(): void {
    if (this.#run === undefined || !this.#authentication.isAuthenticatorIdle) return;
    const message = `ENetServer: the authenticator is never asked, because the authentication mode is ${this.#authentication.mode}: call setAuthenticationMode(ENetServer.AUTH_CUSTOM)`;
    this.#trace(message);
    this.#runtime.warn?.('GODOT_ENET_IDLE_AUTHENTICATOR', message);
  }

  #tellLoginTimeout(): void {
    this.#run?.connection.setLoginTimeout(this.#authentication.threadTimeoutMs());
  }
}
