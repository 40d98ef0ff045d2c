/** The way of packets to the server, with counters. */
import type { ReplicationLink, ReplicationPacket, ReplicationPeer } from './link.ts';

/** Sends packets on one channel. */
export class Outlet<P extends ReplicationPeer> {
  /** What was sent, see `ReplicationCounters`. */
  readonly counters = { packets: 0, unreliablePackets: 0, bytes: 0, refused: 0 };
  readonly #link: ReplicationLink<P>;
  readonly #channel: number;

  constructor(link: ReplicationLink<P>, channel: number) {
    this.#link = link;
    this.#channel = channel;
  }

  /** Queues a packet for a peer. @returns Whether the server took it. */
  send(peer: P, packet: ReplicationPacket, isReliable: boolean): boolean {
    const { length } = packet.bytes;
    if (length === 0) {
      // What is nested too deep has no packet, in the engine neither: it is told, and left out.
      this.#link.report(
        new RangeError('a node holds a value that is nested too deep to be sent'),
        'replication',
      );
      return true;
    }
    if (!this.#link.send(peer, packet, this.#channel)) {
      this.counters.refused++;
      return false;
    }
    this.counters.packets++;
    this.counters.bytes += length;
    if (!isReliable) this.counters.unreliablePackets++;
    return true;
  }

  /** Whether a peer has more than so many bytes waiting. */
  isBehind(peer: P, bytes: number): boolean {
    return this.#link.queuedBytes(peer) >= bytes;
  }
}
