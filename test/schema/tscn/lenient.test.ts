/** What the engine reads with a warning is read with an issue. What Godot 4.6 makes of these texts was asked of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SceneNode } from '../../../schema/document/sceneDocument.ts';
import { SceneMirror } from '../../../schema/index.ts';
import { buildSceneTree, type SceneTreeNode, sceneTextToDocument } from '../../../schema/tscn/index.ts';

const field = (name: string): string => readFileSync(new URL(`field/${name}`, import.meta.url), 'utf8');

const FILES = new Map([
  [
    'res://base.tscn',
    '[node name="Base" type="Node2D"]\n[node name="A" type="Node2D" parent="."]\n[node name="B" type="Node2D" parent="."]\n',
  ],
  [
    'res://two.tscn',
    `[node name="Two" type="Node3D" unique_id=10]
[node name="Gun" type="Node3D" parent="." unique_id=11]
[node name="Rifle" type="Node3D" parent="." unique_id=12]
[node name="Deep" type="Node3D" parent="Rifle" unique_id=13]
`,
  ],
  [
    'res://outer.tscn',
    `[ext_resource type="PackedScene" path="res://two.tscn" id="1"]
[node name="Outer" type="Node3D" unique_id=20]
[node name="T" parent="." unique_id=21 instance=ExtResource("1")]
[node name="Mid" type="Node3D" parent="T/Rifle" unique_id=22]
`,
  ],
]);

interface Read {
  readonly tree: string[];
  readonly issues: string[];
  readonly document: SceneNode;
}

/** The nodes as `path class owner`, hidden ones with `hidden`; a mirror must take them. */
function read(nodes: string, file = 'res://s.tscn'): Read {
  const issues: string[] = [];
  const options = {
    file,
    resolve: (path: string) => {
      const inner = FILES.get(path);
      return inner === undefined ? field(path.slice('res://'.length)) : `[gd_scene format=3]\n${inner}`;
    },
    onIssue: ({ file: where, line, message }: { file: string; line: number; message: string }) =>
      issues.push(`${where}:${line}: ${message}`),
  };
  const text = nodes.startsWith('[gd_scene') ? nodes : `[gd_scene format=3]\n${nodes}`;
  const { root } = buildSceneTree(text, options);
  issues.length = 0;
  const document = sceneTextToDocument(text, options);
  SceneMirror.fromJSON(document);
  const tree: string[] = [];
  const visit = (node: SceneTreeNode, path: string): void => {
    const hidden = node.properties.get('visible') === false ? ' hidden' : '';
    tree.push(`${path} ${node.type} ${node.owner ?? '-'}${hidden}`);
    for (const child of node.children) visit(child, path === '.' ? child.name : `${path}/${child.name}`);
  };
  visit(root, '.');
  return { tree, issues, document: document.root };
}

const BASE = '[ext_resource type="PackedScene" path="res://base.tscn" id="1"]\n';
const TWO =
  '[ext_resource type="PackedScene" path="res://two.tscn" id="1"]\n[node name="R" type="Node3D" unique_id=1]\n[node name="S" parent="." unique_id=2 instance=ExtResource("1")]\n';

describe('scenes from the field', () => {
  test('a name with a percent sign', () => {
    const { tree, issues } = read(field('A06_name_percent.tscn'));
    expect([tree, issues]).toEqual([['. Node -', '50% Node .'], []]);
  });

  test('a child whose name the base scene has too', () => {
    const { tree, issues, document } = read(field('A07_inherited_name_clash.tscn'));
    expect(tree).toEqual(['. Node2D -', 'A Node2D .', 'A2 Sprite2D .']);
    expect(issues).toEqual(['res://s.tscn:7: there is a node "A" already, see line 5: named "A2"']);
    expect(document.children?.[1]?.properties).toEqual({ position: { type: 'Vector2', args: [1, 2] } });
  });

  test('a parent that is gone', () => {
    const { tree, issues } = read(field('A08_vanished_parent_in_instance.tscn'));
    expect(tree).toEqual(['. Node2D -', 'S Node2D .', 'S/A Node2D S']);
    expect(issues).toEqual(['res://s.tscn:9: the parent "S/Gone" of the node "Y" does not exist: left out']);
  });

  test('an override of a node that the base renamed', () => {
    const { tree, issues } = read(field('A09_unique_id_override.tscn'));
    expect(tree).toEqual(['. Node3D -', 'S Node3D .', 'S/Rifle Node3D S hidden']);
    expect(issues).toEqual(['res://s.tscn:9: the node "Gun" was found by its unique id, as "S/Rifle"']);
  });
});

