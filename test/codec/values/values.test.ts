import { describe, expect, test } from 'vitest';
import { swapBytes } from '../../../codec/byteBuffer.ts';
import {
  AABB,
  Basis,
  Callable,
  Color,
  ContainerType,
  EncodedObjectAsID,
  Float,
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
  VariantType,
  Vector2,
  Vector2i,
  Vector3,
  Vector3i,
  Vector4,
  Vector4i,
  variantTypeName,
  variantTypeOf,
  variantTypeString,
} from '../../../codec/index.ts';

describe('vectors and matrices', () => {
  test.each<[string, { toString(): string }]>([
    ['(1.0, -2.5)', new Vector2(1, -2.5)],
    ['(1, -2)', new Vector2i(1, -2)],
    ['(1.0, 2.0, inf)', new Vector3(1, 2, Number.POSITIVE_INFINITY)],
    ['(1, 2, 3)', new Vector3i(1, 2, 3)],
    ['(1.0, 2.0, nan, -0.0)', new Vector4(1, 2, Number.NaN, -0)],
    ['(1, 2, 3, 4)', new Vector4i(1, 2, 3, 4)],
    ['[P: (1.0, 2.0), S: (3.0, 4.0)]', new Rect2(new Vector2(1, 2), new Vector2(3, 4))],
    ['[P: (1, 2), S: (3, 4)]', new Rect2i(new Vector2i(1, 2), new Vector2i(3, 4))],
    ['[N: (0.0, 1.0, 0.0), D: 2.0]', new Plane(new Vector3(0, 1, 0), 2)],
    ['(0.0, 0.0, 0.0, 1.0)', Quaternion.IDENTITY],
    ['[P: (0.0, 0.0, 0.0), S: (0.0, 0.0, 0.0)]', new AABB()],
    ['[X: (1.0, 0.0), Y: (0.0, 1.0), O: (0.0, 0.0)]', Transform2D.IDENTITY],
    ['[X: (1.0, 0.0, 0.0), Y: (0.0, 1.0, 0.0), Z: (0.0, 0.0, 1.0)]', Basis.IDENTITY],
    [
      '[X: (1.0, 0.0, 0.0), Y: (0.0, 1.0, 0.0), Z: (0.0, 0.0, 1.0), O: (0.0, 0.0, 0.0)]',
      Transform3D.IDENTITY,
    ],
    ['(1.0, 0.0, 0.0, 1.0)', new Color(1)],
  ])('%s', (text, value) => {
    expect(value.toString()).toBe(text);
  });

  test('equality is by component; NaN equals NaN, -0 equals 0', () => {
    expect(new Vector3(1, Number.NaN, 0).equals(new Vector3(1, Number.NaN, -0))).toBe(true);
    expect(new Vector3(1, 2, 3).equals(new Vector3(1, 2, 4))).toBe(false);
    expect(Projection.IDENTITY.equals(new Projection())).toBe(true);
    expect(Projection.IDENTITY.equals(new Projection(Vector4.ONE))).toBe(false);
    expect(new Vector2(0.1, 0).equals(new Vector2(Math.fround(0.1), 0))).toBe(false);
    expect(new Vector2(0.1, 0).isEqualApprox(new Vector2(Math.fround(0.1), 0))).toBe(true);
    expect(new Vector2(0.1, 0).isEqualApprox(new Vector2(0.2, 0))).toBe(false);
  });

  test.each([1.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN, Number.POSITIVE_INFINITY])(
    'an integer vector refuses %d',
    (component) => {
      expect(() => new Vector2i(component, 0)).toThrow(/"x" expected an integer/);
      expect(() => new Vector3i(0, 0, component)).toThrow(RangeError);
      expect(() => new Vector4i(0, component)).toThrow(RangeError);
    },
  );
});

