/**
 * A host that runs elsewhere, in a thread of its own: what the layers above see of it, as interfaces only. `src/io`
 * implements them. docs/decisions/0004-network-thread.md.
 */

import type { Diagnosis, HostDoctorOptions } from '../doctor/index.ts';
import type {
  Address,
  ConnectRefusal,
  ConnectRules,
  DisconnectCause,
  DropReason,
  HostOptions,
  HostStatistics,
  HostTrace,
} from '../enet/index.ts';
import type { AttachError, BindOptions } from './hostPort.ts';
import type { SecureCounters, SecureOptions } from './secureTransport.ts';

/** Limits of the queues between the two threads. */
export interface ThreadLimits {
  /**
   * Size of each of the two rings of shared memory, in bytes: a power of two, 65536..1073741824. Default 4 MiB. Packets
   * larger than an eighth of it go beside the ring.
   */
  readonly ringBytes?: number;
  /**
   * Most bytes that may wait outside the rings in one direction: what the application has sent and the thread has not
   * taken (then sends fail), and large packets. Default 64 MiB.
   */
  readonly maxQueuedBytes?: number;
  /**
   * Most memory that the JavaScript heap of the thread may take, in MiB, 16..65536; a thread that needs more dies, and
   * that is reported. Default: V8's own limit.
   */
  readonly maxHeapMib?: number;
}

/** The defaults of {@link ThreadLimits}. */
export const DEFAULT_THREAD_LIMITS: Required<Omit<ThreadLimits, 'maxHeapMib'>> = {
  ringBytes: 4 * 1024 * 1024,
  maxQueuedBytes: 64 * 1024 * 1024,
};

/** What {@link Runtime.attachRemote} makes. Everything in it must survive a structured clone. */
export interface RemoteHostOptions extends ThreadLimits {
  /** The options of the host, without its functions. */
  readonly host: Omit<
    HostOptions,
    | 'random32'
    | 'compressor'
    | 'checksum'
    | 'intercept'
    | 'verifyTime'
    | 'trace'
    | 'doctor'
    | 'admit'
    | 'mayBegin'
  >;
  /** Where the socket is bound. */
  readonly bind: BindOptions;
  /** A `COMPRESS_*` mode from the beginning on. */
  readonly compression: number;
  /** See {@link RemoteHost.setLoginTimeout}. */
  readonly loginTimeoutMs: number;
  /** Goes ahead of the disconnect when a login does not come in time and the application does not react itself. */
  readonly loginTimeoutPacket?: Uint8Array | undefined;
  /** Who may connect and how fast. Default: everybody. */
  readonly rules?: ConnectRules | undefined;
  /** Whether the door is open in the beginning. Default `true`. */
  readonly isOpen?: boolean;
  /** Whether the application decides about each connection, see {@link RemoteHost.answerAdmission}. Default `false`. */
  readonly asksAdmission?: boolean;
  /** The checksum of both directions, by name. Default none. */
  readonly checksum?: 'crc32' | undefined;
  /** Whether {@link RemoteHostListener.onDiagnosis} gets something, and what stands behind the host. Default: no. */
  readonly doctor?: Omit<HostDoctorOptions, 'onDiagnosis'> | undefined;
  /** What {@link RemoteHostListener.trace} gets. Default: nothing. */
  readonly traces?: TraceChoice | undefined;
  /** DTLS from the beginning on. Default: plain UDP. */
  readonly secure?: SecureOptions;
}

/** The observations of a {@link HostTrace} that somebody wants. */
export type TraceChoice = { readonly [Name in keyof HostTrace]-?: boolean };

/** Who hears from a {@link RemoteHost}. None of the functions may throw. */
export interface RemoteHostListener {
  /** There is something to take with {@link RemoteHost.next}. */
  onWake(): void;
  /** Something went wrong that has no other place, e.g. a compression mode that does not exist there. */
  onError(error: Error): void;
  /** The thread has died. Its socket is closed, and nothing more comes from it. */
  onFailure(error: Error): void;
  /** Gets what the connection doctor found, some time later, when {@link RemoteHostOptions.doctor} asks for it. */
  readonly onDiagnosis?: ((diagnosis: Diagnosis) => void) | undefined;
  /** Gets the observations that {@link RemoteHostOptions.traces} asks for, some time later; the peer is never known. */
  readonly trace?: HostTrace | undefined;
}

/** The kinds of a {@link RemoteEvent}; the first three are those of a host. */
export const RemoteEventType = {
  /** A connection is complete. */
  CONNECT: 1,
  /** A connection has ended. */
  DISCONNECT: 2,
  /** A packet arrived. */
  RECEIVE: 3,
  /** The login did not come in time; the thread has begun to disconnect. */
  LOGIN_TIMEOUT: 4,
  /** Too much waits to be sent to the peer, so a reliable packet was lost; the thread has disconnected it. */
  SEND_OVERFLOW: 6,
  /** Somebody wants to connect, and the application decides: see {@link RemoteHost.answerAdmission}. */
  ADMISSION: 7,
} as const;

/** One of the numbers of {@link RemoteEventType}. */
export type RemoteEventType = (typeof RemoteEventType)[keyof typeof RemoteEventType];

