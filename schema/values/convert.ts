/**
 * What the engine does to a value that is set as a property: Godot's strict conversions (int and float, the texts, arrays
 * and packed arrays, vectors of ints and floats ...), then the width of the setter's parameter.
 */
import {
  Basis,
  Color,
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
  Projection,
  Quaternion,
  Rect2,
  Rect2i,
  StringName,
  Transform2D,
  Transform3D,
  TypedArray,
  VariantType,
  type VariantTypeId,
  Vector2,
  Vector2i,
  Vector3,
  Vector3i,
  Vector4,
  Vector4i,
  variantTypeOf,
  variantTypeString,
} from '../../codec/index.ts';
import { type NodeValue, ownVariant, ValueProblem } from './ownVariant.ts';
import type { PropertyType } from './propertyType.ts';
import { ResourceReference } from './ResourceReference.ts';
import { basisFromQuaternion, quaternionOf } from './transform3D.ts';

/**
 * A value as a property of some type would hold it.
 *
 * @param value - What the caller gave; not kept.
 * @param target - The property's type.
 * @returns FLOAT as `Float`, INT as number or bigint, everything else as `ownVariant` gives it.
 * @throws ValueProblem whose message names what came.
 */
export function convert(value: unknown, target: PropertyType): NodeValue {
  if (target.type === VariantType.NIL) return ownVariant(value);
  if (target.type === VariantType.FLOAT) return convertFloat(value, target);
  if (target.type === VariantType.INT) return convertInt(value, target);
  const own = ownVariant(value);
  const type = typeOfValue(own);
  if (type === target.type && !isContainer(type)) return own;
  const converted = convertOther(own, type, target);
  if (converted === undefined) throw new ValueProblem(nameOfValue(own));
  return converted;
}

/** Godot's name of what a value is, for errors. */
export function nameOfValue(value: unknown): string {
  if (value instanceof ResourceReference) return value.kind;
  if (value === null || value === undefined) return 'null';
  const type = variantTypeOf(value);
  return type === undefined ? `a ${typeof value}` : (variantTypeString(type) ?? 'something else');
}

/** Godot's name of a property's type, for errors and for declarations. */
export function nameOfType(target: PropertyType): string {
  if (target.type === VariantType.NIL) return 'Variant';
  if (target.elementType !== undefined) return `Array[${target.elementType.toString()}]`;
  if (target.keyType !== undefined || target.valueType !== undefined) {
    return `Dictionary[${target.keyType?.toString() ?? 'Variant'}, ${target.valueType?.toString() ?? 'Variant'}]`;
  }
  return variantTypeString(target.type) ?? 'Variant';
}

function convertFloat(value: unknown, target: PropertyType): Float {
  if (value instanceof Float) {
    if (target.width !== 'f32' || Number.isNaN(value.value)) return new Float(value.value, value.nanBits);
    return new Float(Math.fround(value.value));
  }
  const number = typeof value === 'boolean' || typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') throw new ValueProblem(nameOfValue(ownVariant(value)));
  return new Float(target.width === 'f32' ? Math.fround(number) : number);
}

function convertInt(value: unknown, target: PropertyType): number | bigint {
  let integer: number | bigint;
  if (typeof value === 'boolean') integer = Number(value);
  else if (typeof value === 'bigint') integer = ownInteger64(value);
  else {
    const number = value instanceof Float ? value.value : value;
    if (typeof number !== 'number') throw new ValueProblem(nameOfValue(ownVariant(value)));
    if (!Number.isFinite(number) || number >= 2 ** 63 || number < -(2 ** 63)) {
      throw new ValueProblem(`${number}, which is no integer of 64 bits`);
    }
    const whole = Math.trunc(number);
    integer = Number.isSafeInteger(whole) ? whole || 0 : ownInteger64(BigInt(whole));
  }
  if (target.width !== 'i32' && target.width !== 'u32') return integer;
  // A setter takes the lowest 32 bits. Bit masks come with and without sign; what is beyond 32 bits is a mistake.
  if (integer < I32[0] || integer > U32[1])
    throw new ValueProblem(`${integer}, which does not fit 32 bits (${I32[0]}..${U32[1]})`);
  return target.width === 'i32' ? Number(integer) | 0 : Number(integer) >>> 0;
}

function ownInteger64(value: bigint): number | bigint {
  if (BigInt.asIntN(64, value) !== value) throw new ValueProblem('an integer beyond 64 bits');
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function convertOther(value: NodeValue, type: VariantTypeId, target: PropertyType): NodeValue | undefined {
  switch (target.type) {
    case VariantType.BOOL:
      return convertBool(value);
    case VariantType.STRING:
      return textOf(value);
    case VariantType.STRING_NAME:
      return typeof value === 'string' ? new StringName(value) : undefined;
    case VariantType.NODE_PATH:
      return typeof value === 'string' ? new NodePath(value) : undefined;
    case VariantType.OBJECT:
      return isObject(value) ? value : undefined;
    case VariantType.ARRAY:
      return convertArray(value, target.elementType);
    case VariantType.DICTIONARY:
      return type === VariantType.DICTIONARY ? convertDictionary(value, target) : undefined;
    case VariantType.COLOR:
      return convertColor(value);
    default:
      return Array.isArray(value) ? convertPacked(value, target.type) : convertMath(value, target.type);
  }
}

function convertBool(value: NodeValue): boolean | undefined {
  if (value instanceof Float) return value.value !== 0;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) !== 0 : undefined;
}

