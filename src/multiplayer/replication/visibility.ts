/** Who sees what: of nodes that are spawned, of synchronizers, and of calls. docs/protocol/scene-multiplayer 7.5, 8.5, 11.2 (39). */
import type { MirrorNode } from '../../../schema/index.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import type { Replica, Tracked, TrackedNode } from './tracked.ts';

/** What visibility asks, and what it decides. */
export interface VisibilityHost {
  /** Whether filters are asked for each peer, not for "0" first. */
  readonly asksEachPeer: boolean;
  /** Whether what is below a node that a peer does not have is hidden from it. */
  readonly hidesBelow: boolean;
  /** Whether this process decides about a node, with a connection. */
  hasAuthority(node: MirrorNode): boolean;
  /** Whether a peer may get a node at all: no gate is closed, and it is of interest to it. */
  mayHave(replica: Replica, node: MirrorNode): boolean;
  /** The behaviour of a synchronizer node; `undefined` for other nodes. */
  synchronizerOf(node: MirrorNode): MultiplayerSynchronizer | undefined;
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

  /** Works out what a peer has and is sent: nodes in the order of their creation, which has those above first. */
  updatePeer(peer: number): void {
    for (const tracked of [...this.#tracked.spawned]) this.updateSpawn(peer, tracked, false);
    for (const sync of this.#tracked.syncs) this.updateSync(peer, sync);
  }

  /** Works out who has a node, for a peer or (0) for all. @param withBelow whether what is below follows a node that appears. */
  updateSpawn(peer: number, tracked: TrackedNode, withBelow: boolean = true): void {
    const { spawner } = tracked;
    if (spawner === undefined || !this.#host.hasAuthority(spawner.node)) return;
    const gets: Replica[] = [];
    const loses: Replica[] = [];
    const isForAll = peer === 0 && !this.#host.asksEachPeer && this.#isSpawnVisible(0, tracked);
    const parent = tracked.node.getParent();
    const above = [...this.#spawnedFrom(parent), ...this.#spawnedFrom(spawner.node)];
    for (const replica of this.#replicas(peer)) {
      const isVisible =
        (isForAll || this.#isSpawnVisible(replica.id, tracked)) &&
        hasAll(replica, above) &&
        this.#host.mayHave(replica, spawner.node) &&
        this.#host.mayHave(replica, tracked.node);
      if (isVisible !== replica.spawned.has(tracked)) (isVisible ? gets : loses).push(replica);
    }
    if (gets.length > 0) {
      this.#host.appears(tracked, gets);
      if (withBelow && this.#host.hidesBelow) this.#showBelow(tracked.node, gets);
    }
    if (loses.length > 0) {
      this.hideBelow(tracked.node, loses);
      this.#host.disappears(tracked, loses);
    }
  }

  /** Peers lose a node: what they have of those below it goes first, and no states follow. */
  hideBelow(top: MirrorNode, replicas: Iterable<Replica>): void {
    if (!this.#host.hidesBelow) return;
    const losing = [...replicas];
    for (const node of [...top.walk()].reverse()) {
      const tracked = this.#tracked.nodes.get(node);
      for (const sync of this.#syncsAt(node, tracked)) for (const one of losing) one.forgetSync(sync);
      if (tracked === undefined || node === top) continue;
      const having = losing.filter((replica) => replica.spawned.has(tracked));
      if (having.length > 0) this.#host.disappears(tracked, having);
    }
  }

  /** Works out who is sent the state of a synchronizer, for a peer or (0) for all. */
  updateSync(peer: number, sync: MultiplayerSynchronizer): void {
    const { root } = sync;
    if (root === undefined || !this.#host.hasAuthority(sync.node)) return;
    const isForAll = peer === 0 && !this.#host.asksEachPeer && sync.isVisibleTo(0);
    const above = [...this.#spawnedFrom(root), ...this.#spawnedFrom(sync.node)];
    for (const replica of this.#replicas(peer)) {
      const isVisible =
        (isForAll || sync.isVisibleTo(replica.id)) &&
        hasAll(replica, above) &&
        this.#host.mayHave(replica, sync.node) &&
        this.#host.mayHave(replica, root);
      // A filter may have freed it.
      if (sync.root === undefined) return;
      if (isVisible) replica.seeSync(sync);
      else replica.forgetSync(sync);
    }
  }

  /** Whether calls of a node reach a peer. */
  isCallVisible(node: MirrorNode, peer: number): boolean {
    const tracked = this.#tracked.nodes.get(node);
    const replica = this.#tracked.replicas.get(peer);
    if (replica !== undefined && !hasAll(replica, this.#spawnedFrom(node))) return false;
    if (tracked === undefined || (tracked.remotePeer !== 0 && tracked.remotePeer === peer)) return true;
    if (this.#tracked.spawned.has(tracked)) return replica?.spawned.has(tracked) === true;
    if (tracked.syncs.size === 0) return true;
    if (this.#host.hidesBelow && replica !== undefined && !this.#host.mayHave(replica, node)) return false;
    return tracked.syncs.items.some((sync) => sync.isVisibleTo(peer));
  }

  /** Whether the number of a node may be told to a peer again. */
  mayTell(node: MirrorNode, peer: number): boolean {
    const sync = this.#host.synchronizerOf(node);
    if (sync === undefined) return this.isCallVisible(node, peer);
    return this.#tracked.replicas.get(peer)?.syncs.has(sync) === true;
  }

  #showBelow(top: MirrorNode, replicas: readonly Replica[]): void {
    for (const node of top.walk()) {
      const below = this.#tracked.nodes.get(node);
      for (const { id } of replicas) {
        if (below !== undefined && node !== top && this.#tracked.spawned.has(below))
          this.updateSpawn(id, below);
        for (const sync of this.#syncsAt(node, below)) this.updateSync(id, sync);
      }
    }
  }

  /** The synchronizers of a node, and itself if it is one. */
  #syncsAt(node: MirrorNode, tracked: TrackedNode | undefined): MultiplayerSynchronizer[] {
    const own = this.#host.synchronizerOf(node);
    const syncs = tracked?.syncs.toArray() ?? [];
    return own === undefined ? syncs : [...syncs, own];
  }

  /** The nodes that are spawned by us, from one upwards; those whose spawner is gone, which nobody has, as well. */
  #spawnedFrom(node: MirrorNode | undefined): TrackedNode[] {
    const spawned: TrackedNode[] = [];
    if (!this.#host.hidesBelow) return spawned;
    for (let at = node; at !== undefined; at = at.getParent()) {
      const tracked = this.#tracked.nodes.get(at);
      if (tracked === undefined || tracked.remotePeer !== 0) continue;
      if (tracked.spawner !== undefined || tracked.isOrphan) spawned.push(tracked);
    }
    return spawned;
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

function hasAll(replica: Replica, nodes: readonly TrackedNode[]): boolean {
  return nodes.every((node) => replica.spawned.has(node));
}
