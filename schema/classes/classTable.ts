/**
 * What a mirror knows about node classes: their stored properties in the engine's order, with types and defaults
 * (docs/protocol/variant-codec 10.5). The table of Godot 4.6 ships with the package; `ClassTable.from` reads others.
 */

import type { ClassInfo, PropertyInfo } from './classInfo.ts';
import {
  type ClassTableJson,
  type ClassTableProperty,
  checkList,
  entriesOf,
  named,
  wrong,
} from './classTableJson.ts';
import { GODOT_4_6 } from './godot46.ts';
import { NodeClass } from './nodeClass.ts';
import { unpackClasses } from './packedClasses.ts';
import { infoOf, nativeWidth, type WidthOf } from './propertyInfo.ts';

export type { ClassInfo, PropertyInfo, PropertyType } from './classInfo.ts';
export type {
  ClassTableClass,
  ClassTableJson,
  ClassTableProperty,
  ClassTableScript,
} from './classTableJson.ts';

/** A class of a table before it is decoded. */
interface ClassSource {
  readonly inherits: string;
  /** Its properties; `undefined` for an abstract class. */
  readonly decode: ((ancestors: ReadonlySet<string>) => readonly PropertyInfo[]) | undefined;
}

/** For this module: makes a table without the checks that `from` makes. */
let make: (engine: string, lists: ReadonlyMap<string, ClassSource>, unsaved: Unsaved) => ClassTable;

/** Names of properties that no node stores, by the class where they begin. */
type Unsaved = ReadonlyMap<string, ReadonlySet<string>>;

/** Classes and scripts of an engine. Decoded class by class when they are first needed. */
export class ClassTable {
  static #godot46: ClassTable | undefined;
  /** The engine that wrote the table. */
  readonly engine: string;
  readonly #base: ClassTable | undefined;
  readonly #unsaved: Unsaved;
  readonly #lists: ReadonlyMap<string, ClassSource>;
  readonly #scriptLists: ReadonlyMap<string, readonly ClassTableProperty[]>;
  readonly #classes = new Map<string, ClassInfo>();
  readonly #scripts = new Map<string, readonly PropertyInfo[]>();

  private constructor(
    engine: string,
    lists: ReadonlyMap<string, ClassSource>,
    scripts: ReadonlyMap<string, readonly ClassTableProperty[]>,
    base: ClassTable | undefined,
    unsaved: Unsaved = new Map(),
  ) {
    this.engine = engine;
    this.#unsaved = unsaved;
    this.#lists = lists;
    this.#scriptLists = scripts;
    this.#base = base;
  }

  static {
    make = (engine, lists, unsaved) => new ClassTable(engine, lists, new Map(), undefined, unsaved);
  }

  /** The classes of Godot 4.6. */
  static get GODOT_4_6(): ClassTable {
    ClassTable.#godot46 ??= shipped();
    return ClassTable.#godot46;
  }

  /**
   * Reads a table that `schema/class_table.gd` wrote. What its classes store only in some states is taken from the
   * package's class of that name, or of the nearest one above.
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
      const checked = list === null ? undefined : checkList(list, `classes.${name}.properties`);
      lists.set(name, {
        inherits,
        decode: checked && ((ancestors) => withHidden(checked, knownAbove(ancestors))),
      });
    }
    const scripts = new Map<string, readonly ClassTableProperty[]>();
    for (const [path, entry] of entriesOf(json.scripts, 'scripts')) {
      scripts.set(path, checkList(entry['properties'], `scripts.${path}.properties`));
    }
    if (json.engine !== undefined && typeof json.engine !== 'string')
      throw wrong('engine', 'a text', json.engine);
    return new ClassTable(json.engine ?? base?.engine ?? '', lists, scripts, base);
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
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const source = this.#lists.get(name);
    if (source === undefined) return this.#base?.get(name);
    const { inherits, decode } = source;
    const ancestors = this.#ancestorsOf(name);
    const found = new NodeClass({
      name,
      inherits,
      ancestors,
      all: decode?.(ancestors),
      parent: () => (this.has(inherits) ? this.get(inherits) : undefined),
      isUnsaved: (wanted) => {
        const unsaved = ClassTable.GODOT_4_6.#unsaved;
        return [...ancestors].some((ancestor) => unsaved.get(ancestor)?.has(wanted) === true);
      },
    });
    this.#classes.set(name, found);
    return found;
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

/** The table of the package. */
function shipped(): ClassTable {
  const { engine, classes, unsaved } = unpackClasses(GODOT_4_6);
  const lists = new Map<string, ClassSource>();
  for (const [name, { inherits, properties }] of classes) {
    lists.set(name, {
      inherits,
      decode:
        properties === null
          ? undefined
          : (ancestors) =>
              properties().map(({ property, isHidden }) => ({
                ...infoOf(property, (type, own) => nativeWidth(type, own, ancestors)),
                isStored: !isHidden,
              })),
    });
  }
  return make(engine, lists, unsaved);
}

/** The package's class that a class of another table is, or the nearest one above. */
function knownAbove(ancestors: ReadonlySet<string>): ClassInfo | undefined {
  const table = ClassTable.GODOT_4_6;
  const name = [...ancestors].find((ancestor) => table.get(ancestor)?.isInstantiable);
  return name === undefined ? undefined : table.get(name);
}

/** A user's list, with what the package knows: how wide numbers are, and what nodes store only in some states. */
function withHidden(
  list: readonly ClassTableProperty[],
  known: ClassInfo | undefined,
): readonly PropertyInfo[] {
  const widthOf: WidthOf = (type, name) => {
    const property = known?.property(name);
    return property?.type === type ? property.width : undefined;
  };
  const all = list.map((entry) => infoOf(entry, widthOf));
  const own = new Set(all.map(({ name }) => name));
  let behind: string | undefined;
  for (const info of known?.all ?? []) {
    const isOwn = own.has(info.name);
    // A property that a fresh node stores and that the user's engine does not have is of another version.
    if (!isOwn && !info.isStored && behind !== undefined) {
      const place = behind;
      all.splice(all.findIndex(({ name }) => name === place) + 1, 0, info);
    } else if (!isOwn) continue;
    behind = info.name;
  }
  return all;
}
