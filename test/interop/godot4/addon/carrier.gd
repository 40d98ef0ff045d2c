# Has the methods of ENetConnection that GodotEnetClient uses; the test's side does what they say with a connection of ours.
extends RefCounted

const Peer := preload("carrier_peer.gd")

static var made := 0

var number := 0
var peer: Peer = null
var events: Array[Array] = []


func create_host(_max_peers: int = 32, _max_channels: int = 0, _in_bandwidth: int = 0, _out_bandwidth: int = 0) -> Error:
	made += 1
	number = made
	Harness.received.connect(_hear)
	return OK


func dtls_client_setup(hostname: String, client_options: TLSOptions = null) -> Error:
	say("dtls %s %s" % [hostname, client_options.is_unsafe_client()])
	return OK


func compress(mode: ENetConnection.CompressionMode) -> void:
	say("compress %d" % mode)


func connect_to_host(address: String, port: int, channels: int = 0, data: int = 0) -> Peer:
	peer = Peer.new()
	peer.host = weakref(self)
	peer.channels = channels
	say("connect %s %d %d %d" % [address, port, channels, data])
	return peer


func service(_timeout: int = 0) -> Array:
	return [ENetConnection.EVENT_NONE, null, 0, 0] if events.is_empty() else events.pop_front()


func flush() -> void:
	pass


func destroy() -> void:
	Harness.received.disconnect(_hear)
	say("destroy")


func say(text: String) -> void:
	Harness.report("@ %d %s" % [number, text])


func _hear(text: String) -> void:
	var words := text.split(" ")
	if words[0] != "@" or int(words[1]) != number:
		return
	match words[2]:
		"connect":
			peer.active = true
			events.append([ENetConnection.EVENT_CONNECT, peer, 0, 0])
		"disconnect":
			peer.active = false
			events.append([ENetConnection.EVENT_DISCONNECT, peer, 0, 0])
		"error":
			events.append([ENetConnection.EVENT_ERROR, null, 0, 0])
		"receive":
			peer.packets.append(words[4].hex_decode() if words.size() > 4 else PackedByteArray())
			events.append([ENetConnection.EVENT_RECEIVE, peer, 0, int(words[3])])
