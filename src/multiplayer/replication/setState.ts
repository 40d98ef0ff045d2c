/** Sets the values of a state that has arrived. docs/protocol/scene-multiplayer 8.6, 11.2 (42). */
import type { VariantValue } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import { MultiplayerRefusal } from '../refusals.ts';
import type { StateProperty } from './stateProperty.ts';

/** Why a value is not set. */
export interface StateProblem {
  readonly reason: MultiplayerRefusal;
  readonly detail: string;
}

/**
 * Sets values in order.
 *
 * @param isChecked - Whether all are looked at before the first is set: when one has another type than its property, or its node is not
 *   there, nothing is set. Else what can be set is, converted as the engine does it, up to a node that is not there.
 * @param refuse hears of every problem.
 * @returns `no node`: one was not there; `refused`: nothing is set.
 */
export function setState(
  root: MirrorNode,
  properties: readonly StateProperty[],
  values: readonly VariantValue[],
  isChecked: boolean,
  refuse: (problem: StateProblem) => void,
): 'set' | 'refused' | 'no node' {
  if (isChecked) {
    const problem = firstProblem(root, properties, values);
    if (problem !== undefined) {
      refuse(problem);
      return problem.reason === MultiplayerRefusal.UNKNOWN_NODE ? 'no node' : 'refused';
    }
  }
  for (const [i, property] of properties.entries()) {
    const node = property.nodeIn(root);
    const value = values[i];
    if (node === undefined) {
      refuse(noNode(property));
      return 'no node';
    }
    if (value === undefined) continue;
    try {
      property.write(node, value);
    } catch (error) {
      refuse({ reason: MultiplayerRefusal.DAMAGED_STATE, detail: `${property.path}: ${String(error)}` });
    }
  }
  return 'set';
}

function firstProblem(
  root: MirrorNode,
  properties: readonly StateProperty[],
  values: readonly VariantValue[],
): StateProblem | undefined {
  for (const [i, property] of properties.entries()) {
    const node = property.nodeIn(root);
    if (node === undefined) return noNode(property);
    const problem = property.misfit(node, values[i] ?? null);
    if (problem !== undefined)
      return { reason: MultiplayerRefusal.DAMAGED_STATE, detail: `${property.path} ${problem}` };
  }
  return undefined;
}

function noNode({ path }: StateProperty): StateProblem {
  return { reason: MultiplayerRefusal.UNKNOWN_NODE, detail: `there is no node for ${path}` };
}
