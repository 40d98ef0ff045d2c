/** Fragments of received packets. enet-protocol 6.4, 6.7 and the checks of 12.2 F. */

import { DropReason } from '../dropReason.ts';
import { Command, MAX_FRAGMENTS, USABLE_WINDOWS } from '../protocol.ts';
import { nextSequence, windowDistance } from '../sequence.ts';
import type { IncomingEntry } from '../state/channel.ts';
import type { HostRecord } from '../state/hostRecord.ts';
import { PACKET_HELD_BYTES, PIECE_HELD_BYTES } from '../state/memoryBudget.ts';
import { ENTRY_OVERHEAD_BYTES, type PeerRecord } from '../state/peerRecord.ts';
import {
  copyPayload,
  hasRoom,
  newEntry,
  refuseReliable,
  reliableProblem,
  scanReliable,
  scanUnreliable,
  takePayload,
  unreliablePlace,
  unreliableProblem,
} from './incomingData.ts';
import { Handled, type Reader } from './reader.ts';

const FRAGMENT_HEADER = 24;

/** SEND_FRAGMENT. */
export function handleReliableFragment(host: HostRecord, peer: PeerRecord, reader: Reader): Handled {
  const length = reader.u16(6);
  if (!takePayload(host, peer, reader, FRAGMENT_HEADER, length)) return Handled.ABORT;
  if (length === 0) return abort(host, peer, DropReason.BAD_FRAGMENT);
  const channelId = reader.u8(1);
  const channel = peer.channel(channelId);
  const start = reader.u16(4);
  const distance = windowDistance(start, channel.inReliable);
  if (distance < 0 || distance >= USABLE_WINDOWS) {
    refuseReliable(host, peer, channel, start, DropReason.OUT_OF_WINDOW);
    return Handled.CONTINUE;
  }
  const number = reader.u32(12);
  const fragmentLength = fragmentLengthOf(peer, reader, length);
  if (fragmentLength === 0 || reader.u16(2) !== ((start + number) & 0xffff)) {
    return abort(host, peer, DropReason.BAD_FRAGMENT);
  }
  let entry = channel.reliableIn.get(start);
  if (entry === undefined) {
    const problem = reliableProblem(peer, channel, start);
    // 6.6: what is only "discard" for a whole packet is an error for a fragment, so it is not acknowledged.
    if (problem !== undefined) {
      refuseReliable(host, peer, channel, start, problem);
      return Handled.ABORT;
    }
    if (!hasRoom(host, peer, PACKET_HELD_BYTES + PIECE_HELD_BYTES + length)) return Handled.ABORT;
    entry = newEntry(
      host,
      peer,
      Command.SEND_FRAGMENT,
      start,
      0,
      reader.u32(16),
      reader.u32(8),
      fragmentLength,
      undefined,
    );
    channel.reliableIn.set(start, entry);
  } else if (!matches(entry, Command.SEND_FRAGMENT, reader, fragmentLength)) {
    return abort(host, peer, DropReason.BAD_FRAGMENT);
  } else if (
    !(entry.fragmentsLeft === 1 && start === nextSequence(channel.inReliable)) &&
    !hasRoomForPiece(host, peer, entry, number, length)
  ) {
    return Handled.ABORT;
  }
  if (
    addFragment(host, peer, entry, reader, number, length) &&
    scanReliable(host, peer, channel, channelId)
  ) {
    if (channel.unreliableIn.length > 0) scanUnreliable(host, peer, channel, channelId, undefined);
  }
  return Handled.CONTINUE;
}

