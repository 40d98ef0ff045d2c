/** Reads a project from a folder or a pack file. */
import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { loadUnzstd, readFromFolder } from '../node/internal.ts';
import { Project } from './Project.ts';
import { readPack } from './pack/readPack.ts';

/**
 * Reads a Godot project: settings, scripts in GDScript and C#. It is read once, and not watched.
 *
 * What is in it is data: nothing of it runs. A project of 1,000 scripts takes about a second.
 *
 * @param path - The folder where `project.godot` is, that file, or a pack file (`.pck`, formats 1 to 3).
 *   Of an export the settings are in `project.binary`.
 * @returns The project. What is wrong with its files is in `issues`, and refuses none of it.
 * @throws TypeError for no text; RangeError when there is nothing at the path; PackError for a pack that cannot be read.
 */
export async function loadProject(path: string): Promise<Project> {
  if (typeof path !== 'string') throw new TypeError(`"path" expected a string, got ${typeof path}`);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new RangeError(
      `"path" expected a folder or a pack file that is there, got ${JSON.stringify(path)}`,
    );
  if (stats.isDirectory()) return new Project(readFromFolder(path));
  if (basename(path) === 'project.godot') return new Project(readFromFolder(dirname(path)));
  const files = readPack(path);
  return new Project(files, { unreadable: files.unreadable, unzstd: await loadUnzstd() });
}
