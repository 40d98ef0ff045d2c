extends Node2D

var score := 0


func _enter_tree() -> void:
	$Input.set_multiplayer_authority(name.to_int())
