import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EncodeError } from '../../../codec/errors.ts';
import { ENetPacketUtils } from '../../../codec/packet/ENetPacketUtils.ts';
import { PacketType } from '../../../codec/packet/types.ts';
import { Dictionary } from '../../../codec/values/Dictionary.ts';
import { Float } from '../../../codec/values/Float.ts';
import { NodePath } from '../../../codec/values/NodePath.ts';
import { StringName } from '../../../codec/values/StringName.ts';
import type { VariantInput } from '../../../codec/values/variantValue.ts';
import { Vector2 } from '../../../codec/values/vector.ts';
import { fcParameters } from '../../support/fc.ts';
import { bytes, hex } from '../../support/hex.ts';

const { encodeAuto, encodeVariant, encodeDictionary, encodeJson, encodeString } = ENetPacketUtils;
const { decodeAuto, decodeVariant, decodeDictionary, decodeJson, decodeString, decodeNodeMetadata } =
  ENetPacketUtils;

describe('11.3 packets', () => {
  test.each<[string, () => Uint8Array, string]>([
    ['P-1 auto', () => encodeAuto(null), '01 00000000'],
    ['P-1 variant', () => encodeVariant(null), '01 00000000'],
    ['P-2', () => encodeAuto(5), '01 02000000 05000000'],
    ['P-3', () => encodeAuto('x'), '04 01000000 78'],
    ['P-4', () => encodeAuto(''), '04 00000000'],
    ['P-5', () => encodeVariant('x'), '01 04000000 01000000 78000000'],
    ['P-6', () => encodeAuto(new StringName('x')), '01 15000000 01000000 78000000'],
    ['P-7', () => encodeJson('{}'), '03 02000000 7b7d'],
    ['P-8', () => encodeAuto(Uint8Array.of(1, 2, 255)), '00 0102ff'],
    ['P-9', () => encodeAuto(new Uint8Array(0)), '00'],
    [
      'P-10 auto',
      () => encodeAuto({ a: 1 }),
      '01 1b000000 01000000 04000000 01000000 61000000 02000000 01000000',
    ],
    [
      'P-10 dictionary',
      () => encodeDictionary(new Map([['a', 1]])),
      '01 1b000000 01000000 04000000 01000000 61000000 02000000 01000000',
    ],
    [
      'P-11',
      () => encodeAuto({ hp: 3, _event: 'hit' }),
      '01 1b000000 02000000 04000000 02000000 68700000 02000000 03000000 04000000 06000000 5f657665 6e740000 04000000 03000000 68697400',
    ],
  ])('%s', (_id, make, expected) => {
    expect(hex(make())).toBe(expected.replaceAll(' ', ''));
  });

  test('P-12 a metadata node', () => {
    const packet = bytes(
      '05 1b000000 04000000 04000000 05000000 5f747970 65000000 04000000 09000000 6e6f6465 5f6d6574 61000000 04000000 06000000 5f636c61 73730000 04000000 04000000 4e6f6465 04000000 05000000 5f706174 68000000 16000000 02000080 00000000 01000000 04000000 726f6f74 04000000 4d61696e 04000000 05000000 5f6e616d 65000000 15000000 04000000 4d61696e',
    );
    expect(packet).toHaveLength(149);
    expect([...(decodeAuto(packet) as Dictionary)]).toEqual([
      ['_type', 'node_meta'],
      ['_class', 'Node'],
      ['_path', new NodePath('/root/Main')],
      ['_name', new StringName('Main')],
    ]);
  });

  test('P-13 a transform node', () => {
    const packet = bytes(
      '05 1b000000 07000000 04000000 05000000 5f747970 65000000 04000000 0e000000 6e6f6465 5f747261 6e73666f 726d0000 04000000 06000000 5f636c61 73730000 04000000 06000000 4e6f6465 32440000 04000000 05000000 5f706174 68000000 16000000 02000080 00000000 01000000 04000000 726f6f74 01000000 50000000 04000000 05000000 5f6e616d 65000000 15000000 01000000 50000000 04000000 08000000 706f7369 74696f6e 05000000 0000c842 00004843 04000000 08000000 726f7461 74696f6e 03000000 00000000 04000000 05000000 7363616c 65000000 05000000 0000803f 0000803f',
    );
    expect(packet).toHaveLength(237);
    expect([...(decodeNodeMetadata(packet, { exact: true }) as Dictionary)].slice(4)).toEqual([
      ['position', new Vector2(100, 200)],
      ['rotation', new Float(0)],
      ['scale', new Vector2(1, 1)],
    ]);
  });
});

