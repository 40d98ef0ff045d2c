/**
 * Decoding of Variants (variant-codec.md sections 1 to 5, and 7.2 for Godot 3). The rare types live in the files of their families;
 * scalars, arrays and dictionaries are here because nearly every packet is made of them.
 */

import { DecodeError, GodotError, isStackOverflow, STACK_MESSAGE } from '../errors.ts';
import type { ContainerType } from '../values/ContainerType.ts';
import { Dictionary, declareTypes, KeyResolver, setResolved } from '../values/Dictionary.ts';
import { Float } from '../values/Float.ts';
import { KeySession } from '../values/keyToken.ts';
import { Callable, RID } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { TypedArray } from '../values/TypedArray.ts';
import { hasType, VariantType, variantTypeName } from '../values/variantTypes.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { DROPPED, inView, isAccepted, keepInt, readContainerType } from './container.ts';
import { FROM_GODOT_3 } from './godot3.ts';
import { FLAG_64 } from './header.ts';
import { KeyFloodGuard } from './keyFlood.ts';
import { isMath, readMath } from './math.ts';
import { widenNan } from './nan.ts';
import { readNodePath } from './nodePath.ts';
import { readObject, readSignal } from './object.ts';
import {
  DEFAULT_DECODE_OPTIONS,
  type DecodeOptions,
  type ResolvedDecodeOptions,
  recallDecodeOptions,
} from './options.ts';
import { readBulk, readPacked } from './packed.ts';
import { FloatMode, VariantReader } from './reader.ts';
import { canConvertStrict, convertStrict } from './strictConversion.ts';

/** A decoded value and the bytes it took. */
export interface DecodedVariant {
  /** The value. */
  readonly value: VariantValue;
  /** How many bytes it took; may pass the input by up to 3 after an unpadded PackedByteArray (section 3.3). */
  readonly size: number;
}

/**
 * Decodes one Variant, like Godot's `bytes_to_var`; bytes behind it are ignored. The result shares no memory with
 * `bytes`, unless the option `borrow` asks for it.
 * @throws DecodeError if the bytes are refused; TypeError or RangeError for a bad argument.
 */
export function bytesToVar(bytes: Uint8Array, options?: DecodeOptions): VariantValue {
  return decodeWith(bytes, options, false) as VariantValue;
}

/**
 * Decodes one Variant and tells how many bytes it took, like Godot's `decode_var` with `decode_var_size`.
 * @throws DecodeError if the bytes are refused; TypeError or RangeError for a bad argument.
 */
export function decodeVariant(bytes: Uint8Array, options?: DecodeOptions): DecodedVariant {
  return decodeWith(bytes, options, true) as DecodedVariant;
}

/**
 * Decodes one Variant by a shape, with the options that hold when none are given.
 * @param shaped reads from the beginning; when it gives `undefined`, the value is read as {@link bytesToVar} does.
 */
export function decodeShaped<T>(
  bytes: Uint8Array,
  shaped: (r: VariantReader) => T | undefined,
): T | VariantValue {
  checkBytes(bytes);
  return DECODER.decode(bytes, DEFAULT_DECODE_OPTIONS, false, shaped) as T | VariantValue;
}

function checkBytes(bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  throw new TypeError(`"bytes" expected a Uint8Array, got ${typeof bytes}`);
}

function decodeWith(
  bytes: Uint8Array,
  options: DecodeOptions | undefined,
  withSize: boolean,
): VariantValue | DecodedVariant {
  checkBytes(bytes);
  const resolved = options === undefined ? DEFAULT_DECODE_OPTIONS : recallDecodeOptions(options);
  if (!withSize && bytes.length <= resolved.maxBytes) {
    const bulk = readBulk(bytes, resolved);
    if (bulk !== undefined) return bulk;
  }
  // Decoding runs no code of the caller, so one decoder serves all.
  return DECODER.decode(bytes, resolved, withSize) as VariantValue | DecodedVariant;
}

class VariantDecoder extends VariantReader {
  /** Whether FLOAT and INT come out as plain numbers and nothing else: the common case. */
  #isPlain = true;
  /** Tokens of keys of the message under way, made when the first key needs one. */
  #session: KeySession | undefined;

