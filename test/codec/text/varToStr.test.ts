import { describe, expect, test } from 'vitest';
import {
  Basis,
  Color,
  ContainerType,
  Dictionary,
  EncodedObjectAsID,
  EncodeError,
  float,
  fromNative,
  GodotObject,
  NodePath,
  PackedStringArray,
  PackedVector2Array,
  Projection,
  Signal,
  StringName,
  TextResource,
  Transform2D,
  Transform3D,
  TypedArray,
  type VariantInput,
  VariantType,
  Vector2,
  Vector3,
  Vector4,
  valueToStr,
  varToBytes,
  varToStr,
} from '../../../codec/index.ts';
import { ODD_VALUES } from '../../support/oddValues.ts';

describe('9.1 examples of the spec', () => {
  const rows: readonly (readonly [VariantInput, string])[] = [
    [float(1), '1.0'],
    [0.1, '0.1'],
    [1e16, '1e+16'],
    [Number.NEGATIVE_INFINITY, 'inf_neg'],
    [-0, '0.0'],
    [Number.NaN, 'nan'],
    [{ b: 1, a: 2 }, '{\n"a": 2,\n"b": 1\n}'],
    ["it's", '"it\'s"'],
    [new StringName("it's"), '&"it\\\'s"'],
    [Uint8Array.of(1, 2, 3), 'PackedByteArray(1, 2, 3)'],
    [new TypedArray('int', [1, 2]), 'Array[int]([1, 2])'],
    [new Dictionary(null, { keyType: 'String' }), 'Dictionary[String, Variant]({})'],
    [undefined, 'null'],
    [2n ** 63n - 1n, '9223372036854775807'],
    ['a\\b"c\nd\té', '"a\\\\b\\"c\nd\té"'],
    [new StringName('\u0007\b\f\n\r\t\v'), '&"\\a\\b\\f\\n\\r\\t\\v"'],
    [new NodePath('a"b'), 'NodePath("a\\"b")'],
    [new PackedStringArray(['a"\n']), 'PackedStringArray("a\\"\\n")'],
    [new Signal('hit', 5n), 'Signal()'],
    [
      new Basis(new Vector3(1, 2, 3), new Vector3(4, 5, 6), new Vector3(7, 8, 9)),
      'Basis(1, 4, 7, 2, 5, 8, 3, 6, 9)',
    ],
    [
      new Transform3D(
        new Basis(new Vector3(1, 2, 3), new Vector3(4, 5, 6), new Vector3(7, 8, 9)),
        new Vector3(10, 11, 12),
      ),
      'Transform3D(1, 4, 7, 2, 5, 8, 3, 6, 9, 10, 11, 12)',
    ],
    [
      new Transform2D(new Vector2(1, 2), new Vector2(3, 4), new Vector2(5, 6)),
      'Transform2D(1, 2, 3, 4, 5, 6)',
    ],
    [
      new Projection(
        new Vector4(1, 2, 3, 4),
        new Vector4(5, 6, 7, 8),
        new Vector4(9, 10, 11, 12),
        new Vector4(13, 14, 15, 16),
      ),
      'Projection(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)',
    ],
    [new TextResource('ExtResource', '1_ab'), 'ExtResource("1_ab")'],
    [new TextResource('SubResource', 3), 'SubResource(3)'],
    [new TextResource('Resource', 'res://a.png'), 'Resource("res://a.png")'],
    [new TextResource('Resource', 'res://a.png', 'uid://b'), 'Resource("uid://b", "res://a.png")'],
    [new TextResource('Resource', '', 'uid://b'), 'Resource("uid://b")'],
  ];
  test.each(rows)('%s', (value, text) => expect(varToStr(value)).toBe(text));
});

describe('objects', () => {
  test('a full object has no spaces and ends with a newline', () => {
    const object = new GodotObject('Resource', [
      ['resource_name', 'x'],
      ['size', new Vector2(1, 2)],
    ]);
    expect(varToStr(object)).toBe('Object(Resource,"resource_name":"x","size":Vector2(1, 2))\n');
    expect(varToStr([object])).toBe('[Object(Resource,"resource_name":"x","size":Vector2(1, 2))\n]');
  });

  test('an id is the object that it is in the engine, its id signed', () => {
    expect(varToStr(new EncodedObjectAsID(2n ** 64n - 1n))).toBe(
      'Object(EncodedObjectAsID,"object_id":-1,"script":null)\n',
    );
  });

  test('an object without a class name is refused', () => {
    expect(() => varToStr(new GodotObject('a b'))).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_OBJECT', path: '$' }),
    );
  });
});

