import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDecimal, readDecimal } from '../../../codec/lexical/decimalReader.ts';
import { fcParameters } from '../../support/fc.ts';

describe('8.2 the decimal reader', () => {
  test.each<[string, number, number]>([
    // Step 1: blanks and sign.
    [' \t\n12', 12, 5],
    ['+3', 3, 2],
    ['-3', -3, 2],
    ['\r1', 0, 0],
    // Step 2: nothing read.
    ['', 0, 0],
    ['-', -0, 0],
    ['.', 0, 0],
    ['x', 0, 0],
    ['inf', 0, 0],
    ['-inf', -0, 0],
    ['.5', 0.5, 2],
    ['1.', 1, 2],
    ['01', 1, 2],
    ['1.2.3', 1.2, 3],
    // Step 5: an exponent letter without digits stays unread, and the point is forgotten.
    ['1.5e', 15, 3],
    ['1.5e+', 15, 3],
    ['1.5E-x', 15, 3],
    ['2e3x', 2000, 3],
    ['2E+3', 2000, 4],
    ['-25e-1', -2.5, 6],
    // Consequences, checked against the engine.
    ['1e400', Number.POSITIVE_INFINITY, 5],
    ['-1e400', Number.NEGATIVE_INFINITY, 6],
    ['5e-324', 0, 6],
    ['2.2250738585072014e-308', 0, 23],
    ['0e999', Number.NaN, 5],
    ['1.7976931348623157e308', 1.7976931348623157e308, 22],
    ['3.4028234663852886e38', 3.402823466385289e38, 21],
    ['402.06696376113484', 402.0669637611349, 18],
    ['12345678901234567890', 1.2345678901234567e19, 20],
    ['9007199254740993', 9007199254740992, 16],
    // Step 3: leading zeros use up the 18 digits.
    ['0000000000000000001', 0, 19],
    ['0.000000000000000001', 0, 20],
    // Step 6: an exponent beyond every range saturates.
    [`1e${'9'.repeat(400)}`, Number.POSITIVE_INFINITY, 402],
    [`1e-${'9'.repeat(400)}`, 0, 403],
  ])('reads %s', (text, value, end) => {
    expect(readDecimal(text)).toEqual({ value, end });
  });

  test('starts where it is told and leaves the rest', () => {
    expect(readDecimal('[12,34]', 4)).toEqual({ value: 34, end: 6 });
  });

  test('an integer of up to 15 digits is exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999999999999999, max: 999999999999999 }), (value) => {
        expect(parseDecimal(String(value))).toBe(value === 0 ? 0 : value);
      }),
      fcParameters(),
    );
  });

  test('any number reads back within a few units of the last place', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e280, max: 1e280 }), (value) => {
        fc.pre(Math.abs(value) > 1e-280);
        // Exponential, because leading zeros would use up digits.
        const read = parseDecimal(value.toExponential());
        expect(Math.abs(read - value) / Math.abs(value)).toBeLessThan(5e-15);
      }),
      fcParameters(),
    );
  });

  test('takes any text and never reads past its end', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.eE+- \tx'), maxLength: 40 }), (text) => {
        const { end } = readDecimal(text);
        expect(end).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(text.length);
        // Reading only what was taken gives the same number.
        if (end > 0 && !/[eE]/.test(text.slice(end, end + 1))) {
          expect(readDecimal(text.slice(0, end))).toEqual(readDecimal(text));
        }
      }),
      fcParameters(),
    );
  });
});
