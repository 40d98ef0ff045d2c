/** A ClusterNode, as handoffs see it. */
import { type ClusterNode, nodeInside } from '../node/ClusterNode.ts';
import { ClusterError } from '../node/clusterErrors.ts';
import { type Placement, placeRoom } from '../node/placement.ts';
import { nameOf, roomKey } from '../node/roomRecord.ts';
import type { HandoffNode } from './handoffNode.ts';

/** @param placement which nodes rooms are moved to, and in which order. */
export function nodeOfCluster(node: ClusterNode, placement: Placement): HandoffNode {
  const inside = nodeInside(node);
  const { id, records, bus } = inside;
  return {
    id,
    get addresses() {
      return inside.addresses;
    },
    request: async (to, name, bytes, timeoutMs) => {
      const answer = await inside.ask(to, `#${name}`, bytes, timeoutMs);
      if (answer instanceof Uint8Array) return answer;
      throw new ClusterError('FAILED', `${to} answers ${name} with what are no bytes`);
    },
    onRequest: (name, handler) =>
      inside.handle(`#${name}`, (payload) => {
        if (payload instanceof Uint8Array) return handler(payload);
        throw new ClusterError('FAILED', `${name} has no bytes`);
      }),
    epochOf: (roomId) => records.epochOf(roomId),
    giving: (roomId, isGiving) => records.give(roomId, isGiving),
    takeRoom: async (roomId, from) => {
      await records.claim(roomId, from);
      return records.epochOf(roomId) ?? 0;
    },
    ownerOf: async (roomId) => {
      const record = await bus.find(roomKey(roomId));
      return record && nameOf(record.root);
    },
    isGone: async (nodeId) => (await bus.find(`node/${nodeId}`)) === undefined,
    opened: (roomId) => records.opened(roomId),
    drain: () => {
      node.isDraining = true;
    },
    others: async () => {
      await inside.lookForNodes();
      const others = node.nodes().filter((other) => other.id !== id);
      return placeRoom(others, placement).map((other, load) => ({ id: other.id, load }));
    },
  };
}
