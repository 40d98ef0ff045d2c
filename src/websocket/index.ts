/** The public door of src/websocket: what the entry publishes of it. Re-exports only. */

export { JoinedMultiplayerPeer, type JoinedMultiplayerPeerOptions } from './JoinedMultiplayerPeer.ts';
export { WEBSOCKET_LIMIT_DEFAULTS, type WebSocketLimits } from './limits.ts';
export type { WebSocketMetrics } from './metrics.ts';
export { type OriginCheck, WEBSOCKET_DEFAULTS, type WebSocketMultiplayerPeerOptions } from './options.ts';
export { WebSocketRefusal } from './refusals.ts';
export { WebSocketSettingsPeer } from './settingsPeer.ts';
export { WebSocketMultiplayerPeer } from './WebSocketMultiplayerPeer.ts';
