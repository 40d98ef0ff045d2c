/**
 * Scripts as the editor exports them (`.gdc`): tokens in binary form, of Godot 4.5 and later (format 101).
 *
 * Little-endian: `GDSC`, u32 format, u32 size of the rest when it is compressed with zstd, else 0. The rest: u32 counts of
 * names, constants, lines and tokens; each name as u32 length and as many u32 code points, all bytes XOR 0xb6; each constant as a
 * Variant; for each line u32 number of its first token and u32 line, then the same with u32 column; each token as u32 (type, 0x80,
 * and from bit 8 on the number of a name or constant) or, without 0x80, u8 type, then u32 line.
 */
import {
  DecodeError,
  decodeVariant,
  Float,
  NodePath,
  StringName,
  type VariantValue,
} from '../../../codec/index.ts';
import { MOST_ERRORS, type Token, type TokenError, type TokenKind, type Tokens } from './tokens.ts';

/** Undoes zstd; `undefined` for bytes that are not as long as they should be. */
export type Unzstd = (bytes: Uint8Array, size: number) => Uint8Array | undefined;

/** A binary script that cannot be read. */
export class BinaryScriptError extends Error {
  /** `BinaryScriptError`. */
  override readonly name: string = 'BinaryScriptError';
}

/**
 * The tokens of a binary script. Costs a bounded multiple of its length, however much is compressed in it.
 *
 * @param unzstd - `undefined` where this process has no zstd.
 * @throws BinaryScriptError for what is none, is damaged, of another format, or compressed without anybody who undoes it.
 */
export function readBinaryTokens(bytes: Uint8Array, unzstd: Unzstd | undefined): Tokens {
  const head = new Reader(bytes);
  if (LATIN1.decode(head.take(4)) !== 'GDSC') throw new BinaryScriptError('Expected "GDSC" first');
  const format = head.u32();
  if (format !== FORMAT)
    throw new BinaryScriptError(
      `Binary tokens of the format ${format}, expected ${FORMAT} (Godot 4.5 and later)`,
    );
  const size = head.u32();
  const rest = bytes.subarray(12);
  if (size === 0) return readContent(new Reader(rest));
  const most = Math.min(LONGEST, LONGEST_SMALL + rest.length * MOST_GROWTH);
  if (size > most)
    throw new BinaryScriptError(`It has ${size} bytes of tokens in ${rest.length}, at most ${most} are read`);
  if (unzstd === undefined)
    throw new BinaryScriptError(
      'It is compressed with zstd: Node 22.15 and later read that, or the package zstd-napi',
    );
  const content = unzstd(rest, size);
  if (content === undefined) throw new BinaryScriptError('What is compressed in it is damaged');
  return readContent(new Reader(content));
}

function readContent(reader: Reader): Tokens {
  const [nameCount, constantCount, lineCount, tokenCount] = [
    reader.u32(),
    reader.u32(),
    reader.u32(),
    reader.u32(),
  ];
  const names = reader.list(nameCount, 4, () => reader.name());
  const constants = reader.list(constantCount, 4, () => reader.variant());
  // The lines stand in the list of columns, too.
  reader.list(lineCount, 8, () => reader.take(8));
  const columns = new Map(reader.list(lineCount, 8, () => [reader.u32(), reader.u32()] as const));
  const list = new TokenList(names, constants, columns);
  reader.list(tokenCount, 5, () => {
    const type = reader.peek() & WIDE ? reader.u32() : reader.u8();
    list.add(type & TYPE, type >>> 8, reader.u32());
  });
  return list.end();
}

/** Makes tokens as those of a text. */
class TokenList {
  readonly #names: readonly string[];
  readonly #constants: readonly VariantValue[];
  readonly #columns: ReadonlyMap<number, number>;
  readonly #tokens: Token[] = [];
  readonly #errors: TokenError[] = [];
  #count = 0;
  #depth = 0;
  #column = 1;
  #line = 1;

  constructor(
    names: readonly string[],
    constants: readonly VariantValue[],
    columns: ReadonlyMap<number, number>,
  ) {
    this.#names = names;
    this.#constants = constants;
    this.#columns = columns;
  }

  add(type: number, index: number, line: number): void {
    const column = this.#count === 0 ? 1 : this.#columns.get(this.#count);
    this.#count++;
    // Between brackets lines do not count.
    const indent = column === undefined || this.#depth > 0 ? -1 : column - 1;
    this.#column = column ?? this.#column;
    this.#line = line;
    if (type === ANNOTATION) this.#push('annotation', this.#name(index).replace(/^@/, ''), indent);
    else if (type === IDENTIFIER) this.#push('name', this.#name(index), indent);
    else if (type === LITERAL) this.#literal(this.#constants[index], indent);
    else this.#word(TOKEN_TYPES[type], indent);
  }

  end(): Tokens {
    if (this.#depth > 0) this.#error('A bracket is open at the end');
    this.#push('end', '', -1);
    return { tokens: this.#tokens, errors: this.#errors };
  }

  #word(text: string | undefined, indent: number): void {
    if (text === undefined || text === '')
      throw new BinaryScriptError(`The token ${this.#count} is of no known type`);
    // Two tokens in this form, one in a text.
    if (text === '=' && this.#isColon()) {
      this.#tokens.pop();
      this.#push('symbol', ':=', -1);
      return;
    }
    if (text === '`') this.#error('Unexpected character "`"');
    else if (text.length === 1 && OPENING.has(text)) this.#depth++;
    else if (text.length === 1 && CLOSING.has(text)) this.#depth = Math.max(0, this.#depth - 1);
    this.#push(/^\w/.test(text) ? 'name' : 'symbol', text, indent);
  }

  #isColon(): boolean {
    const last = this.#tokens.at(-1);
    return last?.kind === 'symbol' && last.text === ':' && last.line === this.#line;
  }

