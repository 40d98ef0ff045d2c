# Shots that fade.
extends Node2D

const SECONDS := 0.25

var _shots: Array[Dictionary] = []


func add(from: Vector2, to: Vector2, is_hit: bool, color: Color) -> void:
	if _shots.size() < 64:
		_shots.append({"from": from, "to": to, "is_hit": is_hit, "color": color, "left": SECONDS})


func _process(delta: float) -> void:
	if _shots.is_empty():
		return
	for shot in _shots:
		shot.left -= delta
	_shots = _shots.filter(func(shot: Dictionary) -> bool: return shot.left > 0.0)
	queue_redraw()


func _draw() -> void:
	for shot in _shots:
		var strength: float = shot.left / SECONDS
		draw_line(shot.from, shot.to, Color(shot.color, strength), 2.0, true)
		if shot.is_hit:
			draw_arc(shot.to, 16.0 - 8.0 * strength, 0.0, TAU, 24, Color(1, 1, 1, strength), 2.0, true)
