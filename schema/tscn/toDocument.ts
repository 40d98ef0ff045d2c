/** A text scene as the JSON document of a mirror. */

import { Dictionary, TypedArray, variantTypeOf, variantTypeString } from '../../codec/index.ts';
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { type ClassInfo, ClassTable, type PropertyInfo } from '../classes/classTable.ts';
import { dynamicProperty } from '../classes/dynamicProperties.ts';
import { presentValues } from '../classes/oldNames.ts';
import {
  SCENE_FORMAT,
  SCENE_SCHEMA_URL,
  type SceneDocument,
  type SceneNode,
  type SceneVariable,
} from '../document/sceneDocument.ts';
import { MirrorTree } from '../mirror/MirrorTree.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { checkedValue } from '../mirror/nodeProperties.ts';
import { findComputed } from '../mirror/spatialProperties.ts';
import { nameOfType } from '../values/convert.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import type { SceneValue } from '../values/sceneNotation.ts';
import { toSceneValue } from '../values/sceneValue.ts';
import { SCENE_OPTION_NAMES } from './optionNames.ts';
import { buildSceneTree, type SceneTreeOptions } from './sceneTree.ts';
import type { SceneTree, SceneTreeNode } from './sceneTreeNode.ts';

/** How documents are made. Every option may be left out. */
export interface SceneDocumentOptions extends SceneTreeOptions {
  /** The classes and scripts that tell properties from script variables. Default: those of Godot 4.6. */
  readonly classes?: ClassTable | undefined;
  /**
   * Write instances as references: their class and scene, with what the scene itself changes of them, adds to them and nothing
   * else. Default false: with all that is in them.
   */
  readonly keepInstances?: boolean | undefined;
}

/**
 * Turns a text scene into the JSON document that a `SceneMirror` loads.
 *
 * Properties that the class has go to `properties`, `metadata/…` to `metadata`; what else a node with a script has goes to
 * `scriptVariables`: all variables when the class table knows the script, else those that the file sets. There go names with
 * a slash too that no class is known to add. A class that the table does not know
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
  checkOptions(options, SCENE_OPTION_NAMES satisfies OptionNames<SceneDocumentOptions>);
  const tree = typeof scene === 'string' ? buildSceneTree(scene, options) : scene;
  const classes = options.classes ?? ClassTable.GODOT_4_6;
  return {
    $schema: SCENE_SCHEMA_URL,
    format: SCENE_FORMAT,
    ...(classes.engine === '' ? {} : { engine: classes.engine }),
    root: new Converter(classes, options).node(tree.root),
  };
}

/** What is made of the properties of a node. */
type SceneProperties = Pick<SceneNode, 'declared' | 'properties' | 'scriptVariables' | 'metadata'>;

/** Makes the nodes of one document. */
class Converter {
  readonly #classes: ClassTable;
  readonly #onIssue: SceneDocumentOptions['onIssue'];
  readonly #keepsInstances: boolean;
  /** Nodes that nobody keeps: what they refuse, the mirror of the document would refuse. */
  readonly #probes = new Map<string, MirrorNode | undefined>();
  /** What was made of properties, by class; copies of an instanced node have the same ones. */
  readonly #made = new WeakMap<object, Map<string, SceneProperties>>();

  constructor(classes: ClassTable, { onIssue, keepInstances }: SceneDocumentOptions) {
    this.#classes = classes;
    this.#onIssue = onIssue;
    this.#keepsInstances = keepInstances === true;
  }

  /** `isReference`: only what the scene itself says of it. */
  node(node: SceneTreeNode, isReference: boolean = false): SceneNode {
    const isOwn = isReference || (this.#keepsInstances && node.instance !== '');
    const className = this.#className(node);
    const base = this.#classes.has(className) ? {} : { base: 'Node' };
    const groups = isOwn ? node.ownGroups : node.groups;
    const instance = node.instance === '' ? node.instancePlaceholder : node.instance;
    const { owner } = node;
    const properties = this.#properties(node, className, isOwn ? node.ownProperties : node.properties);
    const children: SceneNode[] = [];
    for (const child of node.children) {
      const isInside = isOwn && child.isFromInstance;
      if (!isInside || child.isChanged) children.push(this.node(child, isInside));
    }
    return {
      name: node.name,
      class: className,
      ...base,
      ...properties,
      ...(groups.length === 0 ? {} : { groups }),
      ...(owner === undefined ? {} : { owner }),
      ...(instance === '' ? {} : { instance }),
      ...(children.length === 0 ? {} : { children }),
    };
  }

  #properties(
    node: SceneTreeNode,
    className: string,
    values: ReadonlyMap<string, NodeValue>,
  ): SceneProperties {
    const known = this.#made.get(values) ?? new Map<string, SceneProperties>();
    this.#made.set(values, known);
    // What a node takes that its class does not have depends on the whole of it.
    const key = `${className} ${takesAny(node)} ${node.isUnresolved}`;
    const made = known.get(key) ?? this.#convert(node, className, values);
    known.set(key, made);
    return made;
  }

