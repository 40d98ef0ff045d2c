/** The rooms behind a server, by its kind. */
import type { ClusterNode } from '../cluster/index.ts';
import type { OperatedServer } from '../ops/internal.ts';
import type { RoomServer } from '../rooms/index.ts';

/** A `RoomServer` itself, the one of a `ClusterNode`; other kinds have none. */
export function roomsOf(server: OperatedServer): RoomServer | undefined {
  if (isNode(server)) return server.rooms;
  return isRooms(server) ? server : undefined;
}

/** Whether a server is a `ClusterNode`. */
export function isNode(server: OperatedServer): server is ClusterNode {
  return server.ops.kind === 'cluster';
}

function isRooms(server: OperatedServer): server is RoomServer {
  return server.ops.kind === 'rooms';
}
