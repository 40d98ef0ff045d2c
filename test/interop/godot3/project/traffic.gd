# Sends numbered packets in all three transfer modes to a peer that sends each one back, with 128 added to its first
# byte. Layout: [mode][u32 number][content]; the content follows from seed, mode and number. Prints a summary at the end.
extends Node

const MODES = 3

var _id = 0
var _until = 0
var _give_up = 0
var _seed = 0
var _frame = 0
var _sent = [0, 0, 0]
var _back = [0, 0, 0]
var _last = [-1, -1, -1]
var _bad = 0
var _done = false

func start(id, milliseconds, seed_value):
	_id = id
	_seed = seed_value
	_until = OS.get_ticks_msec() + milliseconds
	_give_up = _until + 15000
	multiplayer.connect("network_peer_packet", self, "_on_packet")

func _process(_delta):
	if _done:
		return
	var now = OS.get_ticks_msec()
	_frame += 1
	if now < _until:
		if _frame % 4 == 0:
			for mode in range(MODES):
				multiplayer.send_bytes(_make(mode, _sent[mode], mode), _id, mode)
				_sent[mode] += 1
	elif _back[2] == _sent[2] or now > _give_up:
		_done = true
		print("traffic ", _sent, " ", _back, " ", _bad)

func _make(mode, number, first):
	var size = 1 + number % 97
	if number % 50 == 49:
		size = 4000
	var bytes = PoolByteArray([first, number & 255, (number >> 8) & 255, (number >> 16) & 255, number >> 24])
	bytes.resize(5 + size)
	var value = _seed + mode * 17 + number * 7
	for i in range(size):
		bytes[5 + i] = (value + i * 13) & 255
	return bytes

func _on_packet(from, bytes):
	if from != _id or bytes.size() < 5 or bytes[0] < 128:
		return
	var mode = bytes[0] - 128
	var number = bytes[1] | bytes[2] << 8 | bytes[3] << 16 | bytes[4] << 24
	if bytes != _make(mode, number, bytes[0]):
		_bad += 1
	# Reliable packets come all, and ordered ones in order.
	if mode == 2 and number != _last[mode] + 1 or mode == 1 and number <= _last[mode]:
		_bad += 1
	_last[mode] = number
	_back[mode] += 1
