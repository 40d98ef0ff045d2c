/**
 * Godot's ENetMultiplayerPeer: server, client or mesh of the high-level multiplayer over ENet.
 * Implements godot-enet-classes 4, with the improvements of section 8.
 * Above 400 lines because it is one class of Godot's, and half of it is documentation.
 */

import { describe } from '../../../options/internal.ts';
import { DisconnectCause, Packet } from '../../enet/index.ts';
import { ConnectionEventType, PeerState } from '../constants.ts';
import { connectionAccess, ENetConnection } from '../ENetConnection.ts';
import { type ENetPacketPeer, peerAccess } from '../ENetPacketPeer.ts';
import { GodotError } from '../errors.ts';
import { leave } from '../lingering.ts';
import { INT32_MAX, isInRange, toInteger } from '../numbers.ts';
import { destroyHost, ENetPeerBase, type ENetSession, MAX_EVENTS_PER_POLL } from './enetPeer.ts';
import type { VersionRange } from './MultiplayerPeer.ts';
import { MultiplayerConnectionStatus, TARGET_PEER_SERVER } from './multiplayerConstants.ts';
import type { ENetMultiplayerPeerOptions } from './multiplayerOptions.ts';
import { type PeerEntry, PeerTable } from './peerTable.ts';
import { channelCountFor, routeOf, transferChannelOf, transferModeOf } from './transfer.ts';

/** One life of a multiplayer peer, from its creation to `close()`. */
interface Session extends ENetSession {
  readonly mode: 'server' | 'client' | 'mesh';
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
export class ENetMultiplayerPeer extends ENetPeerBase<Session> {
  /**
   * @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given.
   * @throws RangeError for a number out of range or a name that is none; TypeError for what is no object.
   */
  constructor(options: ENetMultiplayerPeerOptions = {}) {
    super(options, { className: 'ENetMultiplayerPeer', doctorKind: 'ENetMultiplayerPeer' });
  }

  /**
   * The connection underneath a server or a client: set its compression before the first `poll()`. Null, with a trace
   * line, for a mesh and when nothing was created. Do not service, iterate or destroy it yourself.
   */
  get host(): ENetConnection | null {
    const host = this.session?.host;
    if (!host) this.trace('host: there is none; call createServer() or createClient() first');
    return host ?? null;
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
    return this.started('createServer', error);
  }

