/** The internal door of src/io, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { AttachedHost, type HostLike } from './attachedHost.ts';
export {
  createCompressor,
  prepareZstd,
  type ZstdLibraryName,
  type ZstdOptions,
  type ZstdUnavailableError,
} from './compression.ts';
export { openDgramSocket } from './dgramSocket.ts';
export { mmsgProblem, openMmsgSocket } from './mmsg.ts';
export { moduleUrl } from './moduleUrl.ts';
export {
  isPackageUnavailable,
  loadOptional,
  type PackageUnavailableError,
  packageUnavailable,
} from './optionalPackage.ts';
export { resolveNow } from './resolveNow.ts';
export { WaitingQueue } from './waitingQueue.ts';
