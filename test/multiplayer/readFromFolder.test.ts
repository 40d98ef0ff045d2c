/** The files of a project in a folder: which are read and listed, and that nothing outside of it is. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { readFromFolder } from '../../src/multiplayer.ts';

let above = '';
let project = '';

beforeAll(() => {
  above = mkdtempSync(join(tmpdir(), 'godot-enet-project-'));
  project = join(above, 'game');
  for (const folder of ['scenes/deep', '.godot', 'art', 'demo/inner'])
    mkdirSync(join(project, folder), { recursive: true });
  // Whose name begins with that of the project.
  mkdirSync(join(above, 'game2'));
  const write = (file: string, text: string): void => writeFileSync(join(above, file), text);
  write('secret.txt', 'secret');
  write('game2/secret.txt', 'secret');
  write('game/project.godot', 'config_version=5\n');
  write('game/scenes/a.tscn', '[gd_scene format=3 uid="uid://a"]\n\n[node name="A" type="Node"]\n');
  write('game/scenes/deep/ü b.tscn', '[gd_scene format=3]\n\n[node name="B" type="Node"]\n');
  write('game/.godot/uid_cache.bin', 'binary');
  write('game/art/.gdignore', '');
  write('game/art/source.tscn', '[gd_scene format=3]\n\n[node name="C" type="Node"]\n');
  write('game/demo/inner/project.godot', '');
  write('game/demo/inner/a.gd', 'extends Node\n');
  symlinkSync(join(above, 'secret.txt'), join(project, 'link.txt'));
  symlinkSync(above, join(project, 'up'));
  symlinkSync(join(project, 'scenes/a.tscn'), join(project, 'inside.tscn'));
});

afterAll(() => rmSync(above, { recursive: true, force: true }));

describe('readFromFolder', () => {
  test('reads texts by their res:// paths, through links inside the folder, too', () => {
    const files = readFromFolder(project);
    expect(files('res://project.godot')).toBe('config_version=5\n');
    expect(files('res://scenes/deep/ü b.tscn')).toContain('"B"');
    expect(files('res://scenes/../project.godot')).toBe('config_version=5\n');
    expect(files('res://inside.tscn')).toContain('"A"');
  });

  test.each([
    'res://missing.tscn',
    'res://',
    'res://scenes',
    'res://../secret.txt',
    'res://../game2/secret.txt',
    'res://scenes/../../secret.txt',
    'res://link.txt',
    'res://up/secret.txt',
    'res://project.godot\0',
    'project.godot',
    'user://project.godot',
    'uid://a',
  ])('%j is none of them', (path) => {
    expect(readFromFolder(project)(path)).toBeUndefined();
  });

  test('an absolute path is none of them', () => {
    expect(readFromFolder(project)(`res://${join(above, 'secret.txt')}`)).toBeUndefined();
    expect(readFromFolder(project)(join(project, 'project.godot'))).toBeUndefined();
  });

  test('lists what a project has: no links, no hidden folders, none with a .gdignore, no other project', () => {
    expect([...readFromFolder(project).list()]).toEqual([
      'res://project.godot',
      'res://scenes/a.tscn',
      'res://scenes/deep/ü b.tscn',
    ]);
  });

  test('a mirror makes nodes of its scenes and knows its uids', () => {
    const mirror = new SceneMirror({ resources: readFromFolder(project) });
    expect(mirror.ensurePath('uid://a')).toBe('res://scenes/a.tscn');
    expect(mirror.instantiate('uid://a').name).toBe('A');
    expect(() => mirror.instantiate('res://../secret.txt')).toThrow('The project does not have the file');
  });

  test('a folder that is not there is told by name', () => {
    expect(() => readFromFolder(join(above, 'none'))).toThrow(
      '"folder" expected a folder that is there, got ',
    );
    expect(() => readFromFolder(join(project, 'project.godot'))).toThrow('"folder" expected a folder');
    const plain = readFromFolder as (folder: unknown) => unknown;
    expect(() => plain(undefined)).toThrow('"folder" expected a string, got undefined');
  });
});
