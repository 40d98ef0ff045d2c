/** Godot's `var_to_str` (docs/protocol/variant-codec 9.1): any Variant as text. */
import { checkInteger, checkOptions, type OptionNames } from '../../options/internal.ts';
import { EncodeError, GodotError, withStackErrors } from '../errors.ts';
import { toEngineString } from '../lexical/engineString.ts';
import { escapeFully } from '../lexical/escape.ts';
import { floatScalarToVarText, floatToVarText, type VarTextOptions } from '../lexical/floatText.ts';
import { compareKeys } from '../lexical/keyOrder.ts';
import { sortKeys } from '../lexical/keySort.ts';
import { dictionaryEntries, holdsFloats, isInt } from '../lexical/valueText.ts';
import type { ContainerType } from '../values/ContainerType.ts';
import { Dictionary } from '../values/Dictionary.ts';
import { Float } from '../values/Float.ts';
import { type MathValue, mathTypeOf } from '../values/mathTypes.ts';
import { NodePath } from '../values/NodePath.ts';
import { PackedNumbers, PackedStringArray } from '../values/packed.ts';
import { packedNumberName, packedVectorName } from '../values/packedTypes.ts';
import { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { TextResource } from '../values/TextResource.ts';
import { TypedArray } from '../values/TypedArray.ts';
import type { VariantInput } from '../values/variantValue.ts';
import { toBase64 } from './base64.ts';

/** How {@link varToStr} writes; every option may be left out. */
export interface VarToStrOptions {
  /**
   * `true` (the default): as `var_to_str` and files of format 3. `false`: as files of format 4, with PackedByteArrays in base64
   * and minus infinity as `-inf`.
   */
  readonly compatible?: boolean | undefined;
  /** Width of real components: `'double'` for an engine built with double precision. Default `'single'`: they become f32. */
  readonly real?: 'single' | 'double' | undefined;
  /** The most UTF-16 units to write. Default 67,108,864. */
  readonly maxLength?: number | undefined;
}

/**
 * Writes a value as Godot 4.6's `var_to_str` does, byte for byte.
 *
 * What the text loses: the insertion order of dictionaries (keys are sorted), the sign of -0, the payload of NaNs, the content
 * of Signals, every container below the 100th level (written empty), and FLOATs that the engine's decimal reader misses
 * by a unit. An EncodedObjectAsID is written as the object it is in the engine.
 *
 * @param value - Any Variant. A safe integer number counts as INT, other numbers as FLOAT.
 * @param options - Dialect of the file format, precision, limit.
 * @returns The text. A full object ends with a newline, as in the engine.
 * @throws EncodeError for a JavaScript value that is no Variant (`ERR_ENCODE_UNSUPPORTED`), an int beyond 64 bits
 *   (`ERR_ENCODE_INT_RANGE`), a string with U+0000 (`ERR_ENCODE_NUL`), a text beyond the limit (`ERR_ENCODE_BYTE_LIMIT`);
 *   TypeError or RangeError for a bad option.
 */
export function varToStr(value: VariantInput, options: VarToStrOptions = {}): string {
  return withStackErrors(() => new Writer(options).write(value));
}

class Writer {
  readonly #floats: VarTextOptions;
  readonly #isCompatible: boolean;
  readonly #isDouble: boolean;
  readonly #maxLength: number;
  readonly #parts: string[] = [];
  readonly #path: string[] = ['$'];
  #length = 0;

  constructor(options: VarToStrOptions) {
    checkOptions(options, OPTION_NAMES);
    const { compatible = true, real = 'single', maxLength = MAX_LENGTH } = options;
    if (typeof compatible !== 'boolean') {
      throw new TypeError(`"compatible" expected a boolean, got ${typeof compatible}`);
    }
    if (real !== 'single' && real !== 'double') {
      throw new RangeError(`"real" expected 'single' or 'double', got ${String(real)}`);
    }
    checkInteger('maxLength', maxLength, 0, LONGEST_TEXT, 'an integer');
    this.#isCompatible = compatible;
    this.#floats = { compatible };
    this.#isDouble = real === 'double';
    this.#maxLength = maxLength;
  }

  write(value: unknown): string {
    this.#value(value, 0, false);
    return this.#parts.join('');
  }

  /** `isFloat`: a bare number is a float because its container is declared so. */
  #value(value: unknown, depth: number, isFloat: boolean): void {
    switch (typeof value) {
      case 'undefined':
        this.#put('null');
        return;
      case 'boolean':
        this.#put(value ? 'true' : 'false');
        return;
      case 'bigint':
        if (BigInt.asIntN(64, value) !== value) {
          throw this.#error('ERR_ENCODE_INT_RANGE', `expected an int of 64 bits, got ${value}`);
        }
        this.#put(value.toString());
        return;
      case 'number':
        this.#put(isInt(value) && !isFloat ? value.toString() : floatScalarToVarText(value, this.#floats));
        return;
      case 'string':
        this.#put(`"${this.#escaped(value)}"`);
        return;
      case 'object':
        if (value === null) this.#put('null');
        else if (!this.#leaf(value)) this.#container(value, depth);
        return;
      default:
        throw this.#unsupported(typeof value);
    }
  }

  /** Writes a value without others in it; `false` for containers and objects. */
  #leaf(value: object): boolean {
    if (value instanceof Float) this.#put(floatScalarToVarText(value.value, this.#floats));
    else if (value instanceof StringName) this.#put(`&"${this.#fullyEscaped(value.value)}"`);
    else if (value instanceof NodePath) this.#put(`NodePath("${this.#fullyEscaped(value.toString())}")`);
    else if (value instanceof RID)
      this.#put(value.id === 0n ? 'RID()' : `RID(${BigInt.asIntN(64, value.id)})`);
    else if (value instanceof Callable) this.#put('Callable()');
    else if (value instanceof Signal) this.#put('Signal()');
    else if (value instanceof TextResource) this.#put(this.#reference(value));
    else return this.#numbers(value) || this.#packed(value);
    return true;
  }

  #numbers(value: object): boolean {
    const type = mathTypeOf(value);
    if (type === undefined) return false;
    // The row was found by the value's class.
    const numbers = type.numbers(value as MathValue);
    // The order lists exactly the indexes of the numbers.
    const ordered = type.rowOrder?.map((index) => numbers[index] as number) ?? numbers;
    this.#call(type.name, ordered, type.isInteger ? String : this.#real(type.name));
    return true;
  }

  #packed(value: object): boolean {
    if (value instanceof PackedStringArray) {
      this.#call('PackedStringArray', value.values, (text) => `"${this.#fullyEscaped(text)}"`);
      return true;
    }
    if (value instanceof PackedNumbers) {
      const name = packedVectorName(value);
      if (name === undefined) throw this.#unsupported('a packed array of unknown type');
      this.#call(name, value.data, this.#real(name));
      return true;
    }
    const name = packedNumberName(value);
    if (name === undefined) return false;
    if (value instanceof Uint8Array && !this.#isCompatible) {
      this.#put(value.length === 0 ? `${name}()` : `${name}("${toBase64(value)}")`);
    } else if (value instanceof Uint8Array || value instanceof Int32Array || value instanceof BigInt64Array) {
      this.#call<number | bigint>(name, value, String);
    } else if (value instanceof Float32Array || value instanceof Float64Array) {
      this.#call(name, value, (number) => floatToVarText(number, this.#floats));
    } else return false;
    return true;
  }

  /** `Name(a, b, …)`, piece by piece so that the limit holds while it grows. */
  #call<T>(name: string, items: Iterable<T>, text: (item: T) => string): void {
    this.#put(`${name}(`);
    let separator = '';
    for (const item of items) {
      this.#put(separator + text(item));
      separator = ', ';
    }
    this.#put(')');
  }

  /** Colors are single precision in every engine. */
  #real(type: string): (value: number) => string {
    const isDouble = this.#isDouble && type !== 'Color' && type !== 'PackedColorArray';
    return (value) => {
      if (typeof value !== 'number') throw this.#unsupported(`a ${type} with a ${typeof value} in it`);
      return floatToVarText(isDouble ? value : Math.fround(value), this.#floats);
    };
  }

  #container(value: object, depth: number): void {
    if (value instanceof EncodedObjectAsID) {
      this.#object(
        'EncodedObjectAsID',
        [
          ['object_id', BigInt.asIntN(64, value.id)],
          ['script', null],
        ],
        depth,
      );
    } else if (value instanceof GodotObject) this.#object(value.className, value.properties, depth);
    else if (Array.isArray(value)) this.#array(value, depth);
    else {
      const entries = dictionaryEntries(value);
      if (entries === undefined) throw this.#unsupported('an object of another class');
      this.#dictionary(value, entries, depth);
    }
  }

  #array(value: readonly unknown[], depth: number): void {
    const type = value instanceof TypedArray ? value.elementType : undefined;
    this.#put(type === undefined ? '[' : `Array[${this.#typeName(type)}]([`);
    if (depth <= MAX_RECURSION) {
      const isFloat = holdsFloats(type);
      for (let index = 0; index < value.length; index++) {
        if (index > 0) this.#put(', ');
        this.#step(`[${index}]`, value[index], depth, isFloat);
      }
    }
    this.#put(type === undefined ? ']' : '])');
  }

  #dictionary(value: object, entries: Iterable<readonly [unknown, unknown]>, depth: number): void {
    const keyType = value instanceof Dictionary ? value.keyType : undefined;
    const valueType = value instanceof Dictionary ? value.valueType : undefined;
    const isTyped = keyType !== undefined || valueType !== undefined;
    if (isTyped) this.#put(`Dictionary[${this.#typeName(keyType)}, ${this.#typeName(valueType)}](`);
    const hasFloatKeys = holdsFloats(keyType);
    const pairs: { readonly key: unknown; readonly value: unknown }[] = [];
    if (depth <= MAX_RECURSION) {
      for (const [key, item] of entries) {
        pairs.push({ key: hasFloatKeys && typeof key === 'number' ? new Float(key) : key, value: item });
      }
    }
    sortKeys(pairs, (left, right) => compareKeys(left.key, right.key));
    this.#put(pairs.length === 0 ? '{' : '{\n');
    for (const [index, pair] of pairs.entries()) {
      this.#step('{key}', pair.key, depth, false);
      this.#put(': ');
      this.#step(
        typeof pair.key === 'string' ? `.${pair.key}` : `{${index}}`,
        pair.value,
        depth,
        holdsFloats(valueType),
      );
      this.#put(index < pairs.length - 1 ? ',\n' : '\n');
    }
    this.#put(isTyped ? '})' : '}');
  }

  #object(className: string, properties: Iterable<readonly [string, unknown]>, depth: number): void {
    if (depth > MAX_RECURSION) {
      this.#put('null');
      return;
    }
    if (!CLASS_NAME.test(className)) {
      throw this.#error(
        'ERR_ENCODE_OBJECT',
        `expected an object with a class name, got "${className.slice(0, 64)}"`,
      );
    }
    this.#put(`Object(${className}`);
    for (const [name, value] of properties) {
      this.#put(`,"${this.#escaped(name)}":`);
      this.#step(`.${name}`, value, depth, false);
    }
    this.#put(')\n');
  }

  #step(step: string, value: unknown, depth: number, isFloat: boolean): void {
    this.#path.push(step);
    this.#value(value, depth + 1, isFloat);
    this.#path.pop();
  }

  #typeName(type: ContainerType | undefined): string {
    if (type === undefined) return 'Variant';
    if (type.scriptPath === '') return type.toString();
    if (REFERENCE.test(type.scriptPath)) return type.scriptPath;
    return `Resource("${this.#fullyEscaped(type.scriptPath)}")`;
  }

  #reference(value: TextResource): string {
    const parts = [value.uid, value.id].filter((part) => part !== '');
    if (parts.length === 0) parts.push('');
    const texts = parts.map((part) => (typeof part === 'number' ? part : `"${this.#escaped(part)}"`));
    return `${value.kind}(${texts.join(', ')})`;
  }

  #escaped(text: string): string {
    return this.#checked(text).replace(/[\\"]/g, '\\$&');
  }

  #fullyEscaped(text: string): string {
    return escapeFully(this.#checked(text));
  }

  #checked(text: string): string {
    if (text.includes('\0')) throw this.#error('ERR_ENCODE_NUL', 'an engine string cannot hold U+0000');
    return toEngineString(text);
  }

  #put(text: string): void {
    this.#length += text.length;
    if (this.#length > this.#maxLength) {
      throw new EncodeError('ERR_ENCODE_BYTE_LIMIT', {
        path: this.#path.join(''),
        godotError: GodotError.ERR_OUT_OF_MEMORY,
        message: `the text has more than ${this.#maxLength} characters`,
      });
    }
    this.#parts.push(text);
  }

  #unsupported(what: string): EncodeError {
    return this.#error('ERR_ENCODE_UNSUPPORTED', `expected a Variant, got ${what}`);
  }

  #error(code: string, message: string): EncodeError {
    return new EncodeError(code, {
      path: this.#path.join(''),
      godotError: GodotError.ERR_INVALID_PARAMETER,
      message,
    });
  }
}

/** Containers deeper than this are written empty. */
const MAX_RECURSION = 100;
const MAX_LENGTH = 67_108_864;
const LONGEST_TEXT = 0x1fffffff;
const CLASS_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
/** How the reader keeps the script of a container type that it cannot resolve. */
const REFERENCE = /^(?:Ext|Sub)Resource\((?:"[^"\\]*"|\d+)\)$/;

const OPTION_NAMES: OptionNames<VarToStrOptions> = { compatible: true, real: true, maxLength: true };
