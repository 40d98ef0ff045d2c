/** What a WorldHistory can be told at creation. */
import {
  checkFunctions,
  checkList,
  checkOptions,
  describe,
  isIntegerIn,
  type OptionNames,
  withDefaults,
} from '../../options/internal.ts';
import type { MirrorNode } from '../../schema/index.ts';

/** Options of a `WorldHistory`. */
export interface WorldHistoryOptions {
  /**
   * Which Node2D and Node3D are recorded: the name of a group, or a function that is asked when a node enters the tree and after each
   * change of it.
   */
  readonly nodes: string | ((node: MirrorNode) => boolean);
  /** How far back it reaches, in milliseconds, 1..10000. Default 1000. */
  readonly durationMs?: number | undefined;
  /** Whether transforms are those of the world or relative to the parent. Default `'global'`. */
  readonly space?: 'global' | 'local' | undefined;
  /** Other properties that are recorded: numbers and booleans, `crouching` say, as numbers. Default none. */
  readonly properties?: readonly string[] | undefined;
  /**
   * Whether a peer sees a node, beside what its MultiplayerSynchronizers and those above it say; asked for each of both in every tick.
   * Default: it does.
   */
  readonly isVisible?: ((peer: number, node: MirrorNode) => boolean) | undefined;
  /**
   * How much older than `estimateTick` a tick may be that a client claims, in milliseconds; what is older is moved to there. Default: as
   * old as there is history.
   */
  readonly toleranceMs?: number | undefined;
  /** The most nodes that are remembered; more are not recorded. Default 4096. */
  readonly maxNodes?: number | undefined;
}

/** What has a default, complete. */
export interface WorldHistorySettings {
  /** How far back it reaches, in milliseconds. */
  readonly durationMs: number;
  /** Whether transforms are those of the world or relative to the parent. */
  readonly space: 'global' | 'local';
  /** Other properties that are recorded. */
  readonly properties: readonly string[];
  /** How much older than the estimate a claimed tick may be, in milliseconds. */
  readonly toleranceMs: number;
  /** Nodes that are remembered. */
  readonly maxNodes: number;
}

/** The defaults that hold when the options name no others. */
export const WORLD_HISTORY_DEFAULTS: WorldHistorySettings = {
  durationMs: 1000,
  space: 'global',
  properties: [],
  toleranceMs: Number.POSITIVE_INFINITY,
  maxNodes: 4096,
};

/** @throws TypeError or RangeError naming the option. */
export function readWorldHistoryOptions(options: WorldHistoryOptions): WorldHistorySettings {
  checkOptions(options, OPTION_NAMES);
  checkFunctions(options, ['isVisible']);
  const settings = withDefaults(WORLD_HISTORY_DEFAULTS, options);
  const { durationMs, space, properties, toleranceMs, maxNodes } = settings;
  const { nodes } = options;
  if (typeof nodes !== 'function' && (typeof nodes !== 'string' || nodes === ''))
    throw new TypeError(`"nodes" expected the name of a group or a function, got ${describe(nodes)}`);
  if (!(typeof durationMs === 'number' && durationMs >= 1 && durationMs <= 10_000))
    throw new RangeError(`"durationMs" expected 1..10000, got ${describe(durationMs)}`);
  if (space !== 'global' && space !== 'local')
    throw new RangeError(`"space" expected 'global' or 'local', got ${describe(space)}`);
  checkList('properties', properties, 'names of properties');
  for (const name of properties)
    if (typeof name !== 'string' || name === '')
      throw new TypeError(`"properties" expected names of properties, got ${describe(name)}`);
  if (!(typeof toleranceMs === 'number' && toleranceMs >= 0))
    throw new RangeError(`"toleranceMs" expected a number from 0 on, got ${describe(toleranceMs)}`);
  if (!isIntegerIn(maxNodes, 1, 1_000_000))
    throw new RangeError(`"maxNodes" expected an integer 1..1000000, got ${describe(maxNodes)}`);
  return settings;
}

const OPTION_NAMES: OptionNames<WorldHistoryOptions> = {
  nodes: true,
  durationMs: true,
  space: true,
  properties: true,
  isVisible: true,
  toleranceMs: true,
  maxNodes: true,
};
