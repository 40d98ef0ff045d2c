# One player of `players.gd`.
extends Node

const GAME := preload("res://game.gd")

var api := SceneMultiplayer.new()


func _ready() -> void:
	get_tree().set_multiplayer(api, get_path())
	api.connected_to_server.connect(func() -> void: say("connected %d" % api.get_unique_id()))
	api.connection_failed.connect(func() -> void: say("failed"))
	api.server_disconnected.connect(func() -> void: say("lost"))
	api.peer_connected.connect(func(id: int) -> void: say("+%d" % id))
	api.peer_disconnected.connect(func(id: int) -> void: say("-%d" % id))
	api.peer_authenticating.connect(func(id: int) -> void: say("?%d" % id))
	api.peer_authentication_failed.connect(func(id: int) -> void: say("!%d" % id))
	api.peer_packet.connect(func(id: int, data: PackedByteArray) -> void: say("bytes %d %d %s" % [id, data.size(), data.hex_encode().md5_text()]))
	grow(".", "Game")
	grow(".", "Mark")


func say(event: String) -> void:
	Harness.report("%s %s" % [name, event])


func join(url: String, inbound_buffer_size: int = 65535) -> int:
	var peer := WebSocketMultiplayerPeer.new()
	peer.inbound_buffer_size = inbound_buffer_size
	var error := peer.create_client(url)
	if error == OK:
		api.multiplayer_peer = peer
	return error


func leave() -> void:
	api.multiplayer_peer.close()


func ask(asks: bool, seconds: float) -> void:
	api.auth_callback = heard_auth if asks else Callable()
	api.auth_timeout = seconds


func heard_auth(id: int, data: PackedByteArray) -> void:
	say("auth %d %s" % [id, data.hex_encode()])


# Adds a node with the script of the game.
func grow(parent: String, child: String) -> void:
	var node: Node = GAME.new()
	node.name = child
	node.player = self
	get_node(parent).add_child(node)


# What is kept outside of the tree by `take_out`.
var taken := {}


func take_out(path: String) -> void:
	var node := get_node(path)
	node.get_parent().remove_child(node)
	taken[path] = node


func put_back(path: String, parent: String) -> void:
	get_node(parent).add_child(taken[path])
	taken.erase(path)


# Calls of a node that is outside of the tree: the node's own way, and the API's.
func rpc_of_taken(path: String, target: int, method: String) -> int:
	return taken[path].rpc_id(target, method)


func api_rpc_of_taken(path: String, target: int, method: String) -> int:
	return api.rpc(target, taken[path], method)


func forget() -> void:
	api.multiplayer_peer = null


# A call with what means something in this engine only.
func send_live() -> int:
	return get_node("Game").rpc_id(1, "say", grow, api.peer_connected, self, get_viewport().get_viewport_rid(), null)


# Whether the engine prints errors: thousands of them take time.
func print_errors(on: bool) -> void:
	Engine.print_error_messages = on
