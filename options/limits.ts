/** Limits that an application may set one by one. */
import { describe } from './describe.ts';
import { withDefaults } from './given.ts';
import { checkOptions } from './names.ts';

/**
 * Fills in the defaults of limits that are numbers: rates, whose names have `PerSec` and which may be 0 for no limit, and counts
 * from 1 on.
 *
 * @param place what the option is called.
 * @throws RangeError for a number out of range or a name that is none; TypeError for what is no object.
 */
export function checkLimitNumbers<Limits extends { readonly [Name in keyof Limits]: number }>(
  place: string,
  defaults: Limits,
  own: { readonly [Name in keyof Limits]?: number | undefined } | undefined,
): Limits {
  if (own === undefined) return defaults;
  checkOptions(own, defaults, place, 'limit');
  // Both say that a limit is a number.
  const limits = withDefaults<Limits>(defaults, own as Partial<Limits>);
  for (const [name, value] of Object.entries<unknown>(limits)) {
    const min = name.includes('PerSec') ? 0 : 1;
    if (typeof value === 'number' && value >= min && value <= Number.MAX_SAFE_INTEGER) continue;
    throw new RangeError(`"${place}.${name}" expected a number of at least ${min}, got ${describe(value)}`);
  }
  return limits;
}
