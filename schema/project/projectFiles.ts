/** Where a mirror gets the files of a Godot project from. Nothing here reads any. */
import { shown } from '../values/shown.ts';

/** The text files of a project. Any function from a path to a text is one. */
export interface ProjectFiles {
  /** The text of a file by its `res://` path; `undefined` when there is none. Called as rarely as can be. */
  (path: string): string | undefined;
  /**
   * The `res://` paths of all files: what `uid://` texts mean is looked up in them, once. Without it a `uid://` is known when
   * a file was read whose heading has it, or that names it together with a path.
   */
  list?(): Iterable<string>;
}

/** The same files; a function that gives anything but texts is told so. */
export function checkedFiles(files: ProjectFiles): ProjectFiles {
  const read = (path: string): string | undefined => {
    const text: unknown = files(path);
    if (text === undefined || typeof text === 'string') return text;
    throw new TypeError(`"resources" expected to return a string or undefined, got ${shown(text)}`);
  };
  return files.list === undefined ? read : Object.assign(read, { list: () => files.list?.() ?? [] });
}
