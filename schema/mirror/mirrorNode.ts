/**
 * A node of a scene mirror: what Godot's Node, Node2D, Node3D and Control are as far as packets can tell
 * (docs/protocol/variant-codec 10.3 and 10.5). What it is in the tree is in treeNode.ts, what it is to the multiplayer in
 * remoteNode.ts.
 */

import { EncodedObjectAsID, type NodePath, StringName, VariantType } from '../../codec/index.ts';
import type { ClassInfo, PropertyInfo } from '../classes/classTable.ts';
import { presentValues } from '../classes/oldNames.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { shown } from '../values/shown.ts';
import { field, withField } from '../values/subnames.ts';
import { encodeNode } from './encodeNode.ts';
import type { MirrorTree } from './MirrorTree.ts';
import { checkMetaName, checkName, subnamesOf } from './nodeArguments.ts';
import { type NodeInput, populate } from './nodeInput.ts';
import {
  checkedValue,
  checkedVariant,
  givenValue,
  META_PREFIX,
  NodeProperties,
  sameValue,
} from './nodeProperties.ts';
import type { NodeMultiplayer } from './nodeRemote.ts';
import { NodeSyncFlags } from './nodeState.ts';
import { RemoteNode } from './remoteNode.ts';
import { findRefusal, findSetterRule } from './setterRules.ts';
import { Spatial2D, Spatial3D } from './spatial.ts';
import { type ComputedProperty, findComputed } from './spatialProperties.ts';
import type { TreeLink } from './treeLink.ts';
import { addNew, touch } from './treeNode.ts';
import { type VariableInput, variableInfo } from './variables.ts';

/** What a node's `_serializeForNetwork` may return; anything else adds nothing to the packet. */
export type NetworkSerializer = (node: MirrorNode) => unknown;

/** What the mirror lets its nodes do and others not. */
export interface MirrorLink extends TreeLink<MirrorNode> {
  /** The mirror itself. */
  readonly mirror: MirrorTree;
  /** A node without parent. */
  create(info: ClassInfo, name: string): MirrorNode;
}

/** For rules of setters: stores a value of the right type without the rules of the setter. */
export type StoreRaw = (node: MirrorNode, name: string, value: NodeValue) => void;

/** For the mirror: makes a node that has no parent yet. */
export let createNode: (link: MirrorLink, info: ClassInfo, name: string) => MirrorNode;

/** For the mirror: declares the variables of a node's script, which became known. */
export let declareVariables: (node: MirrorNode) => void;

/** What {@link MirrorNode} gives to the rules of its setters. */
let storeRaw: StoreRaw;

/**
 * A live node of a {@link SceneMirror}. Made by {@link MirrorNode.addChild} and {@link MirrorTree.createNode}.
 *
 * Values that can be changed (arrays, dictionaries, packed arrays) are copied on the way in and out.
 */
export class MirrorNode extends RemoteNode<MirrorNode> {
  /**
   * The counterpart of a script's `_serialize_for_network()`: what it returns is sent under `SYNC_CUSTOM`, a dictionary
   * under `custom`, a Uint8Array under `custom_bytes`; anything else adds nothing. `undefined`: the node has no such method.
   */
  _serializeForNetwork: NetworkSerializer | undefined;
  readonly #link: MirrorLink;
  readonly #class: ClassInfo;
  readonly #properties: NodeProperties;
  readonly #spatial: Spatial2D | Spatial3D | undefined;
  readonly #groups = new Set<string>();
  #instance: string | undefined;

  private constructor(link: MirrorLink, info: ClassInfo, name: string) {
    super(link, name);
    this.#link = link;
    this.#class = info;
    this.#properties = new NodeProperties(info, (fact) => this.#holds(fact));
    this.#spatial = info.is('Node2D') ? new Spatial2D() : info.is('Node3D') ? new Spatial3D() : undefined;
  }

  static {
    createNode = (link, info, name) => new MirrorNode(link, info, name);
    storeRaw = (node, name, value) => node.#storeRaw(name, value);
    declareVariables = (node) =>
      node.#link.during(() => node.#declareAll(node.mirror.declaredVariablesOf(node.scriptPath)));
  }

