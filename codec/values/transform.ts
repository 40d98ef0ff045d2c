/** The matrices of Godot 4 (variant-codec.md section 2.1, ids 11, 17 to 19), held column by column as Godot's API does. */

import { Vector2, Vector3, Vector4 } from './vector.ts';

/** Godot's `Transform2D`: a 2x3 matrix. Immutable. */
export class Transform2D {
  /** The x axis (first column). */
  readonly x: Vector2;
  /** The y axis (second column). */
  readonly y: Vector2;
  /** The translation (third column). */
  readonly origin: Vector2;

  /** The transform that changes nothing. */
  static readonly IDENTITY: Transform2D = new Transform2D();

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(
    x: Vector2 = new Vector2(1, 0),
    y: Vector2 = new Vector2(0, 1),
    origin: Vector2 = Vector2.ZERO,
  ) {
    this.x = x;
    this.y = y;
    this.origin = origin;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Transform2D): boolean {
    return this.x.equals(other.x) && this.y.equals(other.y) && this.origin.equals(other.origin);
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Transform2D): boolean {
    return (
      this.x.isEqualApprox(other.x) &&
      this.y.isEqualApprox(other.y) &&
      this.origin.isEqualApprox(other.origin)
    );
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[X: ${this.x.toString()}, Y: ${this.y.toString()}, O: ${this.origin.toString()}]`;
  }
}

/** Godot's `Basis`: a 3x3 matrix. On the wire it is written row by row. Immutable. */
export class Basis {
  /** The x axis (first column). */
  readonly x: Vector3;
  /** The y axis (second column). */
  readonly y: Vector3;
  /** The z axis (third column). */
  readonly z: Vector3;

  /** The basis that changes nothing. */
  static readonly IDENTITY: Basis = new Basis();

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(
    x: Vector3 = new Vector3(1, 0, 0),
    y: Vector3 = new Vector3(0, 1, 0),
    z: Vector3 = new Vector3(0, 0, 1),
  ) {
    this.x = x;
    this.y = y;
    this.z = z;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Basis): boolean {
    return this.x.equals(other.x) && this.y.equals(other.y) && this.z.equals(other.z);
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Basis): boolean {
    return this.x.isEqualApprox(other.x) && this.y.isEqualApprox(other.y) && this.z.isEqualApprox(other.z);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[X: ${this.x.toString()}, Y: ${this.y.toString()}, Z: ${this.z.toString()}]`;
  }
}

/** Godot's `Transform3D`: a 3x4 matrix. Immutable. */
export class Transform3D {
  /** Rotation, scale and shear. */
  readonly basis: Basis;
  /** The translation. */
  readonly origin: Vector3;

  /** The transform that changes nothing. */
  static readonly IDENTITY: Transform3D = new Transform3D();

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(basis: Basis = Basis.IDENTITY, origin: Vector3 = Vector3.ZERO) {
    this.basis = basis;
    this.origin = origin;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Transform3D): boolean {
    return this.basis.equals(other.basis) && this.origin.equals(other.origin);
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Transform3D): boolean {
    return this.basis.isEqualApprox(other.basis) && this.origin.isEqualApprox(other.origin);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[X: ${this.basis.x.toString()}, Y: ${this.basis.y.toString()}, Z: ${this.basis.z.toString()}, O: ${this.origin.toString()}]`;
  }
}

/** Godot's `Projection`: a 4x4 matrix. Immutable. */
export class Projection {
  /** The first column. */
  readonly x: Vector4;
  /** The second column. */
  readonly y: Vector4;
  /** The third column. */
  readonly z: Vector4;
  /** The fourth column. */
  readonly w: Vector4;

  /** The projection that changes nothing. */
  static readonly IDENTITY: Projection = new Projection();

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(
    x: Vector4 = new Vector4(1, 0, 0, 0),
    y: Vector4 = new Vector4(0, 1, 0, 0),
    z: Vector4 = new Vector4(0, 0, 1, 0),
    w: Vector4 = new Vector4(0, 0, 0, 1),
  ) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.w = w;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Projection): boolean {
    return (
      this.x.equals(other.x) && this.y.equals(other.y) && this.z.equals(other.z) && this.w.equals(other.w)
    );
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Projection): boolean {
    return (
      this.x.isEqualApprox(other.x) &&
      this.y.isEqualApprox(other.y) &&
      this.z.isEqualApprox(other.z) &&
      this.w.isEqualApprox(other.w)
    );
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[X: ${this.x.toString()}, Y: ${this.y.toString()}, Z: ${this.z.toString()}, W: ${this.w.toString()}]`;
  }
}
