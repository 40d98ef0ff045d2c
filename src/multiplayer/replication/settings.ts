/** What the replication of a SceneMultiplayer has beyond the engine's, as options. */
import {
  checkOptions as checkNames,
  isIntegerIn,
  type OptionNames,
  withDefaults,
} from '../../../options/internal.ts';
import type { MirrorNode, PeerInterest } from '../../../schema/index.ts';
import { checkInterest, INTEREST_NAMES } from '../../../schema/internal.ts';
import { describe } from '../../godot/internal.ts';

/** How spawned nodes and states are sent, beyond what Godot's nodes say. Every option may be left out. */
export interface SceneReplicationOptions {
  /**
   * Which spawned and synchronized nodes a peer gets, on top of Godot's visibility: what a function says of a peer and a node, those
   * within a radius, or those in grid cells around something of the peer's. What is not of interest any more is despawned. Default:
   * all.
   */
  readonly interest?: PeerInterest<number> | undefined;
  /** Every how many polls interest is worked out anew for a peer, 1 or more. Default 4. */
  readonly interestTicks?: number | undefined;
  /**
   * Bytes of states per peer and poll, 1 or more. What does not fit waits, what has waited longest first; changes (DELTA) and spawns
   * always go, and count. Default `Infinity`: no budget, as with `compatibility: 'engine'`.
   */
  readonly bytesPerTick?: number | undefined;
  /**
   * How much a node matters to a peer when the budget does not suffice: a state that waits counts as often as this says, 1 for
   * normal. Asked only then. Default: all the same.
   */
  readonly priority?: ((peer: number, node: MirrorNode) => number) | undefined;
}

/** {@link SceneReplicationOptions}, complete. */
export interface ReplicationSettings {
  readonly interest: PeerInterest<number> | undefined;
  readonly interestTicks: number;
  readonly bytesPerTick: number;
  readonly priority: ((peer: number, node: MirrorNode) => number) | undefined;
}

/** Fills in the defaults. @throws TypeError or RangeError naming the option. */
export function replicationSettings(options: SceneReplicationOptions = {}): ReplicationSettings {
  checkNames(options, REPLICATION_OPTION_NAMES, 'replication');
  const { interest, priority } = options;
  const { interestTicks, bytesPerTick } = withDefaults(DEFAULTS, options);
  checkInterest('replication.interest', interest);
  if (!isIntegerIn(interestTicks, 1, 1_000_000))
    throw new RangeError(
      `"replication.interestTicks" expected an integer from 1 on, got ${describe(interestTicks)}`,
    );
  if (bytesPerTick !== Number.POSITIVE_INFINITY && !isIntegerIn(bytesPerTick, 1, Number.MAX_SAFE_INTEGER))
    throw new RangeError(
      `"replication.bytesPerTick" expected an integer from 1 on, got ${describe(bytesPerTick)}`,
    );
  if (priority !== undefined && typeof priority !== 'function')
    throw new TypeError(`"replication.priority" expected a function, got ${describe(priority)}`);
  return { interest, interestTicks, bytesPerTick, priority };
}

const DEFAULTS: Pick<ReplicationSettings, 'interestTicks' | 'bytesPerTick'> = {
  interestTicks: 4,
  bytesPerTick: Number.POSITIVE_INFINITY,
};

/** The names of {@link SceneReplicationOptions}. */
export const REPLICATION_OPTION_NAMES: OptionNames<SceneReplicationOptions> = {
  interest: INTEREST_NAMES,
  interestTicks: true,
  bytesPerTick: true,
  priority: true,
};
