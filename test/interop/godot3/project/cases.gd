# Shared by the scripts: case files are a row of [u32 length][bytes].
extends Reference

static func read_cases(path):
	var file = File.new()
	file.open(path, File.READ)
	var cases = []
	while file.get_position() < file.get_len():
		var size = file.get_32()
		cases.append(file.get_buffer(size))
	file.close()
	return cases
