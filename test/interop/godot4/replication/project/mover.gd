extends Node2D

var hp := 10
var kind := "plain"
var secret := 0
var hits: Array[int] = []
# How often a state or changes came; not compared.
var _states := 0
var _changes := 0


func _ready() -> void:
	$Sync.synchronized.connect(func() -> void: _states += 1)
	$Sync.delta_synchronized.connect(func() -> void: _changes += 1)


func _counts() -> Array[int]:
	return [_states, _changes]


@rpc("any_peer", "call_local")
func hit(by: int) -> void:
	hits.append(by)
