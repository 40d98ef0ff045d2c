# Loads scenes and compares them with what the mirror made of them: names, classes, owners, groups, instances, properties.
extends Node

var nodes := 0
var values := 0


func _ready() -> void:
	await get_tree().process_frame
	for line in Harness.lines("res://expected.jsonl"):
		var expected: Dictionary = JSON.parse_string(line)
		var packed: Variant = load(expected["scene"])
		var root: Node = packed.instantiate() if packed is PackedScene else null
		if root == null:
			tell(expected["scene"], "", "refused")
			continue
		get_tree().root.add_child(root)
		compare(expected["scene"], root, root, expected["root"])
		root.free()
	Harness.report("compared %d %d" % [nodes, values])
	Harness.finish()


func tell(scene: String, path: String, what: String) -> void:
	Harness.report("%s %s: %s" % [scene, path, what])


func compare(scene: String, root: Node, node: Node, expected: Dictionary) -> void:
	nodes += 1
	var path := "." if node == root else str(root.get_path_to(node))
	# The root may share its name with another node of the tree.
	if node != root and node.name != expected["name"] and not has_twin(node):
		tell(scene, path, "name %s" % expected["name"])
	if node.get_class() != expected["class"]:
		tell(scene, path, "class %s, not %s" % [node.get_class(), expected["class"]])
	var owner_path := "" if node.owner == null else str(root.get_path_to(node.owner))
	if owner_path != expected["owner"]:
		tell(scene, path, "owner %s, not %s" % [owner_path, expected["owner"]])
	var groups: Array = node.get_groups().filter(func(group: StringName) -> bool: return not str(group).begins_with("_"))
	groups = groups.map(func(group: StringName) -> String: return str(group))
	groups.sort()
	if groups != expected["groups"]:
		tell(scene, path, "groups %s, not %s" % [groups, expected["groups"]])
	if node != root and node.scene_file_path != expected["instance"]:
		tell(scene, path, "instance %s, not %s" % [node.scene_file_path, expected["instance"]])
	for property in expected["properties"]:
		values += 1
		var value: Variant = bytes_to_var(expected["properties"][property].hex_decode())
		var real: Variant = node.get(property)
		if not same(real, value):
			tell(scene, path, "%s %s, not %s" % [property, var_to_str(real), var_to_str(value)])
	for info in node.get_property_list():
		# Two that only the editor uses.
		if info["name"] in ["layout_mode", "anchors_preset"] or expected["names"].has(info["name"]):
			continue
		if not (info["usage"] & PROPERTY_USAGE_STORAGE):
			continue
		if node.get(info["name"]) != ClassDB.class_get_property_default_value(node.get_class(), info["name"]):
			tell(scene, path, "%s is not in the mirror" % info["name"])
	if node.get_child_count() != expected["children"].size():
		tell(scene, path, "%d children, not %d" % [node.get_child_count(), expected["children"].size()])
		return
	for i in node.get_child_count():
		compare(scene, root, node.get_child(i), expected["children"][i])


func same(a: Variant, b: Variant) -> bool:
	if typeof(a) != typeof(b):
		return false
	# Sines and cosines of another C library differ in the last bit.
	if a is Transform3D:
		return a.is_equal_approx(b)
	return a == b or var_to_str(a) == var_to_str(b)


# Exported games keep siblings of one name, for which the mirror makes up another.
func has_twin(node: Node) -> bool:
	for sibling in node.get_parent().get_children():
		if sibling != node and sibling.name == node.name:
			return true
	return false
