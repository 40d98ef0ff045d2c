/** What a synchronizer replicates, as lists of properties. docs/protocol/scene-multiplayer 7.1 and 12 (rows 7, 8). */
import type { Dialect, NodePath } from '../../../codec/index.ts';
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
  /** Whether parts of properties are among them, as `position:x`. */
  readonly hasParts: boolean;
}

const complete = new WeakMap<ReplicationLists, StateLists>();
const withoutParts = new WeakMap<ReplicationLists, StateLists>();

/** The lists of a configuration for a version of Godot; the same ones until it changes. `knowsNoParts`: see `Habits`. */
export function stateListsOf(
  config: SceneReplicationConfig,
  dialect: Dialect,
  knowsNoParts: boolean,
): StateLists {
  const lists = config.listsFor(dialect);
  const known = knowsNoParts ? withoutParts : complete;
  let made = known.get(lists);
  if (made === undefined) {
    const { spawn, sync, watch } = lists;
    const propertyOf = (path: NodePath): StateProperty => new StateProperty(path, knowsNoParts);
    made = {
      spawn: spawn.map(propertyOf),
      sync: sync.map(propertyOf),
      watch: watch.map(propertyOf),
      hasParts: [...spawn, ...sync, ...watch].some(({ subnames }) => subnames.length > 1),
    };
    known.set(lists, made);
  }
  return made;
}
