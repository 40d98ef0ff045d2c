import { describe, expect, test } from 'vitest';
import {
  AABB,
  Basis,
  bytesToVar,
  Color,
  ContainerType,
  DecodeError,
  Dictionary,
  decodeVariant,
  ENetPacketUtils,
  EncodedObjectAsID,
  EncodeError,
  encodedSize,
  encodeGodot3Payload,
  encodeVariantInto,
  Float,
  float,
  fromNative,
  Godot3Command,
  GodotObject,
  NodePath,
  PackedColorArray,
  PackedVector2Array,
  Plane,
  parseDecimal,
  parseJson,
  Rect2,
  Rect2i,
  Signal,
  StringName,
  stringifyJson,
  strToVar,
  Transform2D,
  TypedArray,
  toNative,
  type VariantInput,
  VariantType,
  type VariantValue,
  Vector2,
  valueToStr,
  varToBytes,
} from '../../../codec/index.ts';
import { encodeNode, NodeSyncFlags, SceneMirror } from '../../../schema/index.ts';
import { bytes, hex } from '../../support/hex.ts';

/** `count` arrays around what follows. */
const arrays = (count: number, rest = '00000000'): string => '1c00000001000000'.repeat(count) + rest;

/** Runs something with ever more stack left, from room for a few calls on; gives the codes (or texts) of what it threw. */
function withLittleStack(run: () => unknown): Set<string> {
  const seen = new Set<string>();
  let level = 0;
  const descend = (): void => {
    try {
      descend();
    } catch {
      // The bottom. Nothing can be called there; the tries are on the way up.
    }
    level++;
    if (level < 1000 || level > 2500 || level % 16 !== 0) return;
    try {
      run();
      seen.add('fine');
    } catch (error) {
      seen.add(error instanceof DecodeError || error instanceof EncodeError ? error.code : String(error));
    }
  };
  descend();
  // Further up there is room for everything.
  seen.delete('fine');
  return seen;
}

describe('near the end of the call stack', () => {
  const wire = bytes(arrays(1024));
  const value = bytesToVar(wire) as VariantInput;
  const key = bytes(`1b00000001000000${arrays(1000)}00000000`);

  test.each<[string, () => unknown, string]>([
    ['decoding', () => bytesToVar(wire), 'ERR_VARIANT_DEPTH'],
    ['decoding of keys', () => bytesToVar(key), 'ERR_VARIANT_DEPTH'],
    ['encoding', () => varToBytes(value), 'ERR_ENCODE_DEPTH'],
    ['measuring', () => encodedSize(value), 'ERR_ENCODE_DEPTH'],
    ['str()', () => valueToStr(value), 'ERR_ENCODE_DEPTH'],
    ['writing JSON', () => stringifyJson(value), 'ERR_ENCODE_DEPTH'],
    ['writing native notation', () => fromNative(value), 'ERR_ENCODE_DEPTH'],
    ['reading native notation', () => toNative(value), 'ERR_ENCODE_DEPTH'],
  ])('%s ends in an error of the codec', (_name, run, code) => {
    expect([...withLittleStack(run)]).toEqual([code]);
    // With room for it all is well again.
    expect(run).not.toThrow();
  });

  test('packets give null and no bytes', () => {
    const packet = Uint8Array.of(1, ...wire);
    expect([...withLittleStack(() => ENetPacketUtils.decodeAuto(packet))]).toEqual([]);
    expect([...withLittleStack(() => ENetPacketUtils.encodeAuto(value))]).toEqual([]);
    expect(ENetPacketUtils.decodeAuto(packet)).toEqual(value);
    expect(ENetPacketUtils.encodeAuto(value)).toHaveLength(packet.length);
  });

  test('an error of a getter that is a RangeError too comes through', () => {
    const broken = {
      get a(): number {
        throw new RangeError('mine');
      },
    };
    expect(() => varToBytes(broken)).toThrow(/^mine$/);
  });
});

