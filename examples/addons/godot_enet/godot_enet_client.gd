# The client of ENetServer of godot-enet (and of Blazium's) for stock Godot 4.2 and newer: login,
# packets, events, replication, reconnecting.
#
#   var client := GodotEnetClient.new()
#   add_child(client)
#   client.login = {"name": "Eve"}
#   client.logged_in.connect(func() -> void: client.trigger_event("chat", {"text": "hello"}))
#   client.on_event("chat", {"name": TYPE_STRING, "text": TYPE_STRING}, func(who: String, text: String) -> void: print(who, text))
#   client.connect_to_server("127.0.0.1", 7777)
#
# Methods that Blazium's ENetClient has, have its names, arguments and results. Guide: docs/guide/godot-client.md of godot-enet.
# More than 400 lines: it is one class, a third of it descriptions.
class_name GodotEnetClient
extends Node

## The connection is there; the login is on its way. The server does not know yet who this is.
signal connected
## The server has let this client in: see welcome_event.
signal logged_in
## The connection has ended before the server let this client in; the reason is the server's when it told one.
signal login_failed(reason: String)
## The server has ended the connection and told why: see kick_event.
signal kicked(reason: String)
## A connection has ended, for whatever reason: after login_failed and kicked.
signal disconnected(reason: String)
## No connection came about, and no further attempt will be made.
signal connection_failed(reason: String)
## The next attempt begins after this many seconds.
signal reconnecting(attempt: int, delay_sec: float)
## An event, known or not. Not emitted for those of replication while there is a replica.
signal event_received(event_name: String, payload: Dictionary, channel: int)
## A packet that is no event.
signal packet_received(packet: Variant, channel: int)
## A packet that was not delivered, and why: damaged, too large, not of the declared types, for no node that there is.
signal packet_refused(reason: String, channel: int)
## See replicate(). The first state of a node comes right after it was added, with node_changed.
signal node_added(node: Node)
## The node is out of the tree, and freed at the end of the frame.
signal node_removed(node: Node)
## Other properties, place, groups, owner, resources, name, parent or order of children.
signal node_changed(node: Node)

enum { STATUS_DISCONNECTED, STATUS_CONNECTING, STATUS_CONNECTED }

const Packets := preload("packets.gd")
const Replica := preload("replica.gd")

const MAX_REASON_LENGTH := 500
const LINGER_MSEC := 5000

## Sent as the first packet of each connection. Empty: no login, and who is connected is in.
var login := {}
## The event by which the server tells that the login was accepted. "": whatever it sends first, but for kick_event.
var welcome_event := ""
## The server's option kickReasonEvent.
var kick_event := "kicked"
## How many attempts follow one after the other when a connection was lost; 0: none.
var reconnect_tries := 8
## The pause before the first of them. It doubles with each, and is up to a quarter shorter or longer, so that not everybody comes at once.
var reconnect_first_sec := 0.5
## No pause is longer.
var reconnect_max_sec := 15.0
## Whether to come again after a kick as well, for servers that kick everybody when they restart.
var reconnects_after_kick := false
## How long an attempt may take.
var connect_timeout_sec := 10.0
## As that of the server. Set it before connect_to_server.
var compression: ENetConnection.CompressionMode = ENetConnection.COMPRESS_NONE
## DTLS, e.g. TLSOptions.client(certificate); null: plain UDP. Set it before connect_to_server.
var tls_options: TLSOptions = null
## The name in the server's certificate; "": the address.
var tls_name := ""
## Larger packets are refused unread.
var max_packet_bytes := 1 << 20
## Packets that are taken in one frame; the rest waits for the next.
var max_packets_per_frame := 512
## func() -> Object: makes what carries the packets, an object with the methods of ENetConnection that are used here
## (create_host, dtls_client_setup, compress, connect_to_host, service, flush, destroy). Not set: an ENetConnection.
var make_connection := Callable()

var _status := STATUS_DISCONNECTED
var _address := ""
var _port := 0
var _channels := 2
var _host: Object = null
var _peer: Object = null
var _deadline_msec := 0
var _is_in := false
var _is_kicked := false
var _kick_reason := ""
var _attempt := 0
# When the next attempt is due; -1: never.
var _retry_msec := -1
var _events := {}
var _replica: Replica = null
# Connections that were left and still send what was sent before: [host, peer, deadline].
var _leaving: Array[Array] = []


func _init() -> void:
	# A paused game still has to answer, or the server takes it for gone.
	process_mode = Node.PROCESS_MODE_ALWAYS


func _process(_delta: float) -> void:
	poll()


