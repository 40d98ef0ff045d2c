/**
 * Packed arrays without a native counterpart (variant-codec.md section 2.1, ids 34 to 38). Bytes, ints and floats are
 * Uint8Array, Int32Array, BigInt64Array, Float32Array and Float64Array.
 */

import { Color } from './Color.ts';
import { sameReal } from './component.ts';
import { Vector2, Vector3, Vector4 } from './vector.ts';

/** What the packed arrays of vectors and colors share: flat numbers, `stride` of them per element. */
export abstract class PackedNumbers<T> implements Iterable<T> {
  /** The components one after the other; not copied, so writing here changes the array. */
  readonly data: Float32Array | Float64Array;
  /** How many numbers make one element. */
  readonly stride: number;

  /**
   * Takes flat numbers (kept, not copied) or elements (copied, to a Float32Array if that loses nothing, else to a
   * Float64Array).
   * @throws RangeError if the count of numbers is not a multiple of the stride; TypeError for other elements.
   */
  constructor(stride: number, source: Float32Array | Float64Array | Iterable<T>) {
    this.stride = stride;
    if (source instanceof Float32Array || source instanceof Float64Array) {
      if (source.length % stride !== 0) {
        throw new RangeError(`"source" expected a multiple of ${stride} numbers, got ${source.length}`);
      }
      this.data = source;
    } else {
      const numbers: number[] = [];
      for (const element of source) this.unpack(element, numbers);
      if (!numbers.every((number) => typeof number === 'number')) {
        throw new TypeError(
          '"source" expected elements of its own class, or flat numbers as a Float32Array or Float64Array',
        );
      }
      const single = Float32Array.from(numbers);
      const isExact = single.every((value, index) => sameReal(value, numbers[index] ?? 0));
      this.data = isExact ? single : Float64Array.from(numbers);
    }
  }

  /** The element that starts at a position of {@link data}. */
  protected abstract pack(start: number): T;
  /** Appends the components of an element. */
  protected abstract unpack(element: T, into: number[]): void;

  /** How many elements there are. */
  get length(): number {
    return this.data.length / this.stride;
  }

  /** The element at an index, counted from the end if negative; `undefined` outside. Makes a new object each time. */
  at(index: number): T | undefined {
    const whole = Math.trunc(index) || 0;
    const position = whole < 0 ? whole + this.length : whole;
    return position >= 0 && position < this.length ? this.pack(position * this.stride) : undefined;
  }

  /** The elements as a plain array. */
  toArray(): T[] {
    return [...this];
  }

  /** Iterates over the elements; each is a new object. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let start = 0; start < this.data.length; start += this.stride) yield this.pack(start);
  }

  /** Whether all components are the same; NaN equals NaN and -0 equals 0. */
  equals(other: PackedNumbers<T>): boolean {
    if (this.stride !== other.stride || this.data.length !== other.data.length) return false;
    for (let index = 0; index < this.data.length; index++) {
      if (!sameReal(this.data[index] ?? 0, other.data[index] ?? 0)) return false;
    }
    return true;
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[${this.toArray().join(', ')}]`;
  }
}

/** Godot's `PackedVector2Array`. */
export class PackedVector2Array extends PackedNumbers<Vector2> {
  /** Takes flat numbers x, y, x, y ... (kept) or vectors (copied). */
  constructor(source: Float32Array | Float64Array | Iterable<Vector2> = []) {
    super(2, source);
  }

  protected override pack(start: number): Vector2 {
    return new Vector2(this.data[start], this.data[start + 1]);
  }

  protected override unpack(element: Vector2, into: number[]): void {
    into.push(element.x, element.y);
  }
}

/** Godot's `PackedVector3Array`. */
export class PackedVector3Array extends PackedNumbers<Vector3> {
  /** Takes flat numbers x, y, z, x ... (kept) or vectors (copied). */
  constructor(source: Float32Array | Float64Array | Iterable<Vector3> = []) {
    super(3, source);
  }

  protected override pack(start: number): Vector3 {
    return new Vector3(this.data[start], this.data[start + 1], this.data[start + 2]);
  }

  protected override unpack(element: Vector3, into: number[]): void {
    into.push(element.x, element.y, element.z);
  }
}

/** Godot's `PackedVector4Array`, since 4.3. */
export class PackedVector4Array extends PackedNumbers<Vector4> {
  /** Takes flat numbers x, y, z, w, x ... (kept) or vectors (copied). */
  constructor(source: Float32Array | Float64Array | Iterable<Vector4> = []) {
    super(4, source);
  }

  protected override pack(start: number): Vector4 {
    return new Vector4(this.data[start], this.data[start + 1], this.data[start + 2], this.data[start + 3]);
  }

  protected override unpack(element: Vector4, into: number[]): void {
    into.push(element.x, element.y, element.z, element.w);
  }
}

/** Godot's `PackedColorArray`. */
export class PackedColorArray extends PackedNumbers<Color> {
  /** Takes flat numbers r, g, b, a, r ... (kept) or colors (copied). */
  constructor(source: Float32Array | Float64Array | Iterable<Color> = []) {
    super(4, source);
  }

  protected override pack(start: number): Color {
    return new Color(this.data[start], this.data[start + 1], this.data[start + 2], this.data[start + 3]);
  }

  protected override unpack(element: Color, into: number[]): void {
    into.push(element.r, element.g, element.b, element.a);
  }
}

/** Godot's `PackedStringArray`: strings of its own array type. */
export class PackedStringArray implements Iterable<string> {
  /** The strings in order. */
  readonly values: readonly string[];

  /** Copies the strings. */
  constructor(values: Iterable<string> = []) {
    this.values = [...values];
  }

  /** How many strings there are. */
  get length(): number {
    return this.values.length;
  }

  /** The string at an index, counted from the end if negative; `undefined` outside. */
  at(index: number): string | undefined {
    return this.values.at(index);
  }

  /** The strings as a new plain array. */
  toArray(): string[] {
    return [...this.values];
  }

  /** Iterates over the strings. */
  [Symbol.iterator](): IterableIterator<string> {
    return this.values[Symbol.iterator]();
  }

  /** Whether the strings are the same in the same order. */
  equals(other: PackedStringArray): boolean {
    return this.length === other.length && this.values.every((value, index) => value === other.values[index]);
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `[${this.values.map((value) => JSON.stringify(value)).join(', ')}]`;
  }
}
