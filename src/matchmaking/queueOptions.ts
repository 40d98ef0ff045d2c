/** What a queue can be told. */
import {
  checkInteger,
  checkList,
  checkOptions,
  describe,
  type OptionNames,
  withDefaults,
} from '../../options/internal.ts';
import { type MatchNumberRule, type RangeCurve, readNumberRule } from './rangeCurve.ts';

/** A text that all tickets of a match must agree on: each names the values that it takes, and one must be common to all. */
export interface MatchStringRule {
  /** The values that there are. Then a ticket without the property takes all of them; without this list it is refused. */
  readonly values?: readonly string[] | undefined;
}

/** One queue: the shape of its matches, and what its tickets have. */
export interface MatchQueueOptions {
  /** How many players a full team has, 1..128. */
  readonly playersPerTeam: number;
  /** How many teams a match has, 1..64. Default 1: everybody in one room. */
  readonly teams?: number | undefined;
  /** The fewest players of a team; all teams of a match have the same number. Default: `playersPerTeam`. */
  readonly minPlayersPerTeam?: number | undefined;
  /** How long a ticket waits for a full match before it takes a smaller one, in milliseconds. Default 10000. */
  readonly smallerAfterMs?: number | undefined;
  /** A smaller team has a multiple of so many players, e.g. 2 for pairs. Default 1. */
  readonly countMultiple?: number | undefined;
  /** Texts to agree on, by name: region, version, map. Default none. */
  readonly strings?: Readonly<Record<string, MatchStringRule>> | undefined;
  /** Numbers to be near in, by name: skill, ping. Default none. */
  readonly numbers?: Readonly<Record<string, MatchNumberRule>> | undefined;
  /**
   * Whose ranges count. `'each'`: those of each ticket, both ways; who is far from all others meets only those who have waited long
   * themselves. `'oldest'`: that of the ticket of a match that has waited longest, for all in it, so that newcomers fill its match; a
   * ticket's own `maxRange` holds nevertheless. Default `'each'`.
   */
  readonly rangeOf?: 'each' | 'oldest' | undefined;
  /** The number by which teams are made even: the sums of its values, each times the ticket's players. Default: none. */
  readonly balance?: string | undefined;
  /** After how much waiting a ticket is given back, in milliseconds. Default `Infinity`: never. */
  readonly maxWaitMs?: number | undefined;
  /** Whether running rooms choose players before or after new matches are made. Default `'first'`. */
  readonly backfill?: 'first' | 'last' | undefined;
}

/** A queue's options, read. */
export interface QueueRules {
  readonly playersPerTeam: number;
  readonly teams: number;
  /** Sizes of teams that a match may have, the full one first. */
  readonly sizes: readonly number[];
  /** The full one alone. */
  readonly fullSize: readonly number[];
  readonly smallerAfterMs: number;
  readonly strings: readonly { readonly name: string; readonly values: readonly string[] | undefined }[];
  readonly numbers: readonly { readonly name: string; readonly curve: RangeCurve }[];
  /** Whether the range of who has waited longest counts for all. */
  readonly isByOldest: boolean;
  /** The index of the number that makes teams even, -1 for none. */
  readonly balance: number;
  readonly maxWaitMs: number;
  readonly backfill: 'first' | 'last';
}

/** The defaults that hold when the options name no others. */
export const MATCH_QUEUE_DEFAULTS: {
  /** Everybody in one room. */
  readonly teams: number;
  /** Ten seconds. */
  readonly smallerAfterMs: number;
  /** Smaller teams of any size. */
  readonly countMultiple: number;
  /** No ticket is given back. */
  readonly maxWaitMs: number;
  /** Rooms choose before new matches are made. */
  readonly backfill: 'first' | 'last';
  /** Each ticket's own, both ways. */
  readonly rangeOf: 'each' | 'oldest';
} = {
  teams: 1,
  smallerAfterMs: 10_000,
  countMultiple: 1,
  maxWaitMs: Number.POSITIVE_INFINITY,
  backfill: 'first',
  rangeOf: 'each',
};

