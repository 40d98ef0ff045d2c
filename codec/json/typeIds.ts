/** Variant types of JavaScript values and by their names, as the JSON family needs them. */

import { dictionaryEntries, isInt } from '../text/valueText.ts';
import { Float } from '../values/Float.ts';
import { NodePath } from '../values/NodePath.ts';
import { PackedStringArray } from '../values/packed.ts';
import { Callable, RID, Signal } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { VARIANT_MAX, VariantType, type VariantTypeId, variantTypeString } from '../variant/types.ts';
import { mathParts, packedVectorName } from './nativeTypes.ts';

/**
 * The Variant type that a value encodes as; objects of foreign classes count as OBJECT.
 *
 * @param value - Any value.
 * @returns Godot's type id.
 */
export function typeIdOf(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return VariantType.NIL;
    case 'boolean':
      return VariantType.BOOL;
    case 'bigint':
      return VariantType.INT;
    case 'number':
      return isInt(value) ? VariantType.INT : VariantType.FLOAT;
    case 'string':
      return VariantType.STRING;
    default:
  }
  if (value === null) return VariantType.NIL;
  if (value instanceof Float) return VariantType.FLOAT;
  if (value instanceof StringName) return VariantType.STRING_NAME;
  if (value instanceof NodePath) return VariantType.NODE_PATH;
  const name = mathParts(value)?.name ?? packedVectorName(value) ?? packedNumberName(value);
  if (name !== undefined) return typeIdByName(name) ?? VariantType.OBJECT;
  if (value instanceof RID) return VariantType.RID;
  if (value instanceof Callable) return VariantType.CALLABLE;
  if (value instanceof Signal) return VariantType.SIGNAL;
  if (value instanceof PackedStringArray) return VariantType.PACKED_STRING_ARRAY;
  if (Array.isArray(value)) return VariantType.ARRAY;
  if (typeof value === 'object' && dictionaryEntries(value) !== undefined) return VariantType.DICTIONARY;
  return VariantType.OBJECT;
}

/**
 * The type id behind a name as `type_string` gives it (`int`, `Vector2`, `Nil`).
 *
 * @param name - Any text.
 * @returns The id, or `undefined` when no type has that name.
 */
export function typeIdByName(name: string): VariantTypeId | undefined {
  return IDS.get(name);
}

/**
 * Godot's name of a packed array of bare numbers.
 *
 * @param value - Any value.
 * @returns For example `PackedByteArray`; `undefined` for anything else.
 */
export function packedNumberName(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return 'PackedByteArray';
  if (value instanceof Int32Array) return 'PackedInt32Array';
  if (value instanceof BigInt64Array) return 'PackedInt64Array';
  if (value instanceof Float32Array) return 'PackedFloat32Array';
  return value instanceof Float64Array ? 'PackedFloat64Array' : undefined;
}

const IDS: ReadonlyMap<string, VariantTypeId> = new Map(
  Array.from({ length: VARIANT_MAX }, (_, id): [string, VariantTypeId] => [
    variantTypeString(id) ?? '',
    // Every number below VARIANT_MAX is a type id.
    id as VariantTypeId,
  ]),
);
