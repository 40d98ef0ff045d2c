/** What nodes and the leader of a matchmaking say to each other. What is read was written by a node of the same cluster. */
import type { Match, MatchTicket, RefusedTicket, TicketState } from '../../matchmaking/index.ts';
import type { JsonValue } from '../node/frames.ts';
import { isCount, isTable } from '../node/nodeFacts.ts';
import { roomKey } from '../node/roomRecord.ts';

/** A ticket on its way to the leader. */
export interface SentTicket {
  readonly ticket: MatchTicket;
  /** How long it has waited. */
  readonly waitedMs: number;
}

/** Tickets for the leader. */
export interface AddMessage {
  /** Whose they are. */
  readonly node: string;
  /** Which claim of the node that is: when it has lost that, it puts them in again. */
  readonly epoch: number;
  readonly tickets: readonly SentTicket[];
}

/** What the leader says to them: in their order, `null` for one that waits. */
export interface AddAnswer {
  /** The claim of the leader. */
  readonly lead: number;
  readonly refusals: readonly (RefusedTicket | null)[];
}

/** A match that is about to be made: its tickets are in no other one until it is known whether its room came about. */
export interface PromiseMessage {
  readonly lead: number;
  /** The id of the room: no other match has it. */
  readonly roomId: string;
  readonly match: Match;
  /** The tickets of the node that is told. */
  readonly tickets: readonly string[];
  /** For how long seats are kept. */
  readonly forMs: number;
}

/** What became of it. */
export interface OutcomeMessage {
  readonly roomId: string;
  /** Whether its room was made: where it is, the record says. */
  readonly isMade: boolean;
}

/** Tickets that waited too long, and states to be shown. */
export interface NewsMessage {
  /** Whether the leader may not have the tickets of the node: it is to put them in again. */
  readonly putAgain?: boolean;
  readonly expired: readonly { readonly id: string; readonly waitedMs: number }[];
  readonly states: readonly TicketState[];
}

/** As a payload. */
export function sendable(message: object): JsonValue {
  return message as unknown as JsonValue; // messages are plain JSON
}

/** @throws TypeError for anything else. */
export function readAdd(payload: unknown): AddMessage {
  if (isTable(payload)) {
    const { node, epoch, tickets } = payload;
    if (typeof node === 'string' && isCount(epoch) && Array.isArray(tickets))
      return { node, epoch, tickets: tickets.filter(isSentTicket) };
  }
  throw strange('tickets');
}

/** @throws TypeError for anything else. */
export function readAddAnswer(payload: unknown): AddAnswer {
  if (isTable(payload) && isCount(payload['lead']) && Array.isArray(payload['refusals']))
    return { lead: payload['lead'], refusals: payload['refusals'] as (RefusedTicket | null)[] }; // as `add` gives them
  throw strange('an answer to tickets');
}

/** @throws TypeError for anything else; RangeError for the id of no room. */
export function readPromise(payload: unknown): PromiseMessage {
  if (isTable(payload)) {
    const { lead, roomId, match, tickets, forMs } = payload;
    if (
      isCount(lead) &&
      typeof roomId === 'string' &&
      isMatch(match) &&
      Array.isArray(tickets) &&
      isCount(forMs)
    ) {
      roomKey(roomId);
      return { lead, roomId, match, tickets: tickets.map(String), forMs };
    }
  }
  throw strange('a match');
}

/** @throws TypeError for anything else. */
export function readOutcome(payload: unknown): OutcomeMessage {
  const { roomId, isMade } = isTable(payload) ? payload : {};
  if (typeof roomId === 'string' && typeof isMade === 'boolean') return { roomId, isMade };
  throw strange('what became of a match');
}

/** @throws TypeError for anything else. */
export function readNews(payload: unknown): NewsMessage {
  if (isTable(payload) && Array.isArray(payload['expired']) && Array.isArray(payload['states']))
    return payload as unknown as NewsMessage; // as `tick` gives them
  throw strange('news of tickets');
}

function isSentTicket(value: unknown): value is SentTicket {
  return isTable(value) && isTable(value['ticket']) && typeof value['waitedMs'] === 'number';
}

function isMatch(value: unknown): value is Match {
  if (!isTable(value) || typeof value['id'] !== 'string' || !Array.isArray(value['teams'])) return false;
  return value['teams'].every(
    (team) => isTable(team) && Array.isArray(team['players']) && Array.isArray(team['tickets']),
  );
}

function strange(what: string): TypeError {
  return new TypeError(`a node has sent what is not ${what}`);
}
