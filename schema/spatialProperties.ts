/**
 * Properties that follow from others: the parts of transforms, global transforms, angles in degrees, and Control's
 * position and size. They are set and read like any other; of Node2D `position`, `rotation`, `scale` and `skew` are
 * stored, of Node3D only `transform`, of Control the anchors and offsets.
 */
import { Float } from '../codec/values/Float.ts';
import type { Quaternion } from '../codec/values/geometry.ts';
import { type Basis, Transform2D, Transform3D } from '../codec/values/transform.ts';
import { Vector2, Vector3 } from '../codec/values/vector.ts';
import { VariantType, type VariantTypeId } from '../codec/variant/types.ts';
import type { PropertyInfo } from './classTable.ts';
import type { MirrorNode } from './mirrorNode.ts';
import type { NodeValue } from './ownVariant.ts';
import { Spatial2D, Spatial3D } from './spatial.ts';
import * as flat from './transform2D.ts';
import * as solid from './transform3D.ts';

const f = Math.fround;

/** A property that is worked out from others. */
export interface ComputedProperty {
  /** Its name and type. */
  readonly info: PropertyInfo;
  /** Which properties count as changed when it is set. */
  readonly changes: readonly string[];
  /** Its value. */
  get(node: MirrorNode): NodeValue;
  /** Takes a value of its type. */
  set(node: MirrorNode, value: NodeValue): void;
}

/** The property of this name, if the node has one that follows from others. */
export function findComputed(node: MirrorNode, name: string): ComputedProperty | undefined {
  const { spatial } = node;
  if (spatial instanceof Spatial2D) return OF_NODE_2D.get(name);
  if (spatial instanceof Spatial3D) return OF_NODE_3D.get(name);
  const found = OF_CONTROL.get(name);
  return found !== undefined && node.isClass('Control') ? found : undefined;
}

/** Where a Node2D is, seen from the tree's root; what is no Node2D in between cuts the chain, as in the engine. */
export function globalTransform2D(node: MirrorNode): Transform2D {
  const { spatial } = node;
  const own = spatial instanceof Spatial2D ? spatial.transform : new Transform2D();
  const parent = parentOf(node, Spatial2D);
  return parent === undefined ? own : flat.multiply2D(globalTransform2D(parent), own);
}

/** Where a Node3D is, seen from the tree's root. */
export function globalTransform3D(node: MirrorNode): Transform3D {
  const { spatial } = node;
  const own = spatial instanceof Spatial3D ? spatial.transform : new Transform3D();
  const parent = parentOf(node, Spatial3D);
  return parent === undefined ? own : solid.multiply3D(globalTransform3D(parent), own);
}

/** The parent that a node moves with. */
function parentOf(node: MirrorNode, kind: typeof Spatial2D | typeof Spatial3D): MirrorNode | undefined {
  if (node.get('top_level') === true) return undefined;
  const parent = node.getParent();
  return parent?.spatial instanceof kind ? parent : undefined;
}

interface Definition<S, V> {
  readonly type: VariantTypeId;
  readonly changes: readonly string[];
  get(spatial: S, node: MirrorNode): V;
  set(spatial: S, value: V, node: MirrorNode): void;
}

type Kind<S> = abstract new (...args: never[]) => S;

/** A property of nodes with this kind of place; `findComputed` has looked at the kind. */
function define<S, V>(kind: Kind<S>, name: string, definition: Definition<S, V>): [string, ComputedProperty] {
  const width = definition.type === VariantType.FLOAT ? ('f32' as const) : undefined;
  const spatialOf = (node: MirrorNode): S => {
    if (!(node.spatial instanceof kind))
      throw new TypeError(`"${name}" expected a node of another class than ${node.class}`);
    return node.spatial;
  };
  const property: ComputedProperty = {
    info: { name, type: definition.type, width, default: null, isStored: false },
    changes: definition.changes,
    get: (node) => definition.get(spatialOf(node), node) as NodeValue,
    // The value was converted to the type of `info`.
    set: (node, value) =>
      definition.set(spatialOf(node), (value instanceof Float ? value.value : value) as V, node),
  };
  return [name, property];
}

const flatPart = (part: 'position' | 'scale'): [string, ComputedProperty] =>
  define<Spatial2D, Vector2>(Spatial2D, part, {
    type: VariantType.VECTOR2,
    changes: [part],
    get: (spatial) => spatial[part],
    set: (spatial, value) => {
      spatial[part] = value;
    },
  });

const flatAngle = (part: 'rotation' | 'skew'): [string, ComputedProperty] =>
  define<Spatial2D, number>(Spatial2D, part, {
    type: VariantType.FLOAT,
    changes: [part],
    get: (spatial) => spatial[part],
    set: (spatial, value) => {
      spatial[part] = value;
    },
  });

