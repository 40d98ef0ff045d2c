/**
 * The engine's way of sorting dictionary keys (docs/protocol/variant-codec 9.1): introsort over the order of compareKeys.
 *
 * That order is not a total one: Strings and StringNames compare by text and everything else by type id, so that
 * `&"a"` < `"b"` < a vector < `&"a"`; types without `<` are equal to each other. What comes out then depends on the
 * algorithm: insertion up to 16 keys, above that quicksort with the median of first, middle and last, to a depth of twice
 * the binary logarithm, heapsort beyond it, and one insertion pass at the end. No golden case has more than 16 keys of
 * such mixed kind, so there the agreement is derived, not seen.
 */

/** Whether the first key comes before the second. */
type Before<T> = (left: T, right: T) => boolean;

/**
 * Sorts in place as the engine does.
 *
 * @param items - What to sort.
 * @param compare - Below 0 when the first comes before the second; need not be a total order.
 */
export function sortKeys<T>(items: T[], compare: (left: T, right: T) => number): void {
  const before: Before<T> = (left, right) => compare(left, right) < 0;
  if (items.length > SMALL) {
    quicksort(items, 0, items.length, 2 * Math.floor(Math.log2(items.length)), before);
  }
  for (let index = 1; index < items.length; index++) insert(items, index, before);
}

function quicksort<T>(items: T[], start: number, end: number, depth: number, before: Before<T>): void {
  let last = end;
  let left = depth;
  while (last - start > SMALL) {
    if (left === 0) {
      heapsort(items, start, last, before);
      return;
    }
    left--;
    const cut = partition(items, start, last, before);
    quicksort(items, cut, last, left, before);
    last = cut;
  }
}

/** Parts a range around the median of three; gives the beginning of the upper part. */
function partition<T>(items: T[], start: number, end: number, before: Before<T>): number {
  const at = (index: number): T => items[index] as T; // Indexes stay in the range.
  const pivot = median(at(start), at(start + ((end - start) >> 1)), at(end - 1), before);
  let low = start;
  let high = end;
  for (;;) {
    // The bounds hold the search when the order is no total one.
    while (low < end - 1 && before(at(low), pivot)) low++;
    high--;
    while (high > start && before(pivot, at(high))) high--;
    if (low >= high) return Math.min(Math.max(low, start + 1), end - 1);
    swap(items, low, high);
    low++;
  }
}

function median<T>(a: T, b: T, c: T, before: Before<T>): T {
  if (before(a, b)) {
    if (before(b, c)) return b;
    return before(a, c) ? c : a;
  }
  if (before(a, c)) return a;
  return before(b, c) ? c : b;
}

function heapsort<T>(items: T[], start: number, end: number, before: Before<T>): void {
  const size = end - start;
  for (let root = (size >> 1) - 1; root >= 0; root--) sink(items, start, root, size, before);
  for (let last = size - 1; last > 0; last--) {
    swap(items, start, start + last);
    sink(items, start, 0, last, before);
  }
}

function sink<T>(items: T[], start: number, from: number, size: number, before: Before<T>): void {
  const at = (index: number): T => items[start + index] as T; // Indexes stay below size.
  let root = from;
  for (let child = 2 * root + 1; child < size; child = 2 * root + 1) {
    if (child + 1 < size && before(at(child), at(child + 1))) child++;
    if (!before(at(root), at(child))) return;
    swap(items, start + root, start + child);
    root = child;
  }
}

/**
 * Puts the item at an index among those before it. Of the first few, one that comes before the very first goes to the
 * front at once; any other walks back from its place.
 */
function insert<T>(items: T[], index: number, before: Before<T>): void {
  const item = items[index] as T; // The index is below the length.
  let at = index;
  if (index < SMALL && before(item, items[0] as T)) at = 0;
  else while (at > 0 && before(item, items[at - 1] as T)) at--;
  if (at === index) return;
  items.copyWithin(at + 1, at, index);
  items[at] = item;
}

function swap<T>(items: T[], a: number, b: number): void {
  const item = items[a] as T; // Both indexes are below the length.
  items[a] = items[b] as T;
  items[b] = item;
}

const SMALL = 16;
