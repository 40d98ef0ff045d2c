/**
 * What a mirror knows about node classes: their stored properties in the engine's order, with types and defaults
 * (docs/protocol/variant-codec 10.5). The table of Godot 4.6 ships with the package; `ClassTable.from` reads others.
 */
import type { ContainerType } from '../codec/values/ContainerType.ts';
import { Dictionary } from '../codec/values/Dictionary.ts';
import { TypedArray } from '../codec/values/TypedArray.ts';
import { bytesToVar } from '../codec/variant/decode.ts';
import { variantTypeOf } from '../codec/variant/typeOf.ts';
import { VARIANT_MAX, VariantType, type VariantTypeId } from '../codec/variant/types.ts';
import { GODOT_4_6 } from './classes/godot46.ts';
import { isDoubleProperty, isUnsignedProperty } from './classes/widths.ts';
import { type NodeValue, ownVariant } from './ownVariant.ts';

/** The declared type of a property. */
export interface PropertyType {
  /** The Variant type id; NIL for a property that takes any value. */
  readonly type: VariantTypeId;
  /** Of a typed Array: the type of its elements. */
  readonly elementType?: ContainerType | undefined;
  /** Of a typed Dictionary: the type of its keys. */
  readonly keyType?: ContainerType | undefined;
  /** Of a typed Dictionary: the type of its values. */
  readonly valueType?: ContainerType | undefined;
  /** How wide the engine's number is: FLOAT in single precision, INT of 32 bits; `undefined` for 64 bits. */
  readonly width?: 'f32' | 'i32' | 'u32' | undefined;
}

/** A property of a class, or a variable of a script. */
export interface PropertyInfo extends PropertyType {
  /** The property's name. */
  readonly name: string;
  /** Its value before anything is set. */
  readonly default: NodeValue;
  /** Whether packets and scene files hold it. */
  readonly isStored: boolean;
}

/** A class of nodes. */
export interface ClassInfo {
  /** Native class name. */
  readonly name: string;
  /** The class it inherits from, `''` if unknown. */
  readonly inherits: string;
  /** `false` for abstract classes, of which there are no nodes. */
  readonly isInstantiable: boolean;
  /** Its stored properties, in the engine's order. */
  readonly properties: readonly PropertyInfo[];
  /** A property by its name; also one that a parent stores and this class hides. */
  property(name: string): PropertyInfo | undefined;
  /** Whether it is a class or inherits from it. */
  is(className: string): boolean;
}

/** `[name, hex of var_to_bytes(default)]`, and the Variant type id where the default does not tell it. */
export type ClassTableProperty = readonly [name: string, value: string, type?: number];

/** A class in a {@link ClassTableJson}. */
export interface ClassTableClass {
  /** The class it inherits from. */
  readonly inherits: string;
  /** Its stored properties in the engine's order; null for a class that cannot be instantiated. */
  readonly properties: readonly ClassTableProperty[] | null;
}

/** A script in a {@link ClassTableJson}. */
export interface ClassTableScript {
  /** Its stored variables in the engine's order, those of base scripts included. */
  readonly properties: readonly ClassTableProperty[];
}

/** What `schema/class_table.gd` writes. */
export interface ClassTableJson {
  /** The engine's version. */
  readonly engine?: string;
  /** Classes by name. */
  readonly classes?: { readonly [name: string]: ClassTableClass };
  /** Scripts by their `res://` path. */
  readonly scripts?: { readonly [path: string]: ClassTableScript };
}

/** For this module: makes a table without the checks that `from` makes. */
let make: (engine: string, lists: ReadonlyMap<string, ClassSource>) => ClassTable;

/** Classes and scripts of an engine. Decoded class by class when they are first needed. */
export class ClassTable {
  static #godot46: ClassTable | undefined;
  /** The engine that wrote the table. */
  readonly engine: string;
  readonly #base: ClassTable | undefined;
  readonly #lists: ReadonlyMap<string, ClassSource>;
  readonly #scriptLists: ReadonlyMap<string, readonly ClassTableProperty[]>;
  readonly #classes = new Map<string, Class>();
  readonly #scripts = new Map<string, readonly PropertyInfo[]>();

