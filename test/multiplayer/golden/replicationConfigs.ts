/** Replication configurations of golden cases, entered in the way that the case means (golden/dialects/README.md). */
import { type Dialect, NodePath } from '../../../codec/index.ts';
import {
  type ReplicationLists,
  type ReplicationMode,
  SceneReplicationConfig,
} from '../../../schema/index.ts';

/** A configuration as cases write it. */
export type GoldenConfig = readonly (readonly [path: string, spawn: boolean, mode: ReplicationMode])[];

/**
 * The configuration of a case that a version is to play: with setters; where the name ends in `from-scene` as its scene files have it;
 * in 4.0 without the lines that double properties; where it ends in `set-by-script` with the lists that the setters of 4.0 and 4.1 make.
 */
export function configOf(rows: GoldenConfig, caseName: string, dialect: Dialect): SceneReplicationConfig {
  if (caseName.endsWith('/set-by-script')) return new ConfigOfLists(listsByOldScript(rows, dialect));
  // 11.1 (7): the engine takes more than 64 watched properties; a configuration of ours refuses them.
  if (rows.filter(([, , mode]) => mode === 2).length > 64) return new ConfigOfLists(listsOf(rows));
  if (dialect === '4.0') return ofLines(rows, caseName.endsWith('/from-scene'));
  const config = new SceneReplicationConfig();
  for (const [path, spawn, mode] of rows) {
    config.addProperty(path);
    config.propertySetSpawn(path, spawn);
    config.propertySetReplicationMode(path, mode);
  }
  return config;
}

function ofLines(rows: GoldenConfig, isComplete: boolean): SceneReplicationConfig {
  const lines = rows.flatMap(([path, spawn, mode], i) => {
    const switches = [
      ['spawn', spawn],
      ['sync', mode === 1],
    ] as const;
    return [
      [`properties/${i}/path`, new NodePath(path)] as const,
      ...switches
        .filter(([, isOn]) => isComplete || !isOn)
        .map(([name, isOn]) => [`properties/${i}/${name}`, isOn] as const),
    ];
  });
  return SceneReplicationConfig.fromProperties(lines);
}

/** A configuration with the lists that it is given. */
class ConfigOfLists extends SceneReplicationConfig {
  readonly #lists: ReplicationLists;

  constructor(lists: ReplicationLists) {
    super();
    this.#lists = lists;
  }

  override listsFor(): ReplicationLists {
    return this.#lists;
  }
}

function listsOf(rows: GoldenConfig): ReplicationLists {
  const paths = (isMeant: (row: GoldenConfig[number]) => boolean): NodePath[] =>
    rows.filter(isMeant).map(([path]) => new NodePath(path));
  return {
    spawn: paths(([, spawn]) => spawn),
    sync: paths(([, , mode]) => mode === 1),
    watch: paths(([, , mode]) => mode === 2),
  };
}

/** A fault of 4.0 and 4.1: a setter fills a list with the path that was just set, as often as properties are on. */
function listsByOldScript(rows: GoldenConfig, dialect: Dialect): ReplicationLists {
  const of = (isBroken: boolean, isOnAtFirst: boolean, wanted: (row: GoldenConfig[number]) => boolean) => {
    let list: NodePath[] = [];
    let on = 0;
    for (const row of rows) {
      const path = new NodePath(row[0]);
      const isOn = wanted(row);
      on += Number(isOn);
      if (isBroken && isOn !== isOnAtFirst) list = Array.from({ length: on }, () => path);
      else if (isOn) list.push(path);
    }
    return list;
  };
  const isFirst = dialect === '4.0';
  return {
    spawn: of(isFirst, true, ([, spawn]) => spawn),
    sync: of(isFirst, true, ([, , mode]) => mode === 1),
    watch: isFirst ? [] : of(true, false, ([, , mode]) => mode === 2),
  };
}
