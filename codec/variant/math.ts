/** Vectors, matrices and colors (variant-codec.md section 2.1, ids 5 to 20). */

import { Color } from '../values/Color.ts';
import { AABB, Plane, Quaternion, Rect2, Rect2i } from '../values/geometry.ts';
import { MATH_TYPES_BY_ID, type MathType, type MathValue } from '../values/mathTypes.ts';
import { Basis, Projection, Transform2D, Transform3D } from '../values/transform.ts';
import { VariantType, type VariantTypeId } from '../values/variantTypes.ts';
import { Vector2, Vector3, Vector4 } from '../values/vector.ts';
import { Vector2i, Vector3i, Vector4i } from '../values/vectorInt.ts';
import { FLAG_64 } from './header.ts';
import { keepNanBits, NAN32, NAN64_HIGH, nanBitsOf, narrowNan, widenNan } from './nan.ts';
import type { VariantReader } from './reader.ts';
import { EncodeFailure, type VariantWriter } from './writer.ts';

/** Whether a type is in the table of math types. */
export function isMath(type: number): boolean {
  return MATH_TYPES_BY_ID[type] !== undefined;
}

/** Reads the body of a type made of components. */
export function readMath(r: VariantReader, type: number, header: number): MathValue {
  switch (type) {
    case VariantType.VECTOR2I: {
      const at = r.take(8, type);
      return new Vector2i(r.view.getInt32(at, true), r.view.getInt32(at + 4, true));
    }
    case VariantType.RECT2I: {
      const at = r.take(16, type);
      const view = r.view;
      return new Rect2i(
        new Vector2i(view.getInt32(at, true), view.getInt32(at + 4, true)),
        new Vector2i(view.getInt32(at + 8, true), view.getInt32(at + 12, true)),
      );
    }
    case VariantType.VECTOR3I: {
      const at = r.take(12, type);
      const view = r.view;
      return new Vector3i(view.getInt32(at, true), view.getInt32(at + 4, true), view.getInt32(at + 8, true));
    }
    case VariantType.VECTOR4I: {
      const at = r.take(16, type);
      const view = r.view;
      return new Vector4i(
        view.getInt32(at, true),
        view.getInt32(at + 4, true),
        view.getInt32(at + 8, true),
        view.getInt32(at + 12, true),
      );
    }
    default:
      return isIntegral(type) ? readIntegers(r, type) : readReals(r, type, header);
  }
}

/** Writes a value made of components, header included. */
export function writeMath(w: VariantWriter, type: VariantTypeId, value: MathValue): void {
  const count = spread(type, value);
  if (isIntegral(type)) {
    w.reserve(4 + count * 4);
    w.view.setInt32(w.position, w.typeIds[type] as number, true);
    for (let index = 0; index < count; index++) {
      const part = parts[index] as number;
      if ((part | 0) !== part) {
        throw new EncodeFailure('ERR_ENCODE_INT_RANGE', `the component ${part} is no 32-bit integer`);
      }
      w.view.setInt32(w.position + 4 + index * 4, part, true);
    }
    w.position += 4 + count * 4;
    return;
  }
  const isDouble = w.isDouble && type !== VariantType.COLOR;
  const width = isDouble ? 8 : 4;
  w.reserve(4 + count * width);
  // Godot 3 never has doubles; the table has an entry for every byte.
  w.view.setInt32(w.position, isDouble ? type | FLAG_64 : (w.typeIds[type] as number), true);
  let at = w.position + 4;
  for (let index = 0; index < count; index++) {
    const part = parts[index] as number;
    if (Number.isNaN(part)) writeNan(w.view, at, isDouble, value, index);
    else if (isDouble) w.view.setFloat64(at, part, true);
    else w.view.setFloat32(at, part, true);
    at += width;
  }
  w.position = at;
}

/** How many reals a type has; 0 for types that are not made of reals. */
export function realCount(type: number): number {
  return REAL_COUNTS[type] ?? 0;
}

function readReals(r: VariantReader, type: number, header: number): MathValue {
  const isDouble = (header & FLAG_64) !== 0 && type !== VariantType.COLOR;
  const count = realCount(type);
  const at = r.take(isDouble ? count * 8 : count * 4, type);
  let hasNan = false;
  for (let index = 0; index < count; index++) {
    const part = isDouble ? r.view.getFloat64(at + index * 8, true) : r.view.getFloat32(at + index * 4, true);
    if (Number.isNaN(part)) hasNan = true;
    parts[index] = part;
  }
  const value = gather(type);
  if (hasNan) keepNans(r, at, isDouble, count, value);
  return value;
}

