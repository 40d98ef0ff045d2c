/**
 * Grisu2, the algorithm by which the engine finds the digits of a float (docs/protocol/variant-codec 9.2; Loitsch,
 * "Printing Floating-Point Numbers Quickly and Accurately with Integers", 2010).
 *
 * The digits always read back as the same number but are not always the fewest, nor always the nearest: about one
 * number in a thousand differs from what JavaScript prints. Texts that have to equal the engine's need exactly this.
 */

/** A positive number as decimal digits: `digits * 10^exponent`. */
export interface DecimalDigits {
  /** One to 17 digits, the first one not `0`. */
  readonly digits: string;
  /** Power of ten of the last digit. */
  readonly exponent: number;
}

/**
 * The digits of a positive double.
 *
 * @param value - A finite number above 0.
 * @returns The digits that Grisu2 gives.
 */
export function grisu2Float64(value: number): DecimalDigits {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  return grisu2(bits & 0xf_ffff_ffff_ffffn, Number(bits >> 52n), 0x10_0000_0000_0000n, 1075);
}

/**
 * The digits of a positive single precision number.
 *
 * @param value - A finite number above 0; it is narrowed to single precision.
 * @returns The digits that Grisu2 gives for that f32, usually far fewer than for the same f64.
 */
export function grisu2Float32(value: number): DecimalDigits {
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  return grisu2(BigInt(bits & 0x7fffff), bits >>> 23, 0x80_0000n, 150);
}

/**
 * The layout that the engine gives to digits (the table at the end of 9.2): plain up to 15 places before the point and
 * down to 0.0001, else with an exponent of at least two digits.
 *
 * @param decimal - Digits of a positive number.
 * @returns For example `0.0001`, `1e-05`, `16777216`, `1e+15`; whole numbers carry no `.0`.
 */
