# The packets of ENetPacketUtils: one type byte and a payload. They are what ENetServer and its clients send each other.
# What arrives is never trusted: damaged bytes are an answer, not an error.
extends RefCounted

const RAW := 0
const VARIANT := 1
const DICTIONARY := 2
const JSON_TEXT := 3
const STRING := 4
const NODE := 5

## The parts of a node that encode_node writes, with the numbers of Blazium's ENetPacketUtils.
const SYNC_PROPERTIES := 1
const SYNC_METADATA_ONLY := 2
const SYNC_TRANSFORM_ONLY := 4
const SYNC_CUSTOM := 8


## The packet of a value, as encode_auto makes it. Empty when the value has no bytes.
static func encode(value: Variant) -> PackedByteArray:
	match typeof(value):
		TYPE_PACKED_BYTE_ARRAY:
			return PackedByteArray([RAW]) + value
		TYPE_STRING:
			var text: PackedByteArray = value.to_utf8_buffer()
			var head := PackedByteArray([STRING, 0, 0, 0, 0])
			head.encode_u32(1, text.size())
			return head + text
	return _typed(VARIANT, value)


## What a packet holds: [value], or [] when it is damaged.
static func decode(data: PackedByteArray) -> Array:
	if data.is_empty():
		return []
	match data[0]:
		RAW:
			return [data.slice(1)]
		VARIANT, DICTIONARY, NODE:
			return _variant(data)
		JSON_TEXT:
			var text := _text(data)
			var json := JSON.new()
			return [] if text.is_empty() else [json.data if json.parse(text[0]) == OK else text[0]]
		STRING:
			return _text(data)
	return []


## Whether the Dictionary in a packet may be asked for a text: one whose keys are declared to be something else prints an error.
static func takes_texts(data: PackedByteArray) -> bool:
	if data[0] == JSON_TEXT:
		return true
	# Bits 16 and 17 of the header say how the keys are declared; 1: by the type that follows.
	var declared := data[3] & 3
	return declared == 0 or declared == 1 and data.size() > 5 and data[5] in [TYPE_STRING, TYPE_STRING_NAME]


## The packet of an event: a Dictionary with the name under _event. The payload stays as it is.
static func encode_event(event_name: String, payload: Dictionary) -> PackedByteArray:
	# A new one, since that of the caller may have typed keys.
	var packet := {}
	packet.merge(payload)
	packet["_event"] = event_name
	return _typed(VARIANT, packet)


## The packet of a node's state, as encode_node makes it, with the path that the node has on the server.
static func encode_node(node: Node, flags: int, path: NodePath) -> PackedByteArray:
	var state := {"_type": "node_meta", "_class": node.get_class(), "_path": path, "_name": node.name}
	if flags & SYNC_CUSTOM:
		state["_type"] = "node_custom"
		if node.has_method("_serialize_for_network"):
			var custom: Variant = node.call("_serialize_for_network")
			if custom is Dictionary:
				state["custom"] = custom
			elif custom is PackedByteArray:
				state["custom_bytes"] = custom
		return _typed(NODE, state)
	if flags & SYNC_PROPERTIES:
		state["_type"] = "node"
		var properties := {}
		for property in node.get_property_list():
			if property["usage"] & PROPERTY_USAGE_STORAGE and property["type"] != TYPE_OBJECT:
				properties[property["name"]] = node.get(property["name"])
		state["properties"] = properties
	elif flags & SYNC_TRANSFORM_ONLY:
		state["_type"] = "node_transform"
	else:
		return _typed(NODE, state)
	if node is Node3D:
		state["transform"] = node.transform
	if node is Node2D or node is Node3D:
		state["position"] = node.position
		state["rotation"] = node.rotation
		state["scale"] = node.scale
	return _typed(NODE, state)


static func _typed(type: int, value: Variant) -> PackedByteArray:
	var bytes := var_to_bytes(value)
	return bytes if bytes.is_empty() else PackedByteArray([type]) + bytes


static func _variant(data: PackedByteArray) -> Array:
	if data.size() < 5:
		return []
	var value: Variant = data.decode_var(1)
	# A value that cannot be decoded is null, too; the first byte of its header tells them apart.
	if value == null and data[1] != TYPE_NIL:
		return []
	return [value]


static func _text(data: PackedByteArray) -> Array:
	if data.size() < 5:
		return []
	var length := data.decode_u32(1)
	if length > data.size() - 5:
		return []
	var text := data.slice(5, 5 + length)
	var end := text.find(0)
	return [(text if end < 0 else text.slice(0, end)).get_string_from_utf8()]
