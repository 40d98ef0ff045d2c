/** A matchmaker as plain JSON, and back. */
import { describe } from '../../options/internal.ts';
import type { MatchQueue } from './matchQueue.ts';
import type { MatchRefusal } from './refusal.ts';
import type { QueueCounts } from './results.ts';
import type { Room, Waiting } from './seeker.ts';
import type { BackfillRequest, MatchTicket } from './ticket.ts';

/** A ticket of a snapshot. */
export interface SavedTicket {
  /** As it was added. */
  readonly ticket: MatchTicket;
  /** Since when it waits. */
  readonly sinceMs: number;
  /** When its state is told next. */
  readonly nextStateMs: number;
}

/** A room of a snapshot. */
export interface SavedBackfill {
  /** As it was added. */
  readonly request: BackfillRequest;
  /** Since when it looks. */
  readonly sinceMs: number;
  /** The seats that are left. */
  readonly seats: readonly number[];
}

/** A queue of a snapshot. */
export interface SavedQueue {
  /** Who waits, the oldest first. */
  readonly tickets: readonly SavedTicket[];
  /** Rooms that look for players, the oldest first. */
  readonly backfills: readonly SavedBackfill[];
  /** How long the last matched tickets waited. */
  readonly waits: readonly number[];
  /** What has happened; the ids of matches go on from it. */
  readonly counts: Readonly<QueueCounts>;
}

/** All of a matchmaker but its options. */
export interface MatchmakerSnapshot {
  /** Of this form. */
  readonly version: 1;
  /** By name. */
  readonly queues: Readonly<Record<string, SavedQueue>>;
}

/** What a matchmaker with other options did not take from a snapshot. */
export interface NotRestored {
  /** Its id. */
  readonly id: string;
  /** What it is. */
  readonly kind: 'ticket' | 'backfill';
  /** Why. */
  readonly reason: MatchRefusal;
}

/** One queue. */
export function saveQueue({ waiting, rooms, waits, counts }: MatchQueue): SavedQueue {
  return {
    tickets: waiting.map(saveTicket),
    backfills: rooms.map(saveRoom),
    waits: waits.toJSON(),
    counts: { ...counts },
  };
}

/** @throws TypeError for what is no snapshot. */
export function checkSnapshot(snapshot: MatchmakerSnapshot): void {
  const version: unknown = isTable(snapshot) ? snapshot.version : snapshot;
  if (version !== 1 || !isTable(snapshot.queues))
    throw new TypeError(`"snapshot" expected one of version 1, got ${describe(version)}`);
  for (const [name, queue] of Object.entries(snapshot.queues)) {
    const isWhole =
      isTable(queue) &&
      [queue.tickets, queue.backfills, queue.waits].every(Array.isArray) &&
      isTable(queue.counts) &&
      [...queue.waits, ...Object.values(queue.counts)].every(Number.isFinite) &&
      queue.tickets.every((saved) => isWaiting(saved, saved?.ticket)) &&
      queue.backfills.every((saved) => isWaiting(saved, saved?.request) && Array.isArray(saved.seats));
    if (!isWhole) throw new TypeError(`"snapshot.queues.${name}" expected a queue, got ${describe(queue)}`);
  }
}

function saveTicket({ ticket, sinceMs, nextStateMs }: Waiting): SavedTicket {
  return { ticket, sinceMs, nextStateMs };
}

function saveRoom({ request, sinceMs, seats }: Room): SavedBackfill {
  return { request, sinceMs, seats: [...seats] };
}

/** What is in a ticket or a request is for `add` to read. */
function isWaiting(saved: SavedTicket | SavedBackfill, what: unknown): boolean {
  return isTable(saved) && isTable(what) && Number.isFinite(saved.sinceMs);
}

function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
