/** Typed containers hold what they declare (variant-codec 3.4): what the receiver would drop is refused when encoding. */
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  Dictionary,
  EncodedObjectAsID,
  EncodeError,
  float,
  StringName,
  TypedArray,
  type VariantInput,
  Vector2,
  varToBytes,
} from '../../../codec/index.ts';

function problem(value: VariantInput): string {
  try {
    varToBytes(value);
  } catch (error) {
    if (error instanceof EncodeError) return error.message;
    throw error;
  }
  return 'encoded';
}

describe('refused, with the path of the wrong one', () => {
  test.each<[string, VariantInput, string]>([
    ['a fraction among ints', new TypedArray('int', [1, 2.5, 3]), '$[1]: declared int, got float 2.5'],
    ['a number beyond safe ints', new TypedArray('int', [2 ** 53]), '$[0]: declared int, got float'],
    ['a float among ints', new TypedArray('int', [float(1)]), '$[0]: declared int, got float'],
    ['an int that the receiver would round', new TypedArray('float', [1n]), '$[0]: declared float, got int'],
    ['null among texts', new TypedArray('String', ['a', null]), '$[1]: declared String, got Nil'],
    ['a hole', new TypedArray('Vector2', [undefined]), '$[0]: declared Vector2, got Nil'],
    [
      'another vector',
      { at: [new TypedArray('Vector2i', [new Vector2(1, 2)])] },
      '$.at[0][0]: declared Vector2i',
    ],
    ['a text as object', new TypedArray('Node', ['x']), '$[0]: declared Node, got String'],
    ['a key', new Dictionary([[1.5, 1]], { keyType: 'int' }), '$[1.5]: declared int, got float 1.5'],
    ['a value', new Dictionary([['hp', 'x']], { valueType: 'int' }), '$.hp: declared int, got String'],
    [
      'a packed array',
      new TypedArray('Array', [Int32Array.of(1)]),
      '$[0]: declared Array, got PackedInt32Array',
    ],
  ])('%s', (_name, value, message) => {
    expect(problem(value)).toContain(`ERR_ENCODE_ELEMENT_TYPE: ${message}`);
    // The promise is in the type, also where the dialect writes the container untyped.
    expect(() => varToBytes(value, { dialect: '4.2' })).toThrow('ERR_ENCODE_ELEMENT_TYPE');
    expect(() => varToBytes(value, { strictTypedContainers: false })).not.toThrow();
  });

  test('what is no Variant at all keeps its own error', () => {
    expect(problem(new TypedArray('int', [(() => 1) as unknown as VariantInput]))).toContain(
      'ERR_ENCODE_UNSUPPORTED: $[0]',
    );
  });
});

describe('accepted', () => {
  test('numbers as floats, -0 as int, String and StringName as each other, null as object', () => {
    const back = (value: VariantInput): VariantInput => bytesToVar(varToBytes(value), { exact: true });
    expect([...(back(new TypedArray('float', [1, 2.5])) as VariantInput[])]).toEqual([float(1), float(2.5)]);
    expect([...(back(new TypedArray('int', [-0, 1, 2n])) as VariantInput[])]).toEqual([0n, 1n, 2n]);
    expect([...(back(new TypedArray('StringName', ['a'])) as VariantInput[])]).toEqual([new StringName('a')]);
    expect([...(back(new TypedArray('String', [new StringName('a')])) as VariantInput[])]).toEqual(['a']);
    expect([
      ...(back(new TypedArray('Node', [null, new EncodedObjectAsID(1n)])) as VariantInput[]),
    ]).toHaveLength(2);
    const typed = back(new Dictionary([['k', 1]], { keyType: 'StringName', valueType: 'float' }));
    expect([...(typed as Dictionary)]).toEqual([[new StringName('k'), float(1)]]);
  });

  test('untyped ones hold anything', () => {
    expect(problem([1, 2.5, 'x', null])).toBe('encoded');
  });
});
