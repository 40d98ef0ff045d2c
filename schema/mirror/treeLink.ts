/** What a node and its tree have between them. */
import type { TreeEvents } from './mirrorEvents.ts';
import type { TreeWatchers, WatchedNode } from './treeWatch.ts';

/** What a tree lets its nodes do and others not. `N`: what its nodes are. */
export interface TreeLink<N extends WatchedNode<N>> {
  /** The top of the tree; not there yet while it is being made itself. */
  readonly root: N;
  /** The number of the change that is being made; counts up with each. */
  nextRevision(): number;
  /** The name that the engine makes up for a node whose name is taken (`@Node2D@2`). */
  makeName(node: N): string;
  /** A new instance id. */
  nextInstanceId(): bigint;
  /** Where a node is on the screen, as far as it is anywhere. */
  globalPlaceOf(node: N): unknown;
  /** Brings it there; nowhere for `undefined`. */
  moveTo(node: N, globalPlace: unknown): void;
  /** Whether `%Name` finds it. */
  hasUniqueName(node: N): boolean;
  /** What a node and those below it do to themselves when they have come into the tree, before others hear of it. */
  comeIn(top: N): void;
  /** Who has to know at once what enters and leaves the tree. */
  readonly watchers: TreeWatchers<N>;
  /** The nodes that are freed at the end of the step, in the order in which they were marked. */
  readonly deletions: Set<N>;
  /** Tells those who listen. */
  emit<E extends keyof TreeEvents<N>>(event: E, ...args: Parameters<TreeEvents<N>[E]>): void;
  /** Makes a change whose events are told when it is whole. */
  during<T>(change: () => T): T;
}
