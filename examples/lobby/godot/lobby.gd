# A player of the godot-enet lobby, for any stock Godot 4.
#
# Arrow keys move. Another server: godot --path . -- --address=192.0.2.1 --port=7777 --name=Eve
#
# A packet is one type byte and a payload; type 1 is a Variant as var_to_bytes() writes it. An event is a Dictionary
# with the key "_event". (In Blazium, ENetClient does all of this; here it is by hand, so that any Godot can join.)
extends Node2D

const TYPE_VARIANT := 1
const RELIABLE_CHANNEL := 0
const POSITION_CHANNEL := 1
const SPEED := 200.0

var address := "127.0.0.1"
var port := 7777
var player_name := "Godot%d" % (randi() % 1000)

var host := ENetConnection.new()
var server: ENetPacketPeer
var my_id := 0
var my_position := Vector2.ZERO
var sent_position := Vector2.ZERO
var names := {}
var positions := {}

@onready var log_box: RichTextLabel = $Ui/Log
@onready var say_box: LineEdit = $Ui/Say


func _ready() -> void:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--address="):
			address = argument.trim_prefix("--address=")
		elif argument.begins_with("--port="):
			port = int(argument.trim_prefix("--port="))
		elif argument.begins_with("--name="):
			player_name = argument.trim_prefix("--name=")
	say_box.text_submitted.connect(_on_say)
	host.create_host(1)
	server = host.connect_to_host(address, port, 2)
	if server == null:
		show_line("cannot connect to %s" % address)
		return
	show_line("connecting to %s:%d as %s" % [address, port, player_name])


func _process(delta: float) -> void:
	poll()
	if my_id == 0:
		return
	my_position += Input.get_vector("ui_left", "ui_right", "ui_up", "ui_down") * SPEED * delta
	if not my_position.is_equal_approx(sent_position):
		sent_position = my_position
		send_event("move", {"position": my_position}, POSITION_CHANNEL, ENetPacketPeer.FLAG_UNSEQUENCED)
	queue_redraw()


func _draw() -> void:
	var center := get_viewport_rect().size / 2.0
	for id in positions:
		draw_circle(center + positions[id], 8.0, Color.STEEL_BLUE)
		draw_string(ThemeDB.fallback_font, center + positions[id] + Vector2(12, 4), names.get(id, "?"))
	if my_id != 0:
		draw_circle(center + my_position, 8.0, Color.ORANGE)
		draw_string(ThemeDB.fallback_font, center + my_position + Vector2(12, 4), player_name)


func _exit_tree() -> void:
	if server != null and server.is_active():
		server.peer_disconnect_now()


func poll() -> void:
	var event := host.service()
	while event[0] > ENetConnection.EVENT_NONE:
		if event[0] == ENetConnection.EVENT_CONNECT:
			send_variant({"name": player_name}, RELIABLE_CHANNEL, ENetPacketPeer.FLAG_RELIABLE)
		elif event[0] == ENetConnection.EVENT_DISCONNECT:
			my_id = 0
			names.clear()
			positions.clear()
			queue_redraw()
			show_line("disconnected")
		elif event[0] == ENetConnection.EVENT_RECEIVE:
			receive(server.get_packet())
		event = host.service()


func receive(packet: PackedByteArray) -> void:
	if packet.size() < 5 or packet[0] != TYPE_VARIANT:
		return
	var value: Variant = bytes_to_var(packet.slice(1))
	if not (value is Dictionary and value.has("_event")):
		return
	match value["_event"]:
		"welcome":
			my_id = value["id"]
			for player in value["players"]:
				names[player["id"]] = player["name"]
			show_line("welcome, you are player %d" % my_id)
		"refused":
			show_line("refused: %s" % value["reason"])
		"joined":
			names[value["id"]] = value["name"]
			show_line("%s joined" % value["name"])
		"left":
			names.erase(value["id"])
			positions.erase(value["id"])
			show_line("%s left (%s)" % [value["name"], value["reason"]])
		"chat":
			show_line("<%s> %s" % [value["name"], value["text"]])
		"operator_message":
			show_line("<operator> %s" % value["text"])
		"positions":
			var ids: PackedInt32Array = value["ids"]
			var places: PackedVector2Array = value["positions"]
			for i in ids.size():
				if ids[i] != my_id:
					positions[ids[i]] = places[i]


func send_event(event_name: String, payload: Dictionary, channel: int, flags: int) -> void:
	payload["_event"] = event_name
	send_variant(payload, channel, flags)


func send_variant(value: Variant, channel: int, flags: int) -> void:
	server.send(channel, PackedByteArray([TYPE_VARIANT]) + var_to_bytes(value), flags)


func show_line(line: String) -> void:
	print(line)
	log_box.add_text(line + "\n")


func _on_say(text: String) -> void:
	say_box.clear()
	if my_id != 0 and text != "":
		send_event("chat", {"text": text}, RELIABLE_CHANNEL, ENetPacketPeer.FLAG_RELIABLE)
