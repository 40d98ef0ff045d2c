/** Why a ticket or the request of a room was not taken. */

/** The reasons, as `add` and `addBackfill` answer them. */
export const MatchRefusal = {
  /** `malformed`: no object, or a part of it is of another type than `MatchTicket` says. */
  MALFORMED: 'malformed',
  /** `id`: no text of 1 to `maxIdLength` characters as an id of the ticket or a player. */
  ID: 'id',
  /** `unknown-queue`: there is no such queue. */
  UNKNOWN_QUEUE: 'unknown-queue',
  /** `party-size`: no player, or more than `playersPerTeam`: they could not stay in one team. */
  PARTY_SIZE: 'party-size',
  /** `player-waiting`: a player is twice in the ticket, or in another that waits. */
  PLAYER_WAITING: 'player-waiting',
  /** `unknown-property`: the queue has no such property. */
  UNKNOWN_PROPERTY: 'unknown-property',
  /** `missing-property`: the queue wants this property. */
  MISSING_PROPERTY: 'missing-property',
  /** `string-value`: an empty text, longer than `maxStringLength`, or none of the rule's `values`. */
  STRING_VALUE: 'string-value',
  /** `too-many-values`: a list with more than `maxValues`, or lists whose combinations are more than `maxCombinations`. */
  TOO_MANY_VALUES: 'too-many-values',
  /** `number-value`: no finite number, or a `maxRange` below 0. */
  NUMBER_VALUE: 'number-value',
  /** `seats`: not one integer for each team, none above 0, or more than `playersPerTeam`. */
  SEATS: 'seats',
  /** `full`: `maxTickets` or `maxBackfills` wait already. */
  FULL: 'full',
} as const;

/** One of the reasons. */
export type MatchRefusal = (typeof MatchRefusal)[keyof typeof MatchRefusal];

/** What was refused, and at which property. */
export interface RefusedTicket {
  /** It was not taken. */
  readonly ok: false;
  /** Why. */
  readonly reason: MatchRefusal;
  /** At which property or part of the ticket, when it is one. */
  readonly property?: string;
}

/** An answer to give back. */
export function refuse(reason: MatchRefusal, property?: string): RefusedTicket {
  return property === undefined ? { ok: false, reason } : { ok: false, reason, property };
}
