# Applies what SceneMirror.replicate of a server sends (docs/guide/replication.md of godot-enet) to a node and what is below it.
# Nothing above that node is touched, whatever the server sends.
extends RefCounted

## A node was made, or one that was there is followed from now on. Its first state comes right after: node_changed.
signal node_added(node: Node)
## A node leaves; it is out of the tree and freed at the end of the frame.
signal node_removed(node: Node)
## Other properties, place, details, name or parent.
signal node_changed(node: Node)

const MAX_DEPTH := 64
## Never set by a state: they have events of their own, or none.
const KEPT_PROPERTIES: Array[StringName] = [&"name", &"owner", &"script", &"multiplayer", &"scene_file_path"]

var root: Node
## The path that the root has on the server.
var server_path: NodePath
## How many nodes the server may have made at a time.
var max_nodes := 10_000
## func(parent: Node, info: Dictionary) -> bool: whether a node may be made. All when it is not set.
var admits := Callable()

# Nodes made here, by their ids.
var _made := {}


func _init(root_node: Node, path_on_server: NodePath) -> void:
	root = root_node
	server_path = path_on_server


## Whether an event is one of replication.
static func is_replication(event_name: String) -> bool:
	return event_name in ["node_added", "node_removed", "node_moved", "node_changed", "node_children"]


## Applies an event: "", or why it was refused.
func apply_event(event_name: String, info: Dictionary) -> String:
	if not is_instance_valid(root):
		return "the root of the replica is gone"
	match event_name:
		"node_added":
			return _add(info)
		"node_removed":
			return _remove(info)
		"node_moved":
			return _move(info)
		"node_changed":
			var node := find(info.get("path"))
			if node == null:
				return _unknown(info.get("path"))
			_apply_details(node, info)
			node_changed.emit(node)
			return ""
		"node_children":
			return _order(info)
	return "%s is no event of replication" % event_name


## Applies the state in a NODE packet: "", or why it was refused.
func apply_state(state: Dictionary) -> String:
	if not is_instance_valid(root):
		return "the root of the replica is gone"
	var node := find(state.get("_path"))
	if node == null:
		return _unknown(state.get("_path"))
	var properties: Variant = state.get("properties")
	if properties is Dictionary:
		for property in properties:
			if property is String or property is StringName:
				_set_property(node, property, properties[property])
	if node is Node2D and state.get("position") is Vector2:
		node.position = state["position"]
		if state.get("rotation") is float:
			node.rotation = state["rotation"]
		if state.get("scale") is Vector2:
			node.scale = state["scale"]
	elif node is Node3D and state.get("transform") is Transform3D:
		node.transform = state["transform"]
	node_changed.emit(node)
	return ""


## The node here that has this path on the server, less so many of its last names; null when there is none, or none at or
## below the root.
func find(path: Variant, less: int = 0) -> Node:
	if not (path is NodePath):
		return null
	var above := server_path.get_name_count()
	var count: int = path.get_name_count() - less
	if not path.is_absolute() or count < above or count > above + MAX_DEPTH:
		return null
	for i in above:
		if path.get_name(i) != server_path.get_name(i):
			return null
	var node := root
	for i in range(above, count):
		node = _child(node, str(path.get_name(i)))
		if node == null:
			return null
	return node


## The path on the server of a node at or below the root; empty for any other.
func path_of(node: Node) -> NodePath:
	if node == root:
		return server_path
	if not is_instance_valid(root) or not root.is_ancestor_of(node):
		return NodePath()
	return NodePath("%s/%s" % [server_path, root.get_path_to(node)])


## Takes out every node that was made here: the server tells them anew in the next connection.
func clear() -> void:
	for id in _made.keys():
		var node := instance_from_id(id) as Node
		if node != null and not node.is_queued_for_deletion():
			_take_out(node)
	_made.clear()


func _add(info: Dictionary) -> String:
	var path: Variant = info.get("path")
	if find(path) == root:
		return _followed(root, info)
	if not (path is NodePath) or path.get_name_count() < 2:
		return _unknown(path)
	var child_name := str(path.get_name(path.get_name_count() - 1))
	var parent := find(path, 1)
	if parent == null:
		return _unknown(path)
	var node := _child(parent, child_name)
	if node != null and _made.has(node.get_instance_id()) and node.get_class() != str(info.get("class")):
		_take_out(node)
		node = null
	if node == null:
		# An @ is the engine's own; no script can set it.
		if child_name.validate_node_name() != child_name or child_name.contains("@"):
			return "no script can give the name %s" % child_name
		if _made.size() >= max_nodes:
			_forget_freed()
		if _made.size() >= max_nodes:
			return "more than %d nodes" % max_nodes
		if admits.is_valid() and not admits.call(parent, info):
			return "%s is not admitted" % path
		node = _make(info)
		node.name = child_name
		_made[node.get_instance_id()] = true
		# The script before _ready, and other properties may be its variables.
		_apply_resources(node, info)
		parent.add_child(node)
	_place_after(parent, node, str(info.get("after", "")))
	return _followed(node, info)


func _followed(node: Node, info: Dictionary) -> String:
	for entry in node.get_meta_list():
		if not str(entry).begins_with("_"):
			node.remove_meta(entry)
	_apply_details(node, info)
	node_added.emit(node)
	return ""


