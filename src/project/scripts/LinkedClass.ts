/** A class of a script, with what its names mean in the project: bases, constants, other classes. */

import { ClassValue, type Constant, type ConstantClass, EnumValues } from '../gdscript/constant.ts';
import type { ClassDraft, EnumDraft } from '../gdscript/draft.ts';
import { evaluate, type Scope } from '../gdscript/evaluate.ts';
import type { Expression } from '../gdscript/expression.ts';
import type { SourcePlace } from '../issue.ts';

/** What a class asks of its file and of the project. */
export interface ClassSurroundings {
  /** The `res://` path of the script. */
  readonly path: string;
  /** What may still be computed for the script. */
  readonly budget: Budget;
  /** The class with a `class_name`. */
  global(name: string): LinkedClass | undefined;
  /** What `preload` of a path in this script gives. */
  load(path: string): Constant | undefined;
  /** Whether the engine has a class of this name, as far as is known. */
  isNative(name: string): boolean;
  /** Takes why the engine refuses the script, or what is not known. */
  issue(kind: 'error' | 'unread', place: SourcePlace, message: string): void;
}

/** What may be computed for one script. */
export interface Budget {
  left: number;
  /** How many constants are being worked out, one for another. */
  depth: number;
}

/** One class. */
export class LinkedClass implements ConstantClass, Scope {
  /** What stands in it. */
  readonly draft: ClassDraft;
  /** The class in which it stands. */
  readonly outer: LinkedClass | undefined;
  readonly #around: ClassSurroundings;
  readonly #constants = new Map<string, Constant | undefined>();
  readonly #inner = new Map<string, LinkedClass>();
  #base: LinkedClass | string | undefined;
  #isLinked = false;

  constructor(draft: ClassDraft, around: ClassSurroundings, outer?: LinkedClass) {
    this.draft = draft;
    this.outer = outer;
    this.#around = around;
    for (const [name, inner] of draft.classes) this.#inner.set(name, new LinkedClass(inner, around, this));
  }

  /** The path of its script. */
  get path(): string {
    return this.#around.path;
  }

  /** `res://base.gd`, or `res://base.gd::Kid` for a class in it. */
  get id(): string {
    return this.draft.name === '' ? this.path : `${this.path}::${this.draft.name}`;
  }

  /** The classes in it. */
  get inner(): ReadonlyMap<string, LinkedClass> {
    return this.#inner;
  }

  /** What it extends: a class of the project, or the name of one of the engine; `undefined` when that is not there. */
  get base(): LinkedClass | string | undefined {
    if (!this.#isLinked) {
      this.#isLinked = true;
      this.#base = this.#findBase();
      if (this.#isCircular()) {
        this.#around.issue('error', this.draft.extends ?? this.draft, 'It extends itself');
        this.#base = undefined;
      }
    }
    return this.#base;
  }

  /** It and those of the project that it extends, itself first. */
  *line(): Generator<LinkedClass> {
    const seen = new Set<LinkedClass>();
    let next: LinkedClass | string | undefined = this;
    while (next instanceof LinkedClass && !seen.has(next)) {
      seen.add(next);
      yield next;
      next = next.base;
    }
  }

  /** The class of the engine that it extends in the end; `undefined` when a base is missing. */
  get native(): string | undefined {
    let last: LinkedClass = this;
    for (const at of this.line()) last = at;
    return typeof last.base === 'string' ? last.base : undefined;
  }

