/** The operators of GDScript on constants, as the engine has them. What is not known of a pair of types is `undefined`. */
import { Float } from '../../../codec/index.ts';
import { MATH_TYPES, mathParts } from '../../../codec/internal.ts';
import type { NodeValue } from '../../../schema/index.ts';
import { type Constant, numberOf, plainValue, textOf } from './constant.ts';

/** A sign before a value. */
export function applyPrefix(operator: string, value: Constant): Constant | undefined {
  if (operator === 'not' || operator === '!') {
    const truth = truthOf(value);
    return truth === undefined ? undefined : !truth;
  }
  if (operator === '+') return numberOf(value) === undefined ? undefined : value;
  if (operator === '~') return typeof value === 'bigint' ? BigInt.asIntN(64, ~value) : undefined;
  if (typeof value === 'bigint') return BigInt.asIntN(64, -value);
  if (value instanceof Float) return new Float(-value.value);
  return componentwise('*', value, -1);
}

/** An operator between two values. */
export function applyOperator(operator: string, left: Constant, right: Constant): Constant | undefined {
  if (operator === 'and' || operator === '&&' || operator === 'or' || operator === '||') {
    const a = truthOf(left);
    const b = truthOf(right);
    if (a === undefined || b === undefined) return undefined;
    return operator === 'and' || operator === '&&' ? a && b : a || b;
  }
  if (typeof left === 'bigint' && typeof right === 'bigint') return onInts(operator, left, right);
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return onFloats(operator, a, b);
  const text = textOf(left);
  const other = textOf(right);
  if (text !== undefined && other !== undefined) return onTexts(operator, text, other);
  if (Array.isArray(left) && Array.isArray(right) && operator === '+') return [...left, ...right];
  if (typeof left === 'boolean' && typeof right === 'boolean')
    return operator === '==' ? left === right : operator === '!=' ? left !== right : undefined;
  if (b !== undefined) return componentwise(operator, left, b);
  if (a !== undefined && operator === '*') return componentwise('*', right, a);
  return pairwise(operator, left, right);
}

/** What `if` makes of a value. */
export function truthOf(value: Constant | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === null) return false;
  const number = numberOf(value);
  if (number !== undefined) return number !== 0;
  const text = textOf(value);
  return text === undefined ? undefined : text !== '';
}

function onInts(operator: string, a: bigint, b: bigint): Constant | undefined {
  const compared = comparison(operator, a < b, a === b);
  if (compared !== undefined) return compared;
  const result = intResult(operator, a, b);
  return result === undefined ? undefined : BigInt.asIntN(64, result);
}

function intResult(operator: string, a: bigint, b: bigint): bigint | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '%':
      return b === 0n ? undefined : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return b >= 0n && b < 64n ? a << b : undefined;
    case '>>':
      return b >= 0n && b < 64n ? a >> b : undefined;
    case '**':
      return b >= 0n && b < 64n ? a ** b : undefined;
    default:
      return undefined;
  }
}

function onFloats(operator: string, a: number, b: number): Constant | undefined {
  const compared = comparison(operator, a < b, a === b);
  if (compared !== undefined) return compared;
  const result = floatResult(operator, a, b);
  return result === undefined ? undefined : new Float(result);
}

function floatResult(operator: string, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '**':
      return a ** b;
    default:
      return undefined;
  }
}

function onTexts(operator: string, a: string, b: string): Constant | undefined {
  if (operator === '+') return a.length + b.length > LONGEST_TEXT ? undefined : a + b;
  return comparison(operator, a < b, a === b);
}

function comparison(operator: string, isLess: boolean, isEqual: boolean): boolean | undefined {
  switch (operator) {
    case '==':
      return isEqual;
    case '!=':
      return !isEqual;
    case '<':
      return isLess;
    case '<=':
      return isLess || isEqual;
    case '>':
      return !isLess && !isEqual;
    case '>=':
      return !isLess;
    default:
      return undefined;
  }
}

/** A vector or color with a number. */
function componentwise(operator: string, left: Constant, right: number): NodeValue | undefined {
  const parts = mathParts(left);
  const type = parts === undefined || !SCALED.test(parts.name) ? undefined : MATH_TYPES.get(parts.name);
  if (parts === undefined || type === undefined || (operator !== '*' && operator !== '/')) return undefined;
  // A vector of ints and a float make one of floats, which nobody writes as a constant.
  if (parts.isInteger && (!Number.isInteger(right) || operator === '/')) return undefined;
  return makeMath(
    type,
    parts.numbers.map((part) => (operator === '*' ? part * right : part / right)),
  );
}

/** Two vectors or colors of one type. */
function pairwise(operator: string, left: Constant, right: Constant): NodeValue | undefined {
  const a = mathParts(plainValue(left));
  const b = mathParts(plainValue(right));
  if (a === undefined || b === undefined || a.name !== b.name || !SCALED.test(a.name)) return undefined;
  if (a.isInteger && operator === '/') return undefined;
  const numbers: number[] = [];
  for (const [i, part] of a.numbers.entries()) {
    const result = floatResult(operator, part, b.numbers[i] ?? 0);
    if (result === undefined || operator === '**') return undefined;
    numbers.push(result);
  }
  return makeMath(MATH_TYPES.get(a.name), numbers);
}

/** A math value of as many numbers as it has; `undefined` for others, and for ints that do not fit. */
export function makeMath(
  type: ReturnType<(typeof MATH_TYPES)['get']>,
  numbers: readonly number[],
): NodeValue | undefined {
  if (type === undefined || numbers.length !== type.size) return undefined;
  if (!type.isInteger) return type.make(numbers);
  const whole = numbers.map(Math.trunc);
  return whole.every((part) => (part | 0) === part) ? type.make(whole.map((part) => part + 0)) : undefined;
}

/** Texts grow by adding: constants could double and double. */
const LONGEST_TEXT = 65_536;
const SCALED = /^(?:Vector[234]i?|Color)$/;
