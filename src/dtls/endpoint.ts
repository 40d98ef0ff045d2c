/**
 * DTLS 1.2 under ENet, as an interface: what an endpoint needs from the world and what it gives. An endpoint has no
 * socket, no clock and no timer of its own. godot-enet-classes 6; RFC 6347.
 *
 * The transport owns one rule: after {@link DtlsEndpoint.receive}, {@link DtlsEndpoint.send} and
 * {@link DtlsEndpoint.service} it asks {@link DtlsEndpoint.nextWakeup} and calls `service` at that time.
 */

import type { Address } from '../enet/index.ts';
import { given } from '../enet/internal.ts';
import type { IdentityProblemCode } from './identity/identityError.ts';

/** What an endpoint needs from the world. */
export interface DtlsWorld {
  /** A monotonic clock in milliseconds that never wraps; fractions are fine (`Scheduler.time`). */
  now(): number;
  /** Sends one datagram. The bytes belong to the receiver of the call from then on. */
  transmit(datagram: Uint8Array, to: Address): void;
  /**
   * Takes the content of one authenticated record. The bytes belong to the receiver of the call; they may be empty.
   * Called from inside `receive`; calling the endpoint from here is allowed.
   */
  deliver(plaintext: Uint8Array, from: Address): void;
  /** Is told what becomes of sessions. Calling the endpoint from here is allowed. */
  onEvent?(event: DtlsEvent): void;
  /**
   * Strong random bytes: hello randoms and the secrets of cookies. Default `randomBytes` of node:crypto, from which the
   * ephemeral keys come in any case.
   */
  randomBytes?(size: number): Uint8Array;
}

/**
 * What became of a datagram given to {@link DtlsEndpoint.send}: `"sent"`; `"busy"`, lost because the handshake is under
 * way; `"unknown"`, lost because there is no session with that address; `"failed"`, lost because it is longer than
 * {@link MAX_PLAINTEXT_BYTES} or, with a client, because its only session has ended.
 */
export type DtlsSendResult = 'sent' | 'busy' | 'unknown' | 'failed';

/** Either end of DTLS. No method throws because of what came from the network. */
export interface DtlsEndpoint {
  /** Takes one datagram from the network. The bytes are not kept and not changed. */
  receive(datagram: Uint8Array, from: Address): void;
  /** Encrypts one datagram and transmits it, or says why not. The bytes are not kept and not changed. */
  send(plaintext: Uint8Array, to: Address): DtlsSendResult;
  /** Repeats what is due and ends what is overdue. Cheap when nothing is. */
  service(): void;
  /** When {@link DtlsEndpoint.service} must be called next, on the clock of {@link DtlsWorld.now}; undefined: never. */
  nextWakeup(): number | undefined;
  /** What happened so far. */
  readonly counters: DtlsCounters;
  /** Says goodbye (close_notify) on all sessions and forgets them. Later calls of any method do nothing. */
  close(): void;
}

/** The longest datagram that goes through a session, in bytes: one record. RFC 5246 6.2.1. */
export const MAX_PLAINTEXT_BYTES = 16_384;

/** What a session agreed on. */
export interface DtlsSessionInfo {
  /** The cipher suite by its IANA name. */
  readonly suite: string;
  /** The group of the key exchange, e.g. `"x25519"`. */
  readonly group: string;
  /** The scheme of the server's signature, e.g. `"ecdsa_secp256r1_sha256"`. */
  readonly signature: string;
  /** Whether the keys are bound to the whole handshake (RFC 7627). */
  readonly hasExtendedMasterSecret: boolean;
}

/** The codes of a {@link DtlsFailure}; docs/errors.md lists them. */
export type DtlsFailureCode =
  | IdentityProblemCode
  | 'ERR_DTLS_TIMEOUT'
  | 'ERR_DTLS_ALERT'
  | 'ERR_DTLS_PROTOCOL'
  | 'ERR_DTLS_NO_COMMON'
  | 'ERR_DTLS_SIGNATURE'
  | 'ERR_DTLS_FINISHED'
  | 'ERR_DTLS_EXHAUSTED';

