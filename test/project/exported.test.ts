/** Exported projects: `project.binary`, `uid_cache.bin` and packs as Godot 4.6 stable writes them, and damaged ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { varToBytes } from '../../codec/index.ts';
import { writePack } from '../../examples/arena/packFile.ts';
import { SceneMirror } from '../../schema/index.ts';
import { readUidCache } from '../../schema/project/uidCache.ts';
import { ProjectBinaryError, readProjectBinary } from '../../src/project/projectBinary.ts';
import { loadProject, PackError, type Project, readPack, readProject } from '../../src/project.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes } from '../support/hex.ts';
import { settingsBytes, uidCacheBytes } from './exportedBytes.ts';

interface Golden {
  readonly text: string;
  readonly binary: string;
  readonly pack: string;
  readonly autoloads: readonly string[];
  readonly uidCache: string;
  readonly uids: readonly (readonly [uid: string, path: string])[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../golden/project/exported-4.6-stable.json', import.meta.url), 'utf8'),
) as Golden;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-exported-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packOf(content: Uint8Array): string {
  const path = join(folder, 'game.pck');
  writeFileSync(path, content);
  return path;
}

function loadFiles(files: Readonly<Record<string, string | Uint8Array>>): Promise<Project> {
  return loadProject(packOf(writePack(files)));
}

function issuesOf(project: Project): string[] {
  return project.issues.map(({ kind, file, line, message }) => `${kind} ${file}:${line} ${message}`);
}

describe('what Godot 4.6 stable writes', () => {
  const text = readProject(
    Object.assign((path: string) => (path === 'res://project.godot' ? golden.text : undefined), {
      bytes: (path: string) => (path === 'res://.godot/uid_cache.bin' ? bytes(golden.uidCache) : undefined),
    }),
  );

  test('project.binary says what project.godot says', () => {
    const { values, problems } = readProjectBinary(bytes(golden.binary));
    expect(problems).toEqual([]);
    expect(values.size).toBe(15);
    const written = new Map(text.settings.values);
    // The binary form has no such key.
    expect(written.delete('config_version')).toBe(true);
    expect(values).toEqual(written);
    expect([...values.keys()]).toEqual([...written.keys()]);
  });

  test('the number of each uid, and the later one of two paths', () => {
    const { paths, problem } = readUidCache(bytes(golden.uidCache));
    expect(problem).toBe('');
    expect([...paths]).toEqual(expect.arrayContaining([...golden.uids]));
    expect(paths.size).toBe(golden.uids.length);
  });

  test.each(['text', 'binary'])('autoloads of the %s in the order of the engine', async (form) => {
    const project = form === 'text' ? text : await loadProject(packOf(bytes(golden.pack)));
    expect(project.autoloads.map(({ name }) => name)).toEqual(golden.autoloads);
    expect(project.autoloads.at(-1)).toEqual({ name: 'Alpha', path: 'res://zed.gd', isSingleton: false });
  });

  test('its pack: settings, uids and scripts; what is binary has a reason', async () => {
    const path = packOf(bytes(golden.pack));
    const project = await loadProject(path);
    expect(project.settings).toMatchObject({
      name: 'Exported — é😀',
      mainScene: 'res://main.tscn',
      godotVersion: '4.6',
      inputActions: ['jump'],
    });
    expect(project.settings.values).toEqual(readProjectBinary(bytes(golden.binary)).values);
    expect([...project.scripts.values()].map(({ path: of, rpcs }) => [of, [...rpcs.keys()]])).toEqual([
      ['res://player.gd', ['hit']],
    ]);
    expect(project.scenes).toEqual([]);
    expect(issuesOf(project)).toEqual([
      expect.stringMatching(
        /^unread res:\/\/main\.tscn:1 res:\/\/\.godot\/exported\/1\/export-0-main\.scn, where it is, is a binary resource: turn /,
      ),
    ]);
    expect([...readPack(path).unreadable.keys()]).toEqual(['res://main.tscn']);
    expect([...readPack(path).list()].sort()).toEqual([
      'res://.godot/uid_cache.bin',
      'res://player.gd',
      'res://project.binary',
    ]);
  });
});

describe('a pack', () => {
  const uidCache = uidCacheBytes([[1n, 'res://main.tscn']]);
  const settings = settingsBytes([['application/run/main_scene', varToBytes('uid://b')]]);
  const scene = '[gd_scene format=3]\n\n[node name="M" type="Node2D"]\n';

  test('uids of its cache also stand for scenes that a mirror makes', async () => {
    const project = await loadFiles({
      'project.binary': settings,
      '.godot/uid_cache.bin': uidCache,
      'main.tscn.remap': '[remap]\n\npath="res://.godot/exported/1/x.tscn"\n',
      '.godot/exported/1/x.tscn': scene,
    });
    expect(issuesOf(project)).toEqual([]);
    expect(project.scenes).toEqual(['res://main.tscn']);
    const mirror = new SceneMirror({ resources: project.files });
    expect(mirror.instantiate('uid://b').class).toBe('Node2D');
  });

  test('bytes that are none are told by name', () => {
    const resources = Object.assign(() => undefined, { bytes: () => 5 as never });
    expect(() => new SceneMirror({ resources }).instantiate('uid://b')).toThrow(
      '"resources.bytes" expected to return a Uint8Array or undefined, got 5',
    );
  });

  test.each<[string, Readonly<Record<string, string | Uint8Array>>, string[]]>([
    [
      'a cut project.binary',
      { 'project.binary': settings.subarray(0, 40) },
      ['error res://project.binary:1 It ends in what begins at the byte 38'],
    ],
    [
      'something else of that name',
      { 'project.binary': 'config_version=5\n' },
      ['error res://project.binary:1 Expected "ECFG" first'],
    ],
    [
      'values that are none',
      {
        'project.binary': settingsBytes([
          ['a', new Uint8Array(3)],
          ['b', new Uint8Array(8)],
          ['application/config/name', varToBytes('x')],
        ]),
      },
      [
        expect.stringMatching(/^unread res:\/\/project\.binary:1 The value of "a": ERR_VARIANT_TRUNCATED, /),
        'unread res://project.binary:1 The value of "b": 4 bytes too many',
      ],
    ],
    [
      'uids that no file has',
      {
        'project.binary': settingsBytes([
          ['application/run/main_scene', varToBytes('uid://b')],
          ['autoload/A', varToBytes('*uid://c')],
        ]),
      },
      [
        'unread res://project.binary:1 application/run/main_scene is uid://b, which no file of the project has',
        'unread res://project.binary:1 autoload/A is uid://c, which no file of the project has',
      ],
    ],
    [
      'a cut uid_cache.bin',
      {
        'project.binary': settings,
        'main.tscn': scene,
        '.godot/uid_cache.bin': uidCacheBytes([[1n, 'res://main.tscn']], 2),
      },
      ['unread res://.godot/uid_cache.bin:1 It ends in the entry 2 of 2, at the byte 31'],
    ],
    [
      'what is binary, moved or not',
      {
        'project.godot': '',
        'a.gd.remap': '[remap]\npath="res://a.gdc"\n',
        'a.gdc': 'GDSC',
        'b.gdc': 'GDSC',
        'c.tres.remap': '[remap]\npath = "res://c.res"\n',
        'c.res': 'RSRC',
        'd.scn': 'RSRC',
      },
      [
        expect.stringMatching(
          /^unread res:\/\/c\.tres:1 res:\/\/c\.res, where it is, is a binary resource: /,
        ),
        'unread res://b.gdc:1 No .remap says which script it is of',
        expect.stringMatching(/^unread res:\/\/d\.scn:1 It is a binary resource: /),
        'unread res://a.gd:1 It is damaged at the byte 4 of its tokens',
      ],
    ],
    [
      'files that are moved to nowhere',
      {
        'project.godot': '',
        'a.gd.remap': '[remap]\npath="res://none.gd"\n',
        'b.gd.remap': '[remap]\n',
        'c.gd.remap': '[remap\n',
        'd.gd.remap': '[remap]\npath="res://here.gd"\n',
        'e.gd.remap': '[remap]\npath="res://here.gd"\n',
        'f.gd.remap': `[remap]\npath="res://here.gd"\n;${' '.repeat(65_536)}`,
        'here.gd': 'extends Node\n',
      },
      [
        'unread res://a.gd:1 res://none.gd, where it is, is not there',
        'unread res://b.gd:1 res://b.gd.remap does not say where it is',
        'unread res://c.gd:1 res://c.gd.remap does not say where it is',
        'unread res://e.gd:1 res://here.gd, where it is, is where another file is',
        'unread res://f.gd:1 res://f.gd.remap does not say where it is',
      ],
    ],
  ])('tells %s', async (_, files, expected) => {
    expect(issuesOf(await loadFiles(files))).toEqual(expected);
  });

  test('of which every file is encrypted names each that it would read', async () => {
    const names = ['project.godot', 'a.gd', 'b.cs', 'c.tscn', 'd.tres', 'a.gd.uid', 'picture.png'];
    const content = writePack(Object.fromEntries(names.map((name) => [name, 'x'])));
    // Each entry ends with its flags.
    for (let at = content.length, i = names.length - 1; i >= 0; i--) {
      content[at - 4] = 1;
      at -= 40 + Math.ceil((names[i]?.length ?? 0) / 4) * 4;
    }
    const project = await loadProject(packOf(content));
    expect(issuesOf(project).sort()).toEqual(
      names
        .filter((name) => name !== 'picture.png')
        .map((name) => `unread res://${name}:1 It is encrypted`)
        .sort(),
    );
    expect(project.scripts.size + project.resources.size).toBe(0);
  });

  test('whose files are the same bytes over and over is refused', () => {
    const count = 8;
    const content = writePack(
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`${i}.gd`, i === 0 ? 'x'.repeat(4096) : '']),
      ),
    );
    const view = new DataView(content.buffer);
    // Each entry: length 4, path 4, offset 8, size 8, MD5 16, flags 4.
    for (let i = 0; i < count; i++) {
      const entry = content.length - 44 * (count - i);
      view.setBigUint64(entry + 8, 0n, true);
      view.setBigUint64(entry + 16, 4096n, true);
    }
    expect(() => readPack(packOf(content))).toThrow(
      expect.objectContaining({
        code: 'ERR_PACK_DAMAGED',
        message: expect.stringContaining('over and over'),
      }),
    );
  });
});

describe('damaged bytes', () => {
  /** A file with some bytes changed, and cut off somewhere. */
  const mutated = (of: Uint8Array): fc.Arbitrary<Uint8Array> =>
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(of.length - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { maxLength: 6 }),
        fc.oneof(fc.constant(of.length), fc.nat(of.length)),
      )
      .map(([changes, length]) => {
        const copy = of.slice();
        for (const [at, value] of changes) copy[at] = value;
        return copy.subarray(0, length);
      });

  test('of project.binary: settings or an error with a reason', () => {
    fc.assert(
      fc.property(mutated(bytes(golden.binary)), (data) => {
        const failure = caught(() => readProjectBinary(data));
        expect(failure === undefined || failure instanceof ProjectBinaryError).toBe(true);
        const project = readProject(
          Object.assign(() => undefined, {
            bytes: (path: string) => (path === 'res://project.binary' ? data : undefined),
          }),
        );
        if (failure !== undefined) expect(project.issues[0]?.kind).toBe('error');
        expect(project.issues.length).toBeLessThan(50);
      }),
      fcParameters(1000),
    );
  });

  test('of uid_cache.bin: what stands before the damage, and a problem', () => {
    const whole = bytes(golden.uidCache);
    fc.assert(
      fc.property(mutated(whole), (data) => {
        const { paths, problem } = readUidCache(data);
        expect(paths.size).toBeLessThanOrEqual(data.length / 12);
        const count = data.length < 4 ? 1 : new DataView(data.buffer, data.byteOffset).getUint32(0, true);
        if (count * 12 > data.length) expect(problem).not.toBe('');
      }),
      fcParameters(1000),
    );
  });

  test('of a whole pack: an error with a code, or a project', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(bytes(golden.pack)), async (data) => {
        const path = packOf(data);
        try {
          await loadProject(path);
        } catch (error) {
          expect(error).toBeInstanceOf(PackError);
        }
      }),
      fcParameters(200),
    );
  });

  test('counts of four billion cost nothing', () => {
    const start = performance.now();
    expect(() => readProjectBinary(settingsBytes([], 0xffff_ffff))).toThrow(ProjectBinaryError);
    expect(readUidCache(uidCacheBytes([], 0xffff_ffff))).toMatchObject({
      problem: expect.stringContaining('entry 1'),
    });
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

function caught(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