  decode(
    bytes: Uint8Array,
    options: ResolvedDecodeOptions,
    withSize: boolean,
    shaped?: (r: VariantReader) => unknown,
  ): unknown {
    this.begin(bytes, options);
    this.#isPlain = this.floatMode === FloatMode.NUMBER;
    this.#session = undefined;
    try {
      if (shaped !== undefined) {
        const found = shaped(this);
        if (found !== undefined) return found;
        this.position = 0;
        this.elementsLeft = options.maxElements;
      }
      const value = this.readValue(0);
      return withSize ? { value, size: this.position } : value;
    } catch (error) {
      if (!isStackOverflow(error)) throw error;
      throw new DecodeError('ERR_VARIANT_DEPTH', {
        offset: this.position,
        godotError: GodotError.ERR_OUT_OF_MEMORY,
        message: STACK_MESSAGE,
      });
    } finally {
      this.#session = undefined;
      this.release();
    }
  }

  override readValue(depth: number): VariantValue {
    const at = this.position;
    if (this.end - at < 4) throw this.truncated(4, VariantType.NIL);
    let header = this.view.getInt32(at, true);
    this.position = at + 4;
    let type = header & 0xff;
    // Up to STRING the numbers are the same in Godot 3, and so are their flags.
    if (this.isGodot3 && type > VariantType.STRING) {
      // The table has an entry for every byte. Only OBJECT has a flag.
      type = FROM_GODOT_3[type] as number;
      if (type !== VariantType.OBJECT) header = type;
    }
    switch (type) {
      case VariantType.NIL:
        return null;
      case VariantType.BOOL:
        return this.view.getInt32(this.take(4, type), true) !== 0;
      case VariantType.INT:
        return this.#readInt(header);
      case VariantType.FLOAT:
        return this.#readFloat(header);
      case VariantType.STRING:
        return this.readText(type);
      case VariantType.STRING_NAME:
        return new StringName(this.readText(type));
      case VariantType.NODE_PATH:
        return readNodePath(this);
      case VariantType.RID:
        // Section 7.2: Godot 3 sends no id.
        if (this.isGodot3) return new RID();
        return new RID(this.view.getBigUint64(this.take(8, type), true));
      case VariantType.OBJECT:
        return readObject(this, header, depth);
      case VariantType.CALLABLE:
        return new Callable();
      case VariantType.SIGNAL:
        return readSignal(this);
      case VariantType.DICTIONARY:
        return this.#readDictionary(header, depth);
      case VariantType.ARRAY:
        return this.#readArray(header, depth);
      default:
        if (!hasType(this.options.minor, type)) throw this.#unknownType(at);
        return isMath(type) ? readMath(this, type, header) : readPacked(this, type, header);
    }
  }

