/** Values that no method expects, some of which `String()`, templates, JSON or arithmetic fail on. */

/** Name and value, as a table for `test.each`. */
export const ODD_VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-1', -1],
  ['1.5', 1.5],
  ['2 ** 53', 2 ** 53],
  ['a bigint', 5n],
  ['a symbol', Symbol('odd')],
  ['a text', 'length'],
  ['a long text', 'x'.repeat(10_000)],
  ['a boolean', true],
  ['a function', () => 1],
  ['an array', [1]],
  ['an object without a prototype', Object.create(null)],
  ['an object that refers to itself', circular()],
  ['a Uint16Array', new Uint16Array(2)],
];

/** The methods that Godot declares: those of an object and its base classes without the names in `except`. */
export function methodNames(object: object, except: readonly string[]): string[] {
  const names = new Set<string>();
  for (let level = object; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
    for (const name of Object.getOwnPropertyNames(level)) names.add(name);
  }
  const hidden = new Set(['constructor', ...except]);
  return [...names].filter((name) => !hidden.has(name) && typeof Reflect.get(object, name) === 'function');
}

function circular(): object {
  const object: Record<string, unknown> = {};
  object['self'] = object;
  return object;
}

/**
 * Calls a method that may not throw, whatever it gets. The second argument of `putVar` may be an object of ours with
 * options: what is no option there is told with a RangeError.
 */
export function callOddly(object: object, name: string, args: readonly unknown[]): void {
  try {
    Reflect.apply(Reflect.get(object, name) as () => unknown, object, args);
  } catch (error) {
    const isToldOption = name === 'putVar' && error instanceof RangeError;
    if (!(isToldOption && error.message.endsWith('is no option'))) throw error;
  }
}
