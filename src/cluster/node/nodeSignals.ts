/** What a node tells the game. */
import type { OptionNames } from '../../../options/internal.ts';
import type { NodeFacts } from './nodeFacts.ts';

/** The signals of a `ClusterNode` with their arguments. */
export interface ClusterNodeSignals {
  /** Another node is there, or this one. */
  readonly nodeJoined: [node: NodeFacts];
  /** A node is gone. */
  readonly nodeLeft: [node: NodeFacts];
  /** The node cannot prove its lease: nobody comes in any more. Who is in plays on. */
  readonly fenced: [];
  /** The node is sure of its lease again. */
  readonly unfenced: [];
  /** Somebody has ended the lease of the node. What becomes of its rooms says `onLeaseLost`. */
  readonly leaseLost: [];
  /** Another node has a room of this id, or the lease was lost: the room here ends. */
  readonly roomLost: [roomId: string];
}

/** The names of all signals. */
export const SIGNAL_NAMES: OptionNames<ClusterNodeSignals> = {
  nodeJoined: true,
  nodeLeft: true,
  fenced: true,
  unfenced: true,
  leaseLost: true,
  roomLost: true,
};
