/** What replication knows of nodes and of peers. docs/protocol/scene-multiplayer 7, 8, 11.2 (10). */
import type { MirrorNode } from '../../../schema/index.ts';
import type { GlobalPlace } from '../../../schema/internal.ts';
import { SwapList } from '../swapList.ts';
import type { MultiplayerSpawner } from './MultiplayerSpawner.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import { type NetIds, OwnNetIds } from './netIds.ts';

/** A node that is spawned, synchronized, or both; until it leaves the tree. */
export class TrackedNode {
  /** The node. */
  readonly node: MirrorNode;
  /** The synchronizers whose target it is, in the engine's order. */
  readonly syncs: SwapList<MultiplayerSynchronizer> = new SwapList();
  /** Its number on the wire; 0 for none. */
  netId = 0;
  /** The peer that has spawned it here; 0 for none. */
  remotePeer = 0;
  /** Whether it is of interest to a peer, by the peer's slot; `undefined`: not decided. */
  readonly wanted: (boolean | undefined)[] = [];
  /** Its global position, and the step of it. */
  readonly global: GlobalPlace = { tick: -1, place: undefined };
  /** Whether its spawner is gone: it stays here, and nobody else has it. */
  isOrphan = false;
  /** The spawner that it came by. */
  spawner: MultiplayerSpawner | undefined;

  constructor(node: MirrorNode) {
    this.node = node;
  }
}

/** When changes of a synchronizer were last sent to a peer. */
export interface LastDelta {
  readonly step: number;
  readonly ms: number;
}

/** A peer, as replication knows it. */
export class Replica {
  /** Its id. */
  readonly id: number;
  /** A small number that no other peer has at the same time. */
  readonly slot: number;
  /** The synchronizers of ours that it sees. */
  readonly syncs: SwapList<MultiplayerSynchronizer> = new SwapList();
  /** The nodes of ours that it has, or will have, each with the number of the spawner that it was told with them. */
  readonly spawned: Map<TrackedNode, number> = new Map();
  /** Those of them whose SPAWN waits until its version is known, in order. */
  readonly waitingSpawns: Set<TrackedNode> = new Set();
  /** Its nodes that are here, by its numbers. */
  readonly nodes: Map<number, TrackedNode> = new Map();
  /** Its synchronizers that are here, by its numbers. */
  readonly ownSyncs: Map<number, MultiplayerSynchronizer> = new Map();
  /** When it was last sent changes of a synchronizer. */
  readonly deltas: Map<MultiplayerSynchronizer, LastDelta> = new Map();
  /** Synchronizers that it sees now and has not been sent the state of. */
  readonly fresh: Set<MultiplayerSynchronizer> = new Set();
  /** Synchronizers whose changes it has not been sent yet. */
  readonly changed: Set<MultiplayerSynchronizer> = new Set();
  /** States that did not fit into the budget, with the step since which they wait. */
  readonly waiting: Map<MultiplayerSynchronizer, number> = new Map();
  /** Bytes of states that may be sent in this step; negative: what the last ones took too much. */
  credit = 0;
  /** The SYNCs that it was sent, each with several packets perhaps: the time of the last one, but for the bits above the 16th. */
  time = 0;
  /** Whether it came from elsewhere: it may have old times of synchronizers that it knows by their paths. */
  isCarried = false;
  /** The synchronizers of ours whose numbers it was told with their nodes. */
  readonly #numbered = new Set<MultiplayerSynchronizer>();
  /** Whether all that it sees are among them; `undefined`: to be looked up. */
  #hasAllNumbers: boolean | undefined;

  constructor(id: number, slot: number) {
    this.id = id;
    this.slot = slot;
  }

  /** A synchronizer is seen now. */
  seeSync(sync: MultiplayerSynchronizer): void {
    if (this.syncs.has(sync)) return;
    this.syncs.add(sync);
    this.fresh.add(sync);
    this.changed.add(sync);
    this.#hasAllNumbers = undefined;
  }

  /** It is told the number of a synchronizer with its node. */
  tellNumber(sync: MultiplayerSynchronizer): void {
    this.#numbered.add(sync);
    this.#hasAllNumbers = undefined;
  }

