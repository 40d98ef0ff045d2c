/**
 * The packets of replication: node packets (docs/protocol/variant-codec 10.3) and, for what they cannot tell, custom events
 * (10.4). docs/guide/replication.md describes them for receivers.
 */

import {
  Dictionary,
  EncodedObjectAsID,
  NodePath,
  type PacketEncodeOptions,
  PacketType,
  StringName,
  type VariantValue,
} from '../../codec/index.ts';
import { encodeTyped } from '../../codec/internal.ts';
import { nodeDictionary, wire } from '../mirror/encodeNode.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { META_PREFIX } from '../mirror/nodeProperties.ts';
import { NodeStateKey, NodeStateType, NodeSyncFlags } from '../mirror/nodeState.ts';
import { nameOfType } from '../values/convert.ts';
import { addDetails } from './details.ts';
import type { TreeStep } from './speaker.ts';

/** The names of the events, which are API. */
export const ReplicationEvent = {
  /** A node is there: `path`, `class`, `after`, `scene`, `owner`, `groups`, `resources`, `variables`. */
  ADDED: 'node_added',
  /** A node with everything below it is no longer sent: `path`, `gone` (removed, not only out of sight). */
  REMOVED: 'node_removed',
  /** A node has another parent or name: `path`, `parent`, `name`. With another parent it is the last child. */
  MOVED: 'node_moved',
  /** Other groups, owner, resources or variables: `path`, `owner`, `groups`, `resources`, `variables`. */
  CHANGED: 'node_changed',
  /** Children have another order: `path` of the parent, `names`. */
  ORDERED: 'node_children',
} as const;

/** One of the names of {@link ReplicationEvent}. */
export type ReplicationEvent = (typeof ReplicationEvent)[keyof typeof ReplicationEvent];

type State = Dictionary<VariantValue, VariantValue>;

/** The event of a node that is new to a peer; it comes behind the sibling `after`, `''` for the first place. */
export function addedPacket(
  node: MirrorNode,
  after: string,
  options: PacketEncodeOptions | undefined,
): Uint8Array {
  const payload: State = new Dictionary<VariantValue, VariantValue>([
    ['path', node.getPath()],
    ['class', node.class],
    ['after', after],
    ['scene', node.instance ?? ''],
  ]);
  addDetails(node, payload);
  const { classes } = node.mirror;
  if (classes.get(node.class) === undefined) {
    const base = classes.get(node.classInfo.inherits);
    const declared = new Dictionary<VariantValue, VariantValue>();
    for (const info of node.classInfo.properties) {
      if (base?.property(info.name) === undefined) declared.set(info.name, nameOfType(info));
    }
    payload.set('base', base?.name ?? '').set('declared', declared);
  }
  return eventPacket(ReplicationEvent.ADDED, payload, options);
}

/** The event of other details. */
export function changedPacket(node: MirrorNode, options: PacketEncodeOptions | undefined): Uint8Array {
  const payload: State = new Dictionary<VariantValue, VariantValue>([['path', node.getPath()]]);
  addDetails(node, payload);
  return eventPacket(ReplicationEvent.CHANGED, payload, options);
}

/** The event of a node that a peer gets no more. */
export function removedPacket(
  path: readonly string[],
  isGone: boolean,
  options: PacketEncodeOptions | undefined,
): Uint8Array {
  const payload: State = new Dictionary<VariantValue, VariantValue>([
    ['path', pathOf(path)],
    ['gone', isGone],
  ]);
  return eventPacket(ReplicationEvent.REMOVED, payload, options);
}

/** The event of a step of the tree. */
export function stepPacket(step: TreeStep, options: PacketEncodeOptions | undefined): Uint8Array {
  if (step.kind === 'removed') return removedPacket(step.path, true, options);
  const payload: State = new Dictionary<VariantValue, VariantValue>([['path', pathOf(step.path)]]);
  if (step.kind === 'ordered') {
    payload.set('names', [...step.names]);
    return eventPacket(ReplicationEvent.ORDERED, payload, options);
  }
  payload.set('parent', pathOf(step.parentPath)).set('name', step.name);
  return eventPacket(ReplicationEvent.MOVED, payload, options);
}

/**
 * A NODE packet of the form `node` with the properties alone that have changed after a revision; a metadata entry that was
 * removed is null. Objects are left out: what can be told of them is in the events.
 */
export function changesPacket(
  node: MirrorNode,
  since: number,
  options: PacketEncodeOptions | undefined,
): Uint8Array {
  const names = node.changesSince(since);
  const whole = nodeDictionary(node, NodeSyncFlags.SYNC_TRANSFORM_ONLY);
  const state: State = new Dictionary<VariantValue, VariantValue>();
  for (const [key, value] of whole) {
    state.set(key, key === NodeStateKey.TYPE ? NodeStateType.properties : value);
    if (key === NodeStateKey.NAME) state.set(NodeStateKey.PROPERTIES, changedProperties(node, names));
  }
  return encodeTyped(PacketType.NODE, state, options);
}

function changedProperties(node: MirrorNode, names: readonly string[]): State {
  const properties: State = new Dictionary<VariantValue, VariantValue>();
  for (const info of node.listedOf(names)) {
    // Where it is stands beside the properties.
    if (node.spatial !== undefined && PLACE_IN_PACKETS.has(info.name)) continue;
    const value = wire(node, node.storedValue(info));
    if (!(value instanceof EncodedObjectAsID)) properties.set(info.name, value);
  }
  const metadata = new Set(names.filter((name) => name.startsWith(META_PREFIX)));
  if (metadata.size === 0) return properties;
  for (const [name, value] of node.metadata) {
    if (!metadata.has(META_PREFIX + name)) continue;
    const sent = wire(node, value);
    if (!(sent instanceof EncodedObjectAsID)) properties.set(META_PREFIX + name, sent);
  }
  for (const name of metadata) {
    if (!node.hasMeta(name.slice(META_PREFIX.length))) properties.set(name, null);
  }
  return properties;
}

/** docs/protocol/variant-codec 10.4: a Dictionary with the name under `_event`, last. */
function eventPacket(
  name: ReplicationEvent,
  payload: State,
  options: PacketEncodeOptions | undefined,
): Uint8Array {
  payload.set('_event', name);
  return encodeTyped(PacketType.VARIANT, payload, options);
}

/** What node packets hold of a place. */
const PLACE_IN_PACKETS: ReadonlySet<string> = new Set(['position', 'rotation', 'scale', 'transform']);

/** Names that the codec would not take as text, too. */
function pathOf(names: readonly string[]): NodePath {
  return new NodePath([...names], [], true);
}

/** For events whose names stand in node packets as StringName. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof StringName ? value.value : undefined;
}
