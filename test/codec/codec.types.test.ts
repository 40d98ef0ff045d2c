/** Checked by the compiler only: what must compile does, and every `@ts-expect-error` is an error. */

import {
  bytesToVar,
  Color,
  type DecodedVariant,
  Dictionary,
  decodeVariant,
  encodedSize,
  encodeVariantInto,
  Float,
  float,
  GodotObject,
  NodePath,
  PackedVector2Array,
  Rect2,
  StringName,
  Transform3D,
  TypedArray,
  type VariantInput,
  VariantType,
  type VariantTypeId,
  type VariantValue,
  Vector2,
  Vector3,
  varToBytes,
} from '../../codec/index.ts';

type Player = { readonly id: number; readonly position: Vector2; readonly tags: readonly string[] };
const player: Player = { id: 1, position: new Vector2(1, 2), tags: ['a'] };

export const bytes: Uint8Array = varToBytes(player);
export const inputs: readonly VariantInput[] = [
  null,
  undefined,
  1n,
  float(1),
  [1, 'a', [true]],
  { a: { b: [player] } },
  new Map<unknown, unknown>([[1, 2]]),
  new Dictionary([['a', 1]]),
  new TypedArray(VariantType.INT, [1, 2]),
  new TypedArray('Node'),
  new GodotObject('Node', [['name', new StringName('A')]]),
  new PackedVector2Array([new Vector2()]),
  Uint8Array.of(1),
];
export const written: number = encodeVariantInto(player, bytes, 0, { dialect: '4.2', real: 'double' });
export const size: number = encodedSize(player, { exact: true });

export const value: VariantValue = bytesToVar(bytes, { exact: true, strictTypedContainers: false });
export const decoded: DecodedVariant = decodeVariant(bytes);
export const type: VariantTypeId = VariantType.VECTOR3;
if (value instanceof Dictionary) value.get('type');
if (value instanceof Float) value.value.toFixed();

// A decoded value can be encoded as it is.
varToBytes(value);

// @ts-expect-error a function is no Variant
varToBytes(() => 1);
// @ts-expect-error a symbol is no Variant
varToBytes(Symbol('s'));
// @ts-expect-error a Date is no Variant
varToBytes(new Date(0));
// @ts-expect-error nor inside of something
varToBytes({ list: [new Set([1])] });
// @ts-expect-error there is no such dialect
varToBytes(1, { dialect: '5.0' });
// @ts-expect-error bytes are a Uint8Array
bytesToVar('00');
// @ts-expect-error there is no such option
bytesToVar(bytes, { precise: true });
// @ts-expect-error the offset is needed
encodeVariantInto(1, bytes);
// @ts-expect-error components do not change
player.position.x = 3;
// @ts-expect-error nor do colors
new Color(1, 0, 0).r = 1;
// @ts-expect-error a rectangle has a position and a size
new Rect2(1, 2);
// @ts-expect-error a transform has a basis
new Transform3D(new Vector3(1, 2, 3));
// @ts-expect-error a path is a text or names
new NodePath(1);
// @ts-expect-error there is no type 99
new TypedArray(99);
// @ts-expect-error what was decoded must be looked at first
value.length;
