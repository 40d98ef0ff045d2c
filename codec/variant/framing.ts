/**
 * Encodings with their length in front (variant-codec.md section 2.8): `FileAccess.store_var` and `get_var`,
 * `StreamPeer.put_var` and `get_var`. A u32 byte count, then the encoding.
 */
import { checkInteger } from '../../options/internal.ts';
import { DecodeError, GodotError } from '../errors.ts';
import type { VariantInput, VariantValue } from '../values/variantValue.ts';
import { bytesToVar } from './decode.ts';
import { varToBytes } from './encode.ts';
import { type DecodeOptions, type EncodeOptions, flag, resolveDecodeOptions } from './options.ts';

/** The byte order of the length; the encoding itself is little-endian always. */
export interface FrameOptions {
  /** As the property `big_endian` of a file or stream. Default false. */
  readonly bigEndian?: boolean | undefined;
}

/** A decoded frame, and where it ended. */
export interface VariantFrame {
  /** The value. */
  readonly value: VariantValue;
  /** Bytes taken, the length in front included. */
  readonly size: number;
}

/**
 * Encodes a value with its length in front, as `store_var` does in a file and `put_var` of a StreamPeer on TCP.
 *
 * @returns bytes that the caller owns.
 * @throws EncodeError as varToBytes does; TypeError or RangeError for a bad option.
 */
export function varToFrame(value: VariantInput, options: EncodeOptions & FrameOptions = {}): Uint8Array {
  const isBig = flag('bigEndian', options.bigEndian, false);
  const encoding = varToBytes(value, options);
  const frame = new Uint8Array(LENGTH_BYTES + encoding.length);
  new DataView(frame.buffer).setUint32(0, encoding.length, !isBig);
  frame.set(encoding, LENGTH_BYTES);
  return frame;
}

/**
 * Decodes the frame that begins at an offset.
 *
 * @returns the value and the bytes taken; `undefined` when the frame is not whole yet.
 * @throws DecodeError for an encoding that Godot refuses, or one that is said to be longer than `maxBytes`
 *   (`ERR_VARIANT_BYTE_LIMIT`); TypeError or RangeError for a bad argument.
 */
export function frameToVar(
  bytes: Uint8Array,
  offset = 0,
  options: DecodeOptions & FrameOptions = {},
): VariantFrame | undefined {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`"bytes" expected a Uint8Array, got ${typeof bytes}`);
  }
  checkInteger('offset', offset, 0, bytes.length, 'an integer');
  const isBig = flag('bigEndian', options.bigEndian, false);
  const { maxBytes } = resolveDecodeOptions(options);
  const left = bytes.length - offset;
  if (left < LENGTH_BYTES) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset + offset).getUint32(0, !isBig);
  if (length > maxBytes) {
    throw new DecodeError('ERR_VARIANT_BYTE_LIMIT', {
      offset,
      godotError: GodotError.ERR_OUT_OF_MEMORY,
      message: `a frame of ${length} bytes, at most ${maxBytes} allowed (option maxBytes)`,
    });
  }
  if (length > left - LENGTH_BYTES) return undefined;
  const start = offset + LENGTH_BYTES;
  return {
    value: bytesToVar(bytes.subarray(start, start + length), options),
    size: LENGTH_BYTES + length,
  };
}

/**
 * Cuts a TCP stream, or a file read in pieces, into values. It holds no more than one frame that is not whole, which
 * `maxBytes` bounds.
 *
 * After a DecodeError the stream has no frames any more: end the connection.
 */
export class VariantFrameReader {
  readonly #options: DecodeOptions & FrameOptions;
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** How many bytes must be held before it is worth looking. */
  #wanted = LENGTH_BYTES;

  /** @throws TypeError or RangeError for a bad option. */
  constructor(options: DecodeOptions & FrameOptions = {}) {
    flag('bigEndian', options.bigEndian, false);
    resolveDecodeOptions(options);
    // The pieces are ours: there is nothing of the caller's to borrow.
    this.#options = { ...options, borrow: false };
  }

  /** Bytes of a frame that is not whole yet. When a stream or file ends, it should be 0. */
  get heldBytes(): number {
    return this.#held;
  }

  /**
   * Takes what arrived, cut anywhere; it is copied.
   *
   * @returns the values that are whole now, in order.
   * @throws DecodeError as frameToVar does. Values before the bad one in the same piece are lost.
   */
  push(piece: Uint8Array): VariantValue[] {
    if (!(piece instanceof Uint8Array)) {
      throw new TypeError(`"piece" expected a Uint8Array, got ${typeof piece}`);
    }
    // Small pieces of a large frame are joined once, when it is whole.
    this.#pieces.push(piece.slice());
    this.#held += piece.length;
    if (this.#held < this.#wanted) return [];
    const bytes = joined(this.#pieces, this.#held);
    const values: VariantValue[] = [];
    let at = 0;
    for (;;) {
      const frame = frameToVar(bytes, at, this.#options);
      if (frame === undefined) break;
      values.push(frame.value);
      at += frame.size;
    }
    const rest = bytes.subarray(at);
    this.#pieces = rest.length === 0 ? [] : [rest.slice()];
    this.#held = rest.length;
    this.#wanted = LENGTH_BYTES;
    if (rest.length >= LENGTH_BYTES) {
      const isBig = this.#options.bigEndian === true;
      this.#wanted += new DataView(rest.buffer, rest.byteOffset).getUint32(0, !isBig);
    }
    return values;
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const LENGTH_BYTES = 4;
