/**
 * A node of a scene mirror: what Godot's Node, Node2D, Node3D and Control are as far as packets can tell
 * (docs/protocol/variant-codec 10.3 and 10.5). One class of Godot's size: longer than other files for that.
 */

import { NodePath } from '../codec/values/NodePath.ts';
import { EncodedObjectAsID } from '../codec/values/reference.ts';
import { StringName } from '../codec/values/StringName.ts';
import { VariantType } from '../codec/variant/types.ts';
import type { ClassInfo, PropertyInfo } from './classTable.ts';
import { encodeNode } from './encodeNode.ts';
import type { MirrorLink } from './mirrorLink.ts';
import { asPath, checkMetaName, checkName, subnamesOf } from './nodeArguments.ts';
import { type NodeInput, populate, type VariableInput, variableInfo } from './nodeInput.ts';
import { numberedName, validNodeName } from './nodeNames.ts';
import {
  checkedValue,
  checkedVariant,
  givenValue,
  META_PREFIX,
  NodeProperties,
  sameValue,
} from './nodeProperties.ts';
import { NodeSyncFlags } from './nodeState.ts';
import { isNotKept } from './notKept.ts';
import type { NodeValue } from './ownVariant.ts';
import { ResourceReference } from './ResourceReference.ts';
import type { SceneMirror } from './SceneMirror.ts';
import { findSetterRule } from './setterRules.ts';
import { shown } from './shown.ts';
import { Spatial2D, Spatial3D } from './spatial.ts';
import { type ComputedProperty, findComputed } from './spatialProperties.ts';
import { field, withField } from './subnames.ts';

/** What a node's `_serializeForNetwork` may return; anything else adds nothing to the packet. */
export type NetworkSerializer = (node: MirrorNode) => unknown;

/** For the mirror: makes a node that has no parent yet. */
export let createNode: (link: MirrorLink, info: ClassInfo, name: string) => MirrorNode;

/** For documents: gives the last child of a node a name that the engine made up, which no other way can. */
export let restoreName: (node: MirrorNode, name: string) => void;

/**
 * A live node of a {@link SceneMirror}. Made by {@link MirrorNode.addChild}.
 *
 * Values that can be changed (arrays, dictionaries, packed arrays) are copied on the way in and out.
 */
export class MirrorNode {
  /**
   * The counterpart of a script's `_serialize_for_network()`: what it returns is sent under `SYNC_CUSTOM`, a dictionary
   * under `custom`, a Uint8Array under `custom_bytes`; anything else adds nothing. `undefined`: the node has no such method.
   */
  _serializeForNetwork: NetworkSerializer | undefined;
  /** The id that stands for this node where packets hold objects. Of this process alone. */
  readonly instanceId: bigint;
  readonly #link: MirrorLink;
  readonly #class: ClassInfo;
  readonly #properties: NodeProperties;
  readonly #spatial: Spatial2D | Spatial3D | undefined;
  readonly #children = new Map<string, MirrorNode>();
  readonly #groups = new Set<string>();
  readonly #revisions = new Map<string, number>();
  #revision = 0;
  #name: string;
  #parent: MirrorNode | undefined;
  #owner: MirrorNode | undefined;
  #instance: string | undefined;

  private constructor(link: MirrorLink, info: ClassInfo, name: string) {
    this.#link = link;
    this.#class = info;
    this.#name = name;
    this.#properties = new NodeProperties(info);
    this.#spatial = info.is('Node2D') ? new Spatial2D() : info.is('Node3D') ? new Spatial3D() : undefined;
    this.instanceId = link.nextInstanceId();
    this.#revision = link.nextRevision();
  }

  static {
    createNode = (link, info, name) => new MirrorNode(link, info, name);
    restoreName = (node, name) => {
      const parent = node.#parent;
      if (parent !== undefined) parent.#children.delete(node.#name);
      node.#name = name;
      if (parent !== undefined) parent.#children.set(name, node);
    };
  }

