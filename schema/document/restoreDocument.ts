/** Makes a tree that is there what a document says: a picture of it, from another process or from before. */
import { Transform3D, Vector2, Vector3 } from '../../codec/index.ts';
import type { MirrorTree } from '../mirror/MirrorTree.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { Spatial2D, Spatial3D } from '../mirror/spatial.ts';
import { findComputed } from '../mirror/spatialProperties.ts';
import { nameOfType } from '../values/convert.ts';
import type { SceneValue } from '../values/sceneNotation.ts';
import { toSceneValue } from '../values/sceneValue.ts';
import {
  changedProperties,
  create,
  type DocumentReading,
  type Filling,
  fillingOf,
  guard,
  placeOf,
  refuse,
  restorePlace,
  setMarks,
  setOwners,
  variableInput,
  withinStack,
} from './documentConversion.ts';
import type { SceneNode, SceneVariable } from './sceneDocument.ts';
import { validateScene } from './validateScene.ts';

/** What `SceneMirror.restore` does its own way. Every field may be left out. */
export interface RestoreOptions {
  /**
   * Adds a node that is not there below its parent, e.g. by a spawner; it has the class that the document says, and its name afterwards.
   * `undefined`: it is made as the document says.
   */
  readonly add?: ((parent: MirrorNode, node: SceneNode) => MirrorNode | undefined) | undefined;
  /** Whether a node is left as it is, with all below it, although the document does not have it. */
  readonly keeps?: ((node: MirrorNode) => boolean) | undefined;
}

/** How nodes of a document are found and made again. */
export type DocumentRestoring = DocumentReading & RestoreOptions;

/**
 * Nodes that are there by name and class stay and get the values of the document; those that are missing are made, those that the document does
 * not have are freed. Who listens to a node, and its script, stay with it.
 *
 * @throws SceneError for what is no picture of a tree (`SceneMirror.toJSON`), or for what a node does not take; the tree is in between then.
 */
export function restoreDocument(mirror: MirrorTree, json: unknown, restoring: DocumentRestoring): void {
  withinStack(() => {
    const { root } = validateScene(json);
    if (root.class !== 'Window' || root.name !== 'root')
      throw refuse('$.root', 'expected the /root of a tree, got the first node of a scene');
    const filling = fillingOf(restoring, true);
    restoreNode(mirror.root, root, '$.root', filling, restoring);
    setOwners(mirror.root, filling);
  });
}

function restoreNode(
  node: MirrorNode,
  json: SceneNode,
  path: string,
  filling: Filling,
  restoring: DocumentRestoring,
): void {
  if (json.owner !== undefined) filling.owners.push([node, json.owner, path]);
  else if (node.owner !== undefined) node.owner = undefined;
  setValues(node, json, path, filling);
  const children = json.children ?? [];
  const names = new Set(children.map(({ name }) => name));
  for (const child of node.getChildren())
    if (!names.has(child.name) && restoring.keeps?.(child) !== true) child.free();
  for (const [i, child] of children.entries()) {
    const at = `${path}.children[${i}]`;
    const made = childOf(node, child, at, filling, restoring);
    restoreNode(made, child, at, filling, restoring);
  }
  for (const [i, { name }] of children.entries()) {
    const child = node.findChild(name);
    if (child !== undefined && node.getChild(i) !== child) node.moveChild(child, i);
  }
}

function childOf(
  parent: MirrorNode,
  json: SceneNode,
  path: string,
  filling: Filling,
  restoring: DocumentRestoring,
): MirrorNode {
  const { name } = json;
  const known = parent.findChild(name);
  if (known !== undefined && isAlike(known, json)) return known;
  known?.free();
  const added = restoring.add?.(parent, json);
  if (added !== undefined) {
    if (added.name !== name) added.rename(name);
    if (added.class !== json.class || added.name !== name || added.getParent() !== parent)
      throw refuse(path, `expected a ${json.class} named ${name}, got a ${added.class} named ${added.name}`);
    return added;
  }
  const made = create(json, path, filling);
  parent.attach(made);
  return made;
}