/**
 * @param place what the queue is called in messages.
 * @throws TypeError or RangeError naming the option.
 */
export function readQueueOptions(place: string, options: MatchQueueOptions): QueueRules {
  checkOptions(options, OPTION_NAMES, place);
  const { teams, smallerAfterMs, countMultiple, maxWaitMs, backfill, rangeOf } = withDefaults(
    MATCH_QUEUE_DEFAULTS,
    options,
  );
  const { playersPerTeam, minPlayersPerTeam = playersPerTeam, balance } = options;
  checkInteger(`${place}.playersPerTeam`, playersPerTeam, 1, 128, 'an integer');
  checkInteger(`${place}.teams`, teams, 1, 64, 'an integer');
  checkInteger(`${place}.minPlayersPerTeam`, minPlayersPerTeam, 1, playersPerTeam, 'an integer');
  checkInteger(`${place}.countMultiple`, countMultiple, 1, playersPerTeam, 'an integer');
  checkMs(`${place}.smallerAfterMs`, smallerAfterMs);
  checkMs(`${place}.maxWaitMs`, maxWaitMs);
  if (backfill !== 'first' && backfill !== 'last')
    throw new RangeError(`"${place}.backfill" expected 'first' or 'last', got ${describe(backfill)}`);
  if (rangeOf !== 'each' && rangeOf !== 'oldest')
    throw new RangeError(`"${place}.rangeOf" expected 'each' or 'oldest', got ${describe(rangeOf)}`);
  const sizes = [playersPerTeam];
  for (let size = playersPerTeam - 1; size >= minPlayersPerTeam; size--)
    if (size % countMultiple === 0) sizes.push(size);
  const numbers = rulesOf(`${place}.numbers`, options.numbers).map(([name, rule]) => ({
    name,
    curve: readNumberRule(`${place}.numbers.${name}`, rule),
  }));
  const balanceIndex = numbers.findIndex(({ name }) => name === balance);
  if (balance !== undefined && balanceIndex < 0)
    throw new RangeError(`"${place}.balance" expected one of "numbers", got ${describe(balance)}`);
  const strings = rulesOf(`${place}.strings`, options.strings).map(([name, rule]) => ({
    name,
    values: readValues(`${place}.strings.${name}`, rule),
  }));
  return {
    ...{ playersPerTeam, teams, sizes, fullSize: [playersPerTeam], smallerAfterMs, strings, numbers },
    ...{ balance: balanceIndex, maxWaitMs, backfill, isByOldest: rangeOf === 'oldest' },
  };
}

function readValues(place: string, rule: MatchStringRule): readonly string[] | undefined {
  checkOptions(rule, STRING_NAMES, place);
  const { values } = rule;
  if (values === undefined) return undefined;
  checkList(`${place}.values`, values, 'texts');
  for (const value of values)
    if (typeof value !== 'string' || value === '')
      throw new TypeError(`"${place}.values" expected texts, got ${describe(value)}`);
  if (values.length === 0 || new Set(values).size < values.length)
    throw new RangeError(`"${place}.values" expected different texts, at least one`);
  return [...values];
}

/** By name, so that two queues of the same rules are alike however they were written down. */
function rulesOf<Rule>(place: string, rules: Readonly<Record<string, Rule>> | undefined): [string, Rule][] {
  if (rules === undefined) return [];
  checkOptions(rules, rules, place);
  return Object.entries(rules).filter(([, rule]) => rule !== undefined);
}

function checkMs(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return;
  throw new RangeError(`"${name}" expected milliseconds of at least 0, got ${describe(value)}`);
}

const STRING_NAMES: OptionNames<MatchStringRule> = { values: true };
const OPTION_NAMES: OptionNames<MatchQueueOptions> = {
  playersPerTeam: true,
  teams: true,
  minPlayersPerTeam: true,
  smallerAfterMs: true,
  countMultiple: true,
  strings: true,
  numbers: true,
  rangeOf: true,
  balance: true,
  maxWaitMs: true,
  backfill: true,
};
