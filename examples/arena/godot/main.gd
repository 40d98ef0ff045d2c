# The arena: joins a server, shows what it says, and sends what the player wants.
#
# Without the menu: godot --path . -- --name=Eve --join [--address=192.0.2.1] [--port=7777] [--url=ws://192.0.2.1:7780/play/socket]
extends Node2D

const PORT := 7777
const MOST_LINES := 100
## What the server told this player: who shows it after a drop has its place and score again.
const SECRET := "user://secret.txt"
## Scores that are shown: there is room for one line more.
const MOST_SCORES := 8

var _port := PORT
## Over WebSocket instead of ENet, as a browser has to.
var _url := ""
var _has_joined := false
## Whether there is a shot to be told, and whether the button is still held.
var _fires := false
var _holds := false
## The last two ticks that have arrived, and how long ago the newer one did.
var _last_tick := -1.0
var _tick := -1.0
var _since := 0.0
var _told_scores := ""

@onready var _players: Node2D = $Players
@onready var _menu: Control = $Ui/Menu
@onready var _name: LineEdit = $Ui/Menu/Rows/Name
@onready var _address: LineEdit = $Ui/Menu/Rows/Address
@onready var _join_button: Button = $Ui/Menu/Rows/Join
@onready var _message: Label = $Ui/Menu/Rows/Message
@onready var _say: LineEdit = $Ui/Say
@onready var _chat: RichTextLabel = $Ui/Chat
@onready var _scores: RichTextLabel = $Ui/Scores


func _ready() -> void:
	_name.text = "Godot%d" % (randi() % 1000)
	var joins := false
	for argument in OS.get_cmdline_user_args():
		var value := argument.get_slice("=", 1)
		match argument.get_slice("=", 0):
			"--name": _name.text = value
			"--address": _address.text = value
			"--port": _port = value.to_int()
			"--url": _url = value
			"--join": joins = true
	_address.visible = _url == ""
	_join_button.pressed.connect(_join)
	_name.text_submitted.connect(func(_text: String) -> void: _join())
	_say.text_submitted.connect(_on_say)
	multiplayer.auth_callback = _on_answer
	multiplayer.peer_authenticating.connect(_log_in)
	multiplayer.connected_to_server.connect(_on_connected)
	multiplayer.connection_failed.connect(_on_ended.bind("There is no server at %s." % _target()))
	multiplayer.server_disconnected.connect(_on_ended.bind("The server has ended the connection."))
	if joins:
		_join()
	else:
		_name.grab_focus()


func _target() -> String:
	return _url if _url != "" else "%s:%d" % [_address.text, _port]


func _join() -> void:
	if _join_button.disabled:
		return
	var peer: MultiplayerPeer
	var error: Error
	if _url == "":
		var enet := ENetMultiplayerPeer.new()
		error = enet.create_client(_address.text, _port)
		peer = enet
	else:
		var web := WebSocketMultiplayerPeer.new()
		# What arrives while a browser does not draw has to fit.
		web.inbound_buffer_size = 1 << 20
		error = web.create_client(_url)
		peer = web
	if error != OK:
		_message.text = "Cannot connect to %s (%s)." % [_target(), error_string(error)]
		return
	_join_button.disabled = true
	_message.text = "Connecting to %s ..." % _target()
	multiplayer.multiplayer_peer = peer


func _on_connected() -> void:
	_has_joined = true
	_menu.hide()
	_say.show()
	print("joined as %d" % multiplayer.get_unique_id())


func _log_in(id: int) -> void:
	var secret := FileAccess.get_file_as_string(SECRET) if FileAccess.file_exists(SECRET) else ""
	multiplayer.send_auth(id, (secret + "\n" + _name.text).to_utf8_buffer())


func _on_answer(id: int, secret: PackedByteArray) -> void:
	var file := FileAccess.open(SECRET, FileAccess.WRITE)
	if file != null:
		file.store_buffer(secret)
		file.close()
	multiplayer.complete_auth(id)


func _on_ended(why: String) -> void:
	_has_joined = false
	# What the server had spawned goes with the connection.
	multiplayer.multiplayer_peer = OfflineMultiplayerPeer.new()
	_menu.show()
	_join_button.disabled = false
	_say.hide()
	_message.text = why
	print(why)


