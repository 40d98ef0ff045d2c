# The client's side of NetworkTime of godot-enet, for stock Godot 4.0 to 4.7. Make it an autoload of the name NetworkTime.
#
#   NetworkTime.send_input(Vector2.LEFT)   in each physics frame
#   NetworkTime.tick_now()                 the tick that the server makes right now
extends Node

## An input has arrived, and so has, or is lost, every one before it.
signal acknowledged_input(sequence: int)

const ASK_SEC := 0.25
const FIRST_ASK_SEC := 0.05
const SAMPLES := 16
## How many of the last inputs are in each packet: as many packets in a row, less one, may be lost.
const REPEATED := 4

## Whether applied_tick is the newest tick that the server has told; false: the game calls applied() when it has set a state.
var follows_ticks := true
## The newest tick whose state is here, -1 for none. Inputs tell it to the server.
var applied_tick := -1.0
## The number of the last input that was sent, and of the last one that has arrived.
var sequence := 0
var acknowledged := 0
## The server's clock less this one, and the round trip, in milliseconds; -1 until it is known.
var offset_msec := 0.0
var round_trip_msec := -1.0

var _connected := false
var _wait_sec := 0.0
var _trips: Array[float] = []
var _offsets: Array[float] = []
var _strange := 0
var _server_msec := -1
var _heard_msec := 0
var _tick := 0.0
var _tick_hz := 0.0
var _inputs: Array = []
var _ticks := PackedFloat64Array()


func _ready() -> void:
	multiplayer.connected_to_server.connect(_begin)
	multiplayer.server_disconnected.connect(_end)
	if multiplayer.get_peers().has(1):
		_begin()


## Sends an input, with the newest tick that the player sees, or the one that is given: between two for who interpolates.
func send_input(input: Variant, tick: float = applied_tick) -> int:
	sequence += 1
	_inputs.push_back(input)
	_ticks.push_back(tick)
	if _inputs.size() > REPEATED:
		_inputs.pop_front()
		_ticks.remove_at(0)
	if _connected:
		take_inputs.rpc_id(1, sequence, _ticks, _inputs)
	return sequence


## The game has set the server's state of a tick.
func applied(tick: float) -> void:
	applied_tick = maxf(applied_tick, tick)


## The server's clock, in milliseconds.
func server_msec() -> float:
	return Time.get_ticks_usec() / 1000.0 + offset_msec


## The tick that the server makes right now, with its part that has passed.
func tick_now() -> float:
	return _tick + (server_msec() - _server_msec) * _tick_hz / 1000.0


@rpc("authority", "call_remote", "unreliable")
func tell_tick(tick: int, acknowledged_sequence: int) -> void:
	if follows_ticks:
		applied(tick)
	if acknowledged_sequence > acknowledged:
		acknowledged = acknowledged_sequence
		acknowledged_input.emit(acknowledged)


@rpc("authority", "call_remote", "unreliable")
func tell_time(client_msec: int, server_time_msec: int, tick: float, tick_hz: float) -> void:
	var now := Time.get_ticks_msec()
	if server_time_msec < _server_msec:
		return # an older answer, late
	_server_msec = server_time_msec
	_heard_msec = now
	_tick = tick
	_tick_hz = tick_hz
	_add_sample(now - client_msec, server_time_msec + (now - client_msec) / 2.0 - now)


@rpc("any_peer", "call_remote", "unreliable")
func ask_time(_client_msec: int, _known_msec: int, _held_msec: int) -> void:
	pass # the server's part


@rpc("any_peer", "call_remote", "unreliable")
func take_inputs(_newest: int, _input_ticks: PackedFloat64Array, _values: Array) -> void:
	pass # the server's part


func _process(delta: float) -> void:
	_wait_sec -= delta
	if not _connected or _wait_sec > 0.0:
		return
	_wait_sec = ASK_SEC if _trips.size() >= 8 else FIRST_ASK_SEC
	var now := Time.get_ticks_msec()
	ask_time.rpc_id(1, now, _server_msec, now - _heard_msec)


# The offset of a sample is right to within half of its round trip: the shortest one counts, and two that cannot both be right mean
# that a clock has jumped.
func _add_sample(trip: float, offset: float) -> void:
	var best := _trips.find(_trips.min()) if not _trips.is_empty() else -1
	if best >= 0 and absf(offset - _offsets[best]) > (trip + _trips[best]) / 2.0 + 5.0:
		_strange += 1
		if _strange < 2:
			return
		_trips.clear()
		_offsets.clear()
	_strange = 0
	_trips.push_back(trip)
	_offsets.push_back(offset)
	if _trips.size() > SAMPLES:
		_trips.pop_front()
		_offsets.pop_front()
	offset_msec = _offsets[_trips.find(_trips.min())]
	var sorted := _trips.duplicate()
	sorted.sort()
	round_trip_msec = sorted[sorted.size() >> 1]


func _begin() -> void:
	_end()
	_connected = true


func _end() -> void:
	_connected = false
	applied_tick = -1.0
	sequence = 0
	acknowledged = 0
	_wait_sec = 0.0
	_server_msec = -1
	_trips.clear()
	_offsets.clear()
	round_trip_msec = -1.0
	_inputs.clear()
	_ticks.clear()