describe('texts and references', () => {
  test.each<[string, string[], string[], boolean]>([
    ['', [], [], false],
    ['/', [], [], true],
    ['/root/Main', ['root', 'Main'], [], true],
    ['../A//B/', ['..', 'A', 'B'], [], false],
    ['Player:position:x', ['Player'], ['position', 'x'], false],
    [':position:', [], ['position'], false],
    ['a::b', [], [], false],
    ['a:/b', ['a'], ['/b'], false],
  ])('section 2.4: NodePath(%j)', (text, names, subnames, absolute) => {
    const path = new NodePath(text);
    expect({ ...path }).toEqual({ names, subnames, absolute });
    expect(path.equals(new NodePath(names, subnames, absolute))).toBe(true);
    expect(new NodePath(path.toString()).equals(path)).toBe(true);
  });

  test('StringName, Float and ids', () => {
    expect(new StringName('a').equals('a')).toBe(true);
    expect(JSON.stringify([new StringName('a'), float(1), new NodePath('/a:b')])).toBe('["a",1,"/a:b"]');
    expect(float(1).valueOf() + 1).toBe(2);
    expect(new Float(Number.NaN, -1n).nanBits).toBe(2n ** 64n - 1n);
    expect(new Float(1, 5n).nanBits).toBeUndefined();
    expect(new EncodedObjectAsID(-1n).id).toBe(2n ** 64n - 1n);
    expect(new RID(5).equals(new RID(5n))).toBe(true);
    expect(new Signal('a', 1).equals(new Signal('a', 2))).toBe(false);
    expect(new Callable().equals(new Callable())).toBe(true);
    expect(
      new GodotObject('A', [
        ['p', 1],
        ['p', 2],
      ]).get('p'),
    ).toBe(2);
    for (const id of [2n ** 64n, -(2n ** 63n) - 1n, 0.5, 2 ** 60])
      expect(() => new RID(id)).toThrow(RangeError);
  });
});

describe('containers', () => {
  test('a TypedArray is an array whose derived arrays are plain', () => {
    const array = new TypedArray(VariantType.INT, [1, 2, 3]);
    expect(Array.isArray(array)).toBe(true);
    expect(array).toHaveLength(3);
    expect(String(array.elementType)).toBe('int');
    const doubled = array.map((value) => value * 2);
    expect(doubled).not.toBeInstanceOf(TypedArray);
    expect(doubled).toEqual([2, 4, 6]);
    expect(new TypedArray(VariantType.INT, [7])).toHaveLength(1);
    expect(() => new TypedArray(VariantType.NIL)).toThrow(RangeError);
  });

  test('container types', () => {
    expect(ContainerType.from('Node')?.equals(new ContainerType(VariantType.OBJECT, 'Node'))).toBe(true);
    expect(ContainerType.from(VariantType.NIL)).toBeUndefined();
    expect(() => new ContainerType(VariantType.INT, 'Node')).toThrow(TypeError);
    expect(() => new ContainerType(39 as never)).toThrow(RangeError);
  });

  test('packed arrays are flat, iterable and indexed', () => {
    const packed = new PackedVector2Array(Float32Array.of(1, 2, 3, 4));
    expect(packed).toHaveLength(2);
    expect([...packed]).toEqual([new Vector2(1, 2), new Vector2(3, 4)]);
    expect(packed.at(-1)).toEqual(new Vector2(3, 4));
    expect(packed.at(2)).toBeUndefined();
    expect(packed.equals(new PackedVector2Array([new Vector2(1, 2), new Vector2(3, 4)]))).toBe(true);
    expect(new PackedVector2Array([new Vector2(0.1, 0)]).data).toBeInstanceOf(Float64Array);
    expect(new PackedVector3Array([new Vector3(1, 2, 3)]).data).toEqual(Float32Array.of(1, 2, 3));
    expect(new PackedVector4Array([new Vector4(1, 2, 3, 4)]).at(0)).toEqual(new Vector4(1, 2, 3, 4));
    expect(new PackedColorArray([new Color(1, 0, 0)]).toArray()).toEqual([new Color(1, 0, 0, 1)]);
    expect(() => new PackedVector3Array(new Float32Array(4))).toThrow(/multiple of 3/);
    const texts = new PackedStringArray(['a', 'b']);
    expect([texts.length, texts.at(-1), [...texts], String(texts)]).toEqual([
      2,
      'b',
      ['a', 'b'],
      '["a", "b"]',
    ]);
    expect(texts.equals(new PackedStringArray(['a']))).toBe(false);
  });
});

describe('types', () => {
  test('names and ids', () => {
    expect(Object.keys(VariantType)).toHaveLength(39);
    expect(variantTypeName(38)).toBe('PACKED_VECTOR4_ARRAY');
    expect(variantTypeName(39)).toBe('type 39');
    expect(variantTypeString(24)).toBe('Object');
    expect(
      [1, 1.5, 1n, '', null, undefined, [], {}, new Map(), () => 1, new Date(0)].map(variantTypeOf),
    ).toEqual([2, 3, 2, 4, 0, 0, 28, 27, 27, undefined, undefined]);
    expect(variantTypeOf(Buffer.alloc(1))).toBe(VariantType.PACKED_BYTE_ARRAY);
  });

  test('bytes of big-endian machines are turned around', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    swapBytes(bytes, 4);
    expect([...bytes]).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
  });
});