func _exit_tree() -> void:
	for left in _leaving:
		_close(left[0], left[1])
	_leaving.clear()
	_retry_msec = -1
	if _host != null:
		_close(_host, _peer)
		_forget_connection()


## Starts to connect; connected or connection_failed follows. ERR_ALREADY_IN_USE (22) while there is a connection,
## ERR_INVALID_PARAMETER (31) for channels outside 0..255, ERR_CANT_CONNECT (25) for what cannot even be tried.
func connect_to_server(address: String, port: int, channels: int = 2) -> Error:
	if _status != STATUS_DISCONNECTED:
		return ERR_ALREADY_IN_USE
	if channels < 0 or channels > 255:
		return ERR_INVALID_PARAMETER
	if address == "" or port < 1 or port > 65535:
		return ERR_CANT_CONNECT
	_address = address
	_port = port
	_channels = channels
	_attempt = 0
	_retry_msec = -1
	return OK if _begin() == "" else ERR_CANT_CONNECT


## Ends the connection, the attempt, or the waiting for the next one. What was sent before still arrives, as long as this node
## stays in the tree. The reason stays here: disconnected brings it in this frame, unless there was no connection.
func disconnect_from_server(reason: String = "") -> void:
	_retry_msec = -1
	if _status == STATUS_DISCONNECTED:
		return
	if _status == STATUS_CONNECTED:
		_peer.peer_disconnect_later(0)
		_leaving.append([_host, _peer, Time.get_ticks_msec() + LINGER_MSEC])
	else:
		_close(_host, _peer)
	_forget_connection()
	disconnected.emit.call_deferred(reason)


## Leaves this server for another one, without disconnected: what was sent before still arrives. What connect_to_server is followed by, follows.
func move_to_server(address: String, port: int) -> Error:
	if address == "" or port < 1 or port > 65535:
		return ERR_CANT_CONNECT
	_retry_msec = -1
	_attempt = 0
	if _status == STATUS_CONNECTED:
		_peer.peer_disconnect_later(0)
		_leaving.append([_host, _peer, Time.get_ticks_msec() + LINGER_MSEC])
	elif _host != null:
		_close(_host, _peer)
	_forget_connection()
	_address = address
	_port = port
	return OK if _begin() == "" else ERR_CANT_CONNECT


func is_connected_to_server() -> bool:
	return _status == STATUS_CONNECTED


## Whether the server has let this client in.
func is_logged_in() -> bool:
	return _is_in


## STATUS_DISCONNECTED (also while waiting for the next attempt), STATUS_CONNECTING or STATUS_CONNECTED.
func get_connection_status() -> int:
	return _status


func get_server_address() -> String:
	return _address


func get_server_port() -> int:
	return _port


## The smoothed round trip in milliseconds; 0 without a connection.
func get_ping() -> int:
	return int(get_statistic(ENetPacketPeer.PEER_ROUND_TRIP_TIME))


func get_statistic(statistic: ENetPacketPeer.PeerStatistic) -> float:
	return _peer.get_statistic(statistic) if _status == STATUS_CONNECTED else 0.0


## Sends a value. ERR_UNCONFIGURED (3) without a connection, ERR_INVALID_DATA (30) for a value that has no bytes,
## ERR_INVALID_PARAMETER (31) for a channel that there is not, FAILED (1) when ENet refuses.
func send_packet(packet: Variant, channel: int = 0, reliable: bool = true) -> Error:
	return _send(Packets.encode(packet), channel, reliable)


## The same with bytes that are a packet already.
func send_raw_packet(data: PackedByteArray, channel: int = 0, reliable: bool = true) -> Error:
	return _send(data, channel, reliable)


## Sends an event.
func trigger_event(event_name: String, payload: Dictionary = {}, channel: int = 0, reliable: bool = true) -> Error:
	return _send(Packets.encode_event(event_name, payload), channel, reliable)


## Sends the state of a node, by the Packets.SYNC_... flags: with the path that it has on the server, when it belongs to the replica.
func send_node_state(node: Node, flags: int = Packets.SYNC_PROPERTIES, channel: int = 0) -> Error:
	if node == null:
		return ERR_INVALID_PARAMETER
	var path := NodePath() if _replica == null else _replica.path_of(node)
	if path.is_empty() and node.is_inside_tree():
		path = node.get_path()
	return _send(Packets.encode_node(node, flags, path), channel, true)


## Has func(payload: Dictionary, channel: int) called for an event, before event_received. One for each name; the last one counts.
func register_event(event_name: String, callback: Callable) -> void:
	_events[event_name] = [callback, null]


