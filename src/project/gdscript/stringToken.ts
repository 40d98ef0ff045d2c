/** The strings of GDScript: `"…"`, `'…'`, three of either, raw ones. docs/protocol/scene-multiplayer 11.2 (29). */

/** A string that was read. */
export interface StringToken {
  /** Its content. */
  readonly text: string;
  /** The index behind it. */
  readonly end: number;
  /** Why the engine refuses it. */
  readonly error: string | undefined;
}

/**
 * Reads a string. One that does not end goes on to the end of the text.
 *
 * @param start - The index of its first quote.
 * @param isRaw - Whether an `r` stands before it: a backslash means nothing, but that a quote behind it does not end the string.
 */
export function readString(source: string, start: number, isRaw: boolean): StringToken {
  const quote = source.charAt(start);
  const close = source.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  const special = quote === '"' ? DOUBLE : SINGLE;
  const parts: string[] = [];
  let error: string | undefined;
  for (let at = start + close.length; ; ) {
    special.lastIndex = at;
    const found = special.exec(source);
    if (found === null) {
      parts.push(source.slice(at));
      return { text: parts.join(''), end: source.length, error: 'A string does not end' };
    }
    parts.push(source.slice(at, found.index));
    at = found.index;
    if (source.charAt(at) === '\\') {
      const escaped = isRaw ? rawEscape(source, at) : readEscape(source, at);
      parts.push(escaped.text);
      at = escaped.end;
      error ??= escaped.error;
    } else if (source.startsWith(close, at)) {
      return { text: parts.join(''), end: at + close.length, error };
    } else {
      parts.push(quote);
      at++;
    }
  }
}

function rawEscape(source: string, at: number): StringToken {
  const end = Math.min(at + 2, source.length);
  return { text: source.slice(at, end), end, error: undefined };
}

function readEscape(source: string, at: number): StringToken {
  const c = source.charAt(at + 1);
  const plain = ESCAPES.get(c);
  if (plain !== undefined) return { text: plain, end: at + 2, error: undefined };
  if (c === '\r' && source.charAt(at + 2) === '\n') return { text: '', end: at + 3, error: undefined };
  const digits = c === 'u' ? 4 : c === 'U' ? 6 : 0;
  const hex = source.slice(at + 2, at + 2 + digits);
  if (digits > 0 && hex.length === digits && /^[\da-fA-F]+$/.test(hex)) {
    const code = Number.parseInt(hex, 16);
    if (code <= 0x10ffff) return { text: String.fromCodePoint(code), end: at + 2 + digits, error: undefined };
  }
  return { text: c, end: Math.min(at + 2, source.length), error: 'An unknown escape in a string' };
}

const DOUBLE = /["\\]/g;
const SINGLE = /['\\]/g;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ["'", "'"],
  ['"', '"'],
  ['\\', '\\'],
  ['\n', ''],
]);
