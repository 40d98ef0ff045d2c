/** What a PlayerDirectory answers. */

/** How a connection ended: whoever says goodbye or is kicked leaves at once, of the others the seat is kept. */
export type ConnectionEnd = 'goodbye' | 'kick' | 'timeout' | 'drop';

/** Where a player is; of one who is `'gone'` nothing is known. */
export type PlayerState = 'present' | 'away' | 'gone';

/** Why a login was refused; stable. Explained in docs/errors.md, "Login refusals". */
export const LoginRefusal = {
  /** The id of the player is no string, empty, or longer than `maxIdLength`. */
  PLAYER_ID: 'player-id',
  /** The same of the session. */
  SESSION_ID: 'session-id',
  /** The connection has a player already. */
  LOGGED_IN: 'logged-in',
  /** The player is there, and the policy is `'refuse'`. */
  PRESENT: 'present',
  /** The player has `maxSeatsPerPlayer` seats. */
  TOO_MANY_SEATS: 'too-many-seats',
} as const;

/** One of {@link LoginRefusal}. */
export type LoginRefusal = (typeof LoginRefusal)[keyof typeof LoginRefusal];

/** What a login can be told besides player and connection. */
export interface LoginDetails {
  /** The session of the login, e.g. of its token. Who logs in again with the session of a seat gets that seat. */
  readonly session?: string | undefined;
  /** `graceMs` of this seat. Default: that of the directory. */
  readonly graceMs?: number | undefined;
}

/** How long somebody was away, and from where. */
export interface Absence {
  /** The `now` at which the connection was lost. */
  readonly sinceMs: number;
  /** The room in which the seat is; `undefined`: in none. */
  readonly room: string | undefined;
  /** The connection that was lost. */
  readonly previousConnection: number;
}

/** What was kept for somebody who was away: always the newest events, without a gap between them. */
export interface Missed<Event> {
  /** The events, oldest first. */
  readonly events: readonly Event[];
  /** How many older ones did not fit. Above 0, the state has to be told anew. */
  readonly lost: number;
}

/** A login that made a new seat. */
export interface Joined {
  /** What happened. */
  readonly kind: 'joined';
}

/** A login that got back a seat that was kept. */
export interface Returned<Event> {
  /** What happened. */
  readonly kind: 'returned';
  /** How long they were away. */
  readonly away: Absence;
  /** What was kept for them. */
  readonly missed: Missed<Event>;
}

/** A login that got the seat of a present connection. */
export interface TookOver {
  /** What happened. */
  readonly kind: 'tookOver';
  /** The connection that had the seat: it has no player any more, and is to be ended. */
  readonly replaced: number;
  /** The room in which the seat is. */
  readonly room: string | undefined;
}

/** A login that changed nothing. */
export interface RefusedLogin {
  /** What happened. */
  readonly kind: 'refused';
  /** Why. */
  readonly reason: LoginRefusal;
}

/** The answer to a login. */
export type LoginResult<Event> = Joined | Returned<Event> | TookOver | RefusedLogin;

/** A seat that nobody has any more. */
export interface FreedSeat {
  /** Who had it. */
  readonly player: string;
  /** The last connection that had it. */
  readonly connection: number;
  /** The room in which it is. */
  readonly room: string | undefined;
}

/** What the end of a connection did. */
export interface EndedSeat extends FreedSeat {
  /** Until when the seat is kept; `undefined`: it is free. */
  readonly untilMs: number | undefined;
  /** Seats of others that had to be freed for it, because of `maxAway`. */
  readonly displaced: readonly FreedSeat[];
}
