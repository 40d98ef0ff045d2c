/** What a multiplayer peer over ENet turned away, counted by reason. The names that ENetServer has, too, mean the same. */

/** The stable names of all reasons; docs/guide/production.md explains them. */
export const ENetRefusal = {
  /** A client while `refuseNewConnections` is set; it is told at once. */
  DRAINING: 'DRAINING',
  /** A CONNECT from an address in `deny`. */
  ADDRESS_DENIED: 'ADDRESS_DENIED',
  /** A CONNECT from an address that is not in `allow`. */
  ADDRESS_NOT_ALLOWED: 'ADDRESS_NOT_ALLOWED',
  /** A CONNECT above `connectsPerSec`. */
  CONNECT_RATE: 'CONNECT_RATE',
  /** A CONNECT above `connectsPerSecPerAddress`. */
  CONNECT_RATE_ADDRESS: 'CONNECT_RATE_ADDRESS',
  /** A CONNECT that `host.admit` refused. */
  NOT_ADMITTED: 'NOT_ADMITTED',
  /** A CONNECT without a free slot. */
  HOST_FULL: 'HOST_FULL',
  /** A CONNECT above `maxPeersPerAddress`. */
  TOO_MANY_FROM_ADDRESS: 'TOO_MANY_FROM_ADDRESS',
  /** A CONNECT above `maxHalfOpen` or `maxHalfOpenPerAddress`. */
  TOO_MANY_HALF_OPEN: 'TOO_MANY_HALF_OPEN',
  /** A client whose id is none that a client may have, or is taken; it is told at once. */
  PEER_ID: 'PEER_ID',
  /** An unreliable packet above `packetsPerSec` or `bytesPerSec`; it was dropped. */
  RATE_DROPPED: 'RATE_DROPPED',
  /** A reliable packet above these; the peer was disconnected. */
  RATE_EXCEEDED: 'RATE_EXCEEDED',
  /** An unreliable packet to a peer for which too much waits; it was refused. */
  QUEUE_DROPPED: 'QUEUE_DROPPED',
  /** A reliable packet to such a peer; the peer was disconnected. */
  QUEUE_OVERFLOW: 'QUEUE_OVERFLOW',
} as const;

/** One of the names of {@link ENetRefusal}. */
export type ENetRefusal = (typeof ENetRefusal)[keyof typeof ENetRefusal];
