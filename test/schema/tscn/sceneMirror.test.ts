/** Text scenes as mirrors: every scene of `scenes/` is loaded, and comes out as it went in. */
import { describe, expect, test } from 'vitest';
import { Dictionary, NodePath, Vector2, Vector3 } from '../../../codec/index.ts';
import { ClassTable } from '../../../schema/classes/classTable.ts';
import type { SceneNode } from '../../../schema/document/sceneDocument.ts';
import { validateScene } from '../../../schema/document/validateScene.ts';
import { decodeNodeMetadata } from '../../../schema/index.ts';
import { encodeNode } from '../../../schema/mirror/encodeNode.ts';
import { NodeSyncFlags } from '../../../schema/mirror/nodeState.ts';
import { SceneMirror } from '../../../schema/SceneMirror.ts';
import { sceneTextToDocument } from '../../../schema/tscn/index.ts';
import { SCENE_FILES, sceneFile, sceneOptions } from './sceneFiles.ts';

describe('every scene', () => {
  test.each(SCENE_FILES)('%s fits the schema and a mirror', (name) => {
    const document = sceneTextToDocument(sceneFile(name), sceneOptions(name));
    const plain: unknown = JSON.parse(JSON.stringify(document));
    expect(validateScene(plain)).toBe(plain);
    const mirror = SceneMirror.fromJSON(plain);
    const again = mirror.toJSON();
    const root = again.root.children?.[0];
    expect(names(root)).toEqual(names(document.root));
    // A mirror made of what it wrote is the same.
    expect(SceneMirror.fromJSON(JSON.parse(JSON.stringify(again))).toJSON()).toEqual(again);
  });
});

test('values arrive at the nodes', () => {
  const document = sceneTextToDocument(sceneFile('instances.tscn'), sceneOptions('instances.tscn'));
  const mirror = SceneMirror.fromJSON(document);
  const left = mirror.getNode('/root/Level/Changed/Arms/Left');
  expect(left?.get('position')).toEqual(new Vector2(-16, 0));
  expect(left?.get('flip_h')).toBe(true);
  expect(mirror.getNodesInGroup('enemies').map((node) => node.name)).toEqual(['Plain', 'Changed']);
  const script = SceneMirror.fromJSON(sceneTextToDocument(sceneFile('script.tscn')));
  const player = script.getNode('/root/Player');
  expect(player?.get('speed')).toBe(250);
  expect(player?.get('lives')).toBe(3);
  expect(player?.get('target')).toEqual(new NodePath('Gun'));
  expect(script.getNode('/root/Player')?.getNode('%Gun')?.name).toBe('Gun');
});

test("a packet of a scene's node holds what the scene says", () => {
  const mirror = SceneMirror.fromJSON(sceneTextToDocument(sceneFile('script.tscn')));
  const player = mirror.getNode('/root/Player');
  if (player === undefined) throw new Error('no player');
  const packet = decodeNodeMetadata(encodeNode(player, NodeSyncFlags.SYNC_PROPERTIES));
  const properties = packet instanceof Dictionary ? packet.get('properties') : undefined;
  if (!(properties instanceof Map)) throw new Error('no properties');
  expect(properties.get('speed')).toBe(250);
  expect(properties.get('position')).toEqual(new Vector2(10.5, -3));
  expect([...properties.keys()].slice(-10)).toEqual([
    'script',
    'speed',
    'lives',
    'names',
    'scores',
    'typed_by_script',
    'target',
    'others',
    'nothing',
    'metadata/_edit_group_',
  ]);
});

test('a class table that knows the script gives all variables, in its order', () => {
  const classes = ClassTable.from(
    {
      scripts: {
        'res://player.gd': {
          properties: [
            ['lives', '0200000001000000'],
            ['shield', '0200000007000000'],
            ['speed', '0300000000000000'],
          ],
        },
      },
    },
    ClassTable.GODOT_4_6,
  );
  const document = sceneTextToDocument(sceneFile('script.tscn'), { classes });
  expect(document.root.scriptVariables?.slice(0, 4)).toEqual([
    { name: 'lives', type: 'int', default: 'i:1', value: 'i:3' },
    { name: 'shield', type: 'int', default: 'i:7' },
    { name: 'speed', type: 'float', default: 'f:0.0', value: 'f:250.0' },
    expect.objectContaining({ name: 'names' }),
  ]);
});

test('what the engine would not set is left out, and said', () => {
  const issues: string[] = [];
  const document = sceneTextToDocument(
    `[gd_scene format=3]
[node name="R" type="Node3D"]
position = Vector3(1, 2, 3)
visible = Vector2(0, 0)
nothing = 5
[node name="Abstract" type="CollisionObject2D" parent="."]
[node name="@Node2D@2" type="Node2D" parent="."]
rotation = 1
`,
    { onIssue: ({ line, message }) => issues.push(`${line}: ${message}`) },
  );
  expect(issues).toEqual([
    expect.stringMatching(/^2: .*visible.*: left out$/),
    '2: the class Node3D has no property "nothing", and the node no script: left out',
    '6: there are no nodes of the abstract class CollisionObject2D: took Node',
  ]);
  const mirror = SceneMirror.fromJSON(document);
  expect(mirror.getNode('R')?.get('position')).toEqual(new Vector3(1, 2, 3));
  expect(mirror.getNode('R/Abstract')?.class).toBe('Node');
  expect(mirror.getNode('R/@Node2D@2')?.get('rotation')).toBe(1);
});

function names(node: SceneNode | undefined): unknown {
  return [node?.name, node?.class, (node?.children ?? []).map(names)];
}
