/** How connections begin and end. enet-protocol 4.3, 4.6, 5.9 (giving up), 7 and 8.4. */

import { type Address, isSameAddress } from './address.ts';
import { limitKey } from './addressRules.ts';
import { DisconnectCause } from './disconnectCause.ts';
import {
  Command,
  FLAG_ACKNOWLEDGE,
  FLAG_UNSEQUENCED,
  MAX_CHANNELS,
  MAX_WINDOW_SIZE,
  MIN_WINDOW_SIZE,
  PeerState,
  WINDOW_SIZE_SCALE,
} from './protocol.ts';
import { queueControl } from './send/queueing.ts';
import { EventType, HostEvent } from './state/hostEvent.ts';
import type { HostRecord } from './state/hostRecord.ts';
import { PACKET_HELD_BYTES } from './state/memoryBudget.ts';
import { ENTRY_OVERHEAD_BYTES, type PeerRecord } from './state/peerRecord.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** enet-protocol 4.3: takes a slot and queues CONNECT. @returns `undefined` when no slot is free. */
export function connect(
  host: HostRecord,
  address: Address,
  channelCount: number,
  data: number,
): PeerRecord | undefined {
  const slot = host.free.next(0);
  if (slot < 0) return undefined;
  const peer = host.occupy(slot, address);
  peer.channelCount = Math.min(Math.max(channelCount, 1), MAX_CHANNELS);
  peer.connectId = host.random32() >>> 0;
  peer.windowSize = windowForBandwidth(host.outBandwidth);
  host.setState(peer, PeerState.CONNECTING);
  queueControl(
    host,
    peer,
    Command.CONNECT | FLAG_ACKNOWLEDGE,
    connectBody(host, peer, peer.inSession, peer.outSession, peer.windowSize, peer.channelCount, data),
  );
  return peer;
}

/** The 44 bytes after the header of CONNECT, or the 40 of VERIFY_CONNECT when there is no `data`. */
export function connectBody(
  host: HostRecord,
  peer: PeerRecord,
  inSession: number,
  outSession: number,
  windowSize: number,
  channelCount: number,
  data: number | undefined,
): Uint8Array {
  const body = new Uint8Array(data === undefined ? 40 : 44);
  const view = new DataView(body.buffer);
  view.setUint16(0, peer.slot);
  body[2] = inSession;
  body[3] = outSession;
  view.setUint32(4, peer.mtu);
  view.setUint32(8, windowSize);
  view.setUint32(12, channelCount);
  view.setUint32(16, host.inBandwidth);
  view.setUint32(20, host.outBandwidth);
  view.setUint32(24, peer.throttleIntervalMs);
  view.setUint32(28, peer.throttleAcceleration);
  view.setUint32(32, peer.throttleDeceleration);
  view.setUint32(36, peer.connectId);
  if (data !== undefined) view.setUint32(40, data >>> 0);
  return body;
}

/** enet-protocol 4.3 step 4: `win(b)`; bandwidth 0 is unlimited. */
export function windowForBandwidth(bytesPerSec: number): number {
  if (bytesPerSec === 0) return MAX_WINDOW_SIZE;
  return clampWindow(Math.floor(bytesPerSec / WINDOW_SIZE_SCALE) * MIN_WINDOW_SIZE);
}

/** The window towards a remote: the smaller of both bandwidths counts, 0 is unlimited. */
export function windowForBandwidths(ownOut: number, remoteIn: number): number {
  if (ownOut === 0) return windowForBandwidth(remoteIn);
  return windowForBandwidth(remoteIn === 0 ? ownOut : Math.min(ownOut, remoteIn));
}

/** A window size within the protocol's limits. */
export function clampWindow(bytes: number): number {
  return Math.min(Math.max(bytes, MIN_WINDOW_SIZE), MAX_WINDOW_SIZE);
}

/** enet-protocol 4.6: the handshake is complete. @returns the CONNECT event. */
export function notifyConnect(host: HostRecord, peer: PeerRecord): HostEvent {
  host.isRecalculating = true;
  const data = peer.state === PeerState.CONNECTING ? 0 : peer.eventData;
  host.setState(peer, PeerState.CONNECTED);
  peer.eventData = 0;
  // The first ping is due at once (5.8), and it must go out even if nothing else happens.
  host.pending.add(peer.slot);
  return new HostEvent(EventType.CONNECT, peer.face, data, 0, NO_BYTES, 0);
}

/** enet-protocol 5.9, "disconnect notification". @returns the event, when there is one to report. */
export function giveUp(host: HostRecord, peer: PeerRecord): HostEvent | undefined {
  if (peer.state >= PeerState.CONNECTION_PENDING) host.isRecalculating = true;
  const isSilent =
    peer.state === PeerState.DISCONNECTED ||
    peer.state === PeerState.ACKNOWLEDGING_CONNECT ||
    peer.state === PeerState.CONNECTION_PENDING;
  const cause = peer.endCause ?? causeOfSilence(peer.state);
  host.reset(peer);
  return isSilent ? undefined : new HostEvent(EventType.DISCONNECT, peer.face, 0, 0, NO_BYTES, 0, cause);
}

/** Why a peer is given up that nobody has ended. */
function causeOfSilence(state: PeerState): DisconnectCause {
  if (state === PeerState.CONNECTING) return DisconnectCause.NO_ANSWER;
  return state === PeerState.DISCONNECT_LATER ? DisconnectCause.LOCAL : DisconnectCause.TIMEOUT;
}

