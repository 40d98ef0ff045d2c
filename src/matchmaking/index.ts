/** Matchmaking: tickets in, matches out. Re-exports only. */
export type { FailedProperty, TicketExplanation, TicketVerdict } from './explain.ts';
export { Matchmaker } from './Matchmaker.ts';
export {
  MATCHMAKER_LIMITS,
  type MatchmakerLimits,
  type MatchmakerOptions,
} from './matchmakerOptions.ts';
export { MATCH_QUEUE_DEFAULTS, type MatchQueueOptions, type MatchStringRule } from './queueOptions.ts';
export type { EvenWidening, MatchNumberRule, WideningStep } from './rangeCurve.ts';
export { MatchRefusal, type RefusedTicket } from './refusal.ts';
export type {
  AcceptedTicket,
  AddResult,
  BackfillMatch,
  ExpiredTicket,
  Match,
  MatchedNumber,
  MatchmakerTick,
  MatchTeam,
  QueueCounts,
  QueueStatistics,
  TicketState,
} from './results.ts';
export type {
  MatchmakerSnapshot,
  NotRestored,
  SavedBackfill,
  SavedQueue,
  SavedTicket,
} from './snapshot.ts';
export type { BackfillRequest, MatchNumber, MatchProperties, MatchTicket } from './ticket.ts';
