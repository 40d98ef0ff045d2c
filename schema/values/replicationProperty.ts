/** One property of a SceneReplicationConfig, and what each version of Godot reads of the lines that a file has for it. */
import type { Dialect, NodePath } from '../../codec/index.ts';

/** `SceneReplicationConfig.ReplicationMode`: how a property is replicated. */
export const ReplicationMode = {
  /** Not at all, but for spawns. */
  REPLICATION_MODE_NEVER: 0,
  /** At every step, unreliably: SYNC packets. */
  REPLICATION_MODE_ALWAYS: 1,
  /** When it has changed, reliably: DELTA packets. */
  REPLICATION_MODE_ON_CHANGE: 2,
} as const;

/** One of the numbers of {@link ReplicationMode}. */
export type ReplicationMode = (typeof ReplicationMode)[keyof typeof ReplicationMode];

/** The properties of a config by what is done with them, each list in the config's order. */
export interface ReplicationLists {
  /** What spawned nodes come with. */
  readonly spawn: readonly NodePath[];
  /** What is always replicated. */
  readonly sync: readonly NodePath[];
  /** What is replicated on change. */
  readonly watch: readonly NodePath[];
}

/** How often a property is in each list. */
export type ListTimes = { [list in keyof ReplicationLists]: number };

/** A line of a file for the property, without `properties/0/`. */
type Line = readonly [what: string, value: NodePath | boolean | number];

/** A property of a config. */
export class ReplicationProperty {
  /** Where it is, from the node that is kept in sync. */
  readonly path: NodePath;
  #spawn = true;
  #mode: ReplicationMode = ReplicationMode.REPLICATION_MODE_ALWAYS;
  /** The lines of the file that it comes from; `undefined` when it was changed since, or comes from none. */
  #written: Line[] | undefined;

  constructor(path: NodePath, isFromFile: boolean = false) {
    this.path = path;
    this.#written = isFromFile ? [] : undefined;
  }

  /** Whether spawned nodes come with it. */
  get spawn(): boolean {
    return this.#spawn;
  }

  /** How it is replicated. */
  get mode(): ReplicationMode {
    return this.#mode;
  }

  setSpawn(enabled: boolean): void {
    this.#written = undefined;
    this.#spawn = enabled;
  }

  setMode(mode: ReplicationMode): void {
    this.#written = undefined;
    this.#mode = mode;
  }

  /** Takes a line of a file over, as 4.2 and later do. @returns false for one that they refuse. */
  read(what: string, value: unknown): boolean {
    if (what === 'replication_mode') {
      const mode = typeof value === 'bigint' ? Number(value) : value;
      if (mode !== 0 && mode !== 1 && mode !== 2) return false;
      this.#mode = mode;
      this.#written?.push([what, mode]);
      return true;
    }
    if (typeof value !== 'boolean') return false;
    const mode = OLD_MODES.get(what);
    if (what === 'spawn') this.#spawn = value;
    else if (mode === undefined) return false;
    // Of the old keys the last one that is true counts.
    else if (value) this.#mode = mode;
    else if (this.#mode === mode) this.#mode = ReplicationMode.REPLICATION_MODE_NEVER;
    this.#written?.push([what, value]);
    return true;
  }

  /** The oldest version whose editor writes the lines that it comes from; `undefined` when it comes from none that tell. */
  get writtenBy(): Dialect | undefined {
    const names = new Set(this.#written?.map(([what]) => what));
    if (names.has('replication_mode')) return '4.2';
    if (names.has('watch')) return '4.1';
    return names.size > 0 ? '4.0' : undefined;
  }

  /** The lines that a file has for it: those that it comes from, else as Godot writes them today. */
  lines(): Line[] {
    const rest = this.#written ?? [
      ['spawn', this.#spawn],
      ['replication_mode', this.#mode],
    ];
    return [['path', this.path], ...rest];
  }

  /** docs/protocol/scene-multiplayer 12, rows 7 and 15. */
  timesFor(dialect: Dialect): ListTimes {
    if (dialect === '4.0') return oldest(this.#written ?? this.#savedBy40());
    if (dialect === '4.1' && this.#written !== undefined) return withWatch(this.#written);
    return {
      spawn: Number(this.#spawn),
      sync: Number(this.#mode === ReplicationMode.REPLICATION_MODE_ALWAYS),
      watch: Number(this.#mode === ReplicationMode.REPLICATION_MODE_ON_CHANGE),
    };
  }

  #savedBy40(): Line[] {
    return [
      ['spawn', this.#spawn],
      ['sync', this.#mode !== ReplicationMode.REPLICATION_MODE_NEVER],
    ];
  }
}

/** 4.0: the path puts it into both lists, `= true` once more, and `= false` takes one away. */
function oldest(lines: readonly Line[]): ListTimes {
  const times = { spawn: 1, sync: 1, watch: 0 };
  for (const [what, value] of lines) {
    if (what !== 'spawn' && what !== 'sync') continue;
    times[what] = value === true ? times[what] + 1 : Math.max(times[what] - 1, 0);
  }
  return times;
}

/** 4.1: three switches that know nothing of each other. */
function withWatch(lines: readonly Line[]): ListTimes {
  const times = { spawn: 1, sync: 1, watch: 0 };
  for (const [what, value] of lines)
    if (what === 'spawn' || what === 'sync' || what === 'watch') times[what] = Number(value === true);
  return times;
}

const OLD_MODES: ReadonlyMap<string, ReplicationMode> = new Map([
  ['sync', ReplicationMode.REPLICATION_MODE_ALWAYS],
  ['watch', ReplicationMode.REPLICATION_MODE_ON_CHANGE],
]);
