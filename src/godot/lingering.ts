/** Connections that go on for a while although nobody polls them any more, so that what was sent before still arrives. */

import { checkInteger } from '../../options/internal.ts';
import type { Runtime } from '../runtime/index.ts';
import { ConnectionEventType, PeerState } from './constants.ts';
import { connectionAccess, type ENetConnection } from './ENetConnection.ts';
import { type ENetPacketPeer, peerAccess } from './ENetPacketPeer.ts';

/** @throws RangeError for a time that is none. */
export function checkLinger(lingerMs: number): number {
  return checkInteger('lingerMs', lingerMs, 0, MAX_TIMER_MS);
}

/**
 * Begins to say goodbye to a connected peer.
 *
 * @param waits whether what is queued goes first.
 * @param data goes with the goodbye.
 * @returns whether there is something to wait for.
 */
export function leave(peer: ENetPacketPeer, waits: boolean, data: number): boolean {
  const state = peer.getState();
  if (waits && state === PeerState.STATE_DISCONNECT_LATER) return true;
  if (waits && state === PeerState.STATE_CONNECTED && peerAccess.outgoingBytes(peer) > 0) {
    peer.peerDisconnectLater(data);
    return true;
  }
  peer.peerDisconnectNow(data);
  return false;
}

/** Runs a host until all its peers are gone, for so many milliseconds at most, and destroys it. */
export function lingerThenDestroy(host: ENetConnection, runtime: Runtime, lingerMs: number): void {
  const end = (): void => {
    timer.cancel();
    if (!connectionAccess.isActive(host)) return;
    for (const peer of host.getPeers()) if (peer.isActive()) peer.peerDisconnectNow(0);
    host.flush();
    host.destroy();
  };
  const timer = runtime.startTimer(lingerMs, end);
  connectionAccess.takeOver(host, () => {
    for (let count = 0; count < MAX_EVENTS_PER_WAKE; count++) {
      const [type, peer] = host.service();
      if (type === ConnectionEventType.EVENT_ERROR) return end();
      if (type === ConnectionEventType.EVENT_NONE) break;
      if (type === ConnectionEventType.EVENT_CONNECT) peer.peerDisconnectNow(0);
      if (type === ConnectionEventType.EVENT_RECEIVE) peer.getPacket();
    }
    if (!host.getPeers().some((peer) => peer.isActive())) end();
  });
}

/** Node counts in 31 bits. */
const MAX_TIMER_MS = 0x7fff_ffff;
/** A flood may not keep others waiting. */
const MAX_EVENTS_PER_WAKE = 4096;
