/** Properties of a node's items by name (classes/families.ts): where they stand, and which are listed. */

import { emptyValue } from '../values/emptyValue.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import type { AddedProperty } from './addedProperty.ts';
import type { ClassInfo, PropertyInfo } from './classTable.ts';
import { FAMILIES } from './families.ts';
import type { Family, FamilyField, FamilyItems } from './family.ts';
import type { ListingState } from './listing.ts';

/** A property of an item, or `undefined` for a name of none. */
export function itemProperty(info: ClassInfo, name: string, state: ListingState): AddedProperty | undefined {
  let found: AddedProperty | undefined;
  for (const family of familiesOf(info)) {
    const place = name.startsWith(family.prefix) ? placeOf(family, name) : undefined;
    if (place === undefined) continue;
    const own = infoOf(name, place, state);
    const empty = String(own.default);
    const property: AddedProperty = {
      info: own,
      after: family.after,
      block: place.block,
      rank: place.rank,
      isDerived: place.field.isDerived === true,
      isListed: (value, now) =>
        place.isThere(now) && (place.field.isAlways === true || String(value) !== empty),
    };
    // Families that exclude each other may have the same names.
    if (family.when?.holds(state) !== false) return property;
    found ??= property;
  }
  return found;
}

/** The names that a node has of its items without anything having set them. */
export function impliedNames(info: ClassInfo, set: Iterable<string>, state: ListingState): string[] {
  const names: string[] = [];
  for (const family of familiesOf(info)) {
    const fields = family.fields.filter(({ isAlways }) => isAlways === true);
    if (fields.length === 0 || family.when?.holds(state) === false) continue;
    for (const index of family.isSingle === true ? [0] : indexes(family, set, state)) {
      addNames(names, family, family.isSingle === true ? family.prefix : `${family.prefix}${index}/`, state);
      if (names.length >= MAX_NAMES) return names;
    }
  }
  return names;
}

/** Which names decide what is listed of items. */
export function countsOf(info: ClassInfo): string[] {
  return familiesOf(info).flatMap(({ count, when }) => [
    ...(count === undefined ? [] : [count]),
    ...(when?.names ?? []),
  ]);
}

/**
 * Which properties of items the engine forgets when another is set: those of items that are no more.
 *
 * @param name - The property that is set.
 * @param before - The node's state until now.
 * @param value - What is set.
 * @returns whether a name is among them, or `undefined` when nothing is forgotten.
 */
export function forgottenBy(
  info: ClassInfo,
  name: string,
  before: ListingState,
  value: unknown,
): ((name: string) => boolean) | undefined {
  const after: ListingState = (wanted) => (wanted === name ? value : before(wanted));
  const outer = familiesOf(info).filter(({ count, when }) => count === name || when?.names.includes(name));
  const place = outer.length > 0 ? undefined : counter(info, name);
  if (outer.length === 0 && place === undefined) return undefined;
  return (item) =>
    (place === undefined || item.startsWith(place)) &&
    familiesOf(info).some((family) => {
      const found = item.startsWith(family.prefix) ? placeOf(family, item) : undefined;
      return found?.isCounted(before) === true && !found.isCounted(after);
    });
}

/** What the names of the item begin with whose own items a property counts. */
function counter(info: ClassInfo, name: string): string | undefined {
  for (const family of familiesOf(info)) {
    const place = name.startsWith(family.prefix) ? placeOf(family, name) : undefined;
    const counts = (entry: FamilyField) => entry.items?.countedBy.includes(place?.field.name ?? '') === true;
    if (place !== undefined && family.fields.some(counts)) return place.base;
  }
  return undefined;
}

interface Place {
  readonly field: FamilyField;
  /** The number of the innermost item. */
  readonly index: number;
  /** What the names of the outer item begin with. */
  readonly base: string;
  readonly block: number;
  readonly rank: number;
  /** Whether a node in this state has the item. */
  readonly isCounted: (state: ListingState) => boolean;
  /** Whether it has the item, and the item the field. */
  readonly isThere: (state: ListingState) => boolean;
}

