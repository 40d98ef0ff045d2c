/**
 * What Godot 4.6 stable makes of an element of another type than its container declares.
 *
 *     node scripts/installGodot4.mjs && npx tsx golden/generate/stray_elements.ts
 *
 * Writes `variant/stray-elements-4.6-stable.json`. `values`: names and encodings. `kept`: [name of the value, declared
 * type, encoding of what the container then holds]; the engine drops every value under every other type. A key of a typed
 * Dictionary becomes what an element of a typed Array becomes: the program fails where it does not. Left out: numbers
 * beyond the integers that they would become, where every processor does as it likes.
 */
import { writeFileSync } from 'node:fs';
import {
  AABB,
  Basis,
  bytesToVar,
  Callable,
  Color,
  Dictionary,
  EncodedObjectAsID,
  float,
  NodePath,
  PackedColorArray,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
  Plane,
  Projection,
  Quaternion,
  RID,
  Rect2,
  Rect2i,
  Signal,
  StringName,
  Transform2D,
  Transform3D,
  TypedArray,
  VARIANT_MAX,
  type VariantInput,
  VariantType,
  type VariantTypeId,
  Vector2,
  Vector2i,
  Vector3,
  Vector3i,
  Vector4,
  Vector4i,
  variantTypeOf,
  varToBytes,
} from '../../codec/index.ts';
import { Godot4 } from '../../test/interop/godot4/engine.ts';
import { withoutPadding } from '../../test/interop/godot4/padding.ts';
import { bytes, hex } from '../../test/support/hex.ts';

const f = Math.fround;
const v2 = (x: number, y: number) => new Vector2(f(x), f(y));
const v3 = (x: number, y: number, z: number) => new Vector3(f(x), f(y), f(z));
const v4 = (x: number, y: number, z: number, w: number) => new Vector4(f(x), f(y), f(z), f(w));
const turned = new Basis(v3(0.36, 0.48, -0.8), v3(-0.8, 0.6, 0), v3(0.48, 0.64, 0.6));
const stretched = new Basis(v3(2, 0.25, 0), v3(0, 3, 0.1), v3(0.7, 0, -4));

const values: readonly (readonly [string, VariantInput])[] = [
  ['null', null],
  ['false', false],
  ['true', true],
  ['int 0', 0n],
  ['int 3', 3n],
  ['int -1', -1n],
  ['int 16777217', 16777217n],
  ['int 2^53 + 1', 2n ** 53n + 1n],
  ['int -2^63', -(2n ** 63n)],
  ['int 0xff8040c0', 0xff8040c0n],
  ['int 0x1ff8040c0', 0x1ff8040c0n],
  ['float -0', float(-0)],
  ['float 2.5', float(2.5)],
  ['float -2.5', float(-2.5)],
  ['float 0.1', float(0.1)],
  ['float 5e-324', float(5e-324)],
  ['float 2^40 + 0.5', float(2 ** 40 + 0.5)],
  ['String empty', ''],
  ['String a/b:c', 'a/b:c'],
  ['String /a', '/a'],
  ['String 12', '12'],
  ['String #f80', '#f80'],
  ['String f808', 'f808'],
  ['String ff804020', 'ff804020'],
  ['String #zzz', '#zzz'],
  ['Vector2', v2(1.5, -2.5)],
  ['Vector2i', new Vector2i(1, -2147483647)],
  ['Rect2', new Rect2(v2(1.5, -2), v2(3.75, 4))],
  ['Rect2i', new Rect2i(new Vector2i(1, 2), new Vector2i(-3, 16777217))],
  ['Vector3', v3(1.5, -2.5, 3)],
  ['Vector3i', new Vector3i(1, 2, 16777217)],
  ['Transform2D', new Transform2D(v2(1, 0.5), v2(-0.25, 2), v2(5, 6))],
  ['Vector4', v4(1.5, 2, 3, -4.75)],
  ['Vector4i', new Vector4i(1, 2, 16777219, 4)],
  ['Plane', new Plane(v3(1, 2, 3), 4)],
  ['Quaternion', new Quaternion(f(0.5), f(-0.5), f(0.5), f(0.5))],
  ['Quaternion turned', new Quaternion(f(0.1826), f(0.3651), f(0.5477), f(0.7303))],
  ['Quaternion long', new Quaternion(1, 2, 3, 4)],
  ['AABB', new AABB(v3(1, 2, 3), v3(4, 5, 6))],
  ['Basis', new Basis(v3(1, 0, 0), v3(0, 1, 0), v3(0, 0, 1))],
  ['Basis turned', turned],
  ['Basis half turned', new Basis(v3(-1, 0, 0), v3(0, 1, 0), v3(0, 0, -1))],
  ['Basis turned over', new Basis(v3(1, 0, 0), v3(0, -1, 0), v3(0, 0, -1))],
  ['Basis stretched', stretched],
  ['Basis mirrored', new Basis(v3(-1, 0, 0), v3(0, 1, 0), v3(0, 0, 1))],
  ['Transform3D', new Transform3D(stretched, v3(1, 2, 3))],
  ['Projection', new Projection(v4(1, 2, 3, 4), v4(5, 6, 7, 8), v4(9, 10, 11, 12), v4(13, 14, 15, 16))],
  ['Color', new Color(1, 0.5, 0.25, 1)],
  ['StringName', new StringName('a')],
  ['NodePath', new NodePath('a/b:c')],
  ['NodePath absolute', new NodePath('/root/a')],
  ['RID', new RID(5n)],
  ['Object', new EncodedObjectAsID(5n)],
  ['Callable', new Callable()],
  ['Signal', new Signal('s', 0n)],
  ['Dictionary', { a: 1 }],
  ['Array empty', []],
  ['Array of scalars', [null, true, false, 3n, -1n, 300n, 2n ** 40n, float(2.5), float(1)]],
  [
    'Array of texts',
    ['', 'a', '12abc', '-1.5e3', '0x1f', '#f80', 'ff804020', new StringName('7'), new NodePath('8/a')],
  ],
  [
    'Array of vectors',
    [
      v2(1.5, -2.5),
      new Vector2i(1, 2),
      v3(1.5, 2, 3),
      new Vector3i(1, 2, 3),
      v4(1.5, 2, 3, 4),
      new Vector4i(1, 2, 3, 4),
      new Color(1, 0.5, 0.25, 0.125),
      new Quaternion(0, 0, 0, 1),
      new Plane(v3(1, 2, 3), 4),
      new Rect2(v2(1, 2), v2(3, 4)),
    ],
  ],
  [
    'Array of containers',
    [[1n], { a: 1n }, new Uint8Array([1]), new Float32Array([1.5]), new RID(5n), new Callable()],
  ],
  ['Array of wholes', [1n, 0xff8040c0n]],
  ['Array[int]', new TypedArray('int', [1n, 2n])],
  ['Array[Vector2]', new TypedArray('Vector2', [v2(1, 2)])],
  ['PackedByteArray', new Uint8Array([1, 255])],
  ['PackedInt32Array', new Int32Array([1, -2])],
  ['PackedInt64Array', new BigInt64Array([1n, 2n ** 62n])],
  ['PackedFloat32Array', new Float32Array([1.5, 2])],
  ['PackedFloat64Array', new Float64Array([1.5, 2])],
  ['PackedStringArray', new PackedStringArray(['a', ''])],
  ['PackedVector2Array', new PackedVector2Array([v2(1, 2)])],
  ['PackedVector3Array', new PackedVector3Array([v3(1, 2, 3)])],
  ['PackedColorArray', new PackedColorArray([new Color(1, 0, 0, 1)])],
  ['PackedVector4Array', new PackedVector4Array([v4(1, 2, 3, 4)])],
];

