/**
 * Values of nodes as JSON: Godot's native notation (docs/protocol/variant-codec 8.4), extended so that nothing is lost.
 *
 * What the engine's `JSON.to_native` cannot read back: floats are written with their shortest round-trip text, and
 * `f:inf`, `f:-inf`, `f:nan` and a NaN's `bits` come out as 0 or null there; components that are no JSON numbers (`"inf"`,
 * `"-inf"`, `"nan"`, `"-0.0"`) come out as 0; ids of RIDs and objects, names of signals, references to resources and
 * class-typed containers are null or empty there.
 */

import {
  Callable,
  ContainerType,
  Dictionary,
  EncodedObjectAsID,
  Float,
  GodotObject,
  NodePath,
  PackedNumbers,
  PackedStringArray,
  RID,
  Signal,
  StringName,
  TypedArray,
  VariantType,
} from '../../codec/index.ts';
import {
  MATH_TYPES,
  mathParts,
  PACKED_VECTOR_TYPES,
  packedVectorName,
  variantTypeByString,
} from '../../codec/internal.ts';
import { MAX_VALUE_DEPTH, type NodeValue, ownVariant } from './ownVariant.ts';
import { ResourceReference } from './ResourceReference.ts';
import { CONFIG_CLASS, SceneReplicationConfig } from './SceneReplicationConfig.ts';
import type { SceneValue, SceneValueObject } from './sceneNotation.ts';
import {
  args,
  id,
  int64,
  integers,
  named,
  readInteger,
  readReal,
  reals,
  refuse,
  text,
} from './sceneValueParts.ts';

/**
 * A value in extended native notation, made of plain objects that `JSON.stringify` writes as they are.
 *
 * @param value - Any value that a node can have.
 * @returns A new value; `parseSceneValue` gives back what was written.
 * @throws ValueProblem (a plain Error) for what no node can have.
 */
export function toSceneValue(value: unknown): SceneValue {
  return write(ownVariant(value));
}

/**
 * Reads a value in extended native notation.
 *
 * @param value - Parsed JSON.
 * @param path - Where it stands in its document, for errors.
 * @returns A new value.
 * @throws SceneError with code `ERR_SCENE_VALUE` for anything that the notation does not have.
 */
export function parseSceneValue(value: unknown, path: string = '$'): NodeValue {
  return read(value, path, 0);
}

function write(value: NodeValue): SceneValue {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return `i:${value}`;
    case 'number':
      return Number.isSafeInteger(value) ? `i:${value}` : `f:${realText(value)}`;
    case 'string':
      return `s:${value}`;
    default:
      return value === null ? null : writeObject(value);
  }
}

function writeObject(value: object): SceneValue {
  if (value instanceof Float) {
    if (value.nanBits === undefined) return `f:${realText(value.value)}`;
    return { type: 'float', bits: value.nanBits.toString(16).padStart(16, '0') };
  }
  if (value instanceof StringName) return `sn:${value.value}`;
  if (value instanceof NodePath) return writePath(value);
  const parts = mathParts(value);
  if (parts !== undefined) return { type: parts.name, args: parts.numbers.map(realArg) };
  if (value instanceof ResourceReference) return writeReference(value);
  if (value instanceof RID) return { type: 'RID', id: String(value.id) };
  if (value instanceof EncodedObjectAsID) return { type: 'EncodedObjectAsID', id: String(value.id) };
  if (value instanceof Callable) return { type: 'Callable' };
  if (value instanceof Signal) return { type: 'Signal', name: value.name, object: String(value.objectId) };
  if (value instanceof GodotObject) {
    const props = value.properties.flatMap(([name, item]) => [name, write(item as NodeValue)]);
    return { type: value.className, props };
  }
  return writePacked(value) ?? writeContainer(value);
}

/** Text that does not read back as the same path (names with slashes) is spelled out. */
function writePath(value: NodePath): SceneValue {
  const text = value.toString();
  if (new NodePath(text).equals(value)) return `np:${text}`;
  return {
    type: 'NodePath',
    args: [[...value.names], [...value.subnames], value.absolute],
  };
}

function writeReference(value: ResourceReference): SceneValue {
  return {
    type: value.kind,
    id: value.id,
    ...(value.path === '' ? {} : { path: value.path }),
    ...(value.uid === '' ? {} : { uid: value.uid }),
    ...(value.className === '' ? {} : { class: value.className }),
    ...(value instanceof SceneReplicationConfig
      ? { props: value.toProperties().flatMap(([name, item]) => [name, write(ownVariant(item))]) }
      : {}),
  };
}

