# Has the methods and signals of Blazium's singleton ENetClient that the guides use (docs/protocol/enet-server-module 5, 6.3, 7.11): as
# an autoload, over the add-on's packets and what stands in for ENetConnection. As there, no signal tells of an end that the server makes.
extends Node

signal connected_to_server
signal disconnected_from_server(reason: String)
signal connection_failed(reason: String)
signal packet_received(packet: Variant, channel: int)
signal raw_packet_received(data: PackedByteArray, channel: int)
signal custom_event_received(event_name: String, payload: Dictionary, channel: int)
signal unknown_event_received(event_name: String, payload: Dictionary, channel: int)

const Packets := preload("res://addons/godot_enet/packets.gd")
const Carrier := preload("carrier.gd")

var _host: Carrier = null
var _peer: Object = null
var _events := {}


func connect_to_server(address: String, port: int, channels: int = 2) -> Error:
	if _host != null:
		return ERR_ALREADY_IN_USE
	_host = Carrier.new()
	_host.create_host(1, channels)
	_peer = _host.connect_to_host(address, port, channels)
	return OK


func disconnect_from_server(reason: String = "") -> void:
	if _host == null:
		return
	_peer.peer_disconnect_now()
	_host.destroy()
	_host = null
	disconnected_from_server.emit.call_deferred(reason)


func send_packet(packet: Variant, channel: int = 0, reliable: bool = true) -> Error:
	return send_raw_packet(Packets.encode(packet), channel, reliable)


func send_raw_packet(data: PackedByteArray, channel: int = 0, reliable: bool = true) -> Error:
	if _host == null or not _peer.is_active():
		return ERR_UNCONFIGURED
	return _peer.send(channel, data, ENetPacketPeer.FLAG_RELIABLE if reliable else ENetPacketPeer.FLAG_UNSEQUENCED)


func send_node_state(node: Node, flags: int, channel: int = 0) -> Error:
	return send_raw_packet(Packets.encode_node(node, flags, node.get_path()), channel)


func register_event(event_name: String, callback: Callable) -> void:
	_events[event_name] = callback


func trigger_event(event_name: String, payload: Dictionary, channel: int = 0, reliable: bool = true) -> Error:
	return send_raw_packet(Packets.encode_event(event_name, payload), channel, reliable)


func _process(_delta: float) -> void:
	while _host != null:
		var event := _host.service()
		match event[0]:
			ENetConnection.EVENT_CONNECT:
				connected_to_server.emit()
			ENetConnection.EVENT_RECEIVE:
				_receive(_peer.get_packet(), event[3])
			_:
				return


func _receive(data: PackedByteArray, channel: int) -> void:
	var packet: Variant = Packets.decode(data)[0]
	if packet is Dictionary and packet.has("_event"):
		var event_name := str(packet["_event"])
		var payload: Dictionary = packet.duplicate()
		payload.erase("_event")
		if _events.has(event_name):
			_events[event_name].call(payload, channel)
			custom_event_received.emit(event_name, payload, channel)
			return
		unknown_event_received.emit(event_name, payload, channel)
	packet_received.emit(packet, channel)
	raw_packet_received.emit(data, channel)
