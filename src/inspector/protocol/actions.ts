/** What an operator does. */

/** What an operator does. `server`: {@link ServerInfo.id}; `peer`: {@link PeerRow.key}. */
export type Action =
  | KickAction
  | BanAction
  | UnbanAction
  | MessageAction
  | MoveAction
  | CloseRoomAction
  | LockRoomAction
  | DoorAction
  | CallAction;

/** Ends a connection. */
export interface KickAction {
  readonly action: 'kick';
  readonly server: number;
  readonly peer: string;
  /** What it is told, where the protocol can; at most 200 characters. */
  readonly reason?: string;
}

/** Ends a connection, and takes none of its address. */
export interface BanAction {
  readonly action: 'ban';
  readonly server: number;
  /** One of both. */
  readonly peer?: string;
  readonly address?: string;
  readonly reason?: string;
  /** 1..525,600; absent: until the server stops. */
  readonly minutes?: number;
}

/** Takes an address again. */
export interface UnbanAction {
  readonly action: 'unban';
  readonly server: number;
  readonly address: string;
}

/** Sends a text: to an `ENetServer`'s peer as an event with the name and `{ text }`; absent peer: to all. */
export interface MessageAction {
  readonly action: 'message';
  readonly server: number;
  readonly peer?: string;
  /** To the members of a room. */
  readonly room?: string;
  /** 1..2,000 characters. */
  readonly text: string;
}

/** Takes a player to another room of this process. */
export interface MoveAction {
  readonly action: 'move';
  readonly server: number;
  readonly peer: string;
  readonly room: string;
}

/** Ends a room: its players go where newcomers go. */
export interface CloseRoomAction {
  readonly action: 'closeRoom';
  readonly server: number;
  readonly room: string;
}

/** Locks a room, or lets players in again. */
export interface LockRoomAction {
  readonly action: 'lockRoom';
  readonly server: number;
  readonly room: string;
  readonly isLocked: boolean;
}

/** Takes new connections, or none. */
export interface DoorAction {
  readonly action: 'door';
  readonly server: number;
  readonly acceptsPeers: boolean;
}

/** Calls a method of a node at a peer; needs {@link SessionInfo.canCall}. */
export interface CallAction {
  readonly action: 'call';
  readonly server: number;
  readonly room?: string;
  /** Path of the node. */
  readonly node: string;
  readonly method: string;
  /** The number of a peer; 0: all; negative: all but this one. */
  readonly peerId: number;
  /** Arguments in Godot's notation, separated by commas, e.g. `Vector2(1, 2), "hi"`; at most 10,000 characters. */
  readonly args: string;
}

/** Answer of POST `action`. */
export interface ActionAnswer {
  /** What was done, in a sentence. */
  readonly text: string;
}
