/**
 * Public entry `godot-enet/websocket`: Godot's multiplayer over WebSockets, wired to the clock of this process. It needs the
 * package `ws`, at first use.
 */
import { nodeRuntime } from './node/internal.ts';
import type { WebSocketMultiplayerPeerOptions } from './websocket/index.ts';
import { WebSocketMultiplayerPeer as BareMultiplayerPeer } from './websocket/internal.ts';

/**
 * Server or client of Godot's high-level multiplayer over WebSockets, as web exports use it.
 *
 * See docs/guide/websocket.md.
 */
export class WebSocketMultiplayerPeer extends BareMultiplayerPeer {
  /** @param options what Godot has no parameter for; the clock of Node unless another is given. */
  constructor(options: WebSocketMultiplayerPeerOptions = {}) {
    super({ ...options, runtime: options.runtime ?? nodeRuntime });
  }
}

export { GodotError, MultiplayerPeer, type MultiplayerPeerSignals, TLSOptions } from './godot/internal.ts';
export {
  JoinedMultiplayerPeer,
  type JoinedMultiplayerPeerOptions,
  type OriginCheck,
  WEBSOCKET_DEFAULTS,
  WEBSOCKET_LIMIT_DEFAULTS,
  type WebSocketLimits,
  type WebSocketMetrics,
  type WebSocketMultiplayerPeerOptions,
  WebSocketRefusal,
  WebSocketSettingsPeer,
} from './websocket/index.ts';
