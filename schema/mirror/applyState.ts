/** Received node packets on a mirror: whole, checked, and limited to what is allowed. */

import { EncodedObjectAsID, Float, VariantType, type VariantValue } from '../../codec/index.ts';
import { decodeNodeMetadataPacket, mathParts } from '../../codec/internal.ts';
import { checkOptions, isIntegerIn, type OptionNames } from '../../options/internal.ts';
import { convert } from '../values/convert.ts';
import { type NodeValue, ownVariant, ValueProblem } from '../values/ownVariant.ts';
import { toSceneValue } from '../values/sceneValue.ts';
import { shown } from '../values/shown.ts';
import type { MirrorTree } from './MirrorTree.ts';
import type { MirrorNode } from './mirrorNode.ts';
import { META_PREFIX } from './nodeProperties.ts';
import { type NodeState, readNodeState } from './nodeState.ts';
import { findRefusal } from './setterRules.ts';
import { Spatial3D } from './spatial.ts';

/** Why a node packet was not applied. The texts are API. */
export const ApplyRefusal = {
  /** The bytes are no NODE packet, or its dictionary is no node dictionary. */
  MALFORMED: 'malformed',
  /** The packet is larger than `maxBytes`. */
  TOO_LARGE: 'too-large',
  /** The path is not among those allowed, or not absolute, or has subnames. */
  PATH_NOT_ALLOWED: 'path-not-allowed',
  /** There is no node at the path. */
  UNKNOWN_NODE: 'unknown-node',
  /** The node has another class or name than the packet says. */
  OTHER_NODE: 'other-node',
  /** The node's class is not among those allowed. */
  CLASS_NOT_ALLOWED: 'class-not-allowed',
  /** A property that would change is not among those allowed. */
  PROPERTY_NOT_ALLOWED: 'property-not-allowed',
  /** The node has no such property. */
  UNKNOWN_PROPERTY: 'unknown-property',
  /** A value does not convert to the property's type. */
  WRONG_TYPE: 'wrong-type',
  /** A value of the right type that the property's setter refuses. */
  OUT_OF_RANGE: 'out-of-range',
  /** A number is infinite or no number. */
  NOT_FINITE: 'not-finite',
  /** What `_serialize_for_network` returned, and nobody takes it: see `custom`. */
  CUSTOM_NOT_ALLOWED: 'custom-not-allowed',
} as const;

/** One of the texts of {@link ApplyRefusal}. */
export type ApplyRefusal = (typeof ApplyRefusal)[keyof typeof ApplyRefusal];

/** Names that are allowed, or a function that decides. In a list, a `*` at the end stands for any rest. */
export type Allowed<A extends unknown[]> = readonly string[] | ((...args: A) => boolean);

/** What a node packet may touch. */
export interface ApplyLimits {
  /** Absolute paths of nodes, e.g. `/root/Main/Player1` or `/root/Main/*`. */
  readonly paths: Allowed<[path: string, node: MirrorNode]>;
  /** Classes of nodes. Absent: any, since the paths decide. */
  readonly classes?: Allowed<[className: string, node: MirrorNode]> | undefined;
  /**
   * Properties, `metadata/...` included; `position`, `rotation`, `scale` and `transform` for where a node is. Values that
   * the node has already need no permission.
   */
  readonly properties: Allowed<[name: string, node: MirrorNode]>;
  /** What happens to properties that are not allowed: the packet is refused, or they are left out. Default `'refuse'`. */
  readonly others?: 'refuse' | 'skip' | undefined;
  /** Takes what `_serialize_for_network` returned. Absent: such packets are refused. */
  readonly custom?: ((node: MirrorNode, value: VariantValue) => void) | undefined;
  /** Accept infinities and NaN. Default false. */
  readonly allowNonFinite?: boolean | undefined;
  /** The largest packet. Default 65,536 bytes. */
  readonly maxBytes?: number | undefined;
}

/** What became of a node packet. */
export type ApplyResult =
  | {
      /** It was applied. */
      readonly applied: true;
      /** The node. */
      readonly node: MirrorNode;
      /** The properties that were changed, in the packet's order. */
      readonly changed: readonly string[];
    }
  | {
      /** It was refused, and nothing was changed. */
      readonly applied: false;
      /** Why: stable. */
      readonly reason: ApplyRefusal;
      /** What exactly, for people. */
      readonly message: string;
    };

/** Applies a packet; see `SceneMirror.apply`. `during` makes the change and tells of it when it is whole. @throws TypeError for limits of a wrong type. */
export function applyPacket(
  mirror: MirrorTree,
  packet: unknown,
  limits: ApplyLimits,
  during: (change: () => void) => void,
): ApplyResult {
  checkLimits(limits);
  try {
    return apply(mirror, packet, limits, during);
  } catch (error) {
    if (error instanceof Refusal) return { applied: false, reason: error.reason, message: error.message };
    throw error;
  }
}

class Refusal extends Error {
  readonly reason: ApplyRefusal;

