/**
 * Godot's `str()` of any value: what `print` shows, what `JSON.stringify` writes for types that JSON lacks and for
 * dictionary keys (docs/protocol/variant-codec 8.3).
 *
 * Sources: floats are 8.5; all else is what Godot 4.6 stable prints (golden/variant/values-4.6-stable.json, and live in
 * test/interop/godot4). For Callable, Signal and objects the text is necessarily ours: the engine prints things about a
 * live object.
 */
import { EncodeError, GodotError, withStackErrors } from '../errors.ts';
import type { ContainerType } from '../values/ContainerType.ts';
import { Dictionary } from '../values/Dictionary.ts';
import { Float } from '../values/Float.ts';
import { type MathType, type MathValue, mathTypeOf } from '../values/mathTypes.ts';
import { NodePath } from '../values/NodePath.ts';
import { PackedNumbers, PackedStringArray } from '../values/packed.ts';
import { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { TypedArray } from '../values/TypedArray.ts';
import { objectType } from '../values/typeOf.ts';
import { VariantType } from '../values/variantTypes.ts';
import type { VariantInput } from '../values/variantValue.ts';
import { escapeFully } from './escape.ts';
import { formatFixed, trimZeros } from './fixedNotation.ts';
import { bareComponentToStr, componentToStr, floatToStr } from './floatText.ts';

/**
 * The text that Godot's `str()` gives a value.
 *
 * Containers nested deeper than 1024 levels, and containers inside themselves, print as `[...]` or `{...}`.
 *
 * @param value - Any Variant. A safe integer number counts as int, other numbers as float.
 * @returns For example `1.0`, `(1.0, 2.0)`, `[1, "two"]`, `{ "a": 1 }`; a String, StringName or NodePath as it is.
 * @throws EncodeError for a JavaScript value that is no Variant (`ERR_ENCODE_UNSUPPORTED`), or when the call stack has no
 *   room for the nesting (`ERR_ENCODE_DEPTH`).
 */
export function valueToStr(value: VariantInput): string {
  return withStackErrors(() => strOf(value));
}

/** {@link valueToStr} for callers that deal with a full call stack (a RangeError) themselves. */
export function strOf(value: unknown): string {
  return text(value, [], '$', false);
}

function text(value: unknown, ancestors: object[], path: string, isFloat: boolean): string {
  switch (typeof value) {
    case 'undefined':
      return '<null>';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return value.toString();
    case 'string':
      return value;
    case 'number':
      return isInt(value) && !isFloat ? value.toString() : floatToStr(value);
    case 'object':
      return value === null ? '<null>' : (leafText(value) ?? containerText(value, ancestors, path));
    default:
      throw unsupported(value, path);
  }
}

/** Text of the types without elements that are Variants themselves; `undefined` for containers. */
function leafText(value: object): string | undefined {
  if (value instanceof Float) return floatToStr(value.value);
  if (value instanceof StringName) return value.value;
  if (value instanceof NodePath) return value.toString();
  const math = mathText(value);
  if (math !== undefined) return math;
  if (value instanceof RID) return `RID(${value.id})`;
  if (value instanceof Callable) return 'null::null';
  if (value instanceof Signal)
    return `${value.objectId === 0n ? 'null' : value.objectId}::[signal]${value.name}`;
  if (value instanceof EncodedObjectAsID) return `<EncodedObjectAsID#${value.id}>`;
  if (value instanceof GodotObject) return `<${value.className}>`;
  if (value instanceof Uint8Array || value instanceof Int32Array || value instanceof BigInt64Array) {
    return `[${value.join(', ')}]`;
  }
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return `[${Array.from(value, floatToStr).join(', ')}]`;
  }
  if (value instanceof PackedStringArray) return `[${value.values.map(quoted).join(', ')}]`;
  if (value instanceof PackedNumbers) {
    return `[${Array.from(value, (element: object) => mathText(element) ?? '').join(', ')}]`;
  }
  return undefined;
}

function mathText(value: object): string | undefined {
  const type = mathTypeOf(value);
  if (type === undefined) return undefined;
  // The row was found by the value's class.
  const numbers = type.numbers(value as MathValue);
  if (type.parts === undefined) return row(numbers, WRITERS.get(type.id) ?? writerOf(type));
  let at = 0;
  const parts = type.parts.map(([name, size]) => {
    const part = numbers.slice(at, at + size);
    at += size;
    return `${name}: ${size === 1 ? part.map(bareComponentToStr).join() : row(part, writerOf(type))}`;
  });
  return `[${parts.join(', ')}]`;
}

