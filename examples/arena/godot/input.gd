# What a player wants: its own client decides, and only the server sees it.
extends MultiplayerSynchronizer

var move := Vector2.ZERO
var aim := 0.0


func _ready() -> void:
	if is_multiplayer_authority():
		set_visibility_for(1, true)
