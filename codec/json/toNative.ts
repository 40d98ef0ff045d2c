/** JSON as any Variant: the native notation, reading (docs/protocol/variant-codec 8.4). */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { withStackErrors } from '../errors.ts';
import { parseDecimal } from '../lexical/decimalReader.ts';
import { int64Of, readInt, realOf } from '../lexical/numbers.ts';
import { dictionaryEntries, isInt, valueToStr } from '../lexical/valueText.ts';
import { ContainerType } from '../values/ContainerType.ts';
import { Dictionary } from '../values/Dictionary.ts';
import { Float, float } from '../values/Float.ts';
import { MATH_TYPES } from '../values/mathTypes.ts';
import { NodePath } from '../values/NodePath.ts';
import { PackedStringArray } from '../values/packed.ts';
import { PACKED_VECTOR_TYPES } from '../values/packedTypes.ts';
import { Callable, GodotObject, RID, Signal } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { TypedArray } from '../values/TypedArray.ts';
import { variantTypeOf } from '../values/typeOf.ts';
import { VariantType, variantTypeByString } from '../values/variantTypes.ts';
import type { VariantInput, VariantValue } from '../values/variantValue.ts';
import { KeyFloodGuard } from '../variant/keyFlood.ts';
import { type Dialect, flag, minorOf } from '../variant/options.ts';
import { canConvertStrict, convertStrict } from '../variant/strictConversion.ts';
import { type NativeIssue, NativeTrail } from './nativeIssue.ts';
import { JSON_MAX_DEPTH } from './parse.ts';

/** How {@link toNative} reads. */
export interface ToNativeOptions {
  /** Accept objects and class names. Nothing is instantiated: they become `GodotObject`s. Default false. */
  readonly allowObjects?: boolean | undefined;
  /** Whose notation. Before `'4.6'` `f:inf`, `f:-inf` and `f:nan` read as 0. Default `'4.6'`. */
  readonly dialect?: Dialect | undefined;
  /** `true`: INTs come as bigints and FLOATs as `Float`s. Default `false`: as numbers, INTs beyond 2^53 as bigints. */
  readonly exact?: boolean | undefined;
  /** Width of real components: `'double'` for an engine built with double precision. Default `'single'`: they become f32. */
  readonly real?: 'single' | 'double' | undefined;
  /** Called for each place that became null or was dropped. */
  readonly onError?: ((issue: NativeIssue) => void) | undefined;
}

/**
 * Turns values in native notation back into Variants, as Godot's `JSON.to_native` does.
 *
 * What is not native notation becomes null in place; the surrounding structure stays. `onError` hears of it. So does a
 * dictionary whose number keys were chosen to collide, which would take very long to build.
 *
 * @param json - What `parseJson` or {@link fromNative} gave, or plain objects and arrays.
 * @param allowObjects - Accept objects and class names. Nothing is instantiated: they become `GodotObject`s. Or the options.
 * @param options - View of the numbers, precision, and who hears of errors.
 * @returns The value.
 * @throws EncodeError when the call stack has no room for the nesting (`ERR_ENCODE_DEPTH`).
 * @throws TypeError when `allowObjects` is neither a boolean nor options, or an option has another type; RangeError for an
 *   unknown dialect.
 */
export function toNative(
  json: VariantInput,
  allowObjects: boolean | ToNativeOptions = false,
  options: ToNativeOptions = {},
): VariantValue {
  checkOptions(options, OPTION_NAMES);
  const all =
    typeof allowObjects === 'boolean'
      ? { ...options, allowObjects: allowObjects || options.allowObjects }
      : allowObjects;
  const reader = new Reader(all);
  return withStackErrors(() => reader.value(json));
}

class Reader {
  readonly #allowObjects: boolean;
  readonly #isExact: boolean;
  readonly #isDouble: boolean;
  readonly #trail: NativeTrail;
  /** Whether it reads as 4.5 and older. */
  readonly #isOld: boolean;
  #isInKey = false;
  readonly #room = { left: MOST_CONVERTED };

