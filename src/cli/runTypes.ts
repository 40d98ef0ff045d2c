/** What the command `types` does, without the program around it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProject, writeTypes } from '../project/internal.ts';

/** What is said of it. */
export interface TypesResult {
  /** One line. */
  readonly text: string;
  /** The file. */
  readonly file: string;
  /** Whether the file is that of the project. */
  readonly isFresh: boolean;
  /** Whether it was written. */
  readonly isWritten: boolean;
  /** With `--check`: the scripts and scenes whose declarations differ. */
  readonly changed: readonly string[];
}

/**
 * Writes `godot.ts` into a folder, which is made when it is not there.
 *
 * @param warn - Hears what is wrong with the project, one line each.
 * @throws PackError, RangeError and errors of the file system for what cannot be read or written.
 */
export async function makeTypes(
  project: string,
  out: string,
  warn: (text: string) => void,
): Promise<TypesResult> {
  const file = join(out, FILE);
  const text = await typesOf(project, warn);
  const isSame = existsSync(file) && readText(file) === text;
  if (!isSame) {
    mkdirSync(out, { recursive: true });
    writeFileSync(file, text);
  }
  const words = isSame ? `${file} is as it was` : `wrote ${file}`;
  return { text: words, file, isFresh: true, isWritten: !isSame, changed: [] };
}

/** Whether `godot.ts` is what {@link makeTypes} would write; which declarations changed, if not. */
export async function checkTypes(
  project: string,
  out: string,
  warn: (text: string) => void,
): Promise<TypesResult> {
  const file = join(out, FILE);
  const text = await typesOf(project, warn);
  const result = { file, isFresh: false, isWritten: false, changed: [] };
  if (!existsSync(file)) return { ...result, text: `${file} is not there` };
  const before = readText(file);
  if (before === text) return { ...result, text: `${file} is that of the project`, isFresh: true };
  const changed = differences(before, text);
  const what = changed.length === 0 ? 'something around the declarations' : changed.join(', ');
  return { ...result, text: `${file} is not that of the project; changed: ${what}`, changed };
}

async function typesOf(path: string, warn: (text: string) => void): Promise<string> {
  const project = await loadProject(path);
  const { text, problems } = writeTypes(project);
  for (const { file, line, column, message, kind } of project.issues)
    if (kind === 'error') warn(`${file}:${line}:${column}: ${message}`);
  for (const problem of problems) warn(problem);
  return text;
}

/** A text with the ends of lines that are written: git may have put others into a checkout. */
function readText(file: string): string {
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
}

/** The files whose declarations are not the same. */
function differences(before: string, after: string): string[] {
  const [old, now] = [declarations(before), declarations(after)];
  const files = new Set([...old.keys(), ...now.keys()]);
  return [...files].filter((file) => old.get(file) !== now.get(file)).sort();
}

/** Each declaration by the file that its comment names. */
function declarations(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(/^(?=\/\*\* )/m)) {
    const file = /^\/\*\* [^\n]*?(res:\/\/[^\n]*?\.(?:gd|cs|tscn))/.exec(part)?.[1];
    if (file !== undefined) found.set(file, (found.get(file) ?? '') + part);
  }
  return found;
}

const FILE = 'godot.ts';
