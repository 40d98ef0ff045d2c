/**
 * Node dictionaries: what a NODE packet holds (docs/protocol/variant-codec 10.3).
 *
 * This file reads them. Building them from a mirror of a scene is not there yet: nothing here encodes a node.
 */
import {
  Dictionary,
  Float,
  NodePath,
  StringName,
  Transform3D,
  type VariantValue,
  Vector2,
  Vector3,
} from '../../codec/index.ts';

/** `ENetPacketUtils.NodeSyncFlags`: which parts of a node `encode_node` sends. */
export const NodeSyncFlags = {
  /** All stored properties, and the transform. */
  SYNC_PROPERTIES: 1,
  /** Class, path and name only. */
  SYNC_METADATA_ONLY: 2,
  /** Class, path, name and the transform. */
  SYNC_TRANSFORM_ONLY: 4,
  /** What the node's `_serialize_for_network` returned. */
  SYNC_CUSTOM: 8,
} as const;

/** Which of the four kinds of node dictionary one is. */
export type NodeSyncForm = 'properties' | 'metadata' | 'transform' | 'custom';

/** The value of `_type` for each form. */
export const NodeStateType = {
  /** With `SYNC_PROPERTIES`. */
  properties: 'node',
  /** With `SYNC_METADATA_ONLY`, or no known flag. */
  metadata: 'node_meta',
  /** With `SYNC_TRANSFORM_ONLY`. */
  transform: 'node_transform',
  /** With `SYNC_CUSTOM`. */
  custom: 'node_custom',
} as const;

/** The keys of node dictionaries, all of type String. */
export const NodeStateKey = {
  /** The form, one of {@link NodeStateType}. */
  TYPE: '_type',
  /** Native class name. */
  CLASS: '_class',
  /** Absolute NodePath; empty when the node was in no tree. */
  PATH: '_path',
  /** Node name, a StringName. */
  NAME: '_name',
  /** Dictionary of stored properties. */
  PROPERTIES: 'properties',
  /** Vector2 or Vector3. */
  POSITION: 'position',
  /** Radians: a float in 2D, a Vector3 of Euler angles in 3D. */
  ROTATION: 'rotation',
  /** Vector2 or Vector3. */
  SCALE: 'scale',
  /** Transform3D, in 3D only. */
  TRANSFORM: 'transform',
  /** The Dictionary that `_serialize_for_network` returned. */
  CUSTOM: 'custom',
  /** The PackedByteArray that `_serialize_for_network` returned. */
  CUSTOM_BYTES: 'custom_bytes',
} as const;

/** Where a Node2D is. */
export interface NodeTransform2D {
  /** Tells the two kinds of transform apart. */
  readonly dimensions: 2;
  /** Relative to the parent, pixels. */
  readonly position: Vector2;
  /** Relative to the parent, radians. */
  readonly rotation: number;
  /** Relative to the parent. */
  readonly scale: Vector2;
}

/** Where a Node3D is. */
export interface NodeTransform3D {
  /** Tells the two kinds of transform apart. */
  readonly dimensions: 3;
  /** Relative to the parent. */
  readonly transform: Transform3D;
  /** Relative to the parent. */
  readonly position: Vector3;
  /** Euler angles in radians. */
  readonly rotation: Vector3;
  /** Relative to the parent. */
  readonly scale: Vector3;
}

/** A node dictionary whose keys have been checked. The values are those of the dictionary, not copies. */
export interface NodeState {
  /** Which kind of dictionary it is. */
  readonly form: NodeSyncForm;
  /** Native class name, such as `Node2D`; not a script's `class_name`. */
  readonly class: string;
  /** Absolute path; empty when the node was in no tree. */
  readonly path: NodePath;
  /** Node name. */
  readonly name: string;
  /** Stored properties by name, in the engine's order; in the `properties` form only. */
  readonly properties: Dictionary<VariantValue, VariantValue> | undefined;
  /** In the `properties` and `transform` forms of Node2D and Node3D. */
  readonly transform: NodeTransform2D | NodeTransform3D | undefined;
  /** In the `custom` form, when the node returned a Dictionary. */
  readonly custom: Dictionary<VariantValue, VariantValue> | undefined;
  /** In the `custom` form, when the node returned bytes. */
  readonly customBytes: Uint8Array | undefined;
}

