/** CONNECT, VERIFY_CONNECT and DISCONNECT from the remote. enet-protocol 4.4, 4.5, 7.4. */

import type { Address } from '../address.ts';
import { limitKey } from '../addressRules.ts';
import { clampWindow, connectBody, notifyConnect, windowForBandwidths } from '../connection.ts';
import { DisconnectCause } from '../disconnectCause.ts';
import { DropReason } from '../dropReason.ts';
import {
  Command,
  FLAG_ACKNOWLEDGE,
  MAX_CHANNELS,
  MAX_MTU,
  MAX_WINDOW_SIZE,
  MIN_MTU,
  MIN_WINDOW_SIZE,
  NO_PEER,
  PeerState,
  WINDOW_SIZE_SCALE,
} from '../protocol.ts';
import { queueControl } from '../send/queueing.ts';
import { timeDifference } from '../sequence.ts';
import type { HostRecord } from '../state/hostRecord.ts';
import { outgoingCharge, type PeerRecord } from '../state/peerRecord.ts';
import { clampThrottleInterval, clampThrottleStep } from '../throttle.ts';
import { Handled, type Reader } from './reader.ts';

/** A session number that was never used. */
const FRESH_SESSION = 0xff;
/** The part of the grace time that a handshake keeps for sure when its address has more than the newcomer's. */
const CROWD_GRACE_DIVISOR = 4;

/** enet-protocol 4.4. @returns the new peer; `undefined` when the CONNECT was dropped. */
export function handleConnect(host: HostRecord, reader: Reader): PeerRecord | undefined {
  const { from } = reader;
  const channelCount = reader.u32(16);
  const remoteId = reader.u16(4);
  if (from === undefined || channelCount < 1 || channelCount > MAX_CHANNELS || remoteId >= NO_PEER) {
    host.drop(DropReason.BAD_CONNECT);
    return undefined;
  }
  const connectId = reader.u32(40);
  if (!isAdmitted(host, from, connectId, reader.u32(44), reader.receivedLength)) return undefined;
  const slot = host.free.next(0);
  if (slot < 0) {
    host.drop(DropReason.HOST_FULL);
    return undefined;
  }
  const peer = host.occupy(slot, from);
  peer.channelCount = Math.min(channelCount, host.channelLimit);
  peer.connectId = connectId;
  peer.maxPacketSize = host.initialMaxPacketSize;
  peer.maxWaitingBytes = host.initialMaxWaitingBytes;
  peer.isStranger = host.hasInitialLimits;
  peer.connectTime = host.now;
  peer.unprovenBytesIn = reader.receivedLength;
  peer.remoteId = remoteId;
  host.setRemoteInBandwidth(peer, reader.u32(20));
  peer.remoteOutBandwidth = reader.u32(24);
  peer.throttleIntervalMs = reader.u32(28);
  peer.throttleAcceleration = reader.u32(32);
  peer.throttleDeceleration = reader.u32(36);
  peer.eventData = reader.u32(44);
  peer.outSession = nextSession(reader.u8(6), peer.outSession);
  peer.inSession = nextSession(reader.u8(7), peer.inSession);
  peer.connectMtu = reader.u32(8);
  peer.mtu = Math.min(host.mtu, Math.min(Math.max(peer.connectMtu, MIN_MTU), MAX_MTU));
  peer.windowSize = windowForBandwidths(host.outBandwidth, peer.remoteInBandwidth);
  const granted = host.inBandwidth === 0 ? MAX_WINDOW_SIZE : grantedWindow(host.inBandwidth);
  const windowForRemote = clampWindow(Math.min(granted, reader.u32(12)));
  host.setState(peer, PeerState.ACKNOWLEDGING_CONNECT);
  peer.outControlSeq = host.proof.lastControlSeq(host.now);
  queueControl(
    host,
    peer,
    Command.VERIFY_CONNECT | FLAG_ACKNOWLEDGE,
    // The echo of the throttle values must be unmodified or the client refuses it; only then they are clamped (W16).
    connectBody(host, peer, peer.outSession, peer.inSession, windowForRemote, peer.channelCount, undefined),
  );
  peer.throttleIntervalMs = clampThrottleInterval(peer.throttleIntervalMs);
  peer.throttleAcceleration = clampThrottleStep(peer.throttleAcceleration);
  peer.throttleDeceleration = clampThrottleStep(peer.throttleDeceleration);
  return peer;
}

