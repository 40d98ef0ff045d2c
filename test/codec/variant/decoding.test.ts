import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  Color,
  DecodeError,
  Dictionary,
  decodeVariant,
  EncodedObjectAsID,
  float,
  NodePath,
  PackedStringArray,
  PackedVector4Array,
  TypedArray,
  VariantType,
  type VariantValue,
  Vector2,
  varToBytes,
} from '../../../codec/index.ts';
import { bytes, hex } from '../../support/hex.ts';

/** Section 11.4: what is understood, and how many bytes it takes. */
const ACCEPTED: readonly (readonly [string, string, unknown, number])[] = [
  [
    'D-4 empty PackedVector4Array in 4.3+, ERR_INVALID_DATA in 4.0–4.2',
    '26000000 00000000',
    new PackedVector4Array(),
    8,
  ],
  ['D-5 true (byte 1 ignored)', '01ff0000 01000000', true, 8],
  ['D-6 true', '01000000 02000000', true, 8],
  ['D-8 int 5 (re-encodes as 02000000 05000000)', '02000100 05000000 00000000', 5, 12],
  ['D-9 float 1.0 (re-encodes as 03000000 0000803f)', '03000100 00000000 0000f03f', 1, 12],
  ['D-15 String "a"', '04000000 03000000 61006200', 'a', 12],
  ['D-16 String "a" (BOM dropped)', '04000000 04000000 efbbbf61', 'a', 12],
  ['D-17 String "a" (garbage after NUL is not looked at)', '04000000 04000000 6100ff00', 'a', 12],
  ['D-18 Vector2(1.5, −2.25)', '05000100 00000000 0000f83f 00000000 000002c0', new Vector2(1.5, -2.25), 20],
  [
    'D-19 Color(1, 1, 1, 1) (flag ignored)',
    '14000100 0000803f 0000803f 0000803f 0000803f',
    new Color(1, 1, 1, 1),
    20,
  ],
  [
    'D-21 NodePath absolute, subnames a, b (obsolete flag adds one)',
    '16000000 00000080 01000000 03000000 01000000 61000000 01000000 62000000',
    new NodePath([], ['a', 'b'], true),
    32,
  ],
  ['D-23 null object', '18000100 00000000 00000000', null, 12],
  ['D-24 EncodedObjectAsID(1)', '18000100 01000000 00000000', new EncodedObjectAsID(1), 12],
  ['D-26 [] (bit 31 masked)', '1c000000 00000080', [], 8],
  ['D-27 [] (unknown header bit)', '1c000080 00000000', [], 8],
  [
    'D-28 Array[int]([1]): the String element is dropped',
    '1c000100 02000000 02000000 02000000 01000000 04000000 01000000 61000000',
    new TypedArray(VariantType.INT, [1]),
    32,
  ],
  [
    'Array[float]([16777217.0]): an int converted (4.6 stable; before, through f32)',
    '1c000100 03000000 01000000 02000000 01000001',
    new TypedArray(VariantType.FLOAT, [16777217]),
    20,
  ],
  [
    'D-30 Array[String](["a"]): StringName converted',
    '1c000100 04000000 01000000 15000000 01000000 61000000',
    new TypedArray(VariantType.STRING, ['a']),
    24,
  ],
  [
    'D-32 empty array typed EncodedObjectAsID; with objects allowed typed Node',
    '1c000200 04000000 4e6f6465 00000000',
    new TypedArray('EncodedObjectAsID'),
    16,
  ],
  [
    'D-33 one pair: String "a" → 2',
    '1b000000 02000000 04000000 01000000 61000000 02000000 01000000 15000000 01000000 61000000 02000000 02000000',
    new Dictionary([['a', 2]]),
    48,
  ],
  [
    'D-34 two pairs: int 1 → 10, float 1.0 → 20',
    '1b000000 02000000 02000000 01000000 02000000 0a000000 03000000 0000803f 02000000 14000000',
    new Dictionary<unknown, unknown>([
      [1, 10],
      [float(1), 20],
    ]),
    40,
  ],
  [
    'D-35 empty Dictionary[String, int] (int key dropped)',
    '1b000500 04000000 02000000 01000000 02000000 01000000 02000000 01000000',
    new Dictionary(null, { keyType: VariantType.STRING, valueType: VariantType.INT }),
    32,
  ],
  [
    'D-36 Dictionary[String, int] holding "a" → **String "b"** (values unchecked)',
    '1b000500 04000000 02000000 01000000 04000000 01000000 61000000 04000000 01000000 62000000',
    new Dictionary([['a', 'b']], { keyType: VariantType.STRING, valueType: VariantType.INT }),
    40,
  ],
  [
    'D-37 PackedByteArray([1, 2, 3]), used size reported 12 for 11 bytes of input',
    '1d000000 03000000 010203',
    Uint8Array.of(1, 2, 3),
    12,
  ],
  ['D-40 empty PackedStringArray', '22000000 ffffffff', new PackedStringArray(), 8],
  [
    'D-41 PackedStringArray(["a"]) (terminator optional)',
    '22000000 01000000 01000000 61000000',
    new PackedStringArray(['a']),
    16,
  ],
  ['D-43 int 5, 8 bytes used', '02000000 05000000 deadbeef', 5, 8],
];

