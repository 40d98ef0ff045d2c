/**
 * What setters of the engine do besides storing the value, where packets show it: Range keeps its value between its ends
 * and on its steps, Control's anchors push each other and its scale is never 0, a Node3D stays in place when `top_level`
 * changes, and its way to edit rotations decides what is found out when. Not from the spec or the golden files; other
 * setters (texts that set a minimum size, frames that clamp) are not followed, and of what nodes find out when they come into the tree
 * only what packets show.
 */
import { Float, Vector2 } from '../../codec/index.ts';
import type { PropertyInfo } from '../classes/classTable.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { EPSILON } from '../values/transform2D.ts';
import type { MirrorNode, StoreRaw } from './mirrorNode.ts';
import { numberedName, validNodeName } from './nodeNames.ts';
import { Spatial3D } from './spatial.ts';
import { touch } from './treeNode.ts';

/** What setting a property does; the value has its type already. */
export type SetterRule = (node: MirrorNode, info: PropertyInfo, value: NodeValue, store: StoreRaw) => void;

/** The rule of a property, or `undefined` when setting it stores it and nothing else. */
export function findSetterRule(node: MirrorNode, name: string): SetterRule | undefined {
  for (const [className, pattern, rule] of ITEM_RULES)
    if (pattern.test(name) && node.isClass(className)) return rule;
  for (const [className, rules] of RULES) {
    const rule = rules.get(name);
    if (rule !== undefined && node.isClass(className)) return rule;
  }
  return undefined;
}

/** What a setter refuses although the type is right: what it expects, or `undefined` when it takes the value. */
export function findRefusal(node: MirrorNode, name: string, value: NodeValue): string | undefined {
  const size = node.isClass('Node3D') ? ENUM_SIZES.get(name) : undefined;
  if (size === undefined || (Number(value) >= 0 && Number(value) < size)) return undefined;
  return `0..${size - 1}`;
}

/**
 * What nodes do to their own properties when they have come into the tree, as far as packets can tell: `top` with all below it.
 *
 * A Node3D with `top_level` below a Node3D finds its angles and scale out of its transform; below any other node it does not.
 * Where it is does not change. Asked of Godot 4.6.
 */
export function enterTree(top: MirrorNode): void {
  for (const node of top.walk()) {
    if (!(node.spatial instanceof Spatial3D) || node.get('top_level') !== true) continue;
    if (!(node.getParent()?.spatial instanceof Spatial3D)) continue;
    node.spatial.forgetParts();
    touch(node, 'transform');
  }
}

const setRangeEnd: SetterRule = (node, info, value, store) => {
  store(node, info.name, value);
  const least = real(node, 'min_value');
  if (info.name === 'min_value')
    store(node, 'max_value', new Float(Math.max(real(node, 'max_value'), least)));
  if (info.name === 'max_value')
    store(node, 'max_value', new Float(Math.max(real(node, 'max_value'), least)));
  const room = real(node, 'max_value') - least;
  store(node, 'page', new Float(Math.min(Math.max(real(node, 'page'), 0), Math.max(room, 0))));
  setRangeValue(node, info, new Float(real(node, 'value')), store);
};

const setRangeValue: SetterRule = (node, _info, value, store) => {
  let next = Number(value);
  if (!Number.isFinite(next)) return;
  const least = real(node, 'min_value');
  const step = real(node, 'step');
  if (step > 0) next = roundHalfUp((next - least) / step) * step + least;
  if (node.get('rounded') === true) next = roundHalfUp(next);
  const most = real(node, 'max_value') - real(node, 'page');
  if (node.get('allow_greater') !== true && next > most) next = most;
  if (node.get('allow_lesser') !== true && next < least) next = least;
  store(node, 'value', new Float(next));
};

/** An anchor beyond the opposite one pushes it along. */
const setAnchor: SetterRule = (node, info, value, store) => {
  store(node, info.name, value);
  const opposite = OPPOSITE.get(info.name);
  if (opposite === undefined) return;
  const isLow = info.name === 'anchor_left' || info.name === 'anchor_top';
  const [own, other] = [Number(value), real(node, opposite)];
  if (isLow ? own > other : own < other) store(node, opposite, value);
};

const setControlScale: SetterRule = (node, info, value, store) => {
  if (!(value instanceof Vector2)) return;
  store(node, info.name, new Vector2(value.x === 0 ? EPSILON : value.x, value.y === 0 ? EPSILON : value.y));
};

/**
 * In the tree, a node that leaves its parent's space stays where it is, and so does one that comes back to a Node3D. Outside of
 * it nothing moves; what happens when such a node comes into the tree is in `enterTree`.
 */
