/** Nodes that peers spawn and despawn here. docs/protocol/scene-multiplayer 7.3, 7.4, 11.1 (5), 11.2 (36 to 39). */
import type { Dialect } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import type { Core } from '../core.ts';
import { pathOf } from '../nodeAddress.ts';
import type { PeerBudget } from '../peerBudget.ts';
import { MultiplayerRefusal } from '../refusals.ts';
import type { RemotePaths } from '../remotePaths.ts';
import { CUSTOM_SCENE, readDespawn, readSpawn, type SpawnPacket } from '../wire/spawnPacket.ts';
import { isSpawnableName, type MultiplayerSpawner } from './MultiplayerSpawner.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import { setState } from './setState.ts';
import { readState } from './stateCodec.ts';
import type { StateProperty } from './stateProperty.ts';
import type { Replica, Tracked, TrackedNode } from './tracked.ts';

/** What a receiver of spawns asks. */
export interface SpawnReceiverParts {
  readonly core: Core;
  readonly tracked: Tracked;
  readonly remotePaths: RemotePaths;
  /** The behaviour of a node; `undefined` when it is no spawner. */
  spawnerOf(node: MirrorNode): MultiplayerSpawner | undefined;
  /** What a SPAWN of a peer holds of a synchronizer. */
  spawnListOf(sync: MultiplayerSynchronizer, peer: number): readonly StateProperty[];
  /** The version that is imitated for a peer; `undefined`: none. */
  readingAs(peer: number): Dialect | undefined;
  /** The most nodes that a peer may have spawned here. */
  readonly maxSpawns: number;
  /** How many states and spawns a peer may send. */
  readonly budget: PeerBudget;
}

/** A node that is being spawned: its synchronizers take their numbers and values as they start. */
interface Pending {
  readonly root: MirrorNode;
  readonly replica: Replica;
  readonly syncIds: number[];
  state: Uint8Array;
}

/** Why a packet is refused. */
type Problem = readonly [reason: MultiplayerRefusal, detail: string, node?: MirrorNode];

/** Receives SPAWN and DESPAWN. */
export class SpawnReceiver {
  readonly #parts: SpawnReceiverParts;
  #pending: Pending | undefined;

  constructor(parts: SpawnReceiverParts) {
    this.#parts = parts;
  }

  /** A SPAWN has arrived. */
  spawn(peer: number, bytes: Uint8Array): void {
    this.#tell(peer, 'a SPAWN', this.#takeSpawn(peer, bytes));
  }

  /** A DESPAWN has arrived. */
  despawn(peer: number, bytes: Uint8Array): void {
    this.#tell(peer, 'a DESPAWN', this.#takeDespawn(peer, bytes));
  }

