/**
 * The tree of nodes that a text scene describes, with the scenes that it contains (docs/protocol/variant-codec 9.5,
 * "Interpretation").
 */
import { DEFAULT_TEXT_LIMITS } from '../../codec/text/readOptions.ts';
import type { NodeValue } from '../ownVariant.ts';
import { readSceneText, type SceneTextOptions } from './readSceneText.ts';
import { type ScenePlace, SceneTextError } from './SceneTextError.ts';
import type { SceneText, SceneTextNode } from './sceneText.ts';

/** A node of a tree. */
export interface SceneTreeNode {
  /** The node's name. */
  readonly name: string;
  /** Its class; `undefined` for an instance whose scene is not at hand, and for nodes inside such an instance. */
  readonly type: string | undefined;
  /** Properties in order, those of the instanced scene first; script and `metadata/name` among them. */
  readonly properties: ReadonlyMap<string, NodeValue>;
  /** Groups, in order, without doubles. */
  readonly groups: readonly string[];
  /** The properties whose NodePath stands for the node itself. */
  readonly nodePaths: readonly string[];
  /** The path of the scene that this node is an instance of; of a root: of the scene that it inherits. `''` for neither. */
  readonly instance: string;
  /** The path of the scene of a placeholder, `''` for none. */
  readonly instancePlaceholder: string;
  /** Whether it is an instance whose scene was not at hand, or lies in one: then it may have children that nobody lists. */
  readonly isUnresolved: boolean;
  /** The owner: a path from the root of the whole tree, `.` for that root; `undefined` for none. */
  readonly owner: string | undefined;
  /** The `unique_id` in the file that has the node, `undefined` if it has none. */
  readonly uniqueId: number | undefined;
  /** The children in order. */
  readonly children: readonly SceneTreeNode[];
  /** Where the node is described first; of an instance: where it is placed. */
  readonly place: ScenePlace;
}

/** A tree with what its file says besides. */
export interface SceneTree {
  /** The root. */
  readonly root: SceneTreeNode;
  /** The scene itself. */
  readonly scene: SceneText;
  /** How many nodes there are. */
  readonly size: number;
}

/** How trees are built. Every option may be left out. */
export interface SceneTreeOptions extends SceneTextOptions {
  /**
   * The text of another scene, or `undefined` when it is not at hand: then the instance is a reference. Called once for each
   * path. Without it every instance is a reference.
   *
   * @param path - The path as the scene has it, usually `res://…`.
   * @param uid - The `uid://` text, `''` if there is none.
   */
  readonly resolve?: ((path: string, uid: string) => string | undefined) | undefined;
  /** The most nodes altogether. Default 100,000. */
  readonly maxNodes?: number | undefined;
  /** How deep scenes may contain scenes. Default 64. */
  readonly maxInstances?: number | undefined;
  /** How deep nodes may lie below the root. Default 500. */
  readonly maxTreeDepth?: number | undefined;
}

/** The limits that hold when the options name no others. */
export const DEFAULT_SCENE_TREE_LIMITS = {
  /** Nodes altogether. */
  maxNodes: 100_000,
  /** Scenes inside scenes. */
  maxInstances: 64,
  /** Levels of nodes below the root. */
  maxTreeDepth: 500,
} as const;

/**
 * Builds the tree of a text scene.
 *
 * @param scene - The text of a `.tscn` file, or what `readSceneText` made of it.
 * @param options - Where other scenes come from, limits, and who hears of issues.
 * @returns The tree.
 * @throws SceneTextError for a scene that is malformed, contains itself, or is beyond a limit; TypeError or RangeError for a bad
 *   argument.
 */
export function buildSceneTree(scene: string | SceneText, options: SceneTreeOptions = {}): SceneTree {
  const text = typeof scene === 'string' ? readSceneText(scene, options) : scene;
  if (text.kind !== 'scene') {
    throw new SceneTextError('ERR_TSCN_FORMAT', 'Expected a scene, got a resource', startOf(text.file));
  }
  const builder = new Builder(options);
  const root = builder.build(text, [text.file]);
  const size = finish(root, options.maxTreeDepth ?? DEFAULT_SCENE_TREE_LIMITS.maxTreeDepth);
  return { root, scene: text, size };
}

/** A node while its tree is being built. */
class Draft implements SceneTreeNode {
  readonly name: string;
  type: string | undefined;
  readonly properties: Map<string, NodeValue>;
  groups: readonly string[];
  nodePaths: readonly string[];
  instance: string;
  instancePlaceholder: string;
  isUnresolved: boolean;
  owner: string | undefined;
  uniqueId: number | undefined;
  children: Draft[];
  place: ScenePlace;
  readonly parent: Draft | undefined;
  /** The owner while paths are not known yet. */
  ownerNode: Draft | undefined;
  readonly #byName: Map<string, Draft>;

