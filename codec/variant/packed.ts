/** Packed arrays (variant-codec.md section 2.1, ids 29 to 38; checks of 3.2, leniencies of 3.3). */

import { IS_LITTLE_ENDIAN, swapBytes } from '../byteBuffer.ts';
import {
  PackedColorArray,
  type PackedNumbers,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
} from '../values/packed.ts';
import { VariantType, type VariantTypeId } from '../values/variantTypes.ts';
import type { PackedValue } from '../values/variantValue.ts';
import { FLAG_64 } from './header.ts';
import { NAN32, NAN64_HIGH, narrowNan, widenNan } from './nan.ts';
import type { VariantReader } from './reader.ts';
import { EncodeFailure, type VariantWriter } from './writer.ts';

/** Reads the body of a packed array. All memory is the caller's own. */
export function readPacked(r: VariantReader, type: number, header: number): PackedValue {
  switch (type) {
    case VariantType.PACKED_BYTE_ARRAY:
      return readBytes(r);
    case VariantType.PACKED_INT32_ARRAY:
      return new Int32Array(readElements(r, type, 1, 4));
    case VariantType.PACKED_INT64_ARRAY:
      return new BigInt64Array(readElements(r, type, 1, 8));
    case VariantType.PACKED_FLOAT32_ARRAY:
      return new Float32Array(readElements(r, type, 1, 4));
    case VariantType.PACKED_FLOAT64_ARRAY:
      return new Float64Array(readElements(r, type, 1, 8));
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

function readBytes(r: VariantReader): Uint8Array {
  const type = VariantType.PACKED_BYTE_ARRAY;
  const count = r.view.getInt32(r.take(4, type), true);
  const start = r.position;
  if (count < 0 || count > r.end - start) {
    throw r.invalid('ERR_VARIANT_COUNT', start - 4, type, `${count} bytes announced, ${r.end - start} left`);
  }
  // Section 3.3: the padding need not be there, but it is counted.
  r.position = start + count + (-count & 3);
  return r.bytes.slice(start, start + count);
}

function readElements(r: VariantReader, type: VariantTypeId, stride: number, width: number): ArrayBuffer {
  const count = r.view.getInt32(r.take(4, type), true);
  const start = r.position;
  const size = count * stride * width;
  if (count < 0 || size > MAX_SIZE || size > r.end - start) {
    throw r.invalid(
      'ERR_VARIANT_COUNT',
      start - 4,
      type,
      `${count} elements announced, ${r.end - start} bytes left`,
    );
  }
  r.position = start + size;
  const owned = r.bytes.slice(start, start + size);
  if (!IS_LITTLE_ENDIAN) swapBytes(owned, width);
  return owned.buffer;
}

function readComponents(
  r: VariantReader,
  type: VariantTypeId,
  stride: number,
  header: number,
): Float32Array | Float64Array {
  return (header & FLAG_64) === 0
    ? new Float32Array(readElements(r, type, stride, 4))
    : new Float64Array(readElements(r, type, stride, 8));
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

function copyOut(w: VariantWriter, value: Int32Array | BigInt64Array | Float32Array | Float64Array): void {
  const size = value.byteLength;
  w.reserve(size);
  const target = w.bytes.subarray(w.position, w.position + size);
  target.set(new Uint8Array(value.buffer, value.byteOffset, size));
  if (!IS_LITTLE_ENDIAN) swapBytes(target, value.BYTES_PER_ELEMENT);
  w.position += size;
}

/** Section 3.2: sizes in bytes are signed 32-bit numbers in the engine. */
const MAX_SIZE = 0x7fffffff;
