/**
 * The connections of a server whose host runs in a thread of its own: the part of ENetConnection and ENetPacketPeer
 * that ENetServer uses. docs/decisions/0004-network-thread.md. Longer than other files because it repeats the methods of two
 * classes of Godot.
 */

import type { HostDoctorOptions } from '../../doctor/index.ts';
import {
  type Address,
  type ConnectRules,
  DisconnectCause,
  type HostTrace,
  type Packet,
  PacketFlag,
} from '../../enet/index.ts';
import { given, MAX_RELIABLE_FRAGMENTS, NO_STATISTICS } from '../../enet/internal.ts';
import {
  type CompressionMode,
  ConnectionEventType,
  formatIpAddress,
  GodotError,
  godotErrorName,
  isBindAddress,
  isInRange,
  PeerState,
  readHostParameters,
  serverSecurity,
  TLSOptions,
  toInteger,
  toUint32,
} from '../../godot/internal.ts';
import {
  type AttachRemote,
  type RemoteEvent,
  RemoteEventType,
  type RemoteHost,
  type RemoteHostOptions,
  type RemoteNumbers,
  type SecureCounters,
  type SecureOptions,
  type ThreadCounters,
  type ThreadLimits,
} from '../../runtime/index.ts';
import type { WatchedHost } from '../serverOps.ts';

/** One event, as `ENetConnection.service()` returns it. */
export type RemoteServiceEvent =
  | [type: 1 | 2 | 3, peer: RemotePeer, data: number, channel: number]
  | [type: 0, peer: null, data: number, channel: number];

/** What a {@link RemoteConnection} works with. */
export interface RemoteConnectionOptions {
  /** Starts the thread. */
  readonly attachRemote: AttachRemote;
  /** The limits of the queues. */
  readonly limits: ThreadLimits;
  /** Options of the host, without functions. */
  readonly host: Partial<RemoteHostOptions['host']>;
  /** Who may connect and how fast. */
  readonly rules: ConnectRules;
  /** Whether the door is open. */
  readonly isOpen: boolean;
  /** The name of the checksum. */
  readonly checksum: 'crc32' | undefined;
  /** Gets what the host observes. It does not throw. */
  readonly hostTrace: HostTrace | undefined;
  /** What tells why datagrams cannot be used. Its function does not throw. */
  readonly doctor: HostDoctorOptions | undefined;
  /** The application's decision about a connection, before it takes a slot; `undefined`: everybody is let in. */
  readonly admission: ((from: Address, data: number) => boolean) | undefined;
  /** There are events to take. */
  onWake(): void;
  /** Takes the explanation of a refused call. */
  onTrace(line: string): void;
  /** Takes an error that has no other place. */
  onError(error: Error): void;
  /** A reliable packet for this peer was lost, because too much waits to be sent to it; it is disconnected. */
  onOverflow(peer: RemotePeer): void;
  /** The thread has died. */
  onFailure(error: Error): void;
}

/** Settings with which the thread begins. */
export interface RemoteStart {
  /** The compression. */
  readonly compression: CompressionMode;
  /** See {@link RemoteHost.setLoginTimeout}. */
  readonly loginTimeoutMs: number;
  /** See {@link RemoteHostOptions.loginTimeoutPacket}. */
  readonly loginTimeoutPacket: Uint8Array | undefined;
  /** DTLS. Default: plain UDP. */
  readonly secure?: SecureOptions;
}

/** See the head of this file. */
export class RemoteConnection implements WatchedHost {
  readonly #options: RemoteConnectionOptions;
  readonly #peers = new Map<number, RemotePeer>();
  #host: RemoteHost | undefined;
  /** The same, also after its end, for its numbers. */
  #counted: RemoteHost | undefined;
  #isSecured = false;

  constructor(options: RemoteConnectionOptions) {
    this.#options = options;
  }

