# Writes var2bytes of many values, of every type: CASES_OUT gets [u32 length][bytes] for each.
extends SceneTree

var _file = File.new()
var _rng = RandomNumberGenerator.new()
var _nan = bytes2var(PoolByteArray([3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 248, 127]))

func _init():
	_file.open(OS.get_environment("CASES_OUT"), File.WRITE)
	_rng.seed = int(OS.get_environment("CASES_SEED"))
	for value in _edges():
		_put(value)
	for i in range(320):
		_put(_random(3))
	_file.close()
	quit()

func _put(value):
	var bytes = var2bytes(value)
	_file.store_32(bytes.size())
	_file.store_buffer(bytes)

func _edges():
	var deep = []
	for i in range(200):
		deep = [deep]
	return [
		null, true, false, 0, 1, -1, 127, 128, 2147483647, 2147483648, -2147483648, -2147483649,
		9223372036854775807, -9223372036854775807 - 1, 0.5, -0.0, 0.1, 1e300, 1e-300, INF, -INF, _nan, 16777217.0,
		"", "a", "ab", "abc", "abcd", "é€😀", "a\nb\t\"", "x".repeat(100), "ß".repeat(501),
		Vector2(), Vector2(1.5, -2.25), Vector2(INF, _nan), Vector3(1, 2, 3), Rect2(1, 2, 3, 4),
		Transform2D(Vector2(1, 2), Vector2(3, 4), Vector2(5, 6)), Transform2D(), Plane(Vector3(1, 2, 3), 4), Plane(),
		Quat(), Quat(1, 2, 3, 4), AABB(Vector3(1, 2, 3), Vector3(4, 5, 6)), Basis(),
		Basis(Vector3(1, 2, 3), Vector3(4, 5, 6), Vector3(7, 8, 9)),
		Transform(Vector3(1, 2, 3), Vector3(4, 5, 6), Vector3(7, 8, 9), Vector3(10, 11, 12)), Transform(),
		Color(), Color(0.1, 0.2, 0.3, 0.4), NodePath(), NodePath("/"), NodePath("/root"), NodePath("/root/Main:hide:many"),
		NodePath("long/path:prop"), NodePath("../name"), NodePath(":a:b"), NodePath("@"), RID(), [], {}, [[], [[]], {}],
		{"a": 1, 2: "b", 2.0: "c", Vector2(1, 2): [1], null: null, true: false, [1]: {}, {}: 1},
		{Color(1, 0, 0): 1, NodePath("abcd"): 2, PoolByteArray([1]): 3, 0.5: 4, -1: 5},
		PoolByteArray(), PoolByteArray([1, 2, 3]), PoolByteArray([0, 255, 7, 8]), PoolIntArray(),
		PoolIntArray([1, -1, 2147483647, -2147483648]), PoolRealArray(), PoolRealArray([0.1, 1.5, INF]),
		PoolStringArray(), PoolStringArray(["", "a", "éé", "abcdefgh"]), PoolVector2Array(),
		PoolVector2Array([Vector2(1, 2), Vector2(0.1, -3)]), PoolVector3Array(), PoolVector3Array([Vector3(1, 2, 3)]),
		PoolColorArray(), PoolColorArray([Color(1, 0, 0), Color(0.1, 0.2, 0.3, 0)]), deep,
	]

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
