/** The nodes that a text scene describes (sceneTree.ts builds them). */
import type { NodeValue } from '../values/ownVariant.ts';
import type { ScenePlace } from './SceneTextError.ts';
import type { SceneText } from './sceneText.ts';

/** A node of a tree. */
export interface SceneTreeNode {
  /** The node's name. */
  readonly name: string;
  /** Its class; `undefined` for an instance whose scene is not at hand, and for nodes inside such an instance. */
  readonly type: string | undefined;
  /** Properties in order, those of the instanced scene first; script and `metadata/name` among them. */
  readonly properties: ReadonlyMap<string, NodeValue>;
  /** Those of them that the scene itself sets, not one that it contains. */
  readonly ownProperties: ReadonlyMap<string, NodeValue>;
  /** Groups, in order, without doubles. */
  readonly groups: readonly string[];
  /** Those of them that the scene itself adds. */
  readonly ownGroups: readonly string[];
  /** The properties whose NodePath stands for the node itself. */
  readonly nodePaths: readonly string[];
  /** The path of the scene that this node is an instance of; of a root: of the scene that it inherits. `''` for neither. */
  readonly instance: string;
  /** The path of the scene of a placeholder, `''` for none. */
  readonly instancePlaceholder: string;
  /** Whether it is an instance whose scene was not at hand, or lies in one: then it may have children that nobody lists. */
  readonly isUnresolved: boolean;
  /** Whether it comes from a scene that this one contains, and is not the root of it. */
  readonly isFromInstance: boolean;
  /** Whether the scene itself places it, changes it, or adds something below it. */
  readonly isChanged: boolean;
  /** The owner: a path from the root of the whole tree, `.` for that root; `undefined` for none. */
  readonly owner: string | undefined;
  /** The `unique_id` in the file that has the node (of an instance: that places it), `undefined` if it has none. */
  readonly uniqueId: number | undefined;
  /** The children in order. Those of an instance are made when they are first asked for. */
  readonly children: readonly SceneTreeNode[];
  /** Where the node is described first; of an instance: where it is placed. */
  readonly place: ScenePlace;
}

/** A tree with what its file says besides. */
export interface SceneTree {
  /** The root. */
  readonly root: SceneTreeNode;
  /** The scene itself. */
  readonly scene: SceneText;
  /** How many nodes there are. */
  readonly size: number;
}
