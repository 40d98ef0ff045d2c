/**
 * Where a Control is: its position and size follow from anchors and offsets. What containers and minimum sizes of classes
 * do to it is not followed. Not from the spec or the golden files.
 */
import { Float, Transform2D, VariantType, Vector2 } from '../../codec/index.ts';
import * as flat from '../values/transform2D.ts';
import type { MirrorNode, StoreRaw } from './mirrorNode.ts';
import type { ComputedProperty } from './spatialProperties.ts';

const f = Math.fround;

/** A Control seen from its parent: it turns and scales around its pivot. The identity for anything else. */
export function controlTransform(node: MirrorNode): Transform2D {
  if (!node.isClass('Control')) return new Transform2D();
  const { position, size } = controlRect(node);
  const pivot = vectorOf(node, 'pivot_offset', Vector2.ZERO);
  const ratio = vectorOf(node, 'pivot_offset_ratio', Vector2.ZERO);
  const [x, y] = [f(pivot.x + f(ratio.x * size.x)), f(pivot.y + f(ratio.y * size.y))];
  const scale = vectorOf(node, 'scale', Vector2.ONE);
  const turned = flat.composeTransform2D(number(node, 'rotation'), scale, 0, new Vector2(x, y));
  const { origin } = flat.multiply2D(
    turned,
    new Transform2D(new Vector2(1, 0), new Vector2(0, 1), new Vector2(-x, -y)),
  );
  return new Transform2D(turned.x, turned.y, new Vector2(f(origin.x + position.x), f(origin.y + position.y)));
}

/** What a Control's anchors and offsets, and its rotation, give. */
export const OF_CONTROL: ReadonlyMap<string, ComputedProperty> = new Map<string, ComputedProperty>([
  [
    'position',
    {
      info: { name: 'position', type: VariantType.VECTOR2, default: null, isStored: false },
      changes: [],
      get: (node) => controlRect(node).position,
      set: (node, value, store) => {
        if (value instanceof Vector2) setControlRect(node, value, controlRect(node).size, store);
      },
    },
  ],
  [
    'size',
    {
      info: { name: 'size', type: VariantType.VECTOR2, default: null, isStored: false },
      changes: [],
      get: (node) => controlRect(node).size,
      set: (node, value, store) => {
        const least = node.get('custom_minimum_size');
        if (!(value instanceof Vector2) || !(least instanceof Vector2)) return;
        const size = new Vector2(Math.max(value.x, least.x), Math.max(value.y, least.y));
        setControlRect(node, controlRect(node).position, size, store);
      },
    },
  ],
  [
    'rotation_degrees',
    {
      info: {
        name: 'rotation_degrees',
        type: VariantType.FLOAT,
        width: 'f32',
        default: null,
        isStored: false,
      },
      changes: [],
      get: (node) => flat.radToDeg(number(node, 'rotation')),
      set: (node, value) => node.set('rotation', flat.degToRad(Number(value))),
    },
  ],
]);

/** Where a Control lies in its parent. Its class's own minimum size (that of a text, say) is not known here. */
function controlRect(node: MirrorNode): { readonly position: Vector2; readonly size: Vector2 } {
  const space = parentSize(node);
  const edge = (side: string, extent: number): number =>
    f(f(number(node, `anchor_${side}`) * extent) + number(node, `offset_${side}`));
  const [left, top] = [edge('left', space.x), edge('top', space.y)];
  const least = node.get('custom_minimum_size');
  const minimum = least instanceof Vector2 ? least : Vector2.ZERO;
  return {
    position: new Vector2(left, top),
    size: new Vector2(
      Math.max(f(edge('right', space.x) - left), minimum.x),
      Math.max(f(edge('bottom', space.y) - top), minimum.y),
    ),
  };
}

function vectorOf(node: MirrorNode, name: string, otherwise: Vector2): Vector2 {
  const value = node.get(name);
  return value instanceof Vector2 ? value : otherwise;
}

function setControlRect(node: MirrorNode, position: Vector2, size: Vector2, store: StoreRaw): void {
  const space = parentSize(node);
  const storeSide = (side: string, at: number, extent: number): void =>
    store(node, `offset_${side}`, new Float(f(at - f(number(node, `anchor_${side}`) * extent))));
  storeSide('left', position.x, space.x);
  storeSide('top', position.y, space.y);
  storeSide('right', f(position.x + size.x), space.x);
  storeSide('bottom', f(position.y + size.y), space.y);
}

/** The space that anchors divide: the parent Control's size, or that of the window. Outside of the tree there is none. */
function parentSize(node: MirrorNode): Vector2 {
  return node.isInsideTree() ? spaceAround(node) : Vector2.ZERO;
}

function spaceAround(node: MirrorNode): Vector2 {
  const parent = node.getParent();
  if (parent === undefined) return Vector2.ZERO;
  if (parent.isClass('Control')) return controlRect(parent).size;
  const size = parent.isClass('Viewport') ? parent.get('size') : undefined;
  if (size !== null && typeof size === 'object' && 'x' in size && 'y' in size)
    return new Vector2(Number(size.x), Number(size.y));
  return spaceAround(parent);
}

function number(node: MirrorNode, name: string): number {
  return Number(node.get(name));
}
