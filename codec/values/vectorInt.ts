/** The integer vectors of Godot 4 (variant-codec.md section 2.1, ids 6, 10, 13). */

import { checkI32 } from './component.ts';

/** Godot's `Vector2i`: two 32-bit integers. Immutable. */
export class Vector2i {
  /** The x component, an i32. */
  readonly x: number;
  /** The y component, an i32. */
  readonly y: number;

  /** The vector of zeros. */
  static readonly ZERO: Vector2i = new Vector2i(0, 0);

  /** The vector of ones. */
  static readonly ONE: Vector2i = new Vector2i(1, 1);

  /**
   * Makes a vector from its components.
   * @throws RangeError if a component is not an i32.
   */
  constructor(x = 0, y = 0) {
    this.x = (x | 0) === x ? x | 0 : checkI32('x', x);
    this.y = (y | 0) === y ? y | 0 : checkI32('y', y);
  }

  /** Whether all components are the same. */
  equals(other: Vector2i): boolean {
    return this.x === other.x && this.y === other.y;
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `(${this.x}, ${this.y})`;
  }
}

/** Godot's `Vector3i`: three 32-bit integers. Immutable. */
export class Vector3i {
  /** The x component, an i32. */
  readonly x: number;
  /** The y component, an i32. */
  readonly y: number;
  /** The z component, an i32. */
  readonly z: number;

  /** The vector of zeros. */
  static readonly ZERO: Vector3i = new Vector3i(0, 0, 0);

  /** The vector of ones. */
  static readonly ONE: Vector3i = new Vector3i(1, 1, 1);

  /**
   * Makes a vector from its components.
   * @throws RangeError if a component is not an i32.
   */
  constructor(x = 0, y = 0, z = 0) {
    this.x = (x | 0) === x ? x | 0 : checkI32('x', x);
    this.y = (y | 0) === y ? y | 0 : checkI32('y', y);
    this.z = (z | 0) === z ? z | 0 : checkI32('z', z);
  }

  /** Whether all components are the same. */
  equals(other: Vector3i): boolean {
    return this.x === other.x && this.y === other.y && this.z === other.z;
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `(${this.x}, ${this.y}, ${this.z})`;
  }
}

/** Godot's `Vector4i`: four 32-bit integers. Immutable. */
export class Vector4i {
  /** The x component, an i32. */
  readonly x: number;
  /** The y component, an i32. */
  readonly y: number;
  /** The z component, an i32. */
  readonly z: number;
  /** The w component, an i32. */
  readonly w: number;

  /** The vector of zeros. */
  static readonly ZERO: Vector4i = new Vector4i(0, 0, 0, 0);

  /** The vector of ones. */
  static readonly ONE: Vector4i = new Vector4i(1, 1, 1, 1);

  /**
   * Makes a vector from its components.
   * @throws RangeError if a component is not an i32.
   */
  constructor(x = 0, y = 0, z = 0, w = 0) {
    this.x = (x | 0) === x ? x | 0 : checkI32('x', x);
    this.y = (y | 0) === y ? y | 0 : checkI32('y', y);
    this.z = (z | 0) === z ? z | 0 : checkI32('z', z);
    this.w = (w | 0) === w ? w | 0 : checkI32('w', w);
  }

  /** Whether all components are the same. */
  equals(other: Vector4i): boolean {
    return this.x === other.x && this.y === other.y && this.z === other.z && this.w === other.w;
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `(${this.x}, ${this.y}, ${this.z}, ${this.w})`;
  }
}
