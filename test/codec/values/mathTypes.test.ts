/** The table of math types, and that the binary codec's own switches say the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  fromNative,
  strToVar,
  toNative,
  type VariantValue,
  variantTypeOf,
  variantTypeString,
  varToBytes,
  varToStr,
} from '../../../codec/index.ts';
import { keyToken } from '../../../codec/values/keyToken.ts';
import { MATH_TYPES, MATH_TYPES_BY_ID, mathParts, mathTypeOf } from '../../../codec/values/mathTypes.ts';
import { gatherByTable, realCount, spreadByTable } from '../../../codec/variant/math.ts';
import { fcParameters } from '../../support/fc.ts';

const types = [...MATH_TYPES.values()].map((type) => [type.name, type] as const);

test('all types from Vector2 to Color but for the gaps that are none', () => {
  expect(types.map(([, { id }]) => id)).toEqual(Array.from({ length: 16 }, (_, index) => index + 5));
});

describe.each(types)('%s', (name, type) => {
  const component = type.isInteger
    ? fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    : fc.float({ noNaN: true, noDefaultInfinity: true });
  const numbers = fc.array(component, { minLength: type.size, maxLength: type.size });

  test('the row is of one piece', () => {
    expect(MATH_TYPES_BY_ID[type.id]).toBe(type);
    expect(variantTypeString(type.id)).toBe(name);
    expect(variantTypeOf(type.empty())).toBe(type.id);
    expect(mathTypeOf(type.empty())).toBe(type);
    expect(realCount(type.id)).toBe(type.isInteger ? 0 : type.size);
    if (type.parts !== undefined) {
      expect(type.parts.reduce((sum, [, size]) => sum + size, 0)).toBe(type.size);
    }
    if (type.rowOrder !== undefined) {
      expect(type.rowOrder.map((index) => type.rowOrder?.[index])).toEqual([...Array(type.size).keys()]);
    }
  });

  test('bytes are the numbers of the table, both ways', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const value = type.make(list);
        expect(mathParts(value)?.numbers).toEqual(list);
        const bytes = varToBytes(value);
        const view = new DataView(bytes.buffer);
        expect(view.getUint32(0, true)).toBe(type.id);
        const sent = list.map((_, index) =>
          type.isInteger ? view.getInt32(4 + index * 4, true) : view.getFloat32(4 + index * 4, true),
        );
        expect(sent).toEqual(list.map((_, index) => list[type.rowOrder?.[index] ?? index]));
        expect(bytes).toHaveLength(4 + type.size * 4);
        const read = bytesToVar(bytes);
        expect(mathTypeOf(read)).toBe(type);
        expect(mathParts(read)?.numbers).toEqual(list);
        // What a type without a case in the switches takes.
        expect(spreadByTable(type.id, value)).toBe(type.size);
        expect(gatherByTable(type.id)).toEqual(value);
      }),
      fcParameters(),
    );
  });

  test('native notation, text and key tokens', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const value: VariantValue = type.make(list);
        expect(toNative(fromNative(value))).toEqual(value);
        expect(mathTypeOf(strToVar(varToStr(value)))).toBe(type);
        expect(keyToken(value)).toBe(`v${name}:${list.join(',')}`);
      }),
      fcParameters(50),
    );
  });
});
