import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  Callable,
  Dictionary,
  EncodedObjectAsID,
  Float,
  float,
  NodePath,
  StringName,
  VariantType,
  type VariantValue,
  Vector2,
  varToBytes,
} from '../../../codec/index.ts';
import { slowSameKey } from '../../reference/slowKeys.ts';
import { fcParameters } from '../../support/fc.ts';
import { exactVariant } from '../../support/variantArbitrary.ts';

const any = (entries?: readonly (readonly [unknown, unknown])[]): Dictionary => new Dictionary(entries);

describe('a Dictionary is a Map', () => {
  test('it is an instance of Map and behaves as one', () => {
    const dictionary = new Dictionary([
      ['b', 1],
      ['a', 2],
    ]);
    expect(dictionary).toBeInstanceOf(Map);
    expect([...dictionary]).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
    expect(dictionary.size).toBe(2);
    expect([...dictionary.keys()]).toEqual(['b', 'a']);
    expect(structuredClone(dictionary)).toEqual(new Map([...dictionary]));
    dictionary.clear();
    expect(dictionary.size).toBe(0);
  });

  test('overwriting keeps the position and the first key object; deleting and adding moves to the end', () => {
    const first = new Vector2(1, 2);
    const dictionary = any([
      [first, 'a'],
      ['x', 'b'],
    ]);
    dictionary.set(new Vector2(1, 2), 'c');
    expect([...dictionary]).toEqual([
      [first, 'c'],
      ['x', 'b'],
    ]);
    expect([...dictionary.keys()][0]).toBe(first);
    expect(dictionary.delete(new Vector2(1, 2))).toBe(true);
    expect(dictionary.delete(new Vector2(1, 2))).toBe(false);
    dictionary.set(first, 'd');
    expect([...dictionary.keys()]).toEqual(['x', first]);
  });

  test('__proto__, constructor and prototype are ordinary keys', () => {
    const source = JSON.parse('{"__proto__": 1, "constructor": 2, "prototype": 3}');
    const decoded = bytesToVar(varToBytes(source)) as Dictionary;
    expect([...decoded]).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['prototype', 3],
    ]);
    const object = decoded.toObject();
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.keys(object)).toEqual(['__proto__', 'constructor', 'prototype']);
    expect(Dictionary.fromObject({ a: 1 }).get('a')).toBe(1);
  });
});

describe('section 5: key equality', () => {
  test.each<[string, unknown, unknown, boolean]>([
    ['String and StringName', 'a', new StringName('a'), true],
    ['int 1 and float 1.0', 1, float(1), false],
    ['int 1 and bigint 1', 1, 1n, true],
    ['true and 1', true, 1, false],
    ['float 0.5 twice', 0.5, float(0.5), true],
    ['NaN and NaN', Number.NaN, float(Number.NaN), true],
    ['-0.0 and 0.0', -0, float(0), true],
    ['int 0 and float -0.0', 0, -0, false],
    ['null and undefined', null, undefined, true],
    ['vectors with NaN', new Vector2(Number.NaN, -0), new Vector2(Number.NaN, 0), true],
    ['arrays', [1, [new StringName('x')]], [1n, ['x']], true],
    ['arrays with int and float', [1], [float(1)], false],
    ['arrays with NaN', [Number.NaN], [Number.NaN], false],
    [
      'dictionaries in the same order',
      any([
        [1, 2],
        [3, 4],
      ]),
      any([
        [1, 2],
        [3, 4],
      ]),
      true,
    ],
    [
      'dictionaries in another order',
      any([
        [1, 2],
        [3, 4],
      ]),
      any([
        [3, 4],
        [1, 2],
      ]),
      false,
    ],
    ['paths', new NodePath('/a:b'), new NodePath('/a:b'), true],
    ['paths, one absolute', new NodePath('/a'), new NodePath('a'), false],
    ['path and String', new NodePath('a'), 'a', false],
    ['objects with the same id', new EncodedObjectAsID(1), new EncodedObjectAsID(1), false],
    ['empty callables', new Callable(), new Callable(), true],
    ['packed floats', Float32Array.of(Number.NaN, -0), Float32Array.of(Number.NaN, 0), true],
    ['packed bytes and ints', Uint8Array.of(1), Int32Array.of(1), false],
  ])('%s', (_name, a, b, same) => {
    for (const [first, second] of [
      [a, b],
      [b, a],
    ]) {
      const dictionary = any([[first, 'first']]);
      expect(dictionary.has(second)).toBe(same);
      expect(dictionary.get(second)).toBe(same ? 'first' : undefined);
      dictionary.set(second, 'second');
      expect(dictionary.size).toBe(same ? 1 : 2);
      expect(dictionary.delete(first)).toBe(true);
      expect(dictionary.has(second)).toBe(!same);
    }
  });

  test('where keys are declared FLOAT, numbers are floats', () => {
    const dictionary = new Dictionary<unknown, unknown>([[float(1), 'a']], { keyType: VariantType.FLOAT });
    expect(dictionary.get(1)).toBe('a');
    dictionary.set(1, 'b').set(2, 'c').set(float(2), 'd');
    expect([...dictionary.values()]).toEqual(['b', 'd']);
    expect([...(bytesToVar(varToBytes(dictionary), { exact: true }) as Dictionary).keys()]).toEqual([
      new Float(1),
      new Float(2),
    ]);
  });

  test('any list of keys is stored as a pairwise comparison would store it', () => {
    const keys = fc.array(
      fc.oneof(exactVariant, fc.integer({ min: 0, max: 2 }), fc.constantFrom('a', 0.5, -0, 1n)),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(keys, (list: readonly VariantValue[]) => {
        // Copies, so that equal keys are not the same objects.
        const all = [
          ...list,
          ...list.map((key) => bytesToVar(varToBytes([key]), { exact: true }) as VariantValue[]),
        ].flat(1);
        const dictionary = any();
        const slow: unknown[] = [];
        for (const key of all) {
          dictionary.set(key, true);
          if (!slow.some((known) => slowSameKey(known, key))) slow.push(key);
        }
        expect(dictionary.size).toBe(slow.length);
        const decoded = bytesToVar(varToBytes(dictionary), { exact: true }) as Dictionary;
        expect(decoded.size).toBe(slow.length);
        for (const key of decoded.keys()) expect(decoded.get(key)).toBe(true);
      }),
      fcParameters(300),
    );
  });
});

