# A player. The server decides all that is here; what its client decides is in the node Input.
extends Node2D

const RADIUS := 12.0
## A player that is farther from its last place than it can run was set there.
const JUMP := 60.0

var player_name := ""
var hue := 0.0
var aim := 0.0
var health := 100
var score := 0

## Where it is drawn: on the way between its places at the last two ticks that have arrived.
var shown := Vector2.ZERO
var _last := Vector2.ZERO
var _next := Vector2.ZERO


func _enter_tree() -> void:
	$Input.set_multiplayer_authority(name.to_int())


func _ready() -> void:
	_next = position
	step()


## The state of another tick is here.
func step() -> void:
	_last = _next if position.distance_to(_next) < JUMP else position
	_next = position


## Shows it between the last two ticks: 0 the older one, 1 the newer one.
func show_at(part: float) -> void:
	shown = _last.lerp(_next, part)
	queue_redraw()


func color() -> Color:
	return Color.from_hsv(hue, 0.62, 1.0)


func _draw() -> void:
	draw_set_transform(shown - position)
	if health <= 0:
		draw_arc(Vector2.ZERO, RADIUS, 0.0, TAU, 32, Color(color(), 0.35), 2.0, true)
		if $Input.is_multiplayer_authority():
			_write("back in a moment")
		return
	var front := Vector2.from_angle(aim)
	draw_line(front * RADIUS * 0.5, front * (RADIUS + 8.0), color().lightened(0.4), 5.0, true)
	draw_circle(Vector2.ZERO, RADIUS, color())
	draw_circle(Vector2.ZERO, RADIUS * 0.55, color().darkened(0.45))
	if $Input.is_multiplayer_authority():
		draw_arc(Vector2.ZERO, RADIUS + 4.0, 0.0, TAU, 40, Color.WHITE, 1.5, true)
	var bar := Rect2(-RADIUS, RADIUS + 7.0, RADIUS * 2.0, 3.0)
	draw_rect(bar, Color(0, 0, 0, 0.5))
	bar.size.x *= health / 100.0
	draw_rect(bar, Color("7ee787") if health > 40 else Color("ff7b72"))
	_write(player_name)


func _write(text: String) -> void:
	draw_string(ThemeDB.fallback_font, Vector2(-80, -RADIUS - 8.0), text, HORIZONTAL_ALIGNMENT_CENTER, 160, 13, Color(1, 1, 1, 0.85))
