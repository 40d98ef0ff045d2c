/** The limits of a multiplayer peer over ENet as a server: how many, how fast, how much. Ours; Godot has none. */
import { checkLimitNumbers, given } from '../../../options/internal.ts';
import { CLIENT_LIMIT_DEFAULTS } from '../clientLimits.ts';
import type { ConnectionHostOptions } from '../connectionOptions.ts';

/**
 * Limits against hostile and broken clients; those of `ServerLimits` that are not about logins. Every rate has a burst: what may come at
 * once after a pause. A rate of 0 means no limit. "Address" is an IPv4 address or the first 64 bits of an IPv6 address.
 */
export interface MultiplayerPeerLimits {
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
  /** Connections at once from one address. Default 4095: no limit. */
  readonly maxPeersPerAddress: number;
  /** Unfinished handshakes at once. Default 1024. */
  readonly maxHalfOpen: number;
  /** Unfinished handshakes at once from one address, see `host.halfOpenGraceMs`. Default 256. */
  readonly maxHalfOpenPerAddress: number;
  /** Packets per second from one peer. What is above it is dropped when it is unreliable; when it is reliable the peer is disconnected. Default 5000. */
  readonly packetsPerSec: number;
  /** The same at once. Default 20000. */
  readonly packetBurst: number;
  /** Bytes per second from one peer, with the same policy. Default 4 MiB. */
  readonly bytesPerSec: number;
  /** The same at once. Default 32 MiB. */
  readonly byteBurst: number;
  /** Largest packet in either direction, in bytes; reliable ones end a little below (`host.maxPacketSizeBytes`). Default 32 MiB. */
  readonly maxPacketBytes: number;
  /**
   * Bytes that may wait to be sent to one peer or to be acknowledged by it. Above it unreliable packets are refused; a reliable one
   * disconnects the peer. Default 64 MiB.
   */
  readonly maxBacklogBytes: number;
}

/** The defaults of {@link MultiplayerPeerLimits}. */
export const MULTIPLAYER_PEER_LIMIT_DEFAULTS: MultiplayerPeerLimits = {
  ...CLIENT_LIMIT_DEFAULTS,
  maxPeersPerAddress: 4095,
  maxPacketBytes: 32 * 1024 * 1024,
  maxBacklogBytes: 64 * 1024 * 1024,
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a number out of range or a name that is none; TypeError for what is no object.
 */
export function checkPeerLimits(own: Partial<MultiplayerPeerLimits> | undefined): MultiplayerPeerLimits {
  return checkLimitNumbers('limits', MULTIPLAYER_PEER_LIMIT_DEFAULTS, own);
}

/** What the ENet host has to know. Options that the application gives to the host itself win. */
export function limitedHost(
  limits: Pick<
    MultiplayerPeerLimits,
    'maxPacketBytes' | 'maxBacklogBytes' | 'maxPeersPerAddress' | 'maxHalfOpen' | 'maxHalfOpenPerAddress'
  >,
  own: ConnectionHostOptions,
): ConnectionHostOptions & { readonly maxPacketSizeBytes: number; readonly maxOutgoingBytes: number } {
  return {
    maxPacketSizeBytes: limits.maxPacketBytes,
    maxOutgoingBytes: limits.maxBacklogBytes,
    maxPeersPerAddress: limits.maxPeersPerAddress,
    maxHalfOpen: limits.maxHalfOpen,
    maxHalfOpenPerAddress: limits.maxHalfOpenPerAddress,
    ...given(own),
  };
}
