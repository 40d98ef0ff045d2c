/**
 * Which properties a MultiplayerSynchronizer keeps the same everywhere: Godot's SceneReplicationConfig
 * (docs/protocol/scene-multiplayer 7.1).
 */
import { type Dialect, NodePath } from '../../codec/index.ts';
import { ResourceReference } from './ResourceReference.ts';
import { type ReplicationLists, ReplicationMode, ReplicationProperty } from './replicationProperty.ts';
import { shown } from './shown.ts';

/** Where a config comes from: what its {@link ResourceReference} says. */
export type ConfigOrigin = Partial<Pick<ResourceReference, 'kind' | 'id' | 'path' | 'uid'>>;

/**
 * An ordered list of property paths (`.:position`, `Child:scale`, `.:modulate:a`), relative to the node that is kept in sync,
 * each with whether it is part of a spawn and with how it is replicated. Set it as `replication_config` of a
 * MultiplayerSynchronizer; `replicationConfigOf(node)` gives it back.
 *
 * It is one object, as in the engine: nodes that have the same one, all instances of a scene for example, see its changes.
 */
export class SceneReplicationConfig extends ResourceReference {
  readonly #properties = new Map<string, ReplicationProperty>();
  readonly #lists = new Map<Dialect, ReplicationLists>();
  #revision = 0;

  /** An empty one. @param origin - For readers of files: where it is in them. */
  constructor({ kind = 'SubResource', id = '', path, uid }: ConfigOrigin = {}) {
    super(kind, id, { path, uid, className: CONFIG_CLASS });
  }

  /**
   * A config of the names and values that a file has for it (`properties/0/path` ...), in the order of the file, with the keys
   * of every version of Godot 4.
   *
   * @param onIssue - Hears of what the engine refuses, too: it is left out.
   * @throws RangeError for more than 64 properties that are replicated on change.
   */
  static fromProperties(
    properties: Iterable<readonly [name: string, value: unknown]>,
    origin: ConfigOrigin = {},
    onIssue: (message: string) => void = () => undefined,
  ): SceneReplicationConfig {
    const config = new SceneReplicationConfig(origin);
    const order: ReplicationProperty[] = [];
    for (const [name, value] of properties) {
      const problem = config.#read(name, value, order);
      if (problem !== undefined) onIssue(`${problem}: left out`);
    }
    config.#checkWatched();
    return config;
  }

