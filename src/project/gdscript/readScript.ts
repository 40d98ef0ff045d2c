/**
 * Reads the declarations of a script: what stands in its classes, not what its functions do. Where the engine refuses a
 * script for what is declared, there is an error.
 */
import { Cursor } from './cursor.ts';
import {
  type AnnotationDraft,
  type ClassDraft,
  emptyClass,
  type ScriptDraft,
  type VariableDraft,
} from './draft.ts';
import { type Expression, readExpression, UNKNOWN } from './expression.ts';
import { readEnumValues, readParameters, shownToken, type TakeError } from './readLists.ts';
import { MOST_ERRORS, type Token, type Tokens, tokenize } from './tokens.ts';
import { readTypeName, type TypeName } from './typeName.ts';

/** Reads a script. Never throws, in time linear to its length. */
export function readScript(source: string): ScriptDraft {
  return readTokens(tokenize(source));
}

/** Reads a script from its tokens. Never throws. */
export function readTokens({ tokens, errors }: Tokens): ScriptDraft {
  const script: ScriptDraft = {
    className: '',
    root: emptyClass('', { line: 1, column: 1 }),
    errors: [...errors],
  };
  new ScriptReader(new Cursor(tokens), script).read();
  return script;
}

class ScriptReader {
  readonly #cursor: Cursor;
  readonly #script: ScriptDraft;
  #annotations: AnnotationDraft[] = [];
  /** The indent of the class whose statements are read. */
  #indent = 0;
  #depth = 0;
  /** Whether what was read last may go on in lines that are indented deeper. */
  #hasBody = false;

  constructor(cursor: Cursor, script: ScriptDraft) {
    this.#cursor = cursor;
    this.#script = script;
  }

  read(): void {
    this.#body(this.#script.root, 0);
  }

