/**
 * What the layers above say about DTLS, as interfaces only; `src/dtls` implements them. Everything here survives a
 * structured clone, so that it can cross to a network thread. godot-enet-classes 6.
 */
import type { SecureLimits } from './secureLimits.ts';

/** DTLS in the role of the server. */
export interface SecureServerOptions {
  /** This end accepts connections. */
  readonly role: 'server';
  /** The private key, PEM, not encrypted. */
  readonly key: string;
  /** The certificate and its intermediates, PEM. */
  readonly certificate: string;
  /** Limits; each has a default. */
  readonly limits?: SecureLimits;
}

/** Certificates to believe. */
export interface TrustedCertificates {
  /** One or more certificates, PEM. */
  readonly pem: string;
}

/** DTLS in the role of the client. */
export interface SecureClientOptions {
  /** This end connects. */
  readonly role: 'client';
  /** The name that goes to the server and that its certificate must carry; undefined: none goes, any is taken. */
  readonly name: string | undefined;
  /** Whom to believe: these certificates (PEM), the authorities that the system knows, or anybody. */
  readonly trust: TrustedCertificates | 'system' | 'anybody';
  /** Limits; each has a default. */
  readonly limits?: SecureLimits;
}

/** See {@link HostPort.secure}. */
export type SecureOptions = SecureServerOptions | SecureClientOptions;

/** Numbers of the DTLS below a host. Counters never go back. */
export interface SecureCounters {
  /** When the first certificate of the own chain stops being valid, ms of the Unix epoch; undefined for a client. */
  readonly certificateNotAfterMs: number | undefined;
  /** Sessions that are open now. */
  readonly sessions: number;
  /** Handshakes under way now. */
  readonly handshakes: number;
  /** Counter: handshakes that were completed. */
  readonly completed: number;
  /** Counter: the same by cipher suite, by its IANA name. */
  readonly suites: ReadonlyMap<string, number>;
  /** Counter: hellos that were answered with a cookie, without keeping anything. */
  readonly cookiesSent: number;
  /** Counter: flights that were sent once more. */
  readonly retransmissions: number;
  /** Counter: handshakes that came to nothing, by the code of docs/errors.md. */
  readonly failures: ReadonlyMap<string, number>;
  /** Counter: datagrams, records and pieces of handshakes that were thrown away, by reason. */
  readonly drops: ReadonlyMap<string, number>;
}
