import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { strToVar, TextError, type VariantValue, varToBytes, varToStr } from '../../../codec/index.ts';
import { sortKeys } from '../../../codec/lexical/keySort.ts';
import { fromBase64, toBase64 } from '../../../codec/text/base64.ts';
import { fcParameters } from '../../support/fc.ts';
import { hex } from '../../support/hex.ts';
import { exactVariant } from '../../support/variantArbitrary.ts';
import { wear } from '../../support/wornVariant.ts';

describe('values of every type', () => {
  test('come back from their text, but for what the text does not carry', () => {
    fc.assert(
      fc.property(exactVariant, (value) => {
        const text = varToStr(value);
        const back = strToVar(text, { exact: true });
        expect(hex(varToBytes(back))).toBe(hex(varToBytes(wear(value, new Set()))));
      }),
      fcParameters(500),
    );
  });

  test('come back from the text of format 4 files too', () => {
    fc.assert(
      fc.property(exactVariant, (value) => {
        const back = strToVar(varToStr(value, { compatible: false }), { exact: true });
        expect(hex(varToBytes(back))).toBe(hex(varToBytes(wear(value, new Set()))));
      }),
      fcParameters(200),
    );
  });

  test('the plain view holds the same, only its whole floats are ints', () => {
    fc.assert(
      fc.property(exactVariant, (value) => {
        const text = varToStr(value);
        // A whole float below 2^53 that is written with an exponent would be written as an int.
        fc.pre(!text.includes('e+15'));
        const bare = (view: VariantValue): string => varToStr(view).replaceAll('.0', '');
        expect(bare(strToVar(text))).toBe(bare(strToVar(text, { exact: true })));
      }),
      fcParameters(200),
    );
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      ':',
      ',',
      '.',
      '=',
      '"',
      '\\',
      '\\u',
      '&"',
      '#f00',
      ';',
      '\n',
      ' ',
      '-',
      '1',
    ],
    ...[
      '1.5e',
      '99999999999999999999',
      'inf',
      'nan',
      'null',
      'Vector2(1, 2)',
      'Array[',
      'Dictionary[int, ',
      'int',
    ],
    ...[
      'Object(',
      'Node',
      'PackedByteArray("',
      'AAAA"',
      'PackedStringArray(',
      'ExtResource("a")',
      'RID(',
      'Object(EncodedObjectAsID,"object_id":',
      'Resource(',
      ',',
      ')',
      '\0',
    ],
  );
  test.each([
    ['of anything', fc.string({ unit: 'binary', maxLength: 60 })],
    ['of the format', fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''))],
  ])('%s is read, or refused with a place inside it', (_name, texts) => {
    fc.assert(
      fc.property(texts, fc.boolean(), (text, exact) => {
        try {
          varToStr(strToVar(text, { exact }));
        } catch (error) {
          if (!(error instanceof TextError)) throw error;
          expect(error.code).toBe('ERR_TEXT_SYNTAX');
          expect(error.offset).toBeGreaterThanOrEqual(0);
          expect(error.offset).toBeLessThanOrEqual(text.length + 1);
          const line = text.split('\n')[error.line - 1];
          expect(error.column).toBeLessThanOrEqual((line ?? '').length + 2);
        }
      }),
      fcParameters(2000),
    );
  });
});

