/** Scenes of a project as nodes: what instances have, uids, what is read how often, and errors with file and line. */
import { describe, expect, test } from 'vitest';
import { Vector2 } from '../../codec/index.ts';
import {
  type MirrorNode,
  replicationConfigOf,
  SceneMirror,
  type SceneMirrorOptions,
  SceneTextError,
} from '../../schema/index.ts';

const PLAYER = `[gd_scene load_steps=2 format=3 uid="uid://player"]

[ext_resource type="Script" path="res://player.gd" id="1"]
[ext_resource type="SceneReplicationConfig" uid="uid://config" path="res://config.tres" id="2"]

[node name="Player" type="Node2D" groups=["players"]]
script = ExtResource("1")

[node name="Gun" type="Node2D" parent="."]
unique_name_in_owner = true
position = Vector2(3, 4)

[node name="Sync" type="MultiplayerSynchronizer" parent="."]
replication_config = ExtResource("2")
`;
const CONFIG = `[gd_resource type="SceneReplicationConfig" format=3 uid="uid://config"]

[resource]
properties/0/path = NodePath(".:position")
properties/0/spawn = true
properties/0/replication_mode = 2
`;
const LEVEL = `[gd_scene load_steps=2 format=3 uid="uid://level"]

[ext_resource type="PackedScene" uid="uid://player" path="res://player.tscn" id="1"]
[ext_resource type="PackedScene" uid="uid://tree" path="res://tree.glb" id="2"]

[node name="Level" type="Node2D"]

[node name="Hero" parent="." instance=ExtResource("1")]
position = Vector2(8, 8)

[node name="Gun" parent="Hero" index="0"]
position = Vector2(5, 6)

[node name="Tree" parent="." instance=ExtResource("2")]
`;
const FILES: Record<string, string> = {
  'res://player.tscn': PLAYER,
  'res://config.tres': CONFIG,
  'res://level.tscn': LEVEL,
};

/** A mirror of some files; `asked`: which ones it read, in order. */
function project(
  files: Readonly<Record<string, string>> = FILES,
  { isListed = true, ...options }: SceneMirrorOptions & { readonly isListed?: boolean } = {},
): { mirror: SceneMirror; asked: string[] } {
  const asked: string[] = [];
  const read = (path: string): string | undefined => {
    asked.push(path);
    return files[path];
  };
  const resources = isListed ? Object.assign(read, { list: () => Object.keys(files) }) : read;
  return { mirror: new SceneMirror({ ...options, resources }), asked };
}

function at(node: MirrorNode, path: string): MirrorNode {
  const found = node.getNode(path);
  if (found === undefined) throw new Error(`no node at ${path}`);
  return found;
}

