/**
 * A reader for the few parts of a certificate that node:crypto does not tell: DER (X.690) as far as RFC 5280 uses it.
 * It is given what node:crypto has already parsed, and still believes nothing: what does not fit is a `DerError`.
 */

/** The bytes are not the structure that was expected. */
export class DerError extends Error {
  override readonly name: string = 'DerError';
}

/** One element: its tag and its content, which shares the memory of the input. */
export interface DerElement {
  /** The identifier octet. Tags above 30 do not occur in certificates. */
  readonly tag: number;
  /** The content octets. */
  readonly content: Uint8Array;
  /** The whole element with its header. */
  readonly whole: Uint8Array;
}

/** Tags that certificates are made of. */
export const DerTag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OBJECT_IDENTIFIER: 0x06,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/**
 * Takes a content apart into its elements.
 *
 * @throws DerError when it is damaged.
 */
export function readElements(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const element = readElement(bytes.subarray(offset));
    elements.push(element);
    offset += element.whole.length;
  }
  return elements;
}

/**
 * Reads the first element; what follows is ignored.
 *
 * @throws DerError when it is damaged.
 */
export function readElement(bytes: Uint8Array): DerElement {
  const tag = bytes[0];
  let length = bytes[1];
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) throw new DerError('no element');
  let header = 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    header += count;
    if (count < 1 || count > 3 || header > bytes.length) throw new DerError('bad length');
    length = 0;
    for (let index = 2; index < header; index += 1) length = (length << 8) | (bytes[index] ?? 0);
  }
  if (length > bytes.length - header) throw new DerError('truncated');
  return { tag, content: bytes.subarray(header, header + length), whole: bytes.subarray(0, header + length) };
}

/**
 * The elements of a constructed one.
 *
 * @throws DerError when the tag is another one, or the content is damaged.
 */
export function childrenOf(element: DerElement | undefined, tag: number): DerElement[] {
  return readElements(contentOf(element, tag));
}

/**
 * The content of an element.
 *
 * @throws DerError when the tag is another one.
 */
export function contentOf(element: DerElement | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw new DerError(`expected tag ${tag}, got ${element?.tag ?? 'nothing'}`);
  return element.content;
}

/**
 * An object identifier in dotted decimal.
 *
 * @throws DerError when it is none.
 */
export function objectIdentifierOf(element: DerElement | undefined): string {
  const bytes = contentOf(element, DerTag.OBJECT_IDENTIFIER);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of bytes) {
    // Beyond 32 bits the number only has to be unlike the known ones.
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40));
      arcs.push(first, arc - first * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  if (arcs.length === 0 || arc !== 0) throw new DerError('bad object identifier');
  return arcs.join('.');
}

/**
 * A small number that is not negative.
 *
 * @returns `Infinity` when it has more than four octets.
 * @throws DerError when it is none.
 */
export function smallIntegerOf(element: DerElement | undefined): number {
  const bytes = contentOf(element, DerTag.INTEGER);
  if (bytes.length === 0 || (bytes[0] ?? 0) >= 0x80) throw new DerError('bad number');
  if (bytes.length > 4) return Number.POSITIVE_INFINITY;
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}
