import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  DEFAULT_CODEC_LIMITS,
  DecodeError,
  type Dialect,
  Dictionary,
  decodeVariant,
  EncodedObjectAsID,
  EncodeError,
  encodedSize,
  encodeVariantInto,
  Float,
  float,
  GodotObject,
  PackedVector2Array,
  PackedVector4Array,
  Quaternion,
  StringName,
  TypedArray,
  type VariantInput,
  VariantType,
  type VariantTypeId,
  type VariantValue,
  Vector2,
  Vector4,
  varToBytes,
} from '../../../codec/index.ts';
import { MATH_TYPES } from '../../../codec/values/mathTypes.ts';
import { TYPE_SINCE } from '../../../codec/values/variantTypes.ts';
import { bytes, hex } from '../../support/hex.ts';

describe('numbers, section 6', () => {
  test.each<[string, VariantInput, string]>([
    ['7 is an int', 7, '0200000007000000'],
    ['2**53 is a float', 2 ** 53, '030000000000005a'],
    ['2**53 - 1 is a long int', 2 ** 53 - 1, '02000100ffffffffffff1f00'],
    ['-(2**53 - 1) is a long int', -(2 ** 53 - 1), '02000100010000000000e0ff'],
    ['-0 is a float', -0, '0300000000000080'],
    ['float(7) is a float', float(7), '030000000000e040'],
    ['undefined is null', undefined, '00000000'],
  ])('%s', (_name, value, expected) => {
    expect(hex(varToBytes(value))).toBe(expected);
  });

  test('convenient: safe ints are numbers, others bigints; floats are numbers', () => {
    const data = varToBytes([1, 2n ** 53n, -(2n ** 63n), 2 ** 53 - 1, 1.5, float(2)]);
    expect(bytesToVar(data)).toEqual([1, 2n ** 53n, -(2n ** 63n), 2 ** 53 - 1, 1.5, 2]);
  });

  test('exact: ints are bigints, floats are Floats, NaN bits stay', () => {
    expect(bytesToVar(varToBytes([1, float(1)]), { exact: true })).toEqual([1n, new Float(1)]);
    for (const wire of ['03000100010000000000f8ff', '03000100efbeadde0000f47f', '03000100000000000000f8ff']) {
      expect(hex(varToBytes(bytesToVar(bytes(wire), { exact: true })))).toBe(wire);
    }
    expect(hex(varToBytes(bytesToVar(bytes('03000100010000000000f8ff'))))).toBe('03000100000000000000f87f');
  });

  test('NaN bits of components stay', () => {
    for (const wire of ['05000000010090ff0000c07f', '14000000000000000100807fffffffff0000803f']) {
      expect(hex(varToBytes(bytesToVar(bytes(wire), { exact: true })))).toBe(wire);
    }
    const double = '05000100010000000000f8ff000000000000f03f';
    expect(hex(varToBytes(bytesToVar(bytes(double)), { real: 'double' }))).toBe(double);
    expect(hex(varToBytes(bytesToVar(bytes(double))))).toBe('050000000000c0ff0000803f');
    expect(hex(varToBytes(new Vector2(Number.NaN, 1)))).toBe('050000000000c07f0000803f');
    const packed = '23000000010000000100a07f0000803f';
    expect(hex(varToBytes(bytesToVar(bytes(packed))))).toBe(packed);
    expect(hex(varToBytes(bytesToVar(bytes(packed)), { real: 'double' }))).toBe(
      '230001000100000000000020' + '0000fc7f000000000000f03f',
    );
    expect(hex(varToBytes(new PackedVector2Array(Float64Array.of(Number.NaN, 0.1))))).toBe(
      '23000000010000000000c07fcdcccc3d',
    );
  });
});

describe('double precision', () => {
  test('components keep all their bits', () => {
    const value = new Quaternion(0.1, 0.2, 0.3, 0.4);
    expect(bytesToVar(varToBytes(value, { real: 'double' }))).toEqual(value);
    expect(bytesToVar(varToBytes(value))).not.toEqual(value);
    expect((bytesToVar(varToBytes(value)) as Quaternion).isEqualApprox(value)).toBe(true);
    const packed = new PackedVector2Array([new Vector2(0.1, 0.2)]);
    expect(bytesToVar(varToBytes(packed, { real: 'double' }))).toEqual(packed);
  });
});

