/** The enumerations and constants of MultiplayerPeer. Implements godot-enet-classes 4.1. */

/** `MultiplayerPeer.ConnectionStatus`. */
export const MultiplayerConnectionStatus = {
  /** Neither a server, nor a client, nor a mesh. */
  CONNECTION_DISCONNECTED: 0,
  /** A client that waits for the server's answer. */
  CONNECTION_CONNECTING: 1,
  /** A client that is connected, a server, or a mesh. */
  CONNECTION_CONNECTED: 2,
} as const;

/** One of the numbers of {@link MultiplayerConnectionStatus}. */
export type MultiplayerConnectionStatus =
  (typeof MultiplayerConnectionStatus)[keyof typeof MultiplayerConnectionStatus];

/** `MultiplayerPeer.TransferMode`: how a packet travels. */
export const TransferMode = {
  /** May get lost, and may overtake others. */
  TRANSFER_MODE_UNRELIABLE: 0,
  /** May get lost; one that comes too late is dropped, so the order holds. */
  TRANSFER_MODE_UNRELIABLE_ORDERED: 1,
  /** Arrives, and in the order of its channel. */
  TRANSFER_MODE_RELIABLE: 2,
} as const;

/** One of the numbers of {@link TransferMode}. */
export type TransferMode = (typeof TransferMode)[keyof typeof TransferMode];

/** The target that means every peer. */
export const TARGET_PEER_BROADCAST = 0;

/** The target, and the unique id, that is the server. */
export const TARGET_PEER_SERVER = 1;
