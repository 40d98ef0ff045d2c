/**
 * What a server needs of the network, wherever that runs: an ENetConnection in this thread, or a RemoteConnection to
 * one of its own. docs/decisions/0004-network-thread.md.
 */
import type { ConnectionEventType } from '../godot/constants.ts';

/** One event: its type, the peer (null when there is none), the data of CONNECT and DISCONNECT, the channel. */
export type LinkEvent<Peer> =
  | readonly [type: 1 | 2 | 3, peer: Peer, data: number, channel: number]
  | readonly [type: ConnectionEventType, peer: null, data: number, channel: number];

/** The connections of a server. The members are those of ENetConnection. */
export interface ServerLink<Peer = PeerLink> {
  /** Takes one event. */
  service(): LinkEvent<Peer>;
  /** Selects the compression. */
  compress(mode: 0 | 1 | 2 | 3 | 4): void;
  /** Closes the socket. */
  destroy(): void;
  /** The bound UDP port. */
  getLocalPort(): number;
}

/** One connection of a server. The members are those of ENetPacketPeer. */
export interface PeerLink {
  /** Takes the next received packet. */
  getPacket(): Uint8Array;
  /** Whether the connection has not ended yet. */
  isActive(): boolean;
  /** How many channels it has. */
  getChannels(): number;
  /** The IP address, as Godot writes it. */
  getRemoteAddress(): string;
  /** The UDP port. */
  getRemotePort(): number;
  /** One of the numbers of `PeerStatistic`. */
  getStatistic(statistic: number): number;
  /** Ends the connection at once, without an event. */
  peerDisconnectNow(data: number): void;
  /** Ends the connection when everything queued was acknowledged. */
  peerDisconnectLater(data: number): void;
  /**
   * Lets the network watch the time of the login, where it can: then `onTimeout` is called when that is over.
   * Without this method the server watches it itself.
   */
  expectLogin?(timeoutMs: number, onTimeout: () => void): void;
  /** The peer has logged in. */
  loginDone?(): void;
}
