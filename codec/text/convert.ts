/**
 * The conversions that the engine makes when it assigns the contents of a typed array or dictionary (docs/protocol/variant-codec
 * 9.4, last but one bullet). The spec names the rule, not the list; this is the list of Godot 4's strict conversions without
 * those between matrices and from texts to colors, which count as impossible here.
 */
import type { ContainerType } from '../values/ContainerType.ts';
import { Rect2, Rect2i } from '../values/geometry.ts';
import { NodePath } from '../values/NodePath.ts';
import { PackedNumbers, PackedStringArray } from '../values/packed.ts';
import { StringName } from '../values/StringName.ts';
import { variantTypeOf } from '../values/typeOf.ts';
import { VariantType } from '../values/variantTypes.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { Vector2, Vector3, Vector4 } from '../values/vector.ts';
import { Vector2i, Vector3i, Vector4i } from '../values/vectorInt.ts';

/** A value with what the plain view of numbers cannot tell. */
export interface ParsedValue {
  /** The value in the view that was asked for. */
  readonly value: VariantValue;
  /** Its Variant type: an int and a whole float can be the same number. */
  readonly type: number;
}

/** Makes numbers in the view that was asked for. */
export interface NumberView {
  /** An INT. */
  int(value: bigint): VariantValue;
  /** A FLOAT. */
  float(value: number): VariantValue;
}

/** The type of a value, with numbers told apart by what was written. */
export function parsedType(value: VariantValue, isFloat: boolean): number {
  if (typeof value === 'number') return isFloat ? VariantType.FLOAT : VariantType.INT;
  return variantTypeOf(value) ?? VariantType.OBJECT;
}

/**
 * Converts an element, key or value to the declared type.
 *
 * @returns The converted value, or `undefined` when the engine would leave the container empty.
 */
export function convertTo(
  type: ContainerType,
  parsed: ParsedValue,
  view: NumberView,
): VariantValue | undefined {
  const { value } = parsed;
  if (parsed.type === type.type) return value;
  switch (type.type) {
    case VariantType.BOOL:
      return isNumber(parsed.type) ? Number(value) !== 0 : undefined;
    case VariantType.INT:
      if (typeof value === 'boolean') return view.int(value ? 1n : 0n);
      return parsed.type === VariantType.FLOAT ? view.int(toInt64(Number(value))) : undefined;
    case VariantType.FLOAT:
      return typeof value === 'boolean' || parsed.type === VariantType.INT
        ? view.float(Number(value))
        : undefined;
    case VariantType.STRING:
      return value instanceof StringName || value instanceof NodePath ? value.toString() : undefined;
    case VariantType.STRING_NAME:
      return typeof value === 'string' ? new StringName(value) : undefined;
    case VariantType.NODE_PATH:
      return typeof value === 'string' ? new NodePath(value) : undefined;
    case VariantType.OBJECT:
      return value === null ? null : undefined;
    case VariantType.ARRAY:
      return elementsOf(value);
    default:
      return convertVector(type.type, value);
  }
}

/** A float as an int: cut toward zero; what does not fit becomes the smallest int, as on x86-64. */
export function toInt64(value: number): bigint {
  return value >= -INT64_EDGE && value < INT64_EDGE ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

/** A number as an i32: ints wrap around; floats are cut toward zero, and what does not fit becomes the smallest. */
export function toInt32(value: number | bigint, isFloat: boolean): number {
  if (!isFloat) return Number(BigInt.asIntN(32, BigInt(value)));
  const whole = Math.trunc(Number(value));
  return whole >= -INT32_EDGE && whole < INT32_EDGE ? whole + 0 : -INT32_EDGE;
}

function convertVector(type: number, value: VariantValue): VariantValue | undefined {
  if (type === VariantType.VECTOR2 && value instanceof Vector2i) return new Vector2(value.x, value.y);
  if (type === VariantType.VECTOR2I && value instanceof Vector2) return integer2(value);
  if (type === VariantType.VECTOR3 && value instanceof Vector3i)
    return new Vector3(value.x, value.y, value.z);
  if (type === VariantType.VECTOR3I && value instanceof Vector3) {
    return new Vector3i(toInt32(value.x, true), toInt32(value.y, true), toInt32(value.z, true));
  }
  if (type === VariantType.VECTOR4 && value instanceof Vector4i) {
    return new Vector4(value.x, value.y, value.z, value.w);
  }
  if (type === VariantType.VECTOR4I && value instanceof Vector4) {
    const [x, y, z, w] = [value.x, value.y, value.z, value.w].map((part) => toInt32(part, true));
    return new Vector4i(x, y, z, w);
  }
  if (type === VariantType.RECT2 && value instanceof Rect2i) {
    const { position, size } = value;
    return new Rect2(new Vector2(position.x, position.y), new Vector2(size.x, size.y));
  }
  if (type === VariantType.RECT2I && value instanceof Rect2) {
    return new Rect2i(integer2(value.position), integer2(value.size));
  }
  return undefined;
}

function integer2(value: Vector2): Vector2i {
  return new Vector2i(toInt32(value.x, true), toInt32(value.y, true));
}

/** A packed array as an untyped array. */
function elementsOf(value: VariantValue): VariantValue[] | undefined {
  if (value instanceof PackedStringArray || value instanceof PackedNumbers) return value.toArray();
  if (
    value instanceof Uint8Array ||
    value instanceof Int32Array ||
    value instanceof BigInt64Array ||
    value instanceof Float32Array ||
    value instanceof Float64Array
  ) {
    return [...value];
  }
  return undefined;
}

function isNumber(type: number): boolean {
  return type === VariantType.INT || type === VariantType.FLOAT;
}

const INT64_EDGE = 2 ** 63;
const INT32_EDGE = 2 ** 31;
