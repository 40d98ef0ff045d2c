/** Reads the packed class table of the package (scripts/classTable.mjs). */
import type { ClassTableProperty } from './classTableJson.ts';

/** A property of a packed list. */
export interface PackedProperty {
  /** Name and default. */
  readonly property: ClassTableProperty;
  /** A fresh node does not store it. */
  readonly isHidden: boolean;
}

/** A class of a packed table. */
export interface PackedClass {
  /** The class it inherits from. */
  readonly inherits: string;
  /** Its list, unpacked when it is asked for; null for an abstract class. */
  readonly properties: (() => readonly PackedProperty[]) | null;
}

/** A packed table. */
export interface PackedClasses {
  /** The engine that wrote it. */
  readonly engine: string;
  /** Its classes by name. */
  readonly classes: ReadonlyMap<string, PackedClass>;
  /** Names of properties that no node stores, by the class where they begin. */
  readonly unsaved: ReadonlyMap<string, ReadonlySet<string>>;
}

interface PackedJson {
  readonly engine: string;
  readonly properties: readonly ClassTableProperty[];
  readonly classes: {
    readonly [name: string]: readonly [inherits: string, base: string, list: string | null];
  };
  readonly unsaved: { readonly [name: string]: string };
}

/** Reads the text of a packed table, which is a constant of this package; a test compares it with the engine's. */
export function unpackClasses(text: string): PackedClasses {
  const packed = JSON.parse(text) as PackedJson;
  const listOf = (name: string): readonly PackedProperty[] => {
    const [, base, list] = packed.classes[name] ?? ['', '', null];
    if (list === null || list === '') return [];
    const from = base === '' ? [] : listOf(base);
    const properties: PackedProperty[] = [];
    let next = 0;
    for (const token of list.split(' ')) {
      const letter = /^[csh]/.exec(token)?.[0];
      const number = Number(letter === undefined ? token : token.slice(1));
      if (letter === 'c') properties.push(...from.slice(next, next + number));
      const own = packed.properties[number];
      if (letter === 'c' || letter === 's') next += number;
      else if (own !== undefined) properties.push({ property: own, isHidden: letter === 'h' });
    }
    return properties;
  };
  const classes = Object.entries(packed.classes).map(
    ([name, [inherits, , list]]) =>
      [name, { inherits, properties: list === null ? null : () => listOf(name) }] as const,
  );
  const unsaved = Object.entries(packed.unsaved).map(
    ([name, names]) => [name, new Set(names.split(' '))] as const,
  );
  return { engine: packed.engine, classes: new Map(classes), unsaved: new Map(unsaved) };
}