function writePacked(value: object): SceneValue | undefined {
  if (value instanceof PackedStringArray) return { type: 'PackedStringArray', args: [...value.values] };
  const vectors = packedVectorName(value);
  if (vectors !== undefined && value instanceof PackedNumbers) {
    return { type: vectors, args: Array.from(value.data, realArg) };
  }
  if (value instanceof Uint8Array) return { type: 'PackedByteArray', args: [...value] };
  if (value instanceof Int32Array) return { type: 'PackedInt32Array', args: [...value] };
  if (value instanceof BigInt64Array) return { type: 'PackedInt64Array', args: Array.from(value, int64Arg) };
  if (value instanceof Float32Array) return { type: 'PackedFloat32Array', args: Array.from(value, realArg) };
  if (value instanceof Float64Array) return { type: 'PackedFloat64Array', args: Array.from(value, realArg) };
  return undefined;
}

function writeContainer(value: object): SceneValue {
  if (Array.isArray(value)) {
    const args = Array.from(value as NodeValue[], write);
    if (!(value instanceof TypedArray)) return args;
    return { type: 'Array', ...typeFields('elem', value.elementType), args };
  }
  // What ownVariant gives is a Dictionary when it is nothing else.
  const dictionary = value as Dictionary<NodeValue, NodeValue>;
  const args: SceneValue[] = [];
  for (const [key, item] of dictionary) args.push(write(key), write(item));
  return {
    type: 'Dictionary',
    ...typeFields('key', dictionary.keyType),
    ...typeFields('value', dictionary.valueType),
    args,
  };
}

function typeFields(prefix: 'elem' | 'key' | 'value', type: ContainerType | undefined): object {
  if (type === undefined) return {};
  const name = { [`${prefix}_type`]: type.toString() };
  return type.scriptPath !== '' && type.className !== ''
    ? { ...name, [`${prefix}_class`]: type.className }
    : name;
}

/** The shortest text that reads back as the same number. */
function realText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function realArg(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : realText(value);
}

function int64Arg(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function read(value: unknown, path: string, depth: number): NodeValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return readText(value, path);
  if (depth >= MAX_VALUE_DEPTH) throw refuse(path, `expected at most ${MAX_VALUE_DEPTH} levels`);
  if (Array.isArray(value)) return value.map((item, i) => read(item, `${path}[${i}]`, depth + 1));
  if (typeof value === 'object') return readObject(value as SceneValueObject, path, depth);
  throw refuse(path, `expected a value in native notation such as "i:5" or "f:0.5", got ${named(value)}`);
}

function readText(text: string, path: string): NodeValue {
  const colon = text.indexOf(':');
  const body = text.slice(colon + 1);
  if (text.includes('\0')) throw refuse(path, 'expected a text without U+0000');
  switch (text.slice(0, colon + 1)) {
    case 'i:':
      return readInteger(body, path);
    case 'f:':
      return new Float(readReal(body, path));
    case 's:':
      return body;
    case 'sn:':
      return new StringName(body);
    case 'np:':
      return new NodePath(body);
    default:
      throw refuse(
        path,
        `expected a prefix i:, f:, s:, sn: or np:, got ${JSON.stringify(text.slice(0, 20))}`,
      );
  }
}

function readObject(value: SceneValueObject, path: string, depth: number): NodeValue {
  const { type } = value;
  if (typeof type !== 'string') throw refuse(`${path}.type`, `expected a text, got ${named(type)}`);
  const math = MATH_TYPES.get(type);
  if (math !== undefined) {
    const numbers = reals(value, path, math.size);
    if (math.isInteger && !numbers.every((number) => (number | 0) === number)) {
      throw refuse(`${path}.args`, 'expected integers of 32 bits');
    }
    return math.make(math.isInteger ? numbers : numbers.map(Math.fround));
  }
  const vectors = PACKED_VECTOR_TYPES.get(type);
  if (vectors !== undefined) {
    const numbers = reals(value, path);
    if (numbers.length % vectors.stride !== 0) {
      throw refuse(`${path}.args`, `expected a multiple of ${vectors.stride} numbers, got ${numbers.length}`);
    }
    return vectors.make(Float32Array.from(numbers));
  }
  return readNamed(type, value, path, depth);
}

function readNamed(type: string, value: SceneValueObject, path: string, depth: number): NodeValue {
  switch (type) {
    case 'float':
      return readBits(value, path);
    case 'NodePath':
      return readPath(value, path);
    case 'RID':
      return new RID(id(value.id ?? '0', `${path}.id`));
    case 'EncodedObjectAsID':
      return new EncodedObjectAsID(id(value.id, `${path}.id`));
    case 'Callable':
      return new Callable();
    case 'Signal':
      return new Signal(text(value.name ?? '', `${path}.name`), id(value.object ?? '0', `${path}.object`));
    case 'ExtResource':
    case 'SubResource':
      return readReference(type, value, path, depth);
    case 'PackedByteArray':
      return Uint8Array.from(integers(value, path, 0, 255));
    case 'PackedInt32Array':
      return Int32Array.from(integers(value, path, -(2 ** 31), 2 ** 31 - 1));
    case 'PackedInt64Array':
      return BigInt64Array.from(args(value, path), (item, i) => int64(item, `${path}.args[${i}]`));
    case 'PackedFloat32Array':
      return Float32Array.from(reals(value, path));
    case 'PackedFloat64Array':
      return Float64Array.from(reals(value, path));
    case 'PackedStringArray':
      return new PackedStringArray(args(value, path).map((item, i) => text(item, `${path}.args[${i}]`)));
    case 'Array':
      return readArray(value, path, depth);
    case 'Dictionary':
      return readDictionary(value, path, depth);
    default:
      return readFull(type, value, path, depth);
  }
}

