/** What Godot's types are in TypeScript, by the names that GDScript has for them. Types alone. */
import type {
  AABB,
  Basis,
  Callable,
  Color,
  Dictionary,
  Float,
  NodePath,
  PackedColorArray,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
  Plane,
  Projection,
  Quaternion,
  Rect2,
  Rect2i,
  RID,
  Signal,
  StringName,
  Transform2D,
  Transform3D,
  Vector2,
  Vector2i,
  Vector3,
  Vector3i,
  Vector4,
  Vector4i,
} from '../../codec/index.ts';
import type { NodeValue } from '../../schema/index.ts';

/** Types that are one class here, both ways. */
interface PlainTypes {
  readonly bool: boolean;
  readonly Vector2: Vector2;
  readonly Vector2i: Vector2i;
  readonly Vector3: Vector3;
  readonly Vector3i: Vector3i;
  readonly Vector4: Vector4;
  readonly Vector4i: Vector4i;
  readonly Rect2: Rect2;
  readonly Rect2i: Rect2i;
  readonly Plane: Plane;
  readonly Quaternion: Quaternion;
  readonly AABB: AABB;
  readonly Basis: Basis;
  readonly Transform2D: Transform2D;
  readonly Transform3D: Transform3D;
  readonly Projection: Projection;
  readonly Color: Color;
  readonly RID: RID;
  readonly Callable: Callable;
  readonly Signal: Signal;
  readonly PackedByteArray: Uint8Array;
  readonly PackedInt32Array: Int32Array;
  readonly PackedInt64Array: BigInt64Array;
  readonly PackedFloat32Array: Float32Array;
  readonly PackedFloat64Array: Float64Array;
  readonly PackedStringArray: PackedStringArray;
  readonly PackedVector2Array: PackedVector2Array;
  readonly PackedVector3Array: PackedVector3Array;
  readonly PackedVector4Array: PackedVector4Array;
  readonly PackedColorArray: PackedColorArray;
}

/** What may be given for a type of GDScript: arguments of calls, values of variables. */
export type GodotInput<T extends string | undefined> = T extends undefined
  ? undefined
  : T extends 'int'
    ? number | bigint
    : T extends 'float'
      ? number | Float
      : T extends 'String' | 'StringName'
        ? string | StringName
        : T extends 'NodePath'
          ? string | NodePath
          : T extends keyof PlainTypes
            ? PlainTypes[T]
            : T extends 'Array'
              ? readonly unknown[]
              : T extends `Array[${infer E}]`
                ? readonly GodotInput<E>[]
                : T extends 'Dictionary'
                  ? ReadonlyMap<unknown, unknown> | { readonly [key: string]: unknown }
                  : T extends `Dictionary[${infer K}, ${infer V}]`
                    ? ReadonlyMap<GodotInput<K>, GodotInput<V>> | { readonly [key: string]: GodotInput<V> }
                    : T extends 'Variant'
                      ? unknown
                      : object | null;

/** What comes for a type of GDScript: arguments of calls that arrive, values of variables. An int beyond 2^53 is a bigint. */
export type GodotValue<T extends string | undefined> = T extends undefined
  ? undefined
  : T extends 'int'
    ? number | bigint
    : T extends 'float'
      ? number
      : T extends 'String'
        ? string
        : T extends 'StringName'
          ? StringName
          : T extends 'NodePath'
            ? NodePath
            : T extends keyof PlainTypes
              ? PlainTypes[T]
              : T extends `Array[${infer E}]`
                ? ElementValue<E>[]
                : T extends `Dictionary[${infer K}, ${infer V}]`
                  ? Dictionary<ElementValue<K>, ElementValue<V>>
                  : T extends 'Array'
                    ? NodeValue[]
                    : T extends 'Dictionary'
                      ? Dictionary<NodeValue, NodeValue>
                      : NodeValue;

/** In containers floats stay what the codec makes of them. */
type ElementValue<T extends string> = T extends 'float' ? number | Float : GodotValue<T>;

/** The arguments of a call, by the names of their types. */
export type GodotInputs<T extends readonly (string | undefined)[]> = {
  [I in keyof T]: GodotInput<T[I]>;
};
