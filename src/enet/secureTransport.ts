/**
 * What the layers above say about DTLS, as interfaces only; `src/io/dtls` implements them. Everything here survives a
 * structured clone, so that it can cross to a network thread. godot-enet-classes 6.
 */

/** Limits of DTLS, most of them against floods. What they refuse is counted. */
export interface SecureLimits {
  /** Longest datagram of a handshake, in bytes of UDP payload, 200..16384. Default 1200. */
  readonly mtuBytes?: number;
  /** First wait before a flight of a handshake is repeated, in ms; it doubles. Default 1000. */
  readonly retransmitMs?: number;
  /** Longest wait before a flight is repeated, in ms. Default 60000. */
  readonly maxRetransmitMs?: number;
  /** How long a handshake may take, in ms. Default 30000 for a server and 60000 for a client. */
  readonly handshakeMs?: number;
  /** Server: open sessions and handshakes together. Default: twice the peers of the host, and 32. */
  readonly maxSessions?: number;
  /** Server: handshakes under way, each after a valid cookie. Default 256. */
  readonly maxHandshakes?: number;
  /** Server: handshakes under way from one IP address. Default 16. */
  readonly maxHandshakesPerIp?: number;
  /** Server: an open session whose address has had no peer of the host for so long is closed, in ms. Default 60000. */
  readonly idleMs?: number;
  /** Server: how long a secret makes cookies, in ms. A cookie holds for one to two times as long. Default 30000. */
  readonly cookieSecretMs?: number;
}

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
  /** Counter: hellos that were answered with a cookie, without keeping anything. */
  readonly cookiesSent: number;
  /** Counter: flights that were sent once more. */
  readonly retransmissions: number;
  /** Counter: handshakes that came to nothing, by the code of docs/errors.md. */
  readonly failures: ReadonlyMap<string, number>;
  /** Counter: datagrams, records and pieces of handshakes that were thrown away, by reason. */
  readonly drops: ReadonlyMap<string, number>;
}

/**
 * Checks limits that a user gave.
 *
 * @param name what the option is called.
 * @throws TypeError or RangeError naming the first one that is wrong.
 */
export function checkSecureLimits(name: string, limits: SecureLimits | undefined): void {
  if (limits === undefined) return;
  if (typeof limits !== 'object' || limits === null) {
    throw new TypeError(`"${name}" expected an object, got ${String(limits)}`);
  }
  for (const key of LIMIT_NAMES) {
    const value = limits[key];
    if (value === undefined) continue;
    const [min, max] = key === 'mtuBytes' ? [200, 16_384] : [1, MAX_LIMIT];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`"${name}.${key}" expected integer ${min}..${max}, got ${String(value)}`);
    }
  }
}

const MAX_LIMIT = 2 ** 31 - 1;
const LIMIT_NAMES = [
  'mtuBytes',
  'retransmitMs',
  'maxRetransmitMs',
  'handshakeMs',
  'maxSessions',
  'maxHandshakes',
  'maxHandshakesPerIp',
  'idleMs',
  'cookieSecretMs',
] as const satisfies readonly (keyof SecureLimits)[];
