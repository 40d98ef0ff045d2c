# The game in rooms: it notes what it hears of which room, and where it believes to be (0: between rooms).
extends "res://main.gd"

var _here := 0
var _chatty := false
var _said := 0
var _notes: Array[Array] = []
var _token := ""
# How often the static synchronizer of the room has set something.
var _states := 0
var _changes := 0


func _ready() -> void:
	super()
	multiplayer.peer_connected.connect(func(id: int) -> void: Harness.report("+%d" % id))
	multiplayer.peer_disconnected.connect(func(id: int) -> void: Harness.report("-%d" % id))
	multiplayer.peer_authenticating.connect(func(id: int) -> void: multiplayer.send_auth(id, _token.to_utf8_buffer()))
	$Board/Sync.synchronized.connect(func() -> void: _states += 1)
	$Board/Sync.delta_synchronized.connect(func() -> void: _changes += 1)
	# What a room tells last of all are its nodes' ends.
	$PlayerSpawner.despawned.connect(func(node: Node) -> void:
		if node.name == str(multiplayer.get_unique_id()):
			_here = 0)


func _process(_delta: float) -> void:
	if not _chatty or multiplayer.get_peers().is_empty():
		return
	_said += 1
	$Bell.ring.rpc_id(1, _here, _said)
	$Bell.loud.rpc(_here, _said)
	var mine := $Players.get_node_or_null(str(multiplayer.get_unique_id()))
	if mine != null:
		mine.ask.rpc_id(1, _here, _said)
		mine.get_node("Input").action = _said
		mine.get_node("Input").move.x = _here


func _note(what: String, tag: int, number: int) -> void:
	_notes.append([what, multiplayer.get_remote_sender_id(), tag, number, _here])


func _take_notes() -> Array:
	var taken := _notes
	_notes = []
	return taken


# Connects as somebody: the token is the first word, and whatever is answered ends it.
func _join_as(url: String, token: String) -> int:
	_token = token
	multiplayer.auth_callback = func(id: int, data: PackedByteArray) -> void:
		Harness.report("token %s" % data.get_string_from_utf8())
		multiplayer.complete_auth(id)
	return _join(url)
