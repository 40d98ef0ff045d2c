/** The public face of the ENet core. enet-protocol 0.3 and 8. */

import { type Address, type Datagram, isSameAddress } from './address.ts';
import { limitKey } from './addressRules.ts';
import type { Compressor } from './compressor.ts';
import { connect, dispatchEnd, dispatchOne } from './connection.ts';
import type { DropReason } from './dropReason.ts';
import { checkHostOptions, type HostOptions } from './hostOptions.ts';
import type { Packet } from './packet.ts';
import { PeerActions } from './peerActions.ts';
import { BANDWIDTH_INTERVAL_MS, PeerState } from './protocol.ts';
import { receiveBatch } from './receive/receiving.ts';
import { queuePacket } from './send/queueing.ts';
import { sendAll } from './send/sending.ts';
import { timeDifference } from './sequence.ts';
import type { VerifyTime } from './state/handshakeProof.ts';
import type { HostEvent } from './state/hostEvent.ts';
import { clampChannelLimit, HostRecord } from './state/hostRecord.ts';
import { Peer } from './state/peer.ts';
import type { PeerRecord } from './state/peerRecord.ts';
import { bandwidthDeadline, throttleBandwidth } from './throttle.ts';
import type { HostTrace } from './trace.ts';

/** Counters of a host; each is a u32 that wraps. enet-protocol 8.5. */
export interface HostStatistics {
  /** UDP payload bytes that were put into the outbox. */
  readonly totalSentData: number;
  /** Datagrams that were put into the outbox. */
  readonly totalSentPackets: number;
  /** UDP payload bytes that were received, also of datagrams that were then dropped. */
  readonly totalReceivedData: number;
  /** Datagrams that were received, also those that were then dropped. */
  readonly totalReceivedPackets: number;
  /**
   * Reliable packets and fragments that had been received before: their sender waited for the acknowledgement longer than
   * rtt + 4 x variance, on a loopback a few milliseconds, or it was lost. They are acknowledged again and are no drops.
   */
  readonly totalRepeats: number;
  /** Acknowledgements of what was acknowledged before, or given up at a disconnect: the answers to repeats. No drops either. */
  readonly totalLateAcknowledgements: number;
}

/** Those of a host that has not begun. */
export const NO_STATISTICS: HostStatistics = {
  totalSentData: 0,
  totalSentPackets: 0,
  totalReceivedData: 0,
  totalReceivedPackets: 0,
  totalRepeats: 0,
  totalLateAcknowledgements: 0,
};

/**
 * An ENet host without I/O: a state machine for up to 4095 peers. Datagrams and the time go in, events, datagrams
 * and "wake me at" come out.
 *
 * ```ts
 * host.receive(bytes, from);
 * for (let event = host.service(now); event !== undefined; event = host.service(now)) handle(event);
 * for (const datagram of host.drainOutbox()) socket.send(datagram.bytes, datagram.to);
 * const sleepMs = host.nextWakeup(now);
 * ```
 *
 * Nothing that a remote sends makes a method throw. Bad input is dropped, counted in {@link Host.dropCount} and
 * told to the trace.
 */
export class Host {
  /**
   * Whether {@link Host.service} leaves packets where they are, and with them the end of a peer whose packets wait, for a
   * caller that cannot take them now: acknowledgements, resends, pings, handshakes and all other ends go on meanwhile. What
   * waits is charged against `maxWaitingBytes` of its peer, so a remote that goes on sending is held back by ENet itself.
   * Default false.
   */
  isHolding = false;
  readonly #record: HostRecord;