describe('results that are transferred', () => {
  const transfer = (data: Uint8Array): void => {
    if (data.buffer instanceof ArrayBuffer) structuredClone(data, { transfer: [data.buffer] });
    expect(data).toHaveLength(0);
  };

  test.each([10, 100, 2000, 30_000])('a result of %d bytes can go, the codec works on', (size) => {
    const value = { text: 'x'.repeat(size) };
    const expected = hex(varToBytes(value));
    transfer(varToBytes(value));
    expect(hex(varToBytes(value))).toBe(expected);
    expect(encodedSize(value)).toBe(expected.length / 2);
    transfer(varToBytes(value));
    expect(hex(ENetPacketUtils.encodeAuto(value))).toBe(`01${expected}`);
    transfer(ENetPacketUtils.encodeAuto(value));
    expect(hex(ENetPacketUtils.encodeAuto(value))).toBe(`01${expected}`);
    transfer(ENetPacketUtils.encodeString('hello'));
    expect(ENetPacketUtils.decodeString(ENetPacketUtils.encodeString('hello'))).toBe('hello');
  });

  test.each([0, 1, 50, 500, 5000, 50_000, 2_000_000])(
    'a result of about %d bytes shares memory with nothing',
    (size) => {
      const text = 'x'.repeat(size);
      const results = {
        varToBytes: varToBytes({ text }),
        encodeVariant: ENetPacketUtils.encodeVariant({ text }),
        encodeDictionary: ENetPacketUtils.encodeDictionary({ text }),
        encodeJson: ENetPacketUtils.encodeJson(text),
        encodeString: ENetPacketUtils.encodeString(text),
        encodeAuto: ENetPacketUtils.encodeAuto({ text }),
        raw: ENetPacketUtils.encodeAuto(new Uint8Array(size)),
        source: ENetPacketUtils.encodeAuto({ _toPacket: () => new Uint8Array(size + 1).subarray(1) }),
        encodeNode: encodeNode(new SceneMirror().root, NodeSyncFlags.SYNC_PROPERTIES),
        rawBack: ENetPacketUtils.decodeAuto(ENetPacketUtils.encodeAuto(new Uint8Array(size))),
        packed: bytesToVar(varToBytes(new Uint8Array(size))),
        godot3: encodeGodot3Payload({ command: Godot3Command.RAW, bytes: new Uint8Array(size) }),
      };
      for (const [name, bytes] of Object.entries(results)) {
        if (!(bytes instanceof Uint8Array)) throw new Error(`${name} gave no bytes`);
        expect([name, bytes.buffer.byteLength]).toEqual([name, bytes.length]);
      }
    },
  );

  test('results never change afterwards, and do not overlap', () => {
    const results = Array.from({ length: 3000 }, (_, index) => varToBytes([index, 'x'.repeat(index % 90)]));
    results.forEach((data, index) => {
      expect(bytesToVar(data)).toEqual([index, 'x'.repeat(index % 90)]);
      data.fill(0xee);
    });
  });
});

