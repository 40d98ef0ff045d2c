/** What a server turned away, counted by reason. */

/** The stable names of all reasons; docs/guide/production.md explains them. */
export const RefusalReason = {
  /** A CONNECT while the server takes nobody (drain). */
  DRAINING: 'DRAINING',
  /** A CONNECT from an address in `deny`. */
  ADDRESS_DENIED: 'ADDRESS_DENIED',
  /** A CONNECT from an address that is not in `allow`. */
  ADDRESS_NOT_ALLOWED: 'ADDRESS_NOT_ALLOWED',
  /** A CONNECT above `connectsPerSec`. */
  CONNECT_RATE: 'CONNECT_RATE',
  /** A CONNECT above `connectsPerSecPerAddress`. */
  CONNECT_RATE_ADDRESS: 'CONNECT_RATE_ADDRESS',
  /** A CONNECT that the application's `admit` refused. */
  NOT_ADMITTED: 'NOT_ADMITTED',
  /** A CONNECT without a free slot. */
  HOST_FULL: 'HOST_FULL',
  /** A CONNECT above `maxPeersPerAddress`. */
  TOO_MANY_FROM_ADDRESS: 'TOO_MANY_FROM_ADDRESS',
  /** A CONNECT above `maxHalfOpen` or `maxHalfOpenPerAddress`. */
  TOO_MANY_HALF_OPEN: 'TOO_MANY_HALF_OPEN',
  /** A peer that sent too much, or too fast, before it was authenticated. */
  PRE_LOGIN_DATA: 'PRE_LOGIN_DATA',
  /** A login packet that is no Dictionary; the peer was rejected. */
  LOGIN_FORMAT: 'LOGIN_FORMAT',
  /** A login packet beyond `maxLoginAttempts`; it was dropped. */
  LOGIN_ATTEMPTS: 'LOGIN_ATTEMPTS',
  /** A peer that did not authenticate in time. */
  LOGIN_TIMEOUT: 'LOGIN_TIMEOUT',
  /** A peer that the application or its authenticator rejected. */
  REJECTED: 'REJECTED',
  /** An unreliable packet above `packetsPerSec` or `bytesPerSec`; it was dropped. */
  RATE_DROPPED: 'RATE_DROPPED',
  /** A reliable packet above these; the peer was disconnected. */
  RATE_EXCEEDED: 'RATE_EXCEEDED',
  /** An unreliable packet to a peer whose queue is full; it was dropped. */
  QUEUE_DROPPED: 'QUEUE_DROPPED',
  /** A reliable packet to a peer whose queue is full; the peer was disconnected. */
  QUEUE_OVERFLOW: 'QUEUE_OVERFLOW',
  /** An event whose payload its schema refused; no handler saw it. */
  EVENT_INVALID: 'EVENT_INVALID',
} as const;

/** One of the names of {@link RefusalReason}. */
export type RefusalReason = (typeof RefusalReason)[keyof typeof RefusalReason];
