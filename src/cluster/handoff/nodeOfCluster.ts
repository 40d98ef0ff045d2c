/** A ClusterNode, as handoffs see it. */
import { type ClusterNode, clusterNodeAccess } from '../node/ClusterNode.ts';
import { ClusterError } from '../node/clusterErrors.ts';
import { type Placement, placeRoom } from '../node/placement.ts';
import { nameOf, roomKey } from '../node/roomRecord.ts';
import type { HandoffNode } from './handoffNode.ts';

/** @param placement which nodes rooms are moved to, and in which order. */
export function nodeOfCluster(node: ClusterNode, placement: Placement): HandoffNode {
  const { addressesOf, ask, handle, records, refresh, bus } = clusterNodeAccess;
  const { id } = node;
  return {
    id,
    get addresses() {
      return addressesOf(node);
    },
    request: async (to, name, bytes, timeoutMs) => {
      const answer = await ask(node, to, `#${name}`, bytes, timeoutMs);
      if (answer instanceof Uint8Array) return answer;
      throw new ClusterError('FAILED', `${to} answers ${name} with what are no bytes`);
    },
    onRequest: (name, handler) =>
      handle(node, `#${name}`, (payload) => {
        if (payload instanceof Uint8Array) return handler(payload);
        throw new ClusterError('FAILED', `${name} has no bytes`);
      }),
    epochOf: (roomId) => records(node).epochOf(roomId),
    giving: (roomId, isGiving) => records(node).give(roomId, isGiving),
    takeRoom: async (roomId, from) => {
      await records(node).claim(roomId, from);
      return records(node).epochOf(roomId) ?? 0;
    },
    ownerOf: async (roomId) => {
      const record = await bus(node).find(roomKey(roomId));
      return record && nameOf(record.root);
    },
    isGone: async (nodeId) => (await bus(node).find(`node/${nodeId}`)) === undefined,
    opened: (roomId) => records(node).opened(roomId),
    drain: () => {
      node.isDraining = true;
    },
    others: async () => {
      await refresh(node);
      const others = node.nodes().filter((other) => other.id !== id);
      return placeRoom(others, placement).map((other, load) => ({ id: other.id, load }));
    },
  };
}
