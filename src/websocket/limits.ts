/** The limits of a WebSocketMultiplayerPeer: how fast, how many and how much. */
import { checkLimitNumbers } from '../../options/internal.ts';
import { CLIENT_LIMIT_DEFAULTS } from '../godot/internal.ts';

/**
 * Limits against hostile and broken clients of a server; those of messages and memory hold for a client, too. Every rate has a
 * burst: what may come at once after a pause. A rate of 0 means no limit. "Address" is an IPv4 address or the first 64 bits of
 * an IPv6 address; behind a proxy see the option `clientAddress`.
 */
export interface WebSocketLimits {
  /** Clients at once. Default 4095. */
  readonly maxPeers: number;
  /** Clients at once from one address. Default 256. */
  readonly maxPeersPerAddress: number;
  /** New connections per second, from everywhere. Default 1000. */
  readonly connectsPerSec: number;
  /** New connections at once, from everywhere. Default 4095. */
  readonly connectBurst: number;
  /** New connections per second from one address. Default 50. */
  readonly connectsPerSecPerAddress: number;
  /** New connections at once from one address. Default 200. */
  readonly connectBurstPerAddress: number;
  /** For how many addresses the rate is remembered. Default 65536. */
  readonly maxTrackedAddresses: number;
  /** TCP connections at once that are no WebSockets yet; only with a port of its own. Default 1024. */
  readonly maxHalfOpen: number;
  /** The same from one address. Default 256. */
  readonly maxHalfOpenPerAddress: number;
  /** Messages, pings and pongs per second from one client; more and it is disconnected. Default 5000. */
  readonly packetsPerSec: number;
  /** The same at once. Default 20000. */
  readonly packetBurst: number;
  /** Bytes of messages per second from one client; more and it is disconnected. Default 4 MiB. */
  readonly bytesPerSec: number;
  /** The same at once. Default 32 MiB. */
  readonly byteBurst: number;
  /**
   * Bytes that may wait to be taken by one receiver (`bufferedAmount`), from the packet on that would make it more. Default
   * 1 MiB. What happens then says the option `whenBacklogged`.
   */
  readonly maxBacklogBytes: number;
  /**
   * Received bytes of one sender that may wait for `poll()`; a message counts 384 bytes more than it has. Above it nothing is read
   * from that sender until the next `poll()`: TCP holds it back, and nothing is lost. Default 1 MiB.
   */
  readonly maxWaitingBytes: number;
  /**
   * The same of all senders together. Above it nothing is read from anybody, or from who comes then no more than its first message, until a
   * `poll()` leaves half of it at most. A message that is not complete counts nowhere: each connection may hold one of up to
   * `inboundBufferSize`. Default 64 MiB.
   */
  readonly maxWaitingBytesInAll: number;
}

/** The defaults of {@link WebSocketLimits}. */
export const WEBSOCKET_LIMIT_DEFAULTS: WebSocketLimits = {
  ...CLIENT_LIMIT_DEFAULTS,
  maxPeers: 4095,
  maxPeersPerAddress: 256,
  maxBacklogBytes: 1024 * 1024,
  maxWaitingBytes: 1024 * 1024,
  maxWaitingBytesInAll: 64 * 1024 * 1024,
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a number out of range or a name that is none; TypeError for what is no object.
 */
export function checkWebSocketLimits(own: Partial<WebSocketLimits> | undefined): WebSocketLimits {
  return checkLimitNumbers('limits', WEBSOCKET_LIMIT_DEFAULTS, own);
}
