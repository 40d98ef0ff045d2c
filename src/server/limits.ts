/** The limits of a server: how fast, how many and how large. Our addition; section 8 rows 31 and 32 ask for it. */
import { checkLimitNumbers, given } from '../../options/internal.ts';
import type { ConnectionHostOptions } from '../godot/index.ts';
import { CLIENT_LIMIT_DEFAULTS, limitedHost } from '../godot/internal.ts';

/**
 * Limits against hostile and broken clients. Every rate has a burst: what may come at once after a pause. A rate of 0
 * means no limit. "Address" is an IPv4 address or the first 64 bits of an IPv6 address, unless said otherwise.
 */
export interface ServerLimits {
  /** New connections per second, from everywhere. Default 1000. */
  readonly connectsPerSec: number;
  /** New connections at once, from everywhere. Default 4095. */
  readonly connectBurst: number;
  /** New connections per second from one address. Default 50. */
  readonly connectsPerSecPerAddress: number;
  /** New connections at once from one address. Default 200. */
  readonly connectBurstPerAddress: number;
  /** For how many addresses the rate is remembered; the memory of the limiter. Default 65536. */
  readonly maxTrackedAddresses: number;
  /** Connections at once from one IP address (the whole address). Default 4095: no limit. */
  readonly maxPeersPerAddress: number;
  /** Unfinished handshakes at once. Default 1024. */
  readonly maxHalfOpen: number;
  /**
   * Unfinished handshakes at once from one IP address (the whole address). Default 256. Where fewer slots are free, an
   * address that has more of them than a newcomer's gives way, see `host.halfOpenGraceMs`.
   */
  readonly maxHalfOpenPerAddress: number;
  /** Packets per second from one peer before it is authenticated. One more and it is rejected. Default 32. */
  readonly preLoginPacketsPerSec: number;
  /** The same at once. Default 64. */
  readonly preLoginPacketBurst: number;
  /** Bytes per second from one peer before it is authenticated. More and it is rejected. Default 32768. */
  readonly preLoginBytesPerSec: number;
  /** The same at once. Default 65536. */
  readonly preLoginByteBurst: number;
  /** Largest packet before authentication, in bytes. A larger one is not even put together. Default 16384. */
  readonly maxPreLoginPacketBytes: number;
  /**
   * Packets per second from one authenticated peer. What is above it is dropped when it is unreliable; when it is
   * reliable the peer is disconnected. Default 5000.
   */
  readonly packetsPerSec: number;
  /** The same at once. Default 20000. */
  readonly packetBurst: number;
  /** Bytes per second from one authenticated peer, with the same policy. Default 4 MiB. */
  readonly bytesPerSec: number;
  /** The same at once. Default 32 MiB. */
  readonly byteBurst: number;
  /** Largest packet in either direction, in bytes. Default 8 MiB. */
  readonly maxPacketBytes: number;
  /**
   * Bytes that may wait to be sent to one peer or to be acknowledged by it. Above it unreliable packets are dropped
   * (the call returns 1); a reliable one disconnects the peer. Default 16 MiB.
   */
  readonly maxQueuedBytes: number;
}

/** The defaults of {@link ServerLimits}. */
export const SERVER_LIMIT_DEFAULTS: ServerLimits = {
  ...CLIENT_LIMIT_DEFAULTS,
  maxPeersPerAddress: 4095,
  preLoginPacketsPerSec: 32,
  preLoginPacketBurst: 64,
  preLoginBytesPerSec: 32_768,
  preLoginByteBurst: 65_536,
  maxPreLoginPacketBytes: 16_384,
  maxPacketBytes: 8 * 1024 * 1024,
  maxQueuedBytes: 16 * 1024 * 1024,
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a number out of range or a name that is none; TypeError for what is no object.
 */
export function checkLimits(own: Partial<ServerLimits> | undefined): ServerLimits {
  return checkLimitNumbers('limits', SERVER_LIMIT_DEFAULTS, own);
}

/** What the ENet host has to know. Options that the application gives to the host itself win. */
export function hostLimits(
  limits: ServerLimits,
  maxPreLoginBytes: number,
  own: ConnectionHostOptions,
): ConnectionHostOptions {
  return {
    ...limitedHost({ ...limits, maxBacklogBytes: limits.maxQueuedBytes }, {}),
    initialMaxPacketSizeBytes: limits.maxPreLoginPacketBytes,
    // One packet more than the limit always fits, so that the server sees that it is exceeded.
    initialMaxWaitingBytes: 2 * (maxPreLoginBytes + limits.maxPreLoginPacketBytes),
    ...given(own),
  };
}
