/** Parties into teams: none is torn, each team is exactly full. */

/**
 * Finds teams for parties of which there are some of each size. One party, that of who searches, is in the first team.
 *
 * Exact as long as 2000 parties put somewhere suffice; beyond that it may miss a way that there is. Single players make it easy, large
 * teams without any may need many tries.
 *
 * @param counts how many parties of each size there are, by size, that of who searches among them; unchanged afterwards.
 * @param own the size of the party of who searches, at most `size`.
 * @param steps takes what it has cost, in parties put somewhere.
 * @returns the sizes of the parties, those of the first team first; a team ends where it is full. `undefined`: there is no way.
 */
export function packTeams(
  counts: ArrayLike<number>,
  teams: number,
  size: number,
  own: number,
  steps?: { taken: number },
): number[] | undefined {
  const most = Math.min(size, counts.length - 1);
  let players = 0;
  for (let party = 1; party <= most; party++) players += counts[party]! * party;
  if (players < teams * size) return undefined;
  const left: number[] = [];
  for (let party = 0; party <= most; party++) left.push(counts[party]!);
  left[own]!--;
  const packing: Packing = { left, packed: [own], size, triesLeft: MAX_TRIES };
  const isFull = fill(packing, teams, size - own, most);
  if (steps !== undefined) steps.taken += MAX_TRIES - packing.triesLeft;
  return isFull ? packing.packed : undefined;
}

interface Packing {
  /** Parties of each size that are in no team. */
  readonly left: number[];
  /** Those that are. */
  readonly packed: number[];
  readonly size: number;
  triesLeft: number;
}

/** Fills a team with parties of at most a size, the larger ones first, then the teams behind it. */
function fill(packing: Packing, teams: number, free: number, largest: number): boolean {
  const { left, packed, size } = packing;
  if (free === 0) return teams === 1 || fill(packing, teams - 1, size, left.length - 1);
  for (let party = Math.min(free, largest); party > 0; party--) {
    if (left[party]! <= 0) continue;
    if (packing.triesLeft-- <= 0) return false;
    left[party]!--;
    packed.push(party);
    if (fill(packing, teams, free - party, party)) return true;
    packed.pop();
    left[party]!++;
  }
  return false;
}

const MAX_TRIES = 2000;