  /** A synchronizer starts: with one that is being spawned it takes its number and its values. */
  syncStarted(sync: MultiplayerSynchronizer, root: MirrorNode): void {
    const pending = this.#pending;
    const { core, spawnListOf } = this.#parts;
    if (pending === undefined || pending.root !== root) return;
    const { id: peer } = pending.replica;
    if (sync.node.getMultiplayerAuthority() !== peer) return;
    const netId = pending.syncIds.shift();
    if (netId === undefined) {
      this.#tell(peer, 'a SPAWN', [
        MultiplayerRefusal.SPAWN_REFUSED,
        `it has no number for ${pathOf(sync.node)}`,
        sync.node,
      ]);
      return;
    }
    pending.replica.ownSyncs.set(netId, sync);
    sync.wire.netId = netId;
    // 11.2 (37): nothing left means "no state".
    const list = spawnListOf(sync, peer);
    if (pending.state.length === 0 || list.length === 0) return;
    const read = readState(pending.state, list.length, this.#parts.readingAs(peer));
    pending.state = pending.state.subarray(read.size);
    if (read.damage !== undefined) {
      core.refusals.refuse(MultiplayerRefusal.DAMAGED_STATE, peer, () => {
        const nodePath = pathOf(sync.node);
        return { nodePath, text: `the state of ${nodePath} in a SPAWN: ${read.damage}` };
      });
      return;
    }
    setState(root, list, read.values, core.behaviour.checksStates, ({ reason, detail }) =>
      core.refusals.refuse(reason, peer, () => {
        const nodePath = pathOf(sync.node);
        return { nodePath, text: `the state of ${nodePath} in a SPAWN: ${detail}` };
      }),
    );
  }

  #tell(peer: number, what: string, problem: Problem | undefined): void {
    if (problem === undefined) return;
    const [reason, detail, node] = problem;
    const text = `${what}: ${detail}`;
    this.#parts.core.refusals.refuse(reason, peer, () => (node ? { nodePath: pathOf(node), text } : text));
  }

  #takeSpawn(peer: number, bytes: Uint8Array): Problem | undefined {
    if (!this.#parts.budget.take(peer, 1))
      return [MultiplayerRefusal.STATE_BUDGET, 'it is dropped: more than maxStatesPerSec'];
    const { core, remotePaths, tracked, spawnerOf, maxSpawns } = this.#parts;
    const spawn = readSpawn(bytes, core.behaviour.habits.badText);
    if (typeof spawn === 'string') return [MultiplayerRefusal.MALFORMED, spawn];
    if (core.behaviour.boundsPaths && spawn.name.length > MOST_NAME)
      return [MultiplayerRefusal.SPAWN_REFUSED, `a name of ${spawn.name.length} characters`];
    const node = remotePaths.resolve(peer, spawn.spawnerId);
    // That there is no such node was told already.
    if (node === undefined) return undefined;
    const spawner = spawnerOf(node);
    if (spawner === undefined)
      return [MultiplayerRefusal.SPAWN_REFUSED, `${pathOf(node)} is no spawner`, node];
    if (node.getMultiplayerAuthority() !== peer)
      return [MultiplayerRefusal.NOT_ALLOWED, `it is not the authority of ${pathOf(node)}`, node];
    const replica = tracked.replicas.get(peer);
    const { parent } = spawner;
    if (parent === undefined || replica === undefined)
      return [
        MultiplayerRefusal.SPAWN_REFUSED,
        `there is nothing at the spawn path of ${pathOf(node)}`,
        node,
      ];
    const why = whyRefused(spawn, parent, replica, spawner, maxSpawns);
    if (why !== undefined) return [MultiplayerRefusal.SPAWN_REFUSED, why, node];
    const made = this.#make(peer, spawner, spawn);
    if (made === undefined) return undefined;
    if (tracked.replicas.get(peer) === replica && spawner.parent === parent) {
      this.#add(replica, spawner, parent, made, spawn);
      return undefined;
    }
    // What made it has ended the peer, or the spawner.
    made.free();
    return [MultiplayerRefusal.SPAWN_REFUSED, 'whoever made its node has ended what it was for'];
  }

  #takeDespawn(peer: number, bytes: Uint8Array): Problem | undefined {
    const netId = readDespawn(bytes);
    if (netId === undefined) return [MultiplayerRefusal.MALFORMED, `${bytes.length} bytes`];
    const replica = this.#parts.tracked.replicas.get(peer);
    const found = replica?.nodes.get(netId);
    if (replica === undefined || found === undefined)
      return [MultiplayerRefusal.UNKNOWN_NODE, `it has spawned nothing with the number ${netId}`];
    // 11.2 (36): the number is forgotten also when it is refused.
    replica.nodes.delete(netId);
    const { spawner, node } = found;
    if (spawner === undefined || spawner.node.isFreed || spawner.node.getMultiplayerAuthority() !== peer)
      return [MultiplayerRefusal.NOT_ALLOWED, 'it is not the authority of the spawner any more'];
    node.remove();
    node.queueFree();
    spawner.tell('despawned', node);
    return undefined;
  }

  #make(peer: number, spawner: MultiplayerSpawner, spawn: SpawnPacket): MirrorNode | undefined {
    const { core } = this.#parts;
    if (spawn.data === undefined) return spawner.instantiate(spawn.scene);
    const read = readState(spawn.data, 1, this.#parts.readingAs(peer));
    const [data] = read.values;
    if (read.damage === undefined && data !== undefined) return spawner.make(data);
    core.refusals.refuse(MultiplayerRefusal.DAMAGED_STATE, peer, () => `the data of a SPAWN: ${read.damage}`);
    return undefined;
  }

  #add(
    replica: Replica,
    spawner: MultiplayerSpawner,
    parent: MirrorNode,
    node: MirrorNode,
    spawn: SpawnPacket,
  ): void {
    const tracked: TrackedNode = this.#parts.tracked.of(node);
    // 11.1 (5): an empty name leaves that of the scene.
    if (spawn.name !== '') node.rename(spawn.name);
    tracked.spawner = spawner;
    tracked.netId = spawn.netId;
    tracked.remotePeer = replica.id;
    replica.nodes.set(spawn.netId, tracked);
    const pending: Pending = { root: node, replica, syncIds: [...spawn.syncIds], state: spawn.state };
    const before = this.#pending;
    this.#pending = pending;
    try {
      parent.addChild(node);
    } finally {
      this.#pending = before;
    }
    spawner.tell('spawned', node);
    if (pending.syncIds.length > 0)
      this.#parts.core.refusals.refuse(
        MultiplayerRefusal.SPAWN_REFUSED,
        replica.id,
        () =>
          `a SPAWN has ${pending.syncIds.length} numbers for synchronizers that ${pathOf(node)} does not have`,
      );
  }
}

/** Why a SPAWN makes no node; `undefined` when it does. */
function whyRefused(
  { name, netId, scene }: SpawnPacket,
  parent: MirrorNode,
  replica: Replica,
  spawner: MultiplayerSpawner,
  maxSpawns: number,
): string | undefined {
  if (!isSpawnableName(name)) return `the name ${JSON.stringify(name)} is not valid`;
  if (name !== '' && parent.getNode(name) !== undefined)
    return `${pathOf(parent)} has a ${JSON.stringify(name)} already`;
  if (scene !== CUSTOM_SCENE && scene >= spawner.getSpawnableSceneCount())
    return `${pathOf(spawner.node)} has no scene ${scene}`;
  if (replica.nodes.has(netId)) return `the number ${netId} is another node's already`;
  if (replica.nodes.size >= maxSpawns) return `it has ${maxSpawns} nodes here already, and no more are taken`;
  return undefined;
}

/** Characters of a name: it is kept as long as its node. */
const MOST_NAME = 1024;
