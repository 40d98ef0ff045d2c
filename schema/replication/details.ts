/** What node packets cannot tell of a node: groups, owner, resources that have a file, variables of the script. */
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { NodePath } from '../../codec/values/NodePath.ts';
import type { VariantValue } from '../../codec/variant/value.ts';
import { nameOfType } from '../convert.ts';
import type { MirrorNode } from '../mirrorNode.ts';
import { ResourceReference } from '../ResourceReference.ts';

/** A text that is the same as long as {@link addDetails} would add the same, renamed owners aside. */
export function detailsOf(node: MirrorNode): string {
  return JSON.stringify([
    node.getGroups(),
    node.owner === undefined ? '' : String(node.owner.instanceId),
    resourcesOf(node),
    node.scriptVariables().map((info) => [info.name, nameOfType(info)]),
  ]);
}

/** Adds the entries `owner`, `groups`, `resources` and `variables` to the payload of an event: nothing typed, for any Godot 4. */
export function addDetails(node: MirrorNode, payload: Dictionary<VariantValue, VariantValue>): void {
  const variables = new Dictionary<VariantValue, VariantValue>();
  for (const info of node.scriptVariables()) variables.set(info.name, nameOfType(info));
  payload.set('owner', node.owner?.getPath() ?? new NodePath(''));
  payload.set('groups', node.getGroups());
  payload.set('resources', new Dictionary<VariantValue, VariantValue>(resourcesOf(node)));
  payload.set('variables', variables);
}

/** Properties whose values are resources with a path, the script first: other properties may be its variables. */
function resourcesOf(node: MirrorNode): [name: string, path: string][] {
  const pairs: [string, string][] = [];
  for (const info of node.listed()) {
    const value = node.storedValue(info);
    if (!(value instanceof ResourceReference) || value.path === '') continue;
    if (info.name === 'script') pairs.unshift([info.name, value.path]);
    else pairs.push([info.name, value.path]);
  }
  return pairs;
}
