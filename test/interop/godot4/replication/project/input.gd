extends MultiplayerSynchronizer

var move := Vector2.ZERO
var action := 0
