/** Whether a watched value counts as unchanged. docs/protocol/scene-multiplayer 11.2 (44). */
import {
  Dictionary,
  Float,
  TypedArray,
  VariantType,
  type VariantValue,
  variantTypeOf,
  varToBytes,
} from '../../../codec/index.ts';
import { mathParts } from '../../../codec/internal.ts';

/**
 * Compares types and values: 1 is another value than 1.0, "1" than &"1", and a typed array than one without a type; -0.0 and
 * 0.0 are the same, and NaN is NaN.
 *
 * @param isStrict As the engine: NaN inside of an Array or Dictionary is never NaN, so that those count as changed in every step;
 *   and types of Arrays and Dictionaries do not count.
 */
export function sameState(a: VariantValue, b: VariantValue, isStrict: boolean): boolean {
  return same(a, b, isStrict, false);
}

function same(a: VariantValue, b: VariantValue, isStrict: boolean, isInside: boolean): boolean {
  if (variantTypeOf(a) !== variantTypeOf(b)) return false;
  const sameNumber = (left: number, right: number | undefined): boolean =>
    left === right || (Number.isNaN(left) && Number.isNaN(right) && !(isStrict && isInside));
  const float = floatOf(a);
  if (float !== undefined) return sameNumber(float, floatOf(b));
  // INT is a number or, with large ones, a bigint.
  if (typeof a === 'bigint' || typeof b === 'bigint') return String(a) === String(b);
  if (typeof a !== 'object' || a === null) return a === b;
  const isSame = (left: VariantValue, right: VariantValue | undefined): boolean =>
    right !== undefined && same(left, right, isStrict, true);
  if (!isStrict && typesOf(a) !== typesOf(b)) return false;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (a instanceof Dictionary && b instanceof Dictionary) {
    const others = [...b].flat();
    return a.size === b.size && [...a].flat().every((item, i) => isSame(item, others[i]));
  }
  const parts = mathParts(a)?.numbers;
  const otherParts = mathParts(b)?.numbers;
  if (parts !== undefined) return parts.every((number, i) => sameNumber(number, otherParts?.[i]));
  const bytes = varToBytes(a);
  const others = varToBytes(b);
  return bytes.length === others.length && bytes.every((byte, i) => byte === others[i]);
}

/** The number of a FLOAT; `undefined` for other types. */
function floatOf(value: VariantValue): number | undefined {
  if (value instanceof Float) return value.value;
  return typeof value === 'number' && variantTypeOf(value) === VariantType.FLOAT ? value : undefined;
}

/** The types that an Array or Dictionary says, as text; empty for others. */
function typesOf(value: VariantValue): string {
  if (value instanceof TypedArray) return value.elementType.toString();
  if (!(value instanceof Dictionary)) return '';
  const { keyType, valueType } = value;
  return keyType || valueType ? `${keyType} ${valueType}` : '';
}
