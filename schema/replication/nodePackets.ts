/** The packets of one node, encoded once for all peers that need the same. */
import type { PacketEncodeOptions } from '../../codec/index.ts';
import { encodeNode } from '../mirror/encodeNode.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { NodeSyncFlags } from '../mirror/nodeState.ts';
import type { ReplicationPacket } from './link.ts';
import { addedPacket, changedPacket, changesPacket } from './messages.ts';

/** What makes packets, and counts them. */
export interface PacketMaker {
  readonly encode: PacketEncodeOptions | undefined;
  createPacket(bytes: Uint8Array, isReliable: boolean): ReplicationPacket;
  /** A packet was encoded. */
  encoded(): void;
}

/** Latest packets of a node by what they hold. */
export class NodePackets {
  #revision = -1;
  #structureId = -1;
  #added: { after: string; packet: ReplicationPacket } | undefined;
  #details: ReplicationPacket | undefined;
  #whole: ReplicationPacket | undefined;
  #changes: { since: number; packet: ReplicationPacket } | undefined;
  #place: Uint8Array | undefined;
  #loosePlace: ReplicationPacket | undefined;
  #firmPlace: ReplicationPacket | undefined;

  /** Forgets what is out of date. Call it before any other. */
  refresh(node: MirrorNode, structureId: number): void {
    if (node.revision === this.#revision && structureId === this.#structureId) return;
    this.#revision = node.revision;
    this.#structureId = structureId;
    this.#added = undefined;
    this.#details = undefined;
    this.#whole = undefined;
    this.#changes = undefined;
    this.#place = undefined;
    this.#loosePlace = undefined;
    this.#firmPlace = undefined;
  }

  /** The event of a new node. */
  added(node: MirrorNode, after: string, maker: PacketMaker): ReplicationPacket {
    if (this.#added?.after !== after) {
      this.#added = { after, packet: make(maker, addedPacket(node, after, maker.encode)) };
    }
    return this.#added.packet;
  }

  /** The event of other details. */
  details(node: MirrorNode, maker: PacketMaker): ReplicationPacket {
    this.#details ??= make(maker, changedPacket(node, maker.encode));
    return this.#details;
  }

  /** The whole state. */
  whole(node: MirrorNode, maker: PacketMaker): ReplicationPacket {
    this.#whole ??= make(maker, encodeNode(node, NodeSyncFlags.SYNC_PROPERTIES, maker.encode));
    return this.#whole;
  }

  /** What has changed after a revision. */
  changes(node: MirrorNode, since: number, maker: PacketMaker): ReplicationPacket {
    if (this.#changes?.since !== since) {
      this.#changes = { since, packet: make(maker, changesPacket(node, since, maker.encode)) };
    }
    return this.#changes.packet;
  }

  /** Where it is. */
  place(node: MirrorNode, isReliable: boolean, maker: PacketMaker): ReplicationPacket {
    if (this.#place === undefined) {
      this.#place = encodeNode(node, NodeSyncFlags.SYNC_TRANSFORM_ONLY, maker.encode);
      maker.encoded();
    }
    if (isReliable) {
      this.#firmPlace ??= maker.createPacket(this.#place, true);
      return this.#firmPlace;
    }
    this.#loosePlace ??= maker.createPacket(this.#place, false);
    return this.#loosePlace;
  }
}

function make(maker: PacketMaker, bytes: Uint8Array): ReplicationPacket {
  maker.encoded();
  return maker.createPacket(bytes, true);
}
