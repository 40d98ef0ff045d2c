/**
 * Encoding of Variants (variant-codec.md sections 1 to 4 and 6.2, and 7.2 for Godot 3). The rare types live in the files of their
 * families; scalars, arrays and dictionaries are here because nearly every packet is made of them.
 */

import { checkInteger } from '../../options/internal.ts';
import { isStackOverflow, stackError } from '../errors.ts';
import type { ContainerType } from '../values/ContainerType.ts';
import { Dictionary } from '../values/Dictionary.ts';
import type { Float } from '../values/Float.ts';
import type { MathValue } from '../values/mathTypes.ts';
import type { NodePath } from '../values/NodePath.ts';
import type { EncodedObjectAsID, GodotObject, RID, Signal } from '../values/reference.ts';
import type { StringName } from '../values/StringName.ts';
import { TypedArray } from '../values/TypedArray.ts';
import { objectType } from '../values/typeOf.ts';
import { hasType, VariantType, type VariantTypeId, variantTypeString } from '../values/variantTypes.ts';
import type { PackedValue, VariantInput } from '../values/variantValue.ts';
import { wireContainerType, writeContainerType } from './container.ts';
import { asDeclared } from './declared.ts';
import { NO_TYPE } from './godot3.ts';
import { isMath, writeMath } from './math.ts';
import { writeNodePath } from './nodePath.ts';
import { writeObject, writeSignal } from './object.ts';
import {
  DEFAULT_ENCODE_OPTIONS,
  type EncodeOptions,
  type ResolvedEncodeOptions,
  resolveEncodeOptions,
} from './options.ts';
import { type BulkValue, bulkSize, bulkType, putPacked, writePacked } from './packed.ts';
import { EncodeFailure, unknownToDialect, VariantWriter } from './writer.ts';

/**
 * Encodes a value, like Godot's `var_to_bytes`. The result belongs to the caller and shares memory with nothing.
 * {@link encodeVariantInto} saves the allocation.
 * @throws EncodeError if the value, or one in it, has no Variant form; TypeError or RangeError for a bad option.
 */
export function varToBytes(value: VariantInput, options?: EncodeOptions): Uint8Array {
  const encoder = takeEncoder();
  try {
    return encoder.encode(value, resolve(options));
  } finally {
    idle = encoder;
  }
}

/**
 * Encodes a value behind one byte, as packets have it.
 * @returns bytes that belong to the caller and share memory with nothing
 * @throws EncodeError as varToBytes does.
 */
export function varToBytesAfter(prefix: number, value: VariantInput, options?: EncodeOptions): Uint8Array {
  const encoder = takeEncoder();
  try {
    return encoder.encode(value, resolve(options), prefix);
  } finally {
    idle = encoder;
  }
}

/**
 * The number of bytes that {@link varToBytes} gives for a value. Costs as much as encoding it.
 * @throws EncodeError as varToBytes does.
 */
export function encodedSize(value: VariantInput, options?: EncodeOptions): number {
  const encoder = takeEncoder();
  try {
    return encoder.measure(value, resolve(options));
  } finally {
    idle = encoder;
  }
}

/**
 * Encodes a value into the caller's memory at an offset (of any alignment), whole or not at all.
 * @returns the number of bytes written
 * @throws RangeError if the encoding does not fit behind the offset (then nothing is written); EncodeError as
 * varToBytes does.
 */
export function encodeVariantInto(
  value: VariantInput,
  target: Uint8Array,
  offset: number,
  options?: EncodeOptions,
): number {
  checkTarget(target, offset);
  const encoder = takeEncoder();
  try {
    return encoder.encodeInto(value, target, offset, resolve(options));
  } finally {
    idle = encoder;
  }
}

/** Encodes what `write` writes, with the options that hold when none are given; as {@link varToBytes}. */
export function encodeShaped(write: ShapeWriter): Uint8Array {
  const encoder = takeEncoder();
  try {
    return encoder.encode(undefined, DEFAULT_ENCODE_OPTIONS, undefined, write);
  } finally {
    idle = encoder;
  }
}

/** {@link encodeShaped} into the caller's memory, as {@link encodeVariantInto}. */
export function encodeShapedInto(write: ShapeWriter, target: Uint8Array, offset: number): number {
  checkTarget(target, offset);
  const encoder = takeEncoder();
  try {
    return encoder.encodeInto(undefined, target, offset, DEFAULT_ENCODE_OPTIONS, write);
  } finally {
    idle = encoder;
  }
}

