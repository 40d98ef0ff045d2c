/** States that peers send: whole ones and changes. docs/protocol/scene-multiplayer 8.1 to 8.3, 8.6, 11.2 (41 to 46, 49). */
import { type Dialect, Float, type VariantValue } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import { callGuarded } from '../../godot/internal.ts';
import type { Core } from '../core.ts';
import { pathOf } from '../nodeAddress.ts';
import type { PeerBudget } from '../peerBudget.ts';
import { MultiplayerRefusal } from '../refusals.ts';
import type { RemotePaths } from '../remotePaths.ts';
import { PATH_BIT } from '../wire/protocol.ts';
import { isDelta, readStates, type StateEntry, SYNC_LEAST, syncTimeOf } from '../wire/statePacket.ts';
import type { ListDialects } from './listDialects.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import { setState } from './setState.ts';
import { readState } from './stateCodec.ts';
import type { StateLists } from './stateLists.ts';
import type { StateProperty } from './stateProperty.ts';
import type { Tracked } from './tracked.ts';

/** What a receiver of states asks. */
export interface StateReceiverParts {
  readonly core: Core;
  readonly tracked: Tracked;
  readonly remotePaths: RemotePaths;
  /** The behaviour of a node; `undefined` when it is no synchronizer. */
  synchronizerOf(node: MirrorNode): MultiplayerSynchronizer | undefined;
  /** What a synchronizer replicates from a peer; `undefined` without a configuration. */
  listsOf(sync: MultiplayerSynchronizer, peer: number): StateLists | undefined;
  /** The version that is imitated for a peer; `undefined`: none. */
  readingAs(peer: number): Dialect | undefined;
  readonly lists: ListDialects;
  /** How many states a peer may send. */
  readonly budget: PeerBudget;
  /** Takes what functions of the application throw. */
  report(error: unknown, where: string): void;
}

/** What becomes of a packet after one of its entries. */
type Verdict = 'next' | 'abort';

/** Receives SYNC and DELTA. */
export class StateReceiver {
  readonly #parts: StateReceiverParts;

  constructor(parts: StateReceiverParts) {
    this.#parts = parts;
  }

  /** A packet of command SYNC has arrived. */
  receive(peer: number, bytes: Uint8Array): void {
    const { core } = this.#parts;
    const delta = isDelta(bytes) && !core.behaviour.habits.knowsNoChanges;
    if (!delta && bytes.length < SYNC_LEAST) {
      core.refusals.refuse(MultiplayerRefusal.MALFORMED, peer, () => `a SYNC of ${bytes.length} bytes`);
      return;
    }
    const time = delta ? 0 : syncTimeOf(bytes);
    const entries = readStates(bytes, delta);
    for (let entry = entries.next(); ; entry = entries.next()) {
      if (entry.done === true) {
        const { value: wrong } = entry;
        if (wrong !== undefined)
          core.refusals.refuse(MultiplayerRefusal.MALFORMED, peer, () => `a state: ${wrong}`);
        return;
      }
      if (!this.#parts.budget.take(peer, 1)) {
        core.refusals.refuse(
          MultiplayerRefusal.STATE_BUDGET,
          peer,
          'states are dropped: more than maxStatesPerSec',
        );
        return;
      }
      const verdict = delta ? this.#takeChanges(peer, entry.value) : this.#takeState(peer, entry.value, time);
      if (verdict === 'abort') return;
    }
  }

  #takeState(peer: number, { id, state }: StateEntry, time: number): Verdict {
    const sync = this.#find(peer, id, false);
    if (sync === undefined || !this.#isAuthority(peer, sync)) return 'next';
    if (!isNewer(time, sync.wire.lastTime)) return 'next';
    // 11.2 (41): the time counts even if the state cannot be read.
    sync.wire.lastTime = time;
    this.#learn(peer, sync, state);
    const lists = this.#parts.listsOf(sync, peer);
    if (lists === undefined) {
      // 11.2 (43)
      this.#refuse(peer, sync, MultiplayerRefusal.DAMAGED_STATE, 'it has no replication config');
      return 'next';
    }
    const read = readState(state, lists.sync.length, this.#parts.readingAs(peer));
    if (read.damage !== undefined) {
      this.#refuse(peer, sync, MultiplayerRefusal.DAMAGED_STATE, read.damage);
      return 'abort';
    }
    return this.#apply(peer, sync, lists.sync, read.values, 'synchronized');
  }

  /** 12: of the first versions only 4.0 may hold a property twice. */
  #learn(peer: number, { settings: { config } }: MultiplayerSynchronizer, state: Uint8Array): void {
    const { lists } = this.#parts;
    if (config === null || !lists.isOpen(peer)) return;
    const first = config.listsFor('4.0').sync.length;
    if (first === config.listsFor('4.1').sync.length) return;
    const { size, damage } = readState(state, first, undefined);
    lists.learn(peer, damage === undefined && size === state.length);
  }