describe('10.1 encoding', () => {
  test('nested too deep, or inside itself, gives no bytes, as in the engine', () => {
    let deep: VariantInput = 1;
    for (let i = 0; i < 1024; i++) deep = [deep];
    expect(encodeVariant(deep).length).toBeGreaterThan(8192);
    expect(encodeVariant([deep])).toHaveLength(0);
    expect(encodeAuto([deep])).toHaveLength(0);
    const loop = new Dictionary<string, unknown>();
    loop.set('me', loop);
    expect(encodeDictionary(loop)).toHaveLength(0);
  });

  test.each<[string, () => unknown, unknown]>([
    ['a function', () => encodeVariant((() => 1) as never), EncodeError],
    ['a foreign class', () => encodeAuto({ when: new Date(0) } as never), EncodeError],
    ['an int of 65 bits', () => encodeAuto(2n ** 64n), EncodeError],
    ['NUL in a string', () => encodeString('a\0b'), EncodeError],
    ['NUL in JSON', () => encodeJson('\0'), EncodeError],
    ['_toPacket without bytes', () => encodeAuto({ _toPacket: () => 'text' } as never), EncodeError],
    ['an array as dictionary', () => encodeDictionary([1] as never), TypeError],
    ['null as dictionary', () => encodeDictionary(null as never), TypeError],
    ['a number as text', () => encodeString(5 as never), TypeError],
    ['a bad option', () => encodeVariant(1, { maxDepth: -1 }), RangeError],
    ['the byte limit', () => encodeVariant('x'.repeat(100), { maxBytes: 50 }), EncodeError],
  ])('refuses %s', (_name, run, error) => {
    expect(run).toThrow(error as ErrorConstructor);
  });

  test('the error names the place', () => {
    expect(() => encodeAuto({ list: [1, Symbol('s')] } as never)).toThrow(/list.*1/);
  });

  test('a class instance with _toPacket speaks for itself; the result is copied', () => {
    class Move {
      readonly packet: Uint8Array = Uint8Array.of(9, 1);
      _toPacket(): Uint8Array {
        return this.packet;
      }
    }
    const move = new Move();
    const packet = encodeAuto(move);
    packet[0] = 7;
    expect(hex(move.packet)).toBe('0901');
  });

  test('text of every width', () => {
    for (const text of ['é', '日本', '😀', 'a\ud800b', '\udc00', 'x😀é日']) {
      const packet = encodeString(text);
      expect(hex(packet.subarray(5))).toBe(hex(new TextEncoder().encode(text)));
      expect(new DataView(packet.buffer, packet.byteOffset).getUint32(1, true)).toBe(packet.length - 5);
    }
  });

  test('packets share no bytes, whatever their sizes and order', () => {
    const sizes = [1, 3, 60, 500, 1015, 1024, 1025, 3000, 9000, 5, 1010, 7, 20_000, 2];
    const texts = [...sizes, ...sizes].map((size, index) =>
      String.fromCharCode(97 + (index % 26)).repeat(size),
    );
    const packets = texts.flatMap((text) => [
      encodeVariant(text),
      encodeString(text),
      encodeAuto(new TextEncoder().encode(text)),
    ]);
    texts.forEach((text, index) => {
      const [variant, string, raw] = packets.slice(index * 3);
      expect(decodeVariant(variant ?? new Uint8Array(0))).toBe(text);
      expect(decodeString(string ?? new Uint8Array(0))).toBe(text);
      expect(new TextDecoder().decode(raw?.subarray(1))).toBe(text);
    });
  });

  test('a getter that encodes something itself spoils neither packet', () => {
    const inner: Uint8Array[] = [];
    const value = {
      before: 1,
      get nested(): string {
        inner.push(encodeString('inner'), encodeAuto([1, 2]), encodeAuto(Uint8Array.of(5)));
        return 'x';
      },
    };
    expect(decodeAuto(encodeAuto(value), { dictionaries: 'object' })).toEqual({ before: 1, nested: 'x' });
    expect(inner.slice(0, 3).map((packet) => decodeAuto(packet))).toEqual([
      'inner',
      [1, 2],
      Uint8Array.of(5),
    ]);
  });

  test('options reach the codec', () => {
    expect(hex(encodeVariant(new Vector2(1.5, -2.25), { real: 'double' }))).toBe(
      '0105000100000000000000f83f00000000000002c0',
    );
  });
});

