/**
 * What every encoding function shares: growing memory, the options as plain fields, numbers (variant-codec.md
 * sections 2.2 and 6.2), strings (sections 2.3 and 4.1) and the making of errors with a path.
 */

import { ByteWriter } from '../byteBuffer.ts';
import { EncodeError, GodotError } from '../errors.ts';
import type { Float } from '../values/Float.ts';
import { TYPE_SINCE, VariantType, type VariantTypeId, variantTypeString } from '../values/variantTypes.ts';
import { TO_GODOT_3, TO_GODOT_4 } from './godot3.ts';
import { FLAG_64 } from './header.ts';
import { NAN64_HIGH } from './nan.ts';
import { DEFAULT_ENCODE_OPTIONS, GODOT_3, type ResolvedEncodeOptions } from './options.ts';

/** One step of the way to a value: an index, a key, or `.name`. */
export type PathSegment = string;

/** Thrown inside the encoder; containers add their step of the path while it passes, the entry makes the EncodeError. */
export class EncodeFailure extends Error {
  /** The code of the EncodeError to be. */
  readonly code: string;
  /** Its Godot error number. */
  readonly godotError: number;
  /** Steps from the culprit outwards. */
  readonly segments: PathSegment[] = [];

  /** Makes the failure of the value being written. */
  constructor(code: string, message: string, godotError: number = GodotError.ERR_INVALID_PARAMETER) {
    super(message);
    this.name = 'EncodeFailure';
    this.code = code;
    this.godotError = godotError;
  }

  /** The error for the caller. Long paths (cyclic values) are cut in the middle. */
  toError(): EncodeError {
    const steps = this.segments.reverse();
    const shown =
      steps.length <= 32
        ? steps
        : [...steps.slice(0, 16), ` ... ${steps.length - 32} more ... `, ...steps.slice(-16)];
    return new EncodeError(this.code, {
      path: `$${shown.join('')}`,
      godotError: this.godotError,
      message: this.message,
    });
  }
}

/** A type, of a value or declared by a container, that came after the receiver's version. */
export function unknownToDialect(minor: number, type: VariantTypeId): EncodeFailure {
  return new EncodeFailure(
    'ERR_ENCODE_DIALECT',
    `Godot 4.${minor} has no ${variantTypeString(type)} (since 4.${TYPE_SINCE[type]})`,
  );
}

/** State of one encoding. */
export abstract class VariantWriter extends ByteWriter {
  /** Whether vector components are f64. */
  isDouble = false;
  /** Whether the receiver is a Godot 3. */
  isGodot3 = false;
  /** The id on the wire of each of Godot 4's type ids. The same up to STRING in every dialect. */
  typeIds: Uint8Array = TO_GODOT_4;
  /** The id on the wire of ARRAY. */
  arrayId: number = VariantType.ARRAY;
  /** The id on the wire of DICTIONARY. */
  dictionaryId: number = VariantType.DICTIONARY;
  /** The options that hold. */
  options: ResolvedEncodeOptions = DEFAULT_ENCODE_OPTIONS;

  /** Writes one Variant at a depth; implemented by the encoder proper. */
  abstract writeValue(value: unknown, depth: number): void;

  /** Begins a message. */
  protected start(options: ResolvedEncodeOptions): void {
    if (options !== this.options) this.#apply(options);
    this.begin(options.maxBytes);
  }