  private constructor(
    engine: string,
    lists: ReadonlyMap<string, ClassSource>,
    scripts: ReadonlyMap<string, readonly ClassTableProperty[]>,
    base: ClassTable | undefined,
  ) {
    this.engine = engine;
    this.#lists = lists;
    this.#scriptLists = scripts;
    this.#base = base;
  }

  /** The classes of Godot 4.6. */
  static get GODOT_4_6(): ClassTable {
    ClassTable.#godot46 ??= unpack(GODOT_4_6);
    return ClassTable.#godot46;
  }

  /**
   * Reads a table that `schema/class_table.gd` wrote.
   *
   * @param json - The parsed JSON. Classes, scripts, or both.
   * @param base - A table for what this one does not have, e.g. {@link ClassTable.GODOT_4_6} below a table of scripts.
   * @throws TypeError naming the place for JSON of another form; DecodeError for a default that is no Variant.
   */
  static from(json: ClassTableJson, base?: ClassTable): ClassTable {
    if (typeof json !== 'object' || json === null)
      throw new TypeError(`"json" expected an object, got ${named(json)}`);
    if (base !== undefined && !(base instanceof ClassTable)) {
      throw new TypeError(`"base" expected a ClassTable, got ${named(base)}`);
    }
    const lists = new Map<string, ClassSource>();
    for (const [name, entry] of entriesOf(json.classes, 'classes')) {
      const inherits: unknown = entry['inherits'];
      if (typeof inherits !== 'string') throw wrong(`classes.${name}.inherits`, 'a text', inherits);
      const list = entry['properties'] ?? null;
      lists.set(name, {
        inherits,
        properties: list === null ? null : checkList(list, `classes.${name}.properties`),
        isNative: false,
      });
    }
    const scripts = new Map<string, readonly ClassTableProperty[]>();
    for (const [path, entry] of entriesOf(json.scripts, 'scripts')) {
      scripts.set(path, checkList(entry['properties'], `scripts.${path}.properties`));
    }
    if (json.engine !== undefined && typeof json.engine !== 'string')
      throw wrong('engine', 'a text', json.engine);
    return ClassTable.#make(json.engine ?? base?.engine ?? '', lists, scripts, base);
  }

  static #make(
    engine: string,
    lists: ReadonlyMap<string, ClassSource>,
    scripts: ReadonlyMap<string, readonly ClassTableProperty[]>,
    base?: ClassTable,
  ): ClassTable {
    return new ClassTable(engine, lists, scripts, base);
  }

  static {
    make = (engine, lists) => ClassTable.#make(engine, lists, new Map());
  }

  /** Whether there is a class of this name, abstract ones included. */
  has(name: string): boolean {
    return this.#lists.has(name) || (this.#base?.has(name) ?? false);
  }

  /** The names of all classes, those of the base table last. */
  names(): string[] {
    return [...new Set([...this.#lists.keys(), ...(this.#base?.names() ?? [])])];
  }

  /** A class, or `undefined`. */
  get(name: string): ClassInfo | undefined {
    return this.#find(name);
  }

  /** The stored variables of a script in the engine's order, or `undefined` for a script that is not in the table. */
  script(path: string): readonly PropertyInfo[] | undefined {
    const found = this.#scripts.get(path);
    if (found !== undefined) return found;
    const list = this.#scriptLists.get(path);
    if (list === undefined) return this.#base?.script(path);
    // Floats and ints of GDScript have 64 bits.
    const variables = list.map((entry) => infoOf(entry, () => undefined));
    this.#scripts.set(path, variables);
    return variables;
  }

  #find(name: string): Class | undefined {
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const source = this.#lists.get(name);
    if (source === undefined) return this.#base === undefined ? undefined : this.#base.#find(name);
    const ancestors = this.#ancestorsOf(name);
    const list = typeof source.properties === 'function' ? source.properties() : source.properties;
    const widthOf = source.isNative
      ? (type: number, name: string) => nativeWidth(type, name, ancestors)
      : widthsBelow(ancestors);
    const properties = list?.map((entry) => infoOf(entry, widthOf));
    const found = new Class(name, source.inherits, ancestors, properties, () =>
      this.has(source.inherits) ? this.#find(source.inherits) : undefined,
    );
    this.#classes.set(name, found);
    return found;
  }

  /** The class and those it inherits from. A table that goes round in circles ends where it closes. */
  #ancestorsOf(name: string): ReadonlySet<string> {
    const chain = new Set<string>();
    let next: string | undefined = name;
    while (next !== undefined && next !== '' && !chain.has(next)) {
      chain.add(next);
      next = this.#inherits(next);
    }
    return chain;
  }

  #inherits(name: string): string | undefined {
    const own = this.#lists.get(name)?.inherits;
    return own ?? (this.#base === undefined ? undefined : this.#base.#inherits(name));
  }
}