  constructor(name: string, place: ScenePlace, parent: Draft | undefined) {
    this.name = name;
    this.place = place;
    this.parent = parent;
    this.type = undefined;
    this.properties = new Map();
    this.groups = [];
    this.nodePaths = [];
    this.instance = '';
    this.instancePlaceholder = '';
    this.isUnresolved = false;
    this.owner = undefined;
    this.ownerNode = undefined;
    this.uniqueId = undefined;
    this.children = [];
    this.#byName = new Map();
  }

  child(name: string): Draft | undefined {
    return this.#byName.get(name);
  }

  add(child: Draft): void {
    this.children.push(child);
    this.#byName.set(child.name, child);
  }
}

class Builder {
  readonly #options: SceneTreeOptions;
  readonly #texts = new Map<string, SceneText | undefined>();
  readonly #maxInstances: number;
  #nodesLeft: number;
  #propertiesLeft: number;

  constructor(options: SceneTreeOptions) {
    this.#options = options;
    this.#nodesLeft = limit('maxNodes', options.maxNodes, DEFAULT_SCENE_TREE_LIMITS.maxNodes);
    this.#propertiesLeft = limit('maxElements', options.maxElements, DEFAULT_TEXT_LIMITS.maxElements);
    this.#maxInstances = limit('maxInstances', options.maxInstances, DEFAULT_SCENE_TREE_LIMITS.maxInstances);
    limit('maxTreeDepth', options.maxTreeDepth, DEFAULT_SCENE_TREE_LIMITS.maxTreeDepth);
  }

  /** `within`: the files of the scenes around this one, itself last. */
  build(scene: SceneText, within: readonly string[], name?: string, parent?: Draft): Draft {
    let root: Draft | undefined;
    for (const entry of scene.nodes) {
      if (root === undefined) root = this.#place(scene, entry, within, undefined, parent, name);
      else this.#entry(scene, entry, within, root);
    }
    // readSceneText refuses scenes without a node.
    return root as Draft;
  }

  #entry(scene: SceneText, entry: SceneTextNode, within: readonly string[], root: Draft): void {
    const parent = this.#find(root, entry.parent ?? '.', entry);
    const isOverride =
      entry.type === undefined && entry.instance === undefined && entry.instancePlaceholder === undefined;
    const existing = parent.child(entry.name);
    if (!isOverride) {
      if (existing !== undefined) {
        const reason = `There is a node "${entry.name}" already, see line ${existing.place.line}`;
        throw new SceneTextError('ERR_TSCN_NAME', reason, entry.place);
      }
      const node = this.#place(scene, entry, within, root, parent);
      parent.add(node);
      moveTo(parent, node, entry.index);
      return;
    }
    if (existing !== undefined) {
      this.#apply(existing, entry, root);
      moveTo(parent, existing, entry.index);
    } else if (parent.isUnresolved) {
      const node = this.#draft(entry.name, entry.place, parent);
      node.isUnresolved = true;
      this.#apply(node, entry, root);
      parent.add(node);
    } else {
      this.#issue(`the node "${entry.name}" is not in the instanced scene: left out`, entry.place);
    }
  }

  /** Makes a node of its own class, or an instance. */
  #place(
    scene: SceneText,
    entry: SceneTextNode,
    within: readonly string[],
    root: Draft | undefined,
    parent: Draft | undefined,
    name: string = entry.name,
  ): Draft {
    checkName(entry);
    const instanced =
      entry.instance === undefined ? undefined : this.#instance(scene, entry, within, name, parent);
    const node = instanced ?? this.#draft(name, entry.place, parent);
    if (instanced === undefined) node.type = entry.type;
    if (entry.type === undefined && entry.instance === undefined && entry.instancePlaceholder === undefined) {
      throw new SceneTextError('ERR_TSCN_FIELD', 'Expected a type or an instance for the root', entry.place);
    }
    if (entry.instancePlaceholder !== undefined) {
      node.instancePlaceholder = entry.instancePlaceholder;
      node.type ??= 'InstancePlaceholder';
    }
    node.ownerNode = root;
    this.#apply(node, entry, root);
    return node;
  }

  #instance(
    scene: SceneText,
    entry: SceneTextNode,
    within: readonly string[],
    name: string,
    parent: Draft | undefined,
  ): Draft {
    // readSceneText made sure that the id is one of the file's.
    const resource = scene.extResources.get(entry.instance ?? '');
    const path = resource?.path ?? '';
    if (within.includes(path)) {
      const chain = [...within.slice(within.indexOf(path)), path].join(' -> ');
      throw new SceneTextError('ERR_TSCN_INSTANCE', `The scene contains itself: ${chain}`, entry.place);
    }
    if (within.length > this.#maxInstances) {
      const reason = `Scenes inside scenes deeper than ${this.#maxInstances}`;
      throw new SceneTextError('ERR_TSCN_INSTANCE', reason, entry.place);
    }
    const inner = this.#text(path, resource?.uid ?? '', entry.place);
    if (inner === undefined) {
      const node = this.#draft(name, entry.place, parent);
      node.isUnresolved = true;
      node.instance = path;
      return node;
    }
    const node = this.build(inner, [...within, path], name, parent);
    node.instance = path;
    node.place = entry.place;
    return node;
  }

  #text(path: string, uid: string, place: ScenePlace): SceneText | undefined {
    if (this.#texts.has(path)) return this.#texts.get(path);
    const text = this.#options.resolve?.(path, uid);
    if (text !== undefined && typeof text !== 'string') {
      throw new TypeError(`"resolve" expected to return a string or undefined, got ${typeof text}`);
    }
    const scene = text === undefined ? undefined : readSceneText(text, { ...this.#options, file: path });
    if (scene !== undefined && scene.kind !== 'scene') {
      throw new SceneTextError('ERR_TSCN_FORMAT', 'Expected a scene, got a resource', startOf(path));
    }
    if (scene === undefined) this.#issue(`the scene "${path}" is not at hand: its nodes are unknown`, place);
    this.#texts.set(path, scene);
    return scene;
  }

  /** Takes over what the heading of an instance or override changes. */
  #apply(node: Draft, entry: SceneTextNode, root: Draft | undefined): void {
    this.#propertiesLeft -= entry.properties.size + entry.groups.length;
    if (this.#propertiesLeft < 0) {
      const most = this.#options.maxElements ?? DEFAULT_TEXT_LIMITS.maxElements;
      throw new SceneTextError('ERR_TSCN_TOO_LARGE', `More than ${most} properties and groups`, entry.place);
    }
    for (const [name, value] of entry.properties) node.properties.set(name, value);
    if (entry.groups.length > 0) node.groups = [...new Set([...node.groups, ...entry.groups])];
    if (entry.nodePaths.length > 0) node.nodePaths = [...new Set([...node.nodePaths, ...entry.nodePaths])];
    node.uniqueId ??= entry.uniqueId;
    if (entry.owner === undefined || root === undefined) return;
    const owner = lookUp(root, entry.owner);
    if (owner === undefined) this.#issue(`the owner "${entry.owner}" does not exist`, entry.place);
    else node.ownerNode = owner;
  }

  #find(root: Draft, path: string, entry: SceneTextNode): Draft {
    let node = root;
    for (const name of namesOf(path)) {
      let next = node.child(name);
      if (next === undefined) {
        if (!node.isUnresolved) {
          const reason = `The parent "${path}" of the node "${entry.name}" does not exist`;
          throw new SceneTextError('ERR_TSCN_PARENT', reason, entry.place);
        }
        next = this.#draft(name, entry.place, node);
        next.isUnresolved = true;
        node.add(next);
      }
      node = next;
    }
    return node;
  }

  #draft(name: string, place: ScenePlace, parent: Draft | undefined): Draft {
    if (this.#nodesLeft-- > 0) return new Draft(name, place, parent);
    const most = this.#options.maxNodes ?? DEFAULT_SCENE_TREE_LIMITS.maxNodes;
    throw new SceneTextError('ERR_TSCN_TOO_LARGE', `More than ${most} nodes`, place);
  }

  #issue(message: string, place: ScenePlace): void {
    this.#options.onIssue?.({ ...place, message });
  }
}

