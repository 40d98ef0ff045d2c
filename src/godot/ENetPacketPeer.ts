/**
 * Godot's ENetPacketPeer: one end of one connection. Implements godot-enet-classes 3.
 * Above 400 lines because it is one class of Godot's with all its constants, and half of it is their documentation.
 */

import { describe } from '../../options/internal.ts';
import { type Address, DisconnectCause, Packet, type Peer } from '../enet/index.ts';
import {
  areFlagsAllowed,
  PACKET_LOSS_SCALE,
  PACKET_THROTTLE_SCALE,
  PacketFlag,
  PeerState,
  PeerStatistic,
} from './constants.ts';
import { GodotError, godotErrorName } from './errors.ts';
import { formatIpAddress } from './ipAddress.ts';
import { isInRange, toInteger, toUint32 } from './numbers.ts';
import { PacketPeer } from './PacketPeer.ts';
import { PacketQueue } from './packetQueue.ts';
import { initialPeerStatistic, isPeerStatistic, readPeerStatistic } from './peerStatistics.ts';

/**
 * What a peer needs of its connection.
 *
 * @internal
 */
export interface PeerOwner {
  /** Whether ended peers stay readable. */
  readonly keepsEndedPeers: boolean;
  /** The host's clock. */
  now(): number;
  /** Sends what a call left in the outbox and asks for a wake. */
  settle(): void;
  /** The cipher suite of the DTLS session with an address, as far as there is one and it is known. */
  dtlsSuite(address: Address): string | undefined;
  /** Takes the explanation of a refused call. */
  trace(line: string): void;
  /** A peer became inactive; `core` is what it was linked to. */
  peerEnded(peer: ENetPacketPeer, core: Peer | undefined): void;
}

/**
 * What a connection may do with its peers and nobody else.
 *
 * @internal
 */
export interface PeerAccess {
  /** Makes the peer of a connection that the core knows. */
  create(owner: PeerOwner, peer: Peer): ENetPacketPeer;
  /** Makes the peer of a connection whose address is not known yet. */
  createUnresolved(owner: PeerOwner, channelCount: number, remotePort: number): ENetPacketPeer;
  /** Gives such a peer its connection. */
  link(wrapper: ENetPacketPeer, peer: Peer): void;
  /** Whether a peer still waits for its address. */
  isUnresolved(wrapper: ENetPacketPeer): boolean;
  /** Notes why a connection is about to end. The first cause counts. */
  noteCause(wrapper: ENetPacketPeer, cause: DisconnectCause | undefined): void;
  /** Makes a peer inactive; without a cause that was noted it is this side's doing. */
  deactivate(wrapper: ENetPacketPeer): void;
  /** Queues a received packet. */
  deliver(wrapper: ENetPacketPeer, bytes: Uint8Array, flags: number): void;
  /**
   * Queues a packet that nobody changes any more, without a copy, so that many peers can share it. For those who make
   * the bytes themselves.
   *
   * @returns whether ENet took it.
   */
  sendShared(wrapper: ENetPacketPeer, channel: number, packet: Packet): boolean;
  /** Bytes that wait to be sent or acknowledged, with 64 bytes of overhead per command. */
  outgoingBytes(wrapper: ENetPacketPeer): number;
  /** Ends the initial receive limits of this connection. */
  liftReceiveLimits(wrapper: ENetPacketPeer): void;
  /** Received bytes that ENet holds back for this peer, with 64 bytes of overhead per packet. */
  waitingBytes(wrapper: ENetPacketPeer): number;
  /** The cipher suite of its DTLS session; undefined without, and after the end. */
  dtlsSuite(wrapper: ENetPacketPeer): string | undefined;
  /** The MTU in the CONNECT of the remote, in bytes; 0 when this side connected, and when the connection has ended. */
  connectMtuBytes(wrapper: ENetPacketPeer): number;
}

const PRIVATE_KEY = Symbol('ENetPacketPeer');
/** `get_max_packet_size()` of the reference; nothing enforces it. */
const MAX_PACKET_SIZE = 16_777_216;
let access: PeerAccess;

