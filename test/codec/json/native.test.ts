import { describe, expect, test } from 'vitest';
import { EncodeError } from '../../../codec/errors.ts';
import { fromNative } from '../../../codec/json/fromNative.ts';
import { parseJson } from '../../../codec/json/parse.ts';
import { stringifyJson } from '../../../codec/json/stringify.ts';
import { toNative } from '../../../codec/json/toNative.ts';
import { readInt } from '../../../codec/lexical/numbers.ts';
import { Color } from '../../../codec/values/Color.ts';
import { ContainerType } from '../../../codec/values/ContainerType.ts';
import { Dictionary } from '../../../codec/values/Dictionary.ts';
import { Float, float } from '../../../codec/values/Float.ts';
import { NodePath } from '../../../codec/values/NodePath.ts';
import { PackedStringArray, PackedVector2Array } from '../../../codec/values/packed.ts';
import { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from '../../../codec/values/reference.ts';
import { StringName } from '../../../codec/values/StringName.ts';
import { TypedArray } from '../../../codec/values/TypedArray.ts';
import { Basis } from '../../../codec/values/transform.ts';
import { VariantType } from '../../../codec/values/variantTypes.ts';
import type { VariantInput, VariantValue } from '../../../codec/values/variantValue.ts';
import { Vector2, Vector3 } from '../../../codec/values/vector.ts';
import { Vector2i } from '../../../codec/values/vectorInt.ts';

/** The text of a value in native notation, as the golden files have it. */
function write(value: VariantInput, fullObjects = false): string {
  return stringifyJson(fromNative(value, fullObjects), '', false, true);
}

/** What a text in native notation means, and which places were in error. */
function read(text: string, allowObjects = false): { value: VariantValue; errors: string[] } {
  const errors: string[] = [];
  const value = toNative(parseJson(text), allowObjects, {
    exact: true,
    onError: (issue) => errors.push(`${issue.path}: ${issue.message}`),
  });
  return { value, errors };
}

describe('11.5 native notation', () => {
  test('N-1 scalars', () => {
    expect(
      [5, float(1), 'x', new StringName('x'), new NodePath('a/b:c')].map((value) => write(value)),
    ).toEqual(['"i:5"', '"f:1.0"', '"s:x"', '"sn:x"', '"np:a/b:c"']);
  });
  test('N-2 Vector2', () => expect(write(new Vector2(1, 2))).toBe('{"type":"Vector2","args":[1.0,2.0]}'));
  test('N-3 Basis, column by column', () => {
    const basis = new Basis(new Vector3(1, 2, 3), new Vector3(4, 5, 6), new Vector3(7, 8, 9));
    const text = '{"type":"Basis","args":[1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0]}';
    expect(write(basis)).toBe(text);
    expect(read(text)).toEqual({ value: basis, errors: [] });
  });
  test('N-4 keys of several types', () => {
    const dictionary = new Dictionary<unknown, unknown>([
      [false, true],
      [0, 1],
      [float(0), float(1)],
    ]);
    const text = '{"type":"Dictionary","args":[false,true,"i:0","i:1","f:0.0","f:1.0"]}';
    expect(write(dictionary)).toBe(text);
    // The plain view keeps whole float keys apart from ints too.
    expect([...(toNative(parseJson(text)) as Dictionary).keys()]).toEqual([false, 0, new Float(0)]);
  });
  test('N-5 Array[int]', () => {
    const text = '{"type":"Array","elem_type":"int","args":["i:1"]}';
    expect(write(new TypedArray(VariantType.INT, [1]))).toBe(text);
    expect((read(text).value as TypedArray).elementType.toString()).toBe('int');
  });
  test('N-6 PackedStringArray holds raw strings', () => {
    const text = '{"type":"PackedStringArray","args":["s:x"]}';
    expect(write(new PackedStringArray(['s:x']))).toBe(text);
    expect(read(text).value).toEqual(new PackedStringArray(['s:x']));
  });
  test('N-7 what a float loses', () => {
    expect([write(1e-20), write(Number.POSITIVE_INFINITY)]).toEqual(['"f:0.0"', '"f:inf"']);
    expect(read('"f:inf"').value).toEqual(new Float(Number.POSITIVE_INFINITY));
    expect(read('"f:-inf"').value).toEqual(new Float(Number.NEGATIVE_INFINITY));
    expect(read('"f:nan"').value).toEqual(new Float(Number.NaN));
    // Only these very texts, and only since 4.6.
    for (const text of ['"f:+inf"', '"f:INF"', '"f:inf "', '"f:inf.0"'])
      expect(read(text).value).toEqual(new Float(0));
    expect(toNative('f:inf', { exact: true, dialect: '4.5' })).toEqual(new Float(0));
  });
});

describe('8.4 writing', () => {
  test('components are narrowed to f32 unless asked otherwise; colors too', () => {
    expect(write(new Vector2(0.1, 0))).toBe('{"type":"Vector2","args":[0.10000000149011612,0.0]}');
    const text = stringifyJson(fromNative(new Vector2(0.1, 0), false, { real: 'double' }), '', false, true);
    expect(text).toBe('{"type":"Vector2","args":[0.1,0.0]}');
    const color = stringifyJson(fromNative(new Color(0.1, 0, 0), false, { real: 'double' }), '', false, true);
    expect(color).toBe('{"type":"Color","args":[0.10000000149011612,0.0,0.0,1.0]}');
    expect(toNative(parseJson(text), false, { real: 'double' })).toEqual(new Vector2(0.1, 0));
    expect(toNative(parseJson(text))).toEqual(new Vector2(Math.fround(0.1), 0));
  });

  test.each<[string, VariantInput, string, string]>([
    ['RID', new RID(5), '{"type":"RID"}', '{"type":"RID"}'],
    ['Callable', new Callable(), '{"type":"Callable"}', '{"type":"Callable"}'],
    ['Signal', new Signal('hit', 5n), '{"type":"Signal"}', '{"type":"Signal"}'],
    ['object by id', new EncodedObjectAsID(5), 'null', 'null'],
    [
      'object',
      new GodotObject('Resource', [
        ['resource_name', 'x'],
        ['script', null],
      ]),
      'null',
      '{"type":"Resource","props":["resource_name","s:x","script",null]}',
    ],
    ['Array[Node]', new TypedArray('Node', []), 'null', '{"type":"Array","elem_type":"Node","args":[]}'],
    [
      'Array of a script',
      new TypedArray(new ContainerType(VariantType.OBJECT, 'Node', 'res://a.gd'), []),
      'null',
      '{"type":"Array","elem_type":"res://a.gd","args":[]}',
    ],
    [
      'Array of a script elsewhere',
      new TypedArray(new ContainerType(VariantType.OBJECT, 'Node', 'user://a.gd'), []),
      'null',
      'null',
    ],
    [
      'Dictionary[String, Node]',
      new Dictionary([], { keyType: VariantType.STRING, valueType: 'Node' }),
      'null',
      '{"type":"Dictionary","key_type":"String","value_type":"Node","args":[]}',
    ],
    [
      'Array[float] of bare numbers',
      new TypedArray(VariantType.FLOAT, [1]),
      '{"type":"Array","elem_type":"float","args":["f:1.0"]}',
      '{"type":"Array","elem_type":"float","args":["f:1.0"]}',
    ],
  ])('%s without and with full objects', (_name, value, plain, full) => {
    expect(write(value)).toBe(plain);
    expect(write(value, true)).toBe(full);
  });

  test('errors are told with their place and spare the rest', () => {
    const errors: string[] = [];
    const loop: VariantInput[] = [];
    loop.push(loop);
    const value = { a: [1, new EncodedObjectAsID(5)], b: loop };
    const native = fromNative(value, false, { onError: (issue) => errors.push(issue.path) });
    expect(stringifyJson(native, '', false)).toBe(
      '{"type":"Dictionary","args":["s:a",["i:1",null],"s:b",[null]]}',
    );
    expect(errors).toEqual(['$.args[1][1]', '$.args[3][0]']);
  });

  test('deeper than 1024 becomes null', () => {
    let deep: VariantInput = 7;
    for (let i = 0; i < 1025; i++) deep = [deep];
    const errors: string[] = [];
    fromNative(deep, false, { onError: (issue) => errors.push(issue.message) });
    expect(errors).toEqual(['nested too deep']);
    expect(write((deep as VariantInput[])[0])).toContain('i:7');
    errors.length = 0;
    let json: VariantInput = 's:x';
    for (let i = 0; i < 20_000; i++) json = [json];
    toNative(json, false, { onError: (issue) => errors.push(issue.message) });
    expect(errors).toEqual(['nested too deep']);
  });

  test('refuses what is no Variant', () => {
    expect(() => fromNative([new Date(0)] as never)).toThrow(EncodeError);
    expect(() => fromNative({ a: () => 1 } as never)).toThrow('$.args[1]');
  });
});

describe('8.4 reading', () => {
  test.each<[string, VariantValue]>([
    ['null', null],
    ['true', true],
    ['"i:-12"', -12n],
    ['"f:0.1"', new Float(0.1)],
    ['"s:i:5"', 'i:5'],
    ['"sn:a"', new StringName('a')],
    ['"np:/root/A:b"', new NodePath('/root/A:b')],
    ['["i:1",["s:x"]]', [1n, ['x']]],
    ['{"type":"RID"}', new RID()],
    ['{"type":"Callable"}', new Callable()],
    ['{"type":"Signal"}', new Signal()],
    // Elements of args convert leniently.
    ['{"type":"Vector2","args":["1.5",true]}', new Vector2(1.5, 1)],
    ['{"type":"Vector2i","args":["12",3.9]}', new Vector2i(12, 3)],
    ['{"type":"Vector2i","args":[-3.9,4294967297]}', new Vector2i(-3, 1)],
    ['{"type":"Color","args":[1,0.5,0,1]}', new Color(1, 0.5, 0, 1)],
    ['{"type":"PackedByteArray","args":[1,256,-1]}', Uint8Array.of(1, 0, 255)],
    ['{"type":"PackedInt32Array","args":[1,2.5]}', Int32Array.of(1, 2)],
    [
      '{"type":"PackedInt64Array","args":["9223372036854775807",1e300]}',
      BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n)),
    ],
    ['{"type":"PackedFloat32Array","args":[0.1]}', Float32Array.of(0.1)],
    ['{"type":"PackedFloat64Array","args":[0.1]}', Float64Array.of(0.1)],
    ['{"type":"PackedVector2Array","args":[1,2]}', new PackedVector2Array(Float32Array.of(1, 2))],
    ['{"type":"Dictionary","args":["s:a","i:1","s:a","i:2"]}', new Dictionary([['a', 2n]])],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual({ value, errors: [] });
  });

  test.each<[string, VariantValue, string]>([
    ['5', null, 'bare number'],
    ['"x"', null, 'begins with i:'],
    ['["i:1",5,"s:x"]', [1n, null, 'x'], '$[1]: '],
    ['{}', null, '"type"'],
    ['{"type":5}', null, '"type"'],
    ['{"type":"int"}', null, 'shorter notation'],
    ['{"type":"Nil"}', null, 'shorter notation'],
    ['{"type":"StringName"}', null, 'shorter notation'],
    ['{"type":"Vector2"}', null, '"args"'],
    ['{"type":"Vector2","args":[1]}', null, '2 numbers'],
    ['{"type":"Vector2","args":[1,2,3]}', null, '2 numbers'],
    ['{"type":"Vector2","args":[1,null]}', new Vector2(1, 0), '$.args[1]: '],
    ['{"type":"PackedVector2Array","args":[1,2,3]}', null, 'multiple of 2'],
    ['{"type":"PackedByteArray","args":5}', null, '"args"'],
    ['{"type":"Dictionary","args":["s:a"]}', null, 'odd'],
    ['{"type":"Array","args":{}}', null, '"args"'],
    ['{"type":"Array","elem_type":"Node","args":[]}', null, 'objects are off'],
    ['{"type":"Array","elem_type":"res://a.gd","args":[]}', null, 'objects are off'],
    ['{"type":"Array","elem_type":"a b","args":[]}', null, 'invalid type'],
    ['{"type":"Array","elem_type":5,"args":[]}', null, '"elem_type"'],
    ['{"type":"Node","props":[]}', null, 'objects are off'],
    ['{"type":"no such type","args":[]}', null, 'invalid type'],
    ['{"type":"Array","args":["i:1",{"type":"Nope!"}]}', [1n, null], '$.args[1]: '],
  ])('%s is an error', (text, value, message) => {
    const result = read(text);
    expect(result.value).toEqual(value);
    expect(result.errors).toHaveLength(1);
    expect(result.errors[0]).toContain(message);
  });

  test('typed dictionaries validate keys and not values', () => {
    const text =
      '{"type":"Dictionary","key_type":"String","value_type":"int","args":["sn:a","s:text","i:1","i:1"]}';
    const { value, errors } = read(text);
    expect([...(value as Dictionary)]).toEqual([['a', 'text']]);
    expect(errors).toEqual(['$.args: dropped a key that is no String']);
    const floats = '{"type":"Dictionary","key_type":"float","args":["i:16777217",true,"f:0.1",null]}';
    expect([...(read(floats).value as Dictionary).keys()]).toEqual([new Float(16777217), new Float(0.1)]);
    const names = '{"type":"Dictionary","key_type":"StringName","args":["s:a",true]}';
    expect([...(read(names).value as Dictionary).keys()]).toEqual([new StringName('a')]);
    expect([...(read(floats.replaceAll('float', 'int')).value as Dictionary).keys()]).toEqual([
      16777217n,
      0n,
    ]);
  });

  test('objects on request, never instantiated', () => {
    const text = '{"type":"Resource","props":["resource_name","s:x","n","i:1"]}';
    const { value, errors } = read(text, true);
    expect(errors).toEqual([]);
    expect(value).toEqual(
      new GodotObject('Resource', [
        ['resource_name', 'x'],
        ['n', 1n],
      ]),
    );
    expect(write(value, true)).toBe(text);
    expect(read('{"type":"Resource","props":["a"]}', true).errors[0]).toContain('names and values');
    expect(read('{"type":"Resource","props":[5,null]}', true).errors[0]).toContain('no string');
    const typed = read('{"type":"Array","elem_type":"res://a.gd","args":[]}', true).value as TypedArray;
    expect(typed.elementType.scriptPath).toBe('res://a.gd');
  });

  test('plain objects are read like Dictionaries, inherited members are not', () => {
    expect(toNative({ type: 'Vector2i', args: [1, 2] })).toEqual(new Vector2i(1, 2));
    expect(toNative(Object.create(null))).toBeNull();
    const hostile = JSON.parse('{"__proto__":{"type":"RID"}}');
    expect(toNative(hostile)).toBeNull();
  });

  test('the plain view', () => {
    expect(toNative(['i:5', 'f:1.0', 'i:9007199254740993'])).toEqual([5, 1, 9007199254740993n]);
  });
});

describe('8.6 integers', () => {
  test.each<[string, bigint]>([
    ['', 0n],
    ['12', 12n],
    ['-12', -12n],
    ['--12', 12n],
    ['-0-5', 5n],
    ['1-2', 12n],
    ['a1b2', 12n],
    ['12.9', 12n],
    ['.5', 0n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
    // 19 digits wrap, 20 saturate.
    ['9223372036854775808', -(2n ** 63n)],
    ['9999999999999999999', 9999999999999999999n - 2n ** 64n],
    ['10000000000000000000', 2n ** 63n - 1n],
    ['-10000000000000000000', -(2n ** 63n)],
    ['00000000000000000000000012', 12n],
  ])('%s', (text, value) => {
    expect(readInt(text)).toBe(value);
  });
});
