/** Variants as SceneMultiplayer sends them: BOOL and INT in few bytes, the rest plain. docs/protocol/scene-multiplayer 6. */
import {
  DecodeError,
  type DecodeOptions,
  decodeVariant,
  type EncodeOptions,
  type VariantInput,
  VariantType,
  type VariantValue,
  variantTypeOf,
  varToBytes,
} from '../../../codec/index.ts';

/** A value and where the next one begins. */
export interface ReadValue {
  /** The value. */
  readonly value: VariantValue;
  /** The offset behind it. */
  readonly end: number;
}

/**
 * The bytes of one value.
 * @throws EncodeError when it has no Variant form in the dialect of `options`.
 */
export function encodeCompressed(value: VariantInput, options?: EncodeOptions): Uint8Array {
  if (typeof value === 'boolean') return Uint8Array.of(value ? TRUE_HEAD : VariantType.BOOL);
  if (typeof value === 'bigint') return encodeInt(value, options);
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
    return encodeInt(value, options);
  return varToBytes(value, options);
}

/** Joins the bytes of several values. */
export function encodeValues(values: readonly VariantInput[], options?: EncodeOptions): Uint8Array {
  return concat(values.map((value) => encodeCompressed(value, options)));
}

/**
 * Reads one value.
 *
 * @param end - Where the values end: nothing behind it is read.
 * @throws DecodeError when it is damaged or refused.
 */
export function readCompressed(
  bytes: Uint8Array,
  offset: number,
  end: number,
  options?: DecodeOptions,
): ReadValue {
  const left = end - offset;
  if (left < 1) throw truncated(offset, 1, left, 'NIL');
  const head = bytes[offset] ?? 0;
  const type = head & TYPE_MASK;
  const exact = options?.exact === true;
  if (type === VariantType.BOOL) return { value: (head & 0x80) !== 0, end: offset + 1 };
  if (type === VariantType.INT) {
    const width = 1 << (head >> 6);
    if (left < 1 + width) throw truncated(offset, 1 + width, left, 'INT');
    return { value: readInt(bytes, offset + 1, width, exact), end: offset + 1 + width };
  }
  const decoded = decodeVariant(bytes.subarray(offset, end), options);
  return { value: decoded.value, end: Math.min(end, offset + decoded.size) };
}

/** One array with the bytes of all. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encodeInt(value: number | bigint, options: EncodeOptions | undefined): Uint8Array {
  if (typeof value === 'bigint') {
    const small = Number(value);
    if (value < MIN_INT || value > MAX_INT) return varToBytes(value, options);
    if (BigInt(small | 0) !== value) {
      const bytes = new Uint8Array(9);
      bytes[0] = INT_64;
      new DataView(bytes.buffer).setBigInt64(1, value, true);
      return bytes;
    }
    return encodeInt(small, options);
  }
  if (value === (value << 24) >> 24) return Uint8Array.of(VariantType.INT, value & 0xff);
  if (value === (value << 16) >> 16) return Uint8Array.of(INT_16, value & 0xff, (value >> 8) & 0xff);
  if (value === (value | 0))
    return Uint8Array.of(
      INT_32,
      value & 0xff,
      (value >> 8) & 0xff,
      (value >> 16) & 0xff,
      (value >> 24) & 0xff,
    );
  return encodeInt(BigInt(value), options);
}

function readInt(bytes: Uint8Array, offset: number, width: number, exact: boolean): VariantValue {
  if (width === 8) {
    const value = new DataView(bytes.buffer, bytes.byteOffset + offset, width).getBigInt64(0, true);
    const number = Number(value);
    return exact || !Number.isSafeInteger(number) ? value : number;
  }
  // A view of so few bytes costs more than they do. Its last byte has the sign.
  let value = ((bytes[offset + width - 1] as number) << 24) >> 24;
  for (let at = offset + width - 2; at >= offset; at--) value = (value << 8) | (bytes[at] as number);
  return exact ? BigInt(value) : value;
}

function truncated(offset: number, need: number, have: number, type: string): DecodeError {
  return new DecodeError('ERR_VARIANT_TRUNCATED', { offset, need, have: Math.max(0, have), type });
}

/** Whether a value is encoded as PackedByteArray. */
export function isByteArray(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && variantTypeOf(value) === VariantType.PACKED_BYTE_ARRAY;
}

const TYPE_MASK = 0x3f;
const TRUE_HEAD = 0x81;
const INT_16 = 0x42;
const INT_32 = 0x82;
const INT_64 = 0xc2;
const MIN_INT = -(1n << 63n);
const MAX_INT = (1n << 63n) - 1n;