describe('dialects, section 7.1', () => {
  const ints = new TypedArray(VariantType.INT, [1]);
  const dictionary = new Dictionary([['a', 1]], { keyType: VariantType.STRING });

  test.each<Dialect>(['4.0', '4.1', '4.2'])(
    '%s: nothing is typed, PackedVector4Array is refused',
    (dialect) => {
      expect(hex(varToBytes(ints, { dialect }))).toBe(hex(varToBytes([1])));
      expect(hex(varToBytes(dictionary, { dialect }))).toBe(hex(varToBytes({ a: 1 })));
      expect(() => varToBytes({ p: new PackedVector4Array() }, { dialect })).toThrow(
        expect.objectContaining({ code: 'ERR_ENCODE_DIALECT', path: '$.p' }),
      );
      // Header bits that the version does not know are ignored.
      expect(bytesToVar(bytes('1c000100 00000000'), { dialect })).toEqual([]);
    },
  );

  test('4.3: arrays are typed, dictionaries are not', () => {
    expect(hex(varToBytes(ints, { dialect: '4.3' }))).toBe(hex(varToBytes(ints)));
    expect(hex(varToBytes(dictionary, { dialect: '4.3' }))).toBe(hex(varToBytes({ a: 1 })));
    expect(varToBytes(new PackedVector4Array([new Vector4()]), { dialect: '4.3' })).toHaveLength(24);
  });

  test.each<Dialect>(['4.4', '4.5', '4.6'])('%s: all is typed', (dialect) => {
    expect(hex(varToBytes(dictionary, { dialect }))).toBe(
      '1b00010004000000010000000400000001000000610000000200000001000000',
    );
  });
});

/** As if a later version had brought the type. */
function pretend(id: number, minor: number, run: () => void): void {
  const since = TYPE_SINCE[id] as number;
  TYPE_SINCE[id] = minor;
  try {
    run();
  } finally {
    TYPE_SINCE[id] = since;
  }
}

describe('a type that is newer than the dialect', () => {
  const made: readonly [string, number, VariantInput][] = [
    ...[...MATH_TYPES.values()].map(({ name, id, empty }): [string, number, VariantInput] => [
      name,
      id,
      empty(),
    ]),
    ['PackedInt32Array', VariantType.PACKED_INT32_ARRAY, new Int32Array(1)],
    ['PackedVector4Array', VariantType.PACKED_VECTOR4_ARRAY, new PackedVector4Array()],
  ];

  test.each(made)('%s, as a value and as an element type, is refused both ways', (name, id, value) => {
    const values = [value, new TypedArray(id as VariantTypeId, [value])];
    const wires = values.map((each) => varToBytes(each));
    const [old, current]: [Dialect, Dialect] = ['4.4', '4.5'];
    pretend(id, 5, () => {
      for (const each of values) {
        expect(() => varToBytes(each, { dialect: old })).toThrow(`Godot 4.4 has no ${name} (since 4.5)`);
      }
      expect(values.map((each) => varToBytes(each, { dialect: current }))).toEqual(wires);
      const codes = wires.map((wire) => {
        expect(varToBytes(bytesToVar(wire, { dialect: current }) as VariantInput)).toEqual(wire);
        return codeOf(() => bytesToVar(wire, { dialect: old }));
      });
      expect(codes).toEqual(['ERR_VARIANT_TYPE', 'ERR_VARIANT_CONTAINER_TYPE']);
    });
  });

  test('4.3 has what 4.3 brought', () => {
    expect([...TYPE_SINCE].flatMap((minor, id) => (minor >= 0 && minor < 127 ? [[id, minor]] : []))).toEqual([
      [VariantType.PACKED_VECTOR4_ARRAY, 3],
    ]);
  });
});

function codeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('typed containers, section 3.4', () => {
  const floats = '1c000100 03000000 03000000 02000000 01000000 03000000 00000040 04000000 01000000 61000000';

  test('strict: converted or dropped', () => {
    const decoded = bytesToVar(bytes(floats), { exact: true }) as TypedArray<VariantValue>;
    expect([...decoded]).toEqual([new Float(1), new Float(2)]);
    expect(decoded.elementType.type).toBe(VariantType.FLOAT);
    expect(hex(varToBytes(bytesToVar(bytes(floats))))).toBe(hex(varToBytes(decoded)));
  });

  test.each([true, false])('not strict (exact %s): all is kept as sent', (exact) => {
    const decoded = bytesToVar(bytes(floats), { strictTypedContainers: false, exact });
    expect(hex(varToBytes(decoded, { strictTypedContainers: false }))).toBe(floats.replaceAll(' ', ''));
  });

  test('an int too long for a double is rounded to the nearest one', () => {
    // 2^54 + 2^30 + 1
    const wire = bytes('1c000100 03000000 01000000 02000100 01000040 00004000');
    expect([...(bytesToVar(wire) as TypedArray)]).toEqual([2 ** 54 + 2 ** 30]);
  });

  test('values of a typed dictionary are not checked, and a stray int stays an int', () => {
    const wire = '1b000400 03000000 01000000 04000000 01000000 61000000 02000000 05000000';
    for (const exact of [true, false]) {
      const value = bytesToVar(bytes(wire), { exact });
      expect(hex(varToBytes(value, { strictTypedContainers: false }))).toBe(wire.replaceAll(' ', ''));
    }
  });

  test('classes: ids only, unless objects are allowed or nothing is interpreted', () => {
    const wire = varToBytes(new TypedArray('Node', [null, new EncodedObjectAsID(5)]), { fullObjects: true });
    const typeOf = (value: unknown): string => String((value as TypedArray).elementType);
    expect(typeOf(bytesToVar(wire))).toBe('EncodedObjectAsID');
    expect(bytesToVar(wire)).toHaveLength(2);
    expect(typeOf(bytesToVar(wire, { allowObjects: true }))).toBe('Node');
    expect(bytesToVar(wire, { allowObjects: true })).toHaveLength(1);
    expect(typeOf(bytesToVar(wire, { strictTypedContainers: false }))).toBe('Node');
    expect(bytesToVar(wire, { strictTypedContainers: false })).toHaveLength(2);
  });

  test('scripts must be res:// paths when objects are allowed', () => {
    const wire = bytes('1c000300 04000000 666f6f00 00000000');
    expect(() => bytesToVar(wire, { allowObjects: true })).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_SCRIPT_PATH' }),
    );
    expect(String((bytesToVar(wire) as TypedArray).elementType)).toBe('EncodedObjectAsID');
  });
});

describe('full objects, section 2.5', () => {
  const node = new GodotObject('Node', [
    ['name', new StringName('A')],
    ['child', new GodotObject('Resource')],
    ['script', 'res://a.gd'],
  ]);

  test('on request, both ways', () => {
    const data = varToBytes({ node }, { fullObjects: true });
    const decoded = bytesToVar(data, { allowObjects: true }) as Dictionary;
    expect(decoded.get('node')).toEqual(node);
    expect((decoded.get('node') as GodotObject).get('script')).toBe('res://a.gd');
    expect(() => bytesToVar(data)).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_OBJECT', godotError: 4, type: 'OBJECT' }),
    );
    expect(() => varToBytes({ node })).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_OBJECT', path: '$.node' }),
    );
  });

  test('a script that is no res:// path is refused on both sides', () => {
    const bad = new GodotObject('Node', [['script', 'user://a.gd']]);
    expect(() => varToBytes(bad, { fullObjects: true })).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_SCRIPT_PATH', godotError: 2, path: '$.script' }),
    );
    const old = varToBytes(bad, { fullObjects: true, dialect: '4.2' });
    expect(() => bytesToVar(old, { allowObjects: true })).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_SCRIPT_PATH' }),
    );
    expect(bytesToVar(old, { allowObjects: true, dialect: '4.2' })).toEqual(bad);
  });

  test('a negative property count is none', () => {
    expect(bytesToVar(bytes('18000000 04000000 4e6f6465 ffffffff'), { allowObjects: true })).toEqual(
      new GodotObject('Node'),
    );
  });
});

