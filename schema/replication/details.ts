/** What node packets cannot tell of a node: groups, owner, resources that have a file, variables of the script. */
import { Dictionary, NodePath, type VariantValue } from '../../codec/index.ts';
import type { PropertyInfo } from '../classes/classTable.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { nameOfType } from '../values/convert.ts';
import { ResourceReference } from '../values/ResourceReference.ts';

/** A text that is the same as long as {@link addDetails} would add the same, renamed owners aside. */
export function detailsOf(node: MirrorNode): string {
  return JSON.stringify([
    node.getGroups(),
    node.owner === undefined ? '' : String(node.owner.instanceId),
    resourcesOf(node),
    node.scriptVariables().map((info) => [info.name, nameOfType(info)]),
  ]);
}

/** What {@link detailsOf} told of a node, so that it is asked again only when it may tell something else. */
export class KnownDetails {
  /** What it told. */
  text: string;
  #resources: ReadonlySet<string>;
  /** Made anew whenever properties come or go, or variables are declared. */
  #listed: readonly PropertyInfo[];

  /** Asks. */
  constructor(node: MirrorNode) {
    this.text = detailsOf(node);
    this.#resources = new Set(resourcesOf(node).map(([name]) => name));
    this.#listed = node.listed();
  }

  /** Asks again if what changed may make a difference. @returns Whether it told something else. */
  update(node: MirrorNode, changed: readonly string[]): boolean {
    if (node.listed() === this.#listed && !changed.some((name) => this.#concerns(node, name))) return false;
    const before = this.text;
    this.text = detailsOf(node);
    this.#resources = new Set(resourcesOf(node).map(([name]) => name));
    this.#listed = node.listed();
    return this.text !== before;
  }

  #concerns(node: MirrorNode, name: string): boolean {
    if (name.startsWith('$') || this.#resources.has(name)) return true;
    const [info] = node.listedOf([name]);
    return info !== undefined && node.storedValue(info) instanceof ResourceReference;
  }
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
