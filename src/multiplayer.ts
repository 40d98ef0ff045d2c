/**
 * Public entry `godot-enet/multiplayer`: Godot's SceneMultiplayer for the nodes of a mirror, wired to the clock of this
 * process.
 */
import { nodeRuntime } from './io/nodeRuntime.ts';
import type { SceneMultiplayerOptions } from './multiplayer/options.ts';
import { SceneMultiplayer as BareSceneMultiplayer } from './multiplayer/SceneMultiplayer.ts';

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

export type { AuthCallback } from './multiplayer/admission.ts';
export { NodeScript, type RpcBuilder, type RpcWord, rpc } from './multiplayer/NodeScript.ts';
export {
  type MultiplayerRuntime,
  type MultiplayerTimer,
  SCENE_MULTIPLAYER_DEFAULTS,
  type SceneMultiplayerOptions,
} from './multiplayer/options.ts';
export { MultiplayerRefusal, type MultiplayerRefusals } from './multiplayer/refusals.ts';
export type { SceneMultiplayerSignals } from './multiplayer/SceneMultiplayer.ts';
