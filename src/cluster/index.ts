/** Many nodes: part of what `godot-enet/cluster` exports. Re-exports only. */
export {
  type BusListener,
  type BusRecord,
  type BusStatus,
  type ClusterBus,
  MAX_BUS_MESSAGE,
  MAX_BUS_VALUE,
  MAX_WAITING,
  type Unsubscribe,
} from './bus.ts';
export { BusError, BusErrorCode } from './busErrors.ts';
export type { ClusterRuntime } from './clock.ts';
export { Lease } from './Lease.ts';
export { MemoryHub, type MemoryHubOptions, type MemorySnapshot } from './memory/MemoryHub.ts';
