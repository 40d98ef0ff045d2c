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
 * @returns the sizes of the parties, those of the first team first, until the next question; a team ends where it is full. `undefined`:
 * there is no way.
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
  // One for all: nobody else looks at it meanwhile.
  const { left, packed } = packing;
  for (let party = 0; party <= most; party++) left[party] = counts[party]!;
  left[own]!--;
  packed.length = 0;
  packed.push(own);
  packing.size = size;
  packing.most = most;
  packing.triesLeft = MAX_TRIES;
  const isFull = fill(teams, size - own, most);
  if (steps !== undefined) steps.taken += MAX_TRIES - packing.triesLeft;
  return isFull ? packed : undefined;
}

/** Fills a team with parties of at most a size, the larger ones first, then the teams behind it. */
function fill(teams: number, free: number, largest: number): boolean {
  const { left, packed, size, most } = packing;
  if (free === 0) return teams === 1 || fill(teams - 1, size, most);
  for (let party = Math.min(free, largest); party > 0; party--) {
    if (left[party]! <= 0) continue;
    if (packing.triesLeft-- <= 0) return false;
    left[party]!--;
    packed.push(party);
    if (fill(teams, free - party, party)) return true;
    packed.pop();
    left[party]!++;
  }
  return false;
}

const MAX_TRIES = 2000;

/** What is being packed now. */
const packing = {
  /** Parties of each size, below 256, that are in no team. */
  left: new Int32Array(256),
  /** Those that are. */
  packed: [] as number[],
  size: 0,
  /** The largest party. */
  most: 0,
  triesLeft: 0,
};
