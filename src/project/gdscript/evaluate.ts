/** The value of a constant expression. */
import {
  Color,
  Dictionary,
  Float,
  NodePath,
  PackedColorArray,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  StringName,
  Vector2,
  Vector2i,
  Vector3,
  Vector3i,
} from '../../../codec/index.ts';
import { MATH_TYPES, mathParts } from '../../../codec/internal.ts';
import type { NodeValue } from '../../../schema/index.ts';
import { ClassValue, type Constant, EnumValues, numberOf, plainValue, textOf } from './constant.ts';
import type { Expression } from './expression.ts';
import { applyOperator, applyPrefix, makeMath, truthOf } from './operators.ts';

/** What expressions refer to. */
export interface Scope {
  /** What a name means; `undefined` for what is no constant. */
  lookup(name: string): Constant | undefined;
  /** What `preload` or `load` of a path gives. */
  load(path: string): Constant | undefined;
  /** Whether so much more may be computed. Every step costs, and what is copied costs its size. */
  spend(cost: number): boolean;
}

/**
 * Evaluates an expression.
 *
 * @returns `undefined` for what is no constant, or is one that this reader does not know.
 */
export function evaluate(expression: Expression, scope: Scope): Constant | undefined {
  if (!scope.spend(1)) return undefined;
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name':
      return scope.lookup(expression.name);
    case 'array':
      return listOf(expression.items, scope);
    case 'dictionary':
      return dictionaryOf(expression.entries, scope);
    case 'attribute':
      return attributeOf(expression.of, expression.name, scope);
    case 'index':
      return elementOf(evaluate(expression.of, scope), evaluate(expression.index, scope));
    case 'call':
      return callOf(expression.callee, expression.args, scope);
    case 'unary': {
      const value = evaluate(expression.of, scope);
      return value === undefined ? undefined : applyPrefix(expression.operator, value);
    }
    case 'chain':
      return chainOf(expression.first, expression.rest, scope);
    case 'choice': {
      const condition = truthOf(evaluate(expression.condition, scope));
      if (condition === undefined) return undefined;
      return evaluate(condition ? expression.yes : expression.no, scope);
    }
    case 'cast':
      return evaluate(expression.of, scope);
    default:
      return undefined;
  }
}

function chainOf(
  first: Expression,
  rest: readonly (readonly [string, Expression])[],
  scope: Scope,
): Constant | undefined {
  let value = evaluate(first, scope);
  for (const [operator, expression] of rest) {
    const right = evaluate(expression, scope);
    if (value === undefined || right === undefined || !scope.spend(sizeOf(value) + sizeOf(right)))
      return undefined;
    value = applyOperator(operator, value, right);
  }
  return value;
}

function sizeOf(value: Constant): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 1;
}

function listOf(items: readonly Expression[], scope: Scope): NodeValue[] | undefined {
  const list: NodeValue[] = [];
  for (const item of items) {
    const value = plainValue(evaluate(item, scope));
    if (value === undefined) return undefined;
    list.push(value);
  }
  return list;
}

function dictionaryOf(
  entries: readonly (readonly [Expression, Expression])[],
  scope: Scope,
): Dictionary<NodeValue, NodeValue> | undefined {
  const dictionary = new Dictionary<NodeValue, NodeValue>(null);
  for (const [keyExpression, valueExpression] of entries) {
    const key = plainValue(evaluate(keyExpression, scope));
    const value = plainValue(evaluate(valueExpression, scope));
    if (key === undefined || value === undefined) return undefined;
    dictionary.set(key, value);
  }
  return dictionary;
}