func _own_player() -> Node2D:
	return _players.get_node_or_null(str(multiplayer.get_unique_id())) if _has_joined else null


func _unhandled_input(event: InputEvent) -> void:
	if event is InputEventMouseButton and event.button_index == MOUSE_BUTTON_LEFT and event.pressed:
		_say.release_focus()
		_fires = true
		_holds = true
	elif event is InputEventKey and event.pressed and event.keycode == KEY_ENTER and _has_joined:
		_say.grab_focus()


# In each physics frame: what the player wants, and whether it shoots at what it sees.
func _physics_process(_delta: float) -> void:
	var own := _own_player()
	if own == null:
		return
	var wants: MultiplayerSynchronizer = own.get_node("Input")
	wants.move = Vector2.ZERO if _say.has_focus() else Vector2(
			_axis(KEY_A, KEY_LEFT, KEY_D, KEY_RIGHT), _axis(KEY_W, KEY_UP, KEY_S, KEY_DOWN)).limit_length()
	wants.aim = (get_global_mouse_position() - own.shown).angle()
	_holds = _holds and Input.is_mouse_button_pressed(MOUSE_BUTTON_LEFT)
	NetworkTime.send_input(wants.aim if _fires or _holds else null, lerpf(_last_tick, _tick, _part()))
	_fires = false


func _axis(less: Key, or_less: Key, more: Key, or_more: Key) -> float:
	var is_less := Input.is_physical_key_pressed(less) or Input.is_physical_key_pressed(or_less)
	var is_more := Input.is_physical_key_pressed(more) or Input.is_physical_key_pressed(or_more)
	return float(is_more) - float(is_less)


# How far what is shown is on the way between the last two ticks.
func _part() -> float:
	return clampf(_since * 30.0, 0.0, 1.0)


func _process(delta: float) -> void:
	_since += delta
	if NetworkTime.applied_tick != _tick:
		_last_tick = _tick if _tick >= 0.0 else NetworkTime.applied_tick
		_tick = NetworkTime.applied_tick
		_since = 0.0
		for player in _players.get_children():
			player.step()
	for player in _players.get_children():
		player.show_at(_part())
	_show_scores()


func _show_scores() -> void:
	var list := _players.get_children()
	list.sort_custom(func(a: Node, b: Node) -> bool: return a.score > b.score or (a.score == b.score and a.player_name < b.player_name))
	var lines := PackedStringArray()
	for player in list:
		lines.append("%s %d" % [player.player_name, player.score])
	var text := ", ".join(lines)
	if text == _told_scores:
		return
	_told_scores = text
	print("scores: %s" % text)
	_scores.clear()
	var shown := list.slice(0, MOST_SCORES)
	var own := _own_player()
	if own != null and not shown.has(own):
		shown[-1] = own
	for player in shown:
		_scores.push_color(player.color())
		_scores.add_text("%d  %s\n" % [player.score, player.player_name])
		_scores.pop()
	if list.size() > shown.size():
		_scores.push_color(Color(0.55, 0.6, 0.7))
		_scores.add_text("and %d more" % (list.size() - shown.size()))
		_scores.pop()


func _on_say(text: String) -> void:
	_say.clear()
	_say.release_focus()
	if text.strip_edges() != "":
		say.rpc_id(1, text)


@rpc("any_peer")
func say(_text: String) -> void:
	pass # the server's part


## Somebody says something; without a name the server does.
@rpc("authority")
func chat(who: String, text: String) -> void:
	var line := text if who == "" else "%s: %s" % [who, text]
	print(line)
	_chat.push_color(Color(0.55, 0.6, 0.7) if who == "" else Color(0.85, 0.89, 0.97))
	_chat.add_text(line + "\n")
	_chat.pop()
	if _chat.get_paragraph_count() > MOST_LINES:
		_chat.remove_paragraph(0)


@rpc("authority", "unreliable")
func shot(shooter: int, from: Vector2, to: Vector2, is_hit: bool) -> void:
	var player := _players.get_node_or_null(str(shooter))
	$Effects.add(from, to, is_hit, player.color() if player != null else Color.WHITE)
