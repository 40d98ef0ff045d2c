/**
 * The tree of a scene mirror: its nodes, their ids and revisions, who listens, scripts, and which multiplayer nodes belong to.
 * Files, received packets and replication come on top (schema/SceneMirror.ts).
 */
import type { EncodedObjectAsID, NodePath } from '../../codec/index.ts';
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import type { PropertyInfo } from '../classes/classTable.ts';
import { ClassTable } from '../classes/classTable.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { SceneReplicationConfig } from '../values/SceneReplicationConfig.ts';
import { shown } from '../values/shown.ts';
import { MirrorEmitter, type TreeEvents } from './mirrorEvents.ts';
import { createNode, declareVariables, type MirrorLink, type MirrorNode } from './mirrorNode.ts';
import { type NodeInput, populate } from './nodeInput.ts';
import type { NodeMultiplayer } from './nodeRemote.ts';
import { type ScriptErrorReporter, ScriptHost } from './scriptHost.ts';
import type { ScriptClassOf, ScriptDeclaration, ScriptInstance, ScriptRpc } from './scripts.ts';
import { enterTree } from './setterRules.ts';
import { TreeWatchers, type WatcherOf } from './treeWatch.ts';

/** The events of a mirror; see its `on`. */
export interface SceneMirrorEvents extends TreeEvents<MirrorNode> {}

/** A class that stands for a script of the Godot project. */
export interface ScriptClass extends ScriptClassOf<MirrorNode> {}

/** Somebody who has to know at once what enters and leaves the tree. */
export interface TreeWatcher extends WatcherOf<MirrorNode> {}

/** For the floors above: what the mirror lets nobody else do. */
export let linkOf: (mirror: MirrorTree) => MirrorLink;

/** How the tree of a {@link SceneMirror} is made. Every option may be left out. */
export interface MirrorTreeOptions {
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
 * The tree of a {@link SceneMirror}: what nodes know of it. `root` is what the engine calls `/root`; nodes are added below it.
 *
 * Nothing in it does I/O or keeps time.
 */
export class MirrorTree {
  /** The engine's `/root`, a Window. */
  readonly root: MirrorNode;
  /** What is known of classes and scripts. */
  readonly classes: ClassTable;
  /** Whether setting a name that a class does not have is an error. */
  readonly refusesUnknown: boolean;
  /** Whether lights store their intensity in physical units. */
  readonly usesPhysicalLightUnits: boolean;
  readonly #link: MirrorLink;
  readonly #events = new MirrorEmitter<MirrorNode>();
  readonly #watchers = new TreeWatchers<MirrorNode>();
  readonly #scripts: ScriptHost<MirrorNode>;
  readonly #multiplayers: { readonly rootPath: string; readonly multiplayer: NodeMultiplayer }[] = [];
  readonly #ids = new WeakMap<object, bigint>();
  readonly #deletions = new Set<MirrorNode>();
  readonly #referenceIds = new Map<string, bigint>();
  #revision = 0;
  #lastNameNumber = 1;
  #lastInstance = 0n;

