/** One connection of a host in the application's own thread: an ENetPacketPeer. */
import type { DisconnectCause, Packet } from '../../enet/index.ts';
import type { ENetPacketPeer, PeerState } from '../../godot/index.ts';
import { peerAccess } from '../../godot/internal.ts';
import type { PeerLink } from './link.ts';

/** See the head of this file. */
export class InlinePeer implements PeerLink {
  readonly #peer: ENetPacketPeer;
  readonly #known: Map<ENetPacketPeer, InlinePeer> | undefined;

  /** @param known where the peer is noted until it ends on this side, which gives no event. */
  constructor(peer: ENetPacketPeer, known?: Map<ENetPacketPeer, InlinePeer>) {
    this.#peer = peer;
    this.#known = known;
    known?.set(peer, this);
  }

  get disconnectCause(): DisconnectCause | undefined {
    return this.#peer.disconnectCause;
  }

  get outgoingBytes(): number {
    return peerAccess.outgoingBytes(this.#peer);
  }

  get waitingBytes(): number {
    return peerAccess.waitingBytes(this.#peer);
  }

  get dtlsSuite(): string | undefined {
    return peerAccess.dtlsSuite(this.#peer);
  }

  isActive(): boolean {
    return this.#peer.isActive();
  }

  getState(): PeerState {
    return this.#peer.getState();
  }

  getChannels(): number {
    return this.#peer.getChannels();
  }

  getRemoteAddress(): string {
    return this.#peer.getRemoteAddress();
  }

  getRemotePort(): number {
    return this.#peer.getRemotePort();
  }

  getStatistic(statistic: number): number {
    return this.#peer.getStatistic(statistic);
  }

  getPacketFlags(): number {
    return this.#peer.getPacketFlags();
  }

  getPacket(): Uint8Array {
    return this.#peer.getPacket();
  }

  sendShared(channel: number, packet: Packet): boolean {
    return peerAccess.sendShared(this.#peer, channel, packet);
  }

  peerDisconnectNow(data: number): void {
    this.#peer.peerDisconnectNow(data);
    this.#known?.delete(this.#peer);
  }

  peerDisconnectLater(data: number): void {
    this.#peer.peerDisconnectLater(data);
  }

  loginDone(): void {
    peerAccess.liftReceiveLimits(this.#peer);
  }

  /** There is nobody but this thread. */
  watchLogin(): boolean {
    return false;
  }
}