/** Puts the components of a value into `parts` in wire order and gives their count. */
function spread(type: VariantTypeId, value: MathValue): number {
  // The type was derived from the value's class, so each cast below states what is already known.
  switch (type) {
    case VariantType.VECTOR2:
    case VariantType.VECTOR2I:
      return put2(0, value as Vector2);
    case VariantType.VECTOR3:
    case VariantType.VECTOR3I:
      return put3(0, value as Vector3);
    case VariantType.VECTOR4:
    case VariantType.VECTOR4I:
    case VariantType.QUATERNION:
      return put4(0, value as Vector4);
    case VariantType.RECT2:
    case VariantType.RECT2I: {
      const rect = value as Rect2;
      return put2(put2(0, rect.position), rect.size);
    }
    case VariantType.TRANSFORM2D: {
      const t = value as Transform2D;
      return put2(put2(put2(0, t.x), t.y), t.origin);
    }
    case VariantType.PLANE: {
      const plane = value as Plane;
      parts[put3(0, plane.normal)] = real(plane.d);
      return 4;
    }
    case VariantType.AABB: {
      const box = value as AABB;
      return put3(put3(0, box.position), box.size);
    }
    case VariantType.BASIS:
      return putRows(value as Basis);
    case VariantType.TRANSFORM3D: {
      const t = value as Transform3D;
      return put3(putRows(t.basis), t.origin);
    }
    case VariantType.PROJECTION: {
      const p = value as Projection;
      return put4(put4(put4(put4(0, p.x), p.y), p.z), p.w);
    }
    case VariantType.COLOR: {
      const color = value as Color;
      parts[0] = real(color.r);
      parts[1] = real(color.g);
      parts[2] = real(color.b);
      parts[3] = real(color.a);
      return 4;
    }
    default:
      return spreadByTable(type, value);
  }
}

/** {@link spread} for types without a case there. */
export function spreadByTable(type: number, value: MathValue): number {
  const row = rowOf(type);
  const numbers = row.numbers(value);
  for (let index = 0; index < row.size; index++) parts[index] = real(numbers[row.rowOrder?.[index] ?? index]);
  return row.size;
}

/** {@link gather} for types without a case there. */
export function gatherByTable(type: number): MathValue {
  const row = rowOf(type);
  return row.make(
    Array.from({ length: row.size }, (_, index) => parts[row.rowOrder?.[index] ?? index] as number),
  );
}

/** The codec comes here with types of the table alone. */
function rowOf(type: number): MathType {
  const row = MATH_TYPES_BY_ID[type];
  if (row === undefined) throw new RangeError(`type ${type} is no math type`);
  return row;
}

function readIntegers(r: VariantReader, type: number): MathValue {
  const count = rowOf(type).size;
  const at = r.take(count * 4, type);
  for (let index = 0; index < count; index++) parts[index] = r.view.getInt32(at + index * 4, true);
  return gather(type);
}

/** Makes a value of the components in `parts`. */
function gather(type: number): MathValue {
  switch (type) {
    case VariantType.VECTOR2:
      return new Vector2(parts[0], parts[1]);
    case VariantType.VECTOR3:
      return new Vector3(parts[0], parts[1], parts[2]);
    case VariantType.VECTOR4:
      return new Vector4(parts[0], parts[1], parts[2], parts[3]);
    case VariantType.QUATERNION:
      return new Quaternion(parts[0], parts[1], parts[2], parts[3]);
    case VariantType.RECT2:
      return new Rect2(get2(0), get2(2));
    case VariantType.TRANSFORM2D:
      return new Transform2D(get2(0), get2(2), get2(4));
    case VariantType.PLANE:
      return new Plane(get3(0), parts[3]);
    case VariantType.AABB:
      return new AABB(get3(0), get3(3));
    case VariantType.BASIS:
      return getRows();
    case VariantType.TRANSFORM3D:
      return new Transform3D(getRows(), get3(9));
    case VariantType.PROJECTION:
      return new Projection(get4(0), get4(4), get4(8), get4(12));
    case VariantType.COLOR:
      return new Color(parts[0], parts[1], parts[2], parts[3]);
    default:
      return gatherByTable(type);
  }
}

