# A shooting range: click at the targets, which the server moves. It looks for hits where you saw them.
#
# Another server: godot --path . -- --address=192.0.2.1 --port=7779
extends Node2D

const RADIUS := 16.0

var targets := PackedVector2Array()
var last_hit := Vector2.INF
var aim: Variant = null


func _ready() -> void:
	# The state brings its tick itself.
	NetworkTime.follows_ticks = false
	var address := "127.0.0.1"
	var port := 7779
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--address="):
			address = argument.trim_prefix("--address=")
		elif argument.begins_with("--port="):
			port = int(argument.trim_prefix("--port="))
	var peer := ENetMultiplayerPeer.new()
	if peer.create_client(address, port) != OK:
		push_error("cannot connect to %s" % address)
		return
	multiplayer.multiplayer_peer = peer


func _input(event: InputEvent) -> void:
	var click := event as InputEventMouseButton
	if click != null and click.pressed:
		aim = click.position


# An input in each physics frame: where the player shot, or null.
func _physics_process(_delta: float) -> void:
	NetworkTime.send_input(aim)
	aim = null
	queue_redraw()


func _draw() -> void:
	for place in targets:
		draw_circle(place, RADIUS, Color.ORANGE_RED)
	if last_hit.is_finite():
		draw_arc(last_hit, RADIUS + 4.0, 0.0, TAU, 32, Color.WHITE, 2.0)
	draw_string(ThemeDB.fallback_font, Vector2(10, 20), "round trip %d ms, tick %d" % [NetworkTime.round_trip_msec, NetworkTime.applied_tick])


@rpc("authority", "call_remote", "unreliable")
func snapshot(tick: int, places: PackedVector2Array) -> void:
	targets = places
	NetworkTime.applied(tick)


@rpc("authority")
func hit(place: Vector2) -> void:
	last_hit = place
