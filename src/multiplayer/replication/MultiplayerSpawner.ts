/** The behaviour of a MultiplayerSpawner node. docs/protocol/scene-multiplayer 7.1, 7.5, 11.1 (6), 11.2 (31 to 36). */
import { NodePath, PackedStringArray, type VariantInput, type VariantValue } from '../../../codec/index.ts';
import { isIntegerIn } from '../../../options/internal.ts';
import { MirrorNode } from '../../../schema/index.ts';
import { type ErrorReporter, SignalEmitter } from '../../godot/index.ts';
import { callGuarded, describe } from '../../godot/internal.ts';
import { CUSTOM_SCENE } from '../wire/spawnPacket.ts';

/** The signals of a {@link MultiplayerSpawner} with their arguments. */
export interface MultiplayerSpawnerSignals {
  /** A node was made because its authority has it; it is in the tree. */
  readonly spawned: [node: MirrorNode];
  /** A node was taken out of the tree because its authority has it no more. */
  readonly despawned: [node: MirrorNode];
}

/** Makes the node for what `spawn` was given; without parent. */
export type SpawnFunction = (data: VariantValue) => MirrorNode;

/** How a node came to be spawned. */
export interface SpawnInfo {
  /** The place in the list of scenes; `CUSTOM_SCENE` for `spawn(data)`. */
  readonly scene: number;
  /** The data of `spawn(data)`. */
  readonly data: VariantInput;
}

/** What a spawner asks of the replication that it takes part in. */
export interface SpawnerHost {
  /** Whether this process decides about the node, with a connection. */
  hasAuthority(node: MirrorNode): boolean;
  /** A node is spawned by a spawner: others get it as soon as it is ready. */
  spawned(node: MirrorNode, spawner: MultiplayerSpawner): void;
  /** A node is spawned no more. */
  despawned(node: MirrorNode, spawner: MultiplayerSpawner): void;
  /** Those who have a node free it and get it again; `change` is called in between. */
  respawn(node: MirrorNode, change: () => void): void;
  /** A node is spawned no more because its spawner leaves the tree; it stays. */
  orphaned(node: MirrorNode, spawner: MultiplayerSpawner): void;
  /** Children of a node concern a spawner now, or no more. */
  watchesParent(spawner: MultiplayerSpawner, parent: MirrorNode, isOn: boolean): void;
  /** The path of a scene that may be given as `uid://`; `''` for an unknown one. */
  ensurePath(pathOrUid: string): string;
  /** Makes the node of a scene. @throws What is wrong with the scene. */
  instantiate(path: string): MirrorNode;
  /** Takes a line about a mistake of the application. */
  warn(line: string): void;
  /** Takes what functions of the application throw. */
  readonly report: ErrorReporter;
}

/**
 * What a MultiplayerSpawner node does: what is added below a node on its authority appears at the others. Made by
 * `SceneMultiplayer.spawner`. Its settings are properties of the node, as in a scene file.
 */
export class MultiplayerSpawner extends SignalEmitter<MultiplayerSpawnerSignals> {
  /** The node. */
  readonly node: MirrorNode;
  readonly #host: SpawnerHost;
  readonly #tracked = new Map<MirrorNode, SpawnInfo>();
  #scenes: { readonly revision: number; readonly paths: readonly string[] } | undefined;
  #parent: MirrorNode | undefined;
  #spawnFunction: SpawnFunction | null = null;

  /** @internal Use `SceneMultiplayer.spawner`. */
  constructor(node: MirrorNode, host: SpawnerHost) {
    super(host.report, SIGNAL_NAMES);
    this.node = node;
    this.#host = host;
  }

  /** Where nodes are spawned, relative to this one; `''` for nowhere. */
  get spawnPath(): string {
    return String(this.node.get('spawn_path') ?? '');
  }

  /** @throws TypeError for no text. */
  set spawnPath(path: string) {
    if (typeof path !== 'string') throw new TypeError(`"spawnPath" expected a string, got ${describe(path)}`);
    this.node.set('spawn_path', new NodePath(path));
    if (this.node.isInsideTree()) this.lookForParent();
  }

