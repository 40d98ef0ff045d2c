/** Lets nodes of ours appear and disappear at peers. docs/protocol/scene-multiplayer 7.2 to 7.5, 11.1 (4), 12. */
import type { Dialect } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import { TransferMode } from '../../godot/index.ts';
import type { Announcements } from '../announcements.ts';
import type { Core } from '../core.ts';
import { sameBytes } from '../sameBytes.ts';
import { concat } from '../wire/compressedVariant.ts';
import { CUSTOM_SCENE, despawnPacket, SPAWNER_OFFSET, spawnPacket } from '../wire/spawnPacket.ts';
import type { ListDialects } from './listDialects.ts';
import type { MultiplayerSpawner } from './MultiplayerSpawner.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import { encodeState, encodeStateValue } from './stateCodec.ts';
import { stateListsOf } from './stateLists.ts';
import type { Replica, Tracked, TrackedNode } from './tracked.ts';

/** What a sender of spawns asks. */
export interface SpawnSenderParts {
  readonly core: Core;
  readonly announcements: Announcements;
  readonly tracked: Tracked;
  readonly lists: ListDialects;
  /** Whether this process decides about a node. */
  hasAuthority(node: MirrorNode): boolean;
}

/** Sends SPAWN and DESPAWN. */
export class SpawnSender {
  readonly #parts: SpawnSenderParts;

  constructor(parts: SpawnSenderParts) {
    this.#parts = parts;
  }

  /** Peers see a node now. */
  spawn(tracked: TrackedNode, replicas: readonly Replica[]): void {
    const { core, announcements, lists, hasAuthority } = this.#parts;
    const { spawner } = tracked;
    if (spawner === undefined) return;
    const packets = new Map<Dialect, Uint8Array | undefined>();
    const packetFor = (dialect: Dialect): Uint8Array | undefined => {
      if (!packets.has(dialect)) packets.set(dialect, this.#packet(tracked, dialect));
      return packets.get(dialect);
    };
    for (const replica of replicas) {
      if (
        lists.isAsked(replica.id) &&
        (replica.waitingSpawns.size > 0 ||
          !DIFFERENT.every((one) => isSame(packetFor(one), packetFor('4.6'))))
      ) {
        replica.spawned.set(tracked, 0);
        replica.waitingSpawns.add(tracked);
        continue;
      }
      const packet = packetFor(lists.of(replica.id));
      // The first versions announce before they see that there is no number.
      if (packet !== undefined || core.behaviour.habits.numbersSpawnsAtOnce)
        announcements.announce(spawner.node, replica.id);
      if (packet === undefined) continue;
      const spawnerId = announcements.toldId(spawner.node, replica.id) || announcements.idOf(spawner.node);
      replica.spawned.set(tracked, spawnerId);
      for (const sync of tracked.syncs.items) if (hasAuthority(sync.node)) replica.tellNumber(sync);
      core.outgoing.send(replica.id, RELIABLE, 0, withSpawner(packet, spawnerId));
      core.counters.spawnsSent++;
    }
  }

  /** The version of a peer is known: what waited for it goes on. */
  versionKnown(replica: Replica): void {
    const waiting = [...replica.waitingSpawns];
    replica.waitingSpawns.clear();
    for (const tracked of waiting) if (replica.spawned.delete(tracked)) this.spawn(tracked, [replica]);
  }

  /**
   * A peer knows a spawner by a number now. What it was spawned under earlier numbers it has not got: it had not loaded the spawner
   * then. What came under later ones finds it.
   */
  confirmed(spawner: MultiplayerSpawner, replica: Replica, id: number): void {
    const lost = [...replica.spawned].filter(
      ([tracked, told]) => tracked.spawner === spawner && told < id && !replica.waitingSpawns.has(tracked),
    );
    for (const [tracked] of lost) this.spawn(tracked, [replica]);
  }

  /** Peers see a node no more. */
  despawn(tracked: TrackedNode, replicas: Iterable<Replica>): void {
    const { core, announcements } = this.#parts;
    const packet = despawnPacket(tracked.netId);
    for (const replica of replicas) {
      if (!replica.forgetNode(tracked)) continue;
      core.outgoing.send(replica.id, RELIABLE, 0, packet);
      core.counters.despawnsSent++;
      if (!core.behaviour.announcesAgain) continue;
      // What it was told of the nodes that it frees is not true of those that come in their places.
      for (const node of tracked.node.walk()) announcements.forgetNode(replica.id, node);
    }
  }

  #packet(tracked: TrackedNode, dialect: Dialect): Uint8Array | undefined {
    const { core, announcements, tracked: all } = this.#parts;
    const { node, spawner } = tracked;
    const info = spawner?.infoOf(node);
    if (spawner === undefined || info === undefined) return undefined;
    const at = node.getPath().toString();
    if (tracked.netId === 0) {
      if (core.behaviour.habits.numbersSpawnsAtOnce)
        return this.#tell(`${at} is not spawned: it entered without a connection`);
      tracked.netId = all.nextNetId();
    }
    const data = info.scene === CUSTOM_SCENE ? encodeStateValue(info.data, dialect) : undefined;
    if (typeof data === 'string') return this.#tell(`${at} is not spawned: its data: ${data}`);
    const spawnerId = announcements.idOf(spawner.node);
    const syncIds: number[] = [];
    const states: Uint8Array[] = [];
    for (const sync of this.#syncsOf(tracked)) {
      if (sync.wire.netId === 0) {
        sync.wire.netId = all.nextNetId();
        all.spawnedSyncs.delete(sync.wire.spawnId);
        all.spawnedSyncs.set(sync.wire.netId, sync);
        sync.wire.spawnId = sync.wire.netId;
      }
      syncIds.push(sync.wire.netId);
      const state = this.#stateOf(sync, node, dialect);
      if (typeof state === 'string') return this.#tell(`${at} is not spawned: ${state}`);
      states.push(state);
    }
    return spawnPacket({
      scene: info.scene,
      spawnerId,
      netId: tracked.netId,
      syncIds,
      name: node.name,
      data,
      state: concat(states),
    });
  }

