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
export type { DrainResult } from './handoff/drain.ts';
export { type DrainRoomsOptions, Handoff, type HandoffMove, type HandoffSignals } from './handoff/Handoff.ts';
export { HandoffError, HandoffErrorCode } from './handoff/handoffErrors.ts';
export {
  HANDOFF_DEFAULTS,
  type HandoffOptions,
  type HandoffSettings,
} from './handoff/handoffOptions.ts';
export type { TicketKeys } from './handoff/tickets.ts';
export { Lease } from './Lease.ts';
export { ClusterMatchmaking, type ClusterMatchmakingSignals } from './matchmaking/ClusterMatchmaking.ts';
export type { ClusterMatch } from './matchmaking/NodeTickets.ts';
export type { ClusterMatchmakingOptions, MatchRoom } from './matchmaking/options.ts';
export { MemoryHub, type MemoryHubOptions, type MemorySnapshot } from './memory/MemoryHub.ts';
export { NatsBus } from './nats/NatsBus.ts';
export type { NatsBusOptions, NatsTlsOptions } from './nats/options.ts';
export { ClusterNode } from './node/ClusterNode.ts';
export type { ClusterCallOptions, ClusterCreateSettings } from './node/callOptions.ts';
export { ClusterError, ClusterErrorCode } from './node/clusterErrors.ts';
export { type ClusterMetrics, ClusterOps, type MatchmakingState } from './node/clusterOps.ts';
export type { ClusterPayload, JsonValue } from './node/frames.ts';
export type { NodeFacts } from './node/nodeFacts.ts';
export type { ClusterNodeOptions, NodeCapacity } from './node/nodeOptions.ts';
export type { ClusterNodeSignals } from './node/nodeSignals.ts';
export { type Placement, placeRoom } from './node/placement.ts';
export type { ClusterReservation } from './node/RoomCalls.ts';
export type { ClusterRoom, RoomPlace } from './node/roomRecord.ts';
export type { RedisBusOptions, RedisTlsOptions } from './redis/options.ts';
export { RedisBus } from './redis/RedisBus.ts';
