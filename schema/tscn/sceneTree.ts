/**
 * The tree of nodes that a text scene describes, with the scenes that it contains (docs/protocol/variant-codec 9.5,
 * "Interpretation").
 */

import { DEFAULT_TEXT_LIMITS } from '../../codec/index.ts';
import { checkOptions, isIntegerIn } from '../../options/internal.ts';
import { numberedName } from '../mirror/nodeNames.ts';
import { SCENE_OPTION_NAMES } from './optionNames.ts';
import { readSceneText, type SceneTextOptions } from './readSceneText.ts';
import { type ScenePlace, SceneTextError } from './SceneTextError.ts';
import { Draft } from './sceneDraft.ts';
import type { SceneText, SceneTextNode } from './sceneText.ts';
import type { SceneTree } from './sceneTreeNode.ts';

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
 * Builds the tree of a text scene. A scene that it contains is built once, however often it is placed.
 *
 * What the engine drops or renames is dropped or renamed here, and told: nodes whose parent is gone, overrides of nodes that are
 * gone, names that a sibling has. A node that its unique id finds (Godot 4.6) is found, whatever its name is now.
 *
 * @param scene - The text of a `.tscn` file, or what `readSceneText` made of it.
 * @param options - Where other scenes come from, limits, and who hears of issues.
 * @returns The tree.
 * @throws SceneTextError for a scene that is malformed, contains itself, or is beyond a limit; TypeError or RangeError for a bad
 *   argument.
 */
export function buildSceneTree(scene: string | SceneText, options: SceneTreeOptions = {}): SceneTree {
  checkOptions(options, SCENE_OPTION_NAMES);
  const text = typeof scene === 'string' ? readSceneText(scene, options) : scene;
  if (text.kind !== 'scene') {
    throw new SceneTextError('ERR_TSCN_FORMAT', 'Expected a scene, got a resource', startOf(text.file));
  }
  const { root, size } = new Builder(options).build(text, [text.file]);
  return { root, scene: text, size };
}

/** A scene that is built, and what an instance of it costs. */
interface Model {
  readonly root: Draft;
  readonly size: number;
  readonly properties: number;
  /** Levels below the root. */
  readonly depth: number;
  /** Levels of scenes inside it. */
  readonly scenes: number;
}

class Builder {
  readonly #options: SceneTreeOptions;
  readonly #models = new Map<string, Model | undefined>();
  readonly #maxInstances: number;
  readonly #maxDepth: number;
  #nodesLeft: number;
  #propertiesLeft: number;

  constructor(options: SceneTreeOptions) {
    this.#options = options;
    this.#nodesLeft = limit('maxNodes', options.maxNodes, DEFAULT_SCENE_TREE_LIMITS.maxNodes);
    this.#propertiesLeft = limit('maxElements', options.maxElements, DEFAULT_TEXT_LIMITS.maxElements);
    this.#maxInstances = limit('maxInstances', options.maxInstances, DEFAULT_SCENE_TREE_LIMITS.maxInstances);
    this.#maxDepth = limit('maxTreeDepth', options.maxTreeDepth, DEFAULT_SCENE_TREE_LIMITS.maxTreeDepth);
  }

  /** `within`: the files of the scenes around this one, itself last. What it costs is not spent yet. */
  build(scene: SceneText, within: readonly string[]): Model {
    const [nodes, properties] = [this.#nodesLeft, this.#propertiesLeft];
    const made = new SceneBuild(scene, within);
    for (const entry of scene.nodes) this.#entry(made, entry);
    const model: Model = {
      // readSceneText refuses scenes without a node.
      root: made.root as Draft,
      size: nodes - this.#nodesLeft,
      properties: properties - this.#propertiesLeft,
      depth: made.depth,
      scenes: made.scenes,
    };
    this.#nodesLeft = nodes;
    this.#propertiesLeft = properties;
    return model;
  }

  #entry(made: SceneBuild, entry: SceneTextNode): void {
    const { root } = made;
    if (root === undefined) {
      made.root = this.#place(made, entry, undefined);
      return;
    }
    const parent = this.#find(root, entry.parent ?? '.', entry.parentIdPath, entry.place);
    if (parent === undefined) {
      const message = `the parent "${entry.parent}" of the node "${entry.name}" does not exist: left out`;
      this.#issue(message, entry.place);
      return;
    }
    if (!isOverride(entry)) {
      parent.add(this.#place(made, entry, parent), entry.index);
      return;
    }
    const named = parent.child(entry.name);
    const existing = named ?? this.#byId(parent, entry);
    if (existing !== undefined) {
      if (named === undefined) {
        const message = `the node "${entry.name}" was found by its unique id, as "${existing.path()}"`;
        this.#issue(message, entry.place);
      }
      this.#apply(existing, entry, root);
    } else if (parent.isUnresolved) {
      const node = this.#draft(entry, parent);
      node.isUnresolved = true;
      node.home = root;
      this.#apply(node, entry, root);
      parent.add(node, undefined);
    } else {
      this.#issue(`the node "${entry.name}" is not in the instanced scene: left out`, entry.place);
    }
  }

  #byId(parent: Draft, { uniqueId }: SceneTextNode): Draft | undefined {
    return uniqueId === undefined ? undefined : parent.scope().findId(uniqueId);
  }

