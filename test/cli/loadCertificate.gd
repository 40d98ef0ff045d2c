# Loads a key and a certificate as a game does, and prints the engine's error numbers.
extends SceneTree

func _init() -> void:
	var key := CryptoKey.new()
	var certificate := X509Certificate.new()
	print("LOADED %d %d" % [key.load("res://server.key"), certificate.load("res://server.crt")])
	quit()
