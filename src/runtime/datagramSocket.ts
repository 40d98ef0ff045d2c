/**
 * What lies below a {@link HostPort}: a bound UDP socket that works in batches, and the clock and timers beside it.
 * Implemented over node:dgram, over recvmmsg/sendmmsg, and by the virtual network.
 */
import type { Address, Datagram } from '../enet/index.ts';
import type { AttachError, Timer } from './index.ts';

/** Takes datagrams; a `Host` is one. */
export interface DatagramSink {
  /** Takes one datagram. The bytes stay unchanged until the next {@link DatagramSocket.receive}. */
  receive(bytes: Uint8Array, from: Address): void;
}

/**
 * A bound UDP socket. No method throws because of the network: a datagram that cannot be sent is counted and lost
 * (docs/protocol/enet-protocol 12.2 K).
 */
export interface DatagramSocket {
  /** The bound address with its real port. */
  readonly localAddress: Address;
  /** Datagrams that could not be sent so far. */
  readonly failedSends: number;
  /** Datagrams that arrived and were thrown away: longer than 4096 bytes, or the waiting queue was full. */
  readonly droppedDatagrams: number;
  /** Sends a batch in order. The bytes belong to the socket from then on; the array itself is not kept. */
  send(batch: readonly Datagram[]): void;
  /**
   * Hands over datagrams that arrived, oldest first.
   *
   * @param limit how many at most.
   * @returns how many; `limit` means that there may be more.
   */
  receive(limit: number, sink: DatagramSink): number;
  /** Does what a transport above UDP has to do by the time, e.g. repeat a handshake. Missing: never anything. */
  service?(): void;
  /** Whole milliseconds to the next call of `service`; undefined: none is needed. */
  nextWakeup?(): number | undefined;
  /** Why no connection can come about over this socket any more; undefined while it can. */
  readonly failure?: Error | undefined;
  /**
   * Connects the socket in the system's sense, for good: it takes datagrams of that address alone, and the system tells of
   * its ICMP messages. Where the system refuses, nothing changes. Missing: it cannot.
   *
   * @param onRefused called, also from inside other methods, each time the system says that nobody listens there.
   */
  connect?(to: Address, onRefused: () => void): void;
  /** Takes datagrams of up to 18,445 bytes from now on; before, 4096 is the most. Missing: it always does. */
  takeLongDatagrams?(): void;
  /** Closes the socket. Later calls do nothing. */
  close(): void;
}

/** Who has peers; a `Host` does. */
export interface PeerSource {
  /** DTLS server: a session has ended, and with it the peers at its address. Missing: it has none that could. */
  sessionEnded?(address: Address): void;
  /** Whether there is a peer at an address, session included. Missing: nobody knows. */
  hasPeerAt?(address: Address): boolean;
  /** DTLS server: whether an address may begin a handshake, by rules about addresses. Missing: every address may. */
  mayBegin?(from: Address): boolean;
  /** DTLS server: whether there is room for one more peer. Missing: there always is. */
  hasRoom?(): boolean;
  /** The peers that are in any use. Missing: nobody knows. */
  peers?(): Iterable<PeerPlace>;
  /** DTLS: a datagram of no known sender came that is no DTLS. Only read, and not kept. Missing: nobody wants to know. */
  receivedPlain?(now: number, bytes: Uint8Array, from: Address): void;
}

/** Where a peer is. */
export interface PeerPlace {
  /** Its address. */
  readonly address: Address;
}

/** Clock and timers of one world. */
export interface Scheduler {
  /** The clock that hosts see: milliseconds, u32, wraps, starts at 1000 or later. */
  now(): number;
  /** The same clock, but without wrap and with fractions: for deadlines. */
  time(): number;
  /** Calls `callback` once after `delayMs` milliseconds. */
  startTimer(delayMs: number, callback: () => void): Timer;
  /** By how many ms a timer for a deadline of a host may be late, so that one serves many. Missing: by none. */
  readonly slackMs?: number;
  /** Calls `callback` once, after what runs now and the I/O of this turn have been dealt with. */
  defer(callback: () => void): Timer;
}

/** Longest datagram that ENet takes, in bytes. docs/protocol/enet-protocol 1.5. */
export const MAX_DATAGRAM_BYTES = 4096;

/**
 * Longest datagram that a socket under DTLS takes, in bytes: the longest record with its header (RFC 5246 6.2.3). Servers
 * on mbedTLS send a flight of that size, with its certificates, in one datagram when nobody has told them an MTU.
 */
export const MAX_LONG_DATAGRAM_BYTES: number = 13 + 2 ** 14 + 2048;

/** Whether the result of opening something is the error. */
export function isAttachError(result: object | AttachError): result is AttachError {
  return 'code' in result && 'message' in result;
}

/** An {@link AttachError} from a thrown value. */
export function toAttachError(error: unknown): AttachError {
  if (!(error instanceof Error)) {
    return { code: 'EIO', message: String(error) };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
  return { code: code.startsWith('ERR_') ? 'EINVAL' : code, message: error.message };
}
