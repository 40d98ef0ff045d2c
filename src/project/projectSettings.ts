/** What `project.godot` says that a server needs. */
import { PackedStringArray } from '../../codec/index.ts';
import { type NodeValue, type ProjectFiles, readProjectText, SceneTextError } from '../../schema/index.ts';
import type { ProjectIssue } from './issue.ts';

/** A scene or script that the engine loads before the main scene, below `/root`. */
export interface ProjectAutoload {
  /** The name of its node. */
  readonly name: string;
  /** The `res://` path of its scene or script. */
  readonly path: string;
  /** Whether scripts know it by its name. */
  readonly isSingleton: boolean;
}

/** What `project.godot` says. */
export interface ProjectSettings {
  /** `application/config/name`, `''` for none. */
  readonly name: string;
  /** The `res://` path of the main scene, `''` for none. */
  readonly mainScene: string;
  /** The version of the engine that the project was made for (`'4.3'`); `''` when it does not say. */
  readonly godotVersion: string;
  /** What is loaded before the main scene, in order. */
  readonly autoloads: readonly ProjectAutoload[];
  /** The names of the input map. */
  readonly inputActions: readonly string[];
  /** All settings by name, as `ProjectSettings` has them (`network/limits/tcp/connect_timeout_seconds`). INTs are bigints. */
  readonly values: ReadonlyMap<string, NodeValue>;
}

/**
 * Reads `project.godot`. A project without one, and one with a bad one, has no settings.
 *
 * @param ensurePath - A path for a `uid://` text.
 * @param issue - Takes what is wrong.
 */
export function readSettings(
  files: ProjectFiles,
  ensurePath: (pathOrUid: string) => string,
  issue: (issue: ProjectIssue) => void,
): ProjectSettings {
  const values = readValues(files, issue);
  const text = (name: string): string => {
    const value = values.get(name);
    return typeof value === 'string' ? value : '';
  };
  const names = (section: string): string[] =>
    [...values.keys()].filter((name) => name.startsWith(section)).map((name) => name.slice(section.length));
  const features = values.get('application/config/features');
  const version =
    features instanceof PackedStringArray
      ? features.values.find((each) => /^\d+\.\d+$/.test(each))
      : undefined;
  return {
    name: text('application/config/name'),
    mainScene: ensurePath(text('application/run/main_scene')),
    godotVersion: version ?? '',
    autoloads: names('autoload/').map((name) => {
      const value = text(`autoload/${name}`);
      const isSingleton = value.startsWith('*');
      return { name, path: ensurePath(isSingleton ? value.slice(1) : value), isSingleton };
    }),
    inputActions: names('input/'),
    values,
  };
}

function readValues(
  files: ProjectFiles,
  issue: (issue: ProjectIssue) => void,
): ReadonlyMap<string, NodeValue> {
  const file = 'res://project.godot';
  const text = files(file);
  if (text === undefined) {
    issue({ kind: 'unread', file, line: 1, column: 1, message: 'There is no such file' });
    return new Map();
  }
  try {
    const { settings } = readProjectText(text, { file });
    return new Map([...settings].map(([name, { value }]) => [name, value]));
  } catch (error) {
    if (!(error instanceof SceneTextError)) throw error;
    const { line, column, reason } = error;
    issue({ kind: 'error', file, line, column, message: reason });
    return new Map();
  }
}
