/**
 * The property list of one node: its class's properties, what the class adds for this instance, `script`, the variables
 * of the script and the metadata, in the order in which the engine lists and sends them (docs/protocol/variant-codec 10.5).
 */
import { EncodedObjectAsID, Float, VariantType } from '../../codec/index.ts';
import type { AddedProperty } from '../classes/addedProperty.ts';
import type { ClassInfo, PropertyInfo } from '../classes/classTable.ts';
import { dynamicProperty } from '../classes/dynamicProperties.ts';
import { countsOf, forgottenBy, impliedNames } from '../classes/itemProperties.ts';
import type { ListingState } from '../classes/listing.ts';
import { convert, nameOfType } from '../values/convert.ts';
import { type NodeValue, ownVariant, ValueProblem } from '../values/ownVariant.ts';

/** What a property of the script is called in front of a metadata entry's name. */
export const META_PREFIX = 'metadata/';

/** The properties of a node, by name and in order. Knows nothing of transforms, parents or packets. */
export class NodeProperties {
  readonly #class: ClassInfo;
  readonly #values = new Map<string, NodeValue>();
  readonly #added = new Map<string, AddedProperty>();
  readonly #variables = new Map<string, PropertyInfo>();
  readonly #metadata = new Map<string, NodeValue>();
  readonly #fact: ListingState;
  /** What the list was made under. */
  readonly #facts = new Map<string, unknown>();
  #list: readonly PropertyInfo[] | undefined;

  /**
   * @param info - The node's class, from a table or made of an explicit list.
   * @param fact - What holds of the node's surroundings, by the names that conditions have for it.
   */
  constructor(info: ClassInfo, fact: ListingState) {
    this.#class = info;
    this.#fact = fact;
  }

  /** What is known of a property, metadata not included; `undefined` for an unknown name. */
  find(name: string): PropertyInfo | undefined {
    return this.#class.property(name) ?? this.#variables.get(name) ?? this.#added.get(name)?.info;
  }

