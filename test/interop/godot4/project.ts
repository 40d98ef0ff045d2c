/** The files that every project of the harness gets unless it brings its own: settings, main scene, the autoload `Harness`. */
import type { PackFiles } from '../../../examples/arena/packFile.ts';

/**
 * Adds what a project lacks.
 *
 * @param files - `main.gd` alone is a whole project: a script that extends Node. A file of the same name replaces ours.
 */
export function completeProject(files: PackFiles): PackFiles {
  return {
    'project.godot': SETTINGS,
    'main.tscn': MAIN_SCENE,
    'harness.gd': HARNESS,
    // An exported project has one; without it the engine prints an error.
    '.godot/global_script_class_cache.cfg': 'list=[]\n',
    ...files,
  };
}

const SETTINGS = `config_version=5
[application]
config/name="harness"
run/main_scene="res://main.tscn"
[autoload]
Harness="*res://harness.gd"
[rendering]
renderer/rendering_method="gl_compatibility"
`;

const MAIN_SCENE = `[gd_scene load_steps=2 format=3]
[ext_resource type="Script" path="res://main.gd" id="1"]
[node name="Main" type="Node"]
script = ExtResource("1")
`;

/**
 * `Harness.report(text)` hands a text to the test, the signal `received` brings what the test sent,
 * `Harness.finish(code)` ends the run.
 */
const HARNESS = `extends Node

signal received(text: String)

var _page: JavaScriptObject = JavaScriptBridge.get_interface("harness")

func text(path: String) -> String:
	return FileAccess.get_file_as_string(path)

func lines(path: String) -> PackedStringArray:
	return text(path).split("\\n", false)

func report(value: String) -> void:
	_page.report(value)

func finish(code: int = 0) -> void:
	get_tree().quit(code)

func _process(_delta: float) -> void:
	while _page.pending() > 0:
		received.emit(_page.take())
`;
