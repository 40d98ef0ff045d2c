# A transport whose packets the page carries: what it is given is reported as `carried TARGET MODE CHANNEL HEX`, what comes is
# handed to `carry`.
extends MultiplayerPeerExtension

var target := 0
var mode := MultiplayerPeer.TRANSFER_MODE_RELIABLE
var channel := 0
var refuses := false
var is_open := true
var arrived: Array[Array] = []
# Who is gone: nothing of them arrives any more.
var gone := {}


func carry(from: int, how: int, on: int, packet: PackedByteArray) -> void:
	if not gone.has(from):
		arrived.append([from, how, on, packet])


func drop(id: int) -> void:
	gone[id] = true
	arrived = arrived.filter(func(entry: Array) -> bool: return entry[0] != id)


func _put_packet_script(packet: PackedByteArray) -> Error:
	Harness.report("carried %d %d %d %s" % [target, mode, channel, packet.hex_encode()])
	return OK


func _get_packet_script() -> PackedByteArray:
	return arrived.pop_front()[3]


func _get_available_packet_count() -> int:
	return arrived.size()


func _get_packet_peer() -> int:
	return arrived[0][0]


func _get_packet_mode() -> MultiplayerPeer.TransferMode:
	return arrived[0][1]


func _get_packet_channel() -> int:
	return arrived[0][2]


func _get_max_packet_size() -> int:
	return 1 << 24


func _set_target_peer(id: int) -> void:
	target = id


func _set_transfer_mode(value: MultiplayerPeer.TransferMode) -> void:
	mode = value


func _get_transfer_mode() -> MultiplayerPeer.TransferMode:
	return mode


func _set_transfer_channel(value: int) -> void:
	channel = value


func _get_transfer_channel() -> int:
	return channel


func _get_unique_id() -> int:
	return 1


func _is_server() -> bool:
	return true


func _is_server_relay_supported() -> bool:
	return true


func _get_connection_status() -> MultiplayerPeer.ConnectionStatus:
	return MultiplayerPeer.CONNECTION_CONNECTED if is_open else MultiplayerPeer.CONNECTION_DISCONNECTED


func _set_refuse_new_connections(value: bool) -> void:
	refuses = value


func _is_refusing_new_connections() -> bool:
	return refuses


func _disconnect_peer(id: int, force: bool) -> void:
	drop(id)
	Harness.report("kicked %d %s" % [id, force])


func _poll() -> void:
	pass


func _close() -> void:
	is_open = false
