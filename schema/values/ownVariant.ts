/**
 * Variants that a node keeps: deep copies in single precision, so that nobody changes them behind the node's back and
 * they are what the engine would hold (docs/protocol/variant-codec 6.1).
 */

import {
  Callable,
  ContainerType,
  Dictionary,
  EncodedObjectAsID,
  Float,
  GodotObject,
  NodePath,
  PackedColorArray,
  PackedNumbers,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
  RID,
  Signal,
  StringName,
  TypedArray,
  VariantType,
  type VariantValue,
} from '../../codec/index.ts';
import { MATH_TYPES, mathParts, objectType } from '../../codec/internal.ts';
import { ResourceReference } from './ResourceReference.ts';

/**
 * A value of a node: any Variant, and references to resources, wherever objects may stand.
 *
 * Nodes take more than they give: `undefined` for null, any Map and plain objects for dictionaries.
 */
export type NodeValue = VariantValue | ResourceReference | NodeValue[] | Dictionary<NodeValue, NodeValue>;

/** The deepest nesting of a value, as in the engine's encoder. */
export const MAX_VALUE_DEPTH = 1024;

/** Something that cannot be a property. The caller adds which one. */
export class ValueProblem extends Error {}

/**
 * A deep copy of any value that can be a Variant.
 *
 * @param value - What the caller gave.
 * @param depth - How deep it lies; 0 for the value itself.
 * @returns Floats of whole value as `Float`, other numbers plain, bigints only beyond 2^53 - 1.
 * @throws ValueProblem for what is no Variant, a text with U+0000, an integer beyond 64 bits, too deep a nesting.
 */
export function ownVariant(value: unknown, depth: number = 0): NodeValue {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'boolean':
      return value;
    case 'number':
      return Number.isSafeInteger(value) || !Number.isInteger(value)
        ? Object.is(value, -0)
          ? new Float(value)
          : value
        : new Float(value);
    case 'bigint':
      return ownInteger(value);
    case 'string':
      return ownText(value);
    case 'object':
      return value === null ? null : ownObject(value, depth);
    default:
      throw new ValueProblem(`a ${typeof value}`);
  }
}

/** An integer as properties hold it. */
export function ownInteger(value: bigint): number | bigint {
  if (BigInt.asIntN(64, value) !== value) throw new ValueProblem('an integer beyond 64 bits');
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A text that the engine can hold. */
export function ownText(value: string): string {
  if (value.includes('\0')) throw new ValueProblem('a text with U+0000');
  return value;
}

/** A math value with its components in single precision; `undefined` for another value. */
export function ownMath(value: object): NodeValue | undefined {
  const parts = mathParts(value);
  if (parts === undefined) return undefined;
  const type = MATH_TYPES.get(parts.name);
  if (type === undefined) return undefined;
  if (!parts.numbers.every((number) => typeof number === 'number')) {
    throw new ValueProblem(`a ${parts.name} whose components are no numbers`);
  }
  return type.make(type.isInteger ? parts.numbers : parts.numbers.map(Math.fround));
}

function ownObject(value: object, depth: number): NodeValue {
  if (value instanceof Float) return new Float(value.value, value.nanBits);
  if (value instanceof StringName) return new StringName(ownText(value.value));
  if (value instanceof NodePath) return ownPath(value);
  const math = ownMath(value);
  if (math !== undefined) return math;
  if (value instanceof ResourceReference) return value;
  if (value instanceof EncodedObjectAsID) return value;
  if (value instanceof RID || value instanceof Callable) return value;
  if (value instanceof Signal) return new Signal(ownText(value.name), value.objectId);
  const packed = ownPacked(value);
  if (packed !== undefined) return packed;
  if (depth >= MAX_VALUE_DEPTH)
    throw new ValueProblem(`a value nested deeper than ${MAX_VALUE_DEPTH} levels`);
  if (value instanceof GodotObject) {
    return new GodotObject(
      ownText(value.className),
      value.properties.map(([name, item]) => [ownText(name), ownVariant(item, depth + 1)] as const),
    );
  }
  if (Array.isArray(value)) return ownArray(value, depth);
  if (objectType(value) !== VariantType.DICTIONARY) throw new ValueProblem('an object that is no Variant');
  return ownDictionary(value, depth);
}

function ownPath(value: NodePath): NodePath {
  return new NodePath(value.names.map(ownText), value.subnames.map(ownText), value.absolute);
}

function ownPacked(value: object): NodeValue | undefined {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (
    value instanceof Int32Array ||
    value instanceof BigInt64Array ||
    value instanceof Float32Array ||
    value instanceof Float64Array
  ) {
    return value.slice();
  }
  if (value instanceof PackedStringArray) return new PackedStringArray(value.values.map(ownText));
  if (!(value instanceof PackedNumbers)) return undefined;
  const data = Float32Array.from(value.data);
  if (value instanceof PackedVector2Array) return new PackedVector2Array(data);
  if (value instanceof PackedVector3Array) return new PackedVector3Array(data);
  if (value instanceof PackedVector4Array) return new PackedVector4Array(data);
  if (value instanceof PackedColorArray) return new PackedColorArray(data);
  return undefined;
}

function ownArray(value: readonly unknown[], depth: number): NodeValue {
  const items: NodeValue[] = [];
  const type = value instanceof TypedArray ? value.elementType : undefined;
  const isFloat = type !== undefined && type.type === VariantType.FLOAT;
  for (let i = 0; i < value.length; i++) items.push(ownItem(value[i], isFloat, depth));
  return type === undefined ? items : new TypedArray<NodeValue>(type, items);
}

function ownDictionary(value: object, depth: number): NodeValue {
  const source = value instanceof Map ? value : Object.entries(value);
  const keyType = value instanceof Dictionary ? value.keyType : undefined;
  const valueType = value instanceof Dictionary ? value.valueType : undefined;
  const result = new Dictionary<NodeValue, NodeValue>(null, { keyType, valueType });
  for (const [key, item] of source) {
    result.set(ownItem(key, isFloatType(keyType), depth), ownItem(item, isFloatType(valueType), depth));
  }
  return result;
}

/** A plain number in a container of floats is a float. */
function ownItem(value: unknown, isFloat: boolean, depth: number): NodeValue {
  return isFloat && typeof value === 'number' ? new Float(value) : ownVariant(value, depth + 1);
}

function isFloatType(type: ContainerType | undefined): boolean {
  return type instanceof ContainerType && type.type === VariantType.FLOAT;
}
