/**
 * The engine's own decimal reader, bit for bit (docs/protocol/variant-codec 8.2).
 *
 * It is not correctly rounded, so `Number()` gives other doubles for about one in ten numbers of 17 digits. Everything
 * that the engine reads from text goes through it: JSON numbers, the `f:` strings of the native notation, `.tscn` files,
 * `String.to_float()`.
 */

/** What {@link readDecimal} found. */
export interface DecimalReading {
  /** The number; `0` or `-0` when there was none. */
  readonly value: number;
  /** Index of the first UTF-16 unit that does not belong to the number; the start index when there was no number. */
  readonly end: number;
}

/**
 * Reads the decimal number that begins at `start`, after spaces, tabs and newlines, as far as it goes.
 *
 * An exponent letter without digits is left unread, and then the value is the bare digits without their point:
 * `1.5e` gives 15. Numbers out of range give infinity, or 0, or NaN (`0e999`), as they do in the engine.
 *
 * @param text - Any text.
 * @param start - Index of the first UTF-16 unit to look at, 0 to `text.length`.
 * @returns The value and where it ends. Never throws for any text.
 */
export function readDecimal(text: string, start = 0): DecimalReading {
  let at = start;
  while (isBlank(text.charCodeAt(at))) at++;
  let isNegative = false;
  const sign = text.charCodeAt(at);
  if (sign === MINUS || sign === PLUS) {
    isNegative = sign === MINUS;
    at++;
  }

  let digitCount = 0;
  let pointAfter = -1;
  let high = 0; // All used digits but the last nine, as an integer.
  let low = 0; // The last nine used digits. Both stay below 1e9, so they are exact.
  const digitsAt = at;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) digitCount++;
    else if (code === POINT && pointAfter < 0) pointAfter = digitCount;
    else break;
  }
  if (digitCount === 0) return { value: isNegative ? -0 : 0, end: start };
  if (pointAfter < 0) pointAfter = digitCount;

  const used = Math.min(digitCount, MAX_DIGITS);
  let taken = 0;
  for (let i = digitsAt; taken < used; i++) {
    const code = text.charCodeAt(i);
    if (code === POINT) continue;
    if (taken < used - 9) high = high * 10 + (code - ZERO);
    else low = low * 10 + (code - ZERO);
    taken++;
  }
  const mantissa = 1e9 * high + low;

  const letter = text.charCodeAt(at);
  let exponent = pointAfter - used;
  if (letter === LOWER_E || letter === UPPER_E) {
    const reading = readExponent(text, at + 1);
    // 8.2 step 5: without exponent digits even the scaling by the point is skipped.
    if (reading === undefined) return { value: isNegative ? -mantissa : mantissa, end: at };
    exponent += reading.value;
    at = reading.end;
  }
  const value = scale(mantissa, exponent);
  return { value: isNegative ? -value : value, end: at };
}

/**
 * The number at the beginning of a text, as `String.to_float()` gives it.
 *
 * @param text - Any text.
 * @returns The number of {@link readDecimal}, or 0 when the text does not begin with one.
 */
export function parseDecimal(text: string): number {
  return readDecimal(text, 0).value;
}

function readExponent(text: string, start: number): DecimalReading | undefined {
  let at = start;
  const sign = text.charCodeAt(at);
  if (sign === MINUS || sign === PLUS) at++;
  const firstDigit = at;
  let value = 0;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (!(code >= ZERO && code <= NINE)) break;
    // Far beyond every text length, so that saturating here cannot change the result after step 6.
    if (value < EXPONENT_CAP) value = value * 10 + (code - ZERO);
  }
  if (at === firstDigit) return undefined;
  return { value: sign === MINUS ? -value : value, end: at };
}

/** Steps 6 to 8: the power of ten is a product of f64 constants, taken from the lowest bit upward. */
function scale(mantissa: number, exponent: number): number {
  let left = exponent < 0 ? -exponent : exponent;
  if (left > MAX_EXPONENT) left = MAX_EXPONENT;
  let power = 1;
  for (const constant of POWERS) {
    if (left === 0) break;
    if (left & 1) power *= constant;
    left >>= 1;
  }
  return exponent < 0 ? mantissa / power : mantissa * power;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a;
}

const MAX_DIGITS = 18;
const MAX_EXPONENT = 511;
const EXPONENT_CAP = 1e15;
const POWERS: readonly number[] = [1e1, 1e2, 1e4, 1e8, 1e16, 1e32, 1e64, 1e128, 1e256];
const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const LOWER_E = 0x65;
const UPPER_E = 0x45;
