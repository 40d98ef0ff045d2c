/**
 * The cipher suites of DTLS, the preferred first: AES-128-GCM is the cheapest for Node, ChaCha20-Poly1305 the kindest to
 * phones without AES instructions. ECDHE with an RSA or ECDSA certificate and AES-GCM (RFC 5288, 5289) or
 * ChaCha20-Poly1305 (RFC 7905): the AEAD suites that Godot's mbedTLS offers and node:crypto has.
 */

/** The cipher suites by their IANA names, in the order in which they are preferred. */
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

/** What a suite is made of. */
export interface SuiteRow {
  /** Its number. */
  readonly id: number;
  /** What kind of key signs. */
  readonly keyType: 'ec' | 'rsa';
  /** The cipher as node:crypto calls it. */
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
}

/** A row for each suite. */
export const SUITE_TABLE: Readonly<Record<SecureSuite, SuiteRow>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: { id: 0xc02b, keyType: 'ec', cipher: 'aes-128-gcm' },
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: { id: 0xc02f, keyType: 'rsa', cipher: 'aes-128-gcm' },
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: { id: 0xcca9, keyType: 'ec', cipher: 'chacha20-poly1305' },
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: { id: 0xcca8, keyType: 'rsa', cipher: 'chacha20-poly1305' },
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: { id: 0xc02c, keyType: 'ec', cipher: 'aes-256-gcm' },
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: { id: 0xc030, keyType: 'rsa', cipher: 'aes-256-gcm' },
};

/**
 * Checks names of suites that a user gave.
 *
 * @param name what the option is called.
 * @throws TypeError for what is no list or an empty one, RangeError naming the first that is unknown.
 */
export function checkSuiteNames(name: string, suites: unknown): void {
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