/**
 * One connection, as `ENetConnection` hands it out. It cannot be made with `new`.
 *
 * A peer is *active* until its connection has ended. Differences from Godot, all of them after that point and all
 * switched off by the option `keepsEndedPeers: false`: the address and the port stay readable, and packets that are
 * still queued can still be fetched.
 */
export class ENetPacketPeer extends PacketPeer {
  /** {@link PeerState.STATE_DISCONNECTED} */
  static readonly STATE_DISCONNECTED: 0 = PeerState.STATE_DISCONNECTED;
  /** {@link PeerState.STATE_CONNECTING} */
  static readonly STATE_CONNECTING: 1 = PeerState.STATE_CONNECTING;
  /** {@link PeerState.STATE_ACKNOWLEDGING_CONNECT} */
  static readonly STATE_ACKNOWLEDGING_CONNECT: 2 = PeerState.STATE_ACKNOWLEDGING_CONNECT;
  /** {@link PeerState.STATE_CONNECTION_PENDING} */
  static readonly STATE_CONNECTION_PENDING: 3 = PeerState.STATE_CONNECTION_PENDING;
  /** {@link PeerState.STATE_CONNECTION_SUCCEEDED} */
  static readonly STATE_CONNECTION_SUCCEEDED: 4 = PeerState.STATE_CONNECTION_SUCCEEDED;
  /** {@link PeerState.STATE_CONNECTED} */
  static readonly STATE_CONNECTED: 5 = PeerState.STATE_CONNECTED;
  /** {@link PeerState.STATE_DISCONNECT_LATER} */
  static readonly STATE_DISCONNECT_LATER: 6 = PeerState.STATE_DISCONNECT_LATER;
  /** {@link PeerState.STATE_DISCONNECTING} */
  static readonly STATE_DISCONNECTING: 7 = PeerState.STATE_DISCONNECTING;
  /** {@link PeerState.STATE_ACKNOWLEDGING_DISCONNECT} */
  static readonly STATE_ACKNOWLEDGING_DISCONNECT: 8 = PeerState.STATE_ACKNOWLEDGING_DISCONNECT;
  /** {@link PeerState.STATE_ZOMBIE} */
  static readonly STATE_ZOMBIE: 9 = PeerState.STATE_ZOMBIE;
  /** {@link PeerStatistic.PEER_PACKET_LOSS} */
  static readonly PEER_PACKET_LOSS: 0 = PeerStatistic.PEER_PACKET_LOSS;
  /** {@link PeerStatistic.PEER_PACKET_LOSS_VARIANCE} */
  static readonly PEER_PACKET_LOSS_VARIANCE: 1 = PeerStatistic.PEER_PACKET_LOSS_VARIANCE;
  /** {@link PeerStatistic.PEER_PACKET_LOSS_EPOCH} */
  static readonly PEER_PACKET_LOSS_EPOCH: 2 = PeerStatistic.PEER_PACKET_LOSS_EPOCH;
  /** {@link PeerStatistic.PEER_ROUND_TRIP_TIME} */
  static readonly PEER_ROUND_TRIP_TIME: 3 = PeerStatistic.PEER_ROUND_TRIP_TIME;
  /** {@link PeerStatistic.PEER_ROUND_TRIP_TIME_VARIANCE} */
  static readonly PEER_ROUND_TRIP_TIME_VARIANCE: 4 = PeerStatistic.PEER_ROUND_TRIP_TIME_VARIANCE;
  /** {@link PeerStatistic.PEER_LAST_ROUND_TRIP_TIME} */
  static readonly PEER_LAST_ROUND_TRIP_TIME: 5 = PeerStatistic.PEER_LAST_ROUND_TRIP_TIME;
  /** {@link PeerStatistic.PEER_LAST_ROUND_TRIP_TIME_VARIANCE} */
  static readonly PEER_LAST_ROUND_TRIP_TIME_VARIANCE: 6 = PeerStatistic.PEER_LAST_ROUND_TRIP_TIME_VARIANCE;
  /** {@link PeerStatistic.PEER_PACKET_THROTTLE} */
  static readonly PEER_PACKET_THROTTLE: 7 = PeerStatistic.PEER_PACKET_THROTTLE;
  /** {@link PeerStatistic.PEER_PACKET_THROTTLE_LIMIT} */
  static readonly PEER_PACKET_THROTTLE_LIMIT: 8 = PeerStatistic.PEER_PACKET_THROTTLE_LIMIT;
  /** {@link PeerStatistic.PEER_PACKET_THROTTLE_COUNTER} */
  static readonly PEER_PACKET_THROTTLE_COUNTER: 9 = PeerStatistic.PEER_PACKET_THROTTLE_COUNTER;
  /** {@link PeerStatistic.PEER_PACKET_THROTTLE_EPOCH} */
  static readonly PEER_PACKET_THROTTLE_EPOCH: 10 = PeerStatistic.PEER_PACKET_THROTTLE_EPOCH;
  /** {@link PeerStatistic.PEER_PACKET_THROTTLE_ACCELERATION} */
  static readonly PEER_PACKET_THROTTLE_ACCELERATION: 11 = PeerStatistic.PEER_PACKET_THROTTLE_ACCELERATION;
  /** {@link PeerStatistic.PEER_PACKET_THROTTLE_DECELERATION} */
  static readonly PEER_PACKET_THROTTLE_DECELERATION: 12 = PeerStatistic.PEER_PACKET_THROTTLE_DECELERATION;
  /** {@link PeerStatistic.PEER_PACKET_THROTTLE_INTERVAL} */
  static readonly PEER_PACKET_THROTTLE_INTERVAL: 13 = PeerStatistic.PEER_PACKET_THROTTLE_INTERVAL;
  /** {@link PACKET_LOSS_SCALE} */
  static readonly PACKET_LOSS_SCALE: 65536 = PACKET_LOSS_SCALE;
  /** {@link PACKET_THROTTLE_SCALE} */
  static readonly PACKET_THROTTLE_SCALE: 32 = PACKET_THROTTLE_SCALE;
  /** {@link PacketFlag.FLAG_RELIABLE} */
  static readonly FLAG_RELIABLE: 1 = PacketFlag.FLAG_RELIABLE;
  /** {@link PacketFlag.FLAG_UNSEQUENCED} */
  static readonly FLAG_UNSEQUENCED: 2 = PacketFlag.FLAG_UNSEQUENCED;
  /** {@link PacketFlag.FLAG_UNRELIABLE_FRAGMENT} */
  static readonly FLAG_UNRELIABLE_FRAGMENT: 8 = PacketFlag.FLAG_UNRELIABLE_FRAGMENT;