  /** As {@link NodeProperties.find}; a property that the class adds when it is set is there from now on. */
  findOrAdd(name: string): PropertyInfo | undefined {
    const known = this.find(name);
    if (known !== undefined) return known;
    const dynamic = dynamicProperty(this.#class, name, this.#known);
    if (dynamic === undefined || dynamic.isDerived === true) return dynamic?.info;
    this.#added.set(name, dynamic);
    this.#list = undefined;
    return dynamic.info;
  }

  /** Adds a variable of the script, behind those that are there. Its value, if it has one already, stays. */
  declare(info: PropertyInfo): void {
    this.#variables.set(info.name, info);
    this.#list = undefined;
  }

  /** The variables of a script, in front of those that are there. */
  declareFirst(infos: readonly PropertyInfo[]): void {
    const others = [...this.#variables];
    this.#variables.clear();
    for (const info of infos) this.#variables.set(info.name, info);
    for (const [name, info] of others) if (!this.#variables.has(name)) this.#variables.set(name, info);
    this.#list = undefined;
  }

  /** What a variable was set to; `undefined` for one that has its default. */
  held(name: string): NodeValue | undefined {
    return this.#variables.has(name) ? this.#values.get(name) : undefined;
  }

  /** The declared variables in order. */
  variables(): readonly PropertyInfo[] {
    return [...this.#variables.values()];
  }

  /** The value of a property: what was set, else the default. */
  value(info: PropertyInfo): NodeValue {
    const value = this.#values.get(info.name);
    return value === undefined ? info.default : value;
  }

  /** Stores a value that has the property's type already. */
  store(name: string, value: NodeValue): void {
    this.#forget(name, value);
    this.#values.set(name, value);
    if (this.#added.has(name) || listedBy(this.#class).has(name)) this.#list = undefined;
  }

  /** The metadata in order. */
  get metadata(): ReadonlyMap<string, NodeValue> {
    return this.#metadata;
  }

  /** Sets an entry, or removes it with null as the engine does. */
  setMeta(name: string, value: NodeValue): void {
    if (value === null) this.#metadata.delete(name);
    else this.#metadata.set(name, value);
  }

  /** The stored properties without metadata, in the engine's order. */
  list(): readonly PropertyInfo[] {
    for (const [fact, value] of this.#facts) if (this.#fact(fact) !== value) this.#list = undefined;
    this.#list ??= this.#build();
    return this.#list;
  }

  /** Those of the stored properties that have one of these names, in the engine's order. */
  listOf(names: readonly string[]): readonly PropertyInfo[] {
    const list = this.list();
    if (names.length > 1) {
      const wanted = new Set(names);
      return list.filter((info) => wanted.has(info.name));
    }
    // Most often it is one, and comparing names is cheaper than a set of all.
    for (const info of list) if (info.name === names[0]) return [info];
    return [];
  }

  /** Properties that were set and are not in the list. */
  unlisted(): readonly PropertyInfo[] {
    const listed = new Set(this.list().map((info) => info.name));
    return [...this.#values.keys()].flatMap((name) => (listed.has(name) ? [] : (this.find(name) ?? [])));
  }

  /** What is known of the node itself, by name. */
  readonly #known: ListingState = (name) => {
    const info = this.find(name);
    return info === undefined ? this.#values.get(name) : this.value(info);
  };

  /** Forgets the items that are no more when a property has this value; the others may have other defaults then. */
  #forget(name: string, value: NodeValue): void {
    if (this.#added.size === 0) return;
    const isForgotten = forgottenBy(this.#class, name, this.#known, value);
    if (isForgotten === undefined) return;
    for (const item of [...this.#values.keys()]) {
      if (!isForgotten(item)) continue;
      this.#values.delete(item);
      this.#added.delete(item);
    }
    const state: ListingState = (wanted) => (wanted === name ? value : this.#known(wanted));
    for (const item of this.#added.keys()) {
      const property = dynamicProperty(this.#class, item, state);
      if (property !== undefined) this.#added.set(item, property);
    }
  }

  /** What is added to the class's list: what was set, and what its items have besides. */
  #items(state: ListingState): AddedProperty[] {
    const added = new Map(this.#added);
    for (const name of impliedNames(this.#class, this.#added.keys(), state)) {
      const item = added.has(name) ? undefined : dynamicProperty(this.#class, name, state);
      if (item !== undefined && this.#class.property(name) === undefined) added.set(name, item);
    }
    return [...added.values()].sort(byPlace);
  }

  #build(): readonly PropertyInfo[] {
    const state: ListingState = (name) => {
      if (name.startsWith('@')) {
        const value = this.#fact(name);
        this.#facts.set(name, value);
        return value;
      }
      return this.#known(name);
    };
    const { all, conditions } = this.#class;
    const list: PropertyInfo[] = [];
    const added = new Map<string, AddedProperty[]>();
    for (const entry of this.#items(state)) {
      const others = added.get(entry.after);
      if (others === undefined) added.set(entry.after, [entry]);
      else others.push(entry);
    }
    for (const info of all) {
      // protocol/variant-codec 10.5: `script` comes behind what the classes have, then the script's own variables.
      const own = conditions.get(info.name);
      if (own === undefined ? info.isStored : own.every((condition) => condition.holds(state)))
        list.push(info);
      for (const { info: entry, isListed = isAlwaysListed } of added.get(info.name) ?? [])
        if (isListed(this.value(entry), state)) list.push(entry);
    }
    const names = new Set(list.map(({ name }) => name));
    for (const variable of this.#variables.values())
      if (variable.isStored && !names.has(variable.name)) list.push(variable);
    return list;
  }
}

/** A value as {@link NodeProperties} holds it, or a TypeError that names the property. */
export function checkedValue(info: PropertyInfo, value: unknown): NodeValue {
  try {
    return convert(value, info);
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    throw new TypeError(`"${info.name}" expected ${nameOfType(info)}, got ${error.message}`);
  }
}

/** A Variant of any type as a node holds it, or a TypeError that names it. */
export function checkedVariant(name: string, value: unknown): NodeValue {
  try {
    return ownVariant(value);
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    throw new TypeError(`"${name}" expected a Variant, got ${error.message}`);
  }
}

/** A value as callers get it: a copy of what could be changed, and a float as a number where its type is known. */
export function givenValue(info: PropertyInfo | undefined, value: NodeValue): NodeValue {
  if (value instanceof Float) {
    return info?.type === VariantType.FLOAT && value.nanBits === undefined ? value.value : value;
  }
  return typeof value === 'object' && value !== null && isMutable(value) ? ownVariant(value) : value;
}

/** Whether two values of nodes are the same, types and contents. */
export function sameValue(a: NodeValue, b: NodeValue): boolean {
  if (a === b) return !Object.is(a, -0) === !Object.is(b, -0);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Float && b instanceof Float) return Object.is(a.value, b.value) && a.nanBits === b.nanBits;
  if (a instanceof EncodedObjectAsID && b instanceof EncodedObjectAsID) return a.id === b.id;
  return false;
}

function isMutable(value: object): boolean {
  return Array.isArray(value) || value instanceof Map || ArrayBuffer.isView(value) || 'data' in value;
}

function byPlace(a: AddedProperty, b: AddedProperty): number {
  const block = (a.block ?? 0) - (b.block ?? 0);
  if (block !== 0) return block;
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.isInOrder === true) return 0;
  return a.info.name < b.info.name ? -1 : 1;
}

function isAlwaysListed(): boolean {
  return true;
}

/** Properties that decide which others are listed. */
function listedBy(info: ClassInfo): ReadonlySet<string> {
  let names = LISTED_BY.get(info);
  if (names === undefined) {
    const conditions = [...info.conditions.values()].flat();
    names = new Set([...conditions.flatMap((condition) => condition.names), ...countsOf(info)]);
    LISTED_BY.set(info, names);
  }
  return names;
}

const LISTED_BY = new WeakMap<ClassInfo, ReadonlySet<string>>();
