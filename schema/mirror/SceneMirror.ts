/** A scene tree without an engine: live nodes, as JSON and as packets (docs/guide/scene-mirror). */

import { type EncodedObjectAsID, type NodePath, VariantType } from '../../codec/index.ts';
import { type ClassInfo, ClassTable, type PropertyInfo } from '../classes/classTable.ts';
import { documentOf, fillFromDocument } from '../document/documentConversion.ts';
import type { SceneDocument } from '../document/sceneDocument.ts';
import type { ReplicationPeer, ReplicationServer } from '../replication/link.ts';
import type { ReplicationOptions } from '../replication/options.ts';
import { Replication } from '../replication/Replication.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { shown } from '../values/shown.ts';
import { type ApplyLimits, type ApplyResult, applyPacket } from './applyState.ts';
import { MirrorEmitter, type SceneMirrorEvents } from './mirrorEvents.ts';
import type { MirrorLink } from './mirrorLink.ts';
import { createNode, type MirrorNode } from './mirrorNode.ts';
import { type NodeInput, populate, variableInfo } from './nodeInput.ts';
import type { NodeMultiplayer } from './nodeRemote.ts';
import { type ScriptErrorReporter, ScriptHost } from './scriptHost.ts';
import type { ScriptClass, ScriptInstance, ScriptRpc } from './scripts.ts';
import { type TreeWatcher, TreeWatchers } from './treeWatch.ts';

/** How a {@link SceneMirror} is made. Every option may be left out. */
export interface SceneMirrorOptions {
  /** What is known of classes and scripts. Default {@link ClassTable.GODOT_4_6}. */
  readonly classes?: ClassTable | undefined;
  /**
   * What setting a name does that the class does not have: `'declare'` makes it a variable of the script, `'refuse'` is a
   * RangeError. Default `'declare'`.
   */
  readonly unknownProperties?: 'declare' | 'refuse' | undefined;
  /**
   * Whether the project has set `rendering/lights_and_shadows/use_physical_light_units`: lights store their intensity and
   * temperature only then. Default false.
   */
  readonly physicalLightUnits?: boolean | undefined;
  /**
   * Takes what scripts throw from their life cycle. Default: whoever changed the tree, or called `process`, gets it when
   * everybody else was called.
   */
  readonly onScriptError?: ScriptErrorReporter | undefined;
}

/**
 * A mirror of a Godot scene tree. `root` is what the engine calls `/root`; nodes are added below it.
 *
 * Nothing in it does I/O or keeps time. The network does not change it unless a packet is given to {@link SceneMirror.apply}.
 */
export class SceneMirror {
  /** The engine's `/root`, a Window. */
  readonly root: MirrorNode;
  /** What is known of classes and scripts. */
  readonly classes: ClassTable;
  /** Whether setting a name that a class does not have is an error. */
  readonly refusesUnknown: boolean;
  /** Whether lights store their intensity in physical units. */
  readonly usesPhysicalLightUnits: boolean;
  readonly #events = new MirrorEmitter();
  readonly #watchers = new TreeWatchers();
  readonly #scripts: ScriptHost;
  readonly #multiplayers: { readonly rootPath: string; readonly multiplayer: NodeMultiplayer }[] = [];
  readonly #ids = new WeakMap<object, bigint>();
  readonly #referenceIds = new Map<string, bigint>();
  #revision = 0;
  #lastNameNumber = 1;
  #lastInstance = 0n;

