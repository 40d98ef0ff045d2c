extends Node


@rpc("any_peer")
func ring(tag: int, number: int) -> void:
	get_parent()._note("ring", tag, number)


@rpc("any_peer")
func loud(tag: int, number: int) -> void:
	get_parent()._note("loud", tag, number)


@rpc("authority")
func rung(tag: int, number: int) -> void:
	get_parent()._note("rung", tag, number)


@rpc("authority", "unreliable")
func blink(tag: int, number: int) -> void:
	get_parent()._note("blink", tag, number)


@rpc("authority")
func welcome(tag: int) -> void:
	get_parent()._here = tag
	Harness.report("welcome %d" % tag)
