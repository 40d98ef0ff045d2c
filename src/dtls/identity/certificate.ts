/**
 * A certificate (RFC 5280) as the checks of a chain need it: node:crypto parses it, verifies signatures and gives the
 * key; extensions and names are read here, because node:crypto tells them not at all or only as text.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  childrenOf,
  contentOf,
  type DerElement,
  DerError,
  DerTag,
  objectIdentifierOf,
  readElement,
  readElements,
  smallIntegerOf,
} from './der.ts';
import {
  type DistinguishedName,
  type GeneralName,
  readDistinguishedName,
  readGeneralName,
} from './generalNames.ts';
import { type NameConstraints, readNameConstraints } from './nameConstraints.ts';

/** Bits of the extension key usage, as RFC 5280 4.2.1.3 numbers them. */
export const KeyUsage = { DIGITAL_SIGNATURE: 0, KEY_CERT_SIGN: 5 } as const;

/** One parsed certificate. Immutable. */
export class Certificate {
  /** The certificate as it was sent. */
  readonly raw: Uint8Array;
  /** Its public key. */
  readonly publicKey: KeyObject;
  /** The first moment of its validity, in ms of the Unix epoch. */
  readonly notBeforeMs: number;
  /** The last second of its validity, in ms of the Unix epoch. */
  readonly notAfterMs: number;
  /** Who it belongs to, to be compared with {@link Certificate.issuer} of others. */
  readonly subject: string;
  /** Who signed it. */
  readonly issuer: string;
  /** The common names of the subject, the most specific first. */
  readonly commonNames: readonly string[];
  /** The hash of its signature, or undefined for any but SHA-256, SHA-384 and SHA-512 with RSA or ECDSA. */
  readonly signatureHash: SignatureHash | undefined;
  /** The extension "subject alternative name", if it is there. */
  readonly alternativeNames: readonly GeneralName[] | undefined;
  /** The names it may issue for, if it is an authority that does not have them all. */
  readonly nameConstraints: NameConstraints | undefined;
  /** Its version, 1 to 3. Before 3 there were no extensions. */
  readonly version: number;
  /** Whether it may sign other certificates. */
  readonly isCa: boolean;
  /** How many further intermediate certificates may follow below it; Infinity when it does not say. */
  readonly pathLength: number;
  /** The object identifier of a critical extension that nobody here understands. */
  readonly unknownCritical: string | undefined;
  readonly #x509: X509Certificate;
  readonly #subject: DistinguishedName;
  readonly #keyUsage: Uint8Array | undefined;
  readonly #purposes: readonly string[] | undefined;

