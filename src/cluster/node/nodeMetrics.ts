/** The numbers of a node for operators. */
import type { ClusterMetrics } from './clusterOps.ts';
import type { NodeCore } from './NodeCore.ts';

/** All numbers, as they are now. */
export function nodeMetrics(core: NodeCore): ClusterMetrics {
  const { isActive, acceptsPeers, peers, authenticatedPeers, away, refusals } = core.rooms.metrics();
  const { records, requests, root, bus } = core;
  const isHeld = core.keeper.isHeld;
  const states = core.shown();
  const others = [...records.leases, ...core.leases].filter((lease) => lease.isHeld).length;
  return {
    isActive: isActive && core.isOpen,
    acceptsPeers,
    isFenced: !isHeld,
    peers,
    authenticatedPeers,
    away,
    nodes: core.knownNodes().length,
    rooms: records.rooms,
    leases: isHeld ? others + 1 : 0,
    leaseLeftMs: Math.ceil(root?.heldForMs ?? 0),
    ...core.counts,
    pendingRequests: requests.pending,
    runningRequests: requests.running,
    bus: bus.status(),
    matchmaking: {
      leading: states.filter((state) => state.isLeading).length,
      tickets: states.reduce((sum, state) => sum + state.tickets, 0),
      queued: states.reduce((sum, state) => sum + state.queued, 0),
    },
    refusals,
  };
}
