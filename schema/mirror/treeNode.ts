/**
 * A node's place in the tree of a scene mirror: names, parents and children, owners, paths, and when something changed.
 * Names follow Godot's rules as far as they are known (nodeNames.ts); no golden file shows the made-up ones.
 */
import { NodePath } from '../../codec/index.ts';
import { shown } from '../values/shown.ts';
import { asPath } from './nodeArguments.ts';
import { numberedName, validNodeName } from './nodeNames.ts';
import type { TreeLink } from './treeLink.ts';
import type { TreeWatchers } from './treeWatch.ts';

/** For documents: gives a node without parent a name that no other way can: made up by the engine, or read from a file. */
export let restoreName: <N extends TreeNode<N>>(node: TreeNode<N>, name: string) => void;

/**
 * For rules of setters and for subclasses: notes that something of a node was changed, and tells those who listen. Nobody
 * else can say so: what a mirror tells has happened.
 */
export let touch: <N extends TreeNode<N>>(node: TreeNode<N>, name: string) => void;

/** For subclasses: who has to know at once what happens in the node's tree. */
export let watchersOf: <N extends TreeNode<N>>(node: TreeNode<N>) => TreeWatchers<N>;

/**
 * For subclasses: adds a new node below another one. `isReadable`: counts a name up that is taken instead of making one up.
 * @throws RangeError for an owner that does not lie above; nothing is added then.
 */
export let addNew: <N extends TreeNode<N>>(
  parent: TreeNode<N>,
  node: N,
  isReadable: boolean,
  owner: N | undefined,
) => void;

/** What every node is in its tree; `N`: what the nodes of the tree are. */
export abstract class TreeNode<N extends TreeNode<N>> {
  /** The id that stands for this node where packets hold objects. Of this process alone. */
  readonly instanceId: bigint;
  readonly #link: TreeLink<N>;
  readonly #children = new Map<string, N>();
  readonly #revisions = new Map<string, number>();
  #revision: number;
  #name: string;
  #parent: N | undefined;
  #owner: N | undefined;
  /** Whether it hangs below the root; of the root itself nobody says so. */
  #isBelowRoot = false;
  #isFreed = false;

  /** @internal */
  protected constructor(link: TreeLink<N>, name: string) {
    this.#link = link;
    this.#name = name;
    this.instanceId = link.nextInstanceId();
    this.#revision = link.nextRevision();
  }

  static {
    restoreName = (node, name) => {
      node.#name = name;
    };
    touch = (node, name) => node.#touch(name);
    watchersOf = (node) => node.#link.watchers;
    addNew = (parent, node, isReadable, owner) => parent.#addNew(node, isReadable, owner);
  }

  /** The node's name. */
  get name(): string {
    return this.#name;
  }

  /** As {@link MirrorNode.rename}. */
  set name(name: string) {
    this.rename(name);
  }

  // --- The tree -----------------------------------------------------------------------------------------------

  /** The node above, or `undefined`. */
  getParent(): N | undefined {
    return this.#parent;
  }

  /** The nodes below, in order. */
  getChildren(): N[] {
    return [...this.#children.values()];
  }

  /** How many nodes are directly below. */
  getChildCount(): number {
    return this.#children.size;
  }

  /** A child by its place, from the end when negative; `undefined` when there is none. */
  getChild(index: number): N | undefined {
    return this.getChildren().at(index);
  }

  /** The child with this name. */
  findChild(name: string): N | undefined {
    return this.#children.get(name);
  }

  /** This node and everything below it, parents before children. */
  *walk(): Generator<N> {
    const waiting: N[] = [this.self()];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      yield node;
      const children = node.getChildren();
      for (let i = children.length - 1; i >= 0; i--) {
        const child = children[i];
        if (child !== undefined) waiting.push(child);
      }
    }
  }

  /** Whether it hangs below the mirror's root. */
  isInsideTree(): boolean {
    return this.#isBelowRoot || this.self() === this.#link.root;
  }

