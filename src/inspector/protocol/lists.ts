/** Peers, rooms, nodes of a cluster. */
import type { DiagnosisRow, EventRow, NumberRow } from './status.ts';

/** A peer, player or connection. */
export interface PeerRow {
  /** What actions and links name it by; stays while it is there. */
  readonly key: string;
  /** Its number in Godot; absent for players who are away. */
  readonly peerId?: number;
  /** Who it is: the id of a player. */
  readonly name?: string;
  /** What the game knows of it (`user`, meta), in one line. */
  readonly data?: string;
  readonly address?: string;
  readonly port?: number;
  /** E.g. `ENet`, `ENet with DTLS`, `WebSocket`, `relay`. */
  readonly transport?: string;
  /** Class of its connection, e.g. `ENetServerPeer`. */
  readonly class?: string;
  /** Version of Godot, as far as known, e.g. `4.6`. */
  readonly godot?: string;
  /** E.g. `connecting`, `authenticating`, `connected`, `away`, `disconnecting`. */
  readonly state: string;
  readonly roundTripMs?: number;
  readonly roundTripVarianceMs?: number;
  /** 0..1 */
  readonly loss?: number;
  /** 0..1; 1: nothing is held back. */
  readonly throttle?: number;
  /** Bytes that wait to be sent. */
  readonly queuedBytes?: number;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly packetsIn?: number;
  readonly packetsOut?: number;
  readonly callsIn?: number;
  readonly callsOut?: number;
  /** Since it connected. */
  readonly seconds?: number;
  /** The id of its room. */
  readonly room?: string;
  readonly roomKind?: string;
  readonly isSpectator?: boolean;
  /** What its DTLS session agreed on; absent without DTLS, and where the network thread does not tell. */
  readonly dtlsSuite?: string;
}

/** All that is known of one. */
export interface PeerDetails {
  readonly peer: PeerRow;
  /** Whole data, over several lines, at most 10,000 characters. */
  readonly data?: string;
  readonly numbers: readonly NumberRow[];
  readonly diagnoses: readonly DiagnosisRow[];
  /** Of its address or key. */
  readonly events: readonly EventRow[];
  /** Where it may be moved to, at most 200; absent where there are no rooms. */
  readonly rooms?: readonly { readonly id: string; readonly kind: string }[];
}

/** See {@link PeersView}. */
export interface PeersMessage {
  readonly type: 'peers';
  readonly server: number;
  /** How many there are, and how many of them are found. */
  readonly count: number;
  readonly found: number;
  readonly offset: number;
  readonly rows: readonly PeerRow[];
  /** Absent when it is gone, or none is asked for. */
  readonly selected?: PeerDetails;
  /** What peers of this server have, in the order of columns. */
  readonly columns: readonly (keyof PeerRow)[];
  /** Addresses that the console has banned. */
  readonly banned: readonly BanRow[];
}

/** An address that may not connect. */
export interface BanRow {
  readonly address: string;
  /** When it ends; absent: when the server stops. */
  readonly untilMs?: number;
}

/** A room of this process. */
export interface RoomRow {
  readonly id: string;
  readonly kind: string;
  readonly players: number;
  readonly maxPlayers: number;
  readonly spectators: number;
  readonly away: number;
  readonly isLocked: boolean;
  readonly isPrivate: boolean;
  /** What lists say of it, in one line. */
  readonly data?: string;
  readonly nodes?: number;
  readonly tickHz?: number;
  /** Time that a tick takes, 99 of 100 of the latest. */
  readonly tickMs?: number;
  /** How late ticks are, 99 of 100 of the latest. */
  readonly lateMs?: number;
  readonly skippedTicks?: number;
  readonly seconds?: number;
}

/** See {@link RoomsView}. */
export interface RoomsMessage {
  readonly type: 'rooms';
  readonly server: number;
  readonly count: number;
  readonly found: number;
  readonly offset: number;
  readonly rows: readonly RoomRow[];
}

/** A node of the cluster. */
export interface NodeRow {
  readonly id: string;
  readonly isOwn: boolean;
  readonly region: string;
  readonly version: string;
  readonly players: number;
  /** null: as many as come. */
  readonly maxPlayers: number | null;
  readonly rooms: number;
  /** null: as many as are made. */
  readonly maxRooms: number | null;
  readonly isDraining: boolean;
}

/** A room of the cluster. */
export interface ClusterRoomRow {
  readonly id: string;
  readonly kind: string;
  readonly node: string;
  readonly players: number;
  readonly maxPlayers: number;
  readonly isLocked: boolean;
  readonly isPrivate: boolean;
}

/** A matchmaking of this node. */
export interface MatchmakingRow {
  readonly name: string;
  /** The node that leads; absent: nobody known. */
  readonly leader?: string;
  readonly isLeading: boolean;
  readonly numbers: readonly NumberRow[];
}

/** See {@link ClusterView}. */
export interface ClusterMessage {
  readonly type: 'cluster';
  readonly server: number;
  readonly id: string;
  /** Of the bus: `memory`, `redis`, `nats`. */
  readonly engine: string;
  readonly numbers: readonly NumberRow[];
  readonly nodeCount: number;
  /** At most 200. */
  readonly nodes: readonly NodeRow[];
  /** Whether the rooms are not known yet. */
  readonly isLooking: boolean;
  /** Why they could not be asked for. */
  readonly failure?: string;
  readonly count: number;
  readonly found: number;
  readonly offset: number;
  readonly rows: readonly ClusterRoomRow[];
  readonly matchmakings: readonly MatchmakingRow[];
}
