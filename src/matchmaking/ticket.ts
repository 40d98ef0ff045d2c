/** What waits for a match, and how it is read from what a stranger may have sent. */
import { isIntegerIn } from '../../options/internal.ts';
import type { MatchmakerLimits } from './matchmakerOptions.ts';
import type { QueueRules } from './queueOptions.ts';
import { MatchRefusal, type RefusedTicket, refuse } from './refusal.ts';

/** A number of a ticket that looks less far than the queue allows. */
export interface MatchNumber {
  /** The ticket's own. */
  readonly value: number;
  /** How far from it others may be at most, however long it waits; at least 0. */
  readonly maxRange?: number | undefined;
}

/** What tickets and rooms have to be matched by; plain JSON. */
export interface MatchProperties {
  /** For each text of the queue the value, or the values, the best one first. */
  readonly strings?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** For each number of the queue the own one. A party has one as well: its mean, or its best player's; the game decides. */
  readonly numbers?: Readonly<Record<string, number | MatchNumber>> | undefined;
}

/** One player, or a party, that waits; plain JSON. */
export interface MatchTicket extends MatchProperties {
  /** Its own, among all queues of a matchmaker. */
  readonly id: string;
  /** In which queue. */
  readonly queue: string;
  /** Who it is: 1 player or more, who come into one team. */
  readonly players: readonly string[];
}

/** A running room with free seats; plain JSON. Its numbers are what new players must be near, their mean say. */
export interface BackfillRequest extends MatchProperties {
  /** Its own, among all rooms. */
  readonly id: string;
  /** From which queue it takes players. */
  readonly queue: string;
  /** The free seats of each team. */
  readonly seats: readonly number[];
}

/** Properties as the queue compares them. */
export interface ReadProperties {
  /** A bucket for each combination of values, the best one first: one value for each text of the queue. */
  readonly combinations: readonly (readonly string[])[];
  /** For each number of the queue. */
  readonly values: readonly number[];
  /** For each number of the queue, `Infinity` where the ticket sets no bound. */
  readonly maxRanges: readonly number[];
}

/** What was read of something well-formed. */
export interface Accepted<Kind> {
  readonly ok: true;
  /** A copy that has nothing but what its type names. */
  readonly copy: Kind;
  readonly properties: ReadProperties;
}

/** Looks at everything of a ticket but whether it waits already. Costs no more than the limits, whatever is in it. */
export function readTicket(
  ticket: MatchTicket,
  rules: QueueRules,
  limits: MatchmakerLimits,
): Accepted<MatchTicket> | RefusedTicket {
  const players: unknown = ticket.players;
  if (!Array.isArray(players)) return refuse(MatchRefusal.MALFORMED, 'players');
  if (players.length === 0 || players.length > rules.playersPerTeam)
    return refuse(MatchRefusal.PARTY_SIZE, 'players');
  if (!players.every((player): player is string => isText(player, limits.maxIdLength)))
    return refuse(MatchRefusal.ID, 'players');
  if (new Set(players).size < players.length) return refuse(MatchRefusal.PLAYER_WAITING, 'players');
  const read = readProperties(ticket, rules, limits);
  if (!read.ok) return read;
  const { id, queue } = ticket;
  return { ...read, copy: { id, queue, players: [...players], ...read.copy } };
}

/** Looks at a room's request as {@link readTicket} does at a ticket. */
export function readBackfill(
  request: BackfillRequest,
  rules: QueueRules,
  limits: MatchmakerLimits,
): Accepted<BackfillRequest> | RefusedTicket {
  const seats: unknown = request.seats;
  if (!Array.isArray(seats) || seats.length !== rules.teams) return refuse(MatchRefusal.SEATS, 'seats');
  const areGood = seats.every((free): free is number => isIntegerIn(free, 0, rules.playersPerTeam));
  if (!areGood || seats.every((free) => free === 0)) return refuse(MatchRefusal.SEATS, 'seats');
  const read = readProperties(request, rules, limits);
  if (!read.ok) return read;
  const { id, queue } = request;
  return { ...read, copy: { id, queue, seats: [...seats], ...read.copy } };
}

