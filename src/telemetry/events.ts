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
export interface ServerMessage {
  /** The server that was given to `publishDiagnostics`: of rooms of a node, the node. */
  readonly server: OperatedServer;
}

/** Of a peer. */
export interface PeerMessage extends ServerMessage {
  /** The peer, of an `ENetServer` an `ENetServerPeer`. It stays readable. */
  readonly peer: OperatedPeer;
}

/** Of a room. */
export interface RoomMessage extends ServerMessage {
  /** The room. */
  readonly room: Room;
}

/** Of a player. */
export interface PlayerMessage extends ServerMessage {
  /** The player. */
  readonly player: Player;
}

/** Of a node of a cluster. */
export interface NodeMessage extends ServerMessage {
  /** What the node said of itself. */
  readonly node: NodeFacts;
}

/** Of what is counted. */
export interface CountMessage extends ServerMessage {
  /** Why. */
  readonly reason: string;
  /** How often, in the last second. */
  readonly count: number;
}

/** Of what has a duration. */
export interface TimedMessage {
  /** How long it took, in ms of the server's clock. */
  readonly durationMs: number;
}

/** Of what came to nothing. */
export interface FailureMessage {
  /** What was thrown. */
  readonly error: unknown;
}

/** Of a handoff. */
export interface HandoffMessage extends TimedMessage {
  /** Which of a node. */
  readonly handoff: Handoff;
  /** What goes where. */
  readonly move: HandoffMove;
}

/** Of a matchmaking. */
export interface MatchmakingMessage {
  /** Which. */
  readonly matchmaking: ClusterMatchmaking;
}

/** Of a ticket that waits. */
export interface TicketMessage extends MatchmakingMessage {
  /** The ticket. */
  readonly ticket: MatchTicket;
}

/** See {@link DiagnosticsChannel.SERVER_STARTED}. */
export interface StartedMessage extends ServerMessage {
  /** The UDP or TCP port; 0 where it has none or several. */
  readonly port: number;
}

/** See {@link DiagnosticsChannel.PEER_DISCONNECTED}. */
export interface DisconnectedMessage extends PeerMessage, TimedMessage {
  /** What the peer or the application said; may be empty. */
  readonly reason: string;
  /** `undefined` where only the transport below could know. */
  readonly cause: DisconnectCause | undefined;
  /** Whether it had been let in. */
  readonly wasAuthenticated: boolean;
}

/** See {@link DiagnosticsChannel.ROOM_NOT_MADE}. */
export interface NotMadeMessage extends ServerMessage, TimedMessage, FailureMessage {
  /** The id of the room that was asked for. */
  readonly roomId: string;
  /** Its kind. */
  readonly kind: string;
}

/** See {@link DiagnosticsChannel.ROOM_TICKS_SKIPPED}. */
export interface SkippedMessage extends ServerMessage {
  /** How many ticks, in the last second. */
  readonly count: number;
  /** Of the worst room: 99 of 100 of its latest ticks were at most so late. */
  readonly lateP99Ms: number;
}

/** See {@link DiagnosticsChannel.PLAYER_LEFT}. */
export interface LeftMessage extends PlayerMessage {
  /** Why. */
  readonly reason: LeaveReason;
}

/** See {@link DiagnosticsChannel.NODE_ROOM_LOST}. */
export interface RoomLostMessage extends ServerMessage {
  /** The id of the room. */
  readonly roomId: string;
}

/** See {@link DiagnosticsChannel.TICKET_MATCHED}. */
export interface MatchedMessage extends MatchmakingMessage, TimedMessage {
  /** With whom, and where. */
  readonly matched: ClusterMatch;
}

/** See {@link DiagnosticsChannel.TICKET_REFUSED}. */
export interface RefusedTicketMessage extends TicketMessage {
  /** Why. */
  readonly refusal: RefusedTicket;
}

/** See {@link DiagnosticsChannel.MATCH_FAILED}. */
export interface MatchFailedMessage extends MatchmakingMessage, FailureMessage {
  /** The match without a room. */
  readonly match: Match;
}

