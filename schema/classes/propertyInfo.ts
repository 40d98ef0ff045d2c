/** Properties of class tables, from what an engine wrote of them. */
import {
  bytesToVar,
  Dictionary,
  TypedArray,
  VariantType,
  type VariantTypeId,
  variantTypeOf,
} from '../../codec/index.ts';
import { type NodeValue, ownVariant } from '../values/ownVariant.ts';
import type { PropertyInfo, PropertyType } from './classInfo.ts';
import type { ClassTableProperty } from './classTableJson.ts';
import { isDoubleProperty, isUnsignedProperty } from './widths.ts';

/** How wide a number is, by its type and the property's name. */
export type WidthOf = (type: number, name: string) => PropertyType['width'];

/** A property that a fresh node stores. @throws DecodeError for a default that is no Variant. */
export function infoOf([name, hex, declared]: ClassTableProperty, widthOf: WidthOf): PropertyInfo {
  const value = ownVariant(bytesToVar(bytesOf(hex), { exact: true }));
  const type = typeBy(value, declared);
  return {
    ...typeOf(type, value),
    name,
    default: value,
    isStored: true,
    width: widthOf(type, name),
  };
}

/**
 * The declared type does not say what the getter gives: some are declared as String and are a StringName, and packets hold
 * what the getter gives. Null tells nothing: without a declaration it is a resource or a node. What is declared as a
 * Variant takes any value.
 */
function typeBy(value: NodeValue, declared: number | undefined): VariantTypeId {
  const own = variantTypeOf(value) ?? VariantType.NIL;
  if (declared === VariantType.NIL) return VariantType.NIL;
  return own === VariantType.NIL ? ((declared ?? VariantType.OBJECT) as VariantTypeId) : own;
}

/** The type of a property whose default is known. */
export function typeOf(type: VariantTypeId, value: unknown): PropertyType {
  return {
    type,
    elementType: value instanceof TypedArray ? value.elementType : undefined,
    keyType: value instanceof Dictionary ? value.keyType : undefined,
    valueType: value instanceof Dictionary ? value.valueType : undefined,
  };
}

/** How wide a number of a Godot class is, given with all it inherits from. */
export function nativeWidth(
  type: number,
  name: string,
  ancestors: ReadonlySet<string>,
): PropertyType['width'] {
  if (type === VariantType.FLOAT) return isDoubleProperty(name, ancestors) ? undefined : 'f32';
  if (type === VariantType.INT) return isUnsignedProperty(name) ? 'u32' : 'i32';
  return undefined;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
