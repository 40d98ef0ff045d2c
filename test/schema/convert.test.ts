/** Conversions of values between types; most are tested through properties of nodes (mirror.test.ts). */
import { expect, test } from 'vitest';
import {
  Basis,
  Projection,
  Transform2D,
  Transform3D,
  VariantType,
  type VariantTypeId,
  Vector2,
  Vector3,
  Vector4,
} from '../../codec/index.ts';
import { convert } from '../../schema/values/convert.ts';

const basis = new Basis(new Vector3(1, 2, 3), new Vector3(4, 5, 6), new Vector3(7, 8, 9));
const transform = new Transform3D(basis, new Vector3(10, 11, 12));
const flat = new Transform2D(new Vector2(1, 2), new Vector2(4, 5), new Vector2(10, 11));
const projection = (w: number): Projection =>
  new Projection(
    new Vector4(1, 2, 3, w),
    new Vector4(4, 5, 6, w),
    new Vector4(7, 8, 9, w),
    new Vector4(10, 11, 12, 1 + w),
  );

// As a Godot 4.6 answers them: test/interop/godot4/sceneMultiplayerCalls.test.ts.
test.each<[string, unknown, VariantTypeId, unknown]>([
  ['Transform3D to Transform2D', transform, VariantType.TRANSFORM2D, flat],
  [
    'Transform2D to Transform3D',
    flat,
    VariantType.TRANSFORM3D,
    new Transform3D(
      new Basis(new Vector3(1, 2, 0), new Vector3(4, 5, 0), new Vector3(0, 0, 1)),
      new Vector3(10, 11, 0),
    ),
  ],
  ['Projection to Transform3D', projection(7), VariantType.TRANSFORM3D, transform],
  ['Transform3D to Projection', transform, VariantType.PROJECTION, projection(0)],
])('%s', (_, value, type, expected) => {
  expect(convert(value, { type })).toEqual(expected);
});

test.each([
  ['Transform2D to Projection', flat, VariantType.PROJECTION],
  ['Basis to Transform2D', basis, VariantType.TRANSFORM2D],
  ['Projection to Transform2D', projection(0), VariantType.TRANSFORM2D],
])('%s is refused', (_, value, type) => {
  expect(() => convert(value, { type })).toThrow();
});
