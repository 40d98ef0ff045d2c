/**
 * `godot-enet/inspector`: the console, a page for operators of any kind of server.
 *
 * @module inspector
 */
export {
  type InspectedPeer,
  type InspectedServer,
  Inspector,
  type InspectorOptions,
  type Watched,
  type WatchOptions,
} from './inspector/internal.ts';
