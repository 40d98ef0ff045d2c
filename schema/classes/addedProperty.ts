/** What a class adds to its properties for one node (dynamicProperties.ts, itemProperties.ts). */
import type { NodeValue } from '../values/ownVariant.ts';
import type { PropertyInfo } from './classInfo.ts';
import type { ListingState } from './listing.ts';

/** Where a property that was set stands in the list. */
export interface DynamicPlace {
  /** The property of the class that it comes after. */
  readonly after: string;
  /** What has a greater block comes after what has a lesser one; absent: 0. */
  readonly block?: number;
  /** Its rank among those of one block after the same property; equal ranks go by name. */
  readonly rank: number;
  /** Equal ranks go by the order of setting instead. */
  readonly isInOrder?: boolean;
  /** Whether a node in this state lists it with this value; absent: always. */
  readonly isListed?: (value: NodeValue, state: ListingState) => boolean;
}

/** A property that was set, with its place. */
export interface AddedProperty extends DynamicPlace {
  /** Name, type and default. */
  readonly info: PropertyInfo;
  /** Follows from the node's state: setting it does nothing. */
  readonly isDerived?: boolean;
}