  /** The statements of a class at an indent, up to a line that is indented less. */
  #body(owner: ClassDraft, indent: number): void {
    const cursor = this.#cursor;
    const outside = this.#indent;
    this.#indent = indent;
    while (cursor.peek().kind !== 'end') {
      const token = cursor.peek();
      if (token.indent >= 0 && token.indent < indent) break;
      if (token.indent > indent) {
        this.#error(token, 'A line is indented deeper than the one before');
        cursor.skipDeeper(indent);
        continue;
      }
      this.#statement(owner, indent);
      if (cursor.skip(';') || cursor.isAtLine()) continue;
      this.#error(cursor.peek(), `Unexpected ${shownToken(cursor.peek())}`);
      cursor.skipLine();
    }
    const [left] = this.#annotations;
    if (left !== undefined) this.#error(left, `@${left.name} stands before nothing`);
    this.#annotations = [];
    this.#indent = outside;
  }

  #statement(owner: ClassDraft, indent: number): void {
    const cursor = this.#cursor;
    const token = cursor.take();
    if (token.kind === 'annotation') {
      this.#annotation(owner, token);
      return;
    }
    // A text by itself is a comment.
    if (token.kind === 'string' || (token.kind === 'symbol' && token.text === ';')) return;
    const isStatic = token.text === 'static' && token.kind === 'name';
    const word = isStatic ? cursor.take() : token;
    const read = word.kind === 'name' ? this.#statements.get(word.text) : undefined;
    if (read === undefined || (isStatic && word.text !== 'var' && word.text !== 'func')) {
      const hint = GODOT_3.has(word.text) ? ': a script of Godot 3' : '';
      this.#error(token, `Unexpected ${shownToken(word)} in a class${hint}`);
      this.#annotations = [];
      cursor.skipLine();
      this.#hasBody = true;
    } else {
      if (!TAKES_RPC.has(word.text)) this.#refuseRpc(word.text);
      read(owner, { indent, isStatic, place: word });
      this.#annotations = [];
    }
    if (this.#hasBody) cursor.skipDeeper(indent);
    this.#hasBody = false;
  }

  readonly #statements: ReadonlyMap<string, (owner: ClassDraft, at: Statement) => void> = new Map([
    ['extends', (owner: ClassDraft) => this.#extends(owner)],
    ['class_name', (owner: ClassDraft) => this.#className(owner)],
    ['signal', (owner: ClassDraft) => this.#signal(owner)],
    ['const', (owner: ClassDraft, at: Statement) => this.#variable(owner, at, owner.constants)],
    ['var', (owner: ClassDraft, at: Statement) => this.#variable(owner, at, owner.variables)],
    ['enum', (owner: ClassDraft) => this.#enum(owner)],
    ['func', (owner: ClassDraft, at: Statement) => this.#function(owner, at)],
    ['class', (owner: ClassDraft, at: Statement) => this.#class(owner, at)],
    ['pass', () => undefined],
  ]);

  #annotation(owner: ClassDraft, { text: name, line, column }: Token): void {
    const cursor = this.#cursor;
    const args: Expression[] = [];
    if (!cursor.isAtLine() && cursor.skip('(')) {
      while (!cursor.skip(')')) {
        args.push(readExpression(cursor));
        if (cursor.skip(',')) continue;
        if (cursor.skip(')')) break;
        this.#error(cursor.peek(), `Expected ")" behind @${name}`);
        break;
      }
    }
    if (name === 'tool') owner.isTool = true;
    else if (name === 'abstract') this.#annotations.push({ name, args, line, column });
    else if (!ALONE.has(name)) {
      if (name === 'rpc' && this.#annotations.some((other) => other.name === 'rpc'))
        this.#error({ line, column }, '@rpc stands twice before one function');
      this.#annotations.push({ name, args, line, column });
    }
    // The next statement may stand on the same line.
    if (!cursor.isAtLine() && !cursor.is(';')) this.#mayFollow(owner);
  }

  /** On the line of an annotation another one may follow, or the declaration. */
  #mayFollow(owner: ClassDraft): void {
    const { kind, text } = this.#cursor.peek();
    if (kind === 'annotation' || kind === 'name') this.#statementBehind(owner);
    else this.#error(this.#cursor.peek(), `Unexpected "${text.slice(0, 40)}" behind an annotation`);
  }

  #statementBehind(owner: ClassDraft): void {
    // As deep as annotations stand in one row; more than a few is no script.
    if (++this.#depth > MOST_IN_A_ROW) {
      this.#error(this.#cursor.peek(), 'Too many annotations in a row');
      this.#cursor.skipLine();
    } else this.#statement(owner, this.#indent);
    this.#depth--;
  }

  #takeAbstract(): boolean {
    return this.#annotations.some(({ name }) => name === 'abstract');
  }

  #refuseRpc(what: string): void {
    const found = this.#annotations.find(({ name }) => name === 'rpc');
    if (found !== undefined) this.#error(found, `@rpc stands before ${what}, not before a function`);
  }

  #extends(owner: ClassDraft): void {
    const cursor = this.#cursor;
    if (this.#takeAbstract()) owner.isAbstract = true;
    const place = cursor.peek();
    const path = cursor.takeIf('string')?.text;
    const names: string[] = [];
    while (path === undefined || cursor.is('.')) {
      if (path !== undefined || names.length > 0) cursor.take();
      const name = cursor.isAtLine() ? undefined : cursor.takeIf('name');
      if (name === undefined) {
        this.#error(place, 'Expected a class behind "extends"');
        return;
      }
      names.push(name.text);
      if (!cursor.is('.')) break;
    }
    owner.extends = { path, names, line: place.line, column: place.column };
  }

  #className(owner: ClassDraft): void {
    const cursor = this.#cursor;
    if (this.#takeAbstract()) owner.isAbstract = true;
    const name = cursor.isAtLine() ? undefined : cursor.takeIf('name');
    if (name === undefined) {
      this.#error(cursor.peek(), 'Expected a name behind "class_name"');
      return;
    }
    this.#script.className = name.text;
    if (!cursor.isAtLine() && cursor.skip('extends')) this.#extends(owner);
  }

  #signal(owner: ClassDraft): void {
    const name = this.#name(owner, 'signal');
    if (name === undefined) return;
    const isOpen = !this.#cursor.isAtLine() && this.#cursor.skip('(');
    const parameters = isOpen ? readParameters(this.#cursor, this.#error) : [];
    owner.signals.set(name.text, { name: name.text, parameters, line: name.line, column: name.column });
  }

  #variable(owner: ClassDraft, { isStatic }: Statement, into: Map<string, VariableDraft>): void {
    const cursor = this.#cursor;
    const annotations = this.#annotations;
    const name = this.#name(owner, 'variable');
    if (name === undefined) return;
    let type: TypeName | undefined;
    let isInferred = false;
    let value: Expression | undefined;
    if (!cursor.isAtLine()) {
      if (cursor.skip(':=')) isInferred = true;
      else if (cursor.is(':') && cursor.peek(1).text === '=' && cursor.peek(1).kind === 'symbol') {
        cursor.take();
        isInferred = cursor.skip('=');
      } else if (cursor.is(':') && cursor.peek(1).kind === 'name' && cursor.peek(1).indent < 0) {
        const isAccessor = /^(?:set|get)$/.test(cursor.peek(1).text) && /^[=:(]$/.test(cursor.peek(2).text);
        if (!isAccessor) {
          cursor.take();
          type = readTypeName(cursor);
          if (type === undefined) this.#error(cursor.peek(), `Expected a type of ${name.text}`);
        }
      }
      if (isInferred || (!cursor.isAtLine() && cursor.skip('='))) value = this.#initializer(name);
    }
    into.set(name.text, {
      name: name.text,
      type,
      value,
      isInferred,
      isStatic,
      annotations,
      line: name.line,
      column: name.column,
    });
    // `set = …`, `get = …`, `: set(value): …`
    if (!cursor.isAtLine() && cursor.is(':')) this.#skipToBody();
  }

  /** To the end of the line; what it begins goes on in lines that are indented deeper. */
  #skipToBody(): void {
    this.#cursor.skipLine();
    this.#hasBody = true;
  }

  /** What stands behind `=`; what is more than constants can have is gone over. */
  #initializer(name: Token): Expression {
    const cursor = this.#cursor;
    if (cursor.isAtLine()) {
      this.#error(name, `Expected a value of ${name.text} behind "="`);
      return UNKNOWN;
    }
    const value = readExpression(cursor);
    if (value !== UNKNOWN && (cursor.isAtLine() || cursor.is(';') || cursor.is(':'))) return value;
    // A lambda may be all that follows; its body ends with the line, and what is indented deeper.
    const isSetget = cursor.isWord('setget');
    if (isSetget) this.#error(cursor.peek(), 'Unexpected "setget": a script of Godot 3');
    this.#skipToBody();
    return UNKNOWN;
  }

  #enum(owner: ClassDraft): void {
    const cursor = this.#cursor;
    const place = cursor.peek();
    const name = cursor.peek().kind === 'name' ? this.#name(owner, 'enum')?.text : '';
    if (name === undefined) return;
    const values = readEnumValues(cursor, this.#error);
    owner.enums.push({ name, values, line: place.line, column: place.column });
  }

  #function(owner: ClassDraft, { isStatic }: Statement): void {
    const cursor = this.#cursor;
    const annotations = this.#annotations;
    const name = this.#name(owner, 'function');
    if (name === undefined) return;
    if (cursor.isAtLine() || !cursor.skip('(')) {
      this.#error(cursor.peek(), `Expected "(" behind ${name.text}`);
      return;
    }
    const parameters = readParameters(cursor, this.#error);
    let returns: TypeName | undefined;
    if (!cursor.isAtLine() && cursor.skip('->')) {
      returns = readTypeName(cursor);
      if (returns === undefined) this.#error(cursor.peek(), `Expected a type that ${name.text} returns`);
    }
    const { text, line, column } = name;
    owner.functions.set(text, { name: text, parameters, returns, isStatic, annotations, line, column });
    if (!cursor.isAtLine() && cursor.is(':')) this.#skipToBody();
    else if (!annotations.some((annotation) => annotation.name === 'abstract'))
      this.#error(name, `Expected ":" and what ${text} does`);
  }

  #class(owner: ClassDraft, { indent, place }: Statement): void {
    const cursor = this.#cursor;
    const isAbstract = this.#takeAbstract();
    const name = this.#name(owner, 'class');
    if (name === undefined) return;
    this.#annotations = [];
    const inner = emptyClass(owner.name === '' ? name.text : `${owner.name}.${name.text}`, place);
    inner.isAbstract = isAbstract;
    owner.classes.set(name.text, inner);
    if (!cursor.isAtLine() && cursor.skip('extends')) this.#extends(inner);
    if (cursor.isAtLine() || !cursor.skip(':')) {
      this.#error(name, `Expected ":" behind the class ${name.text}`);
      return;
    }
    const isInline = !cursor.isAtLine();
    const first = cursor.peek().indent;
    if (!isInline && first <= indent) {
      this.#error(name, `Expected what is in the class ${name.text}, indented`);
      return;
    }
    if (++this.#depth > DEEPEST_CLASS) {
      this.#error(name, 'Classes are nested too deep');
      cursor.skipLine();
      cursor.skipDeeper(indent);
    } else if (isInline) this.#statement(inner, indent);
    else this.#body(inner, first);
    this.#depth--;
  }

  /** The name of a member, which no other one of the class may have. */
  #name(owner: ClassDraft, what: string): Token | undefined {
    const token = this.#cursor.isAtLine() ? undefined : this.#cursor.takeIf('name');
    if (token === undefined) {
      this.#error(this.#cursor.peek(), `Expected the name of a ${what}`);
      this.#cursor.skipLine();
      return undefined;
    }
    if (isMember(owner, token.text)) this.#error(token, `There are two members ${token.text}`);
    return token;
  }

  readonly #error: TakeError = ({ line, column }, message) => {
    if (this.#script.errors.length < MOST_ERRORS) this.#script.errors.push({ line, column, message });
  };
}

/** What is known of a statement when its first word was read. */
interface Statement {
  readonly indent: number;
  readonly isStatic: boolean;
  readonly place: Token;
}

function isMember(owner: ClassDraft, name: string): boolean {
  return [owner.constants, owner.variables, owner.functions, owner.signals, owner.classes].some((members) =>
    members.has(name),
  );
}

const MOST_IN_A_ROW = 32;
const DEEPEST_CLASS = 32;
/** Before what `@rpc` may stand; the others are looked at where they are read. */
const TAKES_RPC: ReadonlySet<string> = new Set(['func']);
/** Annotations that belong to no declaration. */
const ALONE: ReadonlySet<string> = new Set([
  'icon',
  'static_unload',
  'export_category',
  'export_group',
  'export_subgroup',
  'warning_ignore_start',
  'warning_ignore_restore',
]);
/** Words that began a declaration in Godot 3. */
const GODOT_3: ReadonlySet<string> = new Set([
  'tool',
  'export',
  'onready',
  'remote',
  'master',
  'puppet',
  'slave',
  'sync',
  'remotesync',
  'mastersync',
  'puppetsync',
]);
