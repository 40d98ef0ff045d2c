/** Sends the states of synchronizers, step by step. docs/protocol/scene-multiplayer 8.1 to 8.4, 11.1 (8), 11.2 (40 to 45). */
import type { Dialect } from '../../../codec/index.ts';
import { TransferMode } from '../../godot/index.ts';
import type { Announcements } from '../announcements.ts';
import type { Core } from '../core.ts';
import { concat } from '../wire/compressedVariant.ts';
import { PATH_BIT } from '../wire/protocol.ts';
import { deltaEntry, StatePacker, syncEntry } from '../wire/statePacket.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import { Outbound } from './outbound.ts';
import { encodeState, encodeStateValue } from './stateCodec.ts';
import { type StateLists, stateListsOf } from './stateLists.ts';
import type { Replica, Tracked } from './tracked.ts';

/** What a sender of states asks. */
export interface StateSenderParts {
  readonly core: Core;
  readonly announcements: Announcements;
  readonly tracked: Tracked;
  /** Milliseconds of a clock that may wrap at 2^32. */
  now(): number;
  /** The version to speak to a peer. */
  dialectOf(peer: number): Dialect;
  /** The most bytes of a SYNC. */
  maxSync(): number;
  /** The most bytes of a DELTA. */
  maxDelta(): number;
}

/** Sends SYNC and DELTA. */
export class StateSender {
  readonly #parts: StateSenderParts;
  readonly #outbound = new WeakMap<MultiplayerSynchronizer, Outbound>();
  readonly #packer: StatePacker;
  #step = 0;
  #receiver = 0;
  #isReliable = false;

  constructor(parts: StateSenderParts) {
    this.#parts = parts;
    this.#packer = new StatePacker((packet) => {
      const mode = this.#isReliable
        ? TransferMode.TRANSFER_MODE_RELIABLE
        : TransferMode.TRANSFER_MODE_UNRELIABLE;
      parts.core.outgoing.send(this.#receiver, mode, 0, packet);
    });
  }

  /** A step: every peer gets the states that are due. */
  step(): void {
    const { tracked } = this.#parts;
    this.#step++;
    const now = this.#parts.now();
    for (const replica of [...tracked.replicas.values()]) {
      if (replica.syncs.size === 0) continue;
      replica.time = (replica.time + 1) & 0xffff;
      this.#receiver = replica.id;
      this.#sendStates(replica, now);
      this.#sendChanges(replica, now);
    }
  }

  /** A synchronizer begins anew. */
  forget(sync: MultiplayerSynchronizer): void {
    this.#outbound.delete(sync);
  }

  #sendStates(replica: Replica, now: number): void {
    const { maxSync, dialectOf, core } = this.#parts;
    const dialect = dialectOf(replica.id);
    const limit = maxSync();
    this.#isReliable = false;
    this.#packer.beginSync(replica.time, limit);
    for (const sync of replica.syncs) {
      const lists = this.#listsOf(sync, dialect);
      if (lists === undefined) continue;
      const outbound = this.#outboundOf(sync);
      if (!outbound.isDue(this.#step, now, sync.settings.syncMs)) continue;
      if (!this.#mayName(sync, replica)) continue;
      const state = this.#stateOf(sync, outbound, lists, dialect);
      if (state === undefined || state.length === 0) continue;
      if (state.length > limit) {
        core.trace(
          `${pathOf(sync)} is not sent: ${state.length} bytes are more than maxSyncPacketSize, ${limit}`,
        );
        continue;
      }
      const entry = syncEntry(sync.wire.netId, state);
      if (!core.behaviour.coalesces) this.#packer.addQuirk(entry);
      this.#packer.add(entry);
      core.counters.statesSent++;
    }
    this.#packer.flush();
  }

  #sendChanges(replica: Replica, now: number): void {
    const { maxDelta, dialectOf, core } = this.#parts;
    const dialect = dialectOf(replica.id);
    const limit = maxDelta();
    this.#isReliable = true;
    this.#packer.beginDelta(limit);
    for (const sync of replica.syncs) {
      const lists = this.#listsOf(sync, dialect);
      const { root } = sync;
      if (lists === undefined || root === undefined || !this.#mayName(sync, replica)) continue;
      const outbound = this.#outboundOf(sync);
      const last = replica.deltas.get(sync);
      const { watch } = outbound;
      if (watch.step !== this.#step) {
        if (last !== undefined && ((now - last.ms) | 0) < sync.settings.deltaMs) continue;
        watch.look(root, lists.watch, this.#step, ({ path }) =>
          core.trace(`${pathOf(sync)}: ${root.getPath().toString()} has no ${path}`),
        );
      }
      const changes = watch.changesSince(last?.step ?? 0);
      if (changes === undefined) continue;
      const parts = changes.values.map((value) => encodeStateValue(value, dialect));
      const wrong = parts.find((part) => typeof part === 'string');
      const state = concat(parts.filter((part) => typeof part !== 'string'));
      if (wrong !== undefined || state.length > limit) {
        core.trace(
          `changes of ${pathOf(sync)} are not sent: ${wrong ?? `${state.length} bytes are more than maxDeltaPacketSize, ${limit}`}`,
        );
        continue;
      }
      const entry = deltaEntry(sync.wire.netId, changes.mask, state);
      if (!core.behaviour.coalesces) this.#packer.addQuirk(entry);
      this.#packer.add(entry);
      core.counters.statesSent++;
      replica.deltas.set(sync, { step: this.#step, ms: now });
    }
    this.#packer.flush();
  }

  /** The bytes of a whole state; worked out once a step. */
  #stateOf(
    sync: MultiplayerSynchronizer,
    outbound: Outbound,
    lists: StateLists,
    dialect: Dialect,
  ): Uint8Array | undefined {
    const { root } = sync;
    if (root === undefined) return undefined;
    const state = outbound.state(this.#step, dialect, () => encodeState(root, lists.sync, dialect));
    if (typeof state !== 'string') return state;
    this.#parts.core.trace(`${pathOf(sync)} is not sent: ${state}`);
    return undefined;
  }

  /** Whether a peer knows a synchronizer: by its number in a SPAWN, or by its path, which it has to confirm. */
  #mayName(sync: MultiplayerSynchronizer, replica: Replica): boolean {
    const { announcements } = this.#parts;
    const { netId } = sync.wire;
    if (netId !== 0 && netId < PATH_BIT) return true;
    announcements.announce(sync.node, replica.id);
    sync.wire.netId = (PATH_BIT | announcements.idOf(sync.node)) >>> 0;
    return announcements.confirmedId(sync.node, replica.id) !== 0;
  }

  #listsOf(sync: MultiplayerSynchronizer, dialect: Dialect): StateLists | undefined {
    const { config } = sync.settings;
    if (config !== null) return stateListsOf(config, dialect);
    this.#parts.core.trace(`${pathOf(sync)} has no replication config`);
    return undefined;
  }

  #outboundOf(sync: MultiplayerSynchronizer): Outbound {
    let outbound = this.#outbound.get(sync);
    if (outbound === undefined) {
      outbound = new Outbound(!this.#parts.core.behaviour.knowsNan);
      this.#outbound.set(sync, outbound);
    }
    return outbound;
  }
}

function pathOf(sync: MultiplayerSynchronizer): string {
  return sync.node.getPath().toString() || sync.node.name;
}
