/** UTF-8 as the engine reads it (variant-codec.md section 4.2). */

/**
 * The text of `length` bytes at `start`: a BOM is skipped, the first NUL ends it, and the rest must be strictly
 * well-formed. `undefined` if it is not.
 */
export function decodeUtf8(bytes: Uint8Array, start: number, length: number): string | undefined {
  if (length <= SHORT_TEXT) {
    let at = start;
    const end = start + length;
    // Index reads are inside the array: the caller has checked start + length.
    while (at < end && (bytes[at] as number) - 1 < 0x7f && bytes[at] !== 0) at++;
    if (at === end || bytes[at] === 0) return asciiText(bytes, start, at);
  }
  const part = bytes.subarray(start, start + length);
  const bom = length >= 3 && part[0] === 0xef && part[1] === 0xbb && part[2] === 0xbf ? 3 : 0;
  const nul = part.indexOf(0, bom);
  try {
    return STRICT.decode(nul < 0 && bom === 0 ? part : part.subarray(bom, nul < 0 ? length : nul));
  } catch {
    // TextDecoder has one complaint only; the caller names it with offset and type.
    return undefined;
  }
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  switch (end - start) {
    case 0:
      return '';
    case 1:
      return String.fromCharCode(bytes[start] as number);
    default:
      // fromCharCode takes any array-like of numbers; its type says number[].
      return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  }
}

/** Up to here a loop beats the call of a TextDecoder. */
const SHORT_TEXT = 64;

/** `ignoreBOM`: the BOM is skipped here, once; a second one is text. */
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
