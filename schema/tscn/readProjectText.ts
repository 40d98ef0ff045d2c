/** Reads `project.godot`, and other files of Godot's ConfigFile (`export_presets.cfg`, `*.import`). */

import { TextError, type TextResource } from '../../codec/index.ts';
import { isStackOverflow, STACK_MESSAGE, TextParser } from '../../codec/internal.ts';
import { checkOptions } from '../../options/internal.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { SCENE_OPTION_NAMES } from './optionNames.ts';
import { readKey } from './readKey.ts';
import type { SceneTextOptions } from './readSceneText.ts';
import { type ScenePlace, SceneTextError, type SceneTextErrorCode } from './SceneTextError.ts';

/** One setting of a project. */
export interface ProjectSetting {
  /** Its value, in the exact view: INTs are bigints, FLOATs `Float`s. */
  readonly value: NodeValue;
  /** Where it is. */
  readonly place: ScenePlace;
}

/** A whole file. */
export interface ProjectText {
  /** The file's name as given to the reader, `''` if none. */
  readonly file: string;
  /** `config_version`: 5 for Godot 4, 4 for Godot 3; `undefined` when it is not there, or no int. */
  readonly configVersion: number | undefined;
  /** Settings by name, `section/key` as `ProjectSettings` has them (`application/config/name`), in the order of the file. */
  readonly settings: ReadonlyMap<string, ProjectSetting>;
}

/**
 * Reads `project.godot`. Of a setting that comes twice the last value counts, at the first place.
 *
 * @param text - The content of the file. A BOM at the beginning is passed over.
 * @param options - Name, limits, and who hears of issues.
 * @throws SceneTextError for a file that is malformed or beyond a limit; TypeError or RangeError for a bad argument.
 */
export function readProjectText(text: string, options: SceneTextOptions = {}): ProjectText {
  if (typeof text !== 'string') throw new TypeError(`"text" expected a string, got ${typeof text}`);
  checkOptions(options, SCENE_OPTION_NAMES);
  const file = options.file ?? '';
  try {
    return read(text, file, options);
  } catch (error) {
    if (error instanceof TextError) throw new SceneTextError(error.code, error.reason, { ...error, file });
    if (!isStackOverflow(error)) throw error;
    const place = { file, offset: 0, line: 1, column: 1 };
    throw new SceneTextError('ERR_TEXT_TOO_DEEP', `A value is ${STACK_MESSAGE}`, place);
  }
}

function read(text: string, file: string, options: SceneTextOptions): ProjectText {
  const parser = new TextParser(text, {
    exact: true,
    isFile: true,
    maxDepth: MAX_VALUE_DEPTH,
    maxLength: options.maxLength,
    maxElements: options.maxElements,
    onIssue: (issue) => options.onIssue?.({ ...issue, file }),
    resource: reference,
    scriptPath: (resource) => String(resource.id),
  });
  const { scanner } = parser;
  const place = (offset: number): ScenePlace => ({ ...scanner.lines.place(offset), file });
  const issue = (message: string, offset: number): void => options.onIssue?.({ ...place(offset), message });
  const fail = (code: SceneTextErrorCode, reason: string, offset: number): SceneTextError =>
    new SceneTextError(code, reason, place(offset));
  if (text.startsWith('\ufeff')) scanner.at = 1;
  const settings = new Map<string, ProjectSetting>();
  let section = '';
  for (;;) {
    scanner.skipBlank();
    const start = scanner.at;
    const key = readKey(scanner, issue);
    if (key !== undefined) {
      parser.takeElement();
      const name = section === '' ? key : `${section}/${key}`;
      settings.set(name, { value: parser.next() as NodeValue, place: place(start) });
      continue;
    }
    if (scanner.at >= text.length || text.charAt(scanner.at) !== '[') break;
    // A section's name is whatever stands between the brackets.
    const end = text.indexOf(']', scanner.at);
    if (end < 0) throw fail('ERR_TEXT_SYNTAX', "Expected ']' behind the name of a section", scanner.at);
    section = text.slice(scanner.at + 1, end).trim();
    scanner.at = end + 1;
  }
  const version = settings.get('config_version')?.value;
  const configVersion = typeof version === 'bigint' ? Number(version) : undefined;
  return { file, configVersion, settings };
}

/** Settings hold no ids of other resources of the file, which has none. */
function reference({ kind, id, uid }: TextResource): ResourceReference {
  const text = String(id);
  return kind === 'Resource'
    ? new ResourceReference('ExtResource', '', { path: text, uid })
    : new ResourceReference(kind, text);
}

const MAX_VALUE_DEPTH = 512;
