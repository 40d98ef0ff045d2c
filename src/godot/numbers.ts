/**
 * How numbers from a script become the integers that Godot's methods take: a fraction is cut off, as GDScript does;
 * whatever is no finite number becomes NaN, which every range check below refuses.
 */

/** The integer part of a number, or NaN for anything that is no finite number. */
export function toInteger(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : Number.NaN;
}

/** Whether a number is in `[min, max]`; false for NaN. */
export function isInRange(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

/** A number as the u32 that goes over the wire: -1 becomes 4294967295, NaN becomes 0. */
export function toUint32(value: unknown): number {
  return typeof value === 'number' ? value >>> 0 : 0;
}

/** The largest value of Godot's 32-bit `int` parameters. */
export const INT32_MAX = 0x7fff_ffff;