describe('10.2 decoding', () => {
  const dictionary = bytes('1b000000 01000000 04000000 01000000 61000000 02000000 01000000');
  const typed = (type: number, body: Uint8Array): Uint8Array => Uint8Array.of(type, ...body);

  test('type 2 is null as in the engine, a Variant on request', () => {
    const packet = typed(PacketType.DICTIONARY, dictionary);
    expect(decodeAuto(packet)).toBeNull();
    expect(decodeVariant(packet)).toBeNull();
    expect((decodeDictionary(packet) as Dictionary).size).toBe(0);
    const options = { acceptDictionaryType: true };
    expect([...(decodeAuto(packet, options) as Dictionary)]).toEqual([['a', 1]]);
    expect([...(decodeDictionary(packet, options) as Dictionary)]).toEqual([['a', 1]]);
    expect(decodeAuto(Uint8Array.of(2), options)).toBeNull();
  });

  test('the plain and the exact view', () => {
    expect(decodeAuto(encodeAuto([1, new Float(1)]))).toEqual([1, 1]);
    expect(decodeAuto(encodeAuto([1, new Float(1)]), { exact: true })).toEqual([1n, new Float(1)]);
    expect(decodeAuto(encodeJson('[1]'), { exact: true })).toEqual([new Float(1)]);
    const object = decodeAuto(encodeJson('{"a":{"__proto__":1}}'), { dictionaries: 'object' });
    expect(JSON.stringify(object)).toBe('{"a":{"__proto__":1}}');
    expect(decodeDictionary(typed(1, dictionary), { dictionaries: 'object' })).toMatchObject({ a: 1 });
    expect(Object.keys(decodeDictionary(Uint8Array.of(1), { dictionaries: 'object' }))).toEqual([]);
  });

  test('limits make null of Variants and text of JSON', () => {
    expect(decodeAuto(encodeAuto([[1]]), { maxDepth: 1 })).toBeNull();
    expect(decodeAuto(encodeAuto([1, 2, 3]), { maxElements: 2 })).toBeNull();
    expect(decodeAuto(encodeJson('[[1]]'), { maxDepth: 1 })).toBe('[[1]]');
    expect(decodeAuto(encodeJson('[1,2,3]'), { maxElements: 2 })).toBe('[1,2,3]');
    expect(decodeAuto(encodeJson('[1,2]'), { maxElements: 2 })).toEqual([1, 2]);
    expect(() => decodeAuto(encodeAuto(1), { maxDepth: 5000 })).toThrow(RangeError);
  });

  test('full objects are refused', () => {
    expect(decodeAuto(bytes('01 18000000 00000000'))).toBeNull();
  });

  test('raw bytes are a copy', () => {
    const packet = Uint8Array.of(0, 1, 2);
    const value = decodeAuto(packet) as Uint8Array;
    packet[1] = 9;
    expect([...value]).toEqual([1, 2]);
  });

  test.each<[string, string, string]>([
    ['BOM dropped', '04 04000000 efbbbf61', 'a'],
    ['cut at NUL, what follows is not looked at', '04 04000000 6100ff00', 'a'],
    ['trailing bytes', '04 01000000 6162', 'a'],
    ['count of all ones', '04 ffffffff 61', ''],
    ['overlong UTF-8', '04 02000000 c080', ''],
    ['surrogate', '04 03000000 eda080', ''],
    ['five bytes short', '04 000000', ''],
    ['another type', '03 01000000 61', ''],
  ])('decode_string: %s', (_name, packet, text) => {
    expect(decodeString(bytes(packet))).toBe(text);
  });

  test('a packet inside a larger buffer', () => {
    const around = bytes('ffffff 04 01000000 78 ffff');
    expect(decodeAuto(around.subarray(3, 9))).toBe('x');
    expect(decodeJson(bytes('ff 03 02000000 7b7d').subarray(1))).toBe('{}');
    expect(decodeAuto(Uint8Array.of(9, ...encodeAuto(2 ** 40)).subarray(1))).toBe(2 ** 40);
  });

  test('every packet cut anywhere, and with bytes behind it', () => {
    const values: VariantInput[] = [5, 'text', { a: [1, 2.5] }, Uint8Array.of(1, 2), new NodePath('a/b:c')];
    for (const value of values) {
      const packet = encodeAuto(value);
      for (let length = 0; length < packet.length; length++) {
        const cut = decodeAuto(packet.subarray(0, length));
        if (packet[0] === PacketType.RAW && length > 0) expect(cut).toEqual(packet.slice(1, length));
        else expect(cut).toBe(packet[0] === PacketType.STRING && length > 0 ? '' : null);
      }
      if (packet[0] !== PacketType.RAW) {
        expect(decodeAuto(Uint8Array.of(...packet, 1, 2, 3))).toEqual(decodeAuto(packet));
      }
    }
  });
});

