/** Where a mirror gets the files of a Godot project from. Nothing here reads any. */

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
