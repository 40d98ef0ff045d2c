/**
 * Public entry `godot-enet/multiplayer`: Godot's SceneMultiplayer for the nodes of a mirror, wired to the clock of this
 * process.
 */

import {
  SceneMultiplayer as BareSceneMultiplayer,
  type SceneMultiplayerOptions,
} from './multiplayer/internal.ts';
import { nodeRuntime } from './node/internal.ts';

/**
 * The high-level multiplayer of Godot for a mirror: stock Godot games join and call.
 *
 * See docs/guide/scene-multiplayer.md.
 */
export class SceneMultiplayer extends BareSceneMultiplayer {
  /**
   * @param options the mirror, and what Godot has no property for; the clock of Node unless another is given.
   * @throws TypeError or RangeError naming the option.
   */
  constructor(options: SceneMultiplayerOptions) {
    super({ ...options, runtime: options?.runtime ?? nodeRuntime });
  }
}

export {
  type AuthCallback,
  type DialectOption,
  type DissectedMultiplayerPacket,
  type DissectedState,
  dissectMultiplayerPacket,
  MultiplayerDissector,
  type MultiplayerPacket,
  MultiplayerRefusal,
  type MultiplayerRefusals,
  type MultiplayerRuntime,
  type MultiplayerTimer,
  NodeScript,
  type RpcBuilder,
  type RpcWord,
  rpc,
  SCENE_MULTIPLAYER_DEFAULTS,
  type SceneMultiplayerOptions,
  type SceneMultiplayerSignals,
} from './multiplayer/internal.ts';
