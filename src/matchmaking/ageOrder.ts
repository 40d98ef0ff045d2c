/** Lists in the order of waiting, the oldest first. */
import { byAge, type Seeker } from './seeker.ts';

/** Puts somebody where it belongs; mostly at the end. */
export function insertByAge<Kind extends Seeker>(list: Kind[], seeker: Kind): void {
  const last = list.at(-1);
  if (last === undefined || byAge(last, seeker) < 0) list.push(seeker);
  else list.splice(placeByAge(list, seeker), 0, seeker);
}

/** Where somebody is in a list, or belongs. */
export function placeByAge(list: readonly Seeker[], seeker: Seeker): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byAge(list[middle]!, seeker) < 0)
      low = middle + 1; // inside the list
    else high = middle;
  }
  return low;
}

/** Leaves in a list only what a test wants. */
export function keep<Item>(list: Item[], isKept: (item: Item) => boolean): void {
  let count = 0;
  for (const item of list) if (isKept(item)) list[count++] = item;
  list.length = count;
}
