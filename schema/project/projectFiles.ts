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
  /**
   * The bytes of a file by its `res://` path; `undefined` when there is none. Of an exported project some files are no texts: what
   * `uid://` texts mean is looked up in its `.godot/uid_cache.bin` first.
   */
  bytes?(path: string): Uint8Array | undefined;
}

/** The same files; a function that gives anything but texts is told so. */
export function checkedFiles(files: ProjectFiles): ProjectFiles {
  const read = (path: string): string | undefined => {
    const text: unknown = files(path);
    if (text === undefined || typeof text === 'string') return text;
    throw new TypeError(`"resources" expected to return a string or undefined, got ${shown(text)}`);
  };
  return Object.assign(
    read,
    files.list === undefined ? {} : { list: () => files.list?.() ?? [] },
    files.bytes === undefined ? {} : { bytes: (path: string) => checkedBytes(files.bytes?.(path)) },
  );
}

function checkedBytes(bytes: unknown): Uint8Array | undefined {
  if (bytes === undefined || bytes instanceof Uint8Array) return bytes;
  throw new TypeError(`"resources.bytes" expected to return a Uint8Array or undefined, got ${shown(bytes)}`);
}