/** enet-protocol 4.5. */
export function handleVerifyConnect(host: HostRecord, peer: PeerRecord, reader: Reader): Handled {
  if (peer.state !== PeerState.CONNECTING) return Handled.CONTINUE;
  // C gives the attempt up when the connectID is not its own (4.5 step 2). But such a datagram belongs to an earlier
  // attempt from this socket, or comes from a forger; neither may end this one.
  if (reader.u32(40) !== peer.connectId) {
    host.drop(DropReason.BAD_CONNECT, peer);
    return Handled.ABORT;
  }
  const channelCount = reader.u32(16);
  const remoteId = reader.u16(4);
  const inSession = reader.u8(6);
  const outSession = reader.u8(7);
  if (
    channelCount < 1 ||
    channelCount > MAX_CHANNELS ||
    reader.u32(28) !== peer.throttleIntervalMs ||
    reader.u32(32) !== peer.throttleAcceleration ||
    reader.u32(36) !== peer.throttleDeceleration
  ) {
    host.drop(DropReason.BAD_CONNECT, peer);
    peer.eventData = 0;
    peer.endCause = DisconnectCause.PROTOCOL;
    host.setState(peer, PeerState.ZOMBIE);
    host.enqueueForDispatch(peer);
    return Handled.ABORT;
  }
  if (remoteId >= NO_PEER || inSession > 3 || outSession > 3) {
    host.drop(DropReason.BAD_CONNECT, peer);
    return Handled.ABORT;
  }
  removeConnect(host, peer);
  peer.channelCount = Math.min(peer.channelCount, channelCount);
  peer.remoteId = remoteId;
  peer.inSession = inSession;
  peer.outSession = outSession;
  peer.mtu = Math.min(peer.mtu, Math.min(Math.max(reader.u32(8), MIN_MTU), MAX_MTU));
  peer.windowSize = Math.min(peer.windowSize, clampWindow(reader.u32(12)));
  host.setRemoteInBandwidth(peer, reader.u32(20));
  peer.remoteOutBandwidth = reader.u32(24);
  reader.event = notifyConnect(host, peer);
  return Handled.CONTINUE;
}

/** enet-protocol 7.4. */
export function handleDisconnect(
  host: HostRecord,
  peer: PeerRecord,
  reader: Reader,
  hasSentTime: boolean,
): Handled {
  const { state } = peer;
  if (
    state === PeerState.DISCONNECTED ||
    state === PeerState.ZOMBIE ||
    state === PeerState.ACKNOWLEDGING_DISCONNECT
  ) {
    return Handled.CONTINUE;
  }
  if (state === PeerState.CONNECTED) peer.resetTraffic();
  else peer.resetQueues();
  switch (state) {
    case PeerState.CONNECTION_PENDING:
      host.isRecalculating = true;
      host.reset(peer);
      return Handled.CONTINUE;
    case PeerState.ACKNOWLEDGING_CONNECT:
      host.reset(peer);
      return Handled.CONTINUE;
    case PeerState.CONNECTED:
    case PeerState.DISCONNECT_LATER: {
      // W2: without a sentTime it can never be acknowledged, and C would keep the slot for ever.
      const isAcknowledged = (reader.u8(0) & FLAG_ACKNOWLEDGE) !== 0 && hasSentTime;
      host.setState(peer, isAcknowledged ? PeerState.ACKNOWLEDGING_DISCONNECT : PeerState.ZOMBIE);
      break;
    }
    default:
      host.setState(peer, PeerState.ZOMBIE);
  }
  peer.eventData = reader.u32(4);
  // Both ends may leave at the same time.
  peer.endCause ??= DisconnectCause.GOODBYE;
  if (peer.state === PeerState.ZOMBIE) host.enqueueForDispatch(peer);
  return Handled.CONTINUE;
}

