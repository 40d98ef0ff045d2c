# Writes var2bytes of many values, of every type: CASES_OUT gets [u32 length][bytes] for each.
extends SceneTree

var _file = File.new()
var _rng = RandomNumberGenerator.new()

func _init():
	_file.open(OS.get_environment("CASES_OUT"), File.WRITE)
	_rng.seed = int(OS.get_environment("CASES_SEED"))
	for value in load("res://values.gd").edges():
		_put(value)
	for i in range(320):
		_put(_random(3))
	_file.close()
	quit()

func _put(value):
	var bytes = var2bytes(value)
	_file.store_32(bytes.size())
	_file.store_buffer(bytes)

func _random(depth):
	match _rng.randi() % (20 if depth > 0 else 17):
		0: return null
		1: return _rng.randi() % 2 == 0
		2: return _rng.randi() - _rng.randi()
		3: return (_rng.randi() << 32) | _rng.randi()
		4: return float(_rng.randi_range(-1000, 1000))
		5: return _rng.randfn() * pow(10.0, _rng.randi_range(-30, 30))
		6: return _text()
		7: return Vector2(_r(), _r())
		8: return Vector3(_r(), _r(), _r())
		9: return Transform(Basis(Vector3(_r(), _r(), _r()), Vector3(_r(), _r(), _r()), Vector3(_r(), _r(), _r())), Vector3(_r(), _r(), _r()))
		10: return Quat(_r(), _r(), _r(), _r())
		11: return Color(_r(), _r(), _r(), _r())
		12: return Rect2(_r(), _r(), _r(), _r())
		13: return NodePath("abcd/" + "efgh".repeat(_rng.randi() % 3 + 1) + ":ijkl")
		14: return PoolIntArray(_list(depth, 14))
		15: return PoolStringArray([_text(), _text()])
		16: return PoolVector3Array([Vector3(_r(), _r(), _r()), Vector3()])
		17: return _list(depth, 17)
		18:
			var d = {}
			for i in range(_rng.randi() % 6):
				d[_text()] = _random(depth - 1)
			return d
		_:
			var d = {}
			for i in range(_rng.randi() % 6):
				d[_random(depth - 1)] = _random(depth - 1)
			return d

func _list(depth, kind):
	var list = []
	for i in range(_rng.randi() % 6):
		list.append(_rng.randi() % 2000 - 1000 if kind == 14 else _random(depth - 1))
	return list

func _r():
	return _rng.randfn() * 100

func _text():
	var text = ""
	for i in range(_rng.randi() % 12):
		text += ["a", "Z", "é", "€", "😀", " ", "7"][_rng.randi() % 7]
	return text
