/** Text resources and project settings as JSON, with values as scene documents have them. */

import { checkOptions } from '../../options/internal.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import type { SceneValue, SceneValues } from '../values/sceneNotation.ts';
import { toSceneValue } from '../values/sceneValue.ts';
import { SCENE_OPTION_NAMES } from './optionNames.ts';
import { type ProjectText, readProjectText } from './readProjectText.ts';
import { readSceneText, type SceneTextOptions } from './readSceneText.ts';
import { SceneTextError } from './SceneTextError.ts';
import type { SceneText } from './sceneText.ts';

/** A `.tres` file as JSON. */
export interface ResourceDocument {
  /** 1. */
  readonly format: 1;
  /** What the file is. */
  readonly kind: 'resource';
  /** The resource's class. */
  readonly type: string;
  /** The `class_name` of its script. */
  readonly scriptClass?: string;
  /** The `uid://` text of the file. */
  readonly uid?: string;
  /** Its properties, in the order of the file. Resources are references, as in scene documents. */
  readonly properties: SceneValues;
  /** The resources in the file, by id. */
  readonly subResources?: { readonly [id: string]: InnerResource };
}

/** A resource inside the file of another. */
export interface InnerResource {
  /** Its class. */
  readonly type: string;
  /** Its properties, in the order of the file. */
  readonly properties: SceneValues;
}

/** `project.godot` as JSON. */
export interface ProjectDocument {
  /** 1. */
  readonly format: 1;
  /** What the file is. */
  readonly kind: 'project';
  /** Settings by name, e.g. `application/config/name`, in the order of the file. */
  readonly settings: SceneValues;
}

/**
 * Turns a text resource into JSON.
 *
 * @param resource - The text of a `.tres` file, or what `readSceneText` made of it.
 * @throws SceneTextError for a file that is malformed or a scene; TypeError or RangeError for a bad argument.
 */
export function resourceTextToDocument(
  resource: string | SceneText,
  options: SceneTextOptions = {},
): ResourceDocument {
  checkOptions(options, SCENE_OPTION_NAMES);
  const text = typeof resource === 'string' ? readSceneText(resource, options) : resource;
  if (text.kind !== 'resource') {
    const place = { file: text.file, offset: 0, line: 1, column: 1 };
    throw new SceneTextError('ERR_TSCN_FORMAT', 'Expected a resource, got a scene', place);
  }
  const inner = [...text.subResources].map(
    ([id, { type, properties }]) => [id, { type, properties: valuesOf(properties) }] as const,
  );
  return {
    format: 1,
    kind: 'resource',
    type: text.type,
    ...(text.scriptClass === '' ? {} : { scriptClass: text.scriptClass }),
    ...(text.uid === '' ? {} : { uid: text.uid }),
    properties: valuesOf(text.properties),
    ...(inner.length === 0 ? {} : { subResources: objectOf(inner) }),
  };
}

/**
 * Turns `project.godot` into JSON.
 *
 * @param project - The text of the file, or what `readProjectText` made of it.
 * @throws SceneTextError for a file that is malformed; TypeError or RangeError for a bad argument.
 */
export function projectTextToDocument(
  project: string | ProjectText,
  options: SceneTextOptions = {},
): ProjectDocument {
  checkOptions(options, SCENE_OPTION_NAMES);
  const { settings } = typeof project === 'string' ? readProjectText(project, options) : project;
  const values = [...settings].map(([name, { value }]) => [name, toSceneValue(value)] as const);
  return { format: 1, kind: 'project', settings: objectOf<SceneValue>(values) };
}

function valuesOf(values: ReadonlyMap<string, NodeValue>): SceneValues {
  return objectOf([...values].map(([name, value]) => [name, toSceneValue(value)] as const));
}

/** Without a prototype, since names come from files. */
function objectOf<T>(pairs: readonly (readonly [string, T])[]): { readonly [name: string]: T } {
  const object: Record<string, T> = Object.create(null);
  for (const [name, value] of pairs) object[name] = value;
  return object;
}
