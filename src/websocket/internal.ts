/** The internal door of src/websocket, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { loadWs, type WsModule, type WsSocket } from './wsModule.ts';
