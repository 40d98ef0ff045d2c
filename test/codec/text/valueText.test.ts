import { describe, expect, test } from 'vitest';
import { EncodeError } from '../../../codec/errors.ts';
import { escapeFully } from '../../../codec/lexical/escape.ts';
import { valueToStr } from '../../../codec/lexical/valueText.ts';
import { Color } from '../../../codec/values/Color.ts';
import { Dictionary } from '../../../codec/values/Dictionary.ts';
import { float } from '../../../codec/values/Float.ts';
import { AABB, Plane, Quaternion, Rect2, Rect2i } from '../../../codec/values/geometry.ts';
import { NodePath } from '../../../codec/values/NodePath.ts';
import { PackedStringArray, PackedVector3Array } from '../../../codec/values/packed.ts';
import { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from '../../../codec/values/reference.ts';
import { StringName } from '../../../codec/values/StringName.ts';
import { TypedArray } from '../../../codec/values/TypedArray.ts';
import { Basis, Projection, Transform2D, Transform3D } from '../../../codec/values/transform.ts';
import { VariantType } from '../../../codec/values/variantTypes.ts';
import type { VariantInput } from '../../../codec/values/variantValue.ts';
import { Vector2, Vector3, Vector4 } from '../../../codec/values/vector.ts';
import { Vector2i, Vector3i, Vector4i } from '../../../codec/values/vectorInt.ts';

describe('str() of values', () => {
  test.each<[string, VariantInput, string]>([
    ['null', null, '<null>'],
    ['bool', false, 'false'],
    ['int', 5, '5'],
    ['bigint', 2n ** 62n, '4611686018427387904'],
    ['float', float(1), '1.0'],
    ['String', 'x "y"', 'x "y"'],
    ['StringName', new StringName('a'), 'a'],
    ['NodePath', new NodePath('/root/A:b'), '/root/A:b'],
    ['Vector2', new Vector2(0.1, -2), '(0.1, -2.0)'],
    ['Vector2i', new Vector2i(1, -2), '(1, -2)'],
    ['Vector3', new Vector3(1, 2, 3), '(1.0, 2.0, 3.0)'],
    ['Vector3i', new Vector3i(1, 2, 3), '(1, 2, 3)'],
    ['Vector4', new Vector4(1, 2, 3, 4), '(1.0, 2.0, 3.0, 4.0)'],
    ['Vector4i', new Vector4i(1, 2, 3, 4), '(1, 2, 3, 4)'],
    ['Rect2', new Rect2(new Vector2(1, 2), new Vector2(3, 4)), '[P: (1.0, 2.0), S: (3.0, 4.0)]'],
    ['Rect2i', new Rect2i(new Vector2i(1, 2), new Vector2i(3, 4)), '[P: (1, 2), S: (3, 4)]'],
    [
      'AABB',
      new AABB(new Vector3(1, 2, 3), new Vector3(4, 5, 6)),
      '[P: (1.0, 2.0, 3.0), S: (4.0, 5.0, 6.0)]',
    ],
    ['Plane', new Plane(new Vector3(0, 1, 0), 2.5), '[N: (0.0, 1.0, 0.0), D: 2.5]'],
    ['Quaternion', new Quaternion(), '(0, 0, 0, 1)'],
    ['Plane of whole distance', new Plane(new Vector3(1, 2, 3), 5), '[N: (1.0, 2.0, 3.0), D: 5]'],
    ['Transform2D', new Transform2D(), '[X: (1.0, 0.0), Y: (0.0, 1.0), O: (0.0, 0.0)]'],
    ['Basis', new Basis(), '[X: (1.0, 0.0, 0.0), Y: (0.0, 1.0, 0.0), Z: (0.0, 0.0, 1.0)]'],
    [
      'Transform3D',
      new Transform3D(Basis.IDENTITY, new Vector3(1, 2, 3)),
      '[X: (1.0, 0.0, 0.0), Y: (0.0, 1.0, 0.0), Z: (0.0, 0.0, 1.0), O: (1.0, 2.0, 3.0)]',
    ],
    [
      'Projection',
      new Projection(),
      '[X: (1.0, 0.0, 0.0, 0.0), Y: (0.0, 1.0, 0.0, 0.0), Z: (0.0, 0.0, 1.0, 0.0), W: (0.0, 0.0, 0.0, 1.0)]',
    ],
    ['Color', new Color(0.1, 1, 0.123456, Number.NaN), '(0.1, 1.0, 0.1235, nan)'],
    ['RID', new RID(5), 'RID(5)'],
    ['Callable', new Callable(), 'null::null'],
    ['Signal', new Signal('hit', 7n), '7::[signal]hit'],
    ['empty Signal', new Signal(), 'null::[signal]'],
    ['object by id', new EncodedObjectAsID(3), '<EncodedObjectAsID#3>'],
    ['object', new GodotObject('Resource'), '<Resource>'],
    ['bytes', Uint8Array.of(1, 255), '[1, 255]'],
    ['ints', BigInt64Array.of(-1n), '[-1]'],
    ['floats', Float32Array.of(0.5, 1), '[0.5, 1.0]'],
    ['strings', new PackedStringArray(['a', 'b"']), '["a", "b\\""]'],
    ['vectors', new PackedVector3Array([new Vector3(1, 2, 3)]), '[(1.0, 2.0, 3.0)]'],
    [
      'Array',
      [1, 'two', new StringName('n'), new NodePath('p'), null, [float(3)]],
      '[1, "two", &"n", ^"p", <null>, [3.0]]',
    ],
    ['Array[float]', new TypedArray(VariantType.FLOAT, [1]), '[1.0]'],
    ['Dictionary', { a: 1, b: { c: [] } }, '{ "a": 1, "b": { "c": [] } }'],
    ['Dictionary[float, float]', new Dictionary([[1, 2]], { keyType: 3, valueType: 3 }), '{ 1.0: 2.0 }'],
    ['empty Dictionary', {}, '{  }'],
  ])('%s', (_name, value, text) => {
    expect(valueToStr(value)).toBe(text);
  });

  test('containers inside themselves and too deep', () => {
    const array: VariantInput[] = [];
    array.push(array);
    expect(valueToStr(array)).toBe('[[...]]');
    const dictionary = new Dictionary<string, unknown>();
    dictionary.set('me', dictionary);
    expect(valueToStr(dictionary)).toBe('{ "me": {...} }');
    let deep: VariantInput = [];
    for (let i = 0; i < 5000; i++) deep = [deep];
    expect(valueToStr(deep)).toContain('[...]');
  });

  test('names the place of what is no Variant', () => {
    const bad = { list: [1, new Date(0)] };
    expect(() => valueToStr(bad as never)).toThrow(EncodeError);
    expect(() => valueToStr(bad as never)).toThrow('$["list"][1]');
    expect(() => valueToStr((() => 1) as never)).toThrow('function');
  });
});

test('9.3 full escaping', () => {
  expect(escapeFully('a\\\u0007\b\f\n\r\t\v\'"/\u0001é')).toBe('a\\\\\\a\\b\\f\\n\\r\\t\\v\\\'\\"/\u0001é');
});
