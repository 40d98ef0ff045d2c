/**
 * Public entry `godot-enet/godot`: Godot's networking classes, with Node as their platform: its sockets, its clock and its
 * compressors, unless the options bring others.
 */
import './node/internal.ts';

export { DisconnectCause } from './enet/index.ts';
export * from './godot/index.ts';
export {
  createCompressor,
  prepareZstd,
  type ZstdLibraryName,
  type ZstdOptions,
  type ZstdUnavailableError,
} from './io/internal.ts';
export {
  createNodeRuntime,
  type NodeRuntime,
  type NodeRuntimeOptions,
  type NodeTransport,
} from './node/internal.ts';
export { SECURE_SUITES, type SecureCounters, type SecureLimits, type SecureSuite } from './runtime/index.ts';
