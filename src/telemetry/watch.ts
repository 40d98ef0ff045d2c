/** Turns what servers, handoffs and matchmakings tell into the events of the list. */
import type {
  ClusterMatchmaking,
  ClusterMatchmakingSignals,
  ClusterNode,
  ClusterNodeSignals,
  Handoff,
  HandoffSignals,
} from '../cluster/index.ts';
import type { OperatedPeer, SignalEmitter } from '../godot/index.ts';
import type { OperatedServer } from '../ops/internal.ts';
import type { RoomServer, RoomServerSignals } from '../rooms/index.ts';
import { DiagnosticsChannel as Channel, type DiagnosticsMessages } from './events.ts';
import { isNode, roomsOf } from './roomsOf.ts';
import type { EventSink } from './sink.ts';
import { watchCounters } from './watchCounters.ts';

/** What can be watched: a server of any kind, the handoffs of a node, a matchmaking of a cluster. */
export type DiagnosticsSource = OperatedServer | Handoff | ClusterMatchmaking;

/** Tells what happens from now on; nothing is made of what nobody wants. @returns a function that ends it. */
export function watchSource(source: DiagnosticsSource, sink: EventSink): () => void {
  const told: Told = (name, message) => {
    if (sink.wants(name)) sink.tell(name, message());
  };
  if ('moveRoom' in source) return watchHandoff(source, told);
  if (!('ops' in source)) return watchMatchmaking(source, told);
  const ends = [watchPeers(source, told), watchCounters(source, sink)];
  const rooms = roomsOf(source);
  if (rooms !== undefined) ends.push(watchRooms(rooms, source, told));
  if (isNode(source)) ends.push(watchNode(source, told));
  return () => {
    for (const end of ends) end();
  };
}

type Told = <Name extends Channel>(name: Name, message: () => DiagnosticsMessages[Name]) => void;

function watchPeers(server: OperatedServer, tell: Told): () => void {
  const letIn = new WeakSet<OperatedPeer>();
  const durationOf = (peer: OperatedPeer): number => peer.getConnectionTime() * 1000;
  return server.ops.observe({
    started: (port) => tell(Channel.SERVER_STARTED, () => ({ server, port })),
    stopped: () => tell(Channel.SERVER_STOPPED, () => ({ server })),
    connected: (peer) => tell(Channel.PEER_CONNECTED, () => ({ server, peer })),
    authenticated: (peer) => {
      letIn.add(peer);
      tell(Channel.PEER_AUTHENTICATED, () => ({ server, peer, durationMs: durationOf(peer) }));
    },
    disconnected: (peer, reason, cause) =>
      tell(Channel.PEER_DISCONNECTED, () => ({
        server,
        peer,
        reason,
        cause,
        wasAuthenticated: letIn.has(peer),
        durationMs: durationOf(peer),
      })),
  });
}

function watchRooms(rooms: RoomServer, server: OperatedServer, tell: Told): () => void {
  return listen<RoomServerSignals>(rooms, {
    roomOpened: (room, durationMs) => tell(Channel.ROOM_OPENED, () => ({ server, room, durationMs })),
    roomNotMade: ({ id: roomId, kind }, error, durationMs) =>
      tell(Channel.ROOM_NOT_MADE, () => ({ server, roomId, kind, error, durationMs })),
    roomFailed: (room, error) => tell(Channel.ROOM_FAILED, () => ({ server, room, error })),
    roomEnded: (room) => tell(Channel.ROOM_ENDED, () => ({ server, room })),
    playerJoined: (player) => tell(Channel.PLAYER_JOINED, () => ({ server, player })),
    playerDropped: (player) => tell(Channel.PLAYER_DROPPED, () => ({ server, player })),
    playerReturned: (player) => tell(Channel.PLAYER_RETURNED, () => ({ server, player })),
    playerLeft: (player, reason) => tell(Channel.PLAYER_LEFT, () => ({ server, player, reason })),
  });
}

function watchNode(server: ClusterNode, tell: Told): () => void {
  return listen<ClusterNodeSignals>(server, {
    nodeJoined: (node) => tell(Channel.NODE_JOINED, () => ({ server, node })),
    nodeLeft: (node) => tell(Channel.NODE_LEFT, () => ({ server, node })),
    fenced: () => tell(Channel.NODE_FENCED, () => ({ server })),
    unfenced: () => tell(Channel.NODE_UNFENCED, () => ({ server })),
    leaseLost: () => tell(Channel.NODE_LEASE_LOST, () => ({ server })),
    roomLost: (roomId) => tell(Channel.NODE_ROOM_LOST, () => ({ server, roomId })),
  });
}

function watchHandoff(handoff: Handoff, tell: Told): () => void {
  return listen<HandoffSignals>(handoff, {
    moved: (move, durationMs) => tell(Channel.HANDOFF_MOVED, () => ({ handoff, move, durationMs })),
    stayed: (move, error, durationMs) =>
      tell(Channel.HANDOFF_STAYED, () => ({ handoff, move, error, durationMs })),
  });
}

function watchMatchmaking(matchmaking: ClusterMatchmaking, tell: Told): () => void {
  return listen<ClusterMatchmakingSignals>(matchmaking, {
    matched: (matched) =>
      tell(Channel.TICKET_MATCHED, () => ({ matchmaking, matched, durationMs: matched.waitedMs })),
    expired: (ticket, durationMs) =>
      tell(Channel.TICKET_EXPIRED, () => ({ matchmaking, ticket, durationMs })),
    refused: (ticket, refusal) => tell(Channel.TICKET_REFUSED, () => ({ matchmaking, ticket, refusal })),
    failed: (match, error) => tell(Channel.MATCH_FAILED, () => ({ matchmaking, match, error })),
  });
}

/** Listens to several signals. @returns a function that ends it. */
function listen<Signals extends { [Name in keyof Signals]: readonly unknown[] }>(
  emitter: Pick<SignalEmitter<Signals>, 'on' | 'off'>,
  listeners: { readonly [Name in keyof Signals]?: (...args: Signals[Name]) => void },
): () => void {
  // The names of `listeners` are signals, each with a listener of its own.
  const entries = Object.entries(listeners) as [keyof Signals, (...args: Signals[keyof Signals]) => void][];
  for (const [name, listener] of entries) emitter.on(name, listener);
  return () => {
    for (const [name, listener] of entries) emitter.off(name, listener);
  };
}
