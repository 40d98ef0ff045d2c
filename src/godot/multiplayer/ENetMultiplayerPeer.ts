/**
 * Godot's ENetMultiplayerPeer: server, client or mesh of the high-level multiplayer over ENet.
 * Implements godot-enet-classes 4, with the improvements of section 8.
 * Above 400 lines because it is one class of Godot's, and half of it is documentation.
 */
import { DisconnectCause, Packet } from '../../enet/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import { ConnectionEventType, PeerState } from '../constants.ts';
import { describe } from '../describe.ts';
import { connectionAccess, ENetConnection } from '../ENetConnection.ts';
import { type ENetPacketPeer, peerAccess } from '../ENetPacketPeer.ts';
import { GodotError, godotErrorName } from '../errors.ts';
import type { ServiceEvent } from '../eventStream.ts';
import { isBindAddress } from '../ipAddress.ts';
import { leave, lingerThenDestroy } from '../lingering.ts';
import { INT32_MAX, isInRange, toInteger } from '../numbers.ts';
import { StartWarning } from '../startWarning.ts';
import { MultiplayerPeer } from './MultiplayerPeer.ts';
import { MultiplayerConnectionStatus, TARGET_PEER_SERVER } from './multiplayerConstants.ts';
import {
  checkMultiplayerOptions,
  connectionOptionsOf,
  type ENetMultiplayerPeerOptions,
} from './multiplayerOptions.ts';
import { type PeerEntry, PeerTable } from './peerTable.ts';
import { channelCountFor, routeOf, transferChannelOf, transferModeOf } from './transfer.ts';

/** One life of a multiplayer peer, from its creation to `close()`. */
interface Session {
  readonly mode: 'server' | 'client' | 'mesh';
  readonly id: number;
  /** The host of a server or a client. A mesh has one per peer. */
  readonly host: ENetConnection | undefined;
  readonly table: PeerTable;
  status: MultiplayerConnectionStatus;
}

/**
 * The peer of Godot's high-level multiplayer over ENet: create a server, a client or a mesh, then call
 * {@link MultiplayerPeer.poll} once per tick, or whenever the option `onWake` says so.
 *
 * ```ts
 * const peer = new ENetMultiplayerPeer();
 * peer.createServer(7777);
 * peer.on('peerConnected', (id) => console.log(`${id} is here`));
 * ```
 *
 * It carries packets between peers that know each other by id. Remote calls, spawning and relaying between clients are
 * the work of SceneMultiplayer, whose packets it carries. There is no framing: the payload of an ENet packet is the
 * packet.
 *
 * A peer that is no longer needed must be closed: an open socket keeps the process alive.
 */
export class ENetMultiplayerPeer extends MultiplayerPeer {
  readonly #runtime: Runtime;
  readonly #options: ENetMultiplayerPeerOptions;
  readonly #startWarning: StartWarning;
  #bindIp = '*';
  #session: Session | undefined;

  /**
   * @param options what Godot has no parameter for.
   * @throws TypeError without a runtime (the Node entry brings one); RangeError for a `maxQueuedBytes` that is no
   * integer from 1 on.
   */
  constructor(options: ENetMultiplayerPeerOptions = {}) {
    const runtime = checkMultiplayerOptions(options, 'ENetMultiplayerPeer');
    super({
      random32: () => runtime.random32(),
      onTrace: options.onTrace,
      onError: options.onError,
      maxQueuedBytes: options.maxQueuedBytes,
    });
    this.#runtime = runtime;
    this.#options = options;
    this.#startWarning = new StartWarning(runtime, 'ENetMultiplayerPeer', options.onTrace !== undefined);
  }

  /**
   * The connection underneath a server or a client: set its compression before the first `poll()`. Null, with a trace
   * line, for a mesh and when nothing was created. Do not service, iterate or destroy it yourself.
   */
  get host(): ENetConnection | null {
    const host = this.#session?.host;
    if (!host) this.trace('host: there is none; call createServer() or createClient() first');
    return host ?? null;
  }

