/** The typing of arrays and dictionaries (variant-codec.md sections 2.6 and 3.4). */

import { GodotError } from '../errors.ts';
import { ContainerType } from '../values/ContainerType.ts';
import { Float } from '../values/Float.ts';
import { EncodedObjectAsID } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { FloatMode, type VariantReader } from './reader.ts';
import { ContainerKind, VARIANT_MAX, VariantType, type VariantTypeId } from './types.ts';
import type { VariantValue } from './value.ts';
import { EncodeFailure, type VariantWriter } from './writer.ts';

/** The class that stands for every object of the sender. */
const ID_CLASS = 'EncodedObjectAsID';

/** An element that the engine drops. */
export const DROPPED: unique symbol = Symbol('dropped');

/** Reads the type field of a container; `undefined` for untyped. */
export function readContainerType(r: VariantReader, kind: number, owner: number): ContainerType | undefined {
  const keepsNames = r.options.allowObjects || !r.options.strict;
  switch (kind) {
    case ContainerKind.NONE:
      return undefined;
    case ContainerKind.BUILTIN: {
      const at = r.take(4, owner);
      const type = r.view.getUint32(at, true);
      if (type >= VARIANT_MAX) {
        throw r.invalid('ERR_VARIANT_CONTAINER_TYPE', at, owner, `${type} is no element type`);
      }
      if (type === VariantType.NIL) return undefined;
      if (type === VariantType.OBJECT && !keepsNames) return new ContainerType(type, ID_CLASS);
      // Checked above: from 1 to VARIANT_MAX - 1.
      return new ContainerType(type as VariantTypeId);
    }
    case ContainerKind.CLASS_NAME: {
      const name = r.readText(owner);
      return new ContainerType(VariantType.OBJECT, keepsNames ? name : ID_CLASS);
    }
    default: {
      const at = r.position;
      const path = r.readText(owner);
      if (!keepsNames) return new ContainerType(VariantType.OBJECT, ID_CLASS);
      if (r.options.allowObjects && !path.startsWith('res://')) {
        throw r.invalid('ERR_VARIANT_SCRIPT_PATH', at, owner, 'the script is no res:// path');
      }
      return new ContainerType(VariantType.OBJECT, '', path);
    }
  }
}

/**
 * Takes an element (or key) into a typed container.
 * @param wireType the type id that the element was sent with
 * @returns the element as it is kept, or {@link DROPPED}
 */
export function acceptElement(
  r: VariantReader,
  type: ContainerType,
  wireType: number,
  value: VariantValue,
): VariantValue | typeof DROPPED {
  if (!r.options.strict) return keepInt(type, wireType, value);
  if (wireType === type.type) {
    return wireType !== VariantType.OBJECT || acceptsObject(type, value) ? value : DROPPED;
  }
  if (wireType === VariantType.NIL && type.type === VariantType.OBJECT) return value;
  if (wireType === VariantType.STRING && type.type === VariantType.STRING_NAME) {
    return new StringName(value as string);
  }
  if (wireType === VariantType.STRING_NAME && type.type === VariantType.STRING) {
    return (value as StringName).value;
  }
  if (wireType === VariantType.INT && type.type === VariantType.FLOAT) {
    const float = intToF32(BigInt(value as number | bigint));
    const wraps =
      r.floatMode === FloatMode.EXACT ||
      (r.floatMode === FloatMode.WRAP_WHOLE && Number.isSafeInteger(float));
    return wraps ? new Float(float) : float;
  }
  if (wireType === VariantType.FLOAT && type.type === VariantType.INT) {
    const int = truncated(value instanceof Float ? value.value : (value as number));
    const number = Number(int);
    return r.options.exact || !Number.isSafeInteger(number) ? int : number;
  }
  return DROPPED;
}

/** A FLOAT as INT: its fraction is dropped; what does not fit is the smallest int, as on x86-64. */
function truncated(value: number): bigint {
  return value >= -INT64_EDGE && value < INT64_EDGE ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

/**
 * An INT where FLOATs are declared stays an INT when it is encoded again only if it is a bigint: numbers in such
 * places are floats.
 */
export function keepInt(type: ContainerType, wireType: number, value: VariantValue): VariantValue {
  const isStray = wireType === VariantType.INT && type.type === VariantType.FLOAT;
  return isStray && typeof value === 'number' ? BigInt(value) : value;
}

/** The kind and field of a type on the wire, as the engine chooses them. */
export interface WireContainerType {
  /** One of {@link ContainerKind}. */
  readonly kind: number;
  /** The type id of BUILTIN, the text of the others. */
  readonly field: number | string;
}

/** How a container type is written under the options that hold. */
export function wireContainerType(w: VariantWriter, type: ContainerType | undefined): WireContainerType {
  if (type === undefined) return UNTYPED;
  if (type.scriptPath !== '') {
    if (!w.options.fullObjects) return TYPED_BY_ID;
    if (!type.scriptPath.startsWith('res://')) {
      throw new EncodeFailure(
        'ERR_ENCODE_SCRIPT_PATH',
        `the script of a container type must be a res:// path, got ${type.scriptPath}`,
        GodotError.ERR_UNAVAILABLE,
      );
    }
    return { kind: ContainerKind.SCRIPT, field: type.scriptPath };
  }
  if (type.className !== '') {
    return w.options.fullObjects ? { kind: ContainerKind.CLASS_NAME, field: type.className } : TYPED_BY_ID;
  }
  return { kind: ContainerKind.BUILTIN, field: type.type };
}

/** Writes the field of a container type; nothing for untyped. */
export function writeContainerType(w: VariantWriter, type: WireContainerType): void {
  if (type.kind === ContainerKind.NONE) return;
  if (typeof type.field === 'number') w.writeU32(type.field);
  else w.writeText(type.field);
}

/** Rounds an int to single precision once, as the engine's cast does. */
export function intToF32(value: bigint): number {
  if (value >= -(1n << 53n) && value <= 1n << 53n) return Math.fround(Number(value));
  // Too long for a double: the low bits only matter as "something is there" (round to odd), then one rounding is left.
  const high = value >> 16n;
  const odd = (value & 0xffffn) === 0n ? high : high | 1n;
  return Math.fround(Number(odd) * 65_536);
}

/** Whether an object goes into a container of objects. Who inherits from whom only the engine knows. */
function acceptsObject(type: ContainerType, value: VariantValue): boolean {
  if (!(value instanceof EncodedObjectAsID)) return true;
  return type.scriptPath === '' && ID_CLASS_BASES.includes(type.className);
}

const ID_CLASS_BASES: readonly string[] = ['', ID_CLASS, 'RefCounted', 'Object'];
const INT64_EDGE = 2 ** 63;
const UNTYPED: WireContainerType = { kind: ContainerKind.NONE, field: 0 };
const TYPED_BY_ID: WireContainerType = { kind: ContainerKind.CLASS_NAME, field: ID_CLASS };
