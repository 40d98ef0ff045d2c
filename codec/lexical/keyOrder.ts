/** The order in which Godot writes dictionary keys when it sorts them (docs/protocol/variant-codec 8.3 and 9.1). */

import { Float } from '../values/Float.ts';
import { type MathValue, mathTypeOf } from '../values/mathTypes.ts';
import { NodePath } from '../values/NodePath.ts';
import { RID } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { variantTypeOf } from '../values/typeOf.ts';
import { VariantType } from '../values/variantTypes.ts';

/**
 * Compares two dictionary keys: String and StringName by code point, other keys by Variant type id, then by value.
 *
 * Types without an order of their own (dictionaries, packed arrays, objects) count as equal among themselves, so that a
 * stable sort keeps their insertion order; the spec does not say what the engine does there.
 *
 * @param left - A key.
 * @param right - Another key.
 * @returns Below 0, 0 or above 0, as `Array.prototype.sort` wants it.
 */
export function compareKeys(left: unknown, right: unknown): number {
  return compare(left, right, 0);
}

function compare(left: unknown, right: unknown, depth: number): number {
  const leftText = textOf(left);
  const rightText = textOf(right);
  if (leftText !== undefined && rightText !== undefined) return compareCodePoints(leftText, rightText);
  const leftType = variantTypeOf(left) ?? VariantType.OBJECT;
  const rightType = variantTypeOf(right) ?? VariantType.OBJECT;
  if (leftType !== rightType) return leftType - rightType;
  if (leftType === VariantType.ARRAY && Array.isArray(left) && Array.isArray(right)) {
    // A key that holds itself would be walked forever; so deep nothing is told apart any more.
    return depth > MAX_DEPTH ? 0 : compareLists(left, right, (a, b) => compare(a, b, depth + 1));
  }
  return compareValues(left, right);
}

/**
 * Compares two texts by code point, as engine strings do; JavaScript's `<` compares UTF-16 units.
 *
 * @param left - A text.
 * @param right - Another text.
 * @returns Below 0, 0 or above 0.
 */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a === b) continue;
    // Where the first difference is, a surrogate stands for a code point above every other unit.
    const isHighA = a >= 0xd800 && a <= 0xdfff;
    const isHighB = b >= 0xd800 && b <= 0xdfff;
    if (isHighA !== isHighB) return isHighA ? 1 : -1;
    return a - b;
  }
  return left.length - right.length;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof StringName ? value.value : undefined;
}

function compareValues(left: unknown, right: unknown): number {
  const a = scalarOf(left);
  const b = scalarOf(right);
  if (a !== undefined && b !== undefined) return compareScalars(a, b);
  if (left instanceof NodePath && right instanceof NodePath) {
    return compareCodePoints(left.toString(), right.toString());
  }
  const type = mathTypeOf(left);
  if (type === undefined || !type.isOrdered) return 0;
  // Both are of the same type.
  return compareLists(type.numbers(left as MathValue), type.numbers(right as MathValue), compareScalars);
}

function scalarOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Float) return value.value;
  return value instanceof RID ? value.id : undefined;
}

function compareScalars(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

function compareLists<T>(left: readonly T[], right: readonly T[], order: (a: T, b: T) => number): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    // Both indexes are below both lengths.
    const result = order(left[i] as T, right[i] as T);
    if (result !== 0) return result;
  }
  return left.length - right.length;
}

/** As deep as values are written. */
const MAX_DEPTH = 1024;