function attributeOf(of: Expression, name: string, scope: Scope): Constant | undefined {
  const owner = evaluate(of, scope);
  if (owner === undefined)
    return of.kind === 'name' ? NATIVE_CONSTANTS.get(`${of.name}.${name}`)?.() : undefined;
  if (owner instanceof EnumValues) return owner.values.get(name);
  if (owner instanceof ClassValue) return owner.class.constant(name);
  if (owner instanceof Dictionary) return owner.get(name);
  const at = COMPONENTS.indexOf(name);
  const parts = mathParts(owner);
  if (parts === undefined || at < 0 || !parts.name.startsWith('Vector')) return undefined;
  const number = parts.numbers[at];
  if (number === undefined) return undefined;
  return parts.isInteger ? BigInt(number) : new Float(number);
}

function elementOf(of: Constant | undefined, index: Constant | undefined): Constant | undefined {
  if (of === undefined || index === undefined) return undefined;
  if (of instanceof EnumValues) return of.values.get(textOf(index) ?? '');
  const key = plainValue(index);
  if (of instanceof Dictionary) return key === undefined ? undefined : of.get(key);
  const at = numberOf(index);
  if (at === undefined || !Number.isInteger(at)) return undefined;
  if (Array.isArray(of)) return of.at(at);
  return typeof of === 'string' ? [...of].at(at) : undefined;
}

function callOf(callee: Expression, args: readonly Expression[], scope: Scope): Constant | undefined {
  if (callee.kind !== 'name') return undefined;
  const { name } = callee;
  const values: Constant[] = [];
  for (const arg of args) {
    const value = evaluate(arg, scope);
    if (value === undefined) return undefined;
    values.push(value);
  }
  const [first] = values;
  if (name === 'preload' || name === 'load') {
    const path = textOf(first);
    return path === undefined ? undefined : scope.load(path);
  }
  if (!scope.spend(values.reduce<number>((sum, value) => sum + sizeOf(value), 0))) return undefined;
  return construct(name, values);
}

/** A constructor of a built-in type, or one of the functions that constants are made with. */
function construct(name: string, values: readonly Constant[]): Constant | undefined {
  const type = MATH_TYPES.get(name);
  if (type !== undefined) {
    if (values.length === 0) return type.empty();
    return mathOf(name, values);
  }
  const [first] = values;
  if (values.length === 0) return EMPTY.get(name)?.();
  if (values.length !== 1 || first === undefined) return undefined;
  const text = textOf(first);
  const number = numberOf(first);
  if (name === 'String') return text;
  if (name === 'StringName') return text === undefined ? undefined : new StringName(text);
  if (name === 'NodePath') return text === undefined ? undefined : new NodePath(text);
  if (number === undefined) return undefined;
  if (name === 'int') return typeof first === 'bigint' ? first : toInt(number);
  if (name === 'bool') return number !== 0;
  const result = FUNCTIONS.get(name)?.(number);
  return result === undefined ? undefined : new Float(result);
}

/** Components, of vectors in it too: `Rect2(Vector2(1, 2), Vector2(3, 4))`, `Color(Color.RED, 0.5)`. */
function mathOf(name: string, values: readonly Constant[]): NodeValue | undefined {
  const type = MATH_TYPES.get(name);
  const numbers: number[] = [];
  for (const value of values) {
    const number = numberOf(value);
    const parts = number === undefined ? mathParts(value)?.numbers : [number];
    if (parts === undefined) return undefined;
    // The alpha of a color is replaced, not added.
    numbers.push(...(name === 'Color' && values.length === 2 ? parts.slice(0, 3) : parts));
  }
  if (name === 'Color' && numbers.length === 3) numbers.push(1);
  return makeMath(type, numbers);
}

function toInt(value: number): bigint | undefined {
  return Number.isFinite(value) ? BigInt.asIntN(64, BigInt(Math.trunc(value))) : undefined;
}

const COMPONENTS = ['x', 'y', 'z', 'w'];

