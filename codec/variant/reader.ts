/**
 * What every decoding function shares: the bytes, the position, the checks of variant-codec.md section 3.2 and the
 * reading of strings (sections 2.3 and 4.2).
 */

import { Scratch } from '../byteBuffer.ts';
import { DecodeError, GodotError } from '../errors.ts';
import { variantTypeName } from '../values/variantTypes.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { godot3TypeName } from './godot3.ts';
import { DEFAULT_DECODE_OPTIONS, GODOT_3, type ResolvedDecodeOptions } from './options.ts';
import { decodeUtf8 } from './utf8.ts';
import { decodeGodot3Utf8 } from './utf8Godot3.ts';

/** How FLOAT is handed out. */
export const FloatMode = {
  /** As a number. */
  NUMBER: 0,
  /** As a number, but whole ones as `Float`: inside Dictionary keys, where int 1 and float 1.0 differ. */
  WRAP_WHOLE: 1,
  /** Always as `Float`. */
  EXACT: 2,
} as const;

/** State of one decoding. The bytes lie at the start of `view`; what is behind `end` is stale. */
export abstract class VariantReader extends Scratch {
  /** Where the next field starts. May pass `end` after an unpadded byte array (section 3.3). */
  position = 0;
  /** The length of the message. */
  end = 0;
  /** The message as it was given, while it is read: the numbers of large packed arrays are taken from here. */
  source: Uint8Array = NO_BYTES;
  /** Whether packed arrays may be views of {@link source}. */
  borrows = false;
  /** The options that hold. */
  options: ResolvedDecodeOptions = DEFAULT_DECODE_OPTIONS;
  /** One of {@link FloatMode}. */
  floatMode: number = FloatMode.NUMBER;
  /** Whether the bytes are Godot 3's. */
  isGodot3 = false;
  /** How many more elements are allowed. */
  elementsLeft = 0;

  /** Per slot: the length, then the words of a short string seen before. */
  readonly #seenWords = new Int32Array(SEEN_SLOTS * SEEN_STRIDE);
  readonly #seenTexts: string[] = new Array<string>(SEEN_SLOTS).fill('');

  /** Reads one Variant at a depth; implemented by the decoder proper. */
  abstract readValue(depth: number): VariantValue;

  /** Takes the bytes of a message; they are copied, so that all reads that are checked are from memory of our own. */
  protected begin(source: Uint8Array, options: ResolvedDecodeOptions): void {
    if (source.length > options.maxBytes) {
      throw new DecodeError('ERR_VARIANT_BYTE_LIMIT', {
        offset: 0,
        godotError: GodotError.ERR_OUT_OF_MEMORY,
        message: `${source.length} bytes given, at most ${options.maxBytes} allowed (option maxBytes)`,
      });
    }
    if (source.length > this.bytes.length) this.enlarge(source.length, 0);
    this.bytes.set(source);
    this.source = source;
    this.borrows = options.borrow;
    this.position = 0;
    this.end = source.length;
    this.options = options;
    this.isGodot3 = options.minor === GODOT_3;
    this.floatMode = options.exact ? FloatMode.EXACT : FloatMode.NUMBER;
    this.elementsLeft = options.maxElements;
  }

  /** Ends a message, and holds nothing of the caller's. */
  protected override release(): void {
    this.source = NO_BYTES;
    super.release();
  }

  /** Steps over `size` bytes of a fixed-size field of a type and gives its start. @throws DecodeError if they are not there. */
  take(size: number, type: number): number {
    const start = this.position;
    if (this.end - start < size) throw this.truncated(size, type);
    this.position = start + size;
    return start;
  }

  /** Reads an element count that is not checked against anything but the element limit. */
  takeElements(count: number, smallest: number, type: number): void {
    // More than fit cannot be there: the end of the data comes first, and the limit is not what fails.
    const possible = Math.min(count, Math.floor((this.end - this.position) / smallest) + 1);
    if (possible > this.elementsLeft) throw this.tooManyElements(this.position, type);
    this.elementsLeft -= Math.min(count, possible);
  }

