/** The commands `scene` and `validate` of the built program. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SceneDocument } from '../../schema/document/sceneDocument.ts';
import { SceneMirror } from '../../schema/SceneMirror.ts';
import { sceneTextToDocument } from '../../schema/tscn/index.ts';
import { sceneFile, sceneOptions } from '../schema/tscn/sceneFiles.ts';
import { built } from '../support/built.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const main = built('src/cli/main.js');
const scenes = join(root, 'test/schema/tscn/scenes');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-scene-'));
  // game/project.godot, game/levels/level.tscn, game/enemy.tscn, outside.tscn
  mkdirSync(join(folder, 'game/levels'), { recursive: true });
  writeFileSync(join(folder, 'game/project.godot'), '');
  copyFileSync(join(scenes, 'enemy.tscn'), join(folder, 'game/enemy.tscn'));
  copyFileSync(join(scenes, 'enemy.tscn'), join(folder, 'outside.tscn'));
  copyFileSync(join(scenes, 'instances.tscn'), join(folder, 'game/levels/level.tscn'));
  symlinkSync(join(folder, 'outside.tscn'), join(folder, 'game/link.tscn'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[], input = ''): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return name;
}

describe('scene', () => {
  test('prints the document of a scene, with the scenes of its project', () => {
    const { code, out, err } = run(['scene', 'game/levels/level.tscn']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(
      JSON.parse(
        JSON.stringify(sceneTextToDocument(sceneFile('instances.tscn'), sceneOptions('instances.tscn'))),
      ),
    );
    expect(err).toBe(
      'res://levels/level.tscn:22:1: the node "Vanished" is not in the instanced scene: left out\n',
    );
    expect(SceneMirror.fromJSON(JSON.parse(out)).getNode('Level/Changed/Arms/Left')).toBeDefined();
  });

  test('--compact gives one line', () => {
    const { code, out } = run(['scene', '--compact', 'game/enemy.tscn']);
    expect(code).toBe(0);
    expect(out.trimEnd()).not.toContain('\n');
    expect(JSON.parse(out)).toMatchObject({ format: 1, root: { name: 'Enemy', class: 'CharacterBody2D' } });
  });

  test('standard input; --project says where other scenes are', () => {
    const text = sceneFile('instances.tscn');
    const without = run(['scene', '-'], text);
    expect(without.code).toBe(0);
    expect(without.err).toContain('standard input:7:1: the scene "res://enemy.tscn" is not at hand');
    const { code, out } = run(['scene', '-', '--project', 'game'], text);
    expect(code).toBe(0);
    expect(out).toContain('"CharacterBody2D"');
  });

  test('--classes: variables of a script in its own order', () => {
    const table = { scripts: { 'res://player.gd': { properties: [['shield', '0200000007000000']] } } };
    const { code, out } = run(
      ['scene', '-', '--classes', file('table.json', JSON.stringify(table))],
      sceneFile('script.tscn'),
    );
    expect(code).toBe(0);
    const document: SceneDocument = JSON.parse(out);
    expect(document.root.scriptVariables?.slice(0, 2).map(({ name }) => name)).toEqual(['shield', 'speed']);
  });

  test.each(['res://../outside.tscn', 'res://link.tscn', '/etc/hostname', 'user://a.tscn', 'res://levels'])(
    'nothing outside of the project is read: %s',
    (path) => {
      const text = `[gd_scene format=3]\n[ext_resource type="PackedScene" path="${path}" id="1"]\n[node name="R" type="Node"]\n[node name="A" parent="." instance=ExtResource("1")]\n`;
      const { code, out, err } = run(['scene', '-', '--project', 'game'], text);
      expect(code).toBe(0);
      expect(err).toContain(`the scene "${path}" is not at hand`);
      expect(out).not.toContain('CharacterBody2D');
    },
  );

  test('a malformed scene: file, line and column, exit code 2, nothing on the standard output', () => {
    file('game/bad.tscn', '[gd_scene format=3]\n[node name="R" type="Node"]\na = Vector2(1)\n');
    expect(run(['scene', 'game/bad.tscn'])).toEqual({
      code: 2,
      out: '',
      err: 'godot-enet: res://bad.tscn:3:5: Expected 2 arguments for Vector2, got 1\n',
    });
    file(
      'game/user.tscn',
      '[gd_scene format=3]\n[ext_resource type="PackedScene" path="res://bad.tscn" id="1"]\n[node name="R" instance=ExtResource("1")]\n',
    );
    expect(run(['scene', 'game/user.tscn']).err).toContain('res://bad.tscn:3:5:');
  });

  test('a file that is not there', () => {
    const { code, err } = run(['scene', 'nothing.tscn']);
    expect(code).toBe(2);
    expect(err).toMatch(/^godot-enet: nothing\.tscn: ENOENT/);
    expect(run(['scene', '-', '--classes', 'nothing.json'], '').err).toContain('ENOENT');
  });

  test('what a scene says does not reach the terminal raw', () => {
    const { err } = run(
      ['scene', '-'],
      '[gd_scene format=3]\n[node name="\u001b[31m" type="Node"]\n[node name="\u001b[31m" type="Node" parent="x"]',
    );
    expect(err).toContain('\\u{1b}');
    expect(err).not.toContain('\u001b');
  });
});

describe('other files of Godot', () => {
  const item =
    '[gd_resource type="Resource" script_class="Item" format=3]\n[resource]\nname = &"Sword"\nprice = 3\n';

  test('a text resource and project.godot are printed as JSON', () => {
    file('game/item.tres', item);
    file('game/other.godot', '; comment\nconfig_version=5\n[application]\nconfig/name="A"\n');
    expect(JSON.parse(run(['scene', 'game/item.tres']).out)).toEqual({
      format: 1,
      kind: 'resource',
      type: 'Resource',
      scriptClass: 'Item',
      properties: { name: 'sn:Sword', price: 'i:3' },
    });
    expect(JSON.parse(run(['scene', '--compact', 'game/other.godot']).out)).toEqual({
      format: 1,
      kind: 'project',
      settings: { config_version: 'i:5', 'application/config/name': 's:A' },
    });
    expect(run(['scene', '-'], item).out).toBe(run(['scene', 'game/item.tres']).out);
  });

  test('validate takes them, and scenes', () => {
    file('game/item.tres', item);
    expect(run(['validate', 'game/item.tres']).out).toBe('game/item.tres: valid, Resource, 2 properties\n');
    expect(run(['validate', '-'], 'config_version=5\n').out).toBe(
      'standard input: valid, project, 1 setting\n',
    );
    expect(run(['validate', 'game/enemy.tscn']).out).toMatch(/^game\/enemy.tscn: valid, \d+ nodes\n$/);
    const { code, err } = run(['validate', '-'], '[gd_resource type="A"]\n[resource]\na = Vector2(1)\n');
    expect([code, err]).toEqual([2, expect.stringContaining('standard input:3:5: ')]);
  });

  test('--keep-instances writes references', () => {
    const { out } = run(['scene', 'game/levels/level.tscn', '--keep-instances']);
    const { root: level } = JSON.parse(out) as SceneDocument;
    expect(level.children?.[0]).toMatchObject({ class: 'CharacterBody2D', instance: 'res://enemy.tscn' });
    expect(level.children?.[0]?.children).toBeUndefined();
    expect(out.length).toBeLessThan(run(['scene', 'game/levels/level.tscn']).out.length);
    SceneMirror.fromJSON(JSON.parse(out));
  });
});

describe.each([[['validate']], [['scene', 'validate']]])('%j', (command) => {
  test('what scene and a mirror write is valid', () => {
    file('level.json', run(['scene', 'game/levels/level.tscn']).out);
    expect(run([...command, 'level.json'])).toEqual({
      code: 0,
      out: 'level.json: valid, 13 nodes\n',
      err: '',
    });
    const mirror = new SceneMirror();
    expect(run([...command, '-'], JSON.stringify(mirror)).out).toBe('standard input: valid, 1 node\n');
  });

  test.each([
    ['{"format": 1', '1:13: no JSON: '],
    ['{"format": 1,\n"root": }', '2:9: no JSON: '],
    ['', '1:1: no JSON: '],
    ['{"format": 1,}', ' no JSON: '],
  ])('no JSON: %j', (text, place) => {
    const { code, out, err } = run([...command, file('bad.json', text)]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`godot-enet: bad.json:${place}`);
  });

  test.each([
    [{ format: 1 }, '$.root: expected'],
    [{ format: 2, root: { name: 'a', class: 'Node' } }, '$.format: expected 1'],
    [
      { format: 1, root: { name: 'a', class: 'Node', properties: { process_priority: 5 } } },
      '$.root.properties.process_priority: expected',
    ],
    [{ format: 1, root: { name: 'a', class: 'Nope' } }, '$.root: '],
    [
      { format: 1, root: { name: 'a', class: 'Node', children: [{ name: 'b/c', class: 'Node' }] } },
      '$.root.children[0].name: expected',
    ],
  ])('a scene that is not valid: %j', (document, message) => {
    const { code, out, err } = run([...command, '-'], JSON.stringify(document));
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`godot-enet: standard input: ${message}`);
  });

  test('--classes', () => {
    const table = { classes: { Nope: { inherits: 'Node', properties: [] } } };
    const name = file('classes.json', JSON.stringify(table));
    const document = JSON.stringify({ format: 1, root: { name: 'a', class: 'Nope' } });
    expect(run([...command, '-', '--classes', name], document).code).toBe(0);
    file('classes.json', '{"classes": 5}');
    expect(run([...command, '-', '--classes', name], document)).toMatchObject({
      code: 2,
      err: expect.stringContaining('classes.json: "json.classes" expected an object'),
    });
  });
});

describe('exit code 1: usage', () => {
  test.each([[['scene']], [['validate']], [['scene', 'validate']], [['scene', 'a', '--nope']]])(
    '%j',
    (args) => {
      expect(run(args)).toMatchObject({ code: 1, out: '' });
    },
  );

  test('--help names both commands', () => {
    const { out } = run(['--help']);
    expect(out).toContain('scene');
    expect(out).toContain('validate');
    expect(run(['scene', '--help']).out).toContain('--project');
  });
});