const EMPTY: ReadonlyMap<string, () => NodeValue> = new Map<string, () => NodeValue>([
  ['int', () => 0n],
  ['float', () => new Float(0)],
  ['bool', () => false],
  ['String', () => ''],
  ['StringName', () => new StringName('')],
  ['NodePath', () => new NodePath('')],
  ['Array', () => []],
  ['PackedByteArray', () => new Uint8Array(0)],
  ['PackedInt32Array', () => new Int32Array(0)],
  ['PackedInt64Array', () => new BigInt64Array(0)],
  ['PackedFloat32Array', () => new Float32Array(0)],
  ['PackedFloat64Array', () => new Float64Array(0)],
  ['PackedStringArray', () => new PackedStringArray()],
  ['PackedVector2Array', () => new PackedVector2Array()],
  ['PackedVector3Array', () => new PackedVector3Array()],
  ['PackedColorArray', () => new PackedColorArray()],
  ['Dictionary', () => new Dictionary<NodeValue, NodeValue>(null)],
]);

const FUNCTIONS: ReadonlyMap<string, (value: number) => number> = new Map([
  ['float', (value: number) => value],
  ['deg_to_rad', (value: number) => (value * Math.PI) / 180],
  ['rad_to_deg', (value: number) => (value * 180) / Math.PI],
  ['sqrt', Math.sqrt],
  ['sin', Math.sin],
  ['cos', Math.cos],
]);

const NATIVE_CONSTANTS: ReadonlyMap<string, () => NodeValue> = new Map<string, () => NodeValue>([
  ['Vector2.ZERO', () => new Vector2(0, 0)],
  ['Vector2.ONE', () => new Vector2(1, 1)],
  ['Vector2.UP', () => new Vector2(0, -1)],
  ['Vector2.DOWN', () => new Vector2(0, 1)],
  ['Vector2.LEFT', () => new Vector2(-1, 0)],
  ['Vector2.RIGHT', () => new Vector2(1, 0)],
  ['Vector2i.ZERO', () => new Vector2i(0, 0)],
  ['Vector2i.ONE', () => new Vector2i(1, 1)],
  ['Vector2i.UP', () => new Vector2i(0, -1)],
  ['Vector2i.DOWN', () => new Vector2i(0, 1)],
  ['Vector2i.LEFT', () => new Vector2i(-1, 0)],
  ['Vector2i.RIGHT', () => new Vector2i(1, 0)],
  ['Vector3.ZERO', () => new Vector3(0, 0, 0)],
  ['Vector3.ONE', () => new Vector3(1, 1, 1)],
  ['Vector3.UP', () => new Vector3(0, 1, 0)],
  ['Vector3.DOWN', () => new Vector3(0, -1, 0)],
  ['Vector3.LEFT', () => new Vector3(-1, 0, 0)],
  ['Vector3.RIGHT', () => new Vector3(1, 0, 0)],
  ['Vector3.FORWARD', () => new Vector3(0, 0, -1)],
  ['Vector3.BACK', () => new Vector3(0, 0, 1)],
  ['Vector3i.ZERO', () => new Vector3i(0, 0, 0)],
  ['Vector3i.ONE', () => new Vector3i(1, 1, 1)],
  ['Color.WHITE', () => new Color(1, 1, 1, 1)],
  ['Color.BLACK', () => new Color(0, 0, 0, 1)],
  ['Color.RED', () => new Color(1, 0, 0, 1)],
  ['Color.GREEN', () => new Color(0, 1, 0, 1)],
  ['Color.BLUE', () => new Color(0, 0, 1, 1)],
  ['Color.YELLOW', () => new Color(1, 1, 0, 1)],
  ['Color.TRANSPARENT', () => new Color(1, 1, 1, 0)],
  ['Transform2D.IDENTITY', () => mathEmpty('Transform2D')],
  ['Transform3D.IDENTITY', () => mathEmpty('Transform3D')],
  ['Basis.IDENTITY', () => mathEmpty('Basis')],
  ['Quaternion.IDENTITY', () => mathEmpty('Quaternion')],
]);

function mathEmpty(name: string): NodeValue {
  return MATH_TYPES.get(name)?.empty() ?? null;
}
