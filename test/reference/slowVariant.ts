/**
 * The slow twin of the codec's hot path: plain values only, one byte at a time, straight from variant-codec.md
 * sections 1 to 4. Property tests hold the fast code equal to it.
 */

/** What the twin knows. */
export type Plain =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** Encodes byte by byte. */
export function slowEncode(value: Plain): number[] {
  if (value === null) return u32(0);
  if (typeof value === 'boolean') return [...u32(1), ...u32(value ? 1 : 0)];
  if (typeof value === 'bigint') return slowInt(value);
  if (typeof value === 'number') {
    const isInt = Number.isSafeInteger(value) && !Object.is(value, -0);
    return isInt ? slowInt(BigInt(value)) : slowFloat(value);
  }
  if (typeof value === 'string') return [...u32(4), ...slowText(value)];
  if (Array.isArray(value)) {
    return [...u32(28), ...u32(value.length), ...value.flatMap((element: Plain) => slowEncode(element))];
  }
  const entries = Object.entries(value as { readonly [key: string]: Plain });
  return [
    ...u32(27),
    ...u32(entries.length),
    ...entries.flatMap(([key, inner]) => [...u32(4), ...slowText(key), ...slowEncode(inner)]),
  ];
}

/** The text of a *string* field by the strict rules of section 4.2, `undefined` if it is malformed. */
export function slowUtf8(source: readonly number[]): string | undefined {
  const withoutBom =
    source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf ? source.slice(3) : source;
  const nul = withoutBom.indexOf(0);
  const data = nul < 0 ? withoutBom : withoutBom.slice(0, nul);
  let text = '';
  for (let at = 0; at < data.length; ) {
    const lead = data[at] ?? 0;
    const size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const tail = data.slice(at + 1, at + size);
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4) return undefined;
    if (tail.length !== size - 1 || tail.some((byte) => (byte & 0xc0) !== 0x80)) return undefined;
    const first = size === 1 ? lead : lead & (0xff >> (size + 1));
    const point = tail.reduce((sum, byte) => sum * 64 + (byte & 0x3f), first);
    const least = [0, 0, 0x80, 0x800, 0x10000][size] ?? 0;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    text += String.fromCodePoint(point);
    at += size;
  }
  return text;
}

function slowInt(value: bigint): number[] {
  const is32 = value >= -2147483648n && value <= 2147483647n;
  return [...u32(is32 ? 2 : 0x10002), ...little(BigInt.asUintN(is32 ? 32 : 64, value), is32 ? 4 : 8)];
}

function slowFloat(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  if (Math.fround(value) === value) {
    view.setFloat32(0, value, true);
    return [...u32(3), ...little(BigInt(view.getUint32(0, true)), 4)];
  }
  view.setFloat64(0, value, true);
  const bits = Number.isNaN(value) ? 0x7ff8000000000000n : view.getBigUint64(0, true);
  return [...u32(0x10003), ...little(bits, 8)];
}

function slowText(text: string): number[] {
  const data: number[] = [];
  for (const character of text) {
    let point = character.codePointAt(0) ?? 0;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) data.push(point);
    else if (point < 0x800) data.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000)
      data.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else {
      data.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 63),
        0x80 | ((point >> 6) & 63),
        0x80 | (point & 63),
      );
    }
  }
  const length = data.length;
  while (data.length % 4 !== 0) data.push(0);
  return [...u32(length), ...data];
}

function u32(value: number): number[] {
  return little(BigInt(value), 4);
}

function little(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, index) => Number((value >> BigInt(index * 8)) & 255n));
}