describe('decoded keys', () => {
  test('int 1 and float 1.0 stay apart in the convenient view, also deep inside a key', () => {
    const source = any([
      [1, 'int'],
      [float(1), 'float'],
      [[1], 'ints'],
      [[float(1)], 'floats'],
      [1.5, 'half'],
    ]);
    const decoded = bytesToVar(varToBytes(source)) as Dictionary;
    expect([...decoded]).toEqual([...source]);
    expect(decoded.get(float(1))).toBe('float');
    expect(decoded.get([1])).toBe('ints');
    expect(varToBytes(decoded)).toEqual(varToBytes(source));
  });

  test('StringName keys stay in 4.4 and later and are Strings before', () => {
    const data = varToBytes(any([[new StringName('k'), 1]]));
    expect([...(bytesToVar(data) as Dictionary).keys()]).toEqual([new StringName('k')]);
    expect((bytesToVar(data) as Dictionary).get('k')).toBe(1);
    expect([...(bytesToVar(data, { dialect: '4.3' }) as Dictionary).keys()]).toEqual(['k']);
  });

  test('a found key can be changed and removed after decoding', () => {
    const decoded = bytesToVar(
      varToBytes(
        any([
          [[1, 2], 'a'],
          ['s', 'b'],
        ]),
      ),
    ) as Dictionary;
    decoded.set([1, 2], 'c');
    expect(decoded.get([1, 2])).toBe('c');
    expect(decoded.delete([1, 2])).toBe(true);
    expect([...decoded]).toEqual([['s', 'b']]);
  });

  test('as plain objects: null prototype, texts and ints, nothing that collides', () => {
    const options = { dictionaries: 'object' } as const;
    const object = bytesToVar(
      varToBytes(
        any([
          [new StringName('a'), { b: 1 }],
          [7, 2],
        ]),
      ),
      options,
    ) as object;
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(JSON.stringify(object)).toBe('{"7":2,"a":{"b":1}}');
    for (const entries of [
      [
        [1, 0],
        ['1', 0],
      ],
      [
        ['1', 0],
        [1, 0],
      ],
      [[null, 0]],
      [[1.5, 0]],
      [[[], 0]],
    ] as const) {
      expect(() => bytesToVar(varToBytes(any(entries)), options)).toThrow(
        expect.objectContaining({ code: 'ERR_VARIANT_OBJECT_KEY' }),
      );
    }
  });
});

describe('hostile keys', () => {
  test('many array keys take linear time', () => {
    const entries = (count: number): Uint8Array =>
      varToBytes(new Map(Array.from({ length: count }, (_, index) => [[0, 0, 0, index], index] as const)));
    const small = entries(5_000);
    const large = entries(50_000);
    bytesToVar(small);
    const smallMs = time(() => bytesToVar(small));
    const largeMs = time(() => expect((bytesToVar(large) as Dictionary).size).toBe(50_000));
    // Quadratic work would be a hundredfold.
    expect(largeMs).toBeLessThan(Math.max(smallMs, 5) * 60);
  });

  test('keys nested in keys are not walked again at every level', () => {
    let key: unknown = new Array(2_000).fill(7);
    for (let depth = 0; depth < 400; depth++) key = any([[[key], 1]]);
    const data = varToBytes(key as Dictionary);
    expect(time(() => bytesToVar(data))).toBeLessThan(2_000);
  });

  function time(run: () => unknown): number {
    const start = performance.now();
    run();
    return performance.now() - start;
  }
});
