/** Everything a host knows of one peer. Internal; the public face is {@link Peer}. enet-protocol 0.3 and 7.6. */

import type { Address } from '../address.ts';
import type { DisconnectCause } from '../disconnectCause.ts';
import { Fifo } from '../fifo.ts';
import {
  CONTROL_CHANNEL,
  DEFAULT_PING_INTERVAL_MS,
  DEFAULT_ROUND_TRIP_MS,
  DEFAULT_THROTTLE_ACCELERATION,
  DEFAULT_THROTTLE_DECELERATION,
  DEFAULT_THROTTLE_INTERVAL_MS,
  DEFAULT_TIMEOUT_LIMIT,
  DEFAULT_TIMEOUT_MAXIMUM_MS,
  DEFAULT_TIMEOUT_MINIMUM_MS,
  MAX_WINDOW_SIZE,
  NO_PEER,
  PeerState,
  THROTTLE_SCALE,
  UNSEQUENCED_BLOCK,
} from '../protocol.ts';
import type { TokenBucket } from '../tokenBucket.ts';
import { AcknowledgeQueue } from './acknowledgeQueue.ts';
import { Channel } from './channel.ts';
import type { HostEvent } from './hostEvent.ts';
import { CHANNEL_HELD_BYTES, type MemoryBudget, PACKET_HELD_BYTES } from './memoryBudget.ts';
import { CommandQueue, InFlightTable, type OutgoingCommand } from './outgoing.ts';
import type { Peer } from './peer.ts';

const NOWHERE: Address = { ip: '', port: 0 };

/** What a record takes from its host. */
export interface PeerHome {
  /** Largest datagram in bytes before negotiation. */
  readonly mtu: number;
  /** Largest packet that is received, in bytes. */
  readonly maxPacketSize: number;
  /** Most received bytes that wait. */
  readonly maxWaitingBytes: number;
  /** What received data is charged to. */
  readonly memory: MemoryBudget;
}

/** The mutable state of one slot. */
export class PeerRecord {
  readonly #home: PeerHome;
  readonly slot: number;
  /** The public face; set by whoever creates the record. */
  face: Peer;
  /** Grows with each use of the slot. */
  generation = 0;
  /** Session numbers survive a reset. */
  inSession = 0xff;
  outSession = 0xff;

  state: PeerState = PeerState.DISCONNECTED;
  remoteId: number = NO_PEER;
  /** Four opaque bytes, held as the big-endian number they look like. */
  connectId = 0;
  address: Address = NOWHERE;
  /** What counts as one address for limits, of that address. */
  limitKey = '';
  mtu = 0;
  /** As it stood in the CONNECT that was received; 0 without one. */
  connectMtu = 0;
  windowSize: number = MAX_WINDOW_SIZE;
  remoteInBandwidth = 0;
  remoteOutBandwidth = 0;
  inThrottleEpoch = 0;
  outThrottleEpoch = 0;
  inDataTotal = 0;
  outDataTotal = 0;
  lastReceiveTime = 0;
  nextTimeout = 0;
  earliestTimeout = 0;
  lossEpoch = 0;
  packetsSent = 0;
  packetsLost = 0;
  packetLoss = 0;
  packetLossVariance = 0;
  throttle: number = THROTTLE_SCALE;
  throttleLimit: number = THROTTLE_SCALE;
  throttleCounter = 0;
  throttleEpoch = 0;
  throttleAcceleration: number = DEFAULT_THROTTLE_ACCELERATION;
  throttleDeceleration: number = DEFAULT_THROTTLE_DECELERATION;
  throttleIntervalMs: number = DEFAULT_THROTTLE_INTERVAL_MS;
  pingIntervalMs: number = DEFAULT_PING_INTERVAL_MS;
  timeoutLimit: number = DEFAULT_TIMEOUT_LIMIT;
  timeoutMinimumMs: number = DEFAULT_TIMEOUT_MINIMUM_MS;
  timeoutMaximumMs: number = DEFAULT_TIMEOUT_MAXIMUM_MS;
  rtt: number = DEFAULT_ROUND_TRIP_MS;
  rttVariance = 0;
  lastRtt: number = DEFAULT_ROUND_TRIP_MS;
  lowestRtt: number = DEFAULT_ROUND_TRIP_MS;
  lastRttVariance = 0;
  highestRttVariance = 0;
  reliableInTransit = 0;
  outControlSeq = 0;
  outUnsequencedGroup = 0;
  inUnsequencedBase = 0;
  /** One bit for each of the 1024 group numbers of the current block; created at the first unsequenced packet. */
  unsequencedSeen: Uint32Array | undefined = undefined;
  eventData = 0;
  /** Why the connection ends, once that is known; else the event of its end says it by the state. */
  endCause: DisconnectCause | undefined = undefined;
  waitingBytes = 0;
  /** Limits of what is received: those of the host, or its initial ones. */
  maxPacketSize: number;
  maxWaitingBytes: number;
  /** The part of `waitingBytes` that only waits to be dispatched. */
  dispatchedBytes = 0;
  /** Packets that the application was given and keeps (`Peer.keepPacket`), and their bytes. Part of `waitingBytes`, too. */
  keptPackets = 0;
  keptBytes = 0;
  /** What its received data holds in memory, what it has sent, and whether it has yet to log in: {@link MemoryBudget}. */
  heldBytes = 0;
  receivedBytes = 0;
  isStranger = false;
  /** Bytes queued or in flight, with an overhead per command (12.2 G). */
  outgoingBytes = 0;
  /**
   * Half-open accounting (W7, W8): when CONNECT came, what came and went, when VERIFY_CONNECT was sent by the sentTime
   * that it carried, and how many acknowledgements echoed something else.
   */
  connectTime = 0;
  unprovenBytesIn = 0;
  unprovenBytesOut = 0;
  verifySentAt: Map<number, number> | undefined = undefined;
  wrongEchoes = 0;
  /** What may still be damaged of that which it sends; created with the first damaged datagram. */
  damage: TokenBucket | undefined = undefined;