  /**
   * As `ENetConnection.createHostBound`: the same checks in the same order. Blocks until the thread has bound its
   * socket, some 50 to 100 ms, at most 10 s.
   *
   * @returns OK, ERR_INVALID_PARAMETER or ERR_CANT_CREATE.
   */
  createHostBound(
    bindAddress: string,
    bindPort: number,
    maxPeers: number,
    maxChannels: number,
    start: RemoteStart,
  ): GodotError {
    if (!isBindAddress(bindAddress)) {
      return this.#refuse(
        `bindAddress expected a literal IP address or "*", got ${JSON.stringify(bindAddress)}`,
        GodotError.ERR_INVALID_PARAMETER,
      );
    }
    const port = toInteger(bindPort);
    if (!isInRange(port, 0, MAX_PORT)) {
      return this.#refuse(`bindPort expected 0..${MAX_PORT}`, GodotError.ERR_INVALID_PARAMETER);
    }
    const parameters = readHostParameters(maxPeers, maxChannels, 0, 0);
    if (typeof parameters === 'string') return this.#refuse(parameters, GodotError.ERR_INVALID_PARAMETER);
    const { attachRemote, limits, host, rules, isOpen, checksum, hostTrace, doctor, admission } =
      this.#options;
    const remoteOptions: RemoteHostOptions = {
      ...given(limits),
      host: { maxWaitingBytes: waitingLimit(parameters.peerCount), ...host, ...parameters },
      bind: { ip: bindAddress, port },
      ...start,
      rules,
      isOpen,
      checksum,
      doctor: doctor && { kind: doctor.kind },
      asksAdmission: admission !== undefined,
      traces: hostTrace && {
        received: hostTrace.received !== undefined,
        sent: hostTrace.sent !== undefined,
        dropped: hostTrace.dropped !== undefined,
      },
    };
    const remote = attachRemote(remoteOptions, {
      onWake: () => this.#options.onWake(),
      onError: (error) => this.#options.onError(error),
      onFailure: (error) => this.#fail(error),
      onDiagnosis: doctor?.onDiagnosis,
      trace: hostTrace,
    });
    if ('code' in remote) {
      return this.#refuse(`no socket: ${remote.code} ${remote.message}`, GodotError.ERR_CANT_CREATE);
    }
    this.#host = remote;
    this.#counted = remote;
    this.#isSecured = start.secure !== undefined;
    return GodotError.OK;
  }

  /** Takes one event, as `ENetConnection.service()`. */
  service(): RemoteServiceEvent {
    for (let event = this.#host?.next(); event !== undefined; event = this.#host?.next()) {
      const translated = this.#translate(event);
      if (translated !== undefined) return translated;
    }
    return [ConnectionEventType.EVENT_NONE, null, 0, 0];
  }

  /** Selects the compression. */
  compress(mode: CompressionMode): void {
    this.#host?.compress(mode);
  }

  /** See {@link RemoteHost.setLoginTimeout}. */
  setLoginTimeout(timeoutMs: number): void {
    this.#host?.setLoginTimeout(timeoutMs);
  }

  /** The counters of the queues; `undefined` when there was no thread yet. */
  threadCounters(): ThreadCounters | undefined {
    return this.#counted?.counters();
  }

  /** What the host has counted, also after its end. */
  numbers(): RemoteNumbers {
    return this.#counted?.numbers() ?? NO_NUMBERS;
  }

  /** Opens or closes the door for new connections. */
  setOpen(isOpen: boolean): void {
    this.#host?.setOpen(isOpen);
  }

  /** As `ENetConnection.reloadCertificate`. */
  reloadCertificate(options: TLSOptions): GodotError {
    if (this.#host === undefined || !this.#isSecured) {
      return this.#refuse('reloadCertificate: there is no DTLS', GodotError.ERR_UNCONFIGURED);
    }
    if (!(options instanceof TLSOptions && options.isServer())) {
      return this.#refuse('options expected server options', GodotError.ERR_INVALID_PARAMETER);
    }
    const { key, certificate } = serverSecurity(options);
    const problem = this.#host.setCredentials(key, certificate);
    if (problem === undefined) return GodotError.OK;
    return this.#refuse(`reloadCertificate: ${problem.code} ${problem.message}`, GodotError.FAILED);
  }

  /** The numbers of DTLS; undefined on plain UDP, and in the first moment. */
  getDtlsCounters(): SecureCounters | undefined {
    return this.#host?.secureCounters;
  }

  /** Disconnects everybody at once and closes the socket. */
  destroy(): void {
    for (const peer of this.#peers.values()) peer.deactivate();
    this.#peers.clear();
    this.#host?.close();
    this.#host = undefined;
  }

  /** The bound UDP port; 0 when there is no thread. */
  getLocalPort(): number {
    return this.#host?.localPort ?? 0;
  }

  #translate(event: RemoteEvent): RemoteServiceEvent | undefined {
    if (event.type === RemoteEventType.ADMISSION) {
      const isAdmitted = this.#options.admission?.(event.address ?? NOWHERE, event.data) ?? true;
      // The application may have stopped the server.
      this.#host?.answerAdmission(event.slot, isAdmitted);
      return undefined;
    }
    if (event.type === RemoteEventType.CONNECT) {
      const host = this.#host;
      if (host === undefined) return undefined;
      const peer = new RemotePeer(host, event, this.#options.host.maxPacketSizeBytes ?? MAX_PACKET_BYTES);
      this.#peers.set(event.slot, peer);
      return [ConnectionEventType.EVENT_CONNECT, peer, event.data, 0];
    }
    const peer = this.#peers.get(event.slot);
    // A connection that was ended "now" on this side meanwhile.
    if (peer === undefined || peer.generation !== event.generation || !peer.isActive()) return undefined;
    switch (event.type) {
      case RemoteEventType.DISCONNECT:
        this.#peers.delete(event.slot);
        peer.deactivate(event.cause);
        return [ConnectionEventType.EVENT_DISCONNECT, peer, event.data, 0];
      case RemoteEventType.RECEIVE:
        peer.deliver(event.bytes, event.flags);
        return [ConnectionEventType.EVENT_RECEIVE, peer, 0, event.channel];
      case RemoteEventType.SEND_OVERFLOW:
        this.#options.onOverflow(peer);
        return undefined;
      default:
        peer.loginOverdue();
        return undefined;
    }
  }

  #fail(error: Error): void {
    for (const peer of this.#peers.values()) peer.deactivate(DisconnectCause.FAILURE);
    this.#peers.clear();
    this.#host = undefined;
    this.#options.onFailure(error);
  }

  #refuse(reason: string, error: GodotError): GodotError {
    this.#options.onTrace(`network thread: ${reason} (${godotErrorName(error)})`);
    return error;
  }
}

