# A game's client or server. ROLE, PORT, COMPRESSION, CHANNELS and TRANSFER_CHANNEL say which; what it then does, the
# test tells it by remote calls (see main.gd). It prints what happens, one line each.
extends SceneTree

func _init():
	Engine.target_fps = 250
	var peer = NetworkedMultiplayerENet.new()
	peer.compression_mode = int(OS.get_environment("COMPRESSION"))
	if OS.get_environment("CHANNELS") != "":
		peer.channel_count = int(OS.get_environment("CHANNELS"))
	if OS.get_environment("TRANSFER_CHANNEL") != "":
		peer.transfer_channel = int(OS.get_environment("TRANSFER_CHANNEL"))
	if OS.get_environment("RELAY") == "0":
		peer.server_relay = false
	var main = load("res://main.gd").new()
	main.name = "Main"
	get_root().add_child(main)
	connect("network_peer_connected", main, "on_peer_connected")
	connect("network_peer_disconnected", main, "on_peer_disconnected")
	connect("connected_to_server", main, "on_connected")
	connect("connection_failed", main, "on_failed")
	connect("server_disconnected", main, "on_server_gone")
	multiplayer.connect("network_peer_packet", main, "on_packet")
	var port = int(OS.get_environment("PORT"))
	var error
	if OS.get_environment("ROLE") == "server":
		error = peer.create_server(port, 8)
	else:
		error = peer.create_client("127.0.0.1", port)
	if error != OK:
		print("error ", error)
		quit(3)
		return
	network_peer = peer
	print("ready ", peer.get_unique_id())
