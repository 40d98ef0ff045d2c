/**
 * Properties that follow from others: the parts of transforms, global transforms, angles in degrees, and Control's
 * position and size. They are set and read like any other; of Node2D `position`, `rotation`, `scale` and `skew` are
 * stored, of Node3D only `transform`, of Control the anchors and offsets.
 */
import {
  type Basis,
  Float,
  type Quaternion,
  type Transform2D,
  Transform3D,
  VariantType,
  type VariantTypeId,
  type Vector2,
  Vector3,
} from '../../codec/index.ts';
import type { PropertyInfo } from '../classes/classTable.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import * as flat from '../values/transform2D.ts';
import * as solid from '../values/transform3D.ts';
import { controlTransform, OF_CONTROL } from './controlRect.ts';
import type { MirrorNode, StoreRaw } from './mirrorNode.ts';
import { Spatial2D, Spatial3D } from './spatial.ts';

/** A property that is worked out from others. */
export interface ComputedProperty {
  /** Its name and type. */
  readonly info: PropertyInfo;
  /** Which properties count as changed when it is set. */
  readonly changes: readonly string[];
  /** Its value. */
  get(node: MirrorNode): NodeValue;
  /** Takes a value of its type. */
  set(node: MirrorNode, value: NodeValue, store: StoreRaw): void;
}

/** The property of this name, if the node has one that follows from others. */
export function findComputed(node: MirrorNode, name: string): ComputedProperty | undefined {
  const { spatial } = node;
  if (spatial instanceof Spatial2D) return OF_NODE_2D.get(name);
  if (spatial instanceof Spatial3D) return OF_NODE_3D.get(name);
  const found = OF_CONTROL.get(name);
  return found !== undefined && node.isClass('Control') ? found : undefined;
}

/** Where a Node2D or Control is, seen from its canvas; what is neither in between cuts the chain, as in the engine. */
export function globalTransform2D(node: MirrorNode): Transform2D {
  const parent = parentTransform2D(node);
  return parent === undefined ? localTransform2D(node) : flat.multiply2D(parent, localTransform2D(node));
}

/** Where the CanvasItem is that a node moves with. */
function parentTransform2D(node: MirrorNode): Transform2D | undefined {
  return chainOf(node, (parent) => parent.isClass('CanvasItem'))
    .map(localTransform2D)
    .reduceRight<Transform2D | undefined>(
      (outer, own) => (outer === undefined ? own : flat.multiply2D(outer, own)),
      undefined,
    );
}

function localTransform2D(node: MirrorNode): Transform2D {
  return node.spatial instanceof Spatial2D ? node.spatial.transform : controlTransform(node);
}

/** The nodes above that a node moves with, the nearest one first. */
function chainOf(node: MirrorNode, isPart: (node: MirrorNode) => boolean): MirrorNode[] {
  const chain: MirrorNode[] = [];
  for (let last = node; last.get('top_level') !== true; ) {
    const parent = last.getParent();
    if (parent === undefined || !isPart(parent)) break;
    chain.push(parent);
    last = parent;
  }
  return chain;
}

/** Where a Node3D is, seen from the tree's root. */
export function globalTransform3D(node: MirrorNode): Transform3D {
  const parent = parentTransform3D(node);
  return parent === undefined ? localTransform3D(node) : solid.multiply3D(parent, localTransform3D(node));
}

/** Where the Node3D is that a node moves with. */
function parentTransform3D(node: MirrorNode): Transform3D | undefined {
  return chainOf(node, (parent) => parent.spatial instanceof Spatial3D)
    .map(localTransform3D)
    .reduceRight<Transform3D | undefined>(
      (outer, own) => (outer === undefined ? own : solid.multiply3D(outer, own)),
      undefined,
    );
}

