/** The vectors of Godot 4 (variant-codec.md section 2.1, ids 5, 9, 12). */

import { approxReal, realText, sameReal } from './component.ts';

/** Godot's `Vector2`: two reals. Immutable. */
export class Vector2 {
  /** The x component. */
  readonly x: number;
  /** The y component. */
  readonly y: number;

  /** The vector of zeros. */
  static readonly ZERO: Vector2 = new Vector2(0, 0);

  /** The vector of ones. */
  static readonly ONE: Vector2 = new Vector2(1, 1);

  /** Makes a vector from its components; they are kept as given, not rounded to single precision. */
  constructor(x = 0, y = 0) {
    this.x = x;
    this.y = y;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Vector2): boolean {
    return sameReal(this.x, other.x) && sameReal(this.y, other.y);
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Vector2): boolean {
    return approxReal(this.x, other.x) && approxReal(this.y, other.y);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `(${realText(this.x)}, ${realText(this.y)})`;
  }
}

/** Godot's `Vector3`: three reals. Immutable. */
export class Vector3 {
  /** The x component. */
  readonly x: number;
  /** The y component. */
  readonly y: number;
  /** The z component. */
  readonly z: number;

  /** The vector of zeros. */
  static readonly ZERO: Vector3 = new Vector3(0, 0, 0);

  /** The vector of ones. */
  static readonly ONE: Vector3 = new Vector3(1, 1, 1);

  /** Makes a vector from its components; they are kept as given, not rounded to single precision. */
  constructor(x = 0, y = 0, z = 0) {
    this.x = x;
    this.y = y;
    this.z = z;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Vector3): boolean {
    return sameReal(this.x, other.x) && sameReal(this.y, other.y) && sameReal(this.z, other.z);
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Vector3): boolean {
    return approxReal(this.x, other.x) && approxReal(this.y, other.y) && approxReal(this.z, other.z);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `(${realText(this.x)}, ${realText(this.y)}, ${realText(this.z)})`;
  }
}

/** Godot's `Vector4`: four reals. Immutable. */
export class Vector4 {
  /** The x component. */
  readonly x: number;
  /** The y component. */
  readonly y: number;
  /** The z component. */
  readonly z: number;
  /** The w component. */
  readonly w: number;

  /** The vector of zeros. */
  static readonly ZERO: Vector4 = new Vector4(0, 0, 0, 0);

  /** The vector of ones. */
  static readonly ONE: Vector4 = new Vector4(1, 1, 1, 1);

  /** Makes a vector from its components; they are kept as given, not rounded to single precision. */
  constructor(x = 0, y = 0, z = 0, w = 0) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.w = w;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Vector4): boolean {
    return (
      sameReal(this.x, other.x) &&
      sameReal(this.y, other.y) &&
      sameReal(this.z, other.z) &&
      sameReal(this.w, other.w)
    );
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Vector4): boolean {
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
