/**
 * What Godot 4.6 stable writes for an export: settings as text and as `project.binary`, and a pack made by its PCKPacker with the
 * scene in binary form; and which paths it finds in a `uid_cache.bin`, which the generator makes (only the editor writes one).
 *
 *     node scripts/installGodot4.mjs && npx tsx golden/generate/exported_pack.ts
 *
 * Writes `project/exported-4.6-stable.json`: `text` (`project.godot`), `binary` and `pack` in hex, `autoloads` as they stand below
 * `/root`, `uidCache` in hex, `uids`: [uid, path].
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Godot4 } from '../../test/interop/godot4/engine.ts';
import { uidCacheBytes } from '../../test/project/exportedBytes.ts';
import { hex } from '../../test/support/hex.ts';

const SETTINGS = `config_version=5
custom_features="mine"
[application]
config/name="Exported — é😀"
run/main_scene="uid://cboot"
config/features=PackedStringArray("4.6", "GL Compatibility")
run/main_scene.windows="res://other.tscn"
[autoload]
Harness="*res://harness.gd"
Zed="*res://zed.gd"
Alpha="uid://b"
[autoload_prepend]
Early="*res://zed.gd"
Earlier="*res://zed.gd"
[game]
rooms/sizes={
"small": 4,
"large": Vector2i(16, 32),
&"names": ["a", NodePath("b/c:d"), 1.5, null]
}
rooms/colors=PackedColorArray(1, 0, 0, 1, 0, 0.5, 0, 1)
rooms/typed=Array[int]([1, 2])
[input]
jump={
"deadzone": 0.5,
"events": [Object(InputEventKey,"resource_local_to_scene":false,"resource_name":"","device":-1,"window_id":0,"alt_pressed":false,"shift_pressed":false,"ctrl_pressed":false,"meta_pressed":false,"pressed":false,"keycode":0,"physical_keycode":32,"key_label":0,"unicode":32,"location":0,"echo":false,"script":null)
]
}
[network]
limits/tcp/connect_timeout_seconds=5
[rendering]
renderer/rendering_method="gl_compatibility"
`;
const PLAYER = 'extends Node2D\n@export var hp := 5\n@rpc("any_peer") func hit(damage: int): pass\n';
const SCENE = `[gd_scene format=3 uid="uid://cexported"]

[ext_resource type="Script" path="res://player.gd" id="1"]

[node name="Main" type="Node2D"]
script = ExtResource("1")
hp = 7
`;
const MAIN = `extends Node
const TARGET := "res://.godot/exported/1/export-0-main.scn"
func _ready() -> void:
	ProjectSettings.set_setting("application/run/main_scene", "uid://cexported")
	ProjectSettings.save_custom("user://project.binary")
	ProjectSettings.save_custom("user://project.godot")
	ResourceSaver.save(load("res://main.tscn"), "user://main.scn")
	FileAccess.open("user://remap", FileAccess.WRITE).store_string('[remap]\\n\\npath="' + TARGET + '"\\n')
	var packer := PCKPacker.new()
	packer.pck_start("user://exported.pck")
	packer.add_file("res://project.binary", "user://project.binary")
	packer.add_file("res://.godot/uid_cache.bin", "res://.godot/uid_cache.bin")
	packer.add_file("res://main.tscn.remap", "user://remap")
	packer.add_file(TARGET, "user://main.scn")
	packer.add_file("res://player.gd", "res://player.gd")
	packer.flush()
	var names := []
	for child in get_tree().root.get_children():
		names.append(child.name)
	var uids := []
	for line in Harness.lines("res://ids.txt"):
		var id := line.to_int()
		uids.append([ResourceUID.id_to_text(id), ResourceUID.get_id_path(id)])
	Harness.report(JSON.stringify({
		"text": Harness.text("user://project.godot"),
		"binary": FileAccess.get_file_as_bytes("user://project.binary").hex_encode(),
		"pack": FileAccess.get_file_as_bytes("user://exported.pck").hex_encode(),
		"autoloads": names.slice(0, names.find("Boot")),
		"uids": uids,
	}))
	Harness.finish()
`;
const BOOT = `[gd_scene format=3]
[ext_resource type="Script" path="res://boot.gd" id="1"]
[node name="Boot" type="Node"]
script = ExtResource("1")
`;
const UIDS: readonly (readonly [bigint, string])[] = [
  [0n, 'res://zero.tscn'],
  [1n, 'res://zed.gd'],
  [24n, 'res://last letter.gd'],
  [25n, 'res://first digit.gd'],
  [33n, 'res://last digit.gd'],
  [34n, 'res://two.gd'],
  [0x7fff_ffff_ffff_ffffn, 'res://największy/é😀.tres'],
  [3_141_592_653_589_793_238n, 'res://twice.gd'],
  [3_141_592_653_589_793_238n, 'res://twice, the later counts.gd'],
  [idOf('cboot'), 'res://boot.tscn'],
  [idOf('cexported'), 'res://main.tscn'],
];

/** The number of a uid: base 34, letters up to y, then digits up to 8. */
function idOf(text: string): bigint {
  return [...text].reduce((id, c) => id * 34n + BigInt('abcdefghijklmnopqrstuvwxy012345678'.indexOf(c)), 0n);
}

async function main(): Promise<void> {
  const godot = await Godot4.open();
  const uidCache = uidCacheBytes(UIDS);
  const { reports, errors } = await godot.run({
    files: {
      'project.godot': SETTINGS,
      'boot.tscn': BOOT,
      'boot.gd': MAIN,
      'zed.gd': 'extends Node\n',
      'main.tscn': SCENE,
      'player.gd': PLAYER,
      'ids.txt': [...new Set(UIDS.map(([id]) => `${id}\n`))].join(''),
      '.godot/uid_cache.bin': uidCache,
    },
  });
  await godot.close();
  const [report] = reports;
  if (report === undefined || errors.length > 0) throw new Error(errors.join('\n'));
  const golden = {
    engine: '4.6-stable (official)',
    generator: 'exported_pack.ts',
    ...(JSON.parse(report) as object),
    uidCache: hex(uidCache),
  };
  mkdirSync(new URL('../project/', import.meta.url), { recursive: true });
  const file = new URL('../project/exported-4.6-stable.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(golden, null, 1)}\n`);
}

void main();