describe('limits', () => {
  const code = (text: string, options = {}): string => {
    try {
      strToVar(text, options);
    } catch (error) {
      if (error instanceof TextError) return `${error.code} ${error.godotError}`;
      throw error;
    }
    return 'read';
  };

  test('depth', () => {
    const nested = (open: string, close: string, levels: number): string =>
      open.repeat(levels) + close.repeat(levels);
    expect(code(nested('[', ']', 1025))).toBe('read');
    expect(code(nested('[', ']', 1026))).toBe('ERR_TEXT_TOO_DEEP 6');
    expect(code(nested('[', ']', 3), { maxDepth: 2 })).toBe('read');
    expect(code(nested('[', ']', 4), { maxDepth: 2 })).toBe('ERR_TEXT_TOO_DEEP 6');
    expect(code('{{{{}:1}:1}:1}', { maxDepth: 2 })).toBe('ERR_TEXT_TOO_DEEP 6');
    expect(code('Array[int]([Array[int]([])])', { maxDepth: 0 })).toBe('ERR_TEXT_TOO_DEEP 6');
    expect(code('Object(A,"a":Object(B))', { maxDepth: 0 })).toBe('ERR_TEXT_TOO_DEEP 6');
    expect(code('['.repeat(1_000_000))).toBe('ERR_TEXT_TOO_DEEP 6');
  });

  test('elements and length', () => {
    expect(code('[1, 2, 3]', { maxElements: 3 })).toBe('read');
    expect(code('[1, 2, 3]', { maxElements: 2 })).toBe('ERR_TEXT_TOO_LARGE 6');
    expect(code('{1: 2}', { maxElements: 1 })).toBe('ERR_TEXT_TOO_LARGE 6');
    expect(code('PackedStringArray("", "")', { maxElements: 1 })).toBe('ERR_TEXT_TOO_LARGE 6');
    expect(code('Object(A,"a":1)', { maxElements: 0 })).toBe('ERR_TEXT_TOO_LARGE 6');
    expect(code('PackedInt32Array(1, 2)', { maxElements: 0 })).toBe('read');
    expect(code('12', { maxLength: 2 })).toBe('read');
    expect(code('123', { maxLength: 2 })).toBe('ERR_TEXT_TOO_LARGE 6');
  });

  test.each([
    ['digits', '9'.repeat(2_000_000)],
    ['zeros', `${'0'.repeat(2_000_000)}1`],
    ['decimals', `0.${'1'.repeat(2_000_000)}`],
    ['comments', ';\n'.repeat(1_000_000)],
    ['escapes', `"${'\\u0041'.repeat(400_000)}"`],
    ['quotes', '"" '.repeat(1_000_000)],
    ['a string without an end', `"${'a'.repeat(2_000_000)}`],
    ['hexadecimal digits', `#${'a'.repeat(2_000_000)} `],
    ['nested keys', `${'{'.repeat(1000)}"${'k'.repeat(1_000_000)}":0${'}:0'.repeat(999)}}`],
  ])(
    'a long text of %s takes no more than its length',
    (_name, text) => {
      expect(code(text)).toMatch(/^(read|ERR_TEXT_SYNTAX 43)$/);
    },
    10_000,
  );
});

describe('parts', () => {
  test('base64 both ways equals that of the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (data) => {
        expect(toBase64(data)).toBe(Buffer.from(data).toString('base64'));
        expect(fromBase64(toBase64(data))).toEqual(data);
      }),
      fcParameters(200),
    );
  });

  test('sortKeys sorts by any total order, of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 200, size: 'max' }), (numbers) => {
        const sorted = [...numbers];
        sortKeys(sorted, (left, right) => left - right);
        expect(sorted).toEqual(numbers.toSorted((left, right) => left - right));
      }),
      fcParameters(300),
    );
  });

  test('sortKeys ends with the same items under an order that goes in circles', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 300, size: 'max' }), (numbers) => {
        const sorted = [...numbers];
        sortKeys(sorted, (left, right) => ((right - left + 3) % 3 === 1 ? -1 : 1));
        expect(sorted.toSorted()).toEqual(numbers.toSorted());
      }),
      fcParameters(300),
    );
  });

  test('sortKeys falls back to heapsort where quicksort would go quadratic', () => {
    // An order that answers as the adversary of quicksort does: what was not looked at yet is the largest.
    const size = 2000;
    const ranks = new Array<number>(size).fill(Number.POSITIVE_INFINITY);
    let next = 0;
    let asked = 0;
    let candidate = 0;
    const items = Array.from({ length: size }, (_item, index) => index);
    const rank = (item: number): number => ranks[item] ?? 0;
    sortKeys(items, (left, right) => {
      asked++;
      if (rank(left) === Number.POSITIVE_INFINITY && rank(right) === Number.POSITIVE_INFINITY) {
        ranks[left === candidate ? left : right] = next++;
      }
      if (rank(left) === Number.POSITIVE_INFINITY) candidate = left;
      else if (rank(right) === Number.POSITIVE_INFINITY) candidate = right;
      return rank(left) - rank(right);
    });
    expect(items.map(rank)).toEqual(items.map(rank).toSorted((left, right) => left - right));
    expect(asked).toBeLessThan(size * 80);
  });
});
