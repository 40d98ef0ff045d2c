/**
 * Spawners and synchronizers of a SceneMultiplayer: what they say in the tree, at peers and in each step.
 * docs/protocol/scene-multiplayer 7, 8, 11, 12.
 */
import type { MirrorNode } from '../../../schema/index.ts';
import type { ErrorReporter } from '../../godot/index.ts';
import type { Announcements } from '../announcements.ts';
import type { Core } from '../core.ts';
import type { Gates } from '../gates.ts';
import { pathOf } from '../nodeAddress.ts';
import { SERVER } from '../outgoing.ts';
import type { PeerBudget } from '../peerBudget.ts';
import type { PeerDialects } from '../peerDialects.ts';
import type { RemotePaths } from '../remotePaths.ts';
import { ListDialects } from './listDialects.ts';
import { MultiplayerSpawner, type SpawnerHost } from './MultiplayerSpawner.ts';
import { MultiplayerSynchronizer, type SynchronizerHost } from './MultiplayerSynchronizer.ts';
import type { NetIds } from './netIds.ts';
import { NodeInterest } from './nodeInterest.ts';
import type { ReplicationSettings } from './settings.ts';
import { SpawnReceiver } from './spawnReceiver.ts';
import { SpawnSender } from './spawnSender.ts';
import { type StateLists, stateListsOf } from './stateLists.ts';
import { StateReceiver } from './stateReceiver.ts';
import { StateSender } from './stateSender.ts';
import { type Replica, Tracked, type TrackedNode } from './tracked.ts';
import { Visibility } from './visibility.ts';

/** What replication has from its SceneMultiplayer. */
export interface SceneReplicationParts {
  readonly core: Core;
  readonly announcements: Announcements;
  readonly remotePaths: RemotePaths;
  readonly dialects: PeerDialects;
  readonly gates: Gates;
  readonly report: ErrorReporter;
  /** Milliseconds of a clock that may wrap at 2^32. */
  now(): number;
  /** The most bytes of a SYNC. */
  maxSync(): number;
  /** The most bytes of a DELTA. */
  maxDelta(): number;
  /** The most nodes that a peer may have spawned here. */
  readonly maxSpawns: number;
  /** How many states and spawns a peer may send. */
  readonly budget: PeerBudget;
  /** What goes beyond the engine. */
  readonly settings: ReplicationSettings;
  /** Whether a node belongs to this SceneMultiplayer. */
  isOurs(node: MirrorNode): boolean;
  /** Makes the node of a scene; what it throws is told. */
  instantiate(path: string): MirrorNode;
}

/** The replication of one SceneMultiplayer. */
export class SceneReplication implements SynchronizerHost, SpawnerHost {
  readonly report: ErrorReporter;
  readonly firstTime: number;
  readonly #parts: SceneReplicationParts;
  readonly #tracked: Tracked;
  readonly #lists: ListDialects;
  readonly #interest: NodeInterest;
  readonly #visibility: Visibility;
  /** Those who are gone, and may come back. */
  readonly #awaited = new Set<number>();
  readonly #spawnSender: SpawnSender;
  readonly #spawnReceiver: SpawnReceiver;
  readonly #stateSender: StateSender;
  readonly #stateReceiver: StateReceiver;
  readonly #spawners = new WeakMap<MirrorNode, MultiplayerSpawner>();
  readonly #synchronizers = new WeakMap<MirrorNode, MultiplayerSynchronizer>();
  /** Whose children concern which spawners. */
  readonly #parents = new Map<MirrorNode, MultiplayerSpawner[]>();
  /** Nodes that are spawned as soon as the first of them is ready. */
  readonly #queue = new Set<MirrorNode>();

