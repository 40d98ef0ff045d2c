# Goes to another node of the server when that says so: docs/guide/handoff.md of godot-enet. For stock Godot 4.2 and newer, in games of
# @rpc, MultiplayerSpawner and MultiplayerSynchronizer. Make it an autoload with the name GodotEnetHandoff.
#
#   GodotEnetHandoff.call_marked($Shop, "buy", ["sword"])   # an @rpc("any_peer") of $Shop, done once whatever happens to the connection
#   GodotEnetHandoff.arrived.connect(func() -> void: print("at another node, as ", multiplayer.get_unique_id()))
#
# While it goes, multiplayer.multiplayer_peer becomes another one: get_unique_id() is new, nodes of spawners are freed and come again, and
# connected_to_server is emitted once more. What the game has connected to server_disconnected, connection_failed, peer_authenticating and
# peer_authentication_failed is not called meanwhile.
extends Node

## The client is in its room at another node, or back in its room.
signal arrived
## It is at no node any more: what server_disconnected says otherwise.
signal failed(reason: String)

## func(address: String) -> MultiplayerPeer: makes the connection to an address. Not set: ENetMultiplayerPeer or WebSocketMultiplayerPeer, as
## the peer of now is. Null: this client cannot get there.
var make_peer := Callable()
## "enet", "websocket" or another name of the server's addresses; "": by the class of the peer of now.
var transport := ""
## How long an attempt may take.
var connect_timeout_sec := 5.0
## How long it tries to get back when the other node does not take it.
var give_up_sec := 15.0

## More calls are not taken before the server has acknowledged some.
const MAX_MARKED := 256
const RESEND_MSEC := 2000
const LINGER_MSEC := 5000

enum { PLAYING, PREPARING, PREPARED, GOING, RETURNING }

var _stage := PLAYING
# transfer, addresses, ticket, home, home_ticket
var _plan := {}
var _next: MultiplayerPeer = null
var _ticket := ""
var _wants_switch := false
var _deadline_msec := 0
var _since_msec := 0
# Connections that were left and still send what was sent before: [peer, deadline].
var _left_peers: Array[Array] = []
# What the game has connected meanwhile: [signal, callable, flags].
var _muted: Array[Array] = []
var _auth_callback := Callable()
var _auth_timeout := 3.0
# Marked calls without an answer: [number, path, id, method, arguments].
var _calls: Array[Array] = []
var _run := "%08x%08x" % [randi(), randi()]
var _number := 0
var _progress_msec := 0


func _init() -> void:
	# A paused game still has to go.
	process_mode = Node.PROCESS_MODE_ALWAYS


func _ready() -> void:
	multiplayer.connected_to_server.connect(_on_connected)


func _exit_tree() -> void:
	_unmute()
	if _next != null:
		_next.close()
	for left in _left_peers:
		left[0].close()
	_left_peers.clear()


## Calls an @rpc("any_peer") of a node at the server: once and in order, also when the connection is another one before the server has
## answered. ERR_BUSY (44) when too many have no answer yet.
func call_marked(node: Node, method: StringName, arguments: Array = []) -> Error:
	if _calls.size() >= MAX_MARKED:
		return ERR_BUSY
	_number += 1
	if _calls.is_empty():
		_progress_msec = Time.get_ticks_msec()
	var call := [_number, String(node.get_path()), multiplayer.get_unique_id(), String(method), arguments.duplicate(true)]
	_calls.append(call)
	if _is_in():
		_send(call)
	return OK


## How many marked calls have no answer yet.
func get_marked_count() -> int:
	return _calls.size()


func _process(_delta: float) -> void:
	var now := Time.get_ticks_msec()
	for left in _left_peers.duplicate():
		left[0].poll()
		if left[0].get_connection_status() == MultiplayerPeer.CONNECTION_DISCONNECTED or now > left[1]:
			left[0].close()
			_left_peers.erase(left)
	if _next != null:
		_poll_next(now)
	if _wants_switch:
		_wants_switch = false
		_left.rpc_id(1, _plan.transfer)
		_go_there()
	if _is_away() and now > _deadline_msec:
		_lost("no answer")
	if not _calls.is_empty() and _is_in() and now - _progress_msec > RESEND_MSEC:
		_resend()


