/** The commands `types` and `gdscript`: what they write compiles, is checked, and reads back with the same RPCs. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { writeStubs } from '../../src/cli/runGdscript.ts';
import { checkTypes, makeTypes } from '../../src/cli/runTypes.ts';
import { checksumOf, inCallOrder } from '../../src/multiplayer/rpcTable.ts';
import { TypeNames } from '../../src/project/write/typeNames.ts';
import { writeGdscript } from '../../src/project/write/writeGdscript.ts';
import { issuesOf, projectOf } from '../project/projectOf.ts';
import { built } from '../support/built.ts';
import { fcParameters } from '../support/fc.ts';
import { rpcDeclarations, rpcsOf, scriptWith } from '../support/rpcDeclarations.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const main = built('src/cli/main.js');

const FILES: Readonly<Record<string, string>> = {
  'project.godot': 'config_version=5\n',
  'player.gd': `class_name Player
extends CharacterBody2D
@export var hp := 5
@rpc("any_peer", "reliable") func hit(damage: int, by := "x"): pass
@rpc func moved(to: Vector2, class: Dictionary): pass
@rpc("any_peer") func say(...words): pass
@rpc("any_peer") func constructor(): pass
`,
  'boss.gd': `extends Player
@rpc("any_peer") func roar(volume: float): pass
@rpc("any_peer") func hit(damage: int, by := "x", twice := false): pass
`,
  'Door.cs': `public partial class Door : Node3D {
  [Export] public int Keys { get; set; } = 2;
  [Rpc(MultiplayerApi.RpcMode.AnyPeer)] public void Open(string key, double force = 1.0) {}
  [Rpc] public void Opened(Vector3 by, params string[] names) {}
}
`,
  'Gate.cs': 'public partial class Gate : Door { [Rpc(MultiplayerApi.RpcMode.AnyPeer)] void Lock() {} }\n',
  'units/player.gd': 'extends Node\nvar x: Array[int]\n',
  'broken.gd': 'extends Node\nprint()\n',
  'data.gd': 'extends Resource\n@rpc func f(): pass\n',
  'player.tscn':
    '[gd_scene format=3]\n\n[ext_resource type="Script" path="res://player.gd" id="1"]\n\n[node name="Player" type="CharacterBody2D"]\nscript = ExtResource("1")\n\n[node name="Sprite" type="Sprite2D" parent="."]\n',
  'lacks.tscn':
    '[gd_scene format=3]\n\n[ext_resource type="PackedScene" path="res://gone.tscn" id="1"]\n\n[node name="A" instance=ExtResource("1")]\n',
};

const USE = `import type { SceneMirror } from 'godot-enet/schema';
import {
  type BossTypes,
  BossScript,
  DoorScript,
  GateScript,
  instantiate,
  PlayerScript,
  UnitsPlayerScript,
} from './godot.ts';

export class Server extends PlayerScript {
  hit(damage: number, by = ''): void {
    this.rpc('say', damage, by);
  }
  say(...words: unknown[]): void {
    this.rpcId(2, 'hit', words.length);
  }
}
export function use(mirror: SceneMirror): void {
  mirror.registerScript(Server);
  const player = instantiate(mirror, 'res://player.tscn');
  player.rpc('hit', 5);
  // @ts-expect-error a text is no int
  player.rpc('hit', '5');
  player.set('hp', 5);
  // @ts-expect-error a text is no int
  player.set('hp', '5');
  player.getNode('Sprite').class satisfies 'Sprite2D';
  // @ts-expect-error no such scene
  instantiate(mirror, 'res://none.tscn');
}
// @ts-expect-error hit and say are not there
export class Lacks extends PlayerScript {}
// A script without RPCs has nothing that is asked for; its variables have types.
export class Plain extends UnitsPlayerScript {
  override _ready(): void {
    this.node.get('x') satisfies readonly unknown[];
  }
}

export class Boss extends BossScript {
  hit(damage: number, by = '', twice = false): void {
    this.rpc('roar', twice ? damage : 0);
    this.rpc('say', by);
    // @ts-expect-error a text is no float
    this.rpc('roar', by);
  }
  say(): void {}
  roar(volume: number): void {
    this.node.set('hp', Math.round(volume));
  }
}
// @ts-expect-error say is inherited, and not there
export class LacksInherited extends BossScript {
  hit(): void {}
  roar(): void {}
}
export const inherited: BossTypes['variables']['hp'] = 'int';

export class Door extends DoorScript {
  Open(key: string, force: number): void {
    this.rpc('Open', key, force);
    // @ts-expect-error C# takes every argument
    this.rpc('Open', key);
  }
}
// @ts-expect-error Open is inherited, and not there
export class Gate extends GateScript {
  Lock(): void {}
}
`;

let folder = '';
let game = '';
let out = '';
beforeEach(() => {
  mkdirSync(join(ROOT, '.build'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.build', 'types-'));
  game = join(folder, 'game');
  out = join(folder, 'types');
  mkdirSync(join(game, 'units'), { recursive: true });
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(game, path), text);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('types', () => {
  test('what is written compiles, and refuses what the scripts refuse', async () => {
    const warnings: string[] = [];
    await makeTypes(game, out, (line) => warnings.push(line));
    expect(warnings).toEqual([
      'res://broken.gd:2:1: Unexpected "print" in a class',
      'res://lacks.tscn:5:1: The project does not have the scene "res://gone.tscn"',
    ]);
    writeFileSync(join(out, 'use.ts'), USE);
    expect(compileErrors([join(out, 'use.ts'), join(out, 'godot.ts')])).toEqual([]);
    const text = readFileSync(join(out, 'godot.ts'), 'utf8');
    expect(text).toContain("hit: [damage: 'int', by?: 'String'];");
    expect(text).toContain("moved: [to: 'Vector2', class_: 'Dictionary'];");
    expect(text).toContain('export interface UnitsPlayerTypes');
    expect(text).not.toMatch(/broken|data\.gd|lacks/);
  }, 120_000);

  test('--check tells which files have changed, and writes nothing', async () => {
    const check = (): ReturnType<typeof checkTypes> => checkTypes(game, out, () => undefined);
    const stale = { file: join(out, 'godot.ts'), isFresh: false, isWritten: false };
    expect(await check()).toEqual({ ...stale, text: `${stale.file} is not there`, changed: [] });
    expect(existsSync(out)).toBe(false);
    expect((await makeTypes(game, out, () => undefined)).text).toBe(`wrote ${join(out, 'godot.ts')}`);
    expect((await makeTypes(game, out, () => undefined)).text).toContain('is as it was');
    expect((await check()).isFresh).toBe(true);
    const before = readFileSync(join(out, 'godot.ts'), 'utf8');
    writeFileSync(join(game, 'player.gd'), FILES['player.gd']?.replace('damage: int', 'damage: float') ?? '');
    writeFileSync(join(game, 'new.gd'), 'extends Node\n');
    expect(await check()).toEqual({
      ...stale,
      text: `${stale.file} is not that of the project; changed: res://new.gd, res://player.gd`,
      changed: ['res://new.gd', 'res://player.gd'],
    });
    expect(readFileSync(join(out, 'godot.ts'), 'utf8')).toBe(before);
    // What functions do does not matter.
    writeFileSync(join(game, 'player.gd'), FILES['player.gd']?.replaceAll(': pass', ':\n\treturn 1') ?? '');
    rmSync(join(game, 'new.gd'));
    expect((await check()).isFresh).toBe(true);
    // Nor what git makes of the ends of lines.
    writeFileSync(join(out, 'godot.ts'), before.replaceAll('\n', '\r\n'));
    expect((await check()).isFresh).toBe(true);
    writeFileSync(join(out, 'godot.ts'), `${before}// more\n`);
    expect((await check()).isFresh).toBe(false);
  });

  test('names are given once', () => {
    const names = new TypeNames();
    expect(
      [
        ['res://player.gd', ''],
        ['res://units/player.gd', ''],
        ['res://more/units/player.gd', ''],
        ['res://more/units/player.cs', ''],
        ['res://2d-thing.gd', ''],
        ['res://x.gd', 'my_class'],
        ['res://typed.gd', ''],
      ].map(([path = '', wanted = '']) => names.take(path, wanted)),
    ).toEqual(['Player', 'UnitsPlayer', 'MoreUnitsPlayer', 'Player2', 'Type2dThing', 'MyClass', 'Typed2']);
  });
});

describe('gdscript', () => {
  const module = `export class A {
  static path = 'res://units/a.gd';
  static rpcs = { hit: { rpcMode: 'any_peer', argumentTypes: ['int', 'Vector2'], leastArguments: 1 } };
  hit(damage, to) {}
}
export class B extends A {
  static path = 'res://b.gd';
  static rpcs = { die: { rpcMode: 'authority', channel: 2 } };
}
export const other = 5;
export class C { static path = 'no'; }
`;

  test('writes a script for each class that has a path', async () => {
    const file = join(folder, 'scripts.mjs');
    writeFileSync(file, module);
    const printed = await writeStubs(file, undefined, false);
    expect(printed[0]?.text).toContain(
      '@rpc("any_peer", "call_remote", "reliable")\nfunc hit(damage: int, to: Vector2 = Vector2()):',
    );
    const target = join(out, 'units', 'a.gd');
    expect((await writeStubs(file, out, false)).map((one) => one.target)).toEqual([
      target,
      join(out, 'b.gd'),
    ]);
    await expect(writeStubs(file, out, false)).rejects.toThrow(`${target}: it exists`);
    await writeStubs(file, out, true);
    const project = projectOf({
      'a.gd': readFileSync(target, 'utf8'),
      'b.gd': readFileSync(join(out, 'b.gd'), 'utf8'),
    });
    expect(issuesOf(project)).toEqual([]);
    expect(project.scripts.get('res://a.gd')?.checksum).toBe(checksumOf(['hit']));
    expect(project.scripts.get('res://b.gd')?.checksum).toBe(checksumOf(['die', 'hit']));
    expect(project.scripts.get('res://b.gd')?.rpcs.get('die')).toMatchObject({
      rpcMode: 'authority',
      channel: 2,
    });
  });

  test.each([
    ['no class', 'export const a = 1;', 'no class with a static path'],
    ['no module', 'export class {', 'scripts.mjs: '],
    ['a path that leads out', "export class A { static path = 'res://../a.gd'; }", 'it lies outside of'],
    [
      'an RPC that nobody may call',
      "export class A { static path = 'res://a.gd'; static rpcs = { f: { rpcMode: 'disabled' } }; }",
      'has no word',
    ],
    [
      'a word of GDScript',
      "export class A { static path = 'res://a.gd'; static rpcs = { await: { rpcMode: 1 } }; }",
      'is no name in GDScript',
    ],
    [
      'a path of two lines',
      "export class A { static path = 'res://a\\n.gd'; static rpcs = { f: { rpcMode: 1 } }; }",
      'is no path of a script',
    ],
    [
      'a name that is none',
      "export class A { static path = 'res://a.gd'; static rpcs = { 'a b': { rpcMode: 1 } }; }",
      'is no name in GDScript',
    ],
  ])('%s is told', async (_, text, expected) => {
    const file = join(folder, 'scripts.mjs');
    writeFileSync(file, text);
    await expect(writeStubs(file, out, false)).rejects.toThrow(expected);
    expect(existsSync(out)).toBe(false);
  });

  test('what is no name of an argument has another one', () => {
    const argumentTypes = ['int', 'int', 'int', 'int', 'int'];
    const script = scriptWith({ match: { rpcMode: 'any_peer', argumentTypes } }, 'res://a.gd');
    const argumentNames = (): string[] => ['PI', 'arg3', 'int', 'class', 'PI'];
    const text = writeGdscript({ path: 'res://a.gd', rpcs: rpcsOf(script), argumentNames });
    expect(text).toContain('func match(PI: int, arg3: int, arg2: int, arg3_: int, arg4: int):');
  });

  test('any declarations read back with the same numbers, checksum and configuration', () => {
    fc.assert(
      fc.property(rpcDeclarations, (rpcs) => {
        const declared = rpcsOf(scriptWith(rpcs, 'res://a.gd'));
        const text = writeGdscript({ path: 'res://a.gd', rpcs: declared, argumentNames: () => [] });
        const project = projectOf({ 'a.gd': text });
        expect(issuesOf(project), text).toEqual([]);
        expect(project.scripts.get('res://a.gd')?.checksum).toBe(checksumOf(inCallOrder(Object.keys(rpcs))));
        const mirror = project.register(new SceneMirror());
        const node = mirror.createNode({ name: 'N', class: 'Node', script: 'res://a.gd' });
        expect(new Map(mirror.scriptRpcsOf(node))).toEqual(new Map(declared));
      }),
      fcParameters(200),
    );
  });
});

describe('the program', () => {
  const run = (...args: string[]): Promise<{ code: number; text: string }> => runWith('', ...args);
  const runWith = (options: string, ...args: string[]): Promise<{ code: number; text: string }> =>
    new Promise((done) => {
      const env = { ...process.env, NODE_OPTIONS: options, NODE_NO_WARNINGS: '1' };
      execFile(process.execPath, [main, ...args], { env, cwd: ROOT }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code), text: stdout + stderr });
      });
    });

  test('ends as it says', async () => {
    expect(await run('types', game, '--out', out)).toMatchObject({
      code: 0,
      text: expect.stringContaining('wrote '),
    });
    expect((await run('types', game, '--out', out, '--check')).code).toBe(0);
    writeFileSync(join(game, 'player.gd'), 'extends Node2D\n');
    expect(await run('types', game, '--out', out, '--check')).toMatchObject({
      code: 4,
      text: expect.stringContaining('res://player.gd'),
    });
    expect((await run('types', game)).code).toBe(1);
    expect((await run('types', join(folder, 'none'), '--out', out)).code).toBe(2);
    expect((await run('gdscript', join(folder, 'none.ts'))).code).toBe(2);
  });

  const typed = `type Mode = 'any_peer' | 'authority';
interface Declared { readonly rpcMode: Mode; readonly argumentTypes: readonly string[] }
export class Player {
  static readonly path: string = 'res://player.gd';
  static readonly rpcs: Record<string, Declared> = { hit: { rpcMode: 'any_peer', argumentTypes: ['int', 'String'] } };
  hit(damage: number, by: string): void { void [damage, by]; }
}
`;
  const script = `# The RPCs of res://player.gd, as they are declared in TypeScript. Written by \`godot-enet gdscript\`.
extends Node

@rpc("any_peer", "call_remote", "reliable")
func hit(damage: int, by: String):
	pass
`;
  const readsTypes = 'typescript' in process.features && process.features.typescript !== false;

  test(`gdscript reads TypeScript where Node does: ${process.version}`, async () => {
    const file = join(folder, 'scripts.ts');
    writeFileSync(file, typed);
    const result = await run('gdscript', file);
    if (readsTypes) expect(result).toEqual({ code: 0, text: script });
    else {
      expect(result.code).toBe(2);
      expect(result.text).toContain(
        `this is Node ${process.version}, and those from 22.18 and 23.6 on read TypeScript`,
      );
    }
  });

  test('gdscript reads TypeScript with a loader everywhere, enums included', async () => {
    const file = join(folder, 'scripts.ts');
    writeFileSync(file, `enum Own { A }\n${typed.replace("'int', 'String'", "'int', ['String'][Own.A]")}`);
    expect(await runWith('--import tsx', 'gdscript', file)).toEqual({ code: 0, text: script });
    const plain = await run('gdscript', file);
    expect(plain.code).toBe(2);
    expect(plain.text).toContain('NODE_OPTIONS="--import tsx" reads it');
  });

  test('no Node reads .tsx, and a word about loaders is said of that alone', async () => {
    for (const [name, hint] of [
      ['a.tsx', true],
      ['a.txt', false],
    ] as const) {
      writeFileSync(join(folder, name), typed);
      const { code, text } = await run('gdscript', join(folder, name));
      expect(code).toBe(2);
      expect(text.includes('--import tsx')).toBe(hint);
    }
  });
});

function compileErrors(files: readonly string[]): string[] {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [] }, ts.sys, ROOT);
  const paths = {
    'godot-enet/schema': [join(ROOT, 'schema/index.ts')],
    'godot-enet/*': [join(ROOT, 'src/*.ts')],
  };
  const program = ts.createProgram(files, { ...options, noEmit: true, paths });
  return files
    .flatMap((file) => program.getSemanticDiagnostics(program.getSourceFile(file)))
    .map(({ messageText, start }) => `${start}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