/** Why a session came to nothing or broke. */
export interface DtlsFailure {
  /** The kind of failure. */
  readonly code: DtlsFailureCode;
  /** One line for a human: no secrets, no line breaks. */
  readonly message: string;
  /** The number of the alert that was sent or received; undefined when there was none. RFC 5246 7.2. */
  readonly alert: number | undefined;
}

/**
 * Why an open session ended: `"peer"` said goodbye, we did (`"local"`), the same address began a new session
 * (`"replaced"`), nobody used it (`"idle"`), or at once when somebody else needed its place (`"evicted"`), or it broke
 * (`"failed"`).
 */
export type DtlsCloseReason = 'peer' | 'local' | 'replaced' | 'idle' | 'evicted' | 'failed';

/** What becomes of sessions; a server's addresses have their number. Every `open` is followed by one `closed`; a `failed` was never open. */
export type DtlsEvent =
  | { readonly type: 'open'; readonly address: Address; readonly info: DtlsSessionInfo }
  | { readonly type: 'failed'; readonly address: Address; readonly failure: DtlsFailure }
  | {
      readonly type: 'closed';
      readonly address: Address;
      readonly reason: DtlsCloseReason;
      /** Set when the reason is `"failed"`. */
      readonly failure: DtlsFailure | undefined;
    };

/** Why a datagram, a record or a piece of a handshake was thrown away. */
export const DTLS_DROP_REASONS = [
  'malformed',
  'version',
  'epoch',
  'replay',
  'authentication',
  'unknownPeer',
  'unexpected',
  'plaintextAlert',
  'earlyData',
  'earlyFull',
  'fragment',
  'tooManyRecords',
  'refused',
  'notAdmitted',
  'hostFull',
  'sessionsFull',
  'sessionsOfAddressFull',
  'handshakesFull',
  'handshakesOfAddressFull',
  'handshakeRate',
  'handshakeRateOfAddress',
  'handshakeTime',
  'evicted',
] as const;

/** One of {@link DTLS_DROP_REASONS}. */
export type DtlsDropReason = (typeof DTLS_DROP_REASONS)[number];

/** Counts since the endpoint was made. Read-only views of live numbers. */
export interface DtlsCounters {
  /** Sessions that are open now. */
  readonly openSessions: number;
  /** Handshakes that are under way now. */
  readonly handshakes: number;
  /** Handshakes that were completed. */
  readonly opened: number;
  /** Handshakes that came to nothing. */
  readonly failed: number;
  /** Hellos that were answered with a cookie, without keeping anything. */
  readonly cookiesSent: number;
  /** Flights that were sent once more. */
  readonly retransmissions: number;
  /** What was thrown away, by reason. */
  readonly dropped: Readonly<Record<DtlsDropReason, number>>;
}

/** The limits of a session's handshake, both roles. */
export interface DtlsHandshakeLimits {
  /** Longest datagram of the handshake, in bytes of UDP payload, 200..16384. Default 1200. */
  readonly mtuBytes: number;
  /** First wait before a flight is repeated, in ms; it doubles. Default 1000 (RFC 6347 4.2.4.1). */
  readonly retransmitMs: number;
  /** Longest wait before a flight is repeated, in ms. Default 60000. */
  readonly maxRetransmitMs: number;
  /** How long a handshake may take, in ms. Default 30000 for a server and 60000 for a client. */
  readonly handshakeMs: number;
}

