/** The internal door of src/node, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { startNetworkThread } from './networkThread.ts';
export {
  createNodeRuntime,
  type NodeRuntime,
  type NodeRuntimeOptions,
  type NodeTransport,
  nodeRuntime,
} from './nodeRuntime.ts';
