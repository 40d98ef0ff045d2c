/** Who sees what: of nodes that are spawned, of synchronizers, and of calls. docs/protocol/scene-multiplayer 7.5, 8.5, 11.2 (39). */
import type { MirrorNode } from '../../../schema/index.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import type { Replica, Tracked, TrackedNode } from './tracked.ts';

/** What visibility asks, and what it decides. */
export interface VisibilityHost {
  /** Whether filters are asked for each peer, not for "0" first. */
  readonly asksEachPeer: boolean;
  /** Whether this process decides about a node, with a connection. */
  hasAuthority(node: MirrorNode): boolean;
  /** Whether a peer may get a node at all: no gate is closed, and it is of interest to it. */
  mayHave(replica: Replica, node: MirrorNode): boolean;
  /** Milliseconds of a clock that may wrap at 2^32. */
  now(): number;
  /** Peers see a node now. */
  appears(tracked: TrackedNode, replicas: readonly Replica[]): void;
  /** Peers do not see a node any more. */
  disappears(tracked: TrackedNode, replicas: readonly Replica[]): void;
}

/** Works visibility out and lets nodes appear and disappear. */
export class Visibility {
  readonly #tracked: Tracked;
  readonly #host: VisibilityHost;

  constructor(tracked: Tracked, host: VisibilityHost) {
    this.#tracked = tracked;
    this.#host = host;
  }

  /** Works out who has a node, for a peer or (0) for all. */
  updateSpawn(peer: number, tracked: TrackedNode): void {
    const { spawner } = tracked;
    if (spawner === undefined || !this.#host.hasAuthority(spawner.node)) return;
    const gets: Replica[] = [];
    const loses: Replica[] = [];
    const isForAll = peer === 0 && !this.#host.asksEachPeer && this.#isSpawnVisible(0, tracked);
    for (const replica of this.#replicas(peer)) {
      const isVisible =
        (isForAll || this.#isSpawnVisible(replica.id, tracked)) &&
        this.#host.mayHave(replica, spawner.node) &&
        this.#host.mayHave(replica, tracked.node);
      if (isVisible !== replica.spawned.has(tracked)) (isVisible ? gets : loses).push(replica);
    }
    if (gets.length > 0) this.#host.appears(tracked, gets);
    if (loses.length > 0) this.#host.disappears(tracked, loses);
  }

  /** Works out who is sent the state of a synchronizer, for a peer or (0) for all. */
  updateSync(peer: number, sync: MultiplayerSynchronizer): void {
    const { root } = sync;
    if (root === undefined || !this.#host.hasAuthority(sync.node)) return;
    const isForAll = peer === 0 && !this.#host.asksEachPeer && sync.isVisibleTo(0);
    const isOrphan = this.#tracked.nodes.get(root)?.isOrphan === true;
    for (const replica of this.#replicas(peer)) {
      const isVisible =
        !isOrphan &&
        (isForAll || sync.isVisibleTo(replica.id)) &&
        this.#host.mayHave(replica, sync.node) &&
        this.#host.mayHave(replica, root);
      if (isVisible) replica.seeSync(sync, this.#host.now());
      else replica.forgetSync(sync);
    }
  }

  /** Whether calls of a node reach a peer. */
  isCallVisible(node: MirrorNode, peer: number): boolean {
    const tracked = this.#tracked.nodes.get(node);
    if (tracked?.isOrphan === true) return false;
    if (tracked === undefined || (tracked.remotePeer !== 0 && tracked.remotePeer === peer)) return true;
    if (this.#tracked.spawned.has(tracked))
      return this.#tracked.replicas.get(peer)?.spawned.has(tracked) === true;
    return tracked.syncs.size === 0 || tracked.syncs.items.some((sync) => sync.isVisibleTo(peer));
  }

  /** Any of the synchronizers that the spawning peer owns is enough; so is owning none. */
  #isSpawnVisible(peer: number, tracked: TrackedNode): boolean {
    let isVisible = true;
    for (const sync of tracked.syncs.items) {
      if (!this.#host.hasAuthority(sync.node)) continue;
      if (sync.isVisibleTo(peer)) return true;
      isVisible = false;
    }
    return isVisible;
  }

  #replicas(peer: number): Iterable<Replica> {
    if (peer === 0) return this.#tracked.replicas.values();
    const replica = this.#tracked.replicas.get(peer);
    return replica === undefined ? [] : [replica];
  }
}
