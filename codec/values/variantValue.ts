/** The TypeScript types of Variants (variant-codec.md section 6). */

import type { Dictionary } from './Dictionary.ts';
import type { Float } from './Float.ts';
import type { MathValue } from './mathTypes.ts';
import type { NodePath } from './NodePath.ts';
import type {
  PackedColorArray,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
} from './packed.ts';
import type { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from './reference.ts';
import type { StringName } from './StringName.ts';
import type { TextResource } from './TextResource.ts';

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