describe('containers', () => {
  test('a script types a container by its path, a reference as it is', () => {
    const script = new ContainerType(VariantType.OBJECT, '', 'res://foo.gd');
    expect(varToStr(new TypedArray(script))).toBe('Array[Resource("res://foo.gd")]([])');
    const reference = new ContainerType(VariantType.OBJECT, 'Node', 'ExtResource("1_x")');
    expect(varToStr(new TypedArray(reference))).toBe('Array[ExtResource("1_x")]([])');
  });

  test('bare numbers in containers of floats are floats, also as sorted keys', () => {
    const value = new Dictionary(
      [
        [2, 1],
        [1.5, 2],
        [1, 3],
      ],
      { keyType: 'float', valueType: 'float' },
    );
    expect(varToStr(value)).toBe('Dictionary[float, float]({\n1.0: 3.0,\n1.5: 2.0,\n2.0: 1.0\n})');
    expect(varToStr(new TypedArray('float', [1]))).toBe('Array[float]([1.0])');
  });

  test('below the 100th level containers are written empty', () => {
    const nested = (levels: number): VariantInput => {
      let value: VariantInput = 5;
      for (let level = 0; level < levels; level++) value = [value];
      return value;
    };
    expect(varToStr(nested(101))).toBe(`${'['.repeat(101)}5${']'.repeat(101)}`);
    expect(varToStr(nested(102))).toBe(`${'['.repeat(102)}${']'.repeat(102)}`);
    const circle: VariantInput[] = [];
    circle.push(circle);
    expect(varToStr(circle)).toBe(`${'['.repeat(102)}${']'.repeat(102)}`);
  });

  test('a value that would explode stops at the limit', () => {
    const circle: VariantInput[] = [];
    circle.push(circle, circle);
    expect(() => varToStr(circle, { maxLength: 10_000 })).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_BYTE_LIMIT' }),
    );
  });
});

describe('options', () => {
  test('format 4: base64 and -inf', () => {
    const options = { compatible: false };
    expect(varToStr(Uint8Array.of(0, 255, 16, 1), options)).toBe('PackedByteArray("AP8QAQ==")');
    expect(varToStr(new Uint8Array(), options)).toBe('PackedByteArray()');
    expect(varToStr(new Vector2(Number.NEGATIVE_INFINITY, 1), options)).toBe('Vector2(-inf, 1)');
  });

  test('double precision keeps components, but never those of colors', () => {
    const value = new Vector2(0.1, 1 / 3);
    expect(varToStr(value)).toBe('Vector2(0.1, 0.33333334)');
    expect(varToStr(value, { real: 'double' })).toBe('Vector2(0.1, 0.3333333333333333)');
    expect(varToStr(new Color(1 / 3, 0, 0, 1), { real: 'double' })).toBe('Color(0.33333334, 0, 0, 1)');
    const packed = new PackedVector2Array([value]);
    expect(varToStr(packed, { real: 'double' })).toBe('PackedVector2Array(0.1, 0.3333333333333333)');
  });

  test.each([
    ['compatible', { compatible: 1 }, TypeError],
    ['real', { real: 'half' }, RangeError],
    ['maxLength', { maxLength: -1 }, RangeError],
  ] as const)('a bad %s is refused by name', (name, options, kind) => {
    const call = (): string => varToStr(1, options as object);
    expect(call).toThrow(kind);
    expect(call).toThrow(`"${name}"`);
  });
});

describe('what is no Variant', () => {
  test.each([
    ['an int beyond 64 bits', [2n ** 63n], 'ERR_ENCODE_INT_RANGE', '$[0]'],
    ['a NUL', { a: 'x\0' }, 'ERR_ENCODE_NUL', '$.a'],
    ['a function', { a: [() => 1] }, 'ERR_ENCODE_UNSUPPORTED', '$.a[0]'],
    ['a Date', new Date(0), 'ERR_ENCODE_UNSUPPORTED', '$'],
    ['a component of text', new Vector2('1' as never, 2), 'ERR_ENCODE_UNSUPPORTED', '$'],
  ])('%s', (_name, value, code, path) => {
    expect(() => varToStr(value as VariantInput)).toThrow(expect.objectContaining({ code, path }));
  });

  test('references to resources live in texts alone', () => {
    const reference = new TextResource('ExtResource', '1');
    for (const write of [varToBytes, valueToStr, fromNative]) {
      expect(() => write([reference])).toThrow(expect.objectContaining({ code: 'ERR_ENCODE_UNSUPPORTED' }));
    }
    expect(String(reference)).toBe('ExtResource("1")');
    expect(reference.equals(new TextResource('ExtResource', '1'))).toBe(true);
    expect(reference.equals(new TextResource('SubResource', '1'))).toBe(false);
    expect(() => new TextResource('Nope' as never, '1')).toThrow('"kind" expected');
    expect(() => new TextResource('ExtResource', -1)).toThrow('"id" expected');
    expect(() => new TextResource('Resource', 1)).toThrow('"id" expected a string');
  });

  test.each(ODD_VALUES)('%s gives text or an EncodeError', (_name, value) => {
    try {
      expect(typeof varToStr(value as VariantInput)).toBe('string');
    } catch (error) {
      expect(error).toBeInstanceOf(EncodeError);
    }
  });
});