  /**
   * @param source DER, or PEM with one certificate.
   * @throws Error when it is no certificate, or one that RFC 5280 does not know.
   */
  constructor(source: Uint8Array | string) {
    this.#x509 = new X509Certificate(source);
    this.raw = new Uint8Array(this.#x509.raw);
    this.publicKey = this.#x509.publicKey;
    this.notBeforeMs = Date.parse(this.#x509.validFrom);
    this.notAfterMs = Date.parse(this.#x509.validTo);
    if (Number.isNaN(this.notBeforeMs) || Number.isNaN(this.notAfterMs)) throw new DerError('bad validity');
    const [body, algorithm] = childrenOf(readElement(this.raw), DerTag.SEQUENCE);
    const fields = childrenOf(body, DerTag.SEQUENCE);
    // [0] version (absent in version 1), serial number, signature algorithm, issuer, validity, subject, key, ...
    const version = fields[0]?.tag === VERSION_TAG ? readElement(fields[0].content) : undefined;
    this.version = version === undefined ? 1 : smallIntegerOf(version) + 1;
    const first = version === undefined ? 0 : 1;
    this.issuer = readDistinguishedName(fields[first + 2]).parts.join();
    this.#subject = readDistinguishedName(fields[first + 4]);
    this.subject = this.#subject.parts.join();
    this.commonNames = this.#subject.commonNames;
    this.signatureHash = readSignatureHash(algorithm);
    const extensions = readExtensions(fields.find(({ tag }) => tag === EXTENSIONS_TAG));
    const names = extensions.known.get(Oid.SUBJECT_ALTERNATIVE_NAME);
    this.alternativeNames = names && childrenOf(readElement(names), DerTag.SEQUENCE).map(readGeneralName);
    const nameConstraints = extensions.known.get(Oid.NAME_CONSTRAINTS);
    this.nameConstraints = nameConstraints && readNameConstraints(nameConstraints);
    const constraints = readBasicConstraints(extensions.known.get(Oid.BASIC_CONSTRAINTS));
    this.isCa = constraints.isCa;
    this.pathLength = constraints.pathLength;
    this.#keyUsage = readKeyUsage(extensions.known.get(Oid.KEY_USAGE));
    this.#purposes = readPurposes(extensions.known.get(Oid.EXTENDED_KEY_USAGE));
    this.unknownCritical = extensions.unknownCritical;
  }

  /** Whether the key usage allows something; a certificate without that extension allows everything. */
  allows(usage: number): boolean {
    const bits = this.#keyUsage;
    return bits === undefined || (((bits[usage >> 3] ?? 0) << (usage & 7)) & 0x80) !== 0;
  }

  /** Every name in it that name constraints of an authority above it are about. */
  get constrainedNames(): readonly GeneralName[] {
    const subject: GeneralName[] =
      this.#subject.parts.length === 0 ? [] : [{ kind: 'directory', value: this.#subject }];
    return [...subject, ...(this.alternativeNames ?? [])];
  }

  /**
   * Whether it may stand for a server, or for an authority of servers, as far as its extended key usage says anything.
   */
  get isForServers(): boolean {
    const purposes = this.#purposes;
    return purposes === undefined || purposes.includes(Oid.SERVER_AUTH) || purposes.includes(Oid.ANY_PURPOSE);
  }

  /** Whether this certificate was signed with the key of another one. */
  isSignedBy(issuer: Certificate): boolean {
    try {
      return this.#x509.verify(issuer.publicKey);
    } catch {
      // A key of a kind that cannot have made this signature.
      return false;
    }
  }

  /** Whether a private key is the one that belongs to it. */
  hasPrivateKey(key: KeyObject): boolean {
    return this.#x509.checkPrivateKey(key);
  }

  /** Whether two certificates are the same one. */
  equals(other: Certificate): boolean {
    return Buffer.compare(this.raw, other.raw) === 0;
  }

  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  get fingerprint256(): string {
    return this.#x509.fingerprint256;
  }

  /** The subject for a human: at most 100 printable characters. */
  get title(): string {
    const text = this.commonNames[0] ?? this.#x509.subject ?? '';
    return printable(text === '' ? '(no name)' : text);
  }
}

/** A text of somebody else, made fit for one line of a log. */
export function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ');
  return clean.length > 100 ? `${clean.slice(0, 99)}…` : clean;
}

/**
 * The bytes of a literal IP address.
 *
 * @returns 4 or 16 bytes; undefined when the text is none, or has a zone.
 */
export function ipBytes(text: string): Uint8Array | undefined {
  if (isIP(text) === 4) return Uint8Array.from(text.split('.'), Number);
  if (isIP(text) !== 6 || text.includes('%')) return undefined;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain = dotted
    ? `${dotted[1]}${hexPair(dotted[2], dotted[3])}:${hexPair(dotted[4], dotted[5])}`
    : text;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The hashes that are good enough for a signature. */
export type SignatureHash = 'SHA-256' | 'SHA-384' | 'SHA-512';

function hexPair(high: string | undefined, low: string | undefined): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}

function readSignatureHash(algorithm: DerElement | undefined): SignatureHash | undefined {
  const [identifier, parameters] = childrenOf(algorithm, DerTag.SEQUENCE);
  const oid = objectIdentifierOf(identifier);
  if (oid !== Oid.RSA_PSS) return HASH_OF_SIGNATURE.get(oid);
  const hash = childrenOf(parameters, DerTag.SEQUENCE).find(({ tag }) => tag === HASH_PARAMETER_TAG);
  if (hash === undefined) return undefined;
  const [inner] = childrenOf(readElement(hash.content), DerTag.SEQUENCE);
  return HASHES.get(objectIdentifierOf(inner));
}

interface Extensions {
  readonly known: ReadonlyMap<string, Uint8Array>;
  readonly unknownCritical: string | undefined;
}

function readExtensions(element: DerElement | undefined): Extensions {
  const known = new Map<string, Uint8Array>();
  let unknownCritical: string | undefined;
  if (element === undefined) return { known, unknownCritical };
  for (const extension of childrenOf(readElement(element.content), DerTag.SEQUENCE)) {
    const parts = childrenOf(extension, DerTag.SEQUENCE);
    const oid = objectIdentifierOf(parts[0]);
    const isCritical = parts[1]?.tag === DerTag.BOOLEAN && parts[1].content[0] !== 0;
    if (known.has(oid)) throw new DerError(`extension ${oid} is there twice`);
    known.set(oid, contentOf(parts.at(-1), DerTag.OCTET_STRING));
    if (isCritical && !UNDERSTOOD.has(oid)) unknownCritical ??= oid;
  }
  return { known, unknownCritical };
}

function readBasicConstraints(bytes: Uint8Array | undefined): { isCa: boolean; pathLength: number } {
  const [first, second] = bytes === undefined ? [] : childrenOf(readElement(bytes), DerTag.SEQUENCE);
  const isCa = first?.tag === DerTag.BOOLEAN && first.content[0] !== 0;
  return {
    isCa,
    pathLength: isCa && second !== undefined ? smallIntegerOf(second) : Number.POSITIVE_INFINITY,
  };
}

function readKeyUsage(bytes: Uint8Array | undefined): Uint8Array | undefined {
  // The first octet counts the unused bits at the end.
  return bytes === undefined ? undefined : contentOf(readElement(bytes), DerTag.BIT_STRING).subarray(1);
}

function readPurposes(bytes: Uint8Array | undefined): readonly string[] | undefined {
  if (bytes === undefined) return undefined;
  return readElements(contentOf(readElement(bytes), DerTag.SEQUENCE)).map(objectIdentifierOf);
}

const Oid = {
  KEY_USAGE: '2.5.29.15',
  SUBJECT_ALTERNATIVE_NAME: '2.5.29.17',
  BASIC_CONSTRAINTS: '2.5.29.19',
  NAME_CONSTRAINTS: '2.5.29.30',
  EXTENDED_KEY_USAGE: '2.5.29.37',
  ANY_PURPOSE: '2.5.29.37.0',
  SERVER_AUTH: '1.3.6.1.5.5.7.3.1',
  RSA_PSS: '1.2.840.113549.1.1.10',
} as const;

/** Extensions that may be critical. Certificate policies (2.5.29.32) ask nothing of who has no policy. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  Oid.KEY_USAGE,
  Oid.SUBJECT_ALTERNATIVE_NAME,
  Oid.BASIC_CONSTRAINTS,
  Oid.NAME_CONSTRAINTS,
  Oid.EXTENDED_KEY_USAGE,
  '2.5.29.32',
]);

const HASH_OF_SIGNATURE: ReadonlyMap<string, SignatureHash> = new Map([
  ['1.2.840.113549.1.1.11', 'SHA-256'],
  ['1.2.840.113549.1.1.12', 'SHA-384'],
  ['1.2.840.113549.1.1.13', 'SHA-512'],
  ['1.2.840.10045.4.3.2', 'SHA-256'],
  ['1.2.840.10045.4.3.3', 'SHA-384'],
  ['1.2.840.10045.4.3.4', 'SHA-512'],
]);

const HASHES: ReadonlyMap<string, SignatureHash> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'SHA-256'],
  ['2.16.840.1.101.3.4.2.2', 'SHA-384'],
  ['2.16.840.1.101.3.4.2.3', 'SHA-512'],
]);

const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;
const HASH_PARAMETER_TAG = 0xa0;
