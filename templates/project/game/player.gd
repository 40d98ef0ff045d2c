extends Node2D

# Said by the player's own game, to the server.
var direction := Vector2.ZERO
# Said by the server, to all.
var score := 0


# The server names each player by its peer.
func _enter_tree() -> void:
	$Input.set_multiplayer_authority(name.to_int())
	$Input.set_visibility_for(1, true)


func _process(_delta: float) -> void:
	$Label.text = "%s: %d" % [name, score]
	if $Input.is_multiplayer_authority():
		direction = Input.get_vector("ui_left", "ui_right", "ui_up", "ui_down")
