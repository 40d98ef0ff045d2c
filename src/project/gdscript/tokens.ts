/** GDScript as tokens. One pass over the text: every character is looked at a bounded number of times. */
import type { SourcePlace } from '../issue.ts';
import { readString } from './stringToken.ts';

/** What kind of token. */
export type TokenKind =
  | 'name'
  | 'annotation'
  | 'string'
  | 'stringName'
  | 'nodePath'
  | 'int'
  | 'float'
  | 'symbol'
  | 'end';

/** One token. */
export interface Token extends SourcePlace {
  /** What it is. */
  readonly kind: TokenKind;
  /** Names and symbols as they are written, annotations without `@`, the content of strings. */
  readonly text: string;
  /** The value of a number. */
  readonly number: bigint | number;
  /** How far the line is indented, for the first token of a logical line; -1 for all others. */
  readonly indent: number;
}

/** Something that is no token. */
export interface TokenError extends SourcePlace {
  /** What it is, for people. */
  readonly message: string;
}

/** A text as tokens. */
export interface Tokens {
  /** All tokens; the last one is of the kind `end`, at the indent -1. */
  readonly tokens: readonly Token[];
  /** What was no token; the engine refuses a script with any. At most {@link MOST_ERRORS}. */
  readonly errors: readonly TokenError[];
}

/** The tokens of a script. Never throws. */
export function tokenize(source: string): Tokens {
  return new Tokenizer(source).run();
}

