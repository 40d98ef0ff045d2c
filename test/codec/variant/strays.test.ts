/** Elements and keys of another type than their container declares: what Godot 4.6 stable makes of every type under every other. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  DecodeError,
  Dictionary,
  Float,
  float,
  fromNative,
  PackedStringArray,
  parseJson,
  stringifyJson,
  TypedArray,
  toNative,
  type VariantInput,
  VariantType,
  type VariantTypeId,
  type VariantValue,
  Vector2,
  Vector2i,
  variantTypeOf,
  variantTypeString,
  varToBytes,
} from '../../../codec/index.ts';
import { bytes, hex } from '../../support/hex.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../golden/variant/stray-elements-4.6-stable.json', import.meta.url), 'utf8'),
) as { values: [string, string][]; kept: [string, VariantTypeId, string][] };

const LOOSE = { strictTypedContainers: false } as const;
const types = Object.values(VariantType).filter((type) => type !== VariantType.NIL);
const kept = new Map(golden.kept.map(([name, type, encoding]) => [`${name} as ${type}`, encoding]));
const arrayOf = (type: VariantTypeId, value: VariantValue): Uint8Array =>
  varToBytes(new TypedArray(type, [value]), LOOSE);
const keysOf = (type: VariantTypeId, value: VariantValue): Uint8Array =>
  varToBytes(new Dictionary([[value, true]], { keyType: type }), LOOSE);
const encode = (value: VariantInput): string => hex(varToBytes(value, LOOSE));

/** The encodings of what a container holds, as the exact view decodes it. */
function held(wire: Uint8Array): string[] {
  const value = bytesToVar(wire, { exact: true });
  return [...(value instanceof Dictionary ? value.keys() : (value as VariantValue[]))].map(encode);
}

describe('what a typed container keeps, against the engine', () => {
  test.each(golden.values)('%s', (name, encoding) => {
    const value = bytesToVar(bytes(encoding), { exact: true });
    const wrong = types
      .filter((type) => type !== variantTypeOf(value))
      .flatMap((type) => {
        const expected = kept.get(`${name} as ${type}`);
        const results = {
          element: held(arrayOf(type, value)),
          key: held(keysOf(type, value)),
        };
        return Object.entries(results)
          .filter(([, result]) => result.length > 1 || result[0] !== expected)
          .map(([what, result]) => `${what} of ${variantTypeString(type)}: ${result}, engine ${expected}`);
      });
    expect(wrong).toEqual([]);
  });

  test.each(golden.values)('%s as key in native notation', (name, encoding) => {
    const value = bytesToVar(bytes(encoding), { exact: true });
    const wrong = types
      .filter((type) => type !== variantTypeOf(value) && type !== VariantType.OBJECT)
      .flatMap((type) => {
        const text = stringifyJson(
          fromNative(new Dictionary([[value, true]], { keyType: type })),
          '',
          false,
          true,
        );
        // What the notation does to the value itself: ids are lost, floats keep 17 digits.
        const sent = toNative(parseJson(stringifyJson(fromNative(value), '', false, true), { exact: true }), {
          exact: true,
        });
        const expected = variantTypeOf(sent) === variantTypeOf(value) ? held(arrayOf(type, sent)) : [];
        const read = toNative(parseJson(text, { exact: true }), { exact: true }) as Dictionary;
        const result = [...read.keys()].map((key) => encode(key as VariantInput));
        return result.join() === expected.join()
          ? []
          : [`${variantTypeString(type)}: ${result}, not ${expected} (${name})`];
      });
    expect(wrong).toEqual([]);
  });
});

describe('the usual view', () => {
  const read = (type: VariantTypeId, value: VariantInput): unknown[] => [
    ...(bytesToVar(varToBytes(new TypedArray(type, [value]), LOOSE)) as TypedArray),
  ];

  test('numbers are numbers, ints beyond 2^53 bigints', () => {
    expect(read(VariantType.FLOAT, 3n)).toEqual([3]);
    expect(read(VariantType.FLOAT, true)).toEqual([1]);
    expect(read(VariantType.INT, float(2.5))).toEqual([2]);
    expect(read(VariantType.INT, float(2 ** 60))).toEqual([2n ** 60n]);
    expect(read(VariantType.ARRAY, new BigInt64Array([1n, 2n ** 60n]))).toEqual([[1, 2n ** 60n]]);
    expect(read(VariantType.ARRAY, new Float64Array([1, 2.5]))).toEqual([[1, 2.5]]);
  });

  test('a whole float in an array is a float in the text that is made of it', () => {
    expect(read(VariantType.PACKED_STRING_ARRAY, [1n, float(1)])).toEqual([
      new PackedStringArray(['1', '1.0']),
    ]);
  });

  test('whole floats in keys stay Floats', () => {
    const keys = (wire: Uint8Array): unknown[] => [...(bytesToVar(wire) as Dictionary).keys()];
    expect(keys(keysOf(VariantType.FLOAT, 3n))).toEqual([new Float(3)]);
    expect(keys(keysOf(VariantType.ARRAY, new Float32Array([1, 2.5])))).toEqual([[new Float(1), 2.5]]);
  });
});

describe('numbers beyond the ints that they become', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1e300, 2 ** 63])('%s', (number) => {
    const smallest = [encode(-(2n ** 63n))];
    expect(held(arrayOf(VariantType.INT, float(number)))).toEqual(smallest);
    const point = new Vector2(Math.fround(number), 1.5);
    expect(held(arrayOf(VariantType.VECTOR2I, point))).toEqual([encode(new Vector2i(-(2 ** 31), 1))]);
  });
});

describe('conversions that a few bytes ask for', () => {
  /** Each level puts the text of the level below into quotes, which doubles its backslashes. */
  function nested(levels: number): VariantValue {
    let value: VariantValue = ['"'];
    for (let i = 0; i < levels; i++) value = [new TypedArray(VariantType.PACKED_STRING_ARRAY, [value])];
    return value;
  }

  test('texts of texts are limited', () => {
    const wire = varToBytes(nested(60), LOOSE);
    expect(wire.length).toBeLessThan(2000);
    expect(() => bytesToVar(wire)).toThrow(
      expect.objectContaining({ name: 'DecodeError', code: 'ERR_VARIANT_ELEMENT_LIMIT' }),
    );
    expect(() => bytesToVar(varToBytes(nested(5), LOOSE))).not.toThrow();
  });

  test('so are elements', () => {
    const wire = varToBytes(new TypedArray(VariantType.ARRAY, [new Uint8Array(1001)]), LOOSE);
    expect(() => bytesToVar(wire, { maxElements: 1001 })).toThrow(DecodeError);
    expect(bytesToVar(wire, { maxElements: 1002 })).toHaveLength(1);
  });

  test('and keys in native notation', () => {
    let key: VariantInput = ['"'];
    for (let i = 0; i < 60; i++) {
      key = [new Dictionary<unknown, unknown>([[key, null]], { keyType: VariantType.PACKED_STRING_ARRAY })];
    }
    const errors: string[] = [];
    toNative(fromNative(key), { onError: (issue) => errors.push(issue.message) });
    expect(errors.length).toBeGreaterThan(0);
    expect(errors[0]).toContain('dropped a key');
  });
});