  constructor(options: ToNativeOptions) {
    checkOptions(options, OPTION_NAMES);
    this.#allowObjects = flag('allowObjects', options.allowObjects, false);
    this.#isExact = flag('exact', options.exact, false);
    this.#isOld = minorOf(options.dialect) < 6;
    this.#isDouble = options.real === 'double';
    this.#trail = new NativeTrail(options.onError);
  }

  value(json: unknown): VariantValue {
    if (this.#trail.depth > JSON_MAX_DEPTH) return this.#trail.fail('nested too deep');
    if (json === null || json === undefined) return null;
    if (typeof json === 'boolean') return json;
    if (typeof json === 'string') return this.#prefixed(json);
    if (typeof json !== 'object' || json instanceof Float) {
      return this.#trail.fail('expected native notation, got a bare number');
    }
    if (!this.#trail.enter(json)) return null;
    let result: VariantValue;
    if (Array.isArray(json)) result = this.#list(json);
    else if (dictionaryEntries(json) !== undefined) result = this.#tagged(json);
    else result = this.#trail.fail('expected native notation');
    this.#trail.leave(json);
    return result;
  }

  #prefixed(text: string): VariantValue {
    if (text.startsWith('i:')) return this.#int(readInt(text.slice(2)));
    if (text.startsWith('f:')) {
      const number = (this.#isOld ? undefined : NON_FINITE.get(text)) ?? parseDecimal(text.slice(2));
      return this.#isExact || (this.#isInKey && isInt(number)) ? float(number) : number;
    }
    if (text.startsWith('s:')) return text.slice(2);
    if (text.startsWith('sn:')) return new StringName(text.slice(3));
    if (text.startsWith('np:')) return new NodePath(text.slice(3));
    return this.#trail.fail('expected a string that begins with i:, f:, s:, sn: or np:');
  }

  #int(value: bigint): VariantValue {
    const number = Number(value);
    return !this.#isExact && Number.isSafeInteger(number) ? number : value;
  }

  #tagged(json: object): VariantValue {
    const type = member(json, 'type');
    if (typeof type !== 'string') return this.#trail.fail('expected "type" to be a string');
    const math = MATH_TYPES.get(type);
    if (math !== undefined) {
      const args = this.#args(json, 'args');
      if (args === null) return null;
      if (args.length !== math.size) return this.#trail.fail(`expected ${math.size} numbers in "args"`);
      return math.make(math.isInteger ? this.#int32s(args) : this.#reals(args, type !== 'Color'));
    }
    const packed = PACKED_VECTOR_TYPES.get(type);
    if (packed !== undefined) {
      const args = this.#args(json, 'args');
      if (args === null) return null;
      if (args.length % packed.stride !== 0) {
        return this.#trail.fail(`expected a multiple of ${packed.stride} numbers in "args"`);
      }
      const numbers = this.#reals(args, type !== 'PackedColorArray');
      const keepsDouble = this.#isDouble && type !== 'PackedColorArray';
      return packed.make(keepsDouble ? Float64Array.from(numbers) : Float32Array.from(numbers));
    }
    switch (type) {
      case 'RID':
        return new RID();
      case 'Callable':
        return new Callable();
      case 'Signal':
        return new Signal();
      case 'Array':
        return this.#array(json);
      case 'Dictionary':
        return this.#dictionary(json);
      default:
        return type.startsWith('Packed') && variantTypeByString(type) !== undefined
          ? this.#packedNumbers(type, json)
          : this.#object(type, json);
    }
  }

  #packedNumbers(type: string, json: object): VariantValue {
    const args = this.#args(json, 'args');
    if (args === null) return null;
    switch (type) {
      case 'PackedByteArray':
        return Uint8Array.from(this.#int64s(args), (value) => Number(BigInt.asUintN(8, value)));
      case 'PackedInt32Array':
        return Int32Array.from(this.#int32s(args));
      case 'PackedInt64Array':
        return BigInt64Array.from(this.#int64s(args));
      case 'PackedFloat32Array':
        return Float32Array.from(this.#reals(args, false));
      case 'PackedFloat64Array':
        return Float64Array.from(this.#doubles(args));
      default:
        return new PackedStringArray(
          args.map((item) => (typeof item === 'string' ? item : this.#elementText(item))),
        );
    }
  }

  #elementText(item: unknown): string {
    // The cast is a type edge: valueToStr itself refuses what is no Variant.
    return valueToStr(item as VariantInput);
  }

  #array(json: object): VariantValue {
    const args = this.#args(json, 'args');
    if (args === null) return null;
    const type = this.#containerType(json, 'elem_type');
    if (type === null) return null;
    const list = this.#members('args', args);
    return type === undefined ? list : new TypedArray(type, list);
  }

  #dictionary(json: object): VariantValue {
    const args = this.#args(json, 'args');
    if (args === null) return null;
    if (args.length % 2 !== 0)
      return this.#trail.fail('expected keys and values in "args", got an odd count');
    const keyType = this.#containerType(json, 'key_type');
    const valueType = this.#containerType(json, 'value_type');
    if (keyType === null || valueType === null) return null;
    const result = new Dictionary<VariantValue, VariantValue>(null, { keyType, valueType });
    const guard = new KeyFloodGuard();
    this.#trail.push('args');
    for (let i = 0; i + 1 < args.length; i += 2) {
      const key = this.#declaredKey(this.#key(i, args[i]), keyType);
      const value = this.#step(i + 1, args[i + 1]);
      if (key === undefined) {
        this.#trail.fail(`dropped a key that is no ${keyType?.toString() ?? ''}`);
        continue;
      }
      const size = result.size;
      result.set(key, value);
      if (result.size === size || guard.accepts(key)) continue;
      this.#trail.pop();
      return this.#trail.fail('number keys that were chosen to collide');
    }
    this.#trail.pop();
    return result;
  }

  #object(type: string, json: object): VariantValue {
    if (variantTypeByString(type) !== undefined && type !== 'Object') {
      return this.#trail.fail(`${type} has a shorter notation`);
    }
    if (!CLASS_NAME.test(type)) return this.#trail.fail(`invalid type "${type.slice(0, 64)}"`);
    if (!this.#allowObjects) {
      return this.#trail.fail(`an object of class ${type.slice(0, 64)}, and objects are off`);
    }
    const props = this.#args(json, 'props');
    if (props === null) return null;
    if (props.length % 2 !== 0) return this.#trail.fail('expected names and values in "props"');
    const properties: [string, VariantValue][] = [];
    this.#trail.push('props');
    for (let i = 0; i + 1 < props.length; i += 2) {
      const name = props[i];
      this.#trail.push(i + 1);
      if (typeof name === 'string') properties.push([name, this.value(props[i + 1])]);
      else this.#trail.fail('dropped a property whose name is no string');
      this.#trail.pop();
    }
    this.#trail.pop();
    return new GodotObject(type, properties);
  }

  /** The declared type in a field: `undefined` when there is none, `null` (and an error) when it is not acceptable. */
  #containerType(json: object, field: string): ContainerType | undefined | null {
    const name = member(json, field);
    if (name === undefined) return undefined;
    if (typeof name !== 'string') return this.#trail.fail(`expected "${field}" to be a string`);
    const id = variantTypeByString(name);
    if (id !== undefined && id !== VariantType.OBJECT) {
      return id === VariantType.NIL ? undefined : new ContainerType(id);
    }
    const isScript = name.startsWith('res://');
    if (!isScript && !CLASS_NAME.test(name)) {
      return this.#trail.fail(`invalid type "${name.slice(0, 64)}" in "${field}"`);
    }
    if (!this.#allowObjects) return this.#trail.fail(`a class in "${field}", and objects are off`);
    if (isScript) return new ContainerType(VariantType.OBJECT, '', name);
    return new ContainerType(VariantType.OBJECT, name === 'Object' ? '' : name);
  }

  #args(json: object, field: string): readonly unknown[] | null {
    const args = member(json, field);
    return Array.isArray(args) ? args : this.#trail.fail(`expected "${field}" to be an array`);
  }

  #members(field: string, values: readonly unknown[]): VariantValue[] {
    this.#trail.push(field);
    const list = this.#list(values);
    this.#trail.pop();
    return list;
  }

  #list(values: readonly unknown[]): VariantValue[] {
    const list: VariantValue[] = [];
    for (let i = 0; i < values.length; i++) list.push(this.#step(i, values[i]));
    return list;
  }

  #step(step: number, json: unknown): VariantValue {
    this.#trail.push(step);
    const result = this.value(json);
    this.#trail.pop();
    return result;
  }