describe('names', () => {
  test('of siblings: paths of the file mean the last one', () => {
    const { tree, issues } = read(`[node name="R" type="Node2D"]
[node name="A" type="Node2D" parent="."]
[node name="A" type="Sprite2D" parent="."]
[node name="K" type="Node" parent="A"]
[node name="A" parent="."]
visible = false
[node name="A" type="Node3D" parent="."]
[node name="A2" type="Node" parent="."]
`);
    expect(tree).toEqual([
      '. Node2D -',
      'A Node2D .',
      'A3 Sprite2D . hidden',
      'A3/K Node .',
      'A4 Node3D .',
      'A2 Node .',
    ]);
    expect(issues).toHaveLength(2);
  });

  test('that no script could give', () => {
    const names = ['50%', '%A', 'a.b', 'c:d', 'q"t', 'e@f', '@Node@7'];
    const lines = names.map((name) => `[node name=${JSON.stringify(name)} type="Node" parent="."]\n`);
    const kids = names.map((name) => `[node name="K" type="Node" parent=${JSON.stringify(name)}]\n`);
    const { tree, issues } = read(`[node name="R" type="Node"]\n${lines.join('')}${kids.join('')}`);
    const without = new Set(['%A', 'c:d']);
    expect(tree.slice(1)).toEqual(
      names.flatMap((name) => [`${name} Node .`, ...(without.has(name) ? [] : [`${name}/K Node .`])]),
    );
    expect(issues).toHaveLength(2);
  });

  test('that no path finds are replaced', () => {
    const { tree, issues } = read(
      '[node name="R" type="Node"]\n[node name="a/b" type="Node" parent="."]\n[node name="" type="Timer" parent="."]\n[node type="Node2D" parent="."]\n[node name=5 type="Node2D" parent="."]\n',
    );
    expect(tree.slice(1)).toEqual(['a_b Node .', 'Timer Timer .', 'Node2D Node2D .', 'Node2D2 Node2D .']);
    expect(issues.length).toBeGreaterThanOrEqual(5);
  });
});

describe('parents and owners', () => {
  test('what hangs below nothing is left out, with all below it', () => {
    const { tree, issues } = read(`${BASE}[node name="R" instance=ExtResource("1")]
[node name="Kid" type="Node2D" parent="Gone"]
[node name="Sub" type="Node2D" parent="Gone/Kid"]
[node name="Inst" parent="Gone" instance=ExtResource("1")]
[node name="X" parent="Gone"]
[node name="Empty" type="Node" parent=""]
[node name="Absolute" type="Node" parent="/root"]
[node name="Here" type="Node" parent="A/../B/"]
`);
    expect(tree).toEqual(['. Node2D -', 'A Node2D .', 'B Node2D .', 'B/Here Node .']);
    expect(issues.map((issue) => issue.slice(0, 15))).toEqual(
      [4, 5, 6, 7, 8, 9].map((line) => `res://s.tscn:${line}:`),
    );
  });

  test('an owner that is gone, or does not lie above, is none', () => {
    const { tree, issues } = read(
      '[node name="R" type="Node"]\n[node name="A" type="Node" parent="." owner="Gone"]\n[node name="B" type="Node" parent="." owner="A"]\n',
    );
    expect(tree).toEqual(['. Node -', 'A Node -', 'B Node -']);
    expect(issues).toHaveLength(2);
  });

  test('fields of other types count as not there', () => {
    const { tree, issues } = read(
      `[node name="R" type="Node" unique_id="x" groups="a"]
[node name="S" type="Node" parent="." unique_id=2.5 parent_id_path="x" owner_uid_path=1 node_paths=3 index="x"]
[node name="T" type="Node" parent="." groups=["a", ["b"], &"c", ""]]
`,
    );
    expect(tree).toEqual(['. Node -', 'S Node .', 'T Node .']);
    expect(issues).toHaveLength(9);
  });
});

