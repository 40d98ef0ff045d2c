/** The game of `handoff.ts`: a node for each player, with a state. */
import { RpcMode, SceneMirror } from '../schema/index.ts';

const FILES: Readonly<Record<string, string>> = {
  'res://main.tscn': `[gd_scene format=3]

[node name="Main" type="Node"]

[node name="Players" type="Node2D" parent="."]

[node name="Spawner" type="MultiplayerSpawner" parent="."]
_spawnable_scenes = PackedStringArray("res://player.tscn")
spawn_path = NodePath("../Players")
`,
  'res://player.tscn': `[gd_scene load_steps=2 format=3]

[sub_resource type="SceneReplicationConfig" id="1"]
properties/0/path = NodePath(".:position")
properties/0/spawn = true
properties/0/replication_mode = 1

[node name="Player" type="Node2D"]

[node name="Sync" type="MultiplayerSynchronizer" parent="."]
replication_config = SubResource("1")
`,
};

/** The tree of nodes and clients. */
export function newMirror(): SceneMirror {
  const mirror = new SceneMirror({ resources: (path) => FILES[path] });
  const main = mirror.root.addChild(mirror.instantiate('res://main.tscn'));
  main.rpcConfig('add', { rpcMode: RpcMode.RPC_MODE_ANY_PEER, transferMode: 2 });
  return mirror;
}

/** The node of a player. */
export function spawnPlayer(mirror: SceneMirror, peerId: number): void {
  mirror
    .getNode('/root/Main/Players')
    ?.addChild(mirror.instantiate('res://player.tscn', { name: String(peerId) }));
}