/** The messages of the channels, by their names. They are for reading only. */
export interface DiagnosticsMessages {
  /** Of {@link DiagnosticsChannel.SERVER_STARTED}. */
  readonly [DiagnosticsChannel.SERVER_STARTED]: StartedMessage;
  /** Of {@link DiagnosticsChannel.SERVER_STOPPED}. */
  readonly [DiagnosticsChannel.SERVER_STOPPED]: ServerMessage;
  /** Of {@link DiagnosticsChannel.SERVER_REFUSED}. */
  readonly [DiagnosticsChannel.SERVER_REFUSED]: CountMessage;
  /** Of {@link DiagnosticsChannel.DTLS_FAILED}. */
  readonly [DiagnosticsChannel.DTLS_FAILED]: CountMessage;
  /** Of {@link DiagnosticsChannel.PEER_CONNECTED}. */
  readonly [DiagnosticsChannel.PEER_CONNECTED]: PeerMessage;
  /** Of {@link DiagnosticsChannel.PEER_AUTHENTICATED}. */
  readonly [DiagnosticsChannel.PEER_AUTHENTICATED]: PeerMessage & TimedMessage;
  /** Of {@link DiagnosticsChannel.PEER_DISCONNECTED}. */
  readonly [DiagnosticsChannel.PEER_DISCONNECTED]: DisconnectedMessage;
  /** Of {@link DiagnosticsChannel.ROOM_OPENED}. */
  readonly [DiagnosticsChannel.ROOM_OPENED]: RoomMessage & TimedMessage;
  /** Of {@link DiagnosticsChannel.ROOM_NOT_MADE}. */
  readonly [DiagnosticsChannel.ROOM_NOT_MADE]: NotMadeMessage;
  /** Of {@link DiagnosticsChannel.ROOM_FAILED}. */
  readonly [DiagnosticsChannel.ROOM_FAILED]: RoomMessage & FailureMessage;
  /** Of {@link DiagnosticsChannel.ROOM_ENDED}. */
  readonly [DiagnosticsChannel.ROOM_ENDED]: RoomMessage;
  /** Of {@link DiagnosticsChannel.ROOM_TICKS_SKIPPED}. */
  readonly [DiagnosticsChannel.ROOM_TICKS_SKIPPED]: SkippedMessage;
  /** Of {@link DiagnosticsChannel.PLAYER_JOINED}. */
  readonly [DiagnosticsChannel.PLAYER_JOINED]: PlayerMessage;
  /** Of {@link DiagnosticsChannel.PLAYER_DROPPED}. */
  readonly [DiagnosticsChannel.PLAYER_DROPPED]: PlayerMessage;
  /** Of {@link DiagnosticsChannel.PLAYER_RETURNED}. */
  readonly [DiagnosticsChannel.PLAYER_RETURNED]: PlayerMessage;
  /** Of {@link DiagnosticsChannel.PLAYER_LEFT}. */
  readonly [DiagnosticsChannel.PLAYER_LEFT]: LeftMessage;
  /** Of {@link DiagnosticsChannel.NODE_JOINED}. */
  readonly [DiagnosticsChannel.NODE_JOINED]: NodeMessage;
  /** Of {@link DiagnosticsChannel.NODE_LEFT}. */
  readonly [DiagnosticsChannel.NODE_LEFT]: NodeMessage;
  /** Of {@link DiagnosticsChannel.NODE_FENCED}. */
  readonly [DiagnosticsChannel.NODE_FENCED]: ServerMessage;
  /** Of {@link DiagnosticsChannel.NODE_UNFENCED}. */
  readonly [DiagnosticsChannel.NODE_UNFENCED]: ServerMessage;
  /** Of {@link DiagnosticsChannel.NODE_LEASE_LOST}. */
  readonly [DiagnosticsChannel.NODE_LEASE_LOST]: ServerMessage;
  /** Of {@link DiagnosticsChannel.NODE_ROOM_LOST}. */
  readonly [DiagnosticsChannel.NODE_ROOM_LOST]: RoomLostMessage;
  /** Of {@link DiagnosticsChannel.HANDOFF_MOVED}. */
  readonly [DiagnosticsChannel.HANDOFF_MOVED]: HandoffMessage;
  /** Of {@link DiagnosticsChannel.HANDOFF_STAYED}. */
  readonly [DiagnosticsChannel.HANDOFF_STAYED]: HandoffMessage & FailureMessage;
  /** Of {@link DiagnosticsChannel.TICKET_MATCHED}. */
  readonly [DiagnosticsChannel.TICKET_MATCHED]: MatchedMessage;
  /** Of {@link DiagnosticsChannel.TICKET_EXPIRED}. */
  readonly [DiagnosticsChannel.TICKET_EXPIRED]: TicketMessage & TimedMessage;
  /** Of {@link DiagnosticsChannel.TICKET_REFUSED}. */
  readonly [DiagnosticsChannel.TICKET_REFUSED]: RefusedTicketMessage;
  /** Of {@link DiagnosticsChannel.MATCH_FAILED}. */
  readonly [DiagnosticsChannel.MATCH_FAILED]: MatchFailedMessage;
}
