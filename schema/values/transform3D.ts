/** Godot's arithmetic of Node3D, in single precision and in the engine's order of steps; see transform2D.ts. */
import { Basis, type Quaternion, Transform3D, Vector3 } from '../../codec/index.ts';
import { basisOfQuaternion, quaternionOfBasis } from '../../codec/internal.ts';
import { asin, atan2, cos, sin } from './transform2D.ts';

const f = Math.fround;
const EDGE = f(1 - f(0.00001));
const HALF_PI = f(f(Math.PI) * 0.5);

/** A 3x3 matrix by rows, as the engine holds a Basis. */
type Rows = readonly [number, number, number, number, number, number, number, number, number];

/** Godot's EulerOrder: which rotation comes last. */
export const EULER_ORDERS = ['XYZ', 'XZY', 'YXZ', 'YZX', 'ZXY', 'ZYX'] as const;

/** The rotation of Euler angles in radians; an unknown order counts as YXZ, the default. */
export function basisFromEuler(euler: Vector3, order: number): Basis {
  return toBasis(eulerRows(euler, order));
}

/** Rotation and scale of a Node3D: first the scale, then the rotation. */
export function composeBasis(euler: Vector3, scale: Vector3, order: number): Basis {
  return toBasis(multiplyRows(eulerRows(euler, order), diagonal(scale)));
}

/** First the scale, then a rotation given as a quaternion. */
export function basisFromQuaternion(quaternion: Quaternion, scale: Vector3): Basis {
  return toBasis(multiplyRows(toRows(basisOfQuaternion(quaternion)), diagonal(scale)));
}

/** The lengths of the columns, all negative for a mirrored basis. */
export function scaleOf3D(basis: Basis): Vector3 {
  const sign = Math.sign(determinant(toRows(basis)));
  return new Vector3(f(sign * length(basis.x)), f(sign * length(basis.y)), f(sign * length(basis.z)));
}

/** Godot's `get_euler_normalized`: the angles of the rotation alone. */
export function eulerOf(basis: Basis, order: number): Vector3 {
  return eulerAngles(rotationRows(basis), order);
}

/** Godot's `get_rotation_quaternion`. */
export function quaternionOf(basis: Basis): Quaternion {
  return quaternionOfBasis(toBasis(rotationRows(basis)));
}

/** First the right transform, then the left one. */
export function multiply3D(a: Transform3D, b: Transform3D): Transform3D {
  return new Transform3D(
    toBasis(multiplyRows(toRows(a.basis), toRows(b.basis))),
    transformPoint3D(a, b.origin),
  );
}

/** A point seen from outside. */
export function transformPoint3D(transform: Transform3D, point: Vector3): Vector3 {
  const turned = turn(toRows(transform.basis), point);
  const { origin } = transform;
  return new Vector3(f(turned.x + origin.x), f(turned.y + origin.y), f(turned.z + origin.z));
}

/** Godot's `affine_inverse`. A basis without volume stays as it is, as in an engine with debug checks. */
export function affineInverse3D(transform: Transform3D): Transform3D {
  const m = toRows(transform.basis);
  const cofactor = (a: number, b: number, c: number, d: number): number =>
    f(f((m[a] ?? 0) * (m[b] ?? 0)) - f((m[c] ?? 0) * (m[d] ?? 0)));
  const co: readonly [number, number, number] = [
    cofactor(4, 8, 5, 7),
    cofactor(5, 6, 3, 8),
    cofactor(3, 7, 4, 6),
  ];
  const { x, y, z } = transform.origin;
  const away = new Vector3(-x, -y, -z);
  const size = f(f(f(m[0] * co[0]) + f(m[1] * co[1])) + f(m[2] * co[2]));
  if (size === 0) return new Transform3D(transform.basis, turn(m, away));
  const s = f(1 / size);
  const inverse: Rows = [
    f(co[0] * s),
    f(cofactor(2, 7, 1, 8) * s),
    f(cofactor(1, 5, 2, 4) * s),
    f(co[1] * s),
    f(cofactor(0, 8, 2, 6) * s),
    f(cofactor(2, 3, 0, 5) * s),
    f(co[2] * s),
    f(cofactor(1, 6, 0, 7) * s),
    f(cofactor(0, 4, 1, 3) * s),
  ];
  return new Transform3D(toBasis(inverse), turn(inverse, away));
}

