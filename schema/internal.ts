/** The internal door of the scene mirror, for the other rooms of this package. Nothing of it is public API. */
export type { PropertyInfo, PropertyType } from './classes/classTable.ts';
export { parseType } from './mirror/nodeInput.ts';
export { checkedValue, givenValue } from './mirror/nodeProperties.ts';
