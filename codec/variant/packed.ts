/** Packed arrays (variant-codec.md section 2.1, ids 29 to 38; checks of 3.2, leniencies of 3.3). */

import { IS_LITTLE_ENDIAN } from '../byteBuffer.ts';
import {
  PackedColorArray,
  PackedNumbers,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
} from '../values/packed.ts';
import { objectType } from '../values/typeOf.ts';
import { VariantType, type VariantTypeId } from '../values/variantTypes.ts';
import type { PackedValue } from '../values/variantValue.ts';
import { FLAG_64 } from './header.ts';
import { NAN32, NAN64_HIGH, narrowNan, widenNan } from './nan.ts';
import type { ResolvedDecodeOptions, ResolvedEncodeOptions } from './options.ts';
import {
  type NumberArray,
  type NumberArrayClass,
  numbersAt,
  putNumbers,
  SMALL_BYTES,
} from './packedMemory.ts';
import type { VariantReader } from './reader.ts';
import { EncodeFailure, type VariantWriter } from './writer.ts';

/** Reads the body of a packed array. All memory is the caller's own, unless the option `borrow` asks for views. */
export function readPacked(r: VariantReader, type: number, header: number): PackedValue {
  switch (type) {
    case VariantType.PACKED_BYTE_ARRAY:
      return readBytes(r);
    case VariantType.PACKED_INT32_ARRAY:
      return readNumbers(r, type, 1, Int32Array);
    case VariantType.PACKED_INT64_ARRAY:
      return readNumbers(r, type, 1, BigInt64Array);
    case VariantType.PACKED_FLOAT32_ARRAY:
      return readNumbers(r, type, 1, Float32Array);
    case VariantType.PACKED_FLOAT64_ARRAY:
      return readNumbers(r, type, 1, Float64Array);
    case VariantType.PACKED_STRING_ARRAY:
      return readStrings(r);
    case VariantType.PACKED_VECTOR2_ARRAY:
      return new PackedVector2Array(readComponents(r, type, 2, header));
    case VariantType.PACKED_VECTOR3_ARRAY:
      return new PackedVector3Array(readComponents(r, type, 3, header));
    case VariantType.PACKED_VECTOR4_ARRAY:
      return new PackedVector4Array(readComponents(r, type, 4, header));
    default:
      return new PackedColorArray(readComponents(r, VariantType.PACKED_COLOR_ARRAY, 4, 0));
  }
}

/**
 * A packed array of numbers that is the whole of a message longer than {@link SMALL_BYTES}, without the copy of the message that
 * reading begins with. `undefined` for anything else, damaged ones included: {@link readPacked} says what is wrong.
 */
export function readBulk(bytes: Uint8Array, options: ResolvedDecodeOptions): PackedValue | undefined {
  const left = bytes.length - 8;
  if (left <= SMALL_BYTES - 8 || options.minor < 3) return undefined;
  // The indexes are inside the array.
  const type = bytes[0] as number;
  const isDouble = ((bytes[2] as number) & 1) !== 0;
  const count = wordAt(bytes, 4);
  // No element takes less; what passes as too many is looked at again by its own size.
  if (type < VariantType.PACKED_BYTE_ARRAY || count < 0 || count > left) return undefined;
  const { borrow } = options;
  switch (type) {
    case VariantType.PACKED_BYTE_ARRAY:
      return numbersAt(bytes, 8, count, Uint8Array, borrow);
    case VariantType.PACKED_INT32_ARRAY:
      return count * 4 > left ? undefined : numbersAt(bytes, 8, count, Int32Array, borrow);
    case VariantType.PACKED_INT64_ARRAY:
      return count * 8 > left ? undefined : numbersAt(bytes, 8, count, BigInt64Array, borrow);
    case VariantType.PACKED_FLOAT32_ARRAY:
      return count * 4 > left ? undefined : numbersAt(bytes, 8, count, Float32Array, borrow);
    case VariantType.PACKED_FLOAT64_ARRAY:
      return count * 8 > left ? undefined : numbersAt(bytes, 8, count, Float64Array, borrow);
    default:
      return readBulkVectors(bytes, type, isDouble, count, borrow);
  }
}