const ALL_2D = ['position', 'rotation', 'scale', 'skew'];

const OF_NODE_2D: ReadonlyMap<string, ComputedProperty> = new Map([
  flatPart('position'),
  flatPart('scale'),
  flatAngle('rotation'),
  flatAngle('skew'),
  define<Spatial2D, number>(Spatial2D, 'rotation_degrees', {
    type: VariantType.FLOAT,
    changes: ['rotation'],
    get: (spatial) => flat.radToDeg(spatial.rotation),
    set: (spatial, value) => {
      spatial.rotation = flat.degToRad(value);
    },
  }),
  define<Spatial2D, Transform2D>(Spatial2D, 'transform', {
    type: VariantType.TRANSFORM2D,
    changes: ALL_2D,
    get: (spatial) => spatial.transform,
    set: (spatial, value) => {
      spatial.transform = value;
    },
  }),
  define<Spatial2D, Transform2D>(Spatial2D, 'global_transform', {
    type: VariantType.TRANSFORM2D,
    changes: ALL_2D,
    get: (_spatial, node) => globalTransform2D(node),
    set: (spatial, value, node) => {
      const parent = parentOf(node, Spatial2D);
      spatial.transform =
        parent === undefined
          ? value
          : flat.multiply2D(flat.affineInverse2D(globalTransform2D(parent)), value);
    },
  }),
  define<Spatial2D, Vector2>(Spatial2D, 'global_position', {
    type: VariantType.VECTOR2,
    changes: ['position'],
    get: (_spatial, node) => globalTransform2D(node).origin,
    set: (spatial, value, node) => {
      const parent = parentOf(node, Spatial2D);
      spatial.position =
        parent === undefined
          ? value
          : flat.transformPoint2D(flat.affineInverse2D(globalTransform2D(parent)), value);
    },
  }),
  define<Spatial2D, number>(Spatial2D, 'global_rotation', {
    type: VariantType.FLOAT,
    changes: ['rotation'],
    get: (_spatial, node) => flat.rotationOf(globalTransform2D(node)),
    set: setGlobalRotation2D,
  }),
  define<Spatial2D, number>(Spatial2D, 'global_rotation_degrees', {
    type: VariantType.FLOAT,
    changes: ['rotation'],
    get: (_spatial, node) => flat.radToDeg(flat.rotationOf(globalTransform2D(node))),
    set: (spatial, value, node) => setGlobalRotation2D(spatial, flat.degToRad(value), node),
  }),
  define<Spatial2D, Vector2>(Spatial2D, 'global_scale', {
    type: VariantType.VECTOR2,
    changes: ['scale'],
    get: (_spatial, node) => flat.scaleOf(globalTransform2D(node)),
    set: (spatial, value, node) => {
      const parent = parentOf(node, Spatial2D);
      if (parent === undefined) {
        spatial.scale = value;
        return;
      }
      const outer = globalTransform2D(parent);
      const scaled = flat.withScale(flat.multiply2D(outer, spatial.transform), value);
      spatial.scale = flat.scaleOf(flat.multiply2D(flat.affineInverse2D(outer), scaled));
    },
  }),
]);

function setGlobalRotation2D(spatial: Spatial2D, value: number, node: MirrorNode): void {
  const parent = parentOf(node, Spatial2D);
  if (parent === undefined) {
    spatial.rotation = value;
    return;
  }
  const outer = globalTransform2D(parent);
  const turned = flat.withRotation(flat.multiply2D(outer, spatial.transform), value);
  spatial.rotation = flat.rotationOf(flat.multiply2D(flat.affineInverse2D(outer), turned));
}

const solidPart = (part: 'position' | 'rotation' | 'scale'): [string, ComputedProperty] =>
  define<Spatial3D, Vector3>(Spatial3D, part, {
    type: VariantType.VECTOR3,
    changes: ['transform'],
    get: (spatial) => spatial[part],
    set: (spatial, value) => {
      spatial[part] = value;
    },
  });

