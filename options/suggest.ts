/** What somebody meant who mistyped a word. */

const MAX_DISTANCE = 3;
/** How much of the longer word may be wrong. */
const MAX_SHARE = 0.6;

/** The candidate that is nearest to a word, or `undefined` when none is near. `-`, `_` and capitals do not count. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = MAX_DISTANCE + 1;
  for (const candidate of candidates) {
    const [given, known] = [bare(word), bare(candidate)];
    const distance = editDistance(given, known);
    if (distance < bestDistance && distance <= MAX_SHARE * Math.max(given.length, known.length)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters put in, left out, exchanged or swapped with their neighbour. Long words are far from everything. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return Number.POSITIVE_INFINITY;
  let [before, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(before, j - 2) + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[] | undefined, index: number): number {
  return row?.[index] ?? Number.POSITIVE_INFINITY;
}

function bare(word: string): string {
  return word.replace(/[-_]/g, '').toLowerCase();
}
