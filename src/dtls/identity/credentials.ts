/** The key and the certificate chain of a server, from PEM. godot-enet-classes 6; `TLSOptions.server`. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { AttachError } from '../../runtime/index.ts';
import { Certificate } from './certificate.ts';
import { CredentialsError } from './identityError.ts';
import { ACCEPTED_KEYS, type KeyType, keyProblem } from './keyPolicy.ts';
import { pemBlocks } from './pem.ts';

/** What a server proves its identity with. The key never leaves its KeyObject. */
export interface ServerCredentials {
  /** Signs the handshakes. */
  readonly privateKey: KeyObject;
  /** What kind of key it is. */
  readonly keyType: KeyType;
  /** The curve of an EC key as OpenSSL names it, e.g. `"prime256v1"`; undefined for RSA. */
  readonly curve: string | undefined;
  /** The certificates in DER: the own one first, each signed by the next. */
  readonly chain: readonly Uint8Array[];
  /** The own certificate. */
  readonly certificate: Certificate;
  /** When the first certificate of the chain stops being valid, in ms of the Unix epoch. */
  readonly notAfterMs: number;
}

/**
 * Reads a key and a chain. Dates are not looked at: a server may start before its certificate is valid, and its metrics
 * tell when one runs out.
 *
 * @param key PEM of a private key, not encrypted (PKCS #8, PKCS #1 or SEC 1).
 * @param certificate PEM of the own certificate, followed by those of intermediate authorities.
 * @throws CredentialsError when they cannot be used.
 */
export function readCredentials(key: string, certificate: string): ServerCredentials {
  const privateKey = readPrivateKey(key);
  const certificates = readCertificates(certificate, 'certificate');
  const [own] = certificates;
  if (own === undefined) throw new CredentialsError('ERR_DTLS_PEM', 'the certificate is missing');
  const problem = keyProblem(own.publicKey);
  if (problem !== undefined) {
    throw new CredentialsError(
      'ERR_DTLS_KEY_TYPE',
      `the key of the certificate "${own.title}" is ${problem}; expected ${ACCEPTED_KEYS}`,
    );
  }
  if (!own.hasPrivateKey(privateKey)) {
    throw new CredentialsError(
      'ERR_DTLS_KEY_MISMATCH',
      `the private key is not that of the first certificate, "${own.title}"`,
    );
  }
  const keyType = own.publicKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec';
  return {
    privateKey,
    keyType,
    curve: privateKey.asymmetricKeyDetails?.namedCurve,
    chain: certificates.map(({ raw }) => raw),
    certificate: own,
    notAfterMs: Math.min(...certificates.map(({ notAfterMs }) => notAfterMs)),
  };
}

/** What is wrong with a key and its certificate, with the code of a {@link CredentialsError}; undefined: nothing. */
export function findCredentialsProblem(key: string, certificate: string): AttachError | undefined {
  try {
    readCredentials(key, certificate);
    return undefined;
  } catch (error) {
    if (error instanceof CredentialsError) return { code: error.code, message: error.message };
    throw error;
  }
}

/**
 * Reads every certificate of a PEM text.
 *
 * @param what names the text in messages.
 * @throws CredentialsError when it has none, or a damaged one.
 */
export function readCertificates(pem: string, what: string): Certificate[] {
  const blocks = blocksOf(pem, what).filter(({ label }) => CERTIFICATE_LABELS.has(label));
  if (blocks.length === 0) {
    throw new CredentialsError('ERR_DTLS_PEM', `the ${what} has no block "BEGIN CERTIFICATE"`);
  }
  return blocks.map(({ text }, index) => {
    try {
      return new Certificate(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CredentialsError(
        'ERR_DTLS_CERTIFICATE',
        `block ${index + 1} of the ${what} is no certificate: ${reason}`,
      );
    }
  });
}

function readPrivateKey(pem: string): KeyObject {
  const block = blocksOf(pem, 'key').find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) {
    throw new CredentialsError('ERR_DTLS_PEM', 'the key has no block "BEGIN PRIVATE KEY"');
  }
  if (block.label === 'ENCRYPTED PRIVATE KEY' || block.text.includes('Proc-Type: 4,ENCRYPTED')) {
    throw new CredentialsError(
      'ERR_DTLS_KEY_ENCRYPTED',
      'the key is encrypted; decrypt it first, e.g. with "openssl pkey"',
    );
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(block.text);
  } catch {
    // The message of OpenSSL could quote what it read.
    throw new CredentialsError('ERR_DTLS_KEY', 'the key is damaged, or of a kind that nobody here knows');
  }
  const problem = keyProblem(key);
  if (problem !== undefined) {
    throw new CredentialsError('ERR_DTLS_KEY_TYPE', `the key is ${problem}; expected ${ACCEPTED_KEYS}`);
  }
  return key;
}

function blocksOf(pem: string, what: string): ReturnType<typeof pemBlocks> {
  if (typeof pem !== 'string' || pem.trim() === '') {
    throw new CredentialsError('ERR_DTLS_PEM', `the ${what} is empty; expected PEM text`);
  }
  if (pem.length > MAX_PEM_LENGTH) {
    throw new CredentialsError('ERR_DTLS_PEM', `the ${what} has more than ${MAX_PEM_LENGTH} characters`);
  }
  const blocks = pemBlocks(pem);
  if (blocks.length === 0) {
    throw new CredentialsError(
      'ERR_DTLS_PEM',
      `the ${what} is not PEM; expected "-----BEGIN ..." (not a path)`,
    );
  }
  return blocks;
}

const CERTIFICATE_LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);
/** All of the world's authorities take about 250 kB. */
const MAX_PEM_LENGTH = 4 * 1024 * 1024;