  // --- What it is ---------------------------------------------------------------------------------------------

  /** The node's name. */
  get name(): string {
    return this.#name;
  }

  /** As {@link MirrorNode.rename}. */
  set name(name: string) {
    this.rename(name);
  }

  /** Native class name, e.g. `CharacterBody2D`. */
  get class(): string {
    return this.#class.name;
  }

  /** What the class table knows of the class. */
  get classInfo(): ClassInfo {
    return this.#class;
  }

  /** The mirror that it belongs to. */
  get mirror(): SceneMirror {
    return this.#link.mirror;
  }

  /** Whether it is of a class or of one that inherits from it. */
  isClass(name: string): boolean {
    return this.#class.is(name);
  }

  /** Where it is in three or two dimensions; `undefined` for other nodes. */
  get spatial(): Spatial2D | Spatial3D | undefined {
    return this.#spatial;
  }

  /** The `res://` path of the scene that it is an instance of, if any. Nothing but a note. */
  get instance(): string | undefined {
    return this.#instance;
  }

  /** @throws TypeError for no text. */
  set instance(path: string | undefined) {
    if (path !== undefined && typeof path !== 'string')
      throw new TypeError(`"instance" expected a string, got ${typeof path}`);
    this.#instance = path;
  }

  // --- Properties ---------------------------------------------------------------------------------------------

