/** What is in a text scene or text resource (docs/protocol/variant-codec 9.5), heading by heading. */
import type { NodeValue } from '../values/ownVariant.ts';
import type { ScenePlace } from './SceneTextError.ts';

/** Names and values in the order of the file. Of a name that comes twice the last value counts, at the first place. */
export type SceneTextProperties = ReadonlyMap<string, NodeValue>;

/** An `[ext_resource]` heading: a resource in a file of its own. */
export interface SceneTextExtResource {
  /** The id in the file; numbers of Godot 3 as decimal text. */
  readonly id: string;
  /** The class of the resource, e.g. `PackedScene`. */
  readonly type: string;
  /** The path as written, usually `res://…`. */
  readonly path: string;
  /** The `uid://` text, `''` if there is none. */
  readonly uid: string;
  /** Where the heading is. */
  readonly place: ScenePlace;
}

/** A `[sub_resource]` heading with its properties: a resource inside the file. */
export interface SceneTextSubResource {
  /** The id in the file; numbers of Godot 3 as decimal text. */
  readonly id: string;
  /** The class of the resource. */
  readonly type: string;
  /** Its properties. */
  readonly properties: SceneTextProperties;
  /** Where the heading is. */
  readonly place: ScenePlace;
}

/** A `[node]` heading with its properties. */
export interface SceneTextNode {
  /** The node's name. */
  readonly name: string;
  /** Its class; `undefined` for an instance and for an override of a node in an instance. */
  readonly type: string | undefined;
  /** `undefined` for the root, `.` for a child of it, else a path from the root. */
  readonly parent: string | undefined;
  /** Path of the owner, if written. */
  readonly owner: string | undefined;
  /** Position among the siblings, if written. */
  readonly index: number | undefined;
  /** The `unique_id` of Godot 4.6 and later. */
  readonly uniqueId: number | undefined;
  /** `parent_id_path` of Godot 4.6 and later: unique ids from the root to the parent. */
  readonly parentIdPath: readonly number[] | undefined;
  /** `owner_uid_path` of Godot 4.6 and later. */
  readonly ownerIdPath: readonly number[] | undefined;
  /** The properties whose NodePath stands for the node itself. */
  readonly nodePaths: readonly string[];
  /** Groups, in order. */
  readonly groups: readonly string[];
  /** Id of the external resource with the scene that this node is an instance of. */
  readonly instance: string | undefined;
  /** Path of a scene that is to be loaded on demand. */
  readonly instancePlaceholder: string | undefined;
  /** Properties, script and metadata (`metadata/name`) in the order of the file. */
  readonly properties: SceneTextProperties;
  /** Where the heading is. */
  readonly place: ScenePlace;
}

/** A `[connection]` heading. */
export interface SceneTextConnection {
  /** The signal's name. */
  readonly signal: string;
  /** The emitting node, a path from the root. */
  readonly from: string;
  /** The receiving node, a path from the root. */
  readonly to: string;
  /** The method's name. */
  readonly method: string;
  /** Godot's connect flags; 2 (persist) when not written. */
  readonly flags: number;
  /** How many arguments of the signal are left out at the end. */
  readonly unbinds: number;
  /** Arguments added at the end. */
  readonly binds: readonly NodeValue[];
  /** Where the heading is. */
  readonly place: ScenePlace;
}

/** A whole file. Values hold `ResourceReference`s in place of resources. */
export interface SceneText {
  /** `scene` for `.tscn`, `resource` for `.tres`. */
  readonly kind: 'scene' | 'resource';
  /** The file's name as given to the reader, `''` if none. */
  readonly file: string;
  /** 2 for Godot 3, 3 for Godot 4, 4 with packed values that older versions cannot read. */
  readonly format: number;
  /** The `uid://` text of the file, `''` if there is none. */
  readonly uid: string;
  /** `load_steps`, if written. */
  readonly loadSteps: number | undefined;
  /** Of a resource: its class. */
  readonly type: string;
  /** Of a resource: the `class_name` of its script, `''` if there is none. */
  readonly scriptClass: string;
  /** External resources by id, in order. */
  readonly extResources: ReadonlyMap<string, SceneTextExtResource>;
  /** Resources in the file by id, in order. */
  readonly subResources: ReadonlyMap<string, SceneTextSubResource>;
  /** Of a scene: its nodes in order, the root first. */
  readonly nodes: readonly SceneTextNode[];
  /** Of a scene: its connections. */
  readonly connections: readonly SceneTextConnection[];
  /** Of a scene: the instances whose children may be edited, as paths from the root. */
  readonly editable: readonly string[];
  /** Of a resource: its properties. */
  readonly properties: SceneTextProperties;
}