/** Godot's `orthogonalize`: axes at right angles with the lengths that they had. */
export function orthogonalBasis(basis: Basis): Basis {
  const { x, y, z } = scaleOf3D(basis);
  const axes = orthonormalAxes(basis);
  return new Basis(times(axes.x, x), times(axes.y, y), times(axes.z, z));
}

function eulerRows(euler: Vector3, order: number): Rows {
  const x = axisX(cos(euler.x), sin(euler.x));
  const y = axisY(cos(euler.y), sin(euler.y));
  const z = axisZ(cos(euler.z), sin(euler.z));
  switch (EULER_ORDERS[order]) {
    case 'XYZ':
      return multiplyRows(x, multiplyRows(y, z));
    case 'XZY':
      return multiplyRows(multiplyRows(x, z), y);
    case 'YZX':
      return multiplyRows(multiplyRows(y, z), x);
    case 'ZXY':
      return multiplyRows(multiplyRows(z, x), y);
    case 'ZYX':
      return multiplyRows(multiplyRows(z, y), x);
    default:
      return multiplyRows(multiplyRows(y, x), z);
  }
}

function axisX(c: number, s: number): Rows {
  return [1, 0, 0, 0, c, -s, 0, s, c];
}

function axisY(c: number, s: number): Rows {
  return [c, 0, s, 0, 1, 0, -s, 0, c];
}

function axisZ(c: number, s: number): Rows {
  return [c, -s, 0, s, c, 0, 0, 0, 1];
}

function diagonal({ x, y, z }: Vector3): Rows {
  return [x, 0, 0, 0, y, 0, 0, 0, z];
}

function rotationRows(basis: Basis): Rows {
  const m = toRows(orthonormalAxes(basis));
  return determinant(m) < 0 ? (m.map((value) => -value) as unknown as Rows) : m;
}

function orthonormalAxes(basis: Basis): Basis {
  const x = normalized(basis.x);
  const y = normalized(minus(basis.y, times(x, dot(x, basis.y))));
  const z = normalized(minus(minus(basis.z, times(x, dot(x, basis.z))), times(y, dot(y, basis.z))));
  return new Basis(x, y, z);
}

function eulerAngles(m: Rows, order: number): Vector3 {
  const [m00, m01, m02, m10, m11, m12, m20, m21, m22] = m;
  switch (EULER_ORDERS[order]) {
    case 'XYZ':
      if (m02 >= EDGE) return new Vector3(atan2(m21, m11), HALF_PI, 0);
      if (m02 <= -EDGE) return new Vector3(atan2(m21, m11), -HALF_PI, 0);
      if (m10 === 0 && m01 === 0 && m12 === 0 && m21 === 0 && m11 === 1)
        return new Vector3(0, atan2(m02, m00), 0);
      return new Vector3(atan2(-m12, m22), asin(m02), atan2(-m01, m00));
    case 'XZY':
      if (m01 >= EDGE) return new Vector3(-atan2(m12, m22), 0, -HALF_PI);
      if (m01 <= -EDGE) return new Vector3(-atan2(m12, m22), 0, HALF_PI);
      return new Vector3(atan2(m21, m11), atan2(m02, m00), asin(-m01));
    case 'YZX':
      if (m10 >= EDGE) return new Vector3(atan2(m21, m22), 0, HALF_PI);
      if (m10 <= -EDGE) return new Vector3(atan2(m21, m22), 0, -HALF_PI);
      return new Vector3(atan2(-m12, m11), atan2(-m20, m00), asin(m10));
    case 'ZXY':
      if (m21 >= EDGE) return new Vector3(HALF_PI, atan2(m02, m00), 0);
      if (m21 <= -EDGE) return new Vector3(-HALF_PI, atan2(m02, m00), 0);
      return new Vector3(asin(m21), atan2(-m20, m22), atan2(-m01, m11));
    case 'ZYX':
      if (m20 >= EDGE) return new Vector3(0, -HALF_PI, -atan2(m01, m11));
      if (m20 <= -EDGE) return new Vector3(0, HALF_PI, -atan2(m01, m11));
      return new Vector3(atan2(m21, m22), asin(-m20), atan2(m10, m00));
    default:
      if (m12 >= EDGE) return new Vector3(-HALF_PI, -atan2(m01, m00), 0);
      if (m12 <= -EDGE) return new Vector3(HALF_PI, atan2(m01, m00), 0);
      if (m10 === 0 && m01 === 0 && m02 === 0 && m20 === 0 && m00 === 1)
        return new Vector3(atan2(-m12, m11), 0, 0);
      return new Vector3(asin(-m12), atan2(m02, m22), atan2(m10, m11));
  }
}

