/** Properties that the class table does not know: how they are declared. */
import { ContainerType, type ContainerTypeInput, VariantType } from '../../codec/index.ts';
import { variantTypeByString } from '../../codec/internal.ts';
import type { PropertyInfo, PropertyType } from '../classes/classTable.ts';
import { emptyValue } from '../values/emptyValue.ts';
import { shown } from '../values/shown.ts';
import { checkedValue } from './nodeProperties.ts';

/** A property that the class table does not know. */
export interface VariableInput {
  /** The property's name. */
  readonly name: string;
  /** Godot's name of the type: `int`, `Vector2`, `Array[String]`, `Object` or a class for resources. Absent: any value. */
  readonly type?: string | undefined;
  /** Its value before anything is set. Absent: the type's empty value. */
  readonly default?: unknown;
  /** Its value. Absent: the default. */
  readonly value?: unknown;
}

/** A variable that a script declares. */
export interface ScriptVariable extends Omit<VariableInput, 'value'> {
  /** Whether packets and scene files hold it, as those with `@export`. Default true. */
  readonly isStored?: boolean | undefined;
}

/** What a script declares of a variable. @throws TypeError naming what is wrong. */
export function scriptVariableInfo(variable: ScriptVariable): PropertyInfo {
  const { isStored, ...input } = variable;
  if (isStored !== undefined && typeof isStored !== 'boolean')
    throw new TypeError(`"isStored" expected a boolean, got ${shown(isStored)}`);
  return { ...variableInfo(input), isStored: isStored ?? true };
}

/** The declaration of a property. @throws TypeError naming what is wrong. */
export function variableInfo(variable: VariableInput): PropertyInfo {
  if (typeof variable !== 'object' || variable === null) {
    throw new TypeError(`"variable" expected an object with a name, got ${shown(variable)}`);
  }
  const { name, type } = variable;
  if (typeof name !== 'string') throw new TypeError(`"name" expected a string, got ${typeof name}`);
  if (name === '' || name.includes('\0')) throw new RangeError('"name" expected a text that is not empty');
  const declared = type === undefined ? { type: VariantType.NIL } : parseType(type);
  const info: PropertyInfo = { ...declared, name, default: null, isStored: true };
  if (variable.default === undefined) return { ...info, default: emptyValue(info) };
  return { ...info, default: checkedValue(info, variable.default) };
}

/**
 * A type as Godot spells it: `int`, `Array[String]`, `Dictionary[String, int]`, a class name for objects, `Variant`.
 * @throws TypeError for no text.
 */
export function parseType(text: string): PropertyType {
  if (typeof text !== 'string') throw new TypeError(`"type" expected a string, got ${typeof text}`);
  const typed = /^(Array|Dictionary)\[(.*)\]$/.exec(text);
  if (typed?.[1] === 'Array')
    return { type: VariantType.ARRAY, elementType: ContainerType.from(typed[2] ?? '') };
  if (typed?.[1] === 'Dictionary') {
    const [key = '', value = ''] = (typed[2] ?? '').split(/,\s*/);
    return {
      type: VariantType.DICTIONARY,
      keyType: ContainerType.from(key as ContainerTypeInput),
      valueType: ContainerType.from(value as ContainerTypeInput),
    };
  }
  if (text === 'Variant') return { type: VariantType.NIL };
  return { type: variantTypeByString(text) ?? VariantType.OBJECT };
}
