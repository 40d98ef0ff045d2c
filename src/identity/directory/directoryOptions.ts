/** What a PlayerDirectory can be told at creation. */
import { checkInteger, checkKnownName, checkOptions, withDefaults } from '../../../options/internal.ts';

/**
 * What becomes of a login of a player who is present already:
 *
 * - `'refuse'`: it is turned away, and whoever is there stays;
 * - `'takeOver'`: it gets the seat, and the connection that had it is to be ended;
 * - `'both'`: it gets a seat of its own beside the first.
 */
export type SecondLogin = 'refuse' | 'takeOver' | 'both';

/** Options of a `PlayerDirectory`. */
export interface PlayerDirectoryOptions {
  /** What becomes of a second login. Default `'takeOver'`. */
  readonly secondLogin?: SecondLogin | undefined;
  /** How long the seat of a player is kept whose connection was lost, in ms; 0: not at all. Default 60,000. */
  readonly graceMs?: number | undefined;
  /** The most seats that are kept for players who are away; for one more, that whose time ends first is freed. Default 1024. */
  readonly maxAway?: number | undefined;
  /** The most seats of a player, under `'both'`; those that are kept count. Default 4. */
  readonly maxSeatsPerPlayer?: number | undefined;
  /** The longest id of a player, a session or a room, in UTF-16 units. Default 128. */
  readonly maxIdLength?: number | undefined;
  /** The most events that are kept for one who is away; 0: none. Default 64. */
  readonly maxKeptEvents?: number | undefined;
  /** The most bytes of them. Default 65,536. */
  readonly maxKeptBytes?: number | undefined;
  /** The most bytes of all that are kept. Default 8,388,608. */
  readonly maxKeptBytesInAll?: number | undefined;
}

/** The options of a `PlayerDirectory`, complete. */
export type PlayerDirectorySettings = {
  readonly [Name in keyof PlayerDirectoryOptions]-?: NonNullable<PlayerDirectoryOptions[Name]>;
};

/** The defaults that hold when the options name no others. */
export const PLAYER_DIRECTORY_DEFAULTS: PlayerDirectorySettings = {
  secondLogin: 'takeOver',
  graceMs: 60_000,
  maxAway: 1024,
  maxSeatsPerPlayer: 4,
  maxIdLength: 128,
  maxKeptEvents: 64,
  maxKeptBytes: 65_536,
  maxKeptBytesInAll: 8_388_608,
};

/** @throws TypeError or RangeError naming the option. */
export function readDirectoryOptions(options: PlayerDirectoryOptions): PlayerDirectorySettings {
  checkOptions(options, PLAYER_DIRECTORY_DEFAULTS);
  const settings = withDefaults(PLAYER_DIRECTORY_DEFAULTS, options);
  checkKnownName('secondLogin', settings.secondLogin, POLICIES);
  for (const [name, least] of LEAST) checkInteger(name, settings[name], least, Number.MAX_SAFE_INTEGER);
  return settings;
}

const POLICIES: Record<SecondLogin, true> = { refuse: true, takeOver: true, both: true };

const LEAST = [
  ['graceMs', 0],
  ['maxAway', 0],
  ['maxSeatsPerPlayer', 1],
  ['maxIdLength', 1],
  ['maxKeptEvents', 0],
  ['maxKeptBytes', 0],
  ['maxKeptBytesInAll', 0],
] as const;
