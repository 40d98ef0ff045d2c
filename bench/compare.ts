/** Compares two runs of all benches by their ratios, which survive another load better than figures do. */
import type { Row } from './row.ts';
import type { Absent } from './table.ts';

/** What `bench/main.ts --json=FILE` writes. */
export interface Results {
  /** The version of Node. */
  readonly node: string;
  /** Cores and processor. */
  readonly machine: string;
  /** Year, month and day. */
  readonly date: string;
  readonly rows: readonly Row[];
  /** What was skipped or failed. */
  readonly absent: readonly Absent[];
}

/** A row in both runs, or in one of them. */
export interface Change {
  readonly name: string;
  /** The ratio to the peer before and now; `undefined`: not measured, or without a peer. */
  readonly before: number | undefined;
  readonly now: number | undefined;
  /** Now by before; above 1 is dearer. `undefined`: cannot be said. */
  readonly factor: number | undefined;
  /** Whether the factor is above what noise explains. */
  readonly isWorse: boolean;
}

/**
 * Up to which factor a change is called noise: a guess, until two runs of the same code on a quiet machine were compared. To
 * find it: `npm run bench -- --json=FILE` twice, then `npm run bench:compare -- --released=FIRST --new=SECOND`; it is the largest
 * factor that this prints, either way.
 */
export const NOISE = 1.3;

/** The changes of all rows that either run has, in the order of the older one. @param noise the largest factor that is none. */
export function compareResults(before: Results, now: Results, noise: number = NOISE): Change[] {
  const old = ratiosOf(before);
  const fresh = ratiosOf(now);
  return [...new Set([...old.keys(), ...fresh.keys()])].map((name) => {
    const [a, b] = [old.get(name), fresh.get(name)];
    const factor = a === undefined || b === undefined ? undefined : b / a;
    return { name, before: a, now: b, factor, isWorse: factor !== undefined && factor > noise };
  });
}

function ratiosOf({ rows }: Results): Map<string, number | undefined> {
  return new Map(rows.map(({ name, ratio }) => [name, ratio]));
}
