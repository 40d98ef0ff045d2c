/** The scenes of a project as a mirror instantiates them: each is read once. */
import { nodeFromDocument } from '../document/documentConversion.ts';
import type { SceneDocument } from '../document/sceneDocument.ts';
import type { MirrorTree } from '../mirror/MirrorTree.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import type { NodeInput } from '../mirror/nodeInput.ts';
import { configOf, readSceneText } from '../tscn/readSceneText.ts';
import { type ScenePlace, SceneTextError, type SceneTextIssue } from '../tscn/SceneTextError.ts';
import type { SceneText } from '../tscn/sceneText.ts';
import { buildSceneTree } from '../tscn/sceneTree.ts';
import type { SceneTreeNode } from '../tscn/sceneTreeNode.ts';
import { sceneTextToDocument } from '../tscn/toDocument.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { CONFIG_CLASS, SceneReplicationConfig } from '../values/SceneReplicationConfig.ts';
import { parseSceneValue } from '../values/sceneValue.ts';
import type { ProjectFiles } from './projectFiles.ts';
import { UidIndex, uidOf } from './uidIndex.ts';

/** What a library is made of. */
export interface LibraryDetails {
  /** The mirror whose nodes it makes. */
  readonly mirror: MirrorTree;
  /** Makes a node without parent. */
  readonly make: (input: NodeInput) => MirrorNode;
  /** The files. */
  readonly files: ProjectFiles;
  /** Hears of what was not taken as written. */
  readonly onIssue: ((issue: SceneTextIssue) => void) | undefined;
}

/** The scenes of one mirror. */
export class SceneLibrary {
  readonly #details: LibraryDetails;
  readonly #uids: UidIndex;
  readonly #documents = new Map<string, SceneDocument>();
  readonly #configs = new Map<string, SceneReplicationConfig>();
  /** Values of documents, which nobody changes: what instances share is the same object. */
  readonly #values = new WeakMap<object, NodeValue>();
  /** Where scenes are that lie no longer where others look for them. */
  readonly #moved = new Map<string, string>();

  constructor(details: LibraryDetails) {
    this.#details = details;
    this.#uids = new UidIndex(details.files);
  }

  /** A path for a `uid://` text, `''` for an unknown one; any other text as it is. */
  ensurePath(pathOrUid: string): string {
    return pathOrUid.startsWith('uid://') ? (this.#uids.find(pathOrUid) ?? '') : pathOrUid;
  }

  /** A scene as a node without parent. @throws SceneTextError for what is no scene, is not there or contains what is not. */
  instantiate(pathOrUid: string): MirrorNode {
    const path = this.ensurePath(pathOrUid);
    const document = this.#documents.get(path) ?? this.#read(pathOrUid, path);
    this.#documents.set(path, document);
    const node = nodeFromDocument(document, {
      make: this.#details.make,
      value: (json, at) => this.value(json, at),
      instance: (scene) => this.#moved.get(scene) ?? scene,
    });
    node.instance = path;
    return node;
  }

  /** A value of a document: of replication configurations in files of their own, what is in them. */
  value(json: unknown, at: string): NodeValue {
    if (typeof json !== 'object' || json === null) return parseSceneValue(json, at);
    const known = this.#values.get(json);
    if (known !== undefined) return known;
    const parsed = parseSceneValue(json, at);
    const value = isUnreadConfig(parsed) ? this.#config(parsed) : parsed;
    this.#values.set(json, value);
    return value;
  }

  #read(pathOrUid: string, path: string): SceneDocument {
    const { files, mirror, onIssue } = this.#details;
    const start = startOf(path === '' ? pathOrUid : path);
    const text = path === '' ? undefined : files(path);
    if (text === undefined) throw missing('the file', start);
    const options = { file: path, classes: mirror.classes, onIssue };
    const scene = this.#noted(readSceneText(text, options));
    const tree = buildSceneTree(scene, {
      ...options,
      resolve: (inner, uid) => this.#resolve(inner, uid),
    });
    const unknown = findUnresolved(tree.root);
    if (unknown !== undefined) throw missing(`the scene "${unknown.instance}"`, unknown.place);
    return sceneTextToDocument(tree, options);
  }

  /** The text of a scene that another contains. Only text scenes are read: a model (`.glb`) is a node of unknown class. */
  #resolve(path: string, uid: string): string | undefined {
    const found = path.endsWith(TEXT_SCENE) ? this.#find(path, uid) : undefined;
    if (found !== undefined && found.path !== path) this.#moved.set(path, found.path);
    return found?.text;
  }

  /** A text file that another one names. As in the engine its uid counts more than its path, where both are known. */
  #find(path: string, uid: string): { readonly path: string; readonly text: string } | undefined {
    const { files } = this.#details;
    const text = files(path);
    const own = text === undefined ? '' : uidOf(text);
    this.#uids.note(own, path);
    const now = uid === '' || uid === own ? path : (this.#uids.find(uid) ?? path);
    const moved = now === path || !IS_TEXT.test(now) ? undefined : files(now);
    if (moved !== undefined) return { path: now, text: moved };
    return text === undefined ? undefined : { path, text };
  }

  #config(reference: ResourceReference): SceneReplicationConfig {
    const { kind, path, uid } = reference;
    const known = this.#configs.get(path);
    if (known !== undefined) return known;
    const found = this.#find(path, uid);
    if (found === undefined) throw missing('the file', startOf(path));
    const { onIssue } = this.#details;
    const place = startOf(found.path);
    const resource = this.#noted(readSceneText(found.text, { file: found.path, onIssue }));
    if (resource.type !== CONFIG_CLASS) {
      const got = resource.kind === 'scene' ? 'a scene' : `a ${resource.type}`;
      throw new SceneTextError('ERR_TSCN_FORMAT', `Expected a ${CONFIG_CLASS}, got ${got}`, place);
    }
    const issue = (message: string): void => onIssue?.({ ...place, message });
    const config = configOf(resource.properties, { kind, path: found.path, uid }, place, issue);
    this.#configs.set(path, config);
    return config;
  }

  /** Notes what a file says of uids. */
  #noted(text: SceneText): SceneText {
    this.#uids.note(text.uid, text.file);
    for (const { uid, path } of text.extResources.values()) this.#uids.hint(uid, path);
    return text;
  }
}

/** The first instance of a text scene that is not at hand. */
function findUnresolved(root: SceneTreeNode): SceneTreeNode | undefined {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.isUnresolved && node.instance.endsWith(TEXT_SCENE)) return node;
    waiting.push(...node.children);
  }
  return undefined;
}

function isUnreadConfig(value: NodeValue): value is ResourceReference {
  return (
    value instanceof ResourceReference &&
    value.kind === 'ExtResource' &&
    value.className === CONFIG_CLASS &&
    !(value instanceof SceneReplicationConfig)
  );
}

function missing(what: string, place: ScenePlace): SceneTextError {
  return new SceneTextError('ERR_TSCN_MISSING', `The project does not have ${what}`, place);
}

function startOf(file: string): ScenePlace {
  return { file, offset: 0, line: 1, column: 1 };
}

const TEXT_SCENE = '.tscn';
const IS_TEXT = /\.(?:tscn|tres)$/;
