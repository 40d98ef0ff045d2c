/** The tokens of Godot's JSON (docs/protocol/variant-codec 8.1). */

import { readDecimal } from '../lexical/decimalReader.ts';
import { toEngineString } from '../lexical/engineString.ts';
import { JsonError } from './JsonError.ts';

/** Kind of a token; the punctuation kinds are their own characters. */
export type JsonTokenKind = '{' | '}' | '[' | ']' | ':' | ',' | 'word' | 'number' | 'string' | 'end';

/**
 * Cuts a JSON text into tokens. One scanner is one pass over one text.
 *
 * It keeps the engine's deviations: raw control characters are allowed in strings, numbers go through the engine's own
 * reader, and everything up to the space character separates tokens.
 */
export class JsonScanner {
  /** Kind of the current token; `'end'` before the first {@link next} and at the end of the text. */
  kind: JsonTokenKind = 'end';
  /** Text of the current `'string'` (unescaped) or `'word'` token. */
  text = '';
  /** Value of the current `'number'` token. */
  number = 0;
  /** Where the current token begins. */
  start = 0;
  readonly #source: string;
  #at = 0;

  /** @param source - The text; characters that an engine string cannot hold (NUL, lone surrogates) become U+FFFD. */
  constructor(source: string) {
    this.#source = toEngineString(source);
  }

  /**
   * Moves to the next token.
   *
   * @returns Its kind.
   * @throws JsonError for a character that begins no token and for malformed strings.
   */
  next(): JsonTokenKind {
    this.#advance();
    return this.kind;
  }

  #advance(): void {
    const source = this.#source;
    while (source.charCodeAt(this.#at) <= 0x20) this.#at++;
    this.start = this.#at;
    if (this.#at >= source.length) {
      this.kind = 'end';
      return;
    }
    const first = source.charAt(this.#at);
    switch (first) {
      case '{':
      case '}':
      case '[':
      case ']':
      case ':':
      case ',':
        this.kind = first;
        this.#at++;
        return;
      case '"':
        this.#string();
        return;
      default:
    }
    if (first === '-' || (first >= '0' && first <= '9')) this.#numeral();
    else if (isLetter(source.charCodeAt(this.#at))) this.#word();
    else throw this.error('Unexpected character', this.#at);
  }

  /**
   * A syntax error at some place of this text.
   *
   * @param reason - What is wrong.
   * @param offset - Index of the offending unit; the current token's beginning unless given.
   * @param code - Stable code.
   * @returns The error, not thrown.
   */
  error(reason: string, offset: number = this.start, code: JsonError['code'] = 'ERR_JSON_SYNTAX'): JsonError {
    const before = this.#source.slice(0, offset);
    let line = 1;
    for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++;
    return new JsonError(code, { reason, offset, line, column: offset - before.lastIndexOf('\n') });
  }

  #numeral(): void {
    const reading = readDecimal(this.#source, this.#at);
    // A minus without digits: the engine reads nothing, meets the same character again and refuses the text in the end.
    if (reading.end === this.#at) throw this.error('Expected a number', this.#at);
    this.kind = 'number';
    this.number = reading.value;
    this.#at = reading.end;
  }

  #word(): void {
    let end = this.#at + 1;
    while (isLetter(this.#source.charCodeAt(end))) end++;
    this.kind = 'word';
    this.text = this.#source.slice(this.#at, end);
    this.#at = end;
  }

  #string(): void {
    const source = this.#source;
    const parts: string[] = [];
    let from = this.#at + 1;
    let at = from;
    for (;;) {
      const code = source.charCodeAt(at);
      if (code === QUOTE) break;
      if (at >= source.length) throw this.error('Unterminated string', source.length);
      if (code !== BACKSLASH) {
        at++;
        continue;
      }
      parts.push(source.slice(from, at));
      const letter = source.charAt(at + 1);
      if (letter === '') throw this.error('Unterminated string', source.length);
      if (letter === 'u') {
        at = this.#unicodeEscape(at, parts);
      } else {
        const plain = ESCAPES.get(letter);
        if (plain === undefined) throw this.error('Invalid escape sequence', at);
        parts.push(plain);
        at += 2;
      }
      from = at;
    }
    const tail = source.slice(from, at);
    this.kind = 'string';
    this.text = parts.length === 0 ? tail : parts.join('') + tail;
    this.#at = at + 1;
  }

  /** Reads `\uXXXX`, or two of them that form a pair, at `at`; returns the index behind. */
  #unicodeEscape(at: number, parts: string[]): number {
    const unit = this.#hex(at + 2);
    if (unit >= 0xdc00 && unit <= 0xdfff) {
      throw this.error('Invalid UTF-16 sequence in string, unpaired trail surrogate', at);
    }
    if (unit < 0xd800 || unit > 0xdbff) {
      parts.push(unit === 0 ? REPLACEMENT : String.fromCharCode(unit));
      return at + 6;
    }
    if (this.#source.charAt(at + 6) === '\\' && this.#source.charAt(at + 7) === 'u') {
      const trail = this.#hex(at + 8);
      if (trail >= 0xdc00 && trail <= 0xdfff) {
        parts.push(String.fromCharCode(unit, trail));
        return at + 12;
      }
    }
    throw this.error('Invalid UTF-16 sequence in string, unpaired lead surrogate', at);
  }

  #hex(at: number): number {
    const digits = this.#source.slice(at, at + 4);
    if (at + 4 > this.#source.length) throw this.error('Unterminated string', this.#source.length);
    if (!FOUR_HEX.test(digits)) throw this.error('Malformed hex constant in string', at);
    return Number.parseInt(digits, 16);
  }
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const REPLACEMENT = '\ufffd';
const FOUR_HEX = /^[0-9a-fA-F]{4}$/;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['f', '\f'],
  ['r', '\r'],
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
]);