class Tokenizer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  readonly #errors: TokenError[] = [];
  readonly #brackets: string[] = [];
  #at: number;
  #line = 1;
  #lineStart: number;
  /** The indent of the line for its first token; -1 when that is there. */
  #indent = 0;

  constructor(source: string) {
    this.#source = source;
    this.#at = source.startsWith('\ufeff') ? 1 : 0;
    this.#lineStart = this.#at;
  }

  run(): Tokens {
    this.#readIndent();
    while (this.#at < this.#source.length) this.#next();
    const open = this.#brackets.at(-1);
    if (open !== undefined) this.#error(`Expected "${PAIRS.get(open) ?? ''}" before the end`, this.#at);
    this.#indent = -1;
    this.#add('end', '', this.#at);
    return { tokens: this.#tokens, errors: this.#errors };
  }

  #next(): void {
    const source = this.#source;
    const start = this.#at;
    const c = source.charAt(start);
    if (c === '\n') this.#newLine();
    else if (c === ' ' || c === '\t' || c === '\r') this.#at++;
    else if (c === '#') this.#at = this.#lineEnd();
    else if (c === '\\') this.#continue();
    else if (c === '"' || c === "'") this.#string('string', start, false);
    else if (c === 'r' && isQuote(source.charAt(start + 1))) this.#string('string', start + 1, true);
    else if ((c === '&' || c === '^') && isQuote(source.charAt(start + 1)))
      this.#string(c === '&' ? 'stringName' : 'nodePath', start + 1, false);
    else if (isDigit(c) || (c === '.' && isDigit(source.charAt(start + 1)))) this.#number();
    else if (c === '@') this.#annotation();
    else {
      const name = this.#match(NAME);
      if (name !== undefined) this.#add('name', name, start);
      else this.#symbol(c);
    }
  }

  #newLine(): void {
    this.#line++;
    this.#lineStart = ++this.#at;
    if (this.#brackets.length === 0) this.#readIndent();
  }

  #readIndent(): void {
    const start = this.#at;
    while (this.#source.charAt(this.#at) === '\t' || this.#source.charAt(this.#at) === ' ') this.#at++;
    this.#indent = this.#at - start;
  }

  /** A backslash at the end of a line joins it with the next one. */
  #continue(): void {
    const end = this.#source.startsWith('\r', this.#at + 1) ? this.#at + 2 : this.#at + 1;
    if (this.#source.charAt(end) !== '\n') {
      this.#error('Expected the end of the line behind "\\"', this.#at++);
      return;
    }
    this.#line++;
    this.#lineStart = end + 1;
    this.#at = end + 1;
  }

  #string(kind: TokenKind, quoteAt: number, isRaw: boolean): void {
    const start = this.#at;
    const read = readString(this.#source, quoteAt, isRaw);
    if (read.error !== undefined) this.#error(read.error, start);
    this.#add(kind, read.text, start);
    // Looked for in the string alone: to the end of the line it may be far.
    const content = this.#source.slice(start, read.end);
    for (let at = content.indexOf('\n'); at >= 0; at = content.indexOf('\n', at + 1)) {
      this.#line++;
      this.#lineStart = start + at + 1;
    }
    this.#at = read.end;
  }

  #number(): void {
    const start = this.#at;
    const text = this.#match(NUMBER) ?? '';
    const digits = text.replaceAll('_', '');
    const isWhole = /^(?:0[xX]|0[bB]|\d+$)/.test(digits);
    // What is longer is out of range anyway; BigInt of very long digits is slow.
    const number = isWhole && digits.length <= MOST_DIGITS ? whole(digits) : Number(digits);
    this.#add(typeof number === 'bigint' ? 'int' : 'float', text, start, number);
    if (Number.isNaN(number)) this.#error(`"${text.slice(0, 40)}" is no number`, start);
    const rest = this.#match(NAME);
    if (rest !== undefined) this.#error(`"${rest.slice(0, 40)}" right behind a number`, start);
  }

  #annotation(): void {
    const start = this.#at++;
    const name = this.#match(NAME);
    if (name === undefined) this.#error('Expected a name behind "@"', start);
    else this.#add('annotation', name, start);
  }

  #symbol(c: string): void {
    const start = this.#at;
    const symbol = this.#match(SYMBOL);
    if (symbol === undefined) {
      this.#error(`Unexpected character ${JSON.stringify(c)}`, start);
      this.#at++;
      return;
    }
    this.#add('symbol', symbol, start);
    if (PAIRS.has(symbol)) this.#brackets.push(symbol);
    else if (CLOSING.has(symbol)) {
      const open = this.#brackets.pop();
      if (open === undefined || PAIRS.get(open) !== symbol)
        this.#error(`"${symbol}" has no opening one`, start);
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0];
    if (text !== undefined) this.#at += text.length;
    return text;
  }

  #lineEnd(): number {
    const end = this.#source.indexOf('\n', this.#at);
    return end < 0 ? this.#source.length : end;
  }

  #add(kind: TokenKind, text: string, start: number, number: bigint | number = 0): void {
    // Written out: it is done for every token, and copying an object is slow.
    const column = start - this.#lineStart + 1;
    this.#tokens.push({ kind, text, number, line: this.#line, column, indent: this.#indent });
    this.#indent = -1;
  }

  #error(message: string, start: number): void {
    if (this.#errors.length < MOST_ERRORS)
      this.#errors.push({ message, line: this.#line, column: start - this.#lineStart + 1 });
  }
}

/** Integers have 64 bits; what does not fit is the nearest that does, as in the engine. */
function whole(digits: string): bigint {
  if (/^0[xXbB]$/.test(digits)) return 0n;
  const value = BigInt(digits.toLowerCase());
  return /^0[xXbB]/.test(digits) ? BigInt.asIntN(64, value) : value > MAX_INT ? MAX_INT : value;
}

function isQuote(c: string): boolean {
  return c === '"' || c === "'";
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9';
}

/** The most errors that are told of one text. */
export const MOST_ERRORS = 20;
const MOST_DIGITS = 80;
const MAX_INT = 0x7fff_ffff_ffff_ffffn;
const NAME = /[_\p{XID_Start}]\p{XID_Continue}*/uy;
const NUMBER =
  /0[xX][\da-fA-F_]*|0[bB][01_]*|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y;
const SYMBOL =
  /\*\*=|<<=|>>=|\.\.\.|\*\*|:=|->|==|!=|<=|>=|&&|\|\||<<|>>|\.\.|[+\-*/%&|^]=|[+\-*/%&|^~!<>=.,:;()[\]{}$?]/y;
const PAIRS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);
const CLOSING: ReadonlySet<string> = new Set(PAIRS.values());
