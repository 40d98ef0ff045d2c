/** Makes certificates for tests: authorities, intermediates, servers, and all kinds of bad ones. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const KEYS = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  'RSA-1024': rsa(1024),
  'RSA-2048': rsa(2048),
  'RSA-4096': rsa(4096),
  'RSA-SHA1': rsa(2048, 'SHA-1'),
} as const;

/** What {@link issue} can be told. */
export interface IssueOptions {
  /** The common name. */
  readonly name: string;
  /** Who signs it; nobody: it signs itself. */
  readonly issuer?: Issued;
  /** Default P-256. */
  readonly key?: keyof typeof KEYS;
  /** Basic constraints; `undefined` leaves them out. */
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** Key usage; left out by default. */
  readonly usage?: x509.KeyUsageFlags;
  /** Extended key usage; left out by default. */
  readonly purposes?: readonly string[];
  /** Alternative names. */
  readonly names?: readonly { readonly type: 'dns' | 'ip' | 'url' | 'email'; readonly value: string }[];
  /** The object identifier of a critical extension that nobody knows. */
  readonly critical?: string;
  /** Name constraints: what the authority may issue for. */
  readonly constraints?: Constraints;
  /** When it is valid. Default from 2020 to 2099. */
  readonly from?: Date;
  readonly to?: Date;
}

/** Name constraints of RFC 5280, each subtree a general name in DER: see {@link dns}, {@link mail}, {@link ip}. */
export interface Constraints {
  readonly permitted?: readonly Uint8Array[];
  readonly excluded?: readonly Uint8Array[];
  /** Default true. */
  readonly isCritical?: boolean;
}

/** A general name: a host, or everything below it. */
export const dns = (name: string): Uint8Array => element(0x82, Buffer.from(name));
/** A general name: a mailbox. */
export const mail = (name: string): Uint8Array => element(0x81, Buffer.from(name));
/** A general name: an address and its mask. */
export const ip = (...bytes: readonly number[]): Uint8Array => element(0x87, Uint8Array.from(bytes));
/** A general name: everybody whose subject begins with a common name. */
export const directory = (commonName: string): Uint8Array =>
  element(0xa4, new Uint8Array(new x509.Name([{ CN: [commonName] }]).toArrayBuffer()));

/** A DER element with a content of less than 64 KiB. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...size, ...content]);
}

function nameConstraints({ permitted, excluded, isCritical = true }: Constraints): x509.Extension {
  const trees = (tag: number, names: readonly Uint8Array[] | undefined): Uint8Array[] =>
    names === undefined ? [] : [element(tag, ...names.map((name) => element(0x30, name)))];
  const value = element(0x30, ...trees(0xa0, permitted), ...trees(0xa1, excluded));
  return new x509.Extension('2.5.29.30', isCritical, value);
}

/** A certificate with its key. */
export interface Issued {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** The certificate in DER. */
  readonly der: Uint8Array;
  readonly keys: CryptoKeyPair;
  readonly algorithm: (typeof KEYS)[keyof typeof KEYS];
  readonly subject: x509.JsonName;
}

type CryptoKeyPair = import('node:crypto').webcrypto.CryptoKeyPair;

/** Makes a key and a certificate. */
export async function issue(options: IssueOptions): Promise<Issued> {
  const algorithm = KEYS[options.key ?? 'P-256'];
  const { subtle } = globalThis.crypto;
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const subject: x509.JsonName = [{ CN: [options.name] }];
  const extensions: x509.Extension[] = [];
  if (options.ca !== undefined) {
    extensions.push(new x509.BasicConstraintsExtension(options.ca, options.pathLength, true));
  }
  if (options.usage !== undefined) extensions.push(new x509.KeyUsagesExtension(options.usage, true));
  if (options.purposes) extensions.push(new x509.ExtendedKeyUsageExtension([...options.purposes]));
  if (options.names) extensions.push(new x509.SubjectAlternativeNameExtension([...options.names]));
  if (options.critical !== undefined) {
    extensions.push(new x509.Extension(options.critical, true, Uint8Array.of(5, 0)));
  }
  if (options.constraints) extensions.push(nameConstraints(options.constraints));
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: options.issuer?.subject ?? subject,
    notBefore: options.from ?? new Date('2020-01-01T00:00:00Z'),
    notAfter: options.to ?? new Date('2099-01-01T00:00:00Z'),
    publicKey: keys.publicKey,
    signingKey: options.issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: options.issuer?.algorithm ?? algorithm,
    extensions,
  });
  const pkcs8 = await subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
    der: new Uint8Array(certificate.rawData),
    keys,
    algorithm,
    subject,
  };
}

function rsa(modulusLength: number, hash = 'SHA-256') {
  return { name: 'RSASSA-PKCS1-v1_5', modulusLength, publicExponent: Uint8Array.of(1, 0, 1), hash };
}
