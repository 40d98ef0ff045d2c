/** The send phase: which commands go into which datagram. enet-protocol 5.3 to 5.10. */

import { disconnectWhenDone, giveUp } from '../connection.ts';
import {
  CONTROL_CHANNEL,
  Command,
  FLAG_ACKNOWLEDGE,
  HEADER_COMPRESSED,
  HEADER_SENT_TIME,
  MAX_COMMANDS_PER_DATAGRAM,
  MAX_MTU,
  NO_PEER,
  NUMBERS_PER_WINDOW,
  PACKET_LOSS_INTERVAL_MS,
  PACKET_LOSS_SCALE,
  PeerState,
  SESSION_SHIFT,
  THROTTLE_COUNTER_STEP,
  THROTTLE_SCALE,
  WINDOW_SHIFT,
} from '../protocol.ts';
import { isBefore, TIME_HORIZON_MS, timeDifference } from '../sequence.ts';
import type { HostEvent } from '../state/hostEvent.ts';
import type { HostRecord } from '../state/hostRecord.ts';
import type { OutgoingCommand } from '../state/outgoing.ts';
import { outgoingCharge, type PeerRecord } from '../state/peerRecord.ts';
import { putU16, putU32, writeCommand } from './commandWriter.ts';
import { queueControl } from './queueing.ts';

/** The bytes that 5.3 charges for the header whether it is there in full or not. */
const HEADER_CHARGE = 4;
const ACKNOWLEDGE_SIZE = 8;
const PING_SIZE = 4;
const CHECKSUM_SIZE = 4;
/** W8: an address that has proved nothing gets at most this many times what it sent. */
const AMPLIFICATION_LIMIT = 3;
/** Windows that must be free from a new window on (5.5 A1): the ten from itself on. */
const WINDOW_SPAN_MASK = 0x3ff;

/** Doubled timeouts stay where times can be compared (0.4); only peers with an extreme time limit get there. */
const LONGEST_TIMEOUT_MS = TIME_HORIZON_MS / 2;

const compressed = new Uint8Array(MAX_MTU);

/** The datagram that one visit builds. Module state, because visits never nest. */
const draft = { at: 0, start: 0, size: 0, limit: 0, commands: 0, hasSentTime: false };

/**
 * One send phase over all peers that may have something to send.
 *
 * @param checksTimeouts `false` in a flush.
 * @returns a DISCONNECT event when a peer was given up.
 */
export function sendAll(host: HostRecord, checksTimeouts: boolean): HostEvent | undefined {
  wakeDuePeers(host);
  for (let slot = host.pending.next(0); slot >= 0; slot = host.pending.next(slot + 1)) {
    const event = visit(host, host.record(slot), checksTimeouts);
    if (event !== undefined) return event;
  }
  // 5.3: further passes visit only the peers whose last datagram was full.
  for (let first = host.more.next(0); first >= 0; first = host.more.next(0)) {
    for (let slot = first; slot >= 0; slot = host.more.next(slot + 1)) {
      const event = visit(host, host.record(slot), checksTimeouts);
      if (event !== undefined) return event;
    }
  }
  return undefined;
}

/** When the peer next needs a visit although nothing happens to it; `undefined` when never. */
export function peerDeadline(now: number, peer: PeerRecord): number | undefined {
  if (peer.sentReliable.head !== undefined) return peer.nextTimeout;
  if (peer.state !== PeerState.CONNECTED) return undefined;
  // `lastReceiveTime` can be the sentinel 0, from which no deadline within reach of `now` can be computed.
  if (timeDifference(now, peer.lastReceiveTime) >= peer.pingIntervalMs) return now;
  return (peer.lastReceiveTime + peer.pingIntervalMs) >>> 0;
}

function wakeDuePeers(host: HostRecord): void {
  for (let slot = host.deadlines.popDue(host.now); slot >= 0; slot = host.deadlines.popDue(host.now)) {
    const deadline = peerDeadline(host.now, host.record(slot));
    if (deadline === undefined) continue;
    if (((host.now - deadline) | 0) >= 0) host.pending.add(slot);
    else host.deadlines.schedule(slot, deadline);
  }
}