  #createServer(
    port: number,
    maxClients: number,
    maxChannels: number,
    inBandwidth: number,
    outBandwidth: number,
  ): GodotError {
    const call = 'createServer';
    if (this.isOpen(call)) return GodotError.ERR_ALREADY_IN_USE;
    this.refuseNewConnections = false;
    const channels = toInteger(maxChannels);
    if (Number.isNaN(channels)) {
      return this.#invalid(call, `maxChannels expected an integer, got ${describe(maxChannels)}`);
    }
    const host = this.newConnection(true);
    const error = this.listen(host, port, maxClients, channelCountFor(channels), inBandwidth, outBandwidth);
    if (error !== GodotError.OK) return error;
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
    return this.started('createClient', error);
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
    if (this.isOpen(call)) return GodotError.ERR_ALREADY_IN_USE;
    this.refuseNewConnections = false;
    const channels = toInteger(channelCount);
    if (Number.isNaN(channels)) {
      return this.#invalid(call, `channelCount expected an integer, got ${describe(channelCount)}`);
    }
    const host = this.newConnection(false);
    const error =
      toInteger(localPort) === 0
        ? host.createHost(1, 0, inBandwidth, outBandwidth)
        : host.createHostBound(this.bindIp, localPort, 1, 0, inBandwidth, outBandwidth);
    if (error !== GodotError.OK) return error;
    const joined = this.join(host, address, port, channelCountFor(channels));
    if (typeof joined === 'number') return joined;
    const session = this.#open('client', joined.id, host, MultiplayerConnectionStatus.CONNECTION_CONNECTING);
    session.table.add(TARGET_PEER_SERVER, joined.peer, host, false);
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
    if (this.isOpen('createMesh')) return GodotError.ERR_ALREADY_IN_USE;
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
    const session = this.session;
    if (session?.mode !== 'mesh') {
      return this.refuse(call, 'call createMesh() first', GodotError.ERR_UNCONFIGURED);
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
    if (replaced) {
      this.#dismiss(session, replaced);
      this.forget(replaced);
    }
    connectionAccess.dropFetchable(host, peer);
    this.came(session.table.add(id, peer, host, true));
    this.emitSignal('peerConnected', id);
    return GodotError.OK;
  }

  /** The connection to a peer; null for an id that nobody has. A client knows only the server, 1. */
  getPeer(id: number): ENetPacketPeer | null {
    const entry = this.session?.table.get(toInteger(id));
    if (!entry) this.trace(`getPeer: no peer has the id ${describe(id)}`);
    return entry?.peer ?? null;
  }

  /**
   * By the MTU that a client named in its CONNECT: 1400 up to 4.1, 1392 since 4.2 (docs/protocol/scene-multiplayer 12). A server
   * answers with the smaller of both sides, which tells a client nothing.
   */
  override versionHintOf(id: number): VersionRange | undefined {
    const entry = this.session?.table.get(toInteger(id));
    return entry && VERSIONS_BY_MTU.get(peerAccess.connectMtuBytes(entry.peer));
  }

  /**
   * Ends the connection of one peer; what is queued for it is dropped. Without `force` the peer stays until it has
   * confirmed, and `peerDisconnected` follows. With `force` it is gone at once, without a signal, and a client that
   * forces its server out is closed.
   */
  disconnectPeer(id: number, force = false): void {
    const session = this.session;
    const entry = session?.table.get(toInteger(id));
    if (!session || !entry) {
      this.trace(`disconnectPeer: no peer has the id ${describe(id)}`);
      return;
    }
    // ENet drops what it has not sent yet.
    this.flush();
    entry.peer.peerDisconnect(0);
    entry.host.flush();
    if (!force) return;
    session.table.remove(entry);
    this.forget(entry);
    if (session.mode === 'mesh') destroyHost(entry.host);
    if (session.mode === 'client') this.close();
  }

  /** True for a server and a client; a mesh needs no relay. The relaying itself is SceneMultiplayer's. */
  isServerRelaySupported(): boolean {
    return this.session !== undefined && this.session.mode !== 'mesh';
  }

  /**
   * Sends to the target. Everything is sent at once, without waiting for the next `poll()`, unless `sendsAtOnce` is false. A
   * client's packets always go to the server: the target does not travel.
   */
  protected override sendPacket(bytes: Uint8Array): GodotError {
    const call = 'putPacket';
    const session = this.session;
    if (session?.status !== MultiplayerConnectionStatus.CONNECTION_CONNECTED) {
      return this.refuse(call, 'not connected', GodotError.ERR_UNCONFIGURED);
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
      if (!server) return this.refuse(call, 'the server is gone', GodotError.ERR_BUG);
      return this.#sendTo(session, [server], channel, packet);
    }
    const one = target > 0 ? session.table.get(target) : undefined;
    if (one) return this.#sendTo(session, [one], channel, packet);
    const others: PeerEntry[] = [];
    for (const entry of session.table.entries()) {
      if (entry.id !== -target && entry.peer.getState() === PeerState.STATE_CONNECTED) others.push(entry);
    }
    return this.#sendTo(session, others, channel, packet);
  }

  protected override refusalChanged(refuse: boolean): void {
    for (const host of this.openHosts()) connectionAccess.refuseQuietly(host, refuse);
  }

  /** @internal */
  protected override pollSession(session: Session): void {
    if (session.mode === 'client' && !session.table.has(TARGET_PEER_SERVER)) this.close();
    else if (session.host) super.pollSession(session);
    else for (const entry of [...session.table.entries()]) this.#pollMesh(session, entry);
  }

  /** @internal */
  protected override endedElsewhere(session: Session, entry: PeerEntry): void {
    this.#dismiss(session, entry);
    this.#announceEnd(entry);
  }

  /**
   * The listeners still find the peer, as in Godot.
   *
   * @internal
   */
  protected override clientGone(session: Session, entry: PeerEntry): void {
    this.#announceEnd(entry);
    session.table.remove(entry);
  }

  /** @internal */
  protected override serverGone(session: Session, entry: PeerEntry | undefined): void {
    if (entry) this.#announceEnd(entry);
    // godot-enet-classes 8: what came before the end can still be fetched.
    if (this.session === session) this.end(session, this.disconnectCause ?? DisconnectCause.GOODBYE);
  }

  /** @internal */
  protected override packetCame(
    _session: Session,
    entry: PeerEntry,
    bytes: Uint8Array,
    channel: number,
    flags: number,
  ): void {
    const mode = transferModeOf(flags);
    this.queuePacket({ bytes, from: entry.id, channel: transferChannelOf(channel), mode });
  }

  /** @internal */
  protected override sayGoodbye(_session: Session, peer: ENetPacketPeer, waits: boolean): boolean {
    return canHear(peer) && leave(peer, waits, 0);
  }

  #open(
    mode: Session['mode'],
    id: number,
    host: ENetConnection | undefined,
    status: MultiplayerConnectionStatus,
  ): Session {
    return this.open({ mode, isServer: mode === 'server', id, host, table: new PeerTable(), status });
  }

