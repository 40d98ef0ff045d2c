/** The receive phase: from a datagram to its commands. enet-protocol 6.1 to 6.4, 8.2, 8.3. */

import { type Address, isSameAddress } from '../address.ts';
import { endSession } from '../connection.ts';
import { DropReason } from '../dropReason.ts';
import {
  COMMAND_MASK,
  COMMAND_SIZES,
  CONTROL_CHANNEL,
  Command,
  FLAG_ACKNOWLEDGE,
  HEADER_COMPRESSED,
  HEADER_SENT_TIME,
  MAX_COMMAND,
  MAX_COMMANDS_PER_DATAGRAM,
  MAX_MTU,
  NO_PEER,
  PEER_ID_MASK,
  PeerState,
  RECEIVE_BATCH,
  SESSION_MASK,
  SESSION_SHIFT,
  USABLE_WINDOWS,
} from '../protocol.ts';
import { windowDistance } from '../sequence.ts';
import type { HostEvent } from '../state/hostEvent.ts';
import type { HostRecord } from '../state/hostRecord.ts';
import { CHANNEL_HELD_BYTES } from '../state/memoryBudget.ts';
import type { PeerRecord } from '../state/peerRecord.ts';
import { handleBandwidthLimit, handleThrottleConfigure } from '../throttle.ts';
import { handleAcknowledge } from './acknowledging.ts';
import { handleConnect, handleDisconnect, handleVerifyConnect } from './handshake.ts';
import { handleReliable, handleUnreliable, handleUnsequenced } from './incomingData.ts';
import { handleReliableFragment, handleUnreliableFragment } from './incomingFragments.ts';
import { Handled, Reader } from './reader.ts';

const reader = new Reader();
const unpacked = new Uint8Array(MAX_MTU);
const CONNECT_SIZE = COMMAND_SIZES[Command.CONNECT] ?? 0;

/** enet-protocol 8.2. @returns the first event that a datagram brought about. */
export function receiveBatch(host: HostRecord): HostEvent | undefined {
  for (let count = 0; count < RECEIVE_BATCH; count++) {
    const inbound = host.inbox.shift();
    if (inbound === undefined) return undefined;
    if (inbound.bytes.length === 0) {
      endSession(host, inbound.from);
      // The end of its peers is reported before anything that came later is looked at.
      if (host.dispatchQueue.length > 0) return undefined;
      continue;
    }
    const event = receiveDatagram(host, inbound.bytes, inbound.from, inbound.verdict);
    if (event !== undefined) return event;
  }
  return undefined;
}

