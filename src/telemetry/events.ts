/**
 * What operators can be told of: the one list. Channels of `node:diagnostics_channel` have these names and messages, spans are made of those
 * with a duration, and the table of docs/guide/telemetry.md is made of the comments below.
 */
import type { ClusterMatch, ClusterMatchmaking, Handoff, HandoffMove, NodeFacts } from '../cluster/index.ts';
import type { DisconnectCause } from '../enet/index.ts';
import type { OperatedPeer } from '../godot/index.ts';
import type { Match, MatchTicket, RefusedTicket } from '../matchmaking/index.ts';
import type { OperatedServer } from '../ops/internal.ts';
import type { LeaveReason, Player, Room } from '../rooms/index.ts';

/** The names of the channels. They and the fields of their messages are stable: new ones may come. */
export const DiagnosticsChannel = {
  /** A server listens: `server`, `port` */
  SERVER_STARTED: 'godot-enet:server.started',
  /** It does no more: `server` */
  SERVER_STOPPED: 'godot-enet:server.stopped',
  /** In the last second it has turned something away, once for each reason: `server`, `reason`, `count` */
  SERVER_REFUSED: 'godot-enet:server.refused',
  /** In the last second DTLS handshakes came to nothing, once for each code of docs/errors.md: `server`, `reason`, `count` */
  DTLS_FAILED: 'godot-enet:dtls.failed',
  /** A peer is connected: `server`, `peer` */
  PEER_CONNECTED: 'godot-enet:peer.connected',
  /** A peer was let in, so long after it had connected: `server`, `peer`, `durationMs` */
  PEER_AUTHENTICATED: 'godot-enet:peer.authenticated',
  /** A peer is gone, so long after it had connected: `server`, `peer`, `reason`, `cause`, `wasAuthenticated`, `durationMs` */
  PEER_DISCONNECTED: 'godot-enet:peer.disconnected',
  /** A room takes players, so long after it was asked for: `server`, `room`, `durationMs` */
  ROOM_OPENED: 'godot-enet:room.opened',
  /** A room did not come to be: `server`, `roomId`, `kind`, `error`, `durationMs` */
  ROOM_NOT_MADE: 'godot-enet:room.notMade',
  /** A hook or a step of a room has thrown; it ends: `server`, `room`, `error` */
  ROOM_FAILED: 'godot-enet:room.failed',
  /** A room has ended: `server`, `room` */
  ROOM_ENDED: 'godot-enet:room.ended',
  /** In the last second rooms have skipped ticks: `server`, `count`, `lateP99Ms` */
  ROOM_TICKS_SKIPPED: 'godot-enet:room.ticksSkipped',
  /** Somebody has logged in: `server`, `player` */
  PLAYER_JOINED: 'godot-enet:player.joined',
  /** The connection of a player broke, its seat is kept: `server`, `player` */
  PLAYER_DROPPED: 'godot-enet:player.dropped',
  /** A player is back: `server`, `player` */
  PLAYER_RETURNED: 'godot-enet:player.returned',
  /** A player is gone for good: `server`, `player`, `reason` */
  PLAYER_LEFT: 'godot-enet:player.left',
  /** A node of a cluster is there: `server`, `node` */
  NODE_JOINED: 'godot-enet:node.joined',
  /** A node is gone: `server`, `node` */
  NODE_LEFT: 'godot-enet:node.left',
  /** This node cannot prove its lease, nobody comes in: `server` */
  NODE_FENCED: 'godot-enet:node.fenced',
  /** It is sure of its lease again: `server` */
  NODE_UNFENCED: 'godot-enet:node.unfenced',
  /** Somebody has ended its lease: `server` */
  NODE_LEASE_LOST: 'godot-enet:node.leaseLost',
  /** Another node has a room of this one, which ends here: `server`, `roomId` */
  NODE_ROOM_LOST: 'godot-enet:node.roomLost',
  /** A room or a player is at another node: `handoff`, `move`, `durationMs` */
  HANDOFF_MOVED: 'godot-enet:handoff.moved',
  /** It could not go and is here still: `handoff`, `move`, `error`, `durationMs` */
  HANDOFF_STAYED: 'godot-enet:handoff.stayed',
  /** A ticket of this node has a match, so long after it was added: `matchmaking`, `matched`, `durationMs` */
  TICKET_MATCHED: 'godot-enet:ticket.matched',
  /** A ticket has waited for too long: `matchmaking`, `ticket`, `durationMs` */
  TICKET_EXPIRED: 'godot-enet:ticket.expired',
  /** A new leader does not take a ticket that waited: `matchmaking`, `ticket`, `refusal` */
  TICKET_REFUSED: 'godot-enet:ticket.refused',
  /** The room of a match could not be made; its tickets wait on: `matchmaking`, `match`, `error` */
  MATCH_FAILED: 'godot-enet:match.failed',
} as const;