describe('number keys that were chosen to collide', () => {
  const MASK = (1n << 64n) - 1n;
  /** The inverse of an odd factor modulo 2^64, by Newton's iteration. */
  const inverse = (factor: bigint): bigint => {
    let x = 1n;
    for (let round = 0; round < 7; round++) x = (x * (2n - factor * x)) & MASK;
    return x;
  };
  const unshift = (hash: bigint, bits: bigint): bigint => {
    let x = hash;
    for (let round = 0; round < 64; round++) x = hash ^ (x >> bits);
    return x;
  };
  /** The 64 bits that V8 hashes to a given value. */
  const craft = (hash: bigint): bigint => {
    let x = (unshift(hash, 22n) * inverse(65n)) & MASK;
    x = (unshift(x, 11n) * inverse(21n)) & MASK;
    return ((unshift(x, 31n) + 1n) * inverse((1n << 18n) - 1n)) & MASK;
  };
  const crafted = (count: number, accept: (bits: bigint) => boolean): bigint[] => {
    const list: bigint[] = [];
    for (let high = 1n; list.length < count; high++) {
      const bits = craft((high << 30n) | 5n);
      if (accept(bits)) list.push(bits);
    }
    return list;
  };
  const asDouble = (bits: bigint): number => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  };
  const hash32 = (key: number): number => {
    let x = (~key + (key << 15)) | 0;
    x ^= x >>> 12;
    x = (x + (x << 2)) | 0;
    x ^= x >>> 4;
    x = Math.imul(x, 2057);
    return x ^ (x >>> 16);
  };
  const ints: number[] = [];
  for (let key = 0; ints.length < 2000; key++) if ((hash32(key) & 0x3ff) === 7) ints.push(key);

  const message = (keys: readonly (number | bigint)[]): Uint8Array =>
    varToBytes(new Map(keys.map((key) => [key, null])));
  const flood = expect.objectContaining({ code: 'ERR_VARIANT_KEY_FLOOD', godotError: 6, type: 'DICTIONARY' });

  test.each<[string, () => readonly (number | bigint)[]]>([
    ['ints', () => ints],
    [
      'floats',
      () =>
        crafted(2000, (bits) => Number.isFinite(asDouble(bits)) && !Number.isInteger(asDouble(bits))).map(
          asDouble,
        ),
    ],
    ['long ints', () => crafted(2000, (bits) => bits > 1n << 54n && bits < 1n << 63n)],
  ])('%s are refused', (_name, keys) => {
    const data = message(keys());
    expect(() => bytesToVar(data)).toThrow(flood);
    expect(() => bytesToVar(varToBytes([{ inner: bytesToVar(message([1])) }, 1]))).not.toThrow();
  });

  test('they are refused in native notation too', () => {
    const issues: string[] = [];
    const json = { type: 'Dictionary', args: ints.flatMap((key) => [`i:${key}`, null]) };
    expect(toNative([json], false, { onError: ({ message }) => issues.push(message) })).toEqual([null]);
    expect(issues).toEqual(['number keys that were chosen to collide']);
    expect(toNative({ ...json, args: json.args.slice(0, 400) })).toHaveProperty('size', 200);
  });

  test('str_to_var refuses them too', () => {
    const text = (keys: readonly number[]): string => `{${keys.map((key) => `${key}: 0`).join(',')}}`;
    expect(() => strToVar(text(ints))).toThrow(
      expect.objectContaining({ code: 'ERR_TEXT_KEY_FLOOD', godotError: 6, line: 1 }),
    );
    expect(strToVar(text(ints.slice(0, 256)))).toHaveProperty('size', 256);
  });

  test('a few of them are no harm, nor are many of the same', () => {
    expect(bytesToVar(message(ints.slice(0, 256)))).toHaveProperty('size', 256);
    const pair = '020000000500000000000000';
    const same = bytes(`1b000000${'10270000'}${pair.repeat(10_000)}`);
    expect(bytesToVar(same)).toHaveProperty('size', 1);
  });

  test.each<[string, (index: number) => number | bigint]>([
    ['in a row', (index) => index],
    ['powers of two apart', (index) => (index * 4096) | 0],
    ['tile coordinates', (index) => (Math.floor(index / 128) << 16) | (index % 128)],
    ['times in ms', (index) => 1_700_000_000_000 + index * 16],
    ['halves', (index) => index + 0.5],
    ['tenths', (index) => (index * 10 + 1) / 100 + 0.001],
    ['instance ids', (index) => -(2n ** 63n) + (BigInt(index) << 24n)],
  ])('usual keys pass: %s', (_name, make) => {
    const keys = Array.from({ length: 60_000 }, (_, index) => make(index));
    expect(bytesToVar(message(keys))).toHaveProperty('size', new Set(keys).size);
  });
});