  #literal(value: VariantValue | undefined, indent: number): void {
    if (typeof value === 'bigint') this.#push('int', String(value), indent, value);
    else if (value instanceof Float) this.#push('float', String(value.value), indent, value.value);
    else if (typeof value === 'string') this.#push('string', value, indent);
    else if (value instanceof StringName) this.#push('stringName', value.value, indent);
    else if (value instanceof NodePath) this.#push('nodePath', value.toString(), indent);
    else if (value === null || typeof value === 'boolean') this.#push('name', String(value), indent);
    else throw new BinaryScriptError(`The token ${this.#count} has no constant`);
  }

  #name(index: number): string {
    const name = this.#names[index];
    if (name === undefined) throw new BinaryScriptError(`The token ${this.#count} has no name`);
    return name;
  }

  #push(kind: TokenKind, text: string, indent: number, number: bigint | number = 0): void {
    this.#tokens.push({ kind, text, number, line: this.#line, column: this.#column, indent });
  }

  #error(message: string): void {
    if (this.#errors.length < MOST_ERRORS)
      this.#errors.push({ message, line: this.#line, column: this.#column });
  }
}

/** Reads on. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(size: number): Uint8Array {
    const start = this.#skip(size);
    return this.#bytes.subarray(start, start + size);
  }

  peek(): number {
    return this.#bytes[this.#at] ?? 0;
  }

  u8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  name(): string {
    const length = this.u32();
    const start = this.#skip(length * 4);
    let text = '';
    for (let i = 0; i < length; i++) {
      const code = this.#view.getUint32(start + i * 4, true) ^ NAME_KEY;
      if (code < 0 || code > 0x10ffff) throw this.#damaged();
      text += String.fromCodePoint(code);
    }
    return text;
  }

  variant(): VariantValue {
    try {
      const { value, size } = decodeVariant(this.#bytes.subarray(this.#at), { exact: true });
      this.#skip(size);
      return value;
    } catch (error) {
      if (error instanceof DecodeError) throw this.#damaged();
      throw error;
    }
  }

  /** As many of these as a count says. @param least - The bytes that each takes at least. */
  list<T>(count: number, least: number, read: () => T): T[] {
    if (count * least > this.#bytes.length - this.#at) throw this.#damaged();
    return Array.from({ length: count }, read);
  }

  #skip(size: number): number {
    if (size > this.#bytes.length - this.#at) throw this.#damaged();
    this.#at += size;
    return this.#at - size;
  }

  #damaged(): BinaryScriptError {
    return new BinaryScriptError(`It is damaged at the byte ${this.#at} of its tokens`);
  }
}

const FORMAT = 101;
const WIDE = 0x80;
const TYPE = 0x7f;
const NAME_KEY = 0xb6b6b6b6 | 0;
/** Bytes of what is compressed; what a few bytes may become, and each of more: tokens shrink to a fifth or so. */
const LONGEST = 33_554_432;
const LONGEST_SMALL = 65_536;
const MOST_GROWTH = 50;
const LATIN1 = new TextDecoder('latin1');
const [ANNOTATION, IDENTIFIER, LITERAL] = [1, 2, 3];
/** How tokens are written, by their types; `''` for what no text has. */
export const TOKEN_TYPES: readonly string[] = [
  ...[
    '',
    '',
    '',
    '',
    '<',
    '<=',
    '>',
    '>=',
    '==',
    '!=',
    'and',
    'or',
    'not',
    '&&',
    '||',
    '!',
    '&',
    '|',
    '~',
    '^',
  ],
  ...[
    '<<',
    '>>',
    '+',
    '-',
    '*',
    '**',
    '/',
    '%',
    '=',
    '+=',
    '-=',
    '*=',
    '**=',
    '/=',
    '%=',
    '<<=',
    '>>=',
    '&=',
    '|=',
  ],
  ...[
    '^=',
    'if',
    'elif',
    'else',
    'for',
    'while',
    'break',
    'continue',
    'pass',
    'return',
    'match',
    'when',
    'as',
  ],
  ...['assert', 'await', 'breakpoint', 'class', 'class_name', 'const', 'enum', 'extends', 'func', 'in', 'is'],
  ...[
    'namespace',
    'preload',
    'self',
    'signal',
    'static',
    'super',
    'trait',
    'var',
    'void',
    'yield',
    '[',
    ']',
    '{',
    '}',
  ],
  ...[
    '(',
    ')',
    ',',
    ';',
    '.',
    '..',
    '...',
    ':',
    '$',
    '->',
    '_',
    '',
    '',
    '',
    'PI',
    'TAU',
    'INF',
    'NAN',
    '',
    '`',
    '?',
  ],
];
const OPENING: ReadonlySet<string> = new Set('([{');
const CLOSING: ReadonlySet<string> = new Set(')]}');