  #apply(options: ResolvedEncodeOptions): void {
    this.options = options;
    this.isDouble = options.isDouble;
    this.isGodot3 = options.minor === GODOT_3;
    this.typeIds = this.isGodot3 ? TO_GODOT_3 : TO_GODOT_4;
    // The tables have an entry for every byte.
    this.arrayId = this.typeIds[VariantType.ARRAY] as number;
    this.dictionaryId = this.typeIds[VariantType.DICTIONARY] as number;
  }

  /** Section 2.7: the elements of a container at the deepest level are too deep. */
  checkDepth(depth: number): void {
    if (depth >= this.options.maxDepth) {
      throw new EncodeFailure(
        'ERR_ENCODE_DEPTH',
        `nested deeper than ${this.options.maxDepth} (option maxDepth), or containing itself`,
        GodotError.ERR_OUT_OF_MEMORY,
      );
    }
  }

  /** Writes a word. */
  writeU32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.position, value, true);
    this.position += 4;
  }

  /** Writes a header without flags. @param type Godot 4's id */
  writeType(type: number): void {
    // The table has an entry for every byte.
    this.writeU32(this.typeIds[type] as number);
  }

  /** Section 6.2: a safe integer other than -0 is an INT, any other number a FLOAT. */
  writeNumber(value: number): void {
    this.reserve(12);
    const view = this.view;
    const at = this.position;
    if ((value | 0) === value && (value !== 0 || !Object.is(value, -0))) {
      view.setInt32(at, VariantType.INT, true);
      view.setInt32(at + 4, value, true);
      this.position = at + 8;
    } else if (Number.isSafeInteger(value) && value !== 0) {
      view.setInt32(at, VariantType.INT | FLAG_64, true);
      view.setInt32(at + 4, value, true);
      view.setInt32(at + 8, Math.floor(value / 4294967296), true);
      this.position = at + 12;
    } else {
      this.writeFloat(value);
    }
  }

  /** Section 2.2: single precision if it loses nothing. */
  writeFloat(value: number): void {
    this.reserve(12);
    const view = this.view;
    const at = this.position;
    if (Math.fround(value) === value) {
      view.setInt32(at, VariantType.FLOAT, true);
      view.setFloat32(at + 4, value, true);
      this.position = at + 8;
      return;
    }
    view.setInt32(at, VariantType.FLOAT | FLAG_64, true);
    view.setFloat64(at + 4, value, true);
    if (Number.isNaN(value)) {
      // The bits of a JavaScript NaN mean nothing: write Godot's NAN.
      view.setInt32(at + 4, 0, true);
      view.setInt32(at + 8, NAN64_HIGH, true);
    }
    this.position = at + 12;
  }

  /** Writes an INT. @throws EncodeFailure outside of 64 bits. */
  writeBigInt(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) {
      throw new EncodeFailure('ERR_ENCODE_INT_RANGE', `${value} does not fit a 64-bit int`);
    }
    this.reserve(12);
    const view = this.view;
    const at = this.position;
    if (BigInt.asIntN(32, value) === value) {
      view.setInt32(at, VariantType.INT, true);
      view.setInt32(at + 4, Number(value), true);
      this.position = at + 8;
    } else {
      view.setInt32(at, VariantType.INT | FLAG_64, true);
      view.setBigInt64(at + 4, value, true);
      this.position = at + 12;
    }
  }

  /** Writes a Float, with the bits of its NaN if it knows them. */
  writeFloatObject(value: Float): void {
    this.writeFloat(value.value);
    if (value.nanBits !== undefined) this.view.setBigUint64(this.position - 8, value.nanBits, true);
  }

  /**
   * Writes the elements of an array from `index` on for as long as they are numbers, by the rule of `writeNumber`, and
   * gives the index of the first that is none. Room is made once for many, and the position is kept in a local.
   */
  writeNumbers(value: readonly unknown[], from: number, length: number): number {
    let index = from;
    while (index < length) {
      const stop = Math.min(length, index + NUMBERS_AT_ONCE);
      this.reserve(12 * (stop - index));
      const view = this.view;
      let at = this.position;
      for (; index < stop; index++) {
        const element = value[index];
        if (typeof element !== 'number') {
          this.position = at;
          return index;
        }
        if ((element | 0) === element && (element !== 0 || !Object.is(element, -0))) {
          view.setInt32(at, VariantType.INT, true);
          view.setInt32(at + 4, element, true);
          at += 8;
        } else if (Number.isSafeInteger(element) || Number.isNaN(element)) {
          this.position = at;
          this.writeNumber(element);
          at = this.position;
        } else if (Math.fround(element) === element) {
          view.setInt32(at, VariantType.FLOAT, true);
          view.setFloat32(at + 4, element, true);
          at += 8;
        } else {
          view.setInt32(at, VariantType.FLOAT | FLAG_64, true);
          view.setFloat64(at + 4, element, true);
          at += 12;
        }
      }
      this.position = at;
    }
    return index;
  }

  /** Writes a *string*: length, text, padding. @throws EncodeFailure if the text holds U+0000. */
  writeText(text: string): void {
    const length = text.length;
    if (length > SHORT_TEXT) {
      this.#writeLongText(text, 0);
      return;
    }
    // Room for the length and for whole words of text.
    this.reserve(8 + length);
    this.#writeShortText(text, length, this.position);
  }

  /** Writes a STRING, header included. @throws EncodeFailure if the text holds U+0000. */
  writeString(text: string): void {
    const length = text.length;
    if (length > SHORT_TEXT) {
      this.writeU32(VariantType.STRING);
      this.#writeLongText(text, 0);
      return;
    }
    this.reserve(12 + length);
    const at = this.position;
    this.view.setInt32(at, VariantType.STRING, true);
    this.position = at + 4;
    this.#writeShortText(text, length, at + 4);
  }

  /** ASCII without a call per character; anything else goes the long way. */
  #writeShortText(text: string, length: number, start: number): void {
    const view = this.view;
    view.setInt32(start, length, true);
    let at = start + 4;
    let index = 0;
    // Four characters make one word; the last word brings its padding with it.
    for (; index + 4 <= length; index += 4) {
      const a = text.charCodeAt(index);
      const b = text.charCodeAt(index + 1);
      const c = text.charCodeAt(index + 2);
      const d = text.charCodeAt(index + 3);
      if ((a | b | c | d) > 0x7f || a === 0 || b === 0 || c === 0 || d === 0) {
        this.#writeLongText(text, 0);
        return;
      }
      view.setInt32(at, a | (b << 8) | (c << 16) | (d << 24), true);
      at += 4;
    }
    if (index < length) {
      let word = 0;
      for (let shift = 0; index < length; index++, shift += 8) {
        const code = text.charCodeAt(index);
        if (code > 0x7f || code === 0) {
          this.#writeLongText(text, 0);
          return;
        }
        word |= code << shift;
      }
      view.setInt32(at, word, true);
      at += 4;
    }
    this.position = at;
  }

  /** Writes a *string with terminator* (only in PackedStringArray): the NUL is counted. */
  writeTerminatedText(text: string): void {
    this.#writeLongText(text, 1);
  }

  #writeLongText(text: string, terminator: number): void {
    if (text.includes('\0')) {
      throw new EncodeFailure(
        'ERR_ENCODE_NUL',
        'a string holds U+0000, which Godot strings cannot hold: the receiver would cut the text there',
      );
    }
    // A length beyond what fits is found out before the memory is asked for.
    if (text.length > this.maxBytes) throw this.tooLarge();
    const short = text.length <= 1024;
    const most = short ? text.length * 3 : utf8Length(text);
    this.reserve(8 + most + terminator);
    const start = this.position + 4;
    const { written } = ENCODER.encodeInto(text, this.bytes.subarray(start, start + most));
    const length = written + terminator;
    const padded = (length + 3) & -4;
    this.bytes.fill(0, start + written, start + padded);
    this.view.setInt32(start - 4, length, true);
    this.position = start + padded;
  }

  /** @inheritdoc */
  protected override tooLarge(): EncodeFailure {
    return new EncodeFailure(
      'ERR_ENCODE_BYTE_LIMIT',
      `the encoding takes more than ${this.maxBytes} bytes (option maxBytes)`,
      GodotError.ERR_OUT_OF_MEMORY,
    );
  }
}

/** The UTF-8 length of a text, lone surrogates counted as U+FFFD. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    if (code < 0x800) length += 1;
    else if (code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      // Two units, four bytes.
      length += 2;
      index++;
    } else length += 2;
  }
  return length;
}

/** How many numbers room is made for at once; well below the slack of the byte limit. */
const NUMBERS_AT_ONCE = 256;

/** Texts up to this length are written without a TextEncoder if they are ASCII. */
const SHORT_TEXT = 40;
const ENCODER = new TextEncoder();
