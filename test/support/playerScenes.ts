/** Scenes of games with a node for each player: a spawner of players, each of which has a synchronizer of its position. */

/** What differs from game to game. */
export interface PlayerScenes {
  /** `replication_mode` of the position: 1 always, 2 on change. */
  readonly mode: 1 | 2;
  /** Whether each player has a second synchronizer, `Input`, of its rotation (always, not in the spawn). */
  readonly hasInput?: boolean;
  /** More nodes of `res://main.tscn`, as text. */
  readonly moreNodes?: string;
}

/** `res://main.tscn` and `res://player.tscn`, by their paths. */
export function playerScenes({
  mode,
  hasInput = false,
  moreNodes = '',
}: PlayerScenes): Readonly<Record<string, string>> {
  return {
    'res://main.tscn': `[gd_scene format=3]

[node name="Main" type="Node"]

[node name="Players" type="Node2D" parent="."]

[node name="Spawner" type="MultiplayerSpawner" parent="."]
_spawnable_scenes = PackedStringArray("res://player.tscn")
spawn_path = NodePath("../Players")
${moreNodes}`,
    'res://player.tscn': `[gd_scene load_steps=${hasInput ? 3 : 2} format=3]

[sub_resource type="SceneReplicationConfig" id="1"]
properties/0/path = NodePath(".:position")
properties/0/spawn = true
properties/0/replication_mode = ${mode}
${hasInput ? INPUT_CONFIG : ''}
[node name="Player" type="Node2D"]

[node name="Sync" type="MultiplayerSynchronizer" parent="."]
replication_config = SubResource("1")
${hasInput ? INPUT : ''}`,
  };
}

const INPUT_CONFIG = `
[sub_resource type="SceneReplicationConfig" id="2"]
properties/0/path = NodePath(".:rotation")
properties/0/spawn = false
properties/0/replication_mode = 1
`;

const INPUT = `
[node name="Input" type="MultiplayerSynchronizer" parent="."]
replication_config = SubResource("2")
`;
