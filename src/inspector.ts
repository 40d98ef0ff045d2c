/**
 * `godot-enet/inspector`: a page with the live traffic of a server.
 *
 * @module inspector
 */
export {
  type InspectedCluster,
  type InspectedMultiplayer,
  type InspectedPeer,
  type InspectedServer,
  Inspector,
  type InspectorOptions,
} from './inspector/internal.ts';