  readonly acks: AcknowledgeQueue = new AcknowledgeQueue();
  readonly sentReliable: CommandQueue = new CommandQueue();
  readonly outgoing: CommandQueue = new CommandQueue();
  readonly outgoingReliable: CommandQueue = new CommandQueue();
  readonly controlInFlight: InFlightTable = new InFlightTable();
  readonly dispatched: Fifo<HostEvent> = new Fifo();
  isInDispatchQueue = false;
  channelCount = 0;
  channels: (Channel | undefined)[] = [];

  constructor(home: PeerHome, slot: number, makeFace: (record: PeerRecord) => Peer) {
    this.#home = home;
    this.slot = slot;
    this.mtu = home.mtu;
    this.maxPacketSize = home.maxPacketSize;
    this.maxWaitingBytes = home.maxWaitingBytes;
    this.face = makeFace(this);
  }

  /** Whether the state is CONNECTED or DISCONNECT_LATER. */
  get isConnected(): boolean {
    return this.state === PeerState.CONNECTED || this.state === PeerState.DISCONNECT_LATER;
  }

  /** Nothing queued to send, nothing in flight. Acknowledgements do not count. */
  get hasNothingToSend(): boolean {
    return this.outgoing.isEmpty && this.outgoingReliable.isEmpty && this.sentReliable.isEmpty;
  }

  /** The channel, created at first use. `id` must be below `channelCount`. */
  channel(id: number): Channel {
    const known = this.channels[id];
    if (known !== undefined) return known;
    const made = new Channel();
    this.channels[id] = made;
    this.#home.memory.hold(this, CHANNEL_HELD_BYTES);
    return made;
  }

  /** The table in which the acknowledgement of a command of this channel is looked up. */
  inFlightTable(channelId: number): InFlightTable | undefined {
    return channelId === CONTROL_CHANNEL ? this.controlInFlight : this.channels[channelId]?.inFlight;
  }

  /** Notes a group number of the current block; `false` when it was there. */
  markUnsequenced(index: number): void {
    this.unsequencedSeen ??= new Uint32Array(UNSEQUENCED_BLOCK >> 5);
    this.unsequencedSeen[index >> 5] = (this.unsequencedSeen[index >> 5] ?? 0) | (1 << (index & 31));
  }