describe('properties', () => {
  const leaf = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .filter((value) => !Number.isSafeInteger(Number(value))),
    fc.double({ noNaN: true }).filter((value) => !Number.isSafeInteger(value) && value !== 0),
    fc.string().filter((text) => !text.includes('\0') && !text.startsWith('\ufeff')),
    fc.uint8Array(),
  );
  const value = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 5 }),
    fc.array(fc.array(leaf, { maxLength: 3 }), { maxLength: 3 }),
  );

  test('what encodeAuto writes decodeAuto reads', () => {
    fc.assert(
      fc.property(value, (input) => {
        expect(decodeAuto(encodeAuto(input))).toEqual(input);
      }),
      fcParameters(),
    );
  });

  test('no bytes make decoding throw', () => {
    const packet = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .tuple(fc.nat(7), fc.uint8Array({ maxLength: 60 }))
        .map(([type, body]) => Uint8Array.of(type, ...body)),
      // Intact packets with one byte changed.
      fc.tuple(value, fc.nat(), fc.nat(255)).map(([input, at, byte]) => {
        const damaged = encodeAuto(input);
        damaged[at % damaged.length] = byte;
        return damaged;
      }),
    );
    fc.assert(
      fc.property(packet, fc.boolean(), (data, exact) => {
        const before = hex(data);
        for (const acceptDictionaryType of [false, true]) decodeAuto(data, { exact, acceptDictionaryType });
        expect(decodeDictionary(data)).toBeInstanceOf(Dictionary);
        expect(decodeNodeMetadata(data)).toBeInstanceOf(Dictionary);
        expect(typeof decodeString(data)).toBe('string');
        expect(typeof decodeJson(data)).toBe('string');
        expect(hex(data)).toBe(before);
        // And it still works afterwards.
        expect(decodeAuto(encodeAuto([1, 'a']))).toEqual([1, 'a']);
      }),
      fcParameters(1000),
    );
  });
});