/** The engine prints an error for each element that it drops, which takes long in a browser. */
const SCRIPT = `extends Node


func _ready() -> void:
	Engine.print_error_messages = false
	var answers := PackedStringArray()
	for line in Harness.lines("res://questions.txt"):
		answers.append(var_to_bytes(bytes_to_var(line.hex_decode())).hex_encode())
	Harness.report("\\n".join(answers))
	Harness.finish()
`;

interface Pair {
  readonly name: string;
  readonly type: VariantTypeId;
  /** An Array of the type with the value as its element. */
  readonly array: Uint8Array;
  /** A Dictionary with keys of the type and the value as its key. */
  readonly dictionary: Uint8Array;
}

/** A container of objects comes back with the name of a class. */
const OBJECT_HEADER = 4 + 4 + 'EncodedObjectAsID\0\0\0'.length + 4;
const LOOSE = { strictTypedContainers: false } as const;

function pairs(): Pair[] {
  const types = Object.values(VariantType).filter((type) => type > 0 && type < VARIANT_MAX);
  return values.flatMap(([name, value]) =>
    types
      .filter((type) => type !== variantTypeOf(value))
      .map((type) => ({
        name,
        type,
        array: varToBytes(new TypedArray(type, [value]), LOOSE),
        dictionary: varToBytes(new Dictionary<unknown, unknown>([[value, 1]], { keyType: type }), LOOSE),
      })),
  );
}

async function decode(godot: Godot4, encodings: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const { reports } = await godot.run({
    files: { 'main.gd': SCRIPT, 'questions.txt': `${encodings.map(hex).join('\n')}\n` },
    timeoutMs: 120_000,
  });
  return reports.flatMap((report) => report.split('\n')).map(bytes);
}

/** The encoding of what a container holds, `undefined` for an empty one. */
function held(again: Uint8Array, header: number, footer: number): string | undefined {
  return again[header - 4] === 0 ? undefined : hex(again.subarray(header, again.length - footer));
}

async function main(): Promise<void> {
  const asked = pairs();
  const godot = await Godot4.open();
  const arrays = await decode(
    godot,
    asked.map((pair) => pair.array),
  );
  const dictionaries = await decode(
    godot,
    asked.map((pair) => pair.dictionary),
  );
  await godot.close();
  const kept = asked.flatMap(({ name, type }, index) => {
    const [array, dictionary] = [arrays[index], dictionaries[index]];
    if (array === undefined || dictionary === undefined) throw new Error(`refused: ${name} as ${type}`);
    const clean = [array, dictionary].map((again) =>
      withoutPadding(again, varToBytes(bytesToVar(again, { exact: true, ...LOOSE }), LOOSE)),
    );
    const header = type === VariantType.OBJECT ? OBJECT_HEADER : 12;
    const element = held(clean[0] as Uint8Array, header, 0);
    const key = held(clean[1] as Uint8Array, header, 8);
    if (element !== key) throw new Error(`${name} as ${type}: element ${element}, key ${key}`);
    return element === undefined ? [] : [[name, type, element] as const];
  });
  const lines = (rows: readonly unknown[]): string => rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n');
  const encodings = values.map(([name, value]) => [name, hex(varToBytes(value))]);
  writeFileSync(
    new URL('../variant/stray-elements-4.6-stable.json', import.meta.url),
    `{\n "engine": "4.6-stable (official)",\n "generator": "stray_elements.ts",\n "values": [\n${lines(encodings)}\n ],\n "kept": [\n${lines(kept)}\n ]\n}\n`,
  );
}

void main();
