/** Reads the classes of a C# file: members with their attributes, not what they do. */
import type { CSharpAttribute, CSharpClass, CSharpFile, CSharpMember, CSharpParameter } from './draft.ts';
import { type CSharpToken, tokenizeCSharp } from './tokens.ts';

/** Reads a file. Never throws, in time linear to its length; what is no declaration is gone over. */
export function readCSharp(source: string): CSharpFile {
  const reader = new Reader(tokenizeCSharp(source));
  reader.read();
  return { classes: reader.classes, enums: reader.enums };
}

class Reader {
  readonly classes: CSharpClass[] = [];
  readonly enums: string[] = [];
  readonly #tokens: readonly CSharpToken[];
  /** The class at each open brace; `undefined` for namespaces. */
  readonly #open: (CSharpClass | undefined)[] = [];
  #at = 0;

  constructor(tokens: readonly CSharpToken[]) {
    this.#tokens = tokens;
  }

  read(): void {
    let attributes: CSharpAttribute[] = [];
    while (this.#peek().kind !== 'end') {
      if (this.#is('[')) {
        attributes.push(...this.#attributes());
        continue;
      }
      if (this.#is('}')) {
        this.#open.pop();
        this.#at++;
      } else if (this.#is('{')) {
        this.#open.push(undefined);
        this.#at++;
      } else this.#declaration(attributes);
      attributes = [];
    }
  }

  /** Everything up to the `;` or the block that ends it. */
  #declaration(attributes: readonly CSharpAttribute[]): void {
    const words = new Set<string>();
    while (MODIFIERS.has(this.#peek().text) && this.#peek().kind === 'name') words.add(this.#take().text);
    const { text } = this.#peek();
    if (text === 'namespace' || text === 'using') this.#skipTo(['{', ';']);
    else if (TYPES.has(text) && this.#peek(1).kind === 'name') this.#type(attributes, words);
    else if (text === 'enum') {
      this.enums.push(this.#peek(1).text);
      this.#skipTo(['{', ';']);
      if (this.#is('{')) this.#skipBlock();
    } else this.#member(attributes, words);
  }

  #type(attributes: readonly CSharpAttribute[], words: ReadonlySet<string>): void {
    this.#take();
    const { text: name, line, column } = this.#take();
    this.#skipGeneric();
    if (this.#is('(')) this.#skipBlock();
    let base = '';
    if (this.#is(':')) {
      this.#at++;
      base = this.#typeName().replace(/^.*\./, '');
    }
    this.#skipTo(['{', ';']);
    const isAbstract = words.has('abstract');
    const made: CSharpClass = { name, base, isAbstract, attributes, members: [], line, column };
    this.classes.push(made);
    if (!this.#is('{')) return;
    this.#open.push(made);
    this.#at++;
  }

  #member(attributes: readonly CSharpAttribute[], words: ReadonlySet<string>): void {
    const owner = this.#open.at(-1);
    const start = this.#at;
    const isSignal = this.#peek().text === 'delegate';
    if (isSignal) this.#at++;
    const type = this.#typeName();
    const name = this.#peek();
    const isNamed = type !== '' && name.kind === 'name';
    if (isNamed) this.#at++;
    this.#skipGeneric();
    const parameters = isNamed && this.#is('(') ? this.#parameters() : undefined;
    const value = this.#end();
    if (this.#at === start) this.#at++;
    if (owner === undefined || !isNamed) return;
    const { line, column } = name;
    const isStatic = words.has('static') || words.has('const');
    const shared = { type, attributes, isStatic, value, line, column };
    const member: CSharpMember | undefined = isSignal
      ? {
          ...shared,
          kind: 'signal',
          name: name.text.replace(/EventHandler$/, ''),
          parameters: parameters ?? [],
        }
      : parameters !== undefined
        ? { ...shared, kind: 'method', name: name.text, parameters }
        : words.has('event')
          ? undefined
          : { ...shared, kind: 'variable', name: name.text, parameters: [] };
    if (member !== undefined) owner.members.push(member);
  }

  /** To behind a member. @returns what stands behind its `=`. */
  #end(): string | undefined {
    this.#skipTo(['{', ';', '=', '}']);
    if (this.#is('{')) {
      this.#skipBlock();
      // A property may have a value behind its accessors.
      if (!this.#is('=')) return undefined;
    }
    if (!this.#is('=')) {
      if (this.#is(';')) this.#at++;
      return undefined;
    }
    this.#at++;
    const isBody = this.#is('>');
    const from = this.#at;
    this.#skipTo([';']);
    const value = this.#tokens.slice(from, this.#at);
    if (this.#is(';')) this.#at++;
    if (isBody || value.length > LONGEST_VALUE) return undefined;
    return value.map(({ kind, text }) => (kind === 'string' ? `"${text}"` : text)).join('');
  }

  #attributes(): CSharpAttribute[] {
    const found: CSharpAttribute[] = [];
    this.#at++;
    while (!this.#is(']') && this.#peek().kind !== 'end') {
      const { line, column } = this.#peek();
      const name = this.#typeName()
        .replace(/^.*\./, '')
        .replace(/Attribute$/, '');
      const args = this.#is('(') ? this.#arguments() : [];
      found.push({ name, args, line, column });
      this.#skipTo([',', ']']);
      if (this.#is(',')) this.#at++;
    }
    this.#at++;
    return found;
  }

  #arguments(): [string, string][] {
    const args: [string, string][] = [];
    this.#at++;
    while (!this.#is(')') && this.#peek().kind !== 'end') {
      const from = this.#at;
      this.#skipTo([',', ')']);
      const parts = this.#tokens.slice(from, this.#at).map(({ text }) => text);
      const isNamed = (parts[1] === '=' && parts[2] !== '=') || parts[1] === ':';
      args.push(isNamed ? [parts[0] ?? '', parts.slice(2).join('')] : ['', parts.join('')]);
      if (this.#is(',')) this.#at++;
    }
    this.#at++;
    return args;
  }

  #parameters(): CSharpParameter[] {
    const parameters: CSharpParameter[] = [];
    this.#at++;
    while (!this.#is(')') && this.#peek().kind !== 'end') {
      while (this.#is('[')) this.#skipBlock();
      while (PARAMETER_WORDS.has(this.#peek().text)) this.#at++;
      const type = this.#typeName();
      const name = this.#peek().kind === 'name' ? this.#take().text : '';
      this.#skipTo([',', ')']);
      if (this.#is(',')) this.#at++;
      if (name !== '') parameters.push({ name, type });
      else if (!this.#is(')') && type === '') this.#at++;
    }
    this.#at++;
    return parameters;
  }

  /** `A.B<C, D>[]?`, without blanks; `''` when none stands there. */
  #typeName(): string {
    const from = this.#at;
    while (this.#peek().kind === 'name') {
      this.#at++;
      this.#skipGeneric();
      if (!this.#is('.') && !(this.#is(':') && this.#peek(1).text === ':')) break;
      this.#at += this.#is('.') ? 1 : 2;
    }
    while (this.#is('?') || (this.#is('[') && /^[\],]$/.test(this.#peek(1).text))) {
      if (this.#is('?')) this.#at++;
      else this.#skipBlock();
    }
    return this.#tokens
      .slice(from, this.#at)
      .map(({ text }) => text)
      .join('')
      .replaceAll('?', '');
  }

  #skipGeneric(): void {
    if (!this.#is('<')) return;
    let depth = 0;
    while (this.#peek().kind !== 'end' && !this.#is(';') && !this.#is('{')) {
      if (this.#is('<')) depth++;
      if (this.#is('>')) depth--;
      this.#at++;
      if (depth === 0) return;
    }
  }

  /** To one of these symbols, over all blocks in between. */
  #skipTo(symbols: readonly string[]): void {
    while (this.#peek().kind !== 'end') {
      const { kind, text } = this.#peek();
      if (kind === 'symbol' && symbols.includes(text)) return;
      if (kind === 'symbol' && OPENING.has(text)) this.#skipBlock();
      else this.#at++;
    }
  }

  /** Over a block, from its opening bracket to behind the closing one. */
  #skipBlock(): void {
    let depth = 0;
    do {
      const { kind, text } = this.#take();
      if (kind === 'symbol' && OPENING.has(text)) depth++;
      else if (kind === 'symbol' && CLOSING.has(text)) depth--;
    } while (depth > 0 && this.#peek().kind !== 'end');
  }

  #is(symbol: string): boolean {
    const { kind, text } = this.#peek();
    return kind === 'symbol' && text === symbol;
  }

  #peek(ahead: number = 0): CSharpToken {
    // There is an end, and nobody goes beyond it.
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as CSharpToken;
  }

  #take(): CSharpToken {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }
}

const LONGEST_VALUE = 64;
const OPENING: ReadonlySet<string> = new Set(['(', '[', '{']);
const CLOSING: ReadonlySet<string> = new Set([')', ']', '}']);
const TYPES: ReadonlySet<string> = new Set(['class', 'struct', 'interface', 'record']);
const PARAMETER_WORDS: ReadonlySet<string> = new Set(['this', 'ref', 'out', 'in', 'params', 'scoped']);
const MODIFIERS: ReadonlySet<string> = new Set([
  'public',
  'private',
  'protected',
  'internal',
  'static',
  'const',
  'readonly',
  'abstract',
  'sealed',
  'partial',
  'virtual',
  'override',
  'async',
  'new',
  'unsafe',
  'extern',
  'required',
  'volatile',
  'event',
  'file',
  'global',
]);
