/** Paths of nodes as packets have them: relative to the root. docs/protocol/scene-multiplayer 4.1 and 11.2 (20). */
import { NodePath } from '../../codec/index.ts';
import type { MirrorNode } from '../../schema/index.ts';

/** The way from one absolute path to another: `Main/N`, `.`, `../Side`. */
export function nodePathBetween(from: string, to: string): string {
  const start = namesOf(from);
  const end = namesOf(to);
  let common = 0;
  while (common < start.length && common < end.length && start[common] === end[common]) common++;
  const names = [...start.slice(common).map(() => '..'), ...end.slice(common)];
  return names.length === 0 ? '.' : names.join('/');
}

/**
 * The node that a received path means.
 *
 * @param isConfined - Whether paths that lead out of the root find nothing.
 */
export function findByAddress(
  root: MirrorNode,
  path: string,
  isConfined: boolean,
): MirrorNode | 'outside' | undefined {
  if (path === '') return undefined;
  const node = root.getNode(new NodePath(path));
  if (node === undefined) return undefined;
  return isConfined && node !== root && !root.isAncestorOf(node) ? 'outside' : node;
}

/** The path of a node, or its name outside of the tree. */
export function pathOf(node: MirrorNode): string {
  return node.getPath().toString() || node.name;
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
