/** Why a ticket waits, for operators. */
import { packTeams } from './packing.ts';
import type { QueueRules } from './queueOptions.ts';
import { byAge, type Waiting } from './seeker.ts';

/** Why there is no match with a ticket. */
export type TicketVerdict =
  /** `nobody-fits`: no other ticket accepts it and is accepted. */
  | 'nobody-fits'
  /** `too-few-players`: with all that fit it, there are fewer players than the smallest match has that it takes now. */
  | 'too-few-players'
  /** `parties-do-not-fit`: there are enough, but their parties leave holes in the teams. */
  | 'parties-do-not-fit'
  /** `not-each-other`: there are enough for this ticket, but they do not accept each other. Or they came after the last tick. */
  | 'not-each-other';

/** How many other tickets fail on a property. */
export interface FailedProperty {
  /** All that fail on it. */
  readonly failed: number;
  /** Those that fail on nothing else: what relaxing this one property would bring. */
  readonly alone: number;
  /** For a number: those that are out of the range of the ticket itself. For a text the same as `failed`. */
  readonly outOfOwn: number;
  /** For a number: those out of whose range the ticket is. For a text the same as `failed`. */
  readonly outOfTheirs: number;
}

/** Why a ticket waits. */
export interface TicketExplanation {
  /** In short. */
  readonly verdict: TicketVerdict;
  /** How long it waits. */
  readonly waitedMs: number;
  /** The other tickets of its queue. */
  readonly others: number;
  /** How many of them fit it. */
  readonly fitting: number;
  /** The players of these and its own, counted where there are most of them: for one combination of texts. */
  readonly players: number;
  /** The players of the smallest match that it takes now. */
  readonly needed: number;
  /** By name of the property, texts first. */
  readonly properties: Readonly<Record<string, FailedProperty>>;
  /** All of it in one line. */
  readonly text: string;
}

interface Failing {
  failed: number;
  alone: number;
  outOfOwn: number;
  outOfTheirs: number;
}

/** Compares a ticket with all others of its queue; they are looked at once. */
export function explainTicket(
  ticket: Waiting,
  waiting: readonly Waiting[],
  rules: QueueRules,
  nowMs: number,
): TicketExplanation {
  const properties = new Map<string, Failing>();
  for (const { name } of [...rules.strings, ...rules.numbers])
    properties.set(name, { failed: 0, alone: 0, outOfOwn: 0, outOfTheirs: 0 });
  const sizes = ticket.sizesAt(nowMs).filter((size) => size >= ticket.size);
  const taken = rules.strings.map((_, i) => new Set(ticket.combinations.map((strings) => strings[i]!)));
  let fitting = 0;
  /** For each combination of texts that the ticket takes: how many parties of each size fit. */
  const counts = ticket.combinations.map(() => {
    const own = new Int32Array(rules.playersPerTeam + 1);
    own[ticket.size] = 1;
    return own;
  });
  const places = new Map(ticket.combinations.map((strings, i) => [JSON.stringify(strings), i]));
  for (const other of waiting) {
    if (other === ticket) continue;
    const failing = failuresOf(ticket, other, rules, taken);
    for (const [name, { own, theirs }] of failing) {
      const counted = properties.get(name)!; // all names are there
      counted.failed++;
      if (failing.length === 1) counted.alone++;
      if (own) counted.outOfOwn++;
      if (theirs) counted.outOfTheirs++;
    }
    if (failing.length > 0) continue;
    fitting++;
    for (const strings of other.combinations) {
      const place = places.get(JSON.stringify(strings));
      if (place !== undefined) counts[place]![other.size]!++;
    }
  }
  const players = Math.max(...counts.map((some) => some.reduce((sum, count, size) => sum + count * size, 0)));
  const needed = rules.teams * Math.min(...sizes);
  const packs = sizes.some((size) =>
    counts.some((some) => packTeams(some, rules.teams, size, ticket.size) !== undefined),
  );
  const verdict = verdictOf(fitting, needed - ticket.size, players >= needed, packs);
  const others = waiting.length - 1;
  const told = [...properties]
    .filter(([, { failed }]) => failed > 0)
    .map(([name, { failed, alone }]) => `${name} fails for ${failed} (${alone} on nothing else)`);
  const waitedMs = ticket.waitedMs(nowMs);
  const text = [
    `${ticket.id} has waited ${Math.round(waitedMs)} ms: ${fitting} of ${others} others fit, ${players} of ${needed} players`,
    ...told,
    verdict,
  ].join('; ');
  return {
    ...{ verdict, waitedMs, others, fitting, players, needed },
    ...{ properties: Object.fromEntries(properties), text },
  };
}

function verdictOf(fitting: number, missing: number, isEnough: boolean, packs: boolean): TicketVerdict {
  if (fitting === 0 && missing > 0) return 'nobody-fits';
  if (!isEnough) return 'too-few-players';
  return packs ? 'not-each-other' : 'parties-do-not-fit';
}

/** On which properties two tickets fail, and out of whose range who is. */
function failuresOf(
  ticket: Waiting,
  other: Waiting,
  rules: QueueRules,
  taken: readonly ReadonlySet<string>[],
): [name: string, { own: boolean; theirs: boolean }][] {
  const failing: [string, { own: boolean; theirs: boolean }][] = [];
  for (const [i, { name }] of rules.strings.entries()) {
    const isCommon = other.combinations.some((strings) => taken[i]!.has(strings[i]!)); // a value for each text
    if (!isCommon) failing.push([name, { own: true, theirs: true }]);
  }
  const older = byAge(ticket, other) < 0 ? ticket : other;
  const { table } = ticket;
  table.see(ticket.row, older.row);
  table.see(other.row, older.row);
  if (table.acceptEachOther(ticket.row, other.row)) return failing;
  for (const [i, { name }] of rules.numbers.entries()) {
    const own = isOutside(ticket, other, i);
    const theirs = isOutside(other, ticket, i);
    if (own || theirs) failing.push([name, { own, theirs }]);
  }
  return failing;
}

function isOutside(one: Waiting, other: Waiting, i: number): boolean {
  const value = other.valueOf(i);
  const { width, seenLows, seenHighs } = one.table;
  const at = one.row * width + i; // of a number of the queue
  return value < seenLows[at]! || value > seenHighs[at]!;
}