/** One connection in the other thread. */
export class RemotePeer {
  /** Which of the connections of its slot. */
  readonly generation: number;
  readonly #host: RemoteHost;
  readonly #slot: number;
  readonly #channels: number;
  readonly #ip: string;
  readonly #port: number;
  readonly #maxPacketBytes: number;
  readonly #fragmentBytes: number;
  #isActive = true;
  #cause: DisconnectCause | undefined;
  #isLeaving = false;
  #packet: Uint8Array | undefined;
  #packetFlags = 0;
  #onLoginTimeout: (() => void) | undefined;

  constructor(host: RemoteHost, connect: RemoteEvent, maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes;
    this.#host = host;
    this.#slot = connect.slot;
    this.generation = connect.generation;
    this.#channels = connect.channel;
    this.#ip = connect.address?.ip ?? '';
    this.#port = connect.address?.port ?? 0;
    this.#fragmentBytes = connect.fragmentBytes;
  }

  /** Whether the connection has not ended yet. */
  isActive(): boolean {
    return this.#isActive;
  }

  /** Why it has ended; undefined while it has not. */
  get disconnectCause(): DisconnectCause | undefined {
    return this.#cause;
  }

  /** STATE_CONNECTED, STATE_DISCONNECT_LATER or STATE_DISCONNECTED. */
  getState(): PeerState {
    if (!this.#isActive) return PeerState.STATE_DISCONNECTED;
    return this.#isLeaving ? PeerState.STATE_DISCONNECT_LATER : PeerState.STATE_CONNECTED;
  }

  /** How many channels it has; 0 after the end. */
  getChannels(): number {
    return this.#isActive ? this.#channels : 0;
  }

  /** The IP address, as Godot writes it. */
  getRemoteAddress(): string {
    return formatIpAddress(this.#ip);
  }

  /** The UDP port. */
  getRemotePort(): number {
    return this.#port;
  }

  /** One of the numbers of `PeerStatistic`; 0 for another one and after the end. */
  getStatistic(statistic: number): number {
    return this.#isActive ? (this.#host.statistic(this.#slot, this.generation, statistic) ?? 0) : 0;
  }

  /** How many bytes wait to be sent or acknowledged, with what is on its way to the thread. */
  get outgoingBytes(): number {
    return this.#host.waiting(this.#slot, this.generation).outgoingBytes;
  }

  /** How many received bytes the host holds back; some 20 ms old. */
  get waitingBytes(): number {
    return this.#host.waiting(this.#slot, this.generation).waitingBytes;
  }

  /** How the packet travelled that {@link RemotePeer.getPacket} gives. */
  getPacketFlags(): number {
    return this.#packetFlags;
  }

  /** Takes the received packet. */
  getPacket(): Uint8Array {
    const packet = this.#packet;
    this.#packet = undefined;
    return packet ?? new Uint8Array(0);
  }

  /**
   * Queues a packet whose bytes nobody changes any more.
   *
   * @returns `false` when the connection is ending, the packet is too large or the queue to the thread is full. What
   * the host there refuses afterwards only shows in the counters.
   */
  sendShared(channel: number, packet: Packet): boolean {
    const { length } = packet.bytes;
    if (!this.#isActive || this.#isLeaving || length > this.#maxPacketBytes) return false;
    const isUnreliable = (packet.flags & PacketFlag.UNRELIABLE_FRAGMENT) !== 0;
    if (!isUnreliable && length > this.#fragmentBytes * MAX_RELIABLE_FRAGMENTS) return false;
    return this.#host.send(this.#slot, this.generation, channel, packet.bytes, packet.flags);
  }

  /** Ends the connection at once, without an event. */
  peerDisconnectNow(data: number): void {
    if (!this.#isActive) return;
    this.#host.disconnectNow(this.#slot, this.generation, toUint32(data));
    this.deactivate();
  }

  /** Ends the connection when everything queued was acknowledged. */
  peerDisconnectLater(data: number): void {
    if (!this.#isActive || this.#isLeaving) return;
    this.#isLeaving = true;
    this.#host.disconnectLater(this.#slot, this.generation, toUint32(data));
  }

  /** Has the thread watch the time of the login (0 or less: no longer), and tell when it is over. */
  expectLogin(timeoutMs: number, onTimeout: () => void): void {
    this.#onLoginTimeout = onTimeout;
    if (this.#isActive) this.#host.expectLogin(this.#slot, this.generation, loginTimeoutOf(timeoutMs));
  }

  /** The peer has logged in. */
  loginDone(): void {
    this.#onLoginTimeout = undefined;
    if (this.#isActive) this.#host.loginDone(this.#slot, this.generation);
  }

  /** Takes a packet that arrived, for {@link RemotePeer.getPacket}. */
  deliver(bytes: Uint8Array, flags: number): void {
    this.#packet = bytes;
    this.#packetFlags = flags;
  }

  /** The thread has begun to disconnect, because no login came. */
  loginOverdue(): void {
    this.#onLoginTimeout?.();
  }

  /** The connection has ended; without a cause by this side. */
  deactivate(cause: DisconnectCause = DisconnectCause.LOCAL): void {
    this.#cause ??= cause;
    this.#isActive = false;
    this.#packet = undefined;
    this.#onLoginTimeout = undefined;
  }
}

/** A time for the thread: whole milliseconds, at most those of a timer; 0 or less is no limit. */
export function loginTimeoutOf(timeoutMs: number): number {
  return timeoutMs > 0 ? Math.min(Math.ceil(timeoutMs), MAX_TIMER_MS) : 0;
}

/** A login is expected, but it may take as long as it likes. */
export const NO_TIME_LIMIT: number = 0xffff_ffff;

/** All peers together shall not keep more than half a gigabyte waiting, but each of them a packet of some size. */
function waitingLimit(peerCount: number): number {
  return Math.min(MAX_PACKET_BYTES, Math.max(128 * 1024, Math.floor(MAX_WAITING_BYTES / peerCount)));
}

const NO_NUMBERS: RemoteNumbers = {
  statistics: NO_STATISTICS,
  drops: new Map(),
  refusals: new Map(),
  trackedAddresses: 0,
};
const NOWHERE: Address = { ip: '0.0.0.0', port: 0 };
const MAX_PORT = 65_535;
const MAX_PACKET_BYTES = 32 * 1024 * 1024;
const MAX_WAITING_BYTES = 512 * 1024 * 1024;
const MAX_TIMER_MS = 0x7fff_ffff;
