extends Node

var rank := 0
