import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GodotJSON } from '../../../codec/json/GodotJSON.ts';
import { JsonError } from '../../../codec/json/JsonError.ts';
import { JSON_MAX_DEPTH, parseJson } from '../../../codec/json/parse.ts';
import { Dictionary } from '../../../codec/values/Dictionary.ts';
import { Float } from '../../../codec/values/Float.ts';
import { fcParameters } from '../../support/fc.ts';

function errorOf(text: string): JsonError {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was accepted`);
}

/** Our Dictionaries as plain Maps, so that they compare with what the reference gives. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Dictionary) return new Map([...value].map(([key, item]) => [key, plain(item)]));
  return value;
}

describe('11.5 JSON', () => {
  test('J-1 numbers of an object are floats', () => {
    const value = parseJson('{"a": 1}', { exact: true });
    expect(value).toBeInstanceOf(Dictionary);
    expect([...(value as Dictionary)]).toEqual([['a', new Float(1)]]);
    expect((value as Dictionary).keyType).toBeUndefined();
  });
  test('J-2 number forms', () => {
    expect(parseJson('[1, 2.5, -3e2, 1e400]')).toEqual([1, 2.5, -300, Number.POSITIVE_INFINITY]);
  });
  test('J-3 one trailing comma', () => {
    expect(parseJson('[1,]')).toEqual([1]);
    expect(plain(parseJson('{"a":1,}'))).toEqual(new Map([['a', 1]]));
  });
  test.each(['[1] x', 'nan', '{bad', '', '.5', '+1', "'a'", '-'])('J-4 %j is an error', (text) => {
    expect(errorOf(text).code).toBe('ERR_JSON_SYNTAX');
    expect(errorOf(text).godotError).toBe(43);
  });
  test('J-5 leading zero and bare point', () => {
    expect([parseJson('01'), parseJson('1.')]).toEqual([1, 1]);
  });
  test('J-6 surrogate pair escape', () => expect(parseJson('"\\ud83d\\ude00"')).toBe('\u{1f600}'));
  test.each([
    '"\\ud83d"',
    '"\\v"',
    '"\\x41"',
    '"\\ude00"',
    '"\\ud83d\\u0041"',
    '"\\ud83dx"',
    '"\\\'"',
    '"\\a"',
  ])('J-7 %s is an error', (text) => expect(errorOf(text).code).toBe('ERR_JSON_SYNTAX'));
  test('J-8 a repeated key keeps its place and takes the last value', () => {
    expect([...(parseJson('{"a":1,"b":3,"a":2}') as Dictionary)]).toEqual([
      ['a', 2],
      ['b', 3],
    ]);
  });
  test('J-9 twenty digits', () => expect(parseJson('12345678901234567890')).toBe(1.2345678901234567e19));
  test('J-10 hexadecimal is an error', () => expect(errorOf('[0x10]').column).toBe(3));
});

describe('8.1 parsing', () => {
  test.each<[string, unknown]>([
    ['\u0001\u001f 1\u0000'.replace('\u0000', ''), 1],
    ['true', true],
    ['false', false],
    ['null', null],
    ['"a\n\t\u0001b"', 'a\n\t\u0001b'],
    ['"\\b\\t\\n\\f\\r\\"\\\\\\/"', '\b\t\n\f\r"\\/'],
    ['"\\u0000"', '\ufffd'],
    ['"\\u00E9\\u00e9"', '\u00e9\u00e9'],
    ['[]', []],
    ['{}', new Map()],
    ['[[],{}]', [[], new Map()]],
    ['[[1],[2]]', [[1], [2]]],
    [
      '{"a":{"b":[1]},"c":null}',
      new Map<string, unknown>([
        ['a', new Map([['b', [1]]])],
        ['c', null],
      ]),
    ],
    ['-0', -0],
    ['402.06696376113484', 402.0669637611349],
  ])('accepts %j', (text, value) => {
    expect(plain(parseJson(text))).toEqual(value);
  });

  test.each<[string, number, number, string]>([
    ['[,]', 1, 2, "Unexpected ','"],
    ['[1,,2]', 1, 4, "Unexpected ','"],
    ['[1 2]', 1, 4, "Expected ','"],
    ['[1', 1, 3, "Expected ']'"],
    ['[1,', 1, 4, "Expected ']'"],
    ['[', 1, 2, "Expected ']'"],
    ['{"a":1', 1, 7, "Expected '}'"],
    ['{"a":1 "b":2}', 1, 8, "Expected '}' or ','"],
    ['{a:1}', 1, 2, 'Expected key'],
    ['{"a" 1}', 1, 6, "Expected ':'"],
    ['{"a":}', 1, 6, "Unexpected '}'"],
    ['{"a":', 1, 6, 'Unexpected end'],
    ['{"a":1,,}', 1, 8, 'Expected key'],
    ['[1}', 1, 3, "Expected ','"],
    ['1 2', 1, 3, "Expected 'EOF'"],
    ['"abc', 1, 5, 'Unterminated string'],
    ['"abc\\', 1, 6, 'Unterminated string'],
    ['"\\u12', 1, 6, 'Unterminated string'],
    ['"\\u12g4"', 1, 4, 'Malformed hex'],
    ['\n\n  x', 3, 3, "Expected 'true'"],
    ['\ufeff1', 1, 1, 'Unexpected character'],
    ['\u00a01', 1, 1, 'Unexpected character'],
    ['// c\n1', 1, 1, 'Unexpected character'],
    ['-x', 1, 1, 'Expected a number'],
    ['1.5e', 1, 4, "Expected 'EOF'"],
    ['\u0000', 1, 1, 'Unexpected character'],
  ])('refuses %j at line %i, column %i', (text, line, column, reason) => {
    const error = errorOf(text);
    expect([error.line, error.column]).toEqual([line, column]);
    expect(error.message).toContain(reason);
  });

  test('characters that an engine string cannot hold become U+FFFD', () => {
    expect(parseJson('"a\u0000b\ud800c\udc00d\u{1f600}"')).toBe('a\ufffdb\ufffdc\ufffdd\u{1f600}');
  });

  test('every prefix of a document is refused, the whole accepted', () => {
    const text = '{"a":[1.5,true,null,"x\\u0041\\n"],"b":{"c":-2e3}}';
    for (let length = 0; length < text.length; length++)
      expect(() => parseJson(text.slice(0, length))).toThrow(JsonError);
    expect(GodotJSON.stringify(parseJson(text, { exact: true }))).toBe(
      '{"a":[1.5,true,null,"xA\\n"],"b":{"c":-2000.0}}',
    );
  });

  test('a value may lie 1024 deep and no deeper', () => {
    const nested = (levels: number, inner: string): string => '['.repeat(levels) + inner + ']'.repeat(levels);
    let value: unknown = parseJson(nested(JSON_MAX_DEPTH, '7'));
    for (let i = 0; i < JSON_MAX_DEPTH; i++) value = (value as unknown[])[0];
    expect(value).toBe(7);
    expect(() => parseJson(nested(JSON_MAX_DEPTH + 1, ''))).not.toThrow();
    for (const text of [nested(JSON_MAX_DEPTH + 1, '7'), nested(JSON_MAX_DEPTH + 2, '')]) {
      expect(errorOf(text)).toMatchObject({ code: 'ERR_JSON_TOO_DEEP', godotError: 6 });
    }
  });

  test('hundreds of thousands of open brackets cost an error, not the stack', () => {
    expect(errorOf('['.repeat(300_000)).code).toBe('ERR_JSON_TOO_DEEP');
    expect(errorOf('{"a":'.repeat(100_000)).code).toBe('ERR_JSON_TOO_DEEP');
  });

  test('a lower limit', () => {
    expect(parseJson('[1]', { maxDepth: 1 })).toEqual([1]);
    expect(() => parseJson('[[1]]', { maxDepth: 1 })).toThrow(JsonError);
    expect(() => parseJson('1', { maxDepth: 1025 })).toThrow(RangeError);
    expect(() => parseJson('1', { maxDepth: -1 })).toThrow(RangeError);
  });

  test('plain objects on request have no prototype and keep hostile keys as data', () => {
    const value = parseJson('{"__proto__":{"x":1},"constructor":2}', { dictionaries: 'object' });
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('parseString gives null for an error and passes programmer mistakes on', () => {
    expect(GodotJSON.parseString('[1')).toBeNull();
    expect(GodotJSON.parseString('[1]')).toEqual([1]);
    expect(() => GodotJSON.parseString('1', { maxDepth: 9999 })).toThrow(RangeError);
  });
});

describe('properties', () => {
  /** Numbers whose decimals both readers take alike. */
  const number = fc.integer({ min: -1e9, max: 1e9 }).map((value) => (value === 0 ? 0 : value / 64));
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constant(null),
      fc.boolean(),
      number,
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000')),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => !key.includes('\u0000')),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  })).value;

  test('JSON that Node writes reads the same', () => {
    fc.assert(
      fc.property(json, fc.constantFrom('', '  ', '\t'), (value, indent) => {
        expect(asJson(parseJson(JSON.stringify(value, null, indent)))).toEqual(asJson(value));
      }),
      fcParameters(),
    );
  });

  test('JSON that we write is read back by Node and by ourselves', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (value, fullPrecision) => {
        const text = GodotJSON.stringify(value as never, '', false, fullPrecision);
        fc.pre(!text.includes('\\v') && !hasControls(text));
        expect(asJson(JSON.parse(text))).toEqual(asJson(value));
        expect(asJson(parseJson(text))).toEqual(asJson(value));
      }),
      fcParameters(),
    );
  });

  test('any text gives a value or a JsonError', () => {
    const soup = fc.string({
      unit: fc.constantFrom(...'[]{},:"\\ux0123456789eE.+-tfn \n\u0000\ud800'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' }), fc.json()), (text) => {
        try {
          parseJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
        }
      }),
      fcParameters(1000),
    );
  });
});

/** One form for plain objects and Dictionaries: sorted pairs. */
function asJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJson);
  if (value instanceof Map) return { pairs: [...value].map(([k, v]) => [k, asJson(v)]).sort(byKey) };
  if (typeof value === 'object' && value !== null) {
    return {
      pairs: Object.entries(value)
        .map(([k, v]) => [k, asJson(v)])
        .sort(byKey),
    };
  }
  return value;
}

function byKey(left: unknown[], right: unknown[]): number {
  return String(left[0]) < String(right[0]) ? -1 : 1;
}

function hasControls(text: string): boolean {
  for (const character of text) if (character < ' ') return true;
  return false;
}
