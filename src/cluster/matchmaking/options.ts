/** What a ClusterMatchmaking can be told at creation. */
import {
  checkFunctions,
  checkInteger,
  checkOptions,
  describe,
  type OptionNames,
} from '../../../options/internal.ts';
import { type Match, Matchmaker, type MatchmakerOptions } from '../../matchmaking/index.ts';
import type { Placement } from '../node/placement.ts';

/** Which room a match has. */
export interface MatchRoom {
  /** Its kind. */
  readonly kind: string;
  /** For `onCreate`, plain JSON. Default: the match. */
  readonly options?: unknown;
  /** On which node. Default: the one with the least load that has seats for all. */
  readonly on?: 'here' | Placement | undefined;
}

/** Options of a `ClusterMatchmaking`. The same on all nodes. */
export interface ClusterMatchmakingOptions {
  /** The queues, and limits. `stateEveryMs` is 0 unless it is given: states travel over the bus. */
  readonly matchmaker: MatchmakerOptions;
  /** Which room a match has. Called on the node that leads. */
  readonly room: (match: Match) => MatchRoom;
  /** Tells several matchmakings of a cluster apart, 1..32 letters, digits, `_` and `-`. Default `'matchmaker'`. */
  readonly name?: string | undefined;
  /** How often matches are looked for, in ms, 10..60,000. Default 500. */
  readonly tickMs?: number | undefined;
  /** For how long the seats of a match are kept, in ms, 1,000..86,400,000. Default 30,000. */
  readonly forMs?: number | undefined;
}

/** Options that are complete. */
export type MatchmakingSettings = Required<{
  readonly [Name in keyof ClusterMatchmakingOptions]: NonNullable<ClusterMatchmakingOptions[Name]>;
}>;

/** @throws TypeError or RangeError naming the option. */
export function readMatchmakingOptions(options: ClusterMatchmakingOptions): MatchmakingSettings {
  checkOptions(options, OPTION_NAMES);
  checkFunctions(options, ['room']);
  const { matchmaker, room, name = 'matchmaker', tickMs = 500, forMs = 30_000 } = options;
  if (typeof room !== 'function') throw new TypeError(`"room" expected a function, got ${describe(room)}`);
  if (typeof name !== 'string' || !NAME.test(name))
    throw new RangeError(`"name" expected 1..32 letters, digits, "_" and "-", got ${describe(name)}`);
  checkInteger('tickMs', tickMs, 10, 60_000);
  checkInteger('forMs', forMs, 1000, 86_400_000);
  const settings = { matchmaker: { stateEveryMs: 0, ...given(matchmaker) }, room, name, tickMs, forMs };
  // It says what is wrong with the queues; who leads makes another one.
  new Matchmaker(settings.matchmaker);
  for (const queue of Object.keys(settings.matchmaker.queues))
    if (!QUEUE.test(queue))
      throw new RangeError(
        `"matchmaker.queues" expected names of letters, digits, ".", "_" and "-", got ${describe(queue)}`,
      );
  return settings;
}

/** Without what was given as `undefined`. */
function given(matchmaker: MatchmakerOptions): MatchmakerOptions {
  if (typeof matchmaker !== 'object' || matchmaker === null) return matchmaker;
  const { stateEveryMs = 0 } = matchmaker;
  return { ...matchmaker, stateEveryMs };
}

const NAME = /^[A-Za-z0-9_-]{1,32}$/;
/** Rooms are named by them. */
const QUEUE = /^[A-Za-z0-9._-]{1,64}$/;
const OPTION_NAMES: OptionNames<ClusterMatchmakingOptions> = {
  matchmaker: true,
  room: true,
  name: true,
  tickMs: true,
  forMs: true,
};
