/** Classes of nodes and their properties, as a class table knows them (docs/protocol/variant-codec 10.5). */
import type { NodeValue } from '../values/ownVariant.ts';
import type { PropertyType } from '../values/propertyType.ts';
import type { ListingCondition } from './listing.ts';

export type { PropertyType };

/** A property of a class, or a variable of a script. */
export interface PropertyInfo extends PropertyType {
  /** The property's name. */
  readonly name: string;
  /** Its value before anything is set. */
  readonly default: NodeValue;
  /** Whether packets and scene files hold it. */
  readonly isStored: boolean;
}

/** A class of nodes. */
export interface ClassInfo {
  /** Native class name. */
  readonly name: string;
  /** The class it inherits from, `''` if unknown. */
  readonly inherits: string;
  /** `false` for abstract classes, of which there are no nodes. */
  readonly isInstantiable: boolean;
  /** The properties that a fresh node stores, in the engine's order. */
  readonly properties: readonly PropertyInfo[];
  /**
   * All properties that nodes of the class store in some state, in the engine's order, and those that only scene files hold.
   * `isStored` tells whether a fresh node does.
   */
  readonly all: readonly PropertyInfo[];
  /** What decides whether a node stores a property; none for one that it stores as a fresh node does. */
  readonly conditions: ReadonlyMap<string, readonly ListingCondition[]>;
  /** A property by its name; also one that a parent stores and this class hides. */
  property(name: string): PropertyInfo | undefined;
  /** Whether it has a property of this name that no node stores, such as `frame_coords`. */
  isUnsaved(name: string): boolean;
  /** Whether it is a class or inherits from it. */
  is(className: string): boolean;
}