  #unknownType(offset: number): DecodeError {
    const id = this.view.getUint8(offset);
    return new DecodeError('ERR_VARIANT_TYPE', {
      offset,
      type: this.isGodot3 ? `type ${id}` : variantTypeName(id),
      message: 'no Variant type',
    });
  }

  #readInt(header: number): number | bigint {
    if ((header & FLAG_64) === 0) {
      const value = this.view.getInt32(this.take(4, VariantType.INT), true);
      return this.options.exact ? BigInt(value) : value;
    }
    const at = this.take(8, VariantType.INT);
    if (!this.options.exact) {
      const value = this.view.getInt32(at + 4, true) * 4294967296 + this.view.getUint32(at, true);
      if (Number.isSafeInteger(value)) return value;
    }
    return this.view.getBigInt64(at, true);
  }

  #readFloat(header: number): number | Float {
    const isDouble = (header & FLAG_64) !== 0;
    const at = this.take(isDouble ? 8 : 4, VariantType.FLOAT);
    const value = isDouble ? this.view.getFloat64(at, true) : this.view.getFloat32(at, true);
    if (this.#isPlain) return value;
    if (this.floatMode === FloatMode.WRAP_WHOLE) {
      return Number.isSafeInteger(value) ? new Float(value) : value;
    }
    if (!Number.isNaN(value)) return new Float(value);
    const bits = isDouble ? this.view.getBigUint64(at, true) : widenNan(this.view.getUint32(at, true));
    return new Float(value, bits === NAN_BITS ? undefined : bits);
  }

  #readArray(header: number, depth: number): VariantValue[] {
    const owner = VariantType.ARRAY;
    const kind = this.options.minor >= 3 ? (header >>> 16) & 3 : 0;
    const type = kind === 0 ? undefined : readContainerType(this, kind, owner);
    // Section 3.3: bit 31 of the count is masked off.
    const count = this.view.getInt32(this.take(4, owner), true) & 0x7fffffff;
    if (count === 0) return type === undefined ? [] : new TypedArray<VariantValue>(type);
    this.checkDepth(depth, owner);
    this.takeElements(count, 4, owner);
    if (type !== undefined) return this.#readTypedElements(type, count, depth + 1);
    if (this.#isPlain && this.end - this.position >= 4) {
      if ((this.view.getInt32(this.position, true) & 0xff) === VariantType.FLOAT) {
        return this.#readFloats(count, depth + 1);
      }
    }
    const elements: VariantValue[] = [];
    for (let index = 0; index < count; index++) elements.push(this.readValue(depth + 1));
    return elements;
  }

  /** An array that starts with floats, which are many where they occur: no call and no boxed number for each. */
  #readFloats(count: number, depth: number): VariantValue[] {
    const elements: VariantValue[] = [];
    const view = this.view;
    const end = this.end;
    let at = this.position;
    let index = 0;
    for (; index < count && end - at >= 12; index++) {
      const header = view.getInt32(at, true);
      if (header === (VariantType.FLOAT | FLAG_64)) {
        elements.push(view.getFloat64(at + 4, true));
        at += 12;
      } else if (header === VariantType.FLOAT) {
        elements.push(view.getFloat32(at + 4, true));
        at += 8;
      } else break;
    }
    this.position = at;
    for (; index < count; index++) elements.push(this.readValue(depth));
    return elements;
  }

  #readTypedElements(type: ContainerType, count: number, depth: number): TypedArray<VariantValue> {
    const elements = new TypedArray<VariantValue>(type);
    for (let index = 0; index < count; index++) {
      const element = this.#readDeclared(type, depth);
      if (element !== DROPPED) elements.push(element);
    }
    return elements;
  }

  /** An element (or key) of a typed container as the engine keeps it. */
  #readDeclared(declared: ContainerType, depth: number): VariantValue | typeof DROPPED {
    const at = this.position;
    const wireType = this.#peekType();
    if (!this.options.strict) return keepInt(declared, wireType, this.readValue(depth));
    const isConverted = canConvertStrict(wireType, declared.type);
    // What is made of an array depends on which of its numbers are floats.
    const isExact = isConverted && wireType === VariantType.ARRAY;
    const value = isExact ? this.#readExactly(depth) : this.readValue(depth);
    if (isAccepted(declared, wireType, value)) return value;
    if (!isConverted) return DROPPED;
    const room = { left: this.elementsLeft };
    const converted = convertStrict(value, wireType, declared.type, room);
    if (converted === undefined) throw this.tooManyElements(at, declared.type);
    this.elementsLeft = room.left;
    return inView(this, converted);
  }

  #readExactly(depth: number): VariantValue {
    const { options, floatMode } = this;
    const isPlain = this.#isPlain;
    this.options = { ...options, exact: true };
    this.floatMode = FloatMode.EXACT;
    this.#isPlain = false;
    const value = this.readValue(depth);
    this.options = options;
    this.floatMode = floatMode;
    this.#isPlain = isPlain;
    return value;
  }

  #readDictionary(header: number, depth: number): VariantValue {
    const owner = VariantType.DICTIONARY;
    const kinds = this.options.minor >= 4 ? (header >>> 16) & 15 : 0;
    const keyType = kinds === 0 ? undefined : readContainerType(this, kinds & 3, owner);
    const valueType = kinds === 0 ? undefined : readContainerType(this, kinds >>> 2, owner);
    const count = this.view.getInt32(this.take(4, owner), true) & 0x7fffffff;
    if (count !== 0) {
      this.checkDepth(depth, owner);
      this.takeElements(count * 2, 4, owner);
    }
    if (this.options.asObjects) return this.#readPlainObject(count, depth + 1, keyType);
    const dictionary = new Dictionary<VariantValue, VariantValue>();
    if (kinds !== 0) {
      declareTypes(dictionary, keyType, valueType);
      this.#readPairs(dictionary, count, depth + 1, keyType, valueType);
      return dictionary;
    }
    const view = this.view;
    for (let index = 0; index < count; index++) {
      const at = this.position;
      if (this.end - at < 4 || (view.getInt32(at, true) & 0xff) !== VariantType.STRING) {
        this.#readPairs(dictionary, count - index, depth + 1, undefined, undefined);
        break;
      }
      this.position = at + 4;
      const key = this.readText(VariantType.STRING);
      dictionary.set(key, this.readValue(depth + 1));
    }
    return dictionary;
  }

  /** Pairs of any kind, until the count is used up. */
  #readPairs(
    dictionary: Dictionary<VariantValue, VariantValue>,
    count: number,
    depth: number,
    keyType: ContainerType | undefined,
    valueType: ContainerType | undefined,
  ): void {
    let resolver: KeyResolver | undefined;
    const guard = new KeyFloodGuard();
    for (let index = 0; index < count; index++) {
      const at = this.position;
      const key = this.#readKey(depth, keyType);
      const valueWireType = this.#peekType();
      let value = this.readValue(depth);
      if (key === DROPPED) continue;
      // Section 3.4: values are not checked, not even in strict mode.
      if (valueType !== undefined) value = keepInt(valueType, valueWireType, value);
      const size = dictionary.size;
      if (resolver === undefined && isNative(key)) {
        Map.prototype.set.call(dictionary, key, value);
      } else {
        if (resolver === undefined) {
          this.#session ??= new KeySession(this.isGodot3);
          resolver = new KeyResolver(this.#session);
          for (const earlier of dictionary.keys()) resolver.resolve(earlier);
        }
        setResolved(dictionary, resolver.resolve(key) as VariantValue, value);
      }
      if (dictionary.size !== size && !guard.accepts(key)) throw this.#keyFlood(at);
    }
  }

  #keyFlood(offset: number): DecodeError {
    return new DecodeError('ERR_VARIANT_KEY_FLOOD', {
      offset,
      godotError: GodotError.ERR_OUT_OF_MEMORY,
      type: 'DICTIONARY',
      message: 'number keys that were chosen to collide',
    });
  }

  #readKey(depth: number, keyType: ContainerType | undefined): VariantValue | typeof DROPPED {
    const { floatMode, borrows } = this;
    // A key must not change.
    this.borrows = false;
    // Inside keys int 1 and float 1.0 must stay apart, however deep.
    if (floatMode === FloatMode.NUMBER) {
      this.floatMode = FloatMode.WRAP_WHOLE;
      this.#isPlain = false;
    }
    let key = keyType === undefined ? this.readValue(depth) : this.#readDeclared(keyType, depth);
    if (keyType === undefined && this.options.minor < 4 && key instanceof StringName) key = key.value;
    this.borrows = borrows;
    this.floatMode = floatMode;
    this.#isPlain = floatMode === FloatMode.NUMBER;
    return key;
  }

  #readPlainObject(count: number, depth: number, keyType: ContainerType | undefined): VariantValue {
    const object: Record<string, VariantValue> = Object.create(null);
    let intKeys: Set<string> | undefined;
    for (let index = 0; index < count; index++) {
      const at = this.position;
      const key = this.#readKey(depth, keyType);
      const value = this.readValue(depth);
      if (key === DROPPED) continue;
      const isInt = typeof key === 'number' || typeof key === 'bigint';
      if (!isInt && typeof key !== 'string' && !(key instanceof StringName)) {
        throw this.invalid(
          'ERR_VARIANT_OBJECT_KEY',
          at,
          VariantType.DICTIONARY,
          'the key is no text and no int',
        );
      }
      const text = String(key);
      const isTaken = text in object && isInt !== (intKeys?.has(text) ?? false);
      if (isTaken || (typeof key === 'number' && !Number.isSafeInteger(key))) {
        throw this.invalid(
          'ERR_VARIANT_OBJECT_KEY',
          at,
          VariantType.DICTIONARY,
          `the key ${text} does not fit beside the others in a plain object`,
        );
      }
      if (isInt) {
        intKeys ??= new Set();
        intKeys.add(text);
      }
      object[text] = value;
    }
    return object;
  }

  /** The type id of the next value, -1 if there is none. */
  #peekType(): number {
    return this.end - this.position < 4 ? -1 : this.view.getUint8(this.position);
  }
}

/** Whether the native Map tells the key from all others: anything else is resolved by its token. */
function isNative(key: VariantValue): boolean {
  return (typeof key !== 'object' && typeof key !== 'bigint') || key === null;
}

const NAN_BITS = 0x7ff8000000000000n;

const DECODER = new VariantDecoder();
