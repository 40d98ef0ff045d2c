extends Node

var words := ""
var stamp := 0