/**
 * Which form the engine builds for some flags: custom before properties before transform before metadata.
 *
 * @param flags - Any combination of {@link NodeSyncFlags}; other bits do not count.
 * @returns The form; metadata when no known flag is set.
 */
export function nodeSyncForm(flags: number): NodeSyncForm {
  if ((flags & NodeSyncFlags.SYNC_CUSTOM) !== 0) return 'custom';
  if ((flags & NodeSyncFlags.SYNC_PROPERTIES) !== 0) return 'properties';
  if ((flags & NodeSyncFlags.SYNC_TRANSFORM_ONLY) !== 0) return 'transform';
  return 'metadata';
}

/**
 * Checks a decoded node dictionary and gives its parts types.
 *
 * Every known key that its form may have must be of the right type; keys that the form does not have, and unknown keys,
 * are not looked at.
 *
 * @param value - What `ENetPacketUtils.decodeNodeMetadata` or `decodeAuto` gave, in any view but `dictionaries: 'object'`.
 * @returns The parts, or `undefined` when the value is no node dictionary.
 */
export function readNodeState(value: VariantValue): NodeState | undefined {
  if (!(value instanceof Dictionary)) return undefined;
  const form = FORMS.get(textOf(value.get(NodeStateKey.TYPE)) ?? '');
  const className = textOf(value.get(NodeStateKey.CLASS));
  const path = value.get(NodeStateKey.PATH);
  const name = textOf(value.get(NodeStateKey.NAME));
  if (form === undefined || className === undefined || name === undefined) return undefined;
  if (!(path instanceof NodePath)) return undefined;

  const properties = form === 'properties' ? value.get(NodeStateKey.PROPERTIES) : undefined;
  if (form === 'properties' && !(properties instanceof Dictionary)) return undefined;
  const transform = form === 'properties' || form === 'transform' ? readTransform(value) : undefined;
  if (transform === null) return undefined;
  const custom = form === 'custom' ? value.get(NodeStateKey.CUSTOM) : undefined;
  if (custom !== undefined && !(custom instanceof Dictionary)) return undefined;
  const customBytes = form === 'custom' ? value.get(NodeStateKey.CUSTOM_BYTES) : undefined;
  if (customBytes !== undefined && !(customBytes instanceof Uint8Array)) return undefined;
  return {
    form,
    class: className,
    path,
    name,
    properties: properties instanceof Dictionary ? properties : undefined,
    transform,
    custom,
    customBytes,
  };
}

/** `undefined` when there is no transform, `null` when there is a malformed one. */
function readTransform(
  value: Dictionary<VariantValue, VariantValue>,
): NodeTransform2D | NodeTransform3D | undefined | null {
  const transform = value.get(NodeStateKey.TRANSFORM);
  const position = value.get(NodeStateKey.POSITION);
  const rotation = value.get(NodeStateKey.ROTATION);
  const scale = value.get(NodeStateKey.SCALE);
  if (transform === undefined && position === undefined && rotation === undefined && scale === undefined) {
    return undefined;
  }
  if (transform === undefined) {
    const angle = rotation instanceof Float ? rotation.value : rotation;
    if (!(position instanceof Vector2) || !(scale instanceof Vector2) || typeof angle !== 'number')
      return null;
    return { dimensions: 2, position, rotation: angle, scale };
  }
  if (!(transform instanceof Transform3D) || !(position instanceof Vector3)) return null;
  if (!(rotation instanceof Vector3) || !(scale instanceof Vector3)) return null;
  return { dimensions: 3, transform, position, rotation, scale };
}

function textOf(value: VariantValue | undefined): string | undefined {
  if (value instanceof StringName) return value.value;
  return typeof value === 'string' ? value : undefined;
}

const FORMS: ReadonlyMap<string, NodeSyncForm> = new Map([
  [NodeStateType.properties, 'properties'],
  [NodeStateType.metadata, 'metadata'],
  [NodeStateType.transform, 'transform'],
  [NodeStateType.custom, 'custom'],
]);
