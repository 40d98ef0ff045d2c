/** What `addChild` takes, and how a node is made of it. */
import { NodePath, StringName } from '../../codec/index.ts';
import { classOf } from './classOf.ts';
import type { MirrorLink, MirrorNode, NetworkSerializer } from './mirrorNode.ts';
import { validNodeName } from './nodeNames.ts';
import type { VariableInput } from './variables.ts';

/** Names and values: an object, a Map, or pairs. The order counts for new names. */
export type NamedValues =
  | { readonly [name: string]: unknown }
  | Iterable<readonly [name: string, value: unknown]>;

/** A node to add. */
export interface NodeInput {
  /** Its name; characters that names cannot have become `_`. */
  readonly name: string;
  /** Native class name. One that the class table does not know needs `declared`. */
  readonly class: string;
  /** For an unknown class: the known class whose properties come first. Absent: `declared` is the whole list. */
  readonly base?: string | undefined;
  /** For an unknown class: its properties, in the engine's order. */
  readonly declared?: readonly VariableInput[] | undefined;
  /** The script: its `res://` path, or a reference. With a path, the table's variables of that script are declared. */
  readonly script?: unknown;
  /** Stored variables of the script, in the engine's order: the most derived script first. */
  readonly scriptVariables?: readonly VariableInput[] | undefined;
  /** Properties to set, in this order, as by {@link MirrorNode.set}. */
  readonly properties?: NamedValues | undefined;
  /** Metadata, in this order. */
  readonly metadata?: NamedValues | undefined;
  /** Groups. */
  readonly groups?: Iterable<string> | undefined;
  /** The node that it is saved with; must lie above. */
  readonly owner?: MirrorNode | undefined;
  /** The scene that it is an instance of. */
  readonly instance?: string | undefined;
  /** The counterpart of the script's `_serialize_for_network`. */
  readonly _serializeForNetwork?: NetworkSerializer | undefined;
  /** Count a name up that is taken (`Enemy2`) instead of making one up (`@Node2D@2`), as `add_child(node, true)`. */
  readonly forceReadableName?: boolean | undefined;
  /** Nodes below it. */
  readonly children?: Iterable<NodeInput> | undefined;
}

/** Makes a node without parent, with everything below it. */
export function populate(link: MirrorLink, input: NodeInput): MirrorNode {
  if (typeof input !== 'object' || input === null) {
    throw new TypeError(
      `"node" expected an object with name and class, got ${input === null ? 'null' : typeof input}`,
    );
  }
  const node = link.create(classOf(link.mirror.classes, input), validNodeName(input.name));
  for (const variable of list(input.declared, 'declared')) setVariable(node, variable);
  if (input.script !== undefined) node.set('script', input.script);
  for (const variable of list(input.scriptVariables, 'scriptVariables')) {
    node.declareVariable(variable);
  }
  for (const [name, value] of pairs(input.properties, 'properties')) node.set(name, value);
  for (const [name, value] of pairs(input.metadata, 'metadata')) node.setMeta(name, value);
  for (const group of list(input.groups, 'groups')) node.addToGroup(group);
  node.instance = input.instance;
  const serializer = input._serializeForNetwork;
  if (serializer !== undefined && typeof serializer !== 'function') {
    throw new TypeError(`"_serializeForNetwork" expected a function, got ${typeof serializer}`);
  }
  node._serializeForNetwork = serializer;
  for (const child of list(input.children, 'children')) node.addChild(child);
  return node;
}

/** Pairs of names and values in whatever form they came. */
export function pairs(values: NamedValues | undefined, what: string): Iterable<readonly [string, unknown]> {
  if (values === undefined) return [];
  if (typeof values !== 'object' || values === null) {
    throw new TypeError(
      `"${what}" expected an object, a Map or pairs, got ${values === null ? 'null' : typeof values}`,
    );
  }
  if (!(Symbol.iterator in values)) return Object.entries(values);
  return Array.from(values as Iterable<unknown>, (pair, i) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new TypeError(`"${what}[${i}]" expected a name and a value`);
    return [plainName(pair[0]), pair[1] as unknown] as const;
  });
}

function plainName(name: unknown): string {
  if (name instanceof StringName || name instanceof NodePath) return name.toString();
  return name as string;
}

function setVariable(node: MirrorNode, variable: VariableInput): void {
  if (variable.value !== undefined) node.set(variable.name, variable.value);
}

/** A list in whatever form it came. */
export function list<T>(values: Iterable<T> | undefined, what: string): Iterable<T> {
  if (values === undefined) return [];
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
    throw new TypeError(`"${what}" expected a list, got ${values === null ? 'null' : typeof values}`);
  }
  return values;
}
