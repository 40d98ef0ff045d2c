/** What a node and its mirror have between them. */
import type { ClassInfo } from '../classes/classTable.ts';
import type { MirrorNode } from './mirrorNode.ts';
import type { NodeInput } from './nodeInput.ts';
import type { SceneMirror } from './SceneMirror.ts';
import type { TreeWatchers } from './treeWatch.ts';

/** What the mirror lets nodes do and others not. */
export interface MirrorLink {
  /** The mirror itself. */
  readonly mirror: SceneMirror;
  /** The number of the change that is being made; counts up with each. */
  nextRevision(): number;
  /** The number in the next name that the engine would make up (`@Node2D@2`). */
  nextNameNumber(): number;
  /** A new instance id. */
  nextInstanceId(): bigint;
  /** The class of a new node. */
  classOf(input: NodeInput): ClassInfo;
  /** A node without parent. */
  create(info: ClassInfo, name: string): MirrorNode;
  /** Who has to know at once what enters and leaves the tree. */
  readonly watchers: TreeWatchers;
  /** Tells those who listen. */
  emit: SceneMirror['emit'];
  /** Makes a change whose events are told when it is whole. */
  during<T>(change: () => T): T;
}
