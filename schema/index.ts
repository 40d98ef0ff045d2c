/** Public entry `godot-enet/schema`. Re-exports only. */
export {
  type NodeState,
  NodeStateKey,
  NodeStateType,
  NodeSyncFlags,
  type NodeSyncForm,
  type NodeTransform2D,
  type NodeTransform3D,
  nodeSyncForm,
  readNodeState,
} from './nodeState.ts';
