# The stored properties of every Node class of a Godot 4 engine and of every script with a class_name or below res://,
# in the engine's order and with their defaults: what ClassTable.from() of godot-enet/schema reads.
#
#   godot --headless --path YOUR_PROJECT --script class_table.gd -- OUT.json
#
# "classes" maps a class name to {inherits, properties}; "scripts" maps the res:// path of a script that extends Node to
# {inherits, properties}. `properties` holds [name, hex of var_to_bytes(default), Variant type] for what
# get_property_list() reports with PROPERTY_USAGE_STORAGE and without PROPERTY_USAGE_INTERNAL. A class that cannot be
# instantiated has null for `properties`. Scripts are instantiated: their _init() runs, and must need no arguments.
extends SceneTree


func _initialize() -> void:
	var classes := {}
	var names := ClassDB.get_inheriters_from_class("Node")
	names.append("Node")
	names.sort()
	for name in names:
		var entry := {"inherits": str(ClassDB.get_parent_class(name)), "properties": null}
		if ClassDB.can_instantiate(name):
			var node: Node = ClassDB.instantiate(name)
			entry["properties"] = stored(node, {})
			node.free()
		classes[name] = entry

	var scripts := {}
	for path in script_paths("res://"):
		var script := load(path) as Script
		if script == null or not script.can_instantiate() or not ClassDB.is_parent_class(script.get_instance_base_type(), "Node"):
			continue
		var plain: Node = ClassDB.instantiate(script.get_instance_base_type())
		var native := {}
		for property in plain.get_property_list():
			native[property["name"]] = true
		plain.free()
		var node: Node = script.new()
		scripts[path] = {"inherits": str(script.get_instance_base_type()), "properties": stored(node, native)}
		node.free()

	var file := FileAccess.open(OS.get_cmdline_user_args()[0], FileAccess.WRITE)
	file.store_string(JSON.stringify({
		"engine": Engine.get_version_info()["string"],
		"generator": "class_table.gd",
		"classes": classes,
		"scripts": scripts,
	}, "", true, true) + "\n")
	file.close()
	print("%d classes, %d scripts" % [classes.size(), scripts.size()])
	quit()


func stored(node: Node, except: Dictionary) -> Array:
	var properties := []
	for property in node.get_property_list():
		if not property["usage"] & PROPERTY_USAGE_STORAGE or property["usage"] & PROPERTY_USAGE_INTERNAL:
			continue
		if except.has(property["name"]):
			continue
		properties.append([property["name"], var_to_bytes(node.get(property["name"])).hex_encode(), property["type"]])
	return properties


func script_paths(folder: String) -> PackedStringArray:
	var paths := PackedStringArray()
	for file in DirAccess.get_files_at(folder):
		if file.ends_with(".gd"):
			paths.append(folder.path_join(file))
	for inner in DirAccess.get_directories_at(folder):
		if not inner.begins_with("."):
			paths.append_array(script_paths(folder.path_join(inner)))
	return paths
