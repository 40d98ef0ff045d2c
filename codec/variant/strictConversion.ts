/**
 * Godot's strict conversions (`Variant.can_convert_strict`): what 4.6 stable makes of an element or key of another type
 * than its container declares. Source: golden/variant/stray-elements-4.6-stable.json, every type under every other.
 */
import { Float } from '../values/Float.ts';
import { type Quaternion, Rect2, Rect2i } from '../values/geometry.ts';
import { NodePath } from '../values/NodePath.ts';
import { RID } from '../values/reference.ts';
import { basisOfQuaternion, quaternionOfBasis } from '../values/rotation.ts';
import { StringName } from '../values/StringName.ts';
import { Basis, Projection, Transform2D, Transform3D } from '../values/transform.ts';
import { VARIANT_MAX, VariantType } from '../values/variantTypes.ts';
import type { PackedValue, VariantValue } from '../values/variantValue.ts';
import { Vector2, Vector3, Vector4 } from '../values/vector.ts';
import { Vector2i, Vector3i, Vector4i } from '../values/vectorInt.ts';
import { arrayOf, type ConversionRoom, packedOf } from './arrayConversion.ts';
import { colorOfInt, colorOfText } from './colorConversion.ts';

/** Whether Godot converts values of one type where another is declared. @param from what the value is @param to what is declared */
export function canConvertStrict(from: number, to: number): boolean {
  return TABLE.has(from * VARIANT_MAX + to);
}

/**
 * A value as Godot converts it.
 *
 * @param value - A value of type `from`: INT as safe number or bigint, FLOAT as number or `Float`; in an Array whole FLOATs
 *   as `Float`.
 * @param from - Its type.
 * @param to - A type for which {@link canConvertStrict} holds.
 * @param room - Loses the elements and characters that the conversion makes.
 * @returns INT as bigint, FLOAT as `Float`; `undefined` when the room is too small.
 */
export function convertStrict(
  value: VariantValue,
  from: number,
  to: number,
  room: ConversionRoom,
): VariantValue | undefined {
  const convert = TABLE.get(from * VARIANT_MAX + to);
  if (convert === undefined) throw new RangeError(`no conversion from type ${from} to ${to}`);
  return convert(value, room);
}