describe('what only JavaScript can pass', () => {
  const unchecked = (value: unknown): never => value as never;

  test.each<[string, () => unknown, RegExp]>([
    ['float of a bigint', () => float(unchecked(1n)), /"value" expected a number, got bigint/],
    ['Float of a text', () => new Float(unchecked('1')), /"value" expected a number/],
    ['StringName of a number', () => new StringName(unchecked(5)), /"value" expected a string/],
    ['Signal of a number', () => new Signal(unchecked(5)), /"name" expected a string/],
    ['NodePath of a number', () => new NodePath(unchecked(5)), /"path" expected a string/],
    ['GodotObject of a number', () => new GodotObject(unchecked(5)), /"className" expected a string/],
    ['a property named by a number', () => new GodotObject('A', [[unchecked(5), 1]]), /expected a string/],
    ['a class named by a number', () => new ContainerType(24, unchecked(5)), /"className" expected a string/],
    ['a typed array of null', () => new TypedArray(unchecked(null)), /"type" expected a string/],
    ['packed vectors of numbers', () => new PackedVector2Array(unchecked([1, 2])), /"source" expected/],
    ['packed colors of arrays', () => new PackedColorArray(unchecked([[1, 1, 1, 1]])), /"source" expected/],
    ['null for options', () => varToBytes(1, unchecked(null)), /"options" expected an object, got null/],
    [
      'a flag for options',
      () => bytesToVar(bytes('00000000'), unchecked(true)),
      /"options" expected an object/,
    ],
    ['JSON of bytes', () => parseJson(unchecked(new Uint8Array(2))), /"text" expected a string/],
    ['an indent of 2', () => stringifyJson([1], unchecked(2)), /"indent" expected a string or options/],
    ['a packet that is no Uint8Array', () => ENetPacketUtils.decodeAuto(unchecked([0])), /"data" expected/],
    [
      'a packet in an ArrayBuffer',
      () => ENetPacketUtils.decodeVariant(unchecked(new ArrayBuffer(9))),
      /"data"/,
    ],
    ['no packet', () => ENetPacketUtils.decodeString(unchecked(undefined)), /"data" expected/],
    ['a text as a node packet', () => ENetPacketUtils.decodeNodeMetadata(unchecked('x')), /"data" expected/],
    ['a text as a JSON packet', () => ENetPacketUtils.decodeJson(unchecked('x')), /"data" expected/],
    [
      'null as a dictionary packet',
      () => ENetPacketUtils.decodeDictionary(unchecked(null)),
      /"data" expected/,
    ],
  ])('%s is a TypeError', (_name, run, message) => {
    expect(run).toThrow(TypeError);
    expect(run).toThrow(message);
  });

  test.each<[string, VariantInput, string]>([
    ['a text in a vector', new Vector2(unchecked('1'), 2), 'ERR_ENCODE_UNSUPPORTED'],
    ['null in a vector', new Vector2(unchecked(null), 2), 'ERR_ENCODE_UNSUPPORTED'],
    ['a bigint in a color', new Color(unchecked(1n)), 'ERR_ENCODE_UNSUPPORTED'],
    ['null for a part', new Rect2(unchecked(null)), 'ERR_ENCODE_UNSUPPORTED'],
    ['a number for a part', new AABB(unchecked(5)), 'ERR_ENCODE_UNSUPPORTED'],
    ['a text for d', new Plane(undefined, unchecked('x')), 'ERR_ENCODE_UNSUPPORTED'],
    ['null for an axis', new Basis(unchecked(null)), 'ERR_ENCODE_UNSUPPORTED'],
    ['null for an origin', new Transform2D(undefined, undefined, unchecked(null)), 'ERR_ENCODE_UNSUPPORTED'],
    ['reals in an integer rectangle', new Rect2i(unchecked(new Vector2(1.5, 0))), 'ERR_ENCODE_INT_RANGE'],
    ['a typed array that Godot lacks', unchecked(new Uint16Array(2)), 'ERR_ENCODE_UNSUPPORTED'],
  ])('%s is an EncodeError', (_name, value, code) => {
    expect(() => varToBytes([value])).toThrow(
      expect.objectContaining({ name: 'EncodeError', code, path: '$[0]' }),
    );
  });

  test('types of containers as GDScript spells them', () => {
    const wire = hex(varToBytes(new TypedArray(VariantType.INT, [1])));
    expect(hex(varToBytes(new TypedArray('int', [1])))).toBe(wire);
    expect(new TypedArray('Vector2').elementType.type).toBe(VariantType.VECTOR2);
    expect(new TypedArray('Object').elementType).toEqual(new ContainerType(VariantType.OBJECT));
    expect(new TypedArray('Node').elementType.className).toBe('Node');
    expect(new TypedArray('res://a.gd').elementType.scriptPath).toBe('res://a.gd');
    expect(new Dictionary(null, { keyType: 'String', valueType: 'Variant' }).valueType).toBeUndefined();
    expect(() => new TypedArray('Variant')).toThrow(RangeError);
  });

  test('options shared with varToBytes and bytesToVar let no full object into packets', () => {
    const object = new GodotObject('Node');
    const shared = { fullObjects: true, allowObjects: true, exact: true };
    expect(() => ENetPacketUtils.encodeAuto(object, shared)).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_OBJECT' }),
    );
    const packet = Uint8Array.of(1, ...varToBytes(object, shared));
    expect(ENetPacketUtils.decodeAuto(packet, shared)).toBeNull();
    expect(bytesToVar(packet.subarray(1), shared)).toEqual(object);
  });
});

