/** The parts of values in scene documents (docs/protocol/variant-codec 8.4): numbers, integers, ids, texts, all checked. */

import { readInt } from '../../codec/internal.ts';
import { isIntegerIn } from '../../options/internal.ts';
import { SceneError } from './SceneError.ts';
import type { SceneValueObject } from './sceneNotation.ts';

/** The integer behind `i:`. @throws SceneError */
export function readInteger(text: string, path: string): number | bigint {
  if (!/^-?\d{1,19}$/.test(text)) throw refuse(path, 'expected a decimal integer of 64 bits behind i:');
  const value = BigInt(text);
  if (BigInt.asIntN(64, value) !== value)
    throw refuse(path, 'expected a decimal integer of 64 bits behind i:');
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The number behind `f:`, or a component that JSON has no number for. @throws SceneError */
export function readReal(text: string, path: string): number {
  const special = SPECIAL.get(text);
  if (special !== undefined) return special;
  if (!/^-?\d+(\.\d*)?([eE][-+]?\d+)?$/.test(text)) {
    throw refuse(
      path,
      `expected a decimal number, inf, -inf or nan, got ${JSON.stringify(text.slice(0, 20))}`,
    );
  }
  return Number(text);
}

/** The list of arguments. @throws SceneError */
export function args(value: SceneValueObject, path: string): readonly unknown[] {
  if (!Array.isArray(value.args)) throw refuse(`${path}.args`, `expected an array, got ${named(value.args)}`);
  return value.args;
}

/** Arguments that are numbers. @throws SceneError, also when there are not `size` of them */
export function reals(value: SceneValueObject, path: string, size?: number): number[] {
  const items = args(value, path);
  if (size !== undefined && items.length !== size) {
    throw refuse(`${path}.args`, `expected ${size} numbers, got ${items.length}`);
  }
  return items.map((item, i) => {
    if (typeof item === 'number') return item;
    if (typeof item === 'string') return readReal(item, `${path}.args[${i}]`);
    throw refuse(`${path}.args[${i}]`, `expected a number, got ${named(item)}`);
  });
}

/** Arguments that are integers of a range. @throws SceneError */
export function integers(value: SceneValueObject, path: string, least: number, most: number): number[] {
  return args(value, path).map((item, i) => {
    if (isIntegerIn(item, least, most)) return item;
    throw refuse(`${path}.args[${i}]`, `expected an integer ${least}..${most}`);
  });
}

/** An integer of 64 bits, as number or text. @throws SceneError */
export function int64(item: unknown, path: string): bigint {
  if (typeof item === 'number' && Number.isSafeInteger(item)) return BigInt(item);
  if (typeof item === 'string' && /^-?\d{1,19}$/.test(item)) {
    const value = readInt(item);
    if (String(value) === item) return value;
  }
  throw refuse(path, 'expected an integer of 64 bits, as text beyond 2^53 - 1');
}

/** An unsigned integer of 64 bits as text. @throws SceneError */
export function id(value: unknown, path: string): bigint {
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value) || BigInt(value) >= 2n ** 64n) {
    throw refuse(path, 'expected the decimal text of an unsigned integer of 64 bits');
  }
  return BigInt(value);
}

/** A text without U+0000. @throws SceneError */
export function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw refuse(path, `expected a text, got ${named(value)}`);
  if (value.includes('\0')) throw refuse(path, 'expected a text without U+0000');
  return value;
}

/** What something is, for errors. */
export function named(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'number' ? `the number ${value}` : typeof value;
}

/** The error of a value, by its JSON path. */
export function refuse(path: string, message: string): SceneError {
  return new SceneError('ERR_SCENE_VALUE', [{ path, message }]);
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
]);
