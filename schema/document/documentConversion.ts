/** A scene mirror as a JSON document, and back (docs/guide/scene-mirror). */

import { Float, Transform2D, Transform3D, Vector2, Vector3 } from '../../codec/index.ts';
import { isStackOverflow } from '../../codec/internal.ts';
import type { PropertyInfo } from '../classes/classTable.ts';
import type { MirrorTree } from '../mirror/MirrorTree.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import type { NodeInput } from '../mirror/nodeInput.ts';
import { Spatial2D, Spatial3D } from '../mirror/spatial.ts';
import { restoreName } from '../mirror/treeNode.ts';
import type { VariableInput } from '../mirror/variables.ts';
import { nameOfType } from '../values/convert.ts';
import { emptyValue } from '../values/emptyValue.ts';
import { type NodeValue, ownText } from '../values/ownVariant.ts';
import { SceneError } from '../values/SceneError.ts';
import type { SceneValue } from '../values/sceneNotation.ts';
import { parseSceneValue, toSceneValue } from '../values/sceneValue.ts';
import { composeTransform2D, EPSILON } from '../values/transform2D.ts';
import { eulerOf, scaleOf3D } from '../values/transform3D.ts';
import {
  SCENE_FORMAT,
  SCENE_SCHEMA_URL,
  type SceneDocument,
  type SceneNode,
  type SceneVariable,
} from './sceneDocument.ts';
import { validateScene } from './validateScene.ts';

/** The document of a whole mirror. */
export function documentOf(mirror: MirrorTree): SceneDocument {
  return {
    $schema: SCENE_SCHEMA_URL,
    format: SCENE_FORMAT,
    engine: mirror.classes.engine,
    root: nodeOf(mirror.root, mirror.root),
  };
}

/** Makes a node without parent. */
export type NodeMaker = (input: NodeInput) => MirrorNode;

/** How nodes are made of a document. */
export interface DocumentReading {
  /** Makes them. */
  readonly make: NodeMaker;
  /** Reads the value at a JSON path. Default {@link parseSceneValue}. */
  readonly value?: ((json: unknown, path: string) => NodeValue) | undefined;
  /** Where the scene of an instance is. Default: where the document says. */
  readonly instance?: ((path: string) => string) | undefined;
}

/**
 * Adds the nodes of a document to a new mirror. Nodes get their properties before they have a parent, and come into the tree
 * all together, as those of a scene do in the engine. A document that begins with `/root` is a picture of a tree instead: places
 * are what they were in it, whatever nodes do when they come in.
 *
 * @throws SceneError
 */
export function fillFromDocument(mirror: MirrorTree, json: unknown, reading: DocumentReading): void {
  withinStack(() => {
    const { root } = validateScene(json);
    const filling = fillingOf(reading, root.class === 'Window' && root.name === 'root');
    let first = mirror.root;
    if (filling.isPicture) {
      set(first, root, '$.root', filling);
      fill(first, root, '$.root', filling);
    } else {
      first = create(root, '$.root', filling);
      fill(first, root, '$.root', filling);
      mirror.root.attach(first);
    }
    setOwners(first, filling);
  });
}

/**
 * The first node of a document, without parent, with everything below it.
 *
 * @param document - One that is valid.
 * @throws SceneError for what no node takes.
 */
export function nodeFromDocument({ root }: SceneDocument, reading: DocumentReading): MirrorNode {
  return withinStack(() => {
    const filling = fillingOf(reading, false);
    const first = create(root, '$.root', filling);
    fill(first, root, '$.root', filling);
    setOwners(first, filling);
    return first;
  });
}

/** Runs what nests as deep as a document does. */
export function withinStack<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    throw new SceneError('ERR_SCENE_DEPTH', [
      { path: '$', message: 'nested deeper than the call stack has room for here' },
    ]);
  }
}

/** What is the same for all nodes of a document. */
export interface Filling extends DocumentReading {
  readonly value: (json: unknown, path: string) => NodeValue;
  readonly instance: (path: string) => string;
  /** Owners are looked up when all nodes are there. */
  readonly owners: [node: MirrorNode, owner: string, path: string][];
  readonly isPicture: boolean;
}

/** What is the same for all nodes of one document. */
export function fillingOf(reading: DocumentReading, isPicture: boolean): Filling {
  const { make, value = parseSceneValue, instance = (path) => path } = reading;
  return { make, value, instance, owners: [], isPicture };
}

/** Gives the nodes their owners. */
export function setOwners(first: MirrorNode, { owners }: Filling): void {
  for (const [node, owner, path] of owners) {
    guard(`${path}.owner`, () => {
      node.owner = find(first, owner);
      if (node.owner === undefined) throw new RangeError('expected the path of a node above this one');
    });
  }
}

