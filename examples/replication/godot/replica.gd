# Follows the scene of a godot-enet server: applies what SceneMirror.replicate sends to the nodes here. For any stock
# Godot 4; copy it into your project as an autoload.
#
# Another server: godot --path . -- --address=192.0.2.1 --port=7778
#
# A packet is one type byte and a payload. Type 5 is the state of a node, a Dictionary as ENetPacketUtils.encode_node makes
# it. Type 1 is any Variant; here a Dictionary with the key "_event", for what states cannot tell. (In Blazium, ENetClient
# takes the packets apart: call apply_state from packet_received, and the others from register_event.)
extends Node

const TYPE_VARIANT := 1
const TYPE_NODE := 5

var address := "127.0.0.1"
var port := 7778

var host := ENetConnection.new()
var server: ENetPacketPeer


func _ready() -> void:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--address="):
			address = argument.trim_prefix("--address=")
		elif argument.begins_with("--port="):
			port = int(argument.trim_prefix("--port="))
	host.create_host(1)
	server = host.connect_to_host(address, port, 2)
	if server == null:
		push_error("cannot connect to %s" % address)


func _process(_delta: float) -> void:
	if server == null:
		return
	var event := host.service()
	while event[0] > ENetConnection.EVENT_NONE:
		if event[0] == ENetConnection.EVENT_CONNECT:
			print("connected")
		elif event[0] == ENetConnection.EVENT_DISCONNECT:
			print("disconnected")
		elif event[0] == ENetConnection.EVENT_RECEIVE:
			receive(server.get_packet())
		event = host.service()


func _exit_tree() -> void:
	if server != null and server.is_active():
		server.peer_disconnect_now()


func receive(packet: PackedByteArray) -> void:
	if packet.size() < 5 or not (packet[0] in [TYPE_VARIANT, TYPE_NODE]):
		return
	var value: Variant = bytes_to_var(packet.slice(1))
	if not (value is Dictionary):
		return
	if packet[0] == TYPE_NODE:
		apply_state(value)
		return
	match value.get("_event"):
		"node_added":
			add_node(value)
		"node_removed":
			remove_node(value)
		"node_moved":
			move_node(value)
		"node_changed":
			var node := get_node_or_null(value["path"])
			if node != null:
				apply_details(node, value)
		"node_children":
			order_children(value)


# All properties after node_added, later those that have changed; a transform alone for what moves.
func apply_state(state: Dictionary) -> void:
	var node := get_node_or_null(state["_path"])
	if node == null:
		return
	var properties: Dictionary = state.get("properties", {})
	for property in properties:
		var value: Variant = properties[property]
		if value == null and str(property).begins_with("metadata/"):
			# A removed entry. set() would make one that holds null, and remove_meta() tells when there is none.
			var entry := str(property).trim_prefix("metadata/")
			if node.has_meta(entry):
				node.remove_meta(entry)
		# Objects are ids of the server's process and mean nothing here.
		elif not (value is EncodedObjectAsID):
			node.set(property, value)
	if node is Node2D and state.has("position"):
		node.position = state["position"]
		node.rotation = state["rotation"]
		node.scale = state["scale"]
	elif node is Node3D and state.has("transform"):
		node.transform = state["transform"]


# A node that is there already, because both sides have loaded the same scene, is kept.
func add_node(info: Dictionary) -> void:
	var path := str(info["path"])
	var parent := get_node_or_null(path.get_base_dir())
	if parent == null:
		return
	var node := parent.get_node_or_null(path.get_file())
	if node == null:
		node = make_node(info)
		node.name = path.get_file()
		parent.add_child(node)
	var index := 0
	var before: Node = null
	if info["after"] != "":
		before = parent.get_node_or_null(info["after"])
	if before != null:
		index = before.get_index()
		if node.get_index() > index:
			index += 1
	parent.move_child(node, index)
	apply_details(node, info)


func make_node(info: Dictionary) -> Node:
	if info["scene"] != "" and ResourceLoader.exists(info["scene"]):
		return load(info["scene"]).instantiate()
	for type in [info["class"], info.get("base", "")]:
		if ClassDB.class_exists(type) and ClassDB.can_instantiate(type) and ClassDB.is_parent_class(type, "Node"):
			return ClassDB.instantiate(type)
	push_warning("unknown class %s" % info["class"])
	return Node.new()


func remove_node(info: Dictionary) -> void:
	# "gone" is false when the node is only of no interest to this client for now.
	var node := get_node_or_null(info["path"])
	if node != null:
		# At once, so that another node can have the name.
		node.get_parent().remove_child(node)
		node.queue_free()


func move_node(info: Dictionary) -> void:
	var node := get_node_or_null(info["path"])
	var parent := get_node_or_null(info["parent"])
	if node == null or parent == null:
		return
	if node.get_parent() != parent:
		var old_owner := node.owner
		node.get_parent().remove_child(node)
		parent.add_child(node)
		if old_owner != null and old_owner.is_ancestor_of(node):
			node.owner = old_owner
	node.name = info["name"]


func order_children(info: Dictionary) -> void:
	var parent := get_node_or_null(info["path"])
	if parent == null:
		return
	for child_name in info["names"]:
		var child := parent.get_node_or_null(child_name)
		if child != null:
			parent.move_child(child, -1)


func apply_details(node: Node, info: Dictionary) -> void:
	# The script comes first, since other properties may be its variables.
	var resources: Dictionary = info["resources"]
	for property in resources:
		var path: String = resources[property]
		var current: Variant = node.get(property)
		if current is Resource and current.resource_path == path:
			continue
		if ResourceLoader.exists(path):
			node.set(property, load(path))
	for group in node.get_groups():
		# Those with an underscore are the engine's.
		if not str(group).begins_with("_") and not (str(group) in info["groups"]):
			node.remove_from_group(group)
	for group in info["groups"]:
		node.add_to_group(group)
	var new_owner: Node = null
	if not info["owner"].is_empty():
		new_owner = get_node_or_null(info["owner"])
	if info["owner"].is_empty() or new_owner != null and new_owner.is_ancestor_of(node):
		node.owner = new_owner