describe('unique ids (4.6)', () => {
  test('a name comes before an id', () => {
    const { tree, issues } = read(`${TWO}[node name="Gun" parent="S" unique_id=12]\nvisible = false\n`);
    expect(tree[2]).toBe('S/Gun Node3D S hidden');
    expect(issues).toEqual([]);
  });

  test('a node that moved inside the instanced scene', () => {
    const { tree } = read(`${TWO}[node name="Old" parent="S" unique_id=13]\nvisible = false\n`);
    expect(tree[4]).toBe('S/Rifle/Deep Node3D S hidden');
  });

  test('parents and owners by ids, through scenes in scenes', () => {
    const { tree, issues } = read(`[ext_resource type="PackedScene" path="res://outer.tscn" id="1"]
[node name="R" type="Node3D" unique_id=1]
[node name="S" parent="." unique_id=2 instance=ExtResource("1")]
[node name="N" type="Node3D" parent="S/TT/Riffle" parent_id_path=PackedInt32Array(2, 21, 12)]
[node name="M" parent="S/TT/Riffle" parent_id_path=PackedInt32Array(2, 21, 12) unique_id=13]
visible = false
[node name="O" type="Node3D" parent="S/T/Gun" owner="S/TT/GG" owner_uid_path=PackedInt32Array(2, 21, 11)]
[node name="Other" parent="S/TT/Riffle" parent_id_path=PackedInt32Array(2, 21, 12) unique_id=22]
`);
    expect(tree).toEqual([
      '. Node3D -',
      'S Node3D .',
      'S/T Node3D S',
      'S/T/Gun Node3D S/T',
      'S/T/Gun/O Node3D S/T/Gun',
      'S/T/Rifle Node3D S/T',
      'S/T/Rifle/Deep Node3D S/T hidden',
      'S/T/Rifle/Mid Node3D S',
      'S/T/Rifle/N Node3D .',
    ]);
    expect(issues).toEqual([
      'res://s.tscn:6: the node "M" was found by its unique id, as "S/T/Rifle/Deep"',
      'res://s.tscn:9: the node "Other" is not in the instanced scene: left out',
    ]);
  });

  test('an id alone does not replace a path; an id of the instance itself, or of another scene, finds nothing', () => {
    const { tree, issues } = read(`${TWO}[node name="XX" parent="S/Gone" unique_id=12]
[node name="Self" parent="." unique_id=11]
[node name="Root" parent="S" unique_id=10]
`);
    expect(tree).toHaveLength(5);
    expect(issues).toHaveLength(3);
  });
});

describe('instances', () => {
  const text = `${BASE}[node name="R" type="Node2D"]
[node name="I" parent="." instance=ExtResource("1")]
[node name="A" parent="I" index="0" groups=["g"]]
visible = false
[node name="J" parent="." instance=ExtResource("1")]
position = Vector2(1, 2)
[node name="New" type="Node" parent="J/B"]
`;

  test('do not share what one of them changes', () => {
    const { tree } = read(text);
    expect(tree).toEqual([
      '. Node2D -',
      'I Node2D .',
      'I/A Node2D I hidden',
      'I/B Node2D I',
      'J Node2D .',
      'J/A Node2D J',
      'J/B Node2D J',
      'J/B/New Node .',
    ]);
  });

  test('keepInstances writes references with what the scene changes', () => {
    const options = {
      keepInstances: true,
      resolve: (path: string) => `[gd_scene format=3]\n${FILES.get(path)}`,
    };
    const { root } = sceneTextToDocument(`[gd_scene format=3]\n${text}`, options);
    expect(root.children).toEqual([
      {
        name: 'I',
        class: 'Node2D',
        owner: '.',
        instance: 'res://base.tscn',
        children: [{ name: 'A', class: 'Node2D', properties: { visible: false }, groups: ['g'], owner: 'I' }],
      },
      {
        name: 'J',
        class: 'Node2D',
        properties: { position: { type: 'Vector2', args: [1, 2] } },
        owner: '.',
        instance: 'res://base.tscn',
        children: [
          { name: 'B', class: 'Node2D', owner: 'J', children: [{ name: 'New', class: 'Node', owner: '.' }] },
        ],
      },
    ]);
    SceneMirror.fromJSON({ format: 1, root });
  });
});
