/**
 * Godot's arithmetic of Node2D, in single precision and in the engine's order of steps, so that the bits are the engine's.
 *
 * Additions, products, divisions and square roots are exact this way on every machine. Sine, cosine and the arc functions
 * come from the engine's C library, whose single-precision results are the correctly rounded ones but for rare cases in
 * the last bit; they are not in the spec. A compiler that fuses multiplications and additions (ARM) gives other last bits.
 */
import { Transform2D, Vector2 } from '../../codec/index.ts';

const f = Math.fround;
/** Godot's CMP_EPSILON: what a scale of zero becomes. */
export const EPSILON: number = f(0.00001);
const HALF_PI = f(Math.PI / 2);

/** A sine in single precision. */
export function sin(angle: number): number {
  return f(Math.sin(angle));
}

/** A cosine in single precision. */
export function cos(angle: number): number {
  return f(Math.cos(angle));
}

/** An angle in single precision. */
export function atan2(y: number, x: number): number {
  return f(Math.atan2(y, x));
}

/** An arc sine in single precision, clamped as the engine does. */
export function asin(x: number): number {
  return x < -1 ? -HALF_PI : x > 1 ? HALF_PI : f(Math.asin(x));
}

/** An arc cosine in single precision, clamped as the engine does. */
export function acos(x: number): number {
  return x < -1 ? f(Math.PI) : x > 1 ? 0 : f(Math.acos(x));
}

/** Degrees as radians, in single precision. */
export function degToRad(degrees: number): number {
  return f(f(degrees) * f(Math.PI / 180));
}

/** Radians as degrees, in single precision. */
export function radToDeg(radians: number): number {
  return f(radians * f(180 / Math.PI));
}

/** a * b + c * d in single precision. */
export function sum2(a: number, b: number, c: number, d: number): number {
  return f(f(a * b) + f(c * d));
}

/** The transform of a Node2D whose parts are known. */
export function composeTransform2D(
  rotation: number,
  scale: Vector2,
  skew: number,
  position: Vector2,
): Transform2D {
  const tilted = f(rotation + skew);
  return new Transform2D(
    new Vector2(f(cos(rotation) * scale.x), f(sin(rotation) * scale.x)),
    new Vector2(f(-sin(tilted) * scale.y), f(cos(tilted) * scale.y)),
    position,
  );
}

/** The angle of the x axis. */
export function rotationOf(transform: Transform2D): number {
  return atan2(transform.x.y, transform.x.x);
}

/** The lengths of the axes, the second one negative for a mirrored transform. */
export function scaleOf(transform: Transform2D): Vector2 {
  return new Vector2(length(transform.x), f(Math.sign(determinant(transform)) * length(transform.y)));
}

/** How far the y axis is from standing upright on the x axis, radians. */
export function skewOf(transform: Transform2D): number {
  const sign = Math.sign(determinant(transform));
  const x = normalized(transform.x);
  const y = normalized(transform.y);
  return f(acos(sum2(x.x, f(sign * y.x), x.y, f(sign * y.y))) - f(f(Math.PI) * 0.5));
}

/** First the right transform, then the left one. */
export function multiply2D(a: Transform2D, b: Transform2D): Transform2D {
  return new Transform2D(basisTransform(a, b.x), basisTransform(a, b.y), transformPoint2D(a, b.origin));
}

/** A point seen from outside. */
export function transformPoint2D(transform: Transform2D, point: Vector2): Vector2 {
  const turned = basisTransform(transform, point);
  return new Vector2(f(turned.x + transform.origin.x), f(turned.y + transform.origin.y));
}

/** Godot's `affine_inverse`. A transform without area is given back as it is, as by an engine with debug checks. */
export function affineInverse2D(transform: Transform2D): Transform2D {
  const { x, y, origin } = transform;
  const area = determinant(transform);
  if (area === 0) return transform;
  const inverse = f(1 / area);
  const turned = new Transform2D(
    new Vector2(f(y.y * inverse), f(x.y * -inverse)),
    new Vector2(f(y.x * -inverse), f(x.x * inverse)),
  );
  return new Transform2D(turned.x, turned.y, basisTransform(turned, new Vector2(-origin.x, -origin.y)));
}

/** Godot's `set_rotation`: another angle, the same scale. */
export function withRotation(transform: Transform2D, angle: number): Transform2D {
  const turned = new Transform2D(
    new Vector2(cos(angle), sin(angle)),
    new Vector2(f(-sin(angle)), cos(angle)),
    transform.origin,
  );
  return withScale(turned, scaleOf(transform));
}

/** Godot's `set_scale`: the same axes with other lengths. */
export function withScale(transform: Transform2D, scale: Vector2): Transform2D {
  const x = normalized(transform.x);
  const y = normalized(transform.y);
  return new Transform2D(
    new Vector2(f(x.x * scale.x), f(x.y * scale.x)),
    new Vector2(f(y.x * scale.y), f(y.y * scale.y)),
    transform.origin,
  );
}

/** Godot's `set_skew`: the y axis turned to another angle, as long as it was. */
export function withSkew(transform: Transform2D, skew: number): Transform2D {
  const { x, y, origin } = transform;
  const angle = f(f(f(Math.PI) * 0.5) + skew);
  const [c, s] = [cos(angle), sin(angle)];
  const turned = normalized(new Vector2(f(f(x.x * c) - f(x.y * s)), f(f(x.x * s) + f(x.y * c))));
  const sign = Math.sign(determinant(transform));
  const size = length(y);
  return new Transform2D(x, new Vector2(f(f(turned.x * sign) * size), f(f(turned.y * sign) * size)), origin);
}

function basisTransform(transform: Transform2D, point: Vector2): Vector2 {
  return new Vector2(
    sum2(transform.x.x, point.x, transform.y.x, point.y),
    sum2(transform.x.y, point.x, transform.y.y, point.y),
  );
}

function determinant({ x, y }: Transform2D): number {
  return f(f(x.x * y.y) - f(x.y * y.x));
}

function length({ x, y }: Vector2): number {
  return f(Math.sqrt(sum2(x, x, y, y)));
}

function normalized(vector: Vector2): Vector2 {
  const squared = sum2(vector.x, vector.x, vector.y, vector.y);
  if (squared === 0) return new Vector2(0, 0);
  const size = f(Math.sqrt(squared));
  return new Vector2(f(vector.x / size), f(vector.y / size));
}
