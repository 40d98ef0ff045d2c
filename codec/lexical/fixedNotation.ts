/**
 * C's `%.Nf`: exact decimal expansion, ties to even (docs/protocol/variant-codec 8.3), and the floor of the decimal
 * logarithm as the C library gives it (8.5).
 */
import { checkInteger } from '../../options/internal.ts';

/**
 * Writes a finite number with a fixed count of decimals, as C's `%.Nf` does.
 *
 * @param value - A finite double; -0 and negative values that round to zero keep their `-`.
 * @param decimals - Digits after the point, 0 to 100; 0 writes no point.
 * @returns The exact decimal expansion, rounded to that many decimals with ties to even.
 * @throws RangeError for a value that is not finite or a count out of range.
 */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`"value" expected a finite number, got ${value}`);
  checkInteger('decimals', decimals, 0, 100);
  const isNegative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  const digits = needsBigInt(magnitude, decimals)
    ? formatExactly(magnitude, decimals)
    : magnitude.toFixed(decimals);
  return isNegative ? `-${digits}` : digits;
}

/**
 * `floor(log10(value))` where the logarithm has first been rounded to a double, as the C library does: a value a hair
 * below a power of ten may count as that power.
 *
 * @param value - A finite number above 0.
 * @returns The decimal exponent, -324 to 308.
 */
export function floorLog10(value: number): number {
  const logarithm = Math.log10(value);
  const nearest = Math.round(logarithm);
  if (Math.abs(logarithm - nearest) > NEAR) return Math.floor(logarithm);
  // Math.log10 may be one unit off; so close to a power of ten that unit decides. Take the true distance instead.
  const distance = relativeDistance(value, nearest) * Math.LOG10E;
  return nearest + distance >= nearest ? nearest : nearest - 1;
}

/**
 * Drops the zeros at the end of a text with a point, keeping one digit after it.
 *
 * @param text - A number in fixed notation.
 * @returns `1.500` becomes `1.5`, `2.000` becomes `2.0`; a text without a point stays.
 */
export function trimZeros(text: string): string {
  const point = text.indexOf('.');
  if (point < 0) return text;
  let end = text.length;
  while (end > point + 2 && text.charCodeAt(end - 1) === 0x30) end--;
  return text.slice(0, end);
}

/**
 * `toFixed` is exact too, but it rounds ties up and gives up at 1e21. There is a tie exactly when `value * 10^decimals`
 * ends in one half, that is when `value * 2^(decimals + 1)` is odd: the factor 5^decimals changes no parity.
 */
function needsBigInt(magnitude: number, decimals: number): boolean {
  return magnitude >= 1e21 || (magnitude * 2 ** (decimals + 1)) % 2 === 1;
}

function formatExactly(magnitude: number, decimals: number): string {
  const { significand, exponent } = decompose(magnitude);
  let scaled = significand * 10n ** BigInt(decimals);
  if (exponent >= 0) {
    scaled <<= BigInt(exponent);
  } else {
    const shift = BigInt(-exponent);
    const rest = scaled & ((1n << shift) - 1n);
    const half = 1n << (shift - 1n);
    scaled >>= shift;
    if (rest > half || (rest === half && (scaled & 1n) === 1n)) scaled += 1n;
  }
  const digits = scaled.toString().padStart(decimals + 1, '0');
  if (decimals === 0) return digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** `value / 10^power - 1`, to about 40 binary places. */
function relativeDistance(value: number, power: number): number {
  const { significand, exponent } = decompose(value);
  let above = significand << BigInt(Math.max(exponent, 0));
  let below = 1n << BigInt(Math.max(-exponent, 0));
  if (power >= 0) below *= 10n ** BigInt(power);
  else above *= 10n ** BigInt(-power);
  return Number(((above - below) << DISTANCE_BITS) / below) / 2 ** Number(DISTANCE_BITS);
}

function decompose(magnitude: number): { significand: bigint; exponent: number } {
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  if (biased === 0) return { significand: fraction, exponent: -1074 };
  return { significand: fraction | 0x10_0000_0000_0000n, exponent: biased - 1075 };
}

const NEAR = 1e-12;
const DISTANCE_BITS = 110n;
const view = new DataView(new ArrayBuffer(8));
