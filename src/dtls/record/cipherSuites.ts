/** What the ciphers of the suites need. The suites themselves are in the table of src/runtime. */
import { SECURE_SUITES, type SecureSuite } from '../../runtime/index.ts';
import { SUITE_TABLE, type SuiteRow } from '../../runtime/internal.ts';

/** The sizes of a cipher and the hash that goes with it. */
interface CipherShape {
  /** The length of a key. */
  readonly keyBytes: number;
  /** The length of the fixed part of a nonce. */
  readonly fixedIvBytes: 4 | 12;
  /** The length of the part of a nonce that is sent with each record. */
  readonly explicitNonceBytes: 8 | 0;
  /** The hash of the PRF and of the Finished messages. */
  readonly hash: 'sha256' | 'sha384';
}

/** One cipher suite: its row of the table, and what its cipher needs. */
export interface CipherSuite extends SuiteRow, CipherShape {
  /** Its IANA name. */
  readonly name: SecureSuite;
}

const CIPHERS: Readonly<Record<SuiteRow['cipher'], CipherShape>> = {
  'aes-128-gcm': { keyBytes: 16, fixedIvBytes: 4, explicitNonceBytes: 8, hash: 'sha256' },
  'aes-256-gcm': { keyBytes: 32, fixedIvBytes: 4, explicitNonceBytes: 8, hash: 'sha384' },
  'chacha20-poly1305': { keyBytes: 32, fixedIvBytes: 12, explicitNonceBytes: 0, hash: 'sha256' },
};

const SUITES: ReadonlyMap<number, CipherSuite> = new Map(
  SECURE_SUITES.map((name) => {
    const row = SUITE_TABLE[name];
    return [row.id, { name, ...row, ...CIPHERS[row.cipher] }];
  }),
);

/** The cipher suites by their numbers, the preferred first. */
export const DTLS_SUITES: readonly number[] = [...SUITES.keys()];

/** A suite by its number. */
export function findSuite(id: number): CipherSuite | undefined {
  return SUITES.get(id);
}

/** A suite by its IANA name. */
export function findSuiteByName(name: string): CipherSuite | undefined {
  return [...SUITES.values()].find((suite) => suite.name === name);
}

/**
 * Checks a list of cipher suites.
 *
 * @throws RangeError when it is empty, or names one that is not in {@link DTLS_SUITES}.
 */
export function checkSuites(suites: readonly number[] = DTLS_SUITES): readonly number[] {
  const isKnown = suites.length > 0 && suites.every((suite) => DTLS_SUITES.includes(suite));
  if (isKnown) return [...new Set(suites)];
  throw new RangeError(`"suites" expected some of ${DTLS_SUITES.join(', ')}, got ${JSON.stringify(suites)}`);
}