describe('an instance', () => {
  test('is a detached node with scripts, groups, owners, unique names and configurations', () => {
    const { mirror } = project();
    const player = mirror.instantiate('res://player.tscn');
    expect([player.getParent(), player.isInsideTree(), player.instance, player.owner]).toEqual([
      undefined,
      false,
      'res://player.tscn',
      undefined,
    ]);
    expect([player.scriptPath, player.getGroups()]).toEqual(['res://player.gd', ['players']]);
    expect(at(player, 'Gun').owner).toBe(player);
    expect(at(player, '%Gun').get('position')).toEqual(new Vector2(3, 4));
    expect(replicationConfigOf(at(player, 'Sync'))?.watchProperties.map(String)).toEqual(['.:position']);
    mirror.root.addChild(player);
    expect(String(at(player, 'Gun').getPath())).toBe('/root/Player/Gun');
  });

  test('has the scenes inside with what is changed of them; a model is a node of unknown class', () => {
    const issues: string[] = [];
    const { mirror } = project(FILES, {
      onSceneIssue: ({ file, line, message }) => issues.push(`${file}:${line}: ${message}`),
    });
    const level = mirror.instantiate('uid://level');
    expect(level.instance).toBe('res://level.tscn');
    const hero = at(level, 'Hero');
    expect([hero.instance, hero.owner, at(hero, 'Gun').owner]).toEqual(['res://player.tscn', level, hero]);
    expect(at(hero, 'Gun').get('position')).toEqual(new Vector2(5, 6));
    expect([at(level, 'Tree').class, at(level, 'Tree').instance]).toEqual(['Node', 'res://tree.glb']);
    expect(issues).toEqual([
      'res://level.tscn:14: the scene "res://tree.glb" is not at hand: its nodes are unknown',
    ]);
  });

  test('takes another name, properties, metadata and groups', () => {
    const { mirror } = project();
    const player = mirror.instantiate('res://player.tscn', {
      name: '7:8',
      properties: { position: new Vector2(1, 2) },
      metadata: { score: 5 },
      groups: ['bots'],
    });
    expect([player.name, player.get('position'), player.getMeta('score'), player.getGroups()]).toEqual([
      '7_8',
      new Vector2(1, 2),
      5,
      ['players', 'bots'],
    ]);
    const plain = mirror.instantiate('res://player.tscn', { name: undefined, groups: undefined });
    expect([plain.name, plain.getGroups()]).toEqual(['Player', ['players']]);
    // An own one: nothing of the first instance shows.
    expect(plain.get('position')).toEqual(new Vector2(0, 0));
  });

  test('files are read once; instances share their configurations, as in the engine, and nothing else', () => {
    const { mirror, asked } = project();
    const [one, two] = [mirror.instantiate('res://player.tscn'), mirror.instantiate('res://player.tscn')];
    expect(asked.sort()).toEqual(['res://config.tres', 'res://player.tscn']);
    const config = replicationConfigOf(at(one, 'Sync'));
    expect(config).not.toBe(null);
    expect(replicationConfigOf(at(two, 'Sync'))).toBe(config);
    expect(replicationConfigOf(at(mirror.instantiate('res://level.tscn'), 'Hero/Sync'))).toBe(config);
    at(one, 'Gun').set('position', new Vector2(9, 9));
    expect(at(two, 'Gun').get('position')).toEqual(new Vector2(3, 4));
  });

  test('a document of it keeps its configurations, and one without their content gets them from the files', () => {
    const { mirror } = project();
    mirror.root.addChild(mirror.instantiate('res://player.tscn'));
    const json = JSON.parse(JSON.stringify(mirror)) as object;
    const again = SceneMirror.fromJSON(json);
    expect(replicationConfigOf(at(again.root, 'Player/Sync'))?.watchProperties.map(String)).toEqual([
      '.:position',
    ]);
    const bare = JSON.parse(
      JSON.stringify(json, (key, value: unknown) => (key === 'props' ? undefined : value)),
    ) as object;
    expect(replicationConfigOf(at(SceneMirror.fromJSON(bare).root, 'Player/Sync'))).toBe(null);
    const files = SceneMirror.fromJSON(bare, { resources: (path) => FILES[path] });
    expect(replicationConfigOf(at(files.root, 'Player/Sync'))?.watchProperties.map(String)).toEqual([
      '.:position',
    ]);
  });
});

describe('uid://', () => {
  const SIDE = {
    'res://player.gd.uid': 'uid://script\n',
    'res://icon.svg.import': '[remap]\n\nimporter="texture"\nuid="uid://icon"\n',
    'res://noise.txt': '[gd_scene uid="uid://noise"]',
  };

  test('is known of headings, .uid and .import files; an unknown one is an empty path', () => {
    const { mirror, asked } = project({ ...FILES, ...SIDE });
    expect(
      ['uid://player', 'uid://config', 'uid://script', 'uid://icon', 'uid://noise', 'uid://none'].map((uid) =>
        mirror.ensurePath(uid),
      ),
    ).toEqual(['res://player.tscn', 'res://config.tres', 'res://player.gd', 'res://icon.svg', '', '']);
    expect([mirror.ensurePath('res://any.tscn'), mirror.ensurePath('')]).toEqual(['res://any.tscn', '']);
    // Each file at most once, however many uids nobody knows.
    expect(asked.length).toBe(new Set(asked).size);
    expect(new SceneMirror().ensurePath('uid://player')).toBe('');
  });

  test('without a list it is known once a file was read that names it', () => {
    const { mirror } = project(FILES, { isListed: false });
    expect(mirror.ensurePath('uid://player')).toBe('');
    mirror.instantiate('res://level.tscn');
    expect(['uid://level', 'uid://player', 'uid://config'].map((uid) => mirror.ensurePath(uid))).toEqual([
      'res://level.tscn',
      'res://player.tscn',
      'res://config.tres',
    ]);
  });

  test('a scene or configuration that was moved is found where it is now', () => {
    const { mirror } = project({
      'res://level.tscn': LEVEL,
      'res://units/player.tscn': PLAYER,
      'res://units/config.tres': CONFIG,
    });
    const level = mirror.instantiate('res://level.tscn');
    expect(at(level, 'Hero').instance).toBe('res://units/player.tscn');
    expect(replicationConfigOf(at(level, 'Hero/Sync'))?.getProperties().length).toBe(1);
  });

  test('as in the engine the uid counts more than the path', () => {
    const other = PLAYER.replace('uid://player', 'uid://other')
      .replace('"Player"', '"Other"')
      .replaceAll('"Gun"', '"Bow"');
    const { mirror } = project({ ...FILES, 'res://player.tscn': other, 'res://moved.tscn': PLAYER });
    const hero = at(mirror.instantiate('res://level.tscn'), 'Hero');
    expect([hero.instance, hero.findChild('Bow')]).toEqual(['res://moved.tscn', undefined]);
  });
});

