/**
 * What the multiplayer peers over ENet have in common, whatever they put into packets: a life from creation to end, the loop
 * over the events of a host, who is admitted, and how all of it ends. Implements what sections 4 and A of
 * godot-enet-classes share, with the improvements of section 8. Above 400 lines because it is one state machine and the steps that its
 * subclasses fill in.
 */

import { describe } from '../../../options/internal.ts';
import type { HostKind } from '../../doctor/index.ts';
import { DisconnectCause, type Packet } from '../../enet/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import {
  ConnectionEventType,
  PACKET_LOSS_SCALE,
  PACKET_THROTTLE_SCALE,
  PeerStatistic,
} from '../constants.ts';
import { connectionAccess, ENetConnection } from '../ENetConnection.ts';
import { type ENetPacketPeer, peerAccess } from '../ENetPacketPeer.ts';
import { GodotError, godotErrorName } from '../errors.ts';
import type { ServiceEvent } from '../eventStream.ts';
import { isBindAddress } from '../ipAddress.ts';
import { lingerThenDestroy } from '../lingering.ts';
import { INT32_MAX, isInRange, toInteger } from '../numbers.ts';
import { callGuarded, safeReporter } from '../signals.ts';
import { StartWarning } from '../startWarning.ts';
import { ENetDoor } from './enetDoor.ts';
import { type ENetMetrics, enetMetrics } from './enetMetrics.ts';
import { ENetRefusal } from './enetRefusals.ts';
import { MultiplayerPeer, type MultiplayerPeerSignals, type TransportPeer } from './MultiplayerPeer.ts';
import { MultiplayerConnectionStatus, TARGET_PEER_SERVER } from './multiplayerConstants.ts';
import {
  checkMultiplayerOptions,
  connectionOptionsOf,
  type ENetMultiplayerPeerOptions,
} from './multiplayerOptions.ts';
import type { PeerEntry, PeerTable } from './peerTable.ts';
import { TransportOps } from './transportOps.ts';

/** One life of a multiplayer peer over ENet, from its creation to `close()`. */
export interface ENetSession {
  readonly isServer: boolean;
  readonly id: number;
  /** The host of a server or a client. A mesh has one per peer. */
  readonly host: ENetConnection | undefined;
  /** The peers with a connection. */
  readonly table: PeerTable;
  status: MultiplayerConnectionStatus;
}

/** What the class is called in trace lines and warnings, and what it is to the connection doctor. */
export interface ENetPeerKind {
  readonly className: string;
  readonly doctorKind: HostKind;
  /** The signals that it adds, as the keys of an object. */
  readonly signals?: object;
}

/** The base of the multiplayer peers over ENet. What a subclass adds is the framing and what `create...()` takes. */
export abstract class ENetPeerBase<
  Session extends ENetSession,
  Names extends MultiplayerPeerSignals & {
    [Name in keyof Names]: readonly unknown[];
  } = MultiplayerPeerSignals,