/** Builds at most one datagram for one peer. */
function visit(host: HostRecord, peer: PeerRecord, checksTimeouts: boolean): HostEvent | undefined {
  host.pending.delete(peer.slot);
  host.more.delete(peer.slot);
  if (peer.state === PeerState.DISCONNECTED || peer.state === PeerState.ZOMBIE) return undefined;
  draft.start = host.outbox.begin();
  draft.at = draft.start;
  draft.size = HEADER_CHARGE;
  // 1.5: the checksum is not charged, so with the largest MTU it would not fit the receive buffer of the remote.
  draft.limit = host.checksum === undefined ? peer.mtu : Math.min(peer.mtu, MAX_MTU - CHECKSUM_SIZE);
  draft.commands = 0;
  draft.hasSentTime = false;

  gatherAcknowledges(host, peer);
  if (
    checksTimeouts &&
    peer.sentReliable.head !== undefined &&
    !isBefore(host.now, peer.nextTimeout) &&
    checkTimeouts(host, peer)
  ) {
    return giveUp(host, peer);
  }
  const mayPing = gatherCommands(host, peer);
  if (
    mayPing &&
    peer.sentReliable.isEmpty &&
    peer.state === PeerState.CONNECTED &&
    timeDifference(host.now, peer.lastReceiveTime) >= peer.pingIntervalMs &&
    draft.limit - draft.size >= PING_SIZE
  ) {
    queueControl(host, peer, Command.PING | FLAG_ACKNOWLEDGE);
    host.pending.delete(peer.slot);
    gatherCommands(host, peer);
  }
  if (draft.commands > 0) {
    updateLoss(host, peer);
    finishDatagram(host, peer);
  }
  disconnectWhenDone(host, peer);
  const deadline = peerDeadline(host.now, peer);
  if (deadline !== undefined) host.deadlines.schedule(peer.slot, deadline);
  return undefined;
}

/** enet-protocol 5.4. */
function gatherAcknowledges(host: HostRecord, peer: PeerRecord): void {
  const { buffer } = host.outbox;
  while (peer.acks.length > 0) {
    if (draft.commands >= MAX_COMMANDS_PER_DATAGRAM || draft.limit - draft.size < ACKNOWLEDGE_SIZE) {
      host.more.add(peer.slot);
      return;
    }
    const { first, firstSentTime } = peer.acks;
    peer.acks.shift();
    const at = draft.at;
    buffer[at] = Command.ACKNOWLEDGE;
    buffer[at + 1] = first >>> 16;
    buffer[at + 2] = first >>> 8;
    buffer[at + 3] = first;
    buffer[at + 4] = first >>> 8;
    buffer[at + 5] = first;
    buffer[at + 6] = firstSentTime >>> 8;
    buffer[at + 7] = firstSentTime;
    draft.at += ACKNOWLEDGE_SIZE;
    draft.size += ACKNOWLEDGE_SIZE;
    draft.commands++;
    if (first >>> 24 === Command.DISCONNECT) {
      host.setState(peer, PeerState.ZOMBIE);
      host.enqueueForDispatch(peer);
    }
  }
}

/**
 * enet-protocol 5.9: retransmits what is overdue.
 *
 * @returns whether the peer must be given up.
 */
function checkTimeouts(host: HostRecord, peer: PeerRecord): boolean {
  const { now } = host;
  const firstReliable = peer.outgoingReliable.head;
  const firstOther = peer.outgoing.head;
  for (let command = peer.sentReliable.head; command !== undefined; ) {
    const { next } = command;
    if (timeDifference(now, command.sentTime) < command.timeoutMs) {
      command = next;
      continue;
    }
    if (peer.earliestTimeout === 0 || isBefore(command.sentTime, peer.earliestTimeout)) {
      peer.earliestTimeout = command.sentTime;
    }
    const silence = timeDifference(now, peer.earliestTimeout);
    const hasManyAttempts = 2 ** (command.attempts - 1) >= peer.timeoutLimit;
    if (silence >= peer.timeoutMaximumMs || (hasManyAttempts && silence >= peer.timeoutMinimumMs)) {
      return true;
    }
    peer.packetsLost++;
    command.timeoutMs = Math.min(command.timeoutMs * 2, LONGEST_TIMEOUT_MS);
    command.isInFlight = false;
    peer.sentReliable.remove(command);
    if (command.packet === undefined) {
      peer.outgoing.insertBefore(command, firstOther);
    } else {
      peer.reliableInTransit -= command.length;
      peer.outgoingReliable.insertBefore(command, firstReliable);
    }
    command = next;
  }
  // Step 4: the new head decides, also when one behind it is due earlier.
  const { head } = peer.sentReliable;
  if (head !== undefined) peer.nextTimeout = (head.sentTime + head.timeoutMs) >>> 0;
  return false;
}