  constructor(parts: SceneReplicationParts) {
    this.#parts = parts;
    this.report = parts.report;
    const { core } = parts;
    const { habits } = core.behaviour;
    this.#tracked = new Tracked(habits.swapsSpawned);
    this.firstTime = habits.beginsAtTimeZero ? 0 : -1;
    this.#lists = new ListDialects(parts.dialects, core.behaviour.asksVersions);
    const shared = {
      ...parts,
      tracked: this.#tracked,
      lists: this.#lists,
      hasAuthority: (node: MirrorNode) => this.hasAuthority(node),
      readingAs: (peer: number) => (core.behaviour.asksVersions ? undefined : parts.dialects.of(peer)),
      listsOf: (sync: MultiplayerSynchronizer, peer: number) => this.#listsOf(sync, peer),
      spawnListOf: (sync: MultiplayerSynchronizer, peer: number) => this.#listsOf(sync, peer)?.spawn ?? [],
      spawnerOf: (node: MirrorNode) => this.#spawners.get(node),
      synchronizerOf: (node: MirrorNode) => this.#synchronizers.get(node),
    };
    parts.announcements.mayTell = (node, peer) => this.#mayTell(node, peer);
    parts.announcements.onConfirmed = (node, peer, id) => this.#confirmed(node, peer, id);
    const { interest, interestTicks } = parts.settings;
    this.#interest = new NodeInterest(interest, interestTicks, this.#tracked, parts.report);
    this.#spawnSender = new SpawnSender(shared);
    this.#spawnReceiver = new SpawnReceiver(shared);
    this.#stateSender = new StateSender(shared);
    this.#stateReceiver = new StateReceiver(shared);
    this.#visibility = new Visibility(this.#tracked, {
      asksEachPeer: core.behaviour.asksEachPeer,
      hidesBelow: core.behaviour.hidesBelow,
      synchronizerOf: (node) => this.#synchronizers.get(node),
      hasAuthority: (node) => this.hasAuthority(node),
      mayHave: (replica, node) =>
        !parts.gates.isClosed(replica.id, node) && this.#interest.isWanted(replica, node),
      appears: (tracked, replicas) => this.#spawnSender.spawn(tracked, replicas),
      disappears: (tracked, replicas) => this.#spawnSender.despawn(tracked, replicas),
    });
  }

  /** The behaviour of a spawner node; `undefined` for other nodes. */
  spawnerOf(node: MirrorNode): MultiplayerSpawner | undefined {
    const known = this.#spawners.get(node);
    if (known !== undefined || !node.isClass('MultiplayerSpawner')) return known;
    const made = new MultiplayerSpawner(node, this);
    this.#spawners.set(node, made);
    return made;
  }

  /** Who has spawned a node that is ours; `undefined` for other nodes. */
  spawnedBy(node: MirrorNode): MultiplayerSpawner | undefined {
    const tracked = this.#tracked.nodes.get(node);
    return tracked?.remotePeer === 0 ? tracked.spawner : undefined;
  }

  /**
   * The peers that have a node of ours by replication: those it, or what it is in, was spawned at, or who see a synchronizer of it; of a node
   * that a peer has spawned, that peer. `undefined` for one that is not replicated.
   */
  peersWith(node: MirrorNode): number[] | undefined {
    for (let at: MirrorNode | undefined = node; at !== undefined; at = at.getParent()) {
      const tracked = this.#tracked.nodes.get(at);
      if (tracked === undefined || (tracked.spawner === undefined && at !== node)) continue;
      if (tracked.remotePeer !== 0) return [tracked.remotePeer];
      const has = (replica: Replica): boolean =>
        tracked.spawner === undefined
          ? tracked.syncs.items.some((sync) => replica.syncs.has(sync))
          : replica.spawned.has(tracked);
      return [...this.#tracked.replicas.values()].filter(has).map(({ id }) => id);
    }
    return undefined;
  }

  /** Whether a peer has spawned a node here. */
  isOfPeer(node: MirrorNode): boolean {
    return (this.#tracked.nodes.get(node)?.remotePeer ?? 0) !== 0;
  }

  /** The behaviour of a synchronizer node; `undefined` for other nodes. */
  synchronizerOf(node: MirrorNode): MultiplayerSynchronizer | undefined {
    const known = this.#synchronizers.get(node);
    if (known !== undefined || !node.isClass('MultiplayerSynchronizer')) return known;
    const made = new MultiplayerSynchronizer(node, this);
    this.#synchronizers.set(node, made);
    return made;
  }

  // --- The tree -----------------------------------------------------------------------------------------------

  /** Takes part with what is in the tree already; what is below spawn paths counts as part of the scene. */
  takeOver(root: MirrorNode): void {
    const nodes = [...root.walk()];
    for (const node of nodes) this.entered(node);
    for (const node of nodes) this.settled(node);
  }

  /** A node has entered the tree. */
  entered(node: MirrorNode): void {
    const parent = node.getParent();
    const spawners = parent && this.#parents.get(parent);
    const isSynchronizer = node.isClass('MultiplayerSynchronizer');
    // Most nodes are neither; where they are is asked of the others only.
    if ((!isSynchronizer && spawners === undefined) || !this.#parts.isOurs(node)) return;
    if (isSynchronizer) this.synchronizerOf(node)?.start();
    for (const spawner of spawners ?? []) spawner.childEntered(node);
  }

  /** A node and everything below it have entered the tree. */
  settled(node: MirrorNode): void {
    if (node.isClass('MultiplayerSpawner') && this.#parts.isOurs(node)) this.spawnerOf(node)?.lookForParent();
  }

  /** A node is ready. */
  ready(node: MirrorNode): void {
    // 7.5: what is spawned inside of another one waits for that.
    if (!this.#queue.has(node) || node !== this.#queue.values().next().value) return;
    const nodes = [...this.#queue];
    this.#queue.clear();
    for (const one of nodes) this.#spawnNow(one);
  }

  /** A node leaves the tree. */
  exiting(node: MirrorNode): void {
    const sync = this.#synchronizers.get(node);
    if (sync !== undefined) this.#tracked.spawnedSyncs.delete(sync.wire.spawnId);
    sync?.stop();
    this.#spawners.get(node)?.exiting();
    const tracked = this.#tracked.nodes.get(node);
    if (tracked === undefined) return;
    tracked.spawner?.childExiting(node);
    this.#tracked.forget(tracked);
    this.#queue.delete(node);
  }

  /** Another peer is about to decide about a node. */
  authorityChanging(node: MirrorNode): void {
    const { keepsNumbers } = this.#parts.core.behaviour.habits;
    if (node.isInsideTree()) this.#synchronizers.get(node)?.stop(keepsNumbers);
  }

  /** Another peer decides about a node now. */
  authorityChanged(node: MirrorNode): void {
    const { keepsNumbers } = this.#parts.core.behaviour.habits;
    if (node.isInsideTree()) this.#synchronizers.get(node)?.start(keepsNumbers);
  }

  /** A frame is over: filters are asked. */
  processed(): void {
    for (const sync of this.#tracked.syncs) if (sync.asksEachFrame) sync.updateVisibility();
  }

  // --- Peers --------------------------------------------------------------------------------------------------

  /**
   * A peer was admitted: it gets everything that it may see.
   *
   * @param time that of the last SYNC that it was sent elsewhere; `undefined` for one that comes anew.
   */
  peerAdded(peer: number, time: number | undefined): void {
    const replica = this.#tracked.addReplica(peer);
    replica.time = time ?? 0;
    replica.isCarried = time !== undefined;
    this.updatePeer(peer);
  }

  /**
   * A peer goes elsewhere: it is told to free all that it has from here, from the last to the first.
   *
   * @returns the time in the last SYNC that it was sent, and the nodes that it has no more.
   */
  release(peer: number): { readonly time: number; readonly gone: ReadonlySet<MirrorNode> } {
    const replica = this.#tracked.replicas.get(peer);
    const gone = new Set<MirrorNode>();
    if (replica === undefined) return { time: 0, gone };
    for (const tracked of [...replica.spawned.keys()].reverse()) {
      for (const node of tracked.node.walk()) gone.add(node);
      this.#spawnSender.despawn(tracked, [replica]);
    }
    return { time: replica.time, gone };
  }

  /** Numbers are given together with others. */
  shareNetIds(netIds: NetIds): void {
    this.#tracked.netIds = netIds;
  }

  /** Whether a number is that of a node or synchronizer of ours. */
  isNetIdUsed(id: number): boolean {
    if (this.#tracked.spawnedSyncs.has(id)) return true;
    for (const { netId, remotePeer } of this.#tracked.nodes.values())
      if (netId === id && remotePeer === 0) return true;
    return false;
  }

  /** The version of a peer is known, or another one: what waited for it goes on. */
  versionKnown(peer: number): void {
    const replica = this.#tracked.replicas.get(peer);
    if (replica !== undefined) this.#spawnSender.versionKnown(replica);
  }

  /** Whether a SPAWN waits until the version of a peer is known: calls and what is relayed have to come behind it. */
  hasWaitingSpawns(peer: number): boolean {
    return (this.#tracked.replicas.get(peer)?.waitingSpawns.size ?? 0) > 0;
  }

  /** What a peer may see may be other than it was. */
  updatePeer(peer: number): void {
    this.#visibility.updatePeer(peer);
  }

  /** A peer is gone: so are its nodes. */
  peerRemoved(peer: number): void {
    const replica = this.#tracked.removeReplica(peer);
    if (replica !== undefined) this.#freeNodes(replica);
    if (!this.#awaited.has(peer)) this.#forgetVisibility(peer);
  }

  /** A peer that will be lost may come back, under another id: what it was let see is not forgotten until then. */
  awaitPeer(peer: number): void {
    this.#awaited.add(peer);
  }

  /** One who was awaited is to come under another id. */
  peerBack(oldPeer: number, newPeer: number): void {
    this.#awaited.delete(oldPeer);
    for (const sync of this.#tracked.syncs) sync.renamePeer(oldPeer, newPeer);
  }

  /** One who was awaited does not come back. */
  giveUpPeer(peer: number): void {
    if (this.#awaited.delete(peer)) this.#forgetVisibility(peer);
  }

  /** A peer loads a subtree again, and has nothing of ours in it: nothing is said about it. */
  forgetBelow(peer: number, isMeant: (node: MirrorNode) => boolean): void {
    const replica = this.#tracked.replicas.get(peer);
    if (replica === undefined) return;
    for (const tracked of replica.spawned.keys())
      if (isMeant(tracked.node) || (tracked.spawner !== undefined && isMeant(tracked.spawner.node)))
        replica.forgetNode(tracked);
    for (const sync of replica.syncs)
      if (isMeant(sync.node) || (sync.root !== undefined && isMeant(sync.root))) replica.forgetSync(sync);
  }

  /** Everybody is gone. */
  clear(): void {
    for (const replica of this.#tracked.replicas.values()) this.#freeNodes(replica);
    this.#tracked.reset();
  }

  /** What there is of all peers: our nodes there, their nodes here, and what waits. */
  totals(): { readonly spawned: number; readonly ofPeers: number; readonly waiting: number } {
    let [spawned, ofPeers, waiting] = [0, 0, 0];
    for (const replica of this.#tracked.replicas.values()) {
      spawned += replica.spawned.size;
      ofPeers += replica.nodes.size;
      waiting += replica.waiting.size + replica.changed.size;
    }
    return { spawned, ofPeers, waiting };
  }

  /** Whether calls of a node reach a peer. */
  isCallVisible(node: MirrorNode, peer: number): boolean {
    return this.#visibility.isCallVisible(node, peer);
  }

  // --- Packets ------------------------------------------------------------------------------------------------

  /** A SPAWN has arrived. */
  receiveSpawn(peer: number, bytes: Uint8Array): void {
    this.#spawnReceiver.spawn(peer, bytes);
  }

  /** A DESPAWN has arrived. */
  receiveDespawn(peer: number, bytes: Uint8Array): void {
    this.#spawnReceiver.despawn(peer, bytes);
  }

  /** A SYNC or DELTA has arrived. */
  receiveState(peer: number, bytes: Uint8Array): void {
    this.#stateReceiver.receive(peer, bytes);
  }

  /** Another tick has begun: interest is worked out for those whose turn it is, and budgets are new. */
  nextTick(): void {
    for (const replica of this.#tracked.replicas.values())
      replica.credit = Math.min(replica.credit, 0) + this.#parts.settings.bytesPerTick;
    this.#interest.step((replica, tracked) => {
      this.#visibility.updateSpawn(replica.id, tracked);
      for (const sync of tracked.syncs) this.#visibility.updateSync(replica.id, sync);
    });
  }

  /** Packets of states may have another size now. */
  limitsChanged(): void {
    this.#stateSender.limitsChanged();
  }

  /** Sends the states that are due. Once or more often per tick: what was sent is not sent again. */
  step(): void {
    for (const node of this.#queue) {
      const { spawnsAgain } = this.#parts.core.behaviour;
      this.#queue.delete(node);
      // 11.2 (31): one that comes back is ready already, and the engine waits for ever.
      if (spawnsAgain && node.isInsideTree()) this.#spawnNow(node);
      else this.warn(`${pathOf(node)} is not spawned: it was in the tree before`);
    }
    this.#stateSender.step();
  }

  // --- What behaviours ask ------------------------------------------------------------------------------------

  hasAuthority(node: MirrorNode): boolean {
    const { outgoing } = this.#parts.core;
    return outgoing.transport !== undefined && node.getMultiplayerAuthority() === outgoing.uniqueId;
  }

  warn(line: string): void {
    this.#parts.core.trace(line);
  }

  ensurePath(pathOrUid: string): string {
    return this.#parts.core.mirror.ensurePath(pathOrUid);
  }

  instantiate(path: string): MirrorNode {
    return this.#parts.instantiate(path);
  }

  started(sync: MultiplayerSynchronizer, root: MirrorNode): void {
    this.#lists.see(sync.settings.config);
    this.#tracked.of(root).syncs.add(sync);
    this.#tracked.syncs.add(sync);
    this.#visibility.updateSync(0, sync);
    this.#spawnReceiver.syncStarted(sync, root);
  }

  stopped(sync: MultiplayerSynchronizer, root: MirrorNode): void {
    this.#tracked.nodes.get(root)?.syncs.delete(sync);
    this.#tracked.forgetSync(sync);
  }

  visibilityChanged(sync: MultiplayerSynchronizer, peer: number): void {
    const { root } = sync;
    const tracked = root && this.#tracked.nodes.get(root);
    if (
      tracked !== undefined &&
      this.#tracked.spawned.has(tracked) &&
      peer !== this.#parts.core.outgoing.uniqueId
    )
      this.#visibility.updateSpawn(peer, tracked);
    this.#visibility.updateSync(peer, sync);
  }

  watchesParent(spawner: MultiplayerSpawner, parent: MirrorNode, isOn: boolean): void {
    const others = (this.#parents.get(parent) ?? []).filter((other) => other !== spawner);
    if (isOn) others.push(spawner);
    if (others.length > 0) this.#parents.set(parent, others);
    else this.#parents.delete(parent);
  }

  spawned(node: MirrorNode, spawner: MultiplayerSpawner): void {
    const tracked = this.#tracked.of(node);
    if (tracked.spawner !== undefined) {
      this.warn(
        `${pathOf(node)} is spawned by ${pathOf(tracked.spawner.node)}, not by ${pathOf(spawner.node)}`,
      );
      return;
    }
    tracked.spawner = spawner;
    this.#queue.add(node);
  }

  despawned(node: MirrorNode, spawner: MultiplayerSpawner): void {
    const tracked = this.#tracked.nodes.get(node);
    if (tracked?.spawner !== spawner) {
      this.warn(`${pathOf(node)} was not spawned by ${pathOf(spawner.node)}`);
      return;
    }
    this.#visibility.hideBelow(node, this.#tracked.replicas.values());
    this.#spawnSender.despawn(tracked, this.#tracked.replicas.values());
    tracked.spawner = undefined;
    this.#tracked.spawned.delete(tracked);
  }

  respawn(node: MirrorNode, change: () => void): void {
    const tracked = this.#tracked.nodes.get(node);
    // Others get it when it is ready.
    if (tracked === undefined || !this.#tracked.spawned.has(tracked)) {
      change();
      return;
    }
    const replicas = [...this.#tracked.replicas.values()];
    this.#visibility.hideBelow(node, replicas);
    this.#spawnSender.despawn(tracked, replicas);
    try {
      change();
    } finally {
      if (this.#tracked.spawned.has(tracked)) this.#visibility.updateSpawn(0, tracked);
    }
  }

  orphaned(node: MirrorNode, spawner: MultiplayerSpawner): void {
    this.despawned(node, spawner);
    const tracked = this.#tracked.nodes.get(node);
    if (tracked === undefined || !this.#parts.core.behaviour.silencesOrphans) return;
    // 11.2 (35), and what is said there is wrong for every receiver.
    tracked.isOrphan = true;
    for (const sync of tracked.syncs.items) this.#visibility.updateSync(0, sync);
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #mayTell(node: MirrorNode, peer: number): boolean {
    return !this.#parts.gates.isClosed(peer, node) && this.#visibility.mayTell(node, peer);
  }

  #confirmed(node: MirrorNode, peer: number, id: number): void {
    const spawner = this.#spawners.get(node);
    const replica = this.#tracked.replicas.get(peer);
    if (spawner !== undefined && replica !== undefined) this.#spawnSender.confirmed(spawner, replica, id);
  }

  #spawnNow(node: MirrorNode): void {
    const tracked: TrackedNode | undefined = this.#tracked.nodes.get(node);
    if (tracked?.spawner === undefined) return;
    this.#tracked.spawned.add(tracked);
    if (!this.hasAuthority(tracked.spawner.node)) return;
    if (this.#parts.core.behaviour.habits.numbersSpawnsAtOnce && tracked.netId === 0)
      tracked.netId = this.#tracked.nextNetId();
    this.#visibility.updateSpawn(0, tracked);
  }

  #freeNodes(replica: Replica): void {
    for (const { node } of replica.nodes.values()) if (!node.isFreed) node.queueFree();
  }

  #listsOf(sync: MultiplayerSynchronizer, peer: number): StateLists | undefined {
    const { config } = sync.settings;
    const { knowsNoParts } = this.#parts.core.behaviour.habits;
    return config === null ? undefined : stateListsOf(config, this.#lists.of(peer), knowsNoParts);
  }

  #forgetVisibility(peer: number): void {
    // The server is always 1.
    if (peer !== SERVER && this.#parts.core.behaviour.forgetsVisibility)
      for (const sync of this.#tracked.syncs) sync.forgetPeer(peer);
  }
}
