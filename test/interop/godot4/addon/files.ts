/** The add-on `examples/addons/godot_enet` and what stands in for the network, as files of a project for the engine. */
import { readdirSync, readFileSync } from 'node:fs';

/** The add-on's scripts, and the name `GodotEnetClient` for all scripts of the project, which an exported one has. */
export function addonFiles(): Record<string, string> {
  return {
    ...scripts(new URL('../../../../examples/addons/godot_enet/', import.meta.url), 'addons/godot_enet/'),
    '.godot/global_script_class_cache.cfg': CLASSES,
  };
}

/** The scripts of this folder: the game of the tests, and the stand-ins for `ENetConnection` and Blazium's `ENetClient`. */
export function standInFiles(): Record<string, string> {
  return scripts(new URL('.', import.meta.url), '');
}

/** Settings of a project in which Blazium's singletons are stood in for, by autoloads. */
export const BLAZIUM_SETTINGS: string = `config_version=5
[application]
run/main_scene="res://main.tscn"
[autoload]
Harness="*res://harness.gd"
ENetClient="*res://enet_client.gd"
ENetPacketUtils="*res://enet_packet_utils.gd"
`;

function scripts(folder: URL, to: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.gd'));
  return Object.fromEntries(names.map((name) => [to + name, readFileSync(new URL(name, folder), 'utf8')]));
}

const CLASSES = `list=[{
"base": &"Node",
"class": &"GodotEnetClient",
"icon": "",
"is_abstract": false,
"is_tool": false,
"language": &"GDScript",
"path": "res://addons/godot_enet/godot_enet_client.gd"
}]
`;