/** enet-protocol 5.5. @returns whether a PING may be sent. */
function gatherCommands(host: HostRecord, peer: PeerRecord): boolean {
  let mayPing = true;
  let isReliableStopped = false;
  for (;;) {
    const reliable = isReliableStopped ? undefined : peer.outgoingReliable.head;
    const other = peer.outgoing.head;
    let command: OutgoingCommand;
    if (reliable !== undefined && (other === undefined || isBefore(reliable.queueStamp, other.queueStamp))) {
      command = reliable;
    } else if (other !== undefined) {
      command = other;
    } else {
      return mayPing;
    }
    const isReliable = (command.command & FLAG_ACKNOWLEDGE) !== 0;
    if (isReliable) {
      if (command === reliable && !fitsWindows(peer, command)) {
        isReliableStopped = true;
        continue;
      }
      mayPing = false;
    }
    const whole = command.size + command.length;
    if (draft.commands >= MAX_COMMANDS_PER_DATAGRAM || draft.limit - draft.size < whole) {
      // W22: a command that does not even fit an empty datagram must not be tried for ever.
      if (draft.commands > 0) host.more.add(peer.slot);
      return mayPing;
    }
    if (isReliable) takeReliable(host, peer, command);
    else if (!takeUnreliable(host, peer, command)) continue;
    writeCommand(host.outbox.buffer, draft.at, command);
    if (!isReliable) host.commands.release(command);
    draft.at += whole;
    draft.size += whole;
    draft.commands++;
    peer.packetsSent++;
  }
}

/** enet-protocol 5.5 A: the window rule and the data rule. */
function fitsWindows(peer: PeerRecord, command: OutgoingCommand): boolean {
  const { reliableSeq } = command;
  if (command.attempts === 0 && reliableSeq % NUMBERS_PER_WINDOW === 0) {
    const channel = peer.channel(command.channelId);
    const window = reliableSeq >> WINDOW_SHIFT;
    const span = ((WINDOW_SPAN_MASK << window) | (WINDOW_SPAN_MASK >> (16 - window))) & 0xffff;
    if (
      (channel.windowCount[(window + 15) & 15] ?? 0) >= NUMBERS_PER_WINDOW ||
      (channel.usedWindows & span) !== 0
    ) {
      return false;
    }
  }
  const limit = Math.max(Math.floor((peer.throttle * peer.windowSize) / THROTTLE_SCALE), peer.mtu);
  return peer.reliableInTransit + command.length <= limit;
}

/** enet-protocol 5.5 C, for commands that want an acknowledgement. */
function takeReliable(host: HostRecord, peer: PeerRecord, command: OutgoingCommand): void {
  if (command.channelId === CONTROL_CHANNEL) {
    peer.controlInFlight.set(command);
  } else if (command.attempts === 0) {
    const channel = peer.channel(command.channelId);
    const window = command.reliableSeq >> WINDOW_SHIFT;
    channel.usedWindows |= 1 << window;
    channel.windowCount[window] = (channel.windowCount[window] ?? 0) + 1;
    channel.inFlight.set(command);
  }
  command.attempts++;
  if (command.timeoutMs === 0) command.timeoutMs = peer.rtt + 4 * peer.rttVariance;
  if (peer.sentReliable.isEmpty) peer.nextTimeout = (host.now + command.timeoutMs) >>> 0;
  if (command.packet === undefined) peer.outgoing.remove(command);
  else peer.outgoingReliable.remove(command);
  peer.sentReliable.push(command);
  command.isInFlight = true;
  command.sentTime = host.now;
  peer.reliableInTransit += command.length;
  draft.hasSentTime = true;
}

