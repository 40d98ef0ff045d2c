/** Parties into teams: none is torn, each team is exactly full. */

/**
 * Finds teams for parties of which there are some of each size. One party, that of who searches, is in the first team.
 *
 * Exact as long as `maxTries` parties put somewhere suffice; beyond that it may miss a way that there is. Single players make it easy,
 * large teams without any may need many tries.
 *
 * @param counts how many parties of each size there are, that of who searches among them; unchanged afterwards.
 * @param own the size of the party of who searches, at most `size`.
 * @returns for each team the sizes of its parties, or `undefined`.
 */
export function packTeams(
  counts: Int32Array,
  teams: number,
  size: number,
  own: number,
  maxTries: number = MAX_TRIES,
): number[][] | undefined {
  let players = 0;
  for (let party = 1; party <= size && party < counts.length; party++) players += counts[party]! * party;
  if (players < teams * size) return undefined;
  const left = counts.slice();
  left[own]!--;
  const packed: number[][] = Array.from({ length: teams }, () => []);
  packed[0]!.push(own);
  let tries = maxTries;

  /** Fills the team with parties of at most a size, then the teams behind it. */
  const fill = (team: number, free: number, largest: number): boolean => {
    if (free === 0) return team + 1 === teams || fill(team + 1, size, size);
    for (let party = Math.min(free, largest, left.length - 1); party > 0; party--) {
      if (left[party]! <= 0) continue;
      if (tries-- <= 0) return false;
      left[party]!--;
      packed[team]!.push(party);
      if (fill(team, free - party, party)) return true;
      packed[team]!.pop();
      left[party]!++;
    }
    return false;
  };
  return fill(0, size - own, size) ? packed : undefined;
}

const MAX_TRIES = 2000;
