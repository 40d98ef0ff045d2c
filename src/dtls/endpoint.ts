/**
 * DTLS 1.2 under ENet, as an interface: what an endpoint needs from the world and what it gives. An endpoint has no
 * socket, no clock and no timer of its own. godot-enet-classes 6; RFC 6347.
 *
 * The transport owns one rule: after {@link DtlsEndpoint.receive}, {@link DtlsEndpoint.send} and
 * {@link DtlsEndpoint.service} it asks {@link DtlsEndpoint.nextWakeup} and calls `service` at that time.
 */

import type { Address } from '../enet/index.ts';
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
  /** Takes a line for each session with which whoever has it can read that session (`keyLogLine.ts`). Default: none is made. */
  readonly logKeys?: ((line: string) => void) | undefined;
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
