import { describe, expect, test } from 'vitest';
import { EncodeError } from '../../../codec/errors.ts';
import { stringifyJson } from '../../../codec/json/stringify.ts';
import { compareCodePoints, compareKeys } from '../../../codec/lexical/keyOrder.ts';
import { Color } from '../../../codec/values/Color.ts';
import { Dictionary } from '../../../codec/values/Dictionary.ts';
import { float } from '../../../codec/values/Float.ts';
import { NodePath } from '../../../codec/values/NodePath.ts';
import { PackedColorArray, PackedStringArray, PackedVector2Array } from '../../../codec/values/packed.ts';
import { StringName } from '../../../codec/values/StringName.ts';
import { TypedArray } from '../../../codec/values/TypedArray.ts';
import { VariantType } from '../../../codec/values/variantTypes.ts';
import type { VariantInput } from '../../../codec/values/variantValue.ts';
import { Vector2 } from '../../../codec/values/vector.ts';
import { Vector2i } from '../../../codec/values/vectorInt.ts';

describe('8.3 stringify', () => {
  test.each<[VariantInput, string]>([
    [null, 'null'],
    [undefined, 'null'],
    [true, 'true'],
    [5, '5'],
    [-(2n ** 63n), '-9223372036854775808'],
    [float(5), '5.0'],
    [0.1, '0.1'],
    [-0, '0.0'],
    [2 ** 60, '1152921504606846976.0'],
    [Number.NaN, 'null'],
    [Number.POSITIVE_INFINITY, '1e99999'],
    [Number.NEGATIVE_INFINITY, '-1e99999'],
    ['a/"\\\b\f\n\r\t\v\u0001é', '"a/\\"\\\\\\b\\f\\n\\r\\t\\v\u0001é"'],
    [[], '[]'],
    [new Dictionary(), '{}'],
    [[1, [2]], '[1,[2]]'],
    [{ b: 1, a: { c: null } }, '{"a":{"c":null},"b":1}'],
    [Int32Array.of(1, -1), '[1,-1]'],
    [BigInt64Array.of(2n ** 60n), '[1152921504606846976]'],
    [Float32Array.of(1, 0.5), '[1.0,0.5]'],
    [Float64Array.of(0.1), '[0.1]'],
    [new PackedStringArray(['a', '"']), '["a","\\""]'],
    // Everything else is the str() text in a string.
    [Uint8Array.of(1, 2, 3), '"[1, 2, 3]"'],
    [new Vector2(1, 2), '"(1.0, 2.0)"'],
    [new StringName('sn'), '"sn"'],
    [new NodePath('a/b:c'), '"a/b:c"'],
    [new PackedVector2Array([new Vector2(1, 2)]), '"[(1.0, 2.0)]"'],
    [new PackedColorArray([new Color(1, 0, 0)]), '"[(1.0, 0.0, 0.0, 1.0)]"'],
    // A declared FLOAT makes bare numbers floats.
    [new TypedArray(VariantType.FLOAT, [1, 2]), '[1.0,2.0]'],
    [new Dictionary([['k', 1]], { valueType: VariantType.FLOAT }), '{"k":1.0}'],
    [new Dictionary([[1, 'x']], { keyType: VariantType.FLOAT }), '{"1.0":"x"}'],
  ])('%s is %s', (value, text) => {
    expect(stringifyJson(value)).toBe(text);
  });

  test('full precision', () => {
    expect(stringifyJson([1 / 3, Number.POSITIVE_INFINITY, float(1e16)], '', true, true)).toBe(
      '[0.3333333333333333,1e99999,1e+16]',
    );
  });

  test('with an indent', () => {
    expect(stringifyJson({ a: [1, {}, []], b: 'x' }, '  ')).toBe(
      '{\n  "a": [\n    1,\n    {\n\n    },\n    []\n  ],\n  "b": "x"\n}',
    );
    expect(stringifyJson({}, '\t')).toBe('{\n\n}');
    expect(stringifyJson({}, { indent: '\t', dialect: '4.5' })).toBe('{\n}');
  });

  test('before 4.6 infinities and NaN are not JSON', () => {
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    expect(stringifyJson(values, { dialect: '4.5' })).toBe('[inf,-inf,nan]');
    expect(stringifyJson(values, { dialect: '4.4', fullPrecision: true })).toBe('[inf,-inf,nan]');
    expect(stringifyJson(values, { dialect: '4.7' })).toBe('[1e99999,-1e99999,null]');
  });

  test('keys become text and are sorted by type, then value; insertion order on request', () => {
    const keys: VariantInput[] = [
      'b',
      1.5,
      null,
      new StringName('a'),
      10,
      9,
      true,
      new Vector2i(1, 2),
      '\u{10000}',
      '\uffff',
    ];
    const dictionary = new Dictionary(keys.map((key, index) => [key, index]));
    expect(stringifyJson(dictionary, '', false)).toBe(
      '{"b":0,"1.5":1,"<null>":2,"a":3,"10":4,"9":5,"true":6,"(1, 2)":7,"\u{10000}":8,"\uffff":9}',
    );
    expect(stringifyJson(new Dictionary([...dictionary].filter(([key]) => !(key instanceof Vector2i))))).toBe(
      '{"<null>":2,"true":6,"9":5,"10":4,"1.5":1,"a":3,"b":0,"\uffff":9,"\u{10000}":8}',
    );
  });

  test('a container inside itself', () => {
    const array: VariantInput[] = [1];
    array.push(array);
    expect(stringifyJson(array)).toBe('[1,"[...]"]');
    const dictionary = new Dictionary<string, unknown>();
    dictionary.set('me', dictionary);
    expect(stringifyJson(dictionary)).toBe('{"me":"{...}"}');
    // The same container twice side by side is no cycle.
    const shared = [1];
    expect(stringifyJson([shared, shared])).toBe('[[1],[1]]');
  });

  test('deeper than 1024 prints dots', () => {
    let value: VariantInput = 7;
    for (let i = 0; i < 1024; i++) value = [value];
    expect(stringifyJson(value)).toContain('[7]');
    expect(stringifyJson([value])).toContain('[...]');
    for (let i = 0; i < 20_000; i++) value = [value];
    expect(stringifyJson(value)).toHaveLength(1025 * 2 + 3);
  });

  test.each([() => 1, Symbol('s'), new Date(0), /x/])('refuses %s, which is no Variant', (value) => {
    expect(() => stringifyJson([value as never])).toThrow(EncodeError);
  });
});