/** A FLOAT as INT: its fraction is dropped; what does not fit is the smallest int, as on x86-64. */
function truncated(value: number): bigint {
  return value >= -INT64_EDGE && value < INT64_EDGE ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

/** A component as an int of 32 bits; what does not fit is the smallest one, as on x86-64. */
function whole(value: number): number {
  const result = Math.trunc(value);
  return result >= -INT32_EDGE && result < INT32_EDGE ? result : -INT32_EDGE;
}

function v2({ x, y }: Vector2i): Vector2 {
  return new Vector2(f(x), f(y));
}

function v2i({ x, y }: Vector2): Vector2i {
  return new Vector2i(whole(x), whole(y));
}

function xyz({ x, y, z }: Vector4): Vector3 {
  return new Vector3(x, y, z);
}

function xyz0({ x, y, z }: Vector3, w = 0): Vector4 {
  return new Vector4(x, y, z, w);
}

function transformOf({ x, y, origin }: Transform2D): Transform3D {
  const basis = new Basis(new Vector3(x.x, x.y, 0), new Vector3(y.x, y.y, 0), new Vector3(0, 0, 1));
  return new Transform3D(basis, new Vector3(origin.x, origin.y, 0));
}

type Convert = (value: VariantValue, room: ConversionRoom) => VariantValue | undefined;

/** `T` is what a value of type `from` is: the decoder's types are what they say. */
function pair<T>(
  from: number,
  to: number,
  convert: (value: T, room: ConversionRoom) => VariantValue | undefined,
): [number, Convert] {
  return [from * VARIANT_MAX + to, convert as Convert];
}

const f = Math.fround;
const INT64_EDGE = 2 ** 63;
const INT32_EDGE = 2 ** 31;
const T = VariantType;
const PACKED = Object.values(T).filter(
  (type) => type >= T.PACKED_BYTE_ARRAY && type <= T.PACKED_VECTOR4_ARRAY,
);

const TABLE: ReadonlyMap<number, Convert> = new Map([
  pair<number | bigint>(T.INT, T.BOOL, (value) => BigInt(value) !== 0n),
  pair<number | Float>(T.FLOAT, T.BOOL, (value) => Number(value) !== 0),
  pair<boolean>(T.BOOL, T.INT, (value) => (value ? 1n : 0n)),
  pair<number | Float>(T.FLOAT, T.INT, (value) => truncated(Number(value))),
  pair<boolean>(T.BOOL, T.FLOAT, (value) => new Float(value ? 1 : 0)),
  pair<number | bigint>(T.INT, T.FLOAT, (value) => new Float(Number(value))),
  pair<StringName>(T.STRING_NAME, T.STRING, (value) => value.value),
  pair<NodePath>(T.NODE_PATH, T.STRING, (value) => value.toString()),
  pair<string>(T.STRING, T.STRING_NAME, (value) => new StringName(value)),
  pair<string>(T.STRING, T.NODE_PATH, (value) => new NodePath(value)),
  pair<Vector2i>(T.VECTOR2I, T.VECTOR2, v2),
  pair<Vector2>(T.VECTOR2, T.VECTOR2I, v2i),
  pair<Rect2i>(T.RECT2I, T.RECT2, (value) => new Rect2(v2(value.position), v2(value.size))),
  pair<Rect2>(T.RECT2, T.RECT2I, (value) => new Rect2i(v2i(value.position), v2i(value.size))),
  pair<Vector3i>(T.VECTOR3I, T.VECTOR3, ({ x, y, z }) => new Vector3(f(x), f(y), f(z))),
  pair<Vector3>(T.VECTOR3, T.VECTOR3I, ({ x, y, z }) => new Vector3i(whole(x), whole(y), whole(z))),
  pair<Vector4i>(T.VECTOR4I, T.VECTOR4, ({ x, y, z, w }) => new Vector4(f(x), f(y), f(z), f(w))),
  pair<Vector4>(
    T.VECTOR4,
    T.VECTOR4I,
    ({ x, y, z, w }) => new Vector4i(whole(x), whole(y), whole(z), whole(w)),
  ),
  pair<Transform3D>(T.TRANSFORM3D, T.TRANSFORM2D, ({ basis: { x, y }, origin }) => {
    return new Transform2D(new Vector2(x.x, x.y), new Vector2(y.x, y.y), new Vector2(origin.x, origin.y));
  }),
  pair<Basis>(T.BASIS, T.QUATERNION, quaternionOfBasis),
  pair<Quaternion>(T.QUATERNION, T.BASIS, basisOfQuaternion),
  pair<Transform2D>(T.TRANSFORM2D, T.TRANSFORM3D, transformOf),
  pair<Quaternion>(T.QUATERNION, T.TRANSFORM3D, (value) => new Transform3D(basisOfQuaternion(value))),
  pair<Basis>(T.BASIS, T.TRANSFORM3D, (value) => new Transform3D(value)),
  pair<Projection>(T.PROJECTION, T.TRANSFORM3D, ({ x, y, z, w }) => {
    return new Transform3D(new Basis(xyz(x), xyz(y), xyz(z)), xyz(w));
  }),
  pair<Transform3D>(T.TRANSFORM3D, T.PROJECTION, ({ basis: { x, y, z }, origin }) => {
    return new Projection(xyz0(x), xyz0(y), xyz0(z), xyz0(origin, 1));
  }),
  pair<number | bigint>(T.INT, T.COLOR, (value) => colorOfInt(BigInt(value))),
  pair<string>(T.STRING, T.COLOR, colorOfText),
  // The RID of a resource only the engine knows.
  pair(T.OBJECT, T.RID, () => new RID()),
  ...PACKED.map((to) => pair<VariantValue[]>(T.ARRAY, to, (value, room) => packedOf(value, to, room))),
  ...PACKED.map((from) => pair<PackedValue>(from, T.ARRAY, arrayOf)),
]);
