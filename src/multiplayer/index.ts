/** SceneMultiplayer: what `godot-enet/multiplayer` exports. Re-exports only. */

export type { TickDurations } from '../runtime/internal.ts';
export type { AuthCallback } from './admission.ts';
export type { MultiplayerDiagnosis } from './diagnosis.ts';
export {
  type DescribedPacket,
  MultiplayerDissector,
  type MultiplayerDissectorOptions,
} from './MultiplayerDissector.ts';
export { type MultiplayerMetrics, MultiplayerOps, type MultiplayerPeerReport } from './multiplayerOps.ts';
export { NodeScript, type RpcBuilder, type RpcWord, rpc } from './NodeScript.ts';
export {
  type MultiplayerRuntime,
  type MultiplayerTimer,
  SCENE_MULTIPLAYER_DEFAULTS,
  type SceneMultiplayerOptions,
} from './options.ts';
export type { DialectOption } from './peerDialects.ts';
export { MultiplayerRefusal, type MultiplayerRefusals } from './refusals.ts';
export {
  MultiplayerSpawner,
  type MultiplayerSpawnerSignals,
  type SpawnFunction,
} from './replication/MultiplayerSpawner.ts';
export {
  MultiplayerSynchronizer,
  type MultiplayerSynchronizerSignals,
  type StateValidator,
  type VisibilityFilter,
  VisibilityUpdateMode,
} from './replication/MultiplayerSynchronizer.ts';
export type { SceneReplicationOptions } from './replication/settings.ts';
export { SceneMultiplayer, type SceneMultiplayerSignals } from './SceneMultiplayer.ts';
export type { MethodCalls, ObservedCall, PeerTraffic } from './traffic.ts';
export {
  type DissectedMultiplayerPacket,
  type DissectedState,
  dissectMultiplayerPacket,
  type MultiplayerPacket,
  type MultiplayerPackets,
} from './wire/dissectPacket.ts';