  // --- What it is ---------------------------------------------------------------------------------------------

  /** The mirror that it belongs to. */
  get mirror(): MirrorTree {
    return this.#link.mirror;
  }

  /** Native class name, e.g. `CharacterBody2D`. */
  get class(): string {
    return this.#class.name;
  }

  /** What the class table knows of the class. */
  get classInfo(): ClassInfo {
    return this.#class;
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

  /** The `res://` path of its script; `''` for none. */
  get scriptPath(): string {
    const info = this.#properties.find('script');
    const script = info === undefined ? undefined : this.#properties.value(info);
    return script instanceof ResourceReference ? script.path : '';
  }

  /** The multiplayer that it belongs to; `undefined` outside of the tree, and without one. */
  override get multiplayer(): NodeMultiplayer | undefined {
    return this.mirror.multiplayerOf(this);
  }

  /**
   * Adds a node below this one, with everything below it: a new one, or one of this mirror that has no parent
   * ({@link MirrorTree.createNode}, {@link SceneMirror.instantiate}).
   *
   * A name that is taken is replaced as `add_child(node)` does (`@Node2D@2`), or counted up with `forceReadableName`.
   *
   * @param node - The node, or what it is made of.
   * @param forceReadableName - Default: what the field of this name says, else false.
   * @returns The node.
   * @throws TypeError or RangeError naming what is wrong; nothing is added then.
   */
  addChild(node: MirrorNode | NodeInput, forceReadableName?: boolean): MirrorNode {
    if (node instanceof MirrorNode) {
      this.attach(node, forceReadableName);
      return node;
    }
    const made = populate(this.#link, node);
    addNew(this, made, forceReadableName ?? node.forceReadableName === true, node.owner);
    return made;
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
    if (name === 'name') return new StringName(this.name);
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
    this.#link.during(() => this.#assign(name, given));
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
   * Adds a stored variable of the script, behind those that are there; one of this name takes the new type, and what was set becomes
   * that type, or the default again.
   * @throws TypeError or RangeError naming what is wrong.
   */
  declareVariable(variable: VariableInput): void {
    const info = variableInfo(variable);
    const value = variable.value === undefined ? undefined : checkedValue(info, variable.value);
    this.#link.during(() => {
      this.#declare(info);
      if (value !== undefined) this.#storeRaw(info.name, value);
    });
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
    touch(this, META_PREFIX + name);
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
    touch(this, GROUPS);
  }

  /** Takes the node out of a group; an unknown one is fine. */
  removeFromGroup(group: string): void {
    if (this.#groups.delete(group)) touch(this, GROUPS);
  }

  /** Whether the node is in a group. */
  isInGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  /** The groups, in order. */
  getGroups(): string[] {
    return [...this.#groups];
  }

  // --- Packets and changes ------------------------------------------------------------------------------------

  /** The packet of this node with `SYNC_PROPERTIES`: what `encodeAuto` makes of a node. The bytes are the caller's. */
  _toPacket(): Uint8Array {
    return encodeNode(this, NodeSyncFlags.SYNC_PROPERTIES);
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

  /** Those of them with one of these names, in the engine's order. For replication. @internal */
  listedOf(names: readonly string[]): readonly PropertyInfo[] {
    return this.#properties.listOf(names);
  }

  /** Properties that were set although the class hides them: packets and scene files do not hold them. */
  unlisted(): readonly PropertyInfo[] {
    return this.#properties.unlisted();
  }

  /** The metadata as packets hold it. Not a copy. */
  get metadata(): ReadonlyMap<string, NodeValue> {
    return this.#properties.metadata;
  }

  /** This node, for what nodes of a tree are to each other. @internal */
  protected override self(): MirrorNode {
    return this;
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  /** What the listing of properties asks of the surroundings (classes/conditions.ts). */
  #holds(fact: string): boolean {
    if (fact === '@container') return this.getParent()?.isClass('Container') === true;
    return fact === '@physicalLight' && this.mirror.usesPhysicalLightUnits;
  }

  #storeRaw(name: string, value: NodeValue): void {
    const info = this.#properties.find(name);
    if (info !== undefined && sameValue(this.#properties.value(info), value)) return;
    this.#properties.store(name, value);
    touch(this, name);
  }

  #assign(name: string, value: unknown): void {
    const computed = findComputed(this, name);
    if (computed !== undefined) {
      this.#setComputed(computed, value);
    } else if (name.startsWith(META_PREFIX)) {
      this.setMeta(name.slice(META_PREFIX.length), value);
    } else if (name === 'script' && typeof value === 'string') {
      this.#setScript(value);
    } else if (this.#setOldName(name, value)) {
      // The properties of today are set.
    } else {
      this.#setStored(this.#findOrDeclare(name), value);
      if (name === 'script') this.#declareAll(this.mirror.declaredVariablesOf(this.scriptPath));
    }
  }

  /** Whether it is a name that only the engine's setter knows. */
  #setOldName(name: string, value: unknown): boolean {
    const present = presentValues(this.#class, name, value, (wanted) => this.get(wanted));
    for (const [today, own] of present ?? []) this.#assign(today, own);
    return present !== undefined;
  }

  #setComputed(computed: ComputedProperty, value: unknown): void {
    const { info } = computed;
    computed.set(this, givenValue(info, checkedValue(info, value)), storeRaw);
    for (const name of computed.changes) touch(this, name);
  }

  #setStored(info: PropertyInfo, value: unknown): void {
    const own = checkedValue(info, value);
    const expected = findRefusal(this, info.name, own);
    if (expected !== undefined)
      throw new RangeError(`"${info.name}" expected ${expected}, got ${shown(value)}`);
    const rule = findSetterRule(this, info.name);
    if (rule === undefined) this.#storeRaw(info.name, own);
    else rule(this, info, own, storeRaw);
  }

  #setScript(path: string): void {
    const script =
      path === '' ? null : new ResourceReference('ExtResource', '', { path, className: 'Script' });
    this.#setStored(this.#findOrDeclare('script'), script);
    const declared = this.mirror.declaredVariablesOf(path);
    if (declared.length > 0) this.#declareAll(declared);
    else for (const info of this.mirror.classes.script(path) ?? []) this.#declare(info);
  }

  /** The variables of a script, in its order; what they hold already becomes their type, or is their default again. */
  #declareAll(infos: readonly PropertyInfo[]): void {
    if (infos.length === 0) return;
    const held = infos.map((info) => [info, this.#properties.held(info.name)] as const);
    this.#properties.declareFirst(infos);
    for (const [info, value] of held) {
      if (value !== undefined) this.#properties.store(info.name, converted(info, value));
      touch(this, info.name);
    }
  }

  #declare(info: PropertyInfo): void {
    const held = this.#properties.held(info.name);
    this.#properties.declare(info);
    if (held !== undefined) this.#properties.store(info.name, converted(info, held));
    touch(this, info.name);
  }

  #findOrDeclare(name: string): PropertyInfo {
    const known = this.#properties.findOrAdd(name);
    if (known !== undefined) return known;
    if (this.#class.isUnsaved(name)) {
      throw new RangeError(`"name" expected a property that nodes are saved with, got ${shown(name)}`);
    }
    if (this.mirror.refusesUnknown) {
      throw new RangeError(`"name" expected a property of ${this.class}, got ${shown(name)}`);
    }
    const info: PropertyInfo = { name, type: VariantType.NIL, default: null, isStored: true };
    this.#properties.declare(info);
    return info;
  }

  #isMeta(name: string): boolean {
    return name.startsWith(META_PREFIX) && this.hasMeta(name.slice(META_PREFIX.length));
  }
}

/** A value as a variable holds it; the default for one that does not convert. */
function converted(info: PropertyInfo, value: NodeValue): NodeValue {
  try {
    return checkedValue(info, value);
  } catch (error) {
    if (error instanceof TypeError) return info.default;
    throw error;
  }
}

/** The mark that `changesSince` gives for groups. */
const GROUPS = '$groups';
