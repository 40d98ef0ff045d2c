/**
 * What the command `scene` costs on a level of 2,160 instances, above an empty Node.
 *
 *   npm run build && npx tsx bench/sceneLoad.ts [--json]
 *
 * A project is made in a temporary folder: 60 instances of a room, each with 35 instances of a prop of 8 nodes; so 17,000 nodes
 * with places and resources. Each measurement is a process of its own; medians.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, median } from './servers.ts';

const ROOMS = 60;
const PROPS = 35;
const ROUNDS = 5;
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const program = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

/** Writes what the process used to its file 3 at its end. */
const USAGE = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1000, peakMiB: process.resourceUsage().maxRSS / 1024 }));
  });
`)}`;

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly outputBytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'godot-enet-bench-'));
try {
  makeProject(folder);
  const level = join(folder, 'level.tscn');
  const empty = measure([]);
  const rows = [
    { command: 'scene', ...above(measure(['scene', level])) },
    { command: 'scene --compact', ...above(measure(['scene', level, '--compact'])) },
    { command: 'scene --keep-instances', ...above(measure(['scene', level, '--keep-instances'])) },
  ];
  if (values.json)
    console.log(
      JSON.stringify({ bench: 'sceneLoad', machine: describeMachine(), empty, rows }, undefined, 2),
    );
  else {
    const { cpu, node } = describeMachine();
    console.log(`${ROOMS + ROOMS * PROPS} instances; above an empty Node; ${cpu}, ${node}`);
    for (const { command, wallMs, cpuMs, peakMiB, outputBytes } of rows) {
      console.log(
        `${command.padEnd(24)} ${wallMs.toFixed(0)} ms (${cpuMs.toFixed(0)} ms of CPU), ` +
          `${peakMiB.toFixed(1)} MiB, ${outputBytes} bytes of JSON`,
      );
    }
  }

  function above(cost: Cost): Cost {
    return {
      wallMs: cost.wallMs - empty.wallMs,
      cpuMs: cost.cpuMs - empty.cpuMs,
      peakMiB: cost.peakMiB - empty.peakMiB,
      outputBytes: cost.outputBytes,
    };
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs the program, or nothing, in a process that tells what it used. */
function measure(args: readonly string[]): Cost {
  const costs = Array.from({ length: ROUNDS }, (): Cost => {
    const start = performance.now();
    const child = spawnSync(
      process.execPath,
      ['--import', USAGE, ...(args.length === 0 ? ['-e', ''] : [program, ...args])],
      {
        maxBuffer: 1 << 30,
        stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      },
    );
    const wallMs = performance.now() - start;
    if (child.status !== 0) throw new Error(`the program ended with ${child.status}`);
    const usage = JSON.parse(String(child.output[3])) as { cpuMs: number; peakMiB: number };
    return { wallMs, ...usage, outputBytes: child.stdout.length };
  });
  const of = (part: keyof Cost): number => median(costs.map((cost) => cost[part]));
  return { wallMs: of('wallMs'), cpuMs: of('cpuMs'), peakMiB: of('peakMiB'), outputBytes: of('outputBytes') };
}

function makeProject(path: string): void {
  const place = (x: number): string => `transform = Transform3D(1, 0, 0, 0, 1, 0, 0, 0, 1, ${x}, 1, 2)\n`;
  const instances = (scene: string, root: string, name: string, count: number): string =>
    `[gd_scene format=3]\n[ext_resource type="PackedScene" path="res://${scene}.tscn" id="1"]\n[node name="${root}" type="Node3D"]\n${Array.from(
      { length: count },
      (_, i) => `[node name="${name}${i}" parent="." instance=ExtResource("1")]\n${place(i)}`,
    ).join('')}`;
  const meshes = Array.from(
    { length: 7 },
    (_, i) =>
      `[node name="M${i}" type="MeshInstance3D" parent="."]\n${place(i)}mesh = SubResource("m")\nmetadata/kind = "prop"\n`,
  );
  const prop = `[gd_scene format=3]\n[sub_resource type="BoxMesh" id="m"]\n[node name="Prop" type="StaticBody3D"]\ncollision_layer = 3\n`;
  writeFileSync(join(path, 'project.godot'), 'config_version=5\n');
  writeFileSync(join(path, 'prop.tscn'), prop + meshes.join(''));
  writeFileSync(join(path, 'room.tscn'), instances('prop', 'Room', 'Prop', PROPS));
  writeFileSync(join(path, 'level.tscn'), instances('room', 'Level', 'Room', ROOMS));
}