function nodeOf(node: MirrorNode, root: MirrorNode): SceneNode {
  const { classes } = node.mirror;
  const isKnown = classes.has(node.class);
  const base = isKnown ? undefined : classes.get(node.classInfo.inherits);
  const inherited = new Set(base?.properties.map((info) => info.name));
  const own = isKnown ? [] : node.classInfo.properties.filter((info) => !inherited.has(info.name));
  const variables = node.scriptVariables();
  const elsewhere = new Set([...own, ...variables].map((info) => info.name));
  const properties = changedProperties(node, elsewhere);
  const metadata = Array.from(node.metadata, ([name, value]) => [name, toSceneValue(value)] as const);
  const groups = node.getGroups();
  const children = node.getChildren();
  return {
    name: node.name,
    class: node.class,
    ...(base === undefined ? {} : { base: base.name }),
    ...(isKnown ? {} : { declared: own.map((info) => variableOf(node, info)) }),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(variables.length === 0 ? {} : { scriptVariables: variables.map((info) => variableOf(node, info)) }),
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(node.owner === undefined ? {} : { owner: pathFrom(root, node.owner) }),
    ...(node.instance === undefined ? {} : { instance: node.instance }),
    ...(children.length === 0 ? {} : { children: children.map((child) => nodeOf(child, root)) }),
  };
}

/** The properties that are not as they are in a new node. */
export function changedProperties(node: MirrorNode, elsewhere: ReadonlySet<string>): [string, SceneValue][] {
  const changed: [string, SceneValue][] = [];
  for (const info of [...node.listed(), ...node.unlisted()]) {
    if (elsewhere.has(info.name) || (node.spatial !== undefined && PLACE.has(info.name))) continue;
    const value = node.storedValue(info);
    if (!isSame(value, info.default)) changed.push([info.name, toSceneValue(value)]);
  }
  const place = placeOf(node);
  for (const [name, value] of place) changed.push([name, toSceneValue(value)]);
  return changed;
}

/** What brings a Node2D or Node3D back to where it is, to the last bit. */
export function placeOf(node: MirrorNode): [string, unknown][] {
  const { spatial } = node;
  if (spatial instanceof Spatial2D) {
    const { position, rotation, scale, skew, transform } = spatial;
    // A new node's transform is the identity; composing it of its parts gives zeros with a sign, as in the engine.
    const composed = composeTransform2D(rotation, scale, skew, position);
    if (!isSame(composed, transform) && !isSame(transform, new Transform2D()))
      return [['transform', transform]];
    // The setter of the scale takes none that is almost 0, which only a transform brings.
    if ([scale.x, scale.y].some((size) => Math.abs(size) < EPSILON))
      return [
        ['transform', transform],
        ['rotation', new Float(rotation)],
        ['scale', scale],
        ['skew', new Float(skew)],
      ];
    const parts: [string, NodeValue, NodeValue][] = [
      ['position', position, new Vector2(0, 0)],
      ['rotation', rotation, 0],
      ['scale', scale, new Vector2(1, 1)],
      ['skew', skew, 0],
    ];
    return parts.flatMap(([name, value, usual]) => {
      if (typeof value !== 'number') return isSame(value, usual) ? [] : [[name, value]];
      return Object.is(value, 0) ? [] : [[name, new Float(value)]];
    });
  }
  if (!(spatial instanceof Spatial3D)) return [];
  const { transform, rotation, scale, order } = spatial;
  const isUnmoved = isSame(rotation, new Vector3(0, 0, 0)) && isSame(scale, new Vector3(1, 1, 1));
  // The angles of the identity are not those of a new node: their first is -0, as in the engine. A node with `top_level` finds them
  // out when it comes into a tree.
  if (isUnmoved && isSame(transform, new Transform3D()) && node.get('top_level') !== true) return [];
  const { basis } = transform;
  if (isSame(rotation, eulerOf(basis, order)) && isSame(scale, scaleOf3D(basis)))
    return [['transform', transform]];
  return [
    ['transform', transform],
    ['rotation', rotation],
    ['scale', scale],
  ];
}

function variableOf(node: MirrorNode, info: PropertyInfo): SceneVariable {
  const value = node.storedValue(info);
  const isTyped = nameOfType(info) !== 'Variant';
  return {
    name: info.name,
    ...(isTyped ? { type: nameOfType(info) } : {}),
    ...(isSame(info.default, emptyValue(info)) ? {} : { default: toSceneValue(info.default) }),
    ...(isSame(value, info.default) ? {} : { value: toSceneValue(value) }),
  };
}

/** Same type and contents, to the last bit. */
export function isSame(a: NodeValue, b: NodeValue): boolean {
  return a === b || JSON.stringify(toSceneValue(a)) === JSON.stringify(toSceneValue(b));
}

function pathFrom(root: MirrorNode, node: MirrorNode): string {
  const names: string[] = [];
  for (
    let above: MirrorNode | undefined = node;
    above !== undefined && above !== root;
    above = above.getParent()
  ) {
    names.push(above.name);
  }
  return names.length === 0 ? '.' : names.reverse().join('/');
}

