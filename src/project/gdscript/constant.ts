/** What constant expressions have as values. */
import { Float, NodePath, StringName, variantTypeOf, variantTypeString } from '../../../codec/index.ts';
import type { NodeValue } from '../../../schema/index.ts';
import { ResourceReference } from '../../../schema/index.ts';

/** An enum, whose values are attributes of it. */
export class EnumValues {
  /** By name. */
  readonly values: ReadonlyMap<string, bigint>;

  constructor(values: ReadonlyMap<string, bigint>) {
    this.values = values;
  }
}

/** What a class is to expressions. */
export interface ConstantClass {
  /** A constant of it, of its bases, an enum, or a class in it; `undefined` for anything else. */
  constant(name: string): Constant | undefined;
}

/** A class as a value: what `preload` of a script gives, an inner class, a global one. */
export class ClassValue<C extends ConstantClass = ConstantClass> {
  /** The class. */
  readonly class: C;

  constructor(value: C) {
    this.class = value;
  }
}

/** A value; `undefined` stands for what is not known. */
export type Constant = NodeValue | EnumValues | ClassValue;

/** A value that a variable can hold; `undefined` for a class. */
export function plainValue(value: Constant | undefined): NodeValue | undefined {
  return value instanceof ClassValue || value instanceof EnumValues ? undefined : value;
}

/** The text of a String or StringName. */
export function textOf(value: Constant | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof StringName ? value.value : undefined;
}

/** The number of an int or float. */
export function numberOf(value: Constant | undefined): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Float ? value.value : undefined;
}

/** Godot's name of a value's type; `undefined` for null and what is no Variant. */
export function typeOfConstant(value: Constant): string | undefined {
  if (value === null) return undefined;
  if (value instanceof ClassValue) return 'Object';
  if (value instanceof EnumValues) return 'Dictionary';
  if (value instanceof ResourceReference) return value.className === '' ? 'Resource' : value.className;
  if (value instanceof NodePath) return 'NodePath';
  const type = variantTypeOf(value);
  return type === undefined ? undefined : variantTypeString(type);
}