## The same with types: { key: TYPE_..., ... }. The callback gets the values in this order, and events that have other types, or lack
## one, are refused. An int is taken for a float (a whole number of JavaScript is sent as an int), String and StringName for each other.
## An entry [TYPE_..., default] may be missing; TYPE_NIL takes any type.
func on_event(event_name: String, shape: Dictionary, callback: Callable) -> void:
	_events[event_name] = [callback, shape.duplicate()]


func unregister_event(event_name: String) -> void:
	_events.erase(event_name)


func has_event(event_name: String) -> bool:
	return _events.has(event_name)


## Applies what SceneMirror.replicate of the server sends to a node and everything below it: the server's node at server_path
## is this one. Returns the replica, for max_nodes and admits. Null ends it; the nodes stay.
func replicate(root: Node, server_path: NodePath = ^"/root") -> Replica:
	_replica = null
	if root != null:
		_replica = Replica.new(root, server_path)
		_replica.node_added.connect(node_added.emit)
		_replica.node_removed.connect(node_removed.emit)
		_replica.node_changed.connect(node_changed.emit)
	return _replica


## Takes what has arrived. Called in each frame; call it yourself where the tree does not run.
func poll() -> void:
	_poll_left()
	if _retry_msec >= 0 and Time.get_ticks_msec() >= _retry_msec:
		_retry_msec = -1
		_begin()
	var host := _host
	if host == null:
		return
	for i in max_packets_per_frame:
		var event: Array = host.service()
		if event[0] == ENetConnection.EVENT_NONE:
			break
		_take(event)
		# A handler may have left this connection.
		if host != _host:
			return
	if _status == STATUS_CONNECTING and Time.get_ticks_msec() >= _deadline_msec:
		_end("no answer within %s s" % connect_timeout_sec)


func _begin() -> String:
	_host = make_connection.call() if make_connection.is_valid() else ENetConnection.new()
	var problem := _start(_host)
	if problem == "":
		_status = STATUS_CONNECTING
		_deadline_msec = Time.get_ticks_msec() + int(connect_timeout_sec * 1000.0)
		return ""
	_close(_host, null)
	_forget_connection()
	if _attempt > 0:
		_retry_or_fail(problem)
	return problem


func _start(host: Object) -> String:
	# One peer, and channels as asked for.
	if host.create_host(1, _channels) != OK:
		_host = null
		return "no UDP socket"
	if tls_options != null and host.dtls_client_setup(_address if tls_name == "" else tls_name, tls_options) != OK:
		return "DTLS cannot be used"
	host.compress(compression)
	_peer = host.connect_to_host(_address, _port, _channels)
	return "" if _peer != null else "cannot connect to %s" % _address


func _take(event: Array) -> void:
	match event[0]:
		ENetConnection.EVENT_CONNECT:
			_status = STATUS_CONNECTED
			# Before whatever the handlers send.
			if not login.is_empty():
				_send(Packets.encode(login), 0, true)
			var host := _host
			if _replica != null:
				_replica.clear()
			connected.emit()
			if host == _host and login.is_empty() and welcome_event == "":
				_enter()
		ENetConnection.EVENT_DISCONNECT:
			_end("connection lost" if _status == STATUS_CONNECTED else "no answer")
		ENetConnection.EVENT_RECEIVE:
			_receive(event[1].get_packet(), event[3])
		_:
			_end("the connection failed")


func _receive(data: PackedByteArray, channel: int) -> void:
	if data.size() > max_packet_bytes:
		packet_refused.emit("%d bytes are too many" % data.size(), channel)
		return
	var values := Packets.decode(data)
	if values.is_empty():
		packet_refused.emit("damaged", channel)
		return
	var value: Variant = values[0]
	var has_keys := value is Dictionary and Packets.takes_texts(data)
	var event_name: Variant = value.get("_event") if has_keys else null
	if event_name is String and event_name == kick_event:
		_is_kicked = true
		_kick_reason = str(value.get("reason", "")).left(MAX_REASON_LENGTH)
		return
	if not _is_in and (welcome_event == "" or event_name is String and event_name == welcome_event):
		var host := _host
		_enter()
		if host != _host:
			return
	if event_name is String:
		value.erase("_event")
		_receive_event(event_name, value, channel)
	elif _replica != null and data[0] == Packets.NODE and has_keys and value.get("_type") != "node_custom":
		_tell_refusal(_replica.apply_state(value), channel)
	else:
		packet_received.emit(value, channel)


