/**
 * Expressions of GDScript, as far as constants need them. What no constant can have (lambdas, `await`, `$Node`) is `unknown`;
 * nothing here evaluates.
 */
import { Float, NodePath, StringName } from '../../../codec/index.ts';
import type { NodeValue } from '../../../schema/index.ts';
import type { Cursor } from './cursor.ts';
import { readTypeName, type TypeName } from './typeName.ts';

/** An expression. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: NodeValue }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'dictionary'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Expression[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Expression }
  /** Operators of one rank, from left to right. */
  | {
      readonly kind: 'chain';
      readonly first: Expression;
      readonly rest: readonly (readonly [operator: string, right: Expression])[];
    }
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly kind: 'cast'; readonly of: Expression; readonly type: TypeName }
  | { readonly kind: 'unknown' };

/** What cannot be read as an expression. */
export const UNKNOWN: Expression = { kind: 'unknown' };

/**
 * Reads an expression. What is none that constants can have, or is nested deeper than {@link DEEPEST}, is `unknown`; the cursor
 * is behind it then: at a comma, a closing bracket or the next line.
 */
export function readExpression(cursor: Cursor): Expression {
  const { mark } = cursor;
  try {
    return new Reader(cursor).read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    cursor.back(mark);
    cursor.skipItem();
    return UNKNOWN;
  }
}

/** Thrown and caught here: what stands there is no expression for us. */
class Unreadable extends Error {}