  /** @throws TypeError or RangeError for a bad option. */
  constructor(options: SceneMirrorOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`"options" expected an object, got ${options === null ? 'null' : typeof options}`);
    }
    const {
      classes = ClassTable.GODOT_4_6,
      unknownProperties = 'declare',
      physicalLightUnits = false,
      onScriptError,
    } = options;
    if (onScriptError !== undefined && typeof onScriptError !== 'function')
      throw new TypeError(`"onScriptError" expected a function, got ${typeof onScriptError}`);
    if (!(classes instanceof ClassTable))
      throw new TypeError(`"classes" expected a ClassTable, got ${typeof classes}`);
    if (unknownProperties !== 'declare' && unknownProperties !== 'refuse') {
      throw new RangeError(
        `"unknownProperties" expected 'declare' or 'refuse', got ${shown(unknownProperties)}`,
      );
    }
    if (typeof physicalLightUnits !== 'boolean')
      throw new TypeError(`"physicalLightUnits" expected a boolean, got ${typeof physicalLightUnits}`);
    this.#scripts = new ScriptHost(onScriptError ?? ((error) => this.#events.fail(error)));
    this.#watchers.add(this.#scripts);
    this.classes = classes;
    this.usesPhysicalLightUnits = physicalLightUnits;
    this.refusesUnknown = unknownProperties === 'refuse';
    const window = classes.get('Window') ?? ClassTable.GODOT_4_6.get('Window');
    // The table of the package has it.
    this.root = createNode(this.#link(), window!, 'root');
  }

  /**
   * Makes a mirror of what {@link SceneMirror.toJSON} wrote, or of any scene document: one whose root is no Window comes
   * below `/root`.
   *
   * @param document - Parsed JSON; checked.
   * @throws SceneError that names the JSON path and what was expected; TypeError or RangeError for a bad option.
   */
  static fromJSON(document: unknown, options: SceneMirrorOptions = {}): SceneMirror {
    const mirror = new SceneMirror(options);
    fillFromDocument(mirror, document, (input) => populate(mirror.#link(), input));
    return mirror;
  }

  /**
   * The whole tree as a document of `schema/scene.schema.json`. `_serializeForNetwork` hooks are functions and not in it.
   *
   * @returns Plain objects of the caller's; `JSON.stringify(mirror)` writes them.
   */
  toJSON(): SceneDocument {
    return documentOf(this);
  }

  /** The node at a path from the root: `/root/Main`, or relative to the root, `Main`. `undefined` when there is none. */
  getNode(path: NodePath | string): MirrorNode | undefined {
    return this.root.getNode(path);
  }

  /** All nodes of the tree in a group, in tree order. */
  getNodesInGroup(group: string): MirrorNode[] {
    return [...this.root.walk()].filter((node) => node.isInGroup(group));
  }

  // --- Scripts and multiplayer -------------------------------------------------------------------------------

  /**
   * Lets a class stand for a script of the project: every node that carries the script gets an instance.
   *
   * @throws TypeError or RangeError for what is no script class, or a path that another class has.
   */
  registerScript(script: ScriptClass): this {
    this.#scripts.register(script, this.root);
    return this;
  }

  /** The instance of a node's script; `undefined` when its script is none, or not registered. */
  scriptOf(node: MirrorNode): ScriptInstance | undefined {
    return this.#scripts.instanceOf(node);
  }

  /** The RPCs that a node has of its script, by method; empty when no class is registered for it. */
  scriptRpcsOf(node: MirrorNode): ReadonlyMap<string, ScriptRpc> {
    return this.#scripts.table.rpcsOf(node.scriptPath);
  }

  /** Calls `_process` of all scripts in the tree. `delta`: seconds since the last call. */
  process(delta: number): void {
    this.#events.during(() => this.#scripts.process(delta));
  }

  /**
   * Says to which multiplayer the nodes at and below a path belong, as `SceneTree.set_multiplayer`; `undefined` takes it away.
   * The longest path that fits a node counts.
   */
  setMultiplayer(multiplayer: NodeMultiplayer | undefined, rootPath: string = '/root'): void {
    const at = this.#multiplayers.findIndex((entry) => entry.rootPath === rootPath);
    if (at >= 0) this.#multiplayers.splice(at, 1);
    if (multiplayer !== undefined) this.#multiplayers.push({ rootPath, multiplayer });
    this.#multiplayers.sort((a, b) => b.rootPath.length - a.rootPath.length);
  }

  /** The multiplayer that a node of the tree belongs to. */
  multiplayerOf(node: MirrorNode): NodeMultiplayer | undefined {
    if (this.#multiplayers.length === 0 || !node.isInsideTree()) return undefined;
    const path = `${node.getPath().toString()}/`;
    return this.#multiplayers.find((entry) => path.startsWith(`${entry.rootPath}/`))?.multiplayer;
  }

  /**
   * Adds somebody who has to know at once what enters and leaves the tree.
   * @internal
   * @returns What takes it away again.
   */
  watchTree(watcher: TreeWatcher): () => void {
    return this.#watchers.add(watcher);
  }

  /** Counts up with every change of any node; see {@link MirrorNode.changesSince}. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Applies a node packet to the node that it names: whole, or not at all.
   *
   * @param packet - A NODE packet, or the Dictionary that one decodes to.
   * @param limits - Which paths, classes and properties may be touched. Without them nothing is allowed.
   * @returns What was done, or why not, with a stable reason code. Never throws because of the packet; what a
   *   listener throws comes out when the packet is applied and everybody was told.
   */
  apply(packet: unknown, limits: ApplyLimits): ApplyResult {
    return applyPacket(this, packet, limits, (change) => this.#events.during(change));
  }

  /**
   * Sends the tree to the authenticated peers of a server: whole to newcomers, and then what changes, at a rate.
   * docs/guide/replication.md.
   *
   * @param server - An `ENetServer`, or anything with a `replicationLink`.
   * @returns What stops it. A mirror can be replicated several times, to several servers.
   * @throws TypeError or RangeError for a bad option.
   */
  replicate<P extends ReplicationPeer>(
    server: ReplicationServer<P>,
    options: ReplicationOptions<P> = {},
  ): Replication<P> {
    return new Replication(this, server, options);
  }

  /** Calls a function after each change of a kind. */
  on<E extends keyof SceneMirrorEvents>(event: E, listener: SceneMirrorEvents[E]): this {
    this.#events.on(event, listener);
    return this;
  }

  /** Undoes {@link SceneMirror.on}. */
  off<E extends keyof SceneMirrorEvents>(event: E, listener: SceneMirrorEvents[E]): this {
    this.#events.off(event, listener);
    return this;
  }

  /** Calls the listeners of an event. */
  emit<E extends keyof SceneMirrorEvents>(event: E, ...args: Parameters<SceneMirrorEvents[E]>): void {
    this.#events.emit(event, ...args);
  }

  /**
   * The instance id that stands for a resource in packets. The same for the same object, and for equal references; of this
   * process alone, as in the engine ({@link EncodedObjectAsID}).
   */
  idOf(resource: object): bigint {
    if (resource instanceof ResourceReference) {
      const key = JSON.stringify([resource.kind, resource.id, resource.path, resource.uid]);
      const known = this.#referenceIds.get(key) ?? this.#nextResourceId();
      this.#referenceIds.set(key, known);
      return known;
    }
    const known = this.#ids.get(resource) ?? this.#nextResourceId();
    this.#ids.set(resource, known);
    return known;
  }

  /** protocol/variant-codec 2.5: bit 63 marks objects that are reference-counted. */
  #nextResourceId(): bigint {
    return REFERENCE_COUNTED | this.#nextInstanceId();
  }

  #nextInstanceId(): bigint {
    this.#lastInstance++;
    // Bits 24 to 62 tell one use of a slot from the next; the slot itself is in the lowest 24.
    return (this.#lastInstance << 24n) | (this.#lastInstance & 0xffffffn);
  }

  #link(): MirrorLink {
    return {
      mirror: this,
      watchers: this.#watchers,
      nextRevision: () => ++this.#revision,
      nextNameNumber: () => ++this.#lastNameNumber,
      nextInstanceId: () => this.#nextInstanceId(),
      classOf: (input) => classOf(this.classes, input),
      create: (info, name) => createNode(this.#link(), info, name),
      emit: (event, ...args) => this.#events.emit(event, ...args),
      during: (change) => this.#events.during(change),
    };
  }
}

/** The class of a node: from the table, or made of the list that came with it. */
function classOf(classes: ClassTable, input: NodeInput): ClassInfo {
  const { class: name, base, declared } = input;
  if (typeof name !== 'string') throw new TypeError(`"class" expected a string, got ${typeof name}`);
  if (name === '' || name.includes('\0')) throw new RangeError('"class" expected a text that is not empty');
  const known = classes.get(name);
  if (known !== undefined) {
    if (declared !== undefined || base !== undefined) {
      throw new RangeError(
        `"declared" expected only with a class that the table does not have, got it with ${name}`,
      );
    }
    if (!known.isInstantiable)
      throw new RangeError(`"class" expected one that can be instantiated, got ${name}`);
    return known;
  }
  if (declared === undefined) {
    throw new RangeError(
      `"class" expected one of the class table, or a list of its properties in "declared", got ${shown(name)}`,
    );
  }
  const parent = base === undefined ? undefined : classes.get(base);
  if (base !== undefined && parent === undefined) {
    throw new RangeError(`"base" expected a class of the class table, got ${shown(base)}`);
  }
  return declaredClass(name, parent, [...declared].map(variableInfo));
}

/** protocol/variant-codec 10.5: an own class comes behind those that it inherits from and before the script. */
function declaredClass(name: string, parent: ClassInfo | undefined, own: readonly PropertyInfo[]): ClassInfo {
  const behind = (inherited: readonly PropertyInfo[] = []): readonly PropertyInfo[] => {
    const script = inherited.filter((info) => info.name === 'script');
    return [...inherited.filter((info) => info.name !== 'script'), ...own, ...script];
  };
  const unknown: PropertyInfo = { name: 'script', type: VariantType.OBJECT, default: null, isStored: false };
  return {
    name,
    inherits: parent?.name ?? '',
    isInstantiable: true,
    properties: behind(parent?.properties),
    all: behind(parent?.all),
    conditions: parent?.conditions ?? new Map(),
    isUnsaved: (wanted) => parent?.isUnsaved(wanted) ?? false,
    property: (wanted) =>
      own.find((info) => info.name === wanted) ??
      parent?.property(wanted) ??
      (wanted === 'script' ? unknown : undefined),
    is: (className) => className === name || (parent?.is(className) ?? false),
  };
}

const REFERENCE_COUNTED = 1n << 63n;
