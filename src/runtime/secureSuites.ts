/**
 * The cipher suites of DTLS, the preferred first: AES-128-GCM is the cheapest for Node, ChaCha20-Poly1305 the kindest to
 * phones without AES instructions. ECDHE with an RSA or ECDSA certificate and AES-GCM (RFC 5288, 5289) or
 * ChaCha20-Poly1305 (RFC 7905): the AEAD suites that Godot's mbedTLS offers and node:crypto has.
 */

/** One row for each suite: its number, its IANA name, what kind of key signs, and the cipher as node:crypto calls it. */
export const SUITE_TABLE = [
  { id: 0xc02b, name: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', keyType: 'ec', cipher: 'aes-128-gcm' },
  { id: 0xc02f, name: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', keyType: 'rsa', cipher: 'aes-128-gcm' },
  {
    id: 0xcca9,
    name: 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
    keyType: 'ec',
    cipher: 'chacha20-poly1305',
  },
  {
    id: 0xcca8,
    name: 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
    keyType: 'rsa',
    cipher: 'chacha20-poly1305',
  },
  { id: 0xc02c, name: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', keyType: 'ec', cipher: 'aes-256-gcm' },
  { id: 0xc030, name: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', keyType: 'rsa', cipher: 'aes-256-gcm' },
] as const;

/** One of {@link SECURE_SUITES}. */
export type SecureSuite = (typeof SUITE_TABLE)[number]['name'];

/** The cipher suites by their IANA names, in the order in which they are preferred. */
export const SECURE_SUITES: readonly SecureSuite[] = SUITE_TABLE.map(({ name }) => name);

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
