/**
 * What the layers above say about DTLS, as interfaces only; `src/dtls` implements them. Everything here survives a
 * structured clone, so that it can cross to a network thread. godot-enet-classes 6.
 */

/** Limits of DTLS, most of them against floods, and what may be agreed on. What they refuse is counted. */
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
  /**
   * Server: the same of one address, which is an IPv4 address or the first 64 bits of an IPv6 address here and below.
   * Default: half of `maxSessions`, so that a full house may share one address.
   */
  readonly maxSessionsPerIp?: number;
  /**
   * Server: handshakes under way, each after a valid cookie. When there is no room, the oldest of the address with the
   * most gives way after a second (or a quarter of it, when that has more than the newcomer's), and then sessions
   * without a peer. Default 256.
   */
  readonly maxHandshakes?: number;
  /** Server: handshakes under way from one address. Default 16. */
  readonly maxHandshakesPerIp?: number;
  /**
   * Server: handshakes that may begin per second; each costs a key and a signature. Whatever this says, handshakes take at
   * most a quarter of the time, and 20 ms at once. Default 1000.
   */
  readonly handshakesPerSec?: number;
  /** Server: the same at once. Default 1000. */
  readonly handshakeBurst?: number;
  /** Server: handshakes that may begin per second from one address. Default 20. */
  readonly handshakesPerSecPerIp?: number;
  /** Server: the same at once. Default 64. */
  readonly handshakeBurstPerIp?: number;
  /** Server: an open session whose address has had no peer of the host for so long is closed, in ms. Default 60000. */
  readonly idleMs?: number;
  /** Server: how long a secret makes cookies, in ms. A cookie holds for one to two times as long. Default 30000. */
  readonly cookieSecretMs?: number;
  /**
   * The cipher suites that may be agreed on, by their IANA names, the preferred first; at least one. Default: all of
   * {@link SECURE_SUITES} in their order.
   */
  readonly suites?: readonly SecureSuite[];
}

/** The cipher suites, in the order in which they are preferred. */
export const SECURE_SUITES = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
] as const;

/** One of {@link SECURE_SUITES}. */
export type SecureSuite = (typeof SECURE_SUITES)[number];

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
  checkSuiteNames(`${name}.suites`, limits.suites);
}

function checkSuiteNames(name: string, suites: unknown): void {
  if (suites === undefined) return;
  const known: readonly unknown[] = SECURE_SUITES;
  if (!Array.isArray(suites) || suites.length === 0) {
    throw new TypeError(`"${name}" expected names of cipher suites, got ${JSON.stringify(suites)}`);
  }
  const unknown: unknown = suites.find((suite) => !known.includes(suite));
  if (unknown !== undefined || suites.includes(undefined)) {
    throw new RangeError(
      `"${name}" expected some of ${SECURE_SUITES.join(', ')}, got ${JSON.stringify(unknown)}`,
    );
  }
}

const MAX_LIMIT = 2 ** 31 - 1;
const LIMIT_NAMES = [
  'mtuBytes',
  'retransmitMs',
  'maxRetransmitMs',
  'handshakeMs',
  'maxSessions',
  'maxSessionsPerIp',
  'maxHandshakes',
  'maxHandshakesPerIp',
  'handshakesPerSec',
  'handshakeBurst',
  'handshakesPerSecPerIp',
  'handshakeBurstPerIp',
  'idleMs',
  'cookieSecretMs',
] as const satisfies readonly Exclude<keyof SecureLimits, 'suites'>[];
