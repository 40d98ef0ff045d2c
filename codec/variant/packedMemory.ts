/**
 * The numbers of packed arrays in memory: as views of the caller's bytes, as copies of them, and back. The wire is little-endian
 * (variant-codec.md section 0) and keeps no alignment (section 2.1).
 */

import { IS_LITTLE_ENDIAN, swapBytes } from '../byteBuffer.ts';
import { PackedNumbers } from '../values/packed.ts';
import type { PackedValue } from '../values/variantValue.ts';

/** A typed array of numbers. */
export type NumberArray = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** The class of a {@link NumberArray}. */
export interface NumberArrayClass<T extends NumberArray> {
  /** Bytes of one number. */
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (numbers: T): T;
  new (buffer: ArrayBufferLike, start: number, length: number): T;
}

/**
 * Whether a packed array that was decoded with the option `borrow` is a view of the bytes it was decoded from. A view is
 * right as long as nobody writes to those bytes; what is written to it, is written to them.
 *
 * @param packed A decoded packed array.
 * @param bytes What was given to the decoder.
 * @returns `false` for a copy, which belongs to the caller, and for anything that is no array of numbers.
 */
export function isBorrowed(packed: PackedValue, bytes: Uint8Array): boolean {
  const numbers = packed instanceof PackedNumbers ? packed.data : packed;
  return ArrayBuffer.isView(numbers) && numbers.buffer === bytes.buffer;
}

/** Up to here V8 keeps the bytes of a typed array beside the array: then a copy is cheaper than asking for its `buffer`. */
export const SMALL_BYTES = 64;

/**
 * `count` numbers that begin at any offset.
 *
 * @param borrows Give a view where the numbers are aligned; only where {@link IS_LITTLE_ENDIAN}.
 * @param isNative Whether this machine keeps numbers as the wire does.
 */
export function numbersAt<T extends NumberArray>(
  bytes: Uint8Array,
  offset: number,
  count: number,
  Numbers: NumberArrayClass<T>,
  borrows: boolean,
  isNative: boolean = IS_LITTLE_ENDIAN,
): T {
  const width = Numbers.BYTES_PER_ELEMENT;
  const start = bytes.byteOffset + offset;
  const isAligned = (start & (width - 1)) === 0;
  if (isNative && isAligned) {
    const view = new Numbers(bytes.buffer, start, count);
    // A copy of a typed array is made without zeros first.
    return borrows ? view : new Numbers(view);
  }
  const size = count * width;
  if (size > STAGE.length) {
    const owned = new Uint8Array(new Uint8Array(bytes.buffer, start, size));
    if (!isNative) swapBytes(owned, width);
    return new Numbers(owned.buffer, 0, count);
  }
  // By way of memory that is aligned: copied twice, but only one array is made.
  if (size <= SMALL_BYTES) {
    for (let index = 0; index < size; index++) STAGE[index] = bytes[offset + index] as number;
  } else {
    STAGE.set(new Uint8Array(bytes.buffer, start, size));
  }
  if (!isNative) swapBytes(STAGE.subarray(0, size), width);
  return new Numbers(new Numbers(STAGE.buffer, 0, count));
}

const STAGE = new Uint8Array(65_536);

/** Puts the bytes of numbers as the wire has them at an offset of `target`, where there is room. The two may overlap. */
export function putNumbers(
  target: Uint8Array,
  offset: number,
  numbers: NumberArray,
  isNative: boolean = IS_LITTLE_ENDIAN,
): void {
  const size = numbers.byteLength;
  target.set(new Uint8Array(numbers.buffer, numbers.byteOffset, size), offset);
  if (!isNative) swapBytes(target.subarray(offset, offset + size), numbers.BYTES_PER_ELEMENT);
}
