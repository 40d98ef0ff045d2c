/** Spawners and synchronizers of a golden case: their settings, what spawn functions make, what filters answer. */
import { type Dialect, Dictionary, type VariantInput, type VariantValue } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import type { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';
import type { GoldenEvent, GoldenNode } from './cases.ts';
import { configOf, type GoldenConfig } from './replicationConfigs.ts';
import { decode, encode, setAsEngine, stateOf } from './values.ts';

/** What a filter answers. */
export interface GoldenFilter {
  allow?: readonly number[] | undefined;
  returns?: string | undefined;
}

/** The case that they belong to. */
export interface ReplicationHost {
  readonly caseName: string;
  readonly dialect: Dialect;
  readonly multiplayer: SceneMultiplayer;
  tell(event: GoldenEvent): void;
  pathOf(node: MirrorNode): string;
  instantiate(scene: string): MirrorNode;
}

/** Sets them up, and lets their signals be told. */
export class ReplicationSetup {
  readonly #host: ReplicationHost;
  readonly #filters = new Map<MirrorNode, { says: GoldenFilter; filter: (peer: number) => boolean }>();
  /** What `str()` makes of the data of the spawn that is under way. */
  #spawnName = '';

  constructor(host: ReplicationHost) {
    this.#host = host;
  }

  /** Gives a node the settings that the case has for it, if it is one of them. */
  setUp(node: MirrorNode, golden: GoldenNode): void {
    if (node.class === 'MultiplayerSpawner') this.#setUpSpawner(node, golden);
    if (node.class === 'MultiplayerSynchronizer') this.#setUpSynchronizer(node, golden);
  }

  /** `spawn(data)`. @param result what the case says: a name that `str()` makes is the engine's affair. */
  spawn(node: MirrorNode, data: VariantInput, result: unknown): string | null {
    this.#spawnName =
      String(result ?? '')
        .split('/')
        .at(-1) ?? '';
    const made = this.#host.multiplayer.spawner(node).spawn(data);
    return made === null ? null : this.#host.pathOf(made);
  }

  /** Sets what a synchronizer replicates. */
  configure(node: MirrorNode, config: GoldenConfig | null): void {
    const { multiplayer, caseName, dialect } = this.#host;
    multiplayer.synchronizer(node).replicationConfig = config && configOf(config, caseName, dialect);
  }

  addFilter(node: MirrorNode, says: GoldenFilter): void {
    const own = { ...says };
    const filter = (peer: number): boolean =>
      (own.returns === undefined ? own.allow?.includes(peer) === true : decode(own.returns)) as boolean;
    this.#filters.set(node, { says: own, filter });
    this.#host.multiplayer.synchronizer(node).addVisibilityFilter(filter);
  }

  changeFilter(node: MirrorNode, { allow, returns }: GoldenFilter): void {
    Object.assign(this.#filters.get(node)?.says ?? {}, { allow, returns });
  }

  removeFilter(node: MirrorNode): void {
    const known = this.#filters.get(node);
    if (known) this.#host.multiplayer.synchronizer(node).removeVisibilityFilter(known.filter);
  }

  /** Properties of synchronizers are those of their behaviour: they take effect at once. */
  set(node: MirrorNode, property: string, value: VariantInput): void {
    const { multiplayer } = this.#host;
    const sync = node.class === 'MultiplayerSynchronizer' ? multiplayer.synchronizer(node) : undefined;
    if (sync !== undefined && property === 'public_visibility') sync.publicVisibility = value as boolean;
    else if (sync !== undefined && property === 'visibility_update_mode')
      sync.visibilityUpdateMode = Number(value) as 0 | 1 | 2;
    else if (sync !== undefined && property === 'root_path') sync.rootPath = String(value);
    else setAsEngine(node, property, value);
  }

  #setUpSpawner(node: MirrorNode, golden: GoldenNode): void {
    const spawner = this.#host.multiplayer.spawner(node);
    if (golden['spawn_path'] !== undefined) spawner.spawnPath = String(golden['spawn_path']);
    for (const path of (golden['spawnable'] as string[] | undefined) ?? []) spawner.addSpawnableScene(path);
    if (golden['spawn_limit'] !== undefined) spawner.spawnLimit = Number(golden['spawn_limit']);
    const recipe = golden['spawn_function'] as string | undefined;
    if (recipe !== undefined)
      spawner.spawnFunction = (data) => {
        this.#host.tell({ factory: encode(data as VariantInput) });
        return this.#cook(node.mirror, recipe, data);
      };
    for (const signal of ['spawned', 'despawned'] as const)
      spawner.on(signal, (made) => {
        const state = signal === 'spawned' ? [stateOf(made)] : [];
        this.#host.tell({ emit: [this.#host.pathOf(node), signal, made.name, ...state] });
      });
  }

  /** What the spawn functions of the cases make. */
  #cook(mirror: MirrorNode['mirror'], recipe: string, data: VariantValue): MirrorNode {
    if (recipe === 'null') return null as unknown as MirrorNode;
    if (recipe === 'number') return 7 as unknown as MirrorNode;
    if (recipe === 'unnamed') return mirror.createNode({ name: 'Node2D', class: 'Node2D' });
    if (recipe === 'named') return mirror.createNode({ name: this.#spawnName || 'Unnamed', class: 'Node' });
    if (recipe.startsWith('scene:')) return this.#host.instantiate(recipe.slice(6));
    const given = data instanceof Dictionary ? data : new Dictionary<VariantValue, VariantValue>();
    const scene = given.get('scene');
    const node =
      typeof scene === 'string'
        ? this.#host.instantiate(scene)
        : mirror.createNode({
            name: String(given.get('type') ?? 'Node'),
            class: String(given.get('type') ?? 'Node'),
          });
    const name = given.get('name');
    if (name !== undefined) node.rename(String(name));
    const props = given.get('props');
    if (props instanceof Dictionary)
      for (const [property, value] of props) this.set(node, String(property), value as VariantInput);
    return node;
  }

  #setUpSynchronizer(node: MirrorNode, golden: GoldenNode): void {
    const sync = this.#host.multiplayer.synchronizer(node);
    if (golden['root_path'] !== undefined) sync.rootPath = String(golden['root_path']);
    if (golden['config'] !== undefined) this.configure(node, golden['config'] as GoldenConfig);
    if (golden['replication_interval'] !== undefined)
      sync.replicationInterval = Number(golden['replication_interval']);
    if (golden['delta_interval'] !== undefined) sync.deltaInterval = Number(golden['delta_interval']);
    if (golden['visibility_update_mode'] !== undefined)
      sync.visibilityUpdateMode = Number(golden['visibility_update_mode']) as 0 | 1 | 2;
    if (golden['public'] === false) sync.publicVisibility = false;
    for (const peer of (golden['visible'] as number[] | undefined) ?? []) sync.setVisibilityFor(peer, true);
    if (golden['filter'] !== undefined) this.addFilter(node, golden['filter'] as GoldenFilter);
    const names = {
      synchronized: 'synchronized',
      deltaSynchronized: 'delta_synchronized',
      visibilityChanged: 'visibility_changed',
    } as const;
    for (const [signal, name] of Object.entries(names))
      sync.on(signal as keyof typeof names, (...args: number[]) => {
        this.#host.tell({ emit: [this.#host.pathOf(node), name, ...args] });
      });
  }
}