/** The session of an encrypting transport is over: its peers end, those with an event after the packets that wait. */
export function endSession(host: HostRecord, address: Address): void {
  const peers =
    host.byLimitKey.get(limitKey(address.ip))?.filter((peer) => isSameAddress(peer.address, address)) ?? [];
  for (const peer of peers) endWithSession(host, peer);
}

function endWithSession(host: HostRecord, peer: PeerRecord): void {
  switch (peer.state) {
    case PeerState.ZOMBIE:
      return;
    case PeerState.ACKNOWLEDGING_CONNECT:
    case PeerState.CONNECTION_PENDING:
      host.isRecalculating = true;
      host.reset(peer);
      return;
    case PeerState.ACKNOWLEDGING_DISCONNECT:
      // Its reason is known.
      peer.resetTraffic();
      break;
    case PeerState.CONNECTED:
      peer.resetTraffic();
      peer.eventData = 0;
      break;
    default:
      peer.resetQueues();
      peer.eventData = 0;
  }
  peer.endCause ??= DisconnectCause.DTLS;
  host.setState(peer, PeerState.ZOMBIE);
  host.enqueueForDispatch(peer);
}

/** enet-protocol 7.3. @returns whether the caller must flush and then reset the peer. */
export function disconnect(host: HostRecord, peer: PeerRecord, data: number): boolean {
  switch (peer.state) {
    case PeerState.DISCONNECTED:
    case PeerState.DISCONNECTING:
    case PeerState.ACKNOWLEDGING_DISCONNECT:
    case PeerState.ZOMBIE:
      return false;
    default:
  }
  const isConnected = peer.isConnected;
  peer.resetQueues();
  queueControl(
    host,
    peer,
    Command.DISCONNECT | (isConnected ? FLAG_ACKNOWLEDGE : FLAG_UNSEQUENCED),
    disconnectBody(data),
  );
  peer.endCause = DisconnectCause.LOCAL;
  if (isConnected) host.setState(peer, PeerState.DISCONNECTING);
  return !isConnected;
}

/** enet-protocol 7.3, `disconnectNow`. @returns whether the caller must flush before it resets the peer. */
export function queueImmediateDisconnect(host: HostRecord, peer: PeerRecord, data: number): boolean {
  if (peer.state === PeerState.ZOMBIE || peer.state === PeerState.DISCONNECTING) return false;
  peer.resetQueues();
  queueControl(host, peer, Command.DISCONNECT | FLAG_UNSEQUENCED, disconnectBody(data));
  return true;
}

/** enet-protocol 7.3, `disconnectLater`. @returns as {@link disconnect}. */
export function disconnectLater(host: HostRecord, peer: PeerRecord, data: number): boolean {
  if (!peer.isConnected || peer.hasNothingToSend) return disconnect(host, peer, data);
  host.setState(peer, PeerState.DISCONNECT_LATER);
  peer.eventData = data >>> 0;
  return false;
}

/** The second half of `disconnectLater`: everything was acknowledged. */
export function disconnectWhenDone(host: HostRecord, peer: PeerRecord): void {
  if (peer.state === PeerState.DISCONNECT_LATER && peer.hasNothingToSend)
    disconnect(host, peer, peer.eventData);
}

/** enet-protocol 8.4: one event from the dispatch queue. */
export function dispatchOne(host: HostRecord): HostEvent | undefined {
  for (let peer = host.dispatchQueue.shift(); peer !== undefined; peer = host.dispatchQueue.shift()) {
    peer.isInDispatchQueue = false;
    if (mayDispatch(peer.state)) {
      const event = peer.dispatched.shift();
      if (event !== undefined) {
        const charge = event.bytes.length + ENTRY_OVERHEAD_BYTES;
        peer.waitingBytes -= charge;
        peer.dispatchedBytes -= charge;
        host.memory.release(peer, event.bytes.length + PACKET_HELD_BYTES);
        if (peer.dispatched.length > 0 || peer.state === PeerState.ZOMBIE) host.enqueueForDispatch(peer);
        return event;
      }
    }
    if (peer.state === PeerState.ZOMBIE) return buryZombie(host, peer);
  }
  return undefined;
}

/** The end of a peer that has no packets left, from the dispatch queue; everything else stays in it. */
export function dispatchEnd(host: HostRecord): HostEvent | undefined {
  for (let left = host.dispatchQueue.length; left > 0; left--) {
    const peer = host.dispatchQueue.shift();
    if (peer === undefined) return undefined;
    if (peer.state === PeerState.ZOMBIE && peer.dispatched.length === 0) {
      peer.isInDispatchQueue = false;
      return buryZombie(host, peer);
    }
    host.dispatchQueue.push(peer);
  }
  return undefined;
}

function buryZombie(host: HostRecord, peer: PeerRecord): HostEvent {
  host.isRecalculating = true;
  const data = peer.eventData;
  const cause = peer.endCause;
  host.reset(peer);
  return new HostEvent(EventType.DISCONNECT, peer.face, data, 0, NO_BYTES, 0, cause);
}

/**
 * Packets that were complete before the remote's DISCONNECT are handed out before its event. (C drops them, 7.4; the
 * remote cannot tell the difference.)
 */
function mayDispatch(state: PeerState): boolean {
  return (
    state === PeerState.CONNECTED ||
    state === PeerState.ACKNOWLEDGING_DISCONNECT ||
    state === PeerState.ZOMBIE
  );
}

function disconnectBody(data: number): Uint8Array {
  const body = new Uint8Array(4);
  new DataView(body.buffer).setUint32(0, data >>> 0);
  return body;
}
