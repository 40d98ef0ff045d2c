/** Which party plays in which team, so that teams are even. */

import type { Teams } from './search.ts';
import type { Waiting } from './seeker.ts';

/**
 * Swaps parties of one size between teams while that brings the sums of a number nearer to each other. Bounded; what comes out is even,
 * not always the best there is.
 *
 * @param index of the number.
 */
export function balanceTeams(teams: Teams, index: number): void {
  const worth = (party: Waiting): number => party.valueOf(index) * party.size;
  const sums = teams.map((team) => team.reduce((sum, party) => sum + worth(party), 0));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let isBetter = false;
    for (let a = 0; a < teams.length; a++)
      for (let b = a + 1; b < teams.length; b++) isBetter = swapBest(teams, sums, a, b, worth) || isBetter;
    if (!isBetter) return;
  }
}

/** Makes the swap between two teams that helps most. */
function swapBest(
  teams: Teams,
  sums: number[],
  a: number,
  b: number,
  worth: (party: Waiting) => number,
): boolean {
  const [left, right] = [teams[a]!, teams[b]!];
  const apart = sums[a]! - sums[b]!;
  let best: { i: number; j: number; moved: number } | undefined;
  let bestApart = Math.abs(apart);
  for (const [i, one] of left.entries())
    for (const [j, other] of right.entries()) {
      if (one.size !== other.size) continue;
      const moved = worth(one) - worth(other);
      const then = Math.abs(apart - 2 * moved);
      if (then >= bestApart) continue;
      bestApart = then;
      best = { i, j, moved };
    }
  if (best === undefined) return false;
  const { i, j, moved } = best;
  [left[i], right[j]] = [right[j]!, left[i]!];
  sums[a] = sums[a]! - moved;
  sums[b] = sums[b]! + moved;
  return true;
}

const MAX_ROUNDS = 8;
