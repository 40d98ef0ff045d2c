extends Node2D

const HOST := "127.0.0.1"
const PORT := 7777
const WEB_PORT := 7778


func _ready() -> void:
	multiplayer.connected_to_server.connect(func() -> void: print("joined as ", multiplayer.get_unique_id()))
	multiplayer.connection_failed.connect(func() -> void: print("no server"))
	multiplayer.server_disconnected.connect(func() -> void: print("the server has gone"))
	if OS.has_feature("web"):
		var peer := WebSocketMultiplayerPeer.new()
		peer.create_client("ws://%s:%d" % [HOST, WEB_PORT])
		multiplayer.multiplayer_peer = peer
	else:
		var peer := ENetMultiplayerPeer.new()
		peer.create_client(HOST, PORT)
		multiplayer.multiplayer_peer = peer


func _unhandled_key_input(event: InputEvent) -> void:
	if event.is_action_pressed("ui_accept"):
		wave.rpc_id(1)


# The server does it.
@rpc("any_peer")
func wave() -> void:
	pass