/** Whether a node can become what the document says: a variable that is there stays, at its place. */
function isAlike(node: MirrorNode, { class: name, scriptVariables = [] }: SceneNode): boolean {
  return (
    node.class === name &&
    node.scriptVariables().every((info, i) => scriptVariables[i]?.name === info.name) &&
    (node.mirror.classes.has(name) || node.getChildCount() === 0)
  );
}

function setValues(node: MirrorNode, json: SceneNode, path: string, filling: Filling): void {
  const declared = new Set((json.declared ?? []).map(({ name }) => name));
  for (const [i, variable] of (json.scriptVariables ?? []).entries())
    setVariable(node, variable, `${path}.scriptVariables[${i}]`, filling);
  for (const [i, variable] of (json.declared ?? []).entries())
    setVariable(node, variable, `${path}.declared[${i}]`, filling);
  const elsewhere = new Set([...declared, ...node.scriptVariables().map(({ name }) => name)]);
  const wanted = Object.entries(json.properties ?? {});
  const isOfPlace = (name: string): boolean =>
    node.spatial !== undefined && findComputed(node, name) !== undefined;
  const now = new Map<string, SceneValue>(changedProperties(node, elsewhere));
  for (const name of now.keys()) {
    if (Object.hasOwn(json.properties ?? {}, name) || isOfPlace(name)) continue;
    guard(`${path}.properties.${name}`, () => node.set(name, node.propertyInfo(name)?.default ?? null));
  }
  const setAll = (properties: readonly [string, SceneValue][]): void => {
    for (const [name, value] of properties) {
      const at = `${path}.properties.${name}`;
      guard(at, () => node.set(name, filling.value(value, at)));
    }
  };
  setAll(wanted.filter(([name, value]) => !isOfPlace(name) && textOf(now.get(name)) !== textOf(value)));
  // Other properties move a node (`rotation_order`, `top_level`): where it is comes last.
  const place = wanted.filter(([name]) => isOfPlace(name));
  const before = new Map(placeOf(node).map(([name, value]) => [name, textOf(toSceneValue(value))]));
  if (before.size !== place.length || place.some(([name, value]) => before.get(name) !== textOf(value))) {
    resetPlace(node);
    setAll(place);
    restorePlace(node, json, path, filling);
  }
  for (const name of node.getMetaList()) if (!Object.hasOwn(json.metadata ?? {}, name)) node.removeMeta(name);
  const groups = new Set(json.groups);
  for (const group of node.getGroups()) if (!groups.has(group)) node.removeFromGroup(group);
  setMarks(node, json, path, filling);
}

function setVariable(node: MirrorNode, json: SceneVariable, path: string, filling: Filling): void {
  const info = node.propertyInfo(json.name);
  if (info === undefined || nameOfType(info) !== (json.type ?? 'Variant')) {
    guard(path, () => node.declareVariable(variableInput(json, path, filling)));
    return;
  }
  const value = json.value ?? json.default;
  const next = value === undefined ? info.default : filling.value(value, path);
  if (textOf(toSceneValue(node.storedValue(info))) === textOf(toSceneValue(next))) return;
  guard(path, () => node.set(json.name, next));
}

function resetPlace(node: MirrorNode): void {
  const { spatial } = node;
  if (spatial instanceof Spatial3D) {
    node.set('transform', new Transform3D());
    // Its angles are not those of the identity, see `placeOf`.
    spatial.restore(new Transform3D(), new Vector3(0, 0, 0), new Vector3(1, 1, 1));
  }
  if (!(spatial instanceof Spatial2D)) return;
  for (const [name, value] of [
    ['position', new Vector2(0, 0)],
    ['rotation', 0],
    ['scale', new Vector2(1, 1)],
    ['skew', 0],
  ] as const)
    node.set(name, value);
}

function textOf(value: SceneValue | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