/** Writes one value, header included. @throws EncodeFailure for what has no form. */
export type ShapeWriter = (w: VariantWriter) => void;

function checkTarget(target: unknown, offset: number): void {
  if (!(target instanceof Uint8Array)) {
    throw new TypeError(`"target" expected a Uint8Array, got ${typeof target}`);
  }
  checkInteger('offset', offset, 0, target.length, 'an integer');
}

function resolve(options: EncodeOptions | undefined): ResolvedEncodeOptions {
  return options === undefined ? DEFAULT_ENCODE_OPTIONS : resolveEncodeOptions(options);
}

class VariantEncoder extends VariantWriter {
  /** Whether somebody made properties of Object.prototype enumerable, which `for in` would then show on every object. */
  #checksOwn = false;

  encode(value: unknown, options: ResolvedEncodeOptions, prefix?: number, write?: ShapeWriter): Uint8Array {
    const bulk = bulkType(value, options);
    if (bulk !== 0) {
      const before = prefix === undefined ? 0 : 1;
      const bytes = new Uint8Array(before + this.#sizeOfBulk(value as BulkValue, options));
      if (prefix !== undefined) bytes[0] = prefix;
      putPacked(bulk, value as BulkValue, bytes, before);
      return bytes;
    }
    this.#run(value, options, write);
    return this.finish(prefix);
  }

  measure(value: unknown, options: ResolvedEncodeOptions): number {
    this.#run(value, options);
    const size = this.written;
    this.release();
    return size;
  }

  encodeInto(
    value: unknown,
    target: Uint8Array,
    offset: number,
    options: ResolvedEncodeOptions,
    write?: ShapeWriter,
  ): number {
    const bulk = bulkType(value, options);
    if (bulk !== 0) {
      const size = this.#sizeOfBulk(value as BulkValue, options);
      if (size > target.length - offset) throw doesNotFit(size, target, offset);
      putPacked(bulk, value as BulkValue, target, offset);
      return size;
    }
    this.#run(value, options, write);
    const { written } = this;
    if (written > target.length - offset) {
      this.release();
      throw doesNotFit(written, target, offset);
    }
    return this.finishInto(target, offset);
  }

  #sizeOfBulk(value: BulkValue, options: ResolvedEncodeOptions): number {
    const size = bulkSize(value);
    if (size <= options.maxBytes) return size;
    this.maxBytes = options.maxBytes;
    throw this.tooLarge().toError();
  }

