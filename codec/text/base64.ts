/** Base64 of PackedByteArrays in format 4 files (docs/protocol/variant-codec 9.1): RFC 4648, with padding. */

/** The base64 text of bytes, padded with `=`. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 3) {
    const left = bytes.length - start;
    // Missing bytes count as 0; what they would add is cut off below.
    const bits = ((bytes[start] ?? 0) << 16) | ((bytes[start + 1] ?? 0) << 8) | (bytes[start + 2] ?? 0);
    parts.push(
      ALPHABET.charAt(bits >> 18) +
        ALPHABET.charAt((bits >> 12) & 63) +
        (left > 1 ? ALPHABET.charAt((bits >> 6) & 63) : '=') +
        (left > 2 ? ALPHABET.charAt(bits & 63) : '='),
    );
  }
  return parts.join('');
}

/** The bytes of a base64 text, or `undefined` when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let start = 0; start < text.length; start += 4) {
    let bits = 0;
    for (let i = start; i < start + 4; i++) {
      const isPadding = i >= text.length - padding;
      const value = isPadding ? 0 : (VALUES[text.charCodeAt(i)] ?? NONE);
      if (value === NONE) return undefined;
      bits = (bits << 6) | value;
    }
    // Writing past the end of a typed array does nothing.
    bytes[at] = bits >> 16;
    bytes[at + 1] = bits >> 8;
    bytes[at + 2] = bits;
    at += 3;
  }
  return bytes;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const NONE = 255;
const VALUES = new Uint8Array(128).fill(NONE);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
