/** The internal door of the scene mirror, for the other rooms of this package. Nothing of it is public API. */
export type { PropertyInfo, PropertyType } from './classTable.ts';
export { parseType } from './nodeInput.ts';
export { checkedValue, givenValue } from './nodeProperties.ts';