  /** Those of ours, in the order in which the receiver will start them. */
  #syncsOf(tracked: TrackedNode): MultiplayerSynchronizer[] {
    const { hasAuthority, core } = this.#parts;
    const own = tracked.syncs.toArray().filter((sync) => hasAuthority(sync.node));
    // 11.2 (10): the engine's order is another one after a synchronizer has left, and late joiners mix them up.
    if (core.behaviour.ordersSynchronizers) {
      const order = new Map([...tracked.node.walk()].map((node, i) => [node, i]));
      own.sort((a, b) => (order.get(a.node) ?? 0) - (order.get(b.node) ?? 0));
    }
    return own;
  }

  #stateOf(sync: MultiplayerSynchronizer, root: MirrorNode, dialect: Dialect): Uint8Array | string {
    const { config } = sync.settings;
    const { knowsNoParts } = this.#parts.core.behaviour.habits;
    return config === null
      ? NOTHING
      : encodeState(root, stateListsOf(config, dialect, knowsNoParts).spawn, dialect);
  }

  #tell(line: string): undefined {
    this.#parts.core.trace(line);
    return undefined;
  }
}

/** The packet with the number that a peer knows the spawner by. */
function withSpawner(packet: Uint8Array, id: number): Uint8Array {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (view.getUint32(SPAWNER_OFFSET, true) === id) return packet;
  const other = packet.slice();
  new DataView(other.buffer).setUint32(SPAWNER_OFFSET, id, true);
  return other;
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameBytes(a, b);
}

const RELIABLE = TransferMode.TRANSFER_MODE_RELIABLE;
/** Every version whose SPAWN may be another one than that of the latest. */
const DIFFERENT: readonly Dialect[] = ['4.0', '4.1', '4.2', '4.3'];
const NOTHING = new Uint8Array(0);
