/** The numbers of the ENet 1.3 protocol. enet-protocol sections 2, 3 and 4.1. */

/** Command numbers (low four bits of a command's first byte). */
export const Command = {
  NONE: 0,
  ACKNOWLEDGE: 1,
  CONNECT: 2,
  VERIFY_CONNECT: 3,
  DISCONNECT: 4,
  PING: 5,
  SEND_RELIABLE: 6,
  SEND_UNRELIABLE: 7,
  SEND_FRAGMENT: 8,
  SEND_UNSEQUENCED: 9,
  BANDWIDTH_LIMIT: 10,
  THROTTLE_CONFIGURE: 11,
  SEND_UNRELIABLE_FRAGMENT: 12,
} as const;

/** Size in bytes of each command without its payload, by command number; 0 for the invalid number 0. */
export const COMMAND_SIZES: Uint8Array = Uint8Array.of(0, 8, 48, 44, 8, 4, 6, 8, 24, 8, 12, 16, 24);

/** The highest valid command number. */
export const MAX_COMMAND = 12;

/** Mask of the command number in a command's first byte. */
export const COMMAND_MASK = 0x0f;
/** Bit of a command's first byte: the sender wants an acknowledgement. */
export const FLAG_ACKNOWLEDGE = 0x80;
/** Bit of a command's first byte: sent outside every sequence. */
export const FLAG_UNSEQUENCED = 0x40;

/** Peer word: mask of the peer id. */
export const PEER_ID_MASK = 0x0fff;
/** Peer word: where the two session bits start. */
export const SESSION_SHIFT = 12;
/** Peer word: mask of the session bits after shifting. */
export const SESSION_MASK = 3;
/** Peer word: the commands are compressed. */
export const HEADER_COMPRESSED = 0x4000;
/** Peer word: a sentTime follows. */
export const HEADER_SENT_TIME = 0x8000;

/** The peer id that means "no peer yet"; also the largest number of peers of a host. */
export const NO_PEER = 0xfff;
/** The channel id of control commands. */
export const CONTROL_CHANNEL = 0xff;

/** Smallest MTU that is negotiated, in bytes. */
export const MIN_MTU = 576;
/** Largest MTU, and the size of a receive buffer, in bytes. */
export const MAX_MTU = 4096;
/** MTU of a new host, in bytes. */
export const DEFAULT_MTU = 1392;
/** Most commands in one datagram, acknowledgements included. */
export const MAX_COMMANDS_PER_DATAGRAM = 32;
/** Smallest and largest reliable window, in bytes. */
export const MIN_WINDOW_SIZE = 4096;
export const MAX_WINDOW_SIZE = 65_536;
/** Most channels of a connection. */
export const MAX_CHANNELS = 255;
/** Most peers of a host. */
export const MAX_PEERS = 4095;
/** Most fragments of one packet that the protocol allows. */
export const MAX_FRAGMENTS = 1_048_576;
/** Most fragments of a reliable packet that a receiver can acknowledge (section 5.11). */
export const MAX_RELIABLE_FRAGMENTS = 24_576;

/** Milliseconds between two runs of the host's bandwidth throttle. */
export const BANDWIDTH_INTERVAL_MS = 1000;
/** Default largest packet, and default limit of received data that waits for the application, in bytes. */
export const DEFAULT_MAX_PACKET_SIZE = 33_554_432;
export const DEFAULT_MAX_WAITING_DATA = 33_554_432;
/** Datagrams handled in one receive phase. */
export const RECEIVE_BATCH = 256;

/** Initial round-trip time, in milliseconds. */
export const DEFAULT_ROUND_TRIP_MS = 500;
/** Throttle values: 32 = every unreliable packet passes. */
export const THROTTLE_SCALE = 32;
export const THROTTLE_COUNTER_STEP = 7;
export const DEFAULT_THROTTLE_ACCELERATION = 2;
export const DEFAULT_THROTTLE_DECELERATION = 2;
export const DEFAULT_THROTTLE_INTERVAL_MS = 5000;
/** Packet loss is a fraction of this. */
export const PACKET_LOSS_SCALE = 65_536;
export const PACKET_LOSS_INTERVAL_MS = 10_000;
/** Bytes per second of bandwidth that give 4096 bytes of window. */
export const WINDOW_SIZE_SCALE = 65_536;
/** Defaults of a peer's timeout rule (section 5.9). */
export const DEFAULT_TIMEOUT_LIMIT = 32;
export const DEFAULT_TIMEOUT_MINIMUM_MS = 5000;
export const DEFAULT_TIMEOUT_MAXIMUM_MS = 30_000;
/** Milliseconds without an acknowledgement after which a PING is sent. */
export const DEFAULT_PING_INTERVAL_MS = 500;

/** Unsequenced groups: numbers per block, and how far ahead a number may be. */
export const UNSEQUENCED_BLOCK = 1024;
export const UNSEQUENCED_AHEAD = 32_768;
/** Reliable windows: numbers per window as a shift, and how many are usable ahead. */
export const WINDOW_SHIFT = 12;
export const NUMBERS_PER_WINDOW = 4096;
export const USABLE_WINDOWS = 7;

/** Flags of a packet, and how a received packet travelled. enet-protocol section 3.4. */
export const PacketFlag = {
  /** Sequenced, unreliable. */
  NONE: 0,
  /** Arrives exactly once, in order per channel. */
  RELIABLE: 1,
  /** Unreliable and outside the channel's sequence. */
  UNSEQUENCED: 2,
  /** A packet larger than a datagram is sent as unreliable fragments instead of reliable ones. */
  UNRELIABLE_FRAGMENT: 8,
} as const;

/** The states of a peer, with ENet's numbers. enet-protocol section 4.1. */
export const PeerState = {
  /** A free slot. */
  DISCONNECTED: 0,
  /** CONNECT was sent. */
  CONNECTING: 1,
  /** CONNECT was received and VERIFY_CONNECT sent. */
  ACKNOWLEDGING_CONNECT: 2,
  /** The server's handshake is finished, its event still queued. */
  CONNECTION_PENDING: 3,
  /** The client's handshake is finished, its event still queued. */
  CONNECTION_SUCCEEDED: 4,
  /** Connected. */
  CONNECTED: 5,
  /** Will disconnect when everything queued was acknowledged. */
  DISCONNECT_LATER: 6,
  /** DISCONNECT was sent and waits for its acknowledgement. */
  DISCONNECTING: 7,
  /** DISCONNECT was received; its acknowledgement is not sent yet. */
  ACKNOWLEDGING_DISCONNECT: 8,
  /** Finished; the DISCONNECT event is still queued. */
  ZOMBIE: 9,
} as const;

/** One of the numbers of {@link PeerState}. */
export type PeerState = (typeof PeerState)[keyof typeof PeerState];
