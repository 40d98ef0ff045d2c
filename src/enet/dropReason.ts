/** Why a datagram or a command was not used. Counted always, traced on request; explained in docs/errors.md. */

/** The stable names of all reasons. */
export const DropReason = {
  /** Fewer than 2 bytes, or shorter than its own header (12.2 A). */
  DATAGRAM_TOO_SHORT: 'DATAGRAM_TOO_SHORT',
  /** More than 4096 bytes (W11). */
  DATAGRAM_TOO_LONG: 'DATAGRAM_TOO_LONG',
  /** The peer id names no slot of this host, or one that is free or finished (6.1). */
  UNKNOWN_PEER: 'UNKNOWN_PEER',
  /** It comes from another address than the peer's (6.1). */
  WRONG_ADDRESS: 'WRONG_ADDRESS',
  /** The session bits belong to an earlier connection (6.1). */
  WRONG_SESSION: 'WRONG_SESSION',
  /** Compressed, but this host has no compressor (6.1). */
  NO_COMPRESSOR: 'NO_COMPRESSOR',
  /** The compressed part cannot be decompressed within the limit (9.4). */
  BAD_COMPRESSION: 'BAD_COMPRESSION',
  /** Compressed, and strangers or this peer have given too much to unpack of late (W13). */
  TOO_MUCH_TO_UNPACK: 'TOO_MUCH_TO_UNPACK',
  /** The checksum does not match (9.1). */
  BAD_CHECKSUM: 'BAD_CHECKSUM',
  /** A compressed datagram without a peer that is not exactly one CONNECT (W13). */
  NOT_A_CONNECT: 'NOT_A_CONNECT',
  /** A command is cut off, or its number is not 1..12 (6.2). */
  BAD_COMMAND: 'BAD_COMMAND',
  /** More than 32 commands in one datagram (W18). */
  TOO_MANY_COMMANDS: 'TOO_MANY_COMMANDS',
  /** A command other than CONNECT without a peer, or CONNECT with one (6.2, 4.4). */
  NO_PEER_FOR_COMMAND: 'NO_PEER_FOR_COMMAND',
  /** The command is not allowed in the peer's state (4.8). */
  WRONG_STATE: 'WRONG_STATE',
  /** The command wants an acknowledgement but its datagram has no sentTime (1.3). */
  NO_SENT_TIME: 'NO_SENT_TIME',
  /** The channel does not exist (6.4). */
  BAD_CHANNEL: 'BAD_CHANNEL',
  /** The length of a packet that is no fragment runs past the datagram or exceeds the largest packet (6.4). */
  BAD_LENGTH: 'BAD_LENGTH',
  /** Fragments of a packet larger than the largest, or fields that contradict each other or the assembly (6.4, 12.2 F). */
  BAD_FRAGMENT: 'BAD_FRAGMENT',
  /** A sequence number that is too old or too far ahead (0.5). */
  OUT_OF_WINDOW: 'OUT_OF_WINDOW',
  /** An unreliable or unsequenced packet, which nobody sends twice, was received before (6.6). */
  DUPLICATE: 'DUPLICATE',
  /** An unreliable packet that a newer one superseded (6.8). */
  SUPERSEDED: 'SUPERSEDED',
  /** The peer has too much data waiting for the application or for missing packets (6.6, W5, W17). */
  WAITING_DATA_FULL: 'WAITING_DATA_FULL',
  /** The peer is about to disconnect and takes no more data (7.3). */
  DISCONNECTING: 'DISCONNECTING',
  /** An acknowledgement of a number that was never sent (W15), or with an impossible sentTime (6.9, W7). */
  BAD_ACKNOWLEDGE: 'BAD_ACKNOWLEDGE',
  /** A CONNECT or VERIFY_CONNECT with values outside the protocol (4.4, 4.5, W14). */
  BAD_CONNECT: 'BAD_CONNECT',
  /** A CONNECT of a connection that is being made already (4.4), or while the end of its address's last is not reported. */
  DUPLICATE_CONNECT: 'DUPLICATE_CONNECT',
  /** No free slot for a CONNECT (4.4). */
  HOST_FULL: 'HOST_FULL',
  /** Too many connections from one IP address (4.4, W9). */
  TOO_MANY_FROM_ADDRESS: 'TOO_MANY_FROM_ADDRESS',
  /** Too many unfinished handshakes (W8, W9). */
  TOO_MANY_HALF_OPEN: 'TOO_MANY_HALF_OPEN',
  /** The `admit` hook turned a CONNECT away; nothing was answered. */
  NOT_ADMITTED: 'NOT_ADMITTED',
  /** Too many acknowledgements are queued for the peer (W18). */
  TOO_MANY_ACKNOWLEDGEMENTS: 'TOO_MANY_ACKNOWLEDGEMENTS',
  /** The intercept hook took the datagram. */
  INTERCEPTED: 'INTERCEPTED',
} as const;

/** One of the names of {@link DropReason}. */
export type DropReason = (typeof DropReason)[keyof typeof DropReason];
