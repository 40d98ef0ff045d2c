/** What `project.godot` says that a server needs; of an export, `project.binary`. */
import { PackedStringArray } from '../../codec/index.ts';
import { type NodeValue, type ProjectFiles, readProjectText, SceneTextError } from '../../schema/index.ts';
import { type ProjectIssue, refused, type SourcePlace, unread } from './issue.ts';
import { ProjectBinaryError, readProjectBinary } from './projectBinary.ts';

/** A scene or script that the engine loads before the main scene, below `/root`. */
export interface ProjectAutoload {
  /** The name of its node. */
  readonly name: string;
  /** The `res://` path of its scene or script. */
  readonly path: string;
  /** Whether scripts know it by its name. */
  readonly isSingleton: boolean;
}

/** What `project.godot` says; of an export, `project.binary`. */
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
 * Reads `project.binary`, and where that is not there or damaged `project.godot`, as the engine does. A project without either, and
 * one with a bad one, has no settings.
 *
 * @param ensurePath - A path for a `uid://` text.
 * @param issue - Takes what is wrong.
 */
export function readSettings(
  files: ProjectFiles,
  ensurePath: (pathOrUid: string) => string,
  issue: (issue: ProjectIssue) => void,
): ProjectSettings {
  const { file, settings } = readFile(files, issue);
  const text = (name: string): string => {
    const value = settings.get(name)?.value;
    return typeof value === 'string' ? value : '';
  };
  const names = (section: string): string[] =>
    [...settings.keys()].filter((name) => name.startsWith(section)).map((name) => name.slice(section.length));
  const pathOf = (name: string, wanted: string): string => {
    const path = ensurePath(wanted);
    if (path === '' && wanted !== '') {
      const { line, column } = settings.get(name)?.place ?? START;
      issue({ ...unread(file, `${name} is ${wanted}, which no file of the project has`), line, column });
    }
    return path;
  };
  const autoload = (section: string, name: string): ProjectAutoload => {
    const value = text(section + name);
    const isSingleton = value.startsWith('*');
    return { name, path: pathOf(section + name, isSingleton ? value.slice(1) : value), isSingleton };
  };
  const features = settings.get('application/config/features')?.value;
  const version =
    features instanceof PackedStringArray
      ? features.values.find((each) => /^\d+\.\d+$/.test(each))
      : undefined;
  return {
    name: text('application/config/name'),
    mainScene: pathOf('application/run/main_scene', text('application/run/main_scene')),
    godotVersion: version ?? '',
    autoloads: [
      // The engine puts each of these before all that it has.
      ...names(PREPEND)
        .reverse()
        .map((name) => autoload(PREPEND, name)),
      ...names(AUTOLOAD).map((name) => autoload(AUTOLOAD, name)),
    ],
    inputActions: names('input/'),
    values: new Map([...settings].map(([name, { value }]) => [name, value])),
  };
}

/** Settings with where they stand. */
interface SettingsFile {
  readonly file: string;
  readonly settings: ReadonlyMap<string, { readonly value: NodeValue; readonly place: SourcePlace }>;
}

function readFile(files: ProjectFiles, issue: (issue: ProjectIssue) => void): SettingsFile {
  const bytes = files.bytes?.(BINARY_FILE);
  const binary = bytes === undefined ? undefined : readBinary(bytes, issue);
  if (binary !== undefined) return binary;
  const text = files(TEXT_FILE);
  if (text !== undefined) return readText(text, issue);
  if (bytes === undefined) issue(unread(TEXT_FILE, 'There is no such file'));
  return { file: TEXT_FILE, settings: new Map() };
}

/** `undefined` for a damaged one: the engine looks for the text then. */
function readBinary(bytes: Uint8Array, issue: (issue: ProjectIssue) => void): SettingsFile | undefined {
  try {
    const { values, problems } = readProjectBinary(bytes);
    for (const problem of problems) issue(unread(BINARY_FILE, problem));
    return {
      file: BINARY_FILE,
      settings: new Map([...values].map(([name, value]) => [name, { value, place: START }])),
    };
  } catch (error) {
    if (!(error instanceof ProjectBinaryError)) throw error;
    issue({ ...unread(BINARY_FILE, error.message), kind: 'error' });
    return undefined;
  }
}

function readText(text: string, issue: (issue: ProjectIssue) => void): SettingsFile {
  try {
    return { file: TEXT_FILE, settings: readProjectText(text, { file: TEXT_FILE }).settings };
  } catch (error) {
    if (!(error instanceof SceneTextError)) throw error;
    issue(refused(error));
    return { file: TEXT_FILE, settings: new Map() };
  }
}

const TEXT_FILE = 'res://project.godot';
const BINARY_FILE = 'res://project.binary';
const AUTOLOAD = 'autoload/';
const PREPEND = 'autoload_prepend/';
const START: SourcePlace = { line: 1, column: 1 };
