/** Text resources of a project, and files of every kind that cannot be read: each is told with its place. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Float, StringName } from '../../codec/index.ts';
import { ReplicationMode, ResourceReference, SceneMirror } from '../../schema/index.ts';
import { issueText, loadProject, type Project, readProject } from '../../src/project.ts';
import { projectOf } from './projectOf.ts';

const SWORD = `[gd_resource type="Resource" script_class="Weapon" format=3 uid="uid://sword"]

[ext_resource type="Script" uid="uid://weapon" path="res://old/weapon.gd" id="1"]
[ext_resource type="Texture2D" path="res://sword.png" id="2"]

[sub_resource type="Curve" id="Curve_1"]
min_value = -1.0

[resource]
script = ExtResource("1")
damage = 7
name = &"Sword"
icon = ExtResource("2")
curve = SubResource("Curve_1")
reach = 1.5
`;
const CONFIG = `[gd_resource type="SceneReplicationConfig" format=3 uid="uid://config"]

[resource]
properties/0/path = NodePath(".:position")
properties/0/spawn = true
properties/0/replication_mode = 2
`;

function texts(project: Project): string[] {
  return project.issues.map((issue) => `${issue.kind} ${issueText(issue)}`);
}

test('a resource with a script: where the script is now, and what the file sets', () => {
  const project = projectOf({
    'project.godot': '',
    'sword.tres': SWORD,
    'weapon.gd': 'class_name Weapon\nextends Resource\n@export var damage := 1\n',
    'weapon.gd.uid': 'uid://weapon\n',
  });
  expect(texts(project)).toEqual([]);
  const sword = project.resources.get('res://sword.tres');
  expect(sword).toMatchObject({
    path: 'res://sword.tres',
    class: 'Resource',
    script: 'res://weapon.gd',
    uid: 'uid://sword',
    replicationConfig: undefined,
  });
  const { script: _, ...properties } = Object.fromEntries(sword?.properties ?? []);
  expect(properties).toEqual({
    damage: 7n,
    name: new StringName('Sword'),
    icon: new ResourceReference('ExtResource', '2', { path: 'res://sword.png', className: 'Texture2D' }),
    curve: new ResourceReference('SubResource', 'Curve_1', { className: 'Curve' }),
    reach: new Float(1.5),
  });
  expect(sword?.subResources.get('Curve_1')).toMatchObject({ type: 'Curve' });
  expect(project.scripts.get(sword?.script ?? '')?.variables.get('damage')?.default).toBe(1n);
  expect(project.ensurePath('uid://sword')).toBe('res://sword.tres');
});

test('a SceneReplicationConfig is one that a synchronizer takes', () => {
  const config = projectOf({ 'project.godot': '', 'sync.tres': CONFIG }).resources.get(
    'res://sync.tres',
  )?.replicationConfig;
  expect(config?.path).toBe('res://sync.tres');
  expect(config?.getProperties().map(String)).toEqual(['.:position']);
  expect(config?.propertyGetReplicationMode('.:position')).toBe(ReplicationMode.REPLICATION_MODE_ON_CHANGE);
  const mirror = new SceneMirror();
  const sync = mirror.root.addChild({ name: 'S', class: 'MultiplayerSynchronizer' });
  sync.set('replication_config', config);
  expect(sync.get('replication_config')).toBe(config);
});

test.each([
  ['a text that is no resource', 'hello', 'error res://a.tres:1:1: '],
  ['an empty one', '', 'error res://a.tres:1:1: Expected the heading gd_scene or gd_resource'],
  [
    'a scene',
    '[gd_scene format=3]\n\n[node name="A" type="Node"]\n',
    'error res://a.tres:1:1: Expected a resource, got a scene',
  ],
  ['a value that is none', SWORD.replace('damage = 7', 'damage = ]'), 'error res://a.tres:11:10: '],
  [
    'a resource that it does not have',
    SWORD.replace('ExtResource("2")', 'ExtResource("9")'),
    'error res://a.tres:13:8: No ext_resource has the id "9"',
  ],
  [
    'a newer format',
    '[gd_resource type="Resource" format=9]\n[resource]\n',
    'error res://a.tres:1:1: Expected a format up to 4, got 9',
  ],
  [
    'more properties on change than there may be',
    `[gd_resource type="SceneReplicationConfig" format=3]\n[resource]\n${Array.from({ length: 65 }, (_, i) => `properties/${i}/path = NodePath(".:p${i}")\nproperties/${i}/replication_mode = 2\n`).join('')}`,
    'error res://a.tres:1:1: ',
  ],
  [
    'a long one',
    ' '.repeat(4_194_305),
    'unread res://a.tres:1:1: It has more than 4194304 characters: not read',
  ],
])('%s is an issue with its place', (_, text, expected) => {
  const project = projectOf({ 'project.godot': '', 'a.tres': text, 'b.tres': CONFIG });
  expect(texts(project)).toEqual([expect.stringContaining(expected)]);
  expect([...project.resources.keys()]).toEqual(['res://b.tres']);
});

test('every kind of file that is listed and has no text is told', () => {
  const listed = ['a.gd', 'b.cs', 'c.tres'].map((name) => `res://${name}`);
  const project = readProject(
    Object.assign((path: string) => (path.endsWith('.godot') ? '' : undefined), { list: () => listed }),
  );
  expect(texts(project)).toEqual(listed.map((path) => `unread ${path}:1:1: It cannot be read`));
});

test('of texts that are too long, and uids that are none', () => {
  const long = `// ${'x'.repeat(4_194_304)}`;
  const project = projectOf({
    'project.godot': '\n[application]\nrun/main_scene="uid://none"\n',
    'a.gd': long,
    'B.cs': long,
    'c.gd.uid': 'none\n',
    'c.gd': 'extends Node\n',
  });
  expect(texts(project)).toEqual([
    'unread res://c.gd.uid:1:1: Expected a text that begins with uid://',
    'unread res://project.godot:3:1: application/run/main_scene is uid://none, which no file of the project has',
    'unread res://B.cs:1:1: It has more than 4194304 characters: not read',
    'unread res://a.gd:1:1: It has more than 4194304 characters: not read',
  ]);
});

test('of a folder: links are not followed, and nothing of them is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'godot-enet-resources-'));
  try {
    mkdirSync(join(folder, 'game'));
    writeFileSync(join(folder, 'outside.gd'), 'extends Node\n');
    writeFileSync(join(folder, 'game', 'project.godot'), '');
    writeFileSync(join(folder, 'game', 'sync.tres'), CONFIG);
    symlinkSync(join(folder, 'outside.gd'), join(folder, 'game', 'link.gd'));
    const project = await loadProject(join(folder, 'game'));
    expect([...project.resources.keys()]).toEqual(['res://sync.tres']);
    expect(project.scripts.size).toBe(0);
    expect(texts(project)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
