/** The text files of a Godot project in a folder. Nothing outside of it is read, whatever paths and links say. */
import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/** The files of a folder, as the option `resources` of a `SceneMirror` takes them. */
export interface ProjectFolder {
  /**
   * The text of a file by its `res://` path.
   * @returns `undefined` when there is none in the folder, or one of more than 128 MiB.
   */
  (path: string): string | undefined;
  /** The `res://` paths of all files that a project has: none of hidden folders, beside a `.gdignore`, or of a project in it. */
  list(): Iterable<string>;
}

/**
 * The files of a Godot project: `new SceneMirror({ resources: readFromFolder('./game') })`. They are read when they are needed,
 * and not watched.
 *
 * @param folder - Where the `project.godot` is.
 * @throws TypeError for no text; RangeError when there is no such folder.
 */
export function readFromFolder(folder: string): ProjectFolder {
  if (typeof folder !== 'string') throw new TypeError(`"folder" expected a string, got ${typeof folder}`);
  const root = resolve(folder);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new RangeError(`"folder" expected a folder that is there, got ${JSON.stringify(folder)}`);
  const read = (path: string): string | undefined => readResource(root, path);
  return Object.assign(read, { list: () => filesOf(root, PREFIX) });
}

/**
 * The text of a file of a project by its `res://` path.
 *
 * @returns `undefined` when there is no such file, or none that may be read.
 */
export function readResource(project: string, path: string): string | undefined {
  if (!path.startsWith(PREFIX) || path.includes('\0')) return undefined;
  const file = resolve(project, path.slice(PREFIX.length));
  if (!existsSync(file)) return undefined;
  const real = realpathSync(file);
  if (!real.startsWith(realpathSync(project) + sep)) return undefined;
  const stats = statSync(real);
  return stats.isFile() && stats.size <= MAX_BYTES ? readFileSync(real, 'utf8') : undefined;
}

/** Links are not followed: what they point to may lie outside, or above. */
function* filesOf(folder: string, prefix: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some(({ name }) => name === '.gdignore')) return;
  // As the editor passes over another project inside of this one.
  if (prefix !== PREFIX && entries.some(({ name }) => name === 'project.godot')) return;
  for (const entry of entries.sort(byName)) {
    const path = `${prefix}${entry.name}`;
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && !entry.name.startsWith('.'))
      yield* filesOf(join(folder, entry.name), `${path}/`);
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

const PREFIX = 'res://';
const MAX_BYTES = 134_217_728;
