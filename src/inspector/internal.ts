/** The internal door of src/inspector, for the other rooms of this package: nothing of it is public API. Re-exports only. */

export type { InspectedCluster } from './clusterView.ts';
export { type InspectedPeer, type InspectedServer, Inspector, type InspectorOptions } from './Inspector.ts';
export type { InspectedMultiplayer } from './multiplayerView.ts';
