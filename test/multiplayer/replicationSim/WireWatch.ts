/**
 * Looks at every packet that a server gives to its transport: nothing is said to a peer about a node that it may not see, and what is
 * said comes in an order that the peer can follow. It decides by the tree of the server and by what was asked of the game, not by
 * what the replication believes.
 */
import type { MirrorNode } from '../../../schema/index.ts';
import type { MultiplayerPeer } from '../../../src/godot/index.ts';
import { isProbe } from '../../../src/multiplayer/peerDialects.ts';
import type { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';
import {
  dissectMultiplayerPacket,
  type MultiplayerPacket,
} from '../../../src/multiplayer/wire/dissectPacket.ts';
import { watchPackets } from '../../support/watchPackets.ts';

/** Who may see what. */
export interface Sight {
  /** Whether no gate on the way to a node is closed. */
  isOpen(peer: number, node: MirrorNode): boolean;
  /** Whether a node was spawned. */
  isSpawned(node: MirrorNode): boolean;
  /** Whether a peer may have a spawned node, or the calls of a scene node: visibility and interest, those above left out. */
  maySee(peer: number, node: MirrorNode): boolean;
  /** Whether a peer may have the states of a synchronizer: visibility and interest, those above left out. */
  maySeeState(peer: number, sync: MirrorNode): boolean;
}

/** What one peer was told. */
interface Told {
  readonly paths: Map<number, MirrorNode>;
  readonly spawned: Map<number, MirrorNode>;
  /** The number of the spawner that each of them came with. */
  readonly spawners: Map<number, number>;
  readonly syncs: Map<number, MirrorNode>;
}

/** The packets of one server. */
export class WireWatch {
  /** What was wrong. */
  readonly faults: string[] = [];
  /** How many packets of each command. */
  readonly counts = new Map<string, number>();
  readonly #multiplayer: SceneMultiplayer;
  readonly #sight: Sight;
  readonly #repeats: boolean;
  readonly #told = new Map<number, Told>();

  /** @param repeats whether what came with a spawner that the peer had not loaded is spawned again. */
  constructor(multiplayer: SceneMultiplayer, sight: Sight, repeats: boolean) {
    this.#repeats = repeats;
    this.#multiplayer = multiplayer;
    this.#sight = sight;
  }

  /** Looks at what a transport is given from now on. */
  watch(transport: MultiplayerPeer): void {
    watchPackets(transport, (target, bytes) => this.#look(target, bytes));
  }

  /** A peer has another subtree now: it has none of its nodes any more. */
  forgetBelow(peer: number, top: string): void {
    const told = this.#toldTo(peer);
    const isBelow = (node: MirrorNode): boolean => `${node.getPath().toString()}/`.startsWith(`${top}/`);
    for (const [id, node] of told.spawned) if (isBelow(node)) told.spawned.delete(id);
    for (const [id, node] of told.syncs) if (isBelow(node)) told.syncs.delete(id);
  }

  /** A peer is gone. */
  forget(peer: number): void {
    this.#told.delete(peer);
  }

  /** The spawned nodes that a peer was told of. */
  nodesOf(peer: number): ReadonlySet<MirrorNode> {
    return new Set(this.#toldTo(peer).spawned.values());
  }

  #look(peer: number, bytes: Uint8Array): void {
    const { packet, problem } = dissectMultiplayerPacket(bytes);
    if (packet === undefined || problem !== undefined) {
      this.#fault(peer, `a packet that cannot be read: ${problem}`);
      return;
    }
    this.counts.set(packet.command, (this.counts.get(packet.command) ?? 0) + 1);
    this.#check(peer, packet);
  }

  #check(peer: number, packet: MultiplayerPacket): void {
    const told = this.#toldTo(peer);
    switch (packet.command) {
      case 'SIMPLIFY_PATH': {
        if (isProbe(packet.id, packet.path)) return;
        const node = this.#multiplayer.mirror.getNode(`/root/${packet.path}`);
        if (told.paths.has(packet.id)) this.#fault(peer, `the number ${packet.id} twice`);
        if (node === undefined) this.#fault(peer, `a number for ${packet.path}, which is not there`);
        else {
          told.paths.set(packet.id, node);
          this.#mustSee(peer, node, 'SIMPLIFY_PATH');
        }
        return;
      }
      case 'REMOTE_CALL': {
        const { path, node: id } = packet;
        const node =
          path === undefined ? told.paths.get(id ?? 0) : this.#multiplayer.mirror.getNode(`/root/${path}`);
        if (node === undefined) this.#fault(peer, `a call of the unknown node ${path ?? id}`);
        else this.#mustSee(peer, node, 'REMOTE_CALL');
        return;
      }
      case 'SPAWN':
        this.#checkSpawn(peer, packet, told);
        return;
      case 'DESPAWN':
        this.#checkDespawn(peer, packet.netId, told);
        return;
      case 'SYNC':
      case 'DELTA':
        for (const { id, isPath } of packet.states) {
          const sync = isPath ? told.paths.get(id) : told.syncs.get(id);
          if (sync === undefined) this.#fault(peer, `${packet.command} of ${id}, which it was not told`);
          else this.#mustSeeState(peer, sync, packet.command);
        }
        return;
      default:
        // Packets of clients for each other, and those that are about no node.
        return;
    }
  }

  #checkSpawn(peer: number, packet: MultiplayerPacket & { command: 'SPAWN' }, told: Told): void {
    const spawner = told.paths.get(packet.spawner);
    const parent = spawner?.getNode(spawner.get('spawn_path')?.toString() ?? '');
    const node = parent?.getNode(packet.name);
    if (spawner === undefined || node === undefined) {
      this.#fault(peer, `SPAWN of ${packet.name} by ${packet.spawner}, which is not there`);
      return;
    }
    const isRepeat =
      this.#repeats &&
      told.spawned.get(packet.netId) === node &&
      (told.spawners.get(packet.netId) ?? 0) < packet.spawner;
    if (!isRepeat && (told.spawned.has(packet.netId) || [...told.spawned.values()].includes(node)))
      this.#fault(peer, `SPAWN of ${pathOf(node)} twice`);
    told.spawners.set(packet.netId, packet.spawner);
    told.spawned.set(packet.netId, node);
    this.#mustSee(peer, node, 'SPAWN');
    this.#mustSee(peer, spawner, 'SPAWN by');
    const own = [...node.walk()].filter((one) => isOwnSync(one) && one.getParent() === node);
    if (own.length !== packet.synchronizers.length)
      this.#fault(peer, `SPAWN of ${pathOf(node)} with ${packet.synchronizers.length} synchronizers`);
    packet.synchronizers.forEach((id, i) => {
      const sync = own[i];
      if (sync !== undefined && id < PATH_BIT) told.syncs.set(id, sync);
    });
  }

  #checkDespawn(peer: number, netId: number, told: Told): void {
    const node = told.spawned.get(netId);
    if (node === undefined) {
      this.#fault(peer, `DESPAWN of ${netId}, which it does not have`);
      return;
    }
    told.spawned.delete(netId);
    for (const [id, sync] of told.syncs) if (sync.getParent() === node) told.syncs.delete(id);
    for (const other of told.spawned.values())
      if (node.isAncestorOf(other)) this.#fault(peer, `DESPAWN of ${pathOf(node)} before ${pathOf(other)}`);
  }

  #mustSee(peer: number, node: MirrorNode, what: string): void {
    const why = this.#whyUnseen(peer, node);
    if (why !== undefined) this.#fault(peer, `${what} of ${pathOf(node)}: ${why}`);
    else if (!this.#sight.isSpawned(node) && !this.#sight.maySee(peer, node))
      this.#fault(peer, `${what} of ${pathOf(node)}, which it may not see`);
  }

  #mustSeeState(peer: number, sync: MirrorNode, what: string): void {
    const why = this.#whyUnseen(peer, sync);
    if (why !== undefined) this.#fault(peer, `${what} of ${pathOf(sync)}: ${why}`);
    else if (!this.#sight.maySeeState(peer, sync))
      this.#fault(peer, `${what} of ${pathOf(sync)}, which it may not see`);
  }

  /** Why a peer may hear nothing of a node, because of what it and those above are; `undefined`: it may. */
  #whyUnseen(peer: number, node: MirrorNode): string | undefined {
    if (!node.isInsideTree()) return 'it is not in the tree';
    if (!this.#sight.isOpen(peer, node)) return 'the gate is closed';
    const has = this.nodesOf(peer);
    for (let at: MirrorNode | undefined = node; at !== undefined; at = at.getParent()) {
      if (!this.#sight.isSpawned(at)) continue;
      if (!has.has(at)) return `it does not have ${pathOf(at)}`;
      if (!this.#sight.maySee(peer, at)) return `it may not see ${pathOf(at)}`;
    }
    return undefined;
  }

  #toldTo(peer: number): Told {
    let told = this.#told.get(peer);
    if (told === undefined) {
      told = { paths: new Map(), spawned: new Map(), spawners: new Map(), syncs: new Map() };
      this.#told.set(peer, told);
    }
    return told;
  }

  #fault(peer: number, what: string): void {
    if (this.faults.length < MOST_FAULTS) this.faults.push(`to ${peer}: ${what}`);
  }
}

/** Whether a node is a synchronizer of the server. */
export function isOwnSync(node: MirrorNode): boolean {
  return node.class === 'MultiplayerSynchronizer' && node.getMultiplayerAuthority() === 1;
}

function pathOf(node: MirrorNode): string {
  return node.getPath().toString() || node.name;
}

const PATH_BIT = 0x8000_0000;
const MOST_FAULTS = 5;
