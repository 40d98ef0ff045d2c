# The constants of Blazium's singleton ENetPacketUtils that the guides use.
extends Node

const SYNC_PROPERTIES := 1
const SYNC_METADATA_ONLY := 2
const SYNC_TRANSFORM_ONLY := 4
const SYNC_CUSTOM := 8
