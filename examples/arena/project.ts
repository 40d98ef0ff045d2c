/** The files of the example that are no TypeScript, for the sources and for what is built of them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Project, readFromFolder, readProject } from 'godot-enet/project';

/** The folder of a name beside the sources: `dist` has none of it. */
export function folderOf(name: 'godot' | 'play'): string {
  const beside = fileURLToPath(new URL(`./${name}/`, import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL(`../../../examples/arena/${name}/`, import.meta.url));
}

/**
 * The Godot project: what players run. The server and the bots have their scenes of it, and the RPCs and variables of its scripts.
 */
export const PROJECT: Project = readProject(readFromFolder(folderOf('godot')));