function textOf(value: NodeValue): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof StringName || value instanceof NodePath ? value.toString() : undefined;
}

function isObject(value: NodeValue): boolean {
  return (
    value === null ||
    value instanceof EncodedObjectAsID ||
    value instanceof GodotObject ||
    value instanceof ResourceReference
  );
}

function convertArray(value: NodeValue, elementType: ContainerType | undefined): NodeValue | undefined {
  const items = itemsOf(value);
  if (items === undefined) return undefined;
  if (elementType === undefined) {
    return value instanceof TypedArray ? value : items.map((item) => ownVariant(item));
  }
  return new TypedArray<NodeValue>(
    elementType,
    items.map((item, i) => element(item, elementType, `element ${i}`)),
  );
}

function itemsOf(value: NodeValue): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof PackedStringArray || value instanceof PackedNumbers) return [...value];
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return Array.from(value, (number) => new Float(number));
  }
  if (value instanceof Uint8Array || value instanceof Int32Array || value instanceof BigInt64Array) {
    return Array.from<number | bigint>(value);
  }
  return undefined;
}

function convertDictionary(value: NodeValue, target: PropertyType): NodeValue {
  // Everything of this type that ownVariant gives is a Dictionary.
  const source = value as Dictionary<NodeValue, NodeValue>;
  const { keyType, valueType } = target;
  if (keyType === undefined && valueType === undefined) return source;
  const result = new Dictionary<NodeValue, NodeValue>(null, { keyType, valueType });
  for (const [key, item] of source)
    result.set(element(key, keyType, 'a key'), element(item, valueType, 'a value'));
  return result;
}

function element(value: unknown, type: ContainerType | undefined, what: string): NodeValue {
  try {
    return convert(value, type ?? { type: VariantType.NIL });
  } catch (error) {
    if (error instanceof ValueProblem) throw new ValueProblem(`${what} that is ${error.message}`);
    throw error;
  }
}

