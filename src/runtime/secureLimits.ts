/**
 * The limits of DTLS: the type, and one table of their numbers, from which the check and the defaults of `src/dtls` come.
 * test/options/secureLimits.test.ts holds the comments to it.
 */
import { checkInteger, checkOptions, type OptionNames } from '../../options/internal.ts';
import { checkSuiteNames, type SecureSuite } from './secureSuites.ts';

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
  /**
   * Dangerous, for looking at traffic of your own: a file to which the keys of every session are added, a line each, in the format of
   * `SSLKEYLOGFILE`. Whoever has it and the datagrams can read all of them, passwords included; a process warning
   * (`GODOT_ENET_KEY_LOG`) says that it is written. Default: no keys are written, and no variable of the environment asks for it.
   */
  readonly keyLogFile?: string | undefined;
}

/** The limits that are numbers. */
export type SecureLimitName = Exclude<keyof SecureLimits, 'suites' | 'keyLogFile'>;

/** What a limit may be, and what it is by default. */
interface SecureLimitRow {
  /** The smallest value, an integer. Default 1. */
  readonly min?: number;
  /** The largest value. Default 2^31 - 1, the longest wait of a timer. */
  readonly max?: number;
  /** The default of a server. */
  readonly server: number;
  /** The default of a client; missing where there is nothing to limit. */
  readonly client?: number;
}

/** All limits that are numbers. */
export const SECURE_LIMITS: Readonly<Record<SecureLimitName, SecureLimitRow>> = {
  mtuBytes: { min: 200, max: 16_384, server: 1200, client: 1200 },
  // RFC 6347 4.2.4.1.
  retransmitMs: { server: 1000, client: 1000 },
  maxRetransmitMs: { server: 60_000, client: 60_000 },
  handshakeMs: { server: 30_000, client: 60_000 },
  // Where the number of peers is known, it decides about these two: an ENet host has at most 4095.
  maxSessions: { server: 4096 },
  maxSessionsPerIp: { server: 2048 },
  maxHandshakes: { server: 256 },
  maxHandshakesPerIp: { server: 16 },
  handshakesPerSec: { server: 1000 },
  handshakeBurst: { server: 1000 },
  handshakesPerSecPerIp: { server: 20 },
  handshakeBurstPerIp: { server: 64 },
  // Twice the patience of ENet.
  idleMs: { server: 60_000 },
  cookieSecretMs: { server: 30_000 },
};

/** The names of {@link SECURE_LIMITS}. */
export const SECURE_LIMIT_NAMES: readonly SecureLimitName[] = Object.keys(SECURE_LIMITS) as SecureLimitName[];

/**
 * Checks one limit.
 *
 * @param prefix what stands before its name in the error, as in `"dtls."`.
 * @throws RangeError when it is out of range.
 */
export function checkSecureLimit(prefix: string, name: SecureLimitName, value: unknown): void {
  const { min = 1, max = MAX_LIMIT } = SECURE_LIMITS[name];
  checkInteger(`${prefix}${name}`, value, min, max);
}

/**
 * Checks limits that a user gave.
 *
 * @param name what the option is called.
 * @throws TypeError or RangeError naming the first one that is wrong.
 */
export function checkSecureLimits(name: string, limits: SecureLimits | undefined): void {
  if (limits === undefined) return;
  const names = { ...SECURE_LIMITS, suites: true, keyLogFile: true } satisfies OptionNames<SecureLimits>;
  checkOptions(limits, names, name, 'limit');
  for (const key of SECURE_LIMIT_NAMES) {
    if (limits[key] !== undefined) checkSecureLimit(`${name}.`, key, limits[key]);
  }
  checkSuiteNames(`${name}.suites`, limits.suites);
  const { keyLogFile } = limits;
  if (keyLogFile !== undefined && (typeof keyLogFile !== 'string' || keyLogFile === ''))
    throw new TypeError(
      `"${name}.keyLogFile" expected the path of a file, got ${JSON.stringify(keyLogFile)}`,
    );
}

const MAX_LIMIT = 2 ** 31 - 1;
