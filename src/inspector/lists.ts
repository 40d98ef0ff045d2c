/** A part of a list as a viewer wants it: searched, sorted, cut. */
import type { ListView } from './protocol.ts';

/** What is found, and the part of it. */
export interface ListPart<Row> {
  readonly count: number;
  readonly found: number;
  readonly offset: number;
  readonly rows: readonly Row[];
}

/** @param rows all of them; not changed. */
export function partOf<Row extends object>(
  rows: readonly Row[],
  { search = '', sort, descending = false, offset = 0, limit = 50 }: ListView,
): ListPart<Row> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? rows : rows.filter((row) => isFound(row, words));
  const sorted = sort === undefined ? found : sortedBy(found, sort, descending);
  const start = Math.min(offset, Math.max(0, found.length - 1));
  return {
    count: rows.length,
    found: found.length,
    offset: start,
    rows: sorted.slice(start, start + limit),
  };
}

function isFound(row: object, words: readonly string[]): boolean {
  let text = '';
  for (const value of Object.values(row) as unknown[])
    if (typeof value === 'string' || typeof value === 'number') text += ` ${value}`;
  text = text.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Rows without the property come last, whichever the order. */
function sortedBy<Row extends object>(rows: readonly Row[], name: string, descending: boolean): Row[] {
  const keyOf = (row: Row): unknown => (Object.hasOwn(row, name) ? row[name as keyof Row] : undefined);
  const way = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    if (typeof left === 'string' && typeof right === 'string') return way * left.localeCompare(right);
    return way * (Number(left) - Number(right));
  });
}
