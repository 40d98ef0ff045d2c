/** The types of variables and arguments, as texts that mean the same everywhere in the project. */
import { variantTypeByString } from '../../../codec/internal.ts';
import { ClassValue, EnumValues, typeOfConstant } from '../gdscript/constant.ts';
import type { Expression } from '../gdscript/expression.ts';
import type { TypeName } from '../gdscript/typeName.ts';
import type { LinkedClass } from './LinkedClass.ts';

/**
 * A type as the engine's `Variant` has it: enums are `int`, classes of the project are their `class_name` or what they extend of
 * the engine; `Array[int]`, `Dictionary[String, int]`; `Variant` for none.
 */
export function typeText(type: TypeName | undefined, owner: LinkedClass): string {
  if (type === undefined) return 'Variant';
  const { names, inner } = type;
  const name = plainName(names, owner);
  if (inner.length === 0 || (name !== 'Array' && name !== 'Dictionary')) return name;
  const parts = inner.map((part) => typeText(part, owner));
  return parts.every((part) => part === 'Variant') ? name : `${name}[${parts.join(', ')}]`;
}

function plainName(names: readonly string[], owner: LinkedClass): string {
  const [first = ''] = names;
  if (names.length === 1) {
    if (variantTypeByString(first) !== undefined || first === 'Variant' || first === 'void') return first;
    if (GLOBAL_ENUMS.has(first)) return 'int';
  }
  const found = owner.named(names);
  if (found instanceof EnumValues) return 'int';
  if (found !== undefined) return classText(found);
  // Classes of the engine have enums in them, and no classes.
  return names.length > 1 ? 'int' : first;
}

function classText(found: LinkedClass): string {
  return found.native ?? 'Object';
}

/** The type of what stands behind `:=`; `undefined` when it is not known. */
export function inferredType(expression: Expression, owner: LinkedClass): string | undefined {
  const value = owner.evaluate(expression);
  if (value instanceof ClassValue) return 'Object';
  if (value !== undefined) return typeOfConstant(value);
  switch (expression.kind) {
    case 'cast':
      return typeText(expression.type, owner);
    case 'array':
      return 'Array';
    case 'dictionary':
      return 'Dictionary';
    case 'attribute':
      return expression.of.kind === 'name' ? constantType(expression.of.name) : undefined;
    case 'call':
      return calledType(expression.callee, owner);
    case 'chain':
      return COMPARES.has(expression.rest[0]?.[0] ?? '') ? 'bool' : undefined;
    default:
      return undefined;
  }
}

/** `Color.ROYAL_BLUE` is a Color. */
function constantType(name: string): string | undefined {
  const type = variantTypeByString(name);
  return type === undefined || !/^[A-Z]/.test(name) ? undefined : name;
}

/** `Color("red")` is a Color, `Player.new()` a Player. */
function calledType(callee: Expression, owner: LinkedClass): string | undefined {
  if (callee.kind === 'name') {
    if (variantTypeByString(callee.name) !== undefined) return callee.name;
    return callee.name === 'preload' || callee.name === 'load' ? 'Resource' : undefined;
  }
  if (callee.kind !== 'attribute' || callee.name !== 'new' || callee.of.kind !== 'name') return undefined;
  return plainName([callee.of.name], owner);
}

const COMPARES: ReadonlySet<string> = new Set([
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'not in',
  'and',
  'or',
]);

/** Enums of the engine that belong to no class. */
const GLOBAL_ENUMS: ReadonlySet<string> = new Set([
  'Side',
  'Corner',
  'Orientation',
  'ClockDirection',
  'HorizontalAlignment',
  'VerticalAlignment',
  'InlineAlignment',
  'EulerOrder',
  'Error',
  'Key',
  'KeyModifierMask',
  'KeyLocation',
  'MouseButton',
  'MouseButtonMask',
  'JoyButton',
  'JoyAxis',
  'MIDIMessage',
  'PropertyHint',
  'PropertyUsageFlags',
  'MethodFlags',
]);