/** enet-protocol 6.1. */
function receiveDatagram(
  host: HostRecord,
  datagram: Uint8Array,
  from: Address,
  verdict: boolean | undefined,
): HostEvent | undefined {
  host.currentBytes = datagram;
  host.currentFrom = from;
  host.currentVerdict = verdict;
  host.currentCommandAt = -1;
  if (verdict === undefined) {
    host.totalReceivedData = (host.totalReceivedData + datagram.length) >>> 0;
    host.totalReceivedPackets = (host.totalReceivedPackets + 1) >>> 0;
    host.trace?.received?.(host.now, datagram, from);
    host.doctor?.received(host.now, datagram, from);
    if (host.intercept?.(datagram, from) === true) {
      host.drop(DropReason.INTERCEPTED);
      return undefined;
    }
  }
  const { length } = datagram;
  if (length > MAX_MTU) return dropped(host, DropReason.DATAGRAM_TOO_LONG);
  if (length < 2) return dropped(host, DropReason.DATAGRAM_TOO_SHORT);
  const word = ((datagram[0] ?? 0) << 8) | (datagram[1] ?? 0);
  const hasSentTime = (word & HEADER_SENT_TIME) !== 0;
  const headerLength = 2 + (hasSentTime ? 2 : 0) + (host.checksum === undefined ? 0 : 4);
  if (length < headerLength) return dropped(host, DropReason.DATAGRAM_TOO_SHORT);

  const peerId = word & PEER_ID_MASK;
  let peer: PeerRecord | undefined;
  if (peerId !== NO_PEER) {
    peer = host.peers[peerId];
    if (peer === undefined || peer.state === PeerState.DISCONNECTED || peer.state === PeerState.ZOMBIE) {
      return dropped(host, DropReason.UNKNOWN_PEER);
    }
    if (!isSameAddress(peer.address, from)) return dropped(host, DropReason.WRONG_ADDRESS, peer);
    const session = (word >> SESSION_SHIFT) & SESSION_MASK;
    // C checks nothing while the remote's slot is not known (1.4). But a new connection never gets the number of the
    // one before (4.4 step 6), so what carries that is late, e.g. the repeated DISCONNECT of the old connection.
    if (peer.remoteId < NO_PEER ? session !== peer.inSession : session === peer.inSession) {
      return dropped(host, DropReason.WRONG_SESSION, peer);
    }
  }

  let bytes = datagram;
  let end = length;
  if ((word & HEADER_COMPRESSED) !== 0) {
    if (host.compressor === undefined) return dropped(host, DropReason.NO_COMPRESSOR, peer);
    // W13: without a peer only a CONNECT makes sense. It is never compressed to more than its size, nor gives more than
    // that, so a stranger cannot make this cost much.
    if (peer === undefined && length - headerLength >= CONNECT_SIZE) {
      return dropped(host, DropReason.NOT_A_CONNECT);
    }
    if (!host.unpackBudget.allows(host.now, peer, from)) {
      return dropped(host, DropReason.TOO_MUCH_TO_UNPACK, peer);
    }
    const room = peer === undefined ? CONNECT_SIZE : MAX_MTU - headerLength;
    const size = host.compressor.decompress(datagram, headerLength, length, unpacked, headerLength, room);
    if (!(size > 0 && size <= room)) {
      host.unpackBudget.damaged(host.now, peer);
      return dropped(host, DropReason.BAD_COMPRESSION, peer);
    }
    if (peer === undefined && size !== CONNECT_SIZE) return dropped(host, DropReason.NOT_A_CONNECT);
    for (let i = 0; i < headerLength; i++) unpacked[i] = datagram[i] ?? 0;
    bytes = unpacked;
    end = headerLength + size;
  }
  if (host.checksum !== undefined && !hasGoodChecksum(host, bytes, headerLength, end, peer)) {
    return dropped(host, DropReason.BAD_CHECKSUM, peer);
  }
  if (peer !== undefined) {
    peer.inDataTotal = (peer.inDataTotal + end) >>> 0;
    peer.receivedBytes += end;
    // W8: everything that comes from a half-open address raises what may be sent there.
    if (peer.state === PeerState.ACKNOWLEDGING_CONNECT) peer.unprovenBytesIn += length;
  }
  reader.bytes = bytes;
  reader.next = headerLength;
  reader.end = end;
  reader.from = from;
  reader.receivedLength = length;
  reader.event = undefined;
  const sentTime = hasSentTime ? ((datagram[2] ?? 0) << 8) | (datagram[3] ?? 0) : -1;
  runCommands(host, peer, sentTime);
  return reader.event;
}

function dropped(host: HostRecord, reason: DropReason, peer?: PeerRecord): undefined {
  host.drop(reason, peer);
  return undefined;
}

/** enet-protocol 9.1: the checksum covers the datagram with a placeholder in its place. */
function hasGoodChecksum(
  host: HostRecord,
  bytes: Uint8Array,
  headerLength: number,
  end: number,
  peer: PeerRecord | undefined,
): boolean {
  if (bytes !== unpacked) {
    // The datagram is only borrowed, so the placeholder goes into a copy.
    unpacked.set(bytes.subarray(0, end));
  }
  const at = headerLength - 4;
  const view = new DataView(unpacked.buffer);
  const received = view.getUint32(at);
  view.setUint32(at, peer?.connectId ?? 0);
  return host.checksum?.(unpacked, 0, end) === received;
}

