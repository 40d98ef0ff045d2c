/** What a class's items have (families.ts): the form of the tables. */
import { VariantType, type VariantTypeId } from '../../codec/index.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { type ListingCondition, type ListingState, parse } from './listing.ts';

/** One property of each item. */
export interface FamilyField {
  /** What comes behind the item's number; empty: the number alone. */
  readonly name: string;
  /** Its type. */
  readonly type: VariantTypeId;
  /** Its value before anything is set, by the item's number and the node's state; absent: the type's empty value. */
  readonly value?: (index: number, state: ListingState) => NodeValue;
  /** Listed for every item, not only where it differs from the default. */
  readonly isAlways?: boolean;
  /** Follows from the node's state: setting it does nothing. */
  readonly isDerived?: boolean;
  /** Listed only when this holds of the item's own fields. */
  readonly when?: ListingCondition;
  /** Fields of a greater block come after those of all items of the lesser ones; absent: 0. The engine lists by class. */
  readonly block?: number;
  /** It is no property: the item has items of its own (`settings/0/joints/1/...`). */
  readonly items?: FamilyItems;
}

/** Items of an item. */
export interface FamilyItems {
  /** Which fields of the outer item say how many there are. */
  readonly countedBy: readonly string[];
  /** How many there are, by the outer item's fields. */
  readonly count: (own: ListingState) => number;
  /** In the engine's order; at most 8. */
  readonly fields: readonly FamilyField[];
}

/** The properties of a class's items. */
export interface Family {
  /** The class that has them, and those that inherit from it. */
  readonly className: string;
  /** What comes before the item's number. */
  readonly prefix: string;
  /** There is one item, and it has no number. */
  readonly isSingle?: boolean;
  /** There are items only when this holds of the node. */
  readonly when?: ListingCondition;
  /** The property that says how many items there are, a number or an array; absent: up to the last that something is set of. */
  readonly count?: string;
  /** Only the items that something is set of. */
  readonly isSparse?: boolean;
  /** The property that they come after. */
  readonly after: string;
  /** In the engine's order. */
  readonly fields: readonly FamilyField[];
}

/** A field with the default of its type, or with this one. */
export function field(name: string, type: VariantTypeId, value?: NodeValue): FamilyField {
  return value === undefined ? { name, type } : { name, type, value: () => value };
}

/** The fields, listed for every item. */
export function always(fields: readonly FamilyField[]): FamilyField[] {
  return fields.map((entry) => ({ ...entry, isAlways: true }));
}

/** The fields, listed when a condition (conditions.ts) holds of the item's own fields. */
export function when(condition: string, ...fields: readonly FamilyField[]): FamilyField[] {
  return fields.map((entry) => ({ ...entry, when: parse(condition) }));
}

/** The fields, after those of the lesser blocks. */
export function inBlock(block: number, fields: readonly FamilyField[]): FamilyField[] {
  return fields.map((entry) => ({ ...entry, block }));
}

/** Items of an item, as many as one of its fields says. */
export function nested(name: string, count: string, fields: readonly FamilyField[]): FamilyField {
  const items = {
    countedBy: [count],
    count: (own: ListingState) => Number(own(count)),
    fields: always(fields),
  };
  return { name, type: VariantType.NIL, items };
}
