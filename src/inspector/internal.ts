/** The internal door of src/inspector, for the other rooms of this package: nothing of it is public API. Re-exports only. */

export { Inspector } from './Inspector.ts';
export type { InspectorOptions, WatchOptions } from './options.ts';
export type { InspectedPeer, InspectedServer } from './sources/otherSource.ts';
export type { Watched } from './sources/sourceOf.ts';
