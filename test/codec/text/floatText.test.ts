import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floorLog10, formatFixed, trimZeros } from '../../../codec/lexical/fixedNotation.ts';
import {
  componentToStr,
  floatScalarToVarText,
  floatToFullJson,
  floatToJson,
  floatToStr,
  floatToVarText,
} from '../../../codec/lexical/floatText.ts';
import { grisu2Float32, grisu2Float64, layOutDigits } from '../../../codec/lexical/grisu2.ts';
import { fcParameters } from '../../support/fc.ts';

interface GoldenCase {
  readonly name: string;
  readonly type: string;
  readonly hex: string;
  readonly native: string;
  readonly text: string;
}

function golden(file: string): readonly GoldenCase[] {
  return JSON.parse(readFileSync(new URL(`../../../golden/variant/${file}.json`, import.meta.url), 'utf8'))
    .cases;
}

function floatOf(hex: string): number {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const view = new DataView(bytes.buffer);
  return bytes[2] === 1 ? view.getFloat64(4, true) : view.getFloat32(4, true);
}

function fromBits(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

const positive = fc.double({ noNaN: true, noDefaultInfinity: true, min: 5e-324 });

describe('golden float texts', () => {
  const floats = [...golden('values'), ...golden('random')].filter((entry) => entry.type === 'float');

  test('there are 67 of them', () => expect(floats).toHaveLength(67));

  test.each(floats.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    const value = floatOf(entry.hex);
    expect(`"f:${floatToStr(value)}"`).toBe(entry.native);
    expect(floatScalarToVarText(value)).toBe(entry.text);
  });
});

describe('8.3 fixed notation', () => {
  test.each<[number, number, string]>([
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [-2.5, 0, '-2'],
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [1.005, 2, '1.00'],
    [-0, 2, '-0.00'],
    [-0.001, 2, '-0.00'],
    [1e21, 1, '1000000000000000000000.0'],
    [1e23, 0, '99999999999999991611392'],
    [5e-324, 3, '0.000'],
    [123456789012345.5, 0, '123456789012346'],
    [0.1, 32, '0.10000000000000000555111512312578'],
  ])('%f with %i decimals', (value, decimals, text) => {
    expect(formatFixed(value, decimals)).toBe(text);
  });

  test('is the nearest decimal, ties to even, for any number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(32), (value, decimals) => {
        // Twice the error in units of the last decimal, exactly, by big integers.
        const text = formatFixed(Math.abs(value), decimals);
        const digits = BigInt(text.replace('.', ''));
        const { numerator, denominator } = fraction(Math.abs(value));
        const error = 2n * (numerator * 10n ** BigInt(decimals) - digits * denominator);
        expect(error <= denominator && error >= -denominator).toBe(true);
        if (error === denominator || error === -denominator) expect(digits % 2n).toBe(0n);
      }),
      fcParameters(),
    );
  });

  test.each([
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
    [1, -1],
    [1, 101],
    [1, 1.5],
  ])('refuses %f with %f decimals', (value, decimals) => {
    expect(() => formatFixed(value, decimals)).toThrow(RangeError);
  });

  test('trims zeros behind a point only', () => {
    expect([trimZeros('1.500'), trimZeros('2.000'), trimZeros('100')]).toEqual(['1.5', '2.0', '100']);
  });

  test('the floor of the logarithm is exact at powers of ten and rounds a hair below them up', () => {
    for (let power = -307; power <= 308; power++) expect(floorLog10(Number(`1e${power}`))).toBe(power);
    expect(floorLog10(999999999999999.9)).toBe(15);
    expect(floorLog10(999999999999990)).toBe(14);
    expect(floorLog10(0.9999999999999999)).toBe(-1);
    expect(floorLog10(9.999999999999998)).toBe(0);
    expect(floorLog10(5e-324)).toBe(-324);
  });
});

describe('8.3 floats in JSON', () => {
  test.each<[number, string, string]>([
    [0, '0.0', '0.0'],
    [-0, '0.0', '0.0'],
    [1, '1.0', '1.0'],
    [0.1, '0.1', '0.1'],
    [1e20, '100000000000000000000.0', '1e+20'],
    [1e-33, '0.0', '1e-33'],
    [1 / 3, '0.333333333333333', '0.3333333333333333'],
    [Math.fround(0.1), '0.100000001490116', '0.10000000149011612'],
    [Number.POSITIVE_INFINITY, '1e99999', '1e99999'],
    [Number.NEGATIVE_INFINITY, '-1e99999', '-1e99999'],
    [Number.NaN, 'null', 'null'],
  ])('%f', (value, text, full) => {
    expect(floatToJson(value)).toBe(text);
    expect(floatToFullJson(value)).toBe(full);
  });

  test('full precision always reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = floatToFullJson(value);
        expect(Number(text) === value).toBe(true);
        expect(text).toMatch(/^-?(\d+\.\d+|\d(\.\d+)?e[+-]\d{2,3})$/);
      }),
      fcParameters(1000),
    );
  });
});