describe('memory of every kind', () => {
  test('shared memory is read and written once', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(12));
    expect(encodeVariantInto(5, shared, 3)).toBe(8);
    expect(decodeVariant(shared.subarray(3))).toEqual({ value: 5, size: 8 });
    expect(hex(varToBytes(new Uint8Array(new SharedArrayBuffer(3))))).toBe('1d0000000300000000000000');
  });

  test('holes, symbols, hidden members and frozen values', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    expect(bytesToVar(varToBytes([1, , 2] as VariantValue[]))).toEqual([1, null, 2]);
    const value = Object.defineProperty({ [Symbol('s')]: 1, a: Object.freeze([1]) }, 'hidden', { value: 1 });
    expect(hex(varToBytes(Object.freeze(value)))).toBe(hex(varToBytes({ a: [1] })));
  });

  test('keys like __proto__ stay keys', () => {
    const data = varToBytes(
      new Map<string, VariantInput>([
        ['__proto__', { polluted: 1 }],
        ['constructor', 2],
      ]),
    );
    const object = bytesToVar(data, { dictionaries: 'object' }) as Record<string, unknown>;
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.keys(object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(hex(varToBytes(object as VariantInput))).toBe(hex(data));
  });
});

describe('rows of the spec that no golden file has', () => {
  test.each(['1c000000 00000040', '1b000000 00000040'])(
    '3.3 only bit 31 of a count is masked: %s',
    (wire) => {
      expect(() => bytesToVar(bytes(wire))).toThrow(
        expect.objectContaining({ code: 'ERR_VARIANT_TRUNCATED' }),
      );
    },
  );

  test('3.3 the counts of a NodePath add up modulo 2^32', () => {
    const wire = '16000000 01000080 ffffffff 00000000';
    expect(decodeVariant(bytes(wire))).toEqual({ value: new NodePath(), size: 16 });
  });

  test.each([
    ['1e511', Number.POSITIVE_INFINITY],
    ['1e512', Number.POSITIVE_INFINITY],
    ['1e1024', Number.POSITIVE_INFINITY],
    ['1e-512', 0],
    ['1e-1024', 0],
  ])('8.2 exponents are capped at 511: %s', (text, expected) => {
    expect(parseDecimal(text)).toBe(expected);
  });

  test.each([
    ['04000000 03000000 efbbbf00', ''],
    ['04000000 02000000 efbb0000', undefined],
    ['04000000 06000000 efbbbfefbbbf0000', '\ufeff'],
    ['04000000 05000000 efbbbf0061000000', ''],
  ])('4.2 one BOM is skipped: %s', (wire, expected) => {
    if (expected === undefined) expect(() => bytesToVar(bytes(wire))).toThrow(DecodeError);
    else expect(bytesToVar(bytes(wire))).toBe(expected);
  });

  test.each([
    ['', 1],
    ['EncodedObjectAsID', 1],
    ['RefCounted', 1],
    ['Object', 1],
    ['Node', 0],
  ])('3.4 an id goes into an array of class "%s": %d', (className, length) => {
    const type = new ContainerType(VariantType.OBJECT, className);
    const wire = varToBytes(new TypedArray(type, [new EncodedObjectAsID(7)]), { fullObjects: true });
    expect(bytesToVar(wire, { allowObjects: true })).toHaveLength(length);
  });

  test('a NaN keeps sign and payload when its width changes, as far as they fit', () => {
    const exact = { exact: true };
    const narrowed = varToBytes(bytesToVar(bytes('05000100 00000040abaa faff 000000000000f03f'), exact));
    expect(hex(narrowed)).toBe('05000000' + '5a55d5ff' + '0000803f');
    const widened = varToBytes(bytesToVar(bytes('05000000 5a55d5ff 0000803f'), exact), { real: 'double' });
    expect(hex(widened)).toBe('0500010000000040abaafaff000000000000f03f');
  });
});