/** Names of files can hold what paths of the API take for something else (`50%`). */
function find(first: MirrorNode, path: string): MirrorNode | undefined {
  if (path === '.') return first;
  return path.split('/').reduce<MirrorNode | undefined>((node, name) => node?.findChild(name), first);
}

function fill(node: MirrorNode, json: SceneNode, path: string, filling: Filling): void {
  if (json.owner !== undefined) filling.owners.push([node, json.owner, path]);
  for (const [i, child] of (json.children ?? []).entries()) {
    const at = `${path}.children[${i}]`;
    if (node.findChild(child.name) !== undefined) {
      throw refuse(`${at}.name`, `expected a name that no sibling has, got ${quoted(child.name)}`);
    }
    const made = create(child, at, filling);
    node.attach(made);
    if (filling.isPicture) restorePlace(made, child, at, filling);
    fill(made, child, at, filling);
  }
}

/** A node of a document, without parent and without those below. */
export function create(json: SceneNode, path: string, filling: Filling): MirrorNode {
  const { name } = json;
  if (name.includes('/')) throw refuse(`${path}.name`, `expected a name without /, got ${quoted(name)}`);
  const node = guard(path, () =>
    filling.make({
      name,
      class: json.class,
      base: json.base,
      declared: json.declared?.map((variable, i) =>
        variableInput(variable, `${path}.declared[${i}]`, filling),
      ),
    }),
  );
  // The engine looks at names when a script sets them, and not at those of files.
  if (node.name !== name) restoreName(node, ownText(name));
  set(node, json, path, filling);
  return node;
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function set(node: MirrorNode, json: SceneNode, path: string, filling: Filling): void {
  const variables = (json.scriptVariables ?? []).map((variable, i) =>
    variableInput(variable, `${path}.scriptVariables[${i}]`, filling),
  );
  for (const [i, variable] of variables.entries()) {
    guard(`${path}.scriptVariables[${i}]`, () => node.declareVariable(variable));
  }
  for (const [name, value] of Object.entries(json.properties ?? {})) {
    const at = `${path}.properties.${name}`;
    guard(at, () => node.set(name, filling.value(value, at)));
  }
  restorePlace(node, json, path, filling);
  setMarks(node, json, path, filling);
}

/** Gives a node its metadata, groups and the scene that it is an instance of. */
export function setMarks(node: MirrorNode, json: SceneNode, path: string, filling: Filling): void {
  for (const [name, value] of Object.entries(json.metadata ?? {})) {
    const at = `${path}.metadata.${name}`;
    guard(at, () => node.setMeta(name, filling.value(value, at)));
  }
  for (const [i, group] of (json.groups ?? []).entries())
    guard(`${path}.groups[${i}]`, () => node.addToGroup(group));
  node.instance = json.instance === undefined ? undefined : filling.instance(json.instance);
}

/** A transform that came with all the parts that it was made of is not made of them once more. */
export function restorePlace({ spatial }: MirrorNode, json: SceneNode, path: string, filling: Filling): void {
  if (spatial === undefined) return;
  const part = (name: string): NodeValue | undefined => {
    const value = json.properties?.[name];
    return value === undefined ? undefined : filling.value(value, `${path}.properties.${name}`);
  };
  const [transform, rotation, scale, skew] = ['transform', 'rotation', 'scale', 'skew'].map(part);
  if (spatial instanceof Spatial2D) {
    if (rotation === undefined || skew === undefined) return;
    // The angles were set, in single precision.
    if (transform instanceof Transform2D && scale instanceof Vector2)
      spatial.restore(transform, spatial.rotation, scale, spatial.skew);
  } else if (transform instanceof Transform3D && rotation instanceof Vector3 && scale instanceof Vector3)
    spatial.restore(transform, rotation, scale);
}

/** A variable as nodes declare it. */
export function variableInput(json: SceneVariable, path: string, filling: Filling): VariableInput {
  return {
    name: json.name,
    type: json.type,
    ...(json.default === undefined ? {} : { default: filling.value(json.default, `${path}.default`) }),
    ...(json.value === undefined ? {} : { value: filling.value(json.value, `${path}.value`) }),
  };
}

/** What a node refuses, with the place in the document. */
export function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (isStackOverflow(error)) throw error;
    if (error instanceof TypeError || error instanceof RangeError) throw refuse(path, error.message);
    throw error;
  }
}

/** What is wrong at a place of a document. */
export function refuse(path: string, message: string): SceneError {
  return new SceneError('ERR_SCENE_NODE', [{ path, message }]);
}

/** Properties of a Node2D or Node3D that `placeOf` writes. */
const PLACE: ReadonlySet<string> = new Set(['position', 'rotation', 'scale', 'skew', 'transform']);