  /** The most nodes that this spawner may have spawned at once by {@link MultiplayerSpawner.spawn}; 0: any number. */
  get spawnLimit(): number {
    return Number(this.node.get('spawn_limit') ?? 0);
  }

  /** @throws RangeError for no integer from 0 on. */
  set spawnLimit(limit: number) {
    if (!isIntegerIn(limit, 0, 2 ** 31 - 1))
      throw new RangeError(`"spawnLimit" expected an integer from 0 on, got ${describe(limit)}`);
    this.node.set('spawn_limit', limit);
  }

  /** Makes nodes for {@link MultiplayerSpawner.spawn}, on every side. `null`: none. */
  get spawnFunction(): SpawnFunction | null {
    return this.#spawnFunction;
  }

  /** @throws TypeError for anything but a function or null. */
  set spawnFunction(make: SpawnFunction | null) {
    if (make !== null && typeof make !== 'function')
      throw new TypeError(`"spawnFunction" expected a function or null, got ${describe(make)}`);
    this.#spawnFunction = make;
  }

  /** Adds a scene: its instances below the spawn path are spawned. At most 255. @throws TypeError or RangeError */
  addSpawnableScene(path: string): void {
    if (typeof path !== 'string' || path === '')
      throw new TypeError(`"path" expected the path of a scene, got ${describe(path)}`);
    const paths = this.#paths();
    if (paths.length >= CUSTOM_SCENE)
      throw new RangeError(`expected at most ${CUSTOM_SCENE} scenes, got one more`);
    this.#setPaths([...paths, path]);
  }

  /** Forgets all scenes. */
  clearSpawnableScenes(): void {
    this.#setPaths([]);
  }

  /** How many scenes there are. */
  getSpawnableSceneCount(): number {
    return this.#paths().length;
  }

  /** The path of a scene; `''` for a number that there is not. A `uid://` is given as its path. */
  getSpawnableScene(index: number): string {
    return isIntegerIn(index, 0, CUSTOM_SCENE) ? (this.#paths()[index] ?? '') : '';
  }

  /**
   * Makes a node with the spawn function, here and at all who may see it, and adds it below the spawn path.
   *
   * @returns the node; `null` when it was not made: outside of the tree, without authority or connection, at the limit, or without a
   *   function that makes one. A trace line says why.
   */
  spawn(data: VariantInput = null): MirrorNode | null {
    const why = this.#whyNot();
    if (why !== undefined) return this.#refuse(why);
    const { parent } = this;
    if (parent === undefined) return this.#refuse('there is no node at its spawn path');
    const node = this.make(data as VariantValue);
    if (node === undefined) return null;
    this.#track(node, { scene: CUSTOM_SCENE, data });
    parent.addChild(node, true);
    return node;
  }

  /**
   * Despawns a node that this spawner has spawned, and spawns the same node again: others free theirs and make another. For what they look
   * at only when a node comes: its name, its owner, the data of {@link MultiplayerSpawner.spawn}. Our addition.
   *
   * @param options `data` makes the new data of the old; `change` is called while nobody else has the node.
   * @returns whether it was spawned by this spawner.
   */
  respawn(
    node: MirrorNode,
    options: {
      readonly data?: ((data: VariantInput) => VariantInput) | undefined;
      readonly change?: (() => void) | undefined;
    } = {},
  ): boolean {
    const info = this.#tracked.get(node);
    if (info === undefined) return false;
    this.#host.respawn(node, () => {
      options.change?.();
      if (info.scene === CUSTOM_SCENE && options.data !== undefined && this.#tracked.has(node))
        this.#tracked.set(node, { scene: CUSTOM_SCENE, data: options.data(info.data) });
    });
    return true;
  }

  // --- For the replication -----------------------------------------------------------------------------------

  /** The node below which nodes are spawned. @internal */
  get parent(): MirrorNode | undefined {
    return this.#parent?.isFreed === true ? undefined : this.#parent;
  }

  /** How a node was spawned by this spawner. @internal */
  infoOf(node: MirrorNode): SpawnInfo | undefined {
    return this.#tracked.get(node);
  }