function readBulkVectors(
  bytes: Uint8Array,
  type: number,
  isFlagged: boolean,
  count: number,
  borrow: boolean,
): PackedValue | undefined {
  const stride = STRIDES[type] ?? 0;
  const isDouble = isFlagged && type !== VariantType.PACKED_COLOR_ARRAY;
  const size = count * stride;
  if (stride === 0 || size * (isDouble ? 8 : 4) > bytes.length - 8) return undefined;
  const numbers = isDouble
    ? numbersAt(bytes, 8, size, Float64Array, borrow)
    : numbersAt(bytes, 8, size, Float32Array, borrow);
  switch (type) {
    case VariantType.PACKED_VECTOR2_ARRAY:
      return new PackedVector2Array(numbers);
    case VariantType.PACKED_VECTOR3_ARRAY:
      return new PackedVector3Array(numbers);
    case VariantType.PACKED_VECTOR4_ARRAY:
      return new PackedVector4Array(numbers);
    default:
      return new PackedColorArray(numbers);
  }
}

/** Writes a packed array, header included. */
export function writePacked(w: VariantWriter, type: VariantTypeId, value: PackedValue): void {
  if (value instanceof PackedStringArray) {
    writeStrings(w, value);
  } else if (value instanceof Uint8Array) {
    const padded = (value.length + 3) & -4;
    w.reserve(8 + padded);
    w.writeType(type);
    w.writeU32(value.length);
    w.bytes.set(value, w.position);
    w.bytes.fill(0, w.position + value.length, w.position + padded);
    w.position += padded;
  } else if (ArrayBuffer.isView(value)) {
    w.writeType(type);
    w.writeU32(value.length);
    copyOut(w, value);
  } else {
    writeComponents(w, type, value);
  }
}

/**
 * The type of a value that {@link putPacked} writes in one go: a packed array with more numbers than {@link SMALL_BYTES} bytes hold,
 * in the width of the wire. 0 for any other value.
 */
export function bulkType(value: unknown, options: ResolvedEncodeOptions): number {
  // Before 4.3 not all of them are there.
  if (typeof value !== 'object' || value === null || options.minor < 3) return 0;
  const isVector = value instanceof PackedNumbers;
  const numbers: unknown = isVector ? value.data : value;
  if (!ArrayBuffer.isView(numbers) || numbers.byteLength <= SMALL_BYTES) return 0;
  const type = objectType(value);
  if (type === undefined || type < VariantType.PACKED_BYTE_ARRAY) return 0;
  const isDouble = options.isDouble && type !== VariantType.PACKED_COLOR_ARRAY;
  return isVector && isDouble !== numbers instanceof Float64Array ? 0 : type;
}

/** The bytes of a value that has a {@link bulkType}. */
export function bulkSize(value: BulkValue): number {
  return 8 + ((numbersIn(value).byteLength + 3) & -4);
}

/** Writes a value that has a {@link bulkType} where there is room for it. */
export function putPacked(type: number, value: BulkValue, target: Uint8Array, offset: number): void {
  const numbers = numbersIn(value);
  const end = offset + 8 + numbers.byteLength;
  // The numbers first, since they may lie in the target.
  putNumbers(target, offset + 8, numbers);
  for (let at = end; ((at - offset) & 3) !== 0; at++) target[at] = 0;
  const isDouble =
    value instanceof PackedNumbers &&
    type !== VariantType.PACKED_COLOR_ARRAY &&
    numbers instanceof Float64Array;
  putWord(target, offset, isDouble ? type | FLAG_64 : type);
  putWord(target, offset + 4, value.length);
}

/** What can have a {@link bulkType}. */
export type BulkValue = NumberArray | PackedNumbers<unknown>;

function numbersIn(value: BulkValue): NumberArray {
  return value instanceof PackedNumbers ? value.data : value;
}

function putWord(target: Uint8Array, offset: number, word: number): void {
  target[offset] = word;
  target[offset + 1] = word >>> 8;
  target[offset + 2] = word >>> 16;
  target[offset + 3] = word >>> 24;
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset] as number) |
    ((bytes[offset + 1] as number) << 8) |
    ((bytes[offset + 2] as number) << 16) |
    ((bytes[offset + 3] as number) << 24)
  );
}

function readBytes(r: VariantReader): Uint8Array {
  const type = VariantType.PACKED_BYTE_ARRAY;
  const count = r.view.getInt32(r.take(4, type), true);
  const start = r.position;
  if (count < 0 || count > r.end - start) {
    throw r.invalid('ERR_VARIANT_COUNT', start - 4, type, `${count} bytes announced, ${r.end - start} left`);
  }
  // Section 3.3: the padding need not be there, but it is counted.
  r.position = start + count + (-count & 3);
  return numbersOf(r, start, count, Uint8Array);
}

