/** Any Variant as JSON: the native notation, writing (docs/protocol/variant-codec 8.4). */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { EncodeError, GodotError, withStackErrors } from '../errors.ts';
import { floatToStr } from '../lexical/floatText.ts';
import { dictionaryEntries, holdsFloats, isInt } from '../lexical/valueText.ts';
import type { ContainerType } from '../values/ContainerType.ts';
import { Dictionary } from '../values/Dictionary.ts';
import { Float } from '../values/Float.ts';
import { mathParts } from '../values/mathTypes.ts';
import { NodePath } from '../values/NodePath.ts';
import { PackedNumbers, PackedStringArray } from '../values/packed.ts';
import { packedNumberName, packedVectorName } from '../values/packedTypes.ts';
import { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { TypedArray } from '../values/TypedArray.ts';
import { VariantType } from '../values/variantTypes.ts';
import type { VariantInput, VariantValue } from '../values/variantValue.ts';
import { flag } from '../variant/options.ts';
import { type NativeIssue, NativeTrail } from './nativeIssue.ts';
import { JSON_MAX_DEPTH } from './parse.ts';

/** How {@link fromNative} writes. */
export interface FromNativeOptions {
  /** Write `GodotObject`s with their properties, and class names of typed containers. Default false. */
  readonly fullObjects?: boolean | undefined;
  /** Width of real components: `'double'` for an engine built with double precision. Default `'single'`: they become f32. */
  readonly real?: 'single' | 'double' | undefined;
  /** Called for each value that became null because the notation cannot hold it. */
  readonly onError?: ((issue: NativeIssue) => void) | undefined;
}

/**
 * Turns a Variant into values that JSON can hold, as Godot's `JSON.from_native` does. {@link stringifyJson} makes text
 * of the result; give it `sortKeys = false` for the engine's order.
 *
 * What the notation loses: FLOATs keep about 15 digits, and NaN components become 0 where the text went through
 * {@link stringifyJson}; RID, Callable and Signal are
 * emptied; containers typed by a class or script, and objects, become null unless `fullObjects` is set. An
 * EncodedObjectAsID always becomes null: there is no object to write.
 *
 * @param value - Any Variant. A safe integer number counts as INT, other numbers as FLOAT.
 * @param fullObjects - Write `GodotObject`s with their properties, and class names of typed containers. Or the options.
 * @param options - Precision, and who hears of values that became null.
 * @returns null, booleans, strings, arrays and Dictionaries; inside `args` also numbers and bigints (INT) and `Float`s.
 * @throws EncodeError for a JavaScript value that is no Variant (`ERR_ENCODE_UNSUPPORTED`), or when the call stack has no
 *   room for the nesting (`ERR_ENCODE_DEPTH`).
 * @throws TypeError when `fullObjects` is neither a boolean nor options, or an option has another type.
 */
export function fromNative(
  value: VariantInput,
  fullObjects: boolean | FromNativeOptions = false,
  options: FromNativeOptions = {},
): VariantValue {
  checkOptions(options, OPTION_NAMES);
  const all =
    typeof fullObjects === 'boolean'
      ? { ...options, fullObjects: fullObjects || options.fullObjects }
      : fullObjects;
  const writer = new Writer(all);
  return withStackErrors(() => writer.value(value, false));
}

class Writer {
  readonly #fullObjects: boolean;
  readonly #isDouble: boolean;
  readonly #trail: NativeTrail;

  constructor(options: FromNativeOptions) {
    checkOptions(options, OPTION_NAMES);
    this.#fullObjects = flag('fullObjects', options.fullObjects, false);
    this.#isDouble = options.real === 'double';
    this.#trail = new NativeTrail(options.onError);
  }

  /** `isFloat`: a bare number is a float because its container is declared so. */
  value(value: unknown, isFloat: boolean): VariantValue {
    if (this.#trail.depth > JSON_MAX_DEPTH) return this.#trail.fail('nested too deep');
    switch (typeof value) {
      case 'undefined':
        return null;
      case 'boolean':
        return value;
      case 'bigint':
        return `i:${value}`;
      case 'number':
        return isInt(value) && !isFloat ? `i:${value}` : `f:${floatToStr(value)}`;
      case 'string':
        return `s:${value}`;
      case 'object':
        return value === null ? null : this.#object(value);
      default:
        throw this.#unsupported(typeof value);
    }
  }

  #object(value: object): VariantValue {
    if (value instanceof Float) return `f:${floatToStr(value.value)}`;
    if (value instanceof StringName) return `sn:${value.value}`;
    if (value instanceof NodePath) return `np:${value.toString()}`;
    const parts = mathParts(value);
    if (parts !== undefined) {
      return tagged(
        parts.name,
        parts.isInteger ? [...parts.numbers] : this.#reals(parts.name, parts.numbers),
      );
    }
    if (value instanceof RID) return tagged('RID');
    if (value instanceof Callable) return tagged('Callable');
    if (value instanceof Signal) return tagged('Signal');
    if (value instanceof EncodedObjectAsID) return this.#trail.fail('an object known only by its id');
    if (value instanceof GodotObject) return this.#fullObject(value);
    return this.#packed(value) ?? this.#container(value);
  }

  #packed(value: object): VariantValue | undefined {
    if (value instanceof PackedStringArray) return tagged('PackedStringArray', [...value.values]);
    if (value instanceof PackedNumbers) {
      const name = packedVectorName(value);
      if (name === undefined) throw this.#unsupported('a packed array of unknown type');
      return tagged(name, this.#reals(name, [...value.data]));
    }
    const name = packedNumberName(value);
    if (value instanceof Uint8Array || value instanceof Int32Array) return tagged(name ?? '', [...value]);
    if (value instanceof BigInt64Array) return tagged(name ?? '', Array.from(value, smallest));
    if (value instanceof Float32Array || value instanceof Float64Array) {
      return tagged(
        name ?? '',
        Array.from(value, (number) => new Float(number)),
      );
    }
    return undefined;
  }

  #container(value: object): VariantValue {
    const entries = Array.isArray(value) ? undefined : dictionaryEntries(value);
    if (entries === undefined && !Array.isArray(value)) throw this.#unsupported('an object of another class');
    if (!this.#trail.enter(value)) return null;
    const result = entries === undefined ? this.#array(value as unknown[]) : this.#dictionary(value, entries);
    this.#trail.leave(value);
    return result;
  }

  #array(value: readonly unknown[]): VariantValue {
    const type = value instanceof TypedArray ? value.elementType : undefined;
    if (type === undefined) return this.#list(value, false);
    const name = this.#typeName(type);
    if (name === undefined) return null;
    this.#trail.push('args');
    const args = this.#list(value, holdsFloats(type));
    this.#trail.pop();
    return new Dictionary<VariantValue, VariantValue>([
      ['type', 'Array'],
      ['elem_type', name],
      ['args', args],
    ]);
  }

  #list(values: readonly unknown[], isFloat: boolean): VariantValue[] {
    const list: VariantValue[] = [];
    for (let i = 0; i < values.length; i++) list.push(this.#step(i, values[i], isFloat));
    return list;
  }

  #dictionary(value: object, entries: Iterable<readonly [unknown, unknown]>): VariantValue {
    const keyType = value instanceof Dictionary ? value.keyType : undefined;
    const valueType = value instanceof Dictionary ? value.valueType : undefined;
    const result = new Dictionary<VariantValue, VariantValue>([['type', 'Dictionary']]);
    for (const [field, type] of [
      ['key_type', keyType],
      ['value_type', valueType],
    ] as const) {
      if (type === undefined) continue;
      const name = this.#typeName(type);
      if (name === undefined) return null;
      result.set(field, name);
    }
    const args: VariantValue[] = [];
    this.#trail.push('args');
    for (const [key, item] of entries) {
      args.push(this.#step(args.length, key, holdsFloats(keyType)));
      args.push(this.#step(args.length, item, holdsFloats(valueType)));
    }
    this.#trail.pop();
    return result.set('args', args);
  }

  #fullObject(value: GodotObject): VariantValue {
    if (!this.#fullObjects) return this.#trail.fail('an object, and full objects are off');
    if (!this.#trail.enter(value)) return null;
    const props: VariantValue[] = [];
    this.#trail.push('props');
    for (const [name, item] of value.properties) {
      props.push(name);
      props.push(this.#step(props.length, item, false));
    }
    this.#trail.pop();
    this.#trail.leave(value);
    return new Dictionary<VariantValue, VariantValue>([
      ['type', value.className],
      ['props', props],
    ]);
  }

  #step(step: number, value: unknown, isFloat: boolean): VariantValue {
    this.#trail.push(step);
    const result = this.value(value, isFloat);
    this.#trail.pop();
    return result;
  }

  /** The name of a container's type, or `undefined` (and an error) when the whole container must become null. */
  #typeName(type: ContainerType): string | undefined {
    if (type.type === VariantType.OBJECT) {
      if (!this.#fullObjects) {
        this.#trail.fail('a container typed by a class, and full objects are off');
        return undefined;
      }
      if (type.scriptPath !== '' && !type.scriptPath.startsWith('res://')) {
        this.#trail.fail('a container typed by a script without a res:// path');
        return undefined;
      }
    }
    return type.toString();
  }

  #unsupported(what: string): EncodeError {
    return new EncodeError('ERR_ENCODE_UNSUPPORTED', {
      path: this.#trail.path(),
      godotError: GodotError.ERR_INVALID_PARAMETER,
      message: `expected a Variant, got ${what}`,
    });
  }

  /** Colors are single precision in every engine. */
  #reals(type: string, components: readonly number[]): Float[] {
    const isDouble = this.#isDouble && type !== 'Color' && type !== 'PackedColorArray';
    return components.map((component) => new Float(isDouble ? component : Math.fround(component)));
  }
}

function tagged(type: string, args?: VariantValue[]): VariantValue {
  const result = new Dictionary<VariantValue, VariantValue>([['type', type]]);
  if (args !== undefined) result.set('args', args);
  return result;
}

/** An INT as decoding gives it: a number while that is exact. */
function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const OPTION_NAMES: OptionNames<FromNativeOptions> = { fullObjects: true, real: true, onError: true };