  /** @throws RangeError for an option out of range, TypeError when `random32` is missing. */
  constructor(options: HostOptions) {
    checkHostOptions(options);
    this.#record = new HostRecord(options, (record) => new Peer(record, actions));
    const actions = new PeerActions(this.#record);
  }

  /** Number of slots. */
  get peerCount(): number {
    return this.#record.peerCount;
  }
  /** Number of peers in the states CONNECTED and DISCONNECT_LATER. */
  get connectedPeerCount(): number {
    return this.#record.connectedPeers;
  }
  /** Most channels granted to a connecting peer, 1..255. */
  get channelLimit(): number {
    return this.#record.channelLimit;
  }
  /** Largest datagram in bytes before negotiation, 576..4096. */
  get mtuBytes(): number {
    return this.#record.mtu;
  }
  /** The counters. */
  get statistics(): HostStatistics {
    const record = this.#record;
    return {
      totalSentData: record.totalSentData,
      totalSentPackets: record.totalSentPackets,
      totalReceivedData: record.totalReceivedData,
      totalReceivedPackets: record.totalReceivedPackets,
      totalRepeats: record.totalRepeats,
      totalLateAcknowledgements: record.totalLateAcknowledgements,
    };
  }
  /** The compressor of both directions. */
  get compressor(): Compressor | undefined {
    return this.#record.compressor;
  }
  /** The observer. */
  get trace(): HostTrace | undefined {
    return this.#record.trace;
  }
  /** Replaces the observer. */
  set trace(trace: HostTrace | undefined) {
    this.#record.trace = trace;
  }

  /** See {@link HostOptions.verifyTime}; `undefined`: random. */
  get verifyTime(): VerifyTime | undefined {
    return this.#record.proof.chosenTime;
  }
  /** Replaces that choice for what is sent from now on. */
  set verifyTime(choice: VerifyTime | undefined) {
    this.#record.proof.chosenTime = choice;
  }

  /** How often a datagram or command was dropped for a reason. */
  dropCount(reason: DropReason): number {
    return this.#record.dropCounts.get(reason) ?? 0;
  }

  /** How often anything was dropped: grows with every {@link Host.dropCount}. */
  get totalDrops(): number {
    return this.#record.totalDrops;
  }

  /** The memory that received data of all peers holds, in bytes, at most `maxHeldBytes`. */
  get heldBytes(): number {
    return this.#record.memory.heldBytes;
  }

  /** All reasons for which something was dropped, with their counts. A copy. */
  dropCounts(): Map<DropReason, number> {
    return new Map(this.#record.dropCounts);
  }

  /** Sets one of the counters back to 0 and returns what it was. */
  popStatistic(name: keyof HostStatistics): number {
    const value = this.#record[name];
    this.#record[name] = 0;
    return value;
  }

  /**
   * For a transport that encrypts: a datagram came that does not belong to it, e.g. plain ENet. The connection doctor
   * hears of it, nothing else happens.
   *
   * @param now host time in ms.
   * @param bytes the datagram; only read, and not kept.
   */
  receivedPlain(now: number, bytes: Uint8Array, from: Address): void {
    this.#record.doctor?.receivedPlain(now, bytes, from);
  }

  /**
   * For a transport that encrypts: a session has ended, and nothing more comes from its address or goes to it. When
   * {@link Host.service} has come to this point of the inbox, the peers there end: what they sent before is reported
   * first, then DISCONNECT with the data 0, and only then anything that came later.
   *
   * @param address with its session.
   */
  sessionEnded(address: Address): void {
    this.#record.inbox.push({ bytes: NO_BYTES, from: address, verdict: undefined });
  }

  /** For a transport that encrypts: whether an address may begin a handshake with it ({@link HostOptions.mayBegin}). */
  mayBegin(from: Address): boolean {
    return this.#record.mayBegin?.(from) !== false;
  }

  /** Whether one more CONNECT would find a slot: a free one, or that of an unfinished handshake, which may give way. */
  hasRoom(): boolean {
    return this.#record.free.next(0) >= 0 || this.#record.halfOpen.size > 0;
  }

  /** Whether a peer in any state but DISCONNECTED has this address, session included. */
  hasPeerAt(address: Address): boolean {
    const others = this.#record.byLimitKey.get(limitKey(address.ip));
    return others?.some((peer) => isSameAddress(peer.address, address)) ?? false;
  }

  /** The peers that are in use, in slot order: every state but DISCONNECTED. */
  *peers(): IterableIterator<Peer> {
    for (const record of this.#record.peers) {
      if (record !== undefined && record.state !== PeerState.DISCONNECTED) yield record.face;
    }
  }

  /**
   * Takes a slot and queues a CONNECT. enet-protocol 4.3. When nobody answers, {@link Host.service} reports
   * DISCONNECT after 31.5 seconds.
   *
   * @param channelCount wanted channels, clamped to 1..255.
   * @param data u32 for the remote's CONNECT event.
   * @returns the peer, or `undefined` when no slot is free.
   */
  connect(address: Address, channelCount: number, data: number): Peer | undefined {
    return connect(this.#record, address, channelCount, data)?.face;
  }

  /**
   * Puts a datagram into the inbox; nothing else happens before the next {@link Host.service}.
   *
   * @param bytes borrowed: they must not change until `service` has returned `undefined`.
   */
  receive(bytes: Uint8Array, from: Address): void {
    // An empty UDP datagram means nothing in ENet (8.2, W10).
    if (bytes.length > 0) this.#record.inbox.push({ bytes, from, verdict: undefined });
  }

  /**
   * Gives the decision that {@link HostOptions.admit} has put off. The next {@link Host.service} goes on with the
   * attempt as if it had just arrived, without counting, tracing or asking again.
   *
   * @param datagram what the hook was given, or that of a later repetition; borrowed as by {@link Host.receive}.
   * @param from where it came from.
   */
  decideConnect(datagram: Uint8Array, from: Address, isAdmitted: boolean): void {
    this.#record.inbox.push({ bytes: datagram, from, verdict: isAdmitted });
  }

  /**
   * Does everything that is due, in the order of enet-protocol 8.1, until there is an event to report: waiting
   * events, bandwidth, sending and timeouts, the inbox, sending again.
   *
   * @param now host time: a u32 of milliseconds that wraps and should start at 1000 or later.
   * @returns the next event. Call it again until it returns `undefined`: only then the inbox is empty.
   */
  service(now: number): HostEvent | undefined {
    const host = this.#record;
    host.now = now >>> 0;
    if (this.isHolding) return serviceHeld(host);
    let event = dispatchOne(host);
    if (event !== undefined) return event;
    if (timeDifference(host.now, host.bandwidthEpoch) >= BANDWIDTH_INTERVAL_MS) throttleBandwidth(host);
    do {
      event = sendAll(host, true) ?? receiveBatch(host) ?? sendAll(host, true) ?? dispatchOne(host);
    } while (event === undefined && host.inbox.length > 0);
    return event;
  }

  /**
   * The next waiting event, without sending or receiving anything. enet-protocol 8.4.
   *
   * @param now host time in milliseconds.
   */
  checkEvents(now: number): HostEvent | undefined {
    this.#record.now = now >>> 0;
    return dispatchOne(this.#record);
  }

  /**
   * Puts everything that may be sent into the outbox, without looking at timeouts. enet-protocol 8.5.
   *
   * @param now host time in milliseconds.
   */
  flush(now: number): void {
    this.#record.now = now >>> 0;
    sendAll(this.#record, false);
  }

  /** Takes all datagrams that wait to be sent. They belong to the caller. */
  drainOutbox(): Datagram[] {
    return this.#record.outbox.drain();
  }

  /**
   * How long the host can sleep when nothing arrives.
   *
   * @param now host time in milliseconds.
   * @returns milliseconds until {@link Host.service} has something to do: 0 = at once, `undefined` = never. While
   * {@link Host.isHolding}, waiting events are nothing to do.
   */
  nextWakeup(now: number): number | undefined {
    const host = this.#record;
    if (host.inbox.length > 0 || host.pending.next(0) >= 0) return 0;
    if (!this.isHolding && host.dispatchQueue.length > 0) return 0;
    const timers = host.deadlines.earliest;
    const bandwidth = bandwidthDeadline(host);
    if (timers === undefined && bandwidth === undefined) return undefined;
    const untilTimer = timers === undefined ? Number.POSITIVE_INFINITY : (timers - now) | 0;
    const untilBandwidth = bandwidth === undefined ? Number.POSITIVE_INFINITY : (bandwidth - now) | 0;
    return Math.max(0, Math.min(untilTimer, untilBandwidth));
  }

  /** Queues a packet to every peer in state CONNECTED that has the channel. The bytes are shared. */
  broadcast(channel: number, packet: Packet): void {
    const host = this.#record;
    for (const peer of host.peers) {
      if (peer !== undefined && peer.state === PeerState.CONNECTED) queuePacket(host, peer, channel, packet);
    }
  }

  /** Replaces the compressor of both directions from the next datagram on. */
  setCompressor(compressor: Compressor | undefined): void {
    this.#record.compressor = compressor;
  }

  /**
   * Sets the host's bandwidths in bytes per second, u32, 0 = unlimited. The remotes are told within a second of
   * {@link Host.service}.
   */
  setBandwidthLimit(incoming: number, outgoing: number): void {
    this.#record.inBandwidth = incoming >>> 0;
    this.#record.outBandwidth = outgoing >>> 0;
    this.#record.isRecalculating = true;
  }

  /** Sets the most channels granted to peers that connect later; 0 and everything above 255 stand for 255. */
  setChannelLimit(limit: number): void {
    this.#record.channelLimit = clampChannelLimit(limit);
  }

  /** The peer in a slot, also when it is free; `undefined` when the slot was never used. */
  peer(slot: number): Peer | undefined {
    const record: PeerRecord | undefined = this.#record.peers[slot];
    return record?.face;
  }
}

/** {@link Host.service} while {@link Host.isHolding}: nothing that waited before comes out, but for ends without packets. */
function serviceHeld(host: HostRecord): HostEvent | undefined {
  if (timeDifference(host.now, host.bandwidthEpoch) >= BANDWIDTH_INTERVAL_MS) throttleBandwidth(host);
  let event: HostEvent | undefined;
  do {
    event = sendAll(host, true) ?? receiveBatch(host) ?? sendAll(host, true);
  } while (event === undefined && host.inbox.length > 0);
  return event ?? dispatchEnd(host);
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
