/** The slow twin of `src/matchmaking`: whether a match with a ticket is possible at all, by trying every set of tickets and every way
 * of putting its parties into teams. Written from the guide, not from the code. */
import type { MatchQueueOptions, MatchTicket } from '../../src/rooms.ts';

/** A ticket, and since when it waits. */
export interface SlowTicket {
  readonly ticket: MatchTicket;
  readonly sinceMs: number;
}

/**
 * Whether two tickets are in each other's ranges.
 *
 * @param oldest of the match that they would be in.
 */
export function isNear(
  queue: MatchQueueOptions,
  a: SlowTicket,
  b: SlowTicket,
  nowMs: number,
  oldest: SlowTicket,
): boolean {
  return Object.keys(queue.numbers ?? {}).every((name) => {
    const [x, y] = [numberOf(a, name), numberOf(b, name)];
    const accepts = (one: number, range: number, other: number): boolean =>
      one - range <= other && other <= one + range;
    const range = (one: SlowTicket): number =>
      Math.min(curve(queue, queue.rangeOf === 'oldest' ? oldest : one, name, nowMs), maxRange(one, name));
    return accepts(x, range(a), y) && accepts(y, range(b), x);
  });
}

function maxRange({ ticket }: SlowTicket, name: string): number {
  const given = ticket.numbers?.[name];
  return (typeof given === 'object' ? given.maxRange : undefined) ?? Number.POSITIVE_INFINITY;
}

/** How far a ticket looks by its waiting. */
function curve(queue: MatchQueueOptions, one: SlowTicket, name: string, nowMs: number): number {
  const rule = queue.numbers?.[name];
  if (rule === undefined) throw new Error(name);
  const waited = Math.max(0, nowMs - one.sinceMs);
  let range = rule.range;
  if (rule.widen !== undefined) {
    if ('by' in rule.widen) {
      const { by, everyMs, max = Number.POSITIVE_INFINITY } = rule.widen;
      range = Math.min(max, range + by * Math.floor(waited / everyMs));
    } else for (const step of rule.widen) if (waited >= step.afterMs) range = step.range;
  }
  return range;
}

/** Whether for each text of the queue there is a value that all tickets of a set take. */
export function commonStrings(queue: MatchQueueOptions, set: readonly SlowTicket[]): boolean {
  return Object.entries(queue.strings ?? {}).every(([name, { values: known = [] }]) => {
    const taken = set.map(({ ticket }) => [ticket.strings?.[name] ?? known].flat());
    return taken[0]?.some((value) => taken.every((values) => values.includes(value)));
  });
}

/** Whether parties can be put into teams that are exactly full. */
export function canPack(parties: readonly number[], teams: number, size: number): boolean {
  const free = new Array<number>(teams).fill(size);
  const put = (index: number): boolean => {
    const party = parties[index];
    if (party === undefined) return free.every((left) => left === 0);
    for (let team = 0; team < teams; team++) {
      if ((free[team] ?? 0) < party) continue;
      free[team] = (free[team] ?? 0) - party;
      const isPut = put(index + 1);
      free[team] = (free[team] ?? 0) + party;
      if (isPut) return true;
    }
    return false;
  };
  return put(0);
}

/** The sizes of teams that a ticket takes. */
export function slowSizes(queue: MatchQueueOptions, one: SlowTicket, nowMs: number): number[] {
  const { playersPerTeam, minPlayersPerTeam = playersPerTeam, smallerAfterMs = 10_000 } = queue;
  const sizes = [playersPerTeam];
  if (nowMs - one.sinceMs < smallerAfterMs) return sizes;
  for (let size = playersPerTeam - 1; size >= minPlayersPerTeam; size--)
    if (size % (queue.countMultiple ?? 1) === 0) sizes.push(size);
  return sizes;
}

/** Whether there is any match that has this ticket in it. */
export function isMatchable(
  queue: MatchQueueOptions,
  one: SlowTicket,
  others: readonly SlowTicket[],
  nowMs: number,
): boolean {
  const sizes = slowSizes(queue, one, nowMs);
  const { teams = 1 } = queue;
  for (let bits = 0; bits < 1 << others.length; bits++) {
    const set = [one, ...others.filter((_, i) => (bits >> i) & 1)];
    const players = set.map(({ ticket }) => ticket.players.length);
    if (!sizes.some((size) => canPack(players, teams, size))) continue;
    if (!commonStrings(queue, set)) continue;
    const oldest = oldestOf(set);
    if (set.every((a, i) => set.slice(i + 1).every((b) => isNear(queue, a, b, nowMs, oldest)))) return true;
  }
  return false;
}

/** Who has waited longest. */
export function oldestOf(set: readonly SlowTicket[]): SlowTicket {
  return set.reduce((a, b) =>
    b.sinceMs < a.sinceMs || (b.sinceMs === a.sinceMs && b.ticket.id < a.ticket.id) ? b : a,
  );
}

function numberOf({ ticket }: SlowTicket, name: string): number {
  const given = ticket.numbers?.[name];
  return (typeof given === 'object' ? given.value : given) ?? Number.NaN;
}
