/** Which keys are good enough: what the default profile of Godot's mbedTLS takes, less its brainpool curves. */
import type { KeyObject } from 'node:crypto';

/** The kinds of keys that can sign a handshake. */
export type KeyType = 'rsa' | 'ec';

/**
 * What is wrong with a public or private key.
 *
 * @returns undefined for RSA of 2048 to 8192 bits and for ECDSA over P-256, P-384 and P-521; else what it is.
 */
export function keyProblem(key: KeyObject): string | undefined {
  const details = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') {
    const bits = details.modulusLength ?? 0;
    return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS ? undefined : `RSA with ${bits} bits`;
  }
  if (key.asymmetricKeyType === 'ec') {
    const curve = details.namedCurve ?? 'unknown';
    return CURVES.has(curve) ? undefined : `ECDSA over the curve ${curve}`;
  }
  return `of the type ${key.asymmetricKeyType ?? key.type}`;
}

/** What {@link keyProblem} lets through, for messages. */
export const ACCEPTED_KEYS = 'RSA of 2048..8192 bits or ECDSA over P-256, P-384 or P-521';

const MIN_RSA_BITS = 2048;
/** A bound on the time that one signature of a hostile certificate can cost. mbedTLS reads numbers of 8192 bits. */
const MAX_RSA_BITS = 8192;
/** The names that OpenSSL gives to P-256, P-384 and P-521. */
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
