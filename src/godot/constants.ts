/**
 * The enumerations and constants of ENetConnection and ENetPacketPeer.
 * Implements godot-enet-classes 2.1, 2.4, 3.1 and 3.3.
 */

/** `ENetConnection.CompressionMode`: how whole datagrams are compressed. Both ends must use the same one. */
export const CompressionMode = {
  /** No compression. */
  COMPRESS_NONE: 0,
  /** ENet's own range coder. Good for small packets. */
  COMPRESS_RANGE_CODER: 1,
  /** FastLZ: cheap for the CPU, larger on the wire than zlib. */
  COMPRESS_FASTLZ: 2,
  /** zlib: smaller on the wire, dearer for the CPU. */
  COMPRESS_ZLIB: 3,
  /** Zstandard. Not efficient below 4 KB. */
  COMPRESS_ZSTD: 4,
} as const;

/** One of the numbers of {@link CompressionMode}. */
export type CompressionMode = (typeof CompressionMode)[keyof typeof CompressionMode];

/** `ENetConnection.EventType`: the first element of what `service()` returns. */
export const ConnectionEventType = {
  /** The service call failed; the connection should be destroyed. */
  EVENT_ERROR: -1,
  /** Nothing happened. */
  EVENT_NONE: 0,
  /** A connection is complete. */
  EVENT_CONNECT: 1,
  /** A connection has ended. */
  EVENT_DISCONNECT: 2,
  /** A packet arrived and was queued at its peer. */
  EVENT_RECEIVE: 3,
} as const;

/** One of the numbers of {@link ConnectionEventType}. */
export type ConnectionEventType = (typeof ConnectionEventType)[keyof typeof ConnectionEventType];

/** `ENetConnection.HostStatistic`: the counters of `popStatistic()`. */
export const HostStatistic = {
  /** Bytes sent: UDP payloads after compression, headers of ENet included. */
  HOST_TOTAL_SENT_DATA: 0,
  /** Datagrams sent. */
  HOST_TOTAL_SENT_PACKETS: 1,
  /** Bytes received, garbage included. */
  HOST_TOTAL_RECEIVED_DATA: 2,
  /** Datagrams received, garbage included. */
  HOST_TOTAL_RECEIVED_PACKETS: 3,
} as const;

/** One of the numbers of {@link HostStatistic}. */
export type HostStatistic = (typeof HostStatistic)[keyof typeof HostStatistic];

/** `ENetPacketPeer.PeerState`: what a connection is doing. enet-protocol 4.1. */
export const PeerState = {
  /** Not connected. */
  STATE_DISCONNECTED: 0,
  /** We asked for the connection and wait for the answer. */
  STATE_CONNECTING: 1,
  /** The remote asked for the connection; we have answered. */
  STATE_ACKNOWLEDGING_CONNECT: 2,
  /** The handshake is complete, the event is still queued (incoming connection). */
  STATE_CONNECTION_PENDING: 3,
  /** The handshake is complete, the event is still queued (outgoing connection). */
  STATE_CONNECTION_SUCCEEDED: 4,
  /** Connected. The only state in which packets can be sent. */
  STATE_CONNECTED: 5,
  /** It will disconnect once everything queued was sent and acknowledged. */
  STATE_DISCONNECT_LATER: 6,
  /** We asked for the disconnection. */
  STATE_DISCONNECTING: 7,
  /** The remote asked for the disconnection. */
  STATE_ACKNOWLEDGING_DISCONNECT: 8,
  /** It is over, the event is still queued. */
  STATE_ZOMBIE: 9,
} as const;

/** One of the numbers of {@link PeerState}. */
export type PeerState = (typeof PeerState)[keyof typeof PeerState];

/** `ENetPacketPeer.PeerStatistic`: the values of `getStatistic()`. godot-enet-classes 3.3 says what each one means. */
export const PeerStatistic = {
  /** Smoothed loss of reliable packets, as a share of `PACKET_LOSS_SCALE`. */
  PEER_PACKET_LOSS: 0,
  /** Variance of the loss. */
  PEER_PACKET_LOSS_VARIANCE: 1,
  /** Host time in ms of the last update of the loss. */
  PEER_PACKET_LOSS_EPOCH: 2,
  /** Smoothed round-trip time in ms; 500 until the first acknowledgement. */
  PEER_ROUND_TRIP_TIME: 3,
  /** Variance of the round-trip time in ms. */
  PEER_ROUND_TRIP_TIME_VARIANCE: 4,
  /** Lowest smoothed round-trip time of the last throttle interval, in ms. */
  PEER_LAST_ROUND_TRIP_TIME: 5,
  /** Highest variance of the last throttle interval, in ms. */
  PEER_LAST_ROUND_TRIP_TIME_VARIANCE: 6,
  /** Share of unreliable packets that are sent, of `PACKET_THROTTLE_SCALE`. */
  PEER_PACKET_THROTTLE: 7,
  /** Upper bound of the throttle, from the bandwidth limits. */
  PEER_PACKET_THROTTLE_LIMIT: 8,
  /** Running counter that decides which unreliable packets are dropped. */
  PEER_PACKET_THROTTLE_COUNTER: 9,
  /** Host time in ms at which a throttle interval began. */
  PEER_PACKET_THROTTLE_EPOCH: 10,
  /** By how much the throttle rises. */
  PEER_PACKET_THROTTLE_ACCELERATION: 11,
  /** By how much the throttle falls. */
  PEER_PACKET_THROTTLE_DECELERATION: 12,
  /** Length of a throttle interval in ms. */
  PEER_PACKET_THROTTLE_INTERVAL: 13,
} as const;

/** One of the numbers of {@link PeerStatistic}. */
export type PeerStatistic = (typeof PeerStatistic)[keyof typeof PeerStatistic];

/** The flags of `send()` and `broadcast()`. They may be combined; none means unreliable and sequenced. */
export const PacketFlag = {
  /** Arrives, and in order. Wins over `FLAG_UNSEQUENCED`. */
  FLAG_RELIABLE: 1,
  /** May get lost and may overtake others. */
  FLAG_UNSEQUENCED: 2,
  /** Stays unreliable even when it is too large for one datagram; without it such a packet becomes reliable. */
  FLAG_UNRELIABLE_FRAGMENT: 8,
} as const;

/** What `PEER_PACKET_LOSS` is a share of. */
export const PACKET_LOSS_SCALE = 65536;

/** What the throttle values are a share of. */
export const PACKET_THROTTLE_SCALE = 32;

/**
 * Whether flags hold only bits that a script may use: 1, 2 and 8.
 *
 * @internal
 */
export function areFlagsAllowed(flags: number): boolean {
  return Number.isInteger(flags) && flags >= 0 && (flags & ~ALLOWED_FLAGS) === 0 && flags <= ALLOWED_FLAGS;
}

const ALLOWED_FLAGS =
  PacketFlag.FLAG_RELIABLE | PacketFlag.FLAG_UNSEQUENCED | PacketFlag.FLAG_UNRELIABLE_FRAGMENT;
