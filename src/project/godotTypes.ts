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
export interface GodotPlainTypes {
  /** Godot's `bool`. */
  readonly bool: boolean;
  /** Godot's `Vector2`. */
  readonly Vector2: Vector2;
  /** Godot's `Vector2i`. */
  readonly Vector2i: Vector2i;
  /** Godot's `Vector3`. */
  readonly Vector3: Vector3;
  /** Godot's `Vector3i`. */
  readonly Vector3i: Vector3i;
  /** Godot's `Vector4`. */
  readonly Vector4: Vector4;
  /** Godot's `Vector4i`. */
  readonly Vector4i: Vector4i;
  /** Godot's `Rect2`. */
  readonly Rect2: Rect2;
  /** Godot's `Rect2i`. */
  readonly Rect2i: Rect2i;
  /** Godot's `Plane`. */
  readonly Plane: Plane;
  /** Godot's `Quaternion`. */
  readonly Quaternion: Quaternion;
  /** Godot's `AABB`. */
  readonly AABB: AABB;
  /** Godot's `Basis`. */
  readonly Basis: Basis;
  /** Godot's `Transform2D`. */
  readonly Transform2D: Transform2D;
  /** Godot's `Transform3D`. */
  readonly Transform3D: Transform3D;
  /** Godot's `Projection`. */
  readonly Projection: Projection;
  /** Godot's `Color`. */
  readonly Color: Color;
  /** Godot's `RID`. */
  readonly RID: RID;
  /** Godot's `Callable`. */
  readonly Callable: Callable;
  /** Godot's `Signal`. */
  readonly Signal: Signal;
  /** Godot's `PackedByteArray`. */
  readonly PackedByteArray: Uint8Array;
  /** Godot's `PackedInt32Array`. */
  readonly PackedInt32Array: Int32Array;
  /** Godot's `PackedInt64Array`. */
  readonly PackedInt64Array: BigInt64Array;
  /** Godot's `PackedFloat32Array`. */
  readonly PackedFloat32Array: Float32Array;
  /** Godot's `PackedFloat64Array`. */
  readonly PackedFloat64Array: Float64Array;
  /** Godot's `PackedStringArray`. */
  readonly PackedStringArray: PackedStringArray;
  /** Godot's `PackedVector2Array`. */
  readonly PackedVector2Array: PackedVector2Array;
  /** Godot's `PackedVector3Array`. */
  readonly PackedVector3Array: PackedVector3Array;
  /** Godot's `PackedVector4Array`. */
  readonly PackedVector4Array: PackedVector4Array;
  /** Godot's `PackedColorArray`. */
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
          : T extends keyof GodotPlainTypes
            ? GodotPlainTypes[T]
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
            : T extends keyof GodotPlainTypes
              ? GodotPlainTypes[T]
              : T extends `Array[${infer E}]`
                ? GodotElement<E>[]
                : T extends `Dictionary[${infer K}, ${infer V}]`
                  ? Dictionary<GodotElement<K>, GodotElement<V>>
                  : T extends 'Array'
                    ? NodeValue[]
                    : T extends 'Dictionary'
                      ? Dictionary<NodeValue, NodeValue>
                      : NodeValue;

/** What comes in a container: floats stay what the codec makes of them. */
export type GodotElement<T extends string> = T extends 'float' ? number | Float : GodotValue<T>;

/** The arguments of a call, by the names of their types. */
export type GodotInputs<T extends readonly (string | undefined)[]> = {
  [I in keyof T]: GodotInput<T[I]>;
};
