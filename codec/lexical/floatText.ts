/**
 * The texts that the engine gives to floats: `str()` (docs/protocol/variant-codec 8.5), `JSON.stringify` (8.3) and
 * `var_to_str` (9.2).
 */
import { floorLog10, formatFixed, trimZeros } from './fixedNotation.ts';
import { grisu2Float32, grisu2Float64, layOutDigits } from './grisu2.ts';

/**
 * `str()` of a FLOAT, also the text after `f:` in the native notation (8.5). Keeps about 15 digits; not lossless.
 *
 * @param value - Any double.
 * @returns For example `1.0`, `0.33333333333333`, `0.0` for 1e-20, `inf`, `nan`.
 */
export function floatToStr(value: number): string {
  return realToStr(value, 14, floorLog10);
}

/**
 * `str()` of a single precision component of a vector, color or transform: as {@link floatToStr}, with 6 decimals where
 * a FLOAT has 14.
 *
 * The count of 6 and the logarithm in single precision are what Godot 4.6 does (golden/variant/values-4.6-stable.json):
 * 99999.99 is `100000.0`.
 *
 * @param value - The component, narrowed to single precision first.
 * @returns For example `1.0`, `0.1`.
 */
export function componentToStr(value: number): string {
  return realToStr(Math.fround(value), 6, floorLog10Single);
}

/**
 * A component of a Quaternion and the distance of a Plane, which `str()` prints without `.0` when they are whole.
 *
 * @param value - The component, narrowed to single precision first.
 * @returns For example `1`, `0.1`.
 */
export function bareComponentToStr(value: number): string {
  const single = Math.fround(value);
  return isInt64(single) ? BigInt(single).toString() : componentToStr(single);
}

/**
 * A FLOAT as `JSON.stringify` writes it without full precision (8.3): fixed notation, about 15 digits.
 *
 * @param value - Any double.
 * @returns For example `1.0`, `0.1`; `1e99999`, `-1e99999` and `null` for what JSON cannot hold.
 */
export function floatToJson(value: number): string {
  if (!Number.isFinite(value)) return nonFiniteJson(value);
  if (value === 0) return '0.0';
  const decimals = Math.min(Math.max(1, 14 - floorLog10(Math.abs(value))), MAX_DECIMALS);
  return trimZeros(formatFixed(value, decimals));
}

/**
 * A FLOAT as `JSON.stringify` of 4.6 writes it with full precision (8.3): Grisu2 digits, nothing lost.
 *
 * @param value - Any double.
 * @returns For example `1.0`, `0.10000000149011612`, `1e+16`; `1e99999`, `-1e99999` and `null` for what JSON cannot hold.
 */
export function floatToFullJson(value: number): string {
  if (!Number.isFinite(value)) return nonFiniteJson(value);
  const text = value === 0 ? '0' : signed(value, layOutDigits(grisu2Float64(Math.abs(value))));
  return isWhole(text) ? `${text}.0` : text;
}

/**
 * An infinity or NaN as `JSON.stringify` wrote it before 4.6, which no parser of JSON takes.
 *
 * @param value - What is not finite.
 * @returns `inf`, `-inf` or `nan`.
 */
export function nonFiniteToOldJson(value: number): string {
  return nonFinite(value);
}

/** How {@link floatToVarText} writes; every member has the default of `var_to_str`. */
export interface VarTextOptions {
  /** `true` (the default, `var_to_str`): minus infinity is `inf_neg`; `false` (format 4 files): `-inf`. */
  readonly compatible?: boolean;
}

/**
 * A float component as `var_to_str` writes it (9.2): digits of the f32 where the value is one, else of the f64.
 *
 * @param value - Any double.
 * @param options - Spelling of minus infinity.
 * @returns For example `1`, `0.1`, `1e+15`, `inf`, `inf_neg`, `nan`; whole numbers carry no `.0`.
 */
export function floatToVarText(value: number, options: VarTextOptions = {}): string {
  if (value === 0) return '0';
  if (value === Number.NEGATIVE_INFINITY && options.compatible !== false) return 'inf_neg';
  if (!Number.isFinite(value)) return nonFinite(value);
  const magnitude = Math.abs(value);
  const digits = Math.fround(magnitude) === magnitude ? grisu2Float32(magnitude) : grisu2Float64(magnitude);
  return signed(value, layOutDigits(digits));
}

/**
 * A FLOAT (not a component) as `var_to_str` writes it (9.1): {@link floatToVarText} with `.0` where the text would read
 * back as an int.
 *
 * @param value - Any double.
 * @param options - Spelling of minus infinity.
 * @returns For example `1.0`, `0.1`, `1e+16`, `inf_neg`.
 */
export function floatScalarToVarText(value: number, options: VarTextOptions = {}): string {
  const text = floatToVarText(value, options);
  return Number.isFinite(value) && isWhole(text) ? `${text}.0` : text;
}

function realToStr(value: number, fineDecimals: number, logarithm: (value: number) => number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  if (isInt64(value)) return `${BigInt(value)}.0`;
  const magnitude = Math.abs(value);
  let decimals = fineDecimals;
  if (magnitude > 10) decimals -= logarithm(magnitude);
  if (decimals < 0) decimals = FALLBACK_DECIMALS;
  return trimZeros(formatFixed(value, Math.min(decimals, MAX_DECIMALS)));
}

/** The logarithm as an engine of single precision takes it, rounded to f32 before it is cut off. */
function floorLog10Single(value: number): number {
  return Math.floor(Math.fround(Math.log10(value)));
}

function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -INT64_EDGE && value < INT64_EDGE;
}

/** Numbers that every parser reads as infinite; JSON has no NaN. */
function nonFiniteJson(value: number): string {
  if (Number.isNaN(value)) return 'null';
  return value > 0 ? '1e99999' : '-1e99999';
}

function nonFinite(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

function signed(value: number, text: string): string {
  return value < 0 ? `-${text}` : text;
}

function isWhole(text: string): boolean {
  return !text.includes('.') && !text.includes('e');
}

const MAX_DECIMALS = 32;
const FALLBACK_DECIMALS = 6;
/** 2^63: from here on the engine's conversion to an integer does not hold. */
const INT64_EDGE = 2 ** 63;