function readNumbers<T extends NumberArray>(
  r: VariantReader,
  type: VariantTypeId,
  stride: number,
  Numbers: NumberArrayClass<T>,
): T {
  const count = r.view.getInt32(r.take(4, type), true);
  const start = r.position;
  const size = count * stride * Numbers.BYTES_PER_ELEMENT;
  if (count < 0 || size > MAX_SIZE || size > r.end - start) {
    throw r.invalid(
      'ERR_VARIANT_COUNT',
      start - 4,
      type,
      `${count} elements announced, ${r.end - start} bytes left`,
    );
  }
  r.position = start + size;
  return numbersOf(r, start, count * stride, Numbers);
}

/** Numbers come straight from the caller's bytes, but for short messages: see {@link SMALL_BYTES}. */
function numbersOf<T extends NumberArray>(
  r: VariantReader,
  start: number,
  count: number,
  Numbers: NumberArrayClass<T>,
): T {
  return r.source.length > SMALL_BYTES
    ? numbersAt(r.source, start, count, Numbers, r.borrows)
    : numbersAt(r.bytes, start, count, Numbers, false);
}

function readComponents(
  r: VariantReader,
  type: VariantTypeId,
  stride: number,
  header: number,
): Float32Array | Float64Array {
  return (header & FLAG_64) === 0
    ? readNumbers(r, type, stride, Float32Array)
    : readNumbers(r, type, stride, Float64Array);
}

function readStrings(r: VariantReader): PackedStringArray {
  const type = VariantType.PACKED_STRING_ARRAY;
  const count = r.view.getInt32(r.take(4, type), true);
  // Section 3.3: a negative count is an empty array.
  if (count <= 0) return new PackedStringArray();
  r.takeElements(count, 4, type);
  const values: string[] = [];
  for (let index = 0; index < count; index++) values.push(r.readText(type));
  return new PackedStringArray(values);
}

function writeStrings(w: VariantWriter, value: PackedStringArray): void {
  w.writeType(VariantType.PACKED_STRING_ARRAY);
  w.writeU32(value.length);
  for (let index = 0; index < value.length; index++) {
    const text: unknown = value.values[index];
    try {
      if (typeof text !== 'string') {
        throw new EncodeFailure('ERR_ENCODE_UNSUPPORTED', `expected a string, got ${typeof text}`);
      }
      w.writeTerminatedText(text);
    } catch (error) {
      if (error instanceof EncodeFailure) error.segments.push(`[${index}]`);
      throw error;
    }
  }
}

function writeComponents(
  w: VariantWriter,
  type: VariantTypeId,
  value: Pick<PackedNumbers<never>, 'data' | 'length'>,
): void {
  const isDouble = w.isDouble && type !== VariantType.PACKED_COLOR_ARRAY;
  if (isDouble) w.writeU32(type | FLAG_64);
  else w.writeType(type);
  w.writeU32(value.length);
  const data = value.data;
  if (isDouble === data instanceof Float64Array) {
    copyOut(w, data);
    return;
  }
  const width = isDouble ? 8 : 4;
  w.reserve(data.length * width);
  let at = w.position;
  for (let index = 0; index < data.length; index++, at += width) {
    // The index is inside the array.
    const component = data[index] as number;
    if (Number.isNaN(component)) convertNan(w.view, at, data, index);
    else if (isDouble) w.view.setFloat64(at, component, true);
    else w.view.setFloat32(at, component, true);
  }
  w.position = at;
}

/** Writes a NaN in the other width. */
function convertNan(target: DataView, at: number, data: Float32Array | Float64Array, index: number): void {
  const source = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof Float64Array) {
    const bits = source.getBigUint64(index * 8, IS_LITTLE_ENDIAN);
    target.setUint32(at, bits === BigInt(NAN64_HIGH) << 32n ? NAN32 : narrowNan(bits), true);
  } else {
    target.setBigUint64(at, widenNan(source.getUint32(index * 4, IS_LITTLE_ENDIAN)), true);
  }
}

function copyOut(w: VariantWriter, value: NumberArray): void {
  w.reserve(value.byteLength);
  putNumbers(w.bytes, w.position, value);
  w.position += value.byteLength;
}

/** How many numbers make one element, by type id; for arrays of vectors and colors. */
const STRIDES: Readonly<Partial<Record<number, number>>> = {
  [VariantType.PACKED_VECTOR2_ARRAY]: 2,
  [VariantType.PACKED_VECTOR3_ARRAY]: 3,
  [VariantType.PACKED_VECTOR4_ARRAY]: 4,
  [VariantType.PACKED_COLOR_ARRAY]: 4,
};

/** Section 3.2: sizes in bytes are signed 32-bit numbers in the engine. */
const MAX_SIZE = 0x7fffffff;