function lookUp(root: Draft, path: string): Draft | undefined {
  let node: Draft | undefined = root;
  for (const name of namesOf(path)) node = node?.child(name);
  return node;
}

/** The names of a path below the root; `.` and `./` stand for the root. */
function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function moveTo(parent: Draft, node: Draft, index: number | undefined): void {
  if (index === undefined || index < 0 || index >= parent.children.length - 1) return;
  const from = parent.children.lastIndexOf(node);
  if (from === index) return;
  parent.children.splice(from, 1);
  parent.children.splice(index, 0, node);
}

/** The engine does not look at names in files; but these no path could reach, except those that it made up itself. */
function checkName(entry: SceneTextNode): void {
  if ((entry.name !== '' && !/[./:@%"\0]/.test(entry.name)) || MADE_UP.test(entry.name)) return;
  throw new SceneTextError('ERR_TSCN_NAME', `No node can have the name "${entry.name}"`, entry.place);
}

/** Turns owners into paths; counts the nodes. */
function finish(root: Draft, maxDepth: number): number {
  const paths = new Map<Draft, string>([[root, '.']]);
  let level: Draft[] = [root];
  let size = 0;
  for (let depth = 0; level.length > 0; depth++) {
    const below: Draft[] = [];
    for (const node of level) {
      size++;
      if (depth > maxDepth) {
        throw new SceneTextError('ERR_TSCN_TOO_LARGE', `Nodes deeper than ${maxDepth} levels`, node.place);
      }
      const path = paths.get(node) ?? '.';
      for (const child of node.children) {
        paths.set(child, path === '.' ? child.name : `${path}/${child.name}`);
        below.push(child);
      }
      if (node.ownerNode !== undefined) node.owner = paths.get(node.ownerNode);
    }
    level = below;
  }
  return size;
}

function startOf(file: string): ScenePlace {
  return { file, offset: 0, line: 1, column: 1 };
}

function limit(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`"${name}" expected an integer from 0, got ${String(value)}`);
  }
  return value;
}

/** What the engine calls nodes without a name. */
const MADE_UP = /^@[A-Za-z0-9_]+@\d+$/;
