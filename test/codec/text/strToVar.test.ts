/** The tokens and values of variant-codec 9.4, one row per clause. */
import { describe, expect, test } from 'vitest';
import {
  AABB,
  Basis,
  Callable,
  Color,
  ContainerType,
  Dictionary,
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
  strToVar,
  TextError,
  type TextIssue,
  TextResource,
  Transform2D,
  Transform3D,
  TypedArray,
  VariantType,
  type VariantValue,
  Vector2,
  Vector2i,
  Vector3,
  Vector3i,
  Vector4,
  Vector4i,
  varToStr,
} from '../../../codec/index.ts';

const v2 = (x: number, y: number): Vector2 => new Vector2(x, y);
const v3 = (x: number, y: number, z: number): Vector3 => new Vector3(x, y, z);

describe('values', () => {
  const rows: readonly (readonly [string, VariantValue])[] = [
    ['null', null],
    ['nil', null],
    ['true', true],
    ['false', false],
    ['5', 5],
    ['-5', -5],
    ['-0', 0],
    ['007', 7],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['00000000000000000000000000000000005', 5],
    ['1.5', 1.5],
    ['1.', 1],
    ['-1.25e2', -125],
    ['1E3', 1000],
    ['1e-05', 1e-5],
    ['1.5e', 15],
    ['2e+', 2],
    ['1.5.5', 1.5],
    ['inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['inf_neg', Number.NEGATIVE_INFINITY],
    ['nan', Number.NaN],
    ['""', ''],
    ['"a\nb"', 'a\nb'],
    ['"\\b\\t\\n\\f\\r"', '\b\t\n\f\r'],
    ['"\\a\\v\\\\\\"\\\'\\q\\\n"', 'av\\"\'q\n'],
    ['"\\u0041\\U01F600"', 'A😀'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"\\ud83d\\U00de00"', '😀'],
    ['"\\U110000"', '\ufffd'],
    ['"日本 😀"', '日本 😀'],
    ['"; no comment"', '; no comment'],
    ['&"name"', new StringName('name')],
    ['@"name"', new StringName('name')],
    ['NodePath("a/b:c")', new NodePath('a/b:c')],
    ['#f00 ', new Color(1, 0, 0, 1)],
    ['#0f08;', new Color(0, 1, 0, Math.fround(8 / 15))],
    ['#ff8000 ', new Color(1, Math.fround(128 / 255), 0, 1)],
    ['#FF800080]', new Color(1, Math.fround(128 / 255), 0, Math.fround(128 / 255))],
    ['Vector2(1, 0.1)', v2(1, Math.fround(0.1))],
    ['Vector2(inf, inf_neg)', v2(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)],
    ['Vector2( 0, 0 )', v2(0, 0)],
    ['Vector2i(1, -2)', new Vector2i(1, -2)],
    ['Vector2i(1.9, -1.9)', new Vector2i(1, -1)],
    ['Vector2i(4294967297, inf)', new Vector2i(1, -2147483648)],
    ['Rect2(1, 2, 3, 4)', new Rect2(v2(1, 2), v2(3, 4))],
    ['Rect2i(1, 2, 3, 4)', new Rect2i(new Vector2i(1, 2), new Vector2i(3, 4))],
    ['Vector3(1, 2, 3)', v3(1, 2, 3)],
    ['Vector3i(1, 2, 3)', new Vector3i(1, 2, 3)],
    ['Vector4(1, 2, 3, 4)', new Vector4(1, 2, 3, 4)],
    ['Vector4i(1, 2, 3, 4)', new Vector4i(1, 2, 3, 4)],
    ['Plane(0, 1, 0, 2)', new Plane(v3(0, 1, 0), 2)],
    ['Quaternion(0, 0, 0, 1)', new Quaternion(0, 0, 0, 1)],
    ['Quat(0, 0, 0, 1)', new Quaternion(0, 0, 0, 1)],
    ['AABB(1, 2, 3, 4, 5, 6)', new AABB(v3(1, 2, 3), v3(4, 5, 6))],
    ['Rect3(1, 2, 3, 4, 5, 6)', new AABB(v3(1, 2, 3), v3(4, 5, 6))],
    ['Transform2D(1, 2, 3, 4, 5, 6)', new Transform2D(v2(1, 2), v2(3, 4), v2(5, 6))],
    ['Matrix32(1, 2, 3, 4, 5, 6)', new Transform2D(v2(1, 2), v2(3, 4), v2(5, 6))],
    ['Basis(1, 2, 3, 4, 5, 6, 7, 8, 9)', new Basis(v3(1, 4, 7), v3(2, 5, 8), v3(3, 6, 9))],
    ['Matrix3(1, 2, 3, 4, 5, 6, 7, 8, 9)', new Basis(v3(1, 4, 7), v3(2, 5, 8), v3(3, 6, 9))],
    [
      'Transform(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)',
      new Transform3D(new Basis(v3(1, 4, 7), v3(2, 5, 8), v3(3, 6, 9)), v3(10, 11, 12)),
    ],
    ['Projection(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)', new Projection()],
    ['Color(0.5, 0, 0, 1)', new Color(0.5, 0, 0, 1)],
    ['RID()', new RID()],
    ['RID(5)', new RID(5)],
    ['RID(-1)', new RID(2n ** 64n - 1n)],
    ['Callable()', new Callable()],
    ['Signal()', new Signal()],
    ['PackedByteArray(1, 2, 257)', Uint8Array.of(1, 2, 1)],
    ['PoolByteArray()', new Uint8Array()],
    ['ByteArray( 3 )', Uint8Array.of(3)],
    ['PackedByteArray("AP8QAQ==")', Uint8Array.of(0, 255, 16, 1)],
    ['PackedByteArray("")', new Uint8Array()],
    ['PackedInt32Array(1, -1)', Int32Array.of(1, -1)],
    ['PackedIntArray(1)', Int32Array.of(1)],
    ['PoolIntArray(1)', Int32Array.of(1)],
    ['IntArray(1)', Int32Array.of(1)],
    ['PackedInt64Array(1, 9223372036854775807)', BigInt64Array.of(1n, 9223372036854775807n)],
    ['PackedFloat32Array(0.1, inf)', Float32Array.of(0.1, Number.POSITIVE_INFINITY)],
    ['PackedRealArray(1)', Float32Array.of(1)],
    ['PoolRealArray(1)', Float32Array.of(1)],
    ['FloatArray(1)', Float32Array.of(1)],
    ['PackedFloat64Array(0.1, nan)', Float64Array.of(0.1, Number.NaN)],
    ['PackedStringArray("a", "b")', new PackedStringArray(['a', 'b'])],
    ['PoolStringArray("a", )', new PackedStringArray(['a'])],
    ['StringArray()', new PackedStringArray()],
    ['PackedVector2Array(1, 2, 3, 4, 5)', new PackedVector2Array(Float32Array.of(1, 2, 3, 4))],
    ['Vector2Array(1, 2)', new PackedVector2Array(Float32Array.of(1, 2))],
    ['PoolVector2Array(1, 2)', new PackedVector2Array(Float32Array.of(1, 2))],
    ['PoolVector3Array(1, 2, 3)', new PackedVector3Array(Float32Array.of(1, 2, 3))],
    ['Vector4Array(1, 2, 3, 4)', new PackedVector4Array(Float32Array.of(1, 2, 3, 4))],
    ['ColorArray(1, 2, 3, 4)', new PackedColorArray(Float32Array.of(1, 2, 3, 4))],
    ['[]', []],
    ['[1, [2], "x",]', [1, [2], 'x']],
    ['{}', new Dictionary()],
    [
      '{"a": 1, "b": [],}',
      new Dictionary<VariantValue, VariantValue>([
        ['a', 1],
        ['b', []],
      ]),
    ],
    ['{"a": 1, "a": 2}', new Dictionary<VariantValue, VariantValue>([['a', 2]])],
    ['{"__proto__": 1}', new Dictionary<VariantValue, VariantValue>([['__proto__', 1]])],
    ['Array[int]([1, 2])', new TypedArray<VariantValue>('int', [1, 2])],
    ['Array[Variant]([1])', [1]],
    ['Array[Node]([null])', new TypedArray<VariantValue>('Node', [null])],
    ['ExtResource("1_ab")', new TextResource('ExtResource', '1_ab')],
    ['ExtResource( 1 )', new TextResource('ExtResource', 1)],
    ['SubResource("x")', new TextResource('SubResource', 'x')],
    ['Resource("res://a")', new TextResource('Resource', 'res://a')],
    ['Resource("uid://a", "res://a")', new TextResource('Resource', 'res://a', 'uid://a')],
    ['Resource("res://a", "uid://a")', new TextResource('Resource', 'res://a', 'uid://a')],
    [
      'Object(Resource,"a":1,"b":[2],)\n',
      new GodotObject('Resource', [
        ['a', 1],
        ['b', [2]],
      ]),
    ],
    ['Object(Node)', new GodotObject('Node')],
    ['Object(EncodedObjectAsID,"object_id":7,"script":null)', new EncodedObjectAsID(7)],
    ['Object(EncodedObjectAsID,"object_id":1.5)', new GodotObject('EncodedObjectAsID', [['object_id', 1.5]])],
    [' \t\r\n\u0001; comment ; more\n;\n 5 trailing is ignored (', 5],
  ];
  test.each(rows)('%s', (text, value) => {
    const read = strToVar(text);
    expect(read).toEqual(value);
    // toEqual takes classes of the same content for equal; the text tells them apart.
    expect(varToStr(read)).toBe(varToStr(value));
  });

  test('the exact view', () => {
    expect(strToVar('[1, 1.0, {1: 2.5}]', { exact: true })).toEqual([
      1n,
      new Float(1),
      new Dictionary<VariantValue, VariantValue>([[1n, new Float(2.5)]]),
    ]);
  });

  test('int and float keys stay apart in the plain view', () => {
    const value = strToVar('{1: "int", 1.0: "float", [1.0]: 1}');
    expect(value).toBeInstanceOf(Dictionary);
    expect([...(value as Dictionary).keys()]).toEqual([1, float(1), [float(1)]]);
    const typed = strToVar('Dictionary[float, int]({1: 2, 1.0: 3})') as Dictionary;
    expect([...typed]).toEqual([[1, 3]]);
  });

  test('double precision keeps components, but never those of colors', () => {
    expect(strToVar('Vector2(0.1, 0)', { real: 'double' })).toEqual(v2(0.1, 0));
    expect(strToVar('Color(0.1, 0, 0, 1)', { real: 'double' })).toEqual(new Color(Math.fround(0.1), 0, 0, 1));
    expect(strToVar('PackedVector2Array(0.1, 0)', { real: 'double' })).toEqual(
      new PackedVector2Array(Float64Array.of(0.1, 0)),
    );
  });
});

describe('typed containers convert as the engine does', () => {
  test.each([
    ['Array[float]([1, true, 2.5])', '[1.0, 1.0, 2.5]', 'float'],
    ['Array[int]([1.9, true, -1.9])', '[1, 1, -1]', 'int'],
    ['Array[bool]([0, 2, 0.5])', '[false, true, true]', 'bool'],
    ['Array[String]([&"a", NodePath("b")])', '["a", "b"]', 'String'],
    ['Array[StringName](["a"])', '[&"a"]', 'StringName'],
    ['Array[NodePath](["a/b"])', '[NodePath("a/b")]', 'NodePath'],
    ['Array[Vector2]([Vector2i(1, 2)])', '[Vector2(1, 2)]', 'Vector2'],
    ['Array[Vector3i]([Vector3(1.5, 2, 3)])', '[Vector3i(1, 2, 3)]', 'Vector3i'],
    ['Array[Vector4i]([Vector4(1.5, 2, 3, 4)])', '[Vector4i(1, 2, 3, 4)]', 'Vector4i'],
    ['Array[Rect2i]([Rect2(1, 2, 3, 4)])', '[Rect2i(1, 2, 3, 4)]', 'Rect2i'],
    ['Array[Array]([PackedStringArray("a")])', '[["a"]]', 'Array'],
  ])('%s', (text, contents, type) => {
    for (const exact of [true, false]) {
      expect(varToStr(strToVar(text, { exact }))).toBe(`Array[${type}](${contents})`);
    }
  });

  test.each([
    ['Array[int](["1"])', 'Array[int]([])', 'element 0 is no int'],
    ['Array[Node]([1])', 'Array[Node]([])', 'element 0 is no Node'],
    ['Dictionary[int, int]({"a": 1})', 'Dictionary[int, int]({})', 'a key is no int'],
    ['Dictionary[int, int]({1: "a"})', 'Dictionary[int, int]({})', 'a value is no int'],
  ])('%s stays empty, and says so', (text, written, message) => {
    const issues: TextIssue[] = [];
    expect(varToStr(strToVar(text, { onIssue: (issue) => issues.push(issue) }))).toBe(written);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.message).toContain(message);
    expect(issues[0]?.line).toBe(1);
  });

  test('keys that become equal by conversion are one', () => {
    const value = strToVar('Dictionary[String, int]({"a": 1, &"a": 2, NodePath("a"): 3})');
    expect(varToStr(value)).toBe('Dictionary[String, int]({\n"a": 3\n})');
  });

  test('a script types by its path, or by what the option says', () => {
    const text = 'Array[ExtResource("1_x")]([])';
    expect(strToVar(text)).toEqual(
      new TypedArray<VariantValue>(new ContainerType(VariantType.OBJECT, '', 'ExtResource("1_x")')),
    );
    expect(varToStr(strToVar(text))).toBe(text);
    expect(varToStr(strToVar(text, { scriptPath: ({ id }) => `res://${id}.gd` }))).toBe(
      'Array[Resource("res://1_x.gd")]([])',
    );
    expect(varToStr(strToVar('Array[Resource]([])'))).toBe('Array[Resource]([])');
  });
});

describe('hooks and issues', () => {
  test('resource: what it gives stands in the value; it may refuse with the place', () => {
    const text = '[1,\n ExtResource("a")]';
    expect(strToVar(text, { resource: ({ kind, id }) => `${kind} ${id}` })).toEqual([1, 'ExtResource a']);
    const refuse = (): unknown =>
      strToVar(text, {
        resource: (_reference, fail) => {
          throw fail('No such resource');
        },
      });
    expect(refuse).toThrow(expect.objectContaining({ code: 'ERR_TEXT_SYNTAX', line: 2, column: 2 }));
  });

  test.each([
    ['99999999999999999999', 9223372036854775807n],
    ['-99999999999999999999', -9223372036854775808n],
    ['9223372036854775808', 9223372036854775807n],
    ['#12345 ', new Color(0, 0, 0, 1)],
    ['# ', new Color(0, 0, 0, 1)],
  ])('%s is taken with an issue', (text, value) => {
    const issues: TextIssue[] = [];
    expect(strToVar(text, { onIssue: (issue) => issues.push(issue) })).toEqual(value);
    expect(issues).toHaveLength(1);
    expect(strToVar(text)).toEqual(value);
  });
});

describe('what is refused, with its place', () => {
  test.each([
    ['', 1, 1],
    [' ; only a comment', 1, 18],
    ['#f00', 1, 5],
    ['.5', 1, 1],
    ['+1', 1, 1],
    ['-', 1, 2],
    ['-.5', 1, 2],
    ["'a'", 1, 1],
    ['"a', 1, 3],
    ['"\n\n\\', 3, 2],
    ['"\\u12"', 1, 7],
    ['"\\u12xy"', 1, 2],
    ['"\\ud83d"', 1, 2],
    ['"\\ud83dx"', 1, 2],
    ['"\\ude00"', 1, 2],
    ['"\\u0000"', 1, 2],
    ['"a\0"', 1, 3],
    ['"\\\0"', 1, 3],
    ['&name', 1, 2],
    ['^"path"', 1, 1],
    ['$Node', 1, 1],
    ['foo', 1, 1],
    ['Vector2', 1, 8],
    ['Vector2(1)', 1, 1],
    ['Vector2(1, 2, 3)', 1, 1],
    ['Vector2(1, 2,)', 1, 14],
    ['Vector2(1; 2)\n 2)', 2, 2],
    ['Vector2(1, "2")', 1, 12],
    ['Vector2(1, true)', 1, 12],
    ['PackedByteArray("AP8")', 1, 17],
    ['PackedByteArray("A===")', 1, 17],
    ['PackedByteArray("AAA*")', 1, 17],
    ['PackedByteArray("AAAA", 1)', 1, 23],
    ['PackedInt32Array(1,)', 1, 20],
    ['PackedStringArray(1)', 1, 19],
    ['NodePath()', 1, 10],
    ['RID("a")', 1, 5],
    ['Callable(1)', 1, 10],
    ['ExtResource()', 1, 13],
    ['ExtResource(-1)', 1, 13],
    ['Resource(1)', 1, 10],
    ['Resource("a", 1)', 1, 15],
    ['Object()', 1, 8],
    ['Object(Node "a":1)', 1, 13],
    ['Object(Node,a:1)', 1, 13],
    ['Object(Node,"a" 1)', 1, 17],
    ['[1 2]', 1, 4],
    ['[1,,2]', 1, 4],
    ['[,]', 1, 2],
    ['[1', 1, 3],
    ['[1)', 1, 3],
    ['{"a" 1}', 1, 6],
    ['{"a": 1 "b": 2}', 1, 9],
    ['{,}', 1, 2],
    ['{"a":}', 1, 6],
    ['{\n"a": 1,\n"b": }', 3, 6],
    ['Array[]([])', 1, 7],
    ['Array[int]', 1, 11],
    ['Array[int](1)', 1, 12],
    ['Array[-inf]([])', 1, 7],
    ['Array([])', 1, 6],
    ['Dictionary[int]({})', 1, 15],
    ['\r\n  \u00a0', 2, 3],
  ])('%j', (text, line, column) => {
    expect(() => strToVar(text)).toThrow(TextError);
    expect(() => strToVar(text)).toThrow(
      expect.objectContaining({ code: 'ERR_TEXT_SYNTAX', godotError: 43, line, column }),
    );
  });

  test('arguments and options are checked by name', () => {
    expect(() => strToVar(5 as never)).toThrow('"text" expected a string, got number');
    expect(() => strToVar('1', { real: 'half' as never })).toThrow('"real" expected');
    for (const name of ['maxDepth', 'maxElements', 'maxLength']) {
      expect(() => strToVar('1', { [name]: -1 })).toThrow(`"${name}" expected an integer`);
    }
  });
});