/** Duplicates, per-address limits, the application's hook, half-open limits and room (4.4 steps 2 and 3, W7 to W9). */
function isAdmitted(
  host: HostRecord,
  from: Address,
  connectId: number,
  data: number,
  receivedLength: number,
): boolean {
  let sameAddress = 0;
  let sameAddressHalfOpen = 0;
  for (const other of host.byLimitKey.get(limitKey(from.ip)) ?? []) {
    if (other.state === PeerState.CONNECTING) continue;
    const isSamePlace = other.address.ip === from.ip && other.address.port === from.port;
    // The end of the session before is not reported yet; until then nothing of the new one is.
    if (isSamePlace && other.address.session !== from.session) {
      host.drop(DropReason.DUPLICATE_CONNECT);
      return false;
    }
    if (isSamePlace && other.connectId === connectId) {
      other.unprovenBytesIn += receivedLength;
      host.drop(DropReason.DUPLICATE_CONNECT, other);
      return false;
    }
    sameAddress++;
    if (other.state === PeerState.ACKNOWLEDGING_CONNECT) sameAddressHalfOpen++;
  }
  if (sameAddress >= host.maxPeersPerAddress) {
    host.drop(DropReason.TOO_MANY_FROM_ADDRESS);
    return false;
  }
  if (sameAddressHalfOpen >= host.maxHalfOpenPerAddress) {
    host.drop(DropReason.TOO_MANY_HALF_OPEN);
    return false;
  }
  const verdict = host.currentVerdict ?? askHook(host, from, data, connectId);
  if (verdict !== true) {
    if (verdict === false) host.drop(DropReason.NOT_ADMITTED);
    return false;
  }
  const isHalfOpenFull = host.halfOpen.size >= host.maxHalfOpen;
  if (
    (isHalfOpenFull || host.free.next(0) < 0) &&
    !evictHalfOpen(host, sameAddressHalfOpen) &&
    isHalfOpenFull
  ) {
    host.drop(DropReason.TOO_MANY_HALF_OPEN);
    return false;
  }
  return true;
}

/** @returns the decision of the application; `undefined` when it comes later. */
function askHook(host: HostRecord, from: Address, data: number, connectId: number): boolean | undefined {
  const { admit } = host;
  return admit === undefined ? true : admit(from, data, { connectId, datagram: host.currentBytes });
}

/**
 * Frees the oldest unfinished handshake, if it is old enough. One of an address that has more than its share is old enough
 * earlier: a flood under one address may not keep the others out.
 *
 * @param sameAddressHalfOpen how many the newcomer's address has.
 */
function evictHalfOpen(host: HostRecord, sameAddressHalfOpen: number): boolean {
  for (const oldest of host.halfOpen) {
    const age = timeDifference(host.now, oldest.connectTime);
    if (age < host.halfOpenGraceMs / CROWD_GRACE_DIVISOR) return false;
    if (age < host.halfOpenGraceMs && countHalfOpen(host, oldest.limitKey) <= sameAddressHalfOpen + 1)
      return false;
    host.reset(oldest);
    return true;
  }
  return false;
}

/** How many unfinished handshakes an address has. */
function countHalfOpen(host: HostRecord, key: string): number {
  let count = 0;
  for (const other of host.byLimitKey.get(key) ?? [])
    if (other.state === PeerState.ACKNOWLEDGING_CONNECT) count++;
  return count;
}

/** enet-protocol 4.4 step 6, for one direction. */
function nextSession(announced: number, stored: number): number {
  const base = announced === FRESH_SESSION ? stored : announced;
  const next = (base + 1) & 3;
  return next === stored ? (next + 1) & 3 : next;
}

/** enet-protocol 4.4 step 9. */
function grantedWindow(bytesPerSec: number): number {
  return Math.floor(bytesPerSec / WINDOW_SIZE_SCALE) * MIN_WINDOW_SIZE;
}

/** enet-protocol 4.5 step 3: CONNECT needs no acknowledgement any more. */
function removeConnect(host: HostRecord, peer: PeerRecord): void {
  const command = peer.controlInFlight.get(1);
  if (command === undefined) return;
  peer.controlInFlight.delete(command);
  peer.outgoingBytes -= outgoingCharge(command);
  if (command.isInFlight) peer.sentReliable.remove(command);
  else peer.outgoing.remove(command);
  host.commands.release(command);
  const { head } = peer.sentReliable;
  if (head !== undefined) peer.nextTimeout = (head.sentTime + head.timeoutMs) >>> 0;
}
