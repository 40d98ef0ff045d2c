extends Node
## What the engine makes of each script in res://stubs.txt: configuration, checksum, numbers, parameters.


class Wire:
	extends MultiplayerPeerExtension
	var packets: Array[PackedByteArray] = []
	var channel := 0
	var mode := MultiplayerPeer.TRANSFER_MODE_RELIABLE

	func _get_available_packet_count() -> int: return 0
	func _get_max_packet_size() -> int: return 1 << 24
	func _set_target_peer(_id: int) -> void: pass
	func _set_transfer_mode(value: MultiplayerPeer.TransferMode) -> void: mode = value
	func _get_transfer_mode() -> MultiplayerPeer.TransferMode: return mode
	func _set_transfer_channel(value: int) -> void: channel = value
	func _get_transfer_channel() -> int: return channel
	func _get_connection_status() -> MultiplayerPeer.ConnectionStatus: return CONNECTION_CONNECTED
	func _get_unique_id() -> int: return 1
	func _is_server() -> bool: return true
	func _poll() -> void: pass
	func _close() -> void: pass
	func _set_refuse_new_connections(_value: bool) -> void: pass
	func _put_packet_script(bytes: PackedByteArray) -> Error:
		packets.append(bytes)
		return OK


func _ready() -> void:
	var wire := Wire.new()
	multiplayer.multiplayer_peer = wire
	wire.peer_connected.emit(2)
	for path in Harness.lines("res://stubs.txt"):
		Harness.report(JSON.stringify(about(path, wire)))
	Harness.finish()


func about(path: String, wire: Wire) -> Dictionary:
	var script: GDScript = load(path)
	if script == null or not script.can_instantiate():
		return {"path": path}
	var config: Dictionary = script.get_rpc_config()
	var parameters := {}
	for method in script.get_script_method_list():
		parameters[method.name] = [method.args.map(func(arg): return [arg.name, arg.type]), method.default_args.size(), method.flags & METHOD_FLAG_VARARG != 0]
	var node := Node.new()
	node.name = "N"
	node.set_script(script)
	add_child(node)
	var checksum := ""
	var sent := {}
	for method in config:
		wire.packets.clear()
		node.rpc_id(2, method)
		for packet in wire.packets:
			# SIMPLIFY_PATH has the checksum, a call the number of the method behind the id of the node.
			if packet[0] & 7 == 1:
				checksum = packet.slice(1, 33).get_string_from_ascii()
			else:
				sent[method] = [packet.decode_u16(5) if packet[0] & 0x40 else packet[5], wire.mode, wire.channel]
	remove_child(node)
	node.free()
	return {"path": path, "config": config, "parameters": parameters, "checksum": checksum, "sent": sent}
