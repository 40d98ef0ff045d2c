/**
 * The signature of ServerKeyExchange: ECDSA and RSA (PKCS #1 v1.5, and PSS for peers that offer it) with SHA-256, 384 and
 * 512. RFC 5246 7.4.1.4.1 and 7.4.3, RFC 8422 5.4; the PSS schemes of RFC 8446 4.2.3, which it allows in TLS 1.2.
 */
import { constants, type KeyObject, sign, verify } from 'node:crypto';
import type { KeyType } from '../identity/keyPolicy.ts';

/** One signature scheme. */
export interface SignatureScheme {
  /** Its number. */
  readonly id: number;
  /** Its IANA name. */
  readonly name: string;
  /** The kind of key. */
  readonly keyType: KeyType;
  /** The hash. */
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** Whether it is RSA-PSS. */
  readonly isPss: boolean;
}

/** The schemes, in the order in which a client offers them. */
export const SIGNATURE_SCHEMES: readonly SignatureScheme[] = [
  { id: 0x0403, name: 'ecdsa_secp256r1_sha256', keyType: 'ec', hash: 'sha256', isPss: false },
  { id: 0x0503, name: 'ecdsa_secp384r1_sha384', keyType: 'ec', hash: 'sha384', isPss: false },
  { id: 0x0603, name: 'ecdsa_secp521r1_sha512', keyType: 'ec', hash: 'sha512', isPss: false },
  { id: 0x0804, name: 'rsa_pss_rsae_sha256', keyType: 'rsa', hash: 'sha256', isPss: true },
  { id: 0x0805, name: 'rsa_pss_rsae_sha384', keyType: 'rsa', hash: 'sha384', isPss: true },
  { id: 0x0806, name: 'rsa_pss_rsae_sha512', keyType: 'rsa', hash: 'sha512', isPss: true },
  { id: 0x0401, name: 'rsa_pkcs1_sha256', keyType: 'rsa', hash: 'sha256', isPss: false },
  { id: 0x0501, name: 'rsa_pkcs1_sha384', keyType: 'rsa', hash: 'sha384', isPss: false },
  { id: 0x0601, name: 'rsa_pkcs1_sha512', keyType: 'rsa', hash: 'sha512', isPss: false },
];

/** A scheme by its number. */
export function findScheme(id: number): SignatureScheme | undefined {
  return SIGNATURE_SCHEMES.find((scheme) => scheme.id === id);
}

/**
 * The scheme a server signs with: the hash that is as strong as its curve, else the first that the client takes.
 *
 * @param curve the curve of an EC key as OpenSSL names it.
 */
export function chooseScheme(
  keyType: KeyType,
  curve: string | undefined,
  offered: readonly number[],
): SignatureScheme | undefined {
  const possible = SIGNATURE_SCHEMES.filter(
    (scheme) => scheme.keyType === keyType && offered.includes(scheme.id),
  );
  const hash = HASH_OF_CURVE.get(curve ?? '');
  return possible.find((scheme) => scheme.hash === hash) ?? possible[0];
}

/** Signs. */
export function signWith(scheme: SignatureScheme, key: KeyObject, data: Uint8Array): Uint8Array {
  return sign(scheme.hash, data, keyInput(scheme, key));
}

/** Whether a signature is right; also false for a key of another kind. */
export function isSignatureRight(
  scheme: SignatureScheme,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.asymmetricKeyType !== scheme.keyType) return false;
  try {
    return verify(scheme.hash, data, keyInput(scheme, key), signature);
  } catch {
    // OpenSSL throws for some signatures that have the wrong form.
    return false;
  }
}

function keyInput(
  scheme: SignatureScheme,
  key: KeyObject,
): KeyObject | { key: KeyObject; padding: number; saltLength: number } {
  if (!scheme.isPss) return key;
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}

const HASH_OF_CURVE: ReadonlyMap<string, SignatureScheme['hash']> = new Map([
  ['prime256v1', 'sha256'],
  ['secp384r1', 'sha384'],
  ['secp521r1', 'sha512'],
]);
