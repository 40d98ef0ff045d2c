/**
 * What reading a Godot project takes: `npm run build && npx tsx bench/project.ts [--files 1000,4000] [--json]`.
 *
 * Projects are made in a temporary folder: of ten files six are scripts in GDScript (a base for each ten, constants, exports, signals,
 * RPCs, functions with bodies, 70 lines), one is a script in C#, two are scenes and one is a resource. Each is read from the folder and
 * from a pack, in a process of its own: `coldMs` is the first time, warm-up of the process included, `warmMs` the median of the next
 * ones. Milliseconds of the processor for 1,000 files, those of the garbage collector included: other work on the machine counts less.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePack } from '../examples/arena/packFile.ts';
import { describeMachine, median } from './servers.ts';

interface Row {
  readonly files: number;
  readonly from: string;
  readonly coldMs: number;
  readonly warmMs: number;
  readonly registerMs: number;
  readonly heapMiB: number;
}

const ROUNDS = 3;
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, files: { type: 'string', default: '1000,4000' } },
});
const entry = (name: string): string => JSON.stringify(new URL(`../dist/${name}`, import.meta.url).href);
const PROGRAM = `
  import { loadProject } from ${entry('src/project.js')};
  import { SceneMirror } from ${entry('schema/index.js')};
  const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  const times = [], registers = [];
  let project;
  for (let i = 0; i < 6; i++) {
    let start = cpuMs();
    project = await loadProject(process.argv[1]);
    times.push(cpuMs() - start);
    start = cpuMs();
    project.register(new SceneMirror());
    registers.push(cpuMs() - start);
  }
  const { scripts, resources, scenes, issues } = project;
  console.log(JSON.stringify({ times, registers, heap: process.memoryUsage().heapUsed,
    read: scripts.size + resources.size + scenes.length, issues: issues.map(({ message }) => message) }));
`;

const folder = mkdtempSync(join(tmpdir(), 'godot-enet-bench-'));
try {
  const rows: Row[] = [];
  for (const count of values.files.split(',').map(Number)) {
    const files = projectOf(count);
    const game = join(folder, String(count));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(game, path)), { recursive: true });
      writeFileSync(join(game, path), text);
    }
    writeFileSync(`${game}.pck`, writePack(files));
    rows.push(measure(game, 'folder', count), measure(`${game}.pck`, 'pack', count));
  }
  if (values.json) console.log(JSON.stringify({ machine: describeMachine(), rows }, null, 2));
  else console.table(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function measure(path: string, from: string, files: number): Row {
  const runs = Array.from({ length: ROUNDS }, () => runOnce(path, files));
  const each = (of: (run: (typeof runs)[number]) => number): number =>
    Math.round((median(runs.map(of)) / files) * 1000);
  return {
    files,
    from,
    coldMs: each(({ times }) => times[0] ?? 0),
    warmMs: each(({ times }) => median(times.slice(1))),
    registerMs: each(({ registers }) => median(registers.slice(1))),
    heapMiB: Math.round(median(runs.map(({ heap }) => heap)) / 2 ** 20),
  };
}

function runOnce(
  path: string,
  files: number,
): { readonly times: number[]; readonly registers: number[]; readonly heap: number } {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM, path], {
    encoding: 'utf8',
  });
  const result = JSON.parse(stdout || '{}') as {
    times: number[];
    registers: number[];
    heap: number;
    read: number;
    issues: string[];
  };
  // What is measured has to be what was meant.
  if (result.read !== files || result.issues.length > 0)
    throw new Error(
      `read ${result.read} of ${files} files; ${result.issues?.slice(0, 3).join('; ')} ${stderr}`,
    );
  return result;
}

function projectOf(count: number): Record<string, string> {
  const files: Record<string, string> = {
    'project.godot': 'config_version=5\n[application]\nconfig/name="Bench"\nrun/main_scene="uid://scene6"\n',
  };
  for (let i = 0; i < count; i++) {
    const group = Math.floor(i / 10);
    const kind = i % 10;
    if (kind < 6) files[`group${group}/script${kind}.gd`] = gdscript(group, kind);
    else if (kind === 6 || kind === 7) files[`group${group}/scene${kind}.tscn`] = scene(group, kind, i);
    else if (kind === 8) files[`group${group}/Door${group}.cs`] = csharp(group);
    else files[`group${group}/data.tres`] = resource(group);
  }
  return files;
}

function gdscript(group: number, kind: number): string {
  const head =
    kind === 0
      ? `class_name Base${group}\nextends Node2D\nenum State { IDLE, RUN = 5, DEAD }\nconst SIZE := Vector2(16, 32) * 2\n`
      : `extends Base${group}\nconst Other := preload("res://group${group}/script0.gd")\nconst LIMIT = Other.State.RUN * 10\n`;
  const members = Array.from(
    { length: 6 },
    (_, i) =>
      `signal s${kind}_${i}(by: Node, amount: int)\n@export_range(0, 100) var v${kind}_${i}: int = ${i} + 3 * 4\nvar p${kind}_${i} := "name" + "_${i}"\n`,
  ).join('');
  const functions = Array.from(
    { length: 6 },
    (_, i) => `
${i < 3 ? `@rpc("any_peer", "call_local", "reliable", ${i})\n` : ''}func f${kind}_${i}(damage: int, by := "x", where: Vector2 = Vector2.ZERO) -> void:
	var left = v${kind}_${i} - damage # what is left
	if left <= 0 and not by.is_empty():
		for child in get_children():
			child.queue_free()
	else:
		print("hit by %s at %s" % [by, where])
`,
  ).join('');
  return head + members + functions;
}

function csharp(group: number): string {
  return `using Godot;
public partial class Door${group} : Node3D
{
    [Export] public int Keys { get; set; } = 2;
    [Signal] public delegate void OpenedEventHandler(Node by);
    [Rpc(MultiplayerApi.RpcMode.AnyPeer, CallLocal = true)]
    public void Open(string key, double force = 1.0) { if (Keys > 0) { GD.Print($"{key} {force}"); } }
    [Rpc] public void Opened(Vector3 by) { EmitSignal(SignalName.Opened, this); }
}
`;
}

function scene(group: number, kind: number, uid: number): string {
  const nodes = Array.from(
    { length: 10 },
    (_, i) => `\n[node name="N${i}" type="Sprite2D" parent="."]\nposition = Vector2(${i}, 2)\n`,
  );
  return `[gd_scene format=3 uid="uid://scene${uid}"]\n\n[ext_resource type="Script" path="res://group${group}/script${kind - 5}.gd" id="1"]\n\n[node name="Root" type="Node2D"]\nscript = ExtResource("1")\n${nodes.join('')}`;
}

function resource(group: number): string {
  return `[gd_resource type="Resource" format=3 uid="uid://data${group}"]\n\n[ext_resource type="Script" path="res://group${group}/script0.gd" id="1"]\n\n[resource]\nscript = ExtResource("1")\nnames = PackedStringArray("a", "b")\ntable = {\n"a": [1, 2.5, Vector2(1, 2)]\n}\n`;
}
