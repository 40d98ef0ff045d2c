/** Reads text scenes and text resources of format 2 to 4 (docs/protocol/variant-codec 9.5). */

import { StringName, TextError, type TextResource } from '../../codec/index.ts';
import { isStackOverflow, STACK_MESSAGE, TextParser } from '../../codec/internal.ts';
import { checkOptions } from '../../options/internal.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { CONFIG_CLASS, type ConfigOrigin, SceneReplicationConfig } from '../values/SceneReplicationConfig.ts';
import { Heading } from './heading.ts';
import { SCENE_OPTION_NAMES } from './optionNames.ts';
import { readKey } from './readKey.ts';
import {
  type ScenePlace,
  SceneTextError,
  type SceneTextErrorCode,
  type SceneTextIssue,
} from './SceneTextError.ts';
import type {
  SceneText,
  SceneTextConnection,
  SceneTextExtResource,
  SceneTextNode,
  SceneTextProperties,
  SceneTextSubResource,
} from './sceneText.ts';

/** How files are read. Every option may be left out. */
export interface SceneTextOptions {
  /** The file's name for errors, its `res://` path where it has one. Default `''`. */
  readonly file?: string | undefined;
  /** The most UTF-16 units of a file. Default 67,108,864. */
  readonly maxLength?: number | undefined;
  /** The most elements of all containers, fields and properties of a file, and properties of a tree. Default 1,000,000. */
  readonly maxElements?: number | undefined;
  /** Called where something was not taken as written. The engine logs an error or warning in most of these places. */
  readonly onIssue?: ((issue: SceneTextIssue) => void) | undefined;
}

/**
 * Reads a text scene (`.tscn`) or text resource (`.tres`). Values are in the exact view: INTs are bigints, FLOATs `Float`s.
 *
 * @param text - The content of the file. A BOM at the beginning is passed over, which the engine would refuse.
 * @param options - Name, limits, and who hears of issues.
 * @returns The headings with their values.
 * @throws SceneTextError for a file that Godot would refuse or that is beyond a limit; TypeError or RangeError for a bad argument.
 */
export function readSceneText(text: string, options: SceneTextOptions = {}): SceneText {
  if (typeof text !== 'string') throw new TypeError(`"text" expected a string, got ${typeof text}`);
  checkOptions(options, SCENE_OPTION_NAMES);
  const file = options.file ?? '';
  try {
    return new Reader(text, file, options).read();
  } catch (error) {
    if (error instanceof TextError) throw new SceneTextError(error.code, error.reason, { ...error, file });
    if (isStackOverflow(error)) {
      const place = { file, offset: 0, line: 1, column: 1 };
      throw new SceneTextError('ERR_TEXT_TOO_DEEP', `A value is ${STACK_MESSAGE}`, place);
    }
    throw error;
  }
}

class Reader {
  readonly #parser: TextParser;
  readonly #file: string;
  readonly #options: SceneTextOptions;
  readonly #ext = new Map<string, SceneTextExtResource>();
  readonly #sub = new Map<string, SceneTextSubResource>();
  readonly #configs = new Map<string, SceneReplicationConfig>();
  readonly #nodes: SceneTextNode[] = [];
  readonly #connections: SceneTextConnection[] = [];
  readonly #editable: string[] = [];