  #run(value: unknown, options: ResolvedEncodeOptions, write?: ShapeWriter): void {
    this.start(options);
    this.#checksOwn = hasEnumerable(Object.prototype);
    try {
      if (write === undefined) this.writeValue(value, 0);
      else write(this);
      if (this.written > options.maxBytes) throw this.tooLarge();
    } catch (error) {
      this.release();
      if (error instanceof EncodeFailure) throw error.toError();
      throw isStackOverflow(error) ? stackError(error) : error;
    }
  }

  override writeValue(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
        this.writeNumber(value);
        return;
      case 'string':
        this.writeString(value);
        return;
      case 'boolean':
        this.reserve(8);
        this.view.setInt32(this.position, VariantType.BOOL, true);
        this.view.setInt32(this.position + 4, value ? 1 : 0, true);
        this.position += 8;
        return;
      case 'bigint':
        this.writeBigInt(value);
        return;
      case 'undefined':
        this.writeU32(VariantType.NIL);
        return;
      case 'object':
        if (value === null) this.writeU32(VariantType.NIL);
        else this.#writeObject(value, depth);
        return;
      default:
        throw new EncodeFailure('ERR_ENCODE_UNSUPPORTED', `a ${typeof value} is no Variant`);
    }
  }

  #writeObject(value: object, depth: number): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      this.#writePlainObject(value as Readonly<Record<string, unknown>>, depth, this.#checksOwn);
    } else if (prototype === Array.prototype) {
      this.#writeArray(value as readonly unknown[], depth);
    } else {
      this.#writeInstance(value, depth);
    }
  }

  #writePlainObject(value: Readonly<Record<string, unknown>>, depth: number, checksOwn: boolean): void {
    this.reserve(8);
    this.view.setInt32(this.position, this.dictionaryId, true);
    const countAt = this.position + 4 - this.base;
    this.position += 8;
    let count = 0;
    let name = '';
    try {
      for (name in value) {
        if (checksOwn && !Object.hasOwn(value, name)) continue;
        if (count === 0) this.checkDepth(depth);
        count++;
        this.writeString(name);
        const member = value[name];
        if (typeof member === 'number') this.writeNumber(member);
        else this.writeValue(member, depth + 1);
      }
    } catch (error) {
      if (error instanceof EncodeFailure) error.segments.push(nameStep(name));
      throw error;
    }
    this.view.setInt32(this.base + countAt, count, true);
  }

  #writeArray(value: readonly unknown[], depth: number): void {
    const length = value.length;
    this.reserve(8);
    this.view.setInt32(this.position, this.arrayId, true);
    this.view.setInt32(this.position + 4, length, true);
    this.position += 8;
    if (length === 0) return;
    let index = 0;
    try {
      this.checkDepth(depth);
      for (; index < length; index++) {
        index = this.writeNumbers(value, index, length);
        if (index < length) this.writeValue(value[index], depth + 1);
      }
    } catch (error) {
      if (error instanceof EncodeFailure) error.segments.push(`[${index}]`);
      throw error;
    }
  }

  /** Instances of our classes, typed arrays, Maps; anything else is refused. */
  #writeInstance(value: object, depth: number): void {
    const type = objectType(value);
    if (this.isGodot3 && type !== undefined && this.typeIds[type] === NO_TYPE) {
      throw unknownToGodot3(type);
    }
    // The type was derived from the class, so each cast below states what is already known.
    switch (type) {
      case undefined:
        throw new EncodeFailure(
          'ERR_ENCODE_UNSUPPORTED',
          ArrayBuffer.isView(value)
            ? `Godot has no packed array like ${String(value.constructor?.name)}: make it a Uint8Array, Int32Array, BigInt64Array, Float32Array or Float64Array`
            : `an instance of ${String(value.constructor?.name)} is no Variant: make it plain data`,
        );
      case VariantType.FLOAT:
        this.writeFloatObject(value as Float);
        return;
      case VariantType.STRING_NAME:
        this.writeU32(type);
        this.writeText((value as StringName).value);
        return;
      case VariantType.NODE_PATH:
        writeNodePath(this, value as NodePath);
        return;
      case VariantType.RID:
        this.reserve(12);
        this.writeType(type);
        // Section 7.2: Godot 3 sends no id.
        if (this.isGodot3) return;
        this.view.setBigUint64(this.position, (value as RID).id, true);
        this.position += 8;
        return;
      case VariantType.OBJECT:
        writeObject(this, value as EncodedObjectAsID | GodotObject, depth);
        return;
      case VariantType.CALLABLE:
        this.writeU32(type);
        return;
      case VariantType.SIGNAL:
        writeSignal(this, value as Signal);
        return;
      case VariantType.DICTIONARY:
        if (value instanceof Map) this.#writeMap(value, depth);
        else this.#writePlainObject(value as Readonly<Record<string, unknown>>, depth, true);
        return;
      case VariantType.ARRAY:
        this.#writeArrayInstance(value as unknown[], depth);
        return;
      default:
        if (!hasType(this.options.minor, type)) throw unknownToDialect(this.options.minor, type);
        if (isMath(type)) writeMath(this, type, value as MathValue);
        else writePacked(this, type, value as PackedValue);
    }
  }

  #writeArrayInstance(value: readonly unknown[], depth: number): void {
    // Arrays without typing: those of another realm, and every array for versions before 4.3.
    const elementType = value instanceof TypedArray ? (value.elementType as ContainerType) : undefined;
    if (elementType === undefined) {
      if (!isPlainArray(value)) {
        throw new EncodeFailure(
          'ERR_ENCODE_UNSUPPORTED',
          `an instance of ${String(value.constructor?.name)} is no Variant`,
        );
      }
      this.#writeArray(value, depth);
      return;
    }
    const type = wireContainerType(this, this.options.minor >= 3 ? elementType : undefined);
    this.writeU32(this.arrayId | (type.kind << 16));
    writeContainerType(this, type);
    const length = value.length;
    this.writeU32(length);
    if (length === 0) return;
    let index = 0;
    try {
      this.checkDepth(depth);
      for (; index < length; index++) this.#writeElement(value[index], elementType, depth + 1);
    } catch (error) {
      if (error instanceof EncodeFailure) error.segments.push(`[${index}]`);
      throw error;
    }
  }

  #writeMap(value: ReadonlyMap<unknown, unknown>, depth: number): void {
    const keyType = value instanceof Dictionary ? (value.keyType as ContainerType | undefined) : undefined;
    const valueType =
      value instanceof Dictionary ? (value.valueType as ContainerType | undefined) : undefined;
    const isTyped = this.options.minor >= 4 && (keyType !== undefined || valueType !== undefined);
    if (isTyped) {
      const keys = wireContainerType(this, keyType);
      const values = wireContainerType(this, valueType);
      this.writeU32(VariantType.DICTIONARY | (keys.kind << 16) | (values.kind << 18));
      writeContainerType(this, keys);
      writeContainerType(this, values);
    } else {
      this.writeU32(this.dictionaryId);
    }
    const countAt = this.position - this.base;
    this.writeU32(0);
    let count = 0;
    let key: unknown;
    try {
      for (const [pairKey, pairValue] of value) {
        key = pairKey;
        if (count === 0) this.checkDepth(depth);
        count++;
        this.#writeElement(pairKey, keyType, depth + 1);
        this.#writeElement(pairValue, valueType, depth + 1);
      }
    } catch (error) {
      if (error instanceof EncodeFailure) error.segments.push(keyStep(key));
      throw error;
    }
    // The pairs written are what counts, should the Map have changed under way.
    this.view.setInt32(this.base + countAt, count, true);
  }

  /** Where FLOATs are declared, numbers are floats. */
  #writeElement(value: unknown, declared: ContainerType | undefined, depth: number): void {
    if (declared === undefined) this.writeValue(value, depth);
    else if (declared.type === VariantType.FLOAT && typeof value === 'number') this.writeFloat(value);
    else this.writeValue(this.options.strict ? asDeclared(value, declared) : value, depth);
  }
}

