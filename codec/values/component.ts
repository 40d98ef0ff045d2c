/** Rules shared by the components of the value classes: comparison, checks and text. */

/**
 * Whether two real components are the same for Godot's keys (variant-codec.md section 5):
 * `==`, and NaN equals NaN, so that -0 equals 0.
 */
export function sameReal(a: number, b: number): boolean {
  // biome-ignore lint/suspicious/noSelfCompare: the cheapest test for NaN on a hot path
  return a === b || (a !== a && b !== b);
}

/** Godot's `is_equal_approx` for two numbers: relative tolerance 0.00001. */
export function approxReal(a: number, b: number): boolean {
  if (a === b) return true;
  const tolerance = Math.max(1e-5 * Math.abs(a), 1e-5);
  return Math.abs(a - b) < tolerance;
}

/**
 * Checks an i32 component of an integer vector and gives it back (-0 becomes 0).
 * @throws RangeError if it is not an integer from -2147483648 to 2147483647.
 */
export function checkI32(name: string, value: number): number {
  if ((value | 0) !== value) {
    throw new RangeError(`"${name}" expected an integer -2147483648..2147483647, got ${String(value)}`);
  }
  return value | 0;
}

/** A component as text: whole numbers get a `.0`, as Godot prints floats. */
export function realText(value: number): string {
  if (Number.isFinite(value)) {
    const text = Object.is(value, -0) ? '-0' : String(value);
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/**
 * Checks a text that goes to the wire and gives it back.
 * @throws TypeError if it is no string: its length would be taken for 0.
 */
export function checkText(name: string, value: string): string {
  if (typeof value !== 'string') throw new TypeError(`"${name}" expected a string, got ${typeof value}`);
  return value;
}
