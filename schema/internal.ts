/** The internal door of the scene mirror, for the other rooms of this package. Nothing of it is public API. */
export type { PropertyType } from './classes/classTable.ts';
export { wire } from './mirror/encodeNode.ts';
export { checkedValue, givenValue, META_PREFIX } from './mirror/nodeProperties.ts';
export { parseType } from './mirror/variables.ts';
export { Ticker } from './replication/ticker.ts';
export { field } from './values/subnames.ts';