> extends MultiplayerPeer<Names> {
  /** The operator's side: numbers, the door. Our addition. The functions of `godot-enet/ops` use it. */
  readonly ops: TransportOps<'enet', ENetMetrics>;
  readonly #door: ENetDoor;
  readonly #kind: ENetPeerKind;
  readonly #runtime: Runtime;
  readonly #options: ENetMultiplayerPeerOptions;
  readonly #startWarning: StartWarning;
  #hasWaiting = false;
  #bindIp = '*';
  #session: Session | undefined;
  #wakeListener: (() => void) | undefined;

  protected constructor(given: ENetMultiplayerPeerOptions, kind: ENetPeerKind) {
    const options = checkMultiplayerOptions(given, kind.className);
    const { runtime } = options;
    super({
      random32: () => runtime.random32(),
      onTrace: options.onTrace,
      onError: options.onError,
      maxQueuedBytes: options.maxQueuedBytes,
      signals: kind.signals,
    });
    this.#kind = kind;
    this.#door = new ENetDoor(
      options,
      () => runtime.now(),
      (line) => this.trace(line),
    );
    this.ops = new TransportOps('enet', {
      runtime,
      report: safeReporter(options.onError),
      isRefusing: () => this.refuseNewConnections,
      setRefusing: (refuses) => {
        this.refuseNewConnections = refuses;
      },
      metrics: () => enetMetrics(this.#session, this.#door, this.ops),
    });
    this.#runtime = runtime;
    this.#options = options;
    this.#startWarning = new StartWarning(runtime, kind.className, options.onTrace !== undefined);
  }

  /**
   * Sets the address that `createServer()` binds, and `createClient()` when it is given a local port.
   *
   * @param ip a literal IP address, or `"*"` (the default) for all interfaces. Anything else changes nothing.
   */
  setBindIp(ip: string): void {
    if (isBindAddress(ip)) this.#bindIp = ip;
    else this.trace(`setBindIp: ip expected a literal IP address or "*", got ${describe(ip)}`);
  }

  /**
   * Moves the network, queues what has arrived and emits signals. What makes the host fail closes this peer.
   *
   * A server refuses a client whose id is not 2..2147483647 or is taken, and every client while
   * `refuseNewConnections` is set: it disconnects it, and no signal tells of it. (Godot drops it without a word, and Godot 4
   * takes ids from 2147483648 on for negative ones.)
   */
  poll(): void {
    const session = this.#session;
    if (!session) {
      this.trace('poll: nothing was created');
      return;
    }
    this.#dropEnded(session);
    // A listener may have closed this peer, and even created the next one.
    if (this.#session === session) this.pollSession(session);
  }

  /**
   * Ends everything at once (but see the option `lingerMs`): every connected peer is told by one datagram, the hosts are
   * destroyed (those of a mesh too), and packets that were not fetched are gone. There are no signals. When nothing is open,
   * only packets are left that came before the server ended the connection; they go too.
   */
  close(): void {
    this.clearPackets();
    if (!this.#session) return;
    this.flush();
    this.noteEnd(DisconnectCause.LOCAL);
    this.end(this.#session, DisconnectCause.LOCAL);
  }

  /** Lets leave what waits because `sendsAtOnce` is false: to each peer in as few datagrams as it fits in. */
  override flush(): void {
    if (!this.#hasWaiting) return;
    this.#hasWaiting = false;
    for (const host of this.openHosts()) host.flush();
  }

  /** Everything but a mesh tells. Our addition. */
  override setWakeListener(listener: (() => void) | undefined): boolean {
    const host = this.#session?.host;
    if (host === undefined || this.#options.onWake !== undefined) return false;
    if (listener !== this.#wakeListener) {
      this.#wakeListener = listener;
      connectionAccess.listen(host, listener);
    }
    return true;
  }

  /** CONNECTION_CONNECTED for a server and a mesh; a client begins with CONNECTION_CONNECTING. */
  getConnectionStatus(): MultiplayerConnectionStatus {
    return this.#session?.status ?? MultiplayerConnectionStatus.CONNECTION_DISCONNECTED;
  }

  /** 1 for a server, the given id for a mesh, a random one for a client; 0 when nothing is open. */
  getUniqueId(): number {
    return this.#session?.id ?? 0;
  }

  /** Whether this is a server. */
  isServer(): boolean {
    return this.#session?.isServer === true;
  }

  /** The UDP port of a server or a client; 0 for a mesh, and when nothing is open. Our addition. */
  override getLocalPort(): number {
    return this.#session?.host?.getLocalPort() ?? 0;
  }

  /** The connections of all peers that have one to this side. Our addition. A copy. */
  connections(): ENetPacketPeer[] {
    return Array.from(this.#session?.table.entries() ?? [], ({ peer }) => peer);
  }

  /** The ids of those who are connected. Our addition. A copy. */
  override connectedPeers(): number[] {
    return Array.from(this.#session?.table.entries() ?? [])
      .filter(({ isAnnounced }) => isAnnounced)
      .map(({ id }) => id);
  }

  /** Address and round trip of a peer, of a peer with a connection to this one. Our addition. */
  override transportPeer(id: number): TransportPeer | undefined {
    const peer = this.#session?.table.get(toInteger(id))?.peer;
    const dtlsSuite = peer && peerAccess.dtlsSuite(peer);
    return (
      peer && {
        transport: 'ENet',
        address: peer.getRemoteAddress(),
        port: peer.getRemotePort(),
        roundTripMs: peer.getStatistic(PeerStatistic.PEER_ROUND_TRIP_TIME),
        roundTripVarianceMs: peer.getStatistic(PeerStatistic.PEER_ROUND_TRIP_TIME_VARIANCE),
        lossRatio: peer.getStatistic(PeerStatistic.PEER_PACKET_LOSS) / PACKET_LOSS_SCALE,
        throttleRatio: peer.getStatistic(PeerStatistic.PEER_PACKET_THROTTLE) / PACKET_THROTTLE_SCALE,
        queuedBytes: peerAccess.outgoingBytes(peer),
        ...(dtlsSuite !== undefined && { dtlsSuite }),
      }
    );
  }

  /** The life that is going on; undefined when nothing is open. @internal */
  protected get session(): Session | undefined {
    return this.#session;
  }

  /** Makes compressors; without it only COMPRESS_NONE is known. @internal */
  protected get createCompressor(): ENetMultiplayerPeerOptions['createCompressor'] {
    return this.#options.createCompressor;
  }

  /** What `setBindIp()` was last told. @internal */
  protected get bindIp(): string {
    return this.#bindIp;
  }

  protected override get className(): string {
    return this.#kind.className;
  }

  protected override queueHasRoom(): void {
    for (const host of this.openHosts()) connectionAccess.hold(host, false);
  }

  /** The hosts of what is open. @internal */
  protected openHosts(): ENetConnection[] {
    const session = this.#session;
    if (session?.host) return [session.host];
    return session ? Array.from(session.table.entries(), ({ host }) => host) : [];
  }

  /** A packet was put into these hosts: it leaves now, or waits for {@link ENetPeerBase.flush}. @internal */
  protected putInto(hosts: readonly ENetConnection[]): void {
    if (this.sendsAtOnce) for (const host of hosts) host.flush();
    else this.#hasWaiting = true;
  }

  /** Does the work of a `poll()`. @internal */
  protected pollSession(session: Session): void {
    if (session.host) this.#pollHost(session, session.host);
  }

  /** A connection that somebody ended behind our back, with `reset()` or `peerDisconnectNow()`. @internal */
  protected abstract endedElsewhere(session: Session, entry: PeerEntry): void;

  /** A client is in the table and announced. @internal */
  protected admitted(session: Session, entry: PeerEntry): void {
    void session;
    void entry;
  }

  /** This client is connected, and it was announced. @internal */
  protected joined(): void {
    // Nothing to add here; the peer of Godot 3 has a signal of its own.
  }

  /** The connection of a server's client has ended. @internal */
  protected abstract clientGone(session: Session, entry: PeerEntry): void;

  /** The connection of a client has ended. @internal */
  protected abstract serverGone(session: Session, entry: PeerEntry | undefined): void;

  /** A packet of a known peer. @param channel the channel of ENet. The bytes are the subclass's own. @internal */
  protected abstract packetCame(
    session: Session,
    entry: PeerEntry,
    bytes: Uint8Array,
    channel: number,
    flags: number,
  ): void;

  /** Says goodbye to a peer that can hear it. @returns whether something queued has to arrive first; never unless `waits`. @internal */
  protected abstract sayGoodbye(session: Session, peer: ENetPacketPeer, waits: boolean): boolean;

  /** The end of a `create...()`: warns of an error that nobody looks at. @returns the result. @internal */
  protected started(call: string, error: GodotError): GodotError {
    return this.#startWarning.check(call, error);
  }

  /** A host that has not been created. @param options go before those of this peer. @internal */
  protected newConnection(
    isServer: boolean,
    options: Pick<ENetMultiplayerPeerOptions, 'createCompressor'> = {},
  ): ENetConnection {
    const { onTrace, onError } = this.#options;
    const report = safeReporter(onError);
    const all = isServer ? { ...this.#options, host: this.#door.hostOptions() } : this.#options;
    return new ENetConnection({
      ...connectionOptionsOf(all, this.#kind.doctorKind),
      // What the connection says explains the warning about a start that failed.
      onTrace: (line) => {
        if (onTrace === undefined) this.#startWarning.explain(line);
        else callGuarded(onTrace, [line], report, 'onTrace');
      },
      runtime: this.#runtime,
      ...options,
    });
  }

  /** Creates the host of a server. @returns OK, or what `createServer()` answers; the host is gone then. @internal */
  protected listen(host: ENetConnection, ...parameters: HostParameters): GodotError {
    const error = host.createHostBound(this.#bindIp, ...parameters);
    const { tls } = this.#options;
    if (error === GodotError.OK) this.#door.watch(connectionAccess.hostOf(host));
    if (error !== GodotError.OK || tls === undefined) return error;
    if (host.dtlsServerSetup(tls) === GodotError.OK) return GodotError.OK;
    // Never in the clear when it was to be encrypted.
    host.destroy();
    return this.refuse('createServer', 'DTLS cannot be set up', GodotError.ERR_CANT_CREATE);
  }

  /** Begins to connect a host that was created. @returns the server and our id, or an error; the host is gone then. @internal */
  protected join(
    host: ENetConnection,
    address: string,
    port: number,
    channels: number,
  ): { readonly id: number; readonly peer: ENetPacketPeer } | GodotError {
    const { tls } = this.#options;
    const isReady = tls === undefined || host.dtlsClientSetup(address, tls) === GodotError.OK;
    const id = isReady ? this.generateUniqueId() : 0;
    const peer = isReady ? host.connectToHost(address, port, channels, id) : null;
    if (peer) return { id, peer };
    host.destroy();
    const reason = isReady ? 'the connection cannot be begun' : 'DTLS cannot be set up';
    return this.refuse('createClient', reason, GodotError.ERR_CANT_CREATE);
  }

  /** Begins a life. @internal */
  protected open(session: Session): Session {
    this.clearPackets();
    this.noteEnd(undefined);
    this.#session = session;
    if (session.isServer) this.ops.started(this.getLocalPort());
    return session;
  }

  /** Ends a life: all are told, all hosts are destroyed, now or once everything has arrived. @internal */
  protected end(session: Session, cause: DisconnectCause): void {
    // First, so that nothing that happens meanwhile finds a half-closed peer.
    this.#session = undefined;
    if (this.#wakeListener !== undefined) this.#runtime.startTimer(0, this.#wakeListener);
    this.#wakeListener = undefined;
    for (const entry of session.table.entries()) this.forget(entry, cause);
    this.ops.stopped(cause);
    const lingering = new Set<ENetConnection>();
    const lingerMs = this.#options.lingerMs ?? 0;
    for (const { peer, host } of session.table.entries()) {
      if (this.sayGoodbye(session, peer, lingerMs > 0)) lingering.add(host);
      else if (host !== session.host) destroyHost(host);
    }
    if (session.host && !lingering.has(session.host)) destroyHost(session.host);
    for (const host of lingering) {
      host.flush();
      lingerThenDestroy(host, this.#runtime, lingerMs);
    }
    this.refuseNewConnections = false;
  }

  /** A peer is connected: operators hear of it before `peerConnected`. @internal */
  protected came({ id, peer }: PeerEntry): void {
    this.ops.came(id, peer.getRemoteAddress(), peer.getRemotePort());
  }

  /** A connection has ended; `peerDisconnected` may follow. @returns whether it was announced. @internal */
  protected gone(entry: PeerEntry): boolean {
    const cause = entry.cause ?? entry.peer.disconnectCause;
    this.noteEnd(cause);
    return this.forget(entry, cause);
  }

  /** A peer is gone, and no signal tells of it unless the caller emits one. @returns whether it was announced. @internal */
  protected forget(entry: PeerEntry, cause: DisconnectCause = DisconnectCause.LOCAL): boolean {
    const wasAnnounced = entry.isAnnounced;
    entry.isAnnounced = false;
    if (wasAnnounced) this.ops.left(entry.id, cause);
    return wasAnnounced;
  }

  /** Queues a packet for one peer. What a server may not lose ends the connection when too much waits. @internal */
  protected sendShared(session: Session, entry: PeerEntry, channel: number, packet: Packet): boolean {
    if (peerAccess.sendShared(entry.peer, channel, packet)) {
      this.ops.counters.sent(packet.bytes.length);
      return true;
    }
    if (session.isServer) this.#door.notSent(entry, packet);
    return false;
  }

  /** An event of a host; no packet while too many of them wait to be fetched. @internal */
  protected serviceOf(host: ENetConnection): ServiceEvent {
    connectionAccess.hold(host, this.isQueueFull);
    return host.service();
  }

  /** Hands a received packet to the subclass, if its peer is known. @internal */
  protected receive(session: Session, peer: ENetPacketPeer, channel: number): void {
    const flags = peer.getPacketFlags();
    const bytes = peer.getPacket();
    const entry = session.table.find(peer);
    if (!entry || peer.getPacketError() !== GodotError.OK) return;
    if (session.isServer && !this.#door.takes(entry, bytes.length, flags)) return;
    this.ops.counters.received(bytes.length);
    this.packetCame(session, entry, bytes, channel, flags);
  }

  /** Explains why something is refused when something is open already. @returns whether it is. @internal */
  protected isOpen(call: string): boolean {
    if (this.#session)
      this.refuse(call, 'something is open; call close() first', GodotError.ERR_ALREADY_IN_USE);
    return this.#session !== undefined;
  }

  /** Explains an error in a trace line. @returns the error. @internal */
  protected refuse(call: string, reason: string, error: GodotError): GodotError {
    this.trace(`${call}: ${reason} (${godotErrorName(error)})`);
    return error;
  }

  #dropEnded(session: Session): void {
    for (const entry of [...session.table.entries()]) {
      if (entry.peer.isActive() || this.#session !== session || !session.table.holds(entry)) continue;
      this.endedElsewhere(session, entry);
    }
  }

  #pollHost(session: Session, host: ENetConnection): void {
    for (let count = 0; count < MAX_EVENTS_PER_POLL && this.#session === session; count++) {
      const [type, peer, data, channel] = this.serviceOf(host);
      switch (type) {
        case ConnectionEventType.EVENT_NONE:
          return;
        case ConnectionEventType.EVENT_ERROR:
          this.trace('poll: the host failed; closing');
          this.#hostFailed(session);
          return;
        case ConnectionEventType.EVENT_CONNECT:
          if (session.isServer) this.#admit(session, host, peer, data);
          else this.#connected(session, peer);
          break;
        case ConnectionEventType.EVENT_DISCONNECT:
          this.#ended(session, peer);
          break;
        default:
          this.receive(session, peer, channel);
      }
    }
  }

  #hostFailed(session: Session): void {
    const server = session.isServer ? undefined : session.table.get(TARGET_PEER_SERVER);
    this.close();
    const cause = server?.peer.disconnectCause;
    this.noteEnd(cause === DisconnectCause.DTLS ? cause : DisconnectCause.FAILURE);
  }

  #admit(session: Session, host: ENetConnection, peer: ENetPacketPeer, id: number): void {
    const reason = this.#reasonAgainst(session, id);
    if (reason !== undefined) {
      this.#door.refuse(this.refuseNewConnections ? ENetRefusal.DRAINING : ENetRefusal.PEER_ID);
      this.trace(`poll: a client was refused: ${reason}`);
      // godot-enet-classes 8: a proper end, so that the client learns it at once.
      peer.peerDisconnect(0);
      return;
    }
    const entry = session.table.add(id, peer, host, true);
    this.came(entry);
    this.#announce(id);
    if (this.#session === session && session.table.holds(entry)) this.admitted(session, entry);
  }

  #reasonAgainst(session: Session, id: number): string | undefined {
    if (this.refuseNewConnections) return 'new connections are refused';
    if (!isInRange(id, TARGET_PEER_SERVER + 1, INT32_MAX)) return `its id ${id} is not 2..${INT32_MAX}`;
    return session.table.has(id) ? `its id ${id} is taken` : undefined;
  }

  #connected(session: Session, peer: ENetPacketPeer): void {
    const entry = session.table.find(peer);
    if (!entry) return;
    session.status = MultiplayerConnectionStatus.CONNECTION_CONNECTED;
    entry.isAnnounced = true;
    this.came(entry);
    this.#announce(entry.id);
    if (this.#session === session) this.joined();
  }

  #announce(id: number): void {
    // A subclass may add signals, not change those of every peer: the id is all that this one carries.
    this.emitSignal('peerConnected', ...([id] as readonly unknown[] as Names['peerConnected']));
  }

  #ended(session: Session, peer: ENetPacketPeer): void {
    const entry = session.table.find(peer);
    if (!session.isServer) this.serverGone(session, entry);
    else if (entry) this.clientGone(session, entry);
  }
}

/** Sends what is left and closes the socket. Somebody may have destroyed the host already. */
export function destroyHost(host: ENetConnection): void {
  if (!connectionAccess.isActive(host)) return;
  host.flush();
  host.destroy();
}

/** Of `createHostBound()`, behind the address. */
type HostParameters = readonly [
  port: number,
  maxClients: number,
  channels: number,
  inBandwidth: number,
  outBandwidth: number,
];

/** So that one poll ends even if datagrams keep coming in while it runs. */
export const MAX_EVENTS_PER_POLL = 65_536;
