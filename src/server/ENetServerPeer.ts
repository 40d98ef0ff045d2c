/** Godot's ENetServerPeer: one client of an ENetServer. enet-server-module section 4. */
import { Dictionary } from '../../codec/index.ts';
import type { DisconnectCause } from '../enet/index.ts';
import { AuthState, ConnectionState } from './constants.ts';
import type { PacketInput } from './packets.ts';

/** What an {@link ENetServerPeer} is a view of. No entry exports it; the declarations of the server need it. */
export interface PeerControls {
  readonly id: number;
  readonly connectionState: ConnectionState;
  readonly authState: AuthState;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly disconnectCause: DisconnectCause | undefined;
  connectionTime(): number;
  statistic(statistic: number): number;
  queuedBytes(): number;
  dtlsSuite(): string | undefined;
  sendPacket(packet: PacketInput, channel: number, isReliable: boolean): number;
  sendRaw(bytes: Uint8Array, channel: number, isReliable: boolean): number;
  disconnect(reason: string): void;
  reject(reason: string): void;
  authenticate(): void;
}

/**
 * A connected client, as the server sees it. Peers are made by the server; they come with its signals and from
 * `getPeer()`. A peer object stays readable after its connection has ended.
 */
export class ENetServerPeer {
  /** `peerConnecting` is being emitted. */
  static readonly STATE_CONNECTING: 0 = ConnectionState.STATE_CONNECTING;
  /** Connected, and a login is expected. */
  static readonly STATE_PRELOGIN: 1 = ConnectionState.STATE_PRELOGIN;
  /** Packets and events are delivered. */
  static readonly STATE_AUTHENTICATED: 2 = ConnectionState.STATE_AUTHENTICATED;
  /** The server is ending the connection. */
  static readonly STATE_DISCONNECTING: 3 = ConnectionState.STATE_DISCONNECTING;
  /** Nothing was decided yet. */
  static readonly AUTH_PENDING: 0 = AuthState.AUTH_PENDING;
  /** Let in. */
  static readonly AUTH_APPROVED: 1 = AuthState.AUTH_APPROVED;
  /** Turned away. */
  static readonly AUTH_REJECTED: 2 = AuthState.AUTH_REJECTED;

  readonly #controls: PeerControls;

  /** Room for whatever the application wants to remember about this peer. The server does not look at it. */
  customData: Dictionary = new Dictionary();

  /** @internal */
  constructor(controls: PeerControls) {
    this.#controls = controls;
  }

  /** The number of this peer: 1, 2, 3, ... in the order of connecting, never reused while the server runs. */
  get peerId(): number {
    return this.#controls.id;
  }

  /** How far the peer has come. It keeps its last value when the remote side ends the connection. */
  get connectionState(): ConnectionState {
    return this.#controls.connectionState;
  }

  /** What was decided about the peer. */
  get authState(): AuthState {
    return this.#controls.authState;
  }

  /**
   * The IP address of the peer: dotted decimal, or eight hexadecimal groups for IPv6, as Godot writes them. Still
   * there after the connection has ended.
   */
  get remoteAddress(): string {
    return this.#controls.remoteAddress;
  }

  /** The UDP port of the peer. Still there after the connection has ended. */
  get remotePort(): number {
    return this.#controls.remotePort;
  }

  /**
   * Our addition: why the connection has ended, beside the reason of `peerDisconnected`; undefined while it has not. One of
   * the names of `DisconnectCause`.
   */
  get disconnectCause(): DisconnectCause | undefined {
    return this.#controls.disconnectCause;
  }

  /** The same as {@link ENetServerPeer.peerId}. */
  getPeerId(): number {
    return this.peerId;
  }

  /** The same as {@link ENetServerPeer.connectionState}. */
  getConnectionState(): ConnectionState {
    return this.connectionState;
  }

  /** The same as {@link ENetServerPeer.authState}. */
  getAuthState(): AuthState {
    return this.authState;
  }

  /** The same as {@link ENetServerPeer.remoteAddress}. */
  getRemoteAddress(): string {
    return this.remoteAddress;
  }

  /** The same as {@link ENetServerPeer.remotePort}. */
  getRemotePort(): number {
    return this.remotePort;
  }

  /** Seconds since the peer connected. It goes on after the connection has ended, and starts anew after 49 days. */
  getConnectionTime(): number {
    return this.#controls.connectionTime();
  }

  /** Smoothed round-trip time in ms; 500 before the first measurement. After the end a value of its last second. */
  getPing(): number {
    return this.#controls.statistic(PEER_ROUND_TRIP_TIME);
  }

  /**
   * One of the numbers of `PeerStatistic` (godot-enet-classes 3.3); 0 for an unknown one, with a trace line. After the end a value of the
   * connection's last second.
   */
  getStatistic(statistic: number): number {
    return this.#controls.statistic(statistic);
  }

  /** Our addition: how many bytes wait to be sent or acknowledged. */
  get queuedBytes(): number {
    return this.#controls.queuedBytes();
  }

  /**
   * Our addition: the cipher suite that its DTLS session agreed on, by its IANA name. `undefined` without DTLS, after the end, and with a
   * network thread, which does not tell.
   */
  get dtlsSuite(): string | undefined {
    return this.#controls.dtlsSuite();
  }

  /**
   * Encodes a value as ENetPacketUtils does and queues it for this peer, whatever its state.
   *
   * @param channel 0 up to the number of channels agreed on, less one.
   * @returns 0; 3 when the connection has ended; 30 when the value has no Variant; 31 for a bad channel; 1 when ENet
   *   refuses (too large, or the peer is being disconnected).
   */
  sendPacket(packet: PacketInput, channel: number, reliable: boolean): number {
    return this.#controls.sendPacket(packet, channel, reliable);
  }

  /**
   * Queues a copy of these bytes as they are, without a type byte.
   *
   * @returns as {@link ENetServerPeer.sendPacket}; 30 for no bytes at all.
   */
  sendRawPacket(data: Uint8Array, channel: number, reliable: boolean): number {
    return this.#controls.sendRaw(data, channel, reliable);
  }

  /**
   * Ends the connection once everything queued has been acknowledged, at the latest after `kickTimeoutMs`.
   * `peerDisconnected` with this reason follows when it is done; the reason itself does not travel. Repeating it
   * changes the reason.
   */
  disconnectPeer(reason: string = ''): void {
    this.#controls.disconnect(reason);
  }

  /** Turns the peer away. Only in STATE_CONNECTING and STATE_PRELOGIN, else without effect. */
  reject(reason: string = ''): void {
    this.#controls.reject(reason);
  }

  /** Lets the peer in; `peerAuthenticated` follows. Only in STATE_PRELOGIN, else without effect. */
  authenticate(): void {
    this.#controls.authenticate();
  }
}

const PEER_ROUND_TRIP_TIME = 3;
