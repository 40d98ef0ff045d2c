/** The dialect of Godot 3: variant-codec.md sections 7.2 and 11.2. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AABB,
  Basis,
  bytesToVar,
  Callable,
  Color,
  ContainerType,
  DecodeError,
  Dictionary,
  decodeVariant,
  EncodedObjectAsID,
  EncodeError,
  encodedSize,
  Float,
  float,
  Godot3VariantType,
  GodotObject,
  godot3TypeName,
  NodePath,
  PackedColorArray,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
  Plane,
  Projection,
  Quaternion,
  Rect2,
  Rect2i,
  RID,
  Signal,
  StringName,
  Transform2D,
  Transform3D,
  TypedArray,
  type VariantInput,
  VariantType,
  Vector2,
  Vector2i,
  Vector3,
  Vector3i,
  Vector4,
  Vector4i,
  varToBytes,
} from '../../../codec/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { bytes, hex } from '../../support/hex.ts';

const GODOT_3 = { dialect: 'godot3' } as const;
const EXACT = { dialect: 'godot3', exact: true } as const;
const OBJECTS = { dialect: 'godot3', fullObjects: true, allowObjects: true } as const;

const v2 = (x: number, y: number): Vector2 => new Vector2(x, y);
const v3 = (x: number, y: number, z: number): Vector3 => new Vector3(x, y, z);
const ONES = '0000803f'.repeat(4);

const EXAMPLES: readonly (readonly [name: string, value: VariantInput, wire: string])[] = [
  ['G3-1 null', null, '00000000'],
  ['G3-2 true', true, '01000000 01000000'],
  ['G3-3 int', 5, '02000000 05000000'],
  ['G3-3 long int', 2147483648, '02000100 00000080 00000000'],
  ['G3-4 float', 0.5, '03000000 0000003f'],
  ['G3-4 long float', 0.1, '03000100 9a999999 9999b93f'],
  ['G3-5 String', 'a', '04000000 01000000 61000000'],
  ['G3-6 Vector2', v2(1, 2), '05000000 0000803f 00000040'],
  ['G3-7 Rect2', new Rect2(v2(1, 2), v2(3, 4)), '06000000 0000803f 00000040 00004040 00008040'],
  ['G3-8 Vector3', v3(1, 2, 3), '07000000 0000803f 00000040 00004040'],
  [
    'Transform2D by columns',
    new Transform2D(v2(1, 2), v2(3, 4), v2(5, 6)),
    '08000000 0000803f 00000040 00004040 00008040 0000a040 0000c040',
  ],
  ['Plane', new Plane(v3(1, 2, 3), 4), '09000000 0000803f 00000040 00004040 00008040'],
  ['G3-9 Quat', new Quaternion(0, 0, 0, 1), '0a000000 00000000 00000000 00000000 0000803f'],
  [
    'AABB',
    new AABB(v3(1, 2, 3), v3(4, 5, 6)),
    '0b000000 0000803f 00000040 00004040 00008040 0000a040 0000c040',
  ],
  [
    'Basis by rows',
    new Basis(v3(1, 2, 3), v3(4, 5, 6), v3(7, 8, 9)),
    '0c000000 0000803f 00008040 0000e040 00000040 0000a040 00000041 00004040 0000c040 00001041',
  ],
  [
    'Transform',
    new Transform3D(new Basis(v3(1, 2, 3), v3(4, 5, 6), v3(7, 8, 9)), v3(1, 1, 1)),
    '0d000000 0000803f 00008040 0000e040 00000040 0000a040 00000041 00004040 0000c040 00001041 0000803f 0000803f 0000803f',
  ],
  ['G3-10 Color', new Color(1, 1, 1, 1), `0e000000 ${ONES}`],
  [
    'G3-11 NodePath',
    new NodePath(['root', 'a'], ['b'], true),
    '0f000000 02000080 01000000 01000000 04000000 726f6f74 01000000 61000000 01000000 62000000',
  ],
  ['G3-12 RID', new RID(), '10000000'],
  ['G3-13 Object as id', new EncodedObjectAsID(7), '11000100 07000000 00000000'],
  [
    'G3-14 Dictionary',
    new Dictionary([['a', 1]]),
    '12000000 01000000 04000000 01000000 61000000 02000000 01000000',
  ],
  ['G3-15 Array', [1], '13000000 01000000 02000000 01000000'],
  ['G3-16 PoolByteArray', Uint8Array.of(1, 2, 3), '14000000 03000000 01020300'],
  ['G3-17 PoolIntArray', Int32Array.of(1), '15000000 01000000 01000000'],
  ['G3-18 PoolRealArray', Float32Array.of(1.5), '16000000 01000000 0000c03f'],
  ['G3-19 PoolStringArray', new PackedStringArray(['a']), '17000000 01000000 02000000 61000000'],
  ['G3-20 PoolVector2Array', new PackedVector2Array([v2(1, 2)]), '18000000 01000000 0000803f 00000040'],
  [
    'G3-21 PoolVector3Array',
    new PackedVector3Array([v3(1, 2, 3)]),
    '19000000 01000000 0000803f 00000040 00004040',
  ],
  ['G3-22 PoolColorArray', new PackedColorArray([new Color(1, 1, 1, 1)]), `1a000000 01000000 ${ONES}`],
];

describe('section 11.2', () => {
  test.each(EXAMPLES)('%s: bytes, value, size, and back', (_name, value, wire) => {
    const data = bytes(wire);
    expect(hex(varToBytes(value, GODOT_3))).toBe(hex(data));
    expect(encodedSize(value, GODOT_3)).toBe(data.length);
    expect(bytesToVar(data, GODOT_3)).toEqual(value);
    expect(decodeVariant(bytes(`${wire}ffffff`), GODOT_3).size).toBe(data.length);
    expect(hex(varToBytes(bytesToVar(data, EXACT), EXACT))).toBe(hex(data));
  });

  test.each(EXAMPLES)('%s: no shorter input is taken for it', (_name, _value, wire) => {
    const data = bytes(wire);
    for (let length = 0; length < data.length; length++) {
      // The padding of a byte array at the very end may be missing, as in Godot 4.
      if (data[0] === Godot3VariantType.RAW_ARRAY && data.length - length < 2) continue;
      expect(() => bytesToVar(data.subarray(0, length), GODOT_3)).toThrow(DecodeError);
    }
  });

  test('inside of containers every type has its Godot 3 number as well', () => {
    const values = EXAMPLES.map(([, value]) => value);
    const wire = EXAMPLES.map(([, , part]) => hex(bytes(part))).join('');
    const array = `13000000${values.length.toString(16)}000000${wire}`;
    expect(hex(varToBytes(values, GODOT_3))).toBe(array);
    expect(bytesToVar(bytes(array), GODOT_3)).toEqual(values);
    const plain = { list: values };
    expect(hex(varToBytes(plain, GODOT_3))).toBe(`120000000100000004000000040000006c697374${array}`);
    expect(hex(varToBytes(new Map([['list', values]]), GODOT_3))).toBe(hex(varToBytes(plain, GODOT_3)));
  });
});

describe('what Godot 3 lacks', () => {
  test.each<[string, VariantInput]>([
    ['StringName', new StringName('a')],
    ['Vector2i', new Vector2i(1, 2)],
    ['Vector3i', new Vector3i(1, 2, 3)],
    ['Vector4', new Vector4(1, 2, 3, 4)],
    ['Vector4i', new Vector4i(1, 2, 3, 4)],
    ['Rect2i', new Rect2i(new Vector2i(1, 2), new Vector2i(3, 4))],
    ['Projection', new Projection()],
    ['Callable', new Callable()],
    ['Signal', new Signal('a', 1n)],
    ['PackedInt64Array', BigInt64Array.of(1n)],
    ['PackedFloat64Array', Float64Array.of(1)],
    ['PackedVector4Array', new PackedVector4Array([])],
  ])('%s is refused, with its path', (name, value) => {
    const encode = (): unknown => varToBytes({ deep: [value] }, GODOT_3);
    expect(encode).toThrow(EncodeError);
    expect(encode).toThrow(`ERR_ENCODE_DIALECT: $.deep[0]: Godot 3 has no ${name}`);
  });

  test('StringName keys are refused too', () => {
    expect(() => varToBytes(new Map([[new StringName('a'), 1]]), GODOT_3)).toThrow('ERR_ENCODE_DIALECT');
  });

  test('typed containers are written untyped', () => {
    expect(hex(varToBytes(new TypedArray(VariantType.INT, [1]), GODOT_3))).toBe(
      '13000000010000000200000001000000',
    );
    const typed = new Dictionary([['a', 1]], { keyType: new ContainerType(VariantType.STRING) });
    expect(hex(varToBytes(typed, GODOT_3))).toBe(hex(varToBytes({ a: 1 }, GODOT_3)));
    // A number where floats are declared stays a float.
    expect(hex(varToBytes(new TypedArray(VariantType.FLOAT, [1]), GODOT_3))).toBe(
      '1300000001000000030000000000803f',
    );
  });

  test('the option real cannot be double', () => {
    expect(() => varToBytes(1, { dialect: 'godot3', real: 'double' })).toThrow(RangeError);
  });

  test('components and elements are always single', () => {
    expect(hex(varToBytes(v2(0.1, 0), GODOT_3))).toBe('05000000cdcccc3d00000000');
    expect(hex(varToBytes(new PackedVector2Array([v2(0.1, 0)]), GODOT_3))).toBe(
      '1800000001000000cdcccc3d00000000',
    );
  });
});

describe('reading', () => {
  test.each<[string, string, unknown]>([
    ['the 64-bit flag has no meaning for vectors', '05000100 0000803f 00000040', v2(1, 2)],
    ['nor for arrays of them', '18000100 01000000 0000803f 00000040', new PackedVector2Array([v2(1, 2)])],
    ['typing bits have no meaning', '13000300 01000000 02000000 01000000', [1]],
    ['nor in dictionaries', '12000f00 00000000', new Dictionary()],
    ['bit 31 of the count is masked', '13000000 00000080', []],
    ['an RID has no body', '10000000 01000000', new RID()],
    ['a null object', '11000100 00000000 00000000', null],
    ['a negative count of strings', '17000000 ffffffff', new PackedStringArray()],
  ])('%s', (_name, wire, value) => {
    expect(bytesToVar(bytes(wire), GODOT_3)).toEqual(value);
  });

  test('type ids from 27 on are refused, and named', () => {
    for (const id of [27, 28, 38, 39, 255]) {
      const data = Uint8Array.of(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      expect(() => bytesToVar(data, GODOT_3)).toThrow(`ERR_VARIANT_TYPE: type ${id} at offset 0`);
    }
  });

  test('errors name the types as Godot 3 does', () => {
    expect(() => bytesToVar(bytes('0a000000 00000000'), GODOT_3)).toThrow('ERR_VARIANT_TRUNCATED: QUAT');
    expect(() => bytesToVar(bytes('15000000 09000000'), GODOT_3)).toThrow('ERR_VARIANT_COUNT: INT_ARRAY');
    expect(godot3TypeName(VariantType.FLOAT)).toBe('REAL');
    expect(godot3TypeName(VariantType.VECTOR2I)).toBeUndefined();
  });

  test('full objects, with objects allowed: any property named script goes', () => {
    const value = new GodotObject('Node', [
      ['name', 'n'],
      ['script', new GodotObject('GDScript', [])],
    ]);
    const data = varToBytes(value, OBJECTS);
    expect(hex(data)).toBe(
      `11000000040000004e6f646502000000${'040000006e616d6504000000010000006e000000'}0600000073637269707400001100000008000000474453637269707400000000`,
    );
    expect(bytesToVar(data, OBJECTS)).toEqual(value);
    expect(() => bytesToVar(data, GODOT_3)).toThrow('ERR_VARIANT_OBJECT');
    expect(() => varToBytes(value, GODOT_3)).toThrow('ERR_ENCODE_OBJECT');
    expect(bytesToVar(bytes('11000000 00000000'), OBJECTS)).toBeNull();
  });

  test('exact and convenient views', () => {
    const data = varToBytes([1, float(1), 2n ** 53n, 0.5], GODOT_3);
    expect(bytesToVar(data, EXACT)).toEqual([1n, new Float(1), 2n ** 53n, new Float(0.5)]);
    expect(bytesToVar(data, GODOT_3)).toEqual([1, 1, 2n ** 53n, 0.5]);
    const object = bytesToVar(varToBytes({ a: { 5: 1 } }, GODOT_3), { ...GODOT_3, dictionaries: 'object' });
    expect(JSON.stringify(object)).toBe('{"a":{"5":1}}');
  });

  test('keys: int and float differ, NaNs are one, arrays are compared by content, dictionaries are themselves', () => {
    const pair = (key: string, value: string): string => `${key}02000000${value}000000`;
    const keys = (...texts: string[]): string[] => {
      const wire = texts.map((text, index) => pair(text, `0${index}`)).join('');
      const decoded = bytesToVar(bytes(`120000000${texts.length}000000${wire}`), GODOT_3);
      if (!(decoded instanceof Dictionary)) throw new Error('no Dictionary');
      // What is encoded again has the pairs that are left.
      const again = bytesToVar(varToBytes(decoded, GODOT_3), GODOT_3);
      expect(again).toEqual(decoded);
      return [...decoded.values()].map(String);
    };
    const nan = '030000000000c07f';
    expect(keys('0200000001000000', '030000000000803f')).toEqual(['0', '1']);
    expect(keys('0300000000000080', '0300000000000000')).toEqual(['1']);
    expect(keys(nan, nan)).toEqual(['1']);
    expect(keys('1300000000000000', '1300000000000000')).toEqual(['1']);
    expect(keys(`1300000001000000${nan}`, `1300000001000000${nan}`)).toEqual(['1']);
    expect(keys('1200000000000000', '1200000000000000')).toEqual(['0', '1']);
    const nested = '13000000010000001200000000000000';
    expect(keys(nested, nested)).toEqual(['0', '1']);
  });
});

describe('UTF-8 as Godot 3.2.3 reads it', () => {
  const read = (text: string): unknown => {
    const size = text.length / 2;
    const padding = '00'.repeat(-size & 3);
    return bytesToVar(bytes(`04000000${size.toString(16).padStart(2, '0')}000000${text}${padding}`), GODOT_3);
  };

  test.each([
    ['a pair of surrogates is one character', 'eda0bdedb880', '😀'],
    ['a surrogate alone', 'eda080', '\ufffd'],
    ['a low one before a high one', 'edb880eda0bd', '\ufffd\ufffd'],
    ['beyond Unicode', 'f4908080', '\ufffd'],
    ['five bytes', 'f888808080', '\ufffd'],
    ['six bytes', 'fdbfbfbfbfbf', '\ufffd'],
    ['overlong, and taken', 'e080bf', '?'],
    ['overlong, and taken', 'e09fbf', '\u07ff'],
    ['overlong, and taken', 'f0818080', '\u1000'],
    ['a BOM is skipped', 'efbbbf61eda080', 'a\ufffd'],
    ['a NUL ends it', 'eda08000ff', '\ufffd'],
    ['well-formed', 'c3a9e282acf09f9880', 'é€😀'],
  ])('%s: %s', (_name, text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    '80',
    'ff',
    'c080',
    'c1bf',
    'e08080',
    'e0808f',
    'f0808180',
    'f880808880',
    'fc8080838080',
    'c2',
    'e28200',
    '41800042',
  ])('%s is refused', (text) => {
    expect(() => read(text)).toThrow('ERR_VARIANT_UTF8');
  });

  test('what only Godot 3 takes stays refused for Godot 4', () => {
    const data = bytes('04000000 03000000 eda08000');
    expect(bytesToVar(data, GODOT_3)).toBe('\ufffd');
    expect(() => bytesToVar(data)).toThrow('ERR_VARIANT_UTF8');
    expect(bytesToVar(data, GODOT_3)).toBe('\ufffd');
  });
});

test('random bytes: nothing but a DecodeError, and what is read can be written', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 27 }), fc.constant(0x80000000), fc.nat(0xffffffff)), {
        maxLength: 24,
      }),
      (words) => {
        const data = new Uint8Array(Uint32Array.from(words).buffer);
        let value: VariantInput;
        try {
          value = bytesToVar(data, { ...EXACT, allowObjects: true });
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        const again = varToBytes(value, OBJECTS);
        expect(hex(varToBytes(bytesToVar(again, { ...EXACT, allowObjects: true }), OBJECTS))).toBe(
          hex(again),
        );
      },
    ),
    fcParameters(2000),
  );
});
