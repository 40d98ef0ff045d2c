/** Godot projects: what `godot-enet/project` exports. Re-exports only. */

export type { GodotElement, GodotInput, GodotInputs, GodotPlainTypes, GodotValue } from './godotTypes.ts';
export { issueText, type ProjectIssue, type ProjectIssueKind, type SourcePlace } from './issue.ts';
export { loadProject } from './loadProject.ts';
export { Project, readProject } from './Project.ts';
export { PackError, type PackErrorCode, type PackFiles, readPack } from './pack/readPack.ts';
export type { ProjectResource } from './projectResource.ts';
export type { ProjectAutoload, ProjectSettings } from './projectSettings.ts';
export type {
  ProjectClass,
  ProjectFunction,
  ProjectParameter,
  ProjectRpc,
  ProjectScript,
  ProjectSignal,
  ProjectVariable,
} from './scripts/projectScript.ts';
export {
  asScene,
  type NoScript,
  type SceneTypes,
  type ScriptTypes,
  type TypedNode,
  type TypedScene,
  TypedScript,
} from './typed.ts';
