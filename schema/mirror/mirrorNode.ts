/**
 * A node of a scene mirror: what Godot's Node, Node2D, Node3D and Control are as far as packets can tell
 * (docs/protocol/variant-codec 10.3 and 10.5). What it is in the tree is in treeNode.ts.
 */

import { EncodedObjectAsID, type NodePath, StringName, VariantType } from '../../codec/index.ts';
import type { ClassInfo, PropertyInfo } from '../classes/classTable.ts';
import { presentValues } from '../classes/oldNames.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { shown } from '../values/shown.ts';
import { field, withField } from '../values/subnames.ts';
import { encodeNode } from './encodeNode.ts';
import type { MirrorLink } from './mirrorLink.ts';
import { checkMetaName, checkName, subnamesOf } from './nodeArguments.ts';
import { type VariableInput, variableInfo } from './nodeInput.ts';
import {
  checkedValue,
  checkedVariant,
  givenValue,
  META_PREFIX,
  NodeProperties,
  sameValue,
} from './nodeProperties.ts';
import {
  type NodeMultiplayer,
  NodeRemote,
  type RpcConfig,
  type RpcConfigInput,
  type RpcHandler,
  rpcConfigOf,
} from './nodeRemote.ts';
import { NodeSyncFlags } from './nodeState.ts';
import { findRefusal, findSetterRule } from './setterRules.ts';
import { Spatial2D, Spatial3D } from './spatial.ts';
import { type ComputedProperty, findComputed } from './spatialProperties.ts';
import { TreeNode } from './treeNode.ts';

/** What a node's `_serializeForNetwork` may return; anything else adds nothing to the packet. */
export type NetworkSerializer = (node: MirrorNode) => unknown;

/** For the mirror: makes a node that has no parent yet. */
export let createNode: (link: MirrorLink, info: ClassInfo, name: string) => MirrorNode;

/**
 * A live node of a {@link SceneMirror}. Made by {@link TreeNode.addChild}.
 *
 * Values that can be changed (arrays, dictionaries, packed arrays) are copied on the way in and out.
 */
export class MirrorNode extends TreeNode {
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
  #remote: NodeRemote | undefined;

  private constructor(link: MirrorLink, info: ClassInfo, name: string) {
    super(link, name);
    this.#link = link;
    this.#class = info;
    this.#properties = new NodeProperties(info, (fact) => this.#holds(fact));
    this.#spatial = info.is('Node2D') ? new Spatial2D() : info.is('Node3D') ? new Spatial3D() : undefined;
  }

  static {
    createNode = (link, info, name) => new MirrorNode(link, info, name);
  }

  // --- What it is ---------------------------------------------------------------------------------------------

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

  // --- Multiplayer --------------------------------------------------------------------------------------------

  /** The multiplayer that it belongs to; `undefined` outside of the tree, and without one. */
  get multiplayer(): NodeMultiplayer | undefined {
    return this.mirror.multiplayerOf(this);
  }

  /** The peer that decides about this node. Default 1, the server. */
  getMultiplayerAuthority(): number {
    return this.#remote?.authority ?? SERVER;
  }

  /** @throws RangeError for no integer of 32 bits. */
  setMultiplayerAuthority(id: number, recursive: boolean = true): void {
    if (!Number.isInteger(id) || id !== (id | 0))
      throw new RangeError(`"id" expected an integer of 32 bits, got ${shown(id)}`);
    for (const node of recursive ? this.walk() : [this]) {
      if (node.getMultiplayerAuthority() === id) continue;
      node.#remotely().authority = id;
      node.touch(AUTHORITY);
    }
  }

  /** Whether this process decides about the node. */
  isMultiplayerAuthority(): boolean {
    return this.getMultiplayerAuthority() === (this.multiplayer?.getUniqueId() ?? SERVER);
  }

