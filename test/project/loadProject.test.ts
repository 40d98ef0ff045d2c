/** Projects of folders and pack files, and what their settings say. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePack } from '../../examples/arena/packFile.ts';
import { SceneMirror } from '../../schema/index.ts';
import { loadProject, PackError, type Project, readPack, readProject } from '../../src/project.ts';
import { projectOf } from './projectOf.ts';

const FILES = {
  'project.godot': `config_version=5

[application]

config/name="Test game"
run/main_scene="uid://main"
config/features=PackedStringArray("4.4", "Forward Plus")

[autoload]

Lobby="*res://lobby.gd"
Music="uid://music"

[input]

jump={
"deadzone": 0.5,
"events": []
}
fire={
"deadzone": 0.2,
"events": []
}

[network]

limits/tcp/connect_timeout_seconds=5
`,
  'main.tscn':
    '[gd_scene format=3 uid="uid://main"]\n\n[ext_resource type="Script" path="res://player.gd" id="1"]\n\n[node name="Main" type="Node2D"]\nscript = ExtResource("1")\n',
  'music.tscn': '[gd_scene format=3 uid="uid://music"]\n\n[node name="Music" type="Node"]\n',
  'lobby.gd': 'extends Node\n@rpc("any_peer")\nfunc join(): pass\n',
  'player.gd': 'class_name Player\nextends "uid://base"\n@rpc\nfunc move(to: Vector2): pass\n',
  'scripts/base.gd': 'extends Node2D\n@export var hp := 5\n',
  'scripts/base.gd.uid': 'uid://base\n',
} as const;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-project-'));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, 'game', path)), { recursive: true });
    writeFileSync(join(folder, 'game', path), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packOf(format: 1 | 2 | 3, files: Readonly<Record<string, string | Uint8Array>> = FILES): string {
  const path = join(folder, `pack${format}.pck`);
  writeFileSync(path, writePack(files, format));
  return path;
}

const PLACES: readonly (readonly [string, () => string])[] = [
  ['a folder', () => join(folder, 'game')],
  ['its project.godot', () => join(folder, 'game', 'project.godot')],
  ['a pack of format 1', () => packOf(1)],
  ['a pack of format 2', () => packOf(2)],
  ['a pack of format 3', () => packOf(3)],
];

describe.each(PLACES)('%s', (_, place) => {
  let project: Project;
  beforeAll(async () => {
    project = await loadProject(place());
  });

  test('has settings', () => {
    expect(project.settings).toMatchObject({
      name: 'Test game',
      godotVersion: '4.4',
      autoloads: [
        { name: 'Lobby', path: 'res://lobby.gd', isSingleton: true },
        { name: 'Music', path: 'res://music.tscn', isSingleton: false },
      ],
      inputActions: ['jump', 'fire'],
    });
    expect(project.mainScene).toBe('res://main.tscn');
    expect(project.settings.values.get('network/limits/tcp/connect_timeout_seconds')).toBe(5n);
    expect(project.issues).toEqual([]);
  });

  test('has scripts and scenes', () => {
    expect([...project.scripts.keys()].sort()).toEqual([
      'res://lobby.gd',
      'res://player.gd',
      'res://scripts/base.gd',
    ]);
    expect([...project.scenes].sort()).toEqual(['res://main.tscn', 'res://music.tscn']);
    const player = project.scriptOfClass('Player');
    expect(player).toMatchObject({
      path: 'res://player.gd',
      base: 'res://scripts/base.gd',
      native: 'Node2D',
    });
    expect(player?.variables.get('hp')?.default).toBe(5n);
    expect(project.scriptOfClass('')).toBeUndefined();
    expect(project.ensurePath('uid://base')).toBe('res://scripts/base.gd');
  });

  test('makes nodes that have the RPCs and variables of their scripts', () => {
    const mirror = new SceneMirror({ resources: project.files });
    expect(project.register(mirror)).toBe(mirror);
    const node = mirror.root.addChild(mirror.instantiate(project.mainScene));
    expect(node.get('hp')).toBe(5);
    expect([...mirror.scriptRpcsOf(node).keys()]).toEqual(['move']);
  });
});

test('the nodes of autoloads are made in their order, with scripts', () => {
  const text = `config_version=5
[autoload]
Lobby="*res://lobby.gd"
Music="*res://music.tscn"
Data="*res://data.gd"
Gone="*res://gone.gd"
Broken="*res://broken.gd"
`;
  const project = projectOf({
    'project.godot': text,
    'lobby.gd': 'extends Node2D\n@rpc func join(): pass\n',
    'music.tscn': '[gd_scene format=3]\n\n[node name="M" type="AudioStreamPlayer"]\n',
    'data.gd': 'extends Resource\n',
    'broken.gd': 'extends Node\nprint()\n',
  });
  const mirror = project.register(new SceneMirror({ resources: project.files }));
  const nodes = project.addAutoloads(mirror);
  expect(nodes.map((node) => [node.getPath().toString(), node.class])).toEqual([
    ['/root/Lobby', 'Node2D'],
    ['/root/Music', 'AudioStreamPlayer'],
  ]);
  expect([...mirror.scriptRpcsOf(nodes[0] ?? mirror.root).keys()]).toEqual(['join']);
  expect(project.addAutoloads(mirror)).toEqual([]);
});

describe('a pack', () => {
  test('has files where they were before the export moved them', async () => {
    const path = packOf(2, {
      'project.godot': 'config_version=5\n',
      'a.gd.remap': '[remap]\n\npath="res://a.gdc"\n',
      'a.gdc': new Uint8Array([1, 2, 3]),
      'b.tscn.remap': '[remap]\n\npath="res://.godot/exported/b.tscn"\n',
      '.godot/exported/b.tscn': '[gd_scene format=3]\n\n[node name="B" type="Node"]\n',
    });
    const project = await loadProject(path);
    expect(project.scenes).toContain('res://b.tscn');
    expect(project.files('res://b.tscn')).toContain('"B"');
    expect(project.files('res://missing')).toBeUndefined();
    expect(project.scenes).toHaveLength(1);
    expect(readPack(path).unreadable.size).toBe(0);
    expect(readPack(path).bytes('res://a.gd')).toEqual(new Uint8Array([1, 2, 3]));
    expect(project.files('res://a.gd')).toBeUndefined();
    expect(project.issues.map(({ kind, file }) => [kind, file])).toEqual([['unread', 'res://a.gd']]);
  });

  test.each([
    ['nothing', new Uint8Array(0), 'ERR_PACK_FORMAT'],
    ['another file', new Uint8Array(200), 'ERR_PACK_FORMAT'],
    ['a newer format', changed(4, 9), 'ERR_PACK_FORMAT'],
    ['an encrypted directory', changed(20, 3), 'ERR_PACK_ENCRYPTED'],
    ['a header alone', writePack(FILES).subarray(0, 104), 'ERR_PACK_DAMAGED'],
    ['half of it', writePack(FILES).subarray(0, 1000), 'ERR_PACK_DAMAGED'],
    ['more files than bytes', changed(writePack({}).length - 4, 0xff, {}), 'ERR_PACK_DAMAGED'],
  ])('refuses %s', (_, bytes, code) => {
    const path = join(folder, 'bad.pck');
    writeFileSync(path, bytes);
    const failure = caught(() => readPack(path));
    expect(failure).toBeInstanceOf(PackError);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(path) });
  });

  test.each([1, 2, 3] as const)('of format %i that is damaged anywhere is refused or read', (format) => {
    const whole = writePack({ 'a.gd': 'extends Node\n', 'b.txt': 'text' }, format);
    const path = join(folder, 'damaged.pck');
    for (let at = 0; at < whole.length; at++) {
      for (const value of [0, 0xff]) {
        const bytes = whole.slice();
        bytes[at] = value;
        writeFileSync(path, bytes);
        const failure = caught(() => {
          const files = readPack(path);
          for (const file of files.list()) files(file);
        });
        expect(failure === undefined || failure instanceof PackError).toBe(true);
      }
    }
  });
});

test('what is not there is told by name', async () => {
  await expect(loadProject(join(folder, 'none'))).rejects.toThrow('"path" expected a folder or a pack file');
  await expect((loadProject as (path: unknown) => Promise<unknown>)(5)).rejects.toThrow(
    '"path" expected a string',
  );
  expect(() => (readProject as (files: unknown) => unknown)({})).toThrow('"files" expected a function');
});

test('a project without settings, and one with bad ones, is read all the same', () => {
  const of = (text: string | undefined): Project =>
    readProject(
      Object.assign((path: string) => (path === 'res://project.godot' ? text : undefined), {
        list: () => [],
      }),
    );
  expect(of(undefined).issues).toMatchObject([{ kind: 'unread', file: 'res://project.godot' }]);
  const bad = of('[application]\nconfig/name="x\n');
  expect(bad.issues).toMatchObject([{ kind: 'error', file: 'res://project.godot' }]);
  expect(bad.mainScene).toBe('');
});

/** A pack with another byte in it. */
function changed(at: number, value: number, files: Readonly<Record<string, string>> = FILES): Uint8Array {
  const bytes = writePack(files);
  bytes[at] = value;
  return bytes;
}

function caught(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
