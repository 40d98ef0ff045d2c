/** Between two transforms, as Godot's `interpolate_with`: turned, scaled and moved evenly. */
import { Quaternion, Transform2D, Transform3D, Vector2, Vector3 } from '../../codec/index.ts';
import {
  basisFromQuaternion,
  composeTransform2D,
  quaternionOf,
  rotationOf,
  scaleOf,
  scaleOf3D,
  skewOf,
} from '../../schema/internal.ts';

/** `weight` 0: the first; 1: the second. Of two kinds, the first. */
export function blendTransforms(
  a: Transform2D | Transform3D,
  b: Transform2D | Transform3D,
  weight: number,
): Transform2D | Transform3D {
  if (a instanceof Transform2D) return b instanceof Transform2D ? blend2D(a, b, weight) : a;
  return b instanceof Transform3D ? blend3D(a, b, weight) : a;
}

/** Evenly from one place to another. Of two kinds, the first. */
export function blendPositions(
  a: Vector2 | Vector3,
  b: Vector2 | Vector3,
  weight: number,
): Vector2 | Vector3 {
  if (a instanceof Vector2) return b instanceof Vector2 ? blendVector2(a, b, weight) : a;
  return b instanceof Vector3 ? blendVector3(a, b, weight) : a;
}

/** Evenly from one number to another. */
export function blendNumbers(a: number, b: number, weight: number): number {
  return a + (b - a) * weight;
}

function blend2D(a: Transform2D, b: Transform2D, weight: number): Transform2D {
  return composeTransform2D(
    blendAngles(rotationOf(a), rotationOf(b), weight),
    blendVector2(scaleOf(a), scaleOf(b), weight),
    blendAngles(skewOf(a), skewOf(b), weight),
    blendVector2(a.origin, b.origin, weight),
  );
}

function blend3D(a: Transform3D, b: Transform3D, weight: number): Transform3D {
  const turned = slerp(quaternionOf(a.basis), quaternionOf(b.basis), weight);
  const scale = blendVector3(scaleOf3D(a.basis), scaleOf3D(b.basis), weight);
  return new Transform3D(basisFromQuaternion(turned, scale), blendVector3(a.origin, b.origin, weight));
}

/** The shorter way round. */
function blendAngles(a: number, b: number, weight: number): number {
  const difference = (b - a) % TURN;
  return a + (((2 * difference) % TURN) - difference) * weight;
}

function blendVector2(a: Vector2, b: Vector2, weight: number): Vector2 {
  return new Vector2(blendNumbers(a.x, b.x, weight), blendNumbers(a.y, b.y, weight));
}

function blendVector3(a: Vector3, b: Vector3, weight: number): Vector3 {
  return new Vector3(
    blendNumbers(a.x, b.x, weight),
    blendNumbers(a.y, b.y, weight),
    blendNumbers(a.z, b.z, weight),
  );
}

/** The shorter way on the sphere; of nearly equal ones the straight way. */
function slerp(a: Quaternion, b: Quaternion, weight: number): Quaternion {
  const dot = a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
  const angle = Math.acos(Math.min(1, Math.abs(dot)));
  const isFar = angle > STRAIGHT_ANGLE;
  const from = isFar ? Math.sin((1 - weight) * angle) / Math.sin(angle) : 1 - weight;
  const to = (isFar ? Math.sin(weight * angle) / Math.sin(angle) : weight) * (dot < 0 ? -1 : 1);
  return new Quaternion(
    from * a.x + to * b.x,
    from * a.y + to * b.y,
    from * a.z + to * b.z,
    from * a.w + to * b.w,
  );
}

const TURN = 2 * Math.PI;
const STRAIGHT_ANGLE = 1e-4;
