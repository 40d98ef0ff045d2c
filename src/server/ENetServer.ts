/**
 * Godot's ENetServer: listens, lets clients in, delivers their packets and events.
 * enet-server-module sections 2, 3, 6.3 and 7, with the better behaviour of section 8. Longer than other files because it is one class page
 * of Godot: a short method for each documented one.
 */
import type { Dictionary } from '../../codec/values/Dictionary.ts';
import type { MirrorNode } from '../../schema/mirrorNode.ts';
import type { ReplicationLink, ReplicationServer } from '../../schema/replication/link.ts';
import { Packet } from '../enet/packet.ts';
import type { ThreadCounters } from '../enet/remoteHost.ts';
import type { Runtime } from '../enet/transport.ts';
import { CompressionMode, ConnectionEventType, PacketFlag } from '../godot/constants.ts';
import { describe } from '../godot/describe.ts';
import { GodotError } from '../godot/errors.ts';
import { findCompressor } from '../godot/findCompressor.ts';
import { AuthMode, ConnectionState } from './constants.ts';
import {
  countingReporter,
  createCounters,
  createServerOps,
  type ServerHostOptions,
  serverHostOptions,
} from './createOps.ts';
import { DispatchQueue } from './dispatchQueue.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import { checkPayload } from './eventCheck.ts';
import { EventTable } from './eventTable.ts';
import type { PeerLink } from './link.ts';
import { nodeSource } from './nodeState.ts';
import { checkThreadOptions, openLink } from './openLink.ts';
import {
  checkServerOptions,
  type ENetServerOptions,
  requireRuntime,
  type ServerSettings,
  safeTrace,
} from './options.ts';
import {
  asDictionary,
  buildEvent,
  checkEncodeOptions,
  decodePacket,
  type EventPayload,
  eventNameOf,
  isEncodeFailure,
  type PacketInput,
  type PacketReading,
  payloadOf,
  preparePacketReading,
  type ReceivedDictionary,
  takePayload,
} from './packets.ts';
import { type Authenticator, PeerSession, type SessionOwner } from './peerSession.ts';
import { RefusalReason } from './refusals.ts';
import { loginTimeoutOf, NO_TIME_LIMIT, RemoteConnection } from './remoteConnection.ts';
import { createReplicationLink } from './replicationLink.ts';
import { encodeOrExplain, type SendContext, sendPacket, sendRawPacket, sendShared } from './sending.ts';
import type { ServerOps } from './serverOps.ts';
import { ServerRun } from './serverRun.ts';
import type { ENetServerSignals } from './serverSignals.ts';
import { ServiceLoop } from './serviceLoop.ts';
import { DEFAULT_POLL_RATE_MS, pollRateOf } from './settings.ts';
import { callGuarded, type ErrorReporter, SignalEmitter } from './signals.ts';

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
  extends SignalEmitter<ENetServerSignals>
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
  readonly #runtime: Runtime;
  readonly #reading: PacketReading;
  readonly #report: ErrorReporter = (error, where) => this.reportError(error, where);
  readonly #trace: (line: string) => void;
  readonly #queue = new DispatchQueue();
  readonly #events = new EventTable<ServerEventCallback>();
  readonly #sendContext: SendContext;
  readonly #sessionOwner: SessionOwner;
  #run: ServerRun | undefined;
  #compression: CompressionMode = CompressionMode.COMPRESS_NONE;
  #pollRateMs = DEFAULT_POLL_RATE_MS;
  #authenticationMode: AuthMode = AuthMode.AUTH_NONE;
  #authenticationTimeout = DEFAULT_AUTHENTICATION_TIMEOUT;
  #authenticator: Authenticator | undefined;

  /**
   * @throws TypeError when the runtime is missing; TypeError or RangeError for an option out of range.
   */
  constructor(options: ENetServerOptions) {
    const counters = createCounters();
    super(countingReporter(options.onError, counters));
    this.#options = options;
    this.#settings = checkServerOptions(options);
    this.#runtime = requireRuntime(options);
    checkThreadOptions(options);
    this.#trace = safeTrace(options, this.#report);
    this.#reading = preparePacketReading(options.decode);
    checkEncodeOptions(options.encode);
    this.ops = createServerOps(
      {
        isActive: () => this.isServerActive(),
        peers: () => this.getPeerCount(),
        authenticatedPeers: () => this.getAuthenticatedPeerCount(),
        now: () => this.#runtime.now(),
        startTimer: (delayMs, callback) => this.#runtime.startTimer(delayMs, callback),
      },
      options,
      this.#report,
      counters,
    );
    this.#hostOptions = serverHostOptions(this.ops, options, this.#settings.maxPreLoginBytes);
    this.#sessionOwner = this.#createSessionOwner();
    this.#sendContext = {
      unreliableFragments: this.#settings.unreliableFragments,
      encode: options.encode,
      queueLimits: this.#hostOptions,
      queueIsFull: (peer, isReliable) => this.#run?.findByPacketPeer(peer)?.queueIsFull(isReliable),
      trace: this.#trace,
    };
  }

  // --- Life ---------------------------------------------------------------------------------------------------

  /**
   * Starts listening. The server is active when this returns; `serverStarted` follows.
   *
   * @param port 0..65535; 0 lets the system choose, see {@link ENetServer.getLocalPort}.
   * @param maxPeers 1..4095.
   * @param maxChannels 0..255; 0 stands for 255.
   * @returns 0; 22 when the server is active already; 31 for a bad argument; 20 when the port cannot be had.
   */
  createServer(port: number, maxPeers: number = 32, maxChannels: number = 2): number {
    if (this.#run !== undefined) {
      this.#trace('createServer: the server is active already (ERR_ALREADY_IN_USE)');
      return GodotError.ERR_ALREADY_IN_USE;
    }
    const loop = new ServiceLoop(
      this.#runtime,
      {
        onPass: () => this.#handlePass(run),
        onEvent: (type, peer, data, channel) => this.#handleEvent(run, type, peer, data, channel),
      },
      this.#pollRateMs,
    );
    const connection = openLink(
      {
        options: this.#options,
        runtime: this.#runtime,
        hostOptions: this.#hostOptions,
        report: this.#report,
        trace: this.#trace,
        onWake: loop.onWake,
        onOverflow: (peer) => run.findByPacketPeer(peer)?.queueIsFull(true),
        onFailure: (error) => this.#threadFailed(run, error),
        onHost: (host) => this.ops.watch(host),
      },
      { bindAddress: this.#settings.bindAddress, port, maxPeers, maxChannels },
      { compression: this.#compression, loginTimeoutMs: this.#loginTimeoutMs() },
    );
    if (typeof connection === 'number') return connection;
    const run = new ServerRun(connection, loop);
    this.#run = run;
    loop.start(connection);
    this.#queue.push(() => this.emitSignal('serverStarted', run.port));
    return GodotError.OK;
  }

  /**
   * Disconnects everybody at once, closes the socket and forgets the authentication mode, the authenticator and the
   * events (unless `keepSettingsOnStop`). `peerDisconnected` for every peer (reason "Server stopped", or that of its
   * kick) and then `serverStopped` follow. Does nothing when the server is not active.
   */
  stopServer(): void {
    if (this.#run !== undefined) this.#stop(this.#run, 'Server stopped');
  }

  #stop(run: ServerRun, reason: string): void {
    this.#run = undefined;
    run.loop.stop();
    const sessions = [...run.sessions()];
    for (const session of sessions) {
      session.keepStatistics();
      session.packetPeer.peerDisconnectNow(0);
    }
    run.connection.destroy();
    for (const session of sessions) {
      session.markStopped();
      this.#end(run, session, reason);
    }
    if (!this.#settings.keepSettingsOnStop) {
      this.#authenticationMode = AuthMode.AUTH_NONE;
      this.#authenticator = undefined;
      this.#events.clear();
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
    const connection = this.#run?.connection;
    return connection instanceof RemoteConnection ? connection.counters() : undefined;
  }

  // --- Settings -----------------------------------------------------------------------------------------------

  /**
   * Sets how datagrams are compressed; the clients must use the same mode. Works before and after `createServer` and
   * outlives `stopServer`. An unknown mode, or one that this process does not have (zstd may be missing), changes
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
   * Sets the longest time between two service passes in ms; less than 1 counts as 1. Datagrams and deadlines are
   * dealt with at once whatever this is, so it bounds only how long an idle server sleeps.
   */
  setPollRate(rateMs: number): void {
    this.#pollRateMs = pollRateOf(rateMs);
    this.#run?.loop.setPollRate(this.#pollRateMs);
  }

  /** The longest time between two service passes in ms. Default 10. */
  getPollRate(): number {
    return this.#pollRateMs;
  }

  /** Sets what new connections have to do. Peers that have connected already keep their state. */
  setAuthenticationMode(mode: AuthMode): void {
    this.#authenticationMode = mode;
    this.#tellLoginTimeout();
  }

  /** What new connections have to do. Default AUTH_NONE. */
  getAuthenticationMode(): AuthMode {
    return this.#authenticationMode;
  }

  /**
   * Sets how many seconds a peer may stay without authentication; then it is rejected with "Authentication timeout".
   * 0 or less: for ever; NaN is ignored. Counts for peers that connect later. Kept as a 32-bit float.
   */
  setAuthenticationTimeout(timeout: number): void {
    if (typeof timeout === 'number' && !Number.isNaN(timeout)) {
      this.#authenticationTimeout = Math.fround(timeout);
      this.#tellLoginTimeout();
    } else this.#trace(`setAuthenticationTimeout: expected number, got ${describe(timeout)}; ignored`);
  }

  /** The authentication timeout in seconds. Default 10. */
  getAuthenticationTimeout(): number {
    return this.#authenticationTimeout;
  }

  /**
   * Sets the function that decides about logins in mode AUTH_CUSTOM. It may call `peer.authenticate()` or
   * `peer.reject(reason)`; if it does neither, its result decides: truthy lets the peer in, anything else rejects it
   * with "Authentication failed". A promise is waited for, and what the peer sends meanwhile is held. Throwing or
   * rejecting counts as a refusal. `undefined` removes it; then `peerPrelogin` is emitted instead.
   */
  setCustomAuthenticator(authenticator: Authenticator | undefined): void {
    this.#authenticator = typeof authenticator === 'function' ? authenticator : undefined;
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
    const session = this.#find(peerId, 'sendPacket');
    return session === undefined
      ? GodotError.ERR_INVALID_PARAMETER
      : session.sendPacket(packet, channel, reliable);
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
    if (this.#run === undefined) {
      this.#trace('sendPacketToAll: the server is not active');
      return;
    }
    const excluded = new Set(this.#ids(exclude, 'exclude'));
    const sessions: PeerSession[] = [];
    for (const session of this.#run.sessions()) {
      if (!excluded.has(session.id) && this.#isAudience(session)) sessions.push(session);
    }
    this.#sendToSessions(sessions, packet, channel, reliable);
  }

  /** Sends to the peers with these ids, in this order; an id that is there twice gets the packet twice. */
  sendPacketToMultiple(
    peerIds: Iterable<number>,
    packet: PacketInput,
    channel: number = 0,
    reliable: boolean = true,
  ): void {
    const sessions: PeerSession[] = [];
    for (const id of this.#ids(peerIds, 'peerIds')) {
      const session = this.#find(id, 'sendPacketToMultiple');
      if (session !== undefined) sessions.push(session);
    }
    this.#sendToSessions(sessions, packet, channel, reliable);
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

  /** Sets the callback of a custom event, in place of an earlier one. */
  registerEvent(eventName: string, callback: ServerEventCallback): void {
    this.#events.register(eventName, callback);
  }

  /** Removes the callback of a custom event. An unknown name is fine. */
  unregisterEvent(eventName: string): void {
    this.#events.unregister(eventName);
  }

  /** Whether a custom event has a callback. */
  hasEvent(eventName: string): boolean {
    return this.#events.has(eventName);
  }

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
    const packet = this.#buildEvent(eventName, payload);
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
    const packet = this.#buildEvent(eventName, payload);
    if (packet !== undefined) this.sendPacketToAll(packet, channel, reliable, exclude);
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  /** Row 28: tells a peer why it is disconnected. */
  #announce(session: PeerSession, reason: string): void {
    const { kickReasonEvent } = this.#options;
    if (kickReasonEvent === undefined || reason === '') return;
    const packet = this.#buildEvent(kickReasonEvent, { reason });
    if (packet !== undefined) sendPacket(this.#sendContext, session.packetPeer, packet, 0, true);
  }

  #createSessionOwner(): SessionOwner {
    return {
      ...this.#settings,
      limits: this.ops.limits,
      announce: (session, reason) => this.#announce(session, reason),
      refuse: (reason) => this.ops.refuse(reason),
      reading: this.#reading,
      runtime: this.#runtime,
      authenticator: () =>
        this.#authenticationMode === AuthMode.AUTH_CUSTOM ? this.#authenticator : undefined,
      emitPrelogin: (session, loginData) => this.emitSignal('peerPrelogin', session.handle, loginData),
      approved: (session) => this.#queue.push(() => this.#emitApproved(session)),
      overdue: (session) => {
        session.packetPeer.peerDisconnectNow(0);
        if (this.#run !== undefined) this.#end(this.#run, session, '');
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
    this.#stop(run, 'Network thread failed');
  }

  #tellLoginTimeout(): void {
    const connection = this.#run?.connection;
    if (connection instanceof RemoteConnection) connection.setLoginTimeout(this.#loginTimeoutMs());
  }

  #loginTimeoutMs(): number {
    if (this.#authenticationMode === AuthMode.AUTH_NONE) return 0;
    return loginTimeoutOf(this.#authenticationTimeout * 1000) || NO_TIME_LIMIT;
  }

  #handlePass(run: ServerRun): void {
    this.#queue.drain();
    const now = this.#runtime.now();
    if ((now - run.lookTime) >>> 0 < LOOK_INTERVAL_MS) return;
    run.lookTime = now;
    for (const session of run.sessions()) {
      session.keepStatistics();
      session.checkWaitingData();
    }
  }

  #handleEvent(
    run: ServerRun,
    type: ConnectionEventType,
    packetPeer: PeerLink,
    data: number,
    channel: number,
  ): void {
    const session = run.findByPacketPeer(packetPeer);
    if (type === ConnectionEventType.EVENT_CONNECT) {
      this.#handleConnect(run, packetPeer, data);
    } else if (session === undefined) {
      if (type === ConnectionEventType.EVENT_RECEIVE) packetPeer.getPacket();
    } else if (type === ConnectionEventType.EVENT_RECEIVE) {
      const isReliable = (packetPeer.getPacketFlags() & PacketFlag.FLAG_RELIABLE) !== 0;
      this.#handlePacket(session, packetPeer.getPacket(), channel, isReliable);
    } else if (type === ConnectionEventType.EVENT_DISCONNECT) {
      this.#end(run, session, 'Connection lost');
    }
    this.#queue.drain();
  }

  #handleConnect(run: ServerRun, packetPeer: PeerLink, data: number): void {
    const session = new PeerSession(this.#sessionOwner, run.takeId(), packetPeer);
    run.add(session);
    this.ops.counters.connections++;
    this.emitSignal('peerConnecting', session.handle, data >>> 0);
    // Row 11: whoever was disconnected meanwhile is not promoted.
    if (session.isOver || session.connectionState !== ConnectionState.STATE_CONNECTING) return;
    if (this.#authenticationMode === AuthMode.AUTH_NONE) session.approve();
    else session.enterPrelogin(this.#authenticationTimeout * 1000);
  }

  #handlePacket(session: PeerSession, bytes: Uint8Array, channel: number, isReliable: boolean): void {
    if (session.canDeliver) {
      if (session.isWithinRate(bytes.length, isReliable)) this.#deliver(session, bytes, channel);
    } else if (session.connectionState === ConnectionState.STATE_PRELOGIN)
      session.receivePrelogin(bytes, channel);
  }

  /** Section 6.3 and the end of section 7. Every step asks again, because a handler may have kicked the peer. */
  #deliver(session: PeerSession, bytes: Uint8Array, channel: number): void {
    this.ops.counters.packetsReceived++;
    this.ops.counters.bytesReceived += bytes.length;
    const packet = decodePacket(bytes, this.#reading);
    const dictionary = asDictionary(packet);
    const eventName = eventNameOf(dictionary);
    if (dictionary !== undefined && eventName !== undefined) {
      const callback = this.#events.find(eventName);
      if (callback !== undefined) {
        const payload = takePayload(dictionary);
        const checked = checkPayload(callback, payload, session.handle);
        if (!checked.isValid) {
          this.ops.refuse(RefusalReason.EVENT_INVALID);
          this.#trace(`peer ${session.id}: the payload of an event is invalid: ${checked.message}`);
          return;
        }
        this.ops.counters.eventsReceived++;
        callGuarded(callback, [session.handle, checked.value, channel], this.#report, 'event', eventName);
        if (session.canDeliver) {
          this.emitSignal('customEventReceived', session.handle, eventName, payload, channel);
        }
        return;
      }
      this.emitSignal('unknownEventReceived', session.handle, eventName, payloadOf(dictionary), channel);
    }
    if (this.#settings.emitRawFirst) this.#emitRaw(session, bytes, channel);
    if (session.canDeliver) this.emitSignal('packetReceived', session.handle, packet, channel);
    if (!this.#settings.emitRawFirst) this.#emitRaw(session, bytes, channel);
  }

  #emitRaw(session: PeerSession, bytes: Uint8Array, channel: number): void {
    if (session.canDeliver) this.emitSignal('rawPacketReceived', session.handle, bytes, channel);
  }

  #emitApproved(session: PeerSession): void {
    // A kick between the approval and now wins: the peer is on its way out.
    if (session.canDeliver) {
      this.ops.counters.authentications++;
      this.emitSignal('peerAuthenticated', session.handle);
    }
    for (const { bytes, channel } of session.takeHeld()) {
      if (session.canDeliver) this.#deliver(session, bytes, channel);
    }
  }

  #end(run: ServerRun, session: PeerSession, fallbackReason: string): void {
    run.remove(session);
    this.ops.counters.disconnections++;
    const reason = session.end(fallbackReason);
    this.#queue.push(() => this.emitSignal('peerDisconnected', session.handle, reason));
  }

  #isAudience(session: PeerSession): boolean {
    return this.#settings.broadcastToAll
      ? session.connectionState !== ConnectionState.STATE_DISCONNECTING
      : session.canDeliver;
  }

  /** Row 20: one encoding, and the same bytes for everybody. */
  #sendToSessions(
    sessions: readonly PeerSession[],
    value: PacketInput,
    channel: number,
    isReliable: boolean,
  ): void {
    const packet = encodeOrExplain(this.#sendContext, value, isReliable);
    if (!(packet instanceof Packet)) return;
    for (const session of sessions) sendShared(this.#sendContext, session.packetPeer, packet, channel);
  }

  /** The ids of a caller who may not have had types. */
  #ids(ids: Iterable<number>, name: string): Iterable<number> {
    if (typeof ids === 'object' && ids !== null && Symbol.iterator in ids) return ids;
    this.#trace(`${name} expected an array or a set of peer ids, got ${describe(ids)}; taken as empty`);
    return [];
  }

  #find(peerId: number, method: string): PeerSession | undefined {
    const session = this.#run?.find(peerId);
    if (session === undefined)
      this.#trace(`${method}: there is no peer ${describe(peerId)} (ERR_INVALID_PARAMETER)`);
    return session;
  }

  #buildEvent(eventName: string, payload: EventPayload): Dictionary | undefined {
    const packet = buildEvent(eventName, payload);
    if (!isEncodeFailure(packet)) return packet;
    this.#trace(`event: ${packet.message} (ERR_INVALID_DATA)`);
    return undefined;
  }
}

const DEFAULT_AUTHENTICATION_TIMEOUT = 10;
/** How often every peer is looked at: statistics for the time after its end, and what ENet holds for it. */
const LOOK_INTERVAL_MS = 1000;