interface ClassSource {
  readonly inherits: string;
  readonly properties: readonly ClassTableProperty[] | (() => readonly ClassTableProperty[]) | null;
  /** From the table of the package, where the widths of numbers are known. */
  readonly isNative: boolean;
}

class Class implements ClassInfo {
  readonly name: string;
  readonly inherits: string;
  readonly isInstantiable: boolean;
  readonly properties: readonly PropertyInfo[];
  readonly #ancestors: ReadonlySet<string>;
  readonly #byName: ReadonlyMap<string, PropertyInfo>;
  readonly #hidden = new Map<string, PropertyInfo | undefined>();
  readonly #parent: () => ClassInfo | undefined;

  constructor(
    name: string,
    inherits: string,
    ancestors: ReadonlySet<string>,
    properties: readonly PropertyInfo[] | undefined,
    parent: () => ClassInfo | undefined,
  ) {
    this.name = name;
    this.inherits = inherits;
    this.isInstantiable = properties !== undefined;
    this.properties = properties ?? [];
    this.#ancestors = ancestors;
    this.#byName = new Map(this.properties.map((info) => [info.name, info]));
    this.#parent = parent;
  }

  property(name: string): PropertyInfo | undefined {
    const own = this.#byName.get(name);
    if (own !== undefined) return own;
    if (this.#hidden.has(name)) return this.#hidden.get(name);
    // Abstract parents have no list; what lies above them is what their children share.
    const parent = this.inherits === this.name ? undefined : this.#parent();
    const inherited = parent?.property(name);
    const hidden = inherited === undefined ? undefined : { ...inherited, isStored: false };
    if (hidden !== undefined) this.#hidden.set(name, hidden);
    return hidden;
  }

  is(className: string): boolean {
    return this.#ancestors.has(className);
  }
}

/** The module that scripts/classTable.mjs writes: see there. */
interface PackedTable {
  readonly engine: string;
  readonly properties: readonly ClassTableProperty[];
  readonly classes: {
    readonly [name: string]: readonly [inherits: string, base: string, list: string | null];
  };
}

function unpack(text: string): ClassTable {
  // The text is a constant of this package; a test compares it with the engine's table.
  const packed = JSON.parse(text) as PackedTable;
  const lists = new Map<string, ClassSource>();
  const listOf = (name: string): readonly ClassTableProperty[] => {
    const [, base, list] = packed.classes[name] ?? ['', '', null];
    if (list === null || list === '') return [];
    const from = base === '' ? [] : listOf(base);
    const properties: ClassTableProperty[] = [];
    let next = 0;
    for (const token of list.split(' ')) {
      const count = Number(token.slice(1));
      if (token.startsWith('c')) properties.push(...from.slice(next, next + count));
      const own = packed.properties[Number(token)];
      if (token.startsWith('c') || token.startsWith('s')) next += count;
      else if (own !== undefined) properties.push(own);
    }
    return properties;
  };
  for (const [name, [inherits, , list]] of Object.entries(packed.classes)) {
    lists.set(name, { inherits, properties: list === null ? null : () => listOf(name), isNative: true });
  }
  return make(packed.engine, lists);
}

function infoOf(
  [name, hex, declared]: ClassTableProperty,
  widthOf: (type: number, name: string) => PropertyType['width'],
): PropertyInfo {
  const value = ownVariant(bytesToVar(bytesOf(hex), { exact: true }));
  const type = declared ?? typeOfDefault(value);
  return {
    ...typeOf(type as VariantTypeId, value),
    name,
    default: value,
    isStored: true,
    width: widthOf(type, name),
  };
}

/** A property that is null at first holds a resource or a node. */
function typeOfDefault(value: NodeValue): number {
  const type = variantTypeOf(value) ?? VariantType.NIL;
  return type === VariantType.NIL ? VariantType.OBJECT : type;
}

/** The type of a property whose default is known. */
export function typeOf(type: VariantTypeId, value: unknown): PropertyType {
  return {
    type,
    elementType: value instanceof TypedArray ? value.elementType : undefined,
    keyType: value instanceof Dictionary ? value.keyType : undefined,
    valueType: value instanceof Dictionary ? value.valueType : undefined,
  };
}

function nativeWidth(type: number, name: string, ancestors: ReadonlySet<string>): PropertyType['width'] {
  if (type === VariantType.FLOAT) return isDoubleProperty(name, ancestors) ? undefined : 'f32';
  if (type === VariantType.INT) return isUnsignedProperty(name) ? 'u32' : 'i32';
  return undefined;
}

/** Tables of users: what a class has from one of Godot's is as wide as there, the rest has 64 bits. */
function widthsBelow(ancestors: ReadonlySet<string>): (type: number, name: string) => PropertyType['width'] {
  const known = [...ancestors].find((name) => ClassTable.GODOT_4_6.get(name)?.isInstantiable);
  const info = known === undefined ? undefined : ClassTable.GODOT_4_6.get(known);
  return (type, name) => {
    const property = info?.property(name);
    return property?.type === type ? property.width : undefined;
  };
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function entriesOf(value: unknown, path: string): [string, Record<string, unknown>][] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(path, 'an object', value);
  return Object.entries(value).map(([name, entry]: [string, unknown]) => {
    if (typeof entry !== 'object' || entry === null) throw wrong(`${path}.${name}`, 'an object', entry);
    return [name, entry as Record<string, unknown>];
  });
}

function checkList(value: unknown, path: string): readonly ClassTableProperty[] {
  if (!Array.isArray(value)) throw wrong(path, 'an array', value);
  const seen = new Set<string>();
  return value.flatMap((entry: unknown, i) => {
    if (!Array.isArray(entry)) throw wrong(`${path}[${i}]`, 'an array', entry);
    const [name, hex, type] = entry as unknown[];
    if (typeof name !== 'string') throw wrong(`${path}[${i}][0]`, 'a text', name);
    if (typeof hex !== 'string' || !/^(?:[0-9a-f]{2})*$/i.test(hex)) {
      throw wrong(`${path}[${i}][1]`, 'hexadecimal digits', hex);
    }
    if (type !== undefined && !(Number.isInteger(type) && Number(type) >= 0 && Number(type) < VARIANT_MAX)) {
      throw wrong(`${path}[${i}][2]`, 'a Variant type id', type);
    }
    // protocol/variant-codec 10.5: of two entries with one name the first position counts.
    if (seen.has(name)) return [];
    seen.add(name);
    return [type === undefined ? [name, hex] : [name, hex, Number(type)]] as ClassTableProperty[];
  });
}

function named(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}

function wrong(path: string, expected: string, got: unknown): TypeError {
  return new TypeError(`"json.${path}" expected ${expected}, got ${named(got)}`);
}
