/** The internal door of src/websocket, for the entries: nothing of it is public API. Re-exports only. */
export { WebSocketMultiplayerPeer } from './WebSocketMultiplayerPeer.ts';
