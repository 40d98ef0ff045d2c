/**
 * Certificates for development: a key and a certificate that signs itself, as Godot's
 * `Crypto.generate_self_signed_certificate` makes one (CA:TRUE, so that it can be its own trusted chain), but with
 * names, a key usage and a choice of keys. godot-enet-classes 6; RFC 5280.
 */

import { type webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkInteger, checkOptions, withDefaults } from '../../options/internal.ts';
import { loadOptional } from '../io/internal.ts';

/** What {@link createSelfSignedCertificate} can be told. */
export interface SelfSignedOptions {
  /**
   * Host names and literal IP addresses that clients connect to. The first is the common name as well. Default
   * `['localhost', '127.0.0.1', '::1']`.
   */
  readonly names?: readonly string[];
  /** How long it is valid, in whole days from now, 1..36500. Default 365. It is valid since yesterday. */
  readonly days?: number;
  /** The kind of key. ECDSA makes handshakes several times cheaper for the server. Default `'ecdsa'`. */
  readonly keyType?: 'ecdsa' | 'rsa';
  /** The curve of an ECDSA key. Default `'P-256'`. */
  readonly curve?: 'P-256' | 'P-384' | 'P-521';
  /** The size of an RSA key. Default 2048. */
  readonly rsaBits?: 2048 | 3072 | 4096;
}

/** The defaults of {@link SelfSignedOptions}. */
export const SELF_SIGNED_DEFAULTS: Required<SelfSignedOptions> = {
  names: ['localhost', '127.0.0.1', '::1'],
  days: 365,
  keyType: 'ecdsa',
  curve: 'P-256',
  rsaBits: 2048,
};

/** A key with its certificate, both PEM. */
export interface SelfSignedCertificate {
  /** The private key, PKCS #8. A secret. */
  readonly key: string;
  /** The certificate: for the server, and for its clients as the chain to trust. */
  readonly certificate: string;
  /** When it stops being valid. */
  readonly notAfter: Date;
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string;
}

/**
 * Makes a new key and a certificate that it signs itself, for development and tests: who trusts exactly this
 * certificate is as safe as with a bought one, but everybody has to be given it. Needs the optional packages
 * `@peculiar/x509` and `reflect-metadata`.
 *
 * @throws (rejects with) TypeError or RangeError for an option out of range; `PackageUnavailableError` without the packages.
 */
export async function createSelfSignedCertificate(
  options: SelfSignedOptions = {},
): Promise<SelfSignedCertificate> {
  const settings = readOptions(options);
  // Loaded when it is needed: a server that has its certificate does not pay for the library.
  // The library reads the metadata of its classes, but does not bring what keeps them.
  const x509 = loadOptional(
    'making certificates',
    'reflect-metadata',
    '@peculiar/x509',
  ) as typeof import('@peculiar/x509');
  const { subtle } = globalThis.crypto;
  const algorithm = algorithmOf(settings);
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [commonName = ''] = settings.names;
  const now = Date.now();
  const notAfter = new Date(wholeSeconds(now + settings.days * DAY_MS));
  const usages = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    // Clocks of players are often a little slow.
    notBefore: new Date(wholeSeconds(now - DAY_MS)),
    notAfter,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(usages.digitalSignature | usages.keyCertSign, true),
      new x509.SubjectAlternativeNameExtension(
        settings.names.map((value) => ({
          type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
          value,
        })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pem = `${certificate.toString('pem').trimEnd()}\n`;
  const pkcs8 = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey));
  try {
    return {
      key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY').trimEnd().concat('\n'),
      certificate: pem,
      notAfter,
      fingerprint256: new X509Certificate(pem).fingerprint256,
    };
  } finally {
    pkcs8.fill(0);
  }
}

function algorithmOf(
  settings: Required<SelfSignedOptions>,
): webcrypto.RsaHashedKeyGenParams | (webcrypto.EcKeyGenParams & { hash: string }) {
  if (settings.keyType === 'rsa') {
    const publicExponent = Uint8Array.of(1, 0, 1);
    return { name: 'RSASSA-PKCS1-v1_5', modulusLength: settings.rsaBits, publicExponent, hash: 'SHA-256' };
  }
  return { name: 'ECDSA', namedCurve: settings.curve, hash: HASH_OF_CURVE[settings.curve] };
}

function readOptions(options: SelfSignedOptions): Required<SelfSignedOptions> {
  checkOptions(options, SELF_SIGNED_DEFAULTS);
  const settings = withDefaults(SELF_SIGNED_DEFAULTS, options);
  const { names, days } = settings;
  if (!Array.isArray(names) || names.length < 1 || names.length > MAX_NAMES || !names.every(isName)) {
    throw new RangeError(
      `"names" expected 1..${MAX_NAMES} host names or IP addresses, got ${JSON.stringify(names)}`,
    );
  }
  checkInteger('days', days, 1, MAX_DAYS);
  checkChoice('keyType', settings.keyType, ['ecdsa', 'rsa']);
  checkChoice('curve', settings.curve, Object.keys(HASH_OF_CURVE));
  checkChoice('rsaBits', settings.rsaBits, RSA_BITS);
  return settings;
}

function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) {
    throw new RangeError(`"${name}" expected one of ${choices.join(', ')}, got ${JSON.stringify(value)}`);
  }
}

/** A literal address, or labels of letters, digits, hyphens and underscores; the first may be an asterisk. */
function isName(name: unknown): boolean {
  if (typeof name !== 'string') return false;
  return isIP(name) !== 0 || (name.length <= MAX_NAME_LENGTH && HOST_NAME.test(name));
}

/** Certificates count whole seconds. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 36_500;
const MAX_NAMES = 64;
/** The longest common name of RFC 5280, appendix A.1. */
const MAX_NAME_LENGTH = 64;
const HOST_NAME = /^(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;
const RSA_BITS: readonly number[] = [2048, 3072, 4096];
const HASH_OF_CURVE = { 'P-256': 'SHA-256', 'P-384': 'SHA-384', 'P-521': 'SHA-512' } as const;