  /**
   * Sets the address that {@link ENetMultiplayerPeer.createServer} binds, and
   * {@link ENetMultiplayerPeer.createClient} when it is given a local port.
   *
   * @param ip a literal IP address, or `"*"` (the default) for all interfaces. Anything else changes nothing.
   */
  setBindIp(ip: string): void {
    if (isBindAddress(ip)) this.#bindIp = ip;
    else this.trace(`setBindIp: ip expected a literal IP address or "*", got ${describe(ip)}`);
  }

  /**
   * Becomes a server with the id 1, connected at once.
   *
   * @param port UDP port 0..65535; 0 lets the system choose, see `host.getLocalPort()`.
   * @param maxClients how many clients there can be at once, 1..4095.
   * @param maxChannels how many transfer channels there are beside channel 0; 0 and less stand for as many as ENet
   * has, 253.
   * @param inBandwidth incoming bandwidth in bytes per second; 0 = unlimited.
   * @param outBandwidth outgoing bandwidth in bytes per second; 0 = unlimited.
   * @returns OK; ERR_ALREADY_IN_USE when something is open; ERR_INVALID_PARAMETER for a number out of range;
   * ERR_CANT_CREATE when the port cannot be had. The reference shifts the last three arguments by one; here they are
   * what Godot's documentation says.
   */
  createServer(
    port: number,
    maxClients = 32,
    maxChannels = 0,
    inBandwidth = 0,
    outBandwidth = 0,
  ): GodotError {
    const error = this.#createServer(port, maxClients, maxChannels, inBandwidth, outBandwidth);
    return this.#startWarning.check('createServer', error);
  }

