/** The public face of a peer. enet-protocol 0.3, 5, 7 and 8.7. */

import type { Address } from '../address.ts';
import type { Packet } from '../packet.ts';
import {
  DEFAULT_PING_INTERVAL_MS,
  DEFAULT_TIMEOUT_LIMIT,
  DEFAULT_TIMEOUT_MAXIMUM_MS,
  DEFAULT_TIMEOUT_MINIMUM_MS,
  type PeerState,
} from '../protocol.ts';
import { TIME_HORIZON_MS } from '../sequence.ts';
import type { PeerRecord } from './peerRecord.ts';

/** What a peer has its host do; the parameters are those of the methods of {@link Peer}. The host knows how. */
export interface PeerActs {
  /** The largest part of a packet that fits into one datagram, in bytes. */
  fragmentBytes(peer: PeerRecord): number;
  send(peer: PeerRecord, channel: number, packet: Packet): boolean;
  disconnect(peer: PeerRecord, data: number, now: number): void;
  disconnectLater(peer: PeerRecord, data: number, now: number): void;
  disconnectNow(peer: PeerRecord, data: number, now: number): void;
  reset(peer: PeerRecord): void;
  ping(peer: PeerRecord): void;
  throttleConfigure(peer: PeerRecord, intervalMs: number, acceleration: number, deceleration: number): void;
  /** The times of the peer have changed: it is looked at with the next service. */
  wake(peer: PeerRecord): void;
}

/**
 * One slot of a host and the connection in it. The object stays when the connection ends and serves the next one;
 * {@link Peer.generation} tells connections apart.
 *
 * Methods that change something only queue. The bytes leave the outbox of the host, so drain it afterwards.
 */
export class Peer {
  readonly #record: PeerRecord;
  readonly #acts: PeerActs;
  /** Free for the layer above. The host never looks at it and never clears it. */
  data: unknown = undefined;

  /** @internal */
  constructor(record: PeerRecord, acts: PeerActs) {
    this.#record = record;
    this.#acts = acts;
  }

  /** The index in the host's peer table, 0..4094. */
  get slot(): number {
    return this.#record.slot;
  }
  /** Grows by one with each connection that uses this slot; 0 before the first. */
  get generation(): number {
    return this.#record.generation;
  }
  /** The state, one of {@link PeerState}. */
  get state(): PeerState {
    return this.#record.state;
  }
  /** The remote address; the last one while the slot is free. */
  get address(): Address {
    return this.#record.address;
  }
  /** Negotiated number of channels, 0..255; 0 while the slot is free or disconnecting. */
  get channelCount(): number {
    return this.#record.channelCount;
  }
  /** Negotiated MTU in bytes, 576..4096. */
  get mtuBytes(): number {
    return this.#record.mtu;
  }
  /** The MTU that the remote named in its CONNECT, in bytes, any u32; 0 when this side connected. It tells ENet's builds apart. */
  get connectMtuBytes(): number {
    return this.#record.connectMtu;
  }
  /** Smoothed round-trip time in milliseconds; 500 before the first measurement. */
  get rttMs(): number {
    return this.#record.rtt;
  }
  /** Smoothed deviation of the round-trip time in milliseconds. */
  get rttVarianceMs(): number {
    return this.#record.rttVariance;
  }
  /** Lowest smoothed round-trip time of the last throttle interval, in milliseconds. */
  get lastRttMs(): number {
    return this.#record.lastRtt;
  }
  /** Highest deviation of the last throttle interval, in milliseconds. */
  get lastRttVarianceMs(): number {
    return this.#record.lastRttVariance;
  }
  /** Smoothed loss of reliable commands, as a fraction of 65536. */
  get packetLoss(): number {
    return this.#record.packetLoss;
  }
  /** Deviation of {@link Peer.packetLoss}. */
  get packetLossVariance(): number {
    return this.#record.packetLossVariance;
  }
  /** Host time of the last loss measurement, in milliseconds; 0 before the first datagram. */
  get packetLossEpoch(): number {
    return this.#record.lossEpoch;
  }
  /** Share of unreliable packets that are sent, 0..32. */
  get throttle(): number {
    return this.#record.throttle;
  }
  /** Upper bound of {@link Peer.throttle} that the bandwidths allow. */
  get throttleLimit(): number {
    return this.#record.throttleLimit;
  }
  /** Running counter, 0..31, that decides which unreliable packets are dropped. */
  get throttleCounter(): number {
    return this.#record.throttleCounter;
  }
  /** Host time at which the throttle interval began, in milliseconds. */
  get throttleEpoch(): number {
    return this.#record.throttleEpoch;
  }
  /** Step by which the throttle opens. */
  get throttleAcceleration(): number {
    return this.#record.throttleAcceleration;
  }
  /** Step by which the throttle closes. */
  get throttleDeceleration(): number {
    return this.#record.throttleDeceleration;
  }
  /** Length of the throttle interval in milliseconds. */
  get throttleIntervalMs(): number {
    return this.#record.throttleIntervalMs;
  }
  /** Payload bytes that were sent reliably and are not acknowledged. */
  get reliableBytesInTransit(): number {
    return this.#record.reliableInTransit;
  }
  /** Limit of {@link Peer.reliableBytesInTransit}, in bytes, before the throttle scales it. */
  get windowSizeBytes(): number {
    return this.#record.windowSize;
  }
  /** Bytes that wait to be sent or acknowledged, with 64 bytes of overhead per command. */
  get outgoingBytes(): number {
    return this.#record.outgoingBytes;
  }
  /** The largest part of a packet that fits into one datagram, in bytes. */
  get fragmentBytes(): number {
    return this.#acts.fragmentBytes(this.#record);
  }
  /** Received bytes that wait for the application or for missing packets, with 64 bytes of overhead per packet. */
  get waitingBytes(): number {
    return this.#record.waitingBytes;
  }
  /** The memory that received data of this peer holds, in bytes (`maxHeldBytes` of the host). */
  get heldBytes(): number {
    return this.#record.heldBytes;
  }
  /** Incoming bandwidth that the remote announced, in bytes per second; 0 = unlimited. */
  get remoteIncomingBandwidth(): number {
    return this.#record.remoteInBandwidth;
  }
  /** Outgoing bandwidth that the remote announced, in bytes per second; 0 = unlimited. */
  get remoteOutgoingBandwidth(): number {
    return this.#record.remoteOutBandwidth;
  }