function row(components: readonly number[], write: (component: number) => string): string {
  return `(${components.map((component) => write(component)).join(', ')})`;
}

function writerOf(type: MathType): (component: number) => string {
  return type.isInteger ? String : componentToStr;
}

/** Colors keep four decimals. */
function channelText(value: number): string {
  const single = Math.fround(value);
  return Number.isFinite(single) ? trimZeros(formatFixed(single, 4)) : componentToStr(single);
}

function containerText(value: object, ancestors: object[], path: string): string {
  const isTooDeep = ancestors.length > MAX_DEPTH || ancestors.includes(value);
  if (Array.isArray(value)) {
    if (isTooDeep) return '[...]';
    ancestors.push(value);
    // Texts are added, not joined: adding copies nothing, so that what lies deep is not copied once per level.
    let list = '';
    const isFloat = value instanceof TypedArray && holdsFloats(value.elementType);
    for (let i = 0; i < value.length; i++) {
      list += (i === 0 ? '' : ', ') + element(value[i], ancestors, `${path}[${i}]`, isFloat);
    }
    ancestors.pop();
    return `[${list}]`;
  }
  const entries = dictionaryEntries(value);
  if (entries === undefined) throw unsupported(value, path);
  if (isTooDeep) return '{...}';
  ancestors.push(value);
  let pairs = '';
  const hasFloatKeys = value instanceof Dictionary && holdsFloats(value.keyType);
  const hasFloatValues = value instanceof Dictionary && holdsFloats(value.valueType);
  for (const [key, item] of entries) {
    const keyText = element(key, ancestors, `${path}{key}`, hasFloatKeys);
    const itemText = element(item, ancestors, `${path}[${keyText}]`, hasFloatValues);
    pairs += `${pairs === '' ? '' : ', '}${keyText}: ${itemText}`;
  }
  ancestors.pop();
  return `{ ${pairs} }`;
}

/** An element of a container: texts are quoted there, so that they cannot be taken for something else. */
function element(value: unknown, ancestors: object[], path: string, isFloat: boolean): string {
  if (typeof value === 'string') return quoted(value);
  if (value instanceof StringName) return `&${quoted(value.value)}`;
  if (value instanceof NodePath) return `^${quoted(value.toString())}`;
  return text(value, ancestors, path, isFloat);
}

function quoted(value: string): string {
  return `"${escapeFully(value)}"`;
}

/**
 * The pairs of what counts as a Dictionary: a Map (so our `Dictionary` too) or a plain object.
 *
 * @param value - Any object.
 * @returns Its pairs in order, or `undefined` for an object of another class.
 */
export function dictionaryEntries(value: object): Iterable<readonly [unknown, unknown]> | undefined {
  if (value instanceof Map) return value as ReadonlyMap<unknown, unknown>;
  if (objectType(value) === VariantType.DICTIONARY) return Object.entries(value);
  return undefined;
}

/**
 * Whether a bare JavaScript number counts as an int: a safe integer other than -0 (section 6.2).
 *
 * @param value - Any number.
 * @returns `false` for what encodes as FLOAT.
 */
export function isInt(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/**
 * Whether bare numbers in a container of this element type are floats.
 *
 * @param type - Declared type of elements, keys or values; `undefined` for untyped.
 * @returns `true` for FLOAT only.
 */
export function holdsFloats(type: ContainerType | undefined): boolean {
  return type !== undefined && type.type === VariantType.FLOAT;
}

function unsupported(value: unknown, path: string): EncodeError {
  const what = typeof value === 'object' && value !== null ? 'an object of another class' : typeof value;
  return new EncodeError('ERR_ENCODE_UNSUPPORTED', {
    path,
    godotError: GodotError.ERR_INVALID_PARAMETER,
    message: `expected a Variant, got ${what}`,
  });
}

/** Types whose components print in a way of their own. */
const WRITERS: ReadonlyMap<number, (component: number) => string> = new Map([
  [VariantType.QUATERNION, bareComponentToStr],
  [VariantType.COLOR, channelText],
]);
const MAX_DEPTH = 1024;
