# A stock game that joins, does what it is told, and tells what its tree looks like.
extends Node


func _ready() -> void:
	$Custom.spawn_function = _make_piece
	multiplayer.connected_to_server.connect(func() -> void: Harness.report("connected %d" % multiplayer.get_unique_id()))
	multiplayer.connection_failed.connect(func() -> void: Harness.report("failed"))
	multiplayer.server_disconnected.connect(func() -> void: Harness.report("lost"))
	for spawner: MultiplayerSpawner in [$Spawner, $PlayerSpawner, $Custom, $GuestSpawner]:
		spawner.spawned.connect(func(node: Node) -> void: Harness.report("spawned %s" % get_path_to(node)))
		spawner.despawned.connect(func(node: Node) -> void: Harness.report("despawned %s" % node.name))
	Harness.received.connect(_told)
	Harness.report("ready")


# NUMBER HEX: an Array of path, method, arguments. The answer is `= NUMBER HEX`.
func _told(text: String) -> void:
	var words := text.split(" ")
	var task: Array = bytes_to_var(words[1].hex_decode())
	var target: Object = multiplayer if task[0] == "@api" else get_node(task[0])
	var result: Variant = target.callv(task[1], task[2])
	if result is Object:
		result = result.name
	Harness.report("= %s %s" % [words[0], var_to_bytes(result).hex_encode()])


func _join(url: String) -> int:
	var peer := WebSocketMultiplayerPeer.new()
	var error := peer.create_client(url)
	if error == OK:
		multiplayer.multiplayer_peer = peer
	return error


func _leave() -> void:
	multiplayer.multiplayer_peer.close()


func _make_piece(data: Variant) -> Node:
	var piece := Node.new()
	piece.set_script(preload("res://piece.gd"))
	piece.name = str(data[0])
	piece.data = data[1]
	return piece


func _add(scene: String, parent: String, child: String) -> void:
	var node: Node = load("res://%s.tscn" % scene).instantiate()
	node.name = child
	get_node(parent).add_child(node)


func _list(node: Node, list: Array) -> void:
	var values := {}
	for property in node.get_property_list():
		if property.usage & PROPERTY_USAGE_SCRIPT_VARIABLE and not property.name.begins_with("_"):
			values[property.name] = node.get(property.name)
	if node is Node2D:
		for property in ["position", "rotation", "scale"]:
			values[property] = node.get(property)
	list.append([str(get_path_to(node)), node.get_class(), node.get_multiplayer_authority(), values])
	for child in node.get_children():
		_list(child, list)


@rpc("authority")
func dump(number: int) -> void:
	Harness.report("= %d %s" % [number, _dump().hex_encode()])
	dumped.rpc_id(1, number)


# Whatever was sent before has arrived when this does.
@rpc("any_peer")
func dumped(_number: int) -> void:
	pass


@rpc("authority", "call_local")
func own(path: String, id: int) -> void:
	get_node(path).set_multiplayer_authority(id)


# This engine is the server, for those whom the page carries.
func _serve() -> void:
	multiplayer.multiplayer_peer = preload("res://bridge.gd").new()


func _came(id: int) -> void:
	multiplayer.multiplayer_peer.peer_connected.emit(id)


func _left(id: int) -> void:
	multiplayer.multiplayer_peer.drop(id)
	multiplayer.multiplayer_peer.peer_disconnected.emit(id)


func _carry(from: int, mode: int, channel: int, packet: PackedByteArray) -> void:
	multiplayer.multiplayer_peer.carry(from, mode, channel, packet)


# Tells every client to tell its tree, and what this one is.
func _compare(number: int) -> PackedByteArray:
	dump.rpc(number)
	return _dump()


func _dump() -> PackedByteArray:
	var list := []
	_list(self, list)
	return var_to_bytes(list)


func _clear() -> void:
	for parent: Node in [$World, $Shelf, $Players, $Pieces, $Hall]:
		for node in parent.get_children():
			parent.remove_child(node)
			node.queue_free()