  readonly #owner: PeerOwner;
  readonly #packets = new PacketQueue();
  #hasEnded = false;
  #cause: DisconnectCause | undefined;
  /** The connection in the ENet core; undefined while a name is resolved and after the end. */
  #peer: Peer | undefined;
  #generation = 0;
  /** While a name is resolved: what to do with the core's peer once it is there, the last call of each kind. */
  #deferred: Map<string, (peer: Peer) => void> | undefined;
  #channelCount = 0;
  #remoteIp = '';
  #remotePort = 0;

  private constructor(key: symbol, owner: PeerOwner) {
    super();
    if (key !== PRIVATE_KEY) {
      throw new TypeError(
        'ENetPacketPeer cannot be made with new: take it from connectToHost(), service() or getPeers()',
      );
    }
    this.#owner = owner;
  }

  /**
   * Queues a packet.
   *
   * @param channel 0 to {@link ENetPacketPeer.getChannels} - 1.
   * @param packet copied before the call returns; may be empty.
   * @param flags a combination of `FLAG_*`; 0 is unreliable and sequenced.
   * @returns OK; ERR_UNCONFIGURED when the connection has ended; ERR_INVALID_PARAMETER for a channel below 0 or
   * above the number of channels, for other flags and for a packet that is no Uint8Array; FAILED when ENet refuses:
   * a channel equal to the number of channels, a state other than CONNECTED, a packet above 32 MiB, a reliable one of more than 24,576 fragments (33,521,664 bytes with the
   * usual MTU).
   */
  send(channel: number, packet: Uint8Array, flags: number): GodotError {
    const peer = this.#core;
    if (!peer && !this.#deferred) {
      return this.#refuse('send', 'the connection has ended', GodotError.ERR_UNCONFIGURED);
    }
    const channels = this.getChannels();
    const channelId = toInteger(channel);
    if (!isInRange(channelId, 0, channels)) {
      const reason = `channel expected 0..${channels - 1}, got ${describe(channel)}`;
      return this.#refuse('send', reason, GodotError.ERR_INVALID_PARAMETER);
    }
    if (!areFlagsAllowed(flags)) {
      const reason = `flags expected a combination of 1, 2 and 8, got ${describe(flags)}`;
      return this.#refuse('send', reason, GodotError.ERR_INVALID_PARAMETER);
    }
    if (!(packet instanceof Uint8Array)) {
      return this.#refuse('send', 'the packet is no Uint8Array', GodotError.ERR_INVALID_PARAMETER);
    }
    if (channelId === channels) {
      return this.#refuse('send', `channel ${channelId} does not exist`, GodotError.FAILED);
    }
    return this.#send('send', peer, channelId, packet, flags);
  }