  /** Counts up with every change. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Adds a property that is spawned and always replicated, behind the others or at a place among them.
   *
   * @param index - From 0 to as many as there are; -1 for the end.
   * @throws TypeError for no path; RangeError for one without property or that is there already, and for no such place.
   */
  addProperty(path: NodePath | string, index: number = -1): void {
    const own = checkedPath(path);
    const key = keyOf(own);
    if (this.#properties.has(key))
      throw new RangeError(`"path" expected a property that is not there yet, got ${shown(String(own))}`);
    const { size } = this.#properties;
    if (!Number.isInteger(index) || index < -1 || index > size)
      throw new RangeError(`"index" expected -1..${size}, got ${shown(index)}`);
    const behind = index < 0 ? [] : [...this.#properties].slice(index);
    for (const [other] of behind) this.#properties.delete(other);
    this.#properties.set(key, new ReplicationProperty(own));
    for (const [other, property] of behind) this.#properties.set(other, property);
    this.#changed();
  }

  /** Takes a property out; an unknown one is fine. */
  removeProperty(path: NodePath | string): void {
    if (this.#properties.delete(keyOf(checkedPath(path)))) this.#changed();
  }

  /** Whether there is a property of this path. */
  hasProperty(path: NodePath | string): boolean {
    return this.#properties.has(keyOf(checkedPath(path)));
  }

  /** The paths in order. */
  getProperties(): NodePath[] {
    return Array.from(this.#properties.values(), ({ path }) => path);
  }

  /** The place of a property; -1 for an unknown one. */
  propertyGetIndex(path: NodePath | string): number {
    return [...this.#properties.keys()].indexOf(keyOf(checkedPath(path)));
  }

  /** Whether spawned nodes come with the property. @throws RangeError for an unknown one. */
  propertyGetSpawn(path: NodePath | string): boolean {
    return this.#property(path).spawn;
  }

  /** @throws TypeError for no boolean; RangeError for an unknown property. */
  propertySetSpawn(path: NodePath | string, enabled: boolean): void {
    const property = this.#property(path);
    checkBoolean(enabled);
    if (property.spawn === enabled) return;
    property.setSpawn(enabled);
    this.#changed();
  }

  /** How the property is replicated. @throws RangeError for an unknown one. */
  propertyGetReplicationMode(path: NodePath | string): ReplicationMode {
    return this.#property(path).mode;
  }

  /**
   * Says how a property is replicated.
   * @throws RangeError for an unknown property or mode, and for the 65th that is replicated on change: nothing is changed then.
   */
  propertySetReplicationMode(path: NodePath | string, mode: ReplicationMode): void {
    const property = this.#property(path);
    if (!isMode(mode)) throw new RangeError(`"mode" expected 0..2, got ${shown(mode)}`);
    const before = property.mode;
    if (before === mode) return;
    if (mode === ReplicationMode.REPLICATION_MODE_ON_CHANGE) this.#checkWatched(1);
    property.setMode(mode);
    this.#changed();
  }

  /** Whether the property is always replicated. @deprecated As in Godot: `propertyGetReplicationMode`. */
  propertyGetSync(path: NodePath | string): boolean {
    return this.propertyGetReplicationMode(path) === ReplicationMode.REPLICATION_MODE_ALWAYS;
  }

  /** False makes an always replicated one never replicated. @deprecated As in Godot: `propertySetReplicationMode`. */
  propertySetSync(path: NodePath | string, enabled: boolean): void {
    this.#switchMode(path, ReplicationMode.REPLICATION_MODE_ALWAYS, enabled);
  }

  /** Whether the property is replicated on change. @deprecated As in Godot: `propertyGetReplicationMode`. */
  propertyGetWatch(path: NodePath | string): boolean {
    return this.propertyGetReplicationMode(path) === ReplicationMode.REPLICATION_MODE_ON_CHANGE;
  }

  /** False makes one that is replicated on change never replicated. @deprecated As in Godot: `propertySetReplicationMode`. */
  propertySetWatch(path: NodePath | string, enabled: boolean): void {
    this.#switchMode(path, ReplicationMode.REPLICATION_MODE_ON_CHANGE, enabled);
  }

  /** The properties that spawned nodes come with, in order. */
  get spawnProperties(): readonly NodePath[] {
    return this.listsFor(NEWEST).spawn;
  }

  /** The properties that are always replicated, in order. */
  get syncProperties(): readonly NodePath[] {
    return this.listsFor(NEWEST).sync;
  }

  /** The properties that are replicated on change, in order: at most 64. */
  get watchProperties(): readonly NodePath[] {
    return this.listsFor(NEWEST).watch;
  }

  /**
   * The three lists as a client of some version has them, when it reads the same file: 4.0 and 4.1 do not know
   * `replication_mode`, and 4.0 has a property twice whose line says `= true` (docs/protocol/scene-multiplayer 12, rows 7
   * and 15). What was not read from a file, or was changed since, counts as if that version had saved it; for 4.0, which
   * has no replication on change, as always replicated.
   *
   * @returns Lists that stay as they are; the same ones until the config changes.
   */
  listsFor(dialect: Dialect): ReplicationLists {
    const known = this.#lists.get(dialect);
    if (known !== undefined) return known;
    const spawn: NodePath[] = [];
    const sync: NodePath[] = [];
    const watch: NodePath[] = [];
    for (const property of this.#properties.values()) {
      const times = property.timesFor(dialect);
      for (let i = 0; i < times.spawn; i++) spawn.push(property.path);
      for (let i = 0; i < times.sync; i++) sync.push(property.path);
      for (let i = 0; i < times.watch; i++) watch.push(property.path);
    }
    const lists: ReplicationLists = { spawn, sync, watch };
    this.#lists.set(dialect, lists);
    return lists;
  }

  /** The oldest version whose editor writes files like the one that it comes from; `undefined`: it comes from none, or none that tells. */
  get writtenBy(): Dialect | undefined {
    const versions = Array.from(this.#properties.values(), ({ writtenBy }) => writtenBy ?? '').sort();
    return (versions.at(-1) as Dialect | '' | undefined) || undefined;
  }

  /** Names and values as files have them; {@link SceneReplicationConfig.fromProperties} reads them. */
  toProperties(): [name: string, value: NodePath | boolean | number][] {
    return [...this.#properties.values()].flatMap((property, i) =>
      property
        .lines()
        .map(([what, value]): [string, NodePath | boolean | number] => [`properties/${i}/${what}`, value]),
    );
  }

  /** Every config is an object of its own. */
  override equals(other: ResourceReference): boolean {
    return this === other;
  }

  /** One line of a file, as the engine's `_set` takes it. @returns what is wrong with it. */
  #read(name: string, value: unknown, order: ReplicationProperty[]): string | undefined {
    const [, digits, what = ''] = /^properties\/(\d{1,9})\/(.*)$/.exec(name) ?? [];
    // `resource_name` and the like are of every resource.
    if (digits === undefined) return undefined;
    const index = Number(digits);
    if (what !== 'path') {
      const property = order[index];
      if (property === undefined) return `"${name}" has no path before it`;
      return property.read(what, value)
        ? undefined
        : `"${name}" is unknown, or has a value that it cannot have`;
    }
    if (index !== order.length) return `"${name}" is not the next property`;
    if (!(value instanceof NodePath) || value.subnames.length === 0)
      return `"${name}" expected the path of a property`;
    const key = keyOf(value);
    if (this.#properties.has(key)) return `"${name}" names a property that is there already`;
    const property = new ReplicationProperty(value, true);
    this.#properties.set(key, property);
    order.push(property);
    return undefined;
  }

  #property(path: NodePath | string): ReplicationProperty {
    const own = checkedPath(path);
    const property = this.#properties.get(keyOf(own));
    if (property === undefined)
      throw new RangeError(`"path" expected a property of the config, got ${shown(String(own))}`);
    return property;
  }

  #switchMode(path: NodePath | string, mode: ReplicationMode, enabled: boolean): void {
    checkBoolean(enabled);
    if (enabled) this.propertySetReplicationMode(path, mode);
    else if (this.propertyGetReplicationMode(path) === mode)
      this.propertySetReplicationMode(path, ReplicationMode.REPLICATION_MODE_NEVER);
  }

  #checkWatched(more: number = 0): void {
    if (this.watchProperties.length + more > MAX_WATCHED)
      throw new RangeError(`expected at most ${MAX_WATCHED} properties that are replicated on change`);
  }

  #changed(): void {
    this.#revision++;
    this.#lists.clear();
  }
}

function checkedPath(path: NodePath | string): NodePath {
  if (typeof path !== 'string' && !(path instanceof NodePath))
    throw new TypeError(`"path" expected a NodePath or a string, got ${typeof path}`);
  const own = typeof path === 'string' ? new NodePath(path) : path;
  if (own.subnames.length === 0)
    throw new RangeError(`"path" expected a property such as .:position, got ${shown(String(path))}`);
  return own;
}

/** Names may hold what texts of paths take for something else. */
function keyOf({ names, subnames, absolute }: NodePath): string {
  return JSON.stringify([names, subnames, absolute]);
}

function checkBoolean(enabled: unknown): void {
  if (typeof enabled !== 'boolean')
    throw new TypeError(`"enabled" expected a boolean, got ${typeof enabled}`);
}

function isMode(mode: unknown): mode is ReplicationMode {
  return mode === 0 || mode === 1 || mode === 2;
}

/** The class of such resources. */
export const CONFIG_CLASS = 'SceneReplicationConfig';
/** A DELTA says with 64 bits which ones changed. */
const MAX_WATCHED = 64;
const NEWEST: Dialect = '4.6';