function readBits(value: SceneValueObject, path: string): Float {
  if (typeof value.bits !== 'string' || !/^[0-9a-f]{16}$/.test(value.bits)) {
    throw refuse(`${path}.bits`, 'expected 16 hexadecimal digits');
  }
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${value.bits}`));
  if (!Number.isNaN(view.getFloat64(0))) throw refuse(`${path}.bits`, 'expected the bits of a NaN');
  return new Float(Number.NaN, BigInt(`0x${value.bits}`));
}

function readPath(value: SceneValueObject, path: string): NodePath {
  const [names, subnames, absolute] = args(value, path);
  if (!Array.isArray(names) || !Array.isArray(subnames) || typeof absolute !== 'boolean') {
    throw refuse(`${path}.args`, 'expected a list of names, a list of subnames, and whether it is absolute');
  }
  const texts = (list: readonly unknown[], at: string): string[] =>
    list.map((item, i) => text(item, `${path}.args${at}[${i}]`));
  return new NodePath(texts(names, '[0]'), texts(subnames, '[1]'), absolute);
}

function readArray(value: SceneValueObject, path: string, depth: number): NodeValue {
  const type = containerType(value.elem_type, value.elem_class, `${path}.elem_type`);
  const items = args(value, path).map((item, i) => read(item, `${path}.args[${i}]`, depth + 1));
  return type === undefined ? items : new TypedArray<NodeValue>(type, items);
}

function readDictionary(value: SceneValueObject, path: string, depth: number): NodeValue {
  const items = args(value, path);
  if (items.length % 2 !== 0) throw refuse(`${path}.args`, 'expected keys and values in turn');
  const result = new Dictionary<NodeValue, NodeValue>(null, {
    keyType: containerType(value.key_type, value.key_class, `${path}.key_type`),
    valueType: containerType(value.value_type, value.value_class, `${path}.value_type`),
  });
  for (let i = 0; i < items.length; i += 2) {
    const key = read(items[i], `${path}.args[${i}]`, depth + 1);
    result.set(key, read(items[i + 1], `${path}.args[${i + 1}]`, depth + 1));
  }
  return result;
}

/** Of the resources of a scene only replication configurations come with what is in them. */
function readReference(
  kind: 'ExtResource' | 'SubResource',
  value: SceneValueObject,
  path: string,
  depth: number,
): ResourceReference {
  const id = text(value.id, `${path}.id`);
  const details = {
    path: text(value.path ?? '', `${path}.path`),
    uid: text(value.uid ?? '', `${path}.uid`),
    className: text(value.class ?? '', `${path}.class`),
  };
  if (value.props === undefined || details.className !== CONFIG_CLASS)
    return new ResourceReference(kind, id, details);
  try {
    return SceneReplicationConfig.fromProperties(
      readProps(value, path, depth),
      { kind, id, ...details },
      (message) => {
        throw new RangeError(message);
      },
    );
  } catch (error) {
    if (error instanceof RangeError) throw refuse(`${path}.props`, error.message);
    throw error;
  }
}

function readFull(type: string, value: SceneValueObject, path: string, depth: number): NodeValue {
  if (variantTypeByString(type) !== undefined || type === '') {
    throw refuse(`${path}.type`, `expected a type that is written as an object, got ${JSON.stringify(type)}`);
  }
  return new GodotObject(text(type, `${path}.type`), readProps(value, path, depth));
}

function readProps(
  { props }: SceneValueObject,
  path: string,
  depth: number,
): (readonly [name: string, value: NodeValue])[] {
  if (!Array.isArray(props) || props.length % 2 !== 0)
    throw refuse(`${path}.props`, 'expected names and values in turn');
  const properties: (readonly [string, NodeValue])[] = [];
  for (let i = 0; i < props.length; i += 2) {
    const name = text(props[i], `${path}.props[${i}]`);
    properties.push([name, read(props[i + 1], `${path}.props[${i + 1}]`, depth + 1)]);
  }
  return properties;
}

function containerType(name: unknown, className: unknown, path: string): ContainerType | undefined {
  if (name === undefined) return undefined;
  const type = ContainerType.from(text(name, path));
  if (className === undefined || type === undefined) return type;
  return new ContainerType(VariantType.OBJECT, text(className, path), type.scriptPath);
}
