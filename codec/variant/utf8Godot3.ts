/**
 * UTF-8 as Godot 3 reads it (variant-codec.md section 7.2). It takes what strict readers refuse: surrogates, most
 * overlong forms, and sequences of five and six bytes.
 */

/**
 * The text of `length` bytes at `start`: a BOM is skipped, the first NUL ends it. `undefined` where the engine refuses.
 * Surrogate pairs, as Godot 3 writes them on Windows, become one character; single surrogates and code points above
 * 10FFFF, which no well-formed text holds, become U+FFFD.
 */
export function decodeGodot3Utf8(bytes: Uint8Array, start: number, length: number): string | undefined {
  const end = start + length;
  let at = start;
  // Index reads are inside the array: the caller has checked start + length.
  if (length >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  let text = '';
  while (at < end) {
    const lead = bytes[at] as number;
    if (lead === 0) break;
    const size = sizeOf(lead);
    if (size === 0 || end - at < size) return undefined;
    let point = size === 1 ? lead : lead & (0xff >> (size + 1));
    for (let index = 1; index < size; index++) {
      const byte = bytes[at + index] as number;
      if ((byte & 0xc0) !== 0x80) return undefined;
      // The engine looks for overlong forms in the third byte alone.
      if (index === 2 && point === 0 && (byte & 0x7f) >> (7 - size) === 0) return undefined;
      point = point * 64 + (byte & 0x3f);
    }
    text += point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
    at += size;
  }
  return text.replace(LONE_SURROGATES, '\ufffd');
}

/** How many bytes a character takes, 0 for a byte that starts none. */
function sizeOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xfd) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  if (lead < 0xf8) return 4;
  return lead < 0xfc ? 5 : 6;
}

/** With the flag `u` a pair is one character, and only what is left alone is matched. */
const LONE_SURROGATES = /\p{Surrogate}/gu;
