/**
 * What replication asks of whoever makes its packets. Replication decides which peer lacks what, in which order and when there is
 * room for it; a speaker says it. nodePackets.ts has the one for `SceneFollower` and for clients in GDScript.
 */
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import type { ReplicationPacket, ReplicationPeer } from './link.ts';

/** A peer, as a speaker knows it: the same object as long as the peer is there. */
export interface Listener {
  /** Who it is. */
  readonly peer: ReplicationPeer;
  /** Queues a packet for the peer; its bytes count towards the peer's budget. @returns Whether the server took it. */
  hear(packet: ReplicationPacket, isReliable: boolean): boolean;
}

/**
 * Tells of one node. Each method returns whether the peer has it now: with `false` it is asked again in a later tick. Having nothing
 * to say is `true`.
 */
export interface NodeVoice {
  /** Comes before every other call. `structureId` counts up when paths of nodes may have changed. */
  refresh(structureId: number): void;
  /** The listener does not have the node yet; it comes behind the sibling `after`, `''` for the first place. */
  added(listener: Listener, after: string): boolean;
  /** Groups, owner, resources or variables of the script are others. */
  details(listener: Listener): boolean;
  /** Properties have changed after a revision of the mirror; -1: the listener has none yet. Where the node is belongs to it. */
  properties(listener: Listener, since: number): boolean;
  /** The node was moved and nothing else. `isReliable`: it rests now, and this place is the last one. */
  place(listener: Listener, isReliable: boolean): boolean;
}

/** Says to peers what they lack. */
export interface Speaker {
  /** The voice of a node that is replicated; asked for once, before the first peer hears of it. */
  voiceOf(node: MirrorNode): NodeVoice;
  /** The tree has changed, in a way that concerns nodes that the listener has. @returns As {@link NodeVoice}. */
  step(listener: Listener, step: TreeStep): boolean;
  /** The listener gets the node at a path no more, nor what is below it. The node is still there. @returns As {@link NodeVoice}. */
  lost(listener: Listener, path: readonly string[]): boolean;
  /** The listener's turn in this tick is over: what was kept to be sent together goes now. */
  finish(listener: Listener): void;
}

/** A step that brings the tree of listeners nearer to the mirror's. Names and paths are those at its time. */
export type TreeStep = RemovedStep | MovedStep | OrderedStep;

/** A node is gone, with everything below it. */
export interface RemovedStep {
  readonly kind: 'removed';
  readonly path: readonly string[];
}

/** A node has another parent or name. With another parent it is the last child. */
export interface MovedStep {
  readonly kind: 'moved';
  readonly path: readonly string[];
  readonly parentPath: readonly string[];
  readonly name: string;
}

/** Children have another order; those that are not named come last. */
export interface OrderedStep {
  readonly kind: 'ordered';
  /** The parent. */
  readonly path: readonly string[];
  readonly names: readonly string[];
}
