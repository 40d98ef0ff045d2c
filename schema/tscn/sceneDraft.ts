/** The nodes of a tree while it is being built. Scenes that are placed often are built once: instances share what is in them. */
import type { NodeValue } from '../values/ownVariant.ts';
import type { ScenePlace } from './SceneTextError.ts';
import type { SceneTextNode, SceneTextProperties } from './sceneText.ts';
import type { SceneTreeNode } from './sceneTreeNode.ts';

/** A node of a tree. Its properties, groups and children are those of its model until something of them is changed here. */
export class Draft implements SceneTreeNode {
  name: string;
  /** The name by which paths of files find it: two nodes may have the same there. */
  readonly fileName: string;
  type: string | undefined = undefined;
  properties: ReadonlyMap<string, NodeValue> = NO_PROPERTIES;
  ownProperties: ReadonlyMap<string, NodeValue> = NO_PROPERTIES;
  groups: readonly string[] = NO_NAMES;
  ownGroups: readonly string[] = NO_NAMES;
  nodePaths: readonly string[] = NO_NAMES;
  instance = '';
  instancePlaceholder = '';
  isUnresolved = false;
  isFromInstance = false;
  isChanged = false;
  uniqueId: number | undefined = undefined;
  place: ScenePlace;
  readonly parent: Draft | undefined;
  /** The root of the scene whose file has it; `undefined` for that root itself. */
  home: Draft | undefined = undefined;
  /** Its owner, which lies above. */
  ownerNode: Draft | undefined = undefined;
  /** The node of the instanced scene that it is a copy of, as long as its children were not asked for. */
  #model: Draft | undefined = undefined;
  #children: Draft[] = [];
  /** The children by the names of files; made when first needed. */
  #byName: Map<string, Draft> | undefined = undefined;

  constructor(fileName: string, name: string, place: ScenePlace, parent: Draft | undefined) {
    this.fileName = fileName;
    this.name = name;
    this.place = place;
    this.parent = parent;
  }

  /** A node as it is in an instanced scene, with another name, place and parent; what is below it comes when it is asked for. */
  static copy(
    model: Draft,
    fileName: string,
    name: string,
    place: ScenePlace,
    parent: Draft | undefined,
  ): Draft {
    const copy = new Draft(fileName, name, place, parent);
    copy.type = model.type;
    copy.properties = model.properties;
    copy.groups = model.groups;
    copy.nodePaths = model.nodePaths;
    copy.instance = model.instance;
    copy.instancePlaceholder = model.instancePlaceholder;
    copy.isUnresolved = model.isUnresolved;
    copy.#model = model;
    return copy;
  }

  get children(): readonly Draft[] {
    const model = this.#model;
    if (model !== undefined) {
      this.#model = undefined;
      for (const child of model.children) this.#children.push(this.#copyChild(child));
    }
    return this.#children;
  }

  get owner(): string | undefined {
    return this.ownerNode?.path();
  }

  /** The way from the root of the whole tree; `.` for that root. */
  path(): string {
    const names: string[] = [];
    for (let node: Draft = this; node.parent !== undefined; node = node.parent) names.push(node.name);
    return names.length === 0 ? '.' : names.reverse().join('/');
  }

  /** The last child with this name in its file. */
  child(fileName: string): Draft | undefined {
    this.#byName ??= new Map(this.children.map((child) => [child.fileName, child]));
    return this.#byName.get(fileName);
  }

  /** Whether a child has this name in the tree. */
  hasName(name: string): boolean {
    return this.child(name) !== undefined || this.children.some((child) => child.name === name);
  }

  /** Adds a child, at a place among the others if it is one before the last. */
  add(child: Draft, index: number | undefined): void {
    const { length } = this.children;
    if (index === undefined || index < 0 || index >= length) this.#children.push(child);
    else this.#children.splice(index, 0, child);
    this.#byName?.set(child.fileName, child);
    this.markChanged();
  }

  /** Takes over properties and groups of the file that is being read. */
  apply({ properties, groups, nodePaths }: SceneTextNode): void {
    this.properties = joined(this.properties, properties);
    this.ownProperties = joined(this.ownProperties, properties);
    this.groups = union(this.groups, groups);
    this.ownGroups = union(this.ownGroups, groups);
    this.nodePaths = union(this.nodePaths, nodePaths);
    this.markChanged();
  }

  /** Whether a node lies above this one. */
  isBelow(node: Draft): boolean {
    for (let above = this.parent; above !== undefined; above = above.parent) if (above === node) return true;
    return false;
  }

  /** The root of the scene in which the unique ids of its children count. */
  scope(): Draft {
    return this.isSceneRoot() ? this : (this.home ?? this);
  }

  /** The node with a unique id in the scene of which this is the root. */
  findId(id: number): Draft | undefined {
    const waiting = [...this.children];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (node.home === this && node.uniqueId === id) return node;
      waiting.push(...node.children);
    }
    return undefined;
  }

  isSceneRoot(): boolean {
    return this.home === undefined || (this.instance !== '' && !this.isUnresolved);
  }

  markChanged(): void {
    for (let node: Draft | undefined = this; node !== undefined && !node.isChanged; node = node.parent) {
      node.isChanged = true;
    }
  }

  #copyChild(model: Draft): Draft {
    const copy = Draft.copy(model, model.fileName, model.name, model.place, this);
    copy.isFromInstance = true;
    copy.uniqueId = model.uniqueId;
    copy.home = copy.#counterpart(model, model.home);
    copy.ownerNode = copy.#counterpart(model, model.ownerNode);
    return copy;
  }

  /** The node above this one that stands where `wanted` stands above the model. */
  #counterpart(model: Draft, wanted: Draft | undefined): Draft | undefined {
    let own = this.parent;
    for (let above = model.parent; above !== undefined && own !== undefined; above = above.parent) {
      if (above === wanted) return own;
      own = own.parent;
    }
    return undefined;
  }
}

/** The same map when nothing is added, so that what is made of one map can be used for all nodes that have it. */
function joined(
  old: ReadonlyMap<string, NodeValue>,
  added: SceneTextProperties,
): ReadonlyMap<string, NodeValue> {
  if (added.size === 0) return old;
  return old.size === 0 ? added : new Map([...old, ...added]);
}

function union(old: readonly string[], added: readonly string[]): readonly string[] {
  return added.length === 0 ? old : [...new Set([...old, ...added])];
}

const NO_PROPERTIES: ReadonlyMap<string, NodeValue> = new Map();
const NO_NAMES: readonly string[] = [];
