import { describe, expect, test } from 'vitest';
import {
  AABB,
  Basis,
  bytesToVar,
  Callable,
  Color,
  ContainerType,
  Dictionary,
  EncodedObjectAsID,
  type EncodeOptions,
  encodedSize,
  encodeVariantInto,
  float,
  GodotObject,
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
import { bytes, hex } from '../../support/hex.ts';

interface Example {
  readonly name: string;
  readonly value: VariantInput;
  readonly wire: string;
  readonly options?: EncodeOptions;
}

/** Section 11.1: number and name, the value, its bytes, options. */
const ROWS: readonly (readonly [name: string, value: VariantInput, wire: string, options?: EncodeOptions])[] =
  [
    ['11.1 #1 null', null, '00000000'],
    ['11.1 #2 false', false, '01000000 00000000'],
    ['11.1 #3 true', true, '01000000 01000000'],
    ['11.1 #4 int 0', 0, '02000000 00000000'],
    ['11.1 #5 int 1', 1, '02000000 01000000'],
    ['11.1 #6 int -1', -1, '02000000 ffffffff'],
    ['11.1 #7 int 2147483647', 2147483647, '02000000 ffffff7f'],
    ['11.1 #8 int -2147483648', -2147483648, '02000000 00000080'],
    ['11.1 #9 int 2147483648', 2147483648, '02000100 00000080 00000000'],
    ['11.1 #10 int -2147483649', -2147483649, '02000100 ffffff7f ffffffff'],
    ['11.1 #11 int 9007199254740993', 9007199254740993n, '02000100 01000000 00002000'],
    ['11.1 #12 int 9223372036854775807', 9223372036854775807n, '02000100 ffffffff ffffff7f'],
    ['11.1 #13 int -9223372036854775808', -9223372036854775808n, '02000100 00000000 00000080'],
    ['11.1 #14 float 0.0', float(0), '03000000 00000000'],
    ['11.1 #15 float -0.0', -0, '03000000 00000080'],
    ['11.1 #16 float 1.0', float(1), '03000000 0000803f'],
    ['11.1 #17 float 0.5', 0.5, '03000000 0000003f'],
    ['11.1 #18 float 0.1', 0.1, '03000100 9a999999 9999b93f'],
    ['11.1 #19 float INF', Number.POSITIVE_INFINITY, '03000000 0000807f'],
    ['11.1 #20 float -INF', Number.NEGATIVE_INFINITY, '03000000 000080ff'],
    ['11.1 #21 float NAN', Number.NaN, '03000100 00000000 0000f87f'],
    ['11.1 #22 float 16777217.0', float(16777217), '03000100 00000010 00007041'],
    ['11.1 #23 float 2^-149 (1.401298464324817e-45)', 2 ** -149, '03000000 01000000'],
    ['11.1 #24 float 5e-324', 5e-324, '03000100 01000000 00000000'],
    ['11.1 #25 float 3.4028234663852886e38 (FLT_MAX)', 3.4028234663852886e38, '03000000 ffff7f7f'],
    ['11.1 #26 float 1e39', 1e39, '03000100 1d4a9cf4 87820748'],
    ['11.1 #27 String ""', '', '04000000 00000000'],
    ['11.1 #28 String "a"', 'a', '04000000 01000000 61000000'],
    ['11.1 #29 String "abcd"', 'abcd', '04000000 04000000 61626364'],
    ['11.1 #30 String "abcde"', 'abcde', '04000000 05000000 61626364 65000000'],
    ['11.1 #31 String "é"', 'é', '04000000 02000000 c3a90000'],
    ['11.1 #32 String "😀"', '😀', '04000000 04000000 f09f9880'],
    ['11.1 #33 StringName &"a"', new StringName('a'), '15000000 01000000 61000000'],
    ['11.1 #34 StringName &""', new StringName(''), '15000000 00000000'],
    ['11.1 #35 NodePath ^""', new NodePath(''), '16000000 00000080 00000000 00000000'],
    [
      '11.1 #36 NodePath ^"/root/Main"',
      new NodePath('/root/Main'),
      '16000000 02000080 00000000 01000000 04000000 726f6f74 04000000 4d61696e',
    ],
    [
      '11.1 #37 NodePath ^"Player:position:x"',
      new NodePath('Player:position:x'),
      '16000000 01000080 02000000 00000000 06000000 506c6179 65720000 08000000 706f7369 74696f6e 01000000 78000000',
    ],
    [
      '11.1 #38 NodePath ^":position"',
      new NodePath(':position'),
      '16000000 00000080 01000000 00000000 08000000 706f7369 74696f6e',
    ],
    ['11.1 #39 NodePath ^"/"', new NodePath('/'), '16000000 00000080 00000000 01000000'],
    [
      '11.1 #40 NodePath ^"../A"',
      new NodePath('../A'),
      '16000000 02000080 00000000 00000000 02000000 2e2e0000 01000000 41000000',
    ],
    ['11.1 #41 Vector2(1.5, -2.25)', new Vector2(1.5, -2.25), '05000000 0000c03f 000010c0'],
    ['11.1 #42 Vector2(0.1, 0.2)', new Vector2(0.1, 0.2), '05000000 cdcccc3d cdcc4c3e'],
    [
      '11.1 #43 Vector2(1.5, -2.25), double build',
      new Vector2(1.5, -2.25),
      '05000100 00000000 0000f83f 00000000 000002c0',
      { real: 'double' },
    ],
    ['11.1 #44 Vector2i(-1, 2147483647)', new Vector2i(-1, 2147483647), '06000000 ffffffff ffffff7f'],
    [
      '11.1 #45 Rect2(1, 2, 3.5, 4.25)',
      new Rect2(new Vector2(1, 2), new Vector2(3.5, 4.25)),
      '07000000 0000803f 00000040 00006040 00008840',
    ],
    [
      '11.1 #46 Rect2i(-1, -2, 30, 40)',
      new Rect2i(new Vector2i(-1, -2), new Vector2i(30, 40)),
      '08000000 ffffffff feffffff 1e000000 28000000',
    ],
    ['11.1 #47 Vector3(1, 2, 3)', new Vector3(1, 2, 3), '09000000 0000803f 00000040 00004040'],
    [
      '11.1 #48 Vector3i(-2147483648, 0, 7)',
      new Vector3i(-2147483648, 0, 7),
      '0a000000 00000080 00000000 07000000',
    ],
    [
      '11.1 #49 Transform2D.IDENTITY',
      Transform2D.IDENTITY,
      '0b000000 0000803f 00000000 00000000 0000803f 00000000 00000000',
    ],
    [
      '11.1 #50 Vector4(1, 2, 3, 4.5)',
      new Vector4(1, 2, 3, 4.5),
      '0c000000 0000803f 00000040 00004040 00009040',
    ],
    [
      '11.1 #51 Vector4i(1, -2, 3, -4)',
      new Vector4i(1, -2, 3, -4),
      '0d000000 01000000 feffffff 03000000 fcffffff',
    ],
    [
      '11.1 #52 Plane(0, 1, 0, 2.5)',
      new Plane(new Vector3(0, 1, 0), 2.5),
      '0e000000 00000000 0000803f 00000000 00002040',
    ],
    ['11.1 #53 Quaternion.IDENTITY', Quaternion.IDENTITY, '0f000000 00000000 00000000 00000000 0000803f'],
    [
      '11.1 #54 AABB((1,2,3),(4,5,6))',
      new AABB(new Vector3(1, 2, 3), new Vector3(4, 5, 6)),
      '10000000 0000803f 00000040 00004040 00008040 0000a040 0000c040',
    ],
    [
      '11.1 #55 Basis.IDENTITY',
      Basis.IDENTITY,
      '11000000 0000803f 00000000 00000000 00000000 0000803f 00000000 00000000 00000000 0000803f',
    ],
    [
      '11.1 #56 Basis from columns x=(1,2,3) y=(4,5,6) z=(7,8,9)',
      new Basis(new Vector3(1, 2, 3), new Vector3(4, 5, 6), new Vector3(7, 8, 9)),
      '11000000 0000803f 00008040 0000e040 00000040 0000a040 00000041 00004040 0000c040 00001041',
    ],
    [
      '11.1 #57 Transform3D.IDENTITY with origin (1,2,3)',
      new Transform3D(Basis.IDENTITY, new Vector3(1, 2, 3)),
      '12000000 0000803f 00000000 00000000 00000000 0000803f 00000000 00000000 00000000 0000803f 0000803f 00000040 00004040',
    ],
    [
      '11.1 #58 Projection.IDENTITY',
      Projection.IDENTITY,
      '13000000 0000803f 00000000 00000000 00000000 00000000 0000803f 00000000 00000000 00000000 00000000 0000803f 00000000 00000000 00000000 00000000 0000803f',
    ],
    [
      '11.1 #59 Color(1, 0.5, 0.25, 1)',
      new Color(1, 0.5, 0.25),
      '14000000 0000803f 0000003f 0000803e 0000803f',
    ],
    ['11.1 #60 RID(13)', new RID(13), '17000000 0d000000 00000000'],
    [
      '11.1 #61 Object with instance id 0x8000000500000001 (as id)',
      new EncodedObjectAsID(0x8000000500000001n),
      '18000100 01000000 05000080',
    ],
    ['11.1 #62 null/freed Object', null, '00000000'],
    ['11.1 #63 Callable()', new Callable(), '19000000'],
    [
      '11.1 #64 Signal named "hit" of object 1',
      new Signal('hit', 1),
      '1a000000 03000000 68697400 01000000 00000000',
    ],
    ['11.1 #65 Signal()', new Signal(), '1a000000 00000000 00000000 00000000'],
    ['11.1 #66 {}', new Dictionary(), '1b000000 00000000'],
    ['11.1 #67 {"a": 1}', { a: 1 }, '1b000000 01000000 04000000 01000000 61000000 02000000 01000000'],
    [
      '11.1 #68 {1: 2.0, &"k": null}',
      new Dictionary<unknown, unknown>([
        [1, float(2)],
        [new StringName('k'), null],
      ]),
      '1b000000 02000000 02000000 01000000 03000000 00000040 15000000 01000000 6b000000 00000000',
    ],
    ['11.1 #69 []', [], '1c000000 00000000'],
    [
      '11.1 #70 [1, "two", 3.0]',
      [1, 'two', float(3)],
      '1c000000 03000000 02000000 01000000 04000000 03000000 74776f00 03000000 00004040',
    ],
    ['11.1 #71 [[]]', [[]], '1c000000 01000000 1c000000 00000000'],
    [
      '11.1 #72 Array[int]([1, 2])',
      new TypedArray(VariantType.INT, [1, 2]),
      '1c000100 02000000 02000000 02000000 01000000 02000000 02000000',
    ],
    ['11.1 #73 Array[String]([])', new TypedArray(VariantType.STRING), '1c000100 04000000 00000000'],
    [
      '11.1 #74 Array[Node]([]) without full objects',
      new TypedArray('Node'),
      '1c000200 11000000 456e636f 6465644f 626a6563 74417349 44000000 00000000',
    ],
    [
      '11.1 #75 Array[Node]([]) with full objects',
      new TypedArray('Node'),
      '1c000200 04000000 4e6f6465 00000000',
      { fullObjects: true },
    ],
    [
      '11.1 #76 Array[res://foo.gd]([]) with full objects',
      new TypedArray(new ContainerType(VariantType.OBJECT, '', 'res://foo.gd')),
      '1c000300 0c000000 7265733a 2f2f666f 6f2e6764 00000000',
      { fullObjects: true },
    ],
    [
      '11.1 #77 Dictionary[String, int]({"a": 1})',
      new Dictionary([['a', 1]], { keyType: VariantType.STRING, valueType: VariantType.INT }),
      '1b000500 04000000 02000000 01000000 04000000 01000000 61000000 02000000 01000000',
    ],
    [
      '11.1 #78 Dictionary[int, Variant]({})',
      new Dictionary(null, { keyType: VariantType.INT }),
      '1b000100 02000000 00000000',
    ],
    [
      '11.1 #79 Dictionary[Variant, int]({})',
      new Dictionary(null, { valueType: VariantType.INT }),
      '1b000400 02000000 00000000',
    ],
    [
      '11.1 #80 Dictionary[String, Node]({}) without full objects',
      new Dictionary(null, { keyType: VariantType.STRING, valueType: 'Node' }),
      '1b000900 04000000 11000000 456e636f 6465644f 626a6563 74417349 44000000 00000000',
    ],
    ['11.1 #81 PackedByteArray()', new Uint8Array(), '1d000000 00000000'],
    ['11.1 #82 PackedByteArray([1, 2, 3])', Uint8Array.of(1, 2, 3), '1d000000 03000000 01020300'],
    ['11.1 #83 PackedByteArray([0, 1, 2, 255])', Uint8Array.of(0, 1, 2, 255), '1d000000 04000000 000102ff'],
    ['11.1 #84 PackedInt32Array([1, -1])', Int32Array.of(1, -1), '1e000000 02000000 01000000 ffffffff'],
    [
      '11.1 #85 PackedInt64Array([1, -1])',
      BigInt64Array.of(1n, -1n),
      '1f000000 02000000 01000000 00000000 ffffffff ffffffff',
    ],
    ['11.1 #86 PackedFloat32Array([0.1])', Float32Array.of(0.1), '20000000 01000000 cdcccc3d'],
    ['11.1 #87 PackedFloat64Array([0.1])', Float64Array.of(0.1), '21000000 01000000 9a999999 9999b93f'],
    ['11.1 #88 PackedStringArray([])', new PackedStringArray(), '22000000 00000000'],
    ['11.1 #89 PackedStringArray([""])', new PackedStringArray(['']), '22000000 01000000 01000000 00000000'],
    [
      '11.1 #90 PackedStringArray(["a", "abc", "abcd"])',
      new PackedStringArray(['a', 'abc', 'abcd']),
      '22000000 03000000 02000000 61000000 04000000 61626300 05000000 61626364 00000000',
    ],
    [
      '11.1 #91 PackedVector2Array([(1,2)])',
      new PackedVector2Array([new Vector2(1, 2)]),
      '23000000 01000000 0000803f 00000040',
    ],
    [
      '11.1 #92 PackedVector2Array([(1,2)]), double build',
      new PackedVector2Array([new Vector2(1, 2)]),
      '23000100 01000000 00000000 0000f03f 00000000 00000040',
      { real: 'double' },
    ],
    ['11.1 #93 PackedVector3Array([])', new PackedVector3Array(), '24000000 00000000'],
    [
      '11.1 #94 PackedVector3Array([(1,2,3)])',
      new PackedVector3Array(Float32Array.of(1, 2, 3)),
      '24000000 01000000 0000803f 00000040 00004040',
    ],
    [
      '11.1 #95 PackedColorArray([Color.RED])',
      new PackedColorArray([new Color(1, 0, 0)]),
      '25000000 01000000 0000803f 00000000 00000000 0000803f',
    ],
    [
      '11.1 #96 PackedVector4Array([(1,2,3,4)])',
      new PackedVector4Array([new Vector4(1, 2, 3, 4)]),
      '26000000 01000000 0000803f 00000040 00004040 00008040',
    ],
    [
      '11.1 #97 full object: class Resource, props resource_local_to_scene=false, resource_name="", script=null',
      new GodotObject('Resource', [
        ['resource_local_to_scene', false],
        ['resource_name', ''],
        ['script', null],
      ]),
      '18000000 08000000 5265736f 75726365 03000000 17000000 7265736f 75726365 5f6c6f63 616c5f74 6f5f7363 656e6500 01000000 00000000 0d000000 7265736f 75726365 5f6e616d 65000000 04000000 00000000 06000000 73637269 70740000 00000000',
      { fullObjects: true },
    ],
  ];

const EXAMPLES: readonly Example[] = ROWS.map(([name, value, wire, options]) => ({
  name,
  value,
  wire: wire.replaceAll(' ', ''),
  ...(options === undefined ? {} : { options }),
}));

describe('section 11.1', () => {
  test.each(EXAMPLES)('$name encodes', ({ value, wire, options }) => {
    expect(hex(varToBytes(value, options))).toBe(wire);
    expect(encodedSize(value, options)).toBe(wire.length / 2);
    const target = new Uint8Array(wire.length / 2 + 6).fill(0xaa);
    expect(encodeVariantInto(value, target, 3, options)).toBe(wire.length / 2);
    expect(hex(target)).toBe(`aaaaaa${wire}aaaaaa`);
  });

  test.each(EXAMPLES)('$name decodes', ({ wire, options }) => {
    const value = bytesToVar(bytes(wire), { exact: true, allowObjects: options?.fullObjects });
    expect(hex(varToBytes(value, options))).toBe(wire);
  });
});