  /** A key, or what lies in one: there whole floats stay `Float`s, since as numbers they would equal ints. */
  #key(step: number, json: unknown): VariantValue {
    const wasInKey = this.#isInKey;
    this.#isInKey = true;
    const key = this.#step(step, json);
    this.#isInKey = wasInKey;
    return key;
  }

  /** A key as the engine's typed dictionaries take it; `undefined` for one that they drop. */
  #declaredKey(key: VariantValue, declared: ContainerType | undefined): VariantValue | undefined {
    if (declared === undefined) return key;
    const type = variantTypeOf(key) ?? VariantType.NIL;
    if (type === declared.type || (key === null && declared.type === VariantType.OBJECT)) return key;
    if (!canConvertStrict(type, declared.type)) return undefined;
    const converted = convertStrict(key, type, declared.type, this.#room);
    return converted === undefined ? undefined : this.#inView(converted);
  }

  /** What a conversion gives (INT as bigint, FLOAT as `Float`) in the view of numbers in keys. */
  #inView(value: VariantValue): VariantValue {
    if (typeof value === 'bigint') return this.#int(value);
    if (Array.isArray(value)) return value.map((item) => this.#inView(item));
    return value instanceof Float && !this.#isExact && !isInt(value.value) ? value.value : value;
  }

  #reals(args: readonly unknown[], canBeDouble: boolean): number[] {
    const numbers = this.#doubles(args);
    return this.#isDouble && canBeDouble ? numbers : numbers.map(Math.fround);
  }

  #doubles(args: readonly unknown[]): number[] {
    return args.map((item, index) => realOf(item) ?? this.#zero(index, 0));
  }

  #int32s(args: readonly unknown[]): number[] {
    return this.#int64s(args).map((value) => Number(BigInt.asIntN(32, value)));
  }

  #int64s(args: readonly unknown[]): bigint[] {
    return args.map((item, index) => int64Of(item) ?? this.#zero(index, 0n));
  }

  /** The engine converts what is no number to 0; say so at least. */
  #zero<T>(index: number, zero: T): T {
    this.#trail.push('args');
    this.#trail.push(index);
    this.#trail.fail('expected a number, took 0');
    this.#trail.pop();
    this.#trail.pop();
    return zero;
  }
}

function member(json: object, name: string): unknown {
  if (json instanceof Map) return json.get(name) as unknown;
  return Object.hasOwn(json, name) ? (json as Record<string, unknown>)[name] : undefined;
}

/** Exactly these are not finite; any other text goes through the decimal reader. */
const NON_FINITE: ReadonlyMap<string, number> = new Map([
  ['f:inf', Number.POSITIVE_INFINITY],
  ['f:-inf', Number.NEGATIVE_INFINITY],
  ['f:nan', Number.NaN],
]);
/** Elements and characters that conversions of keys may make: texts of texts double with every level. */
const MOST_CONVERTED = 1_000_000;
const CLASS_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

const OPTION_NAMES: OptionNames<ToNativeOptions> = {
  allowObjects: true,
  dialect: true,
  exact: true,
  real: true,
  onError: true,
};