  /** {@link ConstantClass.constant}. */
  constant(name: string): Constant | undefined {
    for (const at of this.line()) {
      const value = at.#own(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** {@link Scope.lookup}. */
  lookup(name: string): Constant | undefined {
    for (let at: LinkedClass | undefined = this; at !== undefined; at = at.outer) {
      const value = at.constant(name);
      if (value !== undefined) return value;
    }
    const found = this.#around.global(name);
    return found === undefined ? undefined : new ClassValue(found);
  }

  /** {@link Scope.load}. */
  load(path: string): Constant | undefined {
    return this.#around.load(path);
  }

  /** {@link Scope.spend}. */
  spend(cost: number): boolean {
    this.#around.budget.left -= cost;
    return this.#around.budget.left >= 0;
  }

  /** The value of an expression in this class. */
  evaluate(expression: Expression): Constant | undefined {
    return evaluate(expression, this);
  }

  /** Whether the engine has a class of this name. */
  isNative(name: string): boolean {
    return this.#around.isNative(name);
  }

  /** Whether a name means a class or an enum here; the others are of the engine. */
  named(names: readonly string[]): LinkedClass | EnumValues | undefined {
    const [first = '', ...rest] = names;
    let found = this.lookup(first);
    for (const name of rest) {
      if (!(found instanceof ClassValue)) return undefined;
      found = found.class.constant(name);
    }
    if (found instanceof EnumValues) return found;
    return found instanceof ClassValue && found.class instanceof LinkedClass ? found.class : undefined;
  }

  /** A constant of this class alone. */
  #own(name: string): Constant | undefined {
    if (this.#constants.has(name)) return this.#constants.get(name);
    // A constant that needs itself has no value.
    this.#constants.set(name, undefined);
    const { budget } = this.#around;
    if (budget.depth >= DEEPEST) return undefined;
    budget.depth++;
    const value = this.#find(name);
    budget.depth--;
    this.#constants.set(name, value);
    return value;
  }

  #find(name: string): Constant | undefined {
    const inner = this.#inner.get(name);
    if (inner !== undefined) return new ClassValue(inner);
    const constant = this.draft.constants.get(name);
    if (constant?.value !== undefined) return evaluate(constant.value, this);
    for (const draft of this.draft.enums) {
      if (draft.name === name && name !== '') return new EnumValues(this.enumValues(draft));
      if (draft.name === '' && draft.values.some((value) => value.name === name))
        return this.enumValues(draft).get(name);
    }
    return undefined;
  }

  /** The values of an enum, as far as they are known. */
  enumValues(draft: EnumDraft): ReadonlyMap<string, bigint> {
    const values = new Map<string, bigint>();
    const scope: Scope = {
      lookup: (name) => values.get(name) ?? this.lookup(name),
      load: (path) => this.load(path),
      spend: (cost) => this.spend(cost),
    };
    let next: bigint | undefined = 0n;
    for (const { name, value } of draft.values) {
      const given: Constant | undefined = value === undefined ? next : evaluate(value, scope);
      next = undefined;
      if (typeof given !== 'bigint') continue;
      values.set(name, given);
      next = BigInt.asIntN(64, given + 1n);
    }
    return values;
  }

  #isCircular(): boolean {
    for (const at of this.line()) if (at.#isLinked && at.#base === this) return true;
    return false;
  }

  #findBase(): LinkedClass | string | undefined {
    const wanted = this.draft.extends;
    if (wanted === undefined) return 'RefCounted';
    const { path, names } = wanted;
    if (path !== undefined) {
      const found = this.#around.load(path);
      if (found instanceof ClassValue && found.class instanceof LinkedClass)
        return this.#inside(found.class, names);
      this.#around.issue('error', wanted, `It extends ${path}, which is no script of the project`);
      return undefined;
    }
    const [first = '', ...rest] = names;
    const found = this.#beforeBase(first);
    if (found !== undefined) return this.#inside(found, rest);
    if (rest.length === 0 && this.#around.isNative(first)) return first;
    if (rest.length === 0 && /^[A-Z]/.test(first)) {
      const message = `It extends ${first}, which no script of the project is: taken as a class of the engine or of an extension`;
      this.#around.issue('unread', wanted, message);
      return first;
    }
    this.#around.issue('error', wanted, `It extends ${names.join('.')}, which is not there`);
    return undefined;
  }

  /** What a name means while the base is not known: nothing of it counts. */
  #beforeBase(name: string): LinkedClass | undefined {
    const own = this.#own(name) ?? this.outer?.lookup(name);
    if (own instanceof ClassValue && own.class instanceof LinkedClass) return own.class;
    return this.#around.global(name);
  }

  #inside(found: LinkedClass, names: readonly string[]): LinkedClass | undefined {
    let at = found;
    for (const name of names) {
      const next = at.constant(name);
      if (!(next instanceof ClassValue && next.class instanceof LinkedClass)) {
        const message = `It extends ${name} of ${at.id}, which is not there`;
        this.#around.issue('error', this.draft.extends ?? this.draft, message);
        return undefined;
      }
      at = next.class;
    }
    return at;
  }
}

/** How many constants may stand for one another in a row. */
const DEEPEST = 64;
