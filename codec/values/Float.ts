/** A float that stays a float: where a JavaScript number alone would be taken for an int (section 6.1). */

import { realText } from './component.ts';

/** Godot's `float` as an object. Encodes as FLOAT whatever its value; works in arithmetic through `valueOf`. Immutable. */
export class Float {
  /** The number. */
  readonly value: number;
  /** The 64 bits of a NaN other than Godot's NAN constant, which a JavaScript number cannot hold; else `undefined`. */
  readonly nanBits: bigint | undefined;

  /**
   * Wraps a number.
   * @param nanBits the IEEE 754 bits to write when `value` is NaN; ignored otherwise.
   * @throws TypeError for anything but a number (also for a bigint: convert it with `Number`).
   */
  constructor(value: number, nanBits?: bigint) {
    if (typeof value !== 'number') throw new TypeError(`"value" expected a number, got ${typeof value}`);
    this.value = value;
    this.nanBits = nanBits !== undefined && Number.isNaN(value) ? BigInt.asUintN(64, nanBits) : undefined;
  }

  /** Whether both floats are the same for Godot's keys: NaN equals NaN whatever its bits, -0 equals 0. */
  equals(other: Float): boolean {
    return this.value === other.value || (Number.isNaN(this.value) && Number.isNaN(other.value));
  }

  /** The number, so that arithmetic and comparisons work. */
  valueOf(): number {
    return this.value;
  }

  /** Text with a `.0` for whole numbers. */
  toString(): string {
    return realText(this.value);
  }

  /** The number, for `JSON.stringify`. */
  toJSON(): number {
    return this.value;
  }
}

/** Forces a number to be encoded as FLOAT: `varToBytes(float(1))`. */
export function float(value: number): Float {
  return new Float(value);
}
