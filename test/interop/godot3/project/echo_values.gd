# Reads every case of CASES_IN with bytes2var and writes to CASES_OUT: [u8 accepted][u32 length][var2bytes of the value].
# CASES_OBJECTS=1 allows full objects, both ways.
extends SceneTree

var _accepted = false

func _init():
	var cases = load("res://cases.gd").read_cases(OS.get_environment("CASES_IN"))
	var objects = OS.get_environment("CASES_OBJECTS") == "1"
	var file = File.new()
	file.open(OS.get_environment("CASES_OUT"), File.WRITE)
	for bytes in cases:
		_accepted = false
		var value = _decode(bytes, objects)
		file.store_8(1 if _accepted else 0)
		var again = var2bytes(value, objects) if _accepted else PoolByteArray()
		file.store_32(again.size())
		file.store_buffer(again)
	file.close()
	quit()

# A refusal is a script error, which ends this function and no other.
func _decode(bytes, objects):
	var value = bytes2var(bytes, objects)
	_accepted = true
	return value
