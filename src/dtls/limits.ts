/** The limits of either end, with the defaults and ranges of the table in src/runtime. */
import { given } from '../../options/internal.ts';
import {
  checkSecureLimit,
  SECURE_LIMIT_NAMES,
  SECURE_LIMITS,
  type SecureLimitName,
} from '../runtime/internal.ts';

/** The limits of a server, by the names of `SecureLimits`, which tells what they are. */
export type DtlsServerLimits = Readonly<Record<SecureLimitName, number>>;

/** The limits of a session's handshake, both roles. */
export type DtlsHandshakeLimits = Pick<
  DtlsServerLimits,
  'mtuBytes' | 'retransmitMs' | 'maxRetransmitMs' | 'handshakeMs'
>;

/** The defaults of {@link DtlsServerLimits}. */
export const DTLS_SERVER_LIMITS: DtlsServerLimits = defaultsOf('server');

/** The defaults of a client, and which limits it has. */
export const DTLS_CLIENT_LIMITS: DtlsHandshakeLimits = defaultsOf('client');

/**
 * Takes the given limits over the defaults; those without a default are none of this end.
 *
 * @throws RangeError naming the first limit that is out of range.
 */
export function checkLimits<Limits extends DtlsHandshakeLimits>(
  defaults: Limits,
  own: Partial<DtlsServerLimits> = {},
): Limits {
  const all = { ...defaults, ...given(own) };
  const names = SECURE_LIMIT_NAMES.filter((name) => name in defaults);
  for (const name of names) checkSecureLimit('', name, all[name]);
  return Object.fromEntries(names.map((name) => [name, all[name]])) as Limits;
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

function defaultsOf(role: 'server' | 'client'): DtlsServerLimits {
  const rows = SECURE_LIMIT_NAMES.map((name) => [name, SECURE_LIMITS[name][role]] as const);
  return Object.fromEntries(rows.filter(([, value]) => value !== undefined)) as DtlsServerLimits;
}
