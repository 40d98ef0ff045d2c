# Has the methods of ENetPacketPeer that GodotEnetClient uses.
extends RefCounted

var host: WeakRef
var channels := 0
var active := false
var packets: Array[PackedByteArray] = []


func get_packet() -> PackedByteArray:
	return packets.pop_front()


func send(channel: int, packet: PackedByteArray, flags: int) -> Error:
	host.get_ref().say("send %d %d %s" % [channel, flags, packet.hex_encode()])
	return OK


func get_channels() -> int:
	return channels


func get_statistic(_statistic: ENetPacketPeer.PeerStatistic) -> float:
	return 42.0


func is_active() -> bool:
	return active


func peer_disconnect_later(_data: int = 0) -> void:
	host.get_ref().say("later")


func peer_disconnect_now(_data: int = 0) -> void:
	active = false
	host.get_ref().say("now")