/** The limits of a server. */
export interface DtlsServerLimits extends DtlsHandshakeLimits {
  /** Open sessions and handshakes together. Default 4096: an ENet host has at most 4095 peers. */
  readonly maxSessions: number;
  /** The same of one address (IPv6: of its first 64 bits, here and below). Default: half of `maxSessions`. */
  readonly maxSessionsPerIp: number;
  /** Handshakes under way. Default 256. */
  readonly maxHandshakes: number;
  /** Handshakes under way from one address. Default 16. */
  readonly maxHandshakesPerIp: number;
  /** Handshakes that may begin per second. Default 1000. */
  readonly handshakesPerSec: number;
  /** The same at once. Default 1000. */
  readonly handshakeBurst: number;
  /** Handshakes that may begin per second from one address. Default 20. */
  readonly handshakesPerSecPerIp: number;
  /** The same at once. Default 64. */
  readonly handshakeBurstPerIp: number;
  /** An open session that nobody used for so long is closed, in ms. Default 60000: twice the patience of ENet. */
  readonly idleMs: number;
  /** How long a secret makes cookies, in ms. A cookie holds for one to two times as long. Default 30000. */
  readonly cookieSecretMs: number;
}

/** The defaults of {@link DtlsServerLimits}. */
export const DTLS_SERVER_LIMITS: DtlsServerLimits = {
  mtuBytes: 1200,
  retransmitMs: 1000,
  maxRetransmitMs: 60_000,
  handshakeMs: 30_000,
  maxSessions: 4096,
  maxSessionsPerIp: 2048,
  maxHandshakes: 256,
  maxHandshakesPerIp: 16,
  handshakesPerSec: 1000,
  handshakeBurst: 1000,
  handshakesPerSecPerIp: 20,
  handshakeBurstPerIp: 64,
  idleMs: 60_000,
  cookieSecretMs: 30_000,
};

/** The defaults of a client. */
export const DTLS_CLIENT_LIMITS: DtlsHandshakeLimits = {
  mtuBytes: 1200,
  retransmitMs: 1000,
  maxRetransmitMs: 60_000,
  handshakeMs: 60_000,
};

/**
 * The cipher suites by their numbers, the preferred first: AES-128-GCM is the cheapest for Node, ChaCha20-Poly1305 the
 * kindest to phones without AES instructions.
 */
export const DTLS_SUITES: readonly number[] = [0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030];

/**
 * Takes the given limits over the defaults.
 *
 * @throws RangeError naming the first limit that is out of range.
 */
export function checkLimits<Limits extends DtlsHandshakeLimits>(
  defaults: Limits,
  own: Partial<Limits> = {},
): Limits {
  const limits = { ...defaults, ...given(own) };
  for (const [name, value] of Object.entries<unknown>({ ...limits })) {
    const isMtu = name === 'mtuBytes';
    const min = isMtu ? 200 : 1;
    const max = isMtu ? 16_384 : Number.MAX_SAFE_INTEGER;
    if (!isIntegerIn(value, min, max)) {
      throw new RangeError(`"${name}" expected integer ${min}..${max}, got ${String(value)}`);
    }
  }
  return limits;
}

/**
 * As {@link checkLimits} for a server.
 *
 * @throws RangeError naming the first limit that is out of range.
 */
export function checkServerLimits(given: Partial<DtlsServerLimits> = {}): DtlsServerLimits {
  const { maxSessions = DTLS_SERVER_LIMITS.maxSessions } = given;
  return checkLimits({ ...DTLS_SERVER_LIMITS, maxSessionsPerIp: Math.ceil(maxSessions / 2) }, given);
}

/**
 * Checks a list of cipher suites.
 *
 * @throws RangeError when it is empty, or names one that is not in {@link DTLS_SUITES}.
 */
export function checkSuites(suites: readonly number[] = DTLS_SUITES): readonly number[] {
  const isKnown = suites.length > 0 && suites.every((suite) => DTLS_SUITES.includes(suite));
  if (isKnown) return [...new Set(suites)];
  throw new RangeError(`"suites" expected some of ${DTLS_SUITES.join(', ')}, got ${JSON.stringify(suites)}`);
}

function isIntegerIn(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