/** One of the names of {@link DiagnosticsChannel}. */
export type DiagnosticsChannel = (typeof DiagnosticsChannel)[keyof typeof DiagnosticsChannel];

/** What every message of a server has. */
interface OfServer {
  /** The server that was given to `publishDiagnostics`: of rooms of a node, the node. */
  readonly server: OperatedServer;
}
interface OfPeer extends OfServer {
  /** Of an `ENetServer` an `ENetServerPeer`. It stays readable. */
  readonly peer: OperatedPeer;
}
interface OfRoom extends OfServer {
  readonly room: Room;
}
interface OfPlayer extends OfServer {
  readonly player: Player;
}
interface OfNode extends OfServer {
  readonly node: NodeFacts;
}
interface Counted extends OfServer {
  readonly reason: string;
  /** How often, since the last message or the beginning of the second. */
  readonly count: number;
}
interface Lasting {
  /** How long it took, in ms of the server's clock. */
  readonly durationMs: number;
}
interface Failing {
  /** What was thrown. */
  readonly error: unknown;
}
interface OfHandoff extends Lasting {
  readonly handoff: Handoff;
  readonly move: HandoffMove;
}
interface OfMatchmaking {
  readonly matchmaking: ClusterMatchmaking;
}

/** The messages of the channels, by their names. They are for reading only. */
export interface DiagnosticsMessages {
  readonly [DiagnosticsChannel.SERVER_STARTED]: OfServer & { readonly port: number };
  readonly [DiagnosticsChannel.SERVER_STOPPED]: OfServer;
  readonly [DiagnosticsChannel.SERVER_REFUSED]: Counted;
  readonly [DiagnosticsChannel.DTLS_FAILED]: Counted;
  readonly [DiagnosticsChannel.PEER_CONNECTED]: OfPeer;
  readonly [DiagnosticsChannel.PEER_AUTHENTICATED]: OfPeer & Lasting;
  readonly [DiagnosticsChannel.PEER_DISCONNECTED]: OfPeer &
    Lasting & {
      /** What the peer or the application said; may be empty. */
      readonly reason: string;
      /** `undefined` where only the transport below could know. */
      readonly cause: DisconnectCause | undefined;
      readonly wasAuthenticated: boolean;
    };
  readonly [DiagnosticsChannel.ROOM_OPENED]: OfRoom & Lasting;
  readonly [DiagnosticsChannel.ROOM_NOT_MADE]: OfServer &
    Lasting &
    Failing & { readonly roomId: string; readonly kind: string };
  readonly [DiagnosticsChannel.ROOM_FAILED]: OfRoom & Failing;
  readonly [DiagnosticsChannel.ROOM_ENDED]: OfRoom;
  readonly [DiagnosticsChannel.ROOM_TICKS_SKIPPED]: OfServer & {
    readonly count: number;
    /** Of the worst room: 99 of 100 of its latest ticks were at most so late. */
    readonly lateP99Ms: number;
  };
  readonly [DiagnosticsChannel.PLAYER_JOINED]: OfPlayer;
  readonly [DiagnosticsChannel.PLAYER_DROPPED]: OfPlayer;
  readonly [DiagnosticsChannel.PLAYER_RETURNED]: OfPlayer;
  readonly [DiagnosticsChannel.PLAYER_LEFT]: OfPlayer & { readonly reason: LeaveReason };
  readonly [DiagnosticsChannel.NODE_JOINED]: OfNode;
  readonly [DiagnosticsChannel.NODE_LEFT]: OfNode;
  readonly [DiagnosticsChannel.NODE_FENCED]: OfServer;
  readonly [DiagnosticsChannel.NODE_UNFENCED]: OfServer;
  readonly [DiagnosticsChannel.NODE_LEASE_LOST]: OfServer;
  readonly [DiagnosticsChannel.NODE_ROOM_LOST]: OfServer & { readonly roomId: string };
  readonly [DiagnosticsChannel.HANDOFF_MOVED]: OfHandoff;
  readonly [DiagnosticsChannel.HANDOFF_STAYED]: OfHandoff & Failing;
  readonly [DiagnosticsChannel.TICKET_MATCHED]: OfMatchmaking & Lasting & { readonly matched: ClusterMatch };
  readonly [DiagnosticsChannel.TICKET_EXPIRED]: OfMatchmaking & Lasting & { readonly ticket: MatchTicket };
  readonly [DiagnosticsChannel.TICKET_REFUSED]: OfMatchmaking & {
    readonly ticket: MatchTicket;
    readonly refusal: RefusedTicket;
  };
  readonly [DiagnosticsChannel.MATCH_FAILED]: OfMatchmaking & Failing & { readonly match: Match };
}
