/** Properties of a node's items by name (classes/families.ts): where they stand, and which are listed. */

import { FAMILIES, type Family, type FamilyField } from './classes/families.ts';
import type { ClassInfo, PropertyInfo } from './classTable.ts';
import type { AddedProperty } from './dynamicProperties.ts';
import { emptyValue } from './emptyValue.ts';
import type { ListingState } from './listing.ts';

/** A property of an item, or `undefined` for a name of none. */
export function itemProperty(info: ClassInfo, name: string): AddedProperty | undefined {
  const family = FAMILIES.find(({ className, prefix }) => name.startsWith(prefix) && info.is(className));
  const [, digits = '', rest] = /^(\d{1,9})\/(.+)$/.exec(name.slice(family?.prefix.length ?? 0)) ?? [];
  const place = family?.fields.findIndex((entry) => entry.name === rest) ?? -1;
  const field = family?.fields[place];
  if (family === undefined || field === undefined) return undefined;
  const index = Number(digits);
  const own = infoOf(name, field, index);
  const empty = String(own.default);
  return {
    info: own,
    after: family.after,
    rank: index * family.fields.length + place,
    isListed: (value, state) =>
      (family.count === undefined || index < Number(state(family.count))) &&
      (field.isAlways === true || String(value) !== empty),
  };
}

/** The names that a node has of its items without anything having set them. */
export function impliedNames(info: ClassInfo, set: Iterable<string>, state: ListingState): string[] {
  const names: string[] = [];
  for (const family of FAMILIES) {
    if (!info.is(family.className)) continue;
    const fields = family.fields.filter(({ isAlways }) => isAlways === true);
    if (fields.length === 0) continue;
    for (const index of indexes(family, set, state))
      for (const { name } of fields) names.push(`${family.prefix}${index}/${name}`);
  }
  return names;
}

/** Which names decide what is listed of items. */
export function countsOf(info: ClassInfo): string[] {
  return FAMILIES.flatMap(({ className, count }) =>
    count !== undefined && info.is(className) ? [count] : [],
  );
}

function indexes(
  { prefix, count, isSparse }: Family,
  set: Iterable<string>,
  state: ListingState,
): Iterable<number> {
  if (count !== undefined) return new Array(Math.min(Math.max(Number(state(count)), 0), MAX_ITEMS)).keys();
  const found = new Set<number>();
  for (const name of set) {
    const [digits] = name.startsWith(prefix) ? (/^\d{1,9}(?=\/)/.exec(name.slice(prefix.length)) ?? []) : [];
    if (digits !== undefined) found.add(Number(digits));
  }
  if (isSparse === true) return found;
  return new Array(Math.min(Math.max(-1, ...found) + 1, MAX_ITEMS)).keys();
}

function infoOf(name: string, { type, value }: FamilyField, index: number): PropertyInfo {
  const width = type === INT ? 'i32' : undefined;
  return { name, type, width, default: value?.(index) ?? emptyValue({ type }), isStored: true };
}

const INT = 2;
/** A count comes from files and packets: what goes beyond is not made up. */
const MAX_ITEMS = 65_536;