  /**
   * Asks for the end of the connection. Everything queued is dropped, acknowledged or not; use
   * {@link ENetPacketPeer.peerDisconnectLater} to send it first. EVENT_DISCONNECT follows when the remote has
   * confirmed or does not answer; none follows when the connection was never complete, and then the peer is
   * inactive at once. (Godot leaves it "active" in that case, on a slot that others may get.)
   *
   * @param data goes to the remote's EVENT_DISCONNECT as an unsigned 32-bit number.
   */
  peerDisconnect(data = 0): void {
    this.#end('peerDisconnect', (peer, now) => peer.disconnect(toUint32(data), now));
  }

  /**
   * Asks for the end of the connection after everything queued was sent and acknowledged. Until then nothing new can
   * be sent, and what arrives is discarded.
   *
   * @param data goes to the remote's EVENT_DISCONNECT as an unsigned 32-bit number.
   */
  peerDisconnectLater(data = 0): void {
    this.#end('peerDisconnectLater', (peer, now) => peer.disconnectLater(toUint32(data), now));
  }

  /**
   * Ends the connection at once: one datagram tells the remote, which may miss it, and the peer is inactive. There
   * is no EVENT_DISCONNECT on this side. Everything queued at other peers is sent too.
   *
   * @param data goes to the remote's EVENT_DISCONNECT as an unsigned 32-bit number.
   */
  peerDisconnectNow(data = 0): void {
    this.#end('peerDisconnectNow', (peer, now) => peer.disconnectNow(toUint32(data), now), true);
  }

  /** Ends the connection without telling the remote, which will time out. There is no EVENT_DISCONNECT here. */
  reset(): void {
    this.#end('reset', (peer) => peer.reset(), true);
  }

  /** Queues a ping. ENet sends one every {@link ENetPacketPeer.pingInterval} anyway. */
  ping(): void {
    this.#apply('ping', (peer) => peer.ping());
  }

  /**
   * Sets the time between two pings.
   *
   * @param pingInterval milliseconds; 0 selects 500.
   */
  pingInterval(pingInterval: number): void {
    this.#apply('pingInterval', (peer) => peer.setPingInterval(toUint32(pingInterval)));
  }

  /**
   * Sets when the connection counts as lost, in milliseconds. A reliable packet that is not acknowledged is sent
   * again after growing pauses. Each zero selects its default.
   *
   * @param timeout a factor, default 32: when the pause has grown by it, `timeoutMin` decides.
   * @param timeoutMin default 5000: shorter silence is forgiven.
   * @param timeoutMax default 30000: longer silence is not. Refused unless timeout <= timeoutMin <= timeoutMax.
   */
  setTimeout(timeout: number, timeoutMin: number, timeoutMax: number): void {
    const [limit, min, max] = [toInteger(timeout), toInteger(timeoutMin), toInteger(timeoutMax)];
    if (this.isActive() && !(limit <= min && min <= max)) {
      const got = [timeout, timeoutMin, timeoutMax].map(describe).join(', ');
      this.trace(`setTimeout: expected timeout <= timeoutMin <= timeoutMax, got ${got}`);
      return;
    }
    this.#apply('setTimeout', (peer) => peer.setTimeout(toUint32(limit), toUint32(min), toUint32(max)));
  }

