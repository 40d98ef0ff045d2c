/** What a matchmaker answers; all of it plain JSON. */
import type { RefusedTicket } from './refusal.ts';
import type { BackfillRequest, MatchTicket } from './ticket.ts';

/** What `add` and `addBackfill` answer. */
export type AddResult = AcceptedTicket | RefusedTicket;

/** It waits. */
export interface AcceptedTicket {
  /** It was taken. */
  readonly ok: true;
  /** `false`: its id waits already, and the one that waits is unchanged. */
  readonly isNew: boolean;
}

/** The players of one team. */
export interface MatchTeam {
  /** Their tickets. */
  readonly tickets: readonly MatchTicket[];
  /** All of their players. */
  readonly players: readonly string[];
}

/** Where a number of a match lies. */
export interface MatchedNumber {
  /** The lowest of its tickets. */
  readonly min: number;
  /** The highest. */
  readonly max: number;
  /** The mean of its players. */
  readonly mean: number;
}

/** A match: who plays with whom, and where. */
export interface Match {
  /** Its own: the name of the queue, a slash, and how many matches the queue had made before. */
  readonly id: string;
  /** Of which queue it is. */
  readonly queue: string;
  /** Its teams, all with the same number of players. */
  readonly teams: readonly MatchTeam[];
  /** For each text of the queue the value that all tickets take. */
  readonly strings: Readonly<Record<string, string>>;
  /** For each number of the queue where the tickets lie. */
  readonly numbers: Readonly<Record<string, MatchedNumber>>;
  /** How long its longest ticket has waited. */
  readonly waitedMs: number;
}

/** Players for a running room. */
export interface BackfillMatch {
  /** The request. What is left of its seats goes on looking; when none is left, it is gone. */
  readonly request: BackfillRequest;
  /** Who comes into which team. */
  readonly teams: readonly MatchTeam[];
  /** The free seats that each team has left. */
  readonly seats: readonly number[];
}

/** A ticket that was given back. */
export interface ExpiredTicket {
  /** As it was added. */
  readonly ticket: MatchTicket;
  /** Why: it has waited for `maxWaitMs`. */
  readonly reason: 'max-wait';
  /** How long. */
  readonly waitedMs: number;
}

/** How a ticket stands, to be shown to its players. */
export interface TicketState {
  /** The ticket. */
  readonly id: string;
  /** In which queue. */
  readonly queue: string;
  /** Who waits. */
  readonly players: readonly string[];
  /** Its place by waiting time, 1 for the one that has waited longest. It is no promise: a match needs others that fit. */
  readonly position: number;
  /** How many tickets wait in its queue. */
  readonly waiting: number;
  /** How long it has waited. */
  readonly waitedMs: number;
  /** The median of how long the last 64 matched tickets of its queue waited; not there before the first. */
  readonly typicalWaitMs?: number;
  /** For each number how far it looks now; `null`: everybody. */
  readonly ranges: Readonly<Record<string, number | null>>;
}

/** What came of one tick. */
export interface MatchmakerTick {
  /** New matches. Their tickets wait no more. */
  readonly matches: Match[];
  /** Players for running rooms. Their tickets wait no more. */
  readonly backfills: BackfillMatch[];
  /** Tickets that waited too long, and wait no more. */
  readonly expired: ExpiredTicket[];
  /** States that are due to be shown: of each ticket every `stateEveryMs` of its waiting. */
  readonly changes: TicketState[];
}

/** What has happened in a queue since it was made. */
export interface QueueCounts {
  /** Matches made. */
  matches: number;
  /** Players given to running rooms. */
  backfilledPlayers: number;
  /** Tickets that waited too long. */
  expired: number;
  /** What the ticks have cost, in looks at tickets. */
  steps: number;
  /** Searches that ended at `maxStepsPerSearch`: a match may have been missed. */
  cutSearches: number;
  /** Ticks that ended at `maxStepsPerTick` and went on in the next. */
  cutTicks: number;
}

/** Numbers of a queue, for operators. */
export interface QueueStatistics extends Readonly<QueueCounts> {
  /** Tickets that wait. */
  readonly tickets: number;
  /** Their players. */
  readonly players: number;
  /** Rooms that look for players. */
  readonly backfills: number;
  /** As in {@link TicketState}. */
  readonly typicalWaitMs?: number;
}
