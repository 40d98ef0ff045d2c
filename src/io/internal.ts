/** The internal door of src/io, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { AttachedHost, type HostLike } from './attachedHost.ts';
export {
  createCompressor,
  prepareZstd,
  type ZstdLibraryName,
  type ZstdOptions,
  type ZstdUnavailableError,
} from './compression.ts';
export {
  type DatagramSink,
  type DatagramSocket,
  isAttachError,
  MAX_LONG_DATAGRAM_BYTES,
  type PeerPlace,
  type PeerSource,
  type Scheduler,
} from './datagramSocket.ts';
export { moduleUrl } from './moduleUrl.ts';
export {
  createNodeRuntime,
  type NodeRuntime,
  type NodeRuntimeOptions,
  type NodeTransport,
  nodeRuntime,
} from './nodeRuntime.ts';
export { WaitingQueue } from './waitingQueue.ts';
