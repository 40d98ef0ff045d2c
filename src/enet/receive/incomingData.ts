/** Received packets: when they are queued, delivered or dropped. enet-protocol 6.4 to 6.6 and 6.8. */

import { DropReason } from '../dropReason.ts';
import {
  Command,
  PacketFlag,
  PeerState,
  UNSEQUENCED_AHEAD,
  UNSEQUENCED_BLOCK,
  USABLE_WINDOWS,
} from '../protocol.ts';
import { nextSequence, sequenceKey, windowDistance } from '../sequence.ts';
import type { Channel } from '../state/channel.ts';
import { IncomingEntry } from '../state/channel.ts';
import { EventType, HostEvent } from '../state/hostEvent.ts';
import type { HostRecord } from '../state/hostRecord.ts';
import { PACKET_HELD_BYTES } from '../state/memoryBudget.ts';
import { ENTRY_OVERHEAD_BYTES, type PeerRecord } from '../state/peerRecord.ts';
import { Handled, type Reader } from './reader.ts';

const RELIABLE_HEADER = 6;
const UNRELIABLE_HEADER = 8;

/** SEND_RELIABLE. */
export function handleReliable(host: HostRecord, peer: PeerRecord, reader: Reader): Handled {
  const length = reader.u16(4);
  if (!takePayload(host, peer, reader, RELIABLE_HEADER, length)) return Handled.ABORT;
  const seq = reader.u16(2);
  const channel = peer.channel(reader.u8(1));
  const problem = reliableProblem(peer, channel, seq);
  if (problem !== undefined) {
    refuseReliable(host, peer, channel, seq, problem);
    return Handled.CONTINUE;
  }
  const isNext = seq === nextSequence(channel.inReliable);
  // What closes a gap sets free what waits behind it. And who has been rid of everything takes the next one in any case:
  // else what waits behind two gaps would keep the room that the first of them needs, for ever.
  const closesGap = isNext && (channel.reliableIn.has(nextSequence(seq)) || peer.hasNothingToTake);
  if (!closesGap && !hasRoom(host, peer, PACKET_HELD_BYTES + length)) return Handled.ABORT;
  const bytes = copyPayload(reader, RELIABLE_HEADER, length);
  if (isNext) {
    chargeDelivered(host, peer, length);
    channel.advance(seq);
    channel.inUnreliable = 0;
    deliver(host, peer, reader.u8(1), bytes, PacketFlag.RELIABLE);
    if (channel.reliableIn.size > 0) scanReliable(host, peer, channel, reader.u8(1));
    if (channel.unreliableIn.length > 0) scanUnreliable(host, peer, channel, reader.u8(1), undefined);
    return Handled.CONTINUE;
  }
  const entry = newEntry(host, peer, Command.SEND_RELIABLE, seq, 0, length, 0, 0, bytes);
  channel.reliableIn.set(seq, entry);
  return Handled.CONTINUE;
}

/** SEND_UNRELIABLE. */
export function handleUnreliable(host: HostRecord, peer: PeerRecord, reader: Reader): Handled {
  const length = reader.u16(6);
  if (!takePayload(host, peer, reader, UNRELIABLE_HEADER, length)) return Handled.ABORT;
  const seq = reader.u16(2);
  const unreliableSeq = reader.u16(4);
  const channelId = reader.u8(1);
  const channel = peer.channel(channelId);
  const problem = unreliableProblem(peer, channel, seq, unreliableSeq);
  if (problem !== undefined) {
    host.drop(problem, peer);
    return Handled.CONTINUE;
  }
  if (!hasRoom(host, peer, PACKET_HELD_BYTES + length)) return Handled.ABORT;
  if (channel.unreliableIn.length === 0 && seq === channel.inReliable) {
    chargeDelivered(host, peer, length);
    channel.inUnreliable = unreliableSeq;
    deliver(host, peer, channelId, copyPayload(reader, UNRELIABLE_HEADER, length), PacketFlag.NONE);
    return Handled.CONTINUE;
  }
  const at = unreliablePlace(channel, seq, unreliableSeq);
  if (at < 0) {
    host.drop(DropReason.DUPLICATE, peer);
    return Handled.CONTINUE;
  }
  if (channel.unreliableIn.length >= host.maxWaitingUnreliable) {
    host.drop(DropReason.WAITING_DATA_FULL, peer);
    return Handled.CONTINUE;
  }
  const bytes = copyPayload(reader, UNRELIABLE_HEADER, length);
  const entry = newEntry(host, peer, Command.SEND_UNRELIABLE, seq, unreliableSeq, length, 0, 0, bytes);
  channel.unreliableIn.splice(at, 0, entry);
  scanUnreliable(host, peer, channel, channelId, entry);
  return Handled.CONTINUE;
}

