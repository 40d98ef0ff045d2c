/** Text scenes of Godot projects. Re-exports only. */
export { type ProjectSetting, type ProjectText, readProjectText } from './readProjectText.ts';
export { readSceneText, type SceneTextOptions } from './readSceneText.ts';
export {
  type InnerResource,
  type ProjectDocument,
  projectTextToDocument,
  type ResourceDocument,
  resourceTextToDocument,
} from './resourceDocument.ts';
export {
  type ScenePlace,
  SceneTextError,
  type SceneTextErrorCode,
  type SceneTextIssue,
} from './SceneTextError.ts';
export type {
  SceneText,
  SceneTextConnection,
  SceneTextExtResource,
  SceneTextNode,
  SceneTextProperties,
  SceneTextSubResource,
} from './sceneText.ts';
export { buildSceneTree, DEFAULT_SCENE_TREE_LIMITS, type SceneTreeOptions } from './sceneTree.ts';
export type { SceneTree, SceneTreeNode } from './sceneTreeNode.ts';
export { type SceneDocumentOptions, sceneTextToDocument } from './toDocument.ts';
