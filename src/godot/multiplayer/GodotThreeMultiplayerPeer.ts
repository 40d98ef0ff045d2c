/**
 * Godot 3's NetworkedMultiplayerENet: server or client of the high-level multiplayer of Godot 3.2 and later.
 * Implements godot-enet-classes appendix A.
 * Above 400 lines because it is one class of Godot's, and half of it is documentation.
 */
import type { Dialect } from '../../../codec/index.ts';
import { describe, isIntegerIn, type OptionNames } from '../../../options/internal.ts';
import { DisconnectCause, Packet } from '../../enet/index.ts';
import { CompressionMode, PacketFlag, PeerState } from '../constants.ts';
import { connectionAccess, ENetConnection } from '../ENetConnection.ts';
import type { ENetPacketPeer } from '../ENetPacketPeer.ts';
import { GodotError } from '../errors.ts';
import { findCompressor, readOnly } from '../findCompressor.ts';
import { leave } from '../lingering.ts';
import { INT32_MAX, isInRange, toInteger } from '../numbers.ts';
import { ENetPeerBase, type ENetSession } from './enetPeer.ts';
import {
  frame,
  Godot3Channel,
  godot3RouteOf,
  HEADER_SIZE,
  SystemMessage,
  systemMessage,
} from './godot3Framing.ts';
import type { MultiplayerPeerSignals } from './MultiplayerPeer.ts';
import { MultiplayerConnectionStatus, TARGET_PEER_SERVER } from './multiplayerConstants.ts';
import type { ENetMultiplayerPeerOptions } from './multiplayerOptions.ts';
import { type PeerEntry, PeerTable } from './peerTable.ts';
import { transferModeOf } from './transfer.ts';

/** The signals of {@link GodotThreeMultiplayerPeer}. */
export interface GodotThreeMultiplayerPeerSignals extends MultiplayerPeerSignals {
  /** A client is connected to its server. `peerConnected` with 1 came just before. */
  readonly connectionSucceeded: readonly [];
  /** A client could not connect. It is closed. */
  readonly connectionFailed: readonly [];
  /** A client lost its server. It is closed once the listeners are through. */
  readonly serverDisconnected: readonly [];
}

/** One life of the peer, from its creation to `close()`. */
interface Session extends ENetSession {
  readonly host: ENetConnection;
  readonly channelCount: number;
  /** A client's fellow clients, as the server told. */
  readonly fellows: Set<number>;
}

/**
 * Speaks with games made in Godot 3.2 and later, as their `NetworkedMultiplayerENet` does: as the server of such clients,
 * or as the client of such a server. Call {@link MultiplayerPeer.poll} once per tick, or whenever the option `onWake`
 * says so.
 *
 * ```ts
 * const peer = new GodotThreeMultiplayerPeer();
 * peer.createServer(7777);
 * peer.on('peerConnected', (id) => console.log(`${id} is here`));
 * ```
 *
 * The server relays between its clients and tells them of each other, unless `serverRelay` is off. `putVar()` and
 * `getVar()` speak Godot 3's Variants. Remote calls travel as payloads: see `Godot3PathCache`.
 *
 * A peer that is no longer needed must be closed: an open socket keeps the process alive.
 */
export class GodotThreeMultiplayerPeer extends ENetPeerBase<Session, GodotThreeMultiplayerPeerSignals> {
  /** {@link CompressionMode.COMPRESS_NONE} */
  static readonly COMPRESS_NONE: 0 = CompressionMode.COMPRESS_NONE;
  /** {@link CompressionMode.COMPRESS_RANGE_CODER} */
  static readonly COMPRESS_RANGE_CODER: 1 = CompressionMode.COMPRESS_RANGE_CODER;
  /** {@link CompressionMode.COMPRESS_FASTLZ} */
  static readonly COMPRESS_FASTLZ: 2 = CompressionMode.COMPRESS_FASTLZ;
  /** {@link CompressionMode.COMPRESS_ZLIB} */
  static readonly COMPRESS_ZLIB: 3 = CompressionMode.COMPRESS_ZLIB;
  /** {@link CompressionMode.COMPRESS_ZSTD} */
  static readonly COMPRESS_ZSTD: 4 = CompressionMode.COMPRESS_ZSTD;

