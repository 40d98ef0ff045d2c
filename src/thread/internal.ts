/** The internal door of src/thread, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { bulkOf } from './bulkPort.ts';
export { HostThread } from './hostThread.ts';
export { type CredentialsMessage, type ThreadData, type ThreadMessage, ThreadState, Word } from './layout.ts';
export { RingHost, shareMemory } from './ringHost.ts';
