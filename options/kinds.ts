/** Which kinds of values options are that are no numbers. `undefined` means "not given" everywhere. */
import { describe } from './describe.ts';

/**
 * Checks options that are called later, when nobody could catch what comes of it.
 *
 * @throws TypeError for one that is there and no function.
 */
export function checkFunctions<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
): void {
  for (const name of names) {
    const value = options[name];
    if (value === undefined || typeof value === 'function') continue;
    throw new TypeError(`"${name}" expected a function, got ${describe(value)}`);
  }
}

/** @throws TypeError for an option that is there and neither true nor false. */
export function checkBooleans<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
): void {
  for (const name of names) {
    const value = options[name];
    if (value === undefined || typeof value === 'boolean') continue;
    throw new TypeError(`"${name}" expected a boolean, got ${describe(value)}`);
  }
}

/**
 * @param what of what it is a list.
 * @throws TypeError for an option that is there and no array.
 */
export function checkList(name: string, value: unknown, what: string): void {
  if (value === undefined || Array.isArray(value)) return;
  throw new TypeError(`"${name}" expected an array of ${what}, got ${describe(value)}`);
}
