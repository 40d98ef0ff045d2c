/** The mutable state of a host. Internal; the public face is {@link Host}. enet-protocol 0.3. */

import { given } from '../../../options/internal.ts';
import type { Address } from '../address.ts';
import { limitKey } from '../addressRules.ts';
import type { Checksum, Compressor } from '../compressor.ts';
import type { DropReason } from '../dropReason.ts';
import { Fifo } from '../fifo.ts';
import type { HostDoctor } from '../hostDoctor.ts';
import { type AdmitHook, DEFAULT_HOST_OPTIONS, type HostOptions } from '../hostOptions.ts';
import { MAX_CHANNELS, MAX_MTU, MIN_MTU, PeerState } from '../protocol.ts';
import { spareDoctor } from '../spareDoctor.ts';
import type { HostTrace } from '../trace.ts';
import { DeadlineHeap } from './deadlineHeap.ts';
import { HandshakeProof } from './handshakeProof.ts';
import { MemoryBudget } from './memoryBudget.ts';
import { DatagramWriter } from './outbox.ts';
import { CommandPool } from './outgoing.ts';
import type { Peer } from './peer.ts';
import { PeerRecord } from './peerRecord.ts';
import { SlotSet } from './slotSet.ts';
import { UnpackBudget } from './unpackBudget.ts';

/** A datagram that was received and not processed yet. */
export interface Inbound {
  /** Empty: no datagram, but the end of the session from which the others came. */
  readonly bytes: Uint8Array;
  readonly from: Address;
  /** The decision about its CONNECT, when it was put off before: the datagram was counted then. */
  readonly verdict: boolean | undefined;
}

/** Everything a host knows. */
export class HostRecord {
  readonly peerCount: number;
  readonly peers: (PeerRecord | undefined)[];
  readonly mtu: number;
  channelLimit: number;
  inBandwidth: number;
  outBandwidth: number;
  bandwidthEpoch = 0;
  isRecalculating = false;
  connectedPeers = 0;
  bandwidthLimitedPeers = 0;
  queueCounter = 0;
  compressor: Compressor | undefined;
  readonly checksum: Checksum | undefined;
  /** Whether there is one. */
  get hasChecksum(): boolean {
    return this.checksum !== undefined;
  }
  readonly intercept: ((bytes: Uint8Array, from: Address) => boolean) | undefined;
  readonly admit: AdmitHook | undefined;
  readonly mayBegin: ((from: Address) => boolean) | undefined;
  trace: HostTrace | undefined;
  readonly doctor: HostDoctor | undefined;
  readonly random32: () => number;
  readonly proof: HandshakeProof;
  readonly memory: MemoryBudget;
  readonly unpackBudget: UnpackBudget;
  readonly maxPacketSize: number;
  readonly maxWaitingBytes: number;
  readonly initialMaxPacketSize: number;
  readonly initialMaxWaitingBytes: number;
  /** Whether there are limits until `liftReceiveLimits`. */
  readonly hasInitialLimits: boolean;
  readonly maxOutgoingBytes: number;
  readonly maxPeersPerAddress: number;
  readonly maxHalfOpen: number;
  readonly maxHalfOpenPerAddress: number;
  readonly halfOpenGraceMs: number;
  readonly maxWaitingUnreliable: number;
  readonly maxQueuedAcknowledgements: number;

  /** The time of the current call, u32 milliseconds. */
  now = 0;
  readonly dispatchQueue: Fifo<PeerRecord> = new Fifo();
  readonly inbox: Fifo<Inbound> = new Fifo();
  readonly outbox: DatagramWriter = new DatagramWriter();
  readonly commands: CommandPool;
  /** Peers that may have something to send now. */
  readonly pending: SlotSet;
  /** Peers whose datagram was full in the current pass (5.3). */
  readonly more: SlotSet;
  readonly free: SlotSet;
  readonly deadlines: DeadlineHeap;
  /** Peers in every state but DISCONNECTED, by what counts as one address for limits. */
  readonly byLimitKey: Map<string, PeerRecord[]> = new Map();
  /** Peers in ACKNOWLEDGING_CONNECT, oldest first. */
  readonly halfOpen: Set<PeerRecord> = new Set();