# --- What the server says -------------------------------------------------------------------------------------


@rpc("authority", "reliable")
func _prepare(transfer: String, addresses: Dictionary, ticket: String, home: Dictionary, home_ticket: String) -> void:
	if _is_away():
		return
	_stay()
	_plan = {
		"transfer": transfer,
		"address": _address_of(addresses),
		"ticket": ticket,
		"home": _address_of(home),
		"home_ticket": home_ticket,
	}
	_next = _make(_plan.address)
	if _next == null:
		_prepared.rpc_id(1, transfer, false)
		return
	_stage = PREPARING
	_deadline_msec = Time.get_ticks_msec() + int(connect_timeout_sec * 1000)


@rpc("authority", "reliable")
func _switch(transfer: String) -> void:
	# In the next frame: the packet that says so is read by the multiplayer that is to have another peer.
	if _stage == PREPARED and _plan.transfer == transfer:
		_wants_switch = true


@rpc("authority", "reliable")
func _cancel(transfer: String) -> void:
	if not _is_away() and _plan.get("transfer") == transfer:
		_stay()


@rpc("authority", "reliable")
func _acked(number: int, again: bool) -> void:
	while not _calls.is_empty() and _calls[0][0] <= number:
		_calls.pop_front()
	_progress_msec = Time.get_ticks_msec()
	if again:
		_resend()


@rpc("any_peer", "reliable")
func _prepared(_transfer: String, _is_ready: bool) -> void:
	pass


@rpc("any_peer", "reliable")
func _left(_transfer: String) -> void:
	pass


@rpc("any_peer", "reliable")
func _marked(_its_run: String, _its_number: int, _path: String, _method: String, _arguments: Array) -> void:
	pass


# --- On the way -----------------------------------------------------------------------------------------------


func _is_away() -> bool:
	return _stage == GOING or _stage == RETURNING


# Whether what is called now reaches a room.
func _is_in() -> bool:
	return not _is_away() and not _wants_switch and multiplayer.get_peers().has(1)


func _poll_next(now: int) -> void:
	_next.poll()
	var status := _next.get_connection_status()
	if _stage == PREPARING and status == MultiplayerPeer.CONNECTION_CONNECTED:
		_stage = PREPARED
		_mute()
		_prepared.rpc_id(1, _plan.transfer, true)
	elif status == MultiplayerPeer.CONNECTION_DISCONNECTED or _stage == PREPARING and now > _deadline_msec:
		if multiplayer.get_peers().has(1):
			_prepared.rpc_id(1, _plan.transfer, false)
		_stay()


# To the other node: the connection to it stands already.
func _go_there() -> void:
	_stage = GOING
	_since_msec = Time.get_ticks_msec()
	var peer := _next
	_next = null
	_go(peer, _plan.ticket)


func _go(peer: MultiplayerPeer, ticket: String) -> void:
	_ticket = ticket
	_deadline_msec = Time.get_ticks_msec() + int(connect_timeout_sec * 1000)
	_mute()
	var old := multiplayer.multiplayer_peer
	if old != null and old.get_connection_status() != MultiplayerPeer.CONNECTION_DISCONNECTED:
		_left_peers.append([old, Time.get_ticks_msec() + LINGER_MSEC])
	multiplayer.multiplayer_peer = peer
	# The multiplayer has not seen it connect.
	if peer.get_connection_status() == MultiplayerPeer.CONNECTION_CONNECTED:
		peer.peer_connected.emit(1)


func _on_authenticating(id: int) -> void:
	if not _is_away():
		return
	multiplayer.send_auth(id, _ticket.to_utf8_buffer())
	multiplayer.complete_auth(id)


