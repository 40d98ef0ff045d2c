/** One RPC for each declared type of a parameter, and values of every type to call them with. */
import {
  AABB,
  Basis,
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
  StringName,
  Transform2D,
  Transform3D,
  TypedArray,
  VariantType,
  type VariantValue,
  Vector2,
  Vector2i,
  Vector3,
  Vector3i,
  Vector4,
  Vector4i,
} from '../../../codec/index.ts';

/** The declared types, as GDScript writes them. */
export const TYPES: readonly string[] = [
  ...['Variant', 'bool', 'int', 'float', 'String', 'StringName', 'NodePath', 'RID', 'Color'],
  ...['Vector2', 'Vector2i', 'Vector3', 'Vector3i', 'Vector4', 'Vector4i', 'Rect2', 'Rect2i', 'Plane'],
  ...['Quaternion', 'AABB', 'Basis', 'Transform2D', 'Transform3D', 'Projection', 'Array', 'Dictionary'],
  ...['Array[int]', 'Array[float]', 'Array[String]', 'Array[Array]', 'Dictionary[String, int]'],
  ...['PackedByteArray', 'PackedInt32Array', 'PackedInt64Array', 'PackedFloat32Array'],
  ...['PackedFloat64Array', 'PackedStringArray', 'PackedVector2Array', 'PackedVector3Array'],
  ...['PackedColorArray', 'PackedVector4Array'],
];

/** The name of the RPC that takes a value of a type, and then its number. */
export function typedName(type: string): string {
  return `as_${type.replaceAll(/\W+/g, '_')}`;
}

/** Values of every type, in the exact view. */
export const TYPED_VALUES: readonly VariantValue[] = [
  ...[null, false, true, 0n, 7n, -3n, 1n << 40n, new Float(1.5), new Float(-0), new Float(2)],
  ...['', 'x', '12', '-1.5', 'true', 'a/b:c', '#ff8000', 'red', 'ä'],
  ...[new StringName('x'), new StringName('12'), new NodePath(['a', 'b'], ['c']), new NodePath([], [])],
  ...[new RID(5n), new Color(0.5, 1, 0, 1)],
  ...[new Vector2(1.5, -2), new Vector2i(3, 4), new Vector3(1.5, 2, -3), new Vector3i(1, 2, 3)],
  ...[new Vector4(1.5, 2, 3, 4), new Vector4i(1, 2, 3, 4)],
  new Rect2(new Vector2(1.5, 2), new Vector2(3, 4)),
  new Rect2i(new Vector2i(1, 2), new Vector2i(3, 4)),
  new Plane(new Vector3(0, 1, 0), 2),
  new Quaternion(0, 0, 1, 0),
  new AABB(new Vector3(1, 2, 3), new Vector3(4, 5, 6)),
  new Basis(new Vector3(0, 1, 0), new Vector3(-1, 0, 0), new Vector3(0, 0, 1)),
  new Transform2D(new Vector2(0, 1), new Vector2(-1, 0), new Vector2(5, 6)),
  new Transform3D(
    new Basis(new Vector3(2, 0, 0), new Vector3(0, 3, 0), new Vector3(0, 0, 4)),
    new Vector3(7, 8, 9),
  ),
  new Projection(
    new Vector4(1, 0, 0, 0),
    new Vector4(0, 2, 0, 0),
    new Vector4(0, 0, 3, 0),
    new Vector4(4, 5, 6, 1),
  ),
  ...[[], [1n, 2n], [new Float(1.5), 2n], ['a', new StringName('b')], [[1n]], [null]],
  new TypedArray<VariantValue>(VariantType.INT, [1n, 2n]),
  new TypedArray<VariantValue>(VariantType.FLOAT, [new Float(1.5)]),
  new TypedArray<VariantValue>(VariantType.STRING, ['a']),
  new TypedArray<VariantValue>(VariantType.INT, []),
  new Dictionary<VariantValue, VariantValue>(),
  new Dictionary<VariantValue, VariantValue>([['a', 1n]]),
  new Dictionary<VariantValue, VariantValue>([['a', 1n]], {
    keyType: VariantType.STRING,
    valueType: VariantType.INT,
  }),
  new Dictionary<VariantValue, VariantValue>([[1n, 'a']], { keyType: VariantType.INT }),
  ...[Uint8Array.of(1, 2), Int32Array.of(1, -2), BigInt64Array.of(1n, -2n)],
  ...[Float32Array.of(1.5), Float64Array.of(1.5, 2), new PackedStringArray(['a', '1'])],
  new PackedVector2Array([new Vector2(1.5, 2)]),
  new PackedVector3Array([new Vector3(1.5, 2, 3)]),
  new PackedColorArray([new Color(1, 0, 0, 1)]),
  new PackedVector4Array([new Vector4(1.5, 2, 3, 4)]),
];
