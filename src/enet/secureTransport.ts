/**
 * What the layers above say about DTLS, as interfaces only; `src/io/dtls` implements them. Everything here survives a
 * structured clone, so that it can cross to a network thread. godot-enet-classes 6.
 */

/** Limits of a DTLS server against floods. All of them bound memory or work; what they refuse is counted. */
export interface SecureLimits {
  /** Handshakes that may be under way at once, after a valid cookie, 1..65536. Default 256. */
  readonly maxHandshakes?: number;
  /** Those of one address, 1..65536. Default 16, as many as Godot's server keeps in all. */
  readonly maxHandshakesPerAddress?: number;
  /** How long a handshake may take, in ms, 1000..600000. Default 20000. */
  readonly handshakeTimeoutMs?: number;
  /** Sessions at once, 1..65536. Default: twice the peers of the host, and 32. */
  readonly maxSessions?: number;
  /** After how long a session on which nothing authentic arrives is forgotten, in ms, 5000..3600000. Default 60000. */
  readonly idleTimeoutMs?: number;
}

/** DTLS in the role of the server. */
export interface SecureServerOptions extends SecureLimits {
  readonly role: 'server';
  /** The private key, PEM, not encrypted. */
  readonly key: string;
  /** The certificate and its intermediates, PEM. */
  readonly certificate: string;
}

/** DTLS in the role of the client. */
export interface SecureClientOptions {
  readonly role: 'client';
  /** The name that goes to the server and that its certificate must carry; undefined: none goes, any is taken. */
  readonly name: string | undefined;
  /** Whom to believe: these certificates (PEM), the authorities that the system knows, or anybody. */
  readonly trust: { readonly pem: string } | 'system' | 'anybody';
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
  /** Counter: records and datagrams that were not used, and handshakes that failed, by reason. */
  readonly drops: ReadonlyMap<string, number>;
}