function keepNans(r: VariantReader, at: number, isDouble: boolean, count: number, value: MathValue): void {
  const bits: (bigint | undefined)[] = [];
  for (let index = 0; index < count; index++) {
    const isNan = Number.isNaN(parts[index]);
    if (!isNan) bits.push(undefined);
    else if (isDouble) bits.push(r.view.getBigUint64(at + index * 8, true));
    else bits.push(BigInt(r.view.getUint32(at + index * 4, true)));
  }
  keepNanBits(value, { isDouble, bits });
}

function writeNan(view: DataView, at: number, isDouble: boolean, value: MathValue, index: number): void {
  const kept = nanBitsOf(value);
  const bits = kept?.bits[index];
  if (isDouble) {
    if (kept === undefined || bits === undefined) {
      view.setUint32(at, 0, true);
      view.setUint32(at + 4, NAN64_HIGH, true);
    } else {
      view.setBigUint64(at, kept.isDouble ? bits : widenNan(Number(bits)), true);
    }
  } else if (kept === undefined || bits === undefined) {
    view.setUint32(at, NAN32, true);
  } else {
    view.setUint32(at, kept.isDouble ? narrowNan(bits) : Number(bits), true);
  }
}

function isIntegral(type: number): boolean {
  return INTEGRAL[type] === 1;
}

function put2(at: number, v: { readonly x: number; readonly y: number }): number {
  requirePart(v);
  parts[at] = real(v.x);
  parts[at + 1] = real(v.y);
  return at + 2;
}

function put3(at: number, v: { readonly x: number; readonly y: number; readonly z: number }): number {
  requirePart(v);
  parts[at] = real(v.x);
  parts[at + 1] = real(v.y);
  parts[at + 2] = real(v.z);
  return at + 3;
}

function put4(at: number, v: Vector4): number {
  requirePart(v);
  parts[at + 3] = real(v.w);
  return put3(at, v) + 1;
}

/** Values may come from JavaScript, where nothing keeps a text or `null` out of a vector: NaN or 0 would be sent for it. */
function real(component: unknown): number {
  if (typeof component === 'number') return component;
  throw new EncodeFailure('ERR_ENCODE_UNSUPPORTED', `a component is no number but a ${typeof component}`);
}

function requirePart(part: unknown): void {
  if (typeof part === 'object' && part !== null) return;
  throw new EncodeFailure(
    'ERR_ENCODE_UNSUPPORTED',
    `a part is no vector but ${part === null ? 'null' : typeof part}`,
  );
}

/** A basis goes row by row, while it is held column by column. */
function putRows(basis: Basis): number {
  requirePart(basis);
  requirePart(basis.x);
  requirePart(basis.y);
  requirePart(basis.z);
  put3(0, { x: basis.x.x, y: basis.y.x, z: basis.z.x });
  put3(3, { x: basis.x.y, y: basis.y.y, z: basis.z.y });
  return put3(6, { x: basis.x.z, y: basis.y.z, z: basis.z.z });
}

function getRows(): Basis {
  return new Basis(
    new Vector3(parts[0], parts[3], parts[6]),
    new Vector3(parts[1], parts[4], parts[7]),
    new Vector3(parts[2], parts[5], parts[8]),
  );
}

function get2(at: number): Vector2 {
  return new Vector2(parts[at], parts[at + 1]);
}

function get3(at: number): Vector3 {
  return new Vector3(parts[at], parts[at + 1], parts[at + 2]);
}

function get4(at: number): Vector4 {
  return new Vector4(parts[at], parts[at + 1], parts[at + 2], parts[at + 3]);
}

/** The components under way. Nothing of the caller's runs between filling and using them. */
const parts = new Float64Array(Math.max(...MATH_TYPES_BY_ID.map((row) => row?.size ?? 0)));

/** By type id. */
const REAL_COUNTS = Uint8Array.from(MATH_TYPES_BY_ID, (row) =>
  row === undefined || row.isInteger ? 0 : row.size,
);
const INTEGRAL = Uint8Array.from(MATH_TYPES_BY_ID, (row) => (row?.isInteger === true ? 1 : 0));
