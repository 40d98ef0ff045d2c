/** The one table of all benches: their rows, and what they owe. */
import { cellsOf, type Row } from './row.ts';

/** A row that was not measured. */
export interface Absent {
  /** Its name; a bench's own when nobody knows its rows before it runs. */
  readonly name: string;
  /** `skipped: needs libenet`, `failed: exit code 1`. */
  readonly why: string;
}

/**
 * The rows of a bench that it did not print, among those with a goal.
 *
 * @param bench its name, which stands for them when no goal begins with `prefix`.
 * @param why of a row's name.
 */
export function absentRows(
  bench: { readonly name: string; readonly prefix: string },
  expected: readonly string[],
  found: readonly Row[],
  why: (name: string) => string,
): Absent[] {
  const names = expected.filter((name) => name.startsWith(bench.prefix));
  const printed = new Set(found.map(({ name }) => name));
  const absent = names.filter((name) => !printed.has(name));
  return (names.length === 0 && found.length === 0 ? [bench.name] : absent).map((name) => ({
    name,
    why: why(name),
  }));
}

/** The table, as lines: a heading, the rows in their order, each group of benches with what it lacks. */
export function formatTable(entries: readonly (Row | Absent)[]): string[] {
  const lines = [HEADING, ...entries.map(lineOf)];
  const widths = HEADING.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** How many goals are met, of those that could be judged, and how many could not. */
export function countGoals(entries: readonly (Row | Absent)[]): string {
  const rows = entries.filter((entry): entry is Row => 'figure' in entry);
  const met = rows.filter(({ isMet }) => isMet === true).length;
  const missed = rows.filter(({ isMet }) => isMet === false).length;
  const open =
    rows.filter(({ goal, isMet }) => goal !== undefined && isMet === undefined).length +
    (entries.length - rows.length);
  return `${met} of ${met + missed} goals are met${open === 0 ? '' : `, ${open} not judged`}`;
}

const HEADING = ['what', 'figure', 'peer', 'ratio', 'goal', ''];

function lineOf(entry: Row | Absent): string[] {
  if ('why' in entry) return [entry.name, '', '', '', '', entry.why];
  const [figure = '', peer = '', ratio = '', goal = '', verdict = ''] = cellsOf(entry);
  return [entry.name, figure, peer, ratio, goal.replace(/^goal /, ''), verdict === '' ? 'no goal' : verdict];
}