/** SEND_UNSEQUENCED. enet-protocol 6.5. */
export function handleUnsequenced(host: HostRecord, peer: PeerRecord, reader: Reader): Handled {
  const length = reader.u16(6);
  if (!takePayload(host, peer, reader, UNRELIABLE_HEADER, length)) return Handled.ABORT;
  let group = reader.u16(4);
  const index = group % UNSEQUENCED_BLOCK;
  if (group < peer.inUnsequencedBase) group += 0x10000;
  if (group >= peer.inUnsequencedBase + UNSEQUENCED_AHEAD) {
    host.drop(DropReason.OUT_OF_WINDOW, peer);
    return Handled.CONTINUE;
  }
  const base = (group & 0xffff) - index;
  if (base !== peer.inUnsequencedBase) {
    peer.inUnsequencedBase = base;
    peer.unsequencedSeen = undefined;
  } else if (peer.isUnsequencedSeen(index)) {
    host.drop(DropReason.DUPLICATE, peer);
    return Handled.CONTINUE;
  }
  if (peer.state === PeerState.DISCONNECT_LATER) {
    host.drop(DropReason.DISCONNECTING, peer);
    peer.markUnsequenced(index);
    return Handled.CONTINUE;
  }
  if (!hasRoom(host, peer, PACKET_HELD_BYTES + length)) return Handled.ABORT;
  peer.markUnsequenced(index);
  chargeDelivered(host, peer, length);
  // 6.8 delivers it at once and leaves the list of waiting packets as it is.
  deliver(host, peer, reader.u8(1), copyPayload(reader, UNRELIABLE_HEADER, length), PacketFlag.UNSEQUENCED);
  return Handled.CONTINUE;
}

/** Checks a payload length and moves the reader behind the payload. */
export function takePayload(
  host: HostRecord,
  peer: PeerRecord,
  reader: Reader,
  headerSize: number,
  length: number,
): boolean {
  if (length > peer.maxPacketSize || length > reader.end - reader.at - headerSize) {
    host.drop(DropReason.BAD_LENGTH, peer);
    return false;
  }
  reader.next = reader.at + headerSize + length;
  return true;
}

/** Copies a payload out of the datagram, which is only borrowed. */
export function copyPayload(reader: Reader, headerSize: number, length: number): Uint8Array {
  const start = reader.at + headerSize;
  const { bytes } = reader;
  if (length > 64) return Uint8Array.prototype.slice.call(bytes, start, start + length);
  const copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) copy[i] = bytes[start + i] ?? 0;
  return copy;
}

/** enet-protocol 6.6 steps 1 to 3: why a reliable packet with this (start) number cannot be queued. */
export function reliableProblem(peer: PeerRecord, channel: Channel, seq: number): DropReason | undefined {
  if (peer.state === PeerState.DISCONNECT_LATER) return DropReason.DISCONNECTING;
  const distance = windowDistance(seq, channel.inReliable);
  if (distance < 0 || distance >= USABLE_WINDOWS) return DropReason.OUT_OF_WINDOW;
  if (seq === channel.inReliable || channel.reliableIn.has(seq)) return DropReason.DUPLICATE;
  return undefined;
}

