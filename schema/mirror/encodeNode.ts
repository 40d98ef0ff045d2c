/** `ENetPacketUtils.encode_node` for nodes of a mirror (docs/protocol/variant-codec 10.1 and 10.3). */

import {
  Dictionary,
  EncodedObjectAsID,
  Float,
  GodotObject,
  type PacketEncodeOptions,
  PacketType,
  StringName,
  TypedArray,
  VariantType,
  type VariantValue,
} from '../../codec/index.ts';
import { encodeTyped, objectType } from '../../codec/internal.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import type { MirrorNode } from './mirrorNode.ts';
import { META_PREFIX } from './nodeProperties.ts';
import { NodeStateKey, NodeStateType, nodeSyncForm } from './nodeState.ts';
import { Spatial2D, Spatial3D } from './spatial.ts';

/**
 * The packet of a node, byte for byte what the engine makes of the same node. It can be sent to any number of peers.
 *
 * @param node - A node of a mirror; null gives an empty array, as in the engine.
 * @param flags - A combination of `NodeSyncFlags`: custom before properties before transform before metadata; other bits
 *   do not count.
 * @param options - Dialect and limits of the codec.
 * @returns The packet, owned by the caller; empty when a value is nested too deep, where the engine's encoding fails too.
 * @throws TypeError for anything but a node, and for flags that are no integer; EncodeError when what
 *   `_serializeForNetwork` returned holds something that is no Variant; whatever `_serializeForNetwork` throws.
 */
export function encodeNode(
  node: MirrorNode | null,
  flags: number,
  options?: PacketEncodeOptions,
): Uint8Array {
  if (node === null) return new Uint8Array(0);
  checkNode(node);
  if (!Number.isInteger(flags)) throw new TypeError(`"flags" expected an integer, got ${shown(flags)}`);
  return encodeTyped(PacketType.NODE, nodeDictionary(node, flags), options);
}

/**
 * The dictionary that a NODE packet holds; see {@link encodeNode}.
 *
 * @returns A new Dictionary; the values in it are those of the node and must not be changed.
 */
export function nodeDictionary(node: MirrorNode, flags: number): Dictionary<VariantValue, VariantValue> {
  const form = nodeSyncForm(flags);
  const state = new Dictionary<VariantValue, VariantValue>();
  state.set(NodeStateKey.TYPE, NodeStateType[form]);
  state.set(NodeStateKey.CLASS, node.class);
  state.set(NodeStateKey.PATH, node.getPath());
  state.set(NodeStateKey.NAME, new StringName(node.name));
  if (form === 'custom') addCustom(node, state);
  if (form === 'properties') state.set(NodeStateKey.PROPERTIES, propertiesOf(node));
  if (form === 'properties' || form === 'transform') addTransform(node, state);
  return state;
}

function propertiesOf(node: MirrorNode): Dictionary<VariantValue, VariantValue> {
  const properties = new Dictionary<VariantValue, VariantValue>();
  for (const info of node.listed()) properties.set(info.name, wire(node, node.storedValue(info)));
  for (const [name, value] of node.metadata) properties.set(META_PREFIX + name, wire(node, value));
  return properties;
}

function addTransform(node: MirrorNode, state: Dictionary<VariantValue, VariantValue>): void {
  const { spatial } = node;
  if (spatial instanceof Spatial2D) {
    state.set(NodeStateKey.POSITION, spatial.position);
    state.set(NodeStateKey.ROTATION, new Float(spatial.rotation));
    state.set(NodeStateKey.SCALE, spatial.scale);
  } else if (spatial instanceof Spatial3D) {
    state.set(NodeStateKey.TRANSFORM, spatial.transform);
    state.set(NodeStateKey.POSITION, spatial.position);
    state.set(NodeStateKey.ROTATION, spatial.rotation);
    state.set(NodeStateKey.SCALE, spatial.scale);
  }
}

function addCustom(node: MirrorNode, state: Dictionary<VariantValue, VariantValue>): void {
  const custom: unknown = node._serializeForNetwork?.(node);
  if (custom instanceof Uint8Array) {
    state.set(NodeStateKey.CUSTOM_BYTES, custom);
  } else if (typeof custom === 'object' && custom !== null && objectType(custom) === VariantType.DICTIONARY) {
    // The encoder checks what is in it.
    state.set(NodeStateKey.CUSTOM, custom as VariantValue);
  }
}

/** A value as packets hold it: resources and full objects are instance ids, wherever they stand. */
export function wire(node: MirrorNode, value: NodeValue): VariantValue {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof ResourceReference || value instanceof GodotObject) {
    return new EncodedObjectAsID(node.mirror.idOf(value));
  }
  if (!holdsObjects(value)) return value as VariantValue;
  if (Array.isArray(value)) {
    const items = Array.from(value as NodeValue[], (item) => wire(node, item));
    return value instanceof TypedArray ? new TypedArray<VariantValue>(value.elementType, items) : items;
  }
  const dictionary = value as Dictionary<NodeValue, NodeValue>;
  const result = new Dictionary<VariantValue, VariantValue>(null, dictionary);
  for (const [key, item] of dictionary) result.set(wire(node, key), wire(node, item));
  return result;
}

function holdsObjects(value: NodeValue): boolean {
  if (value instanceof ResourceReference || value instanceof GodotObject) return true;
  if (Array.isArray(value)) return (value as NodeValue[]).some(holdsObjects);
  if (!(value instanceof Dictionary)) return false;
  for (const [key, item] of value)
    if (holdsObjects(key as NodeValue) || holdsObjects(item as NodeValue)) return true;
  return false;
}

function checkNode(node: unknown): void {
  if (typeof node !== 'object' || node === null || !('listed' in node) || !('_toPacket' in node)) {
    throw new TypeError(`"node" expected a MirrorNode or null, got ${shown(node)}`);
  }
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : value === null ? 'null' : typeof value;
}