  #sendTo(session: Session, entries: readonly PeerEntry[], channel: number, packet: Packet): GodotError {
    let refused = 0;
    for (const entry of entries) if (!this.sendShared(session, entry, channel, packet)) refused++;
    this.putInto(session.host ? [session.host] : entries.map(({ host }) => host));
    if (refused === 0) return GodotError.OK;
    const reason = `ENet refused ${packet.bytes.length} bytes on its channel ${channel} for ${refused} of ${entries.length} peers`;
    return this.refuse('putPacket', reason, GodotError.FAILED);
  }

  #pollMesh(session: Session, entry: PeerEntry): void {
    const { host } = entry;
    for (let count = 0; count < MAX_EVENTS_PER_POLL; count++) {
      if (this.session !== session || !session.table.holds(entry)) return;
      const [type, peer, , channel] = this.serviceOf(host);
      if (type === ConnectionEventType.EVENT_NONE) return;
      if (type === ConnectionEventType.EVENT_CONNECT) {
        this.trace(`poll: somebody connected to the host of mesh peer ${entry.id}; refused`);
        peer.peerDisconnect(0);
      } else if (type === ConnectionEventType.EVENT_RECEIVE) {
        this.receive(session, peer, channel);
      } else if (type === ConnectionEventType.EVENT_ERROR || peer === entry.peer) {
        this.endedElsewhere(session, entry);
      }
    }
  }

  #announceEnd(entry: PeerEntry): void {
    if (this.gone(entry)) this.emitSignal('peerDisconnected', entry.id);
  }

  /** Removes a peer; the host of a mesh peer goes with it. */
  #dismiss(session: Session, entry: PeerEntry): void {
    session.table.remove(entry);
    if (session.mode !== 'mesh') return;
    if (canHear(entry.peer)) entry.peer.peerDisconnectNow(0);
    destroyHost(entry.host);
  }

  #invalid(call: string, reason: string): GodotError {
    return this.refuse(call, reason, GodotError.ERR_INVALID_PARAMETER);
  }
}

/** Whether a peer can still hear that it is over. */
function canHear(peer: ENetPacketPeer): boolean {
  const state = peer.getState();
  return state === PeerState.STATE_CONNECTED || state === PeerState.STATE_DISCONNECT_LATER;
}

const VERSIONS_BY_MTU: ReadonlyMap<number, VersionRange> = new Map([
  [1400, { oldest: '4.0', newest: '4.1' }],
  [1392, { oldest: '4.2', newest: '4.7' }],
]);