/** SEND_UNRELIABLE_FRAGMENT. */
export function handleUnreliableFragment(host: HostRecord, peer: PeerRecord, reader: Reader): Handled {
  const length = reader.u16(6);
  if (!takePayload(host, peer, reader, FRAGMENT_HEADER, length)) return Handled.ABORT;
  if (length === 0) return abort(host, peer, DropReason.BAD_FRAGMENT);
  const channelId = reader.u8(1);
  const channel = peer.channel(channelId);
  const seq = reader.u16(2);
  const start = reader.u16(4);
  const distance = windowDistance(seq, channel.inReliable);
  if (distance < 0 || distance >= USABLE_WINDOWS) return ignore(host, peer, DropReason.OUT_OF_WINDOW);
  if (seq === channel.inReliable && start <= channel.inUnreliable)
    return ignore(host, peer, DropReason.DUPLICATE);
  const number = reader.u32(12);
  const fragmentLength = fragmentLengthOf(peer, reader, length);
  if (fragmentLength === 0) return abort(host, peer, DropReason.BAD_FRAGMENT);
  const place = unreliablePlace(channel, seq, start);
  let entry: IncomingEntry | undefined;
  if (place < 0) {
    entry = channel.unreliableIn[-1 - place];
    if (entry === undefined || !matches(entry, Command.SEND_UNRELIABLE_FRAGMENT, reader, fragmentLength)) {
      return abort(host, peer, DropReason.BAD_FRAGMENT);
    }
    if (!hasRoomForPiece(host, peer, entry, number, length)) return Handled.ABORT;
  } else {
    const problem = unreliableProblem(peer, channel, seq, start);
    if (problem !== undefined) return abort(host, peer, problem);
    if (!hasRoom(host, peer, PACKET_HELD_BYTES + PIECE_HELD_BYTES + length)) return Handled.ABORT;
    if (channel.unreliableIn.length >= host.maxWaitingUnreliable) {
      return abort(host, peer, DropReason.WAITING_DATA_FULL);
    }
    const total = reader.u32(16);
    const count = reader.u32(8);
    entry = newEntry(
      host,
      peer,
      Command.SEND_UNRELIABLE_FRAGMENT,
      seq,
      start,
      total,
      count,
      fragmentLength,
      undefined,
    );
    channel.unreliableIn.splice(place, 0, entry);
    scanUnreliable(host, peer, channel, channelId, entry);
  }
  if (addFragment(host, peer, entry, reader, number, length)) {
    scanUnreliable(host, peer, channel, channelId, undefined);
  }
  return Handled.CONTINUE;
}

/**
 * Checks the fields of a fragment against each other, as every sender obeys them: all fragments but the last have
 * the same length, and each lies where its number says.
 *
 * @returns the length of all fragments but the last; 0 when the fields contradict each other.
 */
function fragmentLengthOf(peer: PeerRecord, reader: Reader, length: number): number {
  const count = reader.u32(8);
  const number = reader.u32(12);
  const total = reader.u32(16);
  const offset = reader.u32(20);
  if (count < 2 || count > MAX_FRAGMENTS || number >= count) return 0;
  if (total > peer.maxPacketSize || total < count || offset >= total || length > total - offset) return 0;
  const isLast = number === count - 1;
  const each = isLast ? offset / number : length;
  if (!Number.isInteger(each) || each === 0 || offset !== number * each) return 0;
  if (Math.ceil(total / each) !== count) return 0;
  if (isLast && offset + length !== total) return 0;
  return each;
}

function matches(entry: IncomingEntry, command: number, reader: Reader, fragmentLength: number): boolean {
  return (
    entry.command === command &&
    entry.totalLength === reader.u32(16) &&
    entry.fragmentCount === reader.u32(8) &&
    entry.fragmentLength === fragmentLength
  );
}

/** Stores a fragment. @returns whether the packet is complete now. */
function addFragment(
  host: HostRecord,
  peer: PeerRecord,
  entry: IncomingEntry,
  reader: Reader,
  number: number,
  length: number,
): boolean {
  if (entry.isComplete || entry.pieces[number] !== undefined) {
    // Nobody sends an unreliable one twice.
    if (entry.command === Command.SEND_FRAGMENT) host.repeated();
    else host.drop(DropReason.DUPLICATE, peer);
    return false;
  }
  entry.addPiece(number, copyPayload(reader, FRAGMENT_HEADER, length));
  const held = entry.isComplete
    ? PACKET_HELD_BYTES + entry.totalLength
    : entry.heldBytes + PIECE_HELD_BYTES + length;
  host.memory.hold(peer, held - entry.heldBytes);
  entry.heldBytes = held;
  if (!entry.isComplete) return false;
  const charge = entry.totalLength + ENTRY_OVERHEAD_BYTES;
  peer.waitingBytes -= entry.charge - charge;
  entry.charge = charge;
  return true;
}

/** Whether the memory for another fragment of a packet is there; what is there already needs none. */
function hasRoomForPiece(
  host: HostRecord,
  peer: PeerRecord,
  entry: IncomingEntry,
  number: number,
  length: number,
): boolean {
  if (entry.isComplete || entry.pieces[number] !== undefined) return true;
  if (host.memory.admits(peer, PIECE_HELD_BYTES + length)) return true;
  host.drop(DropReason.WAITING_DATA_FULL, peer);
  return false;
}

function abort(host: HostRecord, peer: PeerRecord, reason: DropReason): Handled {
  host.drop(reason, peer);
  return Handled.ABORT;
}

function ignore(host: HostRecord, peer: PeerRecord, reason: DropReason): Handled {
  host.drop(reason, peer);
  return Handled.CONTINUE;
}