function doesNotFit(size: number, target: Uint8Array, offset: number): RangeError {
  return new RangeError(
    `the encoding of ${size} bytes does not fit at offset ${offset} of ${target.length} bytes`,
  );
}

function unknownToGodot3(type: VariantTypeId): EncodeFailure {
  const advice = GODOT_3_ADVICE[type];
  return new EncodeFailure(
    'ERR_ENCODE_DIALECT',
    `Godot 3 has no ${variantTypeString(type)}${advice === undefined ? '' : `: send ${advice}`}`,
  );
}

/** An array of this realm or another, but not of a class of somebody's own. */
function isPlainArray(value: readonly unknown[]): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(prototype) && !Array.isArray(Object.getPrototypeOf(prototype));
}

function hasEnumerable(object: object): boolean {
  for (const _name in object) return true;
  return false;
}

function nameStep(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function keyStep(key: unknown): string {
  if (typeof key === 'string') return nameStep(key);
  if (typeof key === 'object' && key !== null) return `[${key.constructor?.name ?? 'Object'}]`;
  return `[${String(key)}]`;
}

/** What can be sent instead of what Godot 3 lacks. */
const GODOT_3_ADVICE: Readonly<Partial<Record<VariantTypeId, string>>> = {
  [VariantType.STRING_NAME]: 'a string',
  [VariantType.VECTOR2I]: 'a Vector2',
  [VariantType.VECTOR3I]: 'a Vector3',
  [VariantType.RECT2I]: 'a Rect2',
  [VariantType.VECTOR4]: 'a Quaternion or an array',
  [VariantType.VECTOR4I]: 'an array',
  [VariantType.PROJECTION]: 'an array',
  [VariantType.PACKED_INT64_ARRAY]: 'an Int32Array or an array',
  [VariantType.PACKED_FLOAT64_ARRAY]: 'a Float32Array or an array',
  [VariantType.PACKED_VECTOR4_ARRAY]: 'a PackedColorArray or an array',
};

/**
 * The encoder that waits for work; none while it is at work. Getters and iterators of the caller may encode other
 * values meanwhile, and get an encoder of their own.
 */
let idle: VariantEncoder | undefined;

function takeEncoder(): VariantEncoder {
  const encoder = idle ?? new VariantEncoder();
  idle = undefined;
  return encoder;
}