function localTransform3D({ spatial }: MirrorNode): Transform3D {
  return spatial instanceof Spatial3D ? spatial.transform : new Transform3D();
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
      const parent = parentTransform2D(node);
      spatial.transform = parent === undefined ? value : flat.multiply2D(flat.affineInverse2D(parent), value);
    },
  }),
  define<Spatial2D, Vector2>(Spatial2D, 'global_position', {
    type: VariantType.VECTOR2,
    changes: ['position'],
    get: (_spatial, node) => globalTransform2D(node).origin,
    set: (spatial, value, node) => {
      const parent = parentTransform2D(node);
      spatial.position =
        parent === undefined ? value : flat.transformPoint2D(flat.affineInverse2D(parent), value);
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
  define<Spatial2D, number>(Spatial2D, 'global_skew', {
    type: VariantType.FLOAT,
    changes: ['skew'],
    get: (_spatial, node) => flat.skewOf(globalTransform2D(node)),
    set: setGlobalSkew2D,
  }),
  define<Spatial2D, Vector2>(Spatial2D, 'global_scale', {
    type: VariantType.VECTOR2,
    changes: ['scale'],
    get: (_spatial, node) => flat.scaleOf(globalTransform2D(node)),
    set: (spatial, value, node) => {
      const parent = parentTransform2D(node);
      if (parent === undefined) {
        spatial.scale = value;
        return;
      }
      const scaled = flat.withScale(flat.multiply2D(parent, spatial.transform), value);
      spatial.scale = flat.scaleOf(flat.multiply2D(flat.affineInverse2D(parent), scaled));
    },
  }),
]);

function setGlobalSkew2D(spatial: Spatial2D, value: number, node: MirrorNode): void {
  const parent = parentTransform2D(node);
  if (parent === undefined) {
    spatial.skew = value;
    return;
  }
  const tilted = flat.withSkew(flat.multiply2D(parent, spatial.transform), value);
  spatial.skew = flat.skewOf(flat.multiply2D(flat.affineInverse2D(parent), tilted));
}

function setGlobalRotation2D(spatial: Spatial2D, value: number, node: MirrorNode): void {
  const parent = parentTransform2D(node);
  if (parent === undefined) {
    spatial.rotation = value;
    return;
  }
  const turned = flat.withRotation(flat.multiply2D(parent, spatial.transform), value);
  spatial.rotation = flat.rotationOf(flat.multiply2D(flat.affineInverse2D(parent), turned));
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
    get: ({ rotation }) => degrees(rotation),
    set: (spatial, value) => {
      spatial.rotation = radians(value);
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
    set: setGlobalRotation3D,
  }),
  define<Spatial3D, Vector3>(Spatial3D, 'global_rotation_degrees', {
    type: VariantType.VECTOR3,
    changes: ['transform'],
    get: (_spatial, node) => degrees(solid.eulerOf(globalTransform3D(node).basis, DEFAULT_ORDER)),
    set: (spatial, value, node) => setGlobalRotation3D(spatial, radians(value), node),
  }),
]);

function setGlobalRotation3D(spatial: Spatial3D, value: Vector3, node: MirrorNode): void {
  const { basis, origin } = globalTransform3D(node);
  const turned = solid.composeBasis(value, solid.scaleOf3D(basis), DEFAULT_ORDER);
  setGlobal3D(spatial, new Transform3D(turned, origin), node);
}

function degrees({ x, y, z }: Vector3): Vector3 {
  return new Vector3(flat.radToDeg(x), flat.radToDeg(y), flat.radToDeg(z));
}

function radians({ x, y, z }: Vector3): Vector3 {
  return new Vector3(flat.degToRad(x), flat.degToRad(y), flat.degToRad(z));
}

function setGlobal3D(spatial: Spatial3D, value: Transform3D, node: MirrorNode): void {
  const parent = parentTransform3D(node);
  spatial.transform = parent === undefined ? value : solid.multiply3D(solid.affineInverse3D(parent), value);
}

/** YXZ. */
const DEFAULT_ORDER = 2;
