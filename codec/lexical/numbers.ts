/** Conversions to numbers that reading the native notation makes (docs/protocol/variant-codec 8.4 and 8.6). */

import { Float } from '../values/Float.ts';
import { parseDecimal } from './decimalReader.ts';

/**
 * The integer in a text as the engine reads it (8.6): digits up to the first `.` count, every other character is
 * skipped, a `-` turns the sign while the number is still 0. From the 20th digit on the value saturates at the limits of
 * 64 bits; a 19-digit one beyond them wraps around.
 *
 * @param text - Any text.
 * @returns An integer of 64 bits.
 */
export function readInt(text: string): bigint {
  const point = text.indexOf('.');
  const end = point < 0 ? text.length : point;
  let value = 0n;
  let isNegative = false;
  let digits = 0;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === MINUS && value === 0n) {
      isNegative = !isNegative;
    } else if (code >= ZERO && code <= NINE) {
      digits++;
      const next = value * 10n + BigInt(code - ZERO);
      const limit = isNegative ? INT64_MAX + 1n : INT64_MAX;
      if (digits > 19 && next > limit) return isNegative ? INT64_MIN : INT64_MAX;
      value = BigInt.asIntN(64, next);
    }
  }
  return BigInt.asIntN(64, isNegative ? -value : value);
}

/**
 * An element of `args` as a real: numbers, booleans and numeric texts convert, anything else does not.
 *
 * @param value - What stands in `args`.
 * @returns The number, or `undefined`.
 */
export function realOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Float) return value.value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? parseDecimal(value) : undefined;
}

/**
 * An element of `args` as an integer of 64 bits: floats lose their fraction; what does not fit becomes the smallest
 * integer, as the engine's conversion gives on x86-64.
 *
 * @param value - What stands in `args`.
 * @returns The integer, or `undefined` for what is no number, boolean or text.
 */
export function int64Of(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value);
  if (typeof value === 'string') return readInt(value);
  const real = realOf(value);
  if (real === undefined) return undefined;
  return real >= -INT64_EDGE && real < INT64_EDGE ? BigInt(Math.trunc(real)) : INT64_MIN;
}

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const INT64_EDGE = 2 ** 63;