  #convert(node: SceneTreeNode, className: string, values: ReadonlyMap<string, NodeValue>): SceneProperties {
    const info = this.#classes.get(className);
    const known = info ?? this.#classes.get('Node');
    const properties: Record<string, SceneValue> = Object.create(null);
    const metadata: Record<string, SceneValue> = Object.create(null);
    const others = new Map<string, NodeValue>();
    const hasOthers = info === undefined || takesAny(node);
    for (const [name, value] of known === undefined ? values : presentOf(values, known)) {
      if (name.startsWith('metadata/')) {
        const entry = name.slice('metadata/'.length);
        // The engine takes null for the wish to remove the entry.
        if (value === null) continue;
        if (IDENTIFIER.test(entry)) metadata[entry] = toSceneValue(value);
        else this.#issue(node, `the metadata name "${entry}" is no identifier: left out`);
      } else if (INTERNAL.has(name)) {
        // What follows from them is in the anchors.
      } else if (known !== undefined && this.#isProperty(known, name)) {
        const refusal = this.#refusal(known, name, value);
        if (refusal === undefined) properties[name] = toSceneValue(value);
        else this.#issue(node, `${refusal}: left out`);
      } else if (hasOthers || name.includes('/')) {
        others.set(name, value);
      } else {
        const message = `the class ${className} has no property "${name}", and the node no script: left out`;
        this.#issue(node, message);
      }
    }
    const variables = this.#variables(node, others, scriptOf(values, this.#classes));
    return {
      ...(info === undefined ? { declared: variables } : {}),
      ...(isEmpty(properties) ? {} : { properties }),
      ...(info === undefined || variables.length === 0 ? {} : { scriptVariables: variables }),
      ...(isEmpty(metadata) ? {} : { metadata }),
    };
  }

  /** First what the script declares, in its order, then whatever else the file sets. */
  #variables(
    node: SceneTreeNode,
    values: ReadonlyMap<string, NodeValue>,
    declared: readonly PropertyInfo[],
  ): SceneVariable[] {
    const taken = new Map(values);
    for (const info of declared) {
      const value = values.get(info.name);
      if (value === undefined) continue;
      try {
        checkedValue(info, value);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        taken.delete(info.name);
        this.#issue(node, `${error.message}: left out`);
      }
    }
    return variablesOf(taken, declared);
  }

  /** A class that can be made. A placeholder stands as the bare node that it is. */
  #className(node: SceneTreeNode): string {
    const { type, instancePlaceholder } = node;
    if (type === undefined || instancePlaceholder !== '') return 'Node';
    if (this.#classes.get(type)?.isInstantiable !== false) return type;
    this.#issue(node, `there are no nodes of the abstract class ${type}: took Node`);
    return 'Node';
  }

  #isProperty(info: ClassInfo, name: string): boolean {
    if (name === 'script' || info.property(name) !== undefined) return true;
    if (dynamicProperty(info, name, () => undefined) !== undefined) return true;
    const probe = this.#probe(info);
    return probe !== undefined && findComputed(probe, name) !== undefined;
  }

  /** Why a node of a class does not take a value; the engine would leave the property as it is. */
  #refusal(info: ClassInfo, name: string, value: NodeValue): string | undefined {
    const probe = this.#probe(info);
    if (probe === undefined) return undefined;
    try {
      probe.set(name, value);
      return undefined;
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) return error.message;
      throw error;
    }
  }

  #probe(info: ClassInfo): MirrorNode | undefined {
    if (this.#probes.has(info.name)) return this.#probes.get(info.name);
    const mirror = new MirrorTree({ classes: this.#classes });
    const probe = info.isInstantiable ? mirror.root.addChild({ name: 'Probe', class: info.name }) : undefined;
    this.#probes.set(info.name, probe);
    return probe;
  }

  #issue(node: Pick<SceneTreeNode, 'place'>, message: string): void {
    this.#onIssue?.({ ...node.place, message });
  }
}

/** The properties of today for what the file has under old names. */
function* presentOf(
  properties: ReadonlyMap<string, NodeValue>,
  info: ClassInfo,
): Generator<readonly [name: string, value: NodeValue]> {
  const seen = new Map<string, NodeValue>();
  const get = (name: string): unknown => seen.get(name) ?? info.property(name)?.default;
  for (const [name, value] of properties) {
    const present = presentValues(info, name, value, get);
    for (const [today, own] of present ?? [[name, value] as const]) {
      const kept = own as NodeValue;
      // What a preset leaves as it is need not be said.
      const isSaid = present === undefined || !isSame(kept, get(today));
      seen.set(today, kept);
      if (isSaid) yield [today, kept];
    }
  }
}

function isSame(a: NodeValue, b: unknown): boolean {
  return String(a) === String(b);
}

/** Whether a node of a known class can have properties that its class does not have. */
function takesAny(node: SceneTreeNode): boolean {
  const script = node.properties.get('script') ?? null;
  return script !== null || node.isUnresolved || node.instancePlaceholder !== '';
}

/** The variables that the class table has for a node's script. */
function scriptOf(properties: ReadonlyMap<string, NodeValue>, classes: ClassTable): readonly PropertyInfo[] {
  const script = properties.get('script');
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
