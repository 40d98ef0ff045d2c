/** What replication needs of a server, as interfaces: peers, packets, a clock and timers. An `ENetServer` has them. */
import type { PacketEncodeOptions } from '../../codec/index.ts';

/** A peer that gets states: an `ENetServerPeer`, or what another server has instead. */
export interface ReplicationPeer {
  /** Its number, for messages. Peers are told apart by identity, not by it. */
  readonly peerId: number;
}

/** A packet that can be given to any number of peers. Its bytes do not change any more. */
export interface ReplicationPacket {
  /** What travels. */
  readonly bytes: Uint8Array;
}

/** A timer that can be called off. */
export interface ReplicationTimer {
  /** Calls the timer off. Harmless when it has fired. */
  cancel(): void;
}

/** The connection between a replicated mirror and the network. */
export interface ReplicationLink<P extends ReplicationPeer = ReplicationPeer> {
  /** How packets are encoded. */
  readonly encode: PacketEncodeOptions | undefined;
  /** Milliseconds of a clock that may wrap at 2^32. */
  now(): number;
  /** Calls a function once after some milliseconds. */
  startTimer(delayMs: number, callback: () => void): ReplicationTimer;
  /** The peers that get states now: those that are authenticated. */
  peers(): Iterable<P>;
  /**
   * Makes a packet of bytes.
   *
   * Packets of both kinds must arrive in order on a channel, where unreliable ones may be missing: one that comes late is
   * dropped. (ENet's sequenced packets; unsequenced ones would let an old place win over a newer one.)
   */
  createPacket(bytes: Uint8Array, isReliable: boolean): ReplicationPacket;
  /** Queues a packet for a peer. @returns Whether it was taken. */
  send(peer: P, packet: ReplicationPacket, channel: number): boolean;
  /** How many bytes wait to be sent to a peer or to be acknowledged by it. */
  queuedBytes(peer: P): number;
  /** Takes what the application's functions threw. Never throws. */
  report(error: unknown, where: string): void;
}

/** A server that a mirror can be replicated to, e.g. an `ENetServer`. */
export interface ReplicationServer<P extends ReplicationPeer = ReplicationPeer> {
  /** The connection for {@link SceneMirror.replicate}. */
  replicationLink(): ReplicationLink<P>;
}