class Reader {
  readonly #cursor: Cursor;
  #depth = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** @throws Unreadable */
  read(): Expression {
    if (++this.#depth > DEEPEST) throw new Unreadable();
    let found = this.#binary(0);
    while (!this.#cursor.isAtLine() && this.#cursor.skip('if')) {
      const condition = this.#binary(0);
      if (!this.#cursor.skip('else')) throw new Unreadable();
      found = { kind: 'choice', condition, yes: found, no: this.read() };
    }
    while (!this.#cursor.isAtLine() && this.#cursor.skip('as')) {
      const type = readTypeName(this.#cursor);
      if (type === undefined) throw new Unreadable();
      found = { kind: 'cast', of: found, type };
    }
    this.#depth--;
    return found;
  }

  #binary(rank: number): Expression {
    const operators = RANKS[rank];
    if (operators === undefined) return this.#postfix();
    if (PREFIX_AT.get(rank)?.has(this.#cursor.peek().text) === true && this.#isOperator())
      return this.#prefix(rank);
    const first = this.#binary(rank + 1);
    const rest: [string, Expression][] = [];
    for (;;) {
      const operator = this.#operator(operators);
      if (operator === undefined) break;
      rest.push([operator, this.#binary(rank + 1)]);
    }
    return rest.length === 0 ? first : { kind: 'chain', first, rest };
  }

  /** Signs are counted, not nested: `- - - 1`. */
  #prefix(rank: number): Expression {
    const own = PREFIX_AT.get(rank);
    const operators: string[] = [];
    while (own?.has(this.#cursor.peek().text) === true && this.#isOperator())
      operators.push(this.#cursor.take().text);
    if (operators.length > DEEPEST) throw new Unreadable();
    const of = this.#binary(rank);
    return operators.reduceRight<Expression>(
      (inner, operator) => ({ kind: 'unary', operator, of: inner }),
      of,
    );
  }

  #isOperator(): boolean {
    const { kind } = this.#cursor.peek();
    return kind === 'symbol' || kind === 'name';
  }

  #operator(operators: ReadonlySet<string>): string | undefined {
    const cursor = this.#cursor;
    if (cursor.isAtLine() || !this.#isOperator()) return undefined;
    const { text } = cursor.peek();
    if (text === 'not' && operators.has('in') && cursor.peek(1).text === 'in') {
      cursor.take();
      cursor.take();
      return 'not in';
    }
    if (!operators.has(text)) return undefined;
    cursor.take();
    return text;
  }

  #postfix(): Expression {
    const cursor = this.#cursor;
    let found = this.#primary();
    for (let links = 0; !cursor.isAtLine(); links++) {
      if (links > DEEPEST) throw new Unreadable();
      if (cursor.skip('.')) {
        const name = cursor.takeIf('name');
        if (name === undefined) throw new Unreadable();
        found = { kind: 'attribute', of: found, name: name.text };
      } else if (cursor.skip('(')) {
        found = { kind: 'call', callee: found, args: this.#items(')') };
      } else if (cursor.skip('[')) {
        const index = this.read();
        if (!cursor.skip(']')) throw new Unreadable();
        found = { kind: 'index', of: found, index };
      } else if (cursor.isWord('is')) throw new Unreadable();
      else return found;
    }
    return found;
  }

  #primary(): Expression {
    const cursor = this.#cursor;
    if (cursor.isAtLine()) throw new Unreadable();
    const token = cursor.peek();
    const literal = literalOf(token.kind, token.text, token.number);
    if (literal !== undefined) {
      cursor.take();
      return { kind: 'literal', value: literal };
    }
    if (token.kind === 'name' && !NO_VALUE.has(token.text)) {
      cursor.take();
      return { kind: 'name', name: token.text };
    }
    if (cursor.skip('(')) {
      const inner = this.read();
      if (!cursor.skip(')')) throw new Unreadable();
      return inner;
    }
    if (cursor.skip('[')) return { kind: 'array', items: this.#items(']') };
    if (cursor.skip('{')) return this.#dictionary();
    throw new Unreadable();
  }

  #items(close: string): Expression[] {
    const items: Expression[] = [];
    while (!this.#cursor.skip(close)) {
      items.push(this.read());
      if (this.#cursor.skip(',')) continue;
      if (!this.#cursor.is(close)) throw new Unreadable();
    }
    return items;
  }

  /** `{key: value}`, or `{name = value}`. */
  #dictionary(): Expression {
    const cursor = this.#cursor;
    const entries: [Expression, Expression][] = [];
    while (!cursor.skip('}')) {
      const key = this.read();
      if (cursor.skip('=') && key.kind === 'name')
        entries.push([{ kind: 'literal', value: key.name }, this.read()]);
      else if (cursor.skip(':')) entries.push([key, this.read()]);
      else throw new Unreadable();
      if (cursor.skip(',')) continue;
      if (!cursor.is('}')) throw new Unreadable();
    }
    return { kind: 'dictionary', entries };
  }
}

function literalOf(kind: string, text: string, number: bigint | number): NodeValue | undefined {
  if (kind === 'string') return text;
  if (kind === 'stringName') return new StringName(text);
  if (kind === 'nodePath') return new NodePath(text);
  if (kind === 'int') return typeof number === 'bigint' ? number : BigInt(number);
  if (kind === 'float') return new Float(Number(number));
  return kind === 'name' ? WORDS.get(text) : undefined;
}

/** The deepest nesting of brackets, and the longest row of signs or of `.name`. */
export const DEEPEST = 100;

const WORDS: ReadonlyMap<string, NodeValue> = new Map<string, NodeValue>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['PI', new Float(Math.PI)],
  ['TAU', new Float(2 * Math.PI)],
  ['INF', new Float(Number.POSITIVE_INFINITY)],
  ['NAN', new Float(Number.NaN)],
]);

/** Words that begin something which is no constant, or nothing at all. */
const NO_VALUE: ReadonlySet<string> = new Set(['func', 'await', 'self', 'super', 'var', 'if', 'else', 'in']);

/** From the weakest to the strongest. */
const RANKS: readonly ReadonlySet<string>[] = [
  new Set(['or', '||']),
  new Set(['and', '&&']),
  new Set(['in']),
  new Set(['==', '!=', '<', '<=', '>', '>=']),
  new Set(['|']),
  new Set(['^']),
  new Set(['&']),
  new Set(['<<', '>>']),
  new Set(['+', '-']),
  new Set(['*', '/', '%']),
  new Set([]),
  new Set(['**']),
];
/** Signs stand before what is of their rank. */
const PREFIX_AT: ReadonlyMap<number, ReadonlySet<string>> = new Map([
  [2, new Set(['not', '!'])],
  [10, new Set(['-', '+', '~'])],
]);