  constructor(text: string, file: string, options: SceneTextOptions) {
    this.#file = file;
    this.#options = options;
    this.#parser = new TextParser(text, {
      exact: true,
      isFile: true,
      maxDepth: MAX_VALUE_DEPTH,
      maxLength: options.maxLength,
      maxElements: options.maxElements,
      onIssue: (issue) => options.onIssue?.({ ...issue, file }),
      resource: (reference, fail) => this.#resource(reference, () => fail('').offset),
      scriptPath: (reference) => {
        const found = this.#resource(reference, () => this.#parser.scanner.start);
        return found.path === '' ? reference.toString() : found.path;
      },
    });
    if (text.startsWith('\ufeff')) {
      this.#parser.scanner.at = 1;
      this.#issue('a byte order mark, which the engine refuses', 0);
    }
  }

  read(): SceneText {
    const first = this.#heading();
    if (first === undefined || (first.name !== 'gd_scene' && first.name !== 'gd_resource')) {
      const place = first?.place ?? this.#place(this.#parser.scanner.at);
      throw new SceneTextError('ERR_TSCN_FORMAT', 'Expected the heading gd_scene or gd_resource', place);
    }
    const format = first.int('format') ?? CURRENT_FORMAT;
    if (format > NEWEST_FORMAT || format < 1) {
      throw new SceneTextError(
        'ERR_TSCN_FORMAT',
        `Expected a format up to ${NEWEST_FORMAT}, got ${format}`,
        first.place,
      );
    }
    const kind = first.name === 'gd_scene' ? 'scene' : 'resource';
    let properties: SceneTextProperties = new Map();
    const type = kind === 'resource' ? first.required('type') : '';
    if (kind === 'scene') this.#scene(this.#resources());
    else properties = this.#mainResource(this.#resources());
    return {
      kind,
      file: this.#file,
      format,
      uid: first.text('uid') ?? '',
      loadSteps: this.#lenient(() => first.int('load_steps')),
      type,
      scriptClass: first.text('script_class') ?? '',
      extResources: this.#ext,
      subResources: this.#sub,
      nodes: this.#nodes,
      connections: this.#connections,
      editable: this.#editable,
      properties,
    };
  }

  /** Reads the external and then the inner resources; gives the heading behind them. */
  #resources(): Heading | undefined {
    let heading = this.#heading();
    for (; heading !== undefined && heading.name === 'ext_resource'; heading = this.#heading()) {
      const [path, type, id] = [heading.required('path'), heading.required('type'), heading.id()];
      if (this.#ext.has(id)) throw heading.fail('ERR_TSCN_RESOURCE', `The id "${id}" is taken`);
      this.#ext.set(id, { id, type, path, uid: heading.text('uid') ?? '', place: heading.place });
    }
    while (heading !== undefined && heading.name === 'sub_resource') {
      const [type, id] = [heading.required('type'), heading.id()];
      if (this.#sub.has(id)) throw heading.fail('ERR_TSCN_RESOURCE', `The id "${id}" is taken`);
      const { place } = heading;
      const properties = this.#properties();
      this.#sub.set(id, { id, type, properties, place });
      heading = this.#heading();
    }
    return heading;
  }

  #scene(first: Heading | undefined): void {
    let heading = first;
    if (heading === undefined || heading.name !== 'node') throw this.#misplaced(heading, 'a node');
    while (heading !== undefined) {
      if (heading.name === 'node') {
        this.#nodes.push(this.#node(heading));
        heading = this.#heading();
        continue;
      }
      if (heading.name === 'connection') this.#connections.push(connection(heading));
      else if (heading.name === 'editable') this.#editable.push(heading.required('path'));
      else throw this.#misplaced(heading, 'node, connection or editable');
      heading = this.#heading();
    }
  }

  #mainResource(first: Heading | undefined): SceneTextProperties {
    if (first === undefined || first.name !== 'resource')
      throw this.#misplaced(first, 'the heading resource');
    const properties = this.#properties();
    const after = this.#heading();
    if (after !== undefined) throw this.#misplaced(after, 'the end of the file');
    return properties;
  }

  #node(heading: Heading): SceneTextNode {
    // The engine takes what is no text for an empty one.
    const name = this.#lenient(() => heading.required('name')) ?? '';
    const parent = heading.text('parent');
    if (this.#nodes.length === 0 && parent !== undefined) {
      throw heading.fail('ERR_TSCN_PARENT', 'The first node is the root and has no parent');
    }
    if (this.#nodes.length > 0 && parent === undefined) {
      throw heading.fail('ERR_TSCN_PARENT', `Expected a parent for the node "${name}"`);
    }
    return {
      name,
      type: heading.text('type'),
      parent,
      owner: this.#lenient(() => heading.text('owner')),
      index: this.#lenient(() => heading.index()),
      uniqueId: this.#lenient(() => heading.int('unique_id')),
      parentIdPath: this.#lenient(() => heading.ints('parent_id_path')),
      ownerIdPath: this.#lenient(() => heading.ints('owner_uid_path')),
      nodePaths: this.#lenient(() => heading.texts('node_paths')) ?? [],
      groups: this.#groups(heading),
      instance: heading.extResource('instance'),
      instancePlaceholder: heading.text('instance_placeholder'),
      properties: this.#properties(),
      place: heading.place,
    };
  }

  /** The engine leaves out groups that are no texts. */
  #groups(heading: Heading): readonly string[] {
    const names: string[] = [];
    for (const item of this.#lenient(() => heading.list('groups')) ?? []) {
      const name = item instanceof StringName ? item.value : item;
      if (typeof name === 'string' && name !== '') names.push(name);
      else
        this.#options.onIssue?.({
          ...heading.place,
          message: 'a group that is no text, or an empty one: left out',
        });
    }
    return names;
  }

  /** A field that only describes a node: one of another type is told and counts as not there, as in the engine. */
  #lenient<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SceneTextError)) throw error;
      const { file, offset, line, column, reason } = error;
      this.#options.onIssue?.({ file, offset, line, column, message: `${reason}: left out` });
      return undefined;
    }
  }

  /** `key = value` lines up to the next heading or the end. */
  #properties(): SceneTextProperties {
    const properties = new Map<string, NodeValue>();
    const issue = (message: string, offset: number): void => this.#issue(message, offset);
    const { scanner } = this.#parser;
    for (let key = readKey(scanner, issue); key !== undefined; key = readKey(scanner, issue)) {
      this.#parser.takeElement();
      properties.set(key, this.#parser.next() as NodeValue);
    }
    return properties;
  }

  /** The next heading, or `undefined` at the end. Before a heading there are only blanks and comments. */
  #heading(): Heading | undefined {
    const parser = this.#parser;
    const { scanner } = parser;
    if (scanner.next() === 'end') return undefined;
    const place = this.#place(scanner.start);
    if (scanner.kind !== '[')
      throw this.#fail('ERR_TEXT_SYNTAX', `Expected '[', got ${scanner.describe()}`, scanner.start);
    if (scanner.next() !== 'word') throw scanner.unexpected('the name of a heading');
    let name = scanner.text;
    for (let kind = scanner.next(); kind === '.' || kind === ':'; kind = scanner.next()) {
      if (scanner.next() !== 'word') throw scanner.unexpected('a name');
      name += kind + scanner.text;
    }
    const fields = new Map<string, { readonly value: NodeValue; readonly place: ScenePlace }>();
    for (let kind: string = scanner.kind; kind !== ']'; kind = scanner.next()) {
      if (kind !== 'word') throw scanner.unexpected("a field or ']'");
      const field = scanner.text;
      const fieldPlace = this.#place(scanner.start);
      if (scanner.next() !== '=') throw scanner.unexpected("'='");
      parser.takeElement();
      fields.set(field, { value: parser.next() as NodeValue, place: fieldPlace });
    }
    return new Heading(name, place, fields);
  }

  #resource(reference: TextResource, offset: () => number): ResourceReference {
    const id = String(reference.id);
    if (reference.kind === 'Resource') {
      return new ResourceReference('ExtResource', '', { path: id, uid: reference.uid });
    }
    if (reference.kind === 'ExtResource') {
      const ext = this.#ext.get(id);
      if (ext === undefined)
        throw this.#fail('ERR_TSCN_RESOURCE', `No ext_resource has the id "${id}"`, offset());
      return new ResourceReference('ExtResource', id, { path: ext.path, uid: ext.uid, className: ext.type });
    }
    const sub = this.#sub.get(id);
    if (sub === undefined)
      throw this.#fail('ERR_TSCN_RESOURCE', `No sub_resource above has the id "${id}"`, offset());
    if (sub.type === CONFIG_CLASS) return this.#config(sub);
    return new ResourceReference('SubResource', id, { className: sub.type });
  }

  /** One object for all that refer to it. */
  #config({ id, properties, place }: SceneTextSubResource): SceneReplicationConfig {
    const config =
      this.#configs.get(id) ??
      configOf(properties, { id }, place, (message) => this.#options.onIssue?.({ ...place, message }));
    this.#configs.set(id, config);
    return config;
  }

  #misplaced(heading: Heading | undefined, expected: string): SceneTextError {
    if (heading === undefined) {
      return this.#fail(
        'ERR_TSCN_HEADING',
        `Expected ${expected}, got the end of the file`,
        this.#parser.scanner.at,
      );
    }
    return heading.fail('ERR_TSCN_HEADING', `Expected ${expected}, got the heading ${heading.name}`);
  }

  #fail(code: SceneTextErrorCode, reason: string, offset: number): SceneTextError {
    return new SceneTextError(code, reason, this.#place(offset));
  }

  #issue(message: string, offset: number): void {
    this.#options.onIssue?.({ ...this.#place(offset), message });
  }

  #place(offset: number): ScenePlace {
    return { ...this.#parser.scanner.lines.place(offset), file: this.#file };
  }
}

function connection(heading: Heading): SceneTextConnection {
  return {
    signal: heading.required('signal'),
    from: heading.required('from'),
    to: heading.required('to'),
    method: heading.required('method'),
    flags: heading.int('flags') ?? PERSIST,
    unbinds: heading.int('unbinds') ?? 0,
    binds: heading.list('binds') ?? [],
    place: heading.place,
  };
}

/** A replication configuration of a file. @throws SceneTextError for one that cannot be. */
export function configOf(
  properties: SceneTextProperties,
  origin: ConfigOrigin,
  place: ScenePlace,
  onIssue: (message: string) => void,
): SceneReplicationConfig {
  try {
    return SceneReplicationConfig.fromProperties(properties, origin, onIssue);
  } catch (error) {
    if (error instanceof RangeError) throw new SceneTextError('ERR_TSCN_RESOURCE', error.message, place);
    throw error;
  }
}

/** Half of what nodes can hold, so that no value of a file is too deep for them. */
const MAX_VALUE_DEPTH = 512;
const CURRENT_FORMAT = 4;
const NEWEST_FORMAT = 4;
const PERSIST = 2;
