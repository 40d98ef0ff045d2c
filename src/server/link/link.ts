/**
 * What a server needs of a network, whatever that is. `inlineLink` is the ENet host in this thread, `threadLink` one in a
 * thread of its own (docs/decisions/0004-network-thread.md); another one is a file of its own and a line in `transports.ts`.
 */
import type { DisconnectCause, Packet } from '../../enet/index.ts';
import type { CompressionMode, GodotError, PeerState, TLSOptions } from '../../godot/index.ts';
import type { Runtime, SecureCounters } from '../../runtime/index.ts';
import type { Admission, ServerHostOptions } from '../createOps.ts';
import type { ENetServerOptions } from '../options.ts';
import type { ServerOps, WatchedHost } from '../serverOps.ts';
import type { ErrorReporter } from '../signals.ts';

/** A kind of network. */
export interface Transport {
  /** @throws TypeError or RangeError for options of a server that this network cannot honour. */
  check(options: ENetServerOptions): void;
  /**
   * Opens the network. Events, wakes and failures come after this has returned.
   *
   * @returns Godot's error number, after a trace line, when there is none to be had.
   */
  open(request: LinkRequest, listener: LinkListener): ServerLink | GodotError;
}

/** What a network is opened for. */
export interface LinkRequest {
  /** The options of the server, with the key and certificate of now. */
  readonly options: ENetServerOptions;
  readonly runtime: Runtime;
  /** Limits of the host, and what the application gives to it directly. */
  readonly hostOptions: ServerHostOptions;
  /** Who may connect and how fast (`rules`), and whether the door is open. */
  readonly ops: ServerOps;
  /** The application's decision about a connection, before it takes a slot; `undefined`: everybody is let in. */
  readonly admission: Admission | undefined;
  /** Takes an error that has no other place. */
  readonly report: ErrorReporter;
  /** Takes the explanation of a refused call. */
  readonly trace: (line: string) => void;
  /** A literal address, or `"*"`. */
  readonly bindAddress: string;
  readonly port: number;
  readonly maxPeers: number;
  readonly maxChannels: number;
  /** The compression to begin with. */
  readonly compression: CompressionMode;
  /** See {@link ServerLink.setLoginTimeout}. */
  readonly loginTimeoutMs: number;
  /** What tells a peer that its login came too late, for a network that has to end a login by itself. */
  readonly loginTimeoutPacket: Uint8Array | undefined;
}

/** Who hears from a network. Nothing of it throws. */
export interface LinkListener {
  /** There may be events to take. Once is enough for all that wait: they are taken until there is none. */
  onWake(): void;
  /** A reliable packet for this peer was lost behind {@link PeerLink.sendShared}; its connection has ended. */
  onOverflow(peer: PeerLink): void;
  /** The network has died; nothing comes from it any more. */
  onFailure(error: Error): void;
}

/** One event: a connection (with the remote's number), its end (the same) or a packet, which the peer has; or none. */
export type LinkEvent<Peer = PeerLink> =
  | [type: 1 | 2 | 3, peer: Peer, data: number, channel: number]
  | [type: -1 | 0, peer: null, data: number, channel: number];

/** An open network: the connections of a server. */
export interface ServerLink extends WatchedHost {
  /**
   * Takes one event, as `ENetConnection.service()`. A packet changes hands here: {@link PeerLink.getPacket} gives the one of the
   * event that came out last, however many wait.
   */
  service(): LinkEvent;
  /** The port to which it is bound. */
  getLocalPort(): number;
  /** Selects the compression from now on. */
  compress(mode: CompressionMode): void;
  /** Within how many milliseconds whoever connects from now on has to log in; see `RemoteHost.setLoginTimeout`. */
  setLoginTimeout(timeoutMs: number): void;
  /** As `ENetConnection.reloadCertificate`. */
  reloadCertificate(options: TLSOptions): GodotError;
  /** The numbers of DTLS; undefined without it. */
  getDtlsCounters(): SecureCounters | undefined;
  /** Disconnects everybody at once, handshakes that are not finished included, and closes the network. */
  destroy(): void;
}

/** One connection of a server. It stays readable after its end. */
export interface PeerLink {
  /** Whether the connection has not ended yet. */
  isActive(): boolean;
  /** Why it has ended; undefined while it has not. */
  readonly disconnectCause: DisconnectCause | undefined;
  /** STATE_CONNECTED until one of the two ends it. */
  getState(): PeerState;
  /** How many channels it has; 0 once it is ending. */
  getChannels(): number;
  /** The IP address, as Godot writes it. */
  getRemoteAddress(): string;
  /** The UDP port. */
  getRemotePort(): number;
  /** One of the numbers of `PeerStatistic`; 0 for another one and after the end. */
  getStatistic(statistic: number): number;
  /** How many bytes wait to be sent or acknowledged. */
  readonly outgoingBytes: number;
  /** How many received bytes the host holds back. */
  readonly waitingBytes: number;
  /** The cipher suite of its DTLS session; undefined without DTLS and after the end. Missing where the network does not tell. */
  readonly dtlsSuite?: string | undefined;
  /** How the packet travelled that {@link PeerLink.getPacket} gives. */
  getPacketFlags(): number;
  /** Takes the packet of the event that was taken last. It belongs to the caller. */
  getPacket(): Uint8Array;
  /** Queues a packet whose bytes nobody changes any more. @returns `false` when it is refused. */
  sendShared(channel: number, packet: Packet): boolean;
  /** Ends the connection at once, without an event. */
  peerDisconnectNow(data: number): void;
  /** Ends the connection when everything queued was acknowledged. */
  peerDisconnectLater(data: number): void;
  /** The peer has logged in: the limits for strangers no longer count. */
  loginDone(): void;
  /**
   * Lets the network watch the time of a login (0 or less: it may take any), where it can do so while this thread is busy.
   *
   * @returns `false` when it cannot.
   */
  watchLogin(timeoutMs: number, onTimeout: () => void): boolean;
}
