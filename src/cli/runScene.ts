/** What the commands `scene` and `validate` do, without the program around them. */

import {
  projectTextToDocument,
  readProjectText,
  readSceneText,
  resourceTextToDocument,
  SCENE_FORMAT,
  type SceneDocument,
  SceneMirror,
  type SceneNode,
  type SceneTextOptions,
  sceneTextToDocument,
  validateScene,
} from '../../schema/index.ts';
import { readResource } from '../node/internal.ts';
import { documentChunks } from './documentChunks.ts';
import { parseJsonFile, projectOf, readClasses, resourcePath } from './sceneFiles.ts';

/** A text scene, text resource or project that is to be printed or checked. */
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
  /** Instances as references. */
  readonly keepInstances?: boolean | undefined;
  /** Hears what was left out, one line each. */
  readonly warn: (text: string) => void;
}

/** What a text file is, by its first heading. */
export type TextKind = 'scene' | 'resource' | 'project';

/**
 * A text scene as JSON that a mirror takes, in pieces; a text resource or `project.godot` as JSON of their own.
 *
 * @throws SceneTextError for a malformed file; SceneError for a scene that no mirror takes; SceneFileError and errors of the
 *   file system for files that cannot be used. Before the first piece.
 */
export function sceneChunks(request: SceneRequest): Iterable<string> {
  const indent = request.compact === true ? 0 : 2;
  const kind = kindOf(request.text, request.file);
  if (kind === 'scene') return documentChunks(sceneDocument(request), indent);
  const { options } = sourceOf(request);
  const document =
    kind === 'resource'
      ? resourceTextToDocument(request.text, options)
      : projectTextToDocument(request.text, options);
  return [JSON.stringify(document, null, indent)];
}

/**
 * Checks a text scene, text resource or project, as {@link sceneChunks} does.
 *
 * @returns What it has, e.g. `3 nodes`.
 */
export function checkText(request: SceneRequest): string {
  const kind = kindOf(request.text, request.file);
  if (kind === 'scene') return counted(countOf(sceneDocument(request).root), 'node');
  if (kind === 'project') {
    const size = readProjectText(request.text, sourceOf(request).options).settings.size;
    return `project, ${counted(size, 'setting')}`;
  }
  const { type, properties } = readSceneText(request.text, sourceOf(request).options);
  return `${type}, ${properties.size} ${properties.size === 1 ? 'property' : 'properties'}`;
}

/**
 * Checks a scene in JSON.
 *
 * @param text - The content of the file.
 * @param classes - Files with class tables.
 * @param file - Its name, for errors.
 * @returns What it has, e.g. `3 nodes`.
 * @throws SceneError for one that is not valid; SceneFileError for what is no JSON.
 */
export function checkSceneJson(text: string, classes: readonly string[], file: string): string {
  const document = validateScene(parseJsonFile(text, file));
  SceneMirror.fromJSON(document, { classes: readClasses(classes) });
  return counted(countOf(document.root), 'node');
}

/** Whether a file is text of Godot's and no JSON. */
export function isGodotText(text: string): boolean {
  return /^\ufeff?(?:\s|;[^\n]*(?:\n|$))*(?:\[\s*[a-z_]|[a-z_][\w/.]*\s*=)/i.test(text);
}

function kindOf(text: string, file: string): TextKind {
  const heading = /^\ufeff?(?:\s|;[^\n]*\n)*\[\s*(\w+)/.exec(text)?.[1];
  if (heading === 'gd_resource') return 'resource';
  if (heading === 'gd_scene') return 'scene';
  return file.endsWith('.godot') || /^\ufeff?(?:\s|;[^\n]*\n)*config_version\s*=/.test(text)
    ? 'project'
    : 'scene';
}

/** What `res://` stands for, and how the text is read. */
function sourceOf({ file, project, text, warn }: SceneRequest): {
  folder: string;
  options: SceneTextOptions;
} {
  const isNamed = file !== '-';
  const folder = project ?? projectOf(isNamed ? file : './stdin');
  return {
    folder,
    options: {
      file: isNamed ? resourcePath(folder, file) : 'standard input',
      // Files of this size were read already.
      maxLength: Math.max(text.length, 1),
      onIssue: (issue) => warn(`${issue.file}:${issue.line}:${issue.column}: ${issue.message}`),
    },
  };
}

function sceneDocument(request: SceneRequest): SceneDocument {
  const { folder, options: source } = sourceOf(request);
  // What it instances may be longer.
  const { maxLength: _, ...options } = source;
  const classes = readClasses(request.classes ?? []);
  const document = sceneTextToDocument(request.text, {
    ...options,
    classes,
    keepInstances: request.keepInstances,
    resolve: (path) => readResource(folder, path),
  });
  // Copies of a node share what they hold: one of each is enough.
  const sample = {
    format: SCENE_FORMAT,
    root: { name: 'Sample', class: 'Node', children: samplesOf(document.root) },
  };
  SceneMirror.fromJSON(JSON.parse(JSON.stringify(sample)), { classes });
  return document;
}

/** One node of each kind, by itself. */
function samplesOf(root: SceneNode): SceneNode[] {
  const samples = new Map<unknown, SceneNode>();
  for (const node of nodesOf(root)) {
    const { name: _name, owner: _owner, children: _children, ...rest } = node;
    const kind = node.properties ?? node.scriptVariables ?? node.metadata ?? node.declared ?? node.class;
    const known = samples.get(kind);
    if (known?.class !== node.class) samples.set(kind, { name: `Node${samples.size}`, ...rest });
  }
  return [...samples.values()];
}

function* nodesOf(root: SceneNode): Generator<SceneNode> {
  const left: SceneNode[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    yield node;
    for (const child of node.children ?? []) left.push(child);
  }
}

function countOf(root: SceneNode): number {
  let count = 0;
  for (const _ of nodesOf(root)) count++;
  return count;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