  /** Whether it lies somewhere above a node. */
  isAncestorOf(node: N): boolean {
    if (!(node instanceof TreeNode)) throw new TypeError(`"node" expected a MirrorNode, got ${shown(node)}`);
    for (let above = node.#parent; above !== undefined; above = above.#parent)
      if (above === this.self()) return true;
    return false;
  }

  /** The absolute path, e.g. `/root/Main`; an empty one outside of the tree, as packets hold it. */
  getPath(): NodePath {
    if (!this.isInsideTree()) return new NodePath('');
    const names: string[] = [];
    for (let node: TreeNode<N> | undefined = this; node !== undefined; node = node.#parent)
      names.push(node.#name);
    return new NodePath(names.reverse(), [], true);
  }

  /**
   * The node at a path: absolute from `/root`, or relative with names, `.`, `..` and `%UniqueName`. Subnames are not
   * looked at.
   *
   * @returns `undefined` when there is none.
   */
  getNode(path: NodePath | string): N | undefined {
    const { names, absolute } = asPath(path);
    let node: N | undefined = this.self();
    let rest: readonly string[] = names;
    if (absolute) {
      const { root } = this.#link;
      if (!this.isInsideTree() || names[0] !== root.#name) return undefined;
      node = root;
      rest = names.slice(1);
    } else if (names.length === 0) {
      return undefined;
    }
    for (const name of rest) {
      node = node.#step(name);
      if (node === undefined) return undefined;
    }
    return node;
  }

  /**
   * Takes a child out of the tree. It lives on without a parent and can be added again with {@link MirrorNode.attach}.
   * @throws RangeError when it is no child of this node.
   */
  removeChild(child: N): void {
    if (!(child instanceof TreeNode) || child.#parent !== this.self()) {
      throw new RangeError('"child" expected a child of this node, got another one');
    }
    this.#link.during(() => {
      if (this.isInsideTree()) this.#link.watchers.branchExiting(child);
      this.#children.delete(child.#name);
      child.#parent = undefined;
      // As in the engine: an owner that is no ancestor any more is none.
      for (const node of child.walk()) {
        node.#isBelowRoot = false;
        if (node.#owner !== undefined && !node.#owner.isAncestorOf(node)) node.#owner = undefined;
      }
      this.#touch(CHILDREN);
      if (this.isInsideTree()) this.#link.emit('nodeRemoved', child, this.self());
    });
  }

  /** Takes this node out of the tree, if it has a parent. */
  remove(): void {
    this.#parent?.removeChild(this.self());
  }

  /**
   * Takes this node out of the tree for good, with everything below it, as Godot's `free()`: what remembers it looks for
   * another one at its path.
   * @throws RangeError for the root.
   */
  free(): void {
    this.#checkDeletable();
    this.remove();
    for (const node of this.walk()) node.#isFreed = true;
  }

  /**
   * Marks this node: it is freed at the end of the mirror's next {@link MirrorTree.process} or
   * {@link MirrorTree.flushDeletions}, in the tree or not. Twice is as good as once.
   * @throws RangeError for the root.
   */
  queueFree(): void {
    this.#checkDeletable();
    if (!this.#isFreed) this.#link.deletions.add(this.self());
  }

  /** Whether {@link MirrorNode.queueFree} was called for it, and it is not freed yet. Nodes below it are not marked. */
  isQueuedForDeletion(): boolean {
    return this.#link.deletions.has(this.self());
  }

  /** Whether {@link MirrorNode.free} was called for it, or for a node above it. */
  get isFreed(): boolean {
    return this.#isFreed;
  }

  /**
   * Adds a node that was removed before.
   * @throws RangeError when it has a parent, is of another mirror, or lies above this node.
   */
  attach(node: N, forceReadableName: boolean = false): void {
    this.#checkNewChild(node);
    if (node.#parent !== undefined)
      throw new RangeError('"node" expected a node without parent, got one that has one');
    this.#link.during(() => {
      this.#adopt(node, forceReadableName);
      this.#tellAdded(node);
    });
  }

  /**
   * Moves this node below another one, behind its children. Groups, owner (if it still lies above) and everything below
   * move along.
   *
   * @param parent - The new parent.
   * @param keepGlobalTransform - As Godot's `reparent`: Node2D and Node3D stay where they are on the screen.
   */
  reparent(parent: N, keepGlobalTransform: boolean = true): void {
    if (!(parent instanceof TreeNode))
      throw new TypeError(`"parent" expected a MirrorNode, got ${typeof parent}`);
    const self = this.self();
    parent.#checkNewChild(self);
    const from = this.#parent;
    if (from === undefined) throw new RangeError('reparent expected a node with a parent: use attach');
    if (from === parent) {
      // As in the engine: where it is is worked out once more.
      if (keepGlobalTransform) this.#link.moveTo(self, this.#link.globalPlaceOf(self));
      return;
    }
    this.#link.during(() => {
      const global = keepGlobalTransform ? this.#link.globalPlaceOf(self) : undefined;
      const owners = [...this.walk()].map((node) => [node, node.#owner] as const);
      if (this.isInsideTree()) this.#link.watchers.branchExiting(self);
      from.#children.delete(this.#name);
      from.#touch(CHILDREN);
      parent.#adopt(self, false);
      for (const [node, owner] of owners)
        node.#owner = owner?.isAncestorOf(node) === true ? owner : undefined;
      if (parent.isInsideTree()) this.#link.comeIn(self);
      if (keepGlobalTransform) this.#link.moveTo(self, global);
      if (this.isInsideTree()) this.#link.watchers.branchEntered(self);
      this.#link.emit('nodeMoved', self, from);
    });
  }

  /** Moves a child to another place among its siblings, from the end when negative. */
  moveChild(child: N, index: number): void {
    if (!(child instanceof TreeNode) || child.#parent !== this.self())
      throw new RangeError('"child" expected a child of this node, got another one');
    if (!Number.isInteger(index)) throw new TypeError(`"index" expected an integer, got ${shown(index)}`);
    const size = this.#children.size;
    const to = index < 0 ? index + size : index;
    if (to < 0 || to >= size) throw new RangeError(`"index" expected ${-size}..${size - 1}, got ${index}`);
    const order = this.getChildren().filter((node) => node !== child);
    order.splice(to, 0, child);
    this.#children.clear();
    for (const node of order) this.#children.set(node.#name, node);
    this.#touch(CHILDREN);
  }

  /**
   * Gives the node another name by Godot's rules: invalid characters become `_`, a name that a sibling has counts up.
   * @returns The name that it got.
   */
  rename(name: string): string {
    const valid = validNodeName(name);
    const siblings = this.#parent === undefined ? undefined : this.#parent.#children;
    const unique = numberedName(
      valid,
      (taken) => siblings?.has(taken) === true && siblings.get(taken) !== this.self(),
    );
    const old = this.#name;
    if (unique === old) return unique;
    if (siblings !== undefined) {
      // The order of siblings stays.
      const order = [...siblings.values()];
      siblings.clear();
      this.#name = unique;
      for (const node of order) siblings.set(node.#name, node);
    } else {
      this.#name = unique;
    }
    this.#link.during(() => {
      this.#touch(NAME);
      this.#link.emit('nodeRenamed', this.self(), old);
    });
    return unique;
  }

  /** The node that this one is saved with, and whose `%UniqueName`s it is part of; `undefined` for none. */
  get owner(): N | undefined {
    return this.#owner;
  }

  /** @throws RangeError for a node that does not lie above. */
  set owner(owner: N | undefined) {
    if (owner !== undefined) this.#checkOwner(owner);
    this.#owner = owner;
    this.#touch(OWNER);
  }

  // --- Changes ------------------------------------------------------------------------------------------------

  /** The number of its latest change; compare with the mirror's. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * What was changed after a revision of the mirror: names of properties (`metadata/x` too; `position`, `rotation`, `scale`,
   * `skew` or `transform` for what moved) and the parts `$name`, `$groups`, `$owner`, `$children`.
   */
  changesSince(revision: number): string[] {
    if (this.#revision <= revision) return [];
    const names: string[] = [];
    for (const [name, changed] of this.#revisions) if (changed > revision) names.push(name);
    return names;
  }

  /** This node, known as what it is. @internal */
  protected abstract self(): N;

  // --- Inside -------------------------------------------------------------------------------------------------

  #touch(name: string): void {
    this.#revision = this.#link.nextRevision();
    // The latest change comes last.
    this.#revisions.delete(name);
    this.#revisions.set(name, this.#revision);
    if (this.isInsideTree()) this.#link.emit('changed', this.self(), name);
  }

  #addNew(node: N, isReadable: boolean, owner: N | undefined): void {
    if (owner !== undefined && owner !== this.self()) this.#checkOwner(owner);
    this.#link.during(() => {
      this.#adopt(node, isReadable);
      if (owner !== undefined) node.owner = owner;
      this.#tellAdded(node);
    });
  }

  #adopt(node: N, isReadable: boolean): void {
    const isTaken = (name: string): boolean => this.#children.has(name);
    if (isTaken(node.#name) && isReadable) node.#name = numberedName(node.#name, isTaken);
    while (isTaken(node.#name)) node.#name = this.#link.makeName(node);
    this.#children.set(node.#name, node);
    node.#parent = this.self();
    const isInside = this.isInsideTree();
    if (isInside || node.#isBelowRoot) for (const below of node.walk()) below.#isBelowRoot = isInside;
    this.#touch(CHILDREN);
  }

  #tellAdded(node: N): void {
    if (!this.isInsideTree()) return;
    this.#link.emit('nodeAdded', node);
    this.#link.comeIn(node);
    this.#link.watchers.branchEntered(node);
  }

  #checkDeletable(): void {
    if (this.self() === this.#link.root) throw new RangeError('expected another node than the root to free');
  }

  #checkOwner(owner: N): void {
    if (!(owner instanceof TreeNode) || !owner.isAncestorOf(this.self()))
      throw new RangeError('"owner" expected a node above this one');
  }

  #checkNewChild(node: N): void {
    if (!(node instanceof TreeNode)) throw new TypeError(`"node" expected a MirrorNode, got ${typeof node}`);
    if (node.#link !== this.#link) throw new RangeError('"node" expected a node of this mirror');
    if (node.#isFreed) throw new RangeError('"node" expected one that was not freed');
    if (node === this.self() || node.isAncestorOf(this.self()))
      throw new RangeError('"node" expected one that does not lie above');
    if (node === this.#link.root) throw new RangeError('"node" expected another one than the root');
  }

  #step(name: string): N | undefined {
    if (name === '.') return this.self();
    if (name === '..') return this.#parent;
    if (name.startsWith('%')) return this.#unique(name.slice(1));
    return this.#children.get(name);
  }

  /** `%Name`: among the nodes that this one owns, else among those of its owner. */
  #unique(name: string): N | undefined {
    const owner = this.#owner;
    return this.#ownedUnique(name) ?? (owner === undefined ? undefined : owner.#ownedUnique(name));
  }

  #ownedUnique(name: string): N | undefined {
    for (const node of this.walk()) {
      if (node.#owner === this.self() && node.#name === name && this.#link.hasUniqueName(node)) return node;
    }
    return undefined;
  }
}

/** Marks that {@link MirrorNode.changesSince} gives besides names of properties. */
const NAME = '$name';
const OWNER = '$owner';
const CHILDREN = '$children';
