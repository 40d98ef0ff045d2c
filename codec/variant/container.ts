/** The typing of arrays and dictionaries (variant-codec.md sections 2.6 and 3.4). */

import { GodotError } from '../errors.ts';
import { ContainerType } from '../values/ContainerType.ts';
import { Float } from '../values/Float.ts';
import { EncodedObjectAsID } from '../values/reference.ts';
import { hasType, VariantType, type VariantTypeId } from '../values/variantTypes.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { ContainerKind } from './header.ts';
import { FloatMode, type VariantReader } from './reader.ts';
import { EncodeFailure, unknownToDialect, type VariantWriter } from './writer.ts';

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
      if (!hasType(r.options.minor, type)) {
        throw r.invalid('ERR_VARIANT_CONTAINER_TYPE', at, owner, `${type} is no element type`);
      }
      if (type === VariantType.NIL) return undefined;
      if (type === VariantType.OBJECT && !keepsNames) return new ContainerType(type, ID_CLASS);
      // Checked above.
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

/** Whether an element (or key) of the declared type goes into the container as it is. @param wireType its type id as sent */
export function isAccepted(type: ContainerType, wireType: number, value: VariantValue): boolean {
  if (wireType === type.type) return wireType !== VariantType.OBJECT || acceptsObject(type, value);
  return wireType === VariantType.NIL && type.type === VariantType.OBJECT;
}

/** What a conversion gives (INT as bigint, FLOAT as `Float`) in the view of numbers that holds. */
export function inView(r: VariantReader, value: VariantValue): VariantValue {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return r.options.exact || !Number.isSafeInteger(number) ? value : number;
  }
  if (value instanceof Float) {
    const isKept =
      r.floatMode === FloatMode.EXACT ||
      (r.floatMode === FloatMode.WRAP_WHOLE && Number.isSafeInteger(value.value));
    return isKept ? value : value.value;
  }
  return Array.isArray(value) ? value.map((item) => inView(r, item)) : value;
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
  if (!hasType(w.options.minor, type.type)) throw unknownToDialect(w.options.minor, type.type);
  return { kind: ContainerKind.BUILTIN, field: type.type };
}

/** Writes the field of a container type; nothing for untyped. */
export function writeContainerType(w: VariantWriter, type: WireContainerType): void {
  if (type.kind === ContainerKind.NONE) return;
  if (typeof type.field === 'number') w.writeU32(type.field);
  else w.writeText(type.field);
}

/** Whether an object goes into a container of objects. Who inherits from whom only the engine knows. */
function acceptsObject(type: ContainerType, value: VariantValue): boolean {
  if (!(value instanceof EncodedObjectAsID)) return true;
  return type.scriptPath === '' && ID_CLASS_BASES.includes(type.className);
}

const ID_CLASS_BASES: readonly string[] = ['', ID_CLASS, 'RefCounted', 'Object'];
const UNTYPED: WireContainerType = { kind: ContainerKind.NONE, field: 0 };
const TYPED_BY_ID: WireContainerType = { kind: ContainerKind.CLASS_NAME, field: ID_CLASS };
