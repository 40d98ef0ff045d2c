# Values of every type, at the edges of what they can be.
extends Reference

static func edges():
	var nan_value = bytes2var(PoolByteArray([3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 248, 127]))
	var deep = []
	for i in range(200):
		deep = [deep]
	return [
		null, true, false, 0, 1, -1, 127, 128, 2147483647, 2147483648, -2147483648, -2147483649,
		9223372036854775807, -9223372036854775807 - 1, 0.5, -0.0, 0.1, 1e300, 1e-300, INF, -INF, nan_value, 16777217.0,
		"", "a", "ab", "abc", "abcd", "é€😀", "a\nb\t\"", "x".repeat(100), "ß".repeat(501),
		Vector2(), Vector2(1.5, -2.25), Vector2(INF, nan_value), Vector3(1, 2, 3), Rect2(1, 2, 3, 4),
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
