/** What the methods of a peer do to its host. enet-protocol 5.1, 5.8, 6.11 and 7.3. */

import { disconnect, disconnectLater, queueImmediateDisconnect } from './connection.ts';
import type { Packet } from './packet.ts';
import { Command, FLAG_ACKNOWLEDGE, PeerState } from './protocol.ts';
import { fragmentSize, queueControl, queuePacket } from './send/queueing.ts';
import { sendAll } from './send/sending.ts';
import type { HostRecord } from './state/hostRecord.ts';
import type { PeerActs } from './state/peer.ts';
import type { PeerRecord } from './state/peerRecord.ts';
import { clampThrottleInterval, clampThrottleStep } from './throttle.ts';

/** The acts of all peers of one host. */
export class PeerActions implements PeerActs {
  readonly #host: HostRecord;

  constructor(host: HostRecord) {
    this.#host = host;
  }

  fragmentBytes(peer: PeerRecord): number {
    return fragmentSize(this.#host, peer);
  }

  send(peer: PeerRecord, channel: number, packet: Packet): boolean {
    return queuePacket(this.#host, peer, channel, packet);
  }

  disconnect(peer: PeerRecord, data: number, now: number): void {
    if (disconnect(this.#host, peer, data)) this.#flushAndReset(peer, now);
  }

  disconnectLater(peer: PeerRecord, data: number, now: number): void {
    if (disconnectLater(this.#host, peer, data)) this.#flushAndReset(peer, now);
  }

  disconnectNow(peer: PeerRecord, data: number, now: number): void {
    if (peer.state === PeerState.DISCONNECTED) return;
    if (queueImmediateDisconnect(this.#host, peer, data)) this.#flushAndReset(peer, now);
    else this.#host.reset(peer);
  }

  reset(peer: PeerRecord): void {
    this.#host.reset(peer);
  }

  ping(peer: PeerRecord): void {
    if (peer.state === PeerState.CONNECTED) queueControl(this.#host, peer, Command.PING | FLAG_ACKNOWLEDGE);
  }

  throttleConfigure(peer: PeerRecord, intervalMs: number, acceleration: number, deceleration: number): void {
    const body = new Uint8Array(12);
    const view = new DataView(body.buffer);
    view.setUint32(0, intervalMs >>> 0);
    view.setUint32(4, acceleration >>> 0);
    view.setUint32(8, deceleration >>> 0);
    peer.throttleIntervalMs = clampThrottleInterval(intervalMs >>> 0);
    peer.throttleAcceleration = clampThrottleStep(acceleration >>> 0);
    peer.throttleDeceleration = clampThrottleStep(deceleration >>> 0);
    if (peer.state === PeerState.DISCONNECTED) return;
    queueControl(this.#host, peer, Command.THROTTLE_CONFIGURE | FLAG_ACKNOWLEDGE, body);
  }

  wake(peer: PeerRecord): void {
    this.#host.pending.add(peer.slot);
  }

  #flushAndReset(peer: PeerRecord, now: number): void {
    this.#host.now = now >>> 0;
    sendAll(this.#host, false);
    this.#host.reset(peer);
  }
}