  /** Makes a node by the spawn function; tells why not. @internal */
  make(data: VariantValue): MirrorNode | undefined {
    const make = this.#spawnFunction;
    if (make === null) {
      this.#refuse('it has no spawn function');
      return undefined;
    }
    let made: unknown;
    const call = (): unknown => {
      made = make(data);
      return made;
    };
    callGuarded(call, [], this.#host.report, 'spawn function');
    if (made instanceof MirrorNode && made.mirror === this.node.mirror && made.getParent() === undefined)
      return made;
    this.#refuse(`its spawn function was expected to make a node without parent, got ${describe(made)}`);
    return undefined;
  }

  /** Makes a node of a scene of the list; tells why not. @internal */
  instantiate(scene: number): MirrorNode | undefined {
    const path = this.getSpawnableScene(scene);
    try {
      const node = this.#host.instantiate(path);
      node.instance ??= path;
      return node;
    } catch (error) {
      this.#refuse(`there is no scene ${path}: ${String(error)}`);
      return undefined;
    }
  }

  /** Its node and everything below have entered the tree, or its path has changed. @internal */
  lookForParent(): void {
    if (this.#parent !== undefined) this.#host.watchesParent(this, this.#parent, false);
    const { spawnPath } = this;
    this.#parent = spawnPath === '' ? undefined : this.node.getNode(spawnPath);
    if (this.#parent !== undefined) this.#host.watchesParent(this, this.#parent, true);
  }

  /** Its node leaves the tree: what it has spawned stays here, and goes at the others. @internal */
  exiting(): void {
    if (this.#parent !== undefined) this.#host.watchesParent(this, this.#parent, false);
    this.#parent = undefined;
    const nodes = [...this.#tracked.keys()];
    for (const node of nodes) this.#host.orphaned(node, this);
    this.#tracked.clear();
  }

  /** A node has entered below the spawn path. @internal */
  childEntered(node: MirrorNode): void {
    if (!this.#host.hasAuthority(this.node) || this.#tracked.has(node)) return;
    const scene = node.instance === undefined ? -1 : this.#paths().indexOf(node.instance);
    if (scene < 0) return;
    if (!isSpawnableName(node.name))
      this.#host.warn(`${node.getPath().toString()} is not spawned: peers refuse names like this`);
    else this.#track(node, { scene, data: null });
  }

  /** A node that it has spawned leaves the tree. @internal */
  childExiting(node: MirrorNode): void {
    if (this.#tracked.delete(node)) this.#host.despawned(node, this);
  }

  /** A node has appeared or is gone because a peer says so. @internal */
  tell(signal: 'spawned' | 'despawned', node: MirrorNode): void {
    this.emitSignal(signal, node);
  }

  #track(node: MirrorNode, info: SpawnInfo): void {
    this.#tracked.set(node, info);
    this.#host.spawned(node, this);
  }

  #whyNot(): string | undefined {
    const { node, spawnLimit } = this;
    if (!node.isInsideTree()) return 'it is not in the tree';
    if (!this.#host.hasAuthority(node)) return 'this process is not its authority, or has no connection';
    if (spawnLimit > 0 && this.#tracked.size >= spawnLimit) return `its limit of ${spawnLimit} is reached`;
    return undefined;
  }

  #refuse(why: string): null {
    this.#host.warn(`spawn of ${this.node.getPath().toString() || this.node.name}: ${why}`);
    return null;
  }

  /** The list of the node, with paths for uids; read again when the node has changed. */
  #paths(): readonly string[] {
    const { node } = this;
    if (this.#scenes?.revision === node.revision) return this.#scenes.paths;
    const value = node.get('_spawnable_scenes');
    const list = value instanceof PackedStringArray ? value.values : [];
    const paths = list.map((path) => this.#host.ensurePath(path));
    this.#scenes = { revision: node.revision, paths };
    return paths;
  }

  #setPaths(paths: readonly string[]): void {
    this.node.set('_spawnable_scenes', new PackedStringArray(paths));
  }
}

/** Names that receivers take (7.1). */
export function isSpawnableName(name: string): boolean {
  return !/[.:@/"%]/.test(name);
}

const SIGNAL_NAMES = { spawned: true, despawned: true } as const;
