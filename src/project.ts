/**
 * Public entry `godot-enet/project`: what the scripts and scenes of a Godot project declare, read from its files, with Node as
 * the platform.
 */
import './node/internal.ts';

export type { MirrorNode, MirrorTree, SceneMirror } from '../schema/index.ts';
export { type ProjectFolder, readFromFolder } from './node/internal.ts';
export * from './project/index.ts';