  /** @throws TypeError or RangeError for a bad option. */
  constructor(options: MirrorTreeOptions = {}) {
    checkOptions(options, MIRROR_OPTION_NAMES);
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
    this.#link = this.#makeLink();
    this.root = createNode(this.#link, window!, 'root');
  }

  static {
    linkOf = (mirror) => mirror.#link;
  }

  /** The node at a path from the root: `/root/Main`, or relative to the root, `Main`. `undefined` when there is none. */
  getNode(path: NodePath | string): MirrorNode | undefined {
    return this.root.getNode(path);
  }

  /** All nodes of the tree in a group, in tree order. */
  getNodesInGroup(group: string): MirrorNode[] {
    return [...this.root.walk()].filter((node) => node.isInGroup(group));
  }

  /**
   * Makes a node without parent, with everything below it. `addChild` brings it into the tree.
   * @throws TypeError or RangeError naming what is wrong, and for an `owner`: nothing lies above the node.
   */
  createNode(input: NodeInput): MirrorNode {
    const node = populate(this.#link, input);
    if (input.owner !== undefined) throw new RangeError('"owner" expected none for a node without parent');
    return node;
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

  /**
   * Says what a script of the project declares: every node that carries it has these RPCs and variables, with or without a class
   * that stands for it. `loadProject` of `godot-enet/project` reads it from the project; of nodes outside of the tree, those that
   * are made from now on have it.
   *
   * @throws TypeError or RangeError for a bad declaration, and for RPCs other than the registered class declares.
   */
  declareScript(path: string, declaration: ScriptDeclaration): this {
    this.#scripts.table.declare(path, declaration);
    for (const node of this.root.walk()) if (node.scriptPath === path) declareVariables(node);
    return this;
  }

  /** The names of the functions that the script of a node is known to have, RPCs or not. @internal */
  scriptFunctionsOf(node: MirrorNode): readonly string[] {
    return this.#scripts.table.functionsOf(node.scriptPath);
  }

  /** The variables of a script that {@link MirrorTree.declareScript} was told. @internal */
  declaredVariablesOf(path: string): readonly PropertyInfo[] {
    return this.#scripts.table.variablesOf(path);
  }

  /** The instance of a node's script; `undefined` when its script is none, or not registered. */
  scriptOf(node: MirrorNode): ScriptInstance | undefined {
    return this.#scripts.instanceOf(node);
  }

  /** The RPCs that a node has of its script, by method; empty when none are known. */
  scriptRpcsOf(node: MirrorNode): ReadonlyMap<string, ScriptRpc> {
    return this.#scripts.table.rpcsOf(node.scriptPath);
  }

  /**
   * Calls `_process` of all scripts in the tree, and frees then what `queueFree` has marked, as a frame of the engine.
   * `delta`: seconds since the last call.
   */
  process(delta: number): void {
    this.#events.during(() => {
      this.#scripts.process(delta);
      this.#watchers.processed();
      this.#flush();
    });
  }

  /**
   * Frees the nodes that `queueFree` has marked, in that order, and those that are marked by it.
   * {@link MirrorTree.process} does it by itself.
   */
  flushDeletions(): void {
    this.#events.during(() => this.#flush());
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

  /**
   * Takes a multiplayer away from the paths that it was set for; one that has taken its place stays.
   * @internal
   */
  removeMultiplayer(multiplayer: NodeMultiplayer): void {
    const others = this.#multiplayers.filter((entry) => entry.multiplayer !== multiplayer);
    this.#multiplayers.splice(0, this.#multiplayers.length, ...others);
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

  /** Calls a function after each change of a kind. */
  on<E extends keyof SceneMirrorEvents>(event: E, listener: SceneMirrorEvents[E]): this {
    this.#events.on(event, listener);
    return this;
  }

  /** Undoes {@link MirrorTree.on}. */
  off<E extends keyof SceneMirrorEvents>(event: E, listener: SceneMirrorEvents[E]): this {
    this.#events.off(event, listener);
    return this;
  }

  /**
   * The instance id that stands for a resource in packets. The same for the same object, and for equal references; of this
   * process alone, as in the engine ({@link EncodedObjectAsID}).
   */
  idOf(resource: object): bigint {
    if (resource instanceof ResourceReference && !(resource instanceof SceneReplicationConfig)) {
      const key = JSON.stringify([resource.kind, resource.id, resource.path, resource.uid]);
      const known = this.#referenceIds.get(key) ?? this.#nextResourceId();
      this.#referenceIds.set(key, known);
      return known;
    }
    const known = this.#ids.get(resource) ?? this.#nextResourceId();
    this.#ids.set(resource, known);
    return known;
  }

  #makeLink(): MirrorLink {
    const mirror = this;
    const link: MirrorLink = {
      mirror,
      get root() {
        return mirror.root;
      },
      watchers: this.#watchers,
      deletions: this.#deletions,
      nextRevision: () => ++this.#revision,
      makeName: (node) => `@${node.class}@${++this.#lastNameNumber}`,
      nextInstanceId: () => this.#nextInstanceId(),
      globalPlaceOf: (node) => node.get('global_transform'),
      moveTo: (node, place) => {
        if (place !== undefined) node.set('global_transform', place);
      },
      hasUniqueName: (node) => node.get('unique_name_in_owner') === true,
      comeIn: enterTree,
      create: (info, name) => createNode(link, info, name),
      emit: (event, ...args) => this.#events.emit(event, ...args),
      during: (change) => this.#events.during(change),
    };
    return link;
  }

  #flush(): void {
    for (const node of this.#deletions) {
      if (!node.isFreed) node.free();
      this.#deletions.delete(node);
    }
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
}

const REFERENCE_COUNTED = 1n << 63n;

/** The names of {@link MirrorTreeOptions}. */
export const MIRROR_OPTION_NAMES: OptionNames<MirrorTreeOptions> = {
  classes: true,
  unknownProperties: true,
  physicalLightUnits: true,
  onScriptError: true,
};
