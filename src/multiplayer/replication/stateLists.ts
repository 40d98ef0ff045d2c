/** What a synchronizer replicates, as lists of properties. docs/protocol/scene-multiplayer 7.1 and 12 (rows 7, 8). */
import type { Dialect } from '../../../codec/index.ts';
import type { ReplicationLists, SceneReplicationConfig } from '../../../schema/index.ts';
import { StateProperty } from './stateProperty.ts';

/** The three lists of a configuration, in its order. */
export interface StateLists {
  /** What a SPAWN holds. */
  readonly spawn: readonly StateProperty[];
  /** What a SYNC holds: mode "always". */
  readonly sync: readonly StateProperty[];
  /** What a DELTA holds: mode "on change". */
  readonly watch: readonly StateProperty[];
}

const known = new WeakMap<ReplicationLists, StateLists>();

/** The lists of a configuration for a version of Godot; the same ones until it changes. */
export function stateListsOf(config: SceneReplicationConfig, dialect: Dialect): StateLists {
  const lists = config.listsFor(dialect);
  let made = known.get(lists);
  if (made === undefined) {
    const { spawn, sync, watch } = lists;
    made = {
      spawn: spawn.map((path) => new StateProperty(path)),
      sync: sync.map((path) => new StateProperty(path)),
      watch: watch.map((path) => new StateProperty(path)),
    };
    known.set(lists, made);
  }
  return made;
}