func _make(info: Dictionary) -> Node:
	var scene := _load(info.get("scene"), "PackedScene") as PackedScene
	if scene != null and scene.can_instantiate():
		return scene.instantiate()
	for key in ["class", "base"]:
		var type := str(info.get(key, ""))
		if ClassDB.class_exists(type) and ClassDB.can_instantiate(type) and ClassDB.is_parent_class(type, "Node"):
			return ClassDB.instantiate(type)
	push_warning("godot_enet: there is no class %s here; a Node takes its place" % info.get("class"))
	return Node.new()


func _remove(info: Dictionary) -> String:
	# "gone" is false when the node is only of no interest to this client for now.
	var node := find(info.get("path"))
	if node == null:
		return _unknown(info.get("path"))
	if node == root:
		return "the root of the replica stays"
	_take_out(node)
	return ""


func _take_out(node: Node) -> void:
	# At once, so that another node can have the name.
	if node.get_parent() != null:
		node.get_parent().remove_child(node)
	_forget(node)
	node_removed.emit(node)
	node.queue_free()


func _forget(node: Node) -> void:
	_made.erase(node.get_instance_id())
	for child in node.get_children():
		_forget(child)


# The game may free nodes by itself.
func _forget_freed() -> void:
	for id in _made.keys():
		if not is_instance_id_valid(id):
			_made.erase(id)


func _move(info: Dictionary) -> String:
	var node := find(info.get("path"))
	var parent := find(info.get("parent"))
	if node == null:
		return _unknown(info.get("path"))
	if parent == null:
		return _unknown(info.get("parent"))
	if node == root or node == parent or node.is_ancestor_of(parent):
		return "%s cannot be below %s" % [info.get("path"), info.get("parent")]
	var new_name := str(info.get("name", ""))
	if new_name == "" or new_name.contains("@") or new_name.validate_node_name() != new_name:
		return "no script can give the name %s" % new_name
	var other := _child(parent, new_name)
	if other != null and other != node:
		return "the name %s is taken" % new_name
	if node.get_parent() == parent:
		node.name = new_name
	else:
		var old_owner := node.owner
		node.get_parent().remove_child(node)
		node.owner = null
		node.name = new_name
		parent.add_child(node)
		if old_owner != null and old_owner.is_ancestor_of(node):
			node.owner = old_owner
	node_changed.emit(node)
	return ""


func _order(info: Dictionary) -> String:
	var parent := find(info.get("path"))
	if parent == null:
		return _unknown(info.get("path"))
	var moved := {}
	for child_name in _texts(info.get("names")):
		var child := _child(parent, child_name)
		if child != null and not moved.has(child):
			moved[child] = true
			parent.move_child(child, -1)
	node_changed.emit(parent)
	return ""


func _place_after(parent: Node, node: Node, after: String) -> void:
	var index := 0
	if after != "":
		var before := _child(parent, after)
		if before == null or before == node:
			return
		index = before.get_index()
		if node.get_index() > index:
			index += 1
	parent.move_child(node, index)


func _apply_details(node: Node, info: Dictionary) -> void:
	_apply_resources(node, info)
	if info.get("groups") is Array:
		var groups := _texts(info["groups"])
		for group in node.get_groups():
			# Those with an underscore are the engine's.
			if not str(group).begins_with("_") and not (str(group) in groups):
				node.remove_from_group(group)
		for group in groups:
			if group != "" and not group.begins_with("_"):
				node.add_to_group(group)
	var owner: Variant = info.get("owner")
	if owner is NodePath:
		var new_owner := find(owner)
		if owner.is_empty():
			node.owner = null
		elif new_owner != null and new_owner.is_ancestor_of(node):
			node.owner = new_owner


func _apply_resources(node: Node, info: Dictionary) -> void:
	var resources: Variant = info.get("resources")
	if not (resources is Dictionary):
		return
	for property in resources:
		var path: Variant = resources[property]
		if not (property is String and path is String):
			continue
		var current: Variant = node.get(property)
		if current is Resource and current.resource_path == path:
			continue
		var resource := _load(path, "Script" if property == "script" else "")
		if resource != null:
			node.set(property, resource)


func _set_property(node: Node, property: StringName, value: Variant) -> void:
	if property in KEPT_PROPERTIES:
		return
	if value == null and str(property).begins_with("metadata/"):
		# A removed entry. set() would make one that holds null, and remove_meta() tells when there is none.
		var entry := str(property).trim_prefix("metadata/")
		if node.has_meta(entry):
			node.remove_meta(entry)
	# Objects are ids of the server's process and mean nothing here.
	elif not (value is EncodedObjectAsID):
		node.set(property, value)


# Files of the project only: what was stored under user:// may have come from somewhere else.
func _load(path: Variant, type: String) -> Resource:
	if not (path is String) or not path.begins_with("res://") or path.contains(".."):
		return null
	return load(path) as Resource if ResourceLoader.exists(path, type) else null


# A name is never a path, nor one of the short forms (.., %Unique).
func _child(parent: Node, child_name: String) -> Node:
	var plain := child_name.replace("@", "")
	if plain.validate_node_name() != plain or child_name == "":
		return null
	return parent.get_node_or_null(NodePath(child_name))


func _texts(list: Variant) -> PackedStringArray:
	var texts := PackedStringArray()
	if list is Array:
		for text in list:
			if text is String or text is StringName:
				texts.append(text)
	elif list is PackedStringArray:
		texts = list
	return texts


func _unknown(path: Variant) -> String:
	return "there is no node at %s" % str(path).left(200)
