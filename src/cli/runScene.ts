/** What the commands `scene` and `validate` do, without the program around them. */

import { SceneMirror } from '../../schema/SceneMirror.ts';
import type { SceneNode } from '../../schema/sceneDocument.ts';
import { sceneTextToDocument } from '../../schema/tscn/toDocument.ts';
import { validateScene } from '../../schema/validateScene.ts';
import { parseJsonFile, projectOf, readClasses, readResource, resourcePath } from './sceneFiles.ts';

/** A scene that is to be printed. */
export interface SceneRequest {
  /** Its file, `-` for the standard input. */
  readonly file: string;
  /** Its text. */
  readonly text: string;
  /** What `res://` stands for; found by itself when absent. */
  readonly project?: string | undefined;
  /** Files with class tables. */
  readonly classes?: readonly string[] | undefined;
  /** One line without spaces. */
  readonly compact?: boolean | undefined;
  /** Hears what was left out, one line each. */
  readonly warn: (text: string) => void;
}

/**
 * A text scene as JSON that a mirror takes.
 *
 * @throws SceneTextError for a malformed scene; SceneError for one that no mirror takes; SceneFileError and errors of the file
 *   system for files that cannot be used.
 */
export function sceneJson(request: SceneRequest): string {
  const { file, text, warn } = request;
  const isNamed = file !== '-';
  const project = request.project ?? projectOf(isNamed ? file : './stdin');
  const classes = readClasses(request.classes ?? []);
  const document = sceneTextToDocument(text, {
    file: isNamed ? resourcePath(project, file) : 'standard input',
    classes,
    resolve: (path) => readResource(project, path),
    onIssue: (issue) => warn(`${issue.file}:${issue.line}:${issue.column}: ${issue.message}`),
  });
  const json = JSON.stringify(document, null, request.compact === true ? 0 : 2);
  SceneMirror.fromJSON(JSON.parse(json), { classes });
  return json;
}

/**
 * Checks a scene in JSON.
 *
 * @param text - The content of the file.
 * @param classes - Files with class tables.
 * @param file - Its name, for errors.
 * @returns How many nodes it has.
 * @throws SceneError for one that is not valid; SceneFileError for what is no JSON.
 */
export function checkSceneJson(text: string, classes: readonly string[], file: string): number {
  const document = validateScene(parseJsonFile(text, file));
  SceneMirror.fromJSON(document, { classes: readClasses(classes) });
  return countOf(document.root);
}

function countOf(root: SceneNode): number {
  let count = 0;
  const left: SceneNode[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    count++;
    for (const child of node.children ?? []) left.push(child);
  }
  return count;
}
