/**
 * Sends the states of synchronizers, step by step. What it costs follows what has changed and who sees it: each synchronizer is
 * encoded once a step, and peers that get the same get copies of the same packets. docs/protocol/scene-multiplayer 8.1 to 8.4,
 * 11.1 (8), 11.2 (40 to 45).
 */
import type { Dialect } from '../../../codec/index.ts';
import { type ErrorReporter, TransferMode } from '../../godot/index.ts';
import type { Announcements } from '../announcements.ts';
import type { Core } from '../core.ts';
import { pathOf } from '../nodeAddress.ts';
import { PATH_BIT } from '../wire/protocol.ts';
import { StatePacker, setSyncTime } from '../wire/statePacket.ts';
import { Audiences } from './audiences.ts';
import type { ListDialects } from './listDialects.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import { Outbound } from './outbound.ts';
import { PacketShare } from './packetShare.ts';
import type { ReplicationSettings } from './settings.ts';
import { type StateLists, stateListsOf } from './stateLists.ts';
import { StateTurn } from './stateTurn.ts';
import type { Replica, Tracked } from './tracked.ts';

/** What a sender of states asks. */
export interface StateSenderParts {
  readonly core: Core;
  readonly announcements: Announcements;
  readonly tracked: Tracked;
  /** Milliseconds of a clock that may wrap at 2^32. */
  now(): number;
  readonly lists: ListDialects;
  /** The most bytes of a SYNC. */
  maxSync(): number;
  /** The most bytes of a DELTA. */
  maxDelta(): number;
  /** What goes beyond the engine. */
  readonly settings: ReplicationSettings;
  readonly report: ErrorReporter;
}

/** Sends SYNC and DELTA. */
export class StateSender {
  readonly #parts: StateSenderParts;
  readonly #packer: StatePacker;
  readonly #states = new PacketShare();
  readonly #changes = new PacketShare();
  readonly #firmStates = new PacketShare();
  readonly #turn: StateTurn;
  /** The changes for the peer whose turn it is. */
  readonly #entries: Uint8Array[] = [];
  readonly #audiences = new Audiences();
  /** Whether the turn of the peer whose turn it is would be the same for all who see the same. */
  #isShared = false;
  /** Configs of which it was told that old clients do not set all of it. */
  readonly #told = new WeakSet<object>();
  #step = 0;
  #now = 0;

  constructor(parts: StateSenderParts) {
    this.#parts = parts;
    this.#packer = new StatePacker(!parts.core.behaviour.coalesces);
    this.#turn = new StateTurn(parts.settings, parts.report);
  }

  /** A step: every peer gets the states that are due. */
  step(): void {
    const { tracked, core, lists } = this.#parts;
    if (tracked.replicas.size === 0) return;
    this.#step++;
    this.#now = this.#parts.now();
    this.#states.clear();
    this.#firmStates.clear();
    this.#changes.clear();
    this.#audiences.clear();
    const replicas = [...tracked.replicas.values()];
    const sending = core.behaviour.skipsUnchanged ? this.#prepareAll(replicas) : undefined;
    for (const replica of replicas) {
      // 12: states that are misread are worse than late ones.
      if (replica.syncs.size === 0 || lists.isAsked(replica.id)) continue;
      // The engine counts also when there is nothing to send.
      if (sending === undefined) replica.time++;
      this.#sendStates(replica, sending);
      if (!core.behaviour.habits.knowsNoChanges) this.#sendChanges(replica);
    }
  }