describe('limits', () => {
  test('the defaults', () => {
    expect(DEFAULT_CODEC_LIMITS).toEqual({ maxDepth: 1024, maxElements: 1_000_000, maxBytes: 67_108_864 });
  });

  test('1024 arrays around a scalar pass, 1025 do not, both ways', () => {
    const wire = (depth: number): Uint8Array => bytes(`${'1c00000001000000'.repeat(depth)}0200000001000000`);
    const decoded = bytesToVar(wire(1024));
    expect(hex(varToBytes(decoded))).toBe(hex(wire(1024)));
    expect(() => bytesToVar(wire(1025))).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_DEPTH', godotError: 6 }),
    );
    expect(() => varToBytes([decoded])).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_DEPTH', godotError: 6 }),
    );
    expect(() => bytesToVar(wire(3), { maxDepth: 2 })).toThrow(DecodeError);
    expect(() => varToBytes([[[1]]], { maxDepth: 2 })).toThrow(EncodeError);
    expect(varToBytes([[1]], { maxDepth: 2 })).toHaveLength(24);
  });

  test.each(['array key', 'dictionary', 'object'])('depth through %s', (kind) => {
    let value: VariantInput = 1;
    for (let depth = 0; depth < 1024; depth++) {
      if (kind === 'object') value = new GodotObject('A', [['p', value]]);
      else value = kind === 'dictionary' ? { a: value } : new Dictionary([[value, 1]]);
    }
    const data = varToBytes(value, { fullObjects: true });
    expect(hex(varToBytes(bytesToVar(data, { allowObjects: true }), { fullObjects: true }))).toBe(hex(data));
    expect(() => varToBytes([value], { fullObjects: true })).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_DEPTH' }),
    );
  });

  test('a million deep is refused, not crashed on', () => {
    expect(() => bytesToVar(bytes('1c00000001000000'.repeat(100_000)))).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_DEPTH' }),
    );
    const self: unknown[] = [];
    self.push(self);
    expect(() => varToBytes(self as VariantInput)).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_DEPTH' }),
    );
    const loop: Record<string, unknown> = {};
    loop['me'] = loop;
    expect(() => encodedSize(loop as VariantInput)).toThrow(/\$\.me\.me/);
  });

  test('counts that the bytes cannot hold cost nothing', () => {
    for (const type of ['1b', '1c', '1d', '1e', '1f', '20', '21', '22', '23', '24', '25', '26']) {
      expect(() => bytesToVar(bytes(`${type}000000 ffffff7f 00000000`))).toThrow(DecodeError);
    }
    expect(() => bytesToVar(bytes('16000000 ffffffff 00000000 00000000'))).toThrow(DecodeError);
    expect(() => bytesToVar(bytes('18000000 01000000 41000000 ffffff7f'), { allowObjects: true })).toThrow(
      DecodeError,
    );
  });

  test('elements and bytes', () => {
    const options = { maxElements: 3 };
    expect(bytesToVar(varToBytes([1, 2, 3]), options)).toEqual([1, 2, 3]);
    expect(() => bytesToVar(varToBytes([1, [2, 3]]), options)).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_ELEMENT_LIMIT', godotError: 6 }),
    );
    expect(() => bytesToVar(varToBytes({ a: 1, b: 2 }), options)).toThrow(DecodeError);
    expect(() => bytesToVar(new Uint8Array(9), { maxBytes: 8 })).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_BYTE_LIMIT' }),
    );
    const long = 'a'.repeat(50_000);
    expect(varToBytes(long, { maxBytes: 50_008 })).toHaveLength(50_008);
    for (const value of [long, new Uint8Array(50_000), new Array(7_000).fill(1), { k: [long] }]) {
      expect(() => varToBytes(value, { maxBytes: 40_000 })).toThrow(
        expect.objectContaining({ code: 'ERR_ENCODE_BYTE_LIMIT', godotError: 6 }),
      );
    }
  });

  test('large messages pass whole', () => {
    const value = Array.from({ length: 100_000 }, (_, index) => `é${index}`);
    const data = varToBytes(value);
    expect(data.byteLength).toBe(data.buffer.byteLength);
    expect(bytesToVar(data)).toEqual(value);
    expect(bytesToVar(varToBytes('ü'.repeat(200_000)))).toBe('ü'.repeat(200_000));
    expect(bytesToVar(varToBytes(7))).toBe(7);
  });
});