/** Section 11.4: what is refused, and with which of Godot's errors. */
const REFUSED: readonly (readonly [string, string, number])[] = [
  ['D-1 ERR_INVALID_DATA', '', 30],
  ['D-2 ERR_INVALID_DATA', '000000', 30],
  ['D-3 ERR_INVALID_DATA (type 39)', '27000000', 30],
  ['D-7 ERR_INVALID_DATA', '02000000 0100', 30],
  ['D-10 ERR_FILE_EOF', '04000000 05000000 61626364', 18],
  ['D-11 ERR_FILE_EOF (padding missing)', '04000000 01000000 61', 18],
  ['D-12 ERR_FILE_EOF (negative length)', '04000000 ffffffff', 18],
  ['D-13 ERR_INVALID_DATA', '04000000 02000000 c3280000', 30],
  ['D-14 ERR_INVALID_DATA (surrogate); Godot 3 accepts', '04000000 03000000 eda08000', 30],
  ['D-20 ERR_INVALID_DATA (old NodePath format)', '16000000 01000000 61000000', 30],
  ['D-22 ERR_UNAUTHORIZED; with objects allowed: null object, 8 bytes used', '18000000 00000000', 4],
  ['D-25 ERR_INVALID_DATA', '1c000000 ffffff7f', 30],
  ['D-31 ERR_INVALID_DATA (container type 39)', '1c000100 27000000 00000000', 30],
  ['D-38 ERR_INVALID_DATA', '1d000000 ffffffff', 30],
  [
    'D-39 ERR_INVALID_DATA (padding missing, an element follows)',
    '1c000000 02000000 1d000000 01000000 0700',
    30,
  ],
  ['D-42 ERR_INVALID_DATA (536870912 × 4 overflows)', '1e000000 00000020', 30],
];

describe('section 11.4', () => {
  test.each(ACCEPTED)('%s', (_name, wire, expected, size) => {
    const decoded = decodeVariant(bytes(wire));
    expect(decoded.value).toEqual(expected);
    expect(decoded.size).toBe(size);
    const loose = { strictTypedContainers: false };
    expect(hex(varToBytes(decoded.value, loose))).toBe(hex(varToBytes(expected as VariantValue, loose)));
  });

  test.each(REFUSED)('%s', (_name, wire, godotError) => {
    expect(godotErrorOf(() => bytesToVar(bytes(wire)))).toBe(godotError);
  });

  test('D-4 for 4.0 to 4.2', () => {
    const wire = bytes('26000000 00000000');
    for (const dialect of ['4.0', '4.1', '4.2'] as const)
      expect(godotErrorOf(() => bytesToVar(wire, { dialect }))).toBe(30);
    expect(bytesToVar(wire, { dialect: '4.3' })).toEqual(new PackedVector4Array());
  });

  test('D-8 and D-9 are written in their short forms again', () => {
    expect(hex(varToBytes(bytesToVar(bytes('02000100 05000000 00000000'), { exact: true })))).toBe(
      '0200000005000000',
    );
    expect(hex(varToBytes(bytesToVar(bytes('03000100 00000000 0000f03f'), { exact: true })))).toBe(
      '030000000000803f',
    );
  });

  test('D-22 with objects allowed is the null object', () => {
    expect(decodeVariant(bytes('18000000 00000000'), { allowObjects: true })).toEqual({
      value: null,
      size: 8,
    });
  });

  test('D-32 with objects allowed keeps the class', () => {
    const array = bytesToVar(bytes('1c000200 04000000 4e6f6465 00000000'), { allowObjects: true });
    expect(array).toBeInstanceOf(TypedArray);
    expect(String((array as TypedArray).elementType)).toBe('Node');
  });
});

function godotErrorOf(run: () => unknown): number | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof DecodeError) return error.godotError;
    throw error;
  }
  return undefined;
}
