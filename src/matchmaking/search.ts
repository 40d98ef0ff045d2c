/** The search for a match with one ticket in it: parties that all accept each other and fill the teams. */
import type { Bucket } from './bucket.ts';
import { Company } from './company.ts';
import { packTeams } from './packing.ts';
import type { Waiting } from './seeker.ts';
import type { Span, Steps } from './sortedOrder.ts';

/** Who plays with whom: the parties of each team. */
export type Teams = Waiting[][];

/** The shapes that a match may have. */
export interface Shape {
  readonly teams: number;
  /** Sizes of teams, the full one first. */
  readonly sizes: readonly number[];
}

/**
 * Finds a match with a ticket, among those of a part of a bucket, the nearest ones first.
 *
 * It is exact: when it ends without a match and without having used up its steps, there is no set of tickets in this part that accept
 * each other, pack into teams and have the ticket among them.
 *
 * @returns the teams; `undefined` for none; `'cut'` when the steps were used up before it was known.
 */
export function findMatch(
  seeker: Waiting,
  bucket: Bucket,
  span: Span,
  shape: Shape,
  steps: Steps,
): Teams | 'cut' | undefined {
  const { teams, sizes } = shape;
  const { order } = span;
  const own = seeker.size;
  const isFew = span.to - span.from <= FEW;
  let possible = sizes;
  if (!isFew) {
    // Upper bounds first.
    possible = sizes.filter((size) => own <= size && bucket.couldFill(teams, size, own));
    if (possible.length === 0) return undefined;
    const counts = bucket.countSizes(span);
    possible = possible.filter((size) => packTeams(counts, teams, size, own, steps) !== undefined);
    if (possible.length === 0) return undefined;
  }

  const full = possible[0] ?? 0;
  const near = [seeker];
  let players = own;
  let enough = isFew ? Number.POSITIVE_INFINITY : teams * full;
  const next = order.nearest(span, seeker, steps);
  for (let found = next(); found !== undefined; found = next()) {
    near.push(found);
    players += found.size;
    if (players < enough) continue;
    const match = new Search(seeker, teams, full, steps).inTurn(near);
    if (match !== undefined) return match;
    enough = 2 * players;
  }
  if (steps.taken > steps.limit) return 'cut';
  for (const size of possible) {
    if (own > size || players < teams * size) continue;
    const match = new Search(seeker, teams, size, steps).among(near);
    if (match !== undefined) return match;
  }
  return undefined;
}

/** Branches over pairs that do not accept each other: without the one, or without all those that do not accept it. */
class Search {
  readonly #seeker: Waiting;
  readonly #teams: number;
  readonly #size: number;
  readonly #steps: Steps;

  constructor(seeker: Waiting, teams: number, size: number, steps: Steps) {
    this.#seeker = seeker;
    this.#teams = teams;
    this.#size = size;
    this.#steps = steps;
  }

  /** Only those that accept all who are nearer: quick, and mostly enough. */
  inTurn(tickets: readonly Waiting[]): Teams | undefined {
    this.#steps.taken += tickets.length;
    return this.#pack(acceptInTurn(tickets).kept);
  }

  /** @param tickets all of whom accept the one that searches, which is the first. */
  among(tickets: readonly Waiting[]): Teams | 'cut' | undefined {
    this.#steps.taken += tickets.length;
    if (this.#steps.taken > this.#steps.limit) return 'cut';
    // Fewer tickets pack no better: what is impossible here is impossible below.
    if (this.#packed(tickets) === undefined) return undefined;
    const { kept, dropped } = acceptInTurn(tickets);
    const match = this.#pack(kept);
    if (match !== undefined) return match;
    const { table } = this.#seeker;
    const rest = [...tickets];
    for (const pivot of dropped) {
      const around = rest.filter((other) => other === pivot || table.acceptEachOther(other.row, pivot.row));
      const found = this.among(around);
      if (found !== undefined) return found;
      rest.splice(rest.indexOf(pivot), 1);
      this.#steps.taken += 2 * tickets.length;
      if (this.#packed(rest) === undefined) return undefined;
    }
    return undefined;
  }

  /** The sizes of parties by which tickets fill teams, until the next question. */
  #packed(tickets: readonly Waiting[]): readonly number[] | undefined {
    COUNTS.fill(0, 0, this.#size + 1);
    for (const { size } of tickets) if (size <= this.#size) COUNTS[size]!++;
    return packTeams(COUNTS, this.#teams, this.#size, this.#seeker.size, this.#steps);
  }

  /** Teams of tickets that are taken in their order. */
  #pack(tickets: readonly Waiting[]): Teams | undefined {
    const packed = this.#packed(tickets);
    if (packed === undefined) return undefined;
    /** For each size where to look for the next party. */
    const next = COUNTS.fill(0, 0, this.#size + 1);
    const teams: Teams = [];
    let free = 0;
    for (const size of packed) {
      if (free === 0) {
        teams.push([]);
        free = this.#size;
      }
      let place = next[size]!;
      while (tickets[place]!.size !== size) place++; // no more are packed than there are
      next[size] = place + 1;
      teams.at(-1)!.push(tickets[place]!);
      free -= size;
    }
    return teams;
  }
}

/** Those that accept all before them who were kept, and the others. */
function acceptInTurn(tickets: readonly Waiting[]): { kept: Waiting[]; dropped: Waiting[] } {
  const kept: Waiting[] = [];
  const dropped: Waiting[] = [];
  COMPANY.clear();
  for (const ticket of tickets) (COMPANY.join(ticket) ? kept : dropped).push(ticket);
  return { kept, dropped };
}

/** Who is in while tickets are looked at in turn. */
const COMPANY = new Company();
/** Of each size, below 256, something that is used until the next question. */
const COUNTS = new Int32Array(256);
/** Looking at so many, all at once, is cheaper than counting them first. */
const FEW = 64;