func _receive_event(event_name: String, payload: Dictionary, channel: int) -> void:
	if _replica != null and Replica.is_replication(event_name):
		_tell_refusal(_replica.apply_event(event_name, payload), channel)
		return
	if _events.has(event_name):
		var callback: Callable = _events[event_name][0]
		var shape: Variant = _events[event_name][1]
		var values: Variant = [payload, channel]
		if shape != null:
			values = _values_of(payload, shape)
			if values is String:
				packet_refused.emit("event %s: %s" % [event_name, values], channel)
				return
		var host := _host
		if callback.is_valid():
			callback.callv(values)
		if host != _host:
			return
	event_received.emit(event_name, payload, channel)


# The values of a payload in the order of its shape, or what is wrong with it.
func _values_of(payload: Dictionary, shape: Dictionary) -> Variant:
	var values := []
	for key in shape:
		var has_default: bool = shape[key] is Array
		var type: int = shape[key][0] if has_default else shape[key]
		if not payload.has(key):
			if not has_default:
				return "%s is missing" % key
			values.append(shape[key][1])
			continue
		var value: Variant = payload[key]
		var got := typeof(value)
		if type == TYPE_FLOAT and got == TYPE_INT:
			value = float(value)
		elif type == TYPE_STRING and got == TYPE_STRING_NAME:
			value = str(value)
		elif type == TYPE_STRING_NAME and got == TYPE_STRING:
			value = StringName(value)
		elif type != got and type != TYPE_NIL:
			return "%s expected %s, got %s" % [key, type_string(type), type_string(got)]
		values.append(value)
	return values


func _tell_refusal(reason: String, channel: int) -> void:
	if reason != "":
		packet_refused.emit(reason, channel)


func _enter() -> void:
	_is_in = true
	_attempt = 0
	logged_in.emit()


func _send(data: PackedByteArray, channel: int, reliable: bool) -> Error:
	if _status != STATUS_CONNECTED:
		return ERR_UNCONFIGURED
	if data.is_empty():
		return ERR_INVALID_DATA
	if channel < 0 or channel >= _peer.get_channels():
		return ERR_INVALID_PARAMETER
	var flags := ENetPacketPeer.FLAG_RELIABLE if reliable else ENetPacketPeer.FLAG_UNSEQUENCED
	return OK if _peer.send(channel, data, flags) == OK else FAILED


# The connection, or the attempt, has ended and not by us.
func _end(reason: String) -> void:
	var was_connected := _status == STATUS_CONNECTED
	var was_in := _is_in
	var was_kicked := _is_kicked
	if was_kicked and _kick_reason != "":
		reason = _kick_reason
	_close(_host, _peer)
	_forget_connection()
	if not was_connected:
		_retry_or_fail(reason)
		return
	var delay := -1.0
	if (was_in or _attempt > 0) and (reconnects_after_kick or not was_kicked):
		delay = _plan()
	var due := _retry_msec
	if not was_in:
		login_failed.emit(reason)
	elif was_kicked:
		kicked.emit(reason)
	disconnected.emit(reason)
	# Unless a handler wants it otherwise.
	if due >= 0 and due == _retry_msec:
		reconnecting.emit(_attempt, delay)


# An attempt did not come to anything.
func _retry_or_fail(reason: String) -> void:
	var delay := _plan() if _attempt > 0 else -1.0
	if delay >= 0.0:
		reconnecting.emit(_attempt, delay)
	else:
		connection_failed.emit(reason)


# Decides when the next attempt is made: the pause in seconds, or -1 when there is none.
func _plan() -> float:
	if _attempt >= reconnect_tries:
		_attempt = 0
		return -1.0
	_attempt += 1
	var pause := reconnect_first_sec * pow(2.0, _attempt - 1) * randf_range(0.75, 1.25)
	pause = clampf(pause, 0.0, reconnect_max_sec)
	_retry_msec = Time.get_ticks_msec() + int(pause * 1000.0)
	return pause


func _forget_connection() -> void:
	_host = null
	_peer = null
	_status = STATUS_DISCONNECTED
	_is_in = false
	_is_kicked = false
	_kick_reason = ""


func _close(host: Object, peer: Object) -> void:
	if host == null:
		return
	if peer != null and peer.is_active():
		peer.peer_disconnect_now(0)
		host.flush()
	host.destroy()


func _poll_left() -> void:
	for i in range(_leaving.size() - 1, -1, -1):
		var host: Object = _leaving[i][0]
		var is_over: bool = Time.get_ticks_msec() >= _leaving[i][2]
		for event_count in max_packets_per_frame:
			var type: int = host.service()[0]
			is_over = is_over or type == ENetConnection.EVENT_DISCONNECT or type == ENetConnection.EVENT_ERROR
			if is_over or type == ENetConnection.EVENT_NONE:
				break
		if is_over:
			_close(host, _leaving[i][1])
			_leaving.remove_at(i)