  /** The error of a message with more elements than allowed. */
  tooManyElements(offset: number, type: number): DecodeError {
    return new DecodeError('ERR_VARIANT_ELEMENT_LIMIT', {
      offset,
      godotError: GodotError.ERR_OUT_OF_MEMORY,
      type: this.typeName(type),
      message: `more than ${this.options.maxElements} elements (option maxElements)`,
    });
  }

  /** Section 3.1: the elements of a container at the deepest level are too deep. */
  checkDepth(depth: number, type: number): void {
    if (depth >= this.options.maxDepth) {
      throw new DecodeError('ERR_VARIANT_DEPTH', {
        offset: this.position,
        godotError: GodotError.ERR_OUT_OF_MEMORY,
        type: this.typeName(type),
        message: `nested deeper than ${this.options.maxDepth} (option maxDepth)`,
      });
    }
  }

  /** The name of a type in the sender's version. @param type Godot 4's id */
  typeName(type: number): string {
    const name = this.isGodot3 ? godot3TypeName(type) : undefined;
    return name ?? variantTypeName(type);
  }

  /** The error of a field that does not fit in what is left. */
  truncated(need: number, type: number): DecodeError {
    return new DecodeError('ERR_VARIANT_TRUNCATED', {
      offset: this.position,
      type: this.typeName(type),
      need,
      have: Math.max(0, this.end - this.position),
    });
  }

  /** An error of malformed content at an offset. */
  invalid(code: string, offset: number, type: number, message: string): DecodeError {
    return new DecodeError(code, { offset, type: this.typeName(type), message });
  }

  /**
   * Reads a *string* (section 2.3): length, text up to the first NUL, padding.
   * @param type the type it belongs to, for errors
   */
  readText(type: number): string {
    const start = this.position + 4;
    const left = this.end - start;
    if (left < 0) throw this.truncated(4, type);
    const length = this.view.getInt32(start - 4, true);
    const padded = (length + 3) & -4;
    if (length < 0 || length > left || padded > left) {
      throw new DecodeError('ERR_VARIANT_STRING_LENGTH', {
        offset: start - 4,
        godotError: GodotError.ERR_FILE_EOF,
        type: this.typeName(type),
        need: length < 0 ? length : length + (-length & 3),
        have: left,
      });
    }
    this.position = start + padded;
    if (length > SEEN_BYTES) return this.#decodeText(start, length, type);
    if (length === 0) return '';

    // Short texts repeat (keys, names): look for the same words among those seen, so that no new string is made.
    const view = this.view;
    let hash = length;
    const stop = start + padded;
    for (let at = start; at < stop; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    const slot = hash & (SEEN_SLOTS - 1);
    const words = this.#seenWords;
    let entry = slot * SEEN_STRIDE;
    if (words[entry] === length) {
      let at = start;
      while (at < stop && words[++entry] === view.getInt32(at, true)) at += 4;
      if (at >= stop) return this.#seenTexts[slot] as string;
    }
    const text = decodeUtf8(this.bytes, start, length);
    // What only Godot 3 takes for text must not be found again on behalf of Godot 4.
    if (text === undefined) return this.#decodeText(start, length, type);
    entry = slot * SEEN_STRIDE;
    words[entry] = length;
    for (let at = start; at < stop; at += 4) words[++entry] = view.getInt32(at, true);
    this.#seenTexts[slot] = text;
    return text;
  }

  #decodeText(start: number, length: number, type: number): string {
    let text = decodeUtf8(this.bytes, start, length);
    if (text === undefined && this.isGodot3) {
      text = decodeGodot3Utf8(this.bytes, start, length);
    }
    if (text === undefined) {
      throw this.invalid('ERR_VARIANT_UTF8', start, type, 'the text is not well-formed UTF-8');
    }
    return text;
  }
}

/** How many short strings are remembered, and how long they may be. A sender can push others out, no more. */
const SEEN_SLOTS = 1024;
const SEEN_BYTES = 28;
const SEEN_STRIDE = 1 + SEEN_BYTES / 4;

const NO_BYTES = new Uint8Array(0);