/** Counts a reliable packet or fragment that is not used: as a repeat when its number is known, else as dropped. */
export function refuseReliable(
  host: HostRecord,
  peer: PeerRecord,
  channel: Channel,
  seq: number,
  problem: DropReason,
): void {
  if (channel.wasReceived(seq)) host.repeated();
  else host.drop(problem, peer);
}

/** enet-protocol 6.6 steps 1, 2 and 4, but for an entry with the same numbers. */
export function unreliableProblem(
  peer: PeerRecord,
  channel: Channel,
  seq: number,
  unreliableSeq: number,
): DropReason | undefined {
  if (peer.state === PeerState.DISCONNECT_LATER) return DropReason.DISCONNECTING;
  const distance = windowDistance(seq, channel.inReliable);
  if (distance < 0 || distance >= USABLE_WINDOWS) return DropReason.OUT_OF_WINDOW;
  if (seq === channel.inReliable && unreliableSeq <= channel.inUnreliable) return DropReason.DUPLICATE;
  return undefined;
}

/**
 * enet-protocol 6.6 step 6: tested before adding, so one more packet always fits; and whether the memory is there.
 *
 * @param held what will be held.
 */
export function hasRoom(host: HostRecord, peer: PeerRecord, held: number): boolean {
  if (peer.waitingBytes < peer.maxWaitingBytes && host.memory.admits(peer, held)) return true;
  host.drop(DropReason.WAITING_DATA_FULL, peer);
  return false;
}