  /** The number of a synchronizer means nothing to it any more. */
  forgetNumber(sync: MultiplayerSynchronizer): void {
    if (this.#numbered.delete(sync)) this.#hasAllNumbers = undefined;
  }

  /** Whether it was told the number of a synchronizer with its node. */
  hasNumber(sync: MultiplayerSynchronizer): boolean {
    return this.#numbered.has(sync);
  }

  /** Whether it has nothing of its own to get now: first states, ones that had to wait, numbers that it alone knows. */
  get isPlain(): boolean {
    if (this.fresh.size > 0 || this.waiting.size > 0) return false;
    this.#hasAllNumbers ??= this.syncs.items.every((sync) => this.#numbered.has(sync));
    return this.#hasAllNumbers;
  }

  /** A node of ours is not there any more. @returns whether the peer was told of it, or has to be told now. */
  forgetNode(tracked: TrackedNode): boolean {
    for (const sync of tracked.syncs.items) this.forgetNumber(sync);
    return this.spawned.delete(tracked) && !this.waitingSpawns.delete(tracked);
  }

  /** A synchronizer is not seen any more, or is gone. */
  forgetSync(sync: MultiplayerSynchronizer): void {
    if (!this.syncs.delete(sync)) return;
    this.#hasAllNumbers = undefined;
    this.deltas.delete(sync);
    this.fresh.delete(sync);
    this.changed.delete(sync);
    this.waiting.delete(sync);
  }
}

/** All tracked nodes and peers of a SceneMultiplayer. */
export class Tracked {
  /** Tracked nodes by node. */
  readonly nodes: Map<MirrorNode, TrackedNode> = new Map();
  /** The peers, in the order in which they came. */
  readonly replicas: Map<number, Replica> = new Map();
  /** All synchronizers that take part. */
  readonly syncs: SwapList<MultiplayerSynchronizer> = new SwapList();
  /** Nodes of ours that are spawned and ready, in the order in which a late joiner hears of them. */
  readonly spawned: Set<TrackedNode> | SwapList<TrackedNode>;
  /** Synchronizers by the number that a SPAWN gave them. */
  readonly spawnedSyncs: Map<number, MultiplayerSynchronizer> = new Map();
  /** Where numbers come from. */
  netIds: NetIds = new OwnNetIds();
  readonly #freeSlots: number[] = [];

  /** @param swapsSpawned see `Habits`. */
  constructor(swapsSpawned: boolean) {
    this.spawned = swapsSpawned ? new SwapList() : new Set();
  }

  /** The tracked node of a node; made if there is none. */
  of(node: MirrorNode): TrackedNode {
    const known = this.nodes.get(node);
    if (known !== undefined) return known;
    const made = new TrackedNode(node);
    this.nodes.set(node, made);
    return made;
  }

  /** A peer has come. */
  addReplica(peer: number): Replica {
    this.removeReplica(peer);
    const replica = new Replica(peer, this.#freeSlots.pop() ?? this.replicas.size);
    this.replicas.set(peer, replica);
    return replica;
  }

  /** A peer is gone. @returns what was known of it. */
  removeReplica(peer: number): Replica | undefined {
    const replica = this.replicas.get(peer);
    if (replica === undefined) return undefined;
    this.replicas.delete(peer);
    this.#freeSlots.push(replica.slot);
    for (const tracked of this.nodes.values()) tracked.wanted[replica.slot] = undefined;
    return replica;
  }

  /** The next number for a node or synchronizer. */
  nextNetId(): number {
    return this.netIds.next();
  }

  /** A node is tracked no more. */
  forget(tracked: TrackedNode): void {
    this.nodes.delete(tracked.node);
    this.spawned.delete(tracked);
    if (tracked.remotePeer !== 0) this.replicas.get(tracked.remotePeer)?.nodes.delete(tracked.netId);
    else for (const replica of this.replicas.values()) replica.forgetNode(tracked);
  }

  /** A synchronizer takes part no more, or begins anew. */
  forgetSync(sync: MultiplayerSynchronizer): void {
    this.syncs.delete(sync);
    for (const replica of this.replicas.values()) {
      replica.forgetSync(sync);
      replica.forgetNumber(sync);
      if (replica.ownSyncs.get(sync.wire.netId) === sync) replica.ownSyncs.delete(sync.wire.netId);
    }
  }

  /** Everybody is gone: numbers begin at 1 again, nodes stay tracked. */
  reset(): void {
    for (const peer of [...this.replicas.keys()]) this.removeReplica(peer);
    this.spawnedSyncs.clear();
    for (const tracked of this.nodes.values()) {
      tracked.netId = 0;
      tracked.remotePeer = 0;
    }
    for (const sync of this.syncs) sync.restart();
    this.netIds.reset();
  }
}
