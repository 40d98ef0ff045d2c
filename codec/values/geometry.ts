/** Rectangles, boxes, planes and quaternions of Godot 4 (variant-codec.md section 2.1, ids 7, 8, 14 to 16). */

import { approxReal, realText, sameReal } from './component.ts';
import { Vector2, Vector3 } from './vector.ts';
import { Vector2i } from './vectorInt.ts';

/** Godot's `Rect2`: an axis-aligned rectangle of reals. Immutable. */
export class Rect2 {
  /** The corner with the smallest coordinates. */
  readonly position: Vector2;
  /** Width and height. */
  readonly size: Vector2;

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(position: Vector2 = Vector2.ZERO, size: Vector2 = Vector2.ZERO) {
    this.position = position;
    this.size = size;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Rect2): boolean {
    return this.position.equals(other.position) && this.size.equals(other.size);
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Rect2): boolean {
    return this.position.isEqualApprox(other.position) && this.size.isEqualApprox(other.size);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[P: ${this.position.toString()}, S: ${this.size.toString()}]`;
  }
}

/** Godot's `Rect2i`: an axis-aligned rectangle of 32-bit integers. Immutable. */
export class Rect2i {
  /** The corner with the smallest coordinates. */
  readonly position: Vector2i;
  /** Width and height. */
  readonly size: Vector2i;

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(position: Vector2i = Vector2i.ZERO, size: Vector2i = Vector2i.ZERO) {
    this.position = position;
    this.size = size;
  }

  /** Whether all components are the same. */
  equals(other: Rect2i): boolean {
    return this.position.equals(other.position) && this.size.equals(other.size);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[P: ${this.position.toString()}, S: ${this.size.toString()}]`;
  }
}

/** Godot's `Plane`: a plane in Hessian normal form. Immutable. */
export class Plane {
  /** The normal, usually of length 1. */
  readonly normal: Vector3;
  /** The distance from the origin along the normal. */
  readonly d: number;

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(normal: Vector3 = Vector3.ZERO, d = 0) {
    this.normal = normal;
    this.d = d;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Plane): boolean {
    return this.normal.equals(other.normal) && sameReal(this.d, other.d);
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Plane): boolean {
    return this.normal.isEqualApprox(other.normal) && approxReal(this.d, other.d);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[N: ${this.normal.toString()}, D: ${realText(this.d)}]`;
  }
}

/** Godot's `Quaternion`: a rotation in 3D. Immutable. */
export class Quaternion {
  /** The x component. */
  readonly x: number;
  /** The y component. */
  readonly y: number;
  /** The z component. */
  readonly z: number;
  /** The w component. */
  readonly w: number;

  /** No rotation. */
  static readonly IDENTITY: Quaternion = new Quaternion();

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(x = 0, y = 0, z = 0, w = 1) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.w = w;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Quaternion): boolean {
    return (
      sameReal(this.x, other.x) &&
      sameReal(this.y, other.y) &&
      sameReal(this.z, other.z) &&
      sameReal(this.w, other.w)
    );
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Quaternion): boolean {
    return (
      approxReal(this.x, other.x) &&
      approxReal(this.y, other.y) &&
      approxReal(this.z, other.z) &&
      approxReal(this.w, other.w)
    );
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `(${realText(this.x)}, ${realText(this.y)}, ${realText(this.z)}, ${realText(this.w)})`;
  }
}

/** Godot's `AABB`: an axis-aligned box. Immutable. */
export class AABB {
  /** The corner with the smallest coordinates. */
  readonly position: Vector3;
  /** The extents. */
  readonly size: Vector3;

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(position: Vector3 = Vector3.ZERO, size: Vector3 = Vector3.ZERO) {
    this.position = position;
    this.size = size;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: AABB): boolean {
    return this.position.equals(other.position) && this.size.equals(other.size);
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: AABB): boolean {
    return this.position.isEqualApprox(other.position) && this.size.isEqualApprox(other.size);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[P: ${this.position.toString()}, S: ${this.size.toString()}]`;
  }
}
