/** Which integers an option or an argument may be. */
import { describe } from './describe.ts';

/** Whether a value is an integer of `[min, max]`. */
export function isIntegerIn(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/**
 * Refuses what is no integer of `[min, max]`.
 *
 * @param what how the message calls it; rooms that say "an integer" go on saying so.
 * @returns the value.
 * @throws RangeError naming it, what was expected, and what came.
 */
export function checkInteger(
  name: string,
  value: unknown,
  min: number,
  max: number,
  what: string = 'integer',
): number {
  if (isIntegerIn(value, min, max)) return value;
  throw new RangeError(`"${name}" expected ${what} ${min}..${max}, got ${describe(value)}`);
}
