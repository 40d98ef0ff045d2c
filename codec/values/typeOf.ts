/** Which Variant type a JavaScript value is (variant-codec.md section 6.2). */

import { Float } from './Float.ts';
import { MATH_TYPES } from './mathTypes.ts';
import { NodePath } from './NodePath.ts';
import {
  PackedColorArray,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
} from './packed.ts';
import { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from './reference.ts';
import { StringName } from './StringName.ts';
import { VariantType, type VariantTypeId } from './variantTypes.ts';

/**
 * Godot's `typeof` for what encoding takes: the type id that the value is written with, or `undefined` if it has none
 * (functions, symbols, instances of other classes). Contents of containers are not looked at.
 */
export function variantTypeOf(value: unknown): VariantTypeId | undefined {
  switch (typeof value) {
    case 'undefined':
      return VariantType.NIL;
    case 'boolean':
      return VariantType.BOOL;
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? VariantType.INT : VariantType.FLOAT;
    case 'bigint':
      return VariantType.INT;
    case 'string':
      return VariantType.STRING;
    case 'object':
      return value === null ? VariantType.NIL : objectType(value);
    default:
      return undefined;
  }
}

/** The type id of an object, `undefined` if it has none. */
export function objectType(value: object): VariantTypeId | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return VariantType.DICTIONARY;
  if (Array.isArray(value)) return VariantType.ARRAY;
  const known = KNOWN.get(prototype);
  if (known !== undefined) return known;
  if (value instanceof Map) return VariantType.DICTIONARY;
  // Subclasses, Buffer among them.
  for (const [owner, type] of KNOWN) {
    if (Object.prototype.isPrototypeOf.call(owner as object, value)) return type;
  }
  return isForeignPlain(prototype) ? VariantType.DICTIONARY : undefined;
}

/** A plain object of another realm: its prototype has no prototype and is an Object.prototype itself. */
function isForeignPlain(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}

const KNOWN: ReadonlyMap<unknown, VariantTypeId> = new Map<unknown, VariantTypeId>([
  ...Array.from(MATH_TYPES.values(), (type): [unknown, VariantTypeId] => [type.prototype, type.id]),
  [Float.prototype, VariantType.FLOAT],
  [StringName.prototype, VariantType.STRING_NAME],
  [NodePath.prototype, VariantType.NODE_PATH],
  [RID.prototype, VariantType.RID],
  [EncodedObjectAsID.prototype, VariantType.OBJECT],
  [GodotObject.prototype, VariantType.OBJECT],
  [Callable.prototype, VariantType.CALLABLE],
  [Signal.prototype, VariantType.SIGNAL],
  [Uint8Array.prototype, VariantType.PACKED_BYTE_ARRAY],
  [Int32Array.prototype, VariantType.PACKED_INT32_ARRAY],
  [BigInt64Array.prototype, VariantType.PACKED_INT64_ARRAY],
  [Float32Array.prototype, VariantType.PACKED_FLOAT32_ARRAY],
  [Float64Array.prototype, VariantType.PACKED_FLOAT64_ARRAY],
  [PackedStringArray.prototype, VariantType.PACKED_STRING_ARRAY],
  [PackedVector2Array.prototype, VariantType.PACKED_VECTOR2_ARRAY],
  [PackedVector3Array.prototype, VariantType.PACKED_VECTOR3_ARRAY],
  [PackedColorArray.prototype, VariantType.PACKED_COLOR_ARRAY],
  [PackedVector4Array.prototype, VariantType.PACKED_VECTOR4_ARRAY],
]);
