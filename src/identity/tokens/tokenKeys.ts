/** The keys that sign tokens and verify them: read when a server starts, so that a bad one is told then. */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { checkList, checkOptions, describe } from '../../../options/internal.ts';

/** A key as PEM text (PKCS #8 or SPKI), or as a JWK. */
export type KeyText = string | Readonly<Record<string, unknown>>;

/** A secret that all servers share: whoever can verify with it can sign as well. */
export interface SecretTokenKey {
  /** The name of the key, the JWT's `kid`; 1 to 64 characters. */
  readonly id: string;
  /** HMAC with SHA-256. */
  readonly algorithm: 'HS256';
  /** At least 32 bytes, random; of a text its UTF-8 bytes count. */
  readonly secret: string | Uint8Array;
}

/** A pair of keys: who has only the public one can verify, not sign. */
export interface PairTokenKey {
  /** The name of the key, the JWT's `kid`; 1 to 64 characters. */
  readonly id: string;
  /** Ed25519, or ECDSA on P-256 with SHA-256. */
  readonly algorithm: 'EdDSA' | 'ES256';
  /** Signs and verifies. */
  readonly privateKey?: KeyText | undefined;
  /** Verifies. Not needed beside a private key. */
  readonly publicKey?: KeyText | undefined;
}

/** A key of `SessionTokens`. */
export type TokenKey = SecretTokenKey | PairTokenKey;

/** A key that was read. */
export interface ReadKey {
  readonly id: string;
  readonly algorithm: TokenKey['algorithm'];
  /** `undefined`: this key only verifies. */
  readonly signing: KeyObject | undefined;
  readonly verifying: KeyObject;
}

/**
 * Reads keys.
 *
 * @returns them by their ids, the first one first.
 * @throws TypeError or RangeError naming the key; no message has anything of a secret in it.
 */
export function readTokenKeys(keys: readonly TokenKey[]): Map<string, ReadKey> {
  checkList('keys', keys, 'keys');
  if (keys.length === 0) throw new RangeError('"keys" expected at least one key, got none');
  const read = new Map<string, ReadKey>();
  for (const [index, key] of keys.entries()) {
    const name = `keys[${index}]`;
    const { id } = key ?? {};
    if (typeof id !== 'string' || id.length < 1 || id.length > 64)
      throw new RangeError(`"${name}.id" expected a string of 1..64 characters, got ${describe(id)}`);
    if (read.has(id)) throw new RangeError(`"${name}.id" is that of another key: ${describe(id)}`);
    read.set(id, key.algorithm === 'HS256' ? readSecret(name, key) : readPair(name, key));
  }
  return read;
}

function readSecret(name: string, key: SecretTokenKey): ReadKey {
  checkOptions(key, { id: true, algorithm: true, secret: true }, name, 'property of a secret key');
  const { id, algorithm, secret } = key;
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  if (!(bytes instanceof Uint8Array) || bytes.length < 32) {
    const got = bytes instanceof Uint8Array ? `${bytes.length} bytes` : `a ${typeof bytes}`;
    throw new RangeError(`"${name}.secret" expected at least 32 bytes, got ${got}`);
  }
  // Who signs with a text that everybody may know, the public key of a pair, is the oldest attack on JWTs.
  if (new TextDecoder().decode(bytes).includes('-----BEGIN'))
    throw new RangeError(
      `"${name}.secret" expected random bytes, got a PEM: its algorithm is EdDSA or ES256`,
    );
  const both = createSecretKey(bytes);
  return { id, algorithm, signing: both, verifying: both };
}

function readPair(name: string, key: PairTokenKey): ReadKey {
  checkOptions(key, PAIR_NAMES, name, 'property of a pair of keys');
  const { id, algorithm, privateKey, publicKey } = key;
  const type = TYPES[algorithm];
  if (type === undefined)
    throw new RangeError(`"${name}.algorithm" expected HS256, EdDSA or ES256, got ${describe(algorithm)}`);
  const signing = readKey(`${name}.privateKey`, privateKey, createPrivateKey, type);
  const own = signing === undefined ? undefined : createPublicKey(signing);
  const verifying = readKey(`${name}.publicKey`, publicKey, createPublicKey, type) ?? own;
  if (verifying === undefined)
    throw new TypeError(`"${name}" expected a "privateKey" or a "publicKey", got neither`);
  if (own?.equals(verifying) === false)
    throw new TypeError(`"${name}.publicKey" is not that of its "privateKey"`);
  return { id, algorithm, signing, verifying };
}

function readKey(
  name: string,
  text: KeyText | undefined,
  create: typeof createPrivateKey | typeof createPublicKey,
  [type, curve]: readonly [type: string, curve?: string],
): KeyObject | undefined {
  if (text === undefined) return undefined;
  const key = createKey(name, text, create);
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType === type && asymmetricKeyDetails?.namedCurve === curve) return key;
  const got = [asymmetricKeyType, asymmetricKeyDetails?.namedCurve].filter(Boolean).join(' ');
  throw new TypeError(
    `"${name}" expected a key of type ${[type, curve].filter(Boolean).join(' ')}, got ${got}`,
  );
}

function createKey(
  name: string,
  text: KeyText,
  create: typeof createPrivateKey | typeof createPublicKey,
): KeyObject {
  try {
    // Node looks into a JWK itself.
    return typeof text === 'string' ? create(text) : create({ key: text as JsonWebKey, format: 'jwk' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`"${name}" expected a PEM or a JWK: ${reason}`, { cause });
  }
}

const PAIR_NAMES = { id: true, algorithm: true, privateKey: true, publicKey: true };

/** Type and curve of the keys of an algorithm, as Node calls them. */
const TYPES: Record<PairTokenKey['algorithm'], readonly [type: string, curve?: string]> = {
  EdDSA: ['ed25519'],
  ES256: ['ec', 'prime256v1'],
};