  /** Whether a group number of the current block was seen. */
  isUnsequencedSeen(index: number): boolean {
    return (((this.unsequencedSeen?.[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1;
  }

  /** Whether the application has been given every packet that is complete, and keeps none. */
  get hasNothingToTake(): boolean {
    return this.dispatched.length === 0 && this.keptPackets === 0;
  }

  /** Charges packets that the application keeps; less than 0 takes the charge back. */
  keep(packets: number, bytes: number): void {
    this.keptPackets += packets;
    this.keptBytes += bytes;
    this.waitingBytes += bytes + packets * ENTRY_OVERHEAD_BYTES;
    this.#home.memory.hold(this, bytes + packets * PACKET_HELD_BYTES);
  }

  /** Ends the initial limits of the connection. */
  liftReceiveLimits(): void {
    this.#home.memory.trust(this);
    this.maxPacketSize = this.#home.maxPacketSize;
    this.maxWaitingBytes = this.#home.maxWaitingBytes;
  }

  /** enet-protocol 7.1: drops everything queued, in flight or received; the channels go too. */
  resetQueues(): void {
    this.resetTraffic();
    this.dispatched.clear();
    this.#home.memory.release(this, this.heldBytes);
    this.waitingBytes = 0;
    this.dispatchedBytes = 0;
    this.keptPackets = 0;
    this.keptBytes = 0;
  }

  /** As {@link resetQueues}, but packets that only wait to be dispatched or fetched stay. */
  resetTraffic(): void {
    this.acks.clear();
    this.sentReliable.clear();
    this.outgoing.clear();
    this.outgoingReliable.clear();
    this.controlInFlight.clear();
    this.outgoingBytes = 0;
    this.reliableInTransit = 0;
    this.waitingBytes = this.dispatchedBytes + this.keptBytes + this.keptPackets * ENTRY_OVERHEAD_BYTES;
    const packets = this.dispatched.length + this.keptPackets;
    const held = this.waitingBytes + packets * (PACKET_HELD_BYTES - ENTRY_OVERHEAD_BYTES);
    this.#home.memory.release(this, this.heldBytes - held);
    this.channelCount = 0;
    this.channels = [];
  }

  /** enet-protocol 0.3: back to the values of a fresh slot. Counters and sets of the host are the caller's. */
  restoreDefaults(): void {
    this.state = PeerState.DISCONNECTED;
    this.remoteId = NO_PEER;
    this.connectId = 0;
    this.mtu = this.#home.mtu;
    this.connectMtu = 0;
    this.windowSize = MAX_WINDOW_SIZE;
    this.remoteInBandwidth = 0;
    this.remoteOutBandwidth = 0;
    this.inThrottleEpoch = 0;
    this.outThrottleEpoch = 0;
    this.inDataTotal = 0;
    this.outDataTotal = 0;
    this.lastReceiveTime = 0;
    this.nextTimeout = 0;
    this.earliestTimeout = 0;
    this.lossEpoch = 0;
    this.packetsSent = 0;
    this.packetsLost = 0;
    this.packetLoss = 0;
    this.packetLossVariance = 0;
    this.throttle = THROTTLE_SCALE;
    this.throttleLimit = THROTTLE_SCALE;
    this.throttleCounter = 0;
    this.throttleEpoch = 0;
    this.throttleAcceleration = DEFAULT_THROTTLE_ACCELERATION;
    this.throttleDeceleration = DEFAULT_THROTTLE_DECELERATION;
    this.throttleIntervalMs = DEFAULT_THROTTLE_INTERVAL_MS;
    this.pingIntervalMs = DEFAULT_PING_INTERVAL_MS;
    this.timeoutLimit = DEFAULT_TIMEOUT_LIMIT;
    this.timeoutMinimumMs = DEFAULT_TIMEOUT_MINIMUM_MS;
    this.timeoutMaximumMs = DEFAULT_TIMEOUT_MAXIMUM_MS;
    this.rtt = DEFAULT_ROUND_TRIP_MS;
    this.rttVariance = 0;
    this.lastRtt = DEFAULT_ROUND_TRIP_MS;
    this.lowestRtt = DEFAULT_ROUND_TRIP_MS;
    this.lastRttVariance = 0;
    this.highestRttVariance = 0;
    this.reliableInTransit = 0;
    this.outControlSeq = 0;
    this.outUnsequencedGroup = 0;
    this.inUnsequencedBase = 0;
    this.unsequencedSeen = undefined;
    this.eventData = 0;
    this.endCause = undefined;
    this.maxPacketSize = this.#home.maxPacketSize;
    this.maxWaitingBytes = this.#home.maxWaitingBytes;
    this.connectTime = 0;
    this.unprovenBytesIn = 0;
    this.unprovenBytesOut = 0;
    this.verifySentAt = undefined;
    this.wrongEchoes = 0;
    this.damage = undefined;
    this.resetQueues();
    this.receivedBytes = 0;
    this.isStranger = false;
  }
}

/** Fixed overhead that each queued or waiting packet is charged, in bytes (W5). */
export const ENTRY_OVERHEAD_BYTES = 64;

/** What a queued command is charged against the limit of outgoing data. */
export function outgoingCharge(command: OutgoingCommand): number {
  return command.length + ENTRY_OVERHEAD_BYTES;
}