const setTopLevel3D: SetterRule = (node, info, value, store) => {
  if (node.get('top_level') === value) return;
  const moves = node.isInsideTree() && (value === true || node.getParent()?.spatial instanceof Spatial3D);
  const global = moves ? node.get('global_transform') : undefined;
  store(node, info.name, value);
  if (global !== undefined) node.set('global_transform', global);
};

const setRotationOrder: SetterRule = (node, info, value, store) => {
  store(node, info.name, value);
  if (node.spatial instanceof Spatial3D) node.spatial.order = Number(value);
};

const setRotationEditMode: SetterRule = (node, info, value, store) => {
  const before = node.get(info.name);
  if (before === value || !(node.spatial instanceof Spatial3D)) return;
  if (before === EDIT_BASIS) {
    node.spatial.orthogonalize();
    touch(node, 'transform');
  }
  store(node, info.name, value);
  if (value === EDIT_EULER) node.spatial.findParts();
};

/** A bar with tabs has a current one. */
const setTabCount: SetterRule = (node, info, value, store) => {
  store(node, info.name, value);
  const last = Number(value) - 1;
  const current = real(node, 'current_tab');
  if (current < 0 || current > last)
    store(node, 'current_tab', last < 0 ? -1 : Math.min(Math.max(current, 0), last));
};

/** Layers are nodes inside of the TileMap: they are named as nodes are, and none has no name. */
const setLayerName: SetterRule = (node, info, value, store) => {
  if (value === '') return;
  const others = node.listed().filter(({ name }) => LAYER_NAME.test(name) && name !== info.name);
  const taken = new Set(others.map((other) => String(node.storedValue(other))));
  store(
    node,
    info.name,
    numberedName(validNodeName(String(value)), (name) => taken.has(name)),
  );
};

const LAYER_NAME = /^layer_\d+\/name$/;

/** A virtual end is always beyond the last bone. */
const setVirtualEnd: SetterRule = (node, info, value, store) => {
  store(node, info.name, value);
  if (value === true) store(node, info.name.replace('use_virtual_end', 'extend_end_bone'), true);
};

const PI = Math.fround(Math.PI);

/** Kept in radians, and in single precision. */
const setAngle: SetterRule = (node, info, value, store) => {
  const radians = Math.fround(Math.fround(Number(value)) * Math.fround(PI / 180));
  store(node, info.name, new Float(Math.fround(radians * Math.fround(180 / PI))));
};

/** What follows from other properties cannot be set. */
const setNothing: SetterRule = () => {};

const ITEM_RULES: readonly (readonly [className: string, name: RegExp, rule: SetterRule])[] = [
  ['TileMap', LAYER_NAME, setLayerName],
  ['TwoBoneIK3D', /^settings\/\d+\/use_virtual_end$/, setVirtualEnd],
  ['SoftBody3D', /^attachments\/\d+\/point_index$/, setNothing],
  [
    'PhysicalBone3D',
    /^joint_constraints\/(?:[xyz]\/)?(?:angular_limit_(?:upper|lower)|(?:swing|twist)_span)$/,
    setAngle,
  ],
];

/** C's `round`: halves away from zero. */
function roundHalfUp(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

function real(node: MirrorNode, name: string): number {
  return Number(node.get(name));
}

const ENUM_SIZES: ReadonlyMap<string, number> = new Map([
  ['rotation_order', 6],
  ['rotation_edit_mode', 3],
]);

/** Node3D's `RotationEditMode`. */
const EDIT_EULER = 0;
const EDIT_BASIS = 2;

const OPPOSITE: ReadonlyMap<string, string> = new Map([
  ['anchor_left', 'anchor_right'],
  ['anchor_top', 'anchor_bottom'],
  ['anchor_right', 'anchor_left'],
  ['anchor_bottom', 'anchor_top'],
]);

const RULES: ReadonlyMap<string, ReadonlyMap<string, SetterRule>> = new Map([
  [
    'Range',
    new Map([
      ['min_value', setRangeEnd],
      ['max_value', setRangeEnd],
      ['page', setRangeEnd],
      ['value', setRangeValue],
    ]),
  ],
  ['TabBar', new Map([['tab_count', setTabCount]])],
  [
    'Node3D',
    new Map([
      ['top_level', setTopLevel3D],
      ['rotation_order', setRotationOrder],
      ['rotation_edit_mode', setRotationEditMode],
    ]),
  ],
  [
    'Control',
    new Map([...[...OPPOSITE.keys()].map((name) => [name, setAnchor] as const), ['scale', setControlScale]]),
  ],
]);
