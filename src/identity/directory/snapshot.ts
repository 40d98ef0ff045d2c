/** A PlayerDirectory as plain JSON. */
import { describe, isIntegerIn } from '../../../options/internal.ts';

/** One seat of a {@link PlayerDirectorySnapshot}. */
export interface SeatSnapshot<Event> {
  /** Who has it. */
  readonly player: string;
  /** The session of the login, if it named one. */
  readonly session?: string | undefined;
  /** The connection that has it, or had it last. */
  readonly connection: number;
  /** The room in which it is. */
  readonly room?: string | undefined;
  /** How long it is kept. */
  readonly graceMs: number;
  /** Not there: the player is present. */
  readonly away?: AbsenceSnapshot<Event> | undefined;
}

/** Of a seat whose player is away. */
export interface AbsenceSnapshot<Event> {
  /** How long ago the connection was lost. */
  readonly awayMs: number;
  /** How long the seat is still kept; below 0 when it is to be freed. */
  readonly leftMs: number;
  /** Which of two that end at the same time comes first. */
  readonly order: number;
  /** How many events were lost. */
  readonly lost: number;
  /** The events that are kept, oldest first. */
  readonly events: readonly KeptEventSnapshot<Event>[];
}

/** An event that is kept. */
export interface KeptEventSnapshot<Event> {
  /** As it was given to `keep`. */
  readonly event: Event;
  /** What it takes of the limits. */
  readonly bytes: number;
}

/** What `PlayerDirectory.snapshot` gives and `PlayerDirectory.restore` takes. */
export interface PlayerDirectorySnapshot<Event = unknown> {
  /** The number of this format. */
  readonly version: 1;
  /** All seats, those of a player in their order. */
  readonly seats: readonly SeatSnapshot<Event>[];
}

/** @throws TypeError naming what is no snapshot of this version. */
export function checkSnapshot(snapshot: unknown): void {
  if (!isTable(snapshot) || snapshot['version'] !== 1 || !Array.isArray(snapshot['seats']))
    throw new TypeError(`"snapshot" expected one of version 1, got ${describe(snapshot)}`);
  for (const [index, seat] of snapshot['seats'].entries()) {
    if (!isSeat(seat))
      throw new TypeError(`"snapshot.seats[${index}]" expected a seat, got ${describe(seat)}`);
  }
}

function isSeat(seat: unknown): boolean {
  if (!isTable(seat)) return false;
  const { player, session, connection, room, graceMs, away } = seat;
  return (
    typeof player === 'string' &&
    isOptionalText(session) &&
    isCount(connection) &&
    isOptionalText(room) &&
    isCount(graceMs) &&
    (away === undefined || isAway(away))
  );
}

function isAway(away: unknown): boolean {
  if (!isTable(away)) return false;
  const { awayMs, leftMs, order, lost, events } = away;
  return (
    Number.isFinite(awayMs) &&
    Number.isFinite(leftMs) &&
    isCount(order) &&
    isCount(lost) &&
    Array.isArray(events) &&
    events.every((entry) => isTable(entry) && isCount(entry['bytes']))
  );
}

function isTable(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isCount(value: unknown): boolean {
  return isIntegerIn(value, 0, Number.MAX_SAFE_INTEGER);
}
