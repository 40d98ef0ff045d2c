/**
 * Public entry `godot-enet/websocket`: Godot's multiplayer over WebSockets, with the clock of Node unless the options bring
 * another. It needs the package `ws`, at first use.
 */
import './node/internal.ts';

export { GodotError, MultiplayerPeer, type MultiplayerPeerSignals, TLSOptions } from './godot/index.ts';
export * from './websocket/index.ts';
