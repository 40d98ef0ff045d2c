# Several players in one engine: each is a branch of the tree with a SceneMultiplayer of its own. `enginePlayers.ts` drives them.
#
#   NUMBER HEX   HEX: an Array of player, path, method, arguments. The answer is `= NUMBER HEX`, what the method returned.
#
# Without a player it is a method of this script. Paths are relative to the player's branch; `@api` is its SceneMultiplayer,
# `@peer` its transport. What happens to a player is reported as `NAME EVENT`, see `player.ts`.
extends Node

const PLAYER := preload("res://player.gd")


func _ready() -> void:
	Harness.received.connect(told)
	Harness.report("ready")


func told(text: String) -> void:
	var words := text.split(" ")
	var task: Array = bytes_to_var(words[1].hex_decode())
	var result: Variant = target_of(task[0], task[1]).callv(task[2], task[3])
	Harness.report("= %s %s" % [words[0], var_to_bytes(result).hex_encode()])


func target_of(player: String, path: String) -> Object:
	if player.is_empty():
		return self
	var branch := get_node(player)
	match path:
		"@api":
			return branch.api
		"@peer":
			return branch.api.multiplayer_peer
	return branch.get_node(path)


func add(player: String) -> void:
	var branch := PLAYER.new()
	branch.name = player
	add_child(branch)


func remove(player: String) -> void:
	var branch := get_node(player)
	branch.api.multiplayer_peer = null
	get_tree().set_multiplayer(null, branch.get_path())
	branch.free()