/** enet-protocol 5.6. @returns `false` when the throttle discarded the packet. */
function takeUnreliable(host: HostRecord, peer: PeerRecord, command: OutgoingCommand): boolean {
  peer.outgoing.remove(command);
  peer.outgoingBytes -= outgoingCharge(command);
  if (command.packet === undefined || command.offset !== 0) return true;
  peer.throttleCounter = (peer.throttleCounter + THROTTLE_COUNTER_STEP) % THROTTLE_SCALE;
  if (peer.throttleCounter <= peer.throttle) return true;
  // The other fragments of the packet go too. (C also takes neighbours that only look alike; 5.6 advises against.)
  for (
    let next = peer.outgoing.head;
    next !== undefined && isFragmentOf(next, command);
    next = peer.outgoing.head
  ) {
    peer.outgoing.remove(next);
    peer.outgoingBytes -= outgoingCharge(next);
    host.commands.release(next);
  }
  host.commands.release(command);
  return false;
}

function isFragmentOf(other: OutgoingCommand, first: OutgoingCommand): boolean {
  return (
    other.packet === first.packet &&
    other.offset > 0 &&
    other.command === first.command &&
    other.channelId === first.channelId &&
    other.unreliableSeq === first.unreliableSeq
  );
}

/** enet-protocol 5.10. */
function updateLoss(host: HostRecord, peer: PeerRecord): void {
  if (peer.lossEpoch === 0) {
    peer.lossEpoch = host.now;
  } else if (timeDifference(host.now, peer.lossEpoch) >= PACKET_LOSS_INTERVAL_MS && peer.packetsSent > 0) {
    const loss = Math.floor((peer.packetsLost * PACKET_LOSS_SCALE) / peer.packetsSent);
    peer.packetLossVariance = Math.floor(
      (peer.packetLossVariance * 3 + Math.abs(loss - peer.packetLoss)) / 4,
    );
    peer.packetLoss = Math.floor((peer.packetLoss * 7 + loss) / 8);
    peer.lossEpoch = host.now;
    peer.packetsSent = 0;
    peer.packetsLost = 0;
  }
}

/** enet-protocol 5.3 steps 8 and 9, 9.1 and 9.3: header, compression, checksum, outbox. */
function finishDatagram(host: HostRecord, peer: PeerRecord): void {
  const { buffer } = host.outbox;
  const { checksum, compressor } = host;
  const bodyLength = draft.at - draft.start;
  let packedLength = 0;
  if (compressor !== undefined) {
    packedLength = compressor.compress(buffer, draft.start, draft.at, compressed, 0, bodyLength);
    if (packedLength >= bodyLength || packedLength < 0) packedLength = 0;
  }
  let word =
    peer.remoteId | (draft.hasSentTime ? HEADER_SENT_TIME : 0) | (packedLength > 0 ? HEADER_COMPRESSED : 0);
  if (peer.remoteId < NO_PEER) word |= (peer.outSession & 3) << SESSION_SHIFT;
  let start = draft.start - (checksum === undefined ? 0 : 4);
  // W7: only VERIFY_CONNECT wants an acknowledgement in this state, and only who receives it knows this number.
  const isHandshake = peer.state === PeerState.ACKNOWLEDGING_CONNECT && draft.hasSentTime;
  const sentTime = isHandshake ? host.proof.verifyTime(host.now) : host.now & 0xffff;
  if (draft.hasSentTime) {
    start -= 2;
    putU16(buffer, start, sentTime);
  }
  start -= 2;
  putU16(buffer, start, word);
  if (checksum !== undefined) {
    putU32(buffer, draft.start - 4, peer.remoteId < NO_PEER ? peer.connectId : 0);
    putU32(buffer, draft.start - 4, checksum(buffer, start, draft.at));
  }
  let end = draft.at;
  if (packedLength > 0) {
    buffer.set(compressed.subarray(0, packedLength), draft.start);
    end = draft.start + packedLength;
  }
  if (peer.state === PeerState.ACKNOWLEDGING_CONNECT) {
    if (peer.unprovenBytesOut + end - start > AMPLIFICATION_LIMIT * peer.unprovenBytesIn) return;
    peer.unprovenBytesOut += end - start;
    if (isHandshake) {
      peer.verifySentAt ??= new Map();
      peer.verifySentAt.set(sentTime, host.now);
    }
  }
  const bytes = host.outbox.commit(start, end, peer.address);
  host.totalSentData = (host.totalSentData + bytes.length) >>> 0;
  host.totalSentPackets = (host.totalSentPackets + 1) >>> 0;
  host.trace?.sent?.(host.now, bytes, peer.address);
}
