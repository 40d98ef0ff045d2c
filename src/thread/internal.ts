/** The internal door of src/thread, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { startNetworkThread } from './networkThread.ts';
