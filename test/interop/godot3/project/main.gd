# The node that remote calls are for: /root/Main.
extends Node

remote var mark = 0

func on_peer_connected(id):
	print("peer_connected ", id)

func on_peer_disconnected(id):
	print("peer_disconnected ", id)

func on_connected():
	print("connected ", get_tree().get_network_unique_id())

func on_failed():
	print("failed")

func on_server_gone():
	print("server_gone")

func on_packet(from, bytes):
	print("packet ", from, " ", bytes.hex_encode())

# Sends back what it is given, to whoever gave it.
remote func echo(value):
	rpc_id(get_tree().get_rpc_sender_id(), "echoed", value)

# The answer to an echo: prints the value's bytes.
remote func echoed(value):
	print("echoed ", get_tree().get_rpc_sender_id(), " ", var2bytes(value).hex_encode())

# Asks a peer to echo every value there is.
remote func ask_echoes(id):
	for value in load("res://values.gd").edges():
		rpc_id(id, "echo", value)

# Says which bytes the values have.
remote func print_values():
	for value in load("res://values.gd").edges():
		print("value ", var2bytes(value).hex_encode())
	print("values_end")

remote func send_raw(bytes, target, mode):
	multiplayer.send_bytes(bytes, target, mode)

remote func call_others(argument):
	rpc("called", argument)

remote func call_unreliable(id, argument):
	rpc_unreliable_id(id, "called", argument)

remote func set_mark(id, value):
	rset_id(id, "mark", value)

remote func called(argument):
	print("called ", get_tree().get_rpc_sender_id(), " ", argument)

remote func print_mark():
	print("mark ", mark)

remote func kick(id, now):
	get_tree().network_peer.disconnect_peer(id, now)

remote func leave():
	get_tree().network_peer.close_connection()
	print("left")
	get_tree().quit()

var _traffic = null

# Sends numbered packets of all modes for some seconds, to a peer that sends them back; prints what came.
remote func start_traffic(id, milliseconds, seed_value):
	_traffic = load("res://traffic.gd").new()
	_traffic.name = "Traffic"
	add_child(_traffic)
	_traffic.start(id, milliseconds, seed_value)
