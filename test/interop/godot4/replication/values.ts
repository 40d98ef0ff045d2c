/** One value, and another one, of every Variant type that travels; and the scene that has a variable of each. */
import { strToVar, type VariantValue } from '../../../../codec/index.ts';

/** A variable of `values.gd`. */
export interface TypedValue {
  readonly name: string;
  /** As GDScript declares it. */
  readonly type: string;
  readonly first: VariantValue;
  readonly second: VariantValue;
}

/** By type: what it is at first, and later. In the notation of `var_to_str`. */
const TEXTS: readonly (readonly [type: string, first: string, second: string])[] = [
  ['bool', 'false', 'true'],
  ['int', '-7', '9007199254740991'],
  ['float', '0.1', '-1e+300'],
  ['String', '"Zoë"', '"日本 \\\\ \\" 🎲"'],
  ['Vector2', 'Vector2(1, -2.5)', 'Vector2(0.1, 1e-30)'],
  ['Vector2i', 'Vector2i(1, -2)', 'Vector2i(2147483647, -2147483648)'],
  ['Rect2', 'Rect2(1, 2, 3, 4)', 'Rect2(0.1, 0.2, -3, 4)'],
  ['Rect2i', 'Rect2i(1, 2, 3, 4)', 'Rect2i(-1, -2, 0, 4)'],
  ['Vector3', 'Vector3(1, 2, 3)', 'Vector3(0.3, -0.25, 1e+20)'],
  ['Vector3i', 'Vector3i(1, 2, 3)', 'Vector3i(-1, 0, 3)'],
  ['Transform2D', 'Transform2D(1, 0, 0, 1, 5, 6)', 'Transform2D(0, 1, -1, 0, 0.5, 6)'],
  ['Vector4', 'Vector4(1, 2, 3, 4)', 'Vector4(0.1, 0.2, 0.3, 0.4)'],
  ['Vector4i', 'Vector4i(1, 2, 3, 4)', 'Vector4i(-1, -2, -3, -4)'],
  ['Plane', 'Plane(0, 1, 0, 5)', 'Plane(1, 0, 0, -0.5)'],
  ['Quaternion', 'Quaternion(0, 0, 0, 1)', 'Quaternion(0.5, 0.5, 0.5, 0.5)'],
  ['AABB', 'AABB(1, 2, 3, 4, 5, 6)', 'AABB(0, 0, 0, 0.1, 0.2, 0.3)'],
  ['Basis', 'Basis(1, 0, 0, 0, 1, 0, 0, 0, 1)', 'Basis(1, 2, 3, 4, 5, 6, 7, 8, 9)'],
  [
    'Transform3D',
    'Transform3D(1, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6, 7)',
    'Transform3D(1, 2, 3, 4, 5, 6, 7, 8, 9, 0.1, 0.2, 0.3)',
  ],
  [
    'Projection',
    'Projection(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)',
    'Projection(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)',
  ],
  ['Color', 'Color(1, 0.5, 0, 1)', 'Color(-1, 2, 0.1, 0)'],
  ['StringName', '&"first"', '&"second one"'],
  ['NodePath', 'NodePath("Main/World:position:x")', 'NodePath("/root/..")'],
  ['Dictionary', '{}', '{"a": 1, 2: [true, null], Vector2(1, 2): {"deep": &"x"}}'],
  [
    'Dictionary[String, int]',
    'Dictionary[String, int]({"a": 1})',
    'Dictionary[String, int]({"b": 2, "c": 3})',
  ],
  ['Array', '[]', '[1, 1.5, "x", null, [Vector3(1, 2, 3)]]'],
  ['Array[int]', 'Array[int]([])', 'Array[int]([1, 2, 3])'],
  ['Array[Vector2]', 'Array[Vector2]([Vector2(1, 2)])', 'Array[Vector2]([])'],
  ['Array[StringName]', 'Array[StringName]([&"a"])', 'Array[StringName]([&"b", &"c"])'],
  ['PackedByteArray', 'PackedByteArray(1, 2)', 'PackedByteArray(255, 0, 7)'],
  ['PackedInt32Array', 'PackedInt32Array(1, -2)', 'PackedInt32Array(2147483647)'],
  ['PackedInt64Array', 'PackedInt64Array(1, -2)', 'PackedInt64Array(9007199254740991)'],
  ['PackedFloat32Array', 'PackedFloat32Array(0.5)', 'PackedFloat32Array(0.1, 2)'],
  ['PackedFloat64Array', 'PackedFloat64Array(0.5)', 'PackedFloat64Array(0.1, 2)'],
  ['PackedStringArray', 'PackedStringArray("a")', 'PackedStringArray("", "ß")'],
  ['PackedVector2Array', 'PackedVector2Array(1, 2)', 'PackedVector2Array(3, 4, 5, 6)'],
  ['PackedVector3Array', 'PackedVector3Array(1, 2, 3)', 'PackedVector3Array()'],
  ['PackedColorArray', 'PackedColorArray(1, 0, 0, 1)', 'PackedColorArray(0, 0, 1, 0.5)'],
  ['PackedVector4Array', 'PackedVector4Array(1, 2, 3, 4)', 'PackedVector4Array(5, 6, 7, 8)'],
  ['Variant', 'null', '[{}]'],
];

/** Every type. */
export const TYPED_VALUES: readonly TypedValue[] = TEXTS.map(([type, first, second], i) => ({
  name: nameOf(i),
  type,
  first: strToVar(first, { exact: true }),
  second: strToVar(second, { exact: true }),
}));

/** `values.gd` and `values.tscn`: watched (`Changes`), and sent always, in packets of at most 1350 bytes (`Always`). */
export const VALUES_FILES: Readonly<Record<string, string>> = {
  'values.gd': `extends Node

${TEXTS.map(([type, first], i) => `var ${nameOf(i)}: ${type} = str_to_var('${first}')\nvar always_${nameOf(i)}: ${type} = ${nameOf(i)}`).join('\n')}
`,
  'values.tscn': `[gd_scene load_steps=4 format=3]

[ext_resource type="Script" path="res://values.gd" id="1"]

${config(
  'changes',
  TYPED_VALUES.map(({ name }) => [name, 2]),
)}
${[0, 1]
  .map((half) =>
    config(
      `always${half}`,
      TYPED_VALUES.filter((_, i) => i % 2 === half).map(({ name }) => [`always_${name}`, 1]),
    ),
  )
  .join('\n')}
[node name="Values" type="Node"]
script = ExtResource("1")

${['changes', 'always0', 'always1'].map((id) => `[node name="${id}" type="MultiplayerSynchronizer" parent="."]\nreplication_config = SubResource("${id}")\n`).join('\n')}`,
};

function config(id: string, properties: readonly (readonly [name: string, mode: number])[]): string {
  const lines = properties.map(
    ([name, mode], i) =>
      `properties/${i}/path = NodePath(".:${name}")\nproperties/${i}/spawn = true\nproperties/${i}/replication_mode = ${mode}\n`,
  );
  return `[sub_resource type="SceneReplicationConfig" id="${id}"]\n${lines.join('')}`;
}

function nameOf(i: number): string {
  return `v${String(i).padStart(2, '0')}`;
}