  #createServer(
    port: number,
    maxClients: number,
    maxChannels: number,
    inBandwidth: number,
    outBandwidth: number,
  ): GodotError {
    const call = 'createServer';
    if (this.#session) return this.#refuseOpen(call);
    this.refuseNewConnections = false;
    const channels = toInteger(maxChannels);
    if (Number.isNaN(channels)) {
      return this.#invalid(call, `maxChannels expected an integer, got ${describe(maxChannels)}`);
    }
    const host = this.#newConnection();
    const limit = channelCountFor(channels);
    const error = host.createHostBound(this.#bindIp, port, maxClients, limit, inBandwidth, outBandwidth);
    if (error !== GodotError.OK) return error;
    const { tls } = this.#options;
    if (tls !== undefined && host.dtlsServerSetup(tls) !== GodotError.OK) {
      // Never in the clear when it was to be encrypted.
      host.destroy();
      return this.#refuse(call, 'DTLS cannot be set up', GodotError.ERR_CANT_CREATE);
    }
    this.#open('server', TARGET_PEER_SERVER, host, MultiplayerConnectionStatus.CONNECTION_CONNECTED);
    return GodotError.OK;
  }

  /**
   * Becomes a client and begins to connect, under a new random id. `peerConnected` tells of success; without it the
   * status falls back to CONNECTION_DISCONNECTED.
   *
   * @param address a literal IP address, or a host name. A name is resolved in the background (Godot blocks instead),
   * so one without an address is no error here: the status falls at a later `poll()`.
   * @param port of the server, 1..65535.
   * @param channelCount how many transfer channels to ask for beside channel 0; 0 and less stand for as many as ENet
   * has, 253.
   * @param inBandwidth incoming bandwidth in bytes per second; 0 = unlimited.
   * @param outBandwidth outgoing bandwidth in bytes per second; 0 = unlimited.
   * @param localPort UDP port to use here, 0..65535; 0 lets the system choose.
   * @returns OK; ERR_ALREADY_IN_USE when something is open; ERR_INVALID_PARAMETER for a bandwidth or a local port out
   * of range; ERR_CANT_CREATE for an address or a port that cannot be connected to, and when the local port cannot be
   * had.
   */
  createClient(
    address: string,
    port: number,
    channelCount = 0,
    inBandwidth = 0,
    outBandwidth = 0,
    localPort = 0,
  ): GodotError {
    const error = this.#createClient(address, port, channelCount, inBandwidth, outBandwidth, localPort);
    return this.#startWarning.check('createClient', error);
  }

  #createClient(
    address: string,
    port: number,
    channelCount: number,
    inBandwidth: number,
    outBandwidth: number,
    localPort: number,
  ): GodotError {
    const call = 'createClient';
    if (this.#session) return this.#refuseOpen(call);
    this.refuseNewConnections = false;
    const channels = toInteger(channelCount);
    if (Number.isNaN(channels)) {
      return this.#invalid(call, `channelCount expected an integer, got ${describe(channelCount)}`);
    }
    const host = this.#newConnection();
    const error =
      toInteger(localPort) === 0
        ? host.createHost(1, 0, inBandwidth, outBandwidth)
        : host.createHostBound(this.#bindIp, localPort, 1, 0, inBandwidth, outBandwidth);
    if (error !== GodotError.OK) return error;
    const { tls } = this.#options;
    if (tls !== undefined && host.dtlsClientSetup(address, tls) !== GodotError.OK) {
      host.destroy();
      return this.#refuse(call, 'DTLS cannot be set up', GodotError.ERR_CANT_CREATE);
    }
    const id = this.generateUniqueId();
    const peer = host.connectToHost(address, port, channelCountFor(channels), id);
    if (!peer) {
      host.destroy();
      return this.#refuse(call, 'the connection cannot be begun', GodotError.ERR_CANT_CREATE);
    }
    const session = this.#open('client', id, host, MultiplayerConnectionStatus.CONNECTION_CONNECTING);
    session.table.add(TARGET_PEER_SERVER, peer, host, false);
    return GodotError.OK;
  }

  /**
   * Becomes a mesh: every peer is connected to every other one directly, through
   * {@link ENetMultiplayerPeer.addMeshPeer}.
   *
   * @param uniqueId the id of this peer, 1..2147483647.
   * @returns OK; ERR_INVALID_PARAMETER for another id; ERR_ALREADY_IN_USE when something is open.
   */
  createMesh(uniqueId: number): GodotError {
    const id = toInteger(uniqueId);
    if (!isInRange(id, 1, INT32_MAX)) {
      return this.#invalid('createMesh', `uniqueId expected 1..${INT32_MAX}, got ${describe(uniqueId)}`);
    }
    if (this.#session) return this.#refuseOpen('createMesh');
    this.#open('mesh', id, undefined, MultiplayerConnectionStatus.CONNECTION_CONNECTED);
    return GodotError.OK;
  }

  /**
   * Adds a peer to a mesh and emits `peerConnected` before it returns. A peer that had this id is replaced without a
   * signal, and told.
   *
   * @param peerId the id of the remote, which both sides must have agreed on. It is not checked, as in Godot, beyond
   * being an integer of 32 bits.
   * @param host a connection with exactly one peer, in STATE_CONNECTED, that nobody iterates over any more. It belongs
   * to the mesh from now on: it is destroyed when this peer is gone, or the mesh is closed. Packets that its peer has
   * received and nobody has fetched are dropped.
   * @returns OK; ERR_INVALID_PARAMETER for another host; ERR_UNCONFIGURED without a mesh.
   */
  addMeshPeer(peerId: number, host: ENetConnection): GodotError {
    const call = 'addMeshPeer';
    if (!(host instanceof ENetConnection)) {
      return this.#invalid(call, `host expected an ENetConnection, got ${describe(host)}`);
    }
    const session = this.#session;
    if (session?.mode !== 'mesh') {
      return this.#refuse(call, 'call createMesh() first', GodotError.ERR_UNCONFIGURED);
    }
    const id = toInteger(peerId);
    if (!isInRange(id, -INT32_MAX - 1, INT32_MAX)) {
      return this.#invalid(call, `peerId expected an integer of 32 bits, got ${describe(peerId)}`);
    }
    const [peer, another] = host.getPeers();
    if (!peer || another || peer.getState() !== PeerState.STATE_CONNECTED) {
      return this.#invalid(call, 'host expected exactly one peer, in STATE_CONNECTED');
    }
    const known = session.table.find(peer);
    if (known) session.table.remove(known);
    const replaced = session.table.get(id);
    if (replaced) this.#dismiss(session, replaced);
    connectionAccess.dropFetchable(host, peer);
    session.table.add(id, peer, host, true);
    this.emitSignal('peerConnected', id);
    return GodotError.OK;
  }

  /** The connection to a peer; null for an id that nobody has. A client knows only the server, 1. */
  getPeer(id: number): ENetPacketPeer | null {
    const entry = this.#session?.table.get(toInteger(id));
    if (!entry) this.trace(`getPeer: no peer has the id ${describe(id)}`);
    return entry?.peer ?? null;
  }

  /**
   * Moves the network, queues what has arrived and emits signals. What makes the host fail closes this peer.
   *
   * A server refuses a client whose id is not 2..2147483647 or is taken, and every client while
   * `refuseNewConnections` is set: it disconnects it, and no signal tells of it. (Godot drops it without a word and
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
    if (this.#session !== session) return;
    if (session.mode === 'client' && !session.table.has(TARGET_PEER_SERVER)) {
      this.close();
    } else if (session.host) {
      this.#pollHost(session, session.host);
    } else {
      for (const entry of [...session.table.entries()]) this.#pollMesh(session, entry);
    }
  }

  /**
   * Ends the connection of one peer; what is queued for it is dropped. Without `force` the peer stays until it has
   * confirmed, and `peerDisconnected` follows. With `force` it is gone at once, without a signal, and a client that
   * forces its server out is closed.
   */
  disconnectPeer(id: number, force = false): void {
    const session = this.#session;
    const entry = session?.table.get(toInteger(id));
    if (!session || !entry) {
      this.trace(`disconnectPeer: no peer has the id ${describe(id)}`);
      return;
    }
    entry.peer.peerDisconnect(0);
    entry.host.flush();
    if (!force) return;
    session.table.remove(entry);
    if (session.mode === 'mesh') destroyHost(entry.host);
    if (session.mode === 'client') this.close();
  }

  /**
   * Ends everything at once (but see the option `lingerMs`): every connected peer is told by one datagram, the hosts are destroyed (those of a mesh
   * too), and packets that were not fetched are gone. There are no signals. When nothing is open, only packets are left
   * that came before the server ended the connection; they go too.
   */
  close(): void {
    this.clearPackets();
    if (!this.#session) return;
    this.noteEnd(DisconnectCause.LOCAL);
    this.#end(this.#session);
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
    return this.#session?.mode === 'server';
  }

  /** True for a server and a client; a mesh needs no relay. The relaying itself is SceneMultiplayer's. */
  isServerRelaySupported(): boolean {
    return this.#session !== undefined && this.#session.mode !== 'mesh';
  }

  /**
   * Sends to the target. Everything is sent at once, without waiting for the next `poll()`. A client's packets always
   * go to the server: the target does not travel.
   */
  protected override sendPacket(bytes: Uint8Array): GodotError {
    const call = 'putPacket';
    const session = this.#session;
    if (session?.status !== MultiplayerConnectionStatus.CONNECTION_CONNECTED) {
      return this.#refuse(call, 'not connected', GodotError.ERR_UNCONFIGURED);
    }
    const target = this.targetPeer;
    if (target !== 0 && !session.table.has(Math.abs(target))) {
      return this.#invalid(call, `no peer has the id ${Math.abs(target)}`);
    }
    const { channel, flags } = routeOf(this.transferMode, this.transferChannel);
    // One copy for all: ENet keeps reliable bytes until they are acknowledged. Buffer.slice() would share.
    const packet = new Packet(new Uint8Array(bytes), flags);
    if (session.mode === 'client') {
      const server = session.table.get(TARGET_PEER_SERVER);
      if (!server) return this.#refuse(call, 'the server is gone', GodotError.ERR_BUG);
      return this.#sendTo(session.host, [server], channel, packet);
    }
    const one = target > 0 ? session.table.get(target) : undefined;
    if (one) return this.#sendTo(session.host, [one], channel, packet);
    const others: PeerEntry[] = [];
    for (const entry of session.table.entries()) {
      if (entry.id !== -target && entry.peer.getState() === PeerState.STATE_CONNECTED) others.push(entry);
    }
    return this.#sendTo(session.host, others, channel, packet);
  }

  protected override refusalChanged(refuse: boolean): void {
    const session = this.#session;
    if (session?.host) connectionAccess.refuseQuietly(session.host, refuse);
    if (session?.mode === 'mesh') {
      for (const { host } of session.table.entries()) connectionAccess.refuseQuietly(host, refuse);
    }
  }

  protected override queueHasRoom(): void {
    const session = this.#session;
    if (session?.host) connectionAccess.hold(session.host, false);
    if (session?.mode === 'mesh') {
      for (const { host } of session.table.entries()) connectionAccess.hold(host, false);
    }
  }

  protected override get className(): string {
    return 'ENetMultiplayerPeer';
  }

  #newConnection(): ENetConnection {
    return new ENetConnection({
      ...connectionOptionsOf(this.#options, 'ENetMultiplayerPeer'),
      // What the connection says explains the warning about a start that failed.
      onTrace: this.#options.onTrace ?? ((line) => this.#startWarning.explain(line)),
      runtime: this.#runtime,
    });
  }

  #open(
    mode: Session['mode'],
    id: number,
    host: ENetConnection | undefined,
    status: MultiplayerConnectionStatus,
  ): Session {
    this.clearPackets();
    this.noteEnd(undefined);
    const session: Session = { mode, id, host, table: new PeerTable(), status };
    this.#session = session;
    return session;
  }

  #sendTo(
    shared: ENetConnection | undefined,
    entries: readonly PeerEntry[],
    channel: number,
    packet: Packet,
  ): GodotError {
    let refused = 0;
    for (const { peer } of entries) if (!peerAccess.sendShared(peer, channel, packet)) refused++;
    if (shared) shared.flush();
    else for (const { host } of entries) host.flush();
    if (refused === 0) return GodotError.OK;
    const reason = `ENet refused ${packet.bytes.length} bytes on its channel ${channel} for ${refused} of ${entries.length} peers`;
    return this.#refuse('putPacket', reason, GodotError.FAILED);
  }

  /** Removes the peers that somebody ended behind our back, with `reset()` or `peerDisconnectNow()`. */
  #dropEnded(session: Session): void {
    for (const entry of [...session.table.entries()]) {
      if (entry.peer.isActive() || this.#session !== session || !session.table.holds(entry)) continue;
      this.#dismiss(session, entry);
      this.#announceEnd(entry);
    }
  }

  #pollHost(session: Session, host: ENetConnection): void {
    for (let count = 0; count < MAX_EVENTS_PER_POLL && this.#session === session; count++) {
      const [type, peer, data, channel] = this.#serviceOf(host);
      switch (type) {
        case ConnectionEventType.EVENT_NONE:
          return;
        case ConnectionEventType.EVENT_ERROR:
          this.trace('poll: the host failed; closing');
          this.#hostFailed(session);
          return;
        case ConnectionEventType.EVENT_CONNECT:
          if (session.mode === 'server') this.#admit(session, host, peer, data);
          else this.#connected(session, peer);
          break;
        case ConnectionEventType.EVENT_DISCONNECT:
          if (session.mode === 'server') this.#clientGone(session, peer);
          else this.#serverGone(session, peer);
          break;
        default:
          this.#received(session, peer, channel);
      }
    }
  }

  #hostFailed(session: Session): void {
    const server = session.mode === 'client' ? session.table.get(TARGET_PEER_SERVER) : undefined;
    this.close();
    const cause = server?.peer.disconnectCause;
    this.noteEnd(cause === DisconnectCause.DTLS ? cause : DisconnectCause.FAILURE);
  }

  /** An event of a host; no packet while too many of them wait to be fetched. */
  #serviceOf(host: ENetConnection): ServiceEvent {
    connectionAccess.hold(host, this.isQueueFull);
    return host.service();
  }

  #pollMesh(session: Session, entry: PeerEntry): void {
    const { host } = entry;
    for (let count = 0; count < MAX_EVENTS_PER_POLL; count++) {
      if (this.#session !== session || !session.table.holds(entry)) return;
      const [type, peer, , channel] = this.#serviceOf(host);
      if (type === ConnectionEventType.EVENT_NONE) return;
      if (type === ConnectionEventType.EVENT_CONNECT) {
        this.trace(`poll: somebody connected to the host of mesh peer ${entry.id}; refused`);
        peer.peerDisconnect(0);
      } else if (type === ConnectionEventType.EVENT_RECEIVE) {
        this.#received(session, peer, channel);
      } else if (type === ConnectionEventType.EVENT_ERROR || peer === entry.peer) {
        this.#dismiss(session, entry);
        this.#announceEnd(entry);
      }
    }
  }

  #admit(session: Session, host: ENetConnection, peer: ENetPacketPeer, id: number): void {
    const reason = this.#reasonAgainst(session, id);
    if (reason === undefined) {
      session.table.add(id, peer, host, true);
      this.emitSignal('peerConnected', id);
      return;
    }
    this.trace(`poll: a client was refused: ${reason}`);
    // godot-enet-classes 8: a proper end, so that the client learns it at once.
    peer.peerDisconnect(0);
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
    this.emitSignal('peerConnected', entry.id);
  }

  /** The listeners still find the peer, as in Godot. */
  #clientGone(session: Session, peer: ENetPacketPeer): void {
    const entry = session.table.find(peer);
    if (!entry) return;
    this.#announceEnd(entry);
    session.table.remove(entry);
  }

  #serverGone(session: Session, peer: ENetPacketPeer): void {
    const entry = session.table.find(peer);
    if (entry) this.#announceEnd(entry);
    // godot-enet-classes 8: what came before the end can still be fetched.
    if (this.#session === session) this.#end(session);
  }

  #announceEnd(entry: PeerEntry): void {
    this.noteEnd(entry.peer.disconnectCause);
    if (!entry.isAnnounced) return;
    entry.isAnnounced = false;
    this.emitSignal('peerDisconnected', entry.id);
  }

  #received(session: Session, peer: ENetPacketPeer, enetChannel: number): void {
    const mode = transferModeOf(peer.getPacketFlags());
    const bytes = peer.getPacket();
    const entry = session.table.find(peer);
    if (!entry || peer.getPacketError() !== GodotError.OK) return;
    this.queuePacket({ bytes, from: entry.id, channel: transferChannelOf(enetChannel), mode });
  }

  /** Removes a peer; the host of a mesh peer goes with it. */
  #dismiss(session: Session, entry: PeerEntry): void {
    session.table.remove(entry);
    if (session.mode !== 'mesh') return;
    sayGoodbye(entry.peer);
    destroyHost(entry.host);
  }

  #end(session: Session): void {
    // First, so that nothing that happens meanwhile finds a half-closed peer.
    this.#session = undefined;
    const lingering = new Set<ENetConnection>();
    const lingerMs = this.#options.lingerMs ?? 0;
    for (const { peer, host } of session.table.entries()) {
      if (canHear(peer) && leave(peer, lingerMs > 0, 0)) lingering.add(host);
      else if (session.mode === 'mesh') destroyHost(host);
    }
    if (session.host && !lingering.has(session.host)) destroyHost(session.host);
    for (const host of lingering) {
      host.flush();
      lingerThenDestroy(host, this.#runtime, lingerMs);
    }
    this.refuseNewConnections = false;
  }

  #refuseOpen(call: string): GodotError {
    return this.#refuse(call, 'something is open; call close() first', GodotError.ERR_ALREADY_IN_USE);
  }

  #invalid(call: string, reason: string): GodotError {
    return this.#refuse(call, reason, GodotError.ERR_INVALID_PARAMETER);
  }

  #refuse(call: string, reason: string, error: GodotError): GodotError {
    this.trace(`${call}: ${reason} (${godotErrorName(error)})`);
    return error;
  }
}

/** Tells a peer that it is over, if it can still hear it. */
function sayGoodbye(peer: ENetPacketPeer): void {
  if (canHear(peer)) peer.peerDisconnectNow(0);
}

function canHear(peer: ENetPacketPeer): boolean {
  const state = peer.getState();
  return state === PeerState.STATE_CONNECTED || state === PeerState.STATE_DISCONNECT_LATER;
}

/** Sends what is left and closes the socket. Somebody may have destroyed the host already. */
function destroyHost(host: ENetConnection): void {
  if (!connectionAccess.isActive(host)) return;
  host.flush();
  host.destroy();
}

/** So that one poll ends even if datagrams keep coming in while it runs. */
const MAX_EVENTS_PER_POLL = 65_536;
