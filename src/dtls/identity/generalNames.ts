/** The names of RFC 5280: distinguished names (section 4.1.2.4) and general names (section 4.2.1.6). */
import { childrenOf, type DerElement, DerError, DerTag, objectIdentifierOf, readElement } from './der.ts';

/** A distinguished name. */
export interface DistinguishedName {
  /** Its parts from the root on. Equal names have equal parts: texts are compared in any case of ASCII letters. */
  readonly parts: readonly string[];
  /** The common names in it, the most specific first. */
  readonly commonNames: readonly string[];
}

/** One of the names that an extension lists. Bytes share the memory of the certificate. */
export type GeneralName =
  | { readonly kind: 'dns' | 'uri'; readonly value: string }
  /** An address, 4 or 16 bytes; in a constraint an address and its mask. */
  | { readonly kind: 'ip'; readonly value: Uint8Array }
  | { readonly kind: 'directory'; readonly value: DistinguishedName }
  /** A kind that is not looked into: its tag. */
  | { readonly kind: 'other'; readonly value: number };

/**
 * Reads a distinguished name.
 *
 * @throws DerError when it is none.
 */
export function readDistinguishedName(element: DerElement | undefined): DistinguishedName {
  const parts: string[] = [];
  const commonNames: string[] = [];
  for (const set of childrenOf(element, DerTag.SEQUENCE)) {
    const pairs: string[] = [];
    for (const pair of childrenOf(set, DerTag.SET)) {
      const [type, value] = childrenOf(pair, DerTag.SEQUENCE);
      const oid = objectIdentifierOf(type);
      if (value === undefined) throw new DerError('a name without a value');
      const text = textOf(value);
      if (oid === COMMON_NAME && text !== undefined) commonNames.unshift(text);
      const shown = text === undefined ? `#${Buffer.from(value.whole).toString('hex')}` : lowerAscii(text);
      pairs.push(`${oid}=${shown}`);
    }
    parts.push(JSON.stringify(pairs));
  }
  return { parts, commonNames };
}

/**
 * Reads one general name.
 *
 * @throws DerError when a distinguished name in it is damaged.
 */
export function readGeneralName({ tag, content }: DerElement): GeneralName {
  switch (tag) {
    case DNS_NAME_TAG:
      return { kind: 'dns', value: Buffer.from(content).toString('latin1') };
    case URI_TAG:
      return { kind: 'uri', value: Buffer.from(content).toString('latin1') };
    case IP_ADDRESS_TAG:
      return { kind: 'ip', value: content };
    case DIRECTORY_NAME_TAG:
      return { kind: 'directory', value: readDistinguishedName(readElement(content)) };
    default:
      return { kind: 'other', value: tag };
  }
}

/** Names are compared in any case of ASCII letters only: the Kelvin sign is no "k". */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function textOf(element: DerElement): string | undefined {
  const bytes = Buffer.from(element.content);
  switch (element.tag) {
    case UTF8_STRING:
      return bytes.toString('utf8');
    case PRINTABLE_STRING:
    case TELETEX_STRING:
    case IA5_STRING:
      return bytes.toString('latin1');
    default:
      return undefined;
  }
}

const COMMON_NAME = '2.5.4.3';
const DNS_NAME_TAG = 0x82;
const DIRECTORY_NAME_TAG = 0xa4;
const URI_TAG = 0x86;
const IP_ADDRESS_TAG = 0x87;
const UTF8_STRING = 0x0c;
const PRINTABLE_STRING = 0x13;
const TELETEX_STRING = 0x14;
const IA5_STRING = 0x16;
