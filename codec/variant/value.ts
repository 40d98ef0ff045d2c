/** The TypeScript types of Variants (variant-codec.md section 6). */

import type { Color } from '../values/Color.ts';
import type { Dictionary } from '../values/Dictionary.ts';
import type { Float } from '../values/Float.ts';
import type { AABB, Plane, Quaternion, Rect2, Rect2i } from '../values/geometry.ts';
import type { NodePath } from '../values/NodePath.ts';
import type {
  PackedColorArray,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
} from '../values/packed.ts';
import type { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from '../values/reference.ts';
import type { StringName } from '../values/StringName.ts';
import type { TextResource } from '../values/TextResource.ts';
import type { Basis, Projection, Transform2D, Transform3D } from '../values/transform.ts';
import type { Vector2, Vector3, Vector4 } from '../values/vector.ts';
import type { Vector2i, Vector3i, Vector4i } from '../values/vectorInt.ts';

/** A value made of components only. */
export type MathValue =
  | Vector2
  | Vector2i
  | Vector3
  | Vector3i
  | Vector4
  | Vector4i
  | Rect2
  | Rect2i
  | Plane
  | Quaternion
  | AABB
  | Transform2D
  | Basis
  | Transform3D
  | Projection
  | Color;

/** Every packed array. */
export type PackedValue =
  | Uint8Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | PackedStringArray
  | PackedVector2Array
  | PackedVector3Array
  | PackedVector4Array
  | PackedColorArray;

/** A Variant that holds no other Variants. */
export type VariantLeaf =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | StringName
  | NodePath
  | MathValue
  | RID
  | EncodedObjectAsID
  | GodotObject
  | Callable
  | Signal
  | PackedValue
  /** In texts alone: what `strToVar` gives and `varToStr` takes; the binary codec refuses it. */
  | TextResource;

/** What decoding gives. Plain objects come out only under the option `dictionaries: 'object'`. */
export type VariantValue =
  | VariantLeaf
  | VariantValue[]
  | Dictionary<VariantValue, VariantValue>
  | { readonly [key: string]: VariantValue };

/**
 * What encoding takes: everything that decoding gives, any Map, plain objects, and `undefined` for null. Give objects
 * a type alias rather than an interface, which TypeScript does not take for an object of Variants.
 */
export type VariantInput =
  | VariantLeaf
  | undefined
  | readonly VariantInput[]
  | ReadonlyMap<unknown, unknown>
  | { readonly [key: string]: VariantInput };
