# One replication step of the engine's own SceneMultiplayer, without network: `syncStep.ts --engine` runs it.
extends Node

const STEPS := 40


class Sink extends MultiplayerPeerExtension:
	var packets := 0
	var bytes := 0

	func _put_packet_script(packet: PackedByteArray) -> Error:
		packets += 1
		bytes += packet.size()
		return OK

	func _get_packet_script() -> PackedByteArray:
		return PackedByteArray()

	func _get_available_packet_count() -> int:
		return 0

	func _get_packet_peer() -> int:
		return 0

	func _get_packet_mode() -> MultiplayerPeer.TransferMode:
		return MultiplayerPeer.TRANSFER_MODE_RELIABLE

	func _get_packet_channel() -> int:
		return 0

	func _get_max_packet_size() -> int:
		return 1 << 24

	func _set_target_peer(_id: int) -> void:
		pass

	func _set_transfer_mode(_mode: MultiplayerPeer.TransferMode) -> void:
		pass

	func _get_transfer_mode() -> MultiplayerPeer.TransferMode:
		return MultiplayerPeer.TRANSFER_MODE_RELIABLE

	func _set_transfer_channel(_channel: int) -> void:
		pass

	func _get_transfer_channel() -> int:
		return 0

	func _get_connection_status() -> MultiplayerPeer.ConnectionStatus:
		return MultiplayerPeer.CONNECTION_CONNECTED

	func _get_unique_id() -> int:
		return 1

	func _is_server() -> bool:
		return true

	func _is_server_relay_supported() -> bool:
		return false

	func _disconnect_peer(_id: int, _force: bool) -> void:
		pass

	func _poll() -> void:
		pass

	func _close() -> void:
		pass


func _ready() -> void:
	var counts: Array = JSON.parse_string(Harness.text("res://counts.json"))
	get_tree().multiplayer_poll = false
	var api := SceneMultiplayer.new()
	get_tree().set_multiplayer(api, get_path())
	api.root_path = get_path()
	api.server_relay = false
	var sink := Sink.new()
	api.multiplayer_peer = sink
	var world := Node.new()
	world.name = "World"
	add_child(world)
	var spawner := MultiplayerSpawner.new()
	spawner.name = "Spawner"
	spawner.spawn_path = ^"../World"
	spawner.add_spawnable_scene("res://mover.tscn")
	add_child(spawner)
	var scene: PackedScene = load("res://mover.tscn")
	var nodes: Array[Node2D] = []
	for i: int in counts[0]:
		var node: Node2D = scene.instantiate()
		node.name = "n%d" % i
		world.add_child(node)
		nodes.append(node)
	api.poll()
	for i: int in counts[1]:
		sink.peer_connected.emit(i + 2)
	var times: Array[float] = []
	for step in STEPS + 2:
		for node in nodes:
			node.position += Vector2(1.25, -0.5)
		# The first two spawn.
		if step == 2:
			sink.packets = 0
			sink.bytes = 0
		var start := Time.get_ticks_usec()
		api.poll()
		if step >= 2:
			times.append((Time.get_ticks_usec() - start) / 1000.0)
		# Time stands still within a frame.
		await get_tree().process_frame
	times.sort()
	Harness.report(JSON.stringify({
		"medianMs": times[STEPS / 2],
		"leastMs": times[0],
		"bytesPerPeer": sink.bytes / float(counts[1] * STEPS),
		"packetsPerPeer": sink.packets / float(counts[1] * STEPS),
	}))
	Harness.finish()
