# The game in rooms, which goes from node to node, and makes calls that are done once.
extends "res://rooms.gd"

var _marking := false
var _marks := 0


func _ready() -> void:
	super()
	GodotEnetHandoff.transport = "websocket"
	GodotEnetHandoff.arrived.connect(func() -> void: Harness.report("arrived %d" % multiplayer.get_unique_id()))
	GodotEnetHandoff.failed.connect(func(reason: String) -> void: Harness.report("failed %s" % reason))


func _process(delta: float) -> void:
	super(delta)
	if not _marking or $Players.get_node_or_null(str(multiplayer.get_unique_id())) == null:
		return
	if GodotEnetHandoff.call_marked($Bell, "ring", [_here, _marks + 1]) == OK:
		_marks += 1
	var mine := $Players.get_node_or_null(str(multiplayer.get_unique_id()))
	mine.get_node("Input").action += 1
