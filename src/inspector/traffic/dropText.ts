/** What the page says about each reason for which something was dropped: the short form of docs/errors.md. */
import type { DropReason } from '../../enet/index.ts';

/** A sentence for each reason. */
export const DROP_TEXT: Readonly<Record<DropReason, string>> = {
  DATAGRAM_TOO_SHORT: 'Shorter than its own header: no ENet, or a checksum on one side only.',
  DATAGRAM_TOO_LONG: 'More than 4096 bytes: no ENet sends that.',
  UNKNOWN_PEER: 'For a connection that has ended, or none: late, or a client of a server before this one.',
  WRONG_ADDRESS: "From another address than the connection's: the player's network changed, or it is forged.",
  WRONG_SESSION: 'Of an earlier connection of the same slot: late.',
  NO_COMPRESSOR: 'Compressed, and this side does not compress: set the same mode on both sides.',
  BAD_COMPRESSION: 'Cannot be unpacked: the two sides use different modes.',
  TOO_MUCH_TO_UNPACK: 'Compressed, and who is not connected has used up what may be unpacked: a flood.',
  BAD_CHECKSUM: 'The checksum does not match: Godot has none, so leave the option checksum away.',
  NOT_A_CONNECT: 'Compressed, from a stranger, and no connection attempt: different modes, or an attack.',
  BAD_COMMAND: 'A command is cut off or unknown: no ENet, damage, or a checksum on one side only.',
  TOO_MANY_COMMANDS: 'More than 32 commands in one datagram: an attack. The first 32 are used.',
  NO_PEER_FOR_COMMAND: 'A command without a connection, or a connection attempt within one: no sound sender.',
  WRONG_STATE: 'Not allowed in this state: late or early data around connecting and disconnecting.',
  NO_SENT_TIME: 'Wants an acknowledgement, and has no time to echo: no sound sender.',
  BAD_CHANNEL: 'The channel does not exist: give both sides the same number of channels.',
  BAD_LENGTH: 'Longer than the datagram, or than the largest packet allowed.',
  BAD_FRAGMENT: 'The fragments of a packet contradict each other: damage or an attack.',
  OUT_OF_WINDOW: 'A number far from what is expected: no sound sender, or very late.',
  DUPLICATE: 'An unreliable packet that came twice: the network doubles, or somebody repeats it.',
  SUPERSEDED: 'An unreliable packet that came after a newer one: the network reorders. Normal.',
  WAITING_DATA_FULL: 'Too much waits to be fetched, or for what is missing: fetch faster, or a flood.',
  DISCONNECTING: 'Data for a connection that this side is ending. Normal.',
  BAD_ACKNOWLEDGE: 'Acknowledges what was never sent, or at a time that never was: forged.',
  BAD_CONNECT: 'A handshake with values outside the protocol: no sound sender.',
  DUPLICATE_CONNECT:
    'A connection attempt that came again while it was being answered: the network loses or is slow.',
  HOST_FULL: 'No free slot: the server has as many players as it may.',
  TOO_MANY_FROM_ADDRESS:
    'More connections of one address than allowed: players behind one router, or a flood.',
  TOO_MANY_HALF_OPEN: 'Too many unfinished handshakes: a flood.',
  NOT_ADMITTED: 'A rule or limit of the server turned the connection away.',
  TOO_MANY_ACKNOWLEDGEMENTS: 'More is to be acknowledged than can be sent: a flood.',
  INTERCEPTED: 'The intercept hook took it.',
};
