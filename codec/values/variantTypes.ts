/** Variant type ids of Godot 4 and their names (variant-codec.md section 1). */

/** Godot 4's `Variant.Type` numbers, by their names without the `TYPE_` prefix. */
export const VariantType = {
  /** null */
  NIL: 0,
  /** bool */
  BOOL: 1,
  /** int, 64 bits */
  INT: 2,
  /** float, 64 bits */
  FLOAT: 3,
  /** String */
  STRING: 4,
  /** Vector2 */
  VECTOR2: 5,
  /** Vector2i */
  VECTOR2I: 6,
  /** Rect2 */
  RECT2: 7,
  /** Rect2i */
  RECT2I: 8,
  /** Vector3 */
  VECTOR3: 9,
  /** Vector3i */
  VECTOR3I: 10,
  /** Transform2D */
  TRANSFORM2D: 11,
  /** Vector4 */
  VECTOR4: 12,
  /** Vector4i */
  VECTOR4I: 13,
  /** Plane */
  PLANE: 14,
  /** Quaternion */
  QUATERNION: 15,
  /** AABB */
  AABB: 16,
  /** Basis */
  BASIS: 17,
  /** Transform3D */
  TRANSFORM3D: 18,
  /** Projection */
  PROJECTION: 19,
  /** Color */
  COLOR: 20,
  /** StringName */
  STRING_NAME: 21,
  /** NodePath */
  NODE_PATH: 22,
  /** RID */
  RID: 23,
  /** Object */
  OBJECT: 24,
  /** Callable */
  CALLABLE: 25,
  /** Signal */
  SIGNAL: 26,
  /** Dictionary */
  DICTIONARY: 27,
  /** Array */
  ARRAY: 28,
  /** PackedByteArray */
  PACKED_BYTE_ARRAY: 29,
  /** PackedInt32Array */
  PACKED_INT32_ARRAY: 30,
  /** PackedInt64Array */
  PACKED_INT64_ARRAY: 31,
  /** PackedFloat32Array */
  PACKED_FLOAT32_ARRAY: 32,
  /** PackedFloat64Array */
  PACKED_FLOAT64_ARRAY: 33,
  /** PackedStringArray */
  PACKED_STRING_ARRAY: 34,
  /** PackedVector2Array */
  PACKED_VECTOR2_ARRAY: 35,
  /** PackedVector3Array */
  PACKED_VECTOR3_ARRAY: 36,
  /** PackedColorArray */
  PACKED_COLOR_ARRAY: 37,
  /** PackedVector4Array, since 4.3 */
  PACKED_VECTOR4_ARRAY: 38,
} as const;

/** One of the numbers of {@link VariantType}. */
export type VariantTypeId = (typeof VariantType)[keyof typeof VariantType];

/** The first id that is no Variant type (`TYPE_MAX`) in Godot 4.3 and later. */
export const VARIANT_MAX = 39;

/**
 * The minor version of Godot 4 since which each type id exists; -1 for those of 4.0 (which of them Godot 3 has, its own
 * table says), 127 for no type.
 */
export const TYPE_SINCE: Int8Array = new Int8Array(256).fill(127).fill(-1, 0, VARIANT_MAX);
TYPE_SINCE[VariantType.PACKED_VECTOR4_ARRAY] = 3;

/** Whether a minor version of Godot 4 has the type of a number. */
export function hasType(minor: number, id: number): boolean {
  return minor >= (TYPE_SINCE[id] ?? 127);
}

/** The name of a type id as Godot's constants spell it, without `TYPE_`, e.g. `VECTOR3`; `type 39` for no type. */
export function variantTypeName(id: number): string {
  return NAMES[id] ?? `type ${id}`;
}

/** Godot's `type_string`: the class-like name of a type id, e.g. `Vector3`, `int`, `Nil`; `undefined` for no type. */
export function variantTypeString(id: number): string | undefined {
  return TYPE_STRINGS[id];
}

/** The type id behind a name as {@link variantTypeString} gives it; `undefined` for any other text. */
export function variantTypeByString(name: string): VariantTypeId | undefined {
  return IDS.get(name);
}

const NAMES: readonly string[] = Object.keys(VariantType);

const TYPE_STRINGS: readonly string[] = [
  'Nil',
  'bool',
  'int',
  'float',
  'String',
  'Vector2',
  'Vector2i',
  'Rect2',
  'Rect2i',
  'Vector3',
  'Vector3i',
  'Transform2D',
  'Vector4',
  'Vector4i',
  'Plane',
  'Quaternion',
  'AABB',
  'Basis',
  'Transform3D',
  'Projection',
  'Color',
  'StringName',
  'NodePath',
  'RID',
  'Object',
  'Callable',
  'Signal',
  'Dictionary',
  'Array',
  'PackedByteArray',
  'PackedInt32Array',
  'PackedInt64Array',
  'PackedFloat32Array',
  'PackedFloat64Array',
  'PackedStringArray',
  'PackedVector2Array',
  'PackedVector3Array',
  'PackedColorArray',
  'PackedVector4Array',
];

const IDS: ReadonlyMap<string, VariantTypeId> = new Map(
  // Every index of the list is a type id.
  TYPE_STRINGS.map((name, id): [string, VariantTypeId] => [name, id as VariantTypeId]),
);