  /**
   * Configures how the share of unreliable packets that are sent follows the round-trip time, here and (by a
   * message) at the remote.
   *
   * @param interval milliseconds between two looks at the lowest round-trip time.
   * @param acceleration by how much the share rises, of `PACKET_THROTTLE_SCALE`.
   * @param deceleration by how much it falls.
   */
  throttleConfigure(interval: number, acceleration: number, deceleration: number): void {
    this.#apply('throttleConfigure', (peer) =>
      peer.throttleConfigure(toUint32(interval), toUint32(acceleration), toUint32(deceleration)),
    );
  }

  /**
   * One of the `PEER_*` statistics. Times are milliseconds; epochs are on the clock of the host.
   *
   * @returns 0 for an inactive peer, and for a number that is no statistic, with a trace line.
   */
  getStatistic(statistic: number): number {
    const peer = this.#core;
    if (!isPeerStatistic(statistic)) this.trace(`getStatistic: ${describe(statistic)} is no statistic`);
    if (peer) return readPeerStatistic(peer, statistic);
    if (this.#deferred) return initialPeerStatistic(statistic);
    this.trace('getStatistic: the connection has ended');
    return 0;
  }

  /** What the connection is doing; STATE_DISCONNECTED for an inactive peer. */
  getState(): PeerState {
    if (this.#deferred) return PeerState.STATE_CONNECTING;
    return this.#core?.state ?? PeerState.STATE_DISCONNECTED;
  }

  /** How many channels the connection has: what was asked for, and the smaller of both sides' limits once connected. */
  getChannels(): number {
    if (this.#deferred) return this.#channelCount;
    return this.#core?.channelCount ?? 0;
  }

  /**
   * The remote's IP address: dotted decimal, or eight groups for IPv6, as Godot writes it (`"0:0:0:0:0:0:0:1"`).
   * Empty while a name is being resolved, and for an inactive peer with `keepsEndedPeers: false`.
   */
  getRemoteAddress(): string {
    return this.#isReadable ? formatIpAddress(this.#remoteIp) : '';
  }

  /** The remote's UDP port; 0 for an inactive peer with `keepsEndedPeers: false`. */
  getRemotePort(): number {
    return this.#isReadable ? this.#remotePort : 0;
  }

  /** Whether the connection has not ended yet. */
  isActive(): boolean {
    return this.#deferred !== undefined || this.#core !== undefined;
  }

  /** Our addition: why the connection, or the attempt to connect, has ended; undefined while it has not. */
  get disconnectCause(): DisconnectCause | undefined {
    return this.isActive() ? undefined : this.#cause;
  }

  /** How many packets `service()` has delivered for this peer and nobody has fetched. */
  getAvailablePacketCount(): number {
    return this.#packets.length;
  }

  /** How the next packet travelled: 1 reliable, 2 unsequenced, 8 unreliable fragments, 0 plain unreliable or none. */
  getPacketFlags(): number {
    const next = this.#packets.next;
    if (next) return next.flags;
    this.trace('getPacketFlags: no packet is queued');
    return 0;
  }

  /** The largest packet that Godot announces, in bytes. ENet itself takes up to 32 MiB. */
  getMaxPacketSize(): number {
    return MAX_PACKET_SIZE;
  }

  protected override takePacket(): Uint8Array | GodotError {
    if (!this.isActive() && !this.#owner.keepsEndedPeers) return GodotError.ERR_UNCONFIGURED;
    const packet = this.#packets.shift();
    if (packet) {
      this.#core?.releasePacket(packet.bytes.length);
      return packet.bytes;
    }
    return this.isActive() ? GodotError.ERR_UNAVAILABLE : GodotError.ERR_UNCONFIGURED;
  }

  protected override sendPacket(bytes: Uint8Array): GodotError {
    const peer = this.#core;
    if (!peer && !this.#deferred) {
      return this.#refuse('putPacket', 'the connection has ended', GodotError.ERR_UNCONFIGURED);
    }
    return this.#send('putPacket', peer, 0, bytes, PacketFlag.FLAG_RELIABLE);
  }

  protected override trace(line: string): void {
    this.#owner.trace(`ENetPacketPeer.${line}`);
  }

  /** The core's peer as long as its slot still belongs to this connection. */
  get #core(): Peer | undefined {
    if (this.#peer !== undefined && this.#peer.generation !== this.#generation) this.#deactivate();
    return this.#peer;
  }

  get #isReadable(): boolean {
    return this.isActive() || this.#owner.keepsEndedPeers;
  }

  #send(call: string, peer: Peer | undefined, channel: number, bytes: Uint8Array, flags: number): GodotError {
    // The copy is made here because ENet keeps reliable bytes until they are acknowledged. Buffer.slice() would share.
    if (this.#queue(peer, channel, new Packet(new Uint8Array(bytes), flags))) return GodotError.OK;
    const reason = `ENet refused ${bytes.length} bytes on channel ${channel} in state ${this.getState()}`;
    return this.#refuse(call, reason, GodotError.FAILED);
  }

  #queue(peer: Peer | undefined, channel: number, packet: Packet): boolean {
    if (peer?.send(channel, packet) !== true) return false;
    this.#owner.settle();
    return true;
  }

  /** Runs one of the calls that end a connection, and notices when that took effect at once. */
  #end(call: string, action: (peer: Peer, now: number) => void, isFinal = false): void {
    const peer = this.#core;
    if (this.#deferred) {
      // Nothing was sent yet, so there is nobody to tell.
      this.#deactivate();
      return;
    }
    if (!peer) {
      this.trace(`${call}: the connection has ended`);
      return;
    }
    action(peer, this.#owner.now());
    this.#owner.settle();
    if (isFinal || peer.state === PeerState.STATE_DISCONNECTED) this.#deactivate();
  }

  #apply(call: string, action: (peer: Peer) => void): void {
    const peer = this.#core;
    if (peer) {
      action(peer);
      this.#owner.settle();
    } else if (this.#deferred) {
      this.#deferred.set(call, action);
    } else {
      this.trace(`${call}: the connection has ended`);
    }
  }

  #link(peer: Peer): void {
    const deferred = this.#deferred;
    this.#deferred = undefined;
    this.#peer = peer;
    this.#generation = peer.generation;
    this.#remoteIp = peer.address.ip;
    this.#remotePort = peer.address.port;
    for (const action of deferred?.values() ?? []) action(peer);
  }

  #deactivate(): void {
    if (this.#hasEnded) return;
    const peer = this.#peer;
    this.#hasEnded = true;
    this.#cause ??= DisconnectCause.LOCAL;
    this.#peer = undefined;
    this.#deferred = undefined;
    this.#owner.peerEnded(this, peer);
  }

  #refuse(call: string, reason: string, error: GodotError): GodotError {
    this.trace(`${call}: ${reason} (${godotErrorName(error)})`);
    return error;
  }

  static {
    access = {
      create(owner, peer) {
        const made = new ENetPacketPeer(PRIVATE_KEY, owner);
        made.#link(peer);
        return made;
      },
      createUnresolved(owner, channelCount, remotePort) {
        const made = new ENetPacketPeer(PRIVATE_KEY, owner);
        made.#deferred = new Map();
        made.#channelCount = channelCount;
        made.#remotePort = remotePort;
        return made;
      },
      link: (wrapper, peer) => wrapper.#link(peer),
      isUnresolved: (wrapper) => wrapper.#deferred !== undefined,
      noteCause(wrapper, cause) {
        wrapper.#cause ??= cause;
      },
      deactivate: (wrapper) => wrapper.#deactivate(),
      deliver(wrapper, bytes, flags) {
        wrapper.#packets.push({ bytes, flags });
        wrapper.#core?.keepPacket(bytes.length);
      },
      sendShared: (wrapper, channel, packet) => wrapper.#queue(wrapper.#core, channel, packet),
      outgoingBytes: (wrapper) => wrapper.#core?.outgoingBytes ?? 0,
      liftReceiveLimits: (wrapper) => wrapper.#core?.liftReceiveLimits(),
      waitingBytes: (wrapper) => wrapper.#core?.waitingBytes ?? 0,
      dtlsSuite: (wrapper) => wrapper.#core && wrapper.#owner.dtlsSuite(wrapper.#core.address),
      connectMtuBytes: (wrapper) => wrapper.#core?.connectMtuBytes ?? 0,
    };
  }
}

/** @internal */
export const peerAccess: PeerAccess = access;