describe('what is refused', () => {
  class Stranger {
    readonly x = 1;
  }

  test.each<[string, unknown, string, string]>([
    ['a function', { items: [1, 2, 3, () => 1] }, '$.items[3]', 'ERR_ENCODE_UNSUPPORTED'],
    ['a symbol', [Symbol('s')], '$[0]', 'ERR_ENCODE_UNSUPPORTED'],
    ['a class instance', { 'a b': new Stranger() }, '$["a b"]', 'ERR_ENCODE_UNSUPPORTED'],
    ['a Date', new Date(0), '$', 'ERR_ENCODE_UNSUPPORTED'],
    ['a Set', new Set([1]), '$', 'ERR_ENCODE_UNSUPPORTED'],
    ['an Error', [[new Error('x')]], '$[0][0]', 'ERR_ENCODE_UNSUPPORTED'],
    ['a boxed number', Object(1), '$', 'ERR_ENCODE_UNSUPPORTED'],
    ['an ArrayBuffer', new ArrayBuffer(1), '$', 'ERR_ENCODE_UNSUPPORTED'],
    ['a DataView', new DataView(new ArrayBuffer(1)), '$', 'ERR_ENCODE_UNSUPPORTED'],
    ['an Int8Array', new Int8Array(1), '$', 'ERR_ENCODE_UNSUPPORTED'],
    ['a Uint16Array', new Uint16Array(1), '$', 'ERR_ENCODE_UNSUPPORTED'],
    ['an Array subclass', new (class Own extends Array {})(), '$', 'ERR_ENCODE_UNSUPPORTED'],
    ['a Promise', Promise.resolve(1), '$', 'ERR_ENCODE_UNSUPPORTED'],
    [
      'a key without a form',
      new Map<unknown, unknown>([
        [1, 1],
        [Symbol.iterator, 1],
      ]),
      '$[Symbol(Symbol.iterator)]',
      'ERR_ENCODE_UNSUPPORTED',
    ],
    ['a long bigint', { n: 2n ** 63n }, '$.n', 'ERR_ENCODE_INT_RANGE'],
    ['a U+0000', ['a\0b'], '$[0]', 'ERR_ENCODE_NUL'],
    ['a U+0000 in a key', { 'a\0': 1 }, '$["a\\u0000"]', 'ERR_ENCODE_NUL'],
    ['a U+0000 in a long text', `${'a'.repeat(99)}\0`, '$', 'ERR_ENCODE_NUL'],
  ])('%s', (_name, value, path, code) => {
    for (const run of [varToBytes, encodedSize]) {
      expect(() => run(value as VariantInput)).toThrow(
        expect.objectContaining({ name: 'EncodeError', code, path }),
      );
    }
    expect(() => encodeVariantInto(value as VariantInput, new Uint8Array(999), 0)).toThrow(EncodeError);
    // The encoder still works afterwards.
    expect(hex(varToBytes(1))).toBe('0200000001000000');
  });

  test('accepted: null prototypes, Buffers, objects from elsewhere, lone surrogates', () => {
    expect(hex(varToBytes(Object.assign(Object.create(null), { a: 1 })))).toBe(hex(varToBytes({ a: 1 })));
    expect(hex(varToBytes(Buffer.from([1, 2, 3])))).toBe('1d0000000300000001020300');
    expect(bytesToVar(varToBytes('a\ud800b'))).toBe('a\ufffdb');
    expect(hex(varToBytes({ a: undefined }))).toBe(hex(varToBytes({ a: null })));
  });

  test('a polluted Object.prototype adds nothing', () => {
    const expected = hex(varToBytes({ a: 1 }));
    Object.defineProperty(Object.prototype, 'polluted', {
      value: 1,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    let data: Uint8Array;
    try {
      data = varToBytes({ a: 1 });
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted');
    }
    expect(hex(data)).toBe(expected);
  });

  test('getters may encode meanwhile, and their errors come through', () => {
    const value = {
      before: 'x',
      get inner() {
        return varToBytes({ deep: [1, 2, 3], text: 'y'.repeat(3000) });
      },
      after: 'z',
    };
    const decoded = bytesToVar(varToBytes(value)) as Dictionary;
    expect([...decoded.keys()]).toEqual(['before', 'inner', 'after']);
    expect(bytesToVar(decoded.get('inner') as Uint8Array)).toEqual(
      new Dictionary<string, VariantValue>([
        ['deep', [1, 2, 3]],
        ['text', 'y'.repeat(3000)],
      ]),
    );
    const broken = {
      get a(): number {
        throw new SyntaxError('mine');
      },
    };
    expect(() => varToBytes(broken)).toThrow(SyntaxError);
    expect(hex(varToBytes(true))).toBe('0100000001000000');
  });

  test('an array that shrinks while it is written gives nulls, not a broken message', () => {
    const list: unknown[] = [];
    const shrinker = {
      get now() {
        list.length = 1;
        return 1;
      },
    };
    list.push(shrinker, 2, 3);
    expect(bytesToVar(varToBytes(list as VariantInput))).toEqual([new Dictionary([['now', 1]]), null, null]);
  });
});

describe('encodeVariantInto', () => {
  test('what does not fit throws and writes nothing', () => {
    const target = new Uint8Array(10).fill(0xaa);
    expect(() => encodeVariantInto([1], target, 0)).toThrow(RangeError);
    expect(() => encodeVariantInto(1, target, 3)).toThrow(/8 bytes does not fit at offset 3 of 10/);
    expect(target.every((byte) => byte === 0xaa)).toBe(true);
    expect(encodeVariantInto(1, target, 2)).toBe(8);
    for (const offset of [-1, 11, 0.5, Number.NaN])
      expect(() => encodeVariantInto(1, target, offset)).toThrow(RangeError);
  });

  test('it writes what varToBytes gives, of every length, and nothing beside it', () => {
    for (let length = 0; length <= 80; length++) {
      const text = 'a'.repeat(length);
      const target = new Uint8Array(100).fill(0xaa);
      const end = 3 + encodeVariantInto(text, target, 3);
      expect(hex(target.subarray(3, end))).toBe(hex(varToBytes(text)));
      expect([...target.subarray(0, 3), ...target.subarray(end)].every((byte) => byte === 0xaa)).toBe(true);
    }
  });

  test('a subarray of larger memory is honoured', () => {
    const whole = new Uint8Array(32).fill(0xaa);
    encodeVariantInto(1, whole.subarray(5, 14), 1);
    expect(hex(whole)).toBe(`${'aa'.repeat(6)}0200000001000000${'aa'.repeat(18)}`);
  });
});

describe('arguments', () => {
  test('bad ones are named', () => {
    expect(() => bytesToVar('00' as never)).toThrow(TypeError);
    expect(() => bytesToVar(new ArrayBuffer(4) as never)).toThrow(/"bytes" expected a Uint8Array/);
    expect(() => varToBytes(1, { dialect: '5.0' as never })).toThrow(/"dialect"/);
    expect(() => varToBytes(1, { real: 'half' as never })).toThrow(/"real"/);
    expect(() => varToBytes(1, { maxDepth: 1025 })).toThrow(
      /"maxDepth" expected an integer 0..1024, got 1025/,
    );
    expect(() => bytesToVar(new Uint8Array(4), { maxElements: -1 })).toThrow(RangeError);
    expect(() => bytesToVar(new Uint8Array(4), { exact: 1 as never })).toThrow(TypeError);
    expect(() => encodeVariantInto(1, [] as never, 0)).toThrow(TypeError);
  });

  test('a view into larger memory is read from its own start, at any alignment', () => {
    const data = varToBytes({ a: [1.5, 'text'] });
    const whole = new Uint8Array(data.length + 7);
    whole.set(data, 3);
    const part = whole.subarray(3, 3 + data.length);
    expect(decodeVariant(part)).toEqual({ value: bytesToVar(data), size: data.length });
    expect(bytesToVar(Buffer.from(data))).toEqual(bytesToVar(data));
  });

  test('an error tells where, what, and how much', () => {
    expect(() => bytesToVar(bytes('1c000000 01000000 09000000 0000803f'))).toThrow(
      expect.objectContaining({
        code: 'ERR_VARIANT_TRUNCATED',
        offset: 12,
        type: 'VECTOR3',
        need: 12,
        have: 4,
        godotError: 30,
      }),
    );
  });

  test('repeated short texts come back right, whatever is in their padding', () => {
    const plain = bytes('04000000 01000000 61000000');
    const dirty = bytes('04000000 01000000 61ffff00');
    for (let round = 0; round < 3; round++) {
      expect(bytesToVar(plain)).toBe('a');
      expect(bytesToVar(dirty)).toBe('a');
    }
    for (let index = 0; index < 5000; index++)
      expect(bytesToVar(varToBytes(`name ${index}`))).toBe(`name ${index}`);
  });
});
