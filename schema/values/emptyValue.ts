/** What a typed variable holds before anything is set, as in GDScript. */

import {
  Callable,
  Dictionary,
  Float,
  NodePath,
  PackedColorArray,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
  RID,
  Signal,
  StringName,
  TypedArray,
  VariantType,
  variantTypeString,
} from '../../codec/index.ts';
import { MATH_TYPES } from '../../codec/internal.ts';
import type { NodeValue } from './ownVariant.ts';
import type { PropertyType } from './propertyType.ts';

/** The empty value of a type: 0, `''`, identity matrices, black, empty containers; null for objects and any type. */
export function emptyValue(target: PropertyType): NodeValue {
  const make = EMPTY.get(target.type);
  if (make !== undefined) return make(target);
  const math = MATH_TYPES.get(variantTypeString(target.type) ?? '');
  return math === undefined ? null : math.empty();
}

const EMPTY: ReadonlyMap<number, (target: PropertyType) => NodeValue> = new Map<
  number,
  (target: PropertyType) => NodeValue
>([
  [VariantType.BOOL, () => false],
  [VariantType.INT, () => 0],
  [VariantType.FLOAT, () => new Float(0)],
  [VariantType.STRING, () => ''],
  [VariantType.STRING_NAME, () => new StringName('')],
  [VariantType.NODE_PATH, () => new NodePath('')],
  [VariantType.RID, () => new RID()],
  [VariantType.CALLABLE, () => new Callable()],
  [VariantType.SIGNAL, () => new Signal()],
  [VariantType.DICTIONARY, (target) => new Dictionary<NodeValue, NodeValue>(null, target)],
  [
    VariantType.ARRAY,
    ({ elementType }) => (elementType === undefined ? [] : new TypedArray<NodeValue>(elementType)),
  ],
  [VariantType.PACKED_BYTE_ARRAY, () => new Uint8Array(0)],
  [VariantType.PACKED_INT32_ARRAY, () => new Int32Array(0)],
  [VariantType.PACKED_INT64_ARRAY, () => new BigInt64Array(0)],
  [VariantType.PACKED_FLOAT32_ARRAY, () => new Float32Array(0)],
  [VariantType.PACKED_FLOAT64_ARRAY, () => new Float64Array(0)],
  [VariantType.PACKED_STRING_ARRAY, () => new PackedStringArray()],
  [VariantType.PACKED_VECTOR2_ARRAY, () => new PackedVector2Array()],
  [VariantType.PACKED_VECTOR3_ARRAY, () => new PackedVector3Array()],
  [VariantType.PACKED_VECTOR4_ARRAY, () => new PackedVector4Array()],
  [VariantType.PACKED_COLOR_ARRAY, () => new PackedColorArray()],
]);