describe('what is wrong', () => {
  const header = '[gd_scene format=3]\n';
  const inside = (path: string): string =>
    `${header}[ext_resource type="PackedScene" path="${path}" id="1"]\n[node name="A" type="Node"]\n[node name="B" parent="." instance=ExtResource("1")]\n`;

  test.each([
    [
      'a missing file',
      {},
      'res://a.tscn',
      'ERR_TSCN_MISSING',
      'res://a.tscn:1:1: The project does not have the file',
    ],
    ['an unknown uid', {}, 'uid://a', 'ERR_TSCN_MISSING', 'uid://a:1:1: The project does not have the file'],
    [
      'a missing scene inside',
      { 'res://a.tscn': inside('res://b.tscn') },
      'res://a.tscn',
      'ERR_TSCN_MISSING',
      'res://a.tscn:4:1: The project does not have the scene "res://b.tscn"',
    ],
    [
      'a missing scene deeper',
      { 'res://a.tscn': inside('res://b.tscn'), 'res://b.tscn': inside('res://c.tscn') },
      'res://a.tscn',
      'ERR_TSCN_MISSING',
      'res://b.tscn:4:1: The project does not have the scene "res://c.tscn"',
    ],
    [
      'scenes that contain each other',
      { 'res://a.tscn': inside('res://b.tscn'), 'res://b.tscn': inside('res://a.tscn') },
      'res://a.tscn',
      'ERR_TSCN_INSTANCE',
      'res://b.tscn:4:1: The scene contains itself: res://a.tscn -> res://b.tscn -> res://a.tscn',
    ],
    [
      'damaged text',
      { 'res://a.tscn': `${header}[node name="A" type="Node"]\nposition = Vector2(1\n` },
      'res://a.tscn',
      'ERR_TEXT_SYNTAX',
      /^res:\/\/a\.tscn:\d+:\d+: /,
    ],
    [
      'a resource',
      { 'res://config.tres': CONFIG },
      'res://config.tres',
      'ERR_TSCN_FORMAT',
      'res://config.tres:1:1: Expected a scene, got a resource',
    ],
    [
      'a missing configuration',
      { 'res://player.tscn': PLAYER },
      'res://player.tscn',
      'ERR_TSCN_MISSING',
      'res://config.tres:1:1: The project does not have the file',
    ],
    [
      'a configuration that is none',
      {
        'res://player.tscn': PLAYER,
        'res://config.tres': CONFIG.replace('SceneReplicationConfig', 'Gradient'),
      },
      'res://player.tscn',
      'ERR_TSCN_FORMAT',
      'res://config.tres:1:1: Expected a SceneReplicationConfig, got a Gradient',
    ],
  ])('%s', (_, files, path, code, message) => {
    const { mirror } = project(files as Record<string, string>);
    let error: unknown;
    try {
      mirror.instantiate(path);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(SceneTextError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message as string) as string });
    // It is not remembered: the file may be there the next time.
    expect(() => mirror.instantiate(path)).toThrow(SceneTextError);
  });

  test('options and arguments are named', () => {
    const { mirror } = project();
    const plain = mirror as unknown as Record<string, (...args: unknown[]) => unknown>;
    const options = { resources: 'game' } as unknown as SceneMirrorOptions;
    const listener = { onSceneIssue: 1 } as unknown as SceneMirrorOptions;
    expect(() => new SceneMirror(options)).toThrow('"resources" expected a function, got string');
    expect(() => new SceneMirror(listener)).toThrow('"onSceneIssue" expected a function, got number');
    const promises = (async () => PLAYER) as unknown as (path: string) => string;
    expect(() => new SceneMirror({ resources: promises }).instantiate('res://a.tscn')).toThrow(
      '"resources" expected to return a string or undefined, got ',
    );
    expect(() => new SceneMirror().instantiate('res://a.tscn')).toThrow(
      '"resources" expected the files of the project',
    );
    expect(() => plain['instantiate']?.(5)).toThrow('"path" expected a string, got number');
    expect(() => plain['ensurePath']?.(5)).toThrow('"pathOrUid" expected a string, got number');
    expect(() => plain['instantiate']?.('res://player.tscn', { nam: 'A' })).toThrow(
      '"overrides.nam" is no field; did you mean "overrides.name"?',
    );
  });
});
