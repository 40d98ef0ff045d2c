# Lets a GodotEnetClient go to another node of the server when that says so: docs/guide/handoff.md of godot-enet. Add it below the client:
#
#   var handoff := preload("res://addons/godot_enet/client_handoff.gd").new()
#   client.add_child(handoff)
#   handoff.trigger_marked("buy", {"item": "sword"})   # an event that is handled once, whatever happens to the connection
#
# On the way the client has another connection: connected and logged_in are emitted once more, and what the server replicates comes again.
extends Node

## The client is in its room at another node, or back in its room.
signal arrived
## No node takes it.
signal failed(reason: String)

## The name of the address among those of the server.
var transport := "events"
## More events are not taken before the server has acknowledged some.
const MAX_MARKED := 256
const RESEND_MSEC := 2000

enum { PLAYING, PREPARED, GOING, RETURNING }

var _client: GodotEnetClient = null
var _stage := PLAYING
var _plan := {}
var _login := {}
# Marked events without an answer: [number, name, payload].
var _calls: Array[Array] = []
var _run := "%08x%08x" % [randi(), randi()]
var _number := 0
var _progress_msec := 0


func _ready() -> void:
	_client = get_parent() as GodotEnetClient
	_client.register_event("handoff_prepare", _on_prepare)
	_client.register_event("handoff_switch", _on_switch)
	_client.register_event("handoff_cancel", _on_cancel)
	_client.register_event("handoff_acked", _on_acked)
	_client.logged_in.connect(_on_logged_in)
	_client.login_failed.connect(_on_lost)
	_client.connection_failed.connect(_on_lost)


func _process(_delta: float) -> void:
	if not _calls.is_empty() and _is_in() and Time.get_ticks_msec() - _progress_msec > RESEND_MSEC:
		_resend()


## Sends an event that its room handles once and in order, also when the connection is another one before the server has answered.
## ERR_BUSY (44) when too many have no answer yet.
func trigger_marked(event_name: String, payload: Dictionary = {}) -> Error:
	if _calls.size() >= MAX_MARKED:
		return ERR_BUSY
	_number += 1
	if _calls.is_empty():
		_progress_msec = Time.get_ticks_msec()
	var call := [_number, event_name, payload.duplicate(true)]
	_calls.append(call)
	if _is_in():
		_send(call)
	return OK


## How many marked events have no answer yet.
func get_marked_count() -> int:
	return _calls.size()


func _is_in() -> bool:
	return _client.is_logged_in() and _stage != GOING and _stage != RETURNING


func _on_prepare(payload: Dictionary, _channel: int) -> void:
	if _stage == GOING or _stage == RETURNING:
		return
	_plan = payload
	_stage = PREPARED
	var there := _address_in("addresses")
	_client.trigger_event("handoff_prepared", {"transfer": str(payload.get("transfer")), "ready": not there.is_empty()})


func _on_switch(payload: Dictionary, _channel: int) -> void:
	if _stage != PREPARED or payload.get("transfer") != _plan.get("transfer"):
		return
	_client.trigger_event("handoff_left", {"transfer": str(payload.get("transfer"))})
	_login = _client.login
	_stage = GOING
	_go("addresses", "ticket")


func _on_cancel(payload: Dictionary, _channel: int) -> void:
	if _stage == PREPARED and payload.get("transfer") == _plan.get("transfer"):
		_stage = PLAYING


func _on_acked(payload: Dictionary, _channel: int) -> void:
	while not _calls.is_empty() and _calls[0][0] <= int(payload.get("number", 0)):
		_calls.pop_front()
	_progress_msec = Time.get_ticks_msec()
	if payload.get("again") == true:
		_resend()


func _on_logged_in() -> void:
	if _stage == GOING or _stage == RETURNING:
		_stage = PLAYING
		_client.login = _login
		arrived.emit()
	_resend()


func _on_lost(reason: String) -> void:
	if _stage == GOING:
		_stage = RETURNING
		# The client is not done with the old connection yet.
		_go.call_deferred("home", "home_ticket")
	elif _stage == RETURNING:
		_stage = PLAYING
		_client.login = _login
		failed.emit(reason)


func _go(where: String, ticket: String) -> void:
	var parts := _address_in(where)
	_client.login = {"handoff_ticket": str(_plan.get(ticket, ""))}
	if parts.is_empty() or _client.move_to_server(parts[0], int(parts[1])) != OK:
		_on_lost("no address")


# Host and port, or nothing.
func _address_in(name: String) -> PackedStringArray:
	var addresses: Variant = _plan.get(name)
	var address := str(addresses.get(transport, "")) if addresses is Dictionary else ""
	var colon := address.rfind(":")
	if colon < 1:
		return PackedStringArray()
	return PackedStringArray([address.left(colon).trim_prefix("[").trim_suffix("]"), address.substr(colon + 1)])


func _resend() -> void:
	_progress_msec = Time.get_ticks_msec()
	for call in _calls:
		_send(call)


func _send(call: Array) -> void:
	_client.trigger_event("handoff_marked", {"run": _run, "number": call[0], "event": call[1], "payload": call[2]})
