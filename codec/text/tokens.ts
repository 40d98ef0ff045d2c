/** The tokens of Godot's text formats (docs/protocol/variant-codec 9.4). */

import { readDecimal } from '../lexical/decimalReader.ts';
import { toEngineString } from '../lexical/engineString.ts';
import { colorOf } from '../lexical/htmlColor.ts';
import { Color } from '../values/Color.ts';
import { TextError, type TextErrorCode, type TextIssue, TextLines } from './TextError.ts';

/** Kind of a token; the punctuation kinds are their own characters. */
export type TextTokenKind =
  | '{'
  | '}'
  | '['
  | ']'
  | '('
  | ')'
  | ':'
  | ','
  | '.'
  | '='
  | 'word'
  | 'int'
  | 'float'
  | 'string'
  | 'stringName'
  | 'color'
  | 'end';

/** How a text is cut. */
export interface TextScannerOptions {
  /**
   * Strings as in files (9.4): their bytes are read one by one and taken for UTF-8 after unescaping, so that `\u` escapes
   * above U+00FF become spaces and those from U+0080 bytes. Default `false`.
   */
  readonly isFile?: boolean | undefined;
  /** Called for each place where the engine logs an error and goes on. */
  readonly onIssue?: ((issue: TextIssue) => void) | undefined;
}

/** Cuts a text into tokens. One scanner is one pass over one text; every method takes time linear in what it passes. */
export class TextScanner {
  /** Kind of the current token; `'end'` before the first {@link next} and at the end of the text. */
  kind: TextTokenKind = 'end';
  /** Text of the current `'word'`, `'string'` or `'stringName'` (both unescaped) token. */
  text = '';
  /** Value of the current `'int'` token: a number up to 15 digits, else a bigint; or of the current `'float'` token. */
  number: number | bigint = 0;
  /** Value of the current `'color'` token. */
  color: Color = BLACK;
  /** Where the current token begins. */
  start = 0;
  /** Where the next token is looked for. */
  at = 0;
  /** The text; lone surrogates, which an engine string cannot hold, are U+FFFD. */
  readonly source: string;
  /** Lines and columns of the text. */
  readonly lines: TextLines;
  readonly #isFile: boolean;
  readonly #onIssue: ((issue: TextIssue) => void) | undefined;

  /** @param source - The text. */
  constructor(source: string, options: TextScannerOptions = {}) {
    // A NUL stays: it is an error of its own.
    this.source = source.split('\0').map(toEngineString).join('\0');
    this.lines = new TextLines(this.source);
    this.#isFile = options.isFile === true;
    this.#onIssue = options.onIssue;
  }

  /**
   * Moves to the next token.
   *
   * @returns Its kind.
   * @throws TextError for a character that begins no token and for malformed strings and numbers.
   */
  next(): TextTokenKind {
    this.skipBlank();
    this.start = this.at;
    const source = this.source;
    if (this.at >= source.length) {
      this.kind = 'end';
      return 'end';
    }
    const code = source.charCodeAt(this.at);
    if (code === QUOTE) {
      this.at++;
      this.#string('string');
    } else if (isDigit(code)) this.#number(this.at);
    else if (code === MINUS) this.#minus();
    else if (isWordStart(code)) this.#word(this.at);
    else this.#rare(code);
    return this.kind;
  }

  /** Passes over everything up to the space character, and comments from `;` to the end of the line. */
  skipBlank(): void {
    const source = this.source;
    for (;;) {
      const code = source.charCodeAt(this.at);
      if (code <= SPACE) this.at++;
      else if (code === SEMICOLON) {
        const end = source.indexOf('\n', this.at);
        this.at = end < 0 ? source.length : end + 1;
      } else return;
    }
  }

  /**
   * An error at some place of this text.
   *
   * @param reason - What is wrong.
   * @param offset - Index of the offending unit; the current token's beginning unless given.
   * @param code - Stable code.
   * @returns The error, not thrown.
   */
  error(reason: string, offset: number = this.start, code: TextErrorCode = 'ERR_TEXT_SYNTAX'): TextError {
    return new TextError(code, reason, this.lines.place(offset));
  }

  /** The error of a token that is none of those expected; an end that came too early says so. */
  unexpected(expected: string): TextError {
    return this.error(`Expected ${expected}, got ${this.describe()}`);
  }

  /** The current token in words. */
  describe(): string {
    switch (this.kind) {
      case 'end':
        return 'the end of the text';
      case 'word':
        return `'${shortened(this.text)}'`;
      case 'string':
      case 'stringName':
        return 'a string';
      case 'int':
      case 'float':
        return 'a number';
      case 'color':
        return 'a color';
      default:
        return `'${this.kind}'`;
    }
  }

