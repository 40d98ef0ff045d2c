/** The internal door of src/rooms, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { checkFilter, fits } from './listing.ts';
