/**
 * Dictionaries with fixed keys, compiled: what is known of the bytes is compared and not read (docs/decisions/0016). Whatever
 * is not what was declared goes the general way.
 */

import { VariantType } from '../values/variantTypes.ts';
import type { VariantValue } from '../values/variantValue.ts';
import type { Vector2, Vector3, Vector4 } from '../values/vector.ts';
import { decodeShaped } from '../variant/decode.ts';
import { encodeShaped, encodeShapedInto } from '../variant/encode.ts';
import type { VariantReader } from '../variant/reader.ts';
import { type Field, fieldOf, MISS, readField } from './field.ts';
import { writeFields } from './writeField.ts';

/** The fields of a shape: their types as GDScript spells them (`'int'`, `'Vector2'`, `'PackedByteArray'`); `'Variant'` for any. */
export type ShapeFields = Readonly<Record<string, string>>;

/** The JavaScript types of the common types of Godot in a shape; of others, any Variant. */
export interface ShapeFieldTypes {
  /** A truth value. */
  readonly bool: boolean;
  /** An INT; a bigint beyond the safe integers. */
  readonly int: number | bigint;
  /** A FLOAT. */
  readonly float: number;
  /** A text. */
  readonly String: string;
  /** Godot's `Vector2`. */
  readonly Vector2: Vector2;
  /** Godot's `Vector3`. */
  readonly Vector3: Vector3;
  /** Godot's `Vector4`. */
  readonly Vector4: Vector4;
  /** Bytes. */
  readonly PackedByteArray: Uint8Array;
  /** 32-bit integers. */
  readonly PackedInt32Array: Int32Array;
  /** Single-precision numbers. */
  readonly PackedFloat32Array: Float32Array;
  /** Double-precision numbers. */
  readonly PackedFloat64Array: Float64Array;
}

/** An object with the fields of a shape. */
export type Shaped<Fields extends ShapeFields> = {
  -readonly [Name in keyof Fields]: Fields[Name] extends keyof ShapeFieldTypes
    ? ShapeFieldTypes[Fields[Name]]
    : VariantValue;
};

/** A Dictionary with String keys that are known, in a known order, with values of known types. */
export interface Shape<Fields extends ShapeFields> {
  /**
   * Encodes an object: a Dictionary of its declared fields in the order of the declaration; it may have others. Values are written as
   * into a typed container of Godot: numbers of `float` fields are floats, String and StringName become each other.
   *
   * @returns bytes that belong to the caller.
   * @throws EncodeError for a value of another type (`ERR_ENCODE_ELEMENT_TYPE`), or as varToBytes does.
   */
  encode(value: Shaped<Fields>): Uint8Array;
  /**
   * {@link encode} into memory of the caller's, whole or not at all.
   *
   * @returns the number of bytes written.
   * @throws RangeError if it does not fit behind the offset; EncodeError as encode does.
   */
  encodeInto(value: Shaped<Fields>, target: Uint8Array, offset: number): number;
  /**
   * Decodes bytes. A Dictionary of exactly the declared keys, in their order and with values of their types, is an object, whatever
   * the values are made of; bytes behind it are ignored. Anything else is what `bytesToVar` gives.
   *
   * @returns an object or any value, which belongs to the caller: {@link isShaped} tells.
   * @throws DecodeError as bytesToVar does.
   */
  decode(bytes: Uint8Array): Shaped<Fields> | VariantValue;
  /** Whether a value was decoded by this shape as what it declares. */
  isShaped(value: Shaped<Fields> | VariantValue): value is Shaped<Fields>;
}

/**
 * Declares a shape, once for all its messages.
 *
 * @param fields At least one; in the order in which they are sent.
 * @throws TypeError for a type that there is not, no fields, and the names `__proto__` and those that look like integers, which
 *   JavaScript would move to the front.
 */
export function compileShape<const Fields extends ShapeFields>(fields: Fields): Shape<Fields> {
  const compiled = Object.entries(fields).map(([name, type]) => fieldOf(name, type));
  if (compiled.length === 0) throw new TypeError('"fields" expected at least one field');
  const template: Record<string, VariantValue> = {};
  for (const { name } of compiled) {
    if (String(Number(name) >>> 0) === name) {
      throw new TypeError(
        `the field ${JSON.stringify(name)} would not keep its place: it looks like an integer`,
      );
    }
    template[name] = null;
  }
  return new CompiledShape(compiled, template);
}

class CompiledShape<Fields extends ShapeFields> implements Shape<Fields> {
  readonly #fields: readonly Field[];
  readonly #read: (r: VariantReader) => Record<string, VariantValue> | undefined;

  constructor(fields: readonly Field[], template: Readonly<Record<string, VariantValue>>) {
    this.#fields = fields;
    this.#read = (r) => readFields(r, fields, template);
  }

  encode(value: Shaped<Fields>): Uint8Array {
    checkValue(value);
    return encodeShaped((w) => writeFields(w, value, this.#fields));
  }

  encodeInto(value: Shaped<Fields>, target: Uint8Array, offset: number): number {
    checkValue(value);
    return encodeShapedInto((w) => writeFields(w, value, this.#fields), target, offset);
  }

  decode(bytes: Uint8Array): Shaped<Fields> | VariantValue {
    return decodeShaped(bytes, this.#read);
  }

  isShaped(value: Shaped<Fields> | VariantValue): value is Shaped<Fields> {
    // The general way gives Dictionaries, and no objects of this prototype.
    return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  }
}

function readFields(
  r: VariantReader,
  fields: readonly Field[],
  template: Readonly<Record<string, VariantValue>>,
): Record<string, VariantValue> | undefined {
  const count = fields.length;
  const { view } = r;
  if (r.end < 8 || view.getInt32(0, true) !== VariantType.DICTIONARY || view.getInt32(4, true) !== count) {
    return undefined;
  }
  r.position = 8;
  r.takeElements(count * 2, 4, VariantType.DICTIONARY);
  // The copy has the hidden class of the template: its fields are there already.
  const object = { ...template };
  for (let index = 0; index < count; index++) {
    // The index is inside the array.
    const field = fields[index] as Field;
    const value = readField(r, field);
    if (value === MISS) return undefined;
    object[field.name] = value;
  }
  return object;
}

function checkValue(value: unknown): void {
  if (typeof value === 'object' && value !== null) return;
  throw new TypeError(`"value" expected an object, got ${value === null ? 'null' : typeof value}`);
}