  #takeChanges(peer: number, { id, mask, state }: StateEntry): Verdict {
    // 12: 4.0 has none.
    this.#parts.lists.learn(peer, false);
    const sync = this.#find(peer, id, true);
    if (sync === undefined || !this.#isAuthority(peer, sync)) return 'next';
    const lists = this.#parts.listsOf(sync, peer);
    const watched = lists?.watch.filter((_, i) => ((mask >> BigInt(i % 64)) & 1n) === 1n) ?? [];
    if (watched.length === 0) {
      this.#refuse(
        peer,
        sync,
        MultiplayerRefusal.DAMAGED_STATE,
        'changes of properties that it does not watch',
      );
      return 'abort';
    }
    const read = readState(state, watched.length, this.#parts.readingAs(peer));
    const damage =
      read.damage ?? (read.size < state.length ? `${state.length - read.size} bytes too many` : undefined);
    if (damage !== undefined) {
      this.#refuse(peer, sync, MultiplayerRefusal.DAMAGED_STATE, damage);
      return 'abort';
    }
    return this.#apply(peer, sync, watched, read.values, 'deltaSynchronized');
  }

  #apply(
    peer: number,
    sync: MultiplayerSynchronizer,
    properties: readonly StateProperty[],
    values: readonly VariantValue[],
    signal: 'synchronized' | 'deltaSynchronized',
  ): Verdict {
    const { root } = sync;
    if (root === undefined) return 'next';
    if (!this.#isValid(peer, sync, properties, values)) return 'next';
    const { checksStates } = this.#parts.core.behaviour;
    const result = setState(root, properties, values, checksStates, ({ reason, detail }) =>
      this.#refuse(peer, sync, reason, detail),
    );
    if (result !== 'set') return result === 'no node' ? 'abort' : 'next';
    this.#parts.core.counters.statesReceived++;
    sync.tell(signal);
    this.#tellScript(root, properties, values, peer);
    return 'next';
  }

  /** Gives the script of the node what has come. */
  #tellScript(
    root: MirrorNode,
    properties: readonly StateProperty[],
    values: readonly VariantValue[],
    peer: number,
  ): void {
    const script = root.mirror.scriptOf(root);
    if (script?._synchronized === undefined) return;
    const named = namedValues(properties, values);
    const tell = (): void => script._synchronized?.(named, peer);
    callGuarded(tell, [], this.#parts.report, `_synchronized of ${pathOf(root)}`);
  }

  /** Asks the application, if it wants to be asked. */
  #isValid(
    peer: number,
    sync: MultiplayerSynchronizer,
    properties: readonly StateProperty[],
    values: readonly VariantValue[],
  ): boolean {
    const { validate } = sync;
    if (validate === undefined) return true;
    const named = namedValues(properties, values);
    let isValid: unknown = false;
    const ask = (): unknown => {
      isValid = validate(named, peer);
      return isValid;
    };
    callGuarded(ask, [], this.#parts.report, 'validate');
    if (isValid === true) return true;
    this.#refuse(peer, sync, MultiplayerRefusal.STATE_REFUSED, 'the validator says no');
    return false;
  }

  /** Whose state it is. A SYNC may be about what is gone, or not there yet: 8.1. */
  #find(peer: number, id: number, isReliable: boolean): MultiplayerSynchronizer | undefined {
    const { core, tracked, remotePaths, synchronizerOf } = this.#parts;
    if (id >= PATH_BIT) {
      // A client sends the state of what it owns until it hears that the node is gone.
      if (remotePaths.isGone(peer, id - PATH_BIT)) return undefined;
      const node = remotePaths.resolve(peer, id - PATH_BIT);
      return node && synchronizerOf(node);
    }
    const sync = tracked.replicas.get(peer)?.ownSyncs.get(id) ?? this.#keptBy(peer, id);
    if (sync === undefined && isReliable)
      core.refusals.refuse(
        MultiplayerRefusal.UNKNOWN_NODE,
        peer,
        () => `changes of the synchronizer ${id}, which it never spawned`,
      );
    return sync;
  }

  /** 12: once it is the authority of what we have spawned, 4.0 and 4.1 go on under the number of the SPAWN. */
  #keptBy(peer: number, id: number): MultiplayerSynchronizer | undefined {
    const { core, tracked, lists } = this.#parts;
    const keeps = core.behaviour.asksVersions && lists.of(peer) < '4.2';
    const sync = keeps ? tracked.spawnedSyncs.get(id) : undefined;
    return sync?.node.getMultiplayerAuthority() === peer ? sync : undefined;
  }

  #isAuthority(peer: number, sync: MultiplayerSynchronizer): boolean {
    if (sync.node.getMultiplayerAuthority() === peer) return true;
    this.#refuse(peer, sync, MultiplayerRefusal.NOT_ALLOWED, 'it is not its authority');
    return false;
  }

  #refuse(peer: number, sync: MultiplayerSynchronizer, reason: MultiplayerRefusal, detail: string): void {
    this.#parts.core.refusals.refuse(reason, peer, () => {
      const nodePath = pathOf(sync.node);
      return { nodePath, text: `the state of ${nodePath}: ${detail}` };
    });
  }
}

/** 8.2: an equal time is none. */
function isNewer(time: number, last: number): boolean {
  return last < 0 || time > last || last - time >= 32_767;
}

/** What the application gets: a FLOAT as number, as a node gives it. */
function namedValues(
  properties: readonly StateProperty[],
  values: readonly VariantValue[],
): Map<string, VariantValue> {
  return new Map(
    properties.map(({ path }, i) => {
      const value = values[i] ?? null;
      return [path, value instanceof Float ? value.value : value];
    }),
  );
}
