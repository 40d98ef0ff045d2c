extends Node

var ticks := 0
var title := ""