describe('8.5 str() of floats', () => {
  test.each<[number, string]>([
    [-0, '0.0'],
    [1e15, '1000000000000000.0'],
    [123456789012345.5, '123456789012346'],
    [1234567890123456.5, '1234567890123456.5'],
    [1 / 3, '0.33333333333333'],
    [1e-20, '0.0'],
    [-1 / 3, '-0.33333333333333'],
    [2 ** 63, '9223372036854775808.0'],
  ])('%f', (value, text) => {
    expect(floatToStr(value)).toBe(text);
  });

  test('a component keeps six decimals of its single precision value', () => {
    expect([
      componentToStr(0.1),
      componentToStr(1),
      componentToStr(-1234.5678),
      componentToStr(Number.NaN),
      componentToStr(99999.99),
    ]).toEqual(['0.1', '1.0', '-1234.568', 'nan', '100000.0']);
  });
});

describe('9.2 Grisu2', () => {
  test('differs from JavaScript where the engine does', () => {
    const value = fromBits(0x43dd6d3145a072e4n);
    expect(floatToFullJson(value)).toBe('8.481620698703041e+18');
    expect(String(value)).toBe('8481620698703040000');
    expect(floatToVarText(2479318.25)).toBe('2479318.3');
  });

  test.each<[number, string]>([
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e14, '100000000000000'],
    [1e15, '1e+15'],
    [9007199254740992, '9.007199254740992e+15'],
    [999999999999999.9, '999999999999999.9'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [2.2250738585072014e-308, '2.2250738585072014e-308'],
  ])('layout of the f64 %f', (value, text) => {
    expect(layOutDigits(grisu2Float64(value))).toBe(text);
  });

  test.each<[number, string]>([
    [Math.fround(1 / 3), '0.33333334'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [16777216, '16777216'],
    [2 ** -149, '1e-45'],
    [2 ** -126, '1.1754944e-38'],
  ])('layout of the f32 %f', (value, text) => {
    expect(layOutDigits(grisu2Float32(value))).toBe(text);
  });

  test('f64 digits read back, begin with no zero and are at most 17', () => {
    fc.assert(
      fc.property(positive, (value) => {
        const { digits, exponent } = grisu2Float64(value);
        expect(Number(`${digits}e${exponent}`)).toBe(value);
        expect(digits).toMatch(/^[1-9]\d{0,16}$/);
      }),
      fcParameters(1000),
    );
  });

  test('f32 digits read back, and are at most 9', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(2 ** -149) }),
        (value) => {
          const { digits, exponent } = grisu2Float32(value);
          expect(Math.fround(Number(`${digits}e${exponent}`))).toBe(value);
          expect(digits).toMatch(/^[1-9]\d{0,8}$/);
        },
      ),
      fcParameters(1000),
    );
  });

  test('is hardly ever longer than the shortest (9.2: 0.08 % of random doubles), and never beyond 17 digits', () => {
    const random = seededDoubles(7);
    let longer = 0;
    for (let i = 0; i < 20_000; i++) {
      const value = random();
      const shortest = value.toExponential().replace(/e.*$/, '').replace('.', '').length;
      const { length } = grisu2Float64(value).digits;
      expect(length).toBeGreaterThanOrEqual(shortest);
      expect(length).toBeLessThanOrEqual(17);
      if (length > shortest) longer++;
    }
    expect(longer).toBeGreaterThan(0);
    expect(longer / 20_000).toBeLessThan(0.003);
  });

  test('two digits more than the shortest, as the interval without its ends sometimes wants', () => {
    const { digits, exponent } = grisu2Float64(7.3889609443185e184);
    expect([digits, exponent]).toEqual(['7388960944318499', 169]);
    expect(Number(`${digits}e${exponent}`)).toBe(7.3889609443185e184);
  });

  test('every power of two, where the lower neighbour is nearer, reads back', () => {
    for (let power = -1074; power <= 1023; power++) {
      const { digits, exponent } = grisu2Float64(2 ** power);
      expect(Number(`${digits}e${exponent}`)).toBe(2 ** power);
    }
  });
});

describe('9.1 and 9.2 floats in var_to_str', () => {
  test.each<[number, string, string]>([
    [1, '1', '1.0'],
    [-0, '0', '0.0'],
    [0.1, '0.1', '0.1'],
    [Math.fround(0.1), '0.1', '0.1'],
    [1e5, '100000', '100000.0'],
    [1e16, '1e+16', '1e+16'],
    [16777217, '16777217', '16777217.0'],
    [0.30000000000000004, '0.30000000000000004', '0.30000000000000004'],
    [Number.NEGATIVE_INFINITY, 'inf_neg', 'inf_neg'],
    [Number.POSITIVE_INFINITY, 'inf', 'inf'],
    [Number.NaN, 'nan', 'nan'],
  ])('%f', (value, component, scalar) => {
    expect(floatToVarText(value)).toBe(component);
    expect(floatScalarToVarText(value)).toBe(scalar);
  });

  test('minus infinity outside compatibility mode', () => {
    expect(floatToVarText(Number.NEGATIVE_INFINITY, { compatible: false })).toBe('-inf');
  });
});

function fraction(value: number): { numerator: bigint; denominator: bigint } {
  let numerator = value;
  let shift = 0;
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    shift++;
  }
  return { numerator: BigInt(numerator), denominator: 1n << BigInt(shift) };
}

/** Random positive doubles, all exponents alike: the same ones for the same seed. */
function seededDoubles(seed: number): () => number {
  const view = new DataView(new ArrayBuffer(8));
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  return () => {
    for (;;) {
      view.setUint32(0, next() >>> 1);
      view.setUint32(4, (next() & 0xffff_0000) | (next() >>> 16));
      const value = view.getFloat64(0);
      if (Number.isFinite(value) && value > 0) return value;
    }
  };
}
