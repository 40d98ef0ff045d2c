# Speed of the engine's own codec, for `codec.ts --engine`: nanoseconds of each payload, the best of some rounds.
extends Node

const ROUNDS := 15
const ROUND_USEC := 30_000


func _ready() -> void:
	var entities := []
	for i in 64:
		entities.append({"id": i, "position": Vector2(i * 1.5, -i * 0.25), "rotation": i * 0.1, "hp": 100 - i, "name": "entity_%d" % i})
	var floats := PackedFloat32Array()
	for i in 1000:
		floats.append(i * 0.5)
	var payloads := {
		"small Dictionary": {"type": "input", "tick": 12345, "move": Vector2(0.5, -0.25), "jump": true},
		"64 Dictionaries": entities,
		"1000 packed floats": floats,
	}
	for payload: String in payloads:
		var value: Variant = payloads[payload]
		var bytes := var_to_bytes(value)
		Harness.report(JSON.stringify({
			"payload": payload,
			"bytes": bytes.hex_encode(),
			"encode": best(func(n: int) -> void: for i in n: var_to_bytes(value)),
			"decode": best(func(n: int) -> void: for i in n: bytes_to_var(bytes)),
		}))
	Harness.finish()


## Nanoseconds of one of `call`'s repetitions.
func best(call: Callable) -> float:
	var count := 1
	while usec(call, count) < ROUND_USEC:
		count *= 2
	var least := INF
	var round := 0
	while round < ROUNDS:
		var spent := usec(call, count)
		if spent < ROUND_USEC / 4.0:
			# It was held up while it found the count.
			count *= 2
			continue
		least = minf(least, spent * 1000.0 / count)
		round += 1
	return least


func usec(call: Callable, count: int) -> int:
	var start := Time.get_ticks_usec()
	call.call(count)
	return Time.get_ticks_usec() - start
