/** Godot's conversions between rotations, in single precision and in the engine's order of steps. */
import { Quaternion } from './geometry.ts';
import { Basis } from './transform.ts';
import { Vector3 } from './vector.ts';

const f = Math.fround;

/** Godot's `Basis(Quaternion)`. A quaternion of another length than 1 gives the rotation of its direction; zero gives NaN. */
export function basisOfQuaternion({ x, y, z, w }: Quaternion): Basis {
  const squared = f(f(f(f(x * x) + f(y * y)) + f(z * z)) + f(w * w));
  const s = f(2 / squared);
  const [xs, ys, zs] = [f(x * s), f(y * s), f(z * s)];
  const [wx, wy, wz] = [f(w * xs), f(w * ys), f(w * zs)];
  const [xx, xy, xz] = [f(x * xs), f(x * ys), f(x * zs)];
  const [yy, yz, zz] = [f(y * ys), f(y * zs), f(z * zs)];
  return new Basis(
    new Vector3(f(1 - f(yy + zz)), f(xy + wz), f(xz - wy)),
    new Vector3(f(xy - wz), f(1 - f(xx + zz)), f(yz + wx)),
    new Vector3(f(xz + wy), f(yz - wx), f(1 - f(xx + yy))),
  );
}

/**
 * Godot's `Basis.get_quaternion`, as export templates for release compute it: a basis that is no rotation is not
 * refused and gives what the formula gives.
 */
export function quaternionOfBasis(basis: Basis): Quaternion {
  const { x, y, z } = basis;
  // By rows: m[row][column].
  const m = [x.x, y.x, z.x, x.y, y.y, z.y, x.z, y.z, z.z] as const;
  const trace = f(f(m[0] + m[4]) + m[8]);
  if (trace > 0) {
    const root = f(Math.sqrt(f(trace + 1)));
    const s = f(0.5 / root);
    return new Quaternion(f(f(m[7] - m[5]) * s), f(f(m[2] - m[6]) * s), f(f(m[3] - m[1]) * s), f(root * 0.5));
  }
  const i = m[0] < m[4] ? (m[4] < m[8] ? 2 : 1) : m[0] < m[8] ? 2 : 0;
  const j = (i + 1) % 3;
  const k = (i + 2) % 3;
  const at = (row: number, column: number): number => m[3 * row + column] ?? 0;
  const root = f(Math.sqrt(f(f(f(at(i, i) - at(j, j)) - at(k, k)) + 1)));
  const s = f(0.5 / root);
  const parts = [0, 0, 0];
  parts[i] = f(root * 0.5);
  parts[j] = f(f(at(j, i) + at(i, j)) * s);
  parts[k] = f(f(at(k, i) + at(i, k)) * s);
  return new Quaternion(parts[0], parts[1], parts[2], f(f(at(k, j) - at(j, k)) * s));
}
