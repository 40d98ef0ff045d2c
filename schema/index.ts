/** Public entry `godot-enet/schema`: a mirror of a Godot scene tree. Re-exports only. */

export { decodeNodeMetadataPacket as decodeNodeMetadata } from '../codec/internal.ts';
export {
  type ClassInfo,
  ClassTable,
  type ClassTableClass,
  type ClassTableJson,
  type ClassTableProperty,
  type ClassTableScript,
  type PropertyInfo,
  type PropertyType,
} from './classes/classTable.ts';
export type { ListingCondition, ListingState } from './classes/listing.ts';
export type { RestoreOptions } from './document/restoreDocument.ts';
export {
  SCENE_FORMAT,
  SCENE_SCHEMA_URL,
  type SceneDocument,
  type SceneNode,
  type SceneVariable,
} from './document/sceneDocument.ts';
export { validateScene } from './document/validateScene.ts';
export { type Allowed, type ApplyLimits, ApplyRefusal, type ApplyResult } from './mirror/applyState.ts';
export { encodeNode, nodeDictionary } from './mirror/encodeNode.ts';
export type {
  MirrorTree,
  MirrorTreeOptions,
  SceneMirrorEvents,
  ScriptClass,
  TreeWatcher,
} from './mirror/MirrorTree.ts';
export { MirrorNode, type NetworkSerializer } from './mirror/mirrorNode.ts';
export type { NamedValues, NodeInput } from './mirror/nodeInput.ts';
export {
  type NodeMultiplayer,
  type RpcConfig,
  type RpcConfigInput,
  type RpcHandler,
  RpcMode,
} from './mirror/nodeRemote.ts';
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
} from './mirror/nodeState.ts';
export { replicationConfigOf } from './mirror/replicationConfigOf.ts';
export type { ScriptErrorReporter } from './mirror/scriptHost.ts';
export type {
  RpcDeclaration,
  RpcDeclarations,
  ScriptDeclaration,
  ScriptInstance,
  ScriptRpc,
} from './mirror/scripts.ts';
export { Spatial2D, Spatial3D } from './mirror/spatial.ts';
export type { ScriptVariable, VariableInput } from './mirror/variables.ts';
export type { ProjectFiles } from './project/projectFiles.ts';
export type {
  ReplicationLink,
  ReplicationPacket,
  ReplicationPeer,
  ReplicationServer,
  ReplicationTimer,
} from './replication/link.ts';
export { ReplicationEvent } from './replication/messages.ts';
export {
  type GridInterest,
  type PeerInterest,
  type RadiusInterest,
  REPLICATION_DEFAULTS,
  type ReplicationOptions,
} from './replication/options.ts';
export { Replication, type ReplicationCounters } from './replication/Replication.ts';
export { replicate } from './replication/replicate.ts';
export { type FollowResult, SceneFollower } from './replication/SceneFollower.ts';
export {
  type InstanceInput,
  SceneMirror,
  type SceneMirrorOptions,
} from './SceneMirror.ts';
export {
  buildSceneTree,
  DEFAULT_SCENE_TREE_LIMITS,
  type InnerResource,
  type ProjectDocument,
  type ProjectSetting,
  type ProjectText,
  projectTextToDocument,
  type ResourceDocument,
  readProjectText,
  readSceneText,
  resourceTextToDocument,
  type SceneDocumentOptions,
  type ScenePlace,
  type SceneText,
  type SceneTextConnection,
  SceneTextError,
  type SceneTextErrorCode,
  type SceneTextExtResource,
  type SceneTextIssue,
  type SceneTextNode,
  type SceneTextOptions,
  type SceneTextProperties,
  type SceneTextSubResource,
  type SceneTree,
  type SceneTreeNode,
  type SceneTreeOptions,
  sceneTextToDocument,
} from './tscn/index.ts';
export type { NodeValue } from './values/ownVariant.ts';
export { ResourceReference, type ResourceReferenceDetails } from './values/ResourceReference.ts';
export {
  type ReplicationLists,
  ReplicationMode,
} from './values/replicationProperty.ts';
export { SceneError, type SceneErrorCode, type SceneIssue } from './values/SceneError.ts';
export { type ConfigOrigin, SceneReplicationConfig } from './values/SceneReplicationConfig.ts';
export type { SceneValue, SceneValueObject, SceneValues } from './values/sceneNotation.ts';
export { parseSceneValue, toSceneValue } from './values/sceneValue.ts';
export {
  decodeTileData,
  decodeTileMapData,
  encodeTileData,
  encodeTileMapData,
  type TileCell,
  type TileDataFormat,
  type TileLayer,
  tileLayersOf,
} from './values/tileCells.ts';
