extends Node

var data: Variant = null