  totalSentData = 0;
  totalSentPackets = 0;
  totalReceivedData = 0;
  totalReceivedPackets = 0;
  totalRepeats = 0;
  totalLateAcknowledgements = 0;
  readonly dropCounts: Map<DropReason, number> = new Map();
  totalDrops = 0;
  /** The datagram being parsed, for traces. */
  currentBytes: Uint8Array = new Uint8Array(0);
  currentFrom: Address | undefined = undefined;
  /** {@link Inbound.verdict} of that datagram. */
  currentVerdict: boolean | undefined = undefined;
  /** Where the command being handled starts in the decompressed datagram; -1 before the first. */
  currentCommandAt = -1;
  readonly #makeFace: (record: PeerRecord) => Peer;

  constructor(options: HostOptions, makeFace: (record: PeerRecord) => Peer) {
    const all = { ...DEFAULT_HOST_OPTIONS, ...given(options) };
    this.#makeFace = makeFace;
    this.peerCount = all.peerCount;
    this.peers = new Array<PeerRecord | undefined>(all.peerCount).fill(undefined);
    this.mtu = Math.min(Math.max(all.mtuBytes, MIN_MTU), MAX_MTU);
    this.channelLimit = clampChannelLimit(all.channelLimit);
    this.inBandwidth = all.incomingBandwidth;
    this.outBandwidth = all.outgoingBandwidth;
    this.compressor = options.compressor;
    this.checksum = options.checksum;
    this.intercept = options.intercept;
    this.admit = options.admit;
    this.mayBegin = options.mayBegin;
    this.trace = options.trace;
    this.doctor = (options.doctor ?? spareDoctor())?.(this);
    this.random32 = options.random32;
    this.proof = new HandshakeProof(options.random32, options.verifyTime);
    this.memory = new MemoryBudget(all.maxHeldBytes, all.maxStrangerHeldBytes, all.peerCount);
    this.hasInitialLimits =
      all.initialMaxPacketSizeBytes !== undefined || all.initialMaxWaitingBytes !== undefined;
    this.unpackBudget = new UnpackBudget(all.strangerUnpacksPerSec, all.strangerUnpacksPerSecPerAddress);
    this.maxPacketSize = all.maxPacketSizeBytes;
    this.maxWaitingBytes = all.maxWaitingBytes;
    this.initialMaxPacketSize = Math.min(
      all.initialMaxPacketSizeBytes ?? this.maxPacketSize,
      this.maxPacketSize,
    );
    this.initialMaxWaitingBytes = Math.min(
      all.initialMaxWaitingBytes ?? this.maxWaitingBytes,
      this.maxWaitingBytes,
    );
    this.maxOutgoingBytes = all.maxOutgoingBytes;
    this.maxPeersPerAddress = all.maxPeersPerAddress;
    this.maxHalfOpen = all.maxHalfOpen;
    this.maxHalfOpenPerAddress = all.maxHalfOpenPerAddress;
    this.halfOpenGraceMs = all.halfOpenGraceMs;
    this.maxWaitingUnreliable = all.maxWaitingUnreliable;
    this.maxQueuedAcknowledgements = all.maxQueuedAcknowledgements;
    this.commands = new CommandPool(POOLED_COMMANDS + POOLED_COMMANDS_PER_PEER * this.peerCount);
    this.pending = new SlotSet(this.peerCount);
    this.more = new SlotSet(this.peerCount);
    this.free = new SlotSet(this.peerCount);
    for (let slot = 0; slot < this.peerCount; slot++) this.free.add(slot);
    this.deadlines = new DeadlineHeap(this.peerCount);
  }