  /** Whether unreliable packets keep their order too. Default false. */
  alwaysOrdered = false;
  /** Whether a server relays between its clients and tells them of each other. Default true. Set it before creating. */
  serverRelay = true;

  #channelCount: number = Godot3Channel.SYSCH_MAX;
  #transferChannel = AUTOMATIC_CHANNEL;
  #compressionMode: CompressionMode = CompressionMode.COMPRESS_NONE;
  #lastPacketChannel = -1;

  /**
   * @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given.
   * @throws RangeError for a number out of range or a name that is none; TypeError for what is no object.
   */
  constructor(options: ENetMultiplayerPeerOptions = {}) {
    super(options, {
      className: 'GodotThreeMultiplayerPeer',
      doctorKind: 'NetworkedMultiplayerENet',
      signals: OWN_SIGNALS,
    });
  }

  /** The connection underneath; null when nothing is open. Do not service, iterate or destroy it yourself. */
  get host(): ENetConnection | null {
    return this.session?.host ?? null;
  }

  /**
   * How datagrams are compressed from the next creation on; both ends need the same mode, with one exception. Godot 3.2
   * and 3.3 start with COMPRESS_NONE, Godot 3.4 and later with COMPRESS_RANGE_CODER. The default here, COMPRESS_NONE,
   * understands both: it sends uncompressed, which everybody reads, and unpacks what comes from a range coder.
   */
  get compressionMode(): CompressionMode {
    return this.#compressionMode;
  }

  /** Refuses what is no mode, with a trace line. */
  set compressionMode(mode: CompressionMode) {
    if (isIntegerIn(mode, 0, CompressionMode.COMPRESS_ZSTD)) {
      this.#compressionMode = mode;
    } else this.trace(`compressionMode: expected 0..4, got ${describe(mode)}`);
  }

  /**
   * How many ENet channels there are, 3..255: the limit of a server, and what a client asks for. Default 3. Fixed while
   * something is open; a number out of range is refused with a trace line.
   */
  get channelCount(): number {
    return this.#channelCount;
  }

  /** See the getter. */
  set channelCount(count: number) {
    const wanted = toInteger(count);
    if (this.session) this.trace('channelCount: something is open; call close() first');
    else if (isInRange(wanted, Godot3Channel.SYSCH_MAX, MAX_CHANNELS)) this.#channelCount = wanted;
    else
      this.trace(
        `channelCount: expected ${Godot3Channel.SYSCH_MAX}..${MAX_CHANNELS}, got ${describe(count)}`,
      );
  }

  /**
   * The ENet channel of packets that are put from now on, whatever their mode: 1..channelCount - 1, or -1 (the
   * default) for channel 1 when reliable and 2 when not. Channel 0 is reserved; it and numbers out of range are refused
   * with a trace line.
   */
  override get transferChannel(): number {
    return this.#transferChannel;
  }