/** Whether something is an object with an id, as a ticket and a request are. */
export function hasId(value: unknown, limits: MatchmakerLimits): value is { id: string } {
  return isTable(value) && isText(value['id'], limits.maxIdLength);
}

function readProperties(
  from: MatchProperties,
  rules: QueueRules,
  limits: MatchmakerLimits,
): Accepted<MatchProperties> | RefusedTicket {
  const { strings: texts = {}, numbers: amounts = {} } = from;
  if (!isTable(texts)) return refuse(MatchRefusal.MALFORMED, 'strings');
  if (!isTable(amounts)) return refuse(MatchRefusal.MALFORMED, 'numbers');
  const stray = strayName(texts, rules.strings) ?? strayName(amounts, rules.numbers);
  if (stray !== undefined)
    return refuse(MatchRefusal.UNKNOWN_PROPERTY, stray.slice(0, limits.maxStringLength));

  const strings: Record<string, string | string[]> = {};
  const numbers: Record<string, number | MatchNumber> = {};
  const lists: (readonly string[])[] = [];
  let count = 1;
  for (const { name, values: known } of rules.strings) {
    const given = Object.hasOwn(texts, name) ? texts[name] : undefined;
    const values: unknown = typeof given === 'string' ? [given] : (given ?? known);
    if (values === undefined) return refuse(MatchRefusal.MISSING_PROPERTY, name);
    if (!Array.isArray(values)) return refuse(MatchRefusal.MALFORMED, name);
    if (values.length > limits.maxValues && values !== known)
      return refuse(MatchRefusal.TOO_MANY_VALUES, name);
    const isKnown = (value: unknown): value is string =>
      isText(value, limits.maxStringLength) && (known === undefined || known.includes(value));
    if (values.length === 0 || !values.every(isKnown)) return refuse(MatchRefusal.STRING_VALUE, name);
    const different = values.length === 1 ? values : [...new Set(values)];
    count *= different.length;
    if (count > limits.maxCombinations) return refuse(MatchRefusal.TOO_MANY_VALUES, name);
    lists.push(different);
    if (given !== undefined) strings[name] = typeof given === 'string' ? given : [...values];
  }

  const values: number[] = [];
  const maxRanges: number[] = [];
  for (const { name } of rules.numbers) {
    const given = Object.hasOwn(amounts, name) ? amounts[name] : undefined;
    if (given === undefined) return refuse(MatchRefusal.MISSING_PROPERTY, name);
    const { value, maxRange = Number.POSITIVE_INFINITY }: Record<string, unknown> = isTable(given)
      ? given
      : { value: given };
    if (typeof value !== 'number' || !Number.isFinite(value)) return refuse(MatchRefusal.NUMBER_VALUE, name);
    if (typeof maxRange !== 'number' || !(maxRange >= 0)) return refuse(MatchRefusal.NUMBER_VALUE, name);
    values.push(value);
    maxRanges.push(maxRange);
    numbers[name] = maxRange === Number.POSITIVE_INFINITY ? value : { value, maxRange };
  }
  const copy = {
    ...(rules.strings.length > 0 ? { strings } : {}),
    ...(rules.numbers.length > 0 ? { numbers } : {}),
  };
  return { ok: true, copy, properties: { combinations: combine(lists, count), values, maxRanges } };
}

/** One value of each list, in all ways; the first ones first, and those of the last list in turn. @param count how many ways there are. */
function combine(lists: readonly (readonly string[])[], count: number): string[][] {
  const combinations: string[][] = [];
  for (let index = 0; index < count; index++) {
    let ways = count;
    combinations.push(
      lists.map((list) => {
        ways /= list.length;
        return list[Math.floor(index / ways) % list.length]!; // a place of the list
      }),
    );
  }
  return combinations;
}

/** A name that is no property of the queue. The first one ends the search, so a flood of names costs nothing. */
function strayName(given: object, rules: readonly { readonly name: string }[]): string | undefined {
  for (const name in given)
    if (Object.hasOwn(given, name) && !rules.some((rule) => rule.name === name)) return name;
  return undefined;
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxLength;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
