/** The JSON of a class table, and its checks. */
import { VARIANT_MAX } from '../../codec/index.ts';

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

/** The entries of an object of objects. @throws TypeError naming the place. */
export function entriesOf(value: unknown, path: string): [string, Record<string, unknown>][] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(path, 'an object', value);
  return Object.entries(value).map(([name, entry]: [string, unknown]) => {
    if (typeof entry !== 'object' || entry === null) throw wrong(`${path}.${name}`, 'an object', entry);
    return [name, entry as Record<string, unknown>];
  });
}

/** A list of properties. @throws TypeError naming the place. */
export function checkList(value: unknown, path: string): readonly ClassTableProperty[] {
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

/** What a value is, for messages. */
export function named(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}

/** The error of a value that is something else than expected. */
export function wrong(path: string, expected: string, got: unknown): TypeError {
  return new TypeError(`"json.${path}" expected ${expected}, got ${named(got)}`);
}