  constructor(reason: ApplyRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

function apply(
  mirror: MirrorTree,
  packet: unknown,
  limits: ApplyLimits,
  during: (change: () => void) => void,
): ApplyResult {
  const state = readState(packet, limits.maxBytes ?? DEFAULT_MAX_BYTES);
  const node = findNode(mirror, state, limits);
  if (state.form === 'custom') return applyCustom(node, state, limits);
  const changes = new Map<string, NodeValue>();
  for (const [key, value] of state.properties ?? []) {
    if (typeof key !== 'string')
      throw new Refusal(ApplyRefusal.MALFORMED, 'a property whose name is no text');
    addChange(changes, node, key, value, limits);
  }
  for (const [name, value] of transformOf(state)) addChange(changes, node, name, value, limits);
  // Everything is checked; from here on nothing is refused.
  during(() => {
    const isWhole = isWholePlace(node, state, changes);
    setModes(node, changes);
    for (const [name, value] of changes) if (!MODES.has(name)) node.set(name, value);
    if (isWhole) restorePlace(node, state);
  });
  return { applied: true, node, changed: [...changes.keys()] };
}

function readState(packet: unknown, maxBytes: number): NodeState {
  let value = packet;
  if (packet instanceof Uint8Array) {
    if (packet.length > maxBytes) {
      throw new Refusal(ApplyRefusal.TOO_LARGE, `${packet.length} bytes, more than ${maxBytes}`);
    }
    value = decodeNodeMetadataPacket(packet, { exact: true, maxDepth: MAX_DEPTH });
  }
  const state = readNodeState(value as VariantValue);
  if (state === undefined) throw new Refusal(ApplyRefusal.MALFORMED, 'not a node dictionary');
  return state;
}

function findNode(mirror: MirrorTree, state: NodeState, limits: ApplyLimits): MirrorNode {
  const { path } = state;
  const text = path.toString();
  const place = shown(text);
  if (!path.absolute || path.subnames.length > 0 || path.names.some((name) => !isPlainName(name))) {
    throw new Refusal(ApplyRefusal.PATH_NOT_ALLOWED, `${place} is no plain absolute path`);
  }
  if (Array.isArray(limits.paths) && !isListed(limits.paths, text)) {
    throw new Refusal(ApplyRefusal.PATH_NOT_ALLOWED, `${place} is not allowed`);
  }
  const node = mirror.getNode(path);
  if (node === undefined) throw new Refusal(ApplyRefusal.UNKNOWN_NODE, `there is no node at ${place}`);
  if (typeof limits.paths === 'function' && !limits.paths(text, node)) {
    throw new Refusal(ApplyRefusal.PATH_NOT_ALLOWED, `${place} is not allowed`);
  }
  if (node.class !== state.class || node.name !== state.name) {
    throw new Refusal(ApplyRefusal.OTHER_NODE, `${place} is ${node.name} of class ${node.class}`);
  }
  if (limits.classes !== undefined && !isAllowed(limits.classes, node.class, node)) {
    throw new Refusal(ApplyRefusal.CLASS_NOT_ALLOWED, `${node.class} is not allowed`);
  }
  return node;
}

function applyCustom(node: MirrorNode, state: NodeState, limits: ApplyLimits): ApplyResult {
  if (limits.custom === undefined) {
    throw new Refusal(ApplyRefusal.CUSTOM_NOT_ALLOWED, 'nobody takes custom data of nodes');
  }
  const value = state.custom ?? state.customBytes;
  if (value !== undefined) limits.custom(node, value);
  return { applied: true, node, changed: [] };
}

function addChange(
  changes: Map<string, NodeValue>,
  node: MirrorNode,
  name: string,
  value: VariantValue,
  limits: ApplyLimits,
): void {
  const label = shown(name);
  const isMeta = name.startsWith(META_PREFIX);
  const info = isMeta ? undefined : node.propertyInfo(name);
  // Instance ids of another process mean nothing here.
  if (value instanceof EncodedObjectAsID && (info === undefined || info.type === VariantType.OBJECT)) return;
  const isAllowedName = isAllowed(limits.properties, name, node);
  if (!isAllowedName && limits.others === 'skip') return;
  if (isMeta ? !/^metadata\/[A-Za-z_][A-Za-z0-9_]*$/.test(name) : info === undefined) {
    throw new Refusal(ApplyRefusal.UNKNOWN_PROPERTY, `${node.class} has no property ${label}`);
  }
  const next = converted(node, name, value);
  const now = node.get(name);
  if (
    now !== undefined &&
    sameText(info?.type === VariantType.FLOAT && typeof now === 'number' ? new Float(now) : now, next)
  )
    return;
  if (!isAllowedName) throw new Refusal(ApplyRefusal.PROPERTY_NOT_ALLOWED, `${label} is not allowed`);
  if (limits.allowNonFinite !== true && !isAllFinite(next)) {
    throw new Refusal(ApplyRefusal.NOT_FINITE, `${label} holds an infinite number, or NaN`);
  }
  changes.set(name, next);
}

function converted(node: MirrorNode, name: string, value: VariantValue): NodeValue {
  const info = node.propertyInfo(name);
  try {
    if (info === undefined) return ownVariant(value);
    const next = convert(value, info);
    const expected = findRefusal(node, name, next);
    if (expected !== undefined)
      throw new Refusal(ApplyRefusal.OUT_OF_RANGE, `${shown(name)} expected ${expected}`);
    return next;
  } catch (error) {
    if (error instanceof ValueProblem) {
      throw new Refusal(ApplyRefusal.WRONG_TYPE, `${shown(name)} cannot be ${error.message}`);
    }
    throw error;
  }
}

function* transformOf({ transform }: NodeState): Generator<[string, VariantValue]> {
  if (transform === undefined) return;
  if (transform.dimensions === 3) yield ['transform', transform.transform];
  yield ['position', transform.position];
  yield ['rotation', transform.rotation];
  yield ['scale', transform.scale];
}

/** What a packet changes, by name. */
type Changes = ReadonlyMap<string, NodeValue>;

/** What says how a Node3D's place is meant comes first and does not move the node: the packet says where it is. */
function setModes(node: MirrorNode, changes: Changes): void {
  const { spatial } = node;
  if (!(spatial instanceof Spatial3D)) {
    for (const [name, value] of changes) if (MODES.has(name)) node.set(name, value);
    return;
  }
  const { transform, rotation, scale } = spatial;
  let isSet = false;
  for (const [name, value] of changes) {
    if (!MODES.has(name)) continue;
    node.set(name, value);
    isSet = true;
  }
  if (isSet) spatial.restore(transform, rotation, scale);
}

/** The engine sent transform, angles and scale together: they stay as they are, to the last bit. */
function restorePlace({ spatial }: MirrorNode, { transform }: NodeState): void {
  if (!(spatial instanceof Spatial3D) || transform?.dimensions !== 3) return;
  spatial.restore(transform.transform, transform.rotation, transform.scale);
}

/** Whether all parts of the place are to be what the packet says: they change, or are it already. */
function isWholePlace({ spatial }: MirrorNode, { transform }: NodeState, changes: Changes): boolean {
  if (!(spatial instanceof Spatial3D) || transform?.dimensions !== 3) return false;
  const [now, next] = [spatial, transform];
  return (['transform', 'rotation', 'scale'] as const).every(
    (part) => changes.has(part) || sameText(now[part], next[part]),
  );
}

function sameText(a: NodeValue, b: NodeValue): boolean {
  return JSON.stringify(toSceneValue(a)) === JSON.stringify(toSceneValue(b));
}

function isAllFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof Float) return Number.isFinite(value.value);
  const parts = mathParts(value);
  if (parts !== undefined) return parts.numbers.every(Number.isFinite);
  if (Array.isArray(value)) return value.every(isAllFinite);
  if (value instanceof Map) return [...value].every(([key, item]) => isAllFinite(key) && isAllFinite(item));
  if (value instanceof Float32Array || value instanceof Float64Array) return value.every(Number.isFinite);
  return 'data' in value && !ArrayBuffer.isView(value) ? isAllFinite(value.data) : true;
}

