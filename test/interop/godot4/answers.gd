# Answers questions about values. `questions.txt` has one a line: a letter and hex; each answer is one line of fields with a
# space between, texts in hex of their UTF-8 bytes.
#
#   v HEX  an encoded value: `-` when it does not decode, else bytes taken, var_to_bytes, var_to_str, str, from_native
#          (full precision, unsorted), stringify: default, full precision, indented and unsorted, both
#   t HEX  a text: var_to_bytes(str_to_var(text))
#   j HEX  a JSON text: `-` when it does not parse, else var_to_bytes
#   n HEX  a JSON text in native notation: `-` when it does not parse, else var_to_bytes(to_native)
extends Node

const ANSWERS_AT_ONCE := 500


func _ready() -> void:
	var answers := PackedStringArray()
	for line in Harness.lines("res://questions.txt"):
		answers.append(answer(line[0], line.substr(2).hex_decode()))
		if answers.size() == ANSWERS_AT_ONCE:
			Harness.report("\n".join(answers))
			answers.clear()
	if not answers.is_empty():
		Harness.report("\n".join(answers))
	Harness.finish()


func answer(kind: String, data: PackedByteArray) -> String:
	match kind:
		"v":
			return about(data)
		"t":
			return bytes_of(str_to_var(data.get_string_from_utf8()))
		_:
			var json := JSON.new()
			if json.parse(data.get_string_from_utf8()) != OK:
				return "-"
			return bytes_of(json.data if kind == "j" else JSON.to_native(json.data))


func about(data: PackedByteArray) -> String:
	if not data.has_encoded_var(0):
		return "-"
	var value: Variant = data.decode_var(0)
	return " ".join([
		str(data.decode_var_size(0)),
		bytes_of(value),
		text_of(var_to_str(value)),
		text_of(str(value)),
		text_of(JSON.stringify(JSON.from_native(value), "", false, true)),
		text_of(JSON.stringify(value)),
		text_of(JSON.stringify(value, "", true, true)),
		text_of(JSON.stringify(value, "\t", false)),
		text_of(JSON.stringify(value, "  ", false, true)),
	])


# An empty field would vanish between the spaces.
func text_of(text: String) -> String:
	return "x" + text.to_utf8_buffer().hex_encode()


func bytes_of(value: Variant) -> String:
	return "x" + var_to_bytes(value).hex_encode()
