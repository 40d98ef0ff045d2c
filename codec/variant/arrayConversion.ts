/** Godot's conversions between Array and the packed arrays, which convert every element as loosely as it goes. */
import { isStackOverflow } from '../errors.ts';
import { int64Of, realOf } from '../lexical/numbers.ts';
import { strOf } from '../lexical/valueText.ts';
import { Color } from '../values/Color.ts';
import { Float } from '../values/Float.ts';
import {
  PackedColorArray,
  PackedNumbers,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
} from '../values/packed.ts';
import { VariantType } from '../values/variantTypes.ts';
import type { PackedValue, VariantValue } from '../values/variantValue.ts';
import { Vector2, Vector3, Vector4 } from '../values/vector.ts';
import { Vector2i, Vector3i, Vector4i } from '../values/vectorInt.ts';
import { colorOfInt, colorOfText } from './colorConversion.ts';

/**
 * How many elements and characters conversions may still make: a few bytes can ask for gigabytes, since texts of texts
 * double with every level. Below 0 when it was too little.
 */
export interface ConversionRoom {
  left: number;
}

/**
 * The packed array that Godot makes of an Array. What converts to no element becomes its empty value;
 * `undefined` when the room is too small.
 * @param items - INTs as bigints or safe numbers, whole FLOATs as `Float`.
 * @param type - A packed array's type.
 */
export function packedOf(
  items: readonly VariantValue[],
  type: number,
  room: ConversionRoom,
): PackedValue | undefined {
  switch (type) {
    case VariantType.PACKED_BYTE_ARRAY:
      return Uint8Array.from(items, (item) => Number(BigInt.asUintN(8, int64(item))));
    case VariantType.PACKED_INT32_ARRAY:
      return Int32Array.from(items, (item) => Number(BigInt.asIntN(32, int64(item))));
    case VariantType.PACKED_INT64_ARRAY:
      return BigInt64Array.from(items, int64);
    case VariantType.PACKED_FLOAT32_ARRAY:
      return Float32Array.from(items, real);
    case VariantType.PACKED_FLOAT64_ARRAY:
      return Float64Array.from(items, real);
    case VariantType.PACKED_STRING_ARRAY:
      return packedTexts(items, room);
    case VariantType.PACKED_VECTOR2_ARRAY:
      return new PackedVector2Array(items.map(xyzw).map(([x, y]) => new Vector2(x, y)));
    case VariantType.PACKED_VECTOR3_ARRAY:
      return new PackedVector3Array(items.map(xyzw).map(([x, y, z]) => new Vector3(x, y, z)));
    case VariantType.PACKED_VECTOR4_ARRAY:
      return new PackedVector4Array(items.map(xyzw).map(([x, y, z, w]) => new Vector4(x, y, z, w)));
    default:
      return new PackedColorArray(items.map(color));
  }
}

/**
 * The Array that Godot makes of a packed array: INTs as bigints, FLOATs as `Float`s; `undefined` when the room is too
 * small.
 */
export function arrayOf(packed: PackedValue, room: ConversionRoom): VariantValue[] | undefined {
  room.left -= packed.length;
  if (room.left < 0) return undefined;
  if (packed instanceof PackedStringArray || packed instanceof PackedNumbers) return [...packed];
  if (packed instanceof Float32Array || packed instanceof Float64Array) {
    return Array.from(packed, (number) => new Float(number));
  }
  return Array.from<number | bigint, bigint>(packed, BigInt);
}

function packedTexts(items: readonly VariantValue[], room: ConversionRoom): PackedStringArray | undefined {
  const texts: string[] = [];
  for (const item of items) {
    try {
      const text = strOf(item);
      texts.push(text);
      room.left -= text.length;
    } catch (error) {
      // A text longer than any string can be.
      if (!(error instanceof RangeError) || isStackOverflow(error)) throw error;
      room.left = -1;
    }
    if (room.left < 0) return undefined;
  }
  return new PackedStringArray(texts);
}

function int64(value: VariantValue): bigint {
  return int64Of(value) ?? 0n;
}

function real(value: VariantValue): number {
  return realOf(value) ?? 0;
}

/** The components of any vector, with zeros for what it lacks. */
function xyzw(value: VariantValue): [number, number, number, number] {
  const f = Math.fround;
  if (value instanceof Vector2 || value instanceof Vector2i) return [f(value.x), f(value.y), 0, 0];
  if (value instanceof Vector3 || value instanceof Vector3i) return [f(value.x), f(value.y), f(value.z), 0];
  if (value instanceof Vector4 || value instanceof Vector4i) {
    return [f(value.x), f(value.y), f(value.z), f(value.w)];
  }
  return [0, 0, 0, 0];
}

function color(value: VariantValue): Color {
  if (value instanceof Color) return value;
  if (typeof value === 'string') return colorOfText(value);
  const isInt = typeof value === 'bigint' || Number.isSafeInteger(value);
  return isInt && !Object.is(value, -0) ? colorOfInt(BigInt(value as number | bigint)) : new Color();
}
