# A game with a GodotEnetClient that does what it is told and reports every signal.
#
#   do NUMBER HEX        [method, args] of the client, or of this script; the answer is "= NUMBER HEX"
extends Node

const Client := preload("res://addons/godot_enet/godot_enet_client.gd")
const Carrier := preload("res://carrier.gd")
const CarrierPeer := preload("res://carrier_peer.gd")

var client := Client.new()


func _ready() -> void:
	Harness.received.connect(told)
	use_engine(false)
	for info in client.get_script().get_script_signal_list():
		client.connect(info["name"], recorder(info["name"], info["args"].size()))
	add_child(client)
	Harness.report("ready")


func recorder(signal_name: String, count: int) -> Callable:
	match count:
		0:
			return func() -> void: note(signal_name, [])
		1:
			return func(a: Variant) -> void: note(signal_name, [a])
		2:
			return func(a: Variant, b: Variant) -> void: note(signal_name, [a, b])
	return func(a: Variant, b: Variant, c: Variant) -> void: note(signal_name, [a, b, c])


func note(signal_name: String, args: Array) -> void:
	if args.size() == 1 and args[0] is Node:
		args = [str(args[0].name)]
	Harness.report("! %s %s" % [signal_name, var_to_bytes(args).hex_encode()])


func told(text: String) -> void:
	var words := text.split(" ")
	if words[0] != "do":
		return
	var order: Array = bytes_to_var(words[2].hex_decode())
	var target: Object = self if has_method(order[0]) and not client.has_method(order[0]) else client
	var result: Variant = target.callv(order[0], order[1])
	Harness.report("= %s %s" % [words[1], var_to_bytes(null if result is Object else result).hex_encode()])


func configure(values: Dictionary) -> void:
	for property in values:
		client.set(property, values[property])


# The engine's own ENetConnection, or what stands in for it.
func use_engine(own: bool) -> void:
	client.make_connection = Callable() if own else func() -> Object: return Carrier.new()


func use_dtls(host_name: String) -> void:
	client.tls_options = TLSOptions.client_unsafe()
	client.tls_name = host_name


# Every event goes back as it came.
func echo_events() -> void:
	client.register_event("value", func(payload: Dictionary, channel: int) -> void: client.trigger_event("back", payload, channel))


func declare_events() -> void:
	client.on_event("hit", {"who": TYPE_STRING, "by": TYPE_FLOAT, "at": TYPE_VECTOR2, "note": [TYPE_STRING_NAME, &"none"]},
		func(who: String, by: float, at: Vector2, about: StringName) -> void:
			Harness.report("hit %s %s %s %s" % [who, by, at, about]))


func follow(below: NodePath, path_on_server: NodePath) -> void:
	var root := get_node_or_null(below)
	if root == null:
		root = Node.new()
		root.name = below.get_name(0)
		add_child(root)
	client.replicate(root, path_on_server)


func follow_nothing() -> void:
	client.replicate(null)


func limit_nodes(count: int) -> void:
	client._replica.max_nodes = count


func refuse_labels() -> void:
	client._replica.admits = func(_parent: Node, info: Dictionary) -> bool: return info["class"] != "Label"


func say_much_and_leave(event_name: String, count: int) -> void:
	for i in count:
		client.trigger_event(event_name, {"i": i})
	client.disconnect_from_server("bye")


# Once: a handler of a signal ends the connection, or the wait for the next one.
func leave_at(signal_name: String) -> void:
	var leave := func() -> void: client.disconnect_from_server("left by a handler")
	client.connect(signal_name, leave.unbind(1 if signal_name == "disconnected" else 2), CONNECT_ONE_SHOT)


func leave_tree() -> void:
	remove_child(client)
	add_child(client)


# A script that tells when a node gets it.
func store_script(path: String) -> void:
	FileAccess.open(path, FileAccess.WRITE).store_string("extends Node\nfunc _init() -> void: Harness.report('evil')\n")


# Nodes of the tree that do not belong to the replica.
func count_above() -> int:
	return get_tree().get_node_count() - get_node("World").find_children("*", "", true, false).size()


func send_own(path: NodePath, flags: int) -> int:
	return client.send_node_state(get_node(path), flags)


# The first script of the guide as a node of its own; its client gets a stand-in, too.
func play_guide() -> void:
	var player: Node = load("res://guide.gd").new()
	player.name = "Guide"
	player.client.make_connection = func() -> Object: return Carrier.new()
	add_child(player)


func end_guide() -> void:
	get_node("Guide").queue_free()


# A scene below the root; when it has a client, that gets a stand-in, too.
func open_scene(path: String) -> void:
	var scene: Node = load(path).instantiate()
	if "client" in scene:
		scene.client.make_connection = func() -> Object: return Carrier.new()
	get_tree().root.add_child(scene)


func close_scene(node_name: String) -> void:
	get_tree().root.get_node(node_name).free()


func press(action: String) -> void:
	var event := InputEventAction.new()
	event.action = action
	event.pressed = true
	get_tree().root.push_input(event)


func click(at: Vector2) -> void:
	var event := InputEventMouseButton.new()
	event.button_index = MOUSE_BUTTON_LEFT
	event.position = at
	event.pressed = true
	get_tree().root.push_input(event)


# What is below a node, from top to bottom: path, class, groups, owner, values of the listed properties, metadata.
func look(below: NodePath, properties: Array) -> Array:
	var lines := []
	var root := get_node(below)
	var waiting: Array[Node] = [root]
	while not waiting.is_empty():
		var node: Node = waiting.pop_front()
		if node != root:
			var groups := node.get_groups().map(func(group: StringName) -> String: return str(group))
			groups = groups.filter(func(group: String) -> bool: return not group.begins_with("_"))
			groups.sort()
			var entries := {}
			for entry in node.get_meta_list():
				entries[str(entry)] = node.get_meta(entry)
			var values := {}
			for property in properties:
				if property in node:
					values[property] = node.get(property)
			var above := "" if node.owner == null or not root.is_ancestor_of(node.owner) else str(root.get_path_to(node.owner))
			lines.append([str(root.get_path_to(node)), node.get_class(), groups, above, values, entries])
		waiting = node.get_children() + waiting
	return lines


# Whether the stand-ins take and are called as the engine's own classes: name by name, with as many arguments.
func compare_methods() -> Array:
	var differences := []
	for pair in [[Carrier, "ENetConnection"], [CarrierPeer, "ENetPacketPeer"]]:
		var real := {}
		for info in ClassDB.class_get_method_list(pair[1]):
			real[info["name"]] = [info["args"].size(), info["default_args"].size()]
		for info in pair[0].get_script_method_list():
			if info["name"] in ["say", "_hear"] or info["name"].begins_with("@"):
				continue
			if real.get(info["name"]) != [info["args"].size(), info["default_args"].size()]:
				differences.append("%s.%s %s" % [pair[1], info["name"], real.get(info["name"])])
	return differences
