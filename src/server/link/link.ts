/**
 * What a server needs of the network, wherever that runs: in this thread, or in one of its own.
 * docs/decisions/0004-network-thread.md.
 */
import type { Packet } from '../../enet/index.ts';
import { type ENetConnection, type ENetPacketPeer, peerAccess } from '../../godot/internal.ts';
import { type RemoteConnection, RemotePeer } from './remoteConnection.ts';

/** The connections of a server. */
export type ServerLink = ENetConnection | RemoteConnection;

/** One connection of a server. */
export type PeerLink = ENetPacketPeer | RemotePeer;

/** Queues a packet whose bytes nobody changes any more. @returns `false` when it is refused. */
export function sendOverLink(peer: PeerLink, channel: number, packet: Packet): boolean {
  return peer instanceof RemotePeer
    ? peer.sendShared(channel, packet)
    : peerAccess.sendShared(peer, channel, packet);
}

/** How many bytes wait to be sent to a peer or to be acknowledged by it. */
export function outgoingBytesOf(peer: PeerLink): number {
  return peer instanceof RemotePeer ? peer.outgoingBytes : peerAccess.outgoingBytes(peer);
}

/** How many received bytes the host holds back for a peer. */
export function waitingBytesOf(peer: PeerLink): number {
  return peer instanceof RemotePeer ? peer.waitingBytes : peerAccess.waitingBytes(peer);
}

/** The peer has logged in: the limits for strangers no longer count. */
export function liftLoginLimits(peer: PeerLink): void {
  if (peer instanceof RemotePeer) peer.loginDone();
  else peerAccess.liftReceiveLimits(peer);
}

/**
 * Lets the network watch the time of a login, where it can do so while this thread is busy.
 *
 * @returns `false` when it cannot.
 */
export function watchLogin(peer: PeerLink, timeoutMs: number, onTimeout: () => void): boolean {
  if (!(peer instanceof RemotePeer)) return false;
  peer.expectLogin(timeoutMs, onTimeout);
  return true;
}