  /**
   * Lets a method be called from afar, as `Node.rpc_config`. It is read at the first RPC of the node and not again.
   *
   * @param config - Null takes the entry away.
   * @throws TypeError or RangeError naming the field.
   */
  rpcConfig(method: string, config: RpcConfigInput | null): void {
    checkName(method);
    if (config === null) this.#remote?.config.delete(method);
    else this.#remotely().config.set(method, rpcConfigOf(config));
  }

  /** What {@link MirrorNode.rpcConfig} was told, by method. */
  getNodeRpcConfig(): ReadonlyMap<string, RpcConfig> {
    return this.#remote?.config ?? NO_CONFIG;
  }

  /**
   * Calls a method of this node at all peers.
   * @returns Godot's Error number; a trace line of the multiplayer explains it.
   */
  rpc(method: string, ...args: readonly unknown[]): number {
    return this.rpcId(0, method, ...args);
  }

  /** As {@link MirrorNode.rpc}, at one peer; 0 stands for all, a negative id for all but that one. */
  rpcId(peer: number, method: string, ...args: readonly unknown[]): number {
    if (!this.isInsideTree()) return ERR_INVALID_PARAMETER;
    return this.multiplayer?.rpcTo(peer, this, method, args) ?? ERR_UNCONFIGURED;
  }

  /**
   * Calls a function when a peer calls a method of this node: the sender first, then the arguments.
   * @throws TypeError for no function.
   */
  onRpc(method: string, handler: RpcHandler): this {
    checkName(method);
    this.#remotely().addHandler(method, handler);
    return this;
  }

  /** Undoes {@link MirrorNode.onRpc}. */
  offRpc(method: string, handler: RpcHandler): this {
    this.#remote?.removeHandler(method, handler);
    return this;
  }

  /** The handlers of a method. For the multiplayer. @internal */
  rpcHandlers(method: string): readonly RpcHandler[] {
    return this.#remote?.handlersOf(method) ?? [];
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
   * Adds a stored variable of the script, behind those that are there; one of this name takes the new type.
   * @throws TypeError or RangeError naming what is wrong.
   */
  declareVariable(variable: VariableInput): void {
    const info = variableInfo(variable);
    const value = variable.value === undefined ? undefined : checkedValue(info, variable.value);
    this.#link.during(() => {
      this.#declare(info);
      if (value !== undefined) this.storeRaw(info.name, value);
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

  #remotely(): NodeRemote {
    this.#remote ??= new NodeRemote();
    return this.#remote;
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
    computed.set(this, givenValue(info, checkedValue(info, value)));
    for (const name of computed.changes) this.touch(name);
  }

  #setStored(info: PropertyInfo, value: unknown): void {
    const own = checkedValue(info, value);
    const expected = findRefusal(this, info.name, own);
    if (expected !== undefined)
      throw new RangeError(`"${info.name}" expected ${expected}, got ${shown(value)}`);
    const rule = findSetterRule(this, info.name);
    if (rule === undefined) this.storeRaw(info.name, own);
    else rule(this, info, own);
  }

  #setScript(path: string): void {
    const script =
      path === '' ? null : new ResourceReference('ExtResource', '', { path, className: 'Script' });
    this.#setStored(this.#findOrDeclare('script'), script);
    for (const info of this.mirror.classes.script(path) ?? []) this.#declare(info);
  }

  #declare(info: PropertyInfo): void {
    this.#properties.declare(info);
    this.touch(info.name);
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

/** The id of the server. */
const SERVER = 1;
const NO_CONFIG: ReadonlyMap<string, RpcConfig> = new Map();
/** Godot's numbers for `rpc()` without a multiplayer, and outside of the tree. */
const ERR_UNCONFIGURED = 3;
const ERR_INVALID_PARAMETER = 31;
/** The mark that `changesSince` gives for the authority. */
const AUTHORITY = '$authority';
/** The mark that `changesSince` gives for groups. */
const GROUPS = '$groups';
