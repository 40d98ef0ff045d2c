/** What nodes of the engine do to their own properties when they come into a tree, as far as packets can tell. */
import type { MirrorNode } from './mirrorNode.ts';
import { Spatial3D } from './spatial.ts';

/**
 * Called when a node has come into the tree with all that is below it.
 *
 * A Node3D with `top_level` below a Node3D finds its angles and scale out of its transform; below any other node it does not.
 * Where it is does not change. Asked of Godot 4.6.
 */
export function enterTree(top: MirrorNode): void {
  for (const node of top.walk()) {
    if (!(node.spatial instanceof Spatial3D) || node.get('top_level') !== true) continue;
    if (!(node.getParent()?.spatial instanceof Spatial3D)) continue;
    node.spatial.forgetParts();
    node.touch('transform');
  }
}