  /** The record of a slot, created at first use. */
  record(slot: number): PeerRecord {
    const known = this.peers[slot];
    if (known !== undefined) return known;
    const made = new PeerRecord(this, slot, this.#makeFace);
    this.peers[slot] = made;
    return made;
  }

  /** Counts a drop and tells the trace. */
  drop(reason: DropReason, peer?: PeerRecord): void {
    this.totalDrops++;
    this.dropCounts.set(reason, (this.dropCounts.get(reason) ?? 0) + 1);
    this.trace?.dropped?.(
      this.now,
      reason,
      this.currentFrom,
      peer?.face,
      this.currentBytes,
      this.currentCommandAt,
    );
    this.doctor?.dropped(
      this.now,
      reason,
      this.currentFrom,
      peer?.face,
      this.currentBytes,
      this.currentCommandAt,
    );
  }

  /** Counts a reliable command that came again. */
  repeated(): void {
    this.totalRepeats = (this.totalRepeats + 1) >>> 0;
  }

  /** Puts a peer into the dispatch queue unless it is there. */
  enqueueForDispatch(peer: PeerRecord): void {
    if (peer.isInDispatchQueue) return;
    peer.isInDispatchQueue = true;
    this.dispatchQueue.push(peer);
  }

  /** Takes a free slot for a connection with `address`. The state is still DISCONNECTED afterwards. */
  occupy(slot: number, address: Address): PeerRecord {
    const peer = this.record(slot);
    this.free.delete(slot);
    peer.generation++;
    peer.address = address;
    peer.mtu = this.mtu;
    peer.limitKey = limitKey(address.ip);
    const others = this.byLimitKey.get(peer.limitKey);
    if (others === undefined) this.byLimitKey.set(peer.limitKey, [peer]);
    else others.push(peer);
    return peer;
  }

  /** Changes the state and the counters that follow it (4.1). */
  setState(peer: PeerRecord, state: PeerState): void {
    const was = peer.isConnected;
    if (peer.state === PeerState.ACKNOWLEDGING_CONNECT) this.halfOpen.delete(peer);
    peer.state = state;
    if (state === PeerState.ACKNOWLEDGING_CONNECT) this.halfOpen.add(peer);
    const is = peer.isConnected;
    if (is === was) return;
    this.connectedPeers += is ? 1 : -1;
    if (peer.remoteInBandwidth !== 0) this.bandwidthLimitedPeers += is ? 1 : -1;
  }

  /** Notes what the remote announced as its incoming bandwidth. */
  setRemoteInBandwidth(peer: PeerRecord, bytesPerSec: number): void {
    if (peer.isConnected) {
      if (peer.remoteInBandwidth !== 0) this.bandwidthLimitedPeers--;
      if (bytesPerSec !== 0) this.bandwidthLimitedPeers++;
    }
    peer.remoteInBandwidth = bytesPerSec;
  }

  /** enet-protocol 7.6: frees the slot. */
  reset(peer: PeerRecord): void {
    if (peer.state === PeerState.DISCONNECTED) {
      peer.restoreDefaults();
      return;
    }
    this.setState(peer, PeerState.DISCONNECTED);
    const others = this.byLimitKey.get(peer.limitKey);
    if (others !== undefined) {
      const index = others.indexOf(peer);
      if (index >= 0) others.splice(index, 1);
      if (others.length === 0) this.byLimitKey.delete(peer.limitKey);
    }
    peer.restoreDefaults();
    this.pending.delete(peer.slot);
    this.more.delete(peer.slot);
    this.deadlines.cancel(peer.slot);
    this.free.add(peer.slot);
  }
}

/** 0 and everything above 255 stand for 255. */
export function clampChannelLimit(limit: number): number {
  return limit <= 0 || limit > MAX_CHANNELS ? MAX_CHANNELS : limit;
}

/** How many commands wait to be used again: two broadcasts to everybody, and what a few peers need. */
const POOLED_COMMANDS = 64;
const POOLED_COMMANDS_PER_PEER = 2;
