/** The same step by the official Godot 4.6: its web build, the one that npm installs. A native engine is faster. */
import { readFileSync } from 'node:fs';
import { Godot4 } from '../test/interop/godot4/engine.ts';

/** What it measured. */
export interface EngineStep {
  /** Of a step, by the clock on the wall. */
  readonly medianMs: number;
  readonly leastMs: number;
  readonly bytesPerPeer: number;
  readonly packetsPerPeer: number;
}

/** Runs `engineStep.gd`. */
export async function measureEngine(nodes: number, peers: number): Promise<EngineStep> {
  const godot = await Godot4.open();
  try {
    const files = {
      'main.gd': readFileSync(new URL('engineStep.gd', import.meta.url), 'utf8'),
      'mover.tscn': MOVER,
      'counts.json': JSON.stringify([nodes, peers]),
    };
    const { reports, output } = await godot.run({ files, timeoutMs: 120_000 });
    const [figures] = reports;
    if (figures === undefined) throw new Error(`the engine measured nothing\n${output.join('\n')}`);
    return JSON.parse(figures) as EngineStep;
  } finally {
    await godot.close();
  }
}

const MOVER = `[gd_scene load_steps=2 format=3]
[sub_resource type="SceneReplicationConfig" id="1"]
properties/0/path = NodePath(".:position")
properties/0/spawn = true
properties/0/replication_mode = 1
[node name="P" type="Node2D"]
[node name="S" type="MultiplayerSynchronizer" parent="."]
replication_config = SubResource("1")
`;