  /**
   * The value of a property: a stored one, one that follows from others (`global_position`, `rotation_degrees`,
   * `quaternion` ...), a variable of the script, or `metadata/name`.
   *
   * @returns A FLOAT of known type as number, everything else as the codec decodes it; `undefined` for an unknown name.
   */
  get(name: string): NodeValue | undefined {
    checkName(name);
    if (name === 'name') return new StringName(this.#name);
    const computed = findComputed(this, name);
    if (computed !== undefined) return computed.get(this);
    if (name.startsWith(META_PREFIX)) return this.getMeta(name.slice(META_PREFIX.length));
    const info = this.#properties.find(name);
    return info === undefined ? undefined : givenValue(info, this.#properties.value(info));
  }

  /** Whether it has a property of this name, metadata included. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /**
   * Sets a property as an assignment in GDScript does, with Godot's conversions to the property's type.
   *
   * A name that the class does not have becomes a variable of the script that takes any value, behind those that are
   * there; with the mirror's option `unknownProperties: 'refuse'` it is a RangeError, as are properties that the engine works
   * out from others and that the mirror does not (`frame_coords`, `volume_linear` ...). `name` renames.
   *
   * @throws TypeError naming the property, its type and what came, when the value does not convert. Nothing is changed.
   */
  set(name: string, value: unknown): void {
    checkName(name);
    if (name === 'name') {
      this.rename(value instanceof StringName ? value.value : (value as string));
      return;
    }
    const given = value instanceof MirrorNode ? new EncodedObjectAsID(value.instanceId) : value;
    const computed = findComputed(this, name);
    if (computed !== undefined) {
      this.#setComputed(computed, given);
    } else if (name.startsWith(META_PREFIX)) {
      this.setMeta(name.slice(META_PREFIX.length), given);
    } else if (name === 'script' && typeof given === 'string') {
      this.#setScript(given);
    } else {
      this.#setStored(this.#findOrDeclare(name), given);
    }
  }

  /** Whether packets with `SYNC_PROPERTIES` hold a property of this name. */
  isStored(name: string): boolean {
    return this.#properties.list().some((info) => info.name === name) || this.#isMeta(name);
  }

  /** What is known of a property: its type and default. `undefined` for metadata and unknown names. */
  propertyInfo(name: string): PropertyInfo | undefined {
    return findComputed(this, name)?.info ?? this.#properties.find(name);
  }

  /** The stored properties with their values, metadata last, in the engine's order: what `SYNC_PROPERTIES` sends. */
  *properties(): Generator<[name: string, value: NodeValue]> {
    for (const info of this.#properties.list()) yield [info.name, givenValue(info, this.storedValue(info))];
    for (const [name, value] of this.#properties.metadata)
      yield [META_PREFIX + name, givenValue(undefined, value)];
  }

  /** A property or a part of it by a path, e.g. `position:x`. `undefined` when there is no such thing. */
  getIndexed(path: NodePath | string): NodeValue | undefined {
    const [name, ...rest] = subnamesOf(path);
    if (name === undefined) return undefined;
    return rest.reduce<NodeValue | undefined>((value, part) => field(value, part), this.get(name));
  }

  /**
   * Sets a property or a part of it by a path, e.g. `position:x`.
   * @throws RangeError when there is no such thing; TypeError as {@link MirrorNode.set}.
   */
  setIndexed(path: NodePath | string, value: unknown): void {
    const [name, ...rest] = subnamesOf(path);
    if (name === undefined)
      throw new RangeError(`"path" expected the name of a property, got ${shown(path.toString())}`);
    this.set(name, rest.length === 0 ? value : withField(this.get(name), rest, value));
  }

  /**
   * Adds a stored variable of the script, behind those that are there; one of this name takes the new type.
   * @throws TypeError or RangeError naming what is wrong.
   */
  declareVariable(variable: VariableInput): void {
    const info = variableInfo(variable);
    const value = variable.value === undefined ? undefined : checkedValue(info, variable.value);
    this.#declare(info);
    if (value !== undefined) this.storeRaw(info.name, value);
  }

  /** The variables of the script, in order. */
  scriptVariables(): readonly PropertyInfo[] {
    return this.#properties.variables();
  }

  // --- Metadata and groups ------------------------------------------------------------------------------------

  /** Sets a metadata entry; null removes it, as in the engine. @throws RangeError for a name that is no identifier. */
  setMeta(name: string, value: unknown): void {
    checkMetaName(name);
    const own = checkedVariant(META_PREFIX + name, value);
    this.#properties.setMeta(name, own);
    this.touch(META_PREFIX + name);
  }

  /** The value of a metadata entry, or `undefined`. */
  getMeta(name: string): NodeValue | undefined {
    const value = this.#properties.metadata.get(name);
    return value === undefined ? undefined : givenValue(undefined, value);
  }

  /** Whether there is a metadata entry of this name. */
  hasMeta(name: string): boolean {
    return this.#properties.metadata.has(name);
  }

  /** Removes a metadata entry; an unknown name is fine. */
  removeMeta(name: string): void {
    if (this.hasMeta(name)) this.setMeta(name, null);
  }

  /** The names of all metadata entries, in order. */
  getMetaList(): string[] {
    return [...this.#properties.metadata.keys()];
  }

  /** Puts the node into a group. @throws RangeError for an empty name. */
  addToGroup(group: string): void {
    if (typeof group !== 'string') throw new TypeError(`"group" expected a string, got ${typeof group}`);
    if (group === '' || group.includes('\0'))
      throw new RangeError('"group" expected a text that is not empty');
    if (this.#groups.has(group)) return;
    this.#groups.add(group);
    this.touch(GROUPS);
  }

  /** Takes the node out of a group; an unknown one is fine. */
  removeFromGroup(group: string): void {
    if (this.#groups.delete(group)) this.touch(GROUPS);
  }

  /** Whether the node is in a group. */
  isInGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  /** The groups, in order. */
  getGroups(): string[] {
    return [...this.#groups];
  }

  // --- The tree -----------------------------------------------------------------------------------------------

  /** The node above, or `undefined`. */
  getParent(): MirrorNode | undefined {
    return this.#parent;
  }

  /** The nodes below, in order. */
  getChildren(): MirrorNode[] {
    return [...this.#children.values()];
  }

  /** How many nodes are directly below. */
  getChildCount(): number {
    return this.#children.size;
  }

  /** A child by its place, from the end when negative; `undefined` when there is none. */
  getChild(index: number): MirrorNode | undefined {
    return this.getChildren().at(index);
  }

  /** The child with this name. */
  findChild(name: string): MirrorNode | undefined {
    return this.#children.get(name);
  }

  /** This node and everything below it, parents before children. */
  *walk(): Generator<MirrorNode> {
    const waiting: MirrorNode[] = [this];
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
    let top: MirrorNode = this;
    while (top.#parent !== undefined) top = top.#parent;
    return top === this.#link.mirror.root;
  }

  /** Whether it lies somewhere above a node. */
  isAncestorOf(node: MirrorNode): boolean {
    if (!(node instanceof MirrorNode))
      throw new TypeError(`"node" expected a MirrorNode, got ${shown(node)}`);
    for (let above = node.#parent; above !== undefined; above = above.#parent)
      if (above === this) return true;
    return false;
  }

  /** The absolute path, e.g. `/root/Main`; an empty one outside of the tree, as packets hold it. */
  getPath(): NodePath {
    if (!this.isInsideTree()) return new NodePath('');
    const names: string[] = [];
    for (let node: MirrorNode | undefined = this; node !== undefined; node = node.#parent)
      names.push(node.#name);
    return new NodePath(names.reverse(), [], true);
  }

  /**
   * The node at a path: absolute from `/root`, or relative with names, `.`, `..` and `%UniqueName`. Subnames are not
   * looked at.
   *
   * @returns `undefined` when there is none.
   */
  getNode(path: NodePath | string): MirrorNode | undefined {
    const { names, absolute } = asPath(path);
    let node: MirrorNode | undefined = this;
    let rest: readonly string[] = names;
    if (absolute) {
      const { root } = this.#link.mirror;
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
   * Adds a node below this one, with everything below it.
   *
   * A name that is taken is replaced as `add_child(node)` does (`@Node2D@2`), or counted up with `forceReadableName`.
   *
   * @returns The new node.
   * @throws TypeError or RangeError naming what is wrong; nothing is added then.
   */
  addChild(input: NodeInput): MirrorNode {
    const node = populate(this.#link, input);
    this.#adopt(node, input.forceReadableName === true);
    if (input.owner !== undefined) node.owner = input.owner;
    if (this.isInsideTree()) this.#link.emit('nodeAdded', node);
    return node;
  }

  /**
   * Takes a child out of the tree. It lives on without a parent and can be added again with {@link MirrorNode.attach}.
   * @throws RangeError when it is no child of this node.
   */
  removeChild(child: MirrorNode): void {
    if (!(child instanceof MirrorNode) || child.#parent !== this) {
      throw new RangeError('"child" expected a child of this node, got another one');
    }
    this.#children.delete(child.#name);
    child.#parent = undefined;
    // As in the engine: an owner that is no ancestor any more is none.
    for (const node of child.walk()) {
      if (node.#owner !== undefined && !node.#owner.isAncestorOf(node)) node.#owner = undefined;
    }
    this.touch(CHILDREN);
    if (this.isInsideTree()) this.#link.emit('nodeRemoved', child, this);
  }

  /** Takes this node out of the tree, if it has a parent. */
  remove(): void {
    this.#parent?.removeChild(this);
  }

  /**
   * Adds a node that was removed before.
   * @throws RangeError when it has a parent, is of another mirror, or lies above this node.
   */
  attach(node: MirrorNode, forceReadableName: boolean = false): void {
    this.#checkNewChild(node);
    if (node.#parent !== undefined)
      throw new RangeError('"node" expected a node without parent, got one that has one');
    this.#adopt(node, forceReadableName);
    if (this.isInsideTree()) this.#link.emit('nodeAdded', node);
  }

  /**
   * Moves this node below another one, behind its children. Groups, owner (if it still lies above) and everything below
   * move along.
   *
   * @param parent - The new parent.
   * @param keepGlobalTransform - As Godot's `reparent`: Node2D and Node3D stay where they are on the screen.
   */
  reparent(parent: MirrorNode, keepGlobalTransform: boolean = true): void {
    if (!(parent instanceof MirrorNode))
      throw new TypeError(`"parent" expected a MirrorNode, got ${typeof parent}`);
    parent.#checkNewChild(this);
    const from = this.#parent;
    if (from === undefined) throw new RangeError('reparent expected a node with a parent: use attach');
    if (from === parent) return;
    const global = keepGlobalTransform ? this.get('global_transform') : undefined;
    const owners = [...this.walk()].map((node) => [node, node.#owner] as const);
    from.#children.delete(this.#name);
    from.touch(CHILDREN);
    parent.#adopt(this, false);
    for (const [node, owner] of owners) node.#owner = owner?.isAncestorOf(node) === true ? owner : undefined;
    if (global !== undefined) this.set('global_transform', global);
    this.#link.emit('nodeMoved', this, from);
  }

  /** Moves a child to another place among its siblings, from the end when negative. */
  moveChild(child: MirrorNode, index: number): void {
    if (!(child instanceof MirrorNode) || child.#parent !== this)
      throw new RangeError('"child" expected a child of this node, got another one');
    if (!Number.isInteger(index)) throw new TypeError(`"index" expected an integer, got ${shown(index)}`);
    const size = this.#children.size;
    const to = index < 0 ? index + size : index;
    if (to < 0 || to >= size) throw new RangeError(`"index" expected ${-size}..${size - 1}, got ${index}`);
    const order = this.getChildren().filter((node) => node !== child);
    order.splice(to, 0, child);
    this.#children.clear();
    for (const node of order) this.#children.set(node.#name, node);
    this.touch(CHILDREN);
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
      (taken) => siblings?.has(taken) === true && siblings.get(taken) !== this,
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
    this.touch(NAME);
    this.#link.emit('nodeRenamed', this, old);
    return unique;
  }

  /** The node that this one is saved with, and whose `%UniqueName`s it is part of; `undefined` for none. */
  get owner(): MirrorNode | undefined {
    return this.#owner;
  }

  /** @throws RangeError for a node that does not lie above. */
  set owner(owner: MirrorNode | undefined) {
    if (owner !== undefined && !(owner instanceof MirrorNode && owner.isAncestorOf(this))) {
      throw new RangeError('"owner" expected a node above this one');
    }
    this.#owner = owner;
    this.touch(OWNER);
  }

  // --- Packets and changes ------------------------------------------------------------------------------------

  /** The packet of this node with `SYNC_PROPERTIES`: what `encodeAuto` makes of a node. The bytes are the caller's. */
  _toPacket(): Uint8Array {
    return encodeNode(this, NodeSyncFlags.SYNC_PROPERTIES);
  }

  /** The number of its latest change; compare with {@link SceneMirror.revision}. */
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

  /**
   * Notes that something was changed, and tells those who listen. For rules of setters.
   * @internal
   */
  touch(name: string): void {
    this.#revision = this.#link.nextRevision();
    // The latest change comes last.
    this.#revisions.delete(name);
    this.#revisions.set(name, this.#revision);
    if (this.isInsideTree()) this.#link.emit('changed', this, name);
  }

  /** The value of a listed property as packets hold it: FLOAT as `Float`. Not a copy. */
  storedValue(info: PropertyInfo): NodeValue {
    const computed = findComputed(this, info.name);
    return computed === undefined ? this.#properties.value(info) : checkedValue(info, computed.get(this));
  }

  /** The stored properties without metadata, in the engine's order. */
  listed(): readonly PropertyInfo[] {
    return this.#properties.list();
  }

  /** Properties that were set although the class hides them: packets and scene files do not hold them. */
  unlisted(): readonly PropertyInfo[] {
    return this.#properties.unlisted();
  }

  /** The metadata as packets hold it. Not a copy. */
  get metadata(): ReadonlyMap<string, NodeValue> {
    return this.#properties.metadata;
  }

  /**
   * Stores a value of the right type without the rules of the setter. For rules of setters.
   * @internal
   */
  storeRaw(name: string, value: NodeValue): void {
    const info = this.#properties.find(name);
    if (info !== undefined && sameValue(this.#properties.value(info), value)) return;
    this.#properties.store(name, value);
    this.touch(name);
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #setComputed(computed: ComputedProperty, value: unknown): void {
    const { info } = computed;
    computed.set(this, givenValue(info, checkedValue(info, value)));
    for (const name of computed.changes) this.touch(name);
  }

  #setStored(info: PropertyInfo, value: unknown): void {
    const own = checkedValue(info, value);
    const rule = findSetterRule(this, info.name);
    if (rule === undefined) this.storeRaw(info.name, own);
    else rule(this, info, own);
    if (info.name === 'rotation_order' && this.#spatial instanceof Spatial3D && typeof own === 'number') {
      this.#spatial.order = own;
    }
  }

  #setScript(path: string): void {
    const script =
      path === '' ? null : new ResourceReference('ExtResource', '', { path, className: 'Script' });
    this.#setStored(this.#findOrDeclare('script'), script);
    for (const info of this.#link.mirror.classes.script(path) ?? []) this.#declare(info);
  }

  #declare(info: PropertyInfo): void {
    this.#properties.declare(info);
    this.touch(info.name);
  }

  #findOrDeclare(name: string): PropertyInfo {
    const known = this.#properties.findOrAdd(name);
    if (known !== undefined) return known;
    if (isNotKept(this.#class, name)) {
      throw new RangeError(`"name" expected a property that nodes are saved with, got ${shown(name)}`);
    }
    if (this.#link.mirror.refusesUnknown) {
      throw new RangeError(`"name" expected a property of ${this.class}, got ${shown(name)}`);
    }
    const info: PropertyInfo = { name, type: VariantType.NIL, default: null, isStored: true };
    this.#properties.declare(info);
    return info;
  }

  #isMeta(name: string): boolean {
    return name.startsWith(META_PREFIX) && this.hasMeta(name.slice(META_PREFIX.length));
  }

  #adopt(node: MirrorNode, isReadable: boolean): void {
    const isTaken = (name: string): boolean => this.#children.has(name);
    if (isTaken(node.#name) && isReadable) node.#name = numberedName(node.#name, isTaken);
    while (isTaken(node.#name)) node.#name = `@${node.class}@${this.#link.nextNameNumber()}`;
    this.#children.set(node.#name, node);
    node.#parent = this;
    this.touch(CHILDREN);
  }

  #checkNewChild(node: MirrorNode): void {
    if (!(node instanceof MirrorNode))
      throw new TypeError(`"node" expected a MirrorNode, got ${typeof node}`);
    if (node.#link.mirror !== this.#link.mirror)
      throw new RangeError('"node" expected a node of this mirror');
    if (node === this || node.isAncestorOf(this))
      throw new RangeError('"node" expected one that does not lie above');
    if (node === this.#link.mirror.root) throw new RangeError('"node" expected another one than the root');
  }

  #step(name: string): MirrorNode | undefined {
    if (name === '.') return this;
    if (name === '..') return this.#parent;
    if (name.startsWith('%')) return this.#unique(name.slice(1));
    return this.#children.get(name);
  }

  /** `%Name`: among the nodes that this one owns, else among those of its owner. */
  #unique(name: string): MirrorNode | undefined {
    const owner = this.#owner;
    return this.#ownedUnique(name) ?? (owner === undefined ? undefined : owner.#ownedUnique(name));
  }

  #ownedUnique(name: string): MirrorNode | undefined {
    for (const node of this.walk()) {
      if (node.#owner === this && node.#name === name && node.get('unique_name_in_owner') === true)
        return node;
    }
    return undefined;
  }
}

/** Marks that {@link MirrorNode.changesSince} gives besides names of properties. */
const NAME = '$name';
const GROUPS = '$groups';
const OWNER = '$owner';
const CHILDREN = '$children';
