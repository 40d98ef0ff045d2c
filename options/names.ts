/**
 * Which options there are. TypeScript finds a misspelt one where it is written; plain JavaScript and objects that were made
 * elsewhere need somebody who says so, since an option that nobody reads is a limit that does not hold.
 */
import { describe } from './describe.ts';
import { suggest } from './suggest.ts';

/** The names as the keys of an object; where an option is an object itself, its names may stand there. */
interface NameTable {
  readonly [name: string]: unknown;
}

/**
 * The names of all options of a type, for {@link checkOptions}: the compiler sees that none is missing and none is too many.
 * An object stands for an option that is one itself, and has the names inside; anything else says only that there is one.
 */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: NonNullable<unknown> };

/**
 * Refuses what is no object, and names that no option has. One that is `undefined` was not given, whatever its name.
 *
 * @param names an {@link OptionNames}, or defaults that are complete.
 * @param place what the object is called when it is an option itself.
 * @param noun what its members are called.
 * @throws TypeError for no object; RangeError naming the option, with the nearest one that there is.
 */
export function checkOptions(
  options: unknown,
  names: object,
  place: string = '',
  noun: string = 'option',
): void {
  if (!isTable(options)) {
    const got = Array.isArray(options) ? 'an array' : describe(options);
    throw new TypeError(`"${place === '' ? 'options' : place}" expected an object, got ${got}`);
  }
  const table = names as NameTable;
  for (const name in options) {
    const value = options[name];
    const inside = Object.hasOwn(table, name) ? table[name] : undefined;
    if (inside === undefined) {
      // What an object inherits was not put there for us.
      if (value !== undefined && Object.hasOwn(options, name)) refuse(name, Object.keys(table), place, noun);
    } else if (isTable(inside) && isTable(value)) {
      checkOptions(value, inside, `${place === '' ? '' : `${place}.`}${name}`, noun);
    }
  }
}

/**
 * Refuses a name that is not among those that there are, e.g. of a signal.
 *
 * @param argument what the argument is called.
 * @throws RangeError naming all of them, and the nearest one.
 */
export function checkKnownName(argument: string, name: unknown, known: object): void {
  if (typeof name === 'string' && Object.hasOwn(known, name)) return;
  const names = Object.keys(known);
  const near = typeof name === 'string' ? suggest(name, names) : undefined;
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  throw new RangeError(`"${argument}" expected one of ${names.join(', ')}, got ${describe(name)}${hint}`);
}

function isTable(value: unknown): value is NameTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(name: string, known: readonly string[], place: string, noun: string): never {
  const prefix = place === '' ? '' : `${place}.`;
  const near = suggest(name, known);
  const hint = near === undefined ? '' : `; did you mean "${prefix}${near}"?`;
  throw new RangeError(`"${prefix}${name}" is no ${noun}${hint}`);
}