/** What happened at a remote host. */
export interface RemoteEvent {
  /** What it is. */
  readonly type: RemoteEventType;
  /** The slot of the peer; ADMISSION: the number of the question. */
  readonly slot: number;
  /** Which of the connections of this slot. */
  readonly generation: number;
  /** The u32 of CONNECT, DISCONNECT and ADMISSION, else 0. */
  readonly data: number;
  /** CONNECT: how many channels; RECEIVE: the channel; else 0. */
  readonly channel: number;
  /** RECEIVE: the packet, owned by whoever took the event. */
  readonly bytes: Uint8Array;
  /** RECEIVE: the flags that tell how the packet travelled. */
  readonly flags: number;
  /** CONNECT and ADMISSION: where it comes from. */
  readonly address: Address | undefined;
  /** CONNECT: what fits into one datagram; packets above it are cut. Else 0. */
  readonly fragmentBytes: number;
  /** DISCONNECT: why. Else undefined. */
  readonly cause: DisconnectCause | undefined;
}

/** What a host counts, wherever it runs. */
export interface RemoteNumbers {
  /** The counters of `Host.statistics`. */
  readonly statistics: HostStatistics;
  /** What the host dropped, by reason; only reasons that occurred. */
  readonly drops: Map<DropReason, number>;
  /** Connections that the rules refused, by reason. */
  readonly refusals: Map<ConnectRefusal, number>;
  /** For how many addresses the connection rate is remembered. */
  readonly trackedAddresses: number;
}

/** What the queues between the threads have seen. All numbers count from the start of the thread. */
export interface ThreadCounters {
  /** How often the thread had to hold packets back because nobody took them. */
  readonly holds: number;
  /** Whether it does so now. */
  readonly isHolding: boolean;
  /** Packets that were dropped (unreliable) or left to be sent again (reliable) because too much waited at a peer. */
  readonly droppedWaiting: number;
  /** Connections that were refused because too many events, or too many questions to `admit`, waited. */
  readonly refusedConnects: number;
  /** Sends that were refused here because the queue to the thread was full. */
  readonly refusedSends: number;
  /** Sends that the host in the thread refused: the peer had left, or too much waited for it. */
  readonly failedPackets: number;
  /** Datagrams that the system refused to send. */
  readonly failedSends: number;
  /** Messages that woke the application's thread: one for many packets when there is much to do. */
  readonly wakes: number;
  /** Messages that woke the network thread. */
  readonly pings: number;
  /** Observations for `host.trace` that were lost, because they came faster than this thread took them. */
  readonly droppedTraces: number;
}

/** What waits at a peer, in bytes with ENet's overhead. */
export interface WaitingBytes {
  /** To be sent or acknowledged. */
  readonly outgoingBytes: number;
  /** Received, for the application or for missing packets. */
  readonly waitingBytes: number;
}

/** A host in a thread of its own. Calls are queued and done in their order. */
export interface RemoteHost {
  /** The bound UDP port. */
  readonly localPort: number;
  /** Takes the next event. When there is none, {@link RemoteHostListener.onWake} tells of the next one. */
  next(): RemoteEvent | undefined;
  /**
   * Queues a packet for one peer. The same bytes for several peers in a row cross once.
   *
   * @param bytes must not change afterwards.
   * @returns `false` when the queue is full.
   */
  send(slot: number, generation: number, channel: number, bytes: Uint8Array, flags: number): boolean;
  /** Disconnects when everything queued was acknowledged. */
  disconnectLater(slot: number, generation: number, data: number): void;
  /** Disconnects at once. No event follows. */
  disconnectNow(slot: number, generation: number, data: number): void;
  /**
   * Within how many milliseconds peers that connect from now on have to log in. 0: no login is expected, the limits for
   * strangers do not count; 0xffffffff: it may take any time. A peer that has sent
   * something that nobody has taken yet is not cut off: the delay is not its fault.
   */
  setLoginTimeout(timeoutMs: number): void;
  /** Starts that time for one peer for which it does not run yet; 0 ends it. */
  expectLogin(slot: number, generation: number, timeoutMs: number): void;
  /** The peer has logged in: no time limit any more, and not the limits for strangers of the host. */
  loginDone(slot: number, generation: number): void;
  /** Selects the compression, a `COMPRESS_*` mode. */
  compress(mode: number): void;
  /**
   * One of the numbers of Godot's `PeerStatistic`, at most some 20 ms old.
   *
   * @returns `undefined` when that connection is gone or the number is no statistic.
   */
  statistic(slot: number, generation: number, statistic: number): number | undefined;
  /**
   * What waits at a peer in either direction, in bytes; 0 for a connection that is gone. What waits to be received is some
   * 20 ms old, what waits to be sent at most a millisecond. What is on
   * its way to the thread is part of it.
   */
  waiting(slot: number, generation: number): WaitingBytes;
  /** Answers a {@link RemoteEventType.ADMISSION}. */
  answerAdmission(question: number, isAdmitted: boolean): void;
  /** Opens or closes the door for new connections. */
  setOpen(isOpen: boolean): void;
  /** A snapshot of the counters; after the end their last values. */
  counters(): ThreadCounters;
  /** What the host has counted; after the end the last values. */
  numbers(): RemoteNumbers;
  /**
   * As {@link HostPort.setCredentials}: the thread uses them some time later.
   *
   * @returns undefined, or what is wrong; then nothing changes.
   */
  setCredentials(key: string, certificate: string): AttachError | undefined;
  /** The numbers of DTLS, at most some 250 ms old; undefined on plain UDP and before the thread has told them first. */
  readonly secureCounters: SecureCounters | undefined;
  /**
   * Disconnects everybody at once and closes the socket. It is closed when this returns: the thread gets two seconds
   * for it, and is ended then.
   */
  close(): void;
}

/** Makes a {@link RemoteHost}: the facility of a runtime that has threads. */
export type AttachRemote = (
  options: RemoteHostOptions,
  listener: RemoteHostListener,
) => RemoteHost | AttachError;