  /**
   * Charges a packet that was taken with its event and is not used up yet to the limits of received data. Who lets packets pile
   * up then slows their sender down, as if they had left the events in the host.
   *
   * @param length its payload, in bytes.
   */
  keepPacket(length: number): void {
    this.#record.keep(1, length);
  }

  /** Takes the charge of {@link Peer.keepPacket} back. With the end of the connection it has gone already. */
  releasePacket(length: number): void {
    if (this.#record.keptPackets > 0) this.#record.keep(-1, -length);
  }

  /** Ends the initial limits of this connection (`initialMaxPacketSizeBytes`, `initialMaxWaitingBytes`). */
  liftReceiveLimits(): void {
    this.#record.liftReceiveLimits();
  }

  /**
   * Queues a packet. enet-protocol 5.1.
   *
   * @param channel 0 to {@link Peer.channelCount} - 1.
   * @returns `false`, with nothing queued, unless the peer is CONNECTED, the channel exists, and the packet is
   * within the limits of the host (largest packet, outgoing bytes, 24,576 reliable fragments).
   */
  send(channel: number, packet: Packet): boolean {
    return this.#acts.send(this.#record, channel, packet);
  }

  /**
   * Begins to disconnect: drops everything queued and tells the remote. A connected peer's host reports DISCONNECT
   * once that is acknowledged or has timed out; an unfinished handshake ends at once, without an event.
   *
   * @param data u32 for the remote's DISCONNECT event.
   * @param now host time in milliseconds.
   */
  disconnect(data: number, now: number): void {
    this.#acts.disconnect(this.#record, data, now);
  }

  /**
   * Disconnects after everything queued was sent and acknowledged. Until then nothing can be sent and nothing that
   * arrives is delivered. With nothing queued it is {@link Peer.disconnect}.
   *
   * @param data u32 for the remote's DISCONNECT event.
   * @param now host time in milliseconds.
   */
  disconnectLater(data: number, now: number): void {
    this.#acts.disconnectLater(this.#record, data, now);
  }

  /**
   * Tells the remote once, unreliably, and frees the slot at once. There is no event.
   *
   * @param data u32 for the remote's DISCONNECT event.
   * @param now host time in milliseconds.
   */
  disconnectNow(data: number, now: number): void {
    this.#acts.disconnectNow(this.#record, data, now);
  }

  /** Frees the slot without telling anybody. There is no event. */
  reset(): void {
    this.#acts.reset(this.#record);
  }

  /** Queues a PING, if the peer is CONNECTED. */
  ping(): void {
    this.#acts.ping(this.#record);
  }

  /**
   * Sets after how many milliseconds without an acknowledgement a PING is sent. Lost with the connection.
   *
   * @param intervalMs 0 = 500; more than 24 hours count as 24 hours.
   */
  setPingInterval(intervalMs: number): void {
    const record = this.#record;
    // Times further apart cannot be compared (0.4).
    record.pingIntervalMs =
      intervalMs === 0 ? DEFAULT_PING_INTERVAL_MS : Math.min(intervalMs, TIME_HORIZON_MS);
    this.#acts.wake(record);
  }

  /**
   * Sets the rule for giving the peer up (enet-protocol 5.9). Lost with the connection.
   *
   * @param limit give up when 2^(attempts - 1) reaches it and `minimumMs` has passed; 0 = 32.
   * @param minimumMs milliseconds without an acknowledgement before the limit counts; 0 = 5000.
   * @param maximumMs milliseconds after which the peer is given up in any case; 0 = 30000.
   */
  setTimeout(limit: number, minimumMs: number, maximumMs: number): void {
    const record = this.#record;
    record.timeoutLimit = limit === 0 ? DEFAULT_TIMEOUT_LIMIT : limit;
    record.timeoutMinimumMs = minimumMs === 0 ? DEFAULT_TIMEOUT_MINIMUM_MS : minimumMs;
    record.timeoutMaximumMs = maximumMs === 0 ? DEFAULT_TIMEOUT_MAXIMUM_MS : maximumMs;
  }

  /**
   * Sets the throttle's parameters, here and (by THROTTLE_CONFIGURE) at the remote.
   *
   * @param intervalMs length of the interval over which round-trip times are compared, 1 or more.
   * @param acceleration step by which the throttle opens, 0..32.
   * @param deceleration step by which it closes, 0..32.
   */
  throttleConfigure(intervalMs: number, acceleration: number, deceleration: number): void {
    this.#acts.throttleConfigure(this.#record, intervalMs, acceleration, deceleration);
  }
}
