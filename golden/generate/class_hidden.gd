# For every Node class of the official engine: what a fresh instance has besides its stored properties (class_table.gd).
#
#   main script of a project (extends Node); prints one line "ROW {json}" for each class, which the file collects.
#
# "hidden": [name, Variant type, hex of var_to_bytes(value)] of properties that ClassDB declares as stored and that this
# instance does not list; "internal": the same for those that only scene files hold (PROPERTY_USAGE_INTERNAL);
# "unsaved": names of the properties that are never stored.
extends Node


func _ready() -> void:
	var names := ClassDB.get_inheriters_from_class("Node")
	names.append("Node")
	names.sort()
	for name in names:
		if not ClassDB.can_instantiate(name) or ClassDB.class_get_api_type(name) != ClassDB.API_CORE:
			continue
		var node: Node = ClassDB.instantiate(name)
		var usages := {}
		for property in node.get_property_list():
			usages[property["name"]] = property["usage"]
		var row := {"class": name, "hidden": [], "internal": [], "unsaved": []}
		for property in ClassDB.class_get_property_list(name):
			var usage: int = property["usage"]
			if usage & (PROPERTY_USAGE_CATEGORY | PROPERTY_USAGE_GROUP | PROPERTY_USAGE_SUBGROUP):
				continue
			var entry := [property["name"], property["type"], var_to_bytes(node.get(property["name"])).hex_encode()]
			if not usage & PROPERTY_USAGE_STORAGE:
				row["unsaved"].append(property["name"])
			elif usage & PROPERTY_USAGE_INTERNAL:
				row["internal"].append(entry)
			elif not usages.get(property["name"], 0) & PROPERTY_USAGE_STORAGE:
				row["hidden"].append(entry)
		print("ROW ", JSON.stringify(row, "", false))
		node.free()
	print("DONE")
	get_tree().quit()