  override set transferChannel(channel: number) {
    const wanted = toInteger(channel);
    const isFree = isInRange(wanted, AUTOMATIC_CHANNEL, this.#channelCount - 1);
    if (isFree && wanted !== Godot3Channel.SYSCH_CONFIG) this.#transferChannel = wanted;
    else {
      this.trace(
        `transferChannel: expected -1 or 1..${this.#channelCount - 1} (channelCount - 1), got ${describe(channel)}`,
      );
    }
  }

  /**
   * Becomes a server with the id 1, connected at once.
   *
   * @param port UDP port 0..65535; 0 lets the system choose, see `host.getLocalPort()`.
   * @param maxClients how many clients there can be at once, 1..4095.
   * @param inBandwidth incoming bandwidth in bytes per second; 0 = unlimited.
   * @param outBandwidth outgoing bandwidth in bytes per second; 0 = unlimited.
   * @returns OK; ERR_ALREADY_IN_USE when something is open; ERR_INVALID_PARAMETER for a number out of range;
   * ERR_UNAVAILABLE for a compression mode that this process does not have; ERR_CANT_CREATE when the port cannot be
   * had.
   */
  createServer(port: number, maxClients = 32, inBandwidth = 0, outBandwidth = 0): GodotError {
    const error = this.#createServer(port, maxClients, inBandwidth, outBandwidth);
    return this.started('createServer', error);
  }

  #createServer(port: number, maxClients: number, inBandwidth: number, outBandwidth: number): GodotError {
    const host = this.#newHost('createServer');
    if (!(host instanceof ENetConnection)) return host;
    const error = this.listen(host, port, maxClients, this.#channelCount, inBandwidth, outBandwidth);
    if (error !== GodotError.OK) return error;
    this.#open(host, true, TARGET_PEER_SERVER);
    return GodotError.OK;
  }

  /**
   * Becomes a client and begins to connect, under a new random id. `connectionSucceeded` or `connectionFailed` tells how
   * it went.
   *
   * @param address a literal IP address, or a host name, which is resolved in the background (Godot blocks instead).
   * @param port of the server, 1..65535.
   * @param inBandwidth incoming bandwidth in bytes per second; 0 = unlimited.
   * @param outBandwidth outgoing bandwidth in bytes per second; 0 = unlimited.
   * @param clientPort UDP port to use here, 0..65535; 0 lets the system choose.
   * @returns as {@link GodotThreeMultiplayerPeer.createServer}; ERR_CANT_CREATE also for an address that cannot be
   * connected to.
   */
  createClient(address: string, port: number, inBandwidth = 0, outBandwidth = 0, clientPort = 0): GodotError {
    const error = this.#createClient(address, port, inBandwidth, outBandwidth, clientPort);
    return this.started('createClient', error);
  }

  #createClient(
    address: string,
    port: number,
    inBandwidth: number,
    outBandwidth: number,
    clientPort: number,
  ): GodotError {
    const host = this.#newHost('createClient');
    if (!(host instanceof ENetConnection)) return host;
    const bindIp = toInteger(clientPort) === 0 ? '*' : this.bindIp;
    const error = host.createHostBound(bindIp, clientPort, 1, this.#channelCount, inBandwidth, outBandwidth);
    if (error !== GodotError.OK) return error;
    const joined = this.join(host, address, port, this.#channelCount);
    if (typeof joined === 'number') return joined;
    this.#open(host, false, joined.id).table.add(TARGET_PEER_SERVER, joined.peer, host, false);
    return GodotError.OK;
  }

  /**
   * Ends the connection of a client; only for a server.
   *
   * @param now false: once everything queued has arrived there; `peerDisconnected` follows. True: at once, what is
   * queued is dropped; `peerDisconnected` is emitted before this returns.
   */
  disconnectPeer(id: number, now = false): void {
    const session = this.session;
    const entry = session?.isServer === true ? session.table.get(toInteger(id)) : undefined;
    if (!session || !entry) {
      this.trace(
        `disconnectPeer: ${session?.isServer === false ? 'only a server can' : `no client has the id ${describe(id)}`}`,
      );
      return;
    }
    // ENet drops what it has not sent yet.
    this.flush();
    if (now) {
      entry.peer.peerDisconnectNow(0);
      this.clientGone(session, entry);
    } else {
      entry.peer.peerDisconnectLater(0);
    }
    if (connectionAccess.isActive(session.host)) session.host.flush();
  }

  /** {@link GodotThreeMultiplayerPeer.close} under the name that it has in Godot 3. @param waitUsec is not waited. */
  closeConnection(waitUsec = 100): void {
    void waitUsec;
    this.close();
  }

  /** Whether clients can reach each other through the server: what `serverRelay` says. */
  isServerRelaySupported(): boolean {
    return this.serverRelay;
  }

  /** The ids of all peers that packets can go to, in the order in which they came. */
  getPeerIds(): number[] {
    const session = this.session;
    if (!session || session.status !== MultiplayerConnectionStatus.CONNECTION_CONNECTED) return [];
    return [...Array.from(session.table.entries(), ({ id }) => id), ...session.fellows];
  }

  /** The connection to a peer; null for an id that nobody has. A client has one to the server, 1, alone. */
  getPeer(id: number): ENetPacketPeer | null {
    return this.session?.table.get(toInteger(id))?.peer ?? null;
  }

  /** The address of a peer; empty, with a trace line, for an id without a connection. */
  getPeerAddress(id: number): string {
    return this.#connectionOf('getPeerAddress', id)?.getRemoteAddress() ?? '';
  }

  /** The UDP port of a peer; 0, with a trace line, for an id without a connection. */
  getPeerPort(id: number): number {
    return this.#connectionOf('getPeerPort', id)?.getRemotePort() ?? 0;
  }

  /** The ENet channel of the next packet; -1 when there is none. */
  override getPacketChannel(): number {
    return this.getAvailablePacketCount() === 0 ? -1 : super.getPacketChannel();
  }

  /** The ENet channel of the packet that was fetched last; -1 when none was. */
  getLastPacketChannel(): number {
    return this.#lastPacketChannel;
  }

  /** The getter of {@link GodotThreeMultiplayerPeer.compressionMode}, as Godot names it. */
  getCompressionMode(): CompressionMode {
    return this.compressionMode;
  }

  /** The setter of {@link GodotThreeMultiplayerPeer.compressionMode}, as Godot names it. */
  setCompressionMode(mode: CompressionMode): void {
    this.compressionMode = mode;
  }

  /** The getter of {@link GodotThreeMultiplayerPeer.channelCount}, as Godot names it. */
  getChannelCount(): number {
    return this.channelCount;
  }

  /** The setter of {@link GodotThreeMultiplayerPeer.channelCount}, as Godot names it. */
  setChannelCount(channels: number): void {
    this.channelCount = channels;
  }

  /** The getter of {@link GodotThreeMultiplayerPeer.alwaysOrdered}, as Godot names it. */
  isAlwaysOrdered(): boolean {
    return this.alwaysOrdered;
  }

  /** The setter of {@link GodotThreeMultiplayerPeer.alwaysOrdered}, as Godot names it. */
  setAlwaysOrdered(ordered: boolean): void {
    this.alwaysOrdered = Boolean(ordered);
  }

  /** The getter of {@link GodotThreeMultiplayerPeer.serverRelay}, as Godot names it. */
  isServerRelayEnabled(): boolean {
    return this.serverRelay;
  }

  /** The setter of {@link GodotThreeMultiplayerPeer.serverRelay}, as Godot names it. */
  setServerRelayEnabled(enabled: boolean): void {
    this.serverRelay = Boolean(enabled);
  }

  /** Sends to the target, through the server if need be: at once, without waiting for `poll()`, unless `sendsAtOnce` is false. */
  protected override sendPacket(bytes: Uint8Array): GodotError {
    const call = 'putPacket';
    const session = this.session;
    if (session?.status !== MultiplayerConnectionStatus.CONNECTION_CONNECTED) {
      return this.refuse(call, 'not connected', GodotError.ERR_UNCONFIGURED);
    }
    const target = this.targetPeer;
    const other = Math.abs(target);
    if (target !== 0 && !session.table.has(other) && !session.fellows.has(other)) {
      return this.refuse(call, `no peer has the id ${other}`, GodotError.ERR_INVALID_PARAMETER);
    }
    const { channel, flags } = godot3RouteOf(this.transferMode, this.#transferChannel, this.alwaysOrdered);
    const packet = new Packet(frame(session.id, target, bytes), flags);
    let sent: boolean;
    if (!session.isServer) sent = this.#sendTo(session, TARGET_PEER_SERVER, channel, packet);
    else if (target > 0) sent = this.#sendTo(session, target, channel, packet);
    else sent = this.#sendToOthers(session, channel, packet, -target, 0);
    this.putInto([session.host]);
    if (sent) return GodotError.OK;
    return this.refuse(
      call,
      `ENet refused ${bytes.length} bytes on its channel ${channel}`,
      GodotError.FAILED,
    );
  }

  /** Remembers the channel for {@link GodotThreeMultiplayerPeer.getLastPacketChannel}. */
  protected override takePacket(): Uint8Array | GodotError {
    const channel = this.getPacketChannel();
    if (channel >= 0) this.#lastPacketChannel = channel;
    return super.takePacket();
  }

  protected override get dialect(): Dialect {
    return 'godot3';
  }

  /** @internal */
  protected override endedElsewhere(session: Session, entry: PeerEntry): void {
    if (session.isServer) this.clientGone(session, entry);
    else this.serverGone(session);
  }

  /** @internal */
  protected override admitted(session: Session, entry: PeerEntry): void {
    if (!this.serverRelay) return;
    const news = new Packet(systemMessage(SystemMessage.ADD_PEER, entry.id), PacketFlag.FLAG_RELIABLE);
    for (const other of session.table.entries()) {
      if (other === entry) continue;
      entry.peer.send(
        Godot3Channel.SYSCH_CONFIG,
        systemMessage(SystemMessage.ADD_PEER, other.id),
        PacketFlag.FLAG_RELIABLE,
      );
      this.sendShared(session, other, Godot3Channel.SYSCH_CONFIG, news);
    }
  }

  /** @internal */
  protected override joined(): void {
    this.emitSignal('connectionSucceeded');
  }

  /** @internal */
  protected override clientGone(session: Session, entry: PeerEntry): void {
    if (!session.table.holds(entry)) return;
    this.gone(entry);
    if (this.serverRelay) {
      const news = new Packet(systemMessage(SystemMessage.REMOVE_PEER, entry.id), PacketFlag.FLAG_RELIABLE);
      this.#sendToOthers(session, Godot3Channel.SYSCH_CONFIG, news, entry.id, 0);
    }
    session.table.remove(entry);
    this.emitSignal('peerDisconnected', entry.id);
  }

  /** @internal */
  protected override serverGone(session: Session): void {
    this.noteEnd(session.table.get(TARGET_PEER_SERVER)?.peer.disconnectCause);
    const wasConnected = session.status === MultiplayerConnectionStatus.CONNECTION_CONNECTED;
    if (wasConnected) this.emitSignal('serverDisconnected');
    else this.emitSignal('connectionFailed');
    // godot-enet-classes 8: what came before the end can still be fetched.
    if (this.session === session) this.end(session, this.disconnectCause ?? DisconnectCause.GOODBYE);
  }

  /** @internal */
  protected override sayGoodbye(session: Session, peer: ENetPacketPeer, waits: boolean): boolean {
    return peer.isActive() && leave(peer, waits, session.id);
  }

  /** @internal */
  protected override packetCame(
    session: Session,
    entry: PeerEntry,
    bytes: Uint8Array,
    channel: number,
    flags: number,
  ): void {
    if (bytes.length < HEADER_SIZE) {
      this.trace(`poll: a packet of ${bytes.length} bytes from ${entry.id} was dropped: it has no header`);
    } else if (channel === Godot3Channel.SYSCH_CONFIG) {
      if (session.isServer) this.trace(`poll: a system message from ${entry.id} was dropped`);
      else this.#told(session, bytes);
    } else if (channel >= session.channelCount) {
      this.trace(`poll: a packet from ${entry.id} on channel ${channel} was dropped`);
    } else {
      const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
      const from = view.getUint32(0, true);
      const isForUs = !session.isServer || this.#route(session, entry, view, bytes, channel, flags);
      // A copy: what is relayed stays with ENet until it is acknowledged.
      const payload = bytes.slice(HEADER_SIZE);
      if (isForUs) this.queuePacket({ bytes: payload, from, channel, mode: transferModeOf(flags) });
    }
  }

  #newHost(call: string): ENetConnection | GodotError {
    if (this.isOpen(call)) return GodotError.ERR_ALREADY_IN_USE;
    this.refuseNewConnections = false;
    const { createCompressor } = this;
    const found = findCompressor(this.#compressionMode, createCompressor);
    if (typeof found === 'string') return this.refuse(call, found, GodotError.ERR_UNAVAILABLE);
    return this.newConnection(call === 'createServer', {
      createCompressor: (mode) =>
        // A.6: without compression the range coder of Godot 3.4 and later is understood.
        found.compressor ?? readOnly(createCompressor?.(mode)),
    });
  }

  #open(host: ENetConnection, isServer: boolean, id: number): Session {
    const status = isServer
      ? MultiplayerConnectionStatus.CONNECTION_CONNECTED
      : MultiplayerConnectionStatus.CONNECTION_CONNECTING;
    const channelCount = this.#channelCount;
    // The stand-in of COMPRESS_NONE sits at the range coder's place, see #newHost.
    const isNone = this.#compressionMode === CompressionMode.COMPRESS_NONE;
    if (this.createCompressor) {
      host.compress(isNone ? CompressionMode.COMPRESS_RANGE_CODER : this.#compressionMode);
    }
    this.#lastPacketChannel = -1;
    return this.open({
      isServer,
      id,
      host,
      channelCount,
      table: new PeerTable(),
      fellows: new Set<number>(),
      status,
    });
  }

  /** A.3: forwards what clients send, unchanged, with the flags it came with. @returns whether it is for us as well. */
  #route(
    session: Session,
    sender: PeerEntry,
    header: DataView,
    bytes: Uint8Array,
    channel: number,
    flags: number,
  ): boolean {
    const source = header.getUint32(0, true);
    const target = header.getInt32(4, true);
    if (source !== sender.id) {
      this.trace(`poll: a packet from ${sender.id} was dropped: it says that it is from ${source}`);
      return false;
    }
    if (target === TARGET_PEER_SERVER) return true;
    if (!this.serverRelay) return target === 0 || target < -TARGET_PEER_SERVER;
    if (target > 0) {
      if (!session.table.has(target))
        this.trace(`poll: a packet from ${source} for ${target}, whom nobody knows`);
      else this.#sendTo(session, target, channel, new Packet(bytes, flags));
      return false;
    }
    this.#sendToOthers(session, channel, new Packet(bytes, flags), source, -target);
    return target !== -TARGET_PEER_SERVER;
  }

  /** A.4: what the server says about other clients. */
  #told(session: Session, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
    const message = view.getUint32(0, true);
    const id = view.getUint32(4, true);
    const isOther = isInRange(id, TARGET_PEER_SERVER + 1, INT32_MAX) && id !== session.id;
    if (message === SystemMessage.ADD_PEER && isOther && session.fellows.size < MAX_FELLOWS) {
      if (session.fellows.has(id)) return;
      session.fellows.add(id);
      this.emitSignal('peerConnected', id);
    } else if (message === SystemMessage.REMOVE_PEER && session.fellows.delete(id)) {
      this.emitSignal('peerDisconnected', id);
    } else {
      this.trace(`poll: the system message ${message} about ${id} was dropped`);
    }
  }

  #sendTo(session: Session, id: number, channel: number, packet: Packet): boolean {
    const entry = session.table.get(id);
    return entry !== undefined && this.sendShared(session, entry, channel, packet);
  }

  /** To all connected peers but two ids. @returns whether ENet took all. */
  #sendToOthers(
    session: Session,
    channel: number,
    packet: Packet,
    except: number,
    exceptToo: number,
  ): boolean {
    let isTaken = true;
    for (const entry of session.table.entries()) {
      const { id, peer } = entry;
      if (id === except || id === exceptToo || peer.getState() !== PeerState.STATE_CONNECTED) continue;
      if (!this.sendShared(session, entry, channel, packet)) isTaken = false;
    }
    return isTaken;
  }

  #connectionOf(call: string, id: number): ENetPacketPeer | null {
    const peer = this.getPeer(id);
    if (!peer) this.trace(`${call}: no connection has the id ${describe(id)}`);
    return peer;
  }
}

/** `transfer_channel` of a packet that goes where its mode says. */
const AUTOMATIC_CHANNEL = -1;
const MAX_CHANNELS = 255;
/** More clients than any server of ENet has. */
const MAX_FELLOWS = 65_536;
const OWN_SIGNALS: OptionNames<Omit<GodotThreeMultiplayerPeerSignals, keyof MultiplayerPeerSignals>> = {
  connectionSucceeded: true,
  connectionFailed: true,
  serverDisconnected: true,
};