function convertColor(value: NodeValue): Color | undefined {
  if (typeof value === 'string') return colorFromText(value);
  if (typeof value !== 'number' || value < 0 || value > 0xffffffff) return undefined;
  return colorFromBytes([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
}

/** `#rgb`, `#rgba`, `#rrggbb` and `#rrggbbaa`, with or without `#`. */
function colorFromText(text: string): Color | undefined {
  const digits = text.startsWith('#') ? text.slice(1) : text;
  if (!/^(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(digits)) return undefined;
  const isShort = digits.length < 6;
  const size = isShort ? 1 : 2;
  const parts: number[] = [];
  for (let i = 0; i < digits.length; i += size) {
    parts.push(Number.parseInt(digits.slice(i, i + size), 16) * (isShort ? 17 : 1));
  }
  return colorFromBytes(parts);
}

function colorFromBytes([r = 0, g = 0, b = 0, a = 255]: readonly number[]): Color {
  return new Color(Math.fround(r / 255), Math.fround(g / 255), Math.fround(b / 255), Math.fround(a / 255));
}

function convertPacked(items: readonly unknown[], type: VariantTypeId): NodeValue | undefined {
  const all = <T>(elementType: VariantTypeId): T[] =>
    items.map((item, i) => element(item, new ContainerType(elementType), `element ${i}`) as T);
  const integers = (least: number, most: number): number[] =>
    all<number | bigint>(VariantType.INT).map((item, i) => {
      if (item < least || item > most)
        throw new ValueProblem(`element ${i} that is ${item}, not ${least}..${most}`);
      return Number(item);
    });
  const reals = (): number[] => all<Float>(VariantType.FLOAT).map((item) => item.value);
  switch (type) {
    case VariantType.PACKED_BYTE_ARRAY:
      return Uint8Array.from(integers(0, 255));
    case VariantType.PACKED_INT32_ARRAY:
      return Int32Array.from(integers(...I32));
    case VariantType.PACKED_INT64_ARRAY:
      return BigInt64Array.from(all<number | bigint>(VariantType.INT), BigInt);
    case VariantType.PACKED_FLOAT32_ARRAY:
      return Float32Array.from(reals());
    case VariantType.PACKED_FLOAT64_ARRAY:
      return Float64Array.from(reals());
    case VariantType.PACKED_STRING_ARRAY:
      return new PackedStringArray(all<string>(VariantType.STRING));
    case VariantType.PACKED_VECTOR2_ARRAY:
      return new PackedVector2Array(all<Vector2>(VariantType.VECTOR2));
    case VariantType.PACKED_VECTOR3_ARRAY:
      return new PackedVector3Array(all<Vector3>(VariantType.VECTOR3));
    case VariantType.PACKED_VECTOR4_ARRAY:
      return new PackedVector4Array(all<Vector4>(VariantType.VECTOR4));
    case VariantType.PACKED_COLOR_ARRAY:
      return new PackedColorArray(all<Color>(VariantType.COLOR));
    default:
      return undefined;
  }
}

/** Vectors and rectangles of floats lose their fractions when they become those of ints. */
function convertMath(value: NodeValue, type: VariantTypeId): NodeValue | undefined {
  const f = Math.fround;
  switch (type) {
    case VariantType.VECTOR2:
      return value instanceof Vector2i ? new Vector2(f(value.x), f(value.y)) : undefined;
    case VariantType.VECTOR2I:
      return value instanceof Vector2 ? new Vector2i(whole(value.x), whole(value.y)) : undefined;
    case VariantType.VECTOR3:
      return value instanceof Vector3i ? new Vector3(f(value.x), f(value.y), f(value.z)) : undefined;
    case VariantType.VECTOR3I:
      return value instanceof Vector3
        ? new Vector3i(whole(value.x), whole(value.y), whole(value.z))
        : undefined;
    case VariantType.VECTOR4:
      return value instanceof Vector4i
        ? new Vector4(f(value.x), f(value.y), f(value.z), f(value.w))
        : undefined;
    case VariantType.VECTOR4I:
      return value instanceof Vector4
        ? new Vector4i(whole(value.x), whole(value.y), whole(value.z), whole(value.w))
        : undefined;
    case VariantType.RECT2:
      return value instanceof Rect2i
        ? new Rect2(
            convertMath(value.position, VariantType.VECTOR2) as Vector2,
            convertMath(value.size, VariantType.VECTOR2) as Vector2,
          )
        : undefined;
    case VariantType.RECT2I:
      return value instanceof Rect2
        ? new Rect2i(
            convertMath(value.position, VariantType.VECTOR2I) as Vector2i,
            convertMath(value.size, VariantType.VECTOR2I) as Vector2i,
          )
        : undefined;
    case VariantType.BASIS:
      return value instanceof Quaternion ? basisFromQuaternion(value, Vector3.ONE) : undefined;
    case VariantType.QUATERNION:
      return value instanceof Basis ? quaternionOf(value) : undefined;
    case VariantType.TRANSFORM2D:
      return value instanceof Transform3D
        ? new Transform2D(flat(value.basis.x), flat(value.basis.y), flat(value.origin))
        : undefined;
    case VariantType.TRANSFORM3D:
      return convertTransform(value);
    case VariantType.PROJECTION:
      return value instanceof Transform3D
        ? new Projection(
            column(value.basis.x, 0),
            column(value.basis.y, 0),
            column(value.basis.z, 0),
            column(value.origin, 1),
          )
        : undefined;
    default:
      return undefined;
  }
}

function convertTransform(value: NodeValue): Transform3D | undefined {
  if (value instanceof Basis) return new Transform3D(value);
  if (value instanceof Quaternion) return new Transform3D(basisFromQuaternion(value, Vector3.ONE));
  if (value instanceof Transform2D) {
    const basis = new Basis(raised(value.x), raised(value.y), new Vector3(0, 0, 1));
    return new Transform3D(basis, raised(value.origin));
  }
  if (!(value instanceof Projection)) return undefined;
  const basis = new Basis(withoutW(value.x), withoutW(value.y), withoutW(value.z));
  return new Transform3D(basis, withoutW(value.w));
}

const flat = ({ x, y }: Vector3): Vector2 => new Vector2(x, y);
const raised = ({ x, y }: Vector2): Vector3 => new Vector3(x, y, 0);
const column = ({ x, y, z }: Vector3, w: number): Vector4 => new Vector4(x, y, z, w);
const withoutW = ({ x, y, z }: Vector4): Vector3 => new Vector3(x, y, z);

function whole(value: number): number {
  const result = Math.trunc(value);
  if (!(result >= I32[0] && result <= I32[1]))
    throw new ValueProblem(`a component ${value}, which does not fit 32 bits`);
  return result;
}

function typeOfValue(value: NodeValue): VariantTypeId {
  return value instanceof ResourceReference ? VariantType.OBJECT : (variantTypeOf(value) ?? VariantType.NIL);
}

function isContainer(type: VariantTypeId): boolean {
  return type === VariantType.ARRAY || type === VariantType.DICTIONARY;
}

const I32: readonly [number, number] = [-(2 ** 31), 2 ** 31 - 1];
const U32: readonly [number, number] = [0, 2 ** 32 - 1];
