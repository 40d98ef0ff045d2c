/**
 * The internal door of src/node, for the other rooms of this package: nothing of it is public API. Who enters has
 * Node as the platform; the rest are re-exports.
 */
import './platform.ts';

export {
  createNodeRuntime,
  type NodeRuntime,
  type NodeRuntimeOptions,
  type NodeTransport,
  nodeRuntime,
} from './nodeRuntime.ts';
export { type ProjectFolder, readFromFolder, readResource } from './projectFolder.ts';
export { loadUnzstd } from './unzstd.ts';