function multiplyRows(a: Rows, b: Rows): Rows {
  const cell = (row: number, column: number): number =>
    sum3(
      a[row] ?? 0,
      b[column] ?? 0,
      a[row + 1] ?? 0,
      b[column + 3] ?? 0,
      a[row + 2] ?? 0,
      b[column + 6] ?? 0,
    );
  return [
    cell(0, 0),
    cell(0, 1),
    cell(0, 2),
    cell(3, 0),
    cell(3, 1),
    cell(3, 2),
    cell(6, 0),
    cell(6, 1),
    cell(6, 2),
  ];
}

function turn(m: Rows, { x, y, z }: Vector3): Vector3 {
  return new Vector3(
    sum3(m[0], x, m[1], y, m[2], z),
    sum3(m[3], x, m[4], y, m[5], z),
    sum3(m[6], x, m[7], y, m[8], z),
  );
}

function determinant(m: Rows): number {
  const first = f(m[0] * f(f(m[4] * m[8]) - f(m[7] * m[5])));
  const second = f(m[3] * f(f(m[1] * m[8]) - f(m[7] * m[2])));
  const third = f(m[6] * f(f(m[1] * m[5]) - f(m[4] * m[2])));
  return f(f(first - second) + third);
}

function sum3(a: number, b: number, c: number, d: number, e: number, g: number): number {
  return f(f(f(a * b) + f(c * d)) + f(e * g));
}

function dot(a: Vector3, b: Vector3): number {
  return sum3(a.x, b.x, a.y, b.y, a.z, b.z);
}

function length(vector: Vector3): number {
  return f(Math.sqrt(dot(vector, vector)));
}

function normalized(vector: Vector3): Vector3 {
  const squared = dot(vector, vector);
  if (squared === 0) return new Vector3(0, 0, 0);
  const size = f(Math.sqrt(squared));
  return new Vector3(f(vector.x / size), f(vector.y / size), f(vector.z / size));
}

function times({ x, y, z }: Vector3, factor: number): Vector3 {
  return new Vector3(f(x * factor), f(y * factor), f(z * factor));
}

function minus(a: Vector3, b: Vector3): Vector3 {
  return new Vector3(f(a.x - b.x), f(a.y - b.y), f(a.z - b.z));
}

function toRows({ x, y, z }: Basis): Rows {
  return [x.x, y.x, z.x, x.y, y.y, z.y, x.z, y.z, z.z];
}

function toBasis(m: Rows): Basis {
  return new Basis(
    new Vector3(m[0], m[3], m[6]),
    new Vector3(m[1], m[4], m[7]),
    new Vector3(m[2], m[5], m[8]),
  );
}