func _on_connected() -> void:
	if _is_away():
		_stay()
		arrived.emit()
	_resend()


# A connection has ended, or did not come about.
func _lost(reason: String) -> void:
	if _stage == PREPARED and _next != null:
		_go_there()
		return
	if not _is_away():
		return
	if Time.get_ticks_msec() - _since_msec < give_up_sec * 1000:
		_stage = RETURNING
		var peer := _make(_plan.home)
		if peer != null:
			_go(peer, _plan.home_ticket)
			return
	_stay()
	multiplayer.multiplayer_peer = null
	failed.emit(reason)
	multiplayer.server_disconnected.emit()


func _on_lost() -> void:
	# The multiplayer has to be done with the old peer first.
	_lost.call_deferred("the connection was lost")


func _on_refused(_id: int) -> void:
	_lost.call_deferred("the ticket was refused")


# It is where it is.
func _stay() -> void:
	_unmute()
	_stage = PLAYING
	_wants_switch = false
	_plan = {}
	if _next != null:
		_next.close()
	_next = null


# The game does not hear of connections that it did not make.
func _mute() -> void:
	if not _muted.is_empty():
		return
	var api := multiplayer as SceneMultiplayer
	for own in [
		[api.server_disconnected, _on_lost],
		[api.connection_failed, _on_lost],
		[api.peer_authenticating, _on_authenticating],
		[api.peer_authentication_failed, _on_refused],
	]:
		for connection in own[0].get_connections():
			own[0].disconnect(connection.callable)
			_muted.append([own[0], connection.callable, connection.flags])
		own[0].connect(own[1])
		_muted.append([own[0], Callable(), 0])
	_auth_callback = api.auth_callback
	_auth_timeout = api.auth_timeout
	api.auth_timeout = maxf(_auth_timeout, connect_timeout_sec)
	api.auth_callback = func(_id: int, _data: PackedByteArray) -> void: pass


func _unmute() -> void:
	if _muted.is_empty():
		return
	var api := multiplayer as SceneMultiplayer
	for own in [_on_lost, _on_authenticating, _on_refused]:
		for heard in [api.server_disconnected, api.connection_failed, api.peer_authenticating, api.peer_authentication_failed]:
			if heard.is_connected(own):
				heard.disconnect(own)
	for muted in _muted:
		if muted[1].is_valid():
			muted[0].connect(muted[1], muted[2])
	_muted.clear()
	api.auth_callback = _auth_callback
	api.auth_timeout = _auth_timeout


# --- Calls and addresses --------------------------------------------------------------------------------------


func _resend() -> void:
	_progress_msec = Time.get_ticks_msec()
	for call in _calls:
		_send(call)


func _send(call: Array) -> void:
	# Nodes of this client have its new id in their names.
	var parts: PackedStringArray = call[1].split("/")
	for i in parts.size():
		if parts[i] == str(call[2]):
			parts[i] = str(multiplayer.get_unique_id())
	_marked.rpc_id(1, _run, call[0], "/".join(parts), call[3], call[4])


func _address_of(addresses: Dictionary) -> String:
	var wanted := transport
	if wanted == "":
		wanted = "websocket" if multiplayer.multiplayer_peer is WebSocketMultiplayerPeer else "enet"
	return str(addresses.get(wanted, ""))


func _make(address: String) -> MultiplayerPeer:
	if address == "":
		return null
	if make_peer.is_valid():
		return make_peer.call(address)
	if address.contains("://"):
		var web := WebSocketMultiplayerPeer.new()
		return web if web.create_client(address) == OK else null
	var host := address.get_slice(":", 0)
	var port := address.get_slice(":", 1)
	if address.begins_with("["):
		host = address.substr(1, address.find("]") - 1)
		port = address.substr(address.find("]:") + 2)
	var peer := ENetMultiplayerPeer.new()
	return peer if peer.create_client(host, int(port)) == OK else null
