/** Where the scenes and class tables of a Godot project are on the disk. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { JsonError, parseJson } from '../../codec/index.ts';
import { ClassTable, type ClassTableJson } from '../../schema/index.ts';

/** A file that cannot be used; the message is for people and names it. */
export class SceneFileError extends Error {}

/** The folder that `res://` stands for: the nearest one upward with a `project.godot`, else the file's own. */
export function projectOf(file: string): string {
  const own = dirname(resolve(file));
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'project.godot'))) return folder;
    if (dirname(folder) === folder) return own;
  }
}

/** The `res://` path of a file in a project, or the path as it was given when the file lies elsewhere. */
export function resourcePath(project: string, file: string): string {
  const inside = relative(resolve(project), resolve(file));
  if (inside === '' || inside.startsWith('..') || resolve(inside) === inside) return file;
  return `res://${inside.split(sep).join('/')}`;
}

/** The table of Godot 4.6 with the tables of these files above it, the last one on top. @throws SceneFileError */
export function readClasses(files: readonly string[]): ClassTable {
  let table = ClassTable.GODOT_4_6;
  for (const file of files) {
    const json = parseJsonFile(readFileSync(file, 'utf8'), file);
    try {
      // A type edge: ClassTable checks it.
      table = ClassTable.from(json as ClassTableJson, table);
    } catch (error) {
      if (error instanceof Error) throw new SceneFileError(`${file}: ${error.message}`);
      throw error;
    }
  }
  return table;
}

/** Parsed JSON. @throws SceneFileError with line and column. */
export function parseJsonFile(text: string, file: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SceneFileError(`${file}${placeOfProblem(text)}: no JSON: ${error.message}`);
  }
}

/**
 * `:line:column` of what is no JSON, where that is known: JavaScript engines tell it in different words, or not at all;
 * Godot's parser tells it, but for what it is lenient with.
 */
function placeOfProblem(text: string): string {
  try {
    parseJson(text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text);
    return '';
  } catch (error) {
    if (error instanceof JsonError) return `:${error.line}:${error.column}`;
    throw error;
  }
}