  /** Packets may have another size now: what was too large may fit. */
  limitsChanged(): void {
    const now = this.#parts.now();
    for (const replica of this.#parts.tracked.replicas.values())
      for (const sync of replica.syncs) {
        sync.wire.outbound?.resend.restart(now);
        replica.changed.add(sync);
      }
  }

  // --- What is to be sent -------------------------------------------------------------------------------------

  /** Looks what has changed. @returns the synchronizers whose states are sent to all who see them. */
  #prepareAll(replicas: readonly Replica[]): MultiplayerSynchronizer[] {
    const { tracked, lists: versions, core } = this.#parts;
    const own = core.outgoing.uniqueId;
    const dialects = [...new Set(replicas.map(({ id }) => versions.of(id)))];
    const sending: MultiplayerSynchronizer[] = [];
    for (const sync of tracked.syncs.items) {
      const { root } = sync;
      if (root === undefined || sync.node.getMultiplayerAuthority() !== own) continue;
      const outbound = outboundOf(sync, false);
      outbound.isSending = false;
      let isOther = false;
      for (const dialect of dialects) {
        const lists = this.#listsOf(sync, dialect);
        if (lists === undefined) break;
        if (outbound.encode(root, lists.sync, dialect)) isOther = true;
        if (lists.watch.length > 0 && outbound.watch.step !== this.#step) this.#look(sync, outbound, lists);
      }
      if (isOther) outbound.resend.restart(this.#now);
      if (outbound.watch.changeStep === this.#step)
        for (const replica of replicas) if (replica.syncs.has(sync)) replica.changed.add(sync);
      // 8.2: a time that is too far behind counts as newer than the next ones.
      if (this.#step - outbound.sentStep >= MOST_STEPS) outbound.resend.restartFirmly(this.#now);
      if (!outbound.resend.isDue(this.#now)) continue;
      if (!outbound.isDue(this.#step, this.#now, sync.settings.syncMs)) continue;
      outbound.isFirm = outbound.resend.send(this.#now);
      outbound.sentStep = this.#step;
      outbound.isSending = true;
      sending.push(sync);
    }
    return sending;
  }

  #look(sync: MultiplayerSynchronizer, outbound: Outbound, lists: StateLists): void {
    const { root } = sync;
    if (root === undefined) return;
    outbound.watch.look(root, lists.watch, this.#step, ({ path }) =>
      this.#parts.core.trace(`${pathOf(sync.node)}: ${root.getPath().toString()} has no ${path}`),
    );
  }

  // --- Whole states -------------------------------------------------------------------------------------------

  /** @param sending who sends to all; `undefined`: everybody who is due, as the engine does it. */
  #sendStates(replica: Replica, sending: readonly MultiplayerSynchronizer[] | undefined): void {
    const dialect = this.#parts.lists.of(replica.id);
    let isFirst = false;
    // A budget is each peer's own. Asked before it gets its first states, which are its own, too.
    const mayShare =
      sending !== undefined &&
      this.#parts.settings.bytesPerTick === Number.POSITIVE_INFINITY &&
      replica.isPlain;
    let states = mayShare ? this.#audiences.find(replica, dialect) : undefined;
    if (states === undefined) {
      this.#turn.clear();
      this.#isShared = true;
      if (sending === undefined) for (const sync of replica.syncs) this.#takeDue(replica, sync, dialect);
      else isFirst = this.#takeSending(replica, sending, dialect);
      states = this.#turn;
      if (mayShare && this.#isShared) this.#audiences.add(replica, dialect, states);
    }
    const { loose, firm } = states;
    if (loose.length + firm.length === 0) return;
    if (sending !== undefined) replica.time++;
    this.#send(replica, this.#states, loose, UNRELIABLE, NOW);
    const hasOldTimes = isFirst && replica.isCarried && replica.time > MOST_TIME;
    this.#send(replica, this.#firmStates, firm, RELIABLE, hasOldTimes ? AROUND : NOW);
  }

  /** @param times how long ago the packets say that they were sent: as often as there are times. */
  #send(
    replica: Replica,
    share: PacketShare,
    entries: readonly Uint8Array[],
    mode: TransferMode,
    times: readonly number[],
  ): void {
    if (entries.length === 0) return;
    const { core, maxSync } = this.#parts;
    core.counters.statesSent += entries.length;
    const packets = share.packets(entries, () => this.#packer.packStates(entries, maxSync()));
    for (const packet of packets)
      for (const ago of times)
        core.outgoing.send(
          replica.id,
          mode,
          0,
          setSyncTime(packet.slice(), (replica.time - ago) & MOST_TIME),
        );
  }

  /**
   * What has changed or rests now, what a peer has just begun to see, and what had to wait.
   *
   * @returns whether the first state of a synchronizer that the peer knows by its path is among it.
   */
  #takeSending(replica: Replica, sending: readonly MultiplayerSynchronizer[], dialect: Dialect): boolean {
    const fresh: MultiplayerSynchronizer[] = [];
    // It gets them for certain: a game may wait for the first one.
    for (const sync of replica.fresh) {
      const { outbound } = sync.wire;
      const isDue = outbound?.isDue(this.#step, this.#now, sync.settings.syncMs) === true;
      if (isDue && this.#take(replica, sync, dialect, true) !== 'unknown') fresh.push(sync);
    }
    const isFew = sending.length < replica.syncs.size;
    for (const sync of isFew ? sending : replica.syncs.items) {
      const { outbound } = sync.wire;
      if (outbound?.isSending !== true || replica.fresh.has(sync)) continue;
      if (!isFew || replica.syncs.has(sync)) this.#take(replica, sync, dialect, outbound.isFirm);
    }
    for (const sync of replica.waiting.keys()) {
      const { outbound } = sync.wire;
      if (outbound === undefined || outbound.isSending || replica.fresh.has(sync)) continue;
      this.#take(replica, sync, dialect, outbound.resend.isFirm);
    }
    const waiting = this.#turn.keepToBudget(replica, this.#step);
    const first = fresh.filter((sync) => !waiting.has(sync));
    for (const sync of first) replica.fresh.delete(sync);
    // It may be the same as in another room.
    return first.some(({ wire }) => wire.netId >= PATH_BIT);
  }

  /** What the engine sends: everything that is due. */
  #takeDue(replica: Replica, sync: MultiplayerSynchronizer, dialect: Dialect): void {
    const lists = this.#listsOf(sync, dialect);
    const { root } = sync;
    if (lists === undefined || root === undefined) return;
    const outbound = outboundOf(sync, !this.#parts.core.behaviour.knowsNan);
    if (!outbound.isDue(this.#step, this.#now, sync.settings.syncMs)) return;
    outbound.encode(root, lists.sync, dialect);
    this.#take(replica, sync, dialect, false);
  }

  /** Adds the state of a synchronizer for a peer, or says that there is nothing to add, or that the peer does not know it yet. */
  #take(
    replica: Replica,
    sync: MultiplayerSynchronizer,
    dialect: Dialect,
    isFirm: boolean,
  ): 'added' | 'nothing' | 'unknown' {
    // Its node was freed: it need not be above it.
    if (sync.root === undefined) return 'nothing';
    // 11.2 (40): without a configuration nothing is announced.
    if (sync.settings.config === null) return 'unknown';
    const netId = this.#numberFor(sync, replica);
    if (netId === 0) return 'unknown';
    const state = sync.wire.outbound?.state(dialect) ?? '';
    const { core, maxSync } = this.#parts;
    const limit = core.behaviour.habits.knowsNoChanges ? MOST_OF_4_0 : maxSync();
    if (typeof state === 'string' || state.length > limit) {
      const why =
        typeof state === 'string' ? state : `${state.length} bytes are more than maxSyncPacketSize, ${limit}`;
      core.trace(`${pathOf(sync.node)} is not sent: ${why}`);
      this.#isShared = false;
      return 'nothing';
    }
    const entry = state.length === 0 ? undefined : sync.wire.outbound?.entry(netId, dialect);
    if (entry === undefined) return 'nothing';
    this.#turn.add(sync, entry, isFirm);
    return 'added';
  }

  // --- Changes ------------------------------------------------------------------------------------------------

  #sendChanges(replica: Replica): void {
    const { core, maxDelta, lists } = this.#parts;
    const dialect = lists.of(replica.id);
    this.#entries.length = 0;
    for (const sync of core.behaviour.skipsUnchanged ? replica.changed : replica.syncs)
      if (this.#takeChanges(replica, sync, dialect)) replica.changed.delete(sync);
    if (this.#entries.length === 0) return;
    core.counters.statesSent += this.#entries.length;
    for (const { length } of this.#entries) replica.credit -= length;
    const packets = this.#changes.packets(this.#entries, () =>
      this.#packer.packChanges(this.#entries, maxDelta()),
    );
    for (const packet of packets) core.outgoing.send(replica.id, RELIABLE, 0, packet);
  }

  /** Adds what has changed of a synchronizer for a peer. @returns whether it has nothing more to wait for. */
  #takeChanges(replica: Replica, sync: MultiplayerSynchronizer, dialect: Dialect): boolean {
    const lists = this.#listsOf(sync, dialect);
    if (lists === undefined || sync.root === undefined) return true;
    const netId = this.#numberFor(sync, replica);
    if (netId === 0) return false;
    // 12: 4.0 has no changes, and what others watch is in its states.
    if (lists.watch.length === 0) return true;
    const { core, maxDelta } = this.#parts;
    const outbound = outboundOf(sync, !core.behaviour.knowsNan);
    const last = replica.deltas.get(sync);
    // 11.1 (8): once somebody is due in a step, all who come later are.
    const isEvaluated = outbound.watch.step === this.#step && !core.behaviour.skipsUnchanged;
    if (!isEvaluated && last !== undefined && (this.#now - last.ms) >>> 0 < sync.settings.deltaMs)
      return false;
    if (outbound.watch.step !== this.#step) this.#look(sync, outbound, lists);
    const entry = outbound.changes(netId, last?.step ?? 0, this.#step, dialect);
    if (entry === undefined) return true;
    const limit = maxDelta() + DELTA_HEAD;
    if (typeof entry === 'string' || entry.length > limit) {
      const why =
        typeof entry === 'string' ? entry : `${entry.length} bytes are more than maxDeltaPacketSize`;
      core.trace(`changes of ${pathOf(sync.node)} are not sent: ${why}`);
      return true;
    }
    this.#entries.push(entry);
    replica.deltas.set(sync, { step: this.#step, ms: this.#now });
    return true;
  }

  // --- Who is meant -------------------------------------------------------------------------------------------

  /** The number by which a peer knows a synchronizer: of a SPAWN, or of its path; 0 until it has confirmed that. */
  #numberFor(sync: MultiplayerSynchronizer, replica: Replica): number {
    const { wire } = sync;
    const { announcements, core } = this.#parts;
    const isSpawned = wire.netId !== 0 && wire.netId < PATH_BIT;
    if (isSpawned && (!core.behaviour.numbersForEachPeer || replica.hasNumber(sync))) return wire.netId;
    this.#isShared = false;
    announcements.announce(sync.node, replica.id);
    if (!isSpawned) wire.netId = withPathBit(announcements.idOf(sync.node));
    const confirmed = announcements.confirmedId(sync.node, replica.id);
    return confirmed === 0 ? 0 : withPathBit(confirmed);
  }

  #listsOf(sync: MultiplayerSynchronizer, dialect: Dialect): StateLists | undefined {
    const { config } = sync.settings;
    const { trace, behaviour } = this.#parts.core;
    if (config === null) {
      trace(`${pathOf(sync.node)} has no replication config`);
      return undefined;
    }
    const lists = stateListsOf(config, dialect, behaviour.habits.knowsNoParts);
    if (lists.hasParts && dialect < '4.2' && behaviour.asksVersions && !this.#told.has(config)) {
      this.#told.add(config);
      trace(
        `${pathOf(sync.node)}: clients of Godot 4.0 and 4.1 do not set parts of properties, as position:x`,
      );
    }
    return lists;
  }
}

function outboundOf(sync: MultiplayerSynchronizer, isStrict: boolean): Outbound {
  sync.wire.outbound ??= new Outbound(isStrict);
  return sync.wire.outbound;
}

function withPathBit(id: number): number {
  return (PATH_BIT | id) >>> 0;
}

/** The largest time: 0 follows. */
const MOST_TIME = 0xffff;
const NOW: readonly number[] = [0];
/**
 * Steps that lead any time to that of now: whatever a synchronizer heard last, one of them is newer, and so is each after it. A peer that
 * was elsewhere for long has times that seem newer than ours, once its times have begun anew. 8.2.
 */
const AROUND: readonly number[] = [43_690, 21_845, 0];
const UNRELIABLE = TransferMode.TRANSFER_MODE_UNRELIABLE;
const RELIABLE = TransferMode.TRANSFER_MODE_RELIABLE;
/** Half of what separates an older time from a newer one. */
const MOST_STEPS = 16_000;
/** What an entry of a DELTA has in front of its values. */
const DELTA_HEAD = 16;
/** It is no setting there, and larger than that of a packet. */
const MOST_OF_4_0 = 1361;