const OF_NODE_3D: ReadonlyMap<string, ComputedProperty> = new Map([
  solidPart('position'),
  solidPart('rotation'),
  solidPart('scale'),
  define<Spatial3D, Vector3>(Spatial3D, 'rotation_degrees', {
    type: VariantType.VECTOR3,
    changes: ['transform'],
    get: ({ rotation }) =>
      new Vector3(flat.radToDeg(rotation.x), flat.radToDeg(rotation.y), flat.radToDeg(rotation.z)),
    set: (spatial, { x, y, z }) => {
      spatial.rotation = new Vector3(flat.degToRad(x), flat.degToRad(y), flat.degToRad(z));
    },
  }),
  define<Spatial3D, Transform3D>(Spatial3D, 'transform', {
    type: VariantType.TRANSFORM3D,
    changes: ['transform'],
    get: (spatial) => spatial.transform,
    set: (spatial, value) => {
      spatial.transform = value;
    },
  }),
  define<Spatial3D, Basis>(Spatial3D, 'basis', {
    type: VariantType.BASIS,
    changes: ['transform'],
    get: (spatial) => spatial.basis,
    set: (spatial, value) => {
      spatial.basis = value;
    },
  }),
  define<Spatial3D, Quaternion>(Spatial3D, 'quaternion', {
    type: VariantType.QUATERNION,
    changes: ['transform'],
    get: (spatial) => spatial.quaternion,
    set: (spatial, value) => {
      spatial.quaternion = value;
    },
  }),
  define<Spatial3D, Transform3D>(Spatial3D, 'global_transform', {
    type: VariantType.TRANSFORM3D,
    changes: ['transform'],
    get: (_spatial, node) => globalTransform3D(node),
    set: setGlobal3D,
  }),
  define<Spatial3D, Vector3>(Spatial3D, 'global_position', {
    type: VariantType.VECTOR3,
    changes: ['transform'],
    get: (_spatial, node) => globalTransform3D(node).origin,
    set: (spatial, value, node) =>
      setGlobal3D(spatial, new Transform3D(globalTransform3D(node).basis, value), node),
  }),
  define<Spatial3D, Basis>(Spatial3D, 'global_basis', {
    type: VariantType.BASIS,
    changes: ['transform'],
    get: (_spatial, node) => globalTransform3D(node).basis,
    set: (spatial, value, node) =>
      setGlobal3D(spatial, new Transform3D(value, globalTransform3D(node).origin), node),
  }),
  define<Spatial3D, Vector3>(Spatial3D, 'global_rotation', {
    type: VariantType.VECTOR3,
    changes: ['transform'],
    get: (_spatial, node) => solid.eulerOf(globalTransform3D(node).basis, DEFAULT_ORDER),
    set: (spatial, value, node) => {
      const { basis, origin } = globalTransform3D(node);
      const turned = solid.composeBasis(value, solid.scaleOf3D(basis), DEFAULT_ORDER);
      setGlobal3D(spatial, new Transform3D(turned, origin), node);
    },
  }),
]);

function setGlobal3D(spatial: Spatial3D, value: Transform3D, node: MirrorNode): void {
  const parent = parentOf(node, Spatial3D);
  spatial.transform =
    parent === undefined ? value : solid.multiply3D(solid.affineInverse3D(globalTransform3D(parent)), value);
}

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

function setControlRect(node: MirrorNode, position: Vector2, size: Vector2): void {
  const space = parentSize(node);
  const store = (side: string, at: number, extent: number): void =>
    node.storeRaw(`offset_${side}`, new Float(f(at - f(number(node, `anchor_${side}`) * extent))));
  store('left', position.x, space.x);
  store('top', position.y, space.y);
  store('right', f(position.x + size.x), space.x);
  store('bottom', f(position.y + size.y), space.y);
}

/** The space that anchors divide: the parent Control's size, or that of the window. */
function parentSize(node: MirrorNode): Vector2 {
  const parent = node.getParent();
  if (parent === undefined) return Vector2.ZERO;
  if (parent.isClass('Control')) return controlRect(parent).size;
  const size = parent.isClass('Viewport') ? parent.get('size') : undefined;
  if (size !== null && typeof size === 'object' && 'x' in size && 'y' in size)
    return new Vector2(Number(size.x), Number(size.y));
  return parentSize(parent);
}

function number(node: MirrorNode, name: string): number {
  return Number(node.get(name));
}

const OF_CONTROL: ReadonlyMap<string, ComputedProperty> = new Map<string, ComputedProperty>([
  [
    'position',
    {
      info: { name: 'position', type: VariantType.VECTOR2, default: null, isStored: false },
      changes: [],
      get: (node) => controlRect(node).position,
      set: (node, value) => {
        if (value instanceof Vector2) setControlRect(node, value, controlRect(node).size);
      },
    },
  ],
  [
    'size',
    {
      info: { name: 'size', type: VariantType.VECTOR2, default: null, isStored: false },
      changes: [],
      get: (node) => controlRect(node).size,
      set: (node, value) => {
        const least = node.get('custom_minimum_size');
        if (!(value instanceof Vector2) || !(least instanceof Vector2)) return;
        const size = new Vector2(Math.max(value.x, least.x), Math.max(value.y, least.y));
        setControlRect(node, controlRect(node).position, size);
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

/** YXZ. */
const DEFAULT_ORDER = 2;