/** Where an unreliable packet belongs in the list; -1 - index when one with the same numbers is there. */
export function unreliablePlace(channel: Channel, seq: number, unreliableSeq: number): number {
  const list = channel.unreliableIn;
  const key = sequenceKey(seq, channel.inReliable);
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = list[middle];
    if (entry === undefined) break;
    const otherKey = sequenceKey(entry.reliableSeq, channel.inReliable);
    if (otherKey === key && entry.unreliableSeq === unreliableSeq) return -1 - middle;
    if (otherKey < key || (otherKey === key && entry.unreliableSeq < unreliableSeq)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Charges a peer for a packet that is delivered at once. */
function chargeDelivered(host: HostRecord, peer: PeerRecord, length: number): void {
  peer.waitingBytes += length + ENTRY_OVERHEAD_BYTES;
  host.memory.hold(peer, length + PACKET_HELD_BYTES);
}

/** Makes an entry and charges the peer for it; what it holds of fragments is charged as they come. */
export function newEntry(
  host: HostRecord,
  peer: PeerRecord,
  command: number,
  reliableSeq: number,
  unreliableSeq: number,
  totalLength: number,
  fragmentCount: number,
  fragmentLength: number,
  bytes: Uint8Array | undefined,
): IncomingEntry {
  // Each fragment is an array of its own until all are there, however short it is (12.2 G).
  const charge = totalLength + ENTRY_OVERHEAD_BYTES * (1 + fragmentCount);
  peer.waitingBytes += charge;
  const entry = new IncomingEntry(
    command,
    reliableSeq,
    unreliableSeq,
    totalLength,
    fragmentCount,
    fragmentLength,
    charge,
    bytes,
  );
  entry.heldBytes = PACKET_HELD_BYTES + (bytes?.length ?? 0);
  host.memory.hold(peer, entry.heldBytes);
  return entry;
}

/** enet-protocol 6.8, reliable scan. @returns whether anything was delivered. */
export function scanReliable(
  host: HostRecord,
  peer: PeerRecord,
  channel: Channel,
  channelId: number,
): boolean {
  let isDelivered = false;
  for (;;) {
    const seq = nextSequence(channel.inReliable);
    const entry = channel.reliableIn.get(seq);
    if (entry?.bytes === undefined) return isDelivered;
    channel.reliableIn.delete(seq);
    channel.advance(seq);
    // What hides behind the numbers of the other fragments can never be delivered.
    for (let i = 1; i < entry.fragmentCount; i++) {
      channel.advance(nextSequence(channel.inReliable));
      if (channel.reliableIn.size > 0) forgetReliable(host, peer, channel, channel.inReliable);
    }
    channel.inUnreliable = 0;
    deliver(host, peer, channelId, entry.bytes, PacketFlag.RELIABLE);
    isDelivered = true;
  }
}

function forgetReliable(host: HostRecord, peer: PeerRecord, channel: Channel, seq: number): void {
  const entry = channel.reliableIn.get(seq);
  if (entry === undefined) return;
  peer.waitingBytes -= entry.charge;
  host.memory.release(peer, entry.heldBytes);
  channel.reliableIn.delete(seq);
}

/**
 * enet-protocol 6.8, unreliable scan.
 *
 * @param just the entry that was just inserted; it survives in any case.
 */
export function scanUnreliable(
  host: HostRecord,
  peer: PeerRecord,
  channel: Channel,
  channelId: number,
  just: IncomingEntry | undefined,
): void {
  const list = channel.unreliableIn;
  const delivered = new Set<IncomingEntry>();
  let run: IncomingEntry[] = [];
  let keepFrom = 0;
  const deliverRun = (): void => {
    for (const entry of run) {
      delivered.add(entry);
      const flag =
        entry.command === Command.SEND_UNRELIABLE ? PacketFlag.NONE : PacketFlag.UNRELIABLE_FRAGMENT;
      if (entry.bytes !== undefined) deliver(host, peer, channelId, entry.bytes, flag);
    }
    run = [];
  };
  let at = 0;
  for (; at < list.length; at++) {
    const entry = list[at];
    if (entry === undefined) break;
    if (entry.reliableSeq === channel.inReliable) {
      if (entry.isComplete) {
        channel.inUnreliable = entry.unreliableSeq;
        run.push(entry);
      } else if (run.length > 0) {
        deliverRun();
        keepFrom = at;
      } else if (keepFrom !== at) {
        keepFrom = lastUndelivered(list, delivered, at - 1);
      }
      continue;
    }
    const distance = windowDistance(entry.reliableSeq, channel.inReliable);
    if (distance >= 0 && distance < USABLE_WINDOWS) break;
    keepFrom = at + 1;
    if (run.length > 0) deliverRun();
  }
  if (run.length > 0) {
    deliverRun();
    keepFrom = at;
  }
  if (delivered.size === 0 && keepFrom === 0) return;
  const kept: IncomingEntry[] = [];
  for (let i = 0; i < list.length; i++) {
    const entry = list[i];
    if (entry === undefined || delivered.has(entry)) continue;
    if (i >= keepFrom || entry === just) {
      kept.push(entry);
    } else {
      peer.waitingBytes -= entry.charge;
      host.memory.release(peer, entry.heldBytes);
      host.drop(DropReason.SUPERSEDED, peer);
    }
  }
  channel.unreliableIn = kept;
}

/** The entry directly before that is still in the list. */
function lastUndelivered(
  list: readonly IncomingEntry[],
  delivered: ReadonlySet<IncomingEntry>,
  from: number,
): number {
  for (let i = from; i > 0; i--) {
    const entry = list[i];
    if (entry !== undefined && !delivered.has(entry)) return i;
  }
  return 0;
}

/** Hands a packet to the dispatch queue. Its bytes stay charged until it is dispatched. */
function deliver(
  host: HostRecord,
  peer: PeerRecord,
  channelId: number,
  bytes: Uint8Array,
  flags: number,
): void {
  peer.dispatchedBytes += bytes.length + ENTRY_OVERHEAD_BYTES;
  peer.dispatched.push(new HostEvent(EventType.RECEIVE, peer.face, 0, channelId, bytes, flags));
  host.enqueueForDispatch(peer);
}