describe('large things deep down are not copied once per level', () => {
  const nested = (leaf: VariantInput): VariantInput => {
    let value = leaf;
    for (let depth = 0; depth < 1000; depth++) value = [1, value];
    return value;
  };
  // With a copy per level this would be billions of characters, and take far longer than the test may.
  const data = varToBytes(new Map([[nested('x'.repeat(4_000_000)), nested(new Uint8Array(1_000_000))]]));

  test('keys and texts', () => {
    const dictionary = bytesToVar(data) as Dictionary;
    expect(dictionary.get('missing')).toBeUndefined();
    expect(dictionary.has(nested('x'.repeat(4_000_000)))).toBe(true);
    expect(dictionary.has(nested('x'.repeat(3_999_999)))).toBe(false);
    const text = valueToStr(dictionary as VariantInput);
    expect(text).toHaveLength(2 + 2 + 2 + 4_000_002 + 1000 * 10 + 3_000_000);
    expect(stringifyJson(dictionary as VariantInput)).toContain('xxx');
  }, 5_000);
});

describe('limits at their borders', () => {
  test('bytes', () => {
    const data = varToBytes([1]);
    expect(varToBytes([1], { maxBytes: 16 })).toHaveLength(16);
    expect(() => varToBytes([1], { maxBytes: 15 })).toThrow(
      expect.objectContaining({ code: 'ERR_ENCODE_BYTE_LIMIT' }),
    );
    expect(encodedSize([1], { maxBytes: 16 })).toBe(16);
    expect(() => encodedSize([1], { maxBytes: 15 })).toThrow(EncodeError);
    expect(bytesToVar(data, { maxBytes: 16 })).toEqual([1]);
    expect(() => bytesToVar(data, { maxBytes: 15 })).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_BYTE_LIMIT' }),
    );
  });

  test.each<[string, VariantInput, number]>([
    ['array', [1, 2, 3], 3],
    ['dictionary', { a: 1, b: 2 }, 4],
    ['nested', [[1], { a: [] }], 5],
    ['names of a path', new NodePath('/a/b:c'), 3],
  ])('elements: %s', (_name, value, count) => {
    const data = varToBytes(value);
    expect(() => bytesToVar(data, { maxElements: count })).not.toThrow();
    expect(() => bytesToVar(data, { maxElements: count - 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_VARIANT_ELEMENT_LIMIT' }),
    );
  });
});
