/**
 * The cipher suites: ECDHE with an RSA or ECDSA certificate and AES-GCM (RFC 5288, 5289) or ChaCha20-Poly1305 (RFC 7905).
 * They are the AEAD suites that Godot's mbedTLS offers and node:crypto has.
 */
import type { CipherChaCha20Poly1305Types, CipherGCMTypes } from 'node:crypto';
import type { KeyType } from '../identity/keyPolicy.ts';

/** One cipher suite. */
export interface CipherSuite {
  /** Its number. */
  readonly id: number;
  /** Its IANA name. */
  readonly name: string;
  /** What kind of key signs. */
  readonly keyType: KeyType;
  /** The cipher as node:crypto calls it. */
  readonly cipher: CipherGCMTypes | CipherChaCha20Poly1305Types;
  /** The length of a key. */
  readonly keyBytes: number;
  /** The length of the fixed part of a nonce. */
  readonly fixedIvBytes: 4 | 12;
  /** The length of the part of a nonce that is sent with each record. */
  readonly explicitNonceBytes: 8 | 0;
  /** The hash of the PRF and of the Finished messages. */
  readonly hash: 'sha256' | 'sha384';
}

/** A suite by its number. */
export function findSuite(id: number): CipherSuite | undefined {
  return SUITES.get(id);
}

/** A suite by its IANA name. */
export function findSuiteByName(name: string): CipherSuite | undefined {
  return [...SUITES.values()].find((suite) => suite.name === name);
}

function aesGcm(id: number, keyType: KeyType, bits: 128 | 256): CipherSuite {
  const hash = bits === 128 ? 'sha256' : 'sha384';
  const auth = keyType === 'ec' ? 'ECDSA' : 'RSA';
  return {
    id,
    name: `TLS_ECDHE_${auth}_WITH_AES_${bits}_GCM_${hash.toUpperCase()}`,
    keyType,
    cipher: `aes-${bits}-gcm`,
    keyBytes: bits / 8,
    fixedIvBytes: 4,
    explicitNonceBytes: 8,
    hash,
  };
}

function chaCha20(id: number, keyType: KeyType): CipherSuite {
  return {
    id,
    name: `TLS_ECDHE_${keyType === 'ec' ? 'ECDSA' : 'RSA'}_WITH_CHACHA20_POLY1305_SHA256`,
    keyType,
    cipher: 'chacha20-poly1305',
    keyBytes: 32,
    fixedIvBytes: 12,
    explicitNonceBytes: 0,
    hash: 'sha256',
  };
}

const SUITES: ReadonlyMap<number, CipherSuite> = new Map(
  [
    aesGcm(0xc02b, 'ec', 128),
    aesGcm(0xc02c, 'ec', 256),
    aesGcm(0xc02f, 'rsa', 128),
    aesGcm(0xc030, 'rsa', 256),
    chaCha20(0xcca8, 'rsa'),
    chaCha20(0xcca9, 'ec'),
  ].map((suite) => [suite.id, suite]),
);
