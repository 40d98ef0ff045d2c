/** Numbering and queueing of outgoing commands, and packets cut into them. enet-protocol 5.1 and 5.2. */

import type { Packet } from '../packet.ts';
import {
  COMMAND_SIZES,
  CONTROL_CHANNEL,
  Command,
  FLAG_ACKNOWLEDGE,
  FLAG_UNSEQUENCED,
  MAX_FRAGMENTS,
  MAX_RELIABLE_FRAGMENTS,
  PacketFlag,
  PeerState,
} from '../protocol.ts';
import type { Channel } from '../state/channel.ts';
import type { HostRecord } from '../state/hostRecord.ts';
import type { OutgoingCommand } from '../state/outgoing.ts';
import { ENTRY_OVERHEAD_BYTES, outgoingCharge, type PeerRecord } from '../state/peerRecord.ts';

const DATAGRAM_HEADER = 4;
const CHECKSUM_SIZE = 4;
const FRAGMENT_HEADER = 24;

/** Queues a control command; `body` is what follows its four header bytes. */
export function queueControl(host: HostRecord, peer: PeerRecord, command: number, body?: Uint8Array): void {
  const size = 4 + (body?.length ?? 0);
  const made = host.commands.take(command, CONTROL_CHANNEL, size, undefined, 0, 0);
  made.body = body;
  queue(host, peer, made);
}

/**
 * enet-protocol 5.1: queues a packet.
 *
 * @returns `false`, with nothing queued, when the peer is not connected, the channel does not exist, the packet is
 * too large, or too much waits to be sent.
 */
export function queuePacket(host: HostRecord, peer: PeerRecord, channelId: number, packet: Packet): boolean {
  const length = packet.bytes.length;
  if (peer.state !== PeerState.CONNECTED || !Number.isInteger(channelId)) return false;
  if (channelId < 0 || channelId >= peer.channelCount) return false;
  if (length > host.maxPacketSize || peer.outgoingBytes + length > host.maxOutgoingBytes) return false;
  const channel = peer.channel(channelId);
  const isReliable = (packet.flags & PacketFlag.RELIABLE) !== 0;
  const fragmentLength = fragmentSize(host, peer);
  if (length > fragmentLength) {
    const isUnreliableFragment =
      !isReliable && (packet.flags & PacketFlag.UNRELIABLE_FRAGMENT) !== 0 && channel.outUnreliable < 0xffff;
    return queueFragments(host, peer, channel, channelId, packet, fragmentLength, !isUnreliableFragment);
  }
  let command: number;
  if (!isReliable && (packet.flags & PacketFlag.UNSEQUENCED) !== 0) {
    command = Command.SEND_UNSEQUENCED | FLAG_UNSEQUENCED;
  } else if (isReliable || channel.outUnreliable >= 0xffff) {
    command = Command.SEND_RELIABLE | FLAG_ACKNOWLEDGE;
  } else {
    command = Command.SEND_UNRELIABLE;
  }
  const size = COMMAND_SIZES[command & 0x0f] ?? 0;
  queue(host, peer, host.commands.take(command, channelId, size, packet, 0, length));
  return true;
}

/** What a packet is charged against the limit of outgoing data, given the largest payload of one datagram. */
export function packetCharge(length: number, fragmentLength: number): number {
  return length + ENTRY_OVERHEAD_BYTES * Math.max(1, Math.ceil(length / fragmentLength));
}

/** The largest payload of one datagram. */
export function fragmentSize(host: HostRecord, peer: PeerRecord): number {
  return peer.mtu - DATAGRAM_HEADER - FRAGMENT_HEADER - (host.checksum === undefined ? 0 : CHECKSUM_SIZE);
}

function queueFragments(
  host: HostRecord,
  peer: PeerRecord,
  channel: Channel,
  channelId: number,
  packet: Packet,
  fragmentLength: number,
  isReliable: boolean,
): boolean {
  const length = packet.bytes.length;
  const count = Math.ceil(length / fragmentLength);
  // 5.11: more reliable fragments than this can never be acknowledged; C would lose the connection.
  if (count > (isReliable ? MAX_RELIABLE_FRAGMENTS : MAX_FRAGMENTS)) return false;
  const command = isReliable
    ? Command.SEND_FRAGMENT | FLAG_ACKNOWLEDGE
    : (Command.SEND_UNRELIABLE_FRAGMENT as number);
  const startSeq = ((isReliable ? channel.outReliable : channel.outUnreliable) + 1) & 0xffff;
  for (let number = 0; number < count; number++) {
    const offset = number * fragmentLength;
    const part = Math.min(fragmentLength, length - offset);
    const made = host.commands.take(command, channelId, FRAGMENT_HEADER, packet, offset, part);
    made.fragmentCount = count;
    made.fragmentNumber = number;
    made.startSeq = startSeq;
    queue(host, peer, made);
  }
  return true;
}

/** enet-protocol 5.2. */
function queue(host: HostRecord, peer: PeerRecord, command: OutgoingCommand): void {
  peer.outDataTotal = (peer.outDataTotal + command.size + command.length) >>> 0;
  const wantsAcknowledge = (command.command & FLAG_ACKNOWLEDGE) !== 0;
  if (command.channelId === CONTROL_CHANNEL) {
    peer.outControlSeq = (peer.outControlSeq + 1) & 0xffff;
    command.reliableSeq = peer.outControlSeq;
  } else {
    const channel = peer.channel(command.channelId);
    if (wantsAcknowledge) {
      channel.outReliable = (channel.outReliable + 1) & 0xffff;
      channel.outUnreliable = 0;
      command.reliableSeq = channel.outReliable;
    } else if ((command.command & FLAG_UNSEQUENCED) !== 0) {
      peer.outUnsequencedGroup = (peer.outUnsequencedGroup + 1) & 0xffff;
      command.startSeq = peer.outUnsequencedGroup;
    } else {
      if (command.offset === 0) channel.outUnreliable = (channel.outUnreliable + 1) & 0xffff;
      command.reliableSeq = channel.outReliable;
      command.unreliableSeq = channel.outUnreliable;
    }
  }
  host.queueCounter = (host.queueCounter + 1) >>> 0;
  command.queueStamp = host.queueCounter;
  peer.outgoingBytes += outgoingCharge(command);
  if (wantsAcknowledge && command.packet !== undefined) peer.outgoingReliable.push(command);
  else peer.outgoing.push(command);
  host.pending.add(peer.slot);
}
