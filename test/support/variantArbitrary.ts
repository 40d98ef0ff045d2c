/** fast-check arbitraries of Variants: every type, nested, typed and not. Components are single-precision numbers. */

import fc from 'fast-check';
import {
  Callable,
  Color,
  ContainerType,
  Dictionary,
  EncodedObjectAsID,
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
  type VariantValue,
  Vector2,
  Vector3,
  Vector4,
} from '../../codec/index.ts';
import { MATH_TYPES } from '../../codec/internal.ts';

/** Text that Godot can hold: no U+0000, no lone surrogates, and no BOM in front (section 4.2). */
export const godotText: fc.Arbitrary<string> = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((text) => text.replaceAll('\0', '').replace(/^\ufeff+/, ''));

const real = fc.float({ noNaN: true });
const i32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const vector2 = fc.tuple(real, real).map(([x, y]) => new Vector2(x, y));
const vector3 = fc.tuple(real, real, real).map(([x, y, z]) => new Vector3(x, y, z));
const vector4 = fc.tuple(real, real, real, real).map(([x, y, z, w]) => new Vector4(x, y, z, w));
const color = fc.tuple(real, real, real, real).map(([r, g, b, a]) => new Color(r, g, b, a));
const maths = Array.from(MATH_TYPES.values(), ({ size, isInteger, make }) =>
  fc.array<number>(isInteger ? i32 : real, { minLength: size, maxLength: size }).map(make),
);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** Values without others in them, as the exact view gives them. */
export const exactLeaf: fc.Arbitrary<VariantValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  int64,
  fc.integer().map(BigInt),
  fc.double().map((value) => new Float(value)),
  real.map((value) => new Float(value)),
  godotText,
  godotText.map((text) => new StringName(text)),
  fc
    .tuple(fc.array(godotText, { maxLength: 3 }), fc.array(godotText, { maxLength: 2 }), fc.boolean())
    .map(([names, subnames, absolute]) => new NodePath(names, subnames, absolute)),
  ...maths,
  u64.map((id) => new RID(id)),
  fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((id) => new EncodedObjectAsID(id)),
  fc.constant(new Callable()),
  fc.tuple(godotText, u64).map(([name, id]) => new Signal(name, id)),
  fc.uint8Array({ maxLength: 9 }),
  fc.int32Array({ maxLength: 5 }),
  fc.array(int64, { maxLength: 4 }).map((values) => BigInt64Array.from(values)),
  fc.float32Array({ maxLength: 5 }),
  fc.float64Array({ maxLength: 5 }),
  fc.array(godotText, { maxLength: 4 }).map((values) => new PackedStringArray(values)),
  fc.array(vector2, { maxLength: 4 }).map((values) => new PackedVector2Array(values)),
  fc.array(vector3, { maxLength: 4 }).map((values) => new PackedVector3Array(values)),
  fc.array(vector4, { maxLength: 4 }).map((values) => new PackedVector4Array(values)),
  fc.array(color, { maxLength: 4 }).map((values) => new PackedColorArray(values)),
);

/** Any value of the exact view, nested and typed. */
export const exactVariant: fc.Arbitrary<VariantValue> = fc.letrec<{ value: VariantValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    exactLeaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(tie('value'), tie('value')), { maxLength: 5 })
      .map((entries) => new Dictionary<VariantValue, VariantValue>(entries)),
    fc.array(int64, { maxLength: 4 }).map((values) => new TypedArray<VariantValue>(VariantType.INT, values)),
    fc
      .array(godotText, { maxLength: 4 })
      .map((values) => new TypedArray<VariantValue>(VariantType.STRING, values)),
    fc
      .array(fc.tuple(godotText, tie('value')), { maxLength: 4 })
      .map((entries) => new Dictionary<VariantValue, VariantValue>(entries, { keyType: VariantType.STRING })),
    fc.array(fc.double(), { maxLength: 4 }).map(
      (values) =>
        new Dictionary<VariantValue, VariantValue>(
          values.map((value, index) => [BigInt(index), new Float(value)]),
          { keyType: VariantType.INT, valueType: new ContainerType(VariantType.FLOAT) },
        ),
    ),
  ),
})).value;