export function layOutDigits(decimal: DecimalDigits): string {
  const { digits } = decimal;
  const count = digits.length;
  const point = count + decimal.exponent;
  if (count <= point && point <= 15) return digits + '0'.repeat(point - count);
  if (0 < point && point <= 15) return `${digits.slice(0, point)}.${digits.slice(point)}`;
  if (-4 < point && point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  const mantissa = count === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  const power = Math.abs(point - 1)
    .toString()
    .padStart(2, '0');
  return `${mantissa}e${point - 1 < 0 ? '-' : '+'}${power}`;
}

/** `fraction` and `biased` are the fields of the number, `hidden` is its hidden bit, `bias` that of the integer form. */
function grisu2(fraction: bigint, biased: number, hidden: bigint, bias: number): DecimalDigits {
  const significand = biased === 0 ? fraction : fraction | hidden;
  const exponent = (biased === 0 ? 1 : biased) - bias;

  // The boundaries to the neighbours, halfway. Below a power of two the next number is half as far.
  const upper = normalize(2n * significand + 1n, exponent - 1);
  const isLowerCloser = fraction === 0n && biased > 1;
  const lowerShift = isLowerCloser ? exponent - 2 - upper.exponent : exponent - 1 - upper.exponent;
  const lower = (isLowerCloser ? 4n * significand - 1n : 2n * significand - 1n) << BigInt(lowerShift);
  const middle = normalize(significand, exponent);

  const cached = cachedPower(upper.exponent);
  const scaledUpper = multiplyHigh(upper.significand, cached.significand) - 1n;
  const scaledLower = multiplyHigh(lower, cached.significand) + 1n;
  const scaledMiddle = multiplyHigh(middle.significand, cached.significand);
  const shift = BigInt(-(upper.exponent + cached.exponent + 64));
  return generate(
    scaledUpper,
    scaledUpper - scaledLower,
    scaledUpper - scaledMiddle,
    shift,
    -cached.decimalExponent,
  );
}

/** Digits of the upper end, until what is left lies inside the interval; then the last digit moves toward the number. */
function generate(
  upper: bigint,
  width: bigint,
  middleDistance: bigint,
  shift: bigint,
  decimalExponent: number,
): DecimalDigits {
  const mask = (1n << shift) - 1n;
  let whole = Number(upper >> shift);
  let part = upper & mask;
  const digits: number[] = [];

  let weight = 1;
  let unprinted = 1;
  while (whole >= weight * 10) {
    weight *= 10;
    unprinted++;
  }
  while (unprinted > 0) {
    const digit = Math.trunc(whole / weight);
    whole -= digit * weight;
    digits.push(digit);
    unprinted--;
    const rest = (BigInt(whole) << shift) + part;
    if (rest <= width) {
      round(digits, middleDistance, width, rest, BigInt(weight) << shift);
      return { digits: digits.join(''), exponent: decimalExponent + unprinted };
    }
    weight /= 10;
  }

  let exponent = decimalExponent;
  let delta = width;
  let distance = middleDistance;
  for (;;) {
    part *= 10n;
    digits.push(Number(part >> shift));
    part &= mask;
    exponent--;
    delta *= 10n;
    distance *= 10n;
    if (part <= delta) break;
  }
  round(digits, distance, delta, part, 1n << shift);
  return { digits: digits.join(''), exponent };
}

function round(digits: number[], distance: bigint, width: bigint, from: bigint, unit: bigint): void {
  const last = digits.length - 1;
  let rest = from;
  let digit = digits[last] ?? 0;
  while (
    rest < distance &&
    width - rest >= unit &&
    (rest + unit < distance || distance - rest > rest + unit - distance)
  ) {
    digit--;
    rest += unit;
  }
  digits[last] = digit;
}

interface BinaryFloat {
  readonly significand: bigint;
  readonly exponent: number;
}

function normalize(significand: bigint, exponent: number): BinaryFloat {
  const shift = 64 - bitLength(significand);
  return { significand: significand << BigInt(shift), exponent: exponent - shift };
}

function bitLength(value: bigint): number {
  const high = Number(value >> 32n);
  if (high > 0) return 64 - Math.clz32(high);
  return 32 - Math.clz32(Number(value));
}

/** The upper 64 bits of the product, rounded by its bit 63. */
function multiplyHigh(left: bigint, right: bigint): bigint {
  return (left * right + 0x8000_0000_0000_0000n) >> 64n;
}

interface CachedPower extends BinaryFloat {
  readonly decimalExponent: number;
}

function cachedPower(binaryExponent: number): CachedPower {
  const x = -61 - binaryExponent;
  const quotient = Math.trunc((x * 78913) / 262144) + (x > 0 ? 1 : 0);
  const index = Math.trunc((quotient + 307) / 8);
  const known = powers[index];
  if (known !== undefined) return known;
  const made = makePower(FIRST_POWER + POWER_STEP * index);
  powers[index] = made;
  return made;
}

/** 10^k with a significand of 64 bits, correctly rounded. */
function makePower(decimalExponent: number): CachedPower {
  // Enough binary places that the smallest power still has more than 64 significant bits.
  const scaleBits = decimalExponent < 0 ? 1200n : 0n;
  const value =
    decimalExponent < 0
      ? (1n << scaleBits) / 10n ** BigInt(-decimalExponent)
      : 10n ** BigInt(decimalExponent);
  const length = value.toString(2).length;
  const shift = length - 64;
  let significand = shift > 0 ? value >> BigInt(shift) : value << BigInt(-shift);
  let exponent = shift - Number(scaleBits);
  // The bit below the last decides: no power of ten of this table lies exactly between two significands.
  if (shift > 0 && ((value >> BigInt(shift - 1)) & 1n) === 1n) significand += 1n;
  if (significand >> 64n !== 0n) {
    significand >>= 1n;
    exponent++;
  }
  return { significand, exponent, decimalExponent };
}

const FIRST_POWER = -300;
const POWER_STEP = 8;
const powers: CachedPower[] = [];
const view = new DataView(new ArrayBuffer(8));