/** enet-protocol 6.2. `sentTime` is -1 when the datagram has none. */
function runCommands(host: HostRecord, startPeer: PeerRecord | undefined, sentTime: number): void {
  let peer = startPeer;
  const { bytes, end } = reader;
  for (let count = 0; reader.next < end; count++) {
    const at = reader.next;
    host.currentCommandAt = at;
    if (count >= MAX_COMMANDS_PER_DATAGRAM) {
      host.drop(DropReason.TOO_MANY_COMMANDS, peer);
      return;
    }
    const first = bytes[at] ?? 0;
    const number = first & COMMAND_MASK;
    if (end - at < 4 || number === 0 || number > MAX_COMMAND || end - at < (COMMAND_SIZES[number] ?? 0)) {
      // FastLZ pads short inputs with zeros (11.3), so a command number 0 is the ordinary end of a datagram there.
      if (!(number === 0 && bytes === unpacked)) host.drop(DropReason.BAD_COMMAND, peer);
      return;
    }
    reader.at = at;
    reader.next = at + (COMMAND_SIZES[number] ?? 0);
    if (number === Command.CONNECT) {
      if (peer !== undefined) {
        host.drop(DropReason.NO_PEER_FOR_COMMAND, peer);
        return;
      }
      peer = handleConnect(host, reader);
      if (peer === undefined || sentTime < 0) return;
      continue;
    }
    if (peer === undefined) {
      host.drop(DropReason.NO_PEER_FOR_COMMAND);
      return;
    }
    if (runCommand(host, peer, number, sentTime) === Handled.ABORT) return;
    if ((first & FLAG_ACKNOWLEDGE) !== 0) {
      if (sentTime < 0) {
        host.drop(DropReason.NO_SENT_TIME, peer);
        return;
      }
      queueAcknowledge(
        host,
        peer,
        number,
        bytes[at + 1] ?? 0,
        ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0),
        sentTime,
      );
    }
  }
}

function runCommand(host: HostRecord, peer: PeerRecord, number: number, sentTime: number): Handled {
  switch (number) {
    case Command.ACKNOWLEDGE:
      return handleAcknowledge(host, peer, reader);
    case Command.VERIFY_CONNECT:
      return handleVerifyConnect(host, peer, reader);
    case Command.DISCONNECT:
      return handleDisconnect(host, peer, reader, sentTime >= 0);
    default:
  }
  if (!peer.isConnected) {
    host.drop(DropReason.WRONG_STATE, peer);
    return Handled.ABORT;
  }
  switch (number) {
    case Command.PING:
      return Handled.CONTINUE;
    case Command.BANDWIDTH_LIMIT:
      return handleBandwidthLimit(host, peer, reader);
    case Command.THROTTLE_CONFIGURE:
      return handleThrottleConfigure(peer, reader);
    default:
  }
  if (reader.u8(1) >= peer.channelCount) {
    host.drop(DropReason.BAD_CHANNEL, peer);
    return Handled.ABORT;
  }
  if (peer.channels[reader.u8(1)] === undefined && !host.memory.admits(peer, CHANNEL_HELD_BYTES)) {
    host.drop(DropReason.WAITING_DATA_FULL, peer);
    return Handled.ABORT;
  }
  switch (number) {
    case Command.SEND_RELIABLE:
      return handleReliable(host, peer, reader);
    case Command.SEND_UNRELIABLE:
      return handleUnreliable(host, peer, reader);
    case Command.SEND_UNSEQUENCED:
      return handleUnsequenced(host, peer, reader);
    case Command.SEND_FRAGMENT:
      return handleReliableFragment(host, peer, reader);
    default:
      return handleUnreliableFragment(host, peer, reader);
  }
}

/** enet-protocol 6.3. */
function queueAcknowledge(
  host: HostRecord,
  peer: PeerRecord,
  command: number,
  channelId: number,
  reliableSeq: number,
  sentTime: number,
): void {
  switch (peer.state) {
    case PeerState.DISCONNECTING:
    case PeerState.ACKNOWLEDGING_CONNECT:
    case PeerState.DISCONNECTED:
    case PeerState.ZOMBIE:
      return;
    case PeerState.ACKNOWLEDGING_DISCONNECT:
      if (command !== Command.DISCONNECT) return;
      break;
    default:
  }
  if (channelId !== CONTROL_CHANNEL && channelId < peer.channelCount) {
    const distance = windowDistance(reliableSeq, peer.channels[channelId]?.inReliable ?? 0);
    if (distance === USABLE_WINDOWS || distance === USABLE_WINDOWS + 1) return;
  }
  if (peer.acks.length >= host.maxQueuedAcknowledgements) {
    host.drop(DropReason.TOO_MANY_ACKNOWLEDGEMENTS, peer);
    return;
  }
  peer.outDataTotal = (peer.outDataTotal + 8) >>> 0;
  peer.acks.push(command, channelId, reliableSeq, sentTime);
  host.pending.add(peer.slot);
}
