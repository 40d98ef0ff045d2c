/** A text scene as the JSON document of a mirror. */
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { TypedArray } from '../../codec/values/TypedArray.ts';
import { variantTypeOf } from '../../codec/variant/typeOf.ts';
import { variantTypeString } from '../../codec/variant/types.ts';
import { type ClassInfo, ClassTable, type PropertyInfo } from '../classTable.ts';
import { nameOfType } from '../convert.ts';
import { dynamicProperty } from '../dynamicProperties.ts';
import type { NodeValue } from '../ownVariant.ts';
import { ResourceReference } from '../ResourceReference.ts';
import {
  SCENE_FORMAT,
  SCENE_SCHEMA_URL,
  type SceneDocument,
  type SceneNode,
  type SceneValue,
  type SceneVariable,
} from '../sceneDocument.ts';
import { toSceneValue } from '../sceneValue.ts';
import { buildSceneTree, type SceneTree, type SceneTreeNode, type SceneTreeOptions } from './sceneTree.ts';

/** How documents are made. Every option may be left out. */
export interface SceneDocumentOptions extends SceneTreeOptions {
  /** The classes and scripts that tell properties from script variables. Default: those of Godot 4.6. */
  readonly classes?: ClassTable | undefined;
}

/**
 * Turns a text scene into the JSON document that a `SceneMirror` loads.
 *
 * Properties that the class has go to `properties`, `metadata/…` to `metadata`; what else a node with a script has goes to
 * `scriptVariables`: all variables when the class table knows the script, else those that the file sets. There go names with
 * a slash too, which classes add in states that the table does not know. A class that the table does not know
 * is written with `base` Node and its own properties `declared`. Nodes of an instance whose scene is not at hand, and
 * placeholders, count as `Node`. What only the editor and the engine itself use (`layout_mode`, `anchors_preset`) is left out, and so are connections.
 *
 * @param scene - The text of a `.tscn` file, or a tree made of one.
 * @param options - Class table, and how to read the scene when it is a text.
 * @returns A new document; its root is the scene's root.
 * @throws SceneTextError for a scene that is refused; TypeError or RangeError for a bad argument.
 */
export function sceneTextToDocument(
  scene: string | SceneTree,
  options: SceneDocumentOptions = {},
): SceneDocument {
  const tree = typeof scene === 'string' ? buildSceneTree(scene, options) : scene;
  const classes = options.classes ?? ClassTable.GODOT_4_6;
  return {
    $schema: SCENE_SCHEMA_URL,
    format: SCENE_FORMAT,
    ...(classes.engine === '' ? {} : { engine: classes.engine }),
    root: nodeOf(tree.root, classes, options),
  };
}

function nodeOf(node: SceneTreeNode, classes: ClassTable, options: SceneDocumentOptions): SceneNode {
  // A placeholder is no class that can be made: it stands as the bare node that it is.
  const className = node.instancePlaceholder !== '' ? 'Node' : (node.type ?? 'Node');
  const info = classes.get(className);
  const known = info ?? classes.get('Node');
  const properties: Record<string, SceneValue> = Object.create(null);
  const metadata: Record<string, SceneValue> = Object.create(null);
  const others = new Map<string, NodeValue>();
  const hasOthers = info === undefined || takesAny(node);
  for (const [name, value] of node.properties) {
    if (name.startsWith('metadata/')) {
      const entry = name.slice('metadata/'.length);
      // The engine takes null for the wish to remove the entry.
      if (value === null) continue;
      if (IDENTIFIER.test(entry)) metadata[entry] = toSceneValue(value);
      else
        options.onIssue?.({
          ...node.place,
          message: `the metadata name "${entry}" is no identifier: left out`,
        });
    } else if (isProperty(known, name)) properties[name] = toSceneValue(value);
    else if (INTERNAL.has(name)) continue;
    else if (hasOthers || name.includes('/')) others.set(name, value);
    else {
      const message = `the class ${className} has no property "${name}", and the node no script: left out`;
      options.onIssue?.({ ...node.place, message });
    }
  }
  const variables = variablesOf(others, scriptOf(node, classes));
  const instance = node.instance === '' ? node.instancePlaceholder : node.instance;
  return {
    name: node.name,
    class: className,
    ...(info === undefined ? { base: 'Node', declared: variables } : {}),
    ...(isEmpty(properties) ? {} : { properties }),
    ...(info === undefined || variables.length === 0 ? {} : { scriptVariables: variables }),
    ...(isEmpty(metadata) ? {} : { metadata }),
    ...(node.groups.length === 0 ? {} : { groups: node.groups }),
    ...(node.owner === undefined ? {} : { owner: node.owner }),
    ...(instance === '' ? {} : { instance }),
    ...(node.children.length === 0
      ? {}
      : { children: node.children.map((child) => nodeOf(child, classes, options)) }),
  };
}

/** Whether a node of a known class can have properties that its class does not have. */
function takesAny(node: SceneTreeNode): boolean {
  const script = node.properties.get('script') ?? null;
  return script !== null || node.isUnresolved || node.instancePlaceholder !== '';
}

function isProperty(info: ClassInfo | undefined, name: string): boolean {
  if (name === 'script') return true;
  if (info === undefined) return false;
  return info.property(name) !== undefined || dynamicProperty(info, name) !== undefined;
}

/** The variables that the class table has for a node's script. */
function scriptOf(node: SceneTreeNode, classes: ClassTable): readonly PropertyInfo[] {
  const script = node.properties.get('script');
  return script instanceof ResourceReference && script.path !== '' ? (classes.script(script.path) ?? []) : [];
}

/** First what the script declares, in its order, then whatever else the file sets. */
function variablesOf(
  values: ReadonlyMap<string, NodeValue>,
  declared: readonly PropertyInfo[],
): SceneVariable[] {
  const variables: SceneVariable[] = declared.map((info) => {
    const value = values.get(info.name);
    return {
      name: info.name,
      type: nameOfType(info),
      default: toSceneValue(info.default),
      ...(value === undefined ? {} : { value: toSceneValue(value) }),
    };
  });
  const names = new Set(declared.map((info) => info.name));
  for (const [name, value] of values) {
    if (names.has(name)) continue;
    const type = typeName(value);
    variables.push({ name, ...(type === undefined ? {} : { type }), value: toSceneValue(value) });
  }
  return variables;
}

/** Godot's name of a value's type; `undefined` for null, which says nothing. */
function typeName(value: NodeValue): string | undefined {
  if (value === null) return undefined;
  if (value instanceof ResourceReference) return 'Object';
  if (value instanceof TypedArray) return `Array[${value.elementType}]`;
  if (value instanceof Dictionary && (value.keyType !== undefined || value.valueType !== undefined)) {
    return `Dictionary[${value.keyType ?? 'Variant'}, ${value.valueType ?? 'Variant'}]`;
  }
  return variantTypeString(variantTypeOf(value) ?? 0);
}

function isEmpty(values: Readonly<Record<string, SceneValue>>): boolean {
  return Object.keys(values).length === 0;
}

/** What the engine accepts as the name of metadata. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Stored in files, and no part of packets (docs/protocol/variant-codec 10.5). */
const INTERNAL: ReadonlySet<string> = new Set(['layout_mode', 'anchors_preset']);
