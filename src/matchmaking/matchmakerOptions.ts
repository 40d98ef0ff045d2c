/** What a Matchmaker can be told at creation. */
import { checkLimitNumbers, checkOptions, describe, type OptionNames } from '../../options/internal.ts';
import { type MatchQueueOptions, type QueueRules, readQueueOptions } from './queueOptions.ts';

/** What bounds a matchmaker. Each is a number of at least 1. */
export interface MatchmakerLimits {
  /** Tickets that wait at the same time, of all queues. Default 20000. */
  readonly maxTickets: number;
  /** Requests of rooms for players, of all queues. Default 1000. */
  readonly maxBackfills: number;
  /** Characters of the id of a ticket, a player or a room. Default 64. */
  readonly maxIdLength: number;
  /** Characters of a text. Default 64. */
  readonly maxStringLength: number;
  /** Values that a ticket may name for one text. Default 16. */
  readonly maxValues: number;
  /** Combinations of the values that a ticket names, one for each text: 3 maps in 2 regions are 6. Default 64. */
  readonly maxCombinations: number;
  /**
   * Steps of one tick of a queue, each the work of a look at a ticket in a search; it goes on in the next where it ended. A ticket that is
   * matched counts 400. The default is meant for ticks of at most 50 ms with 10,000 tickets; half as many steps halve what searches take.
   * Default 300000.
   */
  readonly maxStepsPerTick: number;
  /** Steps in the search for one ticket; then it waits for the next change. Default 30000. */
  readonly maxStepsPerSearch: number;
}

/** Options of a `Matchmaker`. */
export interface MatchmakerOptions {
  /** The queues, by name; at least one. */
  readonly queues: Readonly<Record<string, MatchQueueOptions>>;
  /** Limits; what is left out has its default. */
  readonly limits?: { readonly [Name in keyof MatchmakerLimits]?: number | undefined } | undefined;
  /** How often `changes` of `tick` has the state of a ticket, in milliseconds of its waiting; 0: never. Default 1000. */
  readonly stateEveryMs?: number | undefined;
}

/** The limits that hold when the options name no others. */
export const MATCHMAKER_LIMITS: MatchmakerLimits = {
  maxTickets: 20_000,
  maxBackfills: 1000,
  maxIdLength: 64,
  maxStringLength: 64,
  maxValues: 16,
  maxCombinations: 64,
  maxStepsPerTick: 300_000,
  maxStepsPerSearch: 30_000,
};

/** The options, read. */
export interface MatchmakerSettings {
  readonly queues: ReadonlyMap<string, QueueRules>;
  readonly limits: MatchmakerLimits;
  readonly stateEveryMs: number;
}

/** @throws TypeError or RangeError naming the option. */
export function readMatchmakerOptions(options: MatchmakerOptions): MatchmakerSettings {
  checkOptions(options, OPTION_NAMES);
  const { stateEveryMs = 1000 } = options;
  if (!(typeof stateEveryMs === 'number' && stateEveryMs >= 0))
    throw new RangeError(`"stateEveryMs" expected milliseconds of at least 0, got ${describe(stateEveryMs)}`);
  checkOptions(options.queues, options.queues, 'queues');
  const queues = new Map<string, QueueRules>();
  for (const [name, queue] of Object.entries(options.queues))
    queues.set(name, readQueueOptions(`queues.${name}`, queue));
  if (queues.size === 0) throw new RangeError('"queues" expected at least one queue');
  return { queues, limits: checkLimitNumbers('limits', MATCHMAKER_LIMITS, options.limits), stateEveryMs };
}

const OPTION_NAMES: OptionNames<MatchmakerOptions> = { queues: true, limits: true, stateEveryMs: true };
