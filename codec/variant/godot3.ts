/** The type numbers of Godot 3 and how they map to those of Godot 4 (variant-codec.md section 7.2). */

import { VariantType } from '../values/variantTypes.ts';

/** Godot 3's `Variant.Type` numbers, by their names without the `TYPE_` prefix. */
export const Godot3VariantType = {
  /** null */
  NIL: 0,
  /** bool */
  BOOL: 1,
  /** int, 64 bits */
  INT: 2,
  /** float, 64 bits */
  REAL: 3,
  /** String */
  STRING: 4,
  /** Vector2 */
  VECTOR2: 5,
  /** Rect2 */
  RECT2: 6,
  /** Vector3 */
  VECTOR3: 7,
  /** Transform2D */
  TRANSFORM2D: 8,
  /** Plane */
  PLANE: 9,
  /** Quat */
  QUAT: 10,
  /** AABB */
  AABB: 11,
  /** Basis */
  BASIS: 12,
  /** Transform */
  TRANSFORM: 13,
  /** Color */
  COLOR: 14,
  /** NodePath */
  NODE_PATH: 15,
  /** RID; its id never crosses the wire */
  RID: 16,
  /** Object */
  OBJECT: 17,
  /** Dictionary */
  DICTIONARY: 18,
  /** Array */
  ARRAY: 19,
  /** PoolByteArray */
  RAW_ARRAY: 20,
  /** PoolIntArray */
  INT_ARRAY: 21,
  /** PoolRealArray */
  REAL_ARRAY: 22,
  /** PoolStringArray */
  STRING_ARRAY: 23,
  /** PoolVector2Array */
  VECTOR2_ARRAY: 24,
  /** PoolVector3Array */
  VECTOR3_ARRAY: 25,
  /** PoolColorArray */
  COLOR_ARRAY: 26,
} as const;

/** One of the numbers of {@link Godot3VariantType}. */
export type Godot3VariantTypeId = (typeof Godot3VariantType)[keyof typeof Godot3VariantType];

/** What the tables hold where there is no type of the other version. No Variant type has this number. */
export const NO_TYPE = 0xff;

/** Godot 4's type id of each of Godot 3's; {@link NO_TYPE} for a number that is no type. */
export const FROM_GODOT_3: Uint8Array = new Uint8Array(256).fill(NO_TYPE);

/** Godot 3's type id of each of Godot 4's; {@link NO_TYPE} for a type that Godot 3 lacks. */
export const TO_GODOT_3: Uint8Array = new Uint8Array(256).fill(NO_TYPE);

/** Godot 4's type id of each of Godot 4's own. */
export const TO_GODOT_4: Uint8Array = Uint8Array.from({ length: 256 }, (_, id) => id);

/**
 * The name of Godot 3's type for one of Godot 4's ids, as Godot 3's constants spell it without `TYPE_`, e.g. `QUAT`;
 * `undefined` for a type that Godot 3 lacks.
 */
export function godot3TypeName(godot4Id: number): string | undefined {
  return NAMES[TO_GODOT_3[godot4Id] ?? NO_TYPE];
}

const NAMES: readonly string[] = Object.keys(Godot3VariantType);

const PAIRS: readonly (readonly [godot3: number, godot4: number])[] = [
  [Godot3VariantType.NIL, VariantType.NIL],
  [Godot3VariantType.BOOL, VariantType.BOOL],
  [Godot3VariantType.INT, VariantType.INT],
  [Godot3VariantType.REAL, VariantType.FLOAT],
  [Godot3VariantType.STRING, VariantType.STRING],
  [Godot3VariantType.VECTOR2, VariantType.VECTOR2],
  [Godot3VariantType.RECT2, VariantType.RECT2],
  [Godot3VariantType.VECTOR3, VariantType.VECTOR3],
  [Godot3VariantType.TRANSFORM2D, VariantType.TRANSFORM2D],
  [Godot3VariantType.PLANE, VariantType.PLANE],
  [Godot3VariantType.QUAT, VariantType.QUATERNION],
  [Godot3VariantType.AABB, VariantType.AABB],
  [Godot3VariantType.BASIS, VariantType.BASIS],
  [Godot3VariantType.TRANSFORM, VariantType.TRANSFORM3D],
  [Godot3VariantType.COLOR, VariantType.COLOR],
  [Godot3VariantType.NODE_PATH, VariantType.NODE_PATH],
  [Godot3VariantType.RID, VariantType.RID],
  [Godot3VariantType.OBJECT, VariantType.OBJECT],
  [Godot3VariantType.DICTIONARY, VariantType.DICTIONARY],
  [Godot3VariantType.ARRAY, VariantType.ARRAY],
  [Godot3VariantType.RAW_ARRAY, VariantType.PACKED_BYTE_ARRAY],
  [Godot3VariantType.INT_ARRAY, VariantType.PACKED_INT32_ARRAY],
  [Godot3VariantType.REAL_ARRAY, VariantType.PACKED_FLOAT32_ARRAY],
  [Godot3VariantType.STRING_ARRAY, VariantType.PACKED_STRING_ARRAY],
  [Godot3VariantType.VECTOR2_ARRAY, VariantType.PACKED_VECTOR2_ARRAY],
  [Godot3VariantType.VECTOR3_ARRAY, VariantType.PACKED_VECTOR3_ARRAY],
  [Godot3VariantType.COLOR_ARRAY, VariantType.PACKED_COLOR_ARRAY],
];

for (const [godot3, godot4] of PAIRS) {
  FROM_GODOT_3[godot3] = godot4;
  TO_GODOT_3[godot4] = godot3;
}
