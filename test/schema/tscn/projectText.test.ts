/** `project.godot` and `.tres` files. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  projectTextToDocument,
  readProjectText,
  resourceTextToDocument,
  SceneTextError,
} from '../../../schema/index.ts';
import { fcParameters } from '../../support/fc.ts';

const PROJECT = `; Engine configuration file.
config_version=5

[application]

config/name="Arena; \\"two\\""
run/main_scene="res://main.tscn"
config/features=PackedStringArray("4.6", "GL Compatibility")

[autoload]

Game="*res://game.gd"

[input]

jump={
"deadzone": 0.5,
"events": [Object(InputEventKey,"resource_local_to_scene":false,"keycode":32,"script":null)
]
}

[layer_names]

2d_physics/layer_1="walls"
"quoted key"=1
`;

describe('project.godot', () => {
  test('settings are named as ProjectSettings has them, with their places', () => {
    const { configVersion, settings, file } = readProjectText(PROJECT, { file: 'project.godot' });
    expect([file, configVersion]).toEqual(['project.godot', 5]);
    expect([...settings.keys()]).toEqual([
      'config_version',
      'application/config/name',
      'application/run/main_scene',
      'application/config/features',
      'autoload/Game',
      'input/jump',
      'layer_names/2d_physics/layer_1',
      'layer_names/quoted key',
    ]);
    expect(settings.get('application/config/name')).toMatchObject({
      value: 'Arena; "two"',
      place: { file: 'project.godot', line: 6, column: 1 },
    });
  });

  test('as JSON', () => {
    const { kind, settings } = projectTextToDocument(PROJECT);
    expect(kind).toBe('project');
    expect(settings['autoload/Game']).toBe('s:*res://game.gd');
    expect(settings['application/config/features']).toEqual({
      type: 'PackedStringArray',
      args: ['4.6', 'GL Compatibility'],
    });
  });

  test.each([
    ['a section without an end', 'a=1\n[application\n', 'ERR_TEXT_SYNTAX', 2, 1],
    ['a value that is cut off', '[a]\nb=Vector2(1', 'ERR_TEXT_SYNTAX', 2, 12],
  ])('%s', (_name, text, code, line, column) => {
    expect(() => readProjectText(text, { file: 'p' })).toThrow(
      expect.objectContaining({ code, line, column, file: 'p' }),
    );
  });

  test('any text is read or refused with a place', () => {
    const part = fc.constantFrom(
      '[',
      ']',
      '=',
      '"',
      '\n',
      'a',
      '1',
      ';',
      '{',
      ' ',
      'Vector2(',
      '\u0000',
      'é',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        try {
          readProjectText(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(SceneTextError);
        }
      }),
      fcParameters(),
    );
  });
});

test('a text resource as JSON', () => {
  const text = `[gd_resource type="Resource" script_class="Item" load_steps=3 format=3 uid="uid://x"]
[ext_resource type="Script" path="res://item.gd" id="1"]
[sub_resource type="Gradient" id="g"]
offsets = PackedFloat32Array(0, 1)
[resource]
script = ExtResource("1")
name = &"Sword"
gradient = SubResource("g")
__proto__ = 1
`;
  const document = resourceTextToDocument(text);
  expect(JSON.parse(JSON.stringify(document))).toEqual({
    format: 1,
    kind: 'resource',
    type: 'Resource',
    scriptClass: 'Item',
    uid: 'uid://x',
    properties: JSON.parse(
      '{"script":{"type":"ExtResource","id":"1","path":"res://item.gd","class":"Script"},"name":"sn:Sword","gradient":{"type":"SubResource","id":"g","class":"Gradient"},"__proto__":"i:1"}',
    ),
    subResources: {
      g: { type: 'Gradient', properties: { offsets: { type: 'PackedFloat32Array', args: [0, 1] } } },
    },
  });
  expect(() => resourceTextToDocument('[gd_scene format=3]\n[node name="R" type="Node"]\n')).toThrow(
    expect.objectContaining({ code: 'ERR_TSCN_FORMAT' }),
  );
});
