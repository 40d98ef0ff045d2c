/** Color of Godot 4 (variant-codec.md section 2.1, id 20). Always single precision on the wire. */

import { approxReal, realText, sameReal } from './component.ts';

/** Godot's `Color`: red, green, blue and opacity. Immutable. */
export class Color {
  /** Red, usually 0 to 1. */
  readonly r: number;
  /** Green, usually 0 to 1. */
  readonly g: number;
  /** Blue, usually 0 to 1. */
  readonly b: number;
  /** Opacity, usually 0 to 1. */
  readonly a: number;

  /** Makes the value from its parts, in Godot's argument order; components are kept as given. */
  constructor(r = 0, g = 0, b = 0, a = 1) {
    this.r = r;
    this.g = g;
    this.b = b;
    this.a = a;
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: Color): boolean {
    return (
      sameReal(this.r, other.r) &&
      sameReal(this.g, other.g) &&
      sameReal(this.b, other.b) &&
      sameReal(this.a, other.a)
    );
  }

  /** Godot's `is_equal_approx`: right for comparing with a value that went through single precision. */
  isEqualApprox(other: Color): boolean {
    return (
      approxReal(this.r, other.r) &&
      approxReal(this.g, other.g) &&
      approxReal(this.b, other.b) &&
      approxReal(this.a, other.a)
    );
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `(${realText(this.r)}, ${realText(this.g)}, ${realText(this.b)}, ${realText(this.a)})`;
  }
}