  /** Tells of a place where the engine logs an error and goes on. */
  issue(message: string, offset: number = this.start): void {
    this.#onIssue?.({ ...this.lines.place(offset), message });
  }

  #rare(code: number): void {
    const character = this.source.charAt(this.at);
    if (PUNCTUATION.has(character)) {
      // The set holds exactly the kinds of one character.
      this.kind = character as TextTokenKind;
      this.at++;
    } else if (character === '#') this.#color();
    else if (character === '&' || character === '@') {
      if (this.source.charCodeAt(this.at + 1) !== QUOTE) {
        throw this.error(`Expected '"' after '${character}'`, this.at + 1);
      }
      this.at += 2;
      this.#string('stringName');
    } else {
      const shown = code < 0x7f ? `'${character}'` : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      throw this.error(`Unexpected character ${shown}`);
    }
  }

  #word(from: number): void {
    let end = from + 1;
    while (isWordPart(this.source.charCodeAt(end))) end++;
    this.kind = 'word';
    this.text = this.source.slice(this.at, end);
    this.at = end;
  }

  #minus(): void {
    const code = this.source.charCodeAt(this.at + 1);
    if (isDigit(code)) this.#number(this.at + 1);
    else if (isLetter(code)) this.#word(this.at + 1);
    else throw this.error("Expected a digit or a letter after '-'", this.at + 1);
  }

  /** Reads `digits[.digits][e[sign]digits]` whose first digit is at `from`; a sign may stand before it. */
  #number(from: number): void {
    const source = this.source;
    let end = digitsEnd(source, from);
    let isFloat = false;
    if (source.charCodeAt(end) === POINT) {
      isFloat = true;
      end = digitsEnd(source, end + 1);
    }
    const letter = source.charCodeAt(end);
    if (letter === LOWER_E || letter === UPPER_E) {
      isFloat = true;
      end++;
      const sign = source.charCodeAt(end);
      if (sign === MINUS || sign === PLUS) end++;
      end = digitsEnd(source, end);
    }
    if (isFloat) {
      this.kind = 'float';
      this.number = readDecimal(source.slice(this.at, end)).value;
    } else {
      this.kind = 'int';
      this.number =
        end - this.at <= SAFE_DIGITS ? Number(source.slice(this.at, end)) + 0 : this.#long(from, end);
    }
    this.at = end;
  }

  /** An int of many digits: saturates at the limits of 64 bits. */
  #long(from: number, end: number): bigint {
    let first = from;
    while (first < end - 1 && this.source.charCodeAt(first) === ZERO) first++;
    const isNegative = from !== this.at;
    const limit = isNegative ? INT64_MIN : INT64_MAX;
    if (end - first <= INT64_DIGITS) {
      const magnitude = BigInt(this.source.slice(first, end));
      const value = isNegative ? -magnitude : magnitude;
      if (isNegative ? value >= limit : value <= limit) return value;
    }
    this.issue(`the int is beyond 64 bits, took ${limit}`);
    return limit;
  }

  #color(): void {
    let end = this.at + 1;
    while (isHex(this.source.charCodeAt(end))) end++;
    // 9.4: the engine looks at the character behind the digits, and takes its absence for the end of the file.
    if (end >= this.source.length) {
      throw this.error('Expected something behind a color, got the end of the text', end);
    }
    const digits = this.source.slice(this.at + 1, end);
    this.kind = 'color';
    this.color = colorOf(digits) ?? BLACK;
    if (colorOf(digits) === undefined) this.issue('a color has 3, 4, 6 or 8 hexadecimal digits, took black');
    this.at = end;
  }

  /** Reads a string whose opening quote has been passed. */
  #string(kind: 'string' | 'stringName'): void {
    const source = this.source;
    const parts: string[] = [];
    let hasByteEscape = false;
    let from = this.at;
    let at = from;
    for (;;) {
      const code = source.charCodeAt(at);
      if (code === QUOTE) break;
      if (at >= source.length) throw this.error('Unterminated string', source.length);
      if (code === 0) throw this.error('NUL in a string', at);
      if (code !== BACKSLASH) {
        at++;
        continue;
      }
      if (at > from) parts.push(source.slice(from, at));
      const letter = source.charAt(at + 1);
      if (letter === '') throw this.error('Unterminated string', source.length);
      if (letter === 'u' || letter === 'U') {
        const read = this.#unicodeEscape(at);
        if (this.#isFile && read.point > 0xff) parts.push(' ');
        else {
          if (read.point > 0x7f) hasByteEscape = true;
          parts.push(String.fromCodePoint(read.point));
        }
        at = read.end;
        from = at;
        continue;
      }
      const plain = ESCAPES.get(letter);
      if (plain === undefined) {
        // Any other character stands for itself: it begins the next raw part, but is not looked at as an escape again.
        if (letter === '\0') throw this.error('NUL in a string', at + 1);
        from = at + 1;
      } else {
        parts.push(plain);
        from = at + 2;
      }
      at += 2;
    }
    const tail = source.slice(from, at);
    this.kind = kind;
    this.text = parts.length === 0 ? tail : parts.join('') + tail;
    if (this.#isFile && hasByteEscape) this.text = this.#reread(this.at, at);
    this.at = at + 1;
  }

  /** Reads `\uXXXX` or `\UXXXXXX` at `at`, or two of them that form a UTF-16 pair. */
  #unicodeEscape(at: number): { readonly point: number; readonly end: number } {
    const lead = this.#hex(at);
    if (lead.point >= 0xdc00 && lead.point <= 0xdfff) {
      throw this.error('Invalid UTF-16 sequence in string, unpaired trail surrogate', at);
    }
    if (lead.point === 0) throw this.error('NUL in a string', at);
    if (lead.point > 0x10ffff) return { point: 0xfffd, end: lead.end };
    if (lead.point < 0xd800 || lead.point > 0xdbff) return lead;
    const letter = this.source.charAt(lead.end + 1);
    if (this.source.charAt(lead.end) === '\\' && (letter === 'u' || letter === 'U')) {
      const trail = this.#hex(lead.end);
      if (trail.point >= 0xdc00 && trail.point <= 0xdfff) {
        return { point: 0x10000 + ((lead.point - 0xd800) << 10) + (trail.point - 0xdc00), end: trail.end };
      }
    }
    throw this.error('Invalid UTF-16 sequence in string, unpaired lead surrogate', at);
  }

  #hex(at: number): { readonly point: number; readonly end: number } {
    const count = this.source.charAt(at + 1) === 'u' ? 4 : 6;
    const digits = this.source.slice(at + 2, at + 2 + count);
    if (digits.length < count) throw this.error('Unterminated string', this.source.length);
    for (let i = 0; i < count; i++) {
      if (!isHex(digits.charCodeAt(i))) throw this.error('Malformed hex constant in string', at);
    }
    return { point: Number.parseInt(digits, 16), end: at + 2 + count };
  }

  /** A string of a file with escapes from U+0080 to U+00FF: those are bytes, and the whole is read as UTF-8 again. */
  #reread(start: number, end: number): string {
    this.issue('an escape from U+0080 to U+00FF in a file is a byte of UTF-8', start);
    const bytes: number[] = [];
    const encoder = new TextEncoder();
    for (let at = start; at < end; ) {
      if (this.source.charCodeAt(at) !== BACKSLASH) {
        const point = this.source.codePointAt(at) ?? 0;
        for (const byte of encoder.encode(String.fromCodePoint(point))) bytes.push(byte);
        at += point > 0xffff ? 2 : 1;
        continue;
      }
      const letter = this.source.charAt(at + 1);
      if (letter === 'u' || letter === 'U') {
        const read = this.#unicodeEscape(at);
        bytes.push(read.point > 0xff ? SPACE : read.point);
        at = read.end;
      } else {
        const point = this.source.codePointAt(at + 1) ?? 0;
        const plain = ESCAPES.get(letter) ?? String.fromCodePoint(point);
        for (const byte of encoder.encode(plain)) bytes.push(byte);
        at += point > 0xffff ? 3 : 2;
      }
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function digitsEnd(source: string, from: number): number {
  let end = from;
  while (isDigit(source.charCodeAt(end))) end++;
  return end;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function isWordStart(code: number): boolean {
  return isLetter(code) || code === UNDERSCORE;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code);
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const SEMICOLON = 0x3b;
const UPPER_E = 0x45;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;
const LOWER_E = 0x65;
/** Ints with their sign up to this length are exact as numbers. */
const SAFE_DIGITS = 15;
const INT64_DIGITS = 19;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const BLACK = new Color(0, 0, 0, 1);
const PUNCTUATION: ReadonlySet<string> = new Set(['{', '}', '[', ']', '(', ')', ':', ',', '.', '=']);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['f', '\f'],
  ['r', '\r'],
]);