/** Where a name that begins as a family's names stands in it. */
function placeOf(family: Family, name: string): Place | undefined {
  const { prefix, fields, count } = family;
  const digits = family.isSingle === true ? '' : (/^\d{1,9}/.exec(name.slice(prefix.length))?.[0] ?? '');
  if (digits === '' && family.isSingle !== true) return undefined;
  const index = Number(digits);
  const base = digits === '' ? prefix : `${prefix}${digits}/`;
  const stride = fields.some(({ items }) => items !== undefined) ? NESTED : 1;
  const hasItem = (state: ListingState): boolean =>
    family.when?.holds(state) !== false && (count === undefined || index < sizeOf(state(count)));
  for (const [at, field] of fields.entries()) {
    const { block = 0 } = field;
    const rank = (index * fields.length + at) * stride;
    const isListed = (state: ListingState): boolean =>
      hasItem(state) && field.when?.holds(ownState(fields, base, index, state)) !== false;
    if (field.items === undefined) {
      if (named(base, field.name) === name)
        return { field, index, base, block, rank, isCounted: hasItem, isThere: isListed };
      continue;
    }
    const inner = innerPlace(field.items, `${base}${field.name}/`, name);
    if (inner === undefined) continue;
    const { items } = field;
    const isCounted = (state: ListingState): boolean =>
      hasItem(state) && inner.index < items.count(ownState(fields, base, index, state));
    return {
      field: inner.field,
      index: inner.index,
      base,
      block,
      rank: rank + inner.rank,
      isCounted,
      isThere: (state) => isCounted(state) && isListed(state) && inner.isThere(state),
    };
  }
  return undefined;
}

function innerPlace(
  { fields }: FamilyItems,
  prefix: string,
  name: string,
): Pick<Place, 'field' | 'index' | 'rank' | 'isThere'> | undefined {
  const digits = name.startsWith(prefix) ? /^\d{1,9}/.exec(name.slice(prefix.length))?.[0] : undefined;
  if (digits === undefined) return undefined;
  const index = Number(digits);
  const base = `${prefix}${digits}/`;
  const at = fields.findIndex((entry) => named(base, entry.name) === name);
  const field = fields[at];
  if (field === undefined) return undefined;
  return {
    field,
    index,
    rank: Math.min(index, MAX_ITEMS) * MAX_NESTED_FIELDS + at,
    isThere: (state) => field.when?.holds(ownState(fields, base, index, state)) !== false,
  };
}

/** The state of one item: its fields by their names in the family. */
function ownState(
  fields: readonly FamilyField[],
  base: string,
  index: number,
  state: ListingState,
): ListingState {
  return (name) => {
    const value = state(base + name);
    if (value !== undefined) return value;
    const own = fields.find((entry) => entry.name === name);
    return own === undefined ? undefined : defaultOf(own, index, state);
  };
}

/** Adds what one item has, and what its own items have. */
function addNames(names: string[], { fields }: Family, base: string, state: ListingState): void {
  const own = ownState(fields, base, 0, state);
  for (const { name, isAlways, items, when } of fields) {
    if (isAlways !== true || when?.holds(own) === false) continue;
    if (items === undefined) {
      names.push(named(base, name));
      continue;
    }
    const count = Math.min(items.count(own), Math.ceil((MAX_NAMES - names.length) / items.fields.length));
    for (let i = 0; i < count; i++)
      for (const inner of items.fields) names.push(named(`${base}${name}/${i}/`, inner.name));
  }
}

/** A field without a name is called as its item. */
function named(base: string, name: string): string {
  return name === '' ? base.slice(0, -1) : base + name;
}

function indexes(
  { prefix, count, isSparse }: Family,
  set: Iterable<string>,
  state: ListingState,
): Iterable<number> {
  if (count !== undefined) return new Array(Math.min(Math.max(sizeOf(state(count)), 0), MAX_ITEMS)).keys();
  const found = new Set<number>();
  for (const name of set) {
    const [digits] = name.startsWith(prefix)
      ? (/^\d{1,9}(?=\/|$)/.exec(name.slice(prefix.length)) ?? [])
      : [];
    if (digits !== undefined) found.add(Number(digits));
  }
  if (isSparse === true) return found;
  return new Array(Math.min(Math.max(-1, ...found) + 1, MAX_ITEMS)).keys();
}

/** How many items a count or an array says. */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' ? value : 0;
}

function infoOf(name: string, { field, index }: Place, state: ListingState): PropertyInfo {
  const { type } = field;
  const width = type === INT ? 'i32' : type === FLOAT ? 'f32' : undefined;
  return { name, type, width, default: defaultOf(field, index, state), isStored: true };
}

function defaultOf({ type, value }: FamilyField, index: number, state: ListingState): NodeValue {
  return value === undefined ? emptyValue({ type }) : value(index, state);
}

function familiesOf(info: ClassInfo): readonly Family[] {
  let families = FAMILIES_OF.get(info);
  if (families === undefined) {
    families = FAMILIES.filter(({ className }) => info.is(className));
    FAMILIES_OF.set(info, families);
  }
  return families;
}

const FAMILIES_OF = new WeakMap<ClassInfo, readonly Family[]>();

const INT = 2;
const FLOAT = 3;
/** A count comes from files and packets: what goes beyond is not made up. */
const MAX_ITEMS = 16_384;
const MAX_NAMES = 16_384;
const MAX_NESTED_FIELDS = 8;
/** More than what the items of one item take of the order. */
const NESTED = 2 * MAX_ITEMS * MAX_NESTED_FIELDS;