describe('order of keys', () => {
  test('by code point, not by UTF-16 unit', () => {
    expect(compareCodePoints('\u{10000}', '\uffff')).toBeGreaterThan(0);
    expect(compareCodePoints('a', 'b')).toBeLessThan(0);
    expect(compareCodePoints('ab', 'a')).toBeGreaterThan(0);
    expect(compareCodePoints('\u{1f600}', '\u{1f601}')).toBeLessThan(0);
    expect(compareCodePoints('x', 'x')).toBe(0);
  });

  test.each<[unknown, unknown]>([
    [null, false],
    [false, true],
    [1, 2n],
    [2n, 2 ** 40],
    [5, 0.5],
    [float(1), 1.5],
    ['z', new Vector2i(0, 0)],
    [new Vector2(1, 9), new Vector2(2, 0)],
    [new Vector2(1, 1), new Vector2(1, 2)],
    [new NodePath('a'), new NodePath('b')],
    [[1], [1, 0]],
    [
      [1, 2],
      [1, 3],
    ],
  ])('%s comes before %s', (left, right) => {
    expect(compareKeys(left, right)).toBeLessThan(0);
    expect(compareKeys(right, left)).toBeGreaterThan(0);
  });

  test('keys that hold themselves are compared without end being needed', () => {
    const left: unknown[] = [];
    left.push(left);
    const right: unknown[] = [];
    right.push(right);
    expect(compareKeys(left, right)).toBe(0);
  });
});