  /** Makes a node of its own class, or an instance. */
  #place(made: SceneBuild, entry: SceneTextNode, parent: Draft | undefined): Draft {
    if (isOverride(entry)) {
      // Of a root; others are looked up.
      throw new SceneTextError('ERR_TSCN_FIELD', 'Expected a type or an instance for the root', entry.place);
    }
    const name = this.#nameOf(made.scene, entry, parent);
    const node = this.#instance(made, entry, name, parent) ?? this.#draft(entry, parent, name);
    if (entry.instance === undefined) node.type = entry.type;
    if (entry.instancePlaceholder !== undefined) {
      node.instancePlaceholder = entry.instancePlaceholder;
      node.type ??= 'InstancePlaceholder';
    }
    node.uniqueId = entry.uniqueId;
    node.home = made.root;
    node.ownerNode = made.root;
    this.#apply(node, entry, made.root);
    return node;
  }

  #instance(
    made: SceneBuild,
    entry: SceneTextNode,
    name: string,
    parent: Draft | undefined,
  ): Draft | undefined {
    if (entry.instance === undefined) return undefined;
    const { scene, within } = made;
    // readSceneText made sure that the id is one of the file's.
    const resource = scene.extResources.get(entry.instance);
    const path = resource?.path ?? '';
    if (within.includes(path)) {
      const chain = [...within.slice(within.indexOf(path)), path].join(' -> ');
      throw new SceneTextError('ERR_TSCN_INSTANCE', `The scene contains itself: ${chain}`, entry.place);
    }
    const model = this.#model(path, resource?.uid ?? '', entry.place, within);
    made.scenes = Math.max(made.scenes, 1 + (model?.scenes ?? 0));
    if (within.length - 1 + made.scenes > this.#maxInstances) throw this.#tooManyScenes(entry.place);
    if (model === undefined) {
      const node = this.#draft(entry, parent, name);
      node.isUnresolved = true;
      node.instance = path;
      return node;
    }
    this.#spend(model.size, model.properties, entry.place);
    made.depth = Math.max(made.depth, this.#checkDepth(parent, model.depth, entry.place));
    const node = Draft.copy(model.root, entry.name, name, entry.place, parent);
    node.instance = path;
    return node;
  }

  #model(path: string, uid: string, place: ScenePlace, within: readonly string[]): Model | undefined {
    if (this.#models.has(path)) return this.#models.get(path);
    if (within.length > this.#maxInstances) throw this.#tooManyScenes(place);
    const text = this.#options.resolve?.(path, uid);
    if (text !== undefined && typeof text !== 'string') {
      throw new TypeError(`"resolve" expected to return a string or undefined, got ${typeof text}`);
    }
    const scene = text === undefined ? undefined : readSceneText(text, { ...this.#options, file: path });
    if (scene !== undefined && scene.kind !== 'scene') {
      throw new SceneTextError('ERR_TSCN_FORMAT', 'Expected a scene, got a resource', startOf(path));
    }
    if (scene === undefined) this.#issue(`the scene "${path}" is not at hand: its nodes are unknown`, place);
    const model = scene === undefined ? undefined : this.build(scene, [...within, path]);
    this.#models.set(path, model);
    return model;
  }

  /** Takes over what the heading of an instance or override changes. */
  #apply(node: Draft, entry: SceneTextNode, root: Draft | undefined): void {
    this.#spend(0, entry.properties.size + entry.groups.length, entry.place);
    node.apply(entry);
    node.uniqueId ??= entry.uniqueId;
    if (entry.owner === undefined || root === undefined) return;
    const owner = this.#find(root, entry.owner, entry.ownerIdPath, entry.place, false);
    node.ownerNode = owner !== undefined && node.isBelow(owner) ? owner : undefined;
    if (owner === undefined) this.#issue(`the owner "${entry.owner}" does not exist: none`, entry.place);
    else if (node.ownerNode === undefined) {
      this.#issue(`the owner "${entry.owner}" does not lie above: none`, entry.place);
    }
  }

  /**
   * The node at a path as the engine looks for it: by names, then by unique ids. Inside an instance whose scene is not at hand
   * what nobody knows is made.
   */
  #find(
    root: Draft,
    path: string,
    ids: readonly number[] | undefined,
    place: ScenePlace,
    isMaking: boolean = true,
  ): Draft | undefined {
    let node: Draft | undefined = isFindable(path) ? root : undefined;
    for (const name of path.split('/')) {
      if (node === undefined) break;
      if (name === '' || name === '.') continue;
      const next: Draft | undefined = name === '..' ? node.parent : node.child(name);
      if (next !== undefined || !node.isUnresolved || !isMaking) {
        node = next;
        continue;
      }
      const made = this.#draft({ name, place }, node);
      made.isUnresolved = true;
      made.home = root;
      node.add(made, undefined);
      node = made;
    }
    if (node !== undefined || ids === undefined || ids.length === 0) return node;
    return ids.reduce<Draft | undefined>((above, id) => above?.scope().findId(id), root);
  }

  /** The engine does not look at names of files. But siblings of one name, and names with a slash, no path could tell apart. */
  #nameOf(
    scene: SceneText,
    { name, type, parent: path, place }: SceneTextNode,
    parent: Draft | undefined,
  ): string {
    const usable = name === '' ? (type ?? 'Node') : name.replace(/[/\0]/g, '_');
    if (usable !== name)
      this.#issue(`no path finds a node with the name "${name}": named "${usable}"`, place);
    const rival = parent?.hasName(usable) === true ? parent.child(usable) : undefined;
    if (parent === undefined || !parent.hasName(usable)) return usable;
    const later = new Set(scene.nodes.filter((entry) => entry.parent === path).map((entry) => entry.name));
    const unique = numberedName(usable, (taken) => later.has(taken) || parent.hasName(taken));
    const where = rival === undefined ? '' : `, see line ${rival.place.line}`;
    this.#issue(`there is a node "${usable}" already${where}: named "${unique}"`, place);
    return unique;
  }

  #draft(
    { name, place }: Pick<SceneTextNode, 'name' | 'place'>,
    parent: Draft | undefined,
    unique: string = name,
  ): Draft {
    this.#spend(1, 0, place);
    this.#checkDepth(parent, 0, place);
    return new Draft(name, unique, place, parent);
  }

  #spend(nodes: number, properties: number, place: ScenePlace): void {
    this.#nodesLeft -= nodes;
    this.#propertiesLeft -= properties;
    if (this.#nodesLeft < 0) {
      const most = this.#options.maxNodes ?? DEFAULT_SCENE_TREE_LIMITS.maxNodes;
      throw new SceneTextError('ERR_TSCN_TOO_LARGE', `More than ${most} nodes`, place);
    }
    if (this.#propertiesLeft < 0) {
      const most = this.#options.maxElements ?? DEFAULT_TEXT_LIMITS.maxElements;
      throw new SceneTextError('ERR_TSCN_TOO_LARGE', `More than ${most} properties and groups`, place);
    }
  }

  /** @returns How deep the deepest node below a new child lies. */
  #checkDepth(parent: Draft | undefined, below: number, place: ScenePlace): number {
    let depth = below;
    for (let above = parent; above !== undefined; above = above.parent) depth++;
    if (depth <= this.#maxDepth) return depth;
    const reason = `Nodes deeper than ${this.#maxDepth} levels`;
    throw new SceneTextError('ERR_TSCN_TOO_LARGE', reason, place);
  }

  #tooManyScenes(place: ScenePlace): SceneTextError {
    const reason = `Scenes inside scenes deeper than ${this.#maxInstances}`;
    return new SceneTextError('ERR_TSCN_INSTANCE', reason, place);
  }

  #issue(message: string, place: ScenePlace): void {
    this.#options.onIssue?.({ ...place, message });
  }
}

/** One scene while it is being built. */
class SceneBuild {
  readonly scene: SceneText;
  readonly within: readonly string[];
  root: Draft | undefined = undefined;
  depth = 0;
  scenes = 0;

  constructor(scene: SceneText, within: readonly string[]) {
    this.scene = scene;
    this.within = within;
  }
}

/** Whether an entry changes a node that another scene has. */
function isOverride({ type, instance, instancePlaceholder }: SceneTextNode): boolean {
  return type === undefined && instance === undefined && instancePlaceholder === undefined;
}

/** Absolute paths, subnames and `%Name`s find nothing in a scene that is not in the tree yet. */
function isFindable(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !/:|(^|\/)%/.test(path);
}

function startOf(file: string): ScenePlace {
  return { file, offset: 0, line: 1, column: 1 };
}

function limit(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (!isIntegerIn(value, 0, Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`"${name}" expected an integer from 0, got ${String(value)}`);
  }
  return value;
}
