/**
 * The speaker of NODE packets (`NodeSyncFlags`) and, for what they cannot tell, custom events (messages.ts). Packets are encoded once
 * for all peers that need the same.
 */
import type { PacketEncodeOptions } from '../../codec/index.ts';
import { encodeNode } from '../mirror/encodeNode.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { NodeSyncFlags } from '../mirror/nodeState.ts';
import type { ReplicationPacket } from './link.ts';
import { addedPacket, changedPacket, changesPacket, removedPacket, stepPacket } from './messages.ts';
import type { Listener, NodeVoice, Speaker, TreeStep } from './speaker.ts';

/** What makes packets, and counts them. */
export interface PacketMaker {
  /** How packets are encoded. */
  readonly encode: PacketEncodeOptions | undefined;
  /** As that of `ReplicationLink`. */
  createPacket(bytes: Uint8Array, isReliable: boolean): ReplicationPacket;
  /** A packet was encoded. */
  encoded(): void;
}

/** Speaks in node packets and events. */
export class NodeSpeaker implements Speaker {
  readonly #maker: PacketMaker;
  readonly #hasEvents: boolean;
  readonly #steps = new WeakMap<TreeStep, ReplicationPacket>();
  /** By the path, which is the same object for all who hear of the same loss. */
  readonly #losses = new WeakMap<readonly string[], ReplicationPacket>();

  /** @param hasEvents - Whether events are sent: without them there are node packets alone. */
  constructor(maker: PacketMaker, hasEvents: boolean) {
    this.#maker = maker;
    this.#hasEvents = hasEvents;
  }

  voiceOf(node: MirrorNode): NodeVoice {
    return new NodePackets(node, this.#maker, this.#hasEvents);
  }

  step(listener: Listener, step: TreeStep): boolean {
    return this.#tell(listener, this.#steps, step, () => stepPacket(step, this.#maker.encode));
  }

  lost(listener: Listener, path: readonly string[]): boolean {
    return this.#tell(listener, this.#losses, path, () => removedPacket(path, false, this.#maker.encode));
  }

  finish(): void {
    // Every packet was sent at once.
  }

  #tell<K extends object>(
    listener: Listener,
    known: WeakMap<K, ReplicationPacket>,
    key: K,
    encode: () => Uint8Array,
  ): boolean {
    if (!this.#hasEvents) return true;
    const packet = known.get(key) ?? make(this.#maker, encode());
    known.set(key, packet);
    return listener.hear(packet, true);
  }
}

/** Latest packets of a node by what they hold. */
class NodePackets implements NodeVoice {
  readonly #node: MirrorNode;
  readonly #maker: PacketMaker;
  readonly #hasEvents: boolean;
  #revision = -1;
  #structureId = -1;
  #added: { after: string; packet: ReplicationPacket } | undefined;
  #details: ReplicationPacket | undefined;
  #whole: ReplicationPacket | undefined;
  #changes: { since: number; packet: ReplicationPacket } | undefined;
  #place: Uint8Array | undefined;
  #loosePlace: ReplicationPacket | undefined;
  #firmPlace: ReplicationPacket | undefined;

  constructor(node: MirrorNode, maker: PacketMaker, hasEvents: boolean) {
    this.#node = node;
    this.#maker = maker;
    this.#hasEvents = hasEvents;
  }

  refresh(structureId: number): void {
    const { revision } = this.#node;
    if (revision === this.#revision && structureId === this.#structureId) return;
    this.#revision = revision;
    this.#structureId = structureId;
    this.#added = undefined;
    this.#details = undefined;
    this.#whole = undefined;
    this.#changes = undefined;
    this.#place = undefined;
    this.#loosePlace = undefined;
    this.#firmPlace = undefined;
  }

  added(listener: Listener, after: string): boolean {
    if (!this.#hasEvents) return true;
    if (this.#added?.after !== after) {
      this.#added = { after, packet: make(this.#maker, addedPacket(this.#node, after, this.#maker.encode)) };
    }
    return listener.hear(this.#added.packet, true);
  }

  details(listener: Listener): boolean {
    if (!this.#hasEvents) return true;
    this.#details ??= make(this.#maker, changedPacket(this.#node, this.#maker.encode));
    return listener.hear(this.#details, true);
  }

  properties(listener: Listener, since: number): boolean {
    return listener.hear(since < 0 ? this.#wholePacket() : this.#changesPacket(since), true);
  }

  place(listener: Listener, isReliable: boolean): boolean {
    return listener.hear(this.#placePacket(isReliable), isReliable);
  }

  #wholePacket(): ReplicationPacket {
    const { encode } = this.#maker;
    this.#whole ??= make(this.#maker, encodeNode(this.#node, NodeSyncFlags.SYNC_PROPERTIES, encode));
    return this.#whole;
  }

  #changesPacket(since: number): ReplicationPacket {
    if (this.#changes?.since !== since) {
      const packet = make(this.#maker, changesPacket(this.#node, since, this.#maker.encode));
      this.#changes = { since, packet };
    }
    return this.#changes.packet;
  }

  #placePacket(isReliable: boolean): ReplicationPacket {
    if (this.#place === undefined) {
      this.#place = encodeNode(this.#node, NodeSyncFlags.SYNC_TRANSFORM_ONLY, this.#maker.encode);
      this.#maker.encoded();
    }
    if (isReliable) {
      this.#firmPlace ??= this.#maker.createPacket(this.#place, true);
      return this.#firmPlace;
    }
    this.#loosePlace ??= this.#maker.createPacket(this.#place, false);
    return this.#loosePlace;
  }
}

function make(maker: PacketMaker, bytes: Uint8Array): ReplicationPacket {
  maker.encoded();
  return maker.createPacket(bytes, true);
}
