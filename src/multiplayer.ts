/**
 * Public entry `godot-enet/multiplayer`: Godot's SceneMultiplayer for the nodes of a mirror, with the clock of Node unless
 * the options bring another.
 */
import './node/internal.ts';

export * from './multiplayer/index.ts';
export * from './netcode/index.ts';
export { type ProjectFolder, readFromFolder } from './node/internal.ts';