function isAllowed(allowed: Allowed<[string, MirrorNode]>, name: string, node: MirrorNode): boolean {
  return typeof allowed === 'function' ? allowed(name, node) : isListed(allowed, name);
}

function isListed(list: readonly string[], name: string): boolean {
  return list.some((entry) => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry));
}

/** No way around: a packet of the engine never holds these. */
function isPlainName(name: string): boolean {
  return name !== '.' && name !== '..' && !name.startsWith('%') && !name.includes('/') && name !== '';
}

function checkLimits(limits: unknown): void {
  checkOptions(limits, LIMIT_NAMES, 'limits', 'limit');
  const given = limits as Record<string, unknown>;
  for (const name of ['paths', 'classes', 'properties']) {
    const value = given[name];
    if (value === undefined && name === 'classes') continue;
    const isList = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
    if (!isList && typeof value !== 'function') {
      throw new TypeError(`"limits.${name}" expected a list of texts or a function, got ${typeof value}`);
    }
  }
  const { others, custom, maxBytes } = given;
  if (others !== undefined && others !== 'refuse' && others !== 'skip') {
    throw new RangeError(`"limits.others" expected 'refuse' or 'skip', got ${shown(others)}`);
  }
  if (custom !== undefined && typeof custom !== 'function') {
    throw new TypeError(`"limits.custom" expected a function, got ${typeof custom}`);
  }
  if (maxBytes !== undefined && !isIntegerIn(maxBytes, 0, Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(
      `"limits.maxBytes" expected an integer that is not negative, got ${shown(maxBytes)}`,
    );
  }
}

const MODES: ReadonlySet<string> = new Set(['top_level', 'rotation_edit_mode', 'rotation_order']);
const DEFAULT_MAX_BYTES = 65_536;
const MAX_DEPTH = 64;

const LIMIT_NAMES: OptionNames<ApplyLimits> = {
  paths: true,
  classes: true,
  properties: true,
  others: true,
  custom: true,
  allowNonFinite: true,
  maxBytes: true,
};
